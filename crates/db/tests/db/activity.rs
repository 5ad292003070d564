//! Dashboards: figures after a cutoff against a plain scan, and what counts.

use crate::fixture::{Store, at, cases, insert_lines, line, source_file};
use han_base::Timestamp;
use han_db::{
    ActivityAggregates, DashboardAggregates, HookExecutionInput, MessageId, MessageInput, NewCompaction,
    NewEdit, NewMessage, NewReply, NewToolCall, NewToolResult, Place, SessionCompactInput, SessionFile,
    ToolCallFilter, Write,
};
use proptest::prelude::*;
use rusqlite::Connection;

const HOUR_MS: i64 = 3_600_000;

fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn dashboard(store: &Store, cutoff: Timestamp) -> DashboardAggregates {
    store.read(|read| read.activity().dashboard(cutoff)).unwrap()
}

fn activity(store: &Store, cutoff: Timestamp) -> ActivityAggregates {
    store.read(|read| read.activity().aggregates(cutoff)).unwrap()
}

fn call(id: &str, name: &str, timestamp_ms: i64) -> NewToolCall {
    NewToolCall {
        id: id.into(),
        message_id: MessageId::new("m"),
        agent_id: None,
        name: name.into(),
        subagent_type: None,
        file_paths: Vec::new(),
        input: None,
        timestamp_ms,
        edit: None,
        result: None,
    }
}

fn result(id: &str, timestamp_ms: i64) -> NewToolResult {
    NewToolResult {
        call_id: id.into(),
        message_id: MessageId::new("r"),
        agent_id: None,
        is_error: false,
        content: None,
        timestamp_ms,
        edit: None,
    }
}

#[test]
fn an_empty_store_gives_zeros() {
    let store = Store::new();
    assert_eq!(dashboard(&store, time("2020-01-01T00:00:00Z")), DashboardAggregates::default());
    assert_eq!(activity(&store, time("2020-01-01T00:00:00Z")), ActivityAggregates::default());
}

#[test]
fn tool_calls_count_from_tool_use_blocks_once_over_sessions() {
    let store = Store::new();
    let noon = time("2026-05-01T12:00:00Z").as_millis();
    store
        .write(|write| {
            for session in ["first", "fork"] {
                let file = source_file(write, session, &format!("/{session}.jsonl"));
                insert_lines(write, &file, &[line("same", noon, "copied", Place::default())])?;
                let calls = [
                    call("toolu_1", "Bash", noon),
                    NewToolCall { subagent_type: Some("reviewer".into()), ..call("toolu_2", "Task", noon) },
                ];
                write.tool_calls().book(
                    file.session_row,
                    Some(file.row_id),
                    &calls,
                    &[result("toolu_1", noon)],
                )?;
            }
            Ok(())
        })
        .unwrap();
    let shown = dashboard(&store, time("2026-05-01T11:00:00Z"));
    let usage: Vec<_> = shown.tool_usage.iter().map(|row| (row.tool_name.as_str(), row.count)).collect();
    assert_eq!(usage, [("Bash", 1), ("Task", 1)]);
    let agents: Vec<_> =
        shown.subagent_usage.iter().map(|row| (row.subagent_type.as_str(), row.count)).collect();
    assert_eq!(agents, [("reviewer", 1)]);
    // Each session shows its own calls all the same.
    assert_eq!(shown.session_stats.iter().map(|row| row.unique_tools).collect::<Vec<_>>(), [2, 2]);
    store.assert_sound();

    // When the first session loses its file, the other one counts.
    store.write(|write| write.session_files().reset(&source_file(write, "first", "/first.jsonl"))).unwrap();
    assert_eq!(
        dashboard(&store, time("2026-05-01T11:00:00Z")).tool_usage.iter().map(|row| row.count).sum::<i64>(),
        2
    );
    store.assert_sound();
}

