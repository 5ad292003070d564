//! Repositories.

use crate::{
    error::{self, guard},
    state,
};
use han_db::{Repo, RepoInput};
use napi_derive::napi;

/// Inserts a repository, or overwrites name and default branch of the one with the same remote.
#[napi]
pub fn upsert_repo(db_path: String, input: RepoInput) -> error::Result<Repo> {
    guard(|| state::open(&db_path)?.write(|write| write.repos().upsert(&input)))
}

/// The repository with this remote; null when there is none.
#[napi]
pub fn get_repo_by_remote(db_path: String, remote: String) -> error::Result<Option<Repo>> {
    guard(|| state::open(&db_path)?.read(|read| read.repos().get_by_remote(&remote)))
}

/// All repositories by name.
#[napi]
pub fn list_repos(db_path: String) -> error::Result<Vec<Repo>> {
    guard(|| state::open(&db_path)?.read(|read| read.repos().list()))
}
