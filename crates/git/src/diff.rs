//! What changed between two revisions.

mod changes;
mod counts;

use crate::{failure::Attempt, files::find, open::open, text};
use counts::{Counts, numbers};
use git2::{
    Delta, Diff, DiffDelta, DiffFile, DiffFindOptions, DiffOptions, FileMode, Oid, Patch, Repository, Tree,
};
use han_base::Result;
use std::{collections::HashMap, path::Path};

/// A file that differs between two revisions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct GitDiffStat {
    /// The path, relative to the top of the repository; of a renamed file the new one.
    pub path: String,
    /// Lines that were added; 0 for a binary file.
    pub additions: u32,
    /// Lines that were deleted; 0 for a binary file.
    pub deletions: u32,
    /// `added`, `deleted`, `modified` (content or rights), `renamed` (with or without changes), or `typechanged` (a file
    /// became a link or a submodule, or the reverse).
    pub change_type: String,
    /// The path before it was renamed.
    pub old_path: Option<String>,
    /// Given, and true, for a binary file.
    pub is_binary: Option<bool>,
}

/// Above this many added and deleted files only those of equal content are taken for renamed, as git does.
pub(crate) const RENAME_LIMIT: usize = 1000;

/// What `to` has changed against `from`, sorted by path: what `git diff --numstat -M` tells of these two. Both are
/// anything that git takes for one commit or tree.
///
/// Codes: `GIT_NOT_A_REPOSITORY`, `GIT_UNSUPPORTED`, `GIT_NOT_FOUND` for an unknown revision, `GIT_FAILED`.
pub fn diff_stat(folder: &Path, from: &str, to: &str) -> Result<Vec<GitDiffStat>> {
    let repository = open(folder)?;
    let attempt = || format!("git diff failed: {from} {to}");
    let (before, after) = (tree(&repository, from, attempt)?, tree(&repository, to, attempt)?);
    let mut changes = changes::between(repository.path(), before.id(), after.id()).attempt(attempt)?;
    let has_attributes = counts::may_have_attributes(&repository, changes.paths());
    let mut stats = Vec::new();
    if has_attributes {
        // Only libgit2 knows what they mean.
        changes.others.extend(std::mem::take(&mut changes.modified).into_iter().map(|file| file.path));
    } else {
        let pairs: Vec<(Oid, Oid)> = changes.modified.iter().map(|file| (file.old, file.new)).collect();
        let counted = counts::of_pairs(repository.path(), &pairs).attempt(attempt)?;
        stats.extend(changes.modified.iter().zip(counted).map(
            |(file, (additions, deletions, is_binary))| GitDiffStat {
                path: text::text(&file.path),
                additions,
                deletions,
                change_type: "modified".to_owned(),
                old_path: None,
                is_binary: is_binary.then_some(true),
            },
        ));
    }
    if !changes.others.is_empty() {
        let mut options = options();
        options.disable_pathspec_match(true);
        // libgit2 walks folders that are the same; naming those that are not spares it that.
        for path in changes.others {
            options.pathspec(path);
        }
        let diff =
            repository.diff_tree_to_tree(Some(&before), Some(&after), Some(&mut options)).attempt(attempt)?;
        let counting = if has_attributes { Counting::WithAttributes } else { Counting::OfContent };
        stats.extend(stats_of(&repository, diff, counting, attempt)?);
    }
    stats.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(stats)
}

/// What the files that git knows have changed in the work tree against a revision, sorted by path: what
/// `git diff --numstat -M <revision>` tells. Files that git does not know are not among them: see [`status`](crate::status()).
///
/// Codes: as of [`diff_stat`].
pub fn changed_files(folder: &Path, from: &str) -> Result<Vec<GitDiffStat>> {
    let repository = open(folder)?;
    let attempt = || format!("git diff failed: {from}");
    let before = tree(&repository, from, attempt)?;
    let diff =
        repository.diff_tree_to_workdir_with_index(Some(&before), Some(&mut options())).attempt(attempt)?;
    stats_of(&repository, diff, Counting::WithAttributes, attempt)
}

/// How lines are counted.
#[derive(Clone, Copy)]
enum Counting {
    /// By several threads; both sides are objects.
    OfContent,
    /// By libgit2, as attributes say.
    WithAttributes,
}