#[test]
fn a_call_and_its_result_come_in_any_order() {
    let store = Store::new();
    let row = store
        .write(|write| {
            let file = source_file(write, "s", "/s.jsonl");
            let book = |calls: &[NewToolCall], results: &[NewToolResult]| {
                write.tool_calls().book(file.session_row, Some(file.row_id), calls, results)
            };
            book(&[], &[result("late", 2000)])?;
            book(&[call("late", "Read", 1000)], &[])?;
            book(&[call("early", "Read", 3000)], &[])?;
            book(&[], &[NewToolResult { is_error: true, ..result("early", 3500) }])?;
            book(&[NewToolCall { result: Some(result("both", 5000)), ..call("both", "Read", 4000) }], &[])?;
            // Once more changes nothing.
            book(&[call("early", "Other", 9000)], &[result("early", 9000)])?;
            Ok(file.row_id)
        })
        .unwrap();
    let calls =
        store.read(|read| read.tool_calls().page(&ToolCallFilter::default(), None, 10)).unwrap().items;
    let shown: Vec<_> = calls
        .iter()
        .map(|call| (call.id.as_str(), call.name.as_deref(), call.duration_ms, call.is_error))
        .collect();
    assert_eq!(
        shown,
        [
            ("both", Some("Read"), Some(1000), Some(false)),
            ("early", Some("Read"), Some(500), Some(true)),
            ("late", Some("Read"), Some(1000), Some(false)),
        ]
    );
    assert!(row > 0);
    store.assert_sound();
}

#[test]
fn an_edit_counts_as_its_result_tells_whenever_that_comes() {
    let edit = |lines_added, lines_removed| NewEdit {
        action: "modified",
        lines_added,
        lines_removed,
        files_changed: 1,
    };
    for in_one_batch in [true, false] {
        let store = Store::new();
        store
            .write(|write| {
                let file = source_file(write, "s", "/s.jsonl");
                let asked = |id: &str, message: &str, at| NewToolCall {
                    message_id: MessageId::new(message),
                    file_paths: vec![format!("/src/{id}.rs")],
                    edit: Some(edit(5, 1)),
                    ..call(id, "Edit", at)
                };
                let calls =
                    [asked("better", "a", 1000), asked("failed", "b", 2000), asked("open", "c", 3000)];
                let results = [
                    NewToolResult {
                        edit: Some(NewEdit { action: "created", ..edit(9, 0) }),
                        ..result("better", 1500)
                    },
                    NewToolResult { is_error: true, ..result("failed", 2500) },
                ];
                let mut lines: Vec<NewMessage> = Vec::new();
                for (call, id) in calls.iter().zip(["a", "b", "c"]) {
                    let result =
                        results.iter().find(|result| in_one_batch && result.call_id == call.id).cloned();
                    let settled = NewToolCall { result, ..call.clone() }.settled_edit().unwrap();
                    lines.push(NewMessage {
                        message_type: "assistant",
                        lines_added: Some(settled.lines_added),
                        lines_removed: Some(settled.lines_removed),
                        files_changed: Some(settled.files_changed),
                        ..line(id, call.timestamp_ms, "", Place::default())
                    });
                }
                insert_lines(write, &file, &lines)?;
                let book = |calls: &[NewToolCall], results: &[NewToolResult]| {
                    write.tool_calls().book(file.session_row, Some(file.row_id), calls, results)
                };
                if in_one_batch {
                    let joined = calls.map(|call| {
                        let result = results.iter().find(|result| result.call_id == call.id).cloned();
                        NewToolCall { result, ..call }
                    });
                    book(&joined, &[])
                } else {
                    book(&calls, &[])?;
                    book(&[], &results)
                }
            })
            .unwrap();
        let day = &activity(&store, Timestamp::from_millis(0)).daily_activity[0];
        assert_eq!((day.lines_added, day.lines_removed, day.files_changed), (14, 1, 2), "{in_one_batch}");
        // What failed, and what is still open, has changed no file.
        let changes = store.read(|read| read.file_changes().list("s", None)).unwrap();
        let shown: Vec<_> =
            changes.iter().map(|change| (change.file_path.as_str(), change.action.as_str())).collect();
        assert_eq!(shown, [("/src/better.rs", "created")]);
        assert_eq!(changes[0].recorded_at.as_deref(), Some("1970-01-01T00:00:01.500Z"));
        store.assert_sound();
    }
}

