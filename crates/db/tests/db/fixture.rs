//! A store in a folder of its own, and the short forms of what is put into it.

use han_base::{Code, Result, Timestamp, id};
use han_db::{
    Database, MessageId, MessageInput, NewMessage, NewSessionFile, Place, SessionFile, SessionInput, Texts,
    Write,
};
use proptest::prelude::ProptestConfig;
use rusqlite::Connection;
use std::{ops::Deref, path::PathBuf};
use tempfile::TempDir;

/// An open database, and the folder that goes when it does.
pub(crate) struct Store {
    database: Database,
    folder: TempDir,
}

impl Deref for Store {
    type Target = Database;

    fn deref(&self) -> &Database {
        &self.database
    }
}

impl Store {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { database: Database::open(&folder.path().join("han.db")).unwrap(), folder }
    }

    /// A path in the folder of the database.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A connection that knows nothing of this crate.
    pub(crate) fn plain(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    pub(crate) fn session(&self, session_id: &str) {
        self.write(|write| write.sessions().upsert(&session(session_id))).unwrap();
    }

    pub(crate) fn insert(&self, session_id: &str, inputs: &[MessageInput]) -> Result<u64> {
        self.write(|write| write.messages().upsert(session_id, inputs))
    }

    /// Ids of the messages that a query finds, sorted.
    pub(crate) fn found(&self, query: &str) -> Vec<String> {
        let found = self.read(|read| read.search().messages(query, None, 10_000)).unwrap();
        let mut ids: Vec<String> = found.into_iter().map(|message| message.id).collect();
        ids.sort();
        ids
    }

    /// Fails unless file, counters and search index are in order.
    pub(crate) fn assert_sound(&self) {
        let check = self.read(|read| read.archive().check()).unwrap();
        assert_eq!(check.problems, Vec::<String>::new());
        assert!(check.ok);
        assert_eq!(self.write(|write| Ok(write.archive().check_search_index())).unwrap(), None);
    }
}

pub(crate) fn session(session_id: &str) -> SessionInput {
    SessionInput { id: session_id.into(), ..SessionInput::default() }
}

/// A message of type user.
pub(crate) fn said(id: &str, timestamp: &str, content: &str) -> MessageInput {
    MessageInput {
        id: id.into(),
        message_type: "user".into(),
        role: Some("user".into()),
        content: Some(content.into()),
        timestamp: timestamp.into(),
        ..MessageInput::default()
    }
}

/// A time of a day in 2026, `second` after midnight.
pub(crate) fn at(second: i64) -> String {
    Timestamp::from_millis(1_780_000_000_000 + second * 1000).to_string()
}

/// A source file that is known, or a new one of a session that exists or is made.
pub(crate) fn source_file(write: &Write<'_>, session_id: &str, file_path: &str) -> SessionFile {
    if let Some(known) = write.session_files().get(file_path).unwrap() {
        return known;
    }
    let (session_row, _) = write.sessions().ensure(session_id).unwrap();
    let file = NewSessionFile { file_type: "main", file_path: file_path.into(), agent_id: None };
    write.session_files().insert(session_row, &file).unwrap();
    write.session_files().get(file_path).unwrap().unwrap()
}

/// A line of a source file.
pub(crate) fn line(id: &str, timestamp_ms: i64, content: &str, place: Place) -> NewMessage {
    NewMessage {
        id: MessageId::new(id),
        agent_id: None,
        parent_id: None,
        message_type: "user",
        role: Some("user"),
        speaker: Some("user"),
        content: Some(content.into()),
        tool_name: None,
        tool_input: None,
        tool_input_text: None,
        timestamp_ms,
        place,
        input_tokens: None,
        output_tokens: None,
        cache_read_tokens: None,
        cache_creation_tokens: None,
        lines_added: None,
        lines_removed: None,
        files_changed: None,
        sentiment_score: None,
        sentiment_level: None,
        frustration_score: None,
        frustration_level: None,
    }
}

/// Stores lines of a source file; returns how many were new.
pub(crate) fn insert_lines(write: &Write<'_>, file: &SessionFile, lines: &[NewMessage]) -> Result<u64> {
    insert_lines_as(write, file, lines, Texts::Now)
}

/// The same, with a say in how their text comes into the search index.
pub(crate) fn insert_lines_as(
    write: &Write<'_>,
    file: &SessionFile,
    lines: &[NewMessage],
    texts: Texts<'_>,
) -> Result<u64> {
    let id_of_place = |place: &Place| MessageId::Uuid(id_of(file, place));
    write.messages().insert_of_file(file.session_row, file.row_id, lines, id_of_place, texts)
}

fn id_of(file: &SessionFile, place: &Place) -> uuid::Uuid {
    id::derived((u128::from(file.row_id.unsigned_abs()) << 64) | u128::from(place.byte_offset))
}

pub(crate) fn code<T: std::fmt::Debug>(result: Result<T>) -> Code {
    result.unwrap_err().code()
}

pub(crate) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}
