//! Booking calls and their results, and what an edit did: lines of its message, and a change of a file.

use crate::{
    activity::{Hours, Repeated, RowFigures, hand_over_repeats},
    columns::{TextList, to_json},
    error::Attempt,
    file_changes::ChangeOfCall,
    messages::MessageId,
    transaction::{ReadWrite, ToolCalls, Write},
};
use han_base::Result;
use rusqlite::{OptionalExtension, params};

/// Where JSON text stands in a source file, or the text itself when a caller gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonPlace {
    /// First byte in the file, and length.
    InFile(u64, u64),
    /// The text.
    Text(String),
}

impl JsonPlace {
    fn columns(place: Option<&Self>) -> (Option<i64>, Option<i64>, Option<&str>) {
        match place {
            Some(Self::InFile(offset, length)) => (Some(*offset as i64), Some(*length as i64), None),
            Some(Self::Text(text)) => (None, None, Some(text)),
            None => (None, None, None),
        }
    }
}

/// A call as a line tells it, with its result where that is known already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToolCall {
    /// The model's id of the call.
    pub id: String,
    /// The message that calls.
    pub message_id: MessageId,
    /// The agent that calls; none in the main conversation.
    pub agent_id: Option<String>,
    /// The tool.
    pub name: String,
    /// The kind of agent, of calls that start one.
    pub subagent_type: Option<String>,
    /// The files that the input names; of an edit the edited one is the first.
    pub file_paths: Vec<String>,
    /// The input.
    pub input: Option<JsonPlace>,
    /// Milliseconds since 1970.
    pub timestamp_ms: i64,
    /// The edit that the input asks for.
    pub edit: Option<NewEdit>,
    /// The result, where the same batch holds it.
    pub result: Option<NewToolResult>,
}

/// What an edit does to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewEdit {
    /// `created` or `modified`.
    pub action: &'static str,
    /// Lines added.
    pub lines_added: i64,
    /// Lines removed.
    pub lines_removed: i64,
    /// 1, or 0 where the same message edits the file before.
    pub files_changed: i64,
}

impl NewEdit {
    /// What it comes to with this result: nothing when the call failed, and what the result tells goes before what the
    /// input asked for.
    fn settled(self, result: &NewToolResult) -> Self {
        match result.edit {
            _ if result.is_error => Self { lines_added: 0, lines_removed: 0, files_changed: 0, ..self },
            Some(told) => Self { files_changed: self.files_changed, ..told },
            None => self,
        }
    }
}

impl NewToolCall {
    /// The edit as far as it is known: with the result, where that is.
    #[must_use]
    pub fn settled_edit(&self) -> Option<NewEdit> {
        let edit = self.edit?;
        Some(self.result.as_ref().map_or(edit, |result| edit.settled(result)))
    }
}

/// A result as a line tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToolResult {
    /// The id of the call.
    pub call_id: String,
    /// The message that holds the result.
    pub message_id: MessageId,
    /// The agent that called.
    pub agent_id: Option<String>,
    /// Whether it is an error.
    pub is_error: bool,
    /// The result.
    pub content: Option<JsonPlace>,
    /// Milliseconds since 1970.
    pub timestamp_ms: i64,
    /// What an edit did, where the result tells it exactly.
    pub edit: Option<NewEdit>,
}

/// A call that is booked.
struct Booked {
    row_id: i64,
    message_id: Option<MessageId>,
    agent_id: Option<String>,
    /// None while only the result is known.
    name: Option<String>,
    file_paths: Vec<String>,
    is_ended: bool,
    edit: Option<NewEdit>,
}

/// A call of which only the result is known is none that could be counted.
const REPEATED: Repeated = Repeated { table: "tool_calls", key: "id", countable: "others.name IS NOT NULL" };