#[test]
fn tokens_are_those_of_the_ledger_and_not_of_the_lines() {
    let store = Store::new();
    store.session("s");
    let assistant = |id: &str, second| MessageInput {
        id: id.into(),
        message_type: "assistant".into(),
        timestamp: at(second),
        input_tokens: Some(10),
        output_tokens: Some(5),
        ..MessageInput::default()
    };
    store.insert("s", &[assistant("a", 0), assistant("b", 1)]).unwrap();
    store
        .write(|write| {
            let (row, _) = write.sessions().ensure("s")?;
            let reply = |output_tokens| NewReply {
                message_id: "msg".into(),
                timestamp_ms: Timestamp::parse(&at(0)).unwrap().as_millis(),
                input_tokens: 10,
                output_tokens,
                ..NewReply::default()
            };
            write.replies().book(row, None, &[reply(2), reply(5), reply(4)])
        })
        .unwrap();
    let shown = dashboard(&store, time("2026-01-01T00:00:00Z"));
    assert_eq!((shown.total_input_tokens, shown.total_output_tokens, shown.total_messages), (10, 5, 2));
    assert_eq!(shown.session_stats[0].output_tokens, 5);
    assert_eq!(activity(&store, time("2026-01-01T00:00:00Z")).daily_activity[0].output_tokens, 5);
    store.assert_sound();
}

#[test]
fn compactions_count_and_summaries_do_not() {
    let store = Store::new();
    store.session("s");
    let summary = MessageInput {
        id: "x".into(),
        message_type: "summary".into(),
        timestamp: at(0),
        ..MessageInput::default()
    };
    store.insert("s", &[summary]).unwrap();
    assert_eq!(dashboard(&store, time("2020-01-01T00:00:00Z")).total_compactions, 0);
    let compact = |message_id: &str, second| SessionCompactInput {
        session_id: "s".into(),
        message_id: message_id.into(),
        timestamp: at(second),
        ..SessionCompactInput::default()
    };
    store
        .write(|write| {
            write.session_compacts().upsert(&compact("one", 1))?;
            write.session_compacts().upsert(&compact("one", 1))?;
            write.session_compacts().upsert(&compact("two", 2))
        })
        .unwrap();
    let shown = dashboard(&store, time("2020-01-01T00:00:00Z"));
    assert_eq!((shown.total_compactions, shown.total_compaction_sessions), (2, 1));
    assert_eq!(shown.session_compactions[0].compaction_count, 2);
    assert_eq!(dashboard(&store, Timestamp::parse(&at(1)).unwrap()).total_compactions, 1);
}

#[test]
fn a_cutoff_is_a_moment_and_what_is_later_counts() {
    let store = Store::new();
    store.session("s");
    let said = |id: &str, millis: i64| MessageInput {
        id: id.into(),
        message_type: "assistant".into(),
        timestamp: Timestamp::from_millis(millis).to_string(),
        ..MessageInput::default()
    };
    let noon = time("2026-05-01T12:00:00Z").as_millis();
    store.insert("s", &[said("a", noon - 1), said("b", noon), said("c", noon + 1)]).unwrap();
    for (cutoff, expected) in [
        ("2026-05-01T11:59:59.999Z", 2),
        ("2026-05-01T12:00:00Z", 1),
        // The same moment in another zone: times are compared as times.
        ("2026-05-01T14:00:00+02:00", 1),
        ("2026-05-01T12:00:00.001Z", 0),
    ] {
        assert_eq!(activity(&store, time(cutoff)).total_messages, expected, "{cutoff}");
    }
}

