//! Writing messages, and keeping the full-text index and the session's counters in step with them.

use super::{MessageId, MessageInput};
use crate::{
    Write,
    activity::{Repeated, RowFigures, hand_over_repeats},
    error::Attempt,
    raw_blocks::RawBlockCache,
    search::{
        bulk::{BulkText, index_waiting_rows},
        segment::{Postings, Vocabulary},
    },
    sessions::Counted,
    transaction::{Messages, ReadWrite},
};
use han_base::{Code, Error, Result, Timestamp};
use rusqlite::{OptionalExtension, params};
use std::mem;

/// Where the line of a message stands in its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// First byte of the line.
    pub byte_offset: u64,
    /// Length of the line without its newline.
    pub byte_length: u64,
    /// 0-based physical line.
    pub line_number: u64,
}

/// A message made of a line of a source file.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of `Message`")]
pub struct NewMessage {
    pub id: MessageId,
    pub agent_id: Option<String>,
    pub parent_id: Option<String>,
    pub message_type: &'static str,
    pub role: Option<&'static str>,
    pub speaker: Option<&'static str>,
    pub content: Option<String>,
    pub tool_name: Option<String>,
    /// Where the tool's input stands in the line: first byte and length.
    pub tool_input: Option<(u64, u64)>,
    /// The words in the tool's input, for search.
    pub tool_input_text: Option<String>,
    pub timestamp_ms: i64,
    pub place: Place,
    pub input_tokens: Option<i64>,
    pub output_tokens: Option<i64>,
    pub cache_read_tokens: Option<i64>,
    pub cache_creation_tokens: Option<i64>,
    pub lines_added: Option<i64>,
    pub lines_removed: Option<i64>,
    pub files_changed: Option<i64>,
    pub sentiment_score: Option<f64>,
    pub sentiment_level: Option<&'static str>,
    pub frustration_score: Option<f64>,
    pub frustration_level: Option<&'static str>,
}

impl NewMessage {
    /// Whether search can find it.
    #[must_use]
    pub fn has_text(&self) -> bool {
        self.content.is_some() || self.tool_input_text.is_some()
    }

    fn figures(&self, is_repeat: bool) -> RowFigures<'_> {
        RowFigures {
            message_type: self.message_type,
            timestamp_ms: self.timestamp_ms,
            is_repeat,
            sentiment_score: self.sentiment_score,
            lines_added: self.lines_added,
            lines_removed: self.lines_removed,
            files_changed: self.files_changed,
        }
    }

    /// The posting lists of the messages that have text, in their order. `vocabulary` is that of the thread's batches
    /// before.
    pub fn postings<'m>(messages: impl Iterator<Item = &'m Self>, vocabulary: &mut Vocabulary) -> Postings {
        let mut postings = Postings::with(mem::take(vocabulary));
        for message in messages.filter(|message| message.has_text()) {
            postings.add(message.content.as_deref(), message.tool_input_text.as_deref());
        }
        *vocabulary = postings.end();
        postings
    }
}

/// How the text of new messages comes into the search index.
#[derive(Debug)]
pub enum Texts<'b> {
    /// At once.
    Now,
    /// With a bulk run. The posting lists are those of [`NewMessage::postings`] of all messages, where another thread
    /// has made them already. A run that was closed indexes at once.
    Bulk(&'b mut BulkText, Option<&'b Postings>),
}

/// Whether a session other than `?2` holds a message with id `?1`.
const STANDS_ELSEWHERE: &str =
    "SELECT EXISTS (SELECT 1 FROM messages WHERE id = ?1 AND session_row_id <> ?2)";

const REPEATED: Repeated = Repeated { table: "messages", key: "id", countable: "true" };

