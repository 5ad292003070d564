//! Trees to test with, and the slow twin of a manifest.

use han_base::FileStamp;
use han_hash::{Algorithm, KnownManifest, Manifest, TreeFile, hash_bytes};
use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs::{self, File, FileTimes},
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, SystemTime},
};

/// A folder without symbolic links on its way, removed when dropped.
pub(crate) struct Tree {
    _folder: tempfile::TempDir,
    pub(crate) root: PathBuf,
}

impl Tree {
    pub(crate) fn new() -> Tree {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        Tree { _folder: folder, root }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Writes a file and the folders it lies in.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// All regular files, as a walk would find them.
    pub(crate) fn walk(&self) -> Vec<TreeFile<'static>> {
        let mut found = Vec::new();
        walk_into(&self.root, &self.root, &mut found);
        found
    }

    /// Paths and SHA-256 of all files: reads every one.
    pub(crate) fn slow_manifest(&self) -> BTreeMap<String, String> {
        let entry = |file: TreeFile<'_>| {
            let content = fs::read(self.root.join(&file.path)).unwrap();
            let hash = hash_bytes(Algorithm::Sha256, &content).to_hex();
            (file.path.to_str().unwrap().replace('\\', "/"), hash)
        };
        self.walk().into_iter().map(entry).collect()
    }
}

fn walk_into(root: &Path, folder: &Path, found: &mut Vec<TreeFile<'static>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let metadata = fs::symlink_metadata(&path).unwrap();
        if metadata.is_dir() {
            walk_into(root, &path, found);
        } else if metadata.is_file() {
            let relative = path.strip_prefix(root).unwrap().to_owned();
            found.push(TreeFile { path: Cow::Owned(relative), stamp: FileStamp::of(&metadata) });
        }
    }
}

pub(crate) fn stamp(path: &Path) -> FileStamp {
    FileStamp::of(&fs::metadata(path).unwrap())
}

/// Waits until what was written before counts as settled.
pub(crate) fn settle() {
    sleep(Duration::from_nanos(FileStamp::CLOCK_GRAIN_NS as u64) + Duration::from_millis(100));
}

/// Puts the time of modification back: what a program does that wants an edit not to show.
pub(crate) fn set_modified(path: &Path, time: SystemTime) {
    File::options().write(true).open(path).unwrap().set_times(FileTimes::new().set_modified(time)).unwrap();
}

pub(crate) fn as_map(manifest: &Manifest) -> BTreeMap<String, String> {
    let text = |digest: Option<&han_hash::Digest>| digest.map_or_else(String::new, han_hash::Digest::to_hex);
    manifest.iter().map(|(path, digest)| (path.to_owned(), text(digest))).collect()
}

pub(crate) fn known(map: &BTreeMap<String, String>) -> KnownManifest<'_> {
    map.iter().map(|(path, hash)| (path.as_str(), hash.as_str())).collect()
}
