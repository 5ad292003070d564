//! The entries of an index with all that a status needs.
#![cfg(unix)]

use super::{CachedTree, HASH, RawEntry, STAGE, extensions_of, number, read};
use std::ops::Range;

/// A moment: seconds since 1970 and nanoseconds, as an index keeps them.
pub(crate) type Time = (u32, u32);

/// What an index knows of a file.
pub(crate) struct Entry {
    path: Range<usize>,
    pub(crate) changed: Time,
    pub(crate) modified: Time,
    pub(crate) inode: u32,
    pub(crate) mode: u32,
    /// The size in bytes, modulo 2^32.
    pub(crate) size: u32,
    pub(crate) hash: [u8; HASH],
    /// 0, or who has it in a conflict: 1 the ancestor, 2 we, 3 they.
    pub(crate) stage: u8,
    /// Whether somebody promised that the file does not change.
    pub(crate) is_assumed: bool,
}

impl Entry {
    pub(crate) fn is_submodule(&self) -> bool {
        self.mode == 0o160_000
    }
}

/// An index, sorted by path and stage.
pub(crate) struct Entries {
    names: Vec<u8>,
    list: Vec<Entry>,
    /// The trees that folders of the index would have as a commit, as far as the file knows them.
    pub(crate) cached_tree: Option<CachedTree>,
}

impl Entries {
    /// An index without files.
    pub(crate) fn empty() -> Self {
        Self { names: Vec::new(), list: Vec::new(), cached_tree: None }
    }

    /// Reads an index; `None` when anything is odd, such as files that are only meant to be added, or sparse ones.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut index = Self::empty();
        index.names.reserve(bytes.len() / 3);
        index.list.reserve(number(bytes, 8)?.min(bytes.len() as u32 / 64) as usize);
        let extensions = read(bytes, |entry| index.push(entry))?;
        let tree = extensions_of(extensions).flatten().find(|(name, _)| *name == b"TREE");
        index.cached_tree = tree.and_then(|(_, content)| CachedTree::read(content));
        Some(index)
    }

    fn push(&mut self, raw: &RawEntry<'_>) -> Option<()> {
        let field = |at: usize| number(raw.head, at * 4);
        let start = self.names.len();
        self.names.extend_from_slice(raw.path);
        let entry = Entry {
            path: start..self.names.len(),
            changed: (field(0)?, field(1)?),
            modified: (field(2)?, field(3)?),
            inode: field(5)?,
            mode: field(6)?,
            size: field(9)?,
            hash: raw.head.get(40..40 + HASH)?.try_into().ok()?,
            stage: ((raw.flags & STAGE) >> 12) as u8,
            is_assumed: raw.flags & 0x8000 != 0,
        };
        let is_usual = raw.more_flags == 0
            && matches!(entry.mode, 0o100_644 | 0o100_755 | 0o120_000 | 0o160_000)
            && is_name(raw.path);
        let is_sorted = self.list.last().is_none_or(|last| {
            (&self.names[last.path.clone()], last.stage) < (&self.names[entry.path.clone()], entry.stage)
        });
        self.list.push(entry);
        (is_usual && is_sorted).then_some(())
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn entry(&self, at: usize) -> &Entry {
        &self.list[at]
    }

    /// Below the top of the repository, with slashes.
    pub(crate) fn path(&self, at: usize) -> &[u8] {
        &self.names[self.list[at].path.clone()]
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (&[u8], &Entry)> {
        self.list.iter().map(|entry| (&self.names[entry.path.clone()], entry))
    }

    /// What lies directly in a folder: `within` are its entries, `prefix` is the length of its path with the slash.
    pub(crate) fn children(&self, within: Range<usize>, prefix: usize) -> impl Iterator<Item = Child<'_>> {
        let mut at = within.start;
        std::iter::from_fn(move || {
            if at >= within.end {
                return None;
            }
            let path = &self.path(at)[prefix..];
            let Some(slash) = memchr::memchr(b'/', path) else {
                at += 1;
                return Some(Child { name: path, is_folder: false, within: at - 1..at });
            };
            let folder = &self.path(at)[..=prefix + slash];
            let start = at;
            at = start + self.count_below(start..within.end, folder);
            Some(Child { name: &path[..slash], is_folder: true, within: start..at })
        })
    }

    /// How many of the entries from the beginning of a range lie below a folder, of which the first does: by steps that
    /// double, since most folders are small.
    fn count_below(&self, range: Range<usize>, folder: &[u8]) -> usize {
        let is_below = |at: usize| self.path(range.start + at).starts_with(folder);
        let (mut low, mut step) = (0, 1);
        while low + step < range.len() && is_below(low + step) {
            low += step;
            step *= 2;
        }
        let mut high = (low + step).min(range.len());
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if is_below(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        high
    }
}

/// A file or a folder of a folder.
pub(crate) struct Child<'i> {
    pub(crate) name: &'i [u8],
    pub(crate) is_folder: bool,
    /// The entries of it.
    pub(crate) within: Range<usize>,
}

/// Whether a path is one that git would write: no part of it is empty, `.`, `..` or `.git`.
fn is_name(path: &[u8]) -> bool {
    !path.is_empty()
        && path.split(|byte| *byte == b'/').all(|part| !matches!(part, b"" | b"." | b".." | b".git"))
}
