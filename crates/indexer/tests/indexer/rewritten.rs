//! Files that tell the same: however they are appended to, rewritten, cut, copied and removed, and in whatever order that
//! is indexed, the store counts what a clean index of the final files counts.

use crate::{
    dump::{assert_sound, rows},
    index, open,
};
use han_db::Database;
use han_testkit::ConfigDir;
use proptest::prelude::*;
use rusqlite::Connection;
use serde_json::json;
use std::fs;

/// The session's transcript, the same session in another folder, a fork of it, and an agent of it.
const FILES: [(&str, &str); 4] = [
    ("-home-dev-app/5e550001-0000-4000-8000-000000000001.jsonl", "5e550001-0000-4000-8000-000000000001"),
    ("-home-dev-old/5e550001-0000-4000-8000-000000000001.jsonl", "5e550001-0000-4000-8000-000000000001"),
    ("-home-dev-app/5e550002-0000-4000-8000-000000000002.jsonl", "5e550002-0000-4000-8000-000000000002"),
    (
        "-home-dev-app/5e550001-0000-4000-8000-000000000001/subagents/agent-a1.jsonl",
        "5e550001-0000-4000-8000-000000000001",
    ),
];

/// A piece of work: its number, and whether its reply is told to its end.
type Unit = (u8, bool);

#[derive(Clone, Debug)]
enum Change {
    Append(usize, Unit),
    Rewrite(usize, Vec<Unit>),
    Truncate(usize, usize),
    Copy(usize, usize),
    Delete(usize),
    Index,
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let file = || 0..FILES.len();
    let unit = || (0_u8..6, any::<bool>());
    let change = prop_oneof![
        4 => (file(), unit()).prop_map(|(file, unit)| Change::Append(file, unit)),
        3 => (file(), prop::collection::vec(unit(), 1..5)).prop_map(|(file, units)| Change::Rewrite(file, units)),
        2 => (file(), 0..4_usize).prop_map(|(file, units)| Change::Truncate(file, units)),
        2 => (file(), file()).prop_map(|(from, to)| Change::Copy(from, to)),
        1 => file().prop_map(Change::Delete),
        5 => Just(Change::Index),
    ];
    prop::collection::vec(change, 1..14)
}

/// A prompt, a reply of two lines that edits a file, the result of that, and what [`further`] tells.
fn lines(session_id: &str, (number, is_whole): Unit) -> String {
    let entry = |part: u8, kind: &str, message: &serde_json::Value| {
        json!({
            "type": kind, "uuid": format!("00000000-0000-4000-8000-0000000{number:02}{part:03}"),
            "sessionId": session_id, "cwd": "/home/dev/app", "requestId": format!("req_{number}"),
            "timestamp": format!("2026-03-01T1{number}:00:0{part}.000Z"), "message": message,
        })
    };
    let reply = |block: &serde_json::Value, output: u8| {
        json!({
            "id": format!("msg_{number}"), "role": "assistant", "model": "claude-opus-4-5", "content": [block],
            "usage": { "input_tokens": 10, "output_tokens": output, "cache_read_input_tokens": 7 },
        })
    };
    let call = format!("toolu_{number}");
    let edit = json!({
        "type": "tool_use", "id": call, "name": "Edit",
        "input": { "file_path": format!("/home/dev/app/{number}.rs"), "old_string": "a", "new_string": "a\nb\nc" },
    });
    // Every other edit fails.
    let result = json!({
        "type": "tool_result", "tool_use_id": call, "content": "done", "is_error": number % 2 == 1,
    });
    let mut text = String::new();
    let mut lines = vec![
        entry(0, "user", &json!({ "role": "user", "content": format!("please do {number}") })),
        entry(1, "assistant", &reply(&json!({ "type": "text", "text": "yes" }), 1)),
    ];
    if is_whole {
        lines.push(entry(2, "assistant", &reply(&edit, 50 + number)));
        lines.push(entry(3, "user", &json!({ "role": "user", "content": [result] })));
    } else {
        lines.push(entry(4, "assistant", &reply(&json!({ "type": "text", "text": "wait" }), 2)));
    }
    lines.extend(further(session_id, number));
    for line in lines {
        text += &line.to_string();
        text.push('\n');
    }
    text
}

