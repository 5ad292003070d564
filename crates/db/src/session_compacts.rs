//! The latest compaction of each session (table `session_compacts`).

use crate::{
    columns::time,
    compactions::NewCompaction,
    error::Attempt,
    latest::{LatestTable, Origin},
    transaction::{ReadWrite, SessionCompacts, Write},
};
use han_base::{Code, Error, Result, Timestamp};
use rusqlite::{OptionalExtension, Row};

/// The latest compaction of a session: the text that the agent went on from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct SessionCompact {
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
    /// `auto_compact`, `compact` or `continuation`.
    pub compact_type: Option<String>,
    /// Time of the message, RFC 3339.
    pub timestamp: String,
    /// 0-based physical line of its file.
    pub line_number: i64,
    /// When the session's compaction was written here last, RFC 3339.
    pub indexed_at: Option<String>,
}

/// What is written of a compaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_to_js = false))]
pub struct SessionCompactInput {
    /// An existing session.
    pub session_id: String,
    /// The message that holds it.
    pub message_id: String,
    /// Its text.
    pub content: Option<String>,
    /// The line as it was read.
    pub raw_json: Option<String>,
    /// `auto_compact`, `compact` or `continuation`.
    pub compact_type: Option<String>,
    /// RFC 3339 with a zone.
    pub timestamp: String,
    /// 0-based physical line of its file.
    pub line_number: i64,
}

const TABLE: LatestTable =
    LatestTable { name: "session_compacts", columns: &["message_id", "content", "raw_json", "compact_type"] };

impl SessionCompact {
    fn from_row(session_id: &str, row: &Row<'_>) -> rusqlite::Result<Self> {
        let message_id: String = row.get(0)?;
        Ok(Self {
            id: message_id.clone(),
            session_id: session_id.to_owned(),
            message_id,
            content: row.get(1)?,
            raw_json: row.get(2)?,
            compact_type: row.get(6)?,
            timestamp: time(row, 3)?,
            line_number: row.get(4)?,
            indexed_at: Some(time(row, 5)?),
        })
    }
}

impl<A> SessionCompacts<'_, A> {
    /// The latest compaction of a session.
    pub fn get(&self, session_id: &str) -> Result<Option<SessionCompact>> {
        self.connection
            .prepare_cached(
                "SELECT message_id, content, raw_json, timestamp_ms, line_number, indexed_at_ms, compact_type
                 FROM session_compacts WHERE session_row_id = (SELECT row_id FROM sessions WHERE id = ?1)",
            )
            .and_then(|mut statement| {
                statement.query_row([session_id], |row| SessionCompact::from_row(session_id, row)).optional()
            })
            .attempt(|| format!("read the compaction of session {session_id}"))
    }
}

impl SessionCompacts<'_, ReadWrite> {
    /// Writes the compaction of a session unless it has a later one; returns the one it has then. It counts as a
    /// compaction either way. An unknown session is `DB_CONSTRAINT`, a bad time `INVALID_TIMESTAMP`.
    pub fn upsert(&self, input: &SessionCompactInput) -> Result<SessionCompact> {
        self.set_latest(input)?;
        self.book_compaction(input)?;
        let session_id = &input.session_id;
        self.get(session_id)?.ok_or_else(|| {
            Error::new(
                Code::Internal,
                format!("read the compaction of session {session_id} after writing it"),
            )
        })
    }

    /// As [`SessionCompacts::upsert`] for a compaction that is booked apart.
    pub fn set_latest(&self, input: &SessionCompactInput) -> Result<()> {
        let session_id = &input.session_id;
        let origin = Origin { session_id, timestamp: &input.timestamp, line_number: input.line_number };
        TABLE.upsert(
            self.connection,
            &origin,
            &[&input.message_id, &input.content, &input.raw_json, &input.compact_type],
        )
    }

    fn book_compaction(&self, input: &SessionCompactInput) -> Result<()> {
        let write = Write::new(self.connection);
        let session_row = write.sessions().required_row(&input.session_id)?;
        write.compactions().book(
            session_row,
            None,
            &NewCompaction {
                message_id: input.message_id.clone(),
                compact_type: input.compact_type.clone(),
                timestamp_ms: Timestamp::parse_argument("timestamp", &input.timestamp)?.as_millis(),
                ..NewCompaction::default()
            },
        )
    }
}
