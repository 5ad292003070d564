//! Git repositories: facts, files, history, work trees. Through libgit2: no program is run.

use crate::{
    argument::count,
    error::{self, guard},
    glob::Paths,
    page::{page_limit, pages},
    rows::{self, DiffStats, Rows},
    task,
};
use han_base::{Result, Timestamp};
use han_git::{
    BlameQuery, CommitQuery, DEFAULT_LOG_COUNT, GitBlameHunk, GitInfo, GitLogEntry, GitStatus, GitWorktree,
};
use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;
use std::path::{Path, PathBuf};

/// The branch that is checked out in the repository that a folder lies in, also one without commits; null when a commit
/// is checked out (detached), or there is no repository. Code: `GIT_UNSUPPORTED`.
#[napi]
pub fn get_git_branch(directory: String) -> error::Result<Option<String>> {
    guard(|| han_git::branch(Path::new(&directory)))
}

/// The top folder of the work tree that a folder lies in, absolute and without links; null for a bare repository, or none.
/// Code: `GIT_UNSUPPORTED`.
#[napi]
pub fn get_git_root(directory: String) -> error::Result<Option<String>> {
    guard(|| han_git::root(Path::new(&directory)).map(text))
}

/// The git folder that all work trees of the repository share, absolute: `…/.git` as a rule. Null without a repository.
/// Code: `GIT_UNSUPPORTED`.
#[napi]
pub fn get_git_common_dir(directory: String) -> error::Result<Option<String>> {
    guard(|| han_git::common_dir(Path::new(&directory)).map(text))
}

/// The URL that `origin` is fetched from, with the settings `url.*.insteadOf` applied; null when there is none.
/// Code: `GIT_UNSUPPORTED`.
#[napi]
pub fn get_git_remote_url(directory: String) -> error::Result<Option<String>> {
    guard(|| han_git::remote_url(Path::new(&directory)))
}

/// Branch, remote and name of the repository that a folder lies in; without fields when there is none.
/// Code: `GIT_UNSUPPORTED`.
#[napi]
pub fn get_git_info(directory: String) -> error::Result<GitInfo> {
    guard(|| han_git::info(Path::new(&directory)))
}

/// As `getGitInfo`, without blocking.
#[napi]
pub fn get_git_info_async(env: &Env, directory: String) -> error::Result<PromiseRaw<'_, GitInfo>> {
    task::blocking(env, move || han_git::info(Path::new(&directory)))
}

/// The files of the index below a folder, relative to it, sorted: what `git ls-files` prints there. For the whole
/// repository, name its `getGitRoot`. Empty for a bare repository. Bytes of names that are not UTF-8 become U+FFFD.
/// Codes: `GIT_NOT_A_REPOSITORY`, `GIT_UNSUPPORTED`, `GIT_FAILED`.
#[napi(ts_return_type = "Array<string>")]
pub fn git_ls_files(directory: String) -> error::Result<Paths> {
    guard(|| han_git::joined_files(Path::new(&directory)).map(Paths::from))
}

/// As `gitLsFiles`, without blocking.
#[napi(ts_return_type = "Promise<Array<string>>")]
pub fn git_ls_files_async(env: &Env, directory: String) -> error::Result<PromiseRaw<'_, Paths>> {
    task::blocking(env, move || han_git::joined_files(Path::new(&directory)).map(Paths::from))
}

/// All work trees of the repository, from wherever in it: the main one first, the others by path.
/// Codes: `GIT_NOT_A_REPOSITORY`, `GIT_UNSUPPORTED`, `GIT_FAILED`.
#[napi]
pub fn git_worktree_list(directory: String) -> error::Result<Vec<GitWorktree>> {
    guard(|| han_git::worktrees(Path::new(&directory)))
}

/// As `gitWorktreeList`, without blocking.
#[napi]
pub fn git_worktree_list_async(
    env: &Env,
    directory: String,
) -> error::Result<PromiseRaw<'_, Vec<GitWorktree>>> {
    task::blocking(env, move || han_git::worktrees(Path::new(&directory)))
}

/// The last commits from HEAD on, newest first, following first parents; 100 when `maxCount` is not given. The history of
/// a shallow clone ends where it was cut. Codes: `GIT_NOT_FOUND` without commits, `GIT_NOT_A_REPOSITORY`,
/// `GIT_UNSUPPORTED`, `GIT_FAILED`, `INVALID_ARGUMENT`.
#[napi]
pub fn git_log(directory: String, max_count: Option<f64>) -> error::Result<Vec<GitLogEntry>> {
    guard(|| log(&directory, max_count))
}

/// As `gitLog`, without blocking.
#[napi]
pub fn git_log_async(
    env: &Env,
    directory: String,
    max_count: Option<f64>,
) -> error::Result<PromiseRaw<'_, Vec<GitLogEntry>>> {
    task::blocking(env, move || log(&directory, max_count))
}

