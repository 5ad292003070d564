//! Reading the small files of a repository that nobody vouches for: a path in there may lead to a pipe, a device or a file
//! of any size.

use std::{
    fs::{File, Metadata, OpenOptions},
    io::Read,
    path::Path,
};

/// Bytes of a regular file of at most `limit` bytes; `None` when it is missing, something else, larger, or cannot be read.
pub(crate) fn read(path: &Path, limit: u64) -> Option<Vec<u8>> {
    read_with_metadata(path, limit).map(|(bytes, _)| bytes)
}

/// As [`read`], with what the system says of the file.
pub(crate) fn read_with_metadata(path: &Path, limit: u64) -> Option<(Vec<u8>, Metadata)> {
    // Opening a device may already do something, and opening a pipe waits for its other end.
    if !path.metadata().ok()?.is_file() {
        return None;
    }
    let file = open(path).ok()?;
    let metadata = file.metadata().ok()?;
    if !metadata.is_file() || metadata.len() > limit {
        return None;
    }
    let mut bytes = Vec::new();
    // A file with holes says any size, and no memory must not end the host.
    bytes.try_reserve_exact(usize::try_from(metadata.len()).ok()?).ok()?;
    file.take(limit).read_to_end(&mut bytes).ok()?;
    Some((bytes, metadata))
}

/// As [`read`], without the white space at the end.
pub(crate) fn read_line(path: &Path, limit: u64) -> Option<Vec<u8>> {
    let mut bytes = read(path, limit)?;
    bytes.truncate(bytes.trim_ascii_end().len());
    Some(bytes)
}

#[cfg(unix)]
fn open(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    // The file may have become a pipe since it was looked at.
    OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).open(path)
}
