//! Manifests of trees: one walk, and only what changed is read.

use super::{
    cache::cache,
    progress::{self, HashJobOptions, Unwatched, Watch},
    values::{DigestRecord, FileList, KnownRecord},
};
use crate::{
    error::{self, guard},
    glob, task,
};
use han_base::{Code, Error, Result};
use han_glob::{FoundFile, MatchOptions, Patterns, WalkOptions, WalkReport, find_files};
use han_hash::{
    HashOptions, KnownManifest, ManifestChanges, ManifestRun, TreeFile, files_manifest, tree_differs,
    tree_manifest,
};
use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;
use std::{
    borrow::Cow,
    fs,
    path::{Path, PathBuf},
};

/// The SHA-256 of files, by their paths relative to the root, which have forward slashes on every platform and are sorted.
///
/// Files that do not exist or lie outside of the root are left out; one that is reached through a symbolic link stands under
/// what the link names. One that cannot be read has the empty text. A root that does not exist has no files. Files that did
/// not change since this process hashed them are not read.
#[napi(ts_return_type = "Record<string, string>")]
pub fn build_manifest(files: Vec<String>, root_dir: String) -> error::Result<DigestRecord> {
    guard(|| manifest_of(&files, &root_dir, &Unwatched))
}

/// As `buildManifest`, without blocking, with progress, and to be cancelled, which rejects with `CANCELLED`.
#[napi(strict, ts_return_type = "Promise<Record<string, string>>")]
pub fn build_manifest_async<'env>(
    env: &'env Env,
    files: Vec<String>,
    root_dir: String,
    options: Option<HashJobOptions<'_>>,
) -> error::Result<PromiseRaw<'env, DigestRecord>> {
    progress::job(env, options, move |watch| manifest_of(&files, &root_dir, watch))
}

fn manifest_of(files: &[String], root_dir: &str, watch: &dyn Watch) -> Result<DigestRecord> {
    watch.expect(files.len());
    let run = match fs::canonicalize(root_dir) {
        Ok(root) => files_manifest(&root, files, hashing(watch)),
        Err(_) => ManifestRun { is_complete: true, ..ManifestRun::default() },
    };
    if run.is_complete { Ok((&run.manifest).into()) } else { Err(cancelled(root_dir)) }
}

fn cancelled(root_dir: &str) -> Error {
    Error::new(Code::Cancelled, format!("make the manifest of {root_dir}"))
}

fn hashing(watch: &dyn Watch) -> HashOptions<'_> {
    HashOptions { cache: Some(cache()), observer: watch.hashing(), ..HashOptions::default() }
}

/// Whether the files below the root that match a pattern are others than those of a manifest, or have other content. True
/// for an empty manifest, and for a root that does not exist. Walks once, and reads only what may have changed, up to the
/// first difference. Code: `INVALID_PATTERN`.
#[napi]
pub fn has_changes(
    root_dir: String,
    patterns: Vec<String>,
    #[napi(ts_arg_type = "Record<string, string>")] cached_manifest: KnownRecord,
) -> error::Result<bool> {
    guard(|| differs(&root_dir, &patterns, &cached_manifest.parse(), &Unwatched))
}

/// As `hasChanges`, without blocking, with progress, and to be cancelled, which rejects with `CANCELLED`.
#[napi(strict)]
pub fn has_changes_async<'env>(
    env: &'env Env,
    root_dir: String,
    patterns: Vec<String>,
    #[napi(ts_arg_type = "Record<string, string>")] cached_manifest: KnownRecord,
    options: Option<HashJobOptions<'_>>,
) -> error::Result<PromiseRaw<'env, bool>> {
    progress::job(env, options, move |watch| differs(&root_dir, &patterns, &cached_manifest.parse(), watch))
}

fn differs(
    root_dir: &str,
    patterns: &[String],
    known: &KnownManifest<'_>,
    watch: &dyn Watch,
) -> Result<bool> {
    let patterns = compile(patterns)?;
    if known.is_empty() {
        return Ok(true);
    }
    match walk(root_dir, &patterns, watch) {
        Ok(tree) if tree.report.is_cancelled => Err(cancelled(root_dir)),
        Ok(tree) => tree_differs(&tree.root, &tree.files(), known, hashing(watch)),
        Err(_) => Ok(true),
    }
}

