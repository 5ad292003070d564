//! What runs read and write, counted: an append costs what was appended, and nothing costs nothing.

use crate::{index, open};
use han_db::{Database, NewSessionFile, SessionFilter, WriteCounts};
use han_indexer::{IndexCounters, IndexReport, Unwatched, index_file};
use han_testkit::ConfigDir;
use serde_json::json;
use std::fmt::Write as _;

const SESSION: &str = "c0007e01-0000-4000-8000-000000000001";

fn path(session: usize) -> String {
    format!("-home-dev-app/c0007e01-0000-4000-8000-{session:012}.jsonl")
}

/// A text like a random one, always the same for one number.
fn scrambled(number: u64, characters: usize) -> String {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut text = String::new();
    while text.len() < characters {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        write!(text, "{:08x}", state >> 32).unwrap();
    }
    text.truncate(characters);
    text
}

/// Ids as agents write them: those of neighbouring lines have nothing in common.
fn uuid(number: u64) -> String {
    let digits = scrambled(number, 32);
    format!("{}-{}-4{}-8{}-{}", &digits[..8], &digits[8..12], &digits[13..16], &digits[17..20], &digits[20..])
}

/// Words, most of them common and a few rare.
fn words(number: u64, count: u64) -> String {
    const COMMON: [&str; 12] =
        ["the", "file", "and", "function", "returns", "test", "of", "value", "error", "in", "with", "line"];
    (0..count)
        .map(|at| match (number * 31 + at * 7) % 23 {
            0 => scrambled(number * 1000 + at, 9),
            other => COMMON[other as usize % COMMON.len()].to_owned(),
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// Lines of a session at work: a prompt, and then calls of tools with their results, of about 3 KB each.
fn work(session: usize, from: u64, count: u64) -> String {
    let session_id = format!("c0007e01-0000-4000-8000-{session:012}");
    let mut text = String::new();
    for number in from..from + count {
        let id = session as u64 * 1_000_000 + number;
        let call = format!("toolu_{}", scrambled(id - number % 2, 24));
        let message = match number % 20 {
            0 => json!({ "role": "user", "content": words(id, 40) }),
            even if even % 2 == 0 => json!({ "role": "user", "content": [
                { "type": "tool_result", "tool_use_id": call, "content": words(id, 820) }] }),
            _ => json!({
                "id": format!("msg_{}", scrambled(id, 24)), "role": "assistant", "model": "claude-opus-4-5",
                "content": [{ "type": "tool_use", "id": call, "name": "Bash",
                    "input": { "command": words(id, 60), "description": words(id + 1, 12) } }],
                "usage": { "input_tokens": 4, "output_tokens": number, "cache_read_input_tokens": 20_000,
                    "cache_creation_input_tokens": 900 },
            }),
        };
        let line = json!({
            "parentUuid": uuid(id.saturating_sub(1)), "isSidechain": false, "userType": "external",
            "cwd": "/home/dev/app", "sessionId": session_id, "version": "2.1.39", "gitBranch": "main",
            "type": if message["role"] == "user" { "user" } else { "assistant" }, "message": message,
            "requestId": format!("req_{}", scrambled(id + 7, 24)), "uuid": uuid(id),
            "timestamp": han_base::Timestamp::from_millis(1_772_323_200_000 + number as i64 * 1000).to_string(),
        });
        text += &line.to_string();
        text.push('\n');
    }
    text
}

/// A store of 40 sessions with 600 lines each: 70 MB.
fn busy_store(config: &ConfigDir) -> Database {
    for session in 0..40 {
        config.write(&path(session), work(session, 0, 600));
    }
    let database = open(config);
    assert_eq!(index(&database, config.path()).files_indexed, 40);
    database
}

fn index_grown(config: &ConfigDir, database: &Database, lines: &str) -> IndexReport {
    let report = index_file(database, &config.at(&path(3)), None, &Unwatched).unwrap();
    assert_eq!(report.bytes_read, lines.len() as u64);
    report
}

/// What this thread has written to files, as the system counts it.
#[cfg(target_os = "linux")]
fn bytes_written_by_thread() -> u64 {
    let io = std::fs::read_to_string("/proc/thread-self/io").unwrap();
    let written = io.lines().find_map(|line| line.strip_prefix("wchar: "));
    written.unwrap().parse().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn an_append_reads_and_writes_little_more_than_what_was_appended() {
    let config = ConfigDir::new();
    let database = busy_store(&config);
    database.checkpoint(han_db::CheckpointMode::Truncate).unwrap();
    for (from, count) in [(600, 100), (700, 100)] {
        let lines = work(3, from, count);
        config.append(&path(3), &lines);
        let before = bytes_written_by_thread();
        let counters = index_grown(&config, &database, &lines).counters;
        let to_log = bytes_written_by_thread() - before;
        database.checkpoint(han_db::CheckpointMode::Truncate).unwrap();
        let in_all = bytes_written_by_thread() - before;
        let appended = lines.len() as u64;
        println!(
            "{appended} bytes in {count} lines: {counters:?}, with the move into the database {in_all} bytes"
        );
        assert_eq!(counters.lines_read, count);
        assert!(counters.bytes_read <= 2 * appended, "{counters:?} for {appended} bytes");
        assert!(counters.bytes_written <= 10 * appended, "{counters:?} for {appended} bytes");
        // Each page of the log is moved once, at the most.
        assert!(in_all <= 2 * counters.bytes_written + 65_536, "{in_all} bytes: {counters:?}");
        assert!(counters.rows_written >= count && counters.statements >= count, "{counters:?}");
        assert_eq!(counters.transactions, 1, "{counters:?}");
        // The system counts the same, and the head of the log and the index of the log beside it.
        assert!(
            to_log >= counters.bytes_written && to_log <= counters.bytes_written + 4096,
            "the system counts {to_log}: {counters:?}"
        );
    }

    // The pages that any line changes are the larger part of what one line costs.
    let line = work(3, 801, 1);
    config.append(&path(3), &line);
    let counters = index_grown(&config, &database, &line).counters;
    println!("one line of {} bytes: {counters:?}", line.len());
    assert_eq!((counters.lines_read, counters.transactions), (1, 1));
    // The first and last 4 KiB of what is indexed are compared before.
    assert_eq!(counters.bytes_read, line.len() as u64 + 8192);
    assert!(counters.bytes_written <= 60 * 8216, "{counters:?}");
}

#[test]
fn unchanged_files_are_neither_read_nor_written() {
    let config = ConfigDir::new();
    let line = "{\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":\"hello\"},\"timestamp\":\"2026-03-01T10:00:00Z\"}\n";
    for session in 0..10_000 {
        config.write(&path(session), line);
    }
    let database = open(&config);
    let first = index(&database, config.path());
    assert_eq!((first.files_indexed, first.counters.lines_read), (10_000, 10_000));
    let again = index(&database, config.path());
    assert_eq!((again.files_unchanged, again.results.len()), (10_000, 0));
    assert_eq!(again.counters, IndexCounters::default());
}

#[test]
fn a_part_of_a_line_is_read_and_nothing_is_written_but_what_the_file_looks_like() {
    let config = ConfigDir::new();
    let line = work(3, 0, 1);
    config.write(&path(3), &line);
    let database = open(&config);
    index(&database, config.path());
    config.append(&path(3), &work(3, 1, 1)[..500]);
    let counters = index(&database, config.path()).counters;
    assert_eq!((counters.lines_read, counters.rows_written), (0, 1), "{counters:?}");
    assert!(counters.bytes_read >= 500, "{counters:?}");
    assert_eq!(index(&database, config.path()).counters, IndexCounters::default());
}

#[test]
fn sessions_are_listed_without_their_sources() {
    let config = ConfigDir::new();
    let database = open(&config);
    database
        .write(|write| {
            for number in 0..20_000 {
                let (row, _) =
                    write.sessions().ensure(&format!("{number:08}-0000-4000-8000-000000000001"))?;
                let file = NewSessionFile {
                    file_type: "main",
                    file_path: format!("/not/there/{number}.jsonl"),
                    agent_id: None,
                };
                write.session_files().insert(row, &file)?;
            }
            Ok(())
        })
        .unwrap();
    let before = WriteCounts::of_this_thread();
    let all = database.read(|read| read.sessions().list(None, None, u32::MAX)).unwrap();
    assert_eq!(all.len(), 20_000);
    let mut cursor = None;
    let mut listed = 0;
    loop {
        let page = database
            .read(|read| read.sessions().page(&SessionFilter::default(), cursor.as_deref(), 1000))
            .unwrap();
        listed += page.items.len();
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(listed, 20_000);
    assert_eq!(WriteCounts::of_this_thread(), before, "nothing is written");
    assert!(database.read(|read| read.sessions().overview(&format!("{SESSION}x"))).unwrap().is_none());
}
