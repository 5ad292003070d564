//! Patterns for paths, and the files and folders of a tree that match.

mod paths;
pub mod streams;

use crate::{
    argument::count,
    error::{self, guard},
    progress::Reports,
    task::{self, Job, OnProgress},
};
use han_base::{Code, Error, Result};
use han_glob::{
    FoundFile, IgnoreOptions, MatchOptions, Observer, Patterns, Rules, Unwatched, WalkOptions, WalkReport,
    find_files, find_folders_with,
};
use napi::{
    Env,
    bindgen_prelude::{Buffer, PromiseRaw, ToNapiValue},
};
use napi_derive::napi;
pub use paths::Paths;
use std::{
    env, fs,
    path::{self, MAIN_SEPARATOR, Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
pub(crate) use streams::close_globs_of_this_thread;

// ---------------------------------------------------------------------------------------------------------------
// Options and answers
// ---------------------------------------------------------------------------------------------------------------

/// How far a walk is.
#[napi(object, object_from_js = false)]
pub struct GlobProgress {
    /// Folders looked into so far.
    pub folders: f64,
    /// Matches found so far.
    pub matches: f64,
    /// Milliseconds since the work began.
    pub elapsed_ms: f64,
}

/// How a walk is watched and ended. Everything is optional.
#[napi(object, object_to_js = false)]
pub struct GlobJobOptions<'env> {
    /// Called at most about 20 times a second; what it throws ends the work and rejects the promise.
    #[napi(ts_type = "(progress: GlobProgress) => void")]
    pub on_progress: Option<OnProgress<'env, GlobProgress>>,
    /// A number from `createJobId()`, for `cancelJob`.
    pub job_id: Option<f64>,
}

/// How patterns are read, and which files are looked at. Everything is optional.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct GlobOptions<'env> {
    /// `compatible` (the default): `*` and `?` cross folders, hidden entries are left out. `shell`: as shells and
    /// JavaScript tools have it; `*` stays in its folder, `**` crosses folders, `!pattern` takes away.
    #[napi(ts_type = "'compatible' | 'shell'")]
    pub rules: Option<String>,
    /// Entries whose name begins with a dot are like all others. Default false.
    pub dot: Option<bool>,
    /// Upper and lower case are the same. Default false.
    pub case_insensitive: Option<bool>,
    /// Symbolic links stand for what they lead to. Default false: they are left out.
    pub follow: Option<bool>,
    /// Levels below the root; 1: only what lies directly in it. Default: all.
    pub max_depth: Option<f64>,
    /// Files at most: the first ones in their order. Default: all.
    pub limit: Option<f64>,
    /// Absolute paths. Default false: relative to the root, with `/` between names.
    pub absolute: Option<bool>,
    /// `false`: no ignore file is obeyed, whatever the other switches say. Default true.
    pub ignore_files: Option<bool>,
    /// `.gitignore` files, in a repository. Default true.
    pub git_ignore: Option<bool>,
    /// `info/exclude` of the repository. Default true.
    pub git_exclude: Option<bool>,
    /// The user's ignore file for git. Default true.
    pub git_global: Option<bool>,
    /// `.ignore` files. Default true.
    pub dot_ignore: Option<bool>,
    /// Ignore files of the folders above the root. Default true.
    pub parent_ignore: Option<bool>,
    /// For `globFilesAsync`: called at most about 20 times a second; what it throws ends the work and rejects the promise.
    #[napi(ts_type = "(progress: GlobProgress) => void")]
    pub on_progress: Option<OnProgress<'env, GlobProgress>>,
    /// For `globFilesAsync`: a number from `createJobId()`, for `cancelJob`.
    pub job_id: Option<f64>,
}

/// Something that could not be looked into.
#[napi(object, object_from_js = false)]
pub struct GlobError {
    /// Relative to the root; empty for the root.
    pub path: String,
    /// One of the codes, such as `FILE_UNREADABLE`.
    pub code: String,
    /// What was attempted, and why it failed.
    pub message: String,
}

/// Files that match, and what was met on the way.
#[napi(object, object_from_js = false)]
pub struct GlobResult {
    /// The files, by the bytes of their paths.
    #[napi(ts_type = "Array<string>")]
    pub files: Paths,
    /// Folders that were looked into.
    pub folder_count: f64,
    /// What could not be looked into; the first 1000.
    pub errors: Vec<GlobError>,
    /// How many could not be looked into.
    pub error_count: f64,
    /// Paths that match but are not UTF-8, so that no string names them: relative to the root, as bytes. The first 1000.
    pub unnameable: Vec<Buffer>,
    /// How many match but are not UTF-8.
    pub unnameable_count: f64,
    /// Whether more match than the limit lets through.
    pub is_limited: bool,
    /// `partial` when the work was cancelled: the answer holds what was found until then.
    #[napi(ts_type = "'complete' | 'partial'")]
    pub status: String,
}

