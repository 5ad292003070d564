//! Messages as they stand in their rows: borrowed, for callers that copy each text once into a form of their own.

use super::{Message, MessageId, raw_lines::RawLines, time_text};
use crate::error::Attempt;
use han_base::Result;
use rusqlite::{
    Connection, OptionalExtension, Row,
    types::{FromSqlError, Type, ValueRef},
};
use std::{collections::HashMap, path::Path, rc::Rc};
use uuid::Uuid;

/// A message as a visitor sees it, for the time of one call. The fields are those of [`Message`]; texts are the stored
/// bytes, which a foreign writer may have left invalid as UTF-8, and times are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of `Message`")]
pub struct MessageRow<'r> {
    pub id: MessageIdRef<'r>,
    pub session_id: &'r [u8],
    pub agent_id: Option<&'r [u8]>,
    pub parent_id: Option<&'r [u8]>,
    pub message_type: &'r [u8],
    pub role: Option<&'r [u8]>,
    pub speaker: Option<&'r [u8]>,
    pub content: Option<&'r [u8]>,
    pub tool_name: Option<&'r [u8]>,
    pub tool_input: Option<&'r [u8]>,
    pub tool_result: Option<&'r [u8]>,
    pub raw_json: Option<&'r [u8]>,
    pub timestamp: i64,
    pub line_number: i64,
    pub source_file_name: Option<&'r [u8]>,
    pub source_file_type: Option<&'r [u8]>,
    pub sentiment_score: Option<f64>,
    pub sentiment_level: Option<&'r [u8]>,
    pub frustration_score: Option<f64>,
    pub frustration_level: Option<&'r [u8]>,
    pub input_tokens: Option<i64>,
    pub output_tokens: Option<i64>,
    pub cache_read_tokens: Option<i64>,
    pub cache_creation_tokens: Option<i64>,
    pub lines_added: Option<i64>,
    pub lines_removed: Option<i64>,
    pub files_changed: Option<i64>,
    pub indexed_at: i64,
}

/// [`MessageId`] as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageIdRef<'r> {
    /// A UUID.
    Uuid([u8; 16]),
    /// Any other id.
    Text(&'r [u8]),
}

impl MessageRow<'_> {
    /// The message with texts of its own; what is no UTF-8 becomes U+FFFD.
    #[must_use]
    pub fn to_message(&self) -> Message {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let optional = |bytes: Option<&[u8]>| bytes.map(text);
        Message {
            id: match self.id {
                MessageIdRef::Uuid(bytes) => MessageId::Uuid(Uuid::from_bytes(bytes)).to_string(),
                MessageIdRef::Text(bytes) => text(bytes),
            },
            session_id: text(self.session_id),
            agent_id: optional(self.agent_id),
            parent_id: optional(self.parent_id),
            message_type: text(self.message_type),
            role: optional(self.role),
            speaker: optional(self.speaker),
            content: optional(self.content),
            tool_name: optional(self.tool_name),
            tool_input: optional(self.tool_input),
            tool_result: optional(self.tool_result),
            raw_json: optional(self.raw_json),
            timestamp: time_text(self.timestamp),
            line_number: self.line_number,
            source_file_name: optional(self.source_file_name),
            source_file_type: optional(self.source_file_type),
            sentiment_score: self.sentiment_score,
            sentiment_level: optional(self.sentiment_level),
            frustration_score: self.frustration_score,
            frustration_level: optional(self.frustration_level),
            input_tokens: self.input_tokens,
            output_tokens: self.output_tokens,
            cache_read_tokens: self.cache_read_tokens,
            cache_creation_tokens: self.cache_creation_tokens,
            lines_added: self.lines_added,
            lines_removed: self.lines_removed,
            files_changed: self.files_changed,
            indexed_at: Some(time_text(self.indexed_at)),
        }
    }
}

/// The columns that [`RowReader`] reads, in its order. There is no join: a list holds few sessions and source files, which
/// are read once each.
pub(super) const SELECT_ROWS: &str =
    "SELECT id, session_row_id, agent_id, parent_id, message_type, role, speaker,
  tool_name, timestamp_ms, line_number, source_file_name, source_file_type, sentiment_score, sentiment_level,
  frustration_score, frustration_level, input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens,
  lines_added, lines_removed, files_changed, indexed_at_ms, session_file_row_id, byte_offset, byte_length,
  tool_input_offset, tool_input_length, row_id, content, tool_input, tool_result, raw_json
  FROM messages";

