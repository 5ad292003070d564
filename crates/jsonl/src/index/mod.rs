//! Indexes of files: in memory, and beside the files in sidecars.
//!
//! An index ([`sparse`]) holds where about one line per 16 KiB begins. [`known`] tells whether it still describes its file;
//! [`memory`] keeps those used last, [`sidecar`] the files that keep them for later.

mod format;
mod known;
mod memory;
mod probe;
mod replace;
mod sidecar;
mod sparse;
mod version1;

#[cfg(test)]
mod tests;

pub(crate) use sparse::SparseIndex;

use crate::{
    JsonlFile, LineBatch, LineOffsets, LinePage, Observer, Unwatched, line_offsets, lines_at, page,
    segments::cancelled, tail, tail::check_limit,
};
use han_base::{Code, Error, Result};
use known::{Fit, KnownFile};
use memory::Memory;
use sidecar::{Content, Places};
use sparse::STEP_BYTES;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Offset indexes, kept in memory and found beside files. One is enough for a process, and may be used by all its threads;
/// no lock is held while a file is read.
///
/// Every call looks at the file as it is now. When it only grew since it was indexed, what was appended is read; when it was
/// rewritten, it is indexed anew. Reading never fails because of a sidecar.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("a.jsonl");
/// # std::fs::write(&path, "{\"a\":1}\n\n{\"b\":2}\n{\"c\":3}\n")?;
/// let indexes = han_jsonl::Indexes::new(None);
/// let page = indexes.read_page(&path, 0, 2)?;
/// let found: Vec<_> = page.lines.iter().map(|line| (line.number, line.bytes)).collect();
/// assert_eq!(found, [(0, &b"{\"a\":1}"[..]), (2, b"{\"b\":2}")]);
/// assert_eq!((page.next_offset, page.total_lines, page.has_more), (3, 4, true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Indexes {
    memory: Memory,
    fallback: Option<PathBuf>,
    /// Bytes of a step of new indexes.
    step: u64,
}

/// Figures of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStats {
    /// Lines, blank ones too.
    pub line_count: u64,
    /// Bytes.
    pub file_size: u64,
    /// Whether a sidecar exists, even one that is of no use.
    pub has_index: bool,
    /// Whether a sidecar exists but does not describe the file as it is now.
    pub index_stale: bool,
}

/// What [`Indexes::update`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexReport {
    /// Where the sidecar is.
    pub index_path: PathBuf,
    /// Lines of the file, blank ones too.
    pub line_count: u64,
    /// Bytes of the file.
    pub file_size: u64,
    /// Bytes of the sidecar.
    pub index_bytes: u64,
    /// What happened to the sidecar.
    pub change: IndexChange,
    /// Bytes of the file in which lines were looked for.
    pub bytes_read: u64,
}

/// What happened to a sidecar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexChange {
    /// It was made from the whole file.
    Built,
    /// The file grew, and what is new was added.
    Extended,
    /// It describes the file already, and was left as it is.
    Unchanged,
}

impl Indexes {
    /// No index is known yet. `fallback` is the folder for sidecars of files whose own folder cannot be written; it is made
    /// when it is needed. `None`: such files have no sidecar.
    #[must_use]
    pub fn new(fallback: Option<PathBuf>) -> Self {
        Self::with_step(fallback, STEP_BYTES)
    }

    /// With other steps, for tests.
    fn with_step(fallback: Option<PathBuf>, step: u64) -> Self {
        Self { memory: Memory::default(), fallback, step }
    }

    /// Up to `limit` lines that are not blank, from line `offset` on. Behind the last line the page is empty.
    ///
    /// The page ends early, with `has_more`, when its lines hold more than 64 MiB (each counted with 32 bytes beside its
    /// content). Blank lines behind the last line of a full page are passed over, up to 64 KiB of them, so that the end of
    /// a file is no page of its own.
    ///
    /// Codes: those of [`JsonlFile::open`] and [`JsonlFile::read_at`]; [`Code::InvalidArgument`] when `limit` is 0.
    pub fn read_page(&self, path: &Path, offset: u64, limit: usize) -> Result<LinePage> {
        check_limit(path, limit)?;
        self.with_index(path, |file, index| page::read_page(file, index, offset, limit))
    }

    /// Up to `limit` of the last lines that are not blank, the last one first. Costs what it returns once the file is known;
    /// see [`crate::read_tail`] for a form that needs no index.
    ///
    /// Codes as [`Self::read_page`]; [`Code::InvalidArgument`] also when the lines hold more than 512 MiB together.
    pub fn read_reverse(&self, path: &Path, limit: usize) -> Result<LineBatch> {
        check_limit(path, limit)?;
        self.with_index(path, |file, index| tail::read_reverse(file, index, limit))
    }

    /// Lines by number, in the asked order. A number may be asked for more than once; one that the file does not have is
    /// left out; a blank line is given.
    ///
    /// Codes: those of [`JsonlFile::open`] and [`JsonlFile::read_at`]; [`Code::InvalidArgument`] when the lines
    /// hold more than 512 MiB together.
    pub fn read_lines(&self, path: &Path, numbers: &[u64]) -> Result<LineBatch> {
        self.with_index(path, |file, index| lines_at::read_lines(file, index, numbers))
    }

