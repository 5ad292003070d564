//! Commits of a time, of a range of revisions, or of a path: the whole history, not only first parents.

use crate::{
    failure::Attempt,
    files,
    history::{GitLogEntry, entry_of, head_commit},
    open::open,
    text,
};
use git2::{Commit, DiffFindOptions, Oid, Repository, Sort, Tree};
use han_base::{Code, Error, Page, Result, TextCursor, Timestamp};
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashSet},
    path::{Component, Path, PathBuf},
    rc::Rc,
};

/// Which commits. Everything is optional.
#[derive(Clone, Debug, Default)]
pub struct CommitQuery {
    /// Only what this revision leads to; HEAD when not given.
    pub to: Option<String>,
    /// Nothing that this revision leads to.
    pub from: Option<String>,
    /// Only what was committed at this moment or later. The search ends where the history is older.
    pub since: Option<Timestamp>,
    /// Only what was committed before this moment.
    pub until: Option<Timestamp>,
    /// Only what changed this file or folder, relative to the top of the repository.
    pub path: Option<String>,
    /// Whether the search goes on under the old path where the file was renamed.
    pub follow: bool,
}

/// The kind of these pages in their cursors.
const CURSOR: char = 'g';

/// A page of the commits that fit, newest first by the time they were committed.
///
/// - Without a path: what `git log --since --until <from>..<to>` lists, merges among them.
/// - With one: what `git log -- <path>` lists. Of a merge that took the path from one side unchanged only that side is
///   looked at, and the merge is not listed.
/// - `cursor` is that of the page before; the list stays the one that its first page was of.
///
/// Codes: `GIT_NOT_A_REPOSITORY`, `GIT_UNSUPPORTED`; `GIT_NOT_FOUND` without commits, for an unknown revision, and for a
/// cursor whose commits are gone; `INVALID_ARGUMENT` for a path that leads out of the repository; `INVALID_CURSOR`,
/// `GIT_FAILED`.
///
/// ```no_run
/// use han_git::CommitQuery;
///
/// let query = CommitQuery { path: Some("src/main.rs".to_owned()), follow: true, ..CommitQuery::default() };
/// for commit in han_git::commits("/home/me/project".as_ref(), &query, None, 100)?.items {
///     println!("{} {}", commit.short_hash, commit.message);
/// }
/// # Ok::<(), han_base::Error>(())
/// ```
pub fn commits(
    folder: &Path,
    query: &CommitQuery,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<GitLogEntry>> {
    let repository = open(folder)?;
    let attempt = || format!("git log failed: {}", folder.display());
    let position = cursor.map(|cursor| Position::decode(cursor, attempt)).transpose()?;
    let newest = match (&position, &query.to) {
        (Some(position), _) => position.newest,
        (None, None) => head_commit(&repository, attempt)?.id(),
        (None, Some(to)) => commit_of(&repository, to, attempt)?,
    };
    let mut walk = Walk::new(&repository, query, newest, attempt)?;
    if let Some(Position { last, .. }) = position {
        while walk.next().attempt(attempt)?.ok_or_else(|| gone(last, attempt))?.id() != last {}
    }
    let mut items: Vec<GitLogEntry> = Vec::new();
    while let Some(commit) = walk.next().attempt(attempt)? {
        if items.len() == limit {
            let last = items.last().map(|entry| entry.hash.clone()).unwrap_or_default();
            let cursor = TextCursor { kind: CURSOR, text: format!("{newest}.{last}"), row: 0 };
            return Ok(Page { items, next_cursor: Some(cursor.encode()) });
        }
        items.push(entry_of(&commit));
    }
    Ok(Page { items, next_cursor: None })
}

fn commit_of(repository: &Repository, revision: &str, attempt: impl Fn() -> String + Copy) -> Result<Oid> {
    let commit = files::find(repository, revision, attempt)?.peel_to_commit().attempt(attempt)?;
    Ok(commit.id())
}

fn gone(commit: Oid, attempt: impl Fn() -> String) -> Error {
    Error::new(Code::GitNotFound, attempt())
        .because(format!("commit {commit} of the cursor is not in the list"))
}

/// Where a page ends.
struct Position {
    /// The commit that the list began at.
    newest: Oid,
    /// The last one of the page.
    last: Oid,
}

impl Position {
    fn decode(cursor: &str, attempt: impl Fn() -> String) -> Result<Self> {
        let text = TextCursor::decode(CURSOR, cursor)?.text;
        let commits = text.split_once('.').and_then(|(newest, last)| {
            Some(Self { newest: Oid::from_str(newest).ok()?, last: Oid::from_str(last).ok()? })
        });
        commits.ok_or_else(|| Error::new(Code::InvalidCursor, attempt()).because("it names no two commits"))
    }
}

/// The path as libgit2 takes it. Code: `INVALID_ARGUMENT` when it does not go down from the top of the repository.
pub(crate) fn inner_path(path: &str) -> Result<PathBuf> {
    let is_inside = |part| matches!(part, Component::Normal(_));
    let trimmed = Path::new(path.trim_end_matches('/'));
    if trimmed.as_os_str().is_empty() || !trimmed.components().all(is_inside) {
        let attempt = format!("take path = {path:?}: it goes down from the top of the repository");
        return Err(Error::new(Code::InvalidArgument, attempt));
    }
    Ok(trimmed.to_owned())
}

/// Goes through history, newest commit first.
struct Walk<'r> {
    repository: &'r Repository,
    since: Option<i64>,
    until: Option<i64>,
    follow: bool,
    /// Of a range of revisions: the commit before it, and its commits.
    range: Option<(Oid, HashSet<Oid>)>,
    waiting: BinaryHeap<Waiting>,
    seen: HashSet<Oid>,
}