/// Columns of the keys of lists in [`SELECT_ROWS`].
pub(super) const TIMESTAMP: usize = 8;
pub(super) const ROW_ID: usize = 29;

/// What a list knows of a source file.
struct SourceFile {
    name: Vec<u8>,
    file_type: Vec<u8>,
}

/// Reads rows of [`SELECT_ROWS`], with what they refer to.
pub(super) struct RowReader<'c> {
    connection: &'c Connection,
    with_raw: bool,
    raw_lines: RawLines<'c>,
    sessions: HashMap<i64, Rc<[u8]>>,
    files: HashMap<i64, Rc<SourceFile>>,
    /// The session and the source file of the row before, which are mostly those of the next.
    session: Option<(i64, Rc<[u8]>)>,
    file: Option<(i64, Rc<SourceFile>)>,
}

impl<'c> RowReader<'c> {
    /// `with_raw`: whether `raw_json` is filled.
    pub(super) fn new(connection: &'c Connection, with_raw: bool) -> Self {
        Self {
            connection,
            with_raw,
            raw_lines: RawLines::new(connection),
            sessions: HashMap::new(),
            files: HashMap::new(),
            session: None,
            file: None,
        }
    }

    /// Shows a row to `visit`.
    pub(super) fn visit(
        &mut self,
        row: &Row<'_>,
        visit: &mut dyn FnMut(&MessageRow<'_>) -> Result<()>,
    ) -> Result<()> {
        let attempt = || "read a message".to_owned();
        let session = self.session(row.get(1).attempt(attempt)?)?;
        let file = match row.get(24).attempt(attempt)? {
            Some(file) => Some(self.file(file)?),
            None => None,
        };
        let mut message = message_of(row, &session).attempt(attempt)?;
        if let Some((_, file)) = &file {
            message.source_file_name = Some(&file.name);
            message.source_file_type = Some(&file.file_type);
        }
        let place = RawPlace::of(row).attempt(attempt)?;
        if let (Some((file, _)), Some(place)) = (&file, place)
            && (self.with_raw || place.tool_input.is_some())
        {
            let line = self.raw_lines.read(*file, place.byte_offset, place.byte_length)?;
            if let Some((offset, length)) = place.tool_input {
                message.tool_input = line.get(offset as usize..).and_then(|rest| rest.get(..length as usize));
            }
            message.raw_json = Some(line);
        }
        if !self.with_raw {
            message.raw_json = None;
        }
        visit(&message)
    }

    fn session(&mut self, row: i64) -> Result<Rc<[u8]>> {
        if let Some((last, id)) = &self.session
            && *last == row
        {
            return Ok(Rc::clone(id));
        }
        let id = if let Some(id) = self.sessions.get(&row) {
            Rc::clone(id)
        } else {
            let id: Rc<[u8]> = self
                .connection
                .prepare_cached("SELECT id FROM sessions WHERE row_id = ?1")
                .and_then(|mut statement| statement.query_row([row], |found| Ok(required(found, 0)?.into())))
                .attempt(|| format!("read session row {row}"))?;
            self.sessions.insert(row, Rc::clone(&id));
            id
        };
        self.session = Some((row, Rc::clone(&id)));
        Ok(id)
    }

    fn file(&mut self, row: i64) -> Result<(i64, Rc<SourceFile>)> {
        if let Some((last, file)) = &self.file
            && *last == row
        {
            return Ok((row, Rc::clone(file)));
        }
        let file = if let Some(file) = self.files.get(&row) {
            Rc::clone(file)
        } else {
            let file = Rc::new(self.read_file(row)?);
            self.files.insert(row, Rc::clone(&file));
            file
        };
        self.file = Some((row, Rc::clone(&file)));
        Ok((row, file))
    }

    fn read_file(&self, row: i64) -> Result<SourceFile> {
        let found = self
            .connection
            .prepare_cached("SELECT file_path, file_type FROM session_files WHERE row_id = ?1")
            .and_then(|mut statement| {
                statement
                    .query_row([row], |found| {
                        let path = String::from_utf8_lossy(required(found, 0)?);
                        let name = Path::new(&*path).file_name().unwrap_or_default();
                        Ok(SourceFile {
                            name: name.to_string_lossy().into_owned().into_bytes(),
                            file_type: required(found, 1)?.to_vec(),
                        })
                    })
                    .optional()
            })
            .attempt(|| format!("read source file row {row}"))?;
        found.ok_or_else(|| {
            let attempt = format!("read source file row {row}: it is not there, but messages refer to it");
            han_base::Error::new(han_base::Code::DbCorrupt, attempt)
        })
    }
}

/// Where the line of a message from a file stands.
struct RawPlace {
    byte_offset: u64,
    byte_length: u64,
    /// Where a tool's input stands in the line.
    tool_input: Option<(u64, u64)>,
}

impl RawPlace {
    fn of(row: &Row<'_>) -> rusqlite::Result<Option<Self>> {
        let (byte_offset, byte_length) = match (whole(row, 25)?, whole(row, 26)?) {
            (Some(offset), Some(length)) => (offset as u64, length as u64),
            _ => return Ok(None),
        };
        let tool_input = Option::zip(whole(row, 27)?, whole(row, 28)?);
        let tool_input = tool_input.map(|(offset, length)| (offset as u64, length as u64));
        Ok(Some(Self { byte_offset, byte_length, tool_input }))
    }
}

/// What stands in the row itself.
fn message_of<'r>(row: &'r Row<'_>, session_id: &'r [u8]) -> rusqlite::Result<MessageRow<'r>> {
    Ok(MessageRow {
        id: match row.get_ref(0)? {
            ValueRef::Blob(bytes) => MessageIdRef::Uuid(bytes.try_into().map_err(|_| {
                rusqlite::Error::FromSqlConversionFailure(0, Type::Blob, FromSqlError::InvalidType.into())
            })?),
            _ => MessageIdRef::Text(required(row, 0)?),
        },
        session_id,
        agent_id: text(row, 2)?,
        parent_id: text(row, 3)?,
        message_type: required(row, 4)?,
        role: text(row, 5)?,
        speaker: text(row, 6)?,
        tool_name: text(row, 7)?,
        timestamp: row.get(TIMESTAMP)?,
        line_number: row.get(9)?,
        source_file_name: text(row, 10)?,
        source_file_type: text(row, 11)?,
        sentiment_score: real(row, 12)?,
        sentiment_level: text(row, 13)?,
        frustration_score: real(row, 14)?,
        frustration_level: text(row, 15)?,
        input_tokens: whole(row, 16)?,
        output_tokens: whole(row, 17)?,
        cache_read_tokens: whole(row, 18)?,
        cache_creation_tokens: whole(row, 19)?,
        lines_added: whole(row, 20)?,
        lines_removed: whole(row, 21)?,
        files_changed: whole(row, 22)?,
        indexed_at: row.get(23)?,
        content: text(row, 30)?,
        tool_input: text(row, 31)?,
        tool_result: text(row, 32)?,
        raw_json: text(row, 33)?,
    })
}

