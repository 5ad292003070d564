//! What a run tells while it goes on and when it ends.

use std::{path::PathBuf, time::Duration};

/// What a run does at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Looking for changed files.
    Scan,
    /// Reading and storing.
    Index,
    /// Done.
    Finish,
}

impl Phase {
    /// `scan`, `index` or `finish`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scan => "scan",
            Self::Index => "index",
            Self::Finish => "finish",
        }
    }
}

/// How far a run is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexProgress {
    /// What it does.
    pub phase: Phase,
    /// Files that changed.
    pub files_total: u64,
    /// Those of them that are done.
    pub files_done: u64,
    /// Bytes to read.
    pub bytes_total: u64,
    /// Bytes stored.
    pub bytes_done: u64,
    /// Rows written.
    pub messages: u64,
    /// Time since the run began.
    pub elapsed: Duration,
}

impl IndexProgress {
    /// Bytes stored per second since the run began; 0 at its beginning.
    #[must_use]
    pub fn bytes_per_second(&self) -> f64 {
        if self.elapsed.is_zero() { 0.0 } else { self.bytes_done as f64 / self.elapsed.as_secs_f64() }
    }
}

/// Watches a run, and may end it early.
pub trait Observer: Sync {
    /// Is told about progress, many times a second; returns at once.
    fn progress(&self, progress: &IndexProgress);

    /// Whether the run shall end. What was stored until then stays.
    fn is_cancelled(&self) -> bool;

    /// Whether the run may look for the git repository of the folders that sessions worked in. It then reads what makes a
    /// repository there (`.git`, its settings and references), and nothing else; no program is run. Default true.
    fn asks_git(&self) -> bool {
        true
    }
}

/// Nobody watches.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched;

impl Observer for Unwatched {
    fn progress(&self, _progress: &IndexProgress) {}

    fn is_cancelled(&self) -> bool {
        false
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Every file was looked at.
    Complete,
    /// The observer ended it; what was stored stays.
    Partial,
}

impl Status {
    /// `complete` or `partial`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
        }
    }
}

/// What was done with one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexResult {
    /// The file.
    pub file_path: PathBuf,
    /// Its session; empty when nothing tells it.
    pub session_id: String,
    /// Rows written by this run.
    pub messages_indexed: u64,
    /// Messages of type user and assistant that the session has now.
    pub total_messages: u64,
    /// Whether this run made the session.
    pub is_new_session: bool,
    /// Bytes of the file that were read.
    pub bytes_read: u64,
    /// Lines that were left out or repaired.
    pub broken_lines: u64,
    /// Why the file was left out.
    pub error: Option<String>,
}

/// What a run did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexReport {
    /// How it ended.
    pub status: Status,
    /// The files that changed or failed, in the order of the run.
    pub results: Vec<IndexResult>,
    /// Files that were found.
    pub files_seen: u64,
    /// Files of which something was stored.
    pub files_indexed: u64,
    /// Files of which nothing new is to be stored.
    pub files_unchanged: u64,
    /// Files, and folders of files, that were left out.
    pub files_failed: u64,
    /// Bytes that were read of source files and stored.
    pub bytes_read: u64,
    /// Sessions that changed.
    pub sessions: u64,
    /// Rows written.
    pub messages_indexed: u64,
    /// Lines that were left out or repaired.
    pub broken_lines: u64,
    /// How long it took.
    pub duration: Duration,
    /// What it took to get there.
    pub counters: IndexCounters,
}

/// What a run read and wrote. Only how often it commits depends on its speed, and with it what each commit costs; all else is
/// the same for the same work on every machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IndexCounters {
    /// Bytes read of source files: those that were stored, those that were only looked at to find out whether a file is
    /// what was indexed, and unfinished last lines.
    pub bytes_read: u64,
    /// Lines read of source files, blank and broken ones included.
    pub lines_read: u64,
    /// Rows inserted, changed and deleted in all tables, those of the search index included.
    pub rows_written: u64,
    /// Bytes written to the write-ahead log, or to the database where it has none. Moving the log into the database, which
    /// is done now and then, writes each page of it at most once more.
    pub bytes_written: u64,
    /// Statements run on the connection that writes.
    pub statements: u64,
    /// Transactions committed.
    pub transactions: u64,
}
