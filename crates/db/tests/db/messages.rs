//! Messages that callers give: ids, times, what a second insert keeps, lists and pages.

use crate::fixture::{Store, at, cases, code, insert_lines, line, said, session, source_file};
use han_base::Code;
use han_db::{Message, MessageFilter, MessageInput, NewRawBlock, Place, SessionFilter, SessionTimestamps};
use proptest::prelude::*;

fn get(store: &Store, id: &str) -> Option<Message> {
    store.read(|read| read.messages().get(id)).unwrap()
}

fn full(id: &str) -> MessageInput {
    let text = |text: &str| Some(text.to_owned());
    MessageInput {
        id: id.into(),
        session_id: text("ignored"),
        agent_id: text("agent"),
        parent_id: text("parent"),
        message_type: "assistant".into(),
        role: text("assistant"),
        content: text("content one"),
        tool_name: text("Read"),
        tool_input: text("{\"path\":\"inputword\"}"),
        tool_result: text("result"),
        raw_json: text("{}"),
        timestamp: at(1),
        line_number: 4,
        source_file_name: text("s.jsonl"),
        source_file_type: text("main"),
        sentiment_score: Some(1.5),
        sentiment_level: text("positive"),
        frustration_score: Some(0.5),
        frustration_level: text("low"),
        input_tokens: Some(1),
        output_tokens: Some(2),
        cache_read_tokens: Some(3),
        cache_creation_tokens: Some(4),
        lines_added: Some(5),
        lines_removed: Some(6),
        files_changed: Some(7),
    }
}

#[test]
fn every_field_comes_back() {
    let store = Store::new();
    store.session("s");
    let input = full("m");
    assert_eq!(store.insert("s", std::slice::from_ref(&input)).unwrap(), 1);
    let read = get(&store, "m").unwrap();
    assert!(read.indexed_at.is_some());
    let expected = Message {
        id: input.id,
        session_id: "s".into(),
        agent_id: input.agent_id,
        parent_id: input.parent_id,
        message_type: input.message_type,
        role: input.role,
        speaker: Some("assistant".into()),
        content: input.content,
        tool_name: input.tool_name,
        tool_input: input.tool_input,
        tool_result: input.tool_result,
        raw_json: input.raw_json,
        timestamp: input.timestamp,
        line_number: input.line_number,
        source_file_name: input.source_file_name,
        source_file_type: input.source_file_type,
        sentiment_score: input.sentiment_score,
        sentiment_level: input.sentiment_level,
        frustration_score: input.frustration_score,
        frustration_level: input.frustration_level,
        input_tokens: input.input_tokens,
        output_tokens: input.output_tokens,
        cache_read_tokens: input.cache_read_tokens,
        cache_creation_tokens: input.cache_creation_tokens,
        lines_added: input.lines_added,
        lines_removed: input.lines_removed,
        files_changed: input.files_changed,
        indexed_at: read.indexed_at.clone(),
    };
    assert_eq!(read, expected);
    let listed = store.read(|read| read.messages().list("s", None, None, 10, 0)).unwrap();
    assert_eq!(listed, [expected]);
}

#[test]
fn a_second_insert_keeps_what_is_absent_and_what_never_changes() {
    let store = Store::new();
    store.session("s");
    store.insert("s", &[full("m")]).unwrap();
    let before = get(&store, "m").unwrap();
    let second = MessageInput {
        id: "m".into(),
        message_type: "user".into(),
        role: Some("user".into()),
        tool_input: Some("other".into()),
        tool_result: Some("other".into()),
        timestamp: at(99),
        line_number: 99,
        ..MessageInput::default()
    };
    assert_eq!(store.insert("s", &[second]).unwrap(), 1);
    let after = get(&store, "m").unwrap();
    let expected = Message {
        message_type: "user".into(),
        tool_name: None,
        indexed_at: after.indexed_at.clone(),
        ..before
    };
    assert_eq!(after, expected);
    // What is given is overwritten.
    let third = MessageInput {
        agent_id: Some("agent 2".into()),
        content: Some("content two".into()),
        output_tokens: Some(0),
        lines_added: Some(50),
        timestamp: at(99),
        ..full("m")
    };
    store.insert("s", &[third]).unwrap();
    let after = get(&store, "m").unwrap();
    let expected = Message {
        message_type: "assistant".into(),
        tool_name: Some("Read".into()),
        agent_id: Some("agent 2".into()),
        content: Some("content two".into()),
        output_tokens: Some(0),
        lines_added: Some(50),
        indexed_at: after.indexed_at.clone(),
        ..expected
    };
    assert_eq!(after, expected);
    store.assert_sound();
}

