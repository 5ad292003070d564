//! What a run does with a database that was taken over from an older program.

use crate::{
    dump::{assert_same_tables, dump, rows},
    index, open,
};
use han_db::Database;
use han_testkit::{ConfigDir, Transcript};
use rusqlite::Connection;
use std::fs;

const SESSION: &str = "14c40001-0000-4000-8000-000000000001";
const SCHEMA: &str = include_str!("../../../db/tests/db/older_schema.sql");

fn transcript() -> Transcript {
    let mut lines = Transcript::new(SESSION);
    lines.prompt("please upgrade").reply("upgraded", 7).title("An upgrade").prompt("thanks");
    lines
}

/// What the older program made of the transcript: the same ids where lines have one, others where they have none, and a
/// row of its own.
fn older_database(config: &ConfigDir, text: &str) -> Database {
    let transcript = config.write(&format!("-home-dev-app/{SESSION}.jsonl"), text);
    let path = transcript.to_str().unwrap();
    let connection = Connection::open(config.database_path()).unwrap();
    connection.execute_batch(SCHEMA).unwrap();
    connection
        .execute(
            "INSERT INTO sessions (id, transcript_path, last_indexed_line) VALUES (?1, ?2, 3)",
            [SESSION, path],
        )
        .unwrap();
    connection
        .execute(
            "INSERT INTO session_files (id, session_id, file_type, file_path) VALUES ('f', ?1, 'main', ?2)",
            [SESSION, path],
        )
        .unwrap();
    let insert = "INSERT INTO messages (id, session_id, message_type, role, content, timestamp, line_number, raw_json,
        source_file_name, source_file_type) VALUES (?1, ?2, ?3, ?3, 'older text', '2026-03-01T12:00:00Z', ?4, ?5, ?6, 'main')";
    for (number, line) in text.lines().enumerate() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let id = record["uuid"].as_str().map_or_else(|| format!("random-{number}"), str::to_owned);
        let kind = record["type"].as_str().unwrap();
        let name = format!("{SESSION}.jsonl");
        connection.execute(insert, rusqlite::params![id, SESSION, kind, number as i64, line, name]).unwrap();
    }
    connection
        .execute(
            "INSERT INTO messages (id, session_id, message_type, content, timestamp, line_number, source_file_type)
             VALUES ('evt_1', ?1, 'han_event', '{\"sentiment\":1}', '2026-03-01T12:00:00Z', 500000, 'generated')",
            [SESSION],
        )
        .unwrap();
    drop(connection);
    Database::open(&config.database_path()).unwrap()
}

#[test]
fn a_transcript_that_exists_is_read_in_place_of_its_older_rows() {
    let clean = ConfigDir::new();
    clean.write(&format!("-home-dev-app/{SESSION}.jsonl"), transcript().text());
    let expected = open(&clean);
    index(&expected, clean.path());

    let config = ConfigDir::new();
    let database = older_database(&config, transcript().text());
    assert!(database.read(|read| read.metadata().needs_reindex()).unwrap());
    let lines = transcript().lines().count();
    assert_eq!(database.read(|read| read.archive().stats()).unwrap().messages, lines as i64 + 1);
    assert_eq!(database.read(|read| read.sessions().last_indexed_line(SESSION)).unwrap(), 3);
    index(&database, config.path());

    // Besides what no transcript tells, it is as if the older program had never been.
    database.read(|read| read.messages().get("evt_1")).unwrap().unwrap();
    let plain = Connection::open(database.path()).unwrap();
    assert_eq!(rows(&plain, "SELECT count(*) FROM messages WHERE content = 'older text'"), ["0|"]);
    assert_eq!(rows(&plain, "SELECT title FROM sessions"), ["\"An upgrade\"|"]);
    let mut found = dump(&database, config.path());
    found.get_mut("messages").unwrap().retain(|row| !row.contains("evt_1"));
    assert_same_tables(
        &found,
        &dump(&expected, clean.path()),
        &["projects", "session_files", "messages", "replies", "raw", "broken_lines"],
    );
    // A second run has nothing to do.
    assert_eq!(index(&database, config.path()).bytes_read, 0);
}

#[test]
fn rows_of_a_transcript_that_is_gone_stay() {
    let config = ConfigDir::new();
    let database = older_database(&config, transcript().text());
    fs::remove_file(config.at(&format!("-home-dev-app/{SESSION}.jsonl"))).unwrap();
    let before = database.read(|read| read.messages().list(SESSION, None, None, 100, 0)).unwrap();
    index(&database, config.path());
    assert_eq!(database.read(|read| read.messages().list(SESSION, None, None, 100, 0)).unwrap(), before);
    assert_eq!(
        database.read(|read| read.search().messages("older", None, 100)).unwrap().len(),
        before.len() - 1
    );
    // It was only away.
    config.write(&format!("-home-dev-app/{SESSION}.jsonl"), transcript().text());
    index(&database, config.path());
    let after = database.read(|read| read.search().messages("older", None, 100)).unwrap();
    assert_eq!(after.len(), 0);
}
