//! The trees that folders of an index would have as a commit.
#![cfg(unix)]

use super::HASH;
use std::collections::HashMap;

/// A folder of the index.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct CachedTree {
    /// The hash of its tree, and how many entries lie in it; `None` when it has changed since that was known.
    pub(crate) known: Option<([u8; HASH], usize)>,
    pub(crate) folders: HashMap<Vec<u8>, CachedTree>,
}

/// A folder deeper than this is left out; its tree is read instead.
const MAX_DEPTH: usize = 200;

impl CachedTree {
    /// Reads the extension `TREE`; `None` when anything is odd.
    pub(crate) fn read(mut content: &[u8]) -> Option<Self> {
        let (_, tree) = folder(&mut content, 0)?;
        content.is_empty().then_some(tree)
    }
}

fn folder(content: &mut &[u8], depth: usize) -> Option<(Vec<u8>, CachedTree)> {
    if depth > MAX_DEPTH {
        return None;
    }
    let name = take_until(content, 0)?.to_vec();
    let entries = decimal(take_until(content, b' ')?)?;
    let folders = decimal(take_until(content, b'\n')?)?;
    let mut tree = CachedTree::default();
    if let Ok(count) = usize::try_from(entries) {
        let (hash, rest) = content.split_first_chunk::<HASH>()?;
        *content = rest;
        tree.known = Some((*hash, count));
    }
    for _ in 0..folders {
        let (name, below) = folder(content, depth + 1)?;
        tree.folders.insert(name, below);
    }
    Some((name, tree))
}

fn take_until<'c>(content: &mut &'c [u8], end: u8) -> Option<&'c [u8]> {
    let at = memchr::memchr(end, content)?;
    let taken = &content[..at];
    *content = &content[at + 1..];
    Some(taken)
}

fn decimal(digits: &[u8]) -> Option<i64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::CachedTree;

    #[test]
    fn folders_may_be_unknown() {
        let content = [b"\x002 1\n".as_slice(), &[7; 20], b"sub\0-1 0\n"].concat();
        let tree = CachedTree::read(&content).unwrap();
        assert_eq!(tree.known, Some(([7; 20], 2)));
        assert_eq!(tree.folders[b"sub".as_slice()], CachedTree::default());
    }

    #[test]
    fn what_is_cut_or_too_deep_is_refused() {
        let content = [b"\x002 0\n".as_slice(), &[7; 20]].concat();
        assert!(CachedTree::read(&content).is_some());
        for end in 0..content.len() {
            assert_eq!(CachedTree::read(&content[..end]), None);
        }
        assert_eq!(CachedTree::read(&b"a\0-1 1\n".repeat(100_000)), None);
    }
}
