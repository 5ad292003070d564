//! What differs between the last commit, the index and the work tree.

mod conflicts;
#[cfg(unix)]
mod content;
#[cfg(unix)]
mod folder;
#[cfg(unix)]
mod ignore;
#[cfg(unix)]
mod quick;
#[cfg(unix)]
mod settings;
mod slow;
#[cfg(unix)]
mod staged;
#[cfg(unix)]
mod wildmatch;
#[cfg(unix)]
mod work_tree;

use crate::{facts::branch_of, failure::Attempt, open::open, text};
use git2::{BranchType, Repository};
use han_base::Result;
use std::path::Path;

/// A file that differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct GitStatusEntry {
    /// The path, relative to the top of the repository. A folder of which git knows nothing ends in a slash.
    pub path: String,
    /// The two letters of `git status --porcelain`: index and work tree. `??` is unknown to git; `DD`, `AU`, `UD`, `UA`,
    /// `DU`, `AA` and `UU` are conflicts.
    pub status: String,
    /// The path before the file was renamed.
    pub old_path: Option<String>,
}

/// What differs between the last commit, the index and the work tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct GitStatus {
    /// The branch that is checked out; absent when a commit is (detached).
    pub branch: Option<String>,
    /// The branch that it follows, for instance `origin/main`.
    pub upstream: Option<String>,
    /// Commits that the upstream branch does not have; absent without one.
    pub ahead: Option<u32>,
    /// Commits that only the upstream branch has; absent without one.
    pub behind: Option<u32>,
    /// Files with changes in the index.
    pub staged: u32,
    /// Files with changes in the work tree that are not in the index.
    pub unstaged: u32,
    /// Files and folders that git does not know.
    pub untracked: u32,
    /// Files in conflict.
    pub conflicted: u32,
    /// All of these: by path, with those that git does not know at the end.
    pub entries: Vec<GitStatusEntry>,
}

/// What `git status` tells of the repository that a folder lies in; the whole of it, not only what lies below the folder.
/// Reads the work tree, and writes nothing: not even the index.
///
/// Codes: `GIT_NOT_A_REPOSITORY`, `GIT_UNSUPPORTED`, `GIT_FAILED` for a bare repository and for a damaged one.
pub fn status(folder: &Path) -> Result<GitStatus> {
    let repository = open(folder)?;
    let attempt = || format!("git status failed: {}", folder.display());
    let mut entries = entries(&repository).attempt(attempt)?;
    entries.sort_by(|left, right| {
        let key = |entry: &GitStatusEntry| entry.status == "??";
        (key(left), &left.path).cmp(&(key(right), &right.path))
    });
    let mut status = GitStatus { branch: branch_of(&repository), ..GitStatus::default() };
    follow(&repository, &mut status);
    for entry in &entries {
        match entry.status.as_str() {
            "??" => status.untracked += 1,
            letters if conflicts::is_conflict(letters) => status.conflicted += 1,
            letters => {
                status.staged += u32::from(!letters.starts_with(' '));
                status.unstaged += u32::from(!letters.ends_with(' '));
            }
        }
    }
    status.entries = entries;
    Ok(status)
}

#[cfg(unix)]
fn entries(repository: &Repository) -> std::result::Result<Vec<GitStatusEntry>, git2::Error> {
    match quick::entries(repository)? {
        Some(entries) => Ok(entries),
        None => slow::entries(repository),
    }
}

#[cfg(not(unix))]
fn entries(repository: &Repository) -> std::result::Result<Vec<GitStatusEntry>, git2::Error> {
    slow::entries(repository)
}

/// Notes the upstream branch and how far apart the two are, where there is one.
fn follow(repository: &Repository, status: &mut GitStatus) {
    let branch =
        status.branch.as_deref().and_then(|name| repository.find_branch(name, BranchType::Local).ok());
    let Some((branch, upstream)) =
        branch.and_then(|branch| branch.upstream().ok().map(|upstream| (branch, upstream)))
    else {
        return;
    };
    status.upstream = upstream.name_bytes().ok().map(text::text);
    if let (Some(ours), Some(theirs)) = (branch.get().target(), upstream.get().target())
        && let Ok((ahead, behind)) = repository.graph_ahead_behind(ours, theirs)
    {
        status.ahead = Some(ahead as u32);
        status.behind = Some(behind as u32);
    }
}
