//! Pull requests that sessions made (table `pull_requests`).

use crate::{
    columns::time,
    error::Attempt,
    transaction::{PullRequests, ReadWrite},
};
use han_base::Result;
use rusqlite::params;

/// A pull request that a session made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct PullRequest {
    /// The session.
    pub session_id: String,
    /// Its address.
    pub url: String,
    /// Its number.
    pub number: Option<i64>,
    /// Its repository, `owner/name`.
    pub repository: Option<String>,
    /// When the session told it first, RFC 3339.
    pub timestamp: String,
}

/// A pull request as a line tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewPullRequest {
    /// Its address.
    pub url: String,
    /// Its number.
    pub number: Option<i64>,
    /// Its repository, `owner/name`.
    pub repository: Option<String>,
    /// Milliseconds since 1970.
    pub timestamp_ms: i64,
}

impl<A> PullRequests<'_, A> {
    /// The pull requests of a session, oldest first.
    pub fn list(&self, session_id: &str) -> Result<Vec<PullRequest>> {
        self.connection
            .prepare_cached(
                "SELECT url, number, repository, timestamp_ms FROM pull_requests
                 WHERE session_row_id = (SELECT row_id FROM sessions WHERE id = ?1) ORDER BY timestamp_ms, row_id",
            )
            .and_then(|mut statement| {
                let rows = statement.query_map([session_id], |row| {
                    Ok(PullRequest {
                        session_id: session_id.to_owned(),
                        url: row.get(0)?,
                        number: row.get(1)?,
                        repository: row.get(2)?,
                        timestamp: time(row, 3)?,
                    })
                })?;
                rows.collect()
            })
            .attempt(|| format!("list the pull requests of session {session_id}"))
    }
}

impl PullRequests<'_, ReadWrite> {
    /// Books a pull request of a session; one with a known address stays as it is.
    pub fn book(&self, session_row: i64, file_row: Option<i64>, request: &NewPullRequest) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO pull_requests (session_row_id, session_file_row_id, url, number, repository, timestamp_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (session_row_id, url) DO NOTHING",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    session_row,
                    file_row,
                    request.url,
                    request.number,
                    request.repository,
                    request.timestamp_ms,
                ])
            })
            .attempt(|| format!("book pull request {}", request.url))?;
        Ok(())
    }
}
