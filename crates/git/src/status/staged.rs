//! The index against the last commit, with renamed files found. Folders that are the same are not read.

use crate::{
    diff::RENAME_LIMIT,
    index_file::{CachedTree, Child, Entries, Entry},
};
use git2::{Delta, DiffFindOptions, Error, Index, IndexEntry, IndexTime, ObjectType, Oid, Repository, Tree};
use std::{collections::HashMap, ops::Range};

/// A file that differs between the last commit and the index.
pub(crate) struct Staged {
    pub(crate) path: Vec<u8>,
    /// The letter of the status.
    pub(crate) letter: char,
    /// The path before it was renamed.
    pub(crate) old_path: Option<Vec<u8>>,
}

/// Deeper folders than this are an error: no work tree has them.
const MAX_DEPTH: usize = 1000;

/// What differs between a tree and the index, in no order. Files in conflict are left out.
pub(crate) fn compare(
    repository: &Repository,
    tree: Option<&Tree<'_>>,
    index: &Entries,
) -> Result<Vec<Staged>, Error> {
    let mut search =
        Search { repository, index, changed: Vec::new(), added: Vec::new(), deleted: HashMap::new() };
    let id = tree.map(Tree::id);
    search.folder(id, index.cached_tree.as_ref(), 0..index.len(), &mut Vec::new(), 0)?;
    // A file in conflict is neither deleted nor added.
    for (path, _) in index.all().filter(|(_, entry)| entry.stage != 0) {
        search.deleted.remove(path);
    }
    search.finish()
}

struct Search<'s> {
    repository: &'s Repository,
    index: &'s Entries,
    changed: Vec<Staged>,
    /// Places in the index.
    added: Vec<usize>,
    /// Object and mode of files that only the tree has.
    deleted: HashMap<Vec<u8>, (Oid, u32)>,
}

