//! A synthetic archive for what is measured over many messages.

use han_base::{Result, Timestamp, id};
use han_db::{
    Database, MessageId, NewMessage, NewReply, NewSessionFile, NewToolCall, Place, SessionFacts, Texts, Write,
};

/// How many days the archive spans.
pub const DAYS: i64 = 180;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const ROWS_OF_SESSION: i64 = 200;
const END_MS: i64 = 1_780_000_000_000;
const TOOLS: [&str; 8] = ["Bash", "Read", "Edit", "Grep", "Write", "Task", "TodoWrite", "Glob"];

/// The moment `days` before the archive ends.
#[must_use]
pub fn days_before_end(days: i64) -> Timestamp {
    Timestamp::from_millis(END_MS - days * DAY_MS)
}
/// Two rows of a session: a prompt, or a result of a tool, and a reply that calls a tool.
fn turn(number: i64, timestamp_ms: i64) -> [NewMessage; 2] {
    let message = |at: i64, message_type: &'static str| NewMessage {
        id: MessageId::Uuid(id::derived((number * 2 + at) as u128)),
        agent_id: None,
        parent_id: None,
        message_type,
        role: Some(message_type),
        speaker: Some(message_type),
        content: None,
        tool_name: None,
        tool_input: None,
        tool_input_text: None,
        timestamp_ms: timestamp_ms + at * 1000,
        place: Place::default(),
        input_tokens: None,
        output_tokens: None,
        cache_read_tokens: None,
        cache_creation_tokens: None,
        lines_added: (at == 1).then_some(number % 7),
        lines_removed: (at == 1).then_some(number % 3),
        files_changed: (at == 1).then_some(number % 2),
        sentiment_score: (at == 0).then_some((number % 10) as f64 - 5.0),
        sentiment_level: None,
        frustration_score: None,
        frustration_level: None,
    };
    [message(0, "user"), message(1, "assistant")]
}

fn write_session(write: &Write<'_>, session: i64, start_ms: i64) -> Result<()> {
    let (session_row, _) = write.sessions().ensure(&format!("session-{session}"))?;
    let path = format!("/{session}.jsonl");
    let file = NewSessionFile { file_type: "main", file_path: path, agent_id: None };
    let file_row = write.session_files().insert(session_row, &file)?;
    let facts = SessionFacts {
        is_main: true,
        slug: Some("quick-brown-fox".into()),
        first_prompt: Some("make the tests of the parser green again, ".repeat(4)),
        ..SessionFacts::default()
    };
    write.sessions().add_facts(session_row, &facts)?;
    let (mut rows, mut replies, mut calls) = (Vec::new(), Vec::new(), Vec::new());
    for number in session * ROWS_OF_SESSION / 2..(session + 1) * ROWS_OF_SESSION / 2 {
        let timestamp_ms = start_ms + (number % (ROWS_OF_SESSION / 2)) * 60_000;
        rows.extend(turn(number, timestamp_ms));
        replies.push(NewReply {
            message_id: format!("msg_{number}"),
            model: Some("claude".into()),
            timestamp_ms,
            input_tokens: 10,
            output_tokens: number % 900,
            cache_read_tokens: 50_000,
            ..NewReply::default()
        });
        calls.push(NewToolCall {
            id: format!("toolu_{number}"),
            message_id: MessageId::new("m"),
            agent_id: None,
            name: TOOLS[(number % 8) as usize].into(),
            subagent_type: (number % 8 == 5).then(|| "reviewer".into()),
            file_paths: Vec::new(),
            input: None,
            timestamp_ms,
            edit: None,
            result: None,
        });
    }
    let id_of_place = |place: &Place| MessageId::Text(place.byte_offset.to_string());
    write.messages().insert_of_file(session_row, file_row, &rows, id_of_place, Texts::Now)?;
    write.replies().book(session_row, Some(file_row), &replies)?;
    write.tool_calls().book(session_row, Some(file_row), &calls, &[])
}

/// Writes `messages` messages without text, spread over [`DAYS`] days in sessions of 200, with a reply and a call of a tool
/// for every other one.
pub fn write_archive(database: &Database, messages: i64) -> Result<()> {
    let sessions = messages / ROWS_OF_SESSION;
    for first in (0..sessions).step_by(50) {
        database.write(|write| {
            for session in first..sessions.min(first + 50) {
                write_session(write, session, END_MS - DAYS * DAY_MS * (sessions - session) / sessions)?;
            }
            Ok(())
        })?;
    }
    Ok(())
}
