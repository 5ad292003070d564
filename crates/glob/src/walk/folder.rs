//! A folder as the walk needs it, whatever the system.

use han_base::FileStamp;
use std::{io, path::Path};

/// What an entry of a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    Link,
    /// A device, a pipe, a socket.
    Other,
    /// The system did not say.
    Unknown,
}

/// An open folder. Names are single names, in bytes.
pub(super) trait Folder: Sized + Send + Sync {
    /// Memory that is used for one folder after the other.
    type Buffer: Default;

    /// Whether an entry is found only by exactly its name.
    const NAMES_ARE_EXACT: bool;

    /// Opens the root, which is absolute and without links.
    fn root(path: &Path) -> io::Result<Self>;

    /// Opens a folder in this one. A link to a folder is opened only when `follow`.
    fn open(&self, name: &[u8], follow: bool) -> io::Result<Self>;

    /// Opens a folder anywhere below this one, by names with `/` between them.
    fn open_below(&self, path: &[u8], follow: bool) -> io::Result<Self>;

    /// Names every entry but `.` and `..`.
    fn read(&self, buffer: &mut Self::Buffer, each: impl FnMut(&[u8], Kind)) -> io::Result<()>;

    /// What an entry is; with `follow`, what a link leads to.
    fn kind(&self, name: &[u8], follow: bool) -> io::Result<Kind>;

    /// The stamp of a file; with `follow`, of what a link leads to.
    fn stamp(&self, name: &[u8], follow: bool) -> io::Result<FileStamp>;

    /// The content of a regular file, links not followed; `None` when there is no such file.
    fn content(&self, name: &[u8], max_bytes: u64) -> io::Result<Option<Vec<u8>>>;

    /// Device and number of the folder; `None` where the system has none.
    fn identity(&self) -> io::Result<Option<(u64, u64)>>;
}

/// The error for an ignore file that is longer than any that people write.
pub(super) fn too_long() -> io::Error {
    io::Error::other("the file is too long for ignore rules")
}