#[test]
fn hooks_are_counted_by_name() {
    let store = Store::new();
    store
        .write(|write| {
            for (hook_name, passed, duration_ms) in
                [("lint", true, 10), ("lint", false, 30), ("test", true, 5)]
            {
                write.hook_executions().record(&HookExecutionInput {
                    hook_type: "Stop".into(),
                    hook_name: hook_name.into(),
                    passed,
                    duration_ms,
                    ..HookExecutionInput::default()
                })?;
            }
            Ok(())
        })
        .unwrap();
    let health = dashboard(&store, time("2020-01-01T00:00:00Z")).hook_health;
    let shown: Vec<_> = health
        .iter()
        .map(|row| {
            (row.hook_name.as_str(), row.total_runs, row.pass_count, row.fail_count, row.avg_duration_ms)
        })
        .collect();
    assert_eq!(shown, [("lint", 2, 1, 1, 20.0), ("test", 1, 1, 0, 5.0)]);
}

#[test]
fn a_session_shows_its_summary_else_its_first_words() {
    let store = Store::new();
    store.session("s");
    let long = "ä".repeat(300);
    let said = |id: &str, second, content: &str| MessageInput {
        id: id.into(),
        message_type: "user".into(),
        timestamp: at(second),
        content: Some(content.into()),
        ..MessageInput::default()
    };
    store.insert("s", &[said("a", 0, ""), said("b", 1, &long), said("c", 2, "later")]).unwrap();
    let summary = |cutoff| dashboard(&store, cutoff).session_stats[0].summary.clone().unwrap();
    assert_eq!(summary(time("2020-01-01T00:00:00Z")), "ä".repeat(200));
    assert_eq!(summary(Timestamp::parse(&at(1)).unwrap()), "later");
}

#[test]
fn figures_that_spoil_sums_are_refused() {
    let store = Store::new();
    store.session("s");
    let base = || MessageInput {
        id: "m".into(),
        message_type: "assistant".into(),
        timestamp: at(0),
        ..MessageInput::default()
    };
    for input in [
        MessageInput { output_tokens: Some(i64::MAX), ..base() },
        MessageInput { lines_added: Some(-1), ..base() },
        MessageInput { sentiment_score: Some(f64::NAN), ..base() },
        MessageInput { frustration_score: Some(f64::INFINITY), ..base() },
    ] {
        assert_eq!(crate::fixture::code(store.insert("s", &[input])), han_base::Code::InvalidArgument);
    }
}

#[derive(Clone, Debug)]
enum Operation {
    Insert(usize, u8, usize, i64, Option<i32>, Option<i64>),
    Lines(usize, bool, Vec<(u8, usize, i64)>),
    Reply(usize, bool, u8, i64, i64),
    Call(usize, bool, u8, usize, i64, bool),
    Compaction(usize, bool, u8, i64),
    Reset(usize, bool),
    FillTimes(usize, bool, i64),
}

const SESSIONS: [&str; 3] = ["one", "two", "three"];
const TYPES: [&str; 3] = ["user", "assistant", "system"];
const TOOLS: [&str; 3] = ["Bash", "Task", "Read"];

fn operation() -> impl Strategy<Value = Operation> {
    let session = || 0..SESSIONS.len();
    let minute = || -120_i64..240;
    prop_oneof![
        3 => (session(), 0_u8..6, 0..TYPES.len(), minute(), prop::option::of(-5000_i32..5000), prop::option::of(0_i64..9))
            .prop_map(|(s, id, kind, at, mood, lines)| Operation::Insert(s, id, kind, at, mood, lines)),
        4 => (session(), any::<bool>(), prop::collection::vec((0_u8..6, 0..TYPES.len(), minute()), 1..4))
            .prop_map(|(s, second, lines)| Operation::Lines(s, second, lines)),
        3 => (session(), any::<bool>(), 0_u8..5, minute(), 0_i64..20)
            .prop_map(|(s, second, id, at, tokens)| Operation::Reply(s, second, id, at, tokens)),
        3 => (session(), any::<bool>(), 0_u8..5, 0..TOOLS.len(), minute(), any::<bool>())
            .prop_map(|(s, second, id, tool, at, only_result)| Operation::Call(s, second, id, tool, at, only_result)),
        1 => (session(), any::<bool>(), 0_u8..3, minute()).prop_map(|(s, second, id, at)| Operation::Compaction(s, second, id, at)),
        2 => (session(), any::<bool>()).prop_map(|(s, second)| Operation::Reset(s, second)),
        1 => (session(), any::<bool>(), minute()).prop_map(|(s, second, at)| Operation::FillTimes(s, second, at)),
    ]
}

