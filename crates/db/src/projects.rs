//! Projects (table `projects`): the folders that agents worked in, known by their slug.

use crate::{
    error::Attempt,
    pages::{fetch, with_one_more},
    transaction::{Projects, ReadWrite},
};
use han_base::{Code, Error, Page, Result, TextCursor, Timestamp, id};
use rusqlite::{OptionalExtension, Row, params};

/// A project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct Project {
    /// Random UUID.
    pub id: Option<String>,
    /// The repository it belongs to.
    pub repo_id: Option<String>,
    /// What tells projects apart: the name of its transcripts' folder, with a suffix where two paths share one name.
    pub slug: String,
    /// Absolute path of the folder; empty while no transcript has told it.
    pub path: String,
    /// Path inside the repository.
    pub relative_path: Option<String>,
    /// Short name.
    pub name: String,
    /// Whether the folder is a linked work tree.
    pub is_worktree: bool,
    /// The agent's config folder that the transcripts lie in.
    pub source_config_dir: Option<String>,
    /// RFC 3339.
    pub created_at: Option<String>,
    /// RFC 3339.
    pub updated_at: Option<String>,
}

/// What is written of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_to_js = false))]
pub struct ProjectInput {
    /// An existing repository.
    pub repo_id: Option<String>,
    /// What tells projects apart.
    pub slug: String,
    /// Absolute path.
    pub path: String,
    /// Path inside the repository.
    pub relative_path: Option<String>,
    /// Short name.
    pub name: String,
    /// Default false.
    pub is_worktree: Option<bool>,
    /// Absent keeps a known one.
    pub source_config_dir: Option<String>,
}

/// Where a project lies in a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RepositoryPlace<'a> {
    /// The row of the repository.
    pub repo_row: i64,
    /// The path inside the work tree, with forward slashes; empty at its top.
    pub relative_path: &'a str,
    /// Whether the folder lies in a linked work tree.
    pub is_worktree: bool,
}

const SELECT: &str = "SELECT projects.id, repos.id, slug, path, relative_path, projects.name, is_worktree,
  source_config_dir, projects.created_at_ms, projects.updated_at_ms, projects.row_id
  FROM projects LEFT JOIN repos ON repos.row_id = projects.repo_row_id";

/// Letter of this list's cursors.
const CURSOR: char = 'p';

impl Project {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            repo_id: row.get(1)?,
            slug: row.get(2)?,
            path: row.get(3)?,
            relative_path: row.get(4)?,
            name: row.get(5)?,
            is_worktree: row.get(6)?,
            source_config_dir: row.get(7)?,
            created_at: Some(Timestamp::from_millis(row.get(8)?).to_string()),
            updated_at: Some(Timestamp::from_millis(row.get(9)?).to_string()),
        })
    }
}

