//! What a walk gives, and whom it tells.

use han_base::{Error, FileStamp};

/// A regular file, or a link to one where links are followed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FoundFile {
    /// Relative to the root, with `/` between names.
    pub path: String,
    /// What the file system says of it, when [`crate::WalkOptions::stamps`] asked for it.
    pub stamp: Option<FileStamp>,
}

impl AsRef<str> for FoundFile {
    fn as_ref(&self) -> &str {
        &self.path
    }
}

/// Something that the walk could not look into.
#[derive(Debug)]
pub struct WalkError {
    /// Relative to the root, with `/` between names; empty for the root. Bytes that are not UTF-8 become U+FFFD.
    pub path: String,
    /// Why.
    pub error: Error,
}

/// What a walk met besides what it looked for.
#[derive(Debug, Default)]
pub struct WalkReport {
    /// Folders that were looked into.
    pub folder_count: u64,
    /// What could not be read, by path; the first [`WalkReport::MAX_LISTED`].
    pub errors: Vec<WalkError>,
    /// How many could not be read.
    pub error_count: u64,
    /// Paths that match but are not UTF-8, as bytes, sorted; the first [`WalkReport::MAX_LISTED`]. They are left out of
    /// the answer, because no text names them.
    pub unnameable: Vec<Vec<u8>>,
    /// How many match but are not UTF-8.
    pub unnameable_count: u64,
    /// Whether the caller ended the walk before it was through.
    pub is_cancelled: bool,
    /// Whether more was found than the limit lets through.
    pub is_limited: bool,
}

impl WalkReport {
    /// Errors and names that are listed at most; all are counted.
    pub const MAX_LISTED: usize = 1000;
}

/// Files that match, by the bytes of their paths.
#[derive(Debug, Default)]
pub struct Found {
    /// The files, each once.
    pub files: Vec<FoundFile>,
    /// What else is to be told.
    pub report: WalkReport,
}

/// Folders that match, by the bytes of their paths.
#[derive(Debug, Default)]
pub struct FoundFolders {
    /// Relative to the root, with `/` between names; the root is the empty text.
    pub folders: Vec<String>,
    /// What else is to be told.
    pub report: WalkReport,
}

/// Watches a walk, from several threads at once, and may end it early.
pub trait Observer: Sync {
    /// Is told, some hundred times per second at most, what was seen since the last call; returns at once.
    fn advanced(&self, folders: u64, matches: u64);

    /// Whether the walk shall end. Asked once per folder, and in a large one every thousand entries.
    fn is_cancelled(&self) -> bool;
}

/// Nobody watches.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched;

impl Observer for Unwatched {
    fn advanced(&self, _folders: u64, _matches: u64) {}

    fn is_cancelled(&self) -> bool {
        false
    }
}