/// The files of a tree, and whether they are others than those of a manifest.
#[napi(object, object_from_js = false)]
pub struct CheckResult {
    /// Whether the files or their content differ from the manifest; true without one, and for an empty one.
    pub has_changes: bool,
    /// The SHA-256 of each file, by its path relative to the root; the empty text where it cannot be read.
    #[napi(ts_type = "Record<string, string>")]
    pub manifest: DigestRecord,
    /// The same files with absolute paths, in the same order.
    #[napi(ts_type = "Array<string>")]
    pub files: FileList,
}

/// Makes the manifest of the files below the root that match a pattern, and compares it with the one that the caller kept.
/// A root that does not exist has no files and counts as changed. Walks once, and reads only what may have changed.
/// Code: `INVALID_PATTERN`.
#[napi]
pub fn check_and_build_manifest(
    root_dir: String,
    patterns: Vec<String>,
    #[napi(ts_arg_type = "Record<string, string> | undefined | null")] cached_manifest: Option<KnownRecord>,
) -> error::Result<CheckResult> {
    guard(|| check_and_build(&root_dir, &patterns, cached_manifest, &Unwatched))
}

/// As `checkAndBuildManifest`, without blocking, with progress, and to be cancelled, which rejects with `CANCELLED`;
/// `checkManifestAsync` keeps what was finished.
#[napi(strict)]
pub fn check_and_build_manifest_async<'env>(
    env: &'env Env,
    root_dir: String,
    patterns: Vec<String>,
    #[napi(ts_arg_type = "Record<string, string> | undefined | null")] cached_manifest: Option<KnownRecord>,
    options: Option<HashJobOptions<'_>>,
) -> error::Result<PromiseRaw<'env, CheckResult>> {
    progress::job(env, options, move |watch| check_and_build(&root_dir, &patterns, cached_manifest, watch))
}

fn check_and_build(
    root_dir: &str,
    patterns: &[String],
    cached_manifest: Option<KnownRecord>,
    watch: &dyn Watch,
) -> Result<CheckResult> {
    let patterns = compile(patterns)?;
    let Ok(tree) = walk(root_dir, &patterns, watch) else {
        let manifest = ManifestRun::default().manifest;
        return Ok(CheckResult { has_changes: true, manifest: (&manifest).into(), files: FileList::empty() });
    };
    let run = tree.hash(watch);
    if !run.is_complete {
        return Err(cancelled(root_dir));
    }
    let known = cached_manifest.as_ref().map(KnownRecord::parse).unwrap_or_default();
    let has_changes = known.is_empty() || !ManifestChanges::between(&known, &run.manifest).is_empty();
    let folder = glob::head_of(root_dir).unwrap_or_else(|| tree.root.to_string_lossy().into_owned());
    let files = FileList::new(folder, &run.manifest);
    Ok(CheckResult { has_changes, manifest: (&run.manifest).into(), files })
}

/// What a tree has changed since a manifest of it was kept.
#[napi(object, object_from_js = false)]
pub struct ManifestReport {
    /// Files that the kept manifest does not have, sorted.
    pub added: Vec<String>,
    /// Files with other content, sorted.
    pub changed: Vec<String>,
    /// Files that are gone, sorted.
    pub removed: Vec<String>,
    /// The manifest of the tree as it is.
    #[napi(ts_type = "Record<string, string>")]
    pub manifest: DigestRecord,
    /// Messages about files and folders that could not be read, and names that are not UTF-8, the first thousand of each.
    pub failures: Vec<String>,
    /// Files in the manifest.
    pub file_count: f64,
    /// Files that were read; the others did not change since they were remembered.
    pub files_read: f64,
    /// Bytes of them.
    pub bytes_read: f64,
    /// `partial` when the work was cancelled: the manifest then has only what was finished, and nothing counts as removed.
    #[napi(ts_type = "'complete' | 'partial'")]
    pub status: String,
}

/// Makes the manifest of the files below the root that match a pattern, and tells what differs from the one that the caller
/// kept: all files are added where there is none. Codes: `INVALID_PATTERN`, `FILE_NOT_FOUND`, `FILE_UNREADABLE`,
/// `NOT_A_DIRECTORY`.
///
/// @example
/// ```js
/// const { added, changed, removed, manifest } = checkManifest('.', ['src/**'], kept)
/// ```
#[napi]
pub fn check_manifest(
    root_dir: String,
    patterns: Vec<String>,
    #[napi(ts_arg_type = "Record<string, string> | undefined | null")] cached_manifest: Option<KnownRecord>,
) -> error::Result<ManifestReport> {
    guard(|| report(&root_dir, &patterns, cached_manifest, &Unwatched))
}