impl<A> Projects<'_, A> {
    /// The project with this slug.
    pub fn get_by_slug(&self, slug: &str) -> Result<Option<Project>> {
        self.get("slug = ?1", slug)
    }

    /// The project whose path is exactly this text; the one changed last where several are.
    pub fn get_by_path(&self, path: &str) -> Result<Option<Project>> {
        self.get("path = ?1", path)
    }

    fn get(&self, condition: &str, value: &str) -> Result<Option<Project>> {
        self.connection
            .prepare_cached(&format!("{SELECT} WHERE {condition} ORDER BY projects.updated_at_ms DESC, projects.row_id DESC LIMIT 1"))
            .and_then(|mut statement| statement.query_row([value], Project::from_row).optional())
            .attempt(|| format!("read project {value}"))
    }

    /// A page of [`Projects::list`].
    pub fn page(&self, repo_id: Option<&str>, cursor: Option<&str>, limit: usize) -> Result<Page<Project>> {
        let after = TextCursor::after(CURSOR, cursor)?;
        let of_repo = match repo_id {
            Some(_) => "repo_row_id = (SELECT row_id FROM repos WHERE id = :repo) AND",
            None => "",
        };
        let rows = fetch(
            self.connection,
            &format!(
                "{SELECT} WHERE {of_repo} (projects.name, projects.row_id) > (:name, :row)
                 ORDER BY projects.name, projects.row_id LIMIT :limit"
            ),
            &[
                (":repo", &repo_id),
                (":name", &after.text),
                (":row", &after.row),
                (":limit", &with_one_more(limit)),
            ],
            |row| {
                let project = Project::from_row(row)?;
                let cursor = TextCursor { kind: CURSOR, text: project.name.clone(), row: row.get(10)? };
                Ok((project, cursor.encode()))
            },
        );
        rows.attempt(|| "list projects".into()).map(|rows| Page::from_keyed(rows, limit))
    }

    /// All projects, or those of a repository, by name, those of one name in order of arrival.
    pub fn list(&self, repo_id: Option<&str>) -> Result<Vec<Project>> {
        self.connection
            .prepare_cached(&format!(
                "{SELECT} WHERE ?1 IS NULL OR repos.id = ?1 ORDER BY projects.name, projects.row_id"
            ))
            .and_then(|mut statement| statement.query_map([repo_id], Project::from_row)?.collect())
            .attempt(|| "list projects".into())
    }

    /// Projects with a folder for which no repository is known or was looked for since `since_ms`: row and folder, at most
    /// `limit`, those that nobody ever looked at first.
    pub fn without_repository(&self, since_ms: i64, limit: usize) -> Result<Vec<(i64, String)>> {
        self.connection
            .prepare_cached(
                "SELECT row_id, path FROM projects
                 WHERE repo_row_id IS NULL AND path <> '' AND coalesce(repo_checked_at_ms, 0) < ?1
                 ORDER BY coalesce(repo_checked_at_ms, 0), row_id LIMIT ?2",
            )
            .and_then(|mut statement| {
                statement
                    .query_map(params![since_ms, limit as i64], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect()
            })
            .attempt(|| "list projects without a repository".into())
    }

    /// The rows of the projects that a person may mean by `name`: an id, slug, path or name, exactly.
    pub fn rows_named(&self, name: &str) -> Result<Vec<i64>> {
        self.connection
            .prepare_cached(
                "SELECT row_id FROM projects WHERE id = ?1 OR slug = ?1 OR path = ?1 OR name = ?1",
            )
            .and_then(|mut statement| statement.query_map([name], |row| row.get(0))?.collect())
            .attempt(|| format!("find project {name}"))
    }
}

