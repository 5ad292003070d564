//! Making branches.

use crate::{failure::Attempt, history::head_commit, open::open};
use han_base::{Code, Error, Result};
use std::path::Path;

/// Makes a branch at the commit that is checked out, and leaves what is checked out alone.
///
/// Codes: `INVALID_ARGUMENT` for what git takes for no name of a branch, one that begins with a dash among them;
/// `GIT_CONFLICT` when it exists; `GIT_NOT_FOUND` without commits; `GIT_NOT_A_REPOSITORY`, `GIT_UNSUPPORTED`,
/// `GIT_FAILED`.
pub fn create_branch(folder: &Path, name: &str) -> Result<()> {
    let repository = open(folder)?;
    let attempt = || format!("git branch failed: {name}");
    if !git2::Branch::name_is_valid(name).attempt(attempt)? {
        return Err(
            Error::new(Code::InvalidArgument, attempt()).because(format!("'{name}' is no name of a branch"))
        );
    }
    let commit = head_commit(&repository, attempt)?;
    repository.branch(name, &commit, false).attempt(attempt)?;
    Ok(())
}
