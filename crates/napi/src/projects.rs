//! Projects.

use crate::{
    error::{self, guard},
    page::{page_limit, pages},
    state, task,
};
use han_base::Result;
use han_db::{Project, ProjectInput};
use napi::{Env, bindgen_prelude::PromiseRaw};
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

/// All projects, or those of a repository, by name. See `listProjectsPage` for many.
#[napi]
pub fn list_projects(db_path: String, repo_id: Option<String>) -> error::Result<Vec<Project>> {
    guard(|| state::open(&db_path)?.read(|read| read.projects().list(repo_id.as_deref())))
}

/// Which projects a page shows. Everything is optional.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct ProjectPageOptions {
    /// 1 to 1000; default 100.
    pub limit: Option<f64>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
    /// Only those of this repository.
    pub repo_id: Option<String>,
}

pages! {
    ProjectPage of Project, "A page of projects.";
}

/// A page of projects by name.
#[napi]
pub fn list_projects_page(
    db_path: String,
    options: Option<ProjectPageOptions>,
) -> error::Result<ProjectPage> {
    guard(|| {
        let options = options.unwrap_or_default();
        let limit = page_limit(options.limit)?;
        let (repo_id, cursor) = (options.repo_id.as_deref(), options.cursor.as_deref());
        state::open(&db_path)?.read(|read| read.projects().page(repo_id, cursor, limit)).map(Into::into)
    })
}

/// As `upsertProject` for many, in one transaction: all are written, or none. The answer is in the order of the input.
#[napi]
pub fn upsert_projects(db_path: String, inputs: Vec<ProjectInput>) -> error::Result<Vec<Project>> {
    guard(|| upsert_all(&db_path, &inputs))
}

/// As `upsertProjects`, without blocking.
#[napi]
pub fn upsert_projects_async(
    env: &Env,
    db_path: String,
    inputs: Vec<ProjectInput>,
) -> error::Result<PromiseRaw<'_, Vec<Project>>> {
    task::blocking(env, move || upsert_all(&db_path, &inputs))
}

fn upsert_all(db_path: &str, inputs: &[ProjectInput]) -> Result<Vec<Project>> {
    state::open(db_path)?.write(|write| inputs.iter().map(|input| write.projects().upsert(input)).collect())
}
