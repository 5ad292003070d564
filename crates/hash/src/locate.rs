//! Where files that a caller names lie in a tree.

use crate::{
    HashOptions, ManifestRun, TreeFile,
    threads::{cores, on_threads},
    tree_manifest,
};
use han_base::FileStamp;
use std::{
    borrow::Cow,
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

/// Files that a thread locates before it takes the next ones.
const AT_ONCE: usize = 256;

/// Makes the manifest of files that a caller names, whatever way. Those that do not exist or lie outside of the root are
/// left out; one that is reached through a symbolic link stands under the path of what the link names, once.
///
/// - `root`: absolute and without symbolic links.
/// - `options`: as of [`tree_manifest`].
#[must_use]
pub fn files_manifest<P: AsRef<Path> + Sync>(
    root: &Path,
    files: &[P],
    options: HashOptions<'_>,
) -> ManifestRun {
    let next = AtomicUsize::new(0);
    let located = on_threads(cores().min(files.len() / AT_ONCE + 1), || {
        let mut locator = Locator { root, parents: HashMap::new() };
        let mut located = Vec::new();
        loop {
            let start = next.fetch_add(AT_ONCE, Ordering::Relaxed);
            let some = files.iter().skip(start).take(AT_ONCE);
            if some.len() == 0 || options.observer.is_cancelled() {
                return located;
            }
            located.extend(some.filter_map(|path| locator.locate(path.as_ref())));
        }
    });
    let mut located: Vec<_> = located.into_iter().flatten().collect();
    located.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    located.dedup_by(|next, kept| next.path == kept.path);
    let mut run = tree_manifest(root, &located, options);
    run.is_complete &= !options.observer.is_cancelled();
    run
}

/// Finds files, and remembers the folders they lie in: resolving each path anew costs a call for each of its parts.
struct Locator<'l> {
    root: &'l Path,
    /// Folders as they were named, without symbolic links; `None` for those that cannot be resolved.
    parents: HashMap<PathBuf, Option<PathBuf>>,
}

impl Locator<'_> {
    fn locate(&mut self, path: &Path) -> Option<TreeFile<'static>> {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return self.resolve(path);
        };
        let path = self.canonical(parent)?.join(name);
        let metadata = fs::symlink_metadata(&path).ok()?;
        if metadata.is_symlink() {
            return self.resolve(&path);
        }
        self.inside(&path, &metadata)
    }

    /// As [`Locator::locate`], the long way.
    fn resolve(&self, path: &Path) -> Option<TreeFile<'static>> {
        let path = fs::canonicalize(path).ok()?;
        let metadata = fs::symlink_metadata(&path).ok()?;
        self.inside(&path, &metadata)
    }

    fn inside(&self, path: &Path, metadata: &fs::Metadata) -> Option<TreeFile<'static>> {
        let relative = path.strip_prefix(self.root).ok()?;
        let is_root = relative.as_os_str().is_empty();
        let stamp = FileStamp::of(metadata);
        (!is_root).then(|| TreeFile { path: Cow::Owned(relative.to_owned()), stamp })
    }

    fn canonical(&mut self, folder: &Path) -> Option<&Path> {
        if !self.parents.contains_key(folder) {
            let named = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            self.parents.insert(folder.to_owned(), fs::canonicalize(named).ok());
        }
        self.parents.get(folder)?.as_deref()
    }
}