/// What an answer is made of once options are read.
struct Request {
    patterns: Patterns,
    walk: WalkOptions,
    absolute: bool,
}

impl GlobOptions<'_> {
    fn matching(&self) -> Result<MatchOptions> {
        let rules = match self.rules.as_deref() {
            None | Some("compatible") => Rules::Compatible,
            Some("shell") => Rules::Shell,
            Some(other) => {
                let attempt = format!("take rules = {other:?}: they are \"compatible\" or \"shell\"");
                return Err(Error::new(Code::InvalidArgument, attempt));
            }
        };
        Ok(MatchOptions {
            rules,
            case_insensitive: self.case_insensitive.unwrap_or_default(),
            dot: self.dot.unwrap_or_default(),
        })
    }

    fn request(&self, patterns: &[String]) -> Result<Request> {
        let ignore = if self.ignore_files == Some(false) {
            IgnoreOptions::none()
        } else {
            IgnoreOptions {
                git_ignore: self.git_ignore.unwrap_or(true),
                git_exclude: self.git_exclude.unwrap_or(true),
                git_global: self.git_global.unwrap_or(true),
                dot_ignore: self.dot_ignore.unwrap_or(true),
                parents: self.parent_ignore.unwrap_or(true),
                ..ignore_options()
            }
        };
        let walk = WalkOptions {
            ignore,
            follow: self.follow.unwrap_or_default(),
            max_depth: count("maxDepth", self.max_depth)?.map(|depth| depth as usize),
            limit: count("limit", self.limit)?.map(|limit| limit as usize),
            ..WalkOptions::default()
        };
        let patterns = Patterns::compile(patterns, &self.matching()?)?;
        Ok(Request { patterns, walk, absolute: self.absolute.unwrap_or_default() })
    }
}

/// All ignore files are obeyed, with the user's own, which the environment tells.
pub(crate) fn ignore_options() -> IgnoreOptions {
    let folder = |variable| env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = folder(if cfg!(windows) { "USERPROFILE" } else { "HOME" });
    let global_file = han_glob::global_ignore_file(home.as_deref(), folder("XDG_CONFIG_HOME").as_deref());
    IgnoreOptions { global_file, home, ..IgnoreOptions::default() }
}

// ---------------------------------------------------------------------------------------------------------------
// Functions that callers know
// ---------------------------------------------------------------------------------------------------------------

/// The files below a folder that match one of the patterns: absolute, without links, sorted.
///
/// Patterns match the path relative to the root; `*` and `?` cross folders, `**`, `{a,b}` and `[…]` are understood. Hidden
/// entries, links and what git ignores are left out. Empty when the root cannot be looked into, or without patterns.
/// `globFiles` has other rules and options. Code: `INVALID_PATTERN`.
#[napi(ts_return_type = "Array<string>")]
pub fn find_files_with_glob(
    root_dir: String,
    #[napi(ts_arg_type = "Array<string>")] patterns: Vec<String>,
) -> error::Result<Paths> {
    guard(|| known_files(&root_dir, &patterns, &Unwatched))
}

/// As `findFilesWithGlob`, without blocking. Code also: `CANCELLED`.
#[napi(strict, ts_return_type = "Promise<Array<string>>")]
pub fn find_files_with_glob_async<'env>(
    env: &'env Env,
    root_dir: String,
    patterns: Vec<String>,
    options: Option<GlobJobOptions<'_>>,
) -> error::Result<PromiseRaw<'env, Paths>> {
    job(env, options, move |observer| known_files(&root_dir, &patterns, observer))
}

/// The folders that directly hold a file or folder which matches a marker, such as `package.json` or `*.csproj`: absolute,
/// without links, sorted, the root among them. Folders that match a marker themselves are not looked into. What is left
/// out, and when the answer is empty: as for `findFilesWithGlob`. Code: `INVALID_PATTERN`.
#[napi(ts_return_type = "Array<string>")]
pub fn find_directories_with_markers(
    root_dir: String,
    #[napi(ts_arg_type = "Array<string>")] markers: Vec<String>,
) -> error::Result<Paths> {
    guard(|| known_folders(&root_dir, &markers, &Unwatched))
}

