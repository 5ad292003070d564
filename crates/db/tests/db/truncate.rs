//! Removing what can be read again: what goes, what stays, and that nothing is left without what it refers to.

use crate::{
    file_changes::change,
    fixture::{Store, insert_lines, line, said, source_file},
};
use han_base::Code;
use han_db::{
    GeneratedSessionSummaryInput, NativeTaskInput, NewBrokenLine, NewRawBlock, NewReply, Place,
    SessionCompactInput, SessionFacts, SessionFile, SessionFileValidationInput, SessionSummaryInput,
    SessionTodosInput,
};
use std::{fs, path::PathBuf};

const NOON: &str = "2026-03-01T12:00:00Z";

/// Writes a session as the indexer does: a source file of 100 bytes with two messages, and everything else that its lines
/// tell. Returns the path of the file.
fn index(store: &Store, session_id: &str) -> PathBuf {
    let path = store.beside(&format!("{session_id}.jsonl"));
    fs::write(&path, [b'x'; 100]).unwrap();
    let session = || session_id.to_owned();
    store
        .write(|write| {
            let file = source_file(write, session_id, path.to_str().unwrap());
            let place = |byte_offset| Place { byte_offset, byte_length: 50, line_number: byte_offset / 50 };
            let lines = [
                line(&format!("{session_id}-1"), 1, &format!("word {session_id}"), place(0)),
                line(&format!("{session_id}-2"), 2, "word", place(50)),
            ];
            insert_lines(write, &file, &lines)?;
            write.raw_blocks().insert(file.row_id, &NewRawBlock::compress(0, &[b'x'; 100])?)?;
            write.broken_lines().insert(
                file.row_id,
                &NewBrokenLine { byte_offset: 90, byte_length: 1, line_number: 1, reason: Code::LineNotJson },
            )?;
            let reply = NewReply { message_id: session(), ..NewReply::default() };
            write.replies().book(file.session_row, Some(file.row_id), &[reply])?;
            write.session_files().advance(&SessionFile {
                byte_offset: 100,
                line_count: 2,
                ..file.clone()
            })?;
            let facts = SessionFacts {
                title: Some(("a title".into(), 1)),
                first_prompt: Some("first".into()),
                ..SessionFacts::default()
            };
            write.sessions().add_facts(file.session_row, &facts)?;
            let summary =
                SessionSummaryInput { session_id: session(), timestamp: NOON.into(), ..Default::default() };
            write.session_summaries().upsert(&summary)?;
            let compact =
                SessionCompactInput { session_id: session(), timestamp: NOON.into(), ..Default::default() };
            write.session_compacts().upsert(&compact)?;
            let todos =
                SessionTodosInput { session_id: session(), timestamp: NOON.into(), ..Default::default() };
            write.session_todos().upsert(&todos)?;
            let task =
                NativeTaskInput { session_id: session(), timestamp: NOON.into(), ..Default::default() };
            write.native_tasks().create(&task)
        })
        .unwrap();
    path
}

/// Rows that [`index`] writes: two messages, a block, a broken line, a reply, a file, a session, two of a
/// compaction, and one row each of summary, todos and tasks.
const ROWS: u64 = 12;

