//! Repositories (table `repos`), known by their remote.

use crate::{
    error::Attempt,
    pages::{fetch, with_one_more},
    transaction::{ReadWrite, Repos},
};
use han_base::{Page, Result, TextCursor, Timestamp, id};
use rusqlite::{OptionalExtension, Row, params};

/// A repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct Repo {
    /// Random UUID.
    pub id: Option<String>,
    /// The remote's URL: what tells repositories apart.
    pub remote: String,
    /// Short name.
    pub name: String,
    /// The default branch, if known.
    pub default_branch: Option<String>,
    /// RFC 3339.
    pub created_at: Option<String>,
    /// RFC 3339.
    pub updated_at: Option<String>,
}

/// What is written of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_to_js = false))]
pub struct RepoInput {
    /// The remote's URL.
    pub remote: String,
    /// Short name.
    pub name: String,
    /// The default branch; absent erases a known one.
    pub default_branch: Option<String>,
}

const SELECT: &str =
    "SELECT id, remote, name, default_branch, created_at_ms, updated_at_ms, row_id FROM repos";

/// Letter of this list's cursors.
const CURSOR: char = 'r';

impl Repo {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            remote: row.get(1)?,
            name: row.get(2)?,
            default_branch: row.get(3)?,
            created_at: Some(Timestamp::from_millis(row.get(4)?).to_string()),
            updated_at: Some(Timestamp::from_millis(row.get(5)?).to_string()),
        })
    }
}

impl<A> Repos<'_, A> {
    /// The repository with this remote.
    pub fn get_by_remote(&self, remote: &str) -> Result<Option<Repo>> {
        self.connection
            .prepare_cached(&format!("{SELECT} WHERE remote = ?1"))
            .and_then(|mut statement| statement.query_row([remote], Repo::from_row).optional())
            .attempt(|| format!("read repo {remote}"))
    }

    /// A page of [`Repos::list`].
    pub fn page(&self, cursor: Option<&str>, limit: usize) -> Result<Page<Repo>> {
        let after = TextCursor::after(CURSOR, cursor)?;
        let rows = fetch(
            self.connection,
            &format!("{SELECT} WHERE (name, row_id) > (:name, :row) ORDER BY name, row_id LIMIT :limit"),
            &[(":name", &after.text), (":row", &after.row), (":limit", &with_one_more(limit))],
            |row| {
                let repo = Repo::from_row(row)?;
                let cursor = TextCursor { kind: CURSOR, text: repo.name.clone(), row: row.get(6)? };
                Ok((repo, cursor.encode()))
            },
        );
        rows.attempt(|| "list repos".into()).map(|rows| Page::from_keyed(rows, limit))
    }

    /// All repositories by name, those of one name in order of arrival.
    pub fn list(&self) -> Result<Vec<Repo>> {
        self.connection
            .prepare_cached(&format!("{SELECT} ORDER BY name, row_id"))
            .and_then(|mut statement| statement.query_map([], Repo::from_row)?.collect())
            .attempt(|| "list repos".into())
    }
}

impl Repos<'_, ReadWrite> {
    /// Inserts the repository, or overwrites name and default branch of the one with the same remote.
    pub fn upsert(&self, input: &RepoInput) -> Result<Repo> {
        self.connection
            .prepare_cached(
                "INSERT INTO repos (id, remote, name, default_branch, created_at_ms, updated_at_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?5)
                 ON CONFLICT (remote) DO UPDATE SET name = excluded.name, default_branch = excluded.default_branch,
                   updated_at_ms = excluded.updated_at_ms
                 RETURNING id, remote, name, default_branch, created_at_ms, updated_at_ms",
            )
            .and_then(|mut statement| {
                let now = Timestamp::now().as_millis();
                statement.query_row(
                    params![id::random(), input.remote, input.name, input.default_branch, now],
                    Repo::from_row,
                )
            })
            .attempt(|| format!("write repo {}", input.remote))
    }

    /// The row of the repository with this remote, which is made when it is not known. A default branch is noted; `None`
    /// keeps a known one, and so does the name.
    pub fn row_for(&self, remote: &str, name: &str, default_branch: Option<&str>) -> Result<i64> {
        let attempt = || format!("write repo {remote}");
        let known: Option<(i64, Option<String>)> = self
            .connection
            .prepare_cached("SELECT row_id, default_branch FROM repos WHERE remote = ?1")
            .and_then(|mut statement| {
                statement.query_row([remote], |row| Ok((row.get(0)?, row.get(1)?))).optional()
            })
            .attempt(attempt)?;
        let now = Timestamp::now().as_millis();
        match known {
            Some((row_id, known)) if default_branch.is_none() || known.as_deref() == default_branch => {
                Ok(row_id)
            }
            Some((row_id, _)) => {
                self.connection
                    .prepare_cached(
                        "UPDATE repos SET default_branch = ?2, updated_at_ms = ?3 WHERE row_id = ?1",
                    )
                    .and_then(|mut statement| statement.execute(params![row_id, default_branch, now]))
                    .attempt(attempt)?;
                Ok(row_id)
            }
            None => self
                .connection
                .prepare_cached(
                    "INSERT INTO repos (id, remote, name, default_branch, created_at_ms, updated_at_ms)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?5) RETURNING row_id",
                )
                .and_then(|mut statement| {
                    statement
                        .query_row(params![id::random(), remote, name, default_branch, now], |row| row.get(0))
                })
                .attempt(attempt),
        }
    }
}
