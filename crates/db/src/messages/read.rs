//! Reading messages.

use super::{Message, MessageId, time_text};
use crate::{Read, error::Attempt, raw_blocks::RawBlockCache, sessions::bind, transaction::Messages};
use han_base::{Cursor, Page, Result};
use rusqlite::{OptionalExtension, Row, params};
use std::path::Path;

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

const SELECT: &str = "SELECT messages.id, sessions.id, messages.agent_id, parent_id, message_type, role, speaker,
  content, tool_name, tool_input, tool_result, timestamp_ms, line_number, source_file_name, source_file_type,
  sentiment_score, sentiment_level, frustration_score, frustration_level, input_tokens, output_tokens,
  cache_read_tokens, cache_creation_tokens, lines_added, lines_removed, files_changed, indexed_at_ms, raw_json,
  session_file_row_id, messages.byte_offset, byte_length, session_files.file_path, session_files.file_type,
  messages.row_id, tool_input_offset, tool_input_length
  FROM messages JOIN sessions ON sessions.row_id = messages.session_row_id
  LEFT JOIN session_files ON session_files.row_id = messages.session_file_row_id";

/// Column of `messages.row_id` and of the time in [`SELECT`].
const ROW_ID: usize = 33;
const TIMESTAMP: usize = 11;

/// Letter of this list's cursors.
const CURSOR: char = 'm';

/// Where the line of a message from a file stands.
struct RawPlace {
    file: i64,
    byte_offset: i64,
    byte_length: i64,
    /// Where a tool's input stands in the line.
    tool_input: Option<(i64, i64)>,
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<(Message, Option<RawPlace>)> {
    let file_path: Option<String> = row.get(31)?;
    let file_name = file_path.as_deref().map(|path| {
        Path::new(path).file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    });
    let tool_input = Option::zip(row.get(34)?, row.get(35)?);
    let place = match (row.get(28)?, row.get(29)?, row.get(30)?) {
        (Some(file), Some(byte_offset), Some(byte_length)) => {
            Some(RawPlace { file, byte_offset, byte_length, tool_input })
        }
        _ => None,
    };
    let message = Message {
        id: row.get::<_, MessageId>(0)?.to_string(),
        session_id: row.get(1)?,
        agent_id: row.get(2)?,
        parent_id: row.get(3)?,
        message_type: row.get(4)?,
        role: row.get(5)?,
        speaker: row.get(6)?,
        content: row.get(7)?,
        tool_name: row.get(8)?,
        tool_input: row.get(9)?,
        tool_result: row.get(10)?,
        timestamp: time_text(row.get(TIMESTAMP)?),
        line_number: row.get(12)?,
        source_file_name: file_name.or(row.get(13)?),
        source_file_type: row.get::<_, Option<String>>(32)?.or(row.get(14)?),
        sentiment_score: row.get(15)?,
        sentiment_level: row.get(16)?,
        frustration_score: row.get(17)?,
        frustration_level: row.get(18)?,
        input_tokens: row.get(19)?,
        output_tokens: row.get(20)?,
        cache_read_tokens: row.get(21)?,
        cache_creation_tokens: row.get(22)?,
        lines_added: row.get(23)?,
        lines_removed: row.get(24)?,
        files_changed: row.get(25)?,
        indexed_at: Some(time_text(row.get(26)?)),
        raw_json: row.get(27)?,
    };
    Ok((message, place))
}

impl<A> Messages<'_, A> {
    /// The message with this id; where several sessions hold it, that of the session that was indexed first.
    pub fn get(&self, id: &str) -> Result<Option<Message>> {
        let found = self
            .connection
            .prepare_cached(&format!("{SELECT} WHERE messages.id = ?1 ORDER BY messages.row_id LIMIT 1"))
            .and_then(|mut statement| statement.query_row([MessageId::new(id)], from_row).optional())
            .attempt(|| format!("read message {id}"))?;
        found.map(|found| self.with_raw(&mut RawBlockCache::default(), found)).transpose()
    }

    /// The messages in these rows, in the order of `rows`.
    pub(crate) fn get_rows(&self, rows: impl Iterator<Item = i64>) -> Result<Vec<Message>> {
        let attempt = || "read messages".to_owned();
        let mut statement = self
            .connection
            .prepare_cached(&format!("{SELECT} WHERE messages.row_id = ?1"))
            .attempt(attempt)?;
        let mut cache = RawBlockCache::default();
        rows.map(|row| self.with_raw(&mut cache, statement.query_row([row], from_row).attempt(attempt)?))
            .collect()
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
        let rows = self
            .connection
            .prepare_cached(&format!(
                "{SELECT} WHERE messages.session_row_id = (SELECT row_id FROM sessions WHERE id = ?1)
                 AND (?2 IS NULL OR message_type = ?2)
                 AND (?3 IS NULL OR messages.agent_id = ?3 OR (?3 = '' AND messages.agent_id IS NULL))
                 ORDER BY timestamp_ms DESC, messages.row_id DESC LIMIT ?4 OFFSET ?5"
            ))
            .and_then(|mut statement| {
                statement
                    .query_map(params![session_id, message_type, agent_id, limit, offset], from_row)?
                    .collect::<rusqlite::Result<Vec<_>>>()
            })
            .attempt(|| format!("list messages of session {session_id}"))?;
        let mut cache = RawBlockCache::default();
        rows.into_iter().map(|row| self.with_raw(&mut cache, row)).collect()
    }