/// What a piece of work tells of its session: a list of todos, a task or what became of it, titles, a summary, a compaction.
fn further(session_id: &str, number: u8) -> Vec<serde_json::Value> {
    let id = |part: u8| format!("00000000-0000-4000-8000-0000000{number:02}9{part:02}");
    let entry = |part: u8, kind: &str, further: serde_json::Value| {
        let mut line = json!({
            "type": kind, "uuid": id(part),
            "sessionId": session_id, "timestamp": format!("2026-03-01T1{number}:00:1{part}.000Z"),
        });
        if let (Some(line), serde_json::Value::Object(further)) = (line.as_object_mut(), further) {
            line.extend(further);
        }
        line
    };
    let call = |name: &str, input: serde_json::Value| {
        let id = format!("toolu_{name}_{number}");
        let block = json!({ "type": "tool_use", "id": id, "name": name, "input": input });
        entry(1, "assistant", json!({ "message": { "role": "assistant", "content": [block] } }))
    };
    let title = |rank: &str| {
        let kind = if rank == "customTitle" { "custom-title" } else { "ai-title" };
        // Without an id it is known by its place and its bytes.
        json!({ "type": kind, "sessionId": session_id, rank: format!("title {number}") })
    };
    match number {
        0 => vec![title("aiTitle")],
        1 => {
            let todo = json!({ "content": "do it", "status": "pending", "activeForm": "doing it" });
            vec![call("TodoWrite", json!({ "todos": [todo] })), title("customTitle")]
        }
        2 => {
            let result = json!({ "type": "tool_result", "tool_use_id": "toolu_TaskCreate_2", "content": "Task #7 created" });
            let answer = json!({
                "message": { "role": "user", "content": [result] },
                "toolUseResult": { "task": { "id": "7", "subject": "build it" } },
            });
            vec![
                call("TaskCreate", json!({ "subject": "build it", "description": "all of it" })),
                entry(2, "user", answer),
            ]
        }
        3 => vec![call("TaskUpdate", json!({ "taskId": "7", "status": "completed" })), title("customTitle")],
        4 => vec![
            json!({ "type": "summary", "summary": "about four", "uuid": id(7) }),
            call("TodoWrite", json!({ "todos": [] })),
        ],
        _ => {
            let compaction = json!({
                "subtype": "compact_boundary", "content": "Conversation compacted",
                "compactMetadata": { "trigger": "auto", "preTokens": 1000 },
            });
            vec![entry(3, "system", compaction)]
        }
    }
}

fn text_of(file: usize, units: &[Unit]) -> String {
    units.iter().map(|unit| lines(FILES[file].1, *unit)).collect()
}

/// What a store counts, whoever booked it.
fn totals(database: &Database) -> Vec<(&'static str, Vec<String>)> {
    let connection = Connection::open(database.path()).unwrap();
    let mut totals = Vec::new();
    for (what, sql) in [
        ("messages", "SELECT message_type, count(*) FROM messages WHERE NOT is_repeat GROUP BY 1 ORDER BY 1"),
        (
            "rows",
            "SELECT sessions.id, hex(messages.id), message_type, lines_added, lines_removed, files_changed
             FROM messages JOIN sessions ON sessions.row_id = session_row_id ORDER BY 1, 2",
        ),
        (
            "replies",
            "SELECT message_id, request_id, model, input_tokens, output_tokens, cache_read_tokens
             FROM replies ORDER BY 1, 2",
        ),
        (
            "calls",
            "SELECT sessions.id, tool_calls.id, name, is_error, lines_added, lines_removed, files_changed
             FROM tool_calls JOIN sessions ON sessions.row_id = session_row_id ORDER BY 1, 2",
        ),
        ("counted calls", "SELECT id, count(*) FROM tool_calls WHERE NOT is_repeat GROUP BY 1 ORDER BY 1"),
        (
            "compactions",
            "SELECT sessions.id, message_id, tokens_before
             FROM compactions JOIN sessions ON sessions.row_id = session_row_id ORDER BY 1, 2",
        ),
        (
            "changes",
            "SELECT sessions.id, file_path, count(*)
             FROM file_changes JOIN sessions ON sessions.row_id = session_row_id GROUP BY 1, 2 ORDER BY 1, 2",
        ),
        (
            "lines",
            "SELECT sum(assistant_count), sum(lines_added), sum(lines_removed), sum(files_changed), sum(output_tokens)
             FROM activity_hours",
        ),
        ("titles", "SELECT id, title FROM sessions WHERE row_count > 0 ORDER BY 1"),
        (
            "todos",
            "SELECT sessions.id, todos_json, timestamp_ms
             FROM session_todos JOIN sessions ON sessions.row_id = session_row_id ORDER BY 1",
        ),
        (
            "summaries",
            "SELECT sessions.id, content FROM session_summaries JOIN sessions ON sessions.row_id = session_row_id
             ORDER BY 1",
        ),
        (
            "tasks",
            "SELECT sessions.id, native_tasks.id, subject, description, created_at_ms
             FROM native_tasks JOIN sessions ON sessions.row_id = session_row_id ORDER BY 1, 2",
        ),
        // What becomes of a task is told in an order, which several files of a session do not have.
        (
            "ends of tasks",
            "SELECT sessions.id, native_tasks.id, native_tasks.status, completed_at_ms
             FROM native_tasks JOIN sessions ON sessions.row_id = session_row_id
             WHERE sessions.id = '5e550002-0000-4000-8000-000000000002' ORDER BY 1, 2",
        ),
        ("prompts", "SELECT id, first_prompt FROM sessions WHERE row_count > 0 ORDER BY 1"),
    ] {
        totals.push((what, rows(&connection, sql)));
    }
    totals
}

