//! Whether the files of an open database are still those at its path.

use han_base::{Code, Error, Result};
use parking_lot::Mutex;
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// How long the logs are believed to be in place before they are looked at again. A look at the database itself costs
/// less than a microsecond, and comes before every call.
const LOGS_ARE_BELIEVED: Duration = Duration::from_millis(50);

/// What has become of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// They are as they were left.
    Current,
    /// The write-ahead log or its index was deleted or replaced: what other processes write is not seen, and others do
    /// not see what is written here.
    LogGone,
    /// The database was deleted, replaced or emptied.
    Gone,
}

/// What tells a file from another at the same path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileIdentity(u64, u64);

impl FileIdentity {
    /// `None` where there is no such file, and for an empty one unless `may_be_empty`: a database that was opened is
    /// never empty.
    fn of(path: &Path, may_be_empty: bool) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        if metadata.len() == 0 && !may_be_empty {
            return None;
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            Some(Self(metadata.dev(), metadata.ino()))
        }
        #[cfg(not(unix))]
        {
            // Windows keeps an open file from being replaced; its time of creation tells the rest.
            let created = metadata.created().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
            Some(Self(0, created.as_nanos() as u64))
        }
    }
}

/// The files of an open database.
#[derive(Debug)]
pub(crate) struct Identity {
    path: PathBuf,
    database: Option<FileIdentity>,
    /// The log and its index, where there are any: they stay for as long as a connection is open.
    logs: Vec<(PathBuf, FileIdentity)>,
    looked_at_logs: Mutex<Instant>,
}

/// The file that stands beside a database under its name and a suffix.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

impl Identity {
    /// That of the files at `path`, which a connection has open and has read.
    pub(crate) fn of(path: &Path) -> Self {
        let logs = ["-wal", "-shm"].map(|suffix| beside(path, suffix));
        Self {
            path: path.to_owned(),
            database: FileIdentity::of(path, false),
            logs: logs
                .into_iter()
                .filter_map(|log| FileIdentity::of(&log, true).map(|identity| (log, identity)))
                .collect(),
            looked_at_logs: Mutex::new(Instant::now()),
        }
    }

    /// What has become of the files. That a log is gone may be told 50 ms late.
    pub(crate) fn condition(&self) -> Condition {
        if !self.is_database(&self.path) {
            return Condition::Gone;
        }
        let mut looked_at = self.looked_at_logs.lock();
        if looked_at.elapsed() < LOGS_ARE_BELIEVED {
            return Condition::Current;
        }
        let in_place =
            |(log, identity): &(PathBuf, FileIdentity)| FileIdentity::of(log, true) == Some(*identity);
        if self.logs.iter().all(in_place) {
            *looked_at = Instant::now();
            return Condition::Current;
        }
        Condition::LogGone
    }

    /// The path that the database was opened at, absolute.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Fails when the database at the path is not the one that was opened: what was written would be lost. Code:
    /// [`Code::DbReplaced`].
    pub(crate) fn require_database(&self) -> Result<()> {
        if self.is_database(&self.path) {
            return Ok(());
        }
        Err(Error::new(Code::DbReplaced, format!("use database {}", self.path.display())))
    }

    /// Whether a path leads to the database.
    pub(crate) fn is_database(&self, path: &Path) -> bool {
        self.database.is_some() && FileIdentity::of(path, false) == self.database
    }
}
