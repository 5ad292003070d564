//! Projects.

use crate::{
    error::{self, guard},
    state,
};
use han_db::{Project, ProjectInput};
use napi_derive::napi;

/// Inserts a project, or overwrites everything but id and time of creation of the one with the same slug; an absent
/// `sourceConfigDir` keeps the known one. An unknown `repoId` is `DB_CONSTRAINT`.
#[napi]
pub fn upsert_project(db_path: String, input: ProjectInput) -> error::Result<Project> {
    guard(|| state::open(&db_path)?.write(|write| write.projects().upsert(&input)))
}

/// The project with this slug; null when there is none.
#[napi]
pub fn get_project_by_slug(db_path: String, slug: String) -> error::Result<Option<Project>> {
    guard(|| state::open(&db_path)?.read(|read| read.projects().get_by_slug(&slug)))
}

/// The project whose path is exactly this text; null when there is none.
#[napi]
pub fn get_project_by_path(db_path: String, path: String) -> error::Result<Option<Project>> {
    guard(|| state::open(&db_path)?.read(|read| read.projects().get_by_path(&path)))
}

/// All projects, or those of a repository, by name.
#[napi]
pub fn list_projects(db_path: String, repo_id: Option<String>) -> error::Result<Vec<Project>> {
    guard(|| state::open(&db_path)?.read(|read| read.projects().list(repo_id.as_deref())))
}
