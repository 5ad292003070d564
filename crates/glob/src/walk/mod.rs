//! Walking a tree: some threads, each with a pile of folders that it looks into, and hands half of it to one that has
//! none.
//!
//! A folder is opened relative to the one around it, so that neither the depth of a tree nor the length of its paths
//! matters, and a folder that is replaced by a link in the meantime is not left through it.

mod folder;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(not(target_os = "linux"), test))]
mod portable;
mod results;
mod share;
mod task;
#[cfg(test)]
mod tests;
mod worker;

use crate::{
    found::{Found, FoundFile, FoundFolders, Observer, WalkReport},
    ignored::{IgnoreRules, MAX_FILE_BYTES, Repository, Scope},
    options::{MatchOptions, WalkOptions},
    pattern::{Patterns, Scratch},
};
use folder::Folder;
use han_base::{Code, Error, Result};
use results::Results;
use share::Share;
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};
use task::Task;
use worker::Worker;

#[cfg(target_os = "linux")]
type Native = linux::Descriptor;
#[cfg(not(target_os = "linux"))]
type Native = portable::Named;

/// Folders that must wait before it is worth to start more threads.
const WORTH_MORE_THREADS: usize = 12;

/// Threads at most when the caller does not say.
const MAX_THREADS: usize = 8;

/// The regular files below a folder that match, by the bytes of their paths.
///
/// The root may be a link; it is looked into as what it leads to. Special files and, without `follow`, links are left
/// out.
///
/// Codes: `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `NOT_A_DIRECTORY`, `IO_FAILED` for the root, `INVALID_ARGUMENT` for one
/// that holds a NUL. What cannot be read below it is told in the report.
pub fn find_files(
    root: &Path,
    patterns: &Patterns,
    options: &WalkOptions,
    observer: &dyn Observer,
) -> Result<Found> {
    let (files, report) = run::<Native>(root, patterns, Goal::Files, options, observer, None)?;
    Ok(Found { files, report })
}

/// As [`find_files`], handing files over while the walk goes on: in any order, from several threads at once.
pub fn stream_files(
    root: &Path,
    patterns: &Patterns,
    options: &WalkOptions,
    observer: &dyn Observer,
    sink: &(dyn Fn(Vec<FoundFile>) + Sync),
) -> Result<WalkReport> {
    Ok(run::<Native>(root, patterns, Goal::Files, options, observer, Some(sink))?.1)
}

/// The folders that directly hold a file or folder which matches a marker, by the bytes of their paths, the root
/// included. Folders that match a marker themselves are not looked into.
///
/// Codes: as of [`find_files`]; `INVALID_PATTERN`.
pub fn find_folders_with<P: AsRef<str>>(
    root: &Path,
    markers: &[P],
    match_options: &MatchOptions,
    options: &WalkOptions,
    observer: &dyn Observer,
) -> Result<FoundFolders> {
    let markers = Patterns::compile_anywhere(markers, match_options)?;
    let (folders, report) = run::<Native>(root, &markers, Goal::FoldersWith, options, observer, None)?;
    Ok(FoundFolders { folders: folders.into_iter().map(|folder| folder.path).collect(), report })
}

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Goal {
    Files,
    /// Folders in which something matches; those that match themselves are not entered.
    FoldersWith,
}

/// Takes what was found while the walk goes on.
type Sink<'s> = &'s (dyn Fn(Vec<FoundFile>) + Sync);

/// What all threads know.
struct Walk<'w, F> {
    root: F,
    /// The absolute path of the root, with `/` at its end.
    root_path: Vec<u8>,
    patterns: &'w Patterns,
    goal: Goal,
    options: &'w WalkOptions,
    obeys_ignore_files: bool,
    observer: &'w dyn Observer,
    sink: Option<Sink<'w>>,
    handed_over: AtomicUsize,
    share: Share<Task<F>>,
    open_count: Arc<AtomicUsize>,
    is_cancelled: AtomicBool,
}

fn run<F: Folder>(
    root: &Path,
    patterns: &Patterns,
    goal: Goal,
    options: &WalkOptions,
    observer: &dyn Observer,
    sink: Option<Sink<'_>>,
) -> Result<(Vec<FoundFile>, WalkReport)> {
    if root.as_os_str().as_encoded_bytes().contains(&0) {
        let attempt = format!("look into {}: no path holds a NUL", root.display());
        return Err(Error::new(Code::InvalidArgument, attempt));
    }
    let opened = |error| Error::io("look into", root, error);
    let path = root.canonicalize().map_err(opened)?;
    let threads = options
        .threads
        .unwrap_or_else(|| thread::available_parallelism().map_or(1, |count| count.get().min(MAX_THREADS)));
    let ignore = &options.ignore;
    let walk = Walk::<F> {
        root: F::root(&path).map_err(opened)?,
        root_path: bytes_of(&path),
        patterns,
        goal,
        options,
        obeys_ignore_files: ignore.git_ignore || ignore.git_exclude || ignore.git_global || ignore.dot_ignore,
        observer,
        sink,
        handed_over: AtomicUsize::new(0),
        share: Share::new(threads.max(1)),
        open_count: Arc::default(),
        is_cancelled: AtomicBool::new(false),
    };
    let is_void = patterns.is_empty() || options.max_depth == Some(0) || options.limit == Some(0);
    if is_void {
        return Ok(Results::default().finish());
    }
    Ok(walk.run(&path, threads))
}

