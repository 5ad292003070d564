//! Where two trees differ, found by several threads: folders that are the same are not read.

use crate::queue;
use git2::{Error, ObjectType, Oid, Repository, TreeEntry};
use std::path::Path;

/// What is not the same in two trees.
#[derive(Default)]
pub(crate) struct Changes {
    /// Files and links that both have, as such.
    pub(crate) modified: Vec<Modified>,
    /// All else: files and folders that only one of them has, what became something else, and submodules.
    pub(crate) others: Vec<Vec<u8>>,
    repository: Option<Repository>,
    error: Option<Error>,
}

/// A file that both trees have, with other content or rights.
pub(crate) struct Modified {
    pub(crate) path: Vec<u8>,
    pub(crate) old: Oid,
    pub(crate) new: Oid,
}

/// A folder of both trees that differs. The path has a slash at its end; that of the top is empty.
struct Folder {
    path: Vec<u8>,
    old: Oid,
    new: Oid,
}

/// Fewer folders than this are not worth another thread.
const FEW: usize = 8;

/// Compares two trees of the repository in `git_folder`.
pub(crate) fn between(git_folder: &Path, old: Oid, new: Oid) -> Result<Changes, Error> {
    if old == new {
        return Ok(Changes::default());
    }
    let mut all = Changes::default();
    let mut folders = vec![Folder { path: Vec::new(), old, new }];
    while folders.len() < FEW
        && let Some(folder) = folders.pop()
    {
        all.read(git_folder, &folder, &mut folders);
    }
    let helpers = if folders.is_empty() { 0 } else { queue::threads() - 1 };
    let parts = queue::run(folders, helpers, |folder, more, part: &mut Changes| {
        if part.error.is_none() {
            part.read(git_folder, &folder, more);
        }
    });
    for part in parts {
        all.modified.extend(part.modified);
        all.others.extend(part.others);
        all.error = all.error.or(part.error);
    }
    all.error.take().map_or(Ok(all), Err)
}

impl Changes {
    /// The paths of everything.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &[u8]> {
        self.modified.iter().map(|file| file.path.as_slice()).chain(self.others.iter().map(Vec::as_slice))
    }

    fn read(&mut self, git_folder: &Path, folder: &Folder, below: &mut Vec<Folder>) {
        if let Err(error) = self.compare(git_folder, folder, below) {
            self.error = Some(error);
        }
    }

    fn compare(&mut self, git_folder: &Path, folder: &Folder, below: &mut Vec<Folder>) -> Result<(), Error> {
        let repository = match &mut self.repository {
            Some(repository) => repository,
            none => none.insert(Repository::open(git_folder)?),
        };
        let (before, after) = (repository.find_tree(folder.old)?, repository.find_tree(folder.new)?);
        let path_of = |entry: &TreeEntry<'_>| [&folder.path, entry.name_bytes()].concat();
        for new in &after {
            let Some(old) = before.get_name_bytes(new.name_bytes()) else {
                self.others.push(path_of(&new));
                continue;
            };
            // Old programs wrote rights that mean the same as others.
            if old.id() == new.id() && old.filemode() == new.filemode() {
                continue;
            }
            let (path, old_id, new_id) = (path_of(&new), old.id(), new.id());
            let kind = |entry: &TreeEntry<'_>| (entry.kind(), entry.filemode() & 0o170_000);
            match new.kind() {
                Some(ObjectType::Tree) if kind(&old) == kind(&new) => {
                    let path = [&path, b"/".as_slice()].concat();
                    below.push(Folder { path, old: old_id, new: new_id });
                }
                Some(ObjectType::Blob) if kind(&old) == kind(&new) => {
                    self.modified.push(Modified { path, old: old_id, new: new_id });
                }
                _ => self.others.push(path),
            }
        }
        let is_gone = |old: &TreeEntry<'_>| after.get_name_bytes(old.name_bytes()).is_none();
        self.others.extend(before.iter().filter(is_gone).map(|old| path_of(&old)));
        Ok(())
    }
}