impl Projects<'_, ReadWrite> {
    /// Inserts the project, or overwrites everything but id and time of creation of the one with the same slug; an
    /// absent config folder keeps the known one. An unknown repository is `DB_CONSTRAINT`.
    pub fn upsert(&self, input: &ProjectInput) -> Result<Project> {
        let repo_row = match &input.repo_id {
            None => None,
            Some(repo_id) => Some(self.repo_row(repo_id)?),
        };
        self.connection
            .prepare_cached(
                "INSERT INTO projects (id, repo_row_id, slug, path, relative_path, name, is_worktree, source_config_dir,
                   created_at_ms, updated_at_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)
                 ON CONFLICT (slug) DO UPDATE SET repo_row_id = excluded.repo_row_id, path = excluded.path,
                   relative_path = excluded.relative_path, name = excluded.name, is_worktree = excluded.is_worktree,
                   source_config_dir = coalesce(excluded.source_config_dir, source_config_dir),
                   updated_at_ms = excluded.updated_at_ms",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    id::random(),
                    repo_row,
                    input.slug,
                    input.path,
                    input.relative_path,
                    input.name,
                    input.is_worktree.unwrap_or(false),
                    input.source_config_dir,
                    Timestamp::now().as_millis(),
                ])
            })
            .attempt(|| format!("write project {}", input.slug))?;
        self.get_by_slug(&input.slug)?.ok_or_else(|| {
            Error::new(Code::Internal, format!("read project {} after writing it", input.slug))
        })
    }

    /// The row of the project for transcripts in the folder `slug` of sessions that worked in `path` (empty when no
    /// line tells it). Different paths whose folders have the same name stay apart: the second gets a slug with a
    /// suffix made of its path.
    pub fn row_for_folder(
        &self,
        slug: &str,
        path: &str,
        name: &str,
        source_config_dir: Option<&str>,
    ) -> Result<i64> {
        let attempt = || format!("write project {slug}");
        let known: Option<(i64, String)> = self
            .connection
            .prepare_cached("SELECT row_id, path FROM projects WHERE slug = ?1")
            .and_then(|mut statement| {
                statement.query_row([slug], |row| Ok((row.get(0)?, row.get(1)?))).optional()
            })
            .attempt(attempt)?;
        match known {
            Some((row_id, known_path)) if path.is_empty() || known_path == path => return Ok(row_id),
            Some((row_id, known_path)) if known_path.is_empty() => {
                self.connection
                    .execute(
                        "UPDATE projects SET path = ?2, name = ?3, updated_at_ms = ?4 WHERE row_id = ?1",
                        params![row_id, path, name, Timestamp::now().as_millis()],
                    )
                    .attempt(attempt)?;
                return Ok(row_id);
            }
            _ => {}
        }
        let slug = match known {
            None => slug.to_owned(),
            Some(_) => format!("{slug}~{:08x}", xxhash_rust::xxh3::xxh3_64(path.as_bytes()) as u32),
        };
        self.connection
            .prepare_cached(
                "INSERT INTO projects (id, slug, path, name, source_config_dir, created_at_ms, updated_at_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
                 ON CONFLICT (slug) DO UPDATE SET updated_at_ms = updated_at_ms RETURNING row_id",
            )
            .and_then(|mut statement| {
                statement.query_row(
                    params![id::random(), slug, path, name, source_config_dir, Timestamp::now().as_millis()],
                    |row| row.get(0),
                )
            })
            .attempt(attempt)
    }

    /// Notes where a project lies in a repository; writes nothing when that is known.
    pub fn place_in_repository(&self, project_row: i64, place: &RepositoryPlace<'_>) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE projects SET repo_row_id = ?2, relative_path = ?3, is_worktree = ?4, updated_at_ms = ?5
                 WHERE row_id = ?1
                   AND (repo_row_id IS NOT ?2 OR relative_path IS NOT ?3 OR is_worktree IS NOT ?4)",
            )
            .and_then(|mut statement| {
                let now = Timestamp::now().as_millis();
                statement.execute(params![
                    project_row,
                    place.repo_row,
                    place.relative_path,
                    place.is_worktree,
                    now
                ])
            })
            .attempt(|| format!("place project row {project_row} in its repository"))?;
        Ok(())
    }

    /// Notes that a project's repository was looked for and not found; writes nothing when that was noted since
    /// `since_ms`, or when one is known.
    pub fn note_repository_check(&self, project_row: i64, since_ms: i64) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE projects SET repo_checked_at_ms = ?3
                 WHERE row_id = ?1 AND repo_row_id IS NULL AND coalesce(repo_checked_at_ms, 0) < ?2",
            )
            .and_then(|mut statement| {
                statement.execute(params![project_row, since_ms, Timestamp::now().as_millis()])
            })
            .attempt(|| format!("note that project row {project_row} lies in no repository"))?;
        Ok(())
    }

    fn repo_row(&self, repo_id: &str) -> Result<i64> {
        self.connection
            .prepare_cached("SELECT row_id FROM repos WHERE id = ?1")
            .and_then(|mut statement| statement.query_row([repo_id], |row| row.get(0)).optional())
            .attempt(|| format!("read repo {repo_id}"))?
            .ok_or_else(|| {
                Error::new(
                    Code::DbConstraint,
                    format!("write a project of repo {repo_id}: there is no such repo"),
                )
            })
    }
}