    /// Counts the lines of a file, and looks at its sidecar. What is known of the file is not read again.
    pub fn stats(&self, path: &Path) -> Result<FileStats> {
        let file = JsonlFile::open(path)?;
        let places = self.places(path)?;
        let looked = places.look(&file);
        let is_current = looked.best.is_some_and(|sidecar| sidecar.is_current);
        Ok(FileStats {
            line_count: self.index_of(&file)?.index.line_count(),
            file_size: file.size(),
            has_index: looked.exists,
            index_stale: looked.exists && !is_current,
        })
    }

    /// Makes the sidecar of a file, or brings it up to date. It is written to a temporary file and renamed; when it is
    /// cancelled or fails, the old one stays.
    ///
    /// Codes: those of [`JsonlFile::open`] and [`JsonlFile::read_at`]; [`Code::Cancelled`];
    /// [`Code::IoFailed`] and [`Code::DiskFull`] when the sidecar cannot be written.
    pub fn update(&self, path: &Path, observer: &dyn Observer) -> Result<IndexReport> {
        let file = JsonlFile::open(path)?;
        let places = self.places(path)?;
        let (known, change, bytes_read, kept) = match places.look(&file).best {
            Some(sidecar) => match sidecar.content {
                Content::Sparse(known) if sidecar.is_current => {
                    (known, IndexChange::Unchanged, 0, Some((sidecar.path, sidecar.bytes)))
                }
                Content::Sparse(known) => {
                    let grown = file.size() - known.index.size;
                    let known = KnownFile::extend(&known.index, &file, observer)?;
                    (known, IndexChange::Extended, grown, None)
                }
                // The offsets of others are good for reading, but what is kept is made from the file.
                Content::Dense(_) => (self.build(&file, observer)?, IndexChange::Built, file.size(), None),
            },
            None => (self.build(&file, observer)?, IndexChange::Built, file.size(), None),
        };
        if observer.is_cancelled() {
            return Err(cancelled(&file));
        }
        let (index_path, index_bytes) = match kept {
            Some(kept) => kept,
            None => places.write(&file, &known)?,
        };
        let known = self.memory.put(&places.data, known);
        Ok(IndexReport {
            index_path,
            line_count: known.index.line_count(),
            file_size: file.size(),
            index_bytes,
            change,
            bytes_read,
        })
    }

    /// The start of every line of a file that has a sidecar. `None` when it has none, or one of another format, or when the
    /// file was rewritten since; when it only grew, the new lines are there too.
    ///
    /// Codes: those of [`JsonlFile::open`] and [`JsonlFile::read_at`]; [`Code::IndexDamaged`] when the sidecar is
    /// cut short or damaged, and what opening it gives when it cannot be read.
    pub fn load(&self, path: &Path) -> Result<Option<LineOffsets>> {
        let file = JsonlFile::open(path)?;
        let looked = self.places(path)?.look(&file);
        match looked.best.map(|sidecar| sidecar.content) {
            Some(Content::Sparse(_)) => line_offsets(path, &Unwatched).map(Some),
            Some(Content::Dense(dense)) => {
                let offsets = dense.offsets(&file)?;
                Ok(offsets.map(|offsets| LineOffsets { offsets, state: file.state() }))
            }
            None => looked.problem.map_or(Ok(None), Err),
        }
    }

    /// Reads with the index of a file. When it turns out not to fit, the file is indexed anew, once.
    fn with_index<T>(
        &self,
        path: &Path,
        read: impl Fn(&JsonlFile, &SparseIndex) -> Result<Option<T>>,
    ) -> Result<T> {
        let file = JsonlFile::open(path)?;
        let known = self.index_of(&file)?;
        if let Some(answer) = read(&file, &known.index)? {
            return Ok(answer);
        }
        let file = JsonlFile::open(path)?;
        let known = self.memory.put(&self.places(path)?.data, self.build(&file, &Unwatched)?);
        read(&file, &known.index)?.ok_or_else(|| {
            let attempt = format!("read {}: it was rewritten while it was read", path.display());
            Error::new(Code::FileChanged, attempt)
        })
    }

    /// The index of a file as it is now: from memory, else from a sidecar, else made.
    fn index_of(&self, file: &JsonlFile) -> Result<Arc<KnownFile>> {
        let places = self.places(file.path())?;
        if let Some(known) = self.memory.get(&places.data) {
            match known.fit(file)? {
                Fit::Same => return Ok(known),
                Fit::Grown => {
                    let known = KnownFile::extend(&known.index, file, &Unwatched)?;
                    return Ok(self.memory.put(&places.data, known));
                }
                Fit::Other => {}
            }
        }
        let known = match self.kept_index(&places, file) {
            Some(known) => known,
            None => self.build(file, &Unwatched)?,
        };
        Ok(self.memory.put(&places.data, known))
    }

    /// A sidecar only saves work: whatever is wrong with it, the file itself can be read.
    fn kept_index(&self, places: &Places, file: &JsonlFile) -> Option<KnownFile> {
        places.look(file).best?.into_known(file, self.step, &Unwatched).ok()?
    }

    fn build(&self, file: &JsonlFile, observer: &dyn Observer) -> Result<KnownFile> {
        KnownFile::build(file, self.step, observer)
    }

    fn places(&self, path: &Path) -> Result<Places> {
        Places::of(path, self.fallback.as_deref())
    }
}
