//! Sidecars: the files that keep an index, beside the data file or, when that folder cannot be written, in a fallback
//! folder.

use super::{
    format::{self, MAGIC, MAX_BYTES, Stored},
    known::KnownFile,
    replace::replace,
    version1::{self, Version1},
};
use crate::{JsonlFile, Observer};
use han_base::{Code, Error, Result};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use xxhash_rust::xxh3::xxh3_128;

/// Where the sidecars of one data file may be.
#[derive(Debug)]
pub(crate) struct Places {
    /// The absolute path of the data file.
    pub(crate) data: PathBuf,
    beside: PathBuf,
    fallback: Option<PathBuf>,
}

/// A sidecar that describes the file, or the first bytes of it.
#[derive(Debug)]
pub(crate) struct Sidecar {
    pub(crate) path: PathBuf,
    /// Its size.
    pub(crate) bytes: u64,
    /// Whether it describes the whole file.
    pub(crate) is_current: bool,
    pub(crate) content: Content,
}

/// What a sidecar holds.
#[derive(Debug)]
pub(crate) enum Content {
    Sparse(KnownFile),
    /// Version 1: every offset.
    Dense(Version1),
}

/// What there is for a file.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    /// The one that describes most of the file.
    pub(crate) best: Option<Sidecar>,
    /// Whether there is any, even one that is of no use.
    pub(crate) exists: bool,
    /// Why one could not be read.
    pub(crate) problem: Option<Error>,
}

impl Sidecar {
    /// Its index, with what the file holds behind it; `None` when it turns out to be of another content.
    pub(crate) fn into_known(
        self,
        file: &JsonlFile,
        step: u64,
        observer: &dyn Observer,
    ) -> Result<Option<KnownFile>> {
        match self.content {
            Content::Sparse(known) if self.is_current => Ok(Some(known)),
            Content::Sparse(known) => KnownFile::extend(&known.index, file, observer).map(Some),
            Content::Dense(dense) => match dense.sparse_index(file, step)? {
                Some(index) => KnownFile::extend(&index, file, observer).map(Some),
                None => Ok(None),
            },
        }
    }

    /// What makes one better than another: that it needs no reading, and then how much it covers.
    fn rank(&self) -> (bool, u64) {
        match &self.content {
            Content::Sparse(known) => (self.is_current, known.index.size),
            Content::Dense(_) => (self.is_current, 0),
        }
    }
}

impl Places {
    /// The places for a data file.
    pub(crate) fn of(path: &Path, fallback: Option<&Path>) -> Result<Self> {
        let data = std::path::absolute(path).map_err(|error| Error::io("find", path, error))?;
        let mut beside = data.clone().into_os_string();
        beside.push(".idx");
        let name = format!("{:032x}.idx", xxh3_128(data.as_os_str().as_encoded_bytes()));
        Ok(Self { beside: beside.into(), fallback: fallback.map(|folder| folder.join(name)), data })
    }

    /// Looks for sidecars in all places.
    pub(crate) fn look(&self, file: &JsonlFile) -> Looked {
        let mut looked = Looked::default();
        let fallback = self.fallback.as_deref().map(|path| (path, true));
        for (path, is_fallback) in [(self.beside.as_path(), false)].into_iter().chain(fallback) {
            match self.read(path, is_fallback, file) {
                Ok(Found::Nothing) => {}
                Ok(Found::OfOtherContent) => looked.exists = true,
                Ok(Found::Fitting(sidecar)) => {
                    looked.exists = true;
                    if looked.best.as_ref().is_none_or(|best| best.rank() < sidecar.rank()) {
                        looked.best = Some(*sidecar);
                    }
                }
                Err(error) => {
                    looked.exists = true;
                    looked.problem.get_or_insert(error);
                }
            }
        }
        looked
    }

