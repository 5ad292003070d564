//! Reading messages.

use super::{
    Message, MessageId,
    rows::{MessageRow, ROW_ID, RowReader, SELECT_ROWS, TIMESTAMP},
    time_text,
};
use crate::{error::Attempt, sessions::bind, transaction::Messages};
use han_base::{Cursor, Page, Result};
use rusqlite::{OptionalExtension, params};

/// First and last time of a session's rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct SessionTimestamps {
    /// The session.
    pub session_id: String,
    /// Time of the first row, RFC 3339; absent without rows.
    pub started_at: Option<String>,
    /// Time of the last row, RFC 3339; absent without rows.
    pub ended_at: Option<String>,
}

/// Which messages of a session a page shows. Everything is optional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageFilter {
    /// `user`, `assistant`, `tool`, `system` or `summary`.
    pub speaker: Option<String>,
    /// An agent; empty means the main conversation only.
    pub agent_id: Option<String>,
    /// Newest first instead of oldest first.
    pub newest_first: bool,
    /// Whether `raw_json` is filled.
    pub with_raw: bool,
}

/// Letter of this list's cursors.
const CURSOR: char = 'm';

impl<A> Messages<'_, A> {
    /// The message with this id; where several sessions hold it, that of the session that was indexed first.
    pub fn get(&self, id: &str) -> Result<Option<Message>> {
        let attempt = || format!("read message {id}");
        let mut statement = self
            .connection
            .prepare_cached(&format!("{SELECT_ROWS} WHERE id = ?1 ORDER BY row_id LIMIT 1"))
            .attempt(attempt)?;
        let mut found = statement.query([MessageId::new(id)]).attempt(attempt)?;
        let mut message = None;
        if let Some(row) = found.next().attempt(attempt)? {
            RowReader::new(self.connection, true).visit(row, &mut |row| {
                message = Some(row.to_message());
                Ok(())
            })?;
        }
        Ok(message)
    }

    /// Shows `visit` the messages in these rows, in the order of `rows`.
    pub(crate) fn visit_rows(
        &self,
        rows: impl Iterator<Item = i64>,
        visit: &mut dyn FnMut(&MessageRow<'_>) -> Result<()>,
    ) -> Result<()> {
        let attempt = || "read messages".to_owned();
        let mut statement =
            self.connection.prepare_cached(&format!("{SELECT_ROWS} WHERE row_id = ?1")).attempt(attempt)?;
        let mut reader = RowReader::new(self.connection, true);
        for row in rows {
            let mut found = statement.query([row]).attempt(attempt)?;
            if let Some(row) = found.next().attempt(attempt)? {
                reader.visit(row, visit)?;
            }
        }
        Ok(())
    }

    /// Messages of a session, newest first. `agent_id` empty means the main conversation only.
    pub fn list(
        &self,
        session_id: &str,
        message_type: Option<&str>,
        agent_id: Option<&str>,
        limit: u32,
        offset: u32,
    ) -> Result<Vec<Message>> {
        let mut messages = Vec::new();
        self.visit_list(session_id, message_type, agent_id, limit, offset, &mut |row| {
            messages.push(row.to_message());
            Ok(())
        })?;
        Ok(messages)
    }

    /// As [`Messages::list`], for callers that copy the rows into a form of their own; an error of `visit` ends the list.
    pub fn visit_list(
        &self,
        session_id: &str,
        message_type: Option<&str>,
        agent_id: Option<&str>,
        limit: u32,
        offset: u32,
        visit: &mut dyn FnMut(&MessageRow<'_>) -> Result<()>,
    ) -> Result<()> {
        let attempt = || format!("list messages of session {session_id}");
        let mut statement = self
            .connection
            .prepare_cached(&format!(
                "{SELECT_ROWS} WHERE session_row_id = (SELECT row_id FROM sessions WHERE id = ?1)
                 AND (?2 IS NULL OR message_type = ?2)
                 AND (?3 IS NULL OR agent_id = ?3 OR (?3 = '' AND agent_id IS NULL))
                 ORDER BY timestamp_ms DESC, row_id DESC LIMIT ?4 OFFSET ?5"
            ))
            .attempt(attempt)?;
        let mut rows =
            statement.query(params![session_id, message_type, agent_id, limit, offset]).attempt(attempt)?;
        let mut reader = RowReader::new(self.connection, true);
        while let Some(row) = rows.next().attempt(attempt)? {
            reader.visit(row, visit)?;
        }
        Ok(())
    }

    /// A page of a session's messages.
    pub fn page(
        &self,
        session_id: &str,
        filter: &MessageFilter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<Message>> {
        let mut items = Vec::new();
        let next_cursor = self.visit_page(session_id, filter, cursor, limit, &mut |row| {
            items.push(row.to_message());
            Ok(())
        })?;
        Ok(Page { items, next_cursor })
    }

    /// As [`Messages::page`], for callers that copy the rows into a form of their own: returns where the next page begins,
    /// `None` at the end. An error of `visit` ends the page.
    pub fn visit_page(
        &self,
        session_id: &str,
        filter: &MessageFilter,
        cursor: Option<&str>,
        limit: usize,
        visit: &mut dyn FnMut(&MessageRow<'_>) -> Result<()>,
    ) -> Result<Option<String>> {
        let after = cursor.map(|text| Cursor::decode(CURSOR, text)).transpose()?;
        let attempt = || format!("list messages of session {session_id}");
        let mut statement =
            self.connection.prepare_cached(&page_sql(filter, after.is_some())).attempt(attempt)?;
        let bound = bind(&mut statement, ":session", Some(session_id))
            .and_then(|()| bind(&mut statement, ":speaker", filter.speaker.as_deref()))
            .and_then(|()| bind(&mut statement, ":agent", filter.agent_id.as_deref()))
            .and_then(|()| bind(&mut statement, ":value", after.map(|cursor| cursor.value)))
            .and_then(|()| bind(&mut statement, ":row", after.map(|cursor| cursor.row)))
            // The row behind the page only tells that there is one.
            .and_then(|()| bind(&mut statement, ":limit", Some(limit as i64 + 1)));
        bound.attempt(attempt)?;
        let mut rows = statement.raw_query();
        let mut reader = RowReader::new(self.connection, filter.with_raw);
        let mut last = None;
        for _ in 0..limit {
            let Some(row) = rows.next().attempt(attempt)? else { return Ok(None) };
            reader.visit(row, visit)?;
            let key = (row.get(TIMESTAMP).attempt(attempt)?, row.get(ROW_ID).attempt(attempt)?);
            last = Some(Cursor { kind: CURSOR, value: key.0, row: key.1 });
        }
        let is_more = rows.next().attempt(attempt)?.is_some();
        Ok(last.filter(|_| is_more).map(Cursor::encode))
    }

    /// How many messages of type user and assistant a session has; 0 for an unknown one.
    pub fn count(&self, session_id: &str) -> Result<i64> {
        Ok(self.counts([session_id])?[0])
    }

    /// [`Messages::count`] of many sessions, in the order of their ids.
    pub fn counts<'i>(&self, session_ids: impl IntoIterator<Item = &'i str>) -> Result<Vec<i64>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT message_count FROM sessions WHERE id = ?1")
            .attempt(|| "count messages of sessions".into())?;
        let count = |id: &str| {
            let found = statement.query_row([id], |row| row.get(0)).optional();
            Ok(found.attempt(|| format!("count messages of session {id}"))?.unwrap_or(0))
        };
        session_ids.into_iter().map(count).collect()
    }

    /// First and last time of a session's rows.
    pub fn timestamps(&self, session_id: &str) -> Result<SessionTimestamps> {
        let (first, last) = self.spans([session_id])?[0];
        Ok(SessionTimestamps {
            session_id: session_id.to_owned(),
            started_at: first.map(time_text),
            ended_at: last.map(time_text),
        })
    }

    /// First and last time of the rows of many sessions, in the order of their ids, in milliseconds since 1970; both are
    /// `None` without rows.
    pub fn spans<'i>(
        &self,
        session_ids: impl IntoIterator<Item = &'i str>,
    ) -> Result<Vec<(Option<i64>, Option<i64>)>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT first_message_at_ms, last_message_at_ms FROM sessions WHERE id = ?1")
            .attempt(|| "read the times of sessions".into())?;
        let span = |id: &str| {
            let found = statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional();
            Ok(found.attempt(|| format!("read the times of session {id}"))?.unwrap_or_default())
        };
        session_ids.into_iter().map(span).collect()
    }
}

/// The SQL of a page.
fn page_sql(filter: &MessageFilter, is_continued: bool) -> String {
    let mut sql =
        format!("{SELECT_ROWS} WHERE session_row_id = (SELECT row_id FROM sessions WHERE id = :session)");
    if filter.speaker.is_some() {
        sql += " AND speaker = :speaker";
    }
    match filter.agent_id.as_deref() {
        None => {}
        Some("") => sql += " AND agent_id IS NULL",
        Some(_) => sql += " AND agent_id = :agent",
    }
    sql += match (is_continued, filter.newest_first) {
        (false, _) => "",
        (true, false) => " AND (timestamp_ms, row_id) > (:value, :row)",
        (true, true) => " AND (timestamp_ms, row_id) < (:value, :row)",
    };
    sql += if filter.newest_first {
        " ORDER BY timestamp_ms DESC, row_id DESC LIMIT :limit"
    } else {
        " ORDER BY timestamp_ms, row_id LIMIT :limit"
    };
    sql
}