impl Messages<'_, ReadWrite> {
    /// Inserts the messages of a source file; returns how many were new. The file's blocks must be stored before.
    /// `texts` says how their text comes into the search index.
    ///
    /// A message that the session has already stays as it is: the same line was read before, or another file of the
    /// session repeats it. But where one file gives the same id to different lines, the later ones get the id that
    /// `id_of_place` makes of their place.
    pub fn insert_of_file(
        &self,
        session_row: i64,
        file_row: i64,
        messages: &[NewMessage],
        id_of_place: impl Fn(&Place) -> MessageId,
        texts: Texts<'_>,
    ) -> Result<u64> {
        let attempt = || "insert messages".to_owned();
        let mut insert = self
            .connection
            .prepare_cached(
                "INSERT INTO messages (session_row_id, id, agent_id, parent_id, message_type, role, speaker, content,
                   tool_name, tool_input_text, timestamp_ms, line_number, session_file_row_id, byte_offset, byte_length,
                   input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens, indexed_at_ms,
                   tool_input_offset, tool_input_length, is_repeat, lines_added, lines_removed, files_changed,
                   sentiment_score, sentiment_level, frustration_score, frustration_level)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
                   ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30)
                 ON CONFLICT (id, session_row_id) DO NOTHING",
            )
            .attempt(attempt)?;
        let mut elsewhere = self.connection.prepare_cached(STANDS_ELSEWHERE).attempt(attempt)?;
        let now = Timestamp::now().as_millis();
        let mut counted = Counted::default();
        let mut insert_as = |id: &MessageId, message: &NewMessage, is_repeat: bool| {
            insert
                .execute(params![
                    session_row,
                    id,
                    message.agent_id,
                    message.parent_id,
                    message.message_type,
                    message.role,
                    message.speaker,
                    message.content,
                    message.tool_name,
                    message.tool_input_text,
                    message.timestamp_ms,
                    message.place.line_number as i64,
                    file_row,
                    message.place.byte_offset as i64,
                    message.place.byte_length as i64,
                    message.input_tokens,
                    message.output_tokens,
                    message.cache_read_tokens,
                    message.cache_creation_tokens,
                    now,
                    message.tool_input.map(|place| place.0 as i64),
                    message.tool_input.map(|place| place.1 as i64),
                    is_repeat,
                    message.lines_added,
                    message.lines_removed,
                    message.files_changed,
                    message.sentiment_score,
                    message.sentiment_level,
                    message.frustration_score,
                    message.frustration_level,
                ])
                .attempt(attempt)
        };
        let mut rows = Vec::with_capacity(messages.len());
        for message in messages {
            let mut is_repeat =
                elsewhere.query_row(params![message.id, session_row], |row| row.get(0)).attempt(attempt)?;
            let mut inserted = insert_as(&message.id, message, is_repeat)?;
            if inserted == 0 && self.is_other_line(session_row, file_row, message)? {
                is_repeat = false;
                inserted = insert_as(&id_of_place(&message.place), message, is_repeat)?;
            }
            if inserted == 0 {
                continue;
            }
            rows.push((self.connection.last_insert_rowid(), message));
            counted.add(&message.figures(is_repeat));
        }
        match texts {
            Texts::Bulk(bulk, postings) if bulk.is_open() => {
                let complete = rows.len() == messages.len();
                self.collect_texts(bulk, complete.then_some(postings).flatten(), &rows)?;
            }
            Texts::Bulk(..) | Texts::Now => {
                for (row_id, message) in &rows {
                    self.index_text(*row_id, message.content.as_deref(), message.tool_input_text.as_deref())?;
                }
            }
        }
        Write::new(self.connection).sessions().count(session_row, &counted)?;
        Ok(counted.rows as u64)
    }

    /// Adds the text of inserted rows to a bulk run. `postings`: those of exactly these rows, when they are made
    /// already.
    fn collect_texts(
        &self,
        bulk: &mut BulkText,
        postings: Option<&Postings>,
        rows: &[(i64, &NewMessage)],
    ) -> Result<()> {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(()) };
        let with_text: Vec<_> = rows.iter().filter(|(_, message)| message.has_text()).collect();
        let text_rows: Vec<i64> = with_text.iter().map(|(row_id, _)| *row_id).collect();
        let made = postings.is_none().then(|| {
            NewMessage::postings(with_text.iter().map(|(_, message)| *message), &mut Vocabulary::new())
        });
        let Some(postings) = postings.or(made.as_ref()) else { return Ok(()) };
        bulk.add(&Write::new(self.connection), postings, &text_rows, first.0..=last.0)
    }

    /// Whether another session holds a message with this id.
    fn stands_elsewhere(&self, id: &MessageId, session_row: i64) -> Result<bool> {
        self.connection
            .prepare_cached(STANDS_ELSEWHERE)
            .and_then(|mut statement| statement.query_row(params![id, session_row], |row| row.get(0)))
            .attempt(|| format!("look for message {id} in other sessions"))
    }

    /// Whether the message that has the id of `message` stands on another line of the same file, with other bytes.
    fn is_other_line(&self, session_row: i64, file_row: i64, message: &NewMessage) -> Result<bool> {
        let known: Option<(i64, i64)> = self
            .connection
            .prepare_cached(
                "SELECT byte_offset, byte_length FROM messages
                 WHERE id = ?1 AND session_row_id = ?2 AND session_file_row_id = ?3",
            )
            .and_then(|mut statement| {
                statement
                    .query_row(params![message.id, session_row, file_row], |row| {
                        Ok((row.get(0)?, row.get(1)?))
                    })
                    .optional()
            })
            .attempt(|| format!("read message {}", message.id))?;
        let Some((byte_offset, byte_length)) = known else { return Ok(false) };
        let (known_place, place) = ((byte_offset as u64, byte_length as u64), message.place);
        if known_place == (place.byte_offset, place.byte_length) {
            return Ok(false);
        }
        let blocks = Write::new(self.connection).raw_blocks();
        let mut cache = RawBlockCache::default();
        Ok(known_place.1 != place.byte_length
            || blocks.read(&mut cache, file_row, known_place.0, known_place.1)?
                != blocks.read(&mut cache, file_row, place.byte_offset, place.byte_length)?)
    }

    /// Inserts or changes messages of a session that a caller gives; returns how many there were. The session must
    /// exist (`DB_CONSTRAINT`), times must be RFC 3339 (`INVALID_TIMESTAMP`); on an error nothing is written when the
    /// transaction ends with it.
    pub fn upsert(&self, session_id: &str, inputs: &[MessageInput]) -> Result<u64> {
        let write = Write::new(self.connection);
        if inputs.is_empty() {
            return Ok(0);
        }
        let session_row = write.sessions().row(session_id)?.ok_or_else(|| {
            Error::new(
                Code::DbConstraint,
                format!("insert messages of session {session_id}: there is no such session"),
            )
        })?;
        let now = Timestamp::now().as_millis();
        let mut counted = Counted::default();
        for input in inputs {
            check_figures(input)?;
            let timestamp_ms = Timestamp::parse_argument("timestamp", &input.timestamp)?.as_millis();
            let id = MessageId::new(&input.id);
            match self.known_text(session_row, &id)? {
                None => {
                    let is_repeat = self.stands_elsewhere(&id, session_row)?;
                    let row_id = self.insert_input(session_row, &id, input, timestamp_ms, is_repeat, now)?;
                    self.index_text(row_id, input.content.as_deref(), input.tool_input.as_deref())?;
                    counted.add(&figures_of(input, timestamp_ms, is_repeat));
                }
                Some(known) => {
                    index_waiting_rows(self.connection, known.row_id..=known.row_id)?;
                    self.unindex_text(known.row_id, known.content.as_deref(), known.tool_input.as_deref())?;
                    self.counted_row(known.row_id, |row| counted.remove(row))?;
                    self.update_input(known.row_id, input, now)?;
                    self.counted_row(known.row_id, |row| counted.add(row))?;
                    let content = input.content.as_ref().or(known.content.as_ref());
                    self.index_text(known.row_id, content.map(String::as_str), known.tool_input.as_deref())?;
                }
            }
        }
        write.sessions().count(session_row, &counted)?;
        Ok(inputs.len() as u64)
    }

    /// The row of a message of a session.
    pub(crate) fn row_of(&self, id: &MessageId, session_row: i64) -> Result<Option<i64>> {
        self.connection
            .prepare_cached("SELECT row_id FROM messages WHERE id = ?1 AND session_row_id = ?2")
            .and_then(|mut statement| {
                statement.query_row(params![id, session_row], |row| row.get(0)).optional()
            })
            .attempt(|| format!("look for message {id}"))
    }

    /// What a stored row adds to the figures of its session.
    pub(crate) fn counted_row(&self, row_id: i64, count: impl FnOnce(&RowFigures<'_>)) -> Result<()> {
        self.connection
            .prepare_cached(
                "SELECT message_type, timestamp_ms, is_repeat, sentiment_score, lines_added, lines_removed, files_changed
                 FROM messages WHERE row_id = ?1",
            )
            .and_then(|mut statement| {
                statement.query_row([row_id], |row| {
                    count(&RowFigures {
                        message_type: row.get_ref(0)?.as_str()?,
                        timestamp_ms: row.get(1)?,
                        is_repeat: row.get(2)?,
                        sentiment_score: row.get(3)?,
                        lines_added: row.get(4)?,
                        lines_removed: row.get(5)?,
                        files_changed: row.get(6)?,
                    });
                    Ok(())
                })
            })
            .attempt(|| format!("read the figures of message row {row_id}"))
    }

    fn insert_input(
        &self,
        session_row: i64,
        id: &MessageId,
        input: &MessageInput,
        timestamp_ms: i64,
        is_repeat: bool,
        now: i64,
    ) -> Result<i64> {
        self.connection
            .prepare_cached(
                "INSERT INTO messages (session_row_id, id, agent_id, parent_id, message_type, role, content, tool_name,
                   tool_input, tool_result, timestamp_ms, line_number, raw_json, source_file_name, source_file_type,
                   sentiment_score, sentiment_level, frustration_score, frustration_level, input_tokens, output_tokens,
                   cache_read_tokens, cache_creation_tokens, lines_added, lines_removed, files_changed, indexed_at_ms,
                   is_repeat, speaker)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
                   ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28,
                   CASE WHEN ?6 IN ('user', 'assistant', 'system') THEN ?6 END)",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    session_row,
                    id,
                    input.agent_id,
                    input.parent_id,
                    input.message_type,
                    input.role,
                    input.content,
                    input.tool_name,
                    input.tool_input,
                    input.tool_result,
                    timestamp_ms,
                    input.line_number,
                    input.raw_json,
                    input.source_file_name,
                    input.source_file_type,
                    input.sentiment_score,
                    input.sentiment_level,
                    input.frustration_score,
                    input.frustration_level,
                    input.input_tokens,
                    input.output_tokens,
                    input.cache_read_tokens,
                    input.cache_creation_tokens,
                    input.lines_added,
                    input.lines_removed,
                    input.files_changed,
                    now,
                    is_repeat,
                ])
            })
            .attempt(|| format!("insert message {}", input.id))?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Role, tool input, tool result, time, line and session of a known message stay as they are; type and tool name
    /// are overwritten; everything else is overwritten where it is given.
    fn update_input(&self, row_id: i64, input: &MessageInput, now: i64) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE messages SET message_type = ?2, tool_name = ?3, agent_id = coalesce(?4, agent_id),
                   parent_id = coalesce(?5, parent_id), content = coalesce(?6, content),
                   raw_json = coalesce(?7, raw_json), source_file_name = coalesce(?8, source_file_name),
                   source_file_type = coalesce(?9, source_file_type),
                   sentiment_score = coalesce(?10, sentiment_score), sentiment_level = coalesce(?11, sentiment_level),
                   frustration_score = coalesce(?12, frustration_score),
                   frustration_level = coalesce(?13, frustration_level),
                   input_tokens = coalesce(?14, input_tokens), output_tokens = coalesce(?15, output_tokens),
                   cache_read_tokens = coalesce(?16, cache_read_tokens),
                   cache_creation_tokens = coalesce(?17, cache_creation_tokens),
                   lines_added = coalesce(?18, lines_added), lines_removed = coalesce(?19, lines_removed),
                   files_changed = coalesce(?20, files_changed), indexed_at_ms = ?21
                 WHERE row_id = ?1",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    row_id,
                    input.message_type,
                    input.tool_name,
                    input.agent_id,
                    input.parent_id,
                    input.content,
                    input.raw_json,
                    input.source_file_name,
                    input.source_file_type,
                    input.sentiment_score,
                    input.sentiment_level,
                    input.frustration_score,
                    input.frustration_level,
                    input.input_tokens,
                    input.output_tokens,
                    input.cache_read_tokens,
                    input.cache_creation_tokens,
                    input.lines_added,
                    input.lines_removed,
                    input.files_changed,
                    now,
                ])
            })
            .attempt(|| format!("change message {}", input.id))?;
        Ok(())
    }

    /// Removes the messages of a source file, and their text from the index; returns how many there were. The counters
    /// are the caller's matter.
    pub(crate) fn delete_of_file(&self, file_row: i64) -> Result<u64> {
        let attempt = || format!("remove the messages of source file {file_row}");
        let rows: (Option<i64>, Option<i64>) = self
            .connection
            .prepare_cached("SELECT min(row_id), max(row_id) FROM messages WHERE session_file_row_id = ?1")
            .and_then(|mut statement| statement.query_row([file_row], |row| Ok((row.get(0)?, row.get(1)?))))
            .attempt(attempt)?;
        let (Some(first), Some(last)) = rows else { return Ok(0) };
        index_waiting_rows(self.connection, first..=last)?;
        hand_over_repeats(self.connection, &REPEATED, ("session_file_row_id", file_row))?;
        self.connection
            .prepare_cached(
                "INSERT INTO messages_fts (messages_fts, rowid, content, tool_input)
                 SELECT 'delete', message_texts.row_id, message_texts.content, message_texts.tool_input
                 FROM messages JOIN message_texts USING (row_id) WHERE session_file_row_id = ?1",
            )
            .and_then(|mut statement| statement.execute([file_row]))
            .attempt(attempt)?;
        let deleted = self
            .connection
            .execute("DELETE FROM messages WHERE session_file_row_id = ?1", [file_row])
            .attempt(attempt)?;
        Ok(deleted as u64)
    }

    fn index_text(&self, row_id: i64, content: Option<&str>, tool_input: Option<&str>) -> Result<()> {
        self.change_index(
            "INSERT INTO messages_fts (rowid, content, tool_input) VALUES (?1, ?2, ?3)",
            row_id,
            content,
            tool_input,
        )
    }

    /// The index is told the old text, since it keeps none.
    fn unindex_text(&self, row_id: i64, content: Option<&str>, tool_input: Option<&str>) -> Result<()> {
        self.change_index(
            "INSERT INTO messages_fts (messages_fts, rowid, content, tool_input) VALUES ('delete', ?1, ?2, ?3)",
            row_id,
            content,
            tool_input,
        )
    }

    fn change_index(
        &self,
        sql: &str,
        row_id: i64,
        content: Option<&str>,
        tool_input: Option<&str>,
    ) -> Result<()> {
        if content.is_none() && tool_input.is_none() {
            return Ok(());
        }
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(params![row_id, content, tool_input]))
            .attempt(|| "keep the search index in step".into())?;
        Ok(())
    }

    fn known_text(&self, session_row: i64, id: &MessageId) -> Result<Option<KnownText>> {
        self.connection
            .prepare_cached(
                "SELECT row_id, content, coalesce(tool_input_text, tool_input)
                 FROM messages WHERE id = ?1 AND session_row_id = ?2",
            )
            .and_then(|mut statement| {
                statement
                    .query_row(params![id, session_row], |row| {
                        Ok(KnownText { row_id: row.get(0)?, content: row.get(1)?, tool_input: row.get(2)? })
                    })
                    .optional()
            })
            .attempt(|| format!("read message {id}"))
    }
}

