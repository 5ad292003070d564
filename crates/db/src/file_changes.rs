//! Files that sessions changed (table `file_changes`): one row per change, in the order in which they were recorded.

use crate::{
    columns::time,
    error::Attempt,
    sessions::bind,
    transaction::{FileChanges, Read, ReadWrite},
};
use han_base::{Cursor, Page, Result, Timestamp, id};
use rusqlite::{Row, params};
use xxhash_rust::xxh3::xxh3_128;

/// A change of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct SessionFileChange {
    /// A UUID: random, or made of the call that changed the file.
    pub id: Option<String>,
    /// The session that changed the file.
    pub session_id: String,
    /// The file, as it was given.
    pub file_path: String,
    /// `created`, `modified` or `deleted`.
    pub action: String,
    /// Hash of the content before the change, if known.
    pub file_hash_before: Option<String>,
    /// Hash of the content after the change; absent when it is not known or there is none.
    pub file_hash_after: Option<String>,
    /// The tool that changed it.
    pub tool_name: Option<String>,
    /// The agent that changed it; absent for the main conversation.
    pub agent_id: Option<String>,
    /// When the change was recorded, RFC 3339.
    pub recorded_at: Option<String>,
}

/// What is recorded of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_to_js = false))]
pub struct SessionFileChangeInput {
    /// An existing session.
    pub session_id: String,
    /// The file. Validations are found by the same text.
    pub file_path: String,
    /// `created`, `modified` or `deleted`.
    pub action: String,
    /// Hash of the content before the change.
    pub file_hash_before: Option<String>,
    /// Hash of the content after the change; absent when it is not known or there is none.
    pub file_hash_after: Option<String>,
    /// The tool that changed it.
    pub tool_name: Option<String>,
    /// The agent that changed it.
    pub agent_id: Option<String>,
}

/// A change that an edit made, as a transcript tells it.
pub(crate) struct ChangeOfCall<'a> {
    pub(crate) session_row: i64,
    pub(crate) file_row: Option<i64>,
    /// The model's id of the call.
    pub(crate) call_id: &'a str,
    pub(crate) path: &'a str,
    pub(crate) action: &'static str,
    pub(crate) tool_name: &'a str,
    pub(crate) agent_id: Option<&'a str>,
    /// When its result came.
    pub(crate) timestamp_ms: i64,
}

const COLUMNS: &str =
    "id, file_path, action, file_hash_before, file_hash_after, tool_name, agent_id, recorded_at_ms, row_id";

/// Letter of this list's cursors.
const CURSOR: char = 'f';

impl SessionFileChange {
    fn from_row(session_id: &str, row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            session_id: session_id.to_owned(),
            file_path: row.get(1)?,
            action: row.get(2)?,
            file_hash_before: row.get(3)?,
            file_hash_after: row.get(4)?,
            tool_name: row.get(5)?,
            agent_id: row.get(6)?,
            recorded_at: Some(time(row, 7)?),
        })
    }
}

/// The condition for changes of an agent, which an index of its own gives in order.
fn of_agent(agent_id: Option<&str>) -> &'static str {
    if agent_id.is_some() { " AND agent_id = :agent" } else { "" }
}

