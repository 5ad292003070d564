//! The latest summary of each session (table `session_summaries`).

use crate::{
    columns::time,
    error::Attempt,
    latest::{LatestTable, Origin},
    transaction::{ReadWrite, SessionSummaries},
};
use han_base::{Code, Error, Result};
use rusqlite::{OptionalExtension, Row};

/// The latest summary that an agent wrote of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct SessionSummary {
    /// The same as `messageId`.
    pub id: String,
    /// The session.
    pub session_id: String,
    /// The message that holds it.
    pub message_id: String,
    /// Its text.
    pub content: Option<String>,
    /// The line as it was read.
    pub raw_json: Option<String>,
    /// Time of the message, RFC 3339.
    pub timestamp: String,
    /// 0-based physical line of its file.
    pub line_number: i64,
    /// When the session's summary was written here last, RFC 3339.
    pub indexed_at: Option<String>,
}

/// What is written of a summary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_to_js = false))]
pub struct SessionSummaryInput {
    /// An existing session.
    pub session_id: String,
    /// The message that holds it.
    pub message_id: String,
    /// Its text.
    pub content: Option<String>,
    /// The line as it was read.
    pub raw_json: Option<String>,
    /// RFC 3339 with a zone.
    pub timestamp: String,
    /// 0-based physical line of its file.
    pub line_number: i64,
}

const TABLE: LatestTable =
    LatestTable { name: "session_summaries", columns: &["message_id", "content", "raw_json"] };

impl SessionSummary {
    fn from_row(session_id: &str, row: &Row<'_>) -> rusqlite::Result<Self> {
        let message_id: String = row.get(0)?;
        Ok(Self {
            id: message_id.clone(),
            session_id: session_id.to_owned(),
            message_id,
            content: row.get(1)?,
            raw_json: row.get(2)?,
            timestamp: time(row, 3)?,
            line_number: row.get(4)?,
            indexed_at: Some(time(row, 5)?),
        })
    }
}

impl<A> SessionSummaries<'_, A> {
    /// The latest summary of a session.
    pub fn get(&self, session_id: &str) -> Result<Option<SessionSummary>> {
        self.connection
            .prepare_cached(
                "SELECT message_id, content, raw_json, timestamp_ms, line_number, indexed_at_ms FROM session_summaries
                 WHERE session_row_id = (SELECT row_id FROM sessions WHERE id = ?1)",
            )
            .and_then(|mut statement| {
                statement
                    .query_row([session_id], |row| SessionSummary::from_row(session_id, row))
                    .optional()
            })
            .attempt(|| format!("read the summary of session {session_id}"))
    }
}

impl SessionSummaries<'_, ReadWrite> {
    /// Writes the summary of a session unless it has a later one; returns the one it has then. An unknown session is
    /// `DB_CONSTRAINT`, a bad time `INVALID_TIMESTAMP`.
    pub fn upsert(&self, input: &SessionSummaryInput) -> Result<SessionSummary> {
        let session_id = &input.session_id;
        let origin = Origin { session_id, timestamp: &input.timestamp, line_number: input.line_number };
        TABLE.upsert(self.connection, &origin, &[&input.message_id, &input.content, &input.raw_json])?;
        self.get(session_id)?.ok_or_else(|| {
            Error::new(Code::Internal, format!("read the summary of session {session_id} after writing it"))
        })
    }
}
