//! The latest summary, compaction and list of todos of a session: what replaces what.

use crate::fixture::{Store, code};
use han_base::{Code, Timestamp};
use han_db::{
    Database, SessionCompact, SessionCompactInput, SessionSummary, SessionSummaryInput, SessionTodos,
    SessionTodosInput,
};

fn summary(message_id: &str, timestamp: &str) -> SessionSummaryInput {
    SessionSummaryInput {
        session_id: "s".into(),
        message_id: message_id.into(),
        timestamp: timestamp.into(),
        ..SessionSummaryInput::default()
    }
}

fn compact(message_id: &str, timestamp: &str) -> SessionCompactInput {
    SessionCompactInput {
        session_id: "s".into(),
        message_id: message_id.into(),
        timestamp: timestamp.into(),
        ..SessionCompactInput::default()
    }
}

fn todos(message_id: &str, timestamp: &str) -> SessionTodosInput {
    SessionTodosInput {
        session_id: "s".into(),
        message_id: message_id.into(),
        todos_json: format!("[\"{message_id}\"]"),
        timestamp: timestamp.into(),
        line_number: 0,
    }
}

fn write_summary(store: &Store, message_id: &str, timestamp: &str) -> SessionSummary {
    store.write(|write| write.session_summaries().upsert(&summary(message_id, timestamp))).unwrap()
}

#[test]
fn a_row_is_kept_whole() {
    let store = Store::new();
    store.session("s");
    let before = Timestamp::now();
    let input = SessionCompactInput {
        content: Some("what was done".into()),
        raw_json: Some("{}".into()),
        compact_type: Some("auto_compact".into()),
        line_number: 7,
        ..compact("m", "2026-03-01T12:00:00.5+02:00")
    };
    let known = store.write(|write| write.session_compacts().upsert(&input)).unwrap();
    let indexed_at = known.indexed_at.clone();
    assert!(Timestamp::parse(indexed_at.as_deref().unwrap()).unwrap() >= before);
    let expected = SessionCompact {
        id: "m".into(),
        session_id: "s".into(),
        message_id: "m".into(),
        content: Some("what was done".into()),
        raw_json: Some("{}".into()),
        compact_type: Some("auto_compact".into()),
        timestamp: "2026-03-01T10:00:00.500Z".into(),
        line_number: 7,
        indexed_at,
    };
    assert_eq!(known, expected);
    assert_eq!(store.read(|read| read.session_compacts().get("s")).unwrap(), Some(expected));

    let input = SessionSummaryInput {
        content: Some("short".into()),
        raw_json: Some("[]".into()),
        line_number: 9,
        ..summary("n", "2026-03-01T10:00:00Z")
    };
    let known = store.write(|write| write.session_summaries().upsert(&input)).unwrap();
    let expected = SessionSummary {
        id: "n".into(),
        session_id: "s".into(),
        message_id: "n".into(),
        content: Some("short".into()),
        raw_json: Some("[]".into()),
        timestamp: "2026-03-01T10:00:00.000Z".into(),
        line_number: 9,
        indexed_at: known.indexed_at.clone(),
    };
    assert_eq!(known, expected);

    let known =
        store.write(|write| write.session_todos().upsert(&todos("o", "2026-03-01T10:00:00Z"))).unwrap();
    let expected = SessionTodos {
        id: known.id.clone(),
        session_id: "s".into(),
        message_id: "o".into(),
        todos_json: "[\"o\"]".into(),
        timestamp: "2026-03-01T10:00:00.000Z".into(),
        line_number: 0,
        indexed_at: known.indexed_at.clone(),
    };
    assert_eq!(known, expected);
    assert_eq!(store.read(|read| read.session_todos().get("s")).unwrap(), Some(expected));
}

