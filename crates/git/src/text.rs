//! Between the bytes that git keeps and the text and paths that callers see.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

/// Bytes as text, with replacement characters for what is not UTF-8.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A path as git writes it; the very bytes where the system's paths are bytes.
#[cfg(unix)]
pub(crate) fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    Path::new(std::ffi::OsStr::from_bytes(bytes)).to_owned()
}

/// A path as git writes it.
#[cfg(not(unix))]
pub(crate) fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(text(bytes))
}

/// A path inside a repository as git writes it: with forward slashes.
#[cfg(unix)]
pub(crate) fn bytes_of(path: &Path) -> Cow<'_, [u8]> {
    use std::os::unix::ffi::OsStrExt;
    Cow::Borrowed(path.as_os_str().as_bytes())
}

/// A path inside a repository as git writes it: with forward slashes.
#[cfg(not(unix))]
pub(crate) fn bytes_of(path: &Path) -> Cow<'_, [u8]> {
    Cow::Owned(path.to_string_lossy().replace('\\', "/").into_bytes())
}

/// A folder without the slash that libgit2 puts at its end, and without `.` and `..` where it exists.
pub(crate) fn folder(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.components().collect())
}

/// The name of a branch: what a reference is called without `refs/heads/`.
pub(crate) fn branch_name(reference: &[u8]) -> String {
    text(reference.strip_prefix(b"refs/heads/").unwrap_or(reference))
}

/// The lines of a content; the last one may have no end.
pub(crate) fn count_lines(content: &[u8]) -> u32 {
    let newlines = memchr::memchr_iter(b'\n', content).count();
    (newlines + usize::from(!content.is_empty() && !content.ends_with(b"\n"))) as u32
}
