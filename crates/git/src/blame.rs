//! Which commit each line of a file comes from.

use crate::{
    commits::{entry_at, inner_path, old_path, parents_of},
    failure::Attempt,
    files,
    history::{GitLogEntry, entry_of, head_commit},
    open::open,
    text,
};
use git2::{Blob, Commit, DiffOptions, Oid, Patch, Repository};
use han_base::{Code, Error, Result};
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    path::{Path, PathBuf},
    rc::Rc,
};

/// Lines of a file that stand together and come from the same commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct GitBlameHunk {
    /// The number of the first line, from 1.
    pub start_line: u32,
    /// How many lines.
    pub line_count: u32,
    /// The commit that brought the lines.
    pub commit: GitLogEntry,
    /// The path of the file in that commit.
    pub original_path: String,
    /// The number that the first line had there, from 1.
    pub original_start_line: u32,
}

/// Which lines, of which revision. Everything is optional.
#[derive(Clone, Debug, Default)]
pub struct BlameQuery {
    /// The first line, from 1; 1 when not given.
    pub start_line: Option<u32>,
    /// The last line; the last of the file when not given, or when the file ends before.
    pub end_line: Option<u32>,
    /// The revision of the file; HEAD when not given.
    pub revision: Option<String>,
}

/// Which commits the lines of a file come from, in the order of the lines: what `git blame <revision> -- <path>` tells.
/// Renamed files are followed. What is in the work tree only is not looked at.
///
/// `path` is relative to the top of the repository.
///
/// Codes: `GIT_NOT_A_REPOSITORY`, `GIT_UNSUPPORTED`; `GIT_NOT_FOUND` without commits, for an unknown revision or path, a
/// folder or a submodule; `INVALID_ARGUMENT` for lines that the file does not have; `GIT_FAILED`.
///
/// ```no_run
/// use han_git::BlameQuery;
///
/// let query = BlameQuery { start_line: Some(10), end_line: Some(20), ..BlameQuery::default() };
/// for hunk in han_git::blame("/home/me/project".as_ref(), "src/main.rs", &query)? {
///     println!("{} {}", hunk.start_line, hunk.commit.short_hash);
/// }
/// # Ok::<(), han_base::Error>(())
/// ```
pub fn blame(folder: &Path, path: &str, query: &BlameQuery) -> Result<Vec<GitBlameHunk>> {
    let repository = open(folder)?;
    let attempt = || format!("git blame failed: {path}");
    let commit = match &query.revision {
        None => head_commit(&repository, attempt)?,
        Some(revision) => files::find(&repository, revision, attempt)?.peel_to_commit().attempt(attempt)?,
    };
    let path = Rc::new(inner_path(path)?);
    let Some(blob) = blob_at(&repository, &commit, &path).attempt(attempt)? else {
        let why = format!("commit {} has no such file", commit.id());
        return Err(Error::new(Code::GitNotFound, attempt()).because(why));
    };
    let lines = lines_of(query, text::count_lines(blob.content()), attempt)?;
    let mut search = Search { repository: &repository, waiting: BinaryHeap::new(), lines: HashMap::new() };
    if let Some(lines) = lines {
        search.suspect(&commit, &path, vec![lines]);
    }
    let found = search.run().attempt(attempt)?;
    hunks_of(&repository, found).attempt(attempt)
}

/// The lines that are asked for; `None` when that is all of an empty file.
fn lines_of(query: &BlameQuery, count: u32, attempt: impl Fn() -> String) -> Result<Option<Lines>> {
    let refused = |why: String| Err(Error::new(Code::InvalidArgument, attempt()).because(why));
    let start = query.start_line.unwrap_or(1);
    let end = query.end_line.unwrap_or(u32::MAX);
    if start == 0 || end < start {
        return refused(format!("lines {start} to {end} are no range: the first line is 1"));
    }
    if start > count {
        return match query.start_line {
            None if query.end_line.is_none() => Ok(None),
            _ => refused(format!("line {start} is not there: the file has {count} lines")),
        };
    }
    Ok(Some(Lines { shown: start - 1, own: start - 1, count: end.min(count) - (start - 1) }))
}

/// Lines whose commit is looked for, numbered from 0: where they stand in the answer, and where in the file of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Lines {
    shown: u32,
    own: u32,
    count: u32,
}

/// A file of a commit that may have brought some lines.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Suspect {
    seconds: i64,
    commit: Oid,
    path: Rc<PathBuf>,
}

/// Passes lines from commits to their parents, newest first, until each is where it is new.
struct Search<'r> {
    repository: &'r Repository,
    waiting: BinaryHeap<(i64, Reverse<usize>, Suspect)>,
    lines: HashMap<Suspect, Vec<Lines>>,
}

