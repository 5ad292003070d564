//! Errors of libgit2 with a code of ours.

use git2::ErrorCode;
use han_base::{Code, Error};
use std::path::Path;

/// Adds what was attempted to an error of libgit2.
pub(crate) trait Attempt<T> {
    /// `attempt` says what was tried, with the value.
    fn attempt(self, attempt: impl FnOnce() -> String) -> han_base::Result<T>;
}

impl<T> Attempt<T> for Result<T, git2::Error> {
    fn attempt(self, attempt: impl FnOnce() -> String) -> han_base::Result<T> {
        self.map_err(|error| Error::new(code_of(&error), attempt()).because(words_of(&error)))
    }
}

/// The code that fits an error of libgit2.
pub(crate) fn code_of(error: &git2::Error) -> Code {
    match error.code() {
        _ if is_unsupported(error) => Code::GitUnsupported,
        ErrorCode::NotFound | ErrorCode::UnbornBranch => Code::GitNotFound,
        ErrorCode::Exists | ErrorCode::Conflict | ErrorCode::Locked | ErrorCode::Uncommitted => {
            Code::GitConflict
        }
        ErrorCode::InvalidSpec | ErrorCode::Ambiguous => Code::InvalidArgument,
        _ => Code::GitFailed,
    }
}

fn is_unsupported(error: &git2::Error) -> bool {
    let message = error.message();
    message.contains("unsupported") || message.contains("unknown object format")
}

/// What libgit2 says.
pub(crate) fn words_of(error: &git2::Error) -> String {
    error.message().to_owned()
}

/// The error for a folder that lies in no repository.
pub(crate) fn not_a_repository(folder: &Path) -> Error {
    Error::new(Code::GitNotARepository, format!("Not a git repository: {}", folder.display()))
}