#[test]
fn times_of_different_forms_compare_as_times() {
    let store = Store::new();
    store.session("s");
    for (timestamp, message_id, expected) in [
        ("2026-03-01T12:00:00.000Z", "first", "first"),
        // As text it is greater, as a time it is an hour earlier.
        ("2026-03-01T13:00:00+02:00", "earlier", "first"),
        // As text it is less, as a time it is an hour later.
        ("2026-03-01T11:00:00-02:00", "later", "later"),
        ("2026-03-01T13:00:00.000000Z", "equal", "equal"),
        ("2026-03-01T12:59:59.999Z", "just before", "equal"),
    ] {
        assert_eq!(write_summary(&store, message_id, timestamp).message_id, expected, "{timestamp}");
        let known =
            store.write(|write| write.session_compacts().upsert(&compact(message_id, timestamp))).unwrap();
        assert_eq!(known.message_id, expected, "{timestamp}");
        let known = store.write(|write| write.session_todos().upsert(&todos(message_id, timestamp))).unwrap();
        assert_eq!((known.message_id.as_str(), known.todos_json), (expected, format!("[\"{expected}\"]")));
    }
}

#[test]
fn what_is_replaced_is_replaced_whole_and_the_time_of_indexing_is_always_new() {
    let store = Store::new();
    store.session("s");
    let full = SessionSummaryInput { content: Some("text".into()), ..summary("a", "2026-03-01T12:00:00Z") };
    store.write(|write| write.session_summaries().upsert(&full)).unwrap();
    assert_eq!(write_summary(&store, "b", "2026-03-01T12:00:01Z").content, None);
    let first =
        store.write(|write| write.session_todos().upsert(&todos("a", "2026-03-01T12:00:00Z"))).unwrap();
    let second =
        store.write(|write| write.session_todos().upsert(&todos("b", "2026-03-01T12:00:01Z"))).unwrap();
    assert_eq!((second.id, second.message_id.as_str()), (first.id, "b"));
    store.plain().execute("UPDATE session_summaries SET indexed_at_ms = 0", []).unwrap();
    let older = write_summary(&store, "c", "2026-03-01T12:00:00Z");
    assert_eq!(older.message_id, "b");
    assert_ne!(older.indexed_at.as_deref(), Some("1970-01-01T00:00:00.000Z"));
}

#[test]
fn summaries_and_compactions_survive_the_next_open() {
    let store = Store::new();
    store.session("s");
    write_summary(&store, "a", "2026-03-01T12:00:00Z");
    store.write(|write| write.session_compacts().upsert(&compact("a", "2026-03-01T12:00:00Z"))).unwrap();
    let again = Database::open(store.path()).unwrap();
    let known = again
        .read(|read| {
            Ok((read.session_summaries().get("s")?.is_some(), read.session_compacts().get("s")?.is_some()))
        })
        .unwrap();
    assert_eq!(known, (true, true));
}

#[test]
fn unknown_sessions_and_bad_times_are_refused() {
    let store = Store::new();
    let time = "2026-03-01T12:00:00Z";
    let refused = [
        code(store.write(|write| write.session_summaries().upsert(&summary("a", time)))),
        code(store.write(|write| write.session_compacts().upsert(&compact("a", time)))),
        code(store.write(|write| write.session_todos().upsert(&todos("a", time)))),
    ];
    assert_eq!(refused, [Code::DbConstraint; 3]);
    store.session("s");
    let refused = [
        code(store.write(|write| write.session_summaries().upsert(&summary("a", "yesterday")))),
        code(store.write(|write| write.session_compacts().upsert(&compact("a", "2026-03-01")))),
        code(store.write(|write| write.session_todos().upsert(&todos("a", "")))),
    ];
    assert_eq!(refused, [Code::InvalidTimestamp; 3]);
    assert_eq!(store.read(|read| read.session_summaries().get("s")).unwrap(), None);
    assert_eq!(store.read(|read| read.session_compacts().get("s")).unwrap(), None);
    assert_eq!(store.read(|read| read.session_todos().get("nobody")).unwrap(), None);
}
