//! One file, from its path to its digest, in about a megabyte of memory.

use crate::{Algorithm, Digest, Hasher, hash_bytes, observer::Tally, read_ahead, root::Root};
use han_base::{Code, Error, FileStamp, Result};
use std::{
    borrow::Cow,
    fs::{self, File, OpenOptions},
    io::{self, Read},
    path::Path,
};

/// Bytes that are read at once.
pub(crate) const BUFFER_BYTES: usize = 256 * 1024;

/// Bytes from which on a second thread that reads ahead is worth its start.
pub(crate) const READ_AHEAD_BYTES: u64 = 2 * 1024 * 1024;

/// Where a file lies.
#[derive(Clone, Copy)]
pub(crate) enum Place<'p> {
    /// Wherever the path leads.
    Anywhere(&'p Path),
    /// Below a folder, by a relative path without links: one that is there now came later and is not followed.
    Below(&'p Root, &'p Path),
}

impl<'p> Place<'p> {
    /// The path, to name the file in errors.
    pub(crate) fn path(self) -> Cow<'p, Path> {
        match self {
            Self::Anywhere(path) => Cow::Borrowed(path),
            Self::Below(root, relative) => root.path_of(relative),
        }
    }

    fn open(self) -> io::Result<File> {
        match self {
            Self::Anywhere(path) => options(Links::Follow).open(path),
            Self::Below(root, relative) => root.open_file(relative),
        }
    }
}

/// What to do with a path that ends at a symbolic link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Links {
    /// The file is the one that the link names.
    Follow,
    /// It is an error.
    Refuse,
}

/// A regular file, and what the system said of it before anything was read.
pub(crate) struct Opened {
    pub(crate) file: File,
    pub(crate) stamp: FileStamp,
}

impl Opened {
    /// Opens a regular file; nothing else, and never waits for the other end of a pipe.
    ///
    /// Codes: `NOT_A_FILE`, `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `INVALID_ARGUMENT` for a path with NUL, `IO_FAILED`.
    pub(crate) fn open(place: Place<'_>) -> Result<Opened> {
        let file = place.open().map_err(|error| refusal(&place.path(), error))?;
        let metadata = file.metadata().map_err(|error| Error::io("look at", place.path(), error))?;
        if !metadata.is_file() {
            return Err(not_a_file(&place.path(), &metadata));
        }
        Ok(Opened { file, stamp: FileStamp::of(&metadata) })
    }

    /// Whether the file is as it was when it was opened.
    pub(crate) fn is_unchanged(&self) -> bool {
        self.file.metadata().is_ok_and(|metadata| FileStamp::of(&metadata) == self.stamp)
    }
}

/// How a file is opened: for reading, and without waiting for whoever writes into a pipe.
#[cfg(unix)]
pub(crate) fn options(links: Links) -> OpenOptions {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    let flags = match links {
        Links::Follow => OFlags::NONBLOCK | OFlags::NOCTTY,
        Links::Refuse => OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW,
    };
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(flags.bits() as i32);
    options
}

/// How a file is opened: for reading.
#[cfg(not(unix))]
pub(crate) fn options(_links: Links) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    options
}

/// Why a file was not opened.
fn refusal(path: &Path, error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::InvalidInput {
        return Error::new(Code::InvalidArgument, format!("read {}", path.display())).because(error);
    }
    // Sockets, and devices without a driver, cannot even be opened.
    match fs::symlink_metadata(path) {
        Ok(metadata) if !metadata.is_file() && !metadata.is_symlink() => not_a_file(path, &metadata),
        _ => Error::io("read", path, error),
    }
}

fn not_a_file(path: &Path, metadata: &fs::Metadata) -> Error {
    let kind = if metadata.is_dir() { "a folder" } else { "a pipe, a socket or a device" };
    Error::new(Code::NotAFile, format!("read {}: it is {kind}", path.display()))
}

/// What reading one file gave.
pub(crate) struct Content {
    pub(crate) digest: Digest,
    pub(crate) bytes: u64,
}

/// Reads an open file to its end. `None` when the observer cancelled it.
///
/// A small file costs one read: the kernel gives less than was asked for only at the end.
///
/// - `buffer`: of [`BUFFER_BYTES`], for any use.
/// - `may_read_ahead`: asked again and again during a large file, whether a core is free for a second thread.
pub(crate) fn read(
    place: Place<'_>,
    opened: &Opened,
    algorithm: Algorithm,
    buffer: &mut [u8],
    tally: &mut Tally<'_>,
    may_read_ahead: impl Fn() -> bool,
) -> Result<Option<Content>> {
    let failed = |error| Error::io("read", place.path(), error);
    let size = opened.stamp.size;
    let mut file = &opened.file;
    let mut count = read_some(&mut file, buffer).map_err(failed)?;
    if count as u64 == size && count < buffer.len() {
        tally.add(size, 0);
        return Ok(Some(Content { digest: hash_bytes(algorithm, &buffer[..count]), bytes: size }));
    }
    let mut hasher = Hasher::new(algorithm);
    let mut bytes = 0;
    while count > 0 {
        hasher.update(&buffer[..count]);
        bytes += count as u64;
        tally.add(count as u64, 0);
        if tally.is_cancelled() {
            return Ok(None);
        }
        if size.saturating_sub(bytes) >= READ_AHEAD_BYTES && may_read_ahead() {
            match read_ahead::read(file, &mut hasher, tally).map_err(failed)? {
                read_ahead::End::File(rest) => {
                    return Ok(Some(Content { digest: hasher.digest(), bytes: bytes + rest }));
                }
                read_ahead::End::Cancelled => return Ok(None),
                // There is no second thread to be had: on with this one.
                read_ahead::End::NoThread => {}
            }
        }
        count = read_some(&mut file, buffer).map_err(failed)?;
    }
    Ok(Some(Content { digest: hasher.digest(), bytes }))
}

/// Reads once, however often a signal comes between.
pub(crate) fn read_some(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}