/// As `findDirectoriesWithMarkers`, without blocking. Code also: `CANCELLED`.
#[napi(strict, ts_return_type = "Promise<Array<string>>")]
pub fn find_directories_with_markers_async<'env>(
    env: &'env Env,
    root_dir: String,
    markers: Vec<String>,
    options: Option<GlobJobOptions<'_>>,
) -> error::Result<PromiseRaw<'env, Paths>> {
    job(env, options, move |observer| known_folders(&root_dir, &markers, observer))
}

fn known_files(root: &str, patterns: &[String], observer: &dyn Observer) -> Result<Paths> {
    let patterns = Patterns::compile(patterns, &MatchOptions::default())?;
    let walk = WalkOptions { ignore: ignore_options(), ..WalkOptions::default() };
    known(
        root,
        find_files(Path::new(root), &patterns, &walk, observer).map(|found| (found.files, found.report)),
    )
}

fn known_folders(root: &str, markers: &[String], observer: &dyn Observer) -> Result<Paths> {
    let walk = WalkOptions { ignore: ignore_options(), ..WalkOptions::default() };
    let found = find_folders_with(Path::new(root), markers, &MatchOptions::default(), &walk, observer);
    known(root, found.map(|found| (found.folders, found.report)))
}

/// The absolute paths of an answer. Callers know a root that cannot be looked into as one that holds nothing.
fn known<P: AsRef<str>>(root: &str, found: Result<(Vec<P>, WalkReport)>) -> Result<Paths> {
    let (paths, report) = match found {
        Ok(found) => found,
        Err(error) if matches!(error.code(), Code::InvalidPattern | Code::InvalidArgument) => {
            return Err(error);
        }
        Err(_) => return Ok(Paths::default()),
    };
    if report.is_cancelled {
        return Err(Error::new(Code::Cancelled, format!("look into {root}")));
    }
    let Some(head) = head_of(root) else { return Ok(Paths::default()) };
    let paths = paths.iter().map(AsRef::as_ref);
    Ok(Paths::behind(&head, paths, MAIN_SEPARATOR))
}

/// What goes before a path that is relative to the root, so that it is absolute; `None` when the root is gone.
pub(crate) fn head_of(root: &str) -> Option<String> {
    let real = fs::canonicalize(root).ok()?;
    // A string may lead through a link to a folder that no string names: then the way through the link does.
    let real = if real.to_str().is_some() { real } else { path::absolute(root).ok()? };
    let mut head = real.to_string_lossy().into_owned();
    if let Some(plain) = head.strip_prefix(r"\\?\").filter(|plain| plain.get(1..2) == Some(":")) {
        head = plain.to_owned();
    }
    if !head.ends_with(MAIN_SEPARATOR) {
        head.push(MAIN_SEPARATOR);
    }
    Some(head)
}

// ---------------------------------------------------------------------------------------------------------------
// With options
// ---------------------------------------------------------------------------------------------------------------

/// The files below a folder that match, with all that can be chosen, and what was met on the way.
///
/// Without patterns nothing matches. Codes: `INVALID_PATTERN` with the place; `INVALID_ARGUMENT`; `FILE_NOT_FOUND`,
/// `FILE_UNREADABLE`, `NOT_A_DIRECTORY`, `IO_FAILED` for the root. What cannot be read below it stands in `errors`.
///
/// @example
/// ```js
/// const { files } = globFiles('.', ['src/**/*.{ts,tsx}', '!**/*.test.ts'], { rules: 'shell' })
/// ```
#[napi]
pub fn glob_files(
    root_dir: String,
    #[napi(ts_arg_type = "Array<string>")] patterns: Vec<String>,
    options: Option<GlobOptions<'_>>,
) -> error::Result<GlobResult> {
    guard(|| options.unwrap_or_default().request(&patterns)?.find(&root_dir, &Unwatched))
}

/// As `globFiles`, without blocking, with progress, and to be cancelled.
#[napi(strict)]
pub fn glob_files_async<'env>(
    env: &'env Env,
    root_dir: String,
    patterns: Vec<String>,
    options: Option<GlobOptions<'_>>,
) -> error::Result<PromiseRaw<'env, GlobResult>> {
    let mut options = options.unwrap_or_default();
    let watched = GlobJobOptions { on_progress: options.on_progress.take(), job_id: options.job_id };
    // What is wrong is told by the promise.
    let request = error::catch(|| options.request(&patterns));
    job(env, Some(watched), move |observer| request?.find(&root_dir, observer))
}

