//! Calls of tools, each with its result (table `tool_calls`): one row per call and session.
//!
//! Input and result stand in the raw lines; a row knows where.

mod write;

pub use write::{JsonPlace, NewEdit, NewToolCall, NewToolResult};

use crate::{
    columns::{TextList, optional_time, time},
    error::Attempt,
    messages::MessageId,
    raw_blocks::RawBlockCache,
    sessions::bind,
    transaction::{Read, ToolCalls},
};
use han_base::{Cursor, Page, Result};
use rusqlite::{OptionalExtension, Row, params};

/// A call of a tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct ToolCall {
    /// The model's id of the call.
    pub id: String,
    /// The session.
    pub session_id: String,
    /// The message that calls; absent when only the result is known.
    pub message_id: Option<String>,
    /// The message that holds the result; absent while there is none.
    pub result_message_id: Option<String>,
    /// The agent that calls; absent in the main conversation.
    pub agent_id: Option<String>,
    /// The tool; absent when only the result is known.
    pub name: Option<String>,
    /// The kind of agent, of calls that start one.
    pub subagent_type: Option<String>,
    /// The files that the input names.
    pub file_paths: Vec<String>,
    /// The input, as JSON text. Only where it was asked for.
    pub input: Option<String>,
    /// The result, as JSON text. Only where it was asked for.
    pub result: Option<String>,
    /// Whether the result is an error; absent while there is none.
    pub is_error: Option<bool>,
    /// What became of the file, of calls that edit one: `created` or `modified`.
    pub action: Option<String>,
    /// Lines that an edit added.
    pub lines_added: Option<i64>,
    /// Lines that an edit removed.
    pub lines_removed: Option<i64>,
    /// When it was called, RFC 3339.
    pub started_at: String,
    /// When its result came, RFC 3339.
    pub ended_at: Option<String>,
    /// The time between the two, in milliseconds.
    pub duration_ms: Option<i64>,
}

/// Which calls a page shows. Everything is optional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolCallFilter {
    /// A session.
    pub session_id: Option<String>,
    /// A tool.
    pub name: Option<String>,
    /// Only calls whose result is an error, or only others.
    pub is_error: Option<bool>,
    /// Whether inputs and results are filled.
    pub with_content: bool,
}

/// Letter of this list's cursors.
const CURSOR: char = 'c';

const SELECT: &str = "SELECT calls.id, sessions.id, message_id, result_message_id, calls.agent_id, name, subagent_type,
  file_paths, is_error, lines_added, lines_removed, started_at_ms, ended_at_ms, calls.row_id, calls.session_file_row_id,
  input_offset, input_length, input, result_file_row_id, result_offset, result_length, result, action
  FROM tool_calls AS calls JOIN sessions ON sessions.row_id = calls.session_row_id";

/// Where the texts of a call stand.
struct Texts {
    input: Option<(i64, u64, u64)>,
    result: Option<(i64, u64, u64)>,
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<(ToolCall, Texts)> {
    let started_at_ms: i64 = row.get(11)?;
    let ended_at_ms: Option<i64> = row.get(12)?;
    let place = |file: usize| -> rusqlite::Result<Option<(i64, u64, u64)>> {
        let (file, offset, length): (Option<i64>, Option<i64>, Option<i64>) =
            (row.get(file)?, row.get(file + 1)?, row.get(file + 2)?);
        Ok(file.zip(offset).zip(length).map(|((file, offset), length)| (file, offset as u64, length as u64)))
    };
    let call = ToolCall {
        id: row.get(0)?,
        session_id: row.get(1)?,
        message_id: row.get::<_, Option<MessageId>>(2)?.map(|id| id.to_string()),
        result_message_id: row.get::<_, Option<MessageId>>(3)?.map(|id| id.to_string()),
        agent_id: row.get(4)?,
        name: row.get(5)?,
        subagent_type: row.get(6)?,
        file_paths: row.get::<_, Option<TextList>>(7)?.unwrap_or_default().0,
        input: row.get(17)?,
        result: row.get(21)?,
        is_error: row.get(8)?,
        action: row.get(22)?,
        lines_added: row.get(9)?,
        lines_removed: row.get(10)?,
        started_at: time(row, 11)?,
        ended_at: optional_time(row, 12)?,
        duration_ms: ended_at_ms.map(|at| (at - started_at_ms).max(0)),
    };
    Ok((call, Texts { input: place(14)?, result: place(18)? }))
}

impl<A> ToolCalls<'_, A> {
    /// The call with this id; where several sessions hold it, that of the session that was indexed first. With its
    /// input and result.
    pub fn get(&self, id: &str) -> Result<Option<ToolCall>> {
        let found = self
            .connection
            .prepare_cached(&format!("{SELECT} WHERE calls.id = ?1 ORDER BY calls.row_id LIMIT 1"))
            .and_then(|mut statement| statement.query_row([id], from_row).optional())
            .attempt(|| format!("read tool call {id}"))?;
        found.map(|found| self.with_content(&mut RawBlockCache::default(), found)).transpose()
    }

