//! Counters against the rows that they count.

use crate::{activity, error::Attempt};
use han_base::Result;
use rusqlite::Connection;

/// What is wrong with the counters, one sentence each.
pub(crate) fn miscounted(connection: &Connection) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    let sessions = miscounted_sessions(connection)?.len();
    if sessions > 0 {
        problems.push(format!("the counters of {sessions} sessions differ from their rows"));
    }
    let hours = activity::miscounted(connection)?;
    if hours > 0 {
        problems.push(format!("the figures of {hours} hours of sessions differ from their rows"));
    }
    let stores = miscounted_stores(connection)?.len();
    if stores > 0 {
        problems.push(format!("the counters of {stores} stores of documents differ from their rows"));
    }
    Ok(problems)
}

/// The stores that hold other documents and vectors than their counters tell.
pub(super) fn miscounted_stores(connection: &Connection) -> Result<Vec<i64>> {
    connection
        .prepare(
            "SELECT row_id FROM document_stores
             WHERE document_count <> (SELECT count(*) FROM documents WHERE store_row_id = document_stores.row_id)
               OR vector_count <> (SELECT count(*) FROM vectors WHERE store_row_id = document_stores.row_id)",
        )
        .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
        .attempt(|| "count what the stores of documents hold".into())
}

/// The sessions to count anew: those with wrong counters, or all of them when figures by hour are wrong.
pub(super) fn sessions_to_recount(connection: &Connection) -> Result<Vec<i64>> {
    if activity::miscounted(connection)? == 0 {
        return miscounted_sessions(connection);
    }
    connection
        .prepare("SELECT row_id FROM sessions")
        .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
        .attempt(|| "list all sessions".into())
}

/// The sessions that have other rows than their counters tell.
fn miscounted_sessions(connection: &Connection) -> Result<Vec<i64>> {
    connection
        .prepare(
            "SELECT row_id FROM sessions LEFT JOIN (
               SELECT session_row_id, count(*) AS counted, sum(message_type IN ('user', 'assistant')) AS conversation,
                 min(timestamp_ms) AS first_ms, max(timestamp_ms) AS last_ms
               FROM messages GROUP BY session_row_id) ON session_row_id = sessions.row_id
             WHERE row_count <> coalesce(counted, 0) OR message_count <> coalesce(conversation, 0)
               OR first_message_at_ms IS NOT first_ms OR last_message_at_ms IS NOT last_ms",
        )
        .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
        .attempt(|| "count the rows of all sessions".into())
}