impl Search<'_> {
    /// Compares a folder, whose path ends in a slash.
    fn folder(
        &mut self,
        tree: Option<Oid>,
        cached: Option<&CachedTree>,
        within: Range<usize>,
        path: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), Error> {
        if depth > MAX_DEPTH {
            return Err(Error::from_str("the folders of a tree are too deep"));
        }
        let known = cached.and_then(|cached| cached.known.as_ref());
        if let (Some((hash, count)), Some(tree)) = (known, tree)
            && tree.as_bytes() == hash
            && *count == within.len()
        {
            return Ok(());
        }
        let tree = tree.map(|tree| self.repository.find_tree(tree)).transpose()?;
        let index = self.index;
        // Files and folders apart: both may have the same name.
        let mut children: [HashMap<&[u8], Child<'_>>; 2] = Default::default();
        for child in index.children(within, path.len()) {
            children[usize::from(child.is_folder)].insert(child.name, child);
        }
        let length = path.len();
        for entry in tree.iter().flat_map(Tree::iter) {
            let name = entry.name_bytes();
            let is_folder = entry.kind() == Some(ObjectType::Tree);
            path.truncate(length);
            path.extend_from_slice(name);
            let child = children[usize::from(is_folder)].remove(name);
            if is_folder {
                path.push(b'/');
                let below = cached.and_then(|cached| cached.folders.get(name));
                let within = child.map_or(0..0, |child| child.within);
                self.folder(Some(entry.id()), below, within, path, depth + 1)?;
                continue;
            }
            let mode = entry.filemode() as u32;
            match child.map(|child| child.within.start) {
                Some(at) if index.entry(at).stage == 0 => self.file(at, entry.id(), mode),
                Some(_) => {}
                None => _ = self.deleted.insert(path.clone(), (entry.id(), mode)),
            }
        }
        path.truncate(length);
        for child in children.into_iter().flat_map(HashMap::into_values) {
            self.added.extend(child.within.filter(|at| index.entry(*at).stage == 0));
        }
        Ok(())
    }

    /// Compares a file that both have.
    fn file(&mut self, at: usize, id: Oid, mode: u32) {
        let entry = self.index.entry(at);
        if id.as_bytes() == entry.hash && mode == entry.mode {
            return;
        }
        let kind = |mode: u32| mode & 0o170_000;
        let letter = if kind(mode) == kind(entry.mode) { 'M' } else { 'T' };
        self.changed.push(Staged { path: self.index.path(at).to_vec(), letter, old_path: None });
    }

    /// Finds what was renamed among the added and deleted files.
    fn finish(mut self) -> Result<Vec<Staged>, Error> {
        let mut old_paths = HashMap::new();
        if !self.added.is_empty() && !self.deleted.is_empty() {
            old_paths = self.renamed()?;
        }
        for at in &self.added {
            let path = self.index.path(*at).to_vec();
            let old_path = old_paths.remove(&path);
            if let Some(old_path) = &old_path {
                self.deleted.remove(old_path);
            }
            let letter = if old_path.is_some() { 'R' } else { 'A' };
            self.changed.push(Staged { path, letter, old_path });
        }
        let deleted = self.deleted.into_keys();
        self.changed.extend(deleted.map(|path| Staged { path, letter: 'D', old_path: None }));
        Ok(self.changed)
    }

    /// The old path of each new one.
    fn renamed(&self) -> Result<HashMap<Vec<u8>, Vec<u8>>, Error> {
        let (mut before, mut after) = (Index::new()?, Index::new()?);
        for (path, (id, mode)) in &self.deleted {
            before.add(&index_entry(path.clone(), *mode, *id, 0))?;
        }
        for at in &self.added {
            let entry = self.index.entry(*at);
            after.add(&entry_for_libgit2(self.index.path(*at), entry)?)?;
        }
        let mut diff = self.repository.diff_index_to_index(&before, &after, None)?;
        diff.find_similar(Some(DiffFindOptions::new().renames(true).rename_limit(RENAME_LIMIT)))?;
        let renamed = diff.deltas().filter(|delta| delta.status() == Delta::Renamed);
        let mut renamed: HashMap<_, _> = renamed
            .filter_map(|delta| {
                Some((delta.new_file().path_bytes()?.to_vec(), delta.old_file().path_bytes()?.to_vec()))
            })
            .collect();
        self.rename_links(&mut renamed);
        Ok(renamed)
    }

    /// Adds links and submodules, which libgit2 leaves out: those that are the same under another path, of several the one
    /// with the same name, else the first.
    fn rename_links(&self, renamed: &mut HashMap<Vec<u8>, Vec<u8>>) {
        let is_file = |mode: u32| mode & 0o170_000 == 0o100_000;
        let mut gone: Vec<_> = self.deleted.iter().filter(|(_, (_, mode))| !is_file(*mode)).collect();
        gone.retain(|(path, _)| !renamed.values().any(|old_path| old_path == *path));
        gone.sort_unstable();
        let mut added = self.added.clone();
        added.sort_unstable();
        for at in added {
            let (path, entry) = (self.index.path(at), self.index.entry(at));
            if is_file(entry.mode) || renamed.contains_key(path) {
                continue;
            }
            let is_same = |(id, mode): &(Oid, u32)| id.as_bytes() == entry.hash && *mode == entry.mode;
            let name = |path: &[u8]| path.rsplit(|byte| *byte == b'/').next().map(<[u8]>::to_vec);
            let named = gone.iter().position(|(old, what)| is_same(what) && name(old) == name(path));
            let any = || gone.iter().position(|(_, what)| is_same(what));
            if let Some(found) = named.or_else(any) {
                renamed.insert(path.to_vec(), gone.remove(found).0.clone());
            }
        }
    }
}

/// An entry as libgit2 takes it, with times that agree with no file.
pub(crate) fn entry_for_libgit2(path: &[u8], entry: &Entry) -> Result<IndexEntry, Error> {
    Ok(index_entry(path.to_vec(), entry.mode, Oid::from_bytes(&entry.hash)?, entry.size))
}

fn index_entry(path: Vec<u8>, mode: u32, id: Oid, file_size: u32) -> IndexEntry {
    let never = || IndexTime::new(0, 0);
    IndexEntry {
        ctime: never(),
        mtime: never(),
        dev: 0,
        ino: 0,
        mode,
        uid: 0,
        gid: 0,
        file_size,
        id,
        flags: 0,
        flags_extended: 0,
        path,
    }
}
