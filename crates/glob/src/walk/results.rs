//! What one thread has found.

use crate::found::{FoundFile, WalkError, WalkReport};
use han_base::{Error, FileStamp};
use std::{io, path::PathBuf};

/// Paths and troubles of one thread.
#[derive(Debug, Default)]
pub(super) struct Results {
    pub(super) found: Vec<FoundFile>,
    pub(super) report: WalkReport,
    limit: Option<usize>,
    /// With a limit: nothing behind this path can be among the first.
    bound: Option<String>,
}

impl Results {
    pub(super) fn new(limit: Option<usize>) -> Self {
        Self { limit, ..Self::default() }
    }

    pub(super) fn add(&mut self, path: &[u8], stamp: Option<FileStamp>) {
        let Ok(path) = std::str::from_utf8(path) else {
            self.report.unnameable_count += 1;
            if self.report.unnameable.len() < WalkReport::MAX_LISTED {
                self.report.unnameable.push(path.to_vec());
            }
            return;
        };
        self.found.push(FoundFile { path: path.to_owned(), stamp });
        if let Some(limit) = self.limit
            && self.found.len() >= limit.saturating_mul(2).max(1024)
        {
            self.keep_first(limit);
        }
    }

    /// Forgets what is not among the first `limit` paths.
    fn keep_first(&mut self, limit: usize) {
        if limit == 0 || self.found.len() <= limit {
            self.report.is_limited |= self.found.len() > limit;
            self.found.truncate(limit);
            return;
        }
        let (_, last, _) =
            self.found.select_nth_unstable_by(limit - 1, |one, other| one.path.cmp(&other.path));
        self.bound = Some(last.path.clone());
        self.found.truncate(limit);
        self.report.is_limited = true;
    }

    /// Whether what lies in a folder comes behind all that the limit lets through.
    pub(super) fn is_behind(&self, folder: &[u8]) -> bool {
        let Some(bound) = &self.bound else { return false };
        folder.iter().chain(b"/").gt(bound.as_bytes())
    }

    /// Books what could not be read. What is gone or replaced in the meantime is no trouble: it is not there.
    pub(super) fn failed(&mut self, path: &[u8], error: io::Error) {
        if !is_gone(&error) {
            let path = String::from_utf8_lossy(path).into_owned();
            let error = Error::io("read", if path.is_empty() { "." } else { &path }, error);
            self.push_error(WalkError { path, error });
        }
    }

    /// As [`Results::failed`], of a file that is not necessarily below the root.
    pub(super) fn failed_at(&mut self, path: &PathBuf, error: io::Error) {
        let error = Error::io("read", path, error);
        self.push_error(WalkError { path: path.to_string_lossy().into_owned(), error });
    }

    fn push_error(&mut self, error: WalkError) {
        self.report.error_count += 1;
        if self.report.errors.len() < WalkReport::MAX_LISTED {
            self.report.errors.push(error);
        }
    }

    /// Puts what was found in order, and lets the limit pass.
    pub(super) fn sort(&mut self) {
        if let Some(limit) = self.limit {
            self.keep_first(limit);
        }
        self.found.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    }

    /// Takes in what another thread has found. Both are in order, and so is the outcome.
    pub(super) fn merge(&mut self, other: Self) {
        self.found = merged(std::mem::take(&mut self.found), other.found);
        let (ours, theirs) = (&mut self.report, other.report);
        ours.folder_count += theirs.folder_count;
        ours.error_count += theirs.error_count;
        ours.unnameable_count += theirs.unnameable_count;
        ours.is_limited |= theirs.is_limited;
        ours.errors.extend(theirs.errors);
        ours.unnameable.extend(theirs.unnameable);
    }

    /// What all threads have found together.
    pub(super) fn finish(mut self) -> (Vec<FoundFile>, WalkReport) {
        if let Some(limit) = self.limit {
            self.report.is_limited |= self.found.len() > limit;
            self.found.truncate(limit);
        }
        self.report.errors.sort_by(|one, other| one.path.cmp(&other.path));
        self.report.errors.truncate(WalkReport::MAX_LISTED);
        self.report.unnameable.sort_unstable();
        self.report.unnameable.truncate(WalkReport::MAX_LISTED);
        (self.found, self.report)
    }
}

/// Whether an entry was there a moment ago and is not now, or is another.
pub(super) fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) || is_link(error)
}

/// The system refuses to open a link that is not to be followed.
#[cfg(unix)]
fn is_link(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

#[cfg(not(unix))]
fn is_link(_error: &io::Error) -> bool {
    false
}

fn merged(one: Vec<FoundFile>, other: Vec<FoundFile>) -> Vec<FoundFile> {
    if one.is_empty() || other.is_empty() {
        return if one.is_empty() { other } else { one };
    }
    let mut all = Vec::with_capacity(one.len() + other.len());
    let (mut one, mut other) = (one.into_iter().peekable(), other.into_iter().peekable());
    loop {
        let next = match (one.peek(), other.peek()) {
            (Some(left), Some(right)) if left.path <= right.path => one.next(),
            (_, Some(_)) => other.next(),
            _ => one.next(),
        };
        match next {
            Some(file) => all.push(file),
            None => return all,
        }
    }
}