    fn read(&self, path: &Path, is_fallback: bool, file: &JsonlFile) -> Result<Found> {
        let Some(sidecar) = open(path)? else { return Ok(Found::Nothing) };
        let bytes = sidecar.size();
        let fitting = |is_current, content| {
            Found::Fitting(Box::new(Sidecar { path: path.to_owned(), bytes, is_current, content }))
        };
        match read_version(&sidecar)? {
            Some(version1::VERSION) if !is_fallback => {
                let dense = version1::read_header(sidecar, file)?;
                Ok(dense.map_or(Found::OfOtherContent, |dense| fitting(true, Content::Dense(dense))))
            }
            Some(format::VERSION) => {
                let stored = read_stored(&sidecar)?;
                if is_fallback && stored.path != self.data.as_os_str().as_encoded_bytes() {
                    return Ok(Found::Nothing);
                }
                let is_current = stored.index.size == file.size();
                if is_current && stored.modified_ns != file.state().modified_ns {
                    return Ok(Found::OfOtherContent);
                }
                let known = KnownFile::compare(stored.index, file, stored.probe)?;
                Ok(known.map_or(Found::OfOtherContent, |known| fitting(is_current, Content::Sparse(known))))
            }
            _ => Ok(Found::Nothing),
        }
    }

    /// Writes the sidecar of a file, beside it if possible: its path and size.
    pub(crate) fn write(&self, file: &JsonlFile, known: &KnownFile) -> Result<(PathBuf, u64)> {
        let mut stored = Stored {
            index: known.index.clone(),
            modified_ns: file.state().modified_ns,
            probe: known.probe,
            path: Vec::new(),
        };
        let bytes = format::encode(&stored);
        let error = match replace(&self.beside, &bytes, file.path()) {
            Ok(()) => return Ok((self.beside.clone(), bytes.len() as u64)),
            Err(error) => error,
        };
        let Some(fallback) = self.fallback.as_ref().filter(|_| is_of_the_place(&error)) else {
            return Err(unwritable(&self.beside, error));
        };
        stored.path = self.data.as_os_str().as_encoded_bytes().to_vec();
        let bytes = format::encode(&stored);
        let folder = fallback.parent().map_or(Ok(()), fs::create_dir_all);
        folder
            .and_then(|()| replace(fallback, &bytes, file.path()))
            .map_err(|error| unwritable(fallback, error))?;
        Ok((fallback.clone(), bytes.len() as u64))
    }
}

/// What stands at one place.
enum Found {
    /// No sidecar of this file.
    Nothing,
    /// One that describes what the file does not hold any more.
    OfOtherContent,
    Fitting(Box<Sidecar>),
}

/// Opens a sidecar if there is one: folders, pipes and devices are none.
fn open(path: &Path) -> Result<Option<JsonlFile>> {
    match JsonlFile::open(path) {
        Ok(sidecar) => Ok(Some(sidecar)),
        Err(error) if matches!(error.code(), Code::FileNotFound | Code::NotAFile) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The version of a sidecar; `None` when the file is something else.
fn read_version(sidecar: &JsonlFile) -> Result<Option<u8>> {
    let mut head = [0; MAGIC.len() + 1];
    let length = head.len().min(sidecar.size() as usize);
    sidecar.read_at(0, &mut head[..length])?;
    if length == head.len() {
        return Ok(head.starts_with(MAGIC).then_some(head[MAGIC.len()]));
    }
    if MAGIC.starts_with(&head[..length]) {
        return Err(damaged(sidecar.path(), "it is cut short"));
    }
    Ok(None)
}

fn read_stored(sidecar: &JsonlFile) -> Result<Stored> {
    if sidecar.size() > MAX_BYTES {
        return Err(damaged(sidecar.path(), "it is too long"));
    }
    let mut bytes = vec![0; sidecar.size() as usize];
    sidecar.read_at(0, &mut bytes)?;
    format::decode(&bytes).map_err(|problem| damaged(sidecar.path(), problem))
}

pub(crate) fn damaged(path: &Path, problem: &str) -> Error {
    Error::new(Code::IndexDamaged, format!("read index {}: {problem}", path.display()))
}

/// Whether another place may be better.
fn is_of_the_place(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidFilename, IsADirectory, PermissionDenied, ReadOnlyFilesystem};
    matches!(error.kind(), PermissionDenied | ReadOnlyFilesystem | IsADirectory | InvalidFilename)
}

fn unwritable(path: &Path, error: io::Error) -> Error {
    // The code for missing rights speaks of reading.
    if error.kind() == io::ErrorKind::PermissionDenied {
        return Error::new(Code::IoFailed, format!("write index {}", path.display())).because(error);
    }
    Error::io("write index", path, error)
}