/// What the index knows of a message that is about to change.
struct KnownText {
    row_id: i64,
    content: Option<String>,
    tool_input: Option<String>,
}

/// What a message of a caller adds to the figures of its session.
fn figures_of(input: &MessageInput, timestamp_ms: i64, is_repeat: bool) -> RowFigures<'_> {
    RowFigures {
        message_type: &input.message_type,
        timestamp_ms,
        is_repeat,
        sentiment_score: input.sentiment_score,
        lines_added: input.lines_added,
        lines_removed: input.lines_removed,
        files_changed: input.files_changed,
    }
}

/// The largest figure that a message may tell. Sums of millions of such still fit into 64 bits.
const LARGEST_FIGURE: i64 = 1_000_000_000_000;

/// Fails for figures that would spoil sums. Code: [`Code::InvalidArgument`].
fn check_figures(input: &MessageInput) -> Result<()> {
    let invalid = |name: &str, value: String| {
        let attempt = format!("read {name} = {value} of message {:?} as a figure of a message", input.id);
        Err(Error::new(Code::InvalidArgument, attempt))
    };
    for (name, figure) in [
        ("inputTokens", input.input_tokens),
        ("outputTokens", input.output_tokens),
        ("cacheReadTokens", input.cache_read_tokens),
        ("cacheCreationTokens", input.cache_creation_tokens),
        ("linesAdded", input.lines_added),
        ("linesRemoved", input.lines_removed),
        ("filesChanged", input.files_changed),
    ] {
        if let Some(figure) = figure.filter(|figure| !(0..=LARGEST_FIGURE).contains(figure)) {
            return invalid(name, figure.to_string());
        }
    }
    for (name, score) in
        [("sentimentScore", input.sentiment_score), ("frustrationScore", input.frustration_score)]
    {
        if let Some(score) = score.filter(|score| !(-1e6..=1e6).contains(score)) {
            return invalid(name, score.to_string());
        }
    }
    Ok(())
}