impl<F: Folder> Walk<'_, F> {
    fn run(&self, path: &Path, threads: usize) -> (Vec<FoundFile>, WalkReport) {
        let mut worker = Worker::new(self);
        let scope = Arc::new(self.scope_around(path, &mut worker.results));
        let position = self.patterns.root(&mut Scratch::default());
        worker.tasks.push(Task { around: None, path: Box::default(), position, scope, depth: 0, line: None });
        if threads > 1 {
            worker.work_until(WORTH_MORE_THREADS);
        }
        if threads <= 1 {
            worker.work_until(usize::MAX);
        } else if !worker.tasks.is_empty() {
            self.work_together(&mut worker, threads);
        }
        worker.end();
        let (found, mut report) = worker.results.finish();
        report.is_cancelled = self.is_cancelled.load(Ordering::Relaxed);
        (found, report)
    }

    fn work_together(&self, worker: &mut Worker<'_, F>, threads: usize) {
        thread::scope(|scope| {
            let work = || {
                let _over = EndOnPanic(&self.share);
                let mut worker = Worker::new(self);
                worker.work();
                worker.end();
                worker.results
            };
            let helpers: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            {
                let _over = EndOnPanic(&self.share);
                worker.work();
            }
            worker.end();
            for helper in helpers {
                match helper.join() {
                    Ok(results) => worker.results.merge(results),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
    }

    /// The rules of the folders above the root.
    fn scope_around(&self, path: &Path, results: &mut Results) -> Scope {
        let mut scope = Scope::default();
        if !self.obeys_ignore_files {
            return scope;
        }
        let options = &self.options.ignore;
        let mut above: Vec<&Path> = path.ancestors().skip(1).collect();
        above.reverse();
        for folder in above {
            let mut errors = Vec::new();
            let dot_git = folder.join(".git");
            let wants_git = options.git_ignore || options.git_exclude || options.git_global;
            let repository =
                (wants_git && dot_git.exists()).then(|| Repository::read(&dot_git, options, &mut errors));
            let of = repository.as_ref().or_else(|| scope.repository());
            let is_in_repository = of.is_some();
            let case_insensitive =
                options.case_insensitive.or(of.map(|of| of.case_insensitive)).unwrap_or(false);
            let mut rules = |is_wanted: bool, name: &str| {
                let text = (is_wanted && options.parents).then(|| content::<F>(folder, name, &mut errors));
                let rules = IgnoreRules::parse(&text??, case_insensitive);
                (!rules.is_empty()).then_some(rules)
            };
            let git_ignore = rules(options.git_ignore && is_in_repository, ".gitignore");
            let dot_ignore = rules(options.dot_ignore, ".ignore");
            for (path, error) in errors {
                results.failed_at(&path, error);
            }
            if repository.is_some() || git_ignore.is_some() || dot_ignore.is_some() {
                let outer = Some(Arc::new(scope));
                scope = Scope { outer, base: bytes_of(folder).len(), dot_ignore, git_ignore, repository };
            }
        }
        scope
    }
}

fn content<F: Folder>(
    folder: &Path,
    name: &str,
    errors: &mut Vec<(PathBuf, std::io::Error)>,
) -> Option<Vec<u8>> {
    let text = F::root(folder).and_then(|folder| folder.content(name.as_bytes(), MAX_FILE_BYTES));
    // A folder above that may not be opened has no rules for us.
    text.unwrap_or_else(|error| {
        if error.kind() != std::io::ErrorKind::PermissionDenied {
            errors.push((folder.join(name), error));
        }
        None
    })
}

/// Ends the work of all when one thread panics, so that none waits for it.
struct EndOnPanic<'s, T>(&'s Share<T>);

impl<T> Drop for EndOnPanic<'_, T> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.end();
        }
    }
}

/// The bytes of an absolute path, with `/` between names and at the end.
fn bytes_of(path: &Path) -> Vec<u8> {
    let mut bytes = path.as_os_str().as_encoded_bytes().to_vec();
    if cfg!(windows) {
        bytes.iter_mut().filter(|byte| **byte == b'\\').for_each(|byte| *byte = b'/');
    }
    if !bytes.ends_with(b"/") {
        bytes.push(b'/');
    }
    bytes
}