/// A commit that is still to be looked at: the newest first, those of the same second in the order they were found.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Waiting {
    seconds: i64,
    order: Reverse<usize>,
    id: Oid,
    path: Option<Rc<PathBuf>>,
}

impl<'r> Walk<'r> {
    fn new(
        repository: &'r Repository,
        query: &CommitQuery,
        newest: Oid,
        attempt: impl Fn() -> String + Copy,
    ) -> Result<Self> {
        let path = query.path.as_deref().map(inner_path).transpose()?.map(Rc::new);
        let range = match &query.from {
            None => None,
            Some(from) => {
                let from = commit_of(repository, from, attempt)?;
                Some((from, range_of(repository, from, newest).attempt(attempt)?))
            }
        };
        let millis = |time: Timestamp| time.as_millis();
        let mut walk = Self {
            repository,
            since: query.since.map(millis),
            until: query.until.map(millis),
            follow: query.follow,
            range,
            waiting: BinaryHeap::new(),
            seen: HashSet::new(),
        };
        if walk.is_in_range(newest) {
            walk.wait_for(&repository.find_commit(newest).attempt(attempt)?, path);
        }
        Ok(walk)
    }

    fn is_in_range(&self, id: Oid) -> bool {
        self.range.as_ref().is_none_or(|(_, range)| range.contains(&id))
    }

    /// Whether a parent decides about its child: those of the range do, and the one that the range begins behind.
    fn counts(&self, id: Oid) -> bool {
        self.is_in_range(id) || self.range.as_ref().is_some_and(|(from, _)| *from == id)
    }

    fn wait_for(&mut self, commit: &Commit<'_>, path: Option<Rc<PathBuf>>) {
        if self.is_in_range(commit.id()) && self.seen.insert(commit.id()) {
            let (seconds, order) = (commit.time().seconds(), Reverse(self.seen.len()));
            self.waiting.push(Waiting { seconds, order, id: commit.id(), path });
        }
    }

