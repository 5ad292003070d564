//! Manifests: which files a tree has, each with the hash of its content, and what differs between two of them.
//!
//! A path in a manifest is relative to the root, has forward slashes on every platform, and stands once, in the order of
//! its bytes. Hashes are those of SHA-256.

use crate::{
    Algorithm, Digest, HashOptions, HashedFile, file::Place, files::hash_each, hash_bytes, root::Root,
};
use han_base::{Code, Error, FileStamp, Result};
use std::{borrow::Cow, path::Path};

/// A file of a tree, as a walk found it: no symbolic link, and none on its way from the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeFile<'t> {
    /// Relative to the root.
    pub path: Cow<'t, Path>,
    /// What the system said of it in the walk.
    pub stamp: FileStamp,
}

/// The files of a tree with their hashes, sorted by path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Manifest {
    entries: Vec<(String, Option<Digest>)>,
}

impl Manifest {
    /// Paths and digests in their order; `None` for a file that could not be read.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, Option<&Digest>)> {
        self.entries.iter().map(|(path, digest)| (path.as_str(), digest.as_ref()))
    }

    /// How many files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no file.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Sorts entries. Names that are not UTF-8 may become the same text: their files share an entry, whose digest is
    /// that of all their digests, so that it changes with each of them.
    fn of(mut entries: Vec<(String, Option<Digest>)>) -> Manifest {
        entries.sort_unstable_by(|one, other| {
            (&one.0, one.1.as_ref().map(Digest::as_bytes))
                .cmp(&(&other.0, other.1.as_ref().map(Digest::as_bytes)))
        });
        entries.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            if is_same {
                let parts =
                    [kept.1, next.1].map(|digest| digest.map_or_else(String::new, |one| one.to_hex()));
                kept.1 = Some(hash_bytes(Algorithm::Sha256, parts.join(" ").as_bytes()));
            }
            is_same
        });
        Manifest { entries }
    }
}

/// A manifest, and how it was made.
#[derive(Debug, Default)]
pub struct ManifestRun {
    /// The files. One that vanished in between is not among them.
    pub manifest: Manifest,
    /// Why files could not be read that are there, each with its path.
    pub failures: Vec<Error>,
    /// Files that were read; the others did not change since they were remembered.
    pub files_read: u64,
    /// Bytes of them.
    pub bytes_read: u64,
    /// Whether the manifest has all files; false when the observer ended the work.
    pub is_complete: bool,
}