impl ToolCalls<'_, ReadWrite> {
    /// Books calls of a session, and results whose calls were booked before or come later. A call or result that is known
    /// already stays as it is.
    ///
    /// The lines and files of a call are those of its message too: where a batch holds call and result the message has
    /// them already ([`NewToolCall::settled_edit`]); a result that comes later corrects them. An edit that succeeded is a
    /// change of its file.
    pub fn book(
        &self,
        session_row: i64,
        file_row: Option<i64>,
        calls: &[NewToolCall],
        results: &[NewToolResult],
    ) -> Result<()> {
        let mut hours = Hours::default();
        for call in calls {
            let is_repeat = match self.booked(&call.id, session_row)? {
                None => self.insert_call(session_row, file_row, call)?,
                Some(booked) if booked.name.is_none() => {
                    self.name_call(booked.row_id, session_row, file_row, call)?
                }
                Some(booked) => {
                    if let Some(result) = &call.result {
                        self.end_call(session_row, file_row, &booked, result, &mut hours)?;
                    }
                    continue;
                }
            };
            let subagent_type = call.subagent_type.as_deref().unwrap_or_default();
            hours.add_call(call.timestamp_ms, &call.name, subagent_type, is_repeat);
        }
        for result in results {
            match self.booked(&result.call_id, session_row)? {
                Some(booked) => self.end_call(session_row, file_row, &booked, result, &mut hours)?,
                None => self.insert_result(session_row, file_row, result)?,
            }
        }
        hours.store(self.connection, session_row)
    }

    fn booked(&self, id: &str, session_row: i64) -> Result<Option<Booked>> {
        self.connection
            .prepare_cached(
                "SELECT row_id, message_id, agent_id, name, file_paths, is_error IS NOT NULL, action,
                   lines_added, lines_removed, files_changed
                 FROM tool_calls WHERE id = ?1 AND session_row_id = ?2",
            )
            .and_then(|mut statement| {
                statement
                    .query_row(params![id, session_row], |row| {
                        let action: Option<String> = row.get(6)?;
                        let edit = match action {
                            Some(action) => Some(NewEdit {
                                action: if action == "created" { "created" } else { "modified" },
                                lines_added: row.get(7)?,
                                lines_removed: row.get(8)?,
                                files_changed: row.get(9)?,
                            }),
                            None => None,
                        };
                        Ok(Booked {
                            row_id: row.get(0)?,
                            message_id: row.get(1)?,
                            agent_id: row.get(2)?,
                            name: row.get(3)?,
                            file_paths: row.get::<_, Option<TextList>>(4)?.unwrap_or_default().0,
                            is_ended: row.get(5)?,
                            edit,
                        })
                    })
                    .optional()
            })
            .attempt(|| format!("look for tool call {id}"))
    }

    /// Whether another session holds the call, and not only its result.
    fn stands_elsewhere(&self, id: &str, session_row: i64) -> Result<bool> {
        self.connection
            .prepare_cached(
                "SELECT EXISTS (
                   SELECT 1 FROM tool_calls WHERE id = ?1 AND session_row_id <> ?2 AND name IS NOT NULL)",
            )
            .and_then(|mut statement| statement.query_row(params![id, session_row], |row| row.get(0)))
            .attempt(|| format!("look for tool call {id} in other sessions"))
    }

    /// Inserts a call, with its result where the batch held it; tells whether another session counts it.
    fn insert_call(&self, session_row: i64, file_row: Option<i64>, call: &NewToolCall) -> Result<bool> {
        let is_repeat = self.stands_elsewhere(&call.id, session_row)?;
        let (input_offset, input_length, input) = JsonPlace::columns(call.input.as_ref());
        let result = call.result.as_ref();
        let (result_offset, result_length, result_text) =
            JsonPlace::columns(result.and_then(|result| result.content.as_ref()));
        let edit = call.settled_edit();
        self.connection
            .prepare_cached(
                "INSERT INTO tool_calls (id, session_row_id, message_id, agent_id, name, subagent_type, file_paths,
                   lines_added, lines_removed, started_at_ms, is_repeat, session_file_row_id, input_offset, input_length,
                   input, result_message_id, is_error, ended_at_ms, result_file_row_id, result_offset, result_length,
                   result, action, files_changed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
                   ?22, ?23, ?24)",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    call.id,
                    session_row,
                    call.message_id,
                    call.agent_id,
                    call.name,
                    call.subagent_type,
                    paths(call),
                    edit.map(|edit| edit.lines_added),
                    edit.map(|edit| edit.lines_removed),
                    call.timestamp_ms,
                    is_repeat,
                    file_row,
                    input_offset,
                    input_length,
                    input,
                    result.map(|result| &result.message_id),
                    result.map(|result| result.is_error),
                    result.map(|result| result.timestamp_ms),
                    result.and(file_row),
                    result_offset,
                    result_length,
                    result_text,
                    edit.map(|edit| edit.action),
                    edit.map(|edit| edit.files_changed),
                ])
            })
            .attempt(|| format!("book tool call {}", call.id))?;
        if let (Some(edit), Some(result), Some(path)) = (edit, result, call.file_paths.first())
            && !result.is_error
        {
            self.record_change(&ChangeOfCall {
                session_row,
                file_row,
                call_id: &call.id,
                path,
                action: edit.action,
                tool_name: &call.name,
                agent_id: call.agent_id.as_deref(),
                timestamp_ms: result.timestamp_ms,
            })?;
        }
        Ok(is_repeat)
    }

    /// Adds the call to a row that so far had its result only; tells whether another session counts it. What the edit came
    /// to is not known any more, so that what it asked for holds.
    fn name_call(
        &self,
        row_id: i64,
        session_row: i64,
        file_row: Option<i64>,
        call: &NewToolCall,
    ) -> Result<bool> {
        let is_repeat = self.stands_elsewhere(&call.id, session_row)?;
        let (input_offset, input_length, input) = JsonPlace::columns(call.input.as_ref());
        self.connection
            .prepare_cached(
                "UPDATE tool_calls SET message_id = ?2, agent_id = coalesce(?3, agent_id), name = ?4, subagent_type = ?5,
                   file_paths = ?6, lines_added = ?7, lines_removed = ?8, started_at_ms = ?9, session_file_row_id = ?10,
                   input_offset = ?11, input_length = ?12, input = ?13, action = ?14, files_changed = ?15,
                   is_repeat = ?16
                 WHERE row_id = ?1",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    row_id,
                    call.message_id,
                    call.agent_id,
                    call.name,
                    call.subagent_type,
                    paths(call),
                    call.edit.map(|edit| edit.lines_added),
                    call.edit.map(|edit| edit.lines_removed),
                    call.timestamp_ms,
                    file_row,
                    input_offset,
                    input_length,
                    input,
                    call.edit.map(|edit| edit.action),
                    call.edit.map(|edit| edit.files_changed),
                    is_repeat,
                ])
            })
            .attempt(|| format!("book tool call {}", call.id))?;
        Ok(is_repeat)
    }

    /// Adds the first result to a call that was booked before.
    fn end_call(
        &self,
        session_row: i64,
        file_row: Option<i64>,
        booked: &Booked,
        result: &NewToolResult,
        hours: &mut Hours,
    ) -> Result<()> {
        if booked.is_ended {
            return Ok(());
        }
        let (offset, length, text) = JsonPlace::columns(result.content.as_ref());
        let edit = booked.edit.map(|edit| edit.settled(result));
        self.connection
            .prepare_cached(
                "UPDATE tool_calls SET result_message_id = ?2, is_error = ?3, ended_at_ms = ?4, result_file_row_id = ?5,
                   result_offset = ?6, result_length = ?7, result = ?8, lines_added = ?9, lines_removed = ?10,
                   action = ?11, files_changed = ?12
                 WHERE row_id = ?1",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    booked.row_id,
                    result.message_id,
                    result.is_error,
                    result.timestamp_ms,
                    file_row,
                    offset,
                    length,
                    text,
                    edit.map(|edit| edit.lines_added),
                    edit.map(|edit| edit.lines_removed),
                    edit.map(|edit| edit.action),
                    edit.map(|edit| edit.files_changed),
                ])
            })
            .attempt(|| format!("book the result of tool call {}", result.call_id))?;
        let (Some(asked), Some(edit)) = (booked.edit, edit) else { return Ok(()) };
        if let Some(message_id) = booked.message_id.as_ref().filter(|_| edit != asked) {
            self.correct_message(session_row, message_id, asked, edit, hours)?;
        }
        match booked.file_paths.first() {
            Some(path) if !result.is_error => self.record_change(&ChangeOfCall {
                session_row,
                file_row,
                call_id: &result.call_id,
                path,
                action: edit.action,
                tool_name: booked.name.as_deref().unwrap_or_default(),
                agent_id: booked.agent_id.as_deref(),
                timestamp_ms: result.timestamp_ms,
            }),
            _ => Ok(()),
        }
    }

    /// Corrects the lines and files of a message, which so far has what a call of it asked for.
    fn correct_message(
        &self,
        session_row: i64,
        message_id: &MessageId,
        asked: NewEdit,
        settled: NewEdit,
        hours: &mut Hours,
    ) -> Result<()> {
        let messages = Write::new(self.connection).messages();
        let Some(row_id) = messages.row_of(message_id, session_row)? else { return Ok(()) };
        messages.counted_row(row_id, |row| hours.remove_row(row))?;
        self.connection
            .prepare_cached(
                "UPDATE messages SET lines_added = coalesce(lines_added, 0) + ?2,
                   lines_removed = coalesce(lines_removed, 0) + ?3, files_changed = coalesce(files_changed, 0) + ?4
                 WHERE row_id = ?1",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    row_id,
                    settled.lines_added - asked.lines_added,
                    settled.lines_removed - asked.lines_removed,
                    settled.files_changed - asked.files_changed,
                ])
            })
            .attempt(|| format!("correct the lines of message {message_id}"))?;
        messages.counted_row(row_id, |row: &RowFigures<'_>| hours.add_row(row))
    }

    fn record_change(&self, change: &ChangeOfCall<'_>) -> Result<()> {
        Write::new(self.connection).file_changes().record_of_call(change)
    }

    /// A result whose call is not known, or not yet. It counts for nothing.
    fn insert_result(&self, session_row: i64, file_row: Option<i64>, result: &NewToolResult) -> Result<()> {
        let (offset, length, text) = JsonPlace::columns(result.content.as_ref());
        self.connection
            .prepare_cached(
                "INSERT INTO tool_calls (id, session_row_id, agent_id, started_at_ms, is_repeat, result_message_id,
                   is_error, ended_at_ms, result_file_row_id, result_offset, result_length, result)
                 VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?4, ?7, ?8, ?9, ?10)",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    result.call_id,
                    session_row,
                    result.agent_id,
                    result.timestamp_ms,
                    result.message_id,
                    result.is_error,
                    file_row,
                    offset,
                    length,
                    text,
                ])
            })
            .attempt(|| format!("book the result of tool call {}", result.call_id))?;
        Ok(())
    }

    /// Removes the calls that came from a source file, and the results that did; returns how many calls went. The figures
    /// of the session are the caller's matter.
    pub(crate) fn delete_of_file(&self, file_row: i64) -> Result<u64> {
        hand_over_repeats(self.connection, &REPEATED, ("session_file_row_id", file_row))?;
        let mut deleted = 0;
        for sql in [
            "DELETE FROM tool_calls WHERE session_file_row_id = ?1",
            "DELETE FROM tool_calls WHERE result_file_row_id = ?1 AND name IS NULL",
        ] {
            deleted += self.run(sql, file_row)?;
        }
        self.run(
            "UPDATE tool_calls SET result_message_id = NULL, is_error = NULL, ended_at_ms = NULL,
               result_file_row_id = NULL, result_offset = NULL, result_length = NULL, result = NULL
             WHERE result_file_row_id = ?1",
            file_row,
        )?;
        Ok(deleted as u64)
    }

    fn run(&self, sql: &str, file_row: i64) -> Result<usize> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute([file_row]))
            .attempt(|| format!("remove the tool calls of source file {file_row}"))
    }
}

fn paths(call: &NewToolCall) -> Option<String> {
    (!call.file_paths.is_empty()).then(|| to_json(&call.file_paths))
}