fn check(changes: &[Change]) {
    let config = ConfigDir::new();
    let database = open(&config);
    // What each file holds, and what of a file that is gone was indexed last.
    let mut now: [Option<Vec<Unit>>; 4] = Default::default();
    let mut indexed: [Option<Vec<Unit>>; 4] = Default::default();
    // The files in the order of their last change, as a clean index reads them.
    let mut order: Vec<usize> = Vec::new();
    let write = |file: usize, units: &Option<Vec<Unit>>| match units {
        Some(units) => drop(config.write(FILES[file].0, text_of(file, units))),
        None => drop(fs::remove_file(config.at(FILES[file].0))),
    };
    let mut indexed_order = Vec::new();
    for change in changes.iter().chain([&Change::Index]) {
        let file = match change {
            Change::Append(file, unit) => {
                let units = now[*file].get_or_insert_default();
                units.push(*unit);
                if units.len() == 1 {
                    write(*file, &now[*file]);
                } else {
                    config.append(FILES[*file].0, lines(FILES[*file].1, *unit));
                }
                *file
            }
            Change::Rewrite(file, units) => {
                now[*file] = Some(units.clone());
                write(*file, &now[*file]);
                *file
            }
            Change::Truncate(file, length) => {
                let Some(units) = &mut now[*file] else { continue };
                units.truncate((*length).max(1));
                write(*file, &now[*file]);
                *file
            }
            Change::Copy(from, to) => {
                let Some(units) = now[*from].clone() else { continue };
                now[*to] = Some(units);
                write(*to, &now[*to]);
                *to
            }
            Change::Delete(file) => {
                if now[*file].take().is_some() {
                    write(*file, &None);
                }
                continue;
            }
            Change::Index => {
                assert_eq!(index(&database, config.path()).files_failed, 0);
                for (indexed, now) in indexed.iter_mut().zip(&now) {
                    if now.is_some() {
                        indexed.clone_from(now);
                    }
                }
                indexed_order.clone_from(&order);
                continue;
            }
        };
        order.retain(|other| *other != file);
        order.push(file);
    }
    assert_sound(&database);

    let clean = ConfigDir::new();
    for file in order {
        if let Some(units) = &indexed[file] {
            clean.write(FILES[file].0, text_of(file, units));
        }
    }
    let clean_database = open(&clean);
    index(&clean_database, clean.path());
    for (found, expected) in totals(&database).into_iter().zip(totals(&clean_database)) {
        if found.0 != "prompts" {
            assert_eq!(found, expected);
        }
    }
}

#[test]
fn a_file_that_is_booked_again_may_have_others_book_again() {
    use Change::{Append, Copy, Index, Rewrite};
    check(&[
        Rewrite(3, vec![(4, false), (0, false)]),
        Append(2, (4, true)),
        Copy(3, 0),
        Index,
        Rewrite(0, vec![(0, false)]),
    ]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_to_files_the_store_counts_what_a_clean_index_of_them_does(changes in changes()) {
        check(&changes);
    }
}

#[test]
fn a_reply_that_another_session_tells_too_counts_after_its_file_was_rewritten() {
    check(&[
        Change::Append(0, (1, true)),
        Change::Index,
        Change::Append(2, (1, false)),
        Change::Index,
        Change::Rewrite(0, vec![(2, true)]),
    ]);
}

#[test]
fn a_message_that_a_gone_file_of_the_session_holds_too_is_shown_again() {
    check(&[
        Change::Append(0, (3, true)),
        Change::Append(1, (3, true)),
        Change::Index,
        Change::Delete(1),
        Change::Index,
        Change::Rewrite(0, vec![(4, true)]),
    ]);
}
