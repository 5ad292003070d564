//! A status of our own: the index file is read once, the work tree is walked by several threads, and of the last commit
//! only the folders that differ are looked at.

use super::{
    GitStatusEntry, conflicts, content,
    ignore::Rules,
    settings::Settings,
    staged,
    work_tree::{self, Found},
};
use crate::{
    index_file::{self, Entries, Time},
    small_file, text,
};
use git2::{Error, ErrorCode, Repository, Tree};
use std::{collections::BTreeMap, os::unix::fs::MetadataExt};

/// What differs, in no order; `None` where anything is unusual, which is left to libgit2.
pub(crate) fn entries(repository: &Repository) -> Result<Option<Vec<GitStatusEntry>>, Error> {
    let Some(settings) = Settings::read(repository) else { return Ok(None) };
    let (Some(root), Some((index, written))) = (repository.workdir(), index_of(repository)) else {
        return Ok(None);
    };
    let tree = match repository.head().and_then(|head| head.peel_to_tree()) {
        Ok(tree) => Some(tree),
        Err(error) if error.code() == ErrorCode::UnbornBranch => None,
        Err(error) => return Err(error),
    };
    let rules = Rules::of_repository(repository);
    let found = work_tree::compare(root, &index, written, rules, &settings);
    assemble(repository, tree.as_ref(), &index, found, &settings).map(Some)
}

/// The index and when it was written. One that is not there is empty.
fn index_of(repository: &Repository) -> Option<(Entries, Time)> {
    let file = repository.path().join("index");
    match small_file::read_with_metadata(&file, index_file::MAX_BYTES) {
        Some((bytes, metadata)) => {
            Some((Entries::read(&bytes)?, (metadata.mtime() as u32, metadata.mtime_nsec() as u32)))
        }
        None if file.symlink_metadata().is_err() => Some((Entries::empty(), (0, 0))),
        None => None,
    }
}

/// What is known of a path: the letters of index and work tree, and the old path.
type Letters = (char, char, Option<Vec<u8>>);

fn assemble(
    repository: &Repository,
    tree: Option<&Tree<'_>>,
    index: &Entries,
    mut found: Found,
    settings: &Settings,
) -> Result<Vec<GitStatusEntry>, Error> {
    let mut letters: BTreeMap<Vec<u8>, Letters> = BTreeMap::new();
    for one in staged::compare(repository, tree, index)? {
        letters.insert(one.path, (one.letter, ' ', one.old_path));
    }
    let converts = settings.converts || found.has_attributes;
    if converts {
        found.special.append(&mut found.doubtful);
    }
    let root = repository.workdir().unwrap_or(repository.path());
    found.changed.extend(content::by_hash(root, index, &found.doubtful));
    found.changed.extend(content::by_libgit2(repository, index, &found.special)?);
    for (at, letter) in found.changed {
        letters.entry(index.path(at).to_vec()).or_insert((' ', ' ', None)).1 = letter;
    }
    let mut stages: BTreeMap<&[u8], [bool; 3]> = BTreeMap::new();
    for (path, entry) in index.all().filter(|(_, entry)| entry.stage != 0) {
        stages.entry(path).or_default()[usize::from(entry.stage) - 1] = true;
    }
    for (path, [ancestor, ours, theirs]) in stages {
        let [we, they] = conflicts::letters(ancestor, ours, theirs);
        letters.insert(path.to_vec(), (we, they, None));
    }
    let known = letters.into_iter().map(|(path, (index, work_tree, old_path))| GitStatusEntry {
        path: text::text(&path),
        status: String::from_iter([index, work_tree]),
        old_path: old_path.map(|path| text::text(&path)),
    });
    let unknown = found.unknown.iter().map(|path| GitStatusEntry {
        path: text::text(path),
        status: "??".to_owned(),
        old_path: None,
    });
    Ok(known.chain(unknown).collect())
}
