//! Dashboards over a synthetic archive, against queries that scan the rows. `HAN_MESSAGES` is how many messages it holds
//! (default 100,000), spread over 180 days in sessions of 200.

use criterion::{Criterion, criterion_group, criterion_main};
use han_base::Timestamp;
use han_db::{
    Database, MessageId, NewMessage, NewReply, NewSessionFile, NewToolCall, Place, SessionFacts, Texts, Write,
};
use std::{env, hint::black_box, time::Duration};

const DAYS: i64 = 180;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const ROWS_OF_SESSION: i64 = 200;
const END_MS: i64 = 1_780_000_000_000;
const TOOLS: [&str; 8] = ["Bash", "Read", "Edit", "Grep", "Write", "Task", "TodoWrite", "Glob"];

fn messages() -> i64 {
    env::var("HAN_MESSAGES").map_or(100_000, |text| text.parse().expect("HAN_MESSAGES is a number"))
}

/// Two rows of a session: a prompt, or a result of a tool, and a reply that calls a tool.
fn turn(number: i64, timestamp_ms: i64) -> [NewMessage; 2] {
    let message = |at: i64, message_type: &'static str| NewMessage {
        id: MessageId::Uuid(han_base::id::derived((number * 2 + at) as u128)),
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

fn write_session(write: &Write<'_>, session: i64, start_ms: i64) {
    let (session_row, _) = write.sessions().ensure(&format!("session-{session}")).expect("a session");
    let path = format!("/{session}.jsonl");
    let file = NewSessionFile { file_type: "main", file_path: path, agent_id: None };
    let file_row = write.session_files().insert(session_row, &file).expect("a file");
    let facts = SessionFacts {
        is_main: true,
        slug: Some("quick-brown-fox".into()),
        first_prompt: Some("make the tests of the parser green again, ".repeat(4)),
        ..SessionFacts::default()
    };
    write.sessions().add_facts(session_row, &facts).expect("facts");
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
    write.messages().insert_of_file(session_row, file_row, &rows, id_of_place, Texts::Now).expect("rows");
    write.replies().book(session_row, Some(file_row), &replies).expect("replies");
    write.tool_calls().book(session_row, Some(file_row), &calls, &[]).expect("calls");
}

fn archive(database: &Database) {
    let sessions = messages() / ROWS_OF_SESSION;
    for first in (0..sessions).step_by(50) {
        database
            .write(|write| {
                for session in first..sessions.min(first + 50) {
                    write_session(write, session, END_MS - DAYS * DAY_MS * (sessions - session) / sessions);
                }
                Ok(())
            })
            .expect("written");
    }
}

/// What a dashboard takes where nothing is kept: the rows themselves.
const SCANS: [&str; 6] = [
    "SELECT strftime('%Y-%m-%d', timestamp_ms / 1000, 'unixepoch') AS day, sum(input_tokens), sum(output_tokens),
       sum(cache_read_tokens) FROM replies WHERE timestamp_ms > ?1 GROUP BY day",
    "SELECT strftime('%Y-%m-%d', timestamp_ms / 1000, 'unixepoch') AS day, count(*), count(DISTINCT session_row_id),
       sum(lines_added), sum(lines_removed), sum(files_changed)
     FROM messages WHERE timestamp_ms > ?1 AND message_type = 'assistant' GROUP BY day",
    "SELECT session_row_id, count(*), sum(message_type = 'user'), min(timestamp_ms), avg(sentiment_score)
     FROM messages WHERE timestamp_ms > ?1 GROUP BY session_row_id",
    "SELECT session_row_id, sum(input_tokens), sum(output_tokens), sum(cache_read_tokens)
     FROM replies WHERE timestamp_ms > ?1 GROUP BY session_row_id",
    "SELECT session_row_id, count(DISTINCT name) FROM tool_calls WHERE started_at_ms > ?1 GROUP BY session_row_id",
    "SELECT name, count(*) FROM tool_calls WHERE started_at_ms > ?1 GROUP BY name ORDER BY 2 DESC LIMIT 20",
];

fn activity(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let database = Database::open(&folder.path().join("han.db")).expect("a database");
    archive(&database);
    let plain = rusqlite::Connection::open(database.path()).expect("a connection");

    let mut group = criterion.benchmark_group("activity");
    group.sample_size(20).measurement_time(Duration::from_secs(4));
    for (name, days) in [("30-days", 30), ("all", DAYS + 1)] {
        let cutoff = Timestamp::from_millis(END_MS - days * DAY_MS);
        group.bench_function(format!("dashboard/{name}"), |bencher| {
            bencher.iter(|| database.read(|read| read.activity().dashboard(cutoff)).expect("figures"));
        });
        group.bench_function(format!("aggregates/{name}"), |bencher| {
            bencher.iter(|| database.read(|read| read.activity().aggregates(cutoff)).expect("figures"));
        });
        group.bench_function(format!("scan/{name}"), |bencher| {
            bencher.iter(|| {
                for sql in SCANS {
                    let mut statement = plain.prepare_cached(sql).expect("a statement");
                    let mut rows = statement.query([cutoff.as_millis()]).expect("rows");
                    while let Some(row) = rows.next().expect("a row") {
                        black_box(row.get_ref_unwrap(0));
                    }
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, activity);
criterion_main!(benches);
