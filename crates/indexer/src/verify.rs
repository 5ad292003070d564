//! Comparing the store with its sources, byte by byte.

use crate::{
    batch::id_of_line,
    layout::{FileType, Layout},
    report::{IndexProgress, IndexReport, Observer, Phase, Status},
    run::index_file,
};
use han_base::{Code, Error, Result};
use han_db::{Database, MessageId, RawBlockCache, SessionFile};
use han_transcript::{parse, parse_han_event};
use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::{MAIN_SEPARATOR, Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};
use xxhash_rust::xxh3::xxh3_64;

/// Threads that compare, at the most.
const MAX_THREADS: usize = 8;

/// What is known of a range of bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RangeKind {
    /// It is in the store, and understood.
    Indexed,
    /// It is in the store; the line is too long to be understood.
    Skipped,
    /// It is in the store; the line is broken.
    Broken,
    /// It stands behind the cursor: the next run reads it.
    Pending,
    /// The file has other bytes there than the store.
    Changed,
    /// The store does not give its bytes back.
    Damaged,
}

impl RangeKind {
    /// The name of the kind, in small letters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Indexed => "indexed",
            Self::Skipped => "skipped",
            Self::Broken => "broken",
            Self::Pending => "pending",
            Self::Changed => "changed",
            Self::Damaged => "damaged",
        }
    }
}

/// A range of bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifiedRange {
    /// What is known of it.
    pub kind: RangeKind,
    /// Its first byte.
    pub start: u64,
    /// The first byte behind it.
    pub end: u64,
}

/// What was found out about one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifiedFile {
    /// Where it lies, or lay.
    pub file_path: PathBuf,
    /// Its session.
    pub session_id: String,
    /// Whether it is gone. What is stored of it is looked at all the same.
    pub is_missing: bool,
    /// All of its bytes, in order.
    pub ranges: Vec<VerifiedRange>,
    /// Rows of the file that were compared with their lines.
    pub rows: u64,
    /// What is wrong, one sentence each; empty when store and file agree.
    pub problems: Vec<String>,
}

/// What a comparison found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyReport {
    /// Whether all files were looked at.
    pub status: Status,
    /// The files, by path.
    pub files: Vec<VerifiedFile>,
    /// Files with problems.
    pub files_different: u64,
    /// Files that are gone.
    pub files_missing: u64,
    /// Bytes of files that were compared.
    pub bytes_compared: u64,
}

/// Compares every stored byte of the files at some paths, and below folders, with the files, and every row with its line;
/// of all known files when there are no paths. A path that the store knows nothing of is `FILE_NOT_FOUND`.
///
/// Writes nothing. A file that is written to meanwhile is compared up to its cursor.
pub fn verify(database: &Database, paths: &[PathBuf], observer: &dyn Observer) -> Result<VerifyReport> {
    let files = known_files(database, paths)?;
    let started = Instant::now();
    let progress = Mutex::new(IndexProgress {
        phase: Phase::Scan,
        files_total: files.len() as u64,
        files_done: 0,
        bytes_total: files.iter().map(|file| file.byte_offset).sum(),
        bytes_done: 0,
        messages: 0,
        elapsed: started.elapsed(),
    });
    let next = AtomicUsize::new(0);
    let compare = || -> Result<Vec<VerifiedFile>> {
        let mut verified = Vec::new();
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let Some(found) = Comparison::new(database, file, observer).run()? else { break };
            let mut progress = progress.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            progress.files_done += 1;
            progress.bytes_done += file.byte_offset;
            progress.messages += found.rows;
            progress.elapsed = started.elapsed();
            observer.progress(&progress);
            verified.push(found);
        }
        Ok(verified)
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).clamp(1, MAX_THREADS);
    let parts: Vec<Result<Vec<VerifiedFile>>> = thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(compare)).collect();
        let join = |handle: thread::ScopedJoinHandle<'_, _>| {
            handle
                .join()
                .unwrap_or_else(|_| Err(Error::new(Code::Internal, "compare the store with its sources")))
        };
        handles.into_iter().map(join).collect()
    });
    let mut report = VerifyReport {
        status: Status::Complete,
        files: Vec::with_capacity(files.len()),
        files_different: 0,
        files_missing: 0,
        bytes_compared: 0,
    };
    for part in parts {
        report.files.extend(part?);
    }
    report.files.sort_by(|a, b| a.file_path.cmp(&b.file_path));
    if report.files.len() < files.len() {
        report.status = Status::Partial;
    }
    report.files_different = report.files.iter().filter(|file| !file.problems.is_empty()).count() as u64;
    report.files_missing = report.files.iter().filter(|file| file.is_missing).count() as u64;
    let compared = |range: &&VerifiedRange| !matches!(range.kind, RangeKind::Pending);
    let bytes = |file: &VerifiedFile| -> u64 {
        file.ranges.iter().filter(compared).map(|range| range.end - range.start).sum()
    };
    report.bytes_compared = report.files.iter().filter(|file| !file.is_missing).map(bytes).sum();
    Ok(report)
}