    fn next(&mut self) -> Result<Option<Commit<'r>>, git2::Error> {
        while let Some(Waiting { seconds, id, path, .. }) = self.waiting.pop() {
            let millis = seconds.saturating_mul(1000);
            if self.since.is_some_and(|since| millis < since) {
                continue;
            }
            let commit = self.repository.find_commit(id)?;
            let fits = self.enter(&commit, path)?;
            if fits && self.until.is_none_or(|until| millis < until) {
                return Ok(Some(commit));
            }
        }
        Ok(None)
    }

    /// Lets the parents wait that history goes on with, and says whether the commit itself is of the path.
    fn enter(&mut self, commit: &Commit<'r>, path: Option<Rc<PathBuf>>) -> Result<bool, git2::Error> {
        let parents = parents_of(self.repository, commit)?;
        let Some(path) = path else {
            for parent in &parents {
                self.wait_for(parent, None);
            }
            return Ok(true);
        };
        let tree = commit.tree()?;
        let own = entry_at(&tree, &path)?;
        let mut changes_that_count = Vec::new();
        let mut is_changed = parents.is_empty() && own.is_some();
        for parent in &parents {
            let is_same = entry_at(&parent.tree()?, &path)? == own;
            let counts = self.counts(parent.id());
            if is_same && counts {
                self.wait_for(parent, Some(path));
                return Ok(false);
            }
            is_changed |= !is_same;
            if counts {
                changes_that_count.push(!is_same);
            }
        }
        for parent in &parents {
            let path = self.path_in(parent, &tree, &path)?;
            self.wait_for(parent, Some(path));
        }
        // Other parents decide only where there is none that counts.
        Ok(if changes_that_count.is_empty() { is_changed } else { changes_that_count.contains(&true) })
    }

    /// What the path was called in a parent.
    fn path_in(
        &self,
        parent: &Commit<'_>,
        tree: &Tree<'_>,
        path: &Rc<PathBuf>,
    ) -> Result<Rc<PathBuf>, git2::Error> {
        if self.follow
            && let Some(old) = old_path(self.repository, &parent.tree()?, tree, path)?
        {
            return Ok(Rc::new(old));
        }
        Ok(Rc::clone(path))
    }
}

/// What one revision leads to and another does not.
fn range_of(repository: &Repository, from: Oid, to: Oid) -> Result<HashSet<Oid>, git2::Error> {
    let mut walk = repository.revwalk()?;
    walk.set_sorting(Sort::NONE)?;
    walk.push(to)?;
    walk.hide(from)?;
    walk.collect()
}

/// The parents of a commit; those that a shallow clone was cut from are none.
pub(crate) fn parents_of<'r>(
    repository: &Repository,
    commit: &Commit<'r>,
) -> Result<Vec<Commit<'r>>, git2::Error> {
    let is_shallow = repository.is_shallow();
    let parents = (0..commit.parent_count()).map(|at| commit.parent(at));
    parents.filter(|parent| !(is_shallow && parent.is_err())).collect()
}

/// What a tree holds at a path: object and mode.
pub(crate) fn entry_at(tree: &Tree<'_>, path: &Path) -> Result<Option<(Oid, i32)>, git2::Error> {
    match tree.get_path(path) {
        Ok(entry) => Ok(Some((entry.id(), entry.filemode_raw()))),
        Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Under which path `before` holds the file that `after` has at `path`, where that is another one: it was renamed.
pub(crate) fn old_path(
    repository: &Repository,
    before: &Tree<'_>,
    after: &Tree<'_>,
    path: &Path,
) -> Result<Option<PathBuf>, git2::Error> {
    if entry_at(after, path)?.is_none() || entry_at(before, path)?.is_some() {
        return Ok(None);
    }
    let mut diff = repository.diff_tree_to_tree(Some(before), Some(after), None)?;
    diff.find_similar(Some(DiffFindOptions::new().renames(true).rename_limit(crate::diff::RENAME_LIMIT)))?;
    let renamed = diff
        .deltas()
        .filter(|delta| delta.status() == git2::Delta::Renamed)
        .find(|delta| delta.new_file().path_bytes() == Some(&*text::bytes_of(path)));
    Ok(renamed.and_then(|delta| delta.old_file().path_bytes().map(text::path_of)))
}
