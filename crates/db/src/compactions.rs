//! Compactions: moments at which a session went on from a summary of what was said (table `compactions`).

use crate::{
    activity::{Repeated, hand_over_repeats},
    error::Attempt,
    transaction::{Compactions, ReadWrite},
};
use han_base::{Result, Timestamp};
use rusqlite::{OptionalExtension, params};

/// A compaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct Compaction {
    /// The session.
    pub session_id: String,
    /// The message that marks it: the boundary, or the summary where there is none.
    pub message_id: String,
    /// `auto_compact`, `compact` or `continuation`.
    pub compact_type: Option<String>,
    /// When it happened, RFC 3339.
    pub timestamp: String,
    /// Tokens of the context before it.
    pub tokens_before: Option<i64>,
    /// Tokens of the context after it.
    pub tokens_after: Option<i64>,
}

/// A compaction as a line tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewCompaction {
    /// The message that marks it.
    pub message_id: String,
    /// `auto_compact`, `compact` or `continuation`.
    pub compact_type: Option<String>,
    /// Milliseconds since 1970.
    pub timestamp_ms: i64,
    /// Tokens of the context before it.
    pub tokens_before: Option<i64>,
    /// Tokens of the context after it.
    pub tokens_after: Option<i64>,
}

const REPEATED: Repeated = Repeated { table: "compactions", key: "message_id", countable: "true" };

impl<A> Compactions<'_, A> {
    /// The compactions of a session, oldest first.
    pub fn list(&self, session_id: &str) -> Result<Vec<Compaction>> {
        self.connection
            .prepare_cached(
                "SELECT message_id, compact_type, timestamp_ms, tokens_before, tokens_after FROM compactions
                 WHERE session_row_id = (SELECT row_id FROM sessions WHERE id = ?1) ORDER BY timestamp_ms, row_id",
            )
            .and_then(|mut statement| {
                let compactions = statement.query_map([session_id], |row| {
                    Ok(Compaction {
                        session_id: session_id.to_owned(),
                        message_id: row.get(0)?,
                        compact_type: row.get(1)?,
                        timestamp: Timestamp::from_millis(row.get(2)?).to_string(),
                        tokens_before: row.get(3)?,
                        tokens_after: row.get(4)?,
                    })
                })?;
                compactions.collect()
            })
            .attempt(|| format!("list the compactions of session {session_id}"))
    }
}

impl Compactions<'_, ReadWrite> {
    /// Books a compaction of a session; where it is known already, what the line tells more is added.
    pub fn book(&self, session_row: i64, file_row: Option<i64>, compaction: &NewCompaction) -> Result<()> {
        let attempt = || format!("book compaction {}", compaction.message_id);
        let known: Option<i64> = self
            .connection
            .prepare_cached("SELECT row_id FROM compactions WHERE message_id = ?1 AND session_row_id = ?2")
            .and_then(|mut statement| {
                statement.query_row(params![compaction.message_id, session_row], |row| row.get(0)).optional()
            })
            .attempt(attempt)?;
        if let Some(row_id) = known {
            return self.complete(row_id, compaction);
        }
        self.connection
            .prepare_cached(
                "INSERT INTO compactions (session_row_id, session_file_row_id, message_id, compact_type, timestamp_ms,
                   tokens_before, tokens_after, is_repeat)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,
                   EXISTS (SELECT 1 FROM compactions WHERE message_id = ?3 AND session_row_id <> ?1))",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    session_row,
                    file_row,
                    compaction.message_id,
                    compaction.compact_type,
                    compaction.timestamp_ms,
                    compaction.tokens_before,
                    compaction.tokens_after,
                ])
            })
            .attempt(attempt)?;
        Ok(())
    }

    fn complete(&self, row_id: i64, compaction: &NewCompaction) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE compactions SET compact_type = coalesce(compact_type, ?2),
                   tokens_before = coalesce(tokens_before, ?3), tokens_after = coalesce(tokens_after, ?4)
                 WHERE row_id = ?1",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    row_id,
                    compaction.compact_type,
                    compaction.tokens_before,
                    compaction.tokens_after,
                ])
            })
            .attempt(|| format!("complete compaction {}", compaction.message_id))?;
        Ok(())
    }

    /// Removes the compactions that came from a source file; returns how many there were.
    pub(crate) fn delete_of_file(&self, file_row: i64) -> Result<u64> {
        self.delete("session_file_row_id", file_row)
    }

    /// Removes the compactions of a session; returns how many there were.
    pub(crate) fn delete_of_session(&self, session_row: i64) -> Result<u64> {
        self.delete("session_row_id", session_row)
    }

    fn delete(&self, owner: &str, owner_row: i64) -> Result<u64> {
        hand_over_repeats(self.connection, &REPEATED, (owner, owner_row))?;
        let deleted = self
            .connection
            .prepare_cached(&format!("DELETE FROM compactions WHERE {owner} = ?1"))
            .and_then(|mut statement| statement.execute([owner_row]))
            .attempt(|| format!("remove the compactions with {owner} {owner_row}"))?;
        Ok(deleted as u64)
    }
}
