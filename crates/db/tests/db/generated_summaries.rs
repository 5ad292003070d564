//! Summaries that a model wrote: what is kept, what search finds, and which sessions have none.

use crate::fixture::{Store, at, code, said};
use han_base::{Code, Timestamp};
use han_db::{GeneratedSessionSummary, GeneratedSessionSummaryInput};

fn input(session_id: &str, text: &str, topics: &[&str]) -> GeneratedSessionSummaryInput {
    GeneratedSessionSummaryInput {
        session_id: session_id.into(),
        summary_text: text.into(),
        topics: texts(topics),
        ..GeneratedSessionSummaryInput::default()
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn write(store: &Store, input: &GeneratedSessionSummaryInput) -> GeneratedSessionSummary {
    store.write(|write| write.generated_summaries().upsert(input)).unwrap()
}

/// Sessions whose summaries a query finds, in their order.
fn found(store: &Store, query: &str) -> Vec<String> {
    let found = store.read(|read| read.generated_summaries().search(query, 100)).unwrap();
    found.into_iter().map(|summary| summary.session_id).collect()
}

#[test]
fn a_summary_is_overwritten_whole_but_for_its_id_and_time_of_creation() {
    let store = Store::new();
    store.session("s");
    let full = GeneratedSessionSummaryInput {
        files_modified: Some(texts(&["/a \"b\".rs", "/é"])),
        tools_used: Some(texts(&["Edit"])),
        outcome: Some("completed".into()),
        message_count: Some(12),
        duration_seconds: Some(3600),
        ..input("s", "what happened", &["databases", "search"])
    };
    let first = write(&store, &full);
    let expected = GeneratedSessionSummary {
        id: first.id.clone(),
        session_id: "s".into(),
        summary_text: "what happened".into(),
        topics: texts(&["databases", "search"]),
        files_modified: Some(texts(&["/a \"b\".rs", "/é"])),
        tools_used: Some(texts(&["Edit"])),
        outcome: Some("completed".into()),
        message_count: Some(12),
        duration_seconds: Some(3600),
        created_at: first.created_at.clone(),
        updated_at: first.created_at.clone(),
    };
    assert_eq!(first, expected);
    assert_eq!(store.read(|read| read.generated_summaries().get("s")).unwrap(), Some(expected));

    store.plain().execute("UPDATE generated_summaries SET created_at_ms = 0, updated_at_ms = 0", []).unwrap();
    let second = write(&store, &input("s", "anew", &[]));
    let expected = GeneratedSessionSummary {
        id: first.id,
        session_id: "s".into(),
        summary_text: "anew".into(),
        created_at: Some(Timestamp::from_millis(0).to_string()),
        updated_at: second.updated_at.clone(),
        ..GeneratedSessionSummary::default()
    };
    assert_eq!(second, expected);
    assert_ne!(second.updated_at, second.created_at);
}

#[test]
fn an_unknown_session_is_refused_and_has_no_summary() {
    let store = Store::new();
    let result = store.write(|write| write.generated_summaries().upsert(&input("nobody", "text", &[])));
    assert_eq!(code(result), Code::DbConstraint);
    assert_eq!(store.read(|read| read.generated_summaries().get("nobody")).unwrap(), None);
    assert_eq!(found(&store, "text"), [""; 0]);
}

#[test]
fn search_takes_the_query_language() {
    let store = Store::new();
    for (id, text, topics) in [
        ("a", "Fixed the flaky test of getUserName", &["version control"][..]),
        ("b", "Moved the connection pool", &["databases", "git rebase"]),
        ("c", "Wrote content cats about pools", &["日本語の検索"]),
    ] {
        store.session(id);
        write(&store, &input(id, text, topics));
    }
    for (query, expected) in [
        ("flaky", &["a"][..]),
        ("user_name", &["a"]),
        ("moved pool", &["b"]),
        ("the", &["b", "a"]),
        ("(\"vcs\" OR \"version control\" OR \"git\") \"the\"", &["b", "a"]),
        ("the NOT flaky", &["b"]),
        ("the -moved", &["a"]),
        ("pool*", &["c", "b"]),
        ("\"connection pool\"", &["b"]),
        ("\"pool connection\"", &[]),
        ("control", &["a"]),
        ("rebase", &["b"]),
        ("検索", &["c"]),
        // There are no fields here: this is a word of two tokens.
        ("content:cats", &["c"]),
        ("summary_text:flaky", &[]),
        ("", &[]),
        ("?!", &[]),
        ("flaky AND (", &[]),
        ("nothing", &[]),
    ] {
        assert_eq!(found(&store, query), expected, "{query}");
    }
    let limited = store.read(|read| read.generated_summaries().search("the", 1)).unwrap();
    assert_eq!(limited.len(), 1);
}

#[test]
fn search_follows_what_is_written() {
    let store = Store::new();
    store.session("s");
    store.session("t");
    write(&store, &input("s", "alpha", &["line one\nbeta", "quote \"gamma\""]));
    for query in ["alpha", "beta", "gamma", "one"] {
        assert_eq!(found(&store, query), ["s"], "{query}");
    }
    // JSON's escapes are no words.
    assert_eq!(found(&store, "nbeta"), [""; 0]);
    write(&store, &input("s", "delta", &["epsilon"]));
    for query in ["alpha", "beta", "gamma"] {
        assert_eq!(found(&store, query), [""; 0], "{query}");
    }
    assert_eq!(found(&store, "delta epsilon"), ["s"]);
    // Words of a write that is taken back are not found.
    let refused: han_base::Result<()> = store.write(|write| {
        write.generated_summaries().upsert(&input("s", "zeta", &[]))?;
        write.generated_summaries().upsert(&input("nobody", "zeta", &[])).map(|_| ())
    });
    assert_eq!(code(refused), Code::DbConstraint);
    assert_eq!(found(&store, "zeta"), [""; 0]);
    assert_eq!(found(&store, "delta"), ["s"]);
}

#[test]
fn pages_of_a_search_hold_each_summary_once() {
    let store = Store::new();
    for number in 0..11 {
        let id = format!("s{number}");
        store.session(&id);
        write(&store, &input(&id, "word", &[]));
    }
    // Three at a time tie.
    store.plain().execute("UPDATE generated_summaries SET created_at_ms = row_id / 3", []).unwrap();
    let all = found(&store, "word");
    assert_eq!(all.len(), 11);
    let (mut shown, mut cursor) = (Vec::new(), None);
    loop {
        let page =
            store.read(|read| read.generated_summaries().search_page("word", cursor.as_deref(), 2)).unwrap();
        shown.extend(page.items.into_iter().map(|summary| summary.session_id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(shown, all);
    let page = store.read(|read| read.generated_summaries().search_page("word", Some("s0.0"), 2));
    assert_eq!(code(page), Code::InvalidCursor);
}

#[test]
fn sessions_without_a_summary_come_newest_message_first() {
    let store = Store::new();
    for (id, second) in [("old", Some(1)), ("none", None), ("new", Some(9)), ("done", Some(5))] {
        store.session(id);
        if let Some(second) = second {
            store.insert(id, &[said(id, &at(second), "text")]).unwrap();
        }
    }
    write(&store, &input("done", "text", &[]));
    let missing = |limit| store.read(|read| read.generated_summaries().missing(limit)).unwrap();
    assert_eq!(missing(100), ["new", "old", "none"]);
    assert_eq!(missing(1), ["new"]);
    assert_eq!(missing(0), [""; 0]);
}