fn log(directory: &str, max_count: Option<f64>) -> Result<Vec<GitLogEntry>> {
    let max_count = count("maxCount", max_count)?.map_or(DEFAULT_LOG_COUNT, |count| count as usize);
    han_git::log(Path::new(directory), max_count)
}

pages! {
    GitCommitPage of GitLogEntry, "Commits, newest first by the time they were committed.";
}

/// Which commits of a history. Everything is optional.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct GitCommitsOptions {
    /// Nothing that this revision leads to: `from` and `to` are those of `git log from..to`.
    pub from: Option<String>,
    /// Only what this revision leads to; HEAD when not given.
    pub to: Option<String>,
    /// Only what was committed at this moment or later: RFC 3339. The search ends where the history is older.
    pub since: Option<String>,
    /// Only what was committed before this moment: RFC 3339.
    pub until: Option<String>,
    /// 1 to 1000; default 100.
    pub limit: Option<f64>,
    /// `nextCursor` of the page before, with the other options the same.
    pub cursor: Option<String>,
}

/// Which commits of a file or folder. Everything is optional.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct GitLogPathOptions {
    /// Whether the search goes on under the old path where the file was renamed; false when not given.
    pub follow: Option<bool>,
    /// Nothing that this revision leads to.
    pub from: Option<String>,
    /// Only what this revision leads to; HEAD when not given.
    pub to: Option<String>,
    /// Only what was committed at this moment or later: RFC 3339. The search ends where the history is older.
    pub since: Option<String>,
    /// Only what was committed before this moment: RFC 3339.
    pub until: Option<String>,
    /// 1 to 1000; default 100.
    pub limit: Option<f64>,
    /// `nextCursor` of the page before, with the other options the same.
    pub cursor: Option<String>,
}

/// The commits between two moments, or of a range of revisions, a page at a time: all of them, also what was merged, as
/// `git log --since --until from..to` lists them. Codes: `GIT_NOT_FOUND` without commits, for an unknown revision, and for
/// a cursor whose commits are gone; `INVALID_TIMESTAMP`, `INVALID_CURSOR`, `INVALID_ARGUMENT`, `GIT_NOT_A_REPOSITORY`,
/// `GIT_UNSUPPORTED`, `GIT_FAILED`.
#[napi]
pub fn git_commits_between(
    directory: String,
    options: Option<GitCommitsOptions>,
) -> error::Result<GitCommitPage> {
    guard(|| commits(&directory, None, options.unwrap_or_default().into()))
}

/// As `gitCommitsBetween`, without blocking.
#[napi]
pub fn git_commits_between_async(
    env: &Env,
    directory: String,
    options: Option<GitCommitsOptions>,
) -> error::Result<PromiseRaw<'_, GitCommitPage>> {
    task::blocking(env, move || commits(&directory, None, options.unwrap_or_default().into()))
}

/// The commits that changed a file or folder, a page at a time, as `git log -- <path>` lists them. The path is relative to
/// the top of the repository. Codes: as of `gitCommitsBetween`; `INVALID_ARGUMENT` also for a path that leads out of the
/// repository.
#[napi]
pub fn git_log_path(
    directory: String,
    file_path: String,
    options: Option<GitLogPathOptions>,
) -> error::Result<GitCommitPage> {
    guard(|| commits(&directory, Some(file_path), options.unwrap_or_default()))
}

/// As `gitLogPath`, without blocking.
#[napi]
pub fn git_log_path_async(
    env: &Env,
    directory: String,
    file_path: String,
    options: Option<GitLogPathOptions>,
) -> error::Result<PromiseRaw<'_, GitCommitPage>> {
    task::blocking(env, move || commits(&directory, Some(file_path), options.unwrap_or_default()))
}

impl From<GitCommitsOptions> for GitLogPathOptions {
    fn from(options: GitCommitsOptions) -> Self {
        let GitCommitsOptions { from, to, since, until, limit, cursor } = options;
        Self { follow: None, from, to, since, until, limit, cursor }
    }
}

fn commits(directory: &str, path: Option<String>, options: GitLogPathOptions) -> Result<GitCommitPage> {
    let moment =
        |name, text: Option<String>| text.map(|text| Timestamp::parse_argument(name, &text)).transpose();
    let query = CommitQuery {
        from: options.from,
        to: options.to,
        since: moment("since", options.since)?,
        until: moment("until", options.until)?,
        path,
        follow: options.follow.unwrap_or(false),
    };
    let limit = page_limit(options.limit)?;
    han_git::commits(Path::new(directory), &query, options.cursor.as_deref(), limit).map(GitCommitPage::from)
}