/// Makes the manifest of files below a root.
///
/// - `root`: absolute and without symbolic links.
/// - `options`: the algorithm must be SHA-256 for what is given to others. With a cache, files that did not change are not
///   read.
#[must_use]
pub fn tree_manifest(root: &Path, files: &[TreeFile<'_>], options: HashOptions<'_>) -> ManifestRun {
    let remembered = remembered(files, options);
    let unknown: Vec<usize> = (0..files.len()).filter(|&index| remembered[index].is_none()).collect();
    options.observer.advanced(0, (files.len() - unknown.len()) as u64);
    let opened = Root::open(root);
    let place = |place: usize| Place::Below(&opened, &files[unknown[place]].path);
    let outcomes = hash_each(unknown.len(), place, options, |_, _| true);

    let mut run = ManifestRun { is_complete: true, ..ManifestRun::default() };
    let mut entries = Vec::with_capacity(files.len());
    let known = files.iter().zip(remembered);
    entries.extend(known.filter_map(|(file, digest)| Some((key_of(&file.path).into_owned(), Some(digest?)))));
    for (index, outcome) in unknown.into_iter().zip(outcomes) {
        let digest = match outcome {
            None => {
                run.is_complete = false;
                continue;
            }
            Some(Ok(HashedFile { digest, bytes_read, .. })) => {
                run.files_read += 1;
                run.bytes_read += bytes_read;
                Some(digest)
            }
            Some(Err(error)) if error.code() == Code::FileNotFound => continue,
            Some(Err(error)) => {
                run.failures.push(error);
                None
            }
        };
        entries.push((key_of(&files[index].path).into_owned(), digest));
    }
    run.manifest = Manifest::of(entries);
    run
}

/// Whether the files below a root are others than those of a manifest, or have other content. Ends at the first difference,
/// and reads nothing when names tell already. An empty manifest always differs: it is what a caller has who knows nothing.
///
/// - `root`, `options`: as of [`tree_manifest`].
///
/// Code: `CANCELLED` when the observer ended it before there was an answer.
pub fn tree_differs(
    root: &Path,
    files: &[TreeFile<'_>],
    known: &KnownManifest<'_>,
    options: HashOptions<'_>,
) -> Result<bool> {
    if known.is_empty() {
        return Ok(true);
    }
    let mut order: Vec<(Cow<'_, str>, usize)> =
        files.iter().enumerate().map(|(index, file)| (key_of(&file.path), index)).collect();
    if !order.is_sorted() {
        order.sort_unstable();
    }
    if order.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return shared_names_differ(root, files, known, options);
    }
    if order.len() != known.len() || order.iter().zip(known.iter()).any(|(own, (path, _))| own.0 != path) {
        return Ok(true);
    }
    // What is kept of each file, in the order of the files.
    let mut kept = vec![""; files.len()];
    for (&(_, index), (_, hash)) in order.iter().zip(known.iter()) {
        kept[index] = hash;
    }
    let is_same = |index: usize, digest: Option<&Digest>| is_kept(kept[index], digest);
    let remembered = remembered(files, options);
    if (0..files.len()).any(|index| remembered[index].is_some_and(|digest| !is_same(index, Some(&digest)))) {
        return Ok(true);
    }
    let unknown: Vec<usize> = (0..files.len()).filter(|&index| remembered[index].is_none()).collect();
    options.observer.advanced(0, (files.len() - unknown.len()) as u64);
    let accepts = |place: usize, outcome: &Result<HashedFile>| match outcome {
        Ok(hashed) => is_same(unknown[place], Some(&hashed.digest)),
        Err(error) => error.code() != Code::FileNotFound && is_same(unknown[place], None),
    };
    let opened = Root::open(root);
    let place = |place: usize| Place::Below(&opened, &files[unknown[place]].path);
    let outcomes = hash_each(unknown.len(), place, options, accepts);
    let differs = |(place, outcome): (usize, &Option<Result<HashedFile>>)| {
        outcome.as_ref().is_some_and(|outcome| !accepts(place, outcome))
    };
    if outcomes.iter().enumerate().any(differs) {
        return Ok(true);
    }
    if outcomes.iter().any(Option::is_none) { Err(cancelled(root)) } else { Ok(false) }
}

/// As [`tree_differs`], where names that are not UTF-8 have become the same.
fn shared_names_differ(
    root: &Path,
    files: &[TreeFile<'_>],
    known: &KnownManifest<'_>,
    options: HashOptions<'_>,
) -> Result<bool> {
    let run = tree_manifest(root, files, options);
    if !run.is_complete {
        return Err(cancelled(root));
    }
    Ok(!ManifestChanges::between(known, &run.manifest).is_empty())
}

fn cancelled(root: &Path) -> Error {
    Error::new(Code::Cancelled, format!("compare the files of {} with a manifest", root.display()))
}

/// What the cache knows of files, in their order.
fn remembered(
    files: &[TreeFile<'_>],
    HashOptions { algorithm, cache, .. }: HashOptions<'_>,
) -> Vec<Option<Digest>> {
    match cache {
        Some(cache) => cache.get_all(algorithm, files.iter().map(|file| &file.stamp)),
        None => vec![None; files.len()],
    }
}

/// A path as it stands in a manifest.
fn key_of(path: &Path) -> Cow<'_, str> {
    let text = path.to_string_lossy();
    if cfg!(windows) { Cow::Owned(text.replace('\\', "/")) } else { text }
}

/// A manifest that a caller kept: paths and hashes, sorted by path, each path once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KnownManifest<'k> {
    entries: Vec<(&'k str, &'k str)>,
}

impl<'k> KnownManifest<'k> {
    /// Paths and hashes in their order; the hash of a file that could not be read is empty.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&'k str, &'k str)> {
        self.entries.iter().copied()
    }

    /// How many files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no file.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<'k> FromIterator<(&'k str, &'k str)> for KnownManifest<'k> {
    /// Takes entries in any order; of several with one path the last one counts.
    fn from_iter<I: IntoIterator<Item = (&'k str, &'k str)>>(entries: I) -> Self {
        let mut entries: Vec<_> = entries.into_iter().collect();
        if !entries.is_sorted_by(|one, other| one.0 < other.0) {
            entries.sort_by_key(|&(path, _)| path);
            entries.dedup_by(|next, kept| {
                let is_same = next.0 == kept.0;
                if is_same {
                    kept.1 = next.1;
                }
                is_same
            });
        }
        Self { entries }
    }
}

/// Whether a hash that was kept is that of a digest; `None` is a file that cannot be read.
fn is_kept(known: &str, digest: Option<&Digest>) -> bool {
    digest.map_or(known.is_empty(), |digest| digest.is_hex(known))
}

/// What differs between two manifests; each list is sorted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct ManifestChanges {
    /// Files that are only in the later one.
    pub added: Vec<String>,
    /// Files with another hash.
    pub changed: Vec<String>,
    /// Files that are only in the earlier one.
    pub removed: Vec<String>,
}

impl ManifestChanges {
    /// What a tree has changed since a manifest of it was kept.
    ///
    /// ```
    /// use han_hash::{KnownManifest, Manifest, ManifestChanges};
    ///
    /// let before: KnownManifest<'_> = [("a", "ba78")].into_iter().collect();
    /// let changes = ManifestChanges::between(&before, &Manifest::default());
    /// assert_eq!(changes.removed, ["a"]);
    /// ```
    #[must_use]
    pub fn between(before: &KnownManifest<'_>, after: &Manifest) -> ManifestChanges {
        Self::merge(before, after.iter(), is_kept)
    }

    /// What differs between two manifests that were kept.
    #[must_use]
    pub fn between_known(before: &KnownManifest<'_>, after: &KnownManifest<'_>) -> ManifestChanges {
        Self::merge(before, after.iter(), |known, hash| known == hash)
    }

    /// Goes through two manifests side by side.
    fn merge<'a, H>(
        before: &KnownManifest<'_>,
        after: impl Iterator<Item = (&'a str, H)>,
        is_same: impl Fn(&str, H) -> bool,
    ) -> ManifestChanges {
        let mut changes = ManifestChanges::default();
        let mut before = before.iter().peekable();
        for (path, hash) in after {
            while let Some((gone, _)) = before.next_if(|&(known, _)| known < path) {
                changes.removed.push(gone.to_owned());
            }
            match before.next_if(|&(known, _)| known == path) {
                None => changes.added.push(path.to_owned()),
                Some((_, known)) if !is_same(known, hash) => changes.changed.push(path.to_owned()),
                Some(_) => {}
            }
        }
        changes.removed.extend(before.map(|(gone, _)| gone.to_owned()));
        changes
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }
}
