//! Figures over the whole store, its health, and small facts.

use crate::fixture::{Store, at, said, source_file};
use han_db::{ArchiveStats, MessageInput, SCHEMA_VERSION, SessionFile, TypeCount};

#[test]
fn an_empty_store_has_figures_too() {
    let store = Store::new();
    assert_eq!(store.read(|read| read.archive().stats()).unwrap(), ArchiveStats::default());
    store.assert_sound();
}

#[test]
fn figures_are_those_of_the_rows() {
    let store = Store::new();
    store.session("s");
    let row = |id: &str, second, message_type: &str| MessageInput {
        message_type: message_type.into(),
        ..said(id, &at(second), "x")
    };
    let rows = [row("a", 3, "user"), row("b", 1, "assistant"), row("c", 2, "user"), row("d", 9, "system")];
    store.insert("s", &rows).unwrap();
    store
        .write(|write| {
            let file = source_file(write, "s", "/s.jsonl");
            write.session_files().advance(&SessionFile { byte_offset: 1234, ..file })
        })
        .unwrap();
    let stats = store.read(|read| read.archive().stats()).unwrap();
    let count = |message_type: &str, count| TypeCount { message_type: message_type.into(), count };
    assert_eq!(stats.rows_by_type, [count("user", 2), count("assistant", 1), count("system", 1)]);
    assert_eq!((stats.messages, stats.conversation_messages, stats.sessions), (4, 3, 1));
    assert_eq!((stats.files, stats.source_bytes), (1, 1234));
    assert_eq!((stats.first_message_at, stats.last_message_at), (Some(at(1)), Some(at(9))));
}

#[test]
fn a_check_finds_wrong_counters_and_a_wrong_index() {
    for (damage, in_index) in [
        ("UPDATE sessions SET row_count = row_count + 1", false),
        ("UPDATE sessions SET message_count = 0", false),
        ("UPDATE sessions SET last_message_at_ms = 0", false),
        ("UPDATE sessions SET first_message_at_ms = NULL", false),
        ("UPDATE messages SET content = 'other'", true),
    ] {
        let store = Store::new();
        store.session("s");
        store.insert("s", &[said("m", &at(1), "word")]).unwrap();
        store.assert_sound();
        store.plain().execute(damage, []).unwrap();
        let check = store.read(|read| read.archive().check()).unwrap();
        assert_eq!((check.ok, check.problems.len()), (in_index, usize::from(!in_index)), "{damage}");
        assert_eq!(check.schema_version, SCHEMA_VERSION);
        let index = store.write(|write| Ok(write.archive().check_search_index())).unwrap();
        assert_eq!(index.is_some(), in_index, "{damage}");
    }
}

#[test]
fn the_wish_for_a_rescan_is_kept() {
    let store = Store::new();
    let needed = || store.read(|read| read.metadata().needs_reindex()).unwrap();
    assert!(!needed());
    for wish in [true, true, false] {
        store.write(|write| write.metadata().set_needs_reindex(wish)).unwrap();
        assert_eq!(needed(), wish);
    }
}
