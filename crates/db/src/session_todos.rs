//! The latest list of todos of each session (table `session_todos`).

use crate::{
    columns::time,
    error::Attempt,
    latest::{LatestTable, Origin},
    transaction::{ReadWrite, SessionTodosLists},
};
use han_base::{Code, Error, Result, id};
use rusqlite::{OptionalExtension, Row};

/// The latest list of todos of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct SessionTodos {
    /// Random UUID; stays when the list is replaced.
    pub id: String,
    /// The session.
    pub session_id: String,
    /// The message that holds the list.
    pub message_id: String,
    /// JSON array of `{ content, status, activeForm }`, as it was given.
    pub todos_json: String,
    /// Time of the message, RFC 3339.
    pub timestamp: String,
    /// 0-based physical line of its file.
    pub line_number: i64,
    /// When the session's list was written here last, RFC 3339.
    pub indexed_at: Option<String>,
}

/// What is written of a list of todos.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_to_js = false))]
pub struct SessionTodosInput {
    /// An existing session.
    pub session_id: String,
    /// The message that holds the list.
    pub message_id: String,
    /// JSON array of `{ content, status, activeForm }`; kept as it is.
    pub todos_json: String,
    /// RFC 3339 with a zone.
    pub timestamp: String,
    /// 0-based physical line of its file.
    pub line_number: i64,
}

const TABLE: LatestTable =
    LatestTable { name: "session_todos", columns: &["id", "message_id", "todos_json"] };

impl SessionTodos {
    fn from_row(session_id: &str, row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            session_id: session_id.to_owned(),
            message_id: row.get(1)?,
            todos_json: row.get(2)?,
            timestamp: time(row, 3)?,
            line_number: row.get(4)?,
            indexed_at: Some(time(row, 5)?),
        })
    }
}

impl<A> SessionTodosLists<'_, A> {
    /// The latest list of a session.
    pub fn get(&self, session_id: &str) -> Result<Option<SessionTodos>> {
        self.connection
            .prepare_cached(
                "SELECT id, message_id, todos_json, timestamp_ms, line_number, indexed_at_ms FROM session_todos
                 WHERE session_row_id = (SELECT row_id FROM sessions WHERE id = ?1)",
            )
            .and_then(|mut statement| {
                statement.query_row([session_id], |row| SessionTodos::from_row(session_id, row)).optional()
            })
            .attempt(|| format!("read the todos of session {session_id}"))
    }
}

impl SessionTodosLists<'_, ReadWrite> {
    /// Writes the list of a session unless it has a later one; returns the one it has then. An unknown session is
    /// `DB_CONSTRAINT`, a bad time `INVALID_TIMESTAMP`.
    pub fn upsert(&self, input: &SessionTodosInput) -> Result<SessionTodos> {
        let session_id = &input.session_id;
        let origin = Origin { session_id, timestamp: &input.timestamp, line_number: input.line_number };
        TABLE.upsert(self.connection, &origin, &[&id::random(), &input.message_id, &input.todos_json])?;
        self.get(session_id)?.ok_or_else(|| {
            Error::new(Code::Internal, format!("read the todos of session {session_id} after writing them"))
        })
    }
}
