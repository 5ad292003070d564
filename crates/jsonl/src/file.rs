//! A file that is read by position while others write to it.

use han_base::{Code, Error, Result};
use std::{
    fs::{File, Metadata, OpenOptions},
    io::{self, Read},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

/// What tells one state of a file from another without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileState {
    /// Bytes.
    pub size: u64,
    /// Time of the last change of the content, in nanoseconds since 1970.
    pub modified_ns: i128,
    /// Time of the last change of content or metadata, in nanoseconds since 1970; 0 where the system keeps none.
    pub changed_ns: i128,
    /// The device the file is on; 0 where the system tells none.
    pub device: u64,
    /// The file's number on its device; 0 where the system tells none.
    pub inode: u64,
}

impl FileState {
    /// What the file system tells of a file.
    #[must_use]
    pub fn of(metadata: &Metadata) -> Self {
        let (changed_ns, device, inode) = identity(metadata);
        let modified_ns = metadata.modified().map_or(0, nanoseconds);
        Self { size: metadata.len(), modified_ns, changed_ns, device, inode }
    }

    /// Whether both are states of one file, as far as the system tells.
    #[must_use]
    pub fn is_same_file(&self, other: &Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }

    /// Whole seconds from 1970 to the last change of the content.
    #[must_use]
    pub fn modified_seconds(&self) -> i64 {
        self.modified_ns.div_euclid(1_000_000_000) as i64
    }
}

fn nanoseconds(time: SystemTime) -> i128 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_nanos() as i128,
        Err(before) => -(before.duration().as_nanos() as i128),
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> (i128, u64, u64) {
    use std::os::unix::fs::MetadataExt;
    let changed = i128::from(metadata.ctime()) * 1_000_000_000 + i128::from(metadata.ctime_nsec());
    (changed, metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(_metadata: &Metadata) -> (i128, u64, u64) {
    (0, 0, 0)
}

/// A regular file that is read by position. What is appended after it was opened is not read.
///
/// Files are read with plain reads into buffers and never mapped: a file that another process truncates or replaces
/// while it is read ends in [`Code::FileChanged`] or in what it held when it was opened, never in a signal.
#[derive(Debug)]
pub struct JsonlFile {
    path: PathBuf,
    file: File,
    state: FileState,
}

impl JsonlFile {
    /// Opens a regular file.
    ///
    /// Codes: [`Code::FileNotFound`], [`Code::FileUnreadable`], [`Code::NotAFile`] for folders, pipes and devices.
    pub fn open(path: &Path) -> Result<Self> {
        let failed = |error| Error::io("open", path, error);
        let file = open_without_waiting(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if !metadata.is_file() {
            return Err(Error::new(
                Code::NotAFile,
                format!("read {}: it is no regular file", path.display()),
            ));
        }
        Ok(Self { path: path.to_owned(), state: FileState::of(&metadata), file })
    }

    /// The path it was opened by.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its state when it was opened.
    #[must_use]
    pub fn state(&self) -> FileState {
        self.state
    }

    /// Bytes when it was opened.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.state.size
    }

    /// Fills `buffer` with the bytes from `offset` on.
    ///
    /// Code: [`Code::FileChanged`] when the file ends before.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let mut filled = 0;
        while filled < buffer.len() {
            match read_at(&self.file, &mut buffer[filled..], offset + filled as u64) {
                Ok(0) => return Err(self.failed(ended_early())),
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(error)),
            }
        }
        Ok(())
    }

    /// The byte at `offset`, which must be within the file.
    pub fn byte_at(&self, offset: u64) -> Result<u8> {
        let mut byte = [0];
        self.read_at(offset, &mut byte)?;
        Ok(byte[0])
    }

    /// Reads on from `offset` up to the size that the file had when it was opened.
    #[must_use]
    pub fn reader(&self, offset: u64) -> FileReader<'_> {
        FileReader { file: self, position: offset, pause: u64::MAX }
    }

    /// The error to report when reading failed.
    pub(crate) fn failed(&self, error: io::Error) -> Error {
        read_failed(&self.path, error)
    }
}

/// The error to report when reading failed; [`io::ErrorKind::UnexpectedEof`] means that the file ended before the size
/// it had.
pub(crate) fn read_failed(path: &Path, error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        let attempt = format!("read {}: it became shorter while it was read", path.display());
        return Error::new(Code::FileChanged, attempt);
    }
    Error::io("read", path, error)
}

fn ended_early() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}

/// Opens without waiting for the other end of a pipe, which is refused afterwards.
#[cfg(unix)]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)
}

#[cfg(not(unix))]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

/// How much is read at once behind the pause of a [`FileReader`].
const READ_BEHIND_PAUSE: usize = 16 * 1024;

/// Reads a [`JsonlFile`] from a position on. An end before the size it was opened with is an error of kind
/// [`io::ErrorKind::UnexpectedEof`].
#[derive(Debug)]
pub struct FileReader<'f> {
    file: &'f JsonlFile,
    position: u64,
    /// No read crosses this offset, and those behind it are short.
    pause: u64,
}

impl FileReader<'_> {
    /// Lets no read cross `offset`, and keeps those behind it short: only the end of a line is wanted there.
    #[must_use]
    pub(crate) fn pausing_at(mut self, offset: u64) -> Self {
        self.pause = offset;
        self
    }
}

impl Read for FileReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = if self.position < self.pause {
            self.file.size().min(self.pause).saturating_sub(self.position)
        } else {
            self.file.size().saturating_sub(self.position).min(READ_BEHIND_PAUSE as u64)
        };
        let length = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        if length == 0 {
            return Ok(0);
        }
        let count = read_at(&self.file.file, &mut buffer[..length], self.position)?;
        if count == 0 {
            return Err(ended_early());
        }
        self.position += count as u64;
        Ok(count)
    }
}
