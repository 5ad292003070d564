//! Repositories.

use crate::{
    error::{self, guard},
    page::{PageOptions, pages},
    state, task,
};
use han_base::Result;
use han_db::{Repo, RepoInput};
use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;

/// Inserts a repository, or overwrites name and default branch of the one with the same remote.
#[napi]
pub fn upsert_repo(db_path: String, input: RepoInput) -> error::Result<Repo> {
    guard(|| state::open(&db_path)?.write(|write| write.repos().upsert(&input)))
}

/// The repository with this remote, in whatever way it is written: as `git@host:team/project.git` and with a user as well
/// as in the form in which repositories are stored. Null when there is none.
#[napi]
pub fn get_repo_by_remote(db_path: String, remote: String) -> error::Result<Option<Repo>> {
    guard(|| {
        state::open(&db_path)?.read(|read| match read.repos().get_by_remote(&remote)? {
            Some(repo) => Ok(Some(repo)),
            // The indexer stores remotes in one form, whichever way the clone was made.
            None => read.repos().get_by_remote(&han_git::normalise_remote(&remote)),
        })
    })
}

/// All repositories by name. See `listReposPage` for many.
#[napi]
pub fn list_repos(db_path: String) -> error::Result<Vec<Repo>> {
    guard(|| state::open(&db_path)?.read(|read| read.repos().list()))
}

pages! {
    RepoPage of Repo, "A page of repositories.";
}

/// A page of all repositories by name.
#[napi]
pub fn list_repos_page(db_path: String, options: Option<PageOptions>) -> error::Result<RepoPage> {
    guard(|| {
        let (cursor, limit) = PageOptions::position(options.as_ref())?;
        state::open(&db_path)?.read(|read| read.repos().page(cursor, limit)).map(Into::into)
    })
}

/// As `upsertRepo` for many, in one transaction: all are written, or none. The answer is in the order of the input.
#[napi]
pub fn upsert_repos(db_path: String, inputs: Vec<RepoInput>) -> error::Result<Vec<Repo>> {
    guard(|| upsert_all(&db_path, &inputs))
}

/// As `upsertRepos`, without blocking.
#[napi]
pub fn upsert_repos_async(
    env: &Env,
    db_path: String,
    inputs: Vec<RepoInput>,
) -> error::Result<PromiseRaw<'_, Vec<Repo>>> {
    task::blocking(env, move || upsert_all(&db_path, &inputs))
}

fn upsert_all(db_path: &str, inputs: &[RepoInput]) -> Result<Vec<Repo>> {
    state::open(db_path)?.write(|write| inputs.iter().map(|input| write.repos().upsert(input)).collect())
}