fn millis(minute: i64) -> i64 {
    minute * 60_000
}

fn file_of(write: &Write<'_>, session: usize, second: bool) -> SessionFile {
    source_file(write, SESSIONS[session], &format!("/{session}-{second}.jsonl"))
}

fn apply(write: &Write<'_>, operation: &Operation) -> han_base::Result<()> {
    match operation {
        Operation::Insert(session, id, kind, minute, mood, lines) => {
            let input = MessageInput {
                id: format!("m{id}"),
                message_type: TYPES[*kind].into(),
                timestamp: Timestamp::from_millis(millis(*minute)).to_string(),
                sentiment_score: mood.map(|mood| f64::from(mood) / 1000.0),
                lines_added: *lines,
                files_changed: lines.map(|lines| lines % 3),
                ..MessageInput::default()
            };
            write.messages().upsert(SESSIONS[*session], &[input]).map(drop)
        }
        Operation::Lines(session, second, told) => {
            let file = file_of(write, *session, *second);
            let lines: Vec<NewMessage> = told
                .iter()
                .map(|&(id, kind, minute)| NewMessage {
                    message_type: TYPES[kind],
                    lines_removed: Some(i64::from(id)),
                    sentiment_score: (kind == 0).then(|| f64::from(id) - 2.5),
                    ..line(&format!("m{id}"), millis(minute), "", Place::default())
                })
                .collect();
            insert_lines(write, &file, &lines).map(drop)
        }
        Operation::Reply(session, second, id, minute, tokens) => {
            let file = file_of(write, *session, *second);
            let reply = NewReply {
                message_id: format!("r{id}"),
                timestamp_ms: millis(*minute),
                input_tokens: *tokens,
                output_tokens: *tokens,
                cache_read_tokens: 2 * tokens,
                ..NewReply::default()
            };
            write.replies().book(file.session_row, Some(file.row_id), &[reply])
        }
        Operation::Call(session, second, id, tool, minute, only_result) => {
            let file = file_of(write, *session, *second);
            let id = format!("c{id}");
            let call = NewToolCall {
                subagent_type: (*tool == 1).then(|| "reviewer".into()),
                ..call(&id, TOOLS[*tool], millis(*minute))
            };
            let (calls, results) = if *only_result {
                (vec![], vec![result(&id, millis(*minute))])
            } else {
                (vec![call], vec![])
            };
            write.tool_calls().book(file.session_row, Some(file.row_id), &calls, &results)
        }
        Operation::Compaction(session, second, id, minute) => {
            let file = file_of(write, *session, *second);
            let compaction = NewCompaction {
                message_id: format!("k{id}"),
                timestamp_ms: millis(*minute),
                ..NewCompaction::default()
            };
            write.compactions().book(file.session_row, Some(file.row_id), &compaction)
        }
        Operation::Reset(session, second) => write.session_files().reset(&file_of(write, *session, *second)),
        Operation::FillTimes(session, second, minute) => {
            write.session_files().fill_times(&file_of(write, *session, *second), millis(*minute))
        }
    }
}

/// A number that a plain scan gives.
fn scan(plain: &Connection, sql: &str, cutoff: i64) -> i64 {
    plain.query_row(sql, [cutoff], |row| row.get(0)).unwrap()
}