fn other_type(column: usize, value: ValueRef<'_>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, value.data_type(), FromSqlError::InvalidType.into())
}

fn text<'r>(row: &'r Row<'_>, column: usize) -> rusqlite::Result<Option<&'r [u8]>> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        ValueRef::Text(bytes) => Ok(Some(bytes)),
        other => Err(other_type(column, other)),
    }
}

fn required<'r>(row: &'r Row<'_>, column: usize) -> rusqlite::Result<&'r [u8]> {
    match row.get_ref(column)? {
        ValueRef::Text(bytes) => Ok(bytes),
        other => Err(other_type(column, other)),
    }
}

fn whole(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<i64>> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        ValueRef::Integer(number) => Ok(Some(number)),
        other => Err(other_type(column, other)),
    }
}

fn real(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<f64>> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        ValueRef::Real(number) => Ok(Some(number)),
        other => Err(other_type(column, other)),
    }
}

#[cfg(test)]
mod tests {
    use crate::{Database, Message, MessageFilter, MessageInput, SessionInput};
    use rusqlite::params;

    fn filled(folder: &tempfile::TempDir) -> Database {
        let database = Database::open(&folder.path().join("han.db")).unwrap();
        let messages: Vec<MessageInput> = (0..25)
            .map(|number| MessageInput {
                id: if number % 2 == 0 {
                    format!("00000000-0000-4000-8000-0000000000{number:02}")
                } else {
                    format!("message {number}")
                },
                message_type: "user".into(),
                timestamp: format!("2026-01-01T00:00:{:02}Z", number / 3),
                line_number: number,
                content: (number % 3 > 0).then(|| format!("caf\u{e9} {number}")),
                agent_id: (number % 5 == 0).then(|| "agent".into()),
                raw_json: Some("{}".into()),
                ..MessageInput::default()
            })
            .collect();
        let session = SessionInput { id: "s".into(), ..SessionInput::default() };
        database
            .write(|write| {
                write.sessions().upsert(&session)?;
                write.messages().upsert("s", &messages)
            })
            .unwrap();
        database
    }

