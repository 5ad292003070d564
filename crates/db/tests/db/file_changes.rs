//! Changes of files: what is kept, and their lists and pages.

use crate::fixture::{Store, at, code};
use han_base::{Code, Timestamp};
use han_db::{SessionFileChange, SessionFileChangeInput};

pub(crate) fn change(session_id: &str, file_path: &str, hash: Option<&str>) -> SessionFileChangeInput {
    SessionFileChangeInput {
        session_id: session_id.into(),
        file_path: file_path.into(),
        action: if hash.is_some() { "modified" } else { "deleted" }.into(),
        file_hash_after: hash.map(str::to_owned),
        ..SessionFileChangeInput::default()
    }
}

fn record(store: &Store, input: &SessionFileChangeInput) -> SessionFileChange {
    store.write(|write| write.file_changes().record(input)).unwrap()
}

fn paths(changes: Vec<SessionFileChange>) -> Vec<String> {
    changes.into_iter().map(|change| change.file_path).collect()
}

#[test]
fn a_change_is_kept_whole() {
    let store = Store::new();
    store.session("s");
    let input = SessionFileChangeInput {
        session_id: "s".into(),
        file_path: "/a b/é.rs".into(),
        action: "created".into(),
        file_hash_before: Some("before".into()),
        file_hash_after: Some("after".into()),
        tool_name: Some("Write".into()),
        agent_id: Some("agent".into()),
    };
    let before = Timestamp::now();
    let change = record(&store, &input);
    let recorded_at = Timestamp::parse(change.recorded_at.as_deref().unwrap()).unwrap();
    assert!((before..=Timestamp::now()).contains(&recorded_at));
    let expected = SessionFileChange {
        id: change.id.clone(),
        session_id: "s".into(),
        file_path: "/a b/é.rs".into(),
        action: "created".into(),
        file_hash_before: Some("before".into()),
        file_hash_after: Some("after".into()),
        tool_name: Some("Write".into()),
        agent_id: Some("agent".into()),
        recorded_at: change.recorded_at.clone(),
    };
    assert_eq!(change, expected);
    assert_eq!(store.read(|read| read.file_changes().list("s", None)).unwrap(), [expected]);
    // The same change again is another one.
    assert_ne!(record(&store, &input).id, change.id);
}

#[test]
fn an_unknown_session_is_refused_and_has_no_changes() {
    let store = Store::new();
    let input = change("nobody", "/a", Some("1"));
    assert_eq!(code(store.write(|write| write.file_changes().record(&input))), Code::DbConstraint);
    let (list, any) = store
        .read(|read| {
            Ok((read.file_changes().list("nobody", None)?, read.file_changes().any("nobody", None)?))
        })
        .unwrap();
    assert_eq!((list, any), (Vec::new(), false));
    assert_eq!(store.read(|read| read.sessions().get("nobody")).unwrap(), None);
}

#[test]
fn changes_are_listed_newest_first_and_by_agent() {
    let store = Store::new();
    store.session("s");
    store.session("other");
    for (file_path, agent_id) in [("/1", None), ("/2", Some("a")), ("/3", Some("b")), ("/4", Some("a"))] {
        record(
            &store,
            &SessionFileChangeInput {
                agent_id: agent_id.map(str::to_owned),
                ..change("s", file_path, Some("h"))
            },
        );
    }
    let list = |session_id: &str, agent_id: Option<&str>| {
        paths(store.read(|read| read.file_changes().list(session_id, agent_id)).unwrap())
    };
    let any = |session_id: &str, agent_id: Option<&str>| {
        store.read(|read| read.file_changes().any(session_id, agent_id)).unwrap()
    };
    assert_eq!(list("s", None), ["/4", "/3", "/2", "/1"]);
    assert_eq!(list("s", Some("a")), ["/4", "/2"]);
    assert_eq!(list("s", Some("c")), [""; 0]);
    assert_eq!(list("other", None), [""; 0]);
    assert_eq!(
        [any("s", None), any("s", Some("b")), any("s", Some("c")), any("other", None)],
        [true, true, false, false]
    );
}

#[test]
fn pages_hold_each_change_once_whatever_is_added() {
    let store = Store::new();
    store.session("s");
    for number in 0..25 {
        let agent_id = (number % 2 == 0).then(|| "even".to_owned());
        record(&store, &SessionFileChangeInput { agent_id, ..change("s", &format!("/{number}"), Some("h")) });
    }
    // Five at a time tie.
    let time = |group: i64| Timestamp::parse(&at(group)).unwrap().as_millis();
    let plain = store.plain();
    for number in 0..25 {
        plain
            .execute(
                "UPDATE file_changes SET recorded_at_ms = ?2 WHERE file_path = ?1",
                (format!("/{number}"), time(number / 5)),
            )
            .unwrap();
    }
    for (agent_id, count) in [(None, 25), (Some("even"), 13)] {
        let all = paths(store.read(|read| read.file_changes().list("s", agent_id)).unwrap());
        assert_eq!(all.len(), count);
        let (mut shown, mut cursor) = (Vec::new(), None);
        loop {
            let page =
                store.read(|read| read.file_changes().page("s", agent_id, cursor.as_deref(), 4)).unwrap();
            assert!(page.items.len() <= 4);
            shown.extend(paths(page.items));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
            // What is added is newer than what was shown.
            store
                .write(|write| write.file_changes().record(&change("s", "/late", Some("h"))).map(|_| ()))
                .unwrap();
        }
        assert_eq!(shown, all);
        plain.execute("DELETE FROM file_changes WHERE file_path = '/late'", []).unwrap();
    }
    for cursor in ["", "f", "s0.0", "fzz.0"] {
        let page = store.read(|read| read.file_changes().page("s", None, Some(cursor), 1));
        assert_eq!(code(page), Code::InvalidCursor, "{cursor:?}");
    }
}