impl Search<'_> {
    fn suspect(&mut self, commit: &Commit<'_>, path: &Rc<PathBuf>, lines: Vec<Lines>) {
        if lines.is_empty() {
            return;
        }
        let suspect =
            Suspect { seconds: commit.time().seconds(), commit: commit.id(), path: Rc::clone(path) };
        let order = Reverse(self.lines.len());
        if let Some(known) = self.lines.get_mut(&suspect) {
            known.extend(lines);
        } else {
            self.waiting.push((suspect.seconds, order, suspect.clone()));
            self.lines.insert(suspect, lines);
        }
    }

    fn run(mut self) -> Result<Vec<(Lines, Suspect)>, git2::Error> {
        let mut found = Vec::new();
        while let Some((_, _, suspect)) = self.waiting.pop() {
            let lines = self.lines.remove(&suspect).unwrap_or_default();
            let rest = self.pass(&suspect, lines)?;
            found.extend(rest.into_iter().map(|lines| (lines, suspect.clone())));
        }
        found.sort();
        Ok(found)
    }

    /// Passes lines on to the parents that have them, and gives those that none has.
    fn pass(&mut self, suspect: &Suspect, mut lines: Vec<Lines>) -> Result<Vec<Lines>, git2::Error> {
        let commit = self.repository.find_commit(suspect.commit)?;
        let tree = commit.tree()?;
        let own = entry_at(&tree, &suspect.path)?.map(|(id, _)| id);
        let mut origins = Vec::new();
        let parents = parents_of(self.repository, &commit)?;
        // A parent that has the whole file takes all, whichever it is.
        for parent in &parents {
            let Some(blob) = blob_at(self.repository, parent, &suspect.path)? else { continue };
            if Some(blob.id()) == own {
                self.suspect(parent, &suspect.path, lines);
                return Ok(Vec::new());
            }
            origins.push((parent, Rc::clone(&suspect.path), blob));
        }
        for parent in &parents {
            let Some(old) = old_path(self.repository, &parent.tree()?, &tree, &suspect.path)? else {
                continue;
            };
            let Some(blob) = blob_at(self.repository, parent, &old)? else { continue };
            let old = Rc::new(old);
            if Some(blob.id()) == own {
                self.suspect(parent, &old, lines);
                return Ok(Vec::new());
            }
            origins.push((parent, old, blob));
        }
        let Some(blob) = blob_at(self.repository, &commit, &suspect.path)? else { return Ok(lines) };
        origins.sort_by_key(|(parent, ..)| parents.iter().position(|one| one.id() == parent.id()));
        for (parent, path, old) in origins {
            let (passed, kept) = split(&old, &blob, &lines)?;
            self.suspect(parent, &path, passed);
            lines = kept;
        }
        Ok(lines)
    }
}

/// The file at a path of a commit.
fn blob_at<'r>(
    repository: &'r Repository,
    commit: &Commit<'_>,
    path: &Path,
) -> Result<Option<Blob<'r>>, git2::Error> {
    // A submodule has no content here, and a folder none at all.
    let is_file = |mode: i32| matches!(mode & 0o170_000, 0o100_000 | 0o120_000);
    match entry_at(&commit.tree()?, path)? {
        Some((id, mode)) if is_file(mode) => Ok(Some(repository.find_blob(id)?)),
        _ => Ok(None),
    }
}

/// The lines that an older file has too, numbered as there, and those that it does not have.
fn split(old: &Blob<'_>, new: &Blob<'_>, lines: &[Lines]) -> Result<(Vec<Lines>, Vec<Lines>), git2::Error> {
    let mut options = DiffOptions::new();
    options.context_lines(0).force_text(true).indent_heuristic(true);
    let patch = Patch::from_buffers(old.content(), None, new.content(), None, Some(&mut options))?;
    // What lies between changes is the same, at a distance.
    let (mut same, mut at, mut distance) = (Vec::new(), 0, 0);
    for hunk in 0..patch.num_hunks() {
        let (hunk, _) = patch.hunk(hunk)?;
        // A side without lines is said to be at the line before.
        let start = if hunk.new_lines() == 0 { hunk.new_start() } else { hunk.new_start() - 1 };
        same.push((at..start, distance));
        at = start + hunk.new_lines();
        distance += i64::from(hunk.old_lines()) - i64::from(hunk.new_lines());
    }
    same.push((at..u32::MAX, distance));
    let (mut passed, mut kept) = (Vec::new(), Vec::new());
    for lines in lines {
        let part = |from: u32, to: u32| Lines {
            shown: lines.shown + (from - lines.own),
            own: from,
            count: to - from,
        };
        let mut at = lines.own;
        let end = lines.own + lines.count;
        let first = same.partition_point(|(range, _)| range.end <= at);
        for (range, distance) in &same[first..] {
            let (from, to) = (range.start.clamp(at, end), range.end.clamp(at, end));
            if at < from {
                kept.push(part(at, from));
            }
            if from < to {
                passed.push(Lines { own: (i64::from(from) + distance) as u32, ..part(from, to) });
            }
            at = to.max(from);
            if at == end {
                break;
            }
        }
    }
    Ok((passed, kept))
}

/// Joins lines that stand together in both files.
fn hunks_of(repository: &Repository, found: Vec<(Lines, Suspect)>) -> Result<Vec<GitBlameHunk>, git2::Error> {
    let mut commits: HashMap<Oid, GitLogEntry> = HashMap::new();
    let mut hunks: Vec<GitBlameHunk> = Vec::new();
    let mut last: Option<Suspect> = None;
    for (lines, suspect) in found {
        if let Some(hunk) = hunks.last_mut()
            && last.as_ref() == Some(&suspect)
            && hunk.original_start_line + hunk.line_count == lines.own + 1
        {
            hunk.line_count += lines.count;
            continue;
        }
        let commit = match commits.get(&suspect.commit) {
            Some(commit) => commit.clone(),
            None => entry_of(&repository.find_commit(suspect.commit)?),
        };
        commits.entry(suspect.commit).or_insert_with(|| commit.clone());
        hunks.push(GitBlameHunk {
            start_line: lines.shown + 1,
            line_count: lines.count,
            commit,
            original_path: text::text(&text::bytes_of(&suspect.path)),
            original_start_line: lines.own + 1,
        });
        last = Some(suspect);
    }
    Ok(hunks)
}