fn rows(store: &Store, table: &str) -> i64 {
    store.plain().query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

fn assert_no_orphans(store: &Store) {
    store.assert_sound();
    let plain = store.plain();
    let mut statement = plain.prepare("PRAGMA foreign_key_check").unwrap();
    let orphans: Vec<String> =
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(orphans, [""; 0]);
}

#[test]
fn what_transcripts_tell_goes_and_comes_again() {
    let store = Store::new();
    assert_eq!(store.truncate_derived().unwrap(), 0);
    for session_id in ["a", "b"] {
        index(&store, session_id);
    }
    assert_eq!(store.truncate_derived().unwrap(), 2 * ROWS);
    for table in [
        "messages",
        "raw_blocks",
        "broken_lines",
        "replies",
        "session_files",
        "sessions",
        "session_summaries",
        "session_compacts",
        "session_todos",
        "native_tasks",
    ] {
        assert_eq!(rows(&store, table), 0, "{table}");
    }
    assert_eq!(store.found("word"), [""; 0]);
    assert_no_orphans(&store);
    assert_eq!(store.truncate_derived().unwrap(), 0);
    index(&store, "a");
    assert_eq!(store.found("word"), ["a-1", "a-2"]);
    assert_no_orphans(&store);
}

#[test]
fn sessions_whose_source_is_gone_stay_whole() {
    let store = Store::new();
    fs::remove_file(index(&store, "gone")).unwrap();
    fs::write(index(&store, "cut"), "x").unwrap();
    let folder = index(&store, "folder");
    fs::remove_file(&folder).unwrap();
    fs::create_dir(&folder).unwrap();
    index(&store, "here");
    // Of a session with several files, one is enough to keep it.
    index(&store, "half");
    store.write(|write| Ok(source_file(write, "half", "/nowhere/agent-1.jsonl"))).unwrap();
    assert_eq!(store.truncate_derived().unwrap(), ROWS);
    assert_eq!(
        store.found("word"),
        ["cut-1", "cut-2", "folder-1", "folder-2", "gone-1", "gone-2", "half-1", "half-2"]
    );
    assert_eq!(rows(&store, "sessions"), 4);
    assert_eq!(rows(&store, "raw_blocks"), 4);
    assert_eq!(rows(&store, "session_files"), 5);
    assert_eq!(rows(&store, "native_tasks"), 4);
    let overview = store.read(|read| read.sessions().overview("gone")).unwrap().unwrap();
    assert_eq!((overview.title.as_deref(), overview.row_count), (Some("a title"), 2));
    assert_no_orphans(&store);
}

#[test]
fn what_no_transcript_tells_stays_with_its_session() {
    let store = Store::new();
    for session_id in ["change", "validation", "message", "summary", "plain"] {
        index(&store, session_id);
    }
    store.session("of a caller");
    store.insert("message", &[said("given", NOON, "word by a caller")]).unwrap();
    store
        .write(|write| {
            write.file_changes().record(&change("change", "/a", Some("1")))?;
            write.file_validations().record(&SessionFileValidationInput {
                session_id: "validation".into(),
                ..SessionFileValidationInput::default()
            })?;
            write.generated_summaries().upsert(&GeneratedSessionSummaryInput {
                session_id: "summary".into(),
                summary_text: "words of a model".into(),
                ..GeneratedSessionSummaryInput::default()
            })
        })
        .unwrap();
    // The sessions that stay are not among what is removed.
    assert_eq!(store.truncate_derived().unwrap(), 5 * ROWS - 4);
    assert_eq!(rows(&store, "sessions"), 5);
    assert_eq!(store.found("word"), ["given"]);
    assert!(store.read(|read| read.sessions().get("plain")).unwrap().is_none());
    assert!(store.read(|read| read.sessions().get("of a caller")).unwrap().is_some());
    assert!(store.read(|read| read.file_changes().any("change", None)).unwrap());
    assert_eq!(store.read(|read| read.file_validations().of_session("validation")).unwrap().len(), 1);
    assert_eq!(store.read(|read| read.generated_summaries().search("model", 9)).unwrap().len(), 1);
    let overview = store.read(|read| read.sessions().overview("message")).unwrap().unwrap();
    assert_eq!((overview.title, overview.first_prompt), (None, None));
    assert_eq!((overview.row_count, overview.message_count), (1, 1));
    assert_no_orphans(&store);
}

#[test]
fn a_failure_leaves_everything_as_it_was() {
    let store = Store::new();
    index(&store, "a");
    index(&store, "b");
    store
        .plain()
        .execute_batch(
            "CREATE TRIGGER refuse BEFORE DELETE ON sessions WHEN old.id = 'b'
             BEGIN SELECT raise(ABORT, 'refused'); END",
        )
        .unwrap();
    store.truncate_derived().unwrap_err();
    assert_eq!(store.found("word"), ["a-1", "a-2", "b-1", "b-2"]);
    assert_eq!(rows(&store, "session_files"), 2);
    // Foreign keys are still enforced.
    let refused = store.write(|write| write.file_changes().record(&change("nobody", "/a", None)));
    refused.unwrap_err();
    assert_no_orphans(&store);
    store.plain().execute_batch("DROP TRIGGER refuse").unwrap();
    assert_eq!(store.truncate_derived().unwrap(), 2 * ROWS);
}