    /// A page of a session's messages.
    pub fn page(
        &self,
        session_id: &str,
        filter: &MessageFilter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<Message>> {
        let after = cursor.map(|text| Cursor::decode(CURSOR, text)).transpose()?;
        let mut sql = format!(
            "{SELECT} WHERE messages.session_row_id = (SELECT row_id FROM sessions WHERE id = :session)"
        );
        if filter.speaker.is_some() {
            sql += " AND speaker = :speaker";
        }
        match filter.agent_id.as_deref() {
            None => {}
            Some("") => sql += " AND messages.agent_id IS NULL",
            Some(_) => sql += " AND messages.agent_id = :agent",
        }
        sql += match (after.is_some(), filter.newest_first) {
            (false, _) => "",
            (true, false) => " AND (timestamp_ms, messages.row_id) > (:value, :row)",
            (true, true) => " AND (timestamp_ms, messages.row_id) < (:value, :row)",
        };
        sql += if filter.newest_first {
            " ORDER BY timestamp_ms DESC, messages.row_id DESC LIMIT :limit"
        } else {
            " ORDER BY timestamp_ms, messages.row_id LIMIT :limit"
        };
        let rows = self
            .connection
            .prepare_cached(&sql)
            .and_then(|mut statement| {
                bind(&mut statement, ":session", Some(session_id))?;
                bind(&mut statement, ":speaker", filter.speaker.as_deref())?;
                bind(&mut statement, ":agent", filter.agent_id.as_deref())?;
                bind(&mut statement, ":value", after.map(|cursor| cursor.value))?;
                bind(&mut statement, ":row", after.map(|cursor| cursor.row))?;
                bind(&mut statement, ":limit", Some(limit as i64 + 1))?;
                statement
                    .raw_query()
                    .mapped(|row| {
                        let cursor =
                            Cursor { kind: CURSOR, value: row.get(TIMESTAMP)?, row: row.get(ROW_ID)? };
                        Ok((from_row(row)?, cursor))
                    })
                    .collect::<rusqlite::Result<Vec<_>>>()
            })
            .attempt(|| format!("list messages of session {session_id}"))?;
        let page = Page::from_rows(rows, limit, |row| row.1);
        let mut cache = RawBlockCache::default();
        let items = page.items.into_iter().map(|(row, _)| {
            let needs_raw = filter.with_raw || row.1.as_ref().is_some_and(|place| place.tool_input.is_some());
            let message = if needs_raw { self.with_raw(&mut cache, row)? } else { row.0 };
            Ok(if filter.with_raw { message } else { Message { raw_json: None, ..message } })
        });
        Ok(Page { items: items.collect::<Result<_>>()?, next_cursor: page.next_cursor })
    }

    fn with_raw(&self, cache: &mut RawBlockCache, found: (Message, Option<RawPlace>)) -> Result<Message> {
        let (mut message, place) = found;
        if let Some(place) = place {
            let blocks = Read::new(self.connection).raw_blocks();
            let bytes = blocks.read(cache, place.file, place.byte_offset as u64, place.byte_length as u64)?;
            if let Some((offset, length)) = place.tool_input {
                let input = bytes.get(offset as usize..).and_then(|rest| rest.get(..length as usize));
                message.tool_input = input.map(|input| String::from_utf8_lossy(input).into_owned());
            }
            message.raw_json = Some(match String::from_utf8(bytes) {
                Ok(text) => text,
                Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
            });
        }
        Ok(message)
    }

    /// How many messages of type user and assistant a session has; 0 for an unknown one.
    pub fn count(&self, session_id: &str) -> Result<i64> {
        Ok(self
            .connection
            .prepare_cached("SELECT message_count FROM sessions WHERE id = ?1")
            .and_then(|mut statement| statement.query_row([session_id], |row| row.get(0)).optional())
            .attempt(|| format!("count messages of session {session_id}"))?
            .unwrap_or(0))
    }

    /// First and last time of a session's rows.
    pub fn timestamps(&self, session_id: &str) -> Result<SessionTimestamps> {
        let span: Option<(Option<i64>, Option<i64>)> = self
            .connection
            .prepare_cached("SELECT first_message_at_ms, last_message_at_ms FROM sessions WHERE id = ?1")
            .and_then(|mut statement| {
                statement.query_row([session_id], |row| Ok((row.get(0)?, row.get(1)?))).optional()
            })
            .attempt(|| format!("read the times of session {session_id}"))?;
        let (first, last) = span.unwrap_or_default();
        Ok(SessionTimestamps {
            session_id: session_id.to_owned(),
            started_at: first.map(time_text),
            ended_at: last.map(time_text),
        })
    }
}
