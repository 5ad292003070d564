//! Files whose content tells whether they have changed.

use super::staged::entry_for_libgit2;
use crate::{index_file::Entries, queue, text};
use git2::{Delta, DiffOptions, Error, Index, ObjectType, Oid, Repository};
use std::{collections::HashMap, path::Path};

/// How many files a thread takes at once.
const BATCH: usize = 32;

/// Which of some entries have changed, with the letter of the status, by the hashes of their files.
pub(crate) fn by_hash(root: &Path, index: &Entries, doubtful: &[usize]) -> Vec<(usize, char)> {
    let batches: Vec<&[usize]> = doubtful.chunks(BATCH).collect();
    let helpers = (batches.len().saturating_sub(1)).min(queue::threads() - 1);
    let changed = |batch: &[usize], _: &mut Vec<&[usize]>, found: &mut Vec<(usize, char)>| {
        let is_changed = |at: &&usize| {
            let entry = index.entry(**at);
            let path = root.join(text::path_of(index.path(**at)));
            let hash = match entry.mode {
                0o120_000 => hash_of_link(&path),
                _ => Oid::hash_file(ObjectType::Blob, &path).ok(),
            };
            hash.is_none_or(|hash| hash.as_bytes() != entry.hash)
        };
        found.extend(batch.iter().filter(is_changed).map(|at| (*at, 'M')));
    };
    queue::run(batches, helpers, changed).concat()
}

fn hash_of_link(path: &Path) -> Option<Oid> {
    Oid::hash_object(ObjectType::Blob, &text::bytes_of(&path.read_link().ok()?)).ok()
}

/// The same, as libgit2 sees it: it knows submodules, and what attributes say of line ends.
pub(crate) fn by_libgit2(
    repository: &Repository,
    index: &Entries,
    doubtful: &[usize],
) -> Result<Vec<(usize, char)>, Error> {
    if doubtful.is_empty() {
        return Ok(Vec::new());
    }
    let mut some = Index::new()?;
    let mut options = DiffOptions::new();
    options.disable_pathspec_match(true).include_typechange(true).include_untracked(false);
    for at in doubtful {
        some.add(&entry_for_libgit2(index.path(*at), index.entry(*at))?)?;
        options.pathspec(index.path(*at));
    }
    let diff = repository.diff_index_to_workdir(Some(&some), Some(&mut options))?;
    let places: HashMap<&[u8], usize> = doubtful.iter().map(|at| (index.path(*at), *at)).collect();
    let mut changed = Vec::new();
    for delta in diff.deltas() {
        let letter = match delta.status() {
            Delta::Modified => 'M',
            Delta::Typechange => 'T',
            Delta::Deleted => 'D',
            _ => continue,
        };
        let place = delta.old_file().path_bytes().and_then(|path| places.get(path));
        changed.extend(place.map(|at| (*at, letter)));
    }
    Ok(changed)
}
