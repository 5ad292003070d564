//! Reading index files by ourselves.
//!
//! libgit2 makes an object of every entry and checks the file's hash, which takes ten times as long. Whatever is odd about a
//! file is left to libgit2, and to what it says about it.

use crate::files::JoinedFiles;

mod cached_tree;
mod entries;

#[cfg(unix)]
pub(crate) use cached_tree::CachedTree;
#[cfg(unix)]
pub(crate) use entries::{Child, Entries, Entry, Time};

/// A larger file is left to libgit2: it would have some ten million entries.
pub(crate) const MAX_BYTES: u64 = 1 << 30;

/// Bytes of an entry before its path: times, numbers and sizes, the hash, flags.
const HEAD: usize = 62;

/// Bytes of the hash at the end of the file, and of each entry.
const HASH: usize = 20;

/// The bits of an entry's flags that are set for a file in conflict.
pub(crate) const STAGE: u16 = 0x3000;

/// The bit of an entry's flags that says that two more bytes of them follow.
const EXTENDED: u16 = 0x4000;

/// An entry as the file has it.
#[cfg_attr(not(unix), allow(dead_code, reason = "only the status on Unix looks at more than paths"))]
struct RawEntry<'f> {
    /// Times, numbers and sizes, the hash, flags: [`HEAD`] bytes.
    head: &'f [u8],
    flags: u16,
    /// The flags that only later versions have.
    more_flags: u16,
    path: &'f [u8],
}

/// Gives each entry to `take`, and then the extensions behind them; `None` when anything is odd.
fn read(bytes: &[u8], mut take: impl FnMut(&RawEntry<'_>) -> Option<()>) -> Option<&[u8]> {
    let end = bytes.len().checked_sub(HASH)?;
    let (version, count) = (number(bytes, 4)?, number(bytes, 8)?);
    if !bytes.starts_with(b"DIRC") || !(2..=4).contains(&version) {
        return None;
    }
    let mut path: Vec<u8> = Vec::new();
    let mut at = 12;
    for _ in 0..count {
        let start = at;
        let head = bytes.get(start..start + HEAD)?;
        let flags = u16::from_be_bytes([head[HEAD - 2], head[HEAD - 1]]);
        at += HEAD;
        let mut more_flags = 0;
        if flags & EXTENDED != 0 {
            more_flags = u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?);
            at += 2;
        }
        if version == 4 {
            let (dropped, behind) = varying(bytes, at)?;
            path.truncate(path.len().checked_sub(dropped)?);
            at = behind;
        }
        let rest = bytes.get(at..end)?;
        let length = memchr::memchr(0, rest)?;
        at += length + 1;
        if version == 4 {
            path.extend_from_slice(&rest[..length]);
            take(&RawEntry { head, flags, more_flags, path: &path })?;
        } else {
            take(&RawEntry { head, flags, more_flags, path: &rest[..length] })?;
            // One to eight NULs make the entry a multiple of eight.
            at = start + (at - 1 - start) / 8 * 8 + 8;
        }
    }
    let extensions = bytes.get(at..end)?;
    extensions_of(extensions).all(|extension| extension.is_some()).then_some(extensions)
}

/// The names and contents of extensions; `None` for one that is cut, or may not be passed over: it has a name in small
/// letters.
fn extensions_of(mut rest: &[u8]) -> impl Iterator<Item = Option<(&[u8], &[u8])>> {
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let size = number(rest, 4).filter(|_| rest[0].is_ascii_uppercase());
        let content = size.and_then(|size| rest.get(8..8 + size as usize));
        let extension = content.map(|content| (&rest[..4], content));
        rest = extension.map_or(&[], |(_, content)| &rest[8 + content.len()..]);
        Some(extension)
    })
}

/// The paths below a prefix, without it, in the order of the file and each once; `None` when anything is odd.
pub(crate) fn paths_below(bytes: &[u8], prefix: &[u8]) -> Option<JoinedFiles> {
    // Heads take most of a file.
    let mut paths = JoinedFiles::with_capacity(if prefix.is_empty() { bytes.len() / 2 } else { 0 });
    let mut last: Vec<u8> = Vec::new();
    read(bytes, |entry| {
        let Some(below) = entry.path.strip_prefix(prefix) else { return Some(()) };
        // A file in conflict has up to three entries, side by side.
        if entry.flags & STAGE != 0 {
            if last == entry.path {
                return Some(());
            }
            last.clear();
            last.extend_from_slice(entry.path);
        }
        paths.push(below);
        Some(())
    })?;
    Some(paths)
}

/// Whether a file has this name, in whatever folder; `None` when anything is odd.
pub(crate) fn has_name(bytes: &[u8], name: &[u8]) -> Option<bool> {
    let mut has = false;
    // Only version 4 writes a path in parts, and these extensions say that files stand elsewhere.
    let has_bytes = |some: &[u8]| memchr::memmem::find(bytes, some).is_some();
    if matches!(number(bytes, 4)?, 2 | 3) && ![name, b"link", b"sdir"].into_iter().any(has_bytes) {
        return Some(false);
    }
    read(bytes, |entry| {
        let above = entry.path.strip_suffix(name);
        has |= above.is_some_and(|above| above.is_empty() || above.ends_with(b"/"));
        Some(())
    })?;
    Some(has)
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// A number of as many bytes as it needs, and the place behind it.
fn varying(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut byte = *bytes.get(at)?;
    let mut value = usize::from(byte & 127);
    while byte & 128 != 0 {
        at += 1;
        byte = *bytes.get(at)?;
        value = value.checked_add(1)?.checked_mul(128)? + usize::from(byte & 127);
    }
    Some((value, at + 1))
}

#[cfg(test)]
mod tests {
    use super::paths_below;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_bytes_are_too_odd(version in 0..6_u8, count in 0..4_u8, bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let file = [b"DIRC\0\0\0".as_slice(), &[version, 0, 0, 0, count], &bytes].concat();
            let _ = paths_below(&file, b"");
            #[cfg(unix)]
            let _ = super::Entries::read(&file);
        }
    }
}
