//! Reading the paths of an index file, and nothing else of it.
//!
//! libgit2 makes an object of every entry and checks the file's hash, which takes ten times as long. Whatever is odd about a
//! file is left to libgit2, and to what it says about it.

use crate::text;

/// Bytes of an entry before its path: times, numbers and sizes, the hash, flags.
const HEAD: usize = 62;

/// Bytes of the hash at the end of the file, and of each entry.
const HASH: usize = 20;

/// The paths below a prefix, without it, in the order of the file and each once; `None` when anything is odd.
pub(crate) fn paths_below(bytes: &[u8], prefix: &[u8]) -> Option<Vec<String>> {
    let end = bytes.len().checked_sub(HASH)?;
    let (version, count) = (number(bytes, 4)?, number(bytes, 8)?);
    if !bytes.starts_with(b"DIRC") || !(2..=4).contains(&version) {
        return None;
    }
    let mut paths = Vec::new();
    let (mut path, mut last): (Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new());
    let mut at = 12;
    for _ in 0..count {
        let start = at;
        let flags = u16::from_be_bytes(bytes.get(at + HEAD - 2..at + HEAD)?.try_into().ok()?);
        at += HEAD + if flags & 0x4000 != 0 { 2 } else { 0 };
        if version == 4 {
            let (dropped, behind) = varying(bytes, at)?;
            path.truncate(path.len().checked_sub(dropped)?);
            at = behind;
        } else {
            path.clear();
        }
        let rest = bytes.get(at..end)?;
        let length = rest.iter().position(|byte| *byte == 0)?;
        path.extend_from_slice(&rest[..length]);
        at += length + 1;
        if version < 4 {
            // One to eight NULs make the entry a multiple of eight.
            at = start + (at - 1 - start) / 8 * 8 + 8;
        }
        let Some(below) = path.strip_prefix(prefix) else { continue };
        // A file in conflict has up to three entries, side by side.
        if flags & 0x3000 != 0 {
            if last == path {
                continue;
            }
            last.clone_from(&path);
        }
        paths.push(text::text(below));
    }
    are_optional(bytes.get(at..end)?).then_some(paths)
}

/// Whether all that follows the entries may be passed over: what may not has a name in small letters.
fn are_optional(mut rest: &[u8]) -> bool {
    while !rest.is_empty() {
        let Some(size) = number(rest, 4).filter(|_| rest[0].is_ascii_uppercase()) else { return false };
        let Some(behind) = rest.get(8 + size as usize..) else { return false };
        rest = behind;
    }
    true
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
        }
    }
}
