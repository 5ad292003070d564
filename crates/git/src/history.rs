//! Commits.

use crate::{failure::Attempt, open::open, text};
use git2::{Commit, Repository};
use han_base::{Code, Error, Result, Timestamp};
use std::path::Path;

/// A commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct GitLogEntry {
    /// The hash in 40 digits.
    pub hash: String,
    /// Its first 8 digits.
    pub short_hash: String,
    /// The first line of the message.
    pub message: String,
    /// Who wrote the change.
    pub author_name: String,
    /// The author's mail address.
    pub author_email: String,
    /// When it was written: RFC 3339 in UTC.
    pub timestamp: String,
}

/// How many commits [`log`] gives when it is not told.
pub const DEFAULT_LOG_COUNT: usize = 100;

/// The last `max_count` commits from HEAD on, newest first, following first parents: what was merged stands as its merge.
/// The history of a shallow clone ends where it was cut.
///
/// Codes: `GIT_NOT_A_REPOSITORY`, `GIT_UNSUPPORTED`, `GIT_NOT_FOUND` without commits, `GIT_FAILED`.
pub fn log(folder: &Path, max_count: usize) -> Result<Vec<GitLogEntry>> {
    let repository = open(folder)?;
    let attempt = || format!("git log failed: {}", folder.display());
    let mut next = Some(head_commit(&repository, attempt)?);
    let mut entries = Vec::new();
    while let Some(commit) = next.take() {
        if entries.len() == max_count {
            break;
        }
        entries.push(entry_of(&commit));
        if entries.len() < max_count && commit.parent_count() > 0 {
            next = match commit.parent(0) {
                Err(_) if repository.is_shallow() => None,
                parent => Some(parent.attempt(attempt)?),
            };
        }
    }
    Ok(entries)
}

/// The commit that is checked out. Code: `GIT_NOT_FOUND` when there is none yet.
pub(crate) fn head_commit(repository: &Repository, attempt: impl Fn() -> String) -> Result<Commit<'_>> {
    let head = repository.head().and_then(|head| head.peel_to_commit());
    head.map_err(|error| match error.code() {
        git2::ErrorCode::UnbornBranch | git2::ErrorCode::NotFound => {
            let branch = crate::facts::branch_of(repository).unwrap_or_else(|| "HEAD".to_owned());
            Error::new(Code::GitNotFound, attempt()).because(format!("branch '{branch}' has no commits yet"))
        }
        _ => Error::new(crate::failure::code_of(&error), attempt()).because(crate::failure::words_of(&error)),
    })
}

pub(crate) fn entry_of(commit: &Commit<'_>) -> GitLogEntry {
    let hash = commit.id().to_string();
    let author = commit.author();
    let first_line = commit.message_bytes().split(|byte| *byte == b'\n').next().unwrap_or_default();
    GitLogEntry {
        short_hash: hash[..8].to_owned(),
        hash,
        message: text::text(first_line.trim_ascii_end()),
        author_name: text::text(author.name_bytes()),
        author_email: text::text(author.email_bytes()),
        timestamp: Timestamp::from_millis(author.when().seconds().saturating_mul(1000)).to_string(),
    }
}

/// The hash of the best common ancestor of two revisions; `None` when they have none.
///
/// Codes: `GIT_NOT_A_REPOSITORY`, `GIT_UNSUPPORTED`, `GIT_NOT_FOUND` for an unknown revision, `GIT_FAILED`.
pub fn merge_base(folder: &Path, one: &str, other: &str) -> Result<Option<String>> {
    let repository = open(folder)?;
    let attempt = || format!("git merge-base failed: {one} {other}");
    let commit = |revision| {
        crate::files::find(&repository, revision, attempt)?
            .peel_to_commit()
            .map(|commit| commit.id())
            .attempt(attempt)
    };
    match repository.merge_base(commit(one)?, commit(other)?) {
        Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
        base => Ok(Some(base.attempt(attempt)?.to_string())),
    }
}