/// As `checkManifest`, without blocking, with progress, and to be cancelled: what was finished is given.
#[napi(strict)]
pub fn check_manifest_async<'env>(
    env: &'env Env,
    root_dir: String,
    patterns: Vec<String>,
    #[napi(ts_arg_type = "Record<string, string> | undefined | null")] cached_manifest: Option<KnownRecord>,
    options: Option<HashJobOptions<'_>>,
) -> error::Result<PromiseRaw<'env, ManifestReport>> {
    progress::job(env, options, move |watch| report(&root_dir, &patterns, cached_manifest, watch))
}

fn report(
    root_dir: &str,
    patterns: &[String],
    cached_manifest: Option<KnownRecord>,
    watch: &dyn Watch,
) -> Result<ManifestReport> {
    let tree = walk(root_dir, &compile(patterns)?, watch)?;
    let run = tree.hash(watch);
    let known = cached_manifest.as_ref().map(KnownRecord::parse).unwrap_or_default();
    let ManifestChanges { added, changed, mut removed } = ManifestChanges::between(&known, &run.manifest);
    if !run.is_complete {
        removed.clear();
    }
    Ok(ManifestReport {
        added,
        changed,
        removed,
        manifest: (&run.manifest).into(),
        failures: tree.failures().chain(run.failures.iter().map(Error::to_string)).collect(),
        file_count: run.manifest.len() as f64,
        files_read: run.files_read as f64,
        bytes_read: run.bytes_read as f64,
        status: if run.is_complete { "complete" } else { "partial" }.to_owned(),
    })
}

/// What differs between two manifests that were kept; each list is sorted.
#[napi]
pub fn compare_manifests(
    #[napi(ts_arg_type = "Record<string, string>")] before: KnownRecord,
    #[napi(ts_arg_type = "Record<string, string>")] after: KnownRecord,
) -> error::Result<ManifestChanges> {
    guard(|| Ok(ManifestChanges::between_known(&before.parse(), &after.parse())))
}

/// As `compareManifests`, without blocking but for a copy of both: worth it from ten thousand files on.
#[napi]
pub fn compare_manifests_async(
    env: &Env,
    #[napi(ts_arg_type = "Record<string, string>")] before: KnownRecord,
    #[napi(ts_arg_type = "Record<string, string>")] after: KnownRecord,
) -> error::Result<PromiseRaw<'_, ManifestChanges>> {
    task::blocking(env, move || Ok(ManifestChanges::between_known(&before.parse(), &after.parse())))
}

/// Code: `INVALID_PATTERN`.
fn compile(patterns: &[String]) -> Result<Patterns> {
    Patterns::compile(patterns, &MatchOptions::default())
}

/// The files of a tree that match, each with its stamp.
struct Tree {
    root: PathBuf,
    files: Vec<FoundFile>,
    report: WalkReport,
}

/// Codes: `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `NOT_A_DIRECTORY`.
fn walk(root_dir: &str, patterns: &Patterns, watch: &dyn Watch) -> Result<Tree> {
    let root = fs::canonicalize(root_dir).map_err(|error| Error::io("walk", root_dir, error))?;
    let options = WalkOptions { ignore: glob::ignore_options(), stamps: true, ..WalkOptions::default() };
    let found = find_files(&root, patterns, &options, watch.walking())?;
    watch.expect(found.files.len());
    Ok(Tree { root, files: found.files, report: found.report })
}

impl Tree {
    fn files<'t>(&'t self) -> Vec<TreeFile<'t>> {
        let file = |found: &'t FoundFile| TreeFile {
            path: Cow::Borrowed(Path::new(&found.path)),
            stamp: found.stamp.unwrap_or_default(),
        };
        self.files.iter().map(file).collect()
    }

    fn hash(&self, watch: &dyn Watch) -> ManifestRun {
        let mut run = tree_manifest(&self.root, &self.files(), hashing(watch));
        run.is_complete &= !self.report.is_cancelled;
        run
    }

    /// What of the tree could not be walked.
    fn failures(&self) -> impl Iterator<Item = String> {
        let names = self.report.unnameable.iter().map(|name| {
            let name = String::from_utf8_lossy(name);
            Error::new(Code::InvalidArgument, format!("name {name} in a manifest: it is not UTF-8"))
                .to_string()
        });
        self.report.errors.iter().map(|failed| failed.error.to_string()).chain(names)
    }
}