#[test]
fn a_batch_is_written_whole_or_not_at_all() {
    let store = Store::new();
    store.session("s");
    store.insert("s", &[said("known", &at(0), "before")]).unwrap();
    let batch = [
        said("a", &at(1), "alpha"),
        said("known", &at(1), "changed"),
        said("b", "yesterday", "beta"),
        full("c"),
    ];
    assert_eq!(code(store.insert("s", &batch)), Code::InvalidTimestamp);
    assert_eq!(get(&store, "a"), None);
    assert_eq!(get(&store, "known").unwrap().content.as_deref(), Some("before"));
    assert_eq!(store.found("alpha"), [""; 0]);
    assert_eq!(store.found("before"), ["known"]);
    assert_eq!(store.read(|read| read.messages().count("s")).unwrap(), 1);
    store.assert_sound();
}

#[test]
fn an_unknown_session_is_an_error_save_for_an_empty_list() {
    let store = Store::new();
    assert_eq!(code(store.insert("s", &[said("a", &at(1), "x")])), Code::DbConstraint);
    assert_eq!(get(&store, "a"), None);
    assert_eq!(store.insert("s", &[]).unwrap(), 0);
    assert_eq!(store.read(|read| read.messages().list("s", None, None, 10, 0)).unwrap(), []);
    assert_eq!(store.read(|read| read.messages().count("s")).unwrap(), 0);
    let span = store.read(|read| read.messages().timestamps("s")).unwrap();
    assert_eq!(span, SessionTimestamps { session_id: "s".into(), started_at: None, ended_at: None });
}

#[test]
fn ids_of_all_forms_are_told_apart_and_come_back() {
    let store = Store::new();
    store.session("s");
    let ids = [
        "8d435985-6805-4c80-a2d4-1c11d8d39e98",
        "8D435985-6805-4C80-A2D4-1C11D8D39E98",
        "8d43598568054c80a2d41c11d8d39e98",
        "{8d435985-6805-4c80-a2d4-1c11d8d39e98}",
        "8d435985-68054-c80-a2d4-1c11d8d39e98",
        "------------------------------------",
        "00000000-0000-0000-0000-000000000000",
        "msg_01ABC",
        "1",
        "01",
        "1.0",
        "x'00'",
        "é\u{301}針🧷",
        "with\0nul",
        " ",
        "",
    ];
    let batch: Vec<MessageInput> = ids.iter().map(|id| said(id, &at(1), "word")).collect();
    // Twice: the second time each is known.
    for _ in 0..2 {
        assert_eq!(store.insert("s", &batch).unwrap(), ids.len() as u64);
    }
    for id in ids {
        assert_eq!(get(&store, id).map(|message| message.id).as_deref(), Some(id));
    }
    assert_eq!(get(&store, "8d435985-6805-4c80-a2d4-1c11d8d39e99"), None);
    let mut expected = ids;
    expected.sort_unstable();
    assert_eq!(store.found("word"), expected);
    assert_eq!(store.read(|read| read.messages().count("s")).unwrap(), ids.len() as i64);
}

#[test]
fn a_message_may_stand_in_several_sessions() {
    let store = Store::new();
    store.session("one");
    store.session("two");
    store.insert("one", &[said("m", &at(1), "of one")]).unwrap();
    store.insert("two", &[said("m", &at(1), "of two")]).unwrap();
    assert_eq!(get(&store, "m").unwrap().session_id, "one");
    for (session, content) in [("one", "of one"), ("two", "of two")] {
        let listed = store.read(|read| read.messages().list(session, None, None, 10, 0)).unwrap();
        assert_eq!(
            listed.iter().map(|message| message.content.as_deref()).collect::<Vec<_>>(),
            [Some(content)]
        );
    }
}