/// Which lines of which revision. Everything is optional.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct GitBlameOptions {
    /// The first line, from 1; 1 when not given.
    pub start_line: Option<f64>,
    /// The last line; the last of the file when not given, or when the file ends before.
    pub end_line: Option<f64>,
    /// The revision of the file; HEAD when not given.
    pub revision: Option<String>,
}

/// Which commits the lines of a file come from, in the order of the lines: what `git blame <revision> -- <path>` tells.
/// Renamed files are followed; what is in the work tree only is not looked at. The path is relative to the top of the
/// repository. Codes: `GIT_NOT_FOUND` without commits, for an unknown revision or path, a folder or a submodule;
/// `INVALID_ARGUMENT` for lines that the file does not have; `GIT_NOT_A_REPOSITORY`, `GIT_UNSUPPORTED`, `GIT_FAILED`.
#[napi]
pub fn git_blame(
    directory: String,
    file_path: String,
    options: Option<GitBlameOptions>,
) -> error::Result<Vec<GitBlameHunk>> {
    guard(|| blame(&directory, &file_path, options.unwrap_or_default()))
}

/// As `gitBlame`, without blocking.
#[napi]
pub fn git_blame_async(
    env: &Env,
    directory: String,
    file_path: String,
    options: Option<GitBlameOptions>,
) -> error::Result<PromiseRaw<'_, Vec<GitBlameHunk>>> {
    task::blocking(env, move || blame(&directory, &file_path, options.unwrap_or_default()))
}

fn blame(directory: &str, path: &str, options: GitBlameOptions) -> Result<Vec<GitBlameHunk>> {
    let query = BlameQuery {
        start_line: count("startLine", options.start_line)?,
        end_line: count("endLine", options.end_line)?,
        revision: options.revision,
    };
    han_git::blame(Path::new(directory), path, &query)
}

/// The text of a file as it was in a revision: anything that git takes for one commit or tree. The path is relative to the
/// top of the repository. Codes: `GIT_NOT_FOUND` for an unknown revision or path, a folder or a submodule; `GIT_NOT_TEXT`
/// for what is not UTF-8; `GIT_NOT_A_REPOSITORY`, `GIT_UNSUPPORTED`, `GIT_FAILED`.
#[napi]
pub fn git_show_file(directory: String, commit: String, file_path: String) -> error::Result<String> {
    guard(|| han_git::show_file(Path::new(&directory), &commit, &file_path))
}

/// As `gitShowFile`, without blocking.
#[napi]
pub fn git_show_file_async(
    env: &Env,
    directory: String,
    commit: String,
    file_path: String,
) -> error::Result<PromiseRaw<'_, String>> {
    task::blocking(env, move || han_git::show_file(Path::new(&directory), &commit, &file_path))
}

/// What `toCommit` has changed against `fromCommit`, sorted by path, with renamed files found: what
/// `git diff --numstat -M` tells. Codes: `GIT_NOT_FOUND` for an unknown revision, `GIT_NOT_A_REPOSITORY`,
/// `GIT_UNSUPPORTED`, `GIT_FAILED`.
#[napi(ts_return_type = "Array<GitDiffStat>")]
pub fn git_diff_stat(
    directory: String,
    from_commit: String,
    to_commit: String,
) -> error::Result<Rows<DiffStats>> {
    guard(|| diff_stat(&directory, &from_commit, &to_commit))
}

/// As `gitDiffStat`, without blocking.
#[napi(ts_return_type = "Promise<Array<GitDiffStat>>")]
pub fn git_diff_stat_async(
    env: &Env,
    directory: String,
    from_commit: String,
    to_commit: String,
) -> error::Result<PromiseRaw<'_, Rows<DiffStats>>> {
    rows::pending(env, move || diff_stat(&directory, &from_commit, &to_commit))
}

fn diff_stat(directory: &str, from: &str, to: &str) -> Result<Rows<DiffStats>> {
    han_git::diff_stat(Path::new(directory), from, to).map(Rows::of)
}

/// What the files that git knows have changed in the work tree against a revision, sorted by path: what
/// `git diff --numstat -M <revision>` tells. Codes: as of `gitDiffStat`.
#[napi(ts_return_type = "Array<GitDiffStat>")]
pub fn git_changed_files(directory: String, from_commit: String) -> error::Result<Rows<DiffStats>> {
    guard(|| han_git::changed_files(Path::new(&directory), &from_commit).map(Rows::of))
}

/// As `gitChangedFiles`, without blocking.
#[napi(ts_return_type = "Promise<Array<GitDiffStat>>")]
pub fn git_changed_files_async(
    env: &Env,
    directory: String,
    from_commit: String,
) -> error::Result<PromiseRaw<'_, Rows<DiffStats>>> {
    rows::pending(env, move || han_git::changed_files(Path::new(&directory), &from_commit).map(Rows::of))
}