/// Those of some paths that match, in their order. Paths are relative, with `/` between names; nothing is looked up.
/// Of the options only `rules`, `dot` and `caseInsensitive` matter. Code: `INVALID_PATTERN`.
#[napi(ts_return_type = "Array<string>")]
pub fn match_glob(
    #[napi(ts_arg_type = "Array<string>")] paths: Vec<String>,
    #[napi(ts_arg_type = "Array<string>")] patterns: Vec<String>,
    options: Option<GlobOptions<'_>>,
) -> error::Result<Vec<String>> {
    guard(|| {
        let patterns = Patterns::compile(&patterns, &options.unwrap_or_default().matching()?)?;
        Ok(paths.into_iter().filter(|path| patterns.is_match(path)).collect())
    })
}

/// As `matchGlob`, without blocking: worth it for tens of thousands of paths.
#[napi(ts_return_type = "Promise<Array<string>>")]
pub fn match_glob_async<'env>(
    env: &'env Env,
    paths: Vec<String>,
    patterns: Vec<String>,
    options: Option<GlobOptions<'_>>,
) -> error::Result<PromiseRaw<'env, Vec<String>>> {
    // What is wrong is told by the promise.
    let matching = error::catch(|| options.unwrap_or_default().matching());
    task::blocking(env, move || {
        let patterns = Patterns::compile(&patterns, &matching?)?;
        Ok(paths.into_iter().filter(|path| patterns.is_match(path)).collect())
    })
}

impl Request {
    fn head(&self, root: &str) -> Option<Arc<str>> {
        self.absolute.then(|| head_of(root)).flatten().map(Arc::from)
    }

    fn find(&self, root: &str, observer: &dyn Observer) -> Result<GlobResult> {
        let found = find_files(Path::new(root), &self.patterns, &self.walk, observer)?;
        let report = found.report;
        let errors = report.errors.into_iter().map(|failed| GlobError {
            path: failed.path,
            code: failed.error.code().as_str().to_owned(),
            message: failed.error.detail(),
        });
        Ok(GlobResult {
            files: paths_of(&found.files, self.head(root).as_deref()),
            folder_count: report.folder_count as f64,
            errors: errors.collect(),
            error_count: report.error_count as f64,
            unnameable: report.unnameable.into_iter().map(Buffer::from).collect(),
            unnameable_count: report.unnameable_count as f64,
            is_limited: report.is_limited,
            status: if report.is_cancelled { "partial" } else { "complete" }.to_owned(),
        })
    }
}

/// Paths as they are asked for: relative ones have `/` between names everywhere.
fn paths_of(files: &[FoundFile], head: Option<&str>) -> Paths {
    let separator = if head.is_some() { MAIN_SEPARATOR } else { '/' };
    Paths::behind(head.unwrap_or_default(), files.iter().map(|file| file.path.as_str()), separator)
}

// ---------------------------------------------------------------------------------------------------------------
// Jobs
// ---------------------------------------------------------------------------------------------------------------

fn job<'env, T: ToNapiValue + Send + 'static>(
    env: &'env Env,
    options: Option<GlobJobOptions<'_>>,
    work: impl FnOnce(&dyn Observer) -> Result<T> + Send + 'static,
) -> error::Result<PromiseRaw<'env, T>> {
    let (on_progress, job_id) = options.map_or((None, None), |options| (options.on_progress, options.job_id));
    task::job(env, job_id, on_progress, move |job| {
        let watch = Watch::new(job);
        let answer = work(&watch);
        watch.report();
        answer
    })
}

/// Adds up what several threads see.
struct Watch<'j> {
    reports: Reports<'j, GlobProgress>,
    folders: AtomicU64,
    matches: AtomicU64,
}

impl<'j> Watch<'j> {
    fn new(job: &'j Job<GlobProgress>) -> Self {
        Self { reports: Reports::new(job), folders: AtomicU64::new(0), matches: AtomicU64::new(0) }
    }

    fn report(&self) {
        self.reports.send(|elapsed_ms| self.progress(elapsed_ms));
    }

    fn progress(&self, elapsed_ms: f64) -> GlobProgress {
        GlobProgress {
            folders: self.folders.load(Ordering::Relaxed) as f64,
            matches: self.matches.load(Ordering::Relaxed) as f64,
            elapsed_ms,
        }
    }
}

impl Observer for Watch<'_> {
    fn advanced(&self, folders: u64, matches: u64) {
        self.folders.fetch_add(folders, Ordering::Relaxed);
        self.matches.fetch_add(matches, Ordering::Relaxed);
        self.reports.send_unless_busy(|elapsed_ms| self.progress(elapsed_ms));
    }

    fn is_cancelled(&self) -> bool {
        self.reports.is_cancelled()
    }
}