#[test]
fn times_of_mixed_forms_compare_as_times() {
    let store = Store::new();
    store.session("s");
    let times = [
        ("d", "2026-01-01T00:00:00.250Z", "2026-01-01T00:00:00.250Z"),
        ("b", "2026-01-01T09:00:00+09:00", "2026-01-01T00:00:00.000Z"),
        ("e", "2025-12-31T19:00:01-05:00", "2026-01-01T00:00:01.000Z"),
        ("a", "2025-12-31T23:59:59.999999999+00:00", "2025-12-31T23:59:59.999Z"),
        ("c", "2026-01-01T00:00:00.1234567Z", "2026-01-01T00:00:00.123Z"),
    ];
    let batch: Vec<MessageInput> = times.iter().map(|(id, time, _)| said(id, time, "word")).collect();
    store.insert("s", &batch).unwrap();
    let listed = store.read(|read| read.messages().list("s", None, None, 10, 0)).unwrap();
    assert_eq!(listed.iter().map(|message| message.id.as_str()).collect::<String>(), "edcba");
    let found = store.read(|read| read.search().messages("word", None, 10)).unwrap();
    assert_eq!(found, listed);
    for (id, _, stored) in times {
        assert_eq!(get(&store, id).unwrap().timestamp, stored);
    }
    let span = store.read(|read| read.messages().timestamps("s")).unwrap();
    assert_eq!(span.started_at.as_deref(), Some("2025-12-31T23:59:59.999Z"));
    assert_eq!(span.ended_at.as_deref(), Some("2026-01-01T00:00:01.000Z"));
    for time in ["", "2026-01-01", "2026-01-01 00:00:00", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "0"]
    {
        assert_eq!(code(store.insert("s", &[said("x", time, "word")])), Code::InvalidTimestamp, "{time}");
    }
}

#[test]
fn a_list_is_newest_first_and_takes_type_agent_limit_and_offset() {
    let store = Store::new();
    store.session("s");
    let row = |id: &str, second, message_type: &str, agent_id: Option<&str>| MessageInput {
        message_type: message_type.into(),
        agent_id: agent_id.map(str::to_owned),
        ..said(id, &at(second), "x")
    };
    store
        .insert(
            "s",
            &[
                row("a", 5, "user", None),
                row("b", 5, "assistant", Some("one")),
                row("c", 1, "system", Some("two")),
                row("d", 9, "user", Some("one")),
                row("e", 5, "user", None),
            ],
        )
        .unwrap();
    let list = |message_type: Option<&str>, agent_id: Option<&str>, limit, offset| -> String {
        let rows =
            store.read(|read| read.messages().list("s", message_type, agent_id, limit, offset)).unwrap();
        rows.into_iter().map(|message| message.id).collect()
    };
    // Of one time, the row that came last is the newest.
    assert_eq!(list(None, None, 100, 0), "debac");
    assert_eq!(list(None, None, 2, 1), "eb");
    assert_eq!(list(None, None, 100, 5), "");
    assert_eq!(list(None, None, 0, 0), "");
    assert_eq!(list(Some("user"), None, 100, 0), "dea");
    assert_eq!(list(None, Some(""), 100, 0), "ea");
    assert_eq!(list(None, Some("one"), 100, 0), "db");
    assert_eq!(list(Some("user"), Some("one"), 100, 0), "d");
    assert_eq!(list(None, Some("three"), 100, 0), "");
    assert_eq!(list(Some("nothing"), None, 100, 0), "");
    // Only user and assistant are counted, but all rows give the span.
    assert_eq!(store.read(|read| read.messages().count("s")).unwrap(), 4);
    let span = store.read(|read| read.messages().timestamps("s")).unwrap();
    assert_eq!((span.started_at, span.ended_at), (Some(at(1)), Some(at(9))));
}

#[test]
fn a_page_takes_filters_and_only_its_own_cursors() {
    let store = Store::new();
    store.session("s");
    let row = |id: &str, role: &str, agent_id: Option<&str>| MessageInput {
        role: Some(role.into()),
        agent_id: agent_id.map(str::to_owned),
        raw_json: Some("{}".into()),
        ..said(id, &at(1), "x")
    };
    store
        .insert("s", &[row("a", "user", None), row("b", "assistant", None), row("c", "user", Some("one"))])
        .unwrap();
    let page = |filter: MessageFilter| {
        store.read(|read| read.messages().page("s", &filter, None, 10)).unwrap().items
    };
    let ids = |filter: MessageFilter| page(filter).into_iter().map(|message| message.id).collect::<String>();
    let all = MessageFilter::default();
    assert_eq!(ids(all.clone()), "abc");
    assert_eq!(ids(MessageFilter { newest_first: true, ..all.clone() }), "cba");
    assert_eq!(ids(MessageFilter { speaker: Some("user".into()), ..all.clone() }), "ac");
    assert_eq!(ids(MessageFilter { agent_id: Some(String::new()), ..all.clone() }), "ab");
    assert_eq!(ids(MessageFilter { agent_id: Some("one".into()), ..all.clone() }), "c");
    assert_eq!(page(all.clone())[0].raw_json, None);
    assert_eq!(page(MessageFilter { with_raw: true, ..all.clone() })[0].raw_json.as_deref(), Some("{}"));
    assert_eq!(store.read(|read| read.messages().page("nobody", &all, None, 10)).unwrap().items, []);
    let cursor = store.read(|read| read.messages().page("s", &all, None, 1)).unwrap().next_cursor.unwrap();
    assert_eq!(
        code(store.read(|read| read.sessions().page(&SessionFilter::default(), Some(&cursor), 1))),
        Code::InvalidCursor
    );
    for cursor in ["", "m", "m1", "s0.0", "m0.0 "] {
        assert_eq!(
            code(store.read(|read| read.messages().page("s", &all, Some(cursor), 1))),
            Code::InvalidCursor
        );
    }
}