fn assert_equal_to_a_scan(store: &Store, cutoff: i64) -> Result<(), TestCaseError> {
    let plain = store.plain();
    let shown = dashboard(store, Timestamp::from_millis(cutoff));
    let by_day = activity(store, Timestamp::from_millis(cutoff));
    let scan = |sql: &str| scan(&plain, sql, cutoff);
    let messages = scan(
        "SELECT count(DISTINCT id) FROM (SELECT id, message_type, is_repeat FROM messages WHERE timestamp_ms > ?1)
         WHERE message_type = 'assistant' AND NOT is_repeat",
    );
    prop_assert_eq!(shown.total_messages, messages);
    prop_assert_eq!(by_day.total_messages, messages);
    prop_assert_eq!(by_day.daily_activity.iter().map(|day| day.message_count).sum::<i64>(), messages);
    prop_assert_eq!(by_day.hourly_activity.iter().map(|hour| hour.message_count).sum::<i64>(), messages);
    let tokens = scan("SELECT coalesce(sum(output_tokens), 0) FROM replies WHERE timestamp_ms > ?1");
    prop_assert_eq!(shown.total_output_tokens, tokens);
    prop_assert_eq!(by_day.total_output_tokens, tokens);
    prop_assert_eq!(shown.session_stats.iter().map(|row| row.output_tokens).sum::<i64>() <= tokens, true);
    prop_assert_eq!(
        shown.session_stats.iter().map(|row| row.message_count).sum::<i64>(),
        scan("SELECT count(*) FROM messages WHERE timestamp_ms > ?1")
    );
    prop_assert_eq!(
        shown.session_stats.iter().map(|row| row.turn_count).sum::<i64>(),
        scan("SELECT count(*) FROM messages WHERE timestamp_ms > ?1 AND message_type = 'user'")
    );
    prop_assert_eq!(
        shown.tool_usage.iter().map(|row| row.count).sum::<i64>(),
        scan(
            "SELECT count(DISTINCT id) FROM tool_calls WHERE started_at_ms > ?1 AND name IS NOT NULL AND NOT is_repeat"
        )
    );
    prop_assert_eq!(
        by_day.daily_activity.iter().map(|day| day.lines_removed).sum::<i64>(),
        scan(
            "SELECT coalesce(sum(lines_removed), 0) FROM messages
             WHERE timestamp_ms > ?1 AND message_type = 'assistant' AND NOT is_repeat"
        )
    );
    prop_assert_eq!(
        shown.session_sentiments.len() as i64,
        scan(
            "SELECT count(DISTINCT session_row_id) FROM messages WHERE timestamp_ms > ?1 AND sentiment_score IS NOT NULL"
        )
    );
    prop_assert_eq!(
        shown.total_compactions,
        scan("SELECT count(*) FROM compactions WHERE timestamp_ms > ?1 AND NOT is_repeat")
    );
    Ok(())
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn figures_equal_a_scan_at_any_cutoff(operations in prop::collection::vec(operation(), 1..30), minutes in prop::collection::vec(-130_i64..250, 4)) {
        let store = Store::new();
        for session in SESSIONS {
            store.session(session);
        }
        for operation in &operations {
            store.write(|write| apply(write, operation)).unwrap();
        }
        store.assert_sound();
        // What stands in several sessions is counted in exactly one of them.
        let only_result = "max(name IS NOT NULL)";
        for (table, key, once) in [("messages", "id", "1"), ("tool_calls", "id", only_result), ("compactions", "message_id", "1")] {
            let wrong: i64 = store.plain().query_row(
                &format!("SELECT count(*) FROM (SELECT 1 FROM {table} GROUP BY {key} HAVING sum(NOT is_repeat) <> {once})"), [], |row| row.get(0),
            ).unwrap();
            prop_assert_eq!(wrong, 0, "{}", table);
        }
        for minute in minutes {
            assert_equal_to_a_scan(&store, millis(minute))?;
            assert_equal_to_a_scan(&store, minute.div_euclid(60) * HOUR_MS - 1)?;
        }
    }
}
