//! What differs between the last commit, the index and the work tree.

use crate::{facts::branch_of, failure::Attempt, open::open, text};
use git2::{BranchType, Repository, Status, StatusEntry, StatusOptions};
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
    let mut options = StatusOptions::new();
    options.include_untracked(true).renames_head_to_index(true).update_index(false);
    let index = repository.index().attempt(attempt)?;
    let statuses = repository.statuses(Some(&mut options)).attempt(attempt)?;
    let mut status = GitStatus { branch: branch_of(&repository), ..GitStatus::default() };
    follow(&repository, &mut status);
    for entry in statuses.iter() {
        let letters = letters_of(&index, &entry);
        let is_staged = entry.status().intersects(STAGED);
        match letters {
            ['?', '?'] => status.untracked += 1,
            _ if entry.status().is_conflicted() => status.conflicted += 1,
            [_, work_tree] => {
                status.staged += u32::from(is_staged);
                status.unstaged += u32::from(work_tree != ' ');
            }
        }
        let renamed = entry.head_to_index().filter(|_| entry.status().is_index_renamed());
        let new_path = renamed.as_ref().and_then(|delta| delta.new_file().path_bytes());
        let old_path = renamed.as_ref().and_then(|delta| delta.old_file().path_bytes());
        status.entries.push(GitStatusEntry {
            path: text::text(new_path.unwrap_or_else(|| entry.path_bytes())),
            status: letters.iter().collect(),
            old_path: old_path.map(text::text),
        });
    }
    status.entries.sort_by(|left, right| {
        let key = |entry: &GitStatusEntry| (entry.status == "??", entry.path.clone());
        key(left).cmp(&key(right))
    });
    Ok(status)
}

const STAGED: Status = Status::INDEX_NEW
    .union(Status::INDEX_MODIFIED)
    .union(Status::INDEX_DELETED)
    .union(Status::INDEX_RENAMED)
    .union(Status::INDEX_TYPECHANGE);

fn letters_of(index: &git2::Index, entry: &StatusEntry<'_>) -> [char; 2] {
    let status = entry.status();
    if status.is_conflicted() {
        return conflict_of(index, entry.path_bytes());
    }
    if status.is_wt_new() && !status.intersects(STAGED) {
        return ['?', '?'];
    }
    let letter = |letters: [(Status, char); 5]| {
        letters.iter().find(|(flag, _)| status.contains(*flag)).map_or(' ', |(_, letter)| *letter)
    };
    [
        letter([
            (Status::INDEX_RENAMED, 'R'),
            (Status::INDEX_NEW, 'A'),
            (Status::INDEX_MODIFIED, 'M'),
            (Status::INDEX_DELETED, 'D'),
            (Status::INDEX_TYPECHANGE, 'T'),
        ]),
        letter([
            (Status::WT_RENAMED, 'R'),
            (Status::WT_NEW, 'A'),
            (Status::WT_MODIFIED, 'M'),
            (Status::WT_DELETED, 'D'),
            (Status::WT_TYPECHANGE, 'T'),
        ]),
    ]
}

/// Who has a file in conflict: the common ancestor, we, they.
fn conflict_of(index: &git2::Index, path: &[u8]) -> [char; 2] {
    let path = text::path_of(path);
    let has = |stage| index.get_path(&path, stage).is_some();
    match (has(1), has(2), has(3)) {
        (true, false, false) => ['D', 'D'],
        (false, true, false) => ['A', 'U'],
        (true, true, false) => ['U', 'D'],
        (false, false, true) => ['U', 'A'],
        (true, false, true) => ['D', 'U'],
        (false, true, true) => ['A', 'A'],
        _ => ['U', 'U'],
    }
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
