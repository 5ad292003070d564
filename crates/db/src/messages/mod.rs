//! Messages (table `messages`): one row per line of a transcript that was understood, and those that callers insert.

mod raw_lines;
mod read;
mod rows;
mod write;

pub use read::{MessageFilter, SessionTimestamps};
pub use rows::{MessageIdRef, MessageRow};
pub use write::{NewMessage, Place, Texts};

use han_base::{Timestamp, id::is_uuid_like};
use rusqlite::{
    ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, Value, ValueRef},
};
use uuid::Uuid;

/// A message, as compatible callers see it.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct Message {
    /// The line's `uuid`; for a line without one an id made of its place.
    pub id: String,
    /// The session it stands in. A message that was copied into another session stands there too.
    pub session_id: String,
    /// The agent that wrote it; absent in the main conversation.
    pub agent_id: Option<String>,
    /// The tool call that it answers or belongs to.
    pub parent_id: Option<String>,
    /// `user`, `assistant`, `system`, `progress`, `summary`, … ; `unknown` for a type that no version documented.
    pub message_type: String,
    /// `user`, `assistant` or `system`.
    pub role: Option<String>,
    /// Who really speaks: `user` (a typed prompt), `assistant`, `tool`, `system` (injected text) or `summary`.
    pub speaker: Option<String>,
    /// Text of all blocks: what was said and thought, `[Tool: NAME]` for a call, the text of a result.
    pub content: Option<String>,
    /// Name of the tool that is called.
    pub tool_name: Option<String>,
    /// The tool's input, as JSON text; of the first call where a message has several.
    pub tool_input: Option<String>,
    /// The tool's result as the caller gave it.
    pub tool_result: Option<String>,
    /// The line, byte for byte (invalid UTF-8 replaced).
    pub raw_json: Option<String>,
    /// RFC 3339, UTC, milliseconds. A line without a time has that of the line before, else of the one after it.
    pub timestamp: String,
    /// 0-based physical line of its file.
    pub line_number: i64,
    /// Base name of its file.
    pub source_file_name: Option<String>,
    /// `main`, `agent`, `han_events` or `generated`.
    pub source_file_type: Option<String>,
    /// -5 to 5.
    pub sentiment_score: Option<f64>,
    /// `positive`, `neutral` or `negative`.
    pub sentiment_level: Option<String>,
    /// 0 and more.
    pub frustration_score: Option<f64>,
    /// `low`, `moderate` or `high`.
    pub frustration_level: Option<String>,
    /// Tokens as this line tells them; sums of these count a reply several times, the token ledger does not.
    pub input_tokens: Option<i64>,
    /// Tokens written by the model.
    pub output_tokens: Option<i64>,
    /// Tokens read from the cache.
    pub cache_read_tokens: Option<i64>,
    /// Tokens written to the cache.
    pub cache_creation_tokens: Option<i64>,
    /// Lines added by edits.
    pub lines_added: Option<i64>,
    /// Lines removed by edits.
    pub lines_removed: Option<i64>,
    /// Files changed by edits.
    pub files_changed: Option<i64>,
    /// When the row was written, RFC 3339.
    pub indexed_at: Option<String>,
}

/// What is written of a message. Optional fields that are absent keep what a message with the same id has.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_to_js = false))]
#[expect(missing_docs, reason = "the fields are those of `Message`")]
pub struct MessageInput {
    pub id: String,
    /// Ignored: the session is that of the call.
    pub session_id: Option<String>,
    pub agent_id: Option<String>,
    pub parent_id: Option<String>,
    pub message_type: String,
    pub role: Option<String>,
    pub content: Option<String>,
    pub tool_name: Option<String>,
    pub tool_input: Option<String>,
    pub tool_result: Option<String>,
    pub raw_json: Option<String>,
    /// RFC 3339 with a zone.
    pub timestamp: String,
    pub line_number: i64,
    pub source_file_name: Option<String>,
    pub source_file_type: Option<String>,
    pub sentiment_score: Option<f64>,
    pub sentiment_level: Option<String>,
    pub frustration_score: Option<f64>,
    pub frustration_level: Option<String>,
    pub input_tokens: Option<i64>,
    pub output_tokens: Option<i64>,
    pub cache_read_tokens: Option<i64>,
    pub cache_creation_tokens: Option<i64>,
    pub lines_added: Option<i64>,
    pub lines_removed: Option<i64>,
    pub files_changed: Option<i64>,
}

/// The id of a message as it is stored: a canonical UUID takes 16 bytes, any other id is text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageId {
    /// A UUID whose text is lower-case with dashes.
    Uuid(Uuid),
    /// Any other id.
    Text(String),
}

impl MessageId {
    /// The stored form of an id.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let is_canonical =
            text.len() == 36 && is_uuid_like(text) && !text.bytes().any(|byte| byte.is_ascii_uppercase());
        match Uuid::try_parse(text) {
            Ok(uuid) if is_canonical => Self::Uuid(uuid),
            _ => Self::Text(text.to_owned()),
        }
    }
}

impl std::fmt::Display for MessageId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Uuid(uuid) => write!(formatter, "{uuid}"),
            Self::Text(text) => formatter.write_str(text),
        }
    }
}

impl ToSql for MessageId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Uuid(uuid) => ToSqlOutput::Borrowed(ValueRef::Blob(uuid.as_bytes())),
            Self::Text(text) => ToSqlOutput::Owned(Value::Text(text.clone())),
        })
    }
}

impl FromSql for MessageId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Blob(bytes) => {
                Uuid::from_slice(bytes).map(Self::Uuid).map_err(|error| FromSqlError::Other(Box::new(error)))
            }
            ValueRef::Text(text) => Ok(Self::Text(String::from_utf8_lossy(text).into_owned())),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// Stored milliseconds as callers see them.
fn time_text(millis: i64) -> String {
    Timestamp::from_millis(millis).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_as_they_were() {
        for text in [
            "8d435985-6805-4c80-a2d4-1c11d8d39e98",
            "8D435985-6805-4C80-A2D4-1C11D8D39E98",
            "8d43598568054c80a2d41c11d8d39e98",
            "msg_01",
            "",
        ] {
            assert_eq!(MessageId::new(text).to_string(), text);
        }
        assert!(matches!(MessageId::new("8d435985-6805-4c80-a2d4-1c11d8d39e98"), MessageId::Uuid(_)));
    }
}