    /// Name and input of a call of a session; `None` when it is not known, or has neither.
    pub fn input_of(&self, session_row: i64, id: &str) -> Result<Option<(String, String)>> {
        let found = self
            .connection
            .prepare_cached(&format!("{SELECT} WHERE calls.id = ?1 AND calls.session_row_id = ?2"))
            .and_then(|mut statement| statement.query_row(params![id, session_row], from_row).optional())
            .attempt(|| format!("read tool call {id}"))?;
        let Some(found) = found else { return Ok(None) };
        let call = self.with_content(&mut RawBlockCache::default(), found)?;
        Ok(call.name.zip(call.input))
    }

    /// A page of calls, newest first.
    pub fn page(
        &self,
        filter: &ToolCallFilter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<ToolCall>> {
        let after = cursor.map(|text| Cursor::decode(CURSOR, text)).transpose()?;
        let mut sql = format!("{SELECT} WHERE true");
        if filter.session_id.is_some() {
            sql += " AND calls.session_row_id = (SELECT row_id FROM sessions WHERE id = :session)";
        }
        if filter.name.is_some() {
            sql += " AND name = :name";
        }
        sql += match filter.is_error {
            Some(true) => " AND is_error",
            Some(false) => " AND is_error IS NOT 1",
            None => "",
        };
        if after.is_some() {
            sql += " AND (started_at_ms, calls.row_id) < (:value, :row)";
        }
        sql += " ORDER BY started_at_ms DESC, calls.row_id DESC LIMIT :limit";
        let rows = self
            .connection
            .prepare_cached(&sql)
            .and_then(|mut statement| {
                bind(&mut statement, ":session", filter.session_id.as_deref())?;
                bind(&mut statement, ":name", filter.name.as_deref())?;
                bind(&mut statement, ":value", after.map(|cursor| cursor.value))?;
                bind(&mut statement, ":row", after.map(|cursor| cursor.row))?;
                bind(&mut statement, ":limit", Some(limit as i64 + 1))?;
                let rows = statement.raw_query().mapped(|row| {
                    let cursor = Cursor { kind: CURSOR, value: row.get(11)?, row: row.get(13)? };
                    Ok((from_row(row)?, cursor))
                });
                rows.collect::<rusqlite::Result<Vec<_>>>()
            })
            .attempt(|| "list tool calls".into())?;
        let page = Page::from_rows(rows, limit, |row| row.1);
        let mut cache = RawBlockCache::default();
        let items = page.items.into_iter().map(|(found, _)| {
            if filter.with_content { self.with_content(&mut cache, found) } else { Ok(found.0) }
        });
        Ok(Page { items: items.collect::<Result<_>>()?, next_cursor: page.next_cursor })
    }

    fn with_content(&self, cache: &mut RawBlockCache, found: (ToolCall, Texts)) -> Result<ToolCall> {
        let (mut call, texts) = found;
        let blocks = Read::new(self.connection).raw_blocks();
        let mut text = |place: Option<(i64, u64, u64)>, known: Option<String>| match place {
            Some((file, offset, length)) => {
                let bytes = blocks.read(cache, file, offset, length)?;
                Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
            }
            None => Ok(known),
        };
        call.input = text(texts.input, call.input.take())?;
        call.result = text(texts.result, call.result.take())?;
        Ok(call)
    }
}