    fn single(database: &Database, id: &str) -> Message {
        database.read(|read| read.messages().get(id)).unwrap().unwrap()
    }

    #[test]
    fn lists_and_pages_hold_what_single_messages_are() {
        let folder = tempfile::tempdir().unwrap();
        let database = filled(&folder);
        let list = database.read(|read| read.messages().list("s", None, None, 100, 0)).unwrap();
        assert_eq!(list.len(), 25);
        for message in &list {
            assert_eq!(*message, single(&database, &message.id));
        }
        for newest_first in [false, true] {
            let filter = MessageFilter { newest_first, with_raw: true, ..MessageFilter::default() };
            for limit in [1, 7, 24, 25, 26] {
                let (mut items, mut cursor, mut pages) = (Vec::new(), None, 0);
                loop {
                    let page = database
                        .read(|read| read.messages().page("s", &filter, cursor.as_deref(), limit))
                        .unwrap();
                    assert!(page.items.len() <= limit && !page.items.is_empty());
                    items.extend(page.items);
                    pages += 1;
                    cursor = page.next_cursor;
                    if cursor.is_none() {
                        break;
                    }
                }
                assert_eq!(pages, 25_usize.div_ceil(limit));
                if !newest_first {
                    items.reverse();
                }
                assert_eq!(items, list, "pages of {limit}");
            }
        }
        let plain = MessageFilter::default();
        let page = database.read(|read| read.messages().page("s", &plain, None, 100)).unwrap();
        assert!(page.items.iter().all(|message| message.raw_json.is_none()));
        let agent = MessageFilter { agent_id: Some("agent".into()), ..MessageFilter::default() };
        let page = database.read(|read| read.messages().page("s", &agent, None, 100)).unwrap();
        assert_eq!(page.items.len(), 5);
    }

    #[test]
    fn text_that_is_no_utf8_is_shown_as_far_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let database = filled(&folder);
        let foreign = rusqlite::Connection::open(folder.path().join("han.db")).unwrap();
        foreign
            .execute(
                "UPDATE messages SET agent_id = CAST(x'61ff62' AS TEXT), content = CAST(x'f09f9a' AS TEXT),
                   role = CAST(x'6e756c00' AS TEXT)
                 WHERE id = ?1",
                params!["message 1"],
            )
            .unwrap();
        let list = database.read(|read| read.messages().list("s", None, None, 100, 0)).unwrap();
        let damaged = list.iter().find(|message| message.id == "message 1").unwrap();
        assert_eq!(damaged.agent_id.as_deref(), Some("a\u{fffd}b"));
        assert_eq!(damaged.content.as_deref(), Some("\u{fffd}"));
        assert_eq!(damaged.role.as_deref(), Some("nul\0"));
        assert_eq!(list.len(), 25);
    }

    #[test]
    fn counts_and_times_come_in_the_order_of_the_ids() {
        let folder = tempfile::tempdir().unwrap();
        let database = filled(&folder);
        let (counts, spans) = database
            .read(|read| {
                let ids = ["nobody", "s", "", "s"];
                Ok((read.messages().counts(ids)?, read.messages().spans(ids)?))
            })
            .unwrap();
        assert_eq!(counts, [0, 25, 0, 25]);
        let first = 1_767_225_600_000;
        assert_eq!(spans[1], (Some(first), Some(first + 8000)));
        assert_eq!([spans[0], spans[2], spans[3]], [(None, None), (None, None), spans[1]]);
    }
}