#[test]
fn lines_of_files_are_told_apart_by_their_bytes() {
    let store = Store::new();
    let bytes = b"{\"n\":1}\n{\"n\":2}\n{\"n\":1}\n";
    let place = |number: u64| Place { byte_offset: number * 8, byte_length: 7, line_number: number };
    store
        .write(|write| {
            let file = source_file(write, "s", "/s.jsonl");
            write.raw_blocks().insert(file.row_id, &NewRawBlock::compress(0, bytes)?)?;
            let lines = [
                line("m", 5, "one", place(0)),
                line("m", 6, "two", place(1)),
                line("m", 7, "three", place(2)),
            ];
            // The second line is another, the third repeats the first.
            assert_eq!(insert_lines(write, &file, &lines)?, 2);
            assert_eq!(insert_lines(write, &file, &lines)?, 0);
            Ok(())
        })
        .unwrap();
    let rows = store.read(|read| read.messages().list("s", None, None, 10, 0)).unwrap();
    let raw: Vec<_> = rows.iter().map(|message| (message.line_number, message.raw_json.as_deref())).collect();
    assert_eq!(raw, [(1, Some("{\"n\":2}")), (0, Some("{\"n\":1}"))]);
    assert_eq!(get(&store, "m").unwrap().content.as_deref(), Some("one"));
    assert_eq!(
        (rows[0].source_file_name.as_deref(), rows[0].source_file_type.as_deref()),
        (Some("s.jsonl"), Some("main"))
    );
    store.assert_sound();
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn pages_hold_each_message_once_whatever_is_added(
        seconds in prop::collection::vec((0_i64..3, any::<bool>()), 0..14),
        added in prop::collection::vec(0_i64..3, 0..4),
        limit in 1_usize..5,
        newest_first in any::<bool>(),
        only_main in any::<bool>(),
    ) {
        let store = Store::new();
        store.write(|write| {
            write.sessions().upsert(&session("s"))?;
            write.sessions().upsert(&session("other"))
        }).unwrap();
        store.insert("other", &[said("strange", &at(1), "x")]).unwrap();
        let mut expected = Vec::new();
        for (row, (second, is_main)) in seconds.iter().enumerate() {
            let agent_id = (!is_main).then(|| "agent".to_owned());
            let input = MessageInput { agent_id, ..said(&format!("known-{row}"), &at(*second), "x") };
            store.insert("s", &[input]).unwrap();
            if !only_main || *is_main {
                expected.push((*second, row));
            }
        }
        expected.sort_unstable();
        if newest_first {
            expected.reverse();
        }
        let filter = MessageFilter {
            newest_first,
            agent_id: only_main.then(String::new),
            ..MessageFilter::default()
        };
        let mut shown: Vec<String> = Vec::new();
        let mut cursor = None;
        let mut additions = added.iter().enumerate();
        loop {
            let page = store.read(|read| read.messages().page("s", &filter, cursor.as_deref(), limit)).unwrap();
            prop_assert!(page.items.len() == limit || page.next_cursor.is_none());
            shown.extend(page.items.into_iter().map(|message| message.id));
            if let Some((number, second)) = additions.next() {
                store.insert("s", &[said(&format!("added-{number}"), &at(*second), "x")]).unwrap();
            }
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        let mut distinct = shown.clone();
        distinct.sort_unstable();
        distinct.dedup();
        prop_assert_eq!(distinct.len(), shown.len());
        shown.retain(|id| id.starts_with("known"));
        prop_assert_eq!(shown, expected.iter().map(|row| format!("known-{}", row.1)).collect::<Vec<_>>());
    }
}