impl<A> FileChanges<'_, A> {
    /// All changes of a session, or of one agent in it, newest first. An unknown session has none.
    pub fn list(&self, session_id: &str, agent_id: Option<&str>) -> Result<Vec<SessionFileChange>> {
        let rows = self.rows(session_id, agent_id, None, None)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    /// A page of [`FileChanges::list`].
    pub fn page(
        &self,
        session_id: &str,
        agent_id: Option<&str>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<SessionFileChange>> {
        let after = cursor.map(|text| Cursor::decode(CURSOR, text)).transpose()?;
        let rows = self.rows(session_id, agent_id, after, Some(limit + 1))?;
        let page = Page::from_rows(rows, limit, |row| row.1);
        Ok(Page { items: page.items.into_iter().map(|row| row.0).collect(), next_cursor: page.next_cursor })
    }

    /// Whether the session, or one agent in it, changed any file.
    pub fn any(&self, session_id: &str, agent_id: Option<&str>) -> Result<bool> {
        let Some(session_row) = Read::new(self.connection).sessions().row(session_id)? else {
            return Ok(false);
        };
        self.connection
            .prepare_cached(&format!(
                "SELECT 1 FROM file_changes WHERE session_row_id = :session{} LIMIT 1",
                of_agent(agent_id)
            ))
            .and_then(|mut statement| {
                bind(&mut statement, ":session", Some(session_row))?;
                bind(&mut statement, ":agent", agent_id)?;
                Ok(statement.raw_query().next()?.is_some())
            })
            .attempt(|| format!("look for file changes of session {session_id}"))
    }

    fn rows(
        &self,
        session_id: &str,
        agent_id: Option<&str>,
        after: Option<Cursor>,
        limit: Option<usize>,
    ) -> Result<Vec<(SessionFileChange, Cursor)>> {
        let Some(session_row) = Read::new(self.connection).sessions().row(session_id)? else {
            return Ok(Vec::new());
        };
        let position = if after.is_some() { " AND (recorded_at_ms, row_id) < (:value, :row)" } else { "" };
        self.connection
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM file_changes WHERE session_row_id = :session{}{position}
                 ORDER BY recorded_at_ms DESC, row_id DESC LIMIT :limit",
                of_agent(agent_id)
            ))
            .and_then(|mut statement| {
                bind(&mut statement, ":session", Some(session_row))?;
                bind(&mut statement, ":agent", agent_id)?;
                bind(&mut statement, ":value", after.map(|cursor| cursor.value))?;
                bind(&mut statement, ":row", after.map(|cursor| cursor.row))?;
                // A negative limit is none.
                bind(&mut statement, ":limit", Some(limit.map_or(-1, |limit| limit as i64)))?;
                statement
                    .raw_query()
                    .mapped(|row| {
                        let cursor = Cursor { kind: CURSOR, value: row.get(7)?, row: row.get(8)? };
                        Ok((SessionFileChange::from_row(session_id, row)?, cursor))
                    })
                    .collect()
            })
            .attempt(|| format!("list file changes of session {session_id}"))
    }
}

impl FileChanges<'_, ReadWrite> {
    /// Records a change that a transcript tells. Its id is made of session and call; its content is not known.
    pub(crate) fn record_of_call(&self, change: &ChangeOfCall<'_>) -> Result<()> {
        let attempt = || format!("record a change of {}", change.path);
        let session_id: String = self
            .connection
            .prepare_cached("SELECT id FROM sessions WHERE row_id = ?1")
            .and_then(|mut statement| statement.query_row([change.session_row], |row| row.get(0)))
            .attempt(attempt)?;
        let id = id::derived(xxh3_128(format!("{session_id}\0{}", change.call_id).as_bytes()));
        self.connection
            .prepare_cached(
                "INSERT INTO file_changes (id, session_row_id, file_path, action, tool_name, agent_id, recorded_at_ms,
                   session_file_row_id)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO NOTHING",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    id.to_string(),
                    change.session_row,
                    change.path,
                    change.action,
                    change.tool_name,
                    change.agent_id,
                    change.timestamp_ms,
                    change.file_row,
                ])
            })
            .attempt(attempt)?;
        Ok(())
    }

    /// Records a change at the time of now. An unknown session is `DB_CONSTRAINT`.
    pub fn record(&self, input: &SessionFileChangeInput) -> Result<SessionFileChange> {
        let session_row = Read::new(self.connection).sessions().required_row(&input.session_id)?;
        self.connection
            .prepare_cached(&format!(
                "INSERT INTO file_changes (id, session_row_id, file_path, action, file_hash_before, file_hash_after,
                   tool_name, agent_id, recorded_at_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) RETURNING {COLUMNS}"
            ))
            .and_then(|mut statement| {
                statement.query_row(
                    params![
                        id::random(),
                        session_row,
                        input.file_path,
                        input.action,
                        input.file_hash_before,
                        input.file_hash_after,
                        input.tool_name,
                        input.agent_id,
                        Timestamp::now().as_millis(),
                    ],
                    |row| SessionFileChange::from_row(&input.session_id, row),
                )
            })
            .attempt(|| format!("record a change of {}", input.file_path))
    }
}