/// Reads the files anew of which a comparison found differences, as if they had been rewritten. Those that are gone keep
/// what is stored of them. One report for each file that was read.
pub fn repair(
    database: &Database,
    report: &VerifyReport,
    observer: &dyn Observer,
) -> Result<Vec<IndexReport>> {
    let mut reports = Vec::new();
    for file in report.files.iter().filter(|file| !file.problems.is_empty() && !file.is_missing) {
        if observer.is_cancelled() {
            break;
        }
        let path = file.file_path.to_string_lossy();
        database.write(|write| write.session_files().expect_file_rewritten(&path))?;
        reports.push(index_file(database, &file.file_path, None, observer)?);
    }
    Ok(reports)
}

fn known_files(database: &Database, paths: &[PathBuf]) -> Result<Vec<SessionFile>> {
    if paths.is_empty() {
        return database.read(|read| read.session_files().list_below(""));
    }
    let mut files = Vec::new();
    for path in paths {
        let path = path.canonicalize().unwrap_or_else(|_| path.clone());
        let text = path.to_string_lossy();
        let found = database.read(|read| match read.session_files().get(&text)? {
            Some(file) => Ok(vec![file]),
            None => read.session_files().list_below(&format!("{text}{MAIN_SEPARATOR}")),
        })?;
        if found.is_empty() {
            let attempt = format!("verify {}: nothing of it is indexed", path.display());
            return Err(Error::new(Code::FileNotFound, attempt));
        }
        files.extend(found);
    }
    files.sort_by(|a, b| a.file_path.cmp(&b.file_path));
    files.dedup_by_key(|file| file.row_id);
    Ok(files)
}

/// The comparison of one file.
struct Comparison<'c> {
    database: &'c Database,
    known: &'c SessionFile,
    observer: &'c dyn Observer,
    found: VerifiedFile,
}

impl<'c> Comparison<'c> {
    fn new(database: &'c Database, known: &'c SessionFile, observer: &'c dyn Observer) -> Self {
        let found = VerifiedFile {
            file_path: PathBuf::from(&known.file_path),
            session_id: known.session_id.clone(),
            ..VerifiedFile::default()
        };
        Self { database, known, observer, found }
    }

    /// `None` when it was cancelled.
    fn run(mut self) -> Result<Option<VerifiedFile>> {
        let mut source = match File::open(&self.found.file_path) {
            Ok(file) if file.metadata().is_ok_and(|metadata| metadata.is_file()) => Some(file),
            Ok(_) => {
                self.found.problems.push("it is no regular file any more".into());
                None
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                self.found.is_missing = true;
                None
            }
            Err(error) => {
                self.found.problems.push(format!("it cannot be read: {error}"));
                None
            }
        };
        if !self.blocks(source.as_mut())? {
            return Ok(None);
        }
        self.broken_lines()?;
        let size = source.and_then(|file| file.metadata().ok()).map_or(0, |metadata| metadata.len());
        if size > self.known.byte_offset {
            self.push(RangeKind::Pending, self.known.byte_offset, size);
        }
        if self.found.ranges.iter().all(|range| range.kind != RangeKind::Damaged) && !self.rows()? {
            return Ok(None);
        }
        Ok(Some(self.found))
    }

    fn push(&mut self, kind: RangeKind, start: u64, end: u64) {
        match self.found.ranges.last_mut() {
            Some(last) if last.kind == kind && last.end == start => last.end = end,
            _ => self.found.ranges.push(VerifiedRange { kind, start, end }),
        }
    }