fn options() -> DiffOptions {
    let mut options = DiffOptions::new();
    options.include_typechange(true);
    options
}

fn stats_of(
    repository: &Repository,
    mut diff: Diff<'_>,
    counting: Counting,
    attempt: impl Fn() -> String + Copy,
) -> Result<Vec<GitDiffStat>> {
    let mut renames = DiffFindOptions::new();
    renames.renames(true).rename_limit(RENAME_LIMIT);
    diff.find_similar(Some(&mut renames)).attempt(attempt)?;
    let counted = match counting {
        Counting::OfContent => counts::of_deltas(repository, &diff).attempt(attempt)?,
        Counting::WithAttributes => HashMap::new(),
    };
    let mut stats = Vec::new();
    for at in 0..diff.deltas().len() {
        let Some(delta) = diff.get_delta(at) else { continue };
        let change_type = match delta.status() {
            Delta::Added | Delta::Copied => "added",
            Delta::Deleted => "deleted",
            Delta::Renamed => "renamed",
            Delta::Typechange => "typechanged",
            Delta::Modified => "modified",
            _ => continue,
        };
        let (old, new) = (delta.old_file().path_bytes(), delta.new_file().path_bytes());
        let (additions, deletions, is_binary) = match delta.status() {
            Delta::Typechange => counts_of_typechange(repository, &delta),
            _ => counted.get(&at).map_or_else(|| count(repository, &diff, at), |counts| Ok(*counts)),
        }
        .attempt(attempt)?;
        stats.push(GitDiffStat {
            path: text::text(new.or(old).unwrap_or_default()),
            additions,
            deletions,
            change_type: change_type.to_owned(),
            old_path: (delta.status() == Delta::Renamed).then(|| text::text(old.unwrap_or_default())),
            is_binary: is_binary.then_some(true),
        });
    }
    Ok(stats)
}

fn count(repository: &Repository, diff: &Diff<'_>, at: usize) -> Result<Counts, git2::Error> {
    // Nothing to compare: a binary file.
    let Some(patch) = Patch::from_diff(diff, at)? else { return Ok((0, 0, true)) };
    let delta = patch.delta();
    // libgit2 does not look into what only moved, or got other rights; git tells that it is binary.
    if !delta.flags().is_binary()
        && !delta.flags().is_not_binary()
        && delta.new_file().mode() != FileMode::Commit
    {
        return Ok((0, 0, counts::is_binary(&content(repository, &delta.new_file())?)));
    }
    numbers(&patch)
}

/// The lines of a file that became something else; libgit2 compares no content there.
fn counts_of_typechange(repository: &Repository, delta: &DiffDelta<'_>) -> Result<Counts, git2::Error> {
    let (old, new) = (content(repository, &delta.old_file())?, content(repository, &delta.new_file())?);
    numbers(&Patch::from_buffers(&old, None, &new, None, None)?)
}

/// What git compares of one side: the content of a file, the target of a link, or the commit of a submodule.
fn content(repository: &Repository, file: &DiffFile<'_>) -> Result<Vec<u8>, git2::Error> {
    if file.mode() == FileMode::Commit {
        return Ok(format!("Subproject commit {}\n", file.id()).into_bytes());
    }
    match repository.find_blob(file.id()) {
        Ok(blob) => Ok(blob.content().to_vec()),
        // The new side may be in the work tree only.
        Err(error) => Ok(in_work_tree(repository, file).ok_or(error)?),
    }
}

/// What the work tree holds: a link's target, or a file of any size that somebody means to commit.
fn in_work_tree(repository: &Repository, file: &DiffFile<'_>) -> Option<Vec<u8>> {
    let path = repository.workdir()?.join(file.path()?);
    if file.mode() == FileMode::Link {
        return Some(text::bytes_of(&std::fs::read_link(path).ok()?).into_owned());
    }
    crate::small_file::read(&path, u64::MAX)
}

fn tree<'r>(
    repository: &'r Repository,
    revision: &str,
    attempt: impl Fn() -> String + Copy,
) -> Result<Tree<'r>> {
    find(repository, revision, attempt)?.peel_to_tree().attempt(attempt)
}
