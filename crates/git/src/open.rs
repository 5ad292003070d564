//! Finding and opening repositories.

use crate::failure::{Attempt, code_of, not_a_repository};
use git2::{Repository, RepositoryOpenFlags};
use han_base::{Code, Result};
use std::{ffi::OsStr, path::Path, sync::Once};

/// The repository that a folder lies in; `None` when it lies in none, does not exist, or what looks like a repository is
/// too damaged to be opened. Code: `GIT_UNSUPPORTED`.
pub(crate) fn find(folder: &Path) -> Result<Option<Repository>> {
    match open_from(folder) {
        Ok(repository) => Ok(Some(repository)),
        Err(error) if code_of(&error) != Code::GitUnsupported => Ok(None),
        Err(error) => Err(error).attempt(|| format!("open the git repository of {}", folder.display())),
    }
}

/// The repository that a folder lies in. Codes: `GIT_NOT_A_REPOSITORY`, `GIT_UNSUPPORTED`, `GIT_FAILED`.
pub(crate) fn open(folder: &Path) -> Result<Repository> {
    match open_from(folder) {
        Err(error) if code_of(&error) == Code::GitNotFound => Err(not_a_repository(folder)),
        opened => opened.attempt(|| format!("open the git repository of {}", folder.display())),
    }
}

/// The repository whose git folder this is. Codes: `GIT_UNSUPPORTED`, `GIT_FAILED`.
pub(crate) fn open_git_folder(git_folder: &Path) -> Result<Repository> {
    prepare();
    Repository::open(git_folder).attempt(|| format!("open the git repository {}", git_folder.display()))
}

fn open_from(folder: &Path) -> std::result::Result<Repository, git2::Error> {
    prepare();
    Repository::open_ext(folder, RepositoryOpenFlags::empty(), std::iter::empty::<&OsStr>())
}

/// Settings of libgit2 that hold for the whole process. This library has a copy of its own, so that they are nobody
/// else's.
fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: libgit2 keeps this setting in a plain variable. It is written once, before the first repository is
        // opened: every way to one leads through this function.
        let set = unsafe { git2::opts::set_verify_owner_validation(false) };
        debug_assert!(set.is_ok(), "libgit2 knows the setting");
        // The git program does not hash what it reads either; `git fsck` is there to find damage.
        git2::opts::strict_hash_verification(false);
    });
}