    /// Compares the stored blocks with themselves and with the file; false when it was cancelled.
    fn blocks(&mut self, mut source: Option<&mut File>) -> Result<bool> {
        let blocks = self.database.read(|read| read.raw_blocks().hashes(self.known.row_id))?;
        let mut at = 0;
        let mut bytes = Vec::new();
        for (offset, length, hash) in blocks {
            if self.observer.is_cancelled() {
                return Ok(false);
            }
            if offset != at {
                self.damaged(at.min(offset), at.max(offset), "its blocks do not follow each other");
            }
            at = offset + length;
            let mut cache = RawBlockCache::default();
            let stored = self
                .database
                .read(|read| read.raw_blocks().read(&mut cache, self.known.row_id, offset, length));
            match stored {
                Ok(_) => {}
                Err(error) if error.code() == Code::DbCorrupt => {
                    self.damaged(offset, at, &error.to_string());
                    continue;
                }
                Err(error) => return Err(error),
            }
            let mut kind = RangeKind::Indexed;
            if let Some(file) = source.as_deref_mut() {
                bytes.clear();
                let read = file
                    .seek(SeekFrom::Start(offset))
                    .and_then(|_| file.by_ref().take(length).read_to_end(&mut bytes))
                    .map_err(|error| Error::io("read", &self.found.file_path, error))?;
                if read as u64 != length || xxh3_64(&bytes) != hash {
                    kind = RangeKind::Changed;
                    self.found
                        .problems
                        .push(format!("its bytes {offset} to {at} are not those that were indexed"));
                }
            }
            self.push(kind, offset, at);
        }
        if at != self.known.byte_offset {
            let cursor = self.known.byte_offset;
            self.damaged(at.min(cursor), at.max(cursor), "its blocks do not reach its cursor");
        }
        Ok(true)
    }

    fn damaged(&mut self, start: u64, end: u64, why: &str) {
        self.push(RangeKind::Damaged, start, end);
        self.found.problems.push(format!("the store does not hold its bytes {start} to {end}: {why}"));
    }

    /// Takes the broken lines out of the indexed ranges.
    fn broken_lines(&mut self) -> Result<()> {
        let lines = self.database.read(|read| read.session_files().broken_lines(self.known.row_id))?;
        for (offset, length, reason) in lines {
            let kind = match reason.as_str() {
                reason if reason == Code::LineTooLong.as_str() => RangeKind::Skipped,
                // These are indexed.
                reason
                    if [Code::LineRecovered, Code::LineInvalidUtf8, Code::LineReferenceUnresolved]
                        .iter()
                        .any(|code| code.as_str() == reason) =>
                {
                    continue;
                }
                _ => RangeKind::Broken,
            };
            self.cut(kind, offset, offset + length);
        }
        Ok(())
    }

    /// Gives a part of an indexed range another kind.
    fn cut(&mut self, kind: RangeKind, start: u64, end: u64) {
        let within = |range: &VerifiedRange| {
            range.kind == RangeKind::Indexed && range.start <= start && end <= range.end && start < end
        };
        let Some(at) = self.found.ranges.iter().position(within) else { return };
        let whole = self.found.ranges[at];
        let parts = [
            VerifiedRange { end: start, ..whole },
            VerifiedRange { kind, start, end },
            VerifiedRange { start: end, ..whole },
        ];
        self.found.ranges.splice(at..=at, parts.into_iter().filter(|part| part.start < part.end));
    }

    /// Compares the rows with their lines; false when it was cancelled.
    fn rows(&mut self) -> Result<bool> {
        let rows = self.database.read(|read| read.session_files().rows(self.known.row_id))?;
        let path = Path::new(&self.known.file_path);
        let file_type = Layout::of(path).file_type;
        let file_name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let mut cache = RawBlockCache::default();
        let mut wrong: u64 = 0;
        for rows in rows.chunks(1000) {
            if self.observer.is_cancelled() {
                return Ok(false);
            }
            self.database.read(|read| {
                for (id, byte_offset, byte_length) in rows {
                    let line =
                        read.raw_blocks().read(&mut cache, self.known.row_id, *byte_offset, *byte_length);
                    let session_id = &self.known.session_id;
                    let is_right = line.is_ok_and(|line| {
                        let of_line = id_of_line(session_id, &file_name, *byte_offset, xxh3_64(&line));
                        is_line_of(&line, id, &of_line, file_type)
                    });
                    wrong += u64::from(!is_right);
                }
                Ok(())
            })?;
            self.found.rows += rows.len() as u64;
        }
        if wrong > 0 {
            self.found.problems.push(format!("{wrong} rows do not come from the lines that they name"));
        }
        Ok(true)
    }
}

/// Whether a row with this id may come from a line.
fn is_line_of(line: &[u8], id: &MessageId, of_line: &MessageId, file_type: FileType) -> bool {
    let text = String::from_utf8_lossy(line);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let record = match file_type {
        FileType::HanEvents => parse_han_event(text),
        FileType::Main | FileType::Agent => parse(text),
    };
    let Ok(record) = record else { return false };
    // An event that the line only refers to has its own id.
    id == of_line
        || record.reference.is_some()
        || record.uuid.as_deref().is_some_and(|uuid| MessageId::new(uuid) == *id)
        // A file that was renamed keeps the ids of its lines.
        || record.uuid.is_none()
}