/// What differs between the last commit, the index and the work tree of the whole repository, with counts: what
/// `git status --porcelain` tells. Codes: `GIT_NOT_A_REPOSITORY`, `GIT_UNSUPPORTED`, `GIT_FAILED` (also for a bare
/// repository).
#[napi]
pub fn git_status(directory: String) -> error::Result<GitStatus> {
    guard(|| han_git::status(Path::new(&directory)))
}

/// As `gitStatus`, without blocking.
#[napi]
pub fn git_status_async(env: &Env, directory: String) -> error::Result<PromiseRaw<'_, GitStatus>> {
    task::blocking(env, move || han_git::status(Path::new(&directory)))
}

/// The hash of the best common ancestor of two revisions; null when they have none. Codes: as of `gitDiffStat`.
#[napi]
pub fn git_merge_base(
    directory: String,
    one_commit: String,
    other_commit: String,
) -> error::Result<Option<String>> {
    guard(|| han_git::merge_base(Path::new(&directory), &one_commit, &other_commit))
}

/// As `gitMergeBase`, without blocking.
#[napi(ts_return_type = "Promise<string | null>")]
pub fn git_merge_base_async(
    env: &Env,
    directory: String,
    one_commit: String,
    other_commit: String,
) -> error::Result<PromiseRaw<'_, Option<String>>> {
    task::blocking(env, move || han_git::merge_base(Path::new(&directory), &one_commit, &other_commit))
}

/// Makes a branch at the commit that is checked out; what is checked out stays. Codes: `INVALID_ARGUMENT` for what is no
/// name of a branch, one that begins with a dash among them; `GIT_CONFLICT` when it exists; `GIT_NOT_FOUND` without
/// commits; `GIT_NOT_A_REPOSITORY`, `GIT_UNSUPPORTED`, `GIT_FAILED`.
#[napi]
pub fn git_create_branch(directory: String, branch_name: String) -> error::Result<()> {
    guard(|| han_git::create_branch(Path::new(&directory), &branch_name))
}

/// As `gitCreateBranch`, without blocking.
#[napi]
pub fn git_create_branch_async(
    env: &Env,
    directory: String,
    branch_name: String,
) -> error::Result<PromiseRaw<'_, ()>> {
    task::blocking(env, move || han_git::create_branch(Path::new(&directory), &branch_name))
}

/// Makes a linked work tree at a path (relative to the folder) with an existing branch checked out, or one that a single
/// remote has. No hooks or filters run. Codes: `GIT_NOT_FOUND` for a branch that is not there; `GIT_CONFLICT` when it is
/// checked out elsewhere or something is at the path; `INVALID_ARGUMENT`, `GIT_NOT_A_REPOSITORY`, `GIT_UNSUPPORTED`,
/// `GIT_FAILED`, `FILE_UNWRITABLE`, `IO_FAILED`.
#[napi]
pub fn git_worktree_add(directory: String, worktree_path: String, branch: String) -> error::Result<()> {
    guard(|| han_git::add_worktree(Path::new(&directory), &worktree_path, &branch))
}

/// As `gitWorktreeAdd`, without blocking.
#[napi]
pub fn git_worktree_add_async(
    env: &Env,
    directory: String,
    worktree_path: String,
    branch: String,
) -> error::Result<PromiseRaw<'_, ()>> {
    task::blocking(env, move || han_git::add_worktree(Path::new(&directory), &worktree_path, &branch))
}

/// Removes the linked work tree at a path (relative to the folder), with all that is in it; its branch stays. Codes:
/// `GIT_NOT_FOUND` when none is there; `GIT_CONFLICT` for the main one, a locked one, and without `force` one with
/// changes, unknown files or submodules; `GIT_NOT_A_REPOSITORY`, `GIT_UNSUPPORTED`, `GIT_FAILED`, `IO_FAILED`.
#[napi]
pub fn git_worktree_remove(
    directory: String,
    worktree_path: String,
    force: Option<bool>,
) -> error::Result<()> {
    guard(|| han_git::remove_worktree(Path::new(&directory), &worktree_path, force.unwrap_or(false)))
}

/// As `gitWorktreeRemove`, without blocking.
#[napi]
pub fn git_worktree_remove_async(
    env: &Env,
    directory: String,
    worktree_path: String,
    force: Option<bool>,
) -> error::Result<PromiseRaw<'_, ()>> {
    task::blocking(env, move || {
        han_git::remove_worktree(Path::new(&directory), &worktree_path, force.unwrap_or(false))
    })
}

fn text(path: Option<PathBuf>) -> Option<String> {
    path.map(|path| path.to_string_lossy().into_owned())
}
