//! Tasks that an agent keeps for itself.

use crate::fixture::{Store, code};
use han_base::Code;
use han_db::{NativeTask, NativeTaskInput, NativeTaskUpdate};

const NOON: &str = "2026-03-01T12:00:00.000Z";

fn task(session_id: &str, id: &str, timestamp: &str) -> NativeTaskInput {
    NativeTaskInput {
        id: id.into(),
        session_id: session_id.into(),
        message_id: "created".into(),
        subject: format!("do {id}"),
        timestamp: timestamp.into(),
        line_number: 1,
        ..NativeTaskInput::default()
    }
}

fn update(id: &str, timestamp: &str) -> NativeTaskUpdate {
    NativeTaskUpdate {
        id: id.into(),
        session_id: "s".into(),
        message_id: "changed".into(),
        timestamp: timestamp.into(),
        line_number: 2,
        ..NativeTaskUpdate::default()
    }
}

fn create(store: &Store, input: &NativeTaskInput) {
    store.write(|write| write.native_tasks().create(input)).unwrap();
}

fn change(store: &Store, update: &NativeTaskUpdate) {
    assert!(store.write(|write| write.native_tasks().update(update)).unwrap());
}

fn get(store: &Store, session_id: &str, id: &str) -> Option<NativeTask> {
    store.read(|read| read.native_tasks().get(session_id, id)).unwrap()
}

/// A store with session `s` and its task 1.
fn store_with_task() -> Store {
    let store = Store::new();
    store.session("s");
    create(&store, &task("s", "1", NOON));
    store
}

#[test]
fn a_new_task_is_pending_and_creating_it_again_changes_its_last_update_only() {
    let store = Store::new();
    store.session("s");
    let input = NativeTaskInput {
        description: Some("at length".into()),
        active_form: Some("doing".into()),
        ..task("s", "1", "2026-03-01T14:00:00+02:00")
    };
    create(&store, &input);
    let expected = NativeTask {
        id: "1".into(),
        session_id: "s".into(),
        message_id: "created".into(),
        subject: "do 1".into(),
        description: Some("at length".into()),
        status: "pending".into(),
        active_form: Some("doing".into()),
        created_at: NOON.into(),
        updated_at: NOON.into(),
        line_number: 1,
        ..NativeTask::default()
    };
    assert_eq!(get(&store, "s", "1"), Some(expected.clone()));
    let later = "2026-03-01T13:00:00.000Z";
    create(&store, &NativeTaskInput { subject: "other".into(), line_number: 9, ..task("s", "1", later) });
    assert_eq!(get(&store, "s", "1"), Some(NativeTask { updated_at: later.into(), ..expected }));
}

#[test]
fn tasks_are_told_by_session_and_id() {
    let store = store_with_task();
    store.session("t");
    create(&store, &NativeTaskInput { subject: "of t".into(), ..task("t", "1", NOON) });
    change(&store, &NativeTaskUpdate { status: Some("in_progress".into()), ..update("1", NOON) });
    assert_eq!(get(&store, "s", "1").unwrap().status, "in_progress");
    let other = get(&store, "t", "1").unwrap();
    assert_eq!((other.status.as_str(), other.subject.as_str()), ("pending", "of t"));
    // Equal subjects are two tasks.
    create(&store, &NativeTaskInput { subject: "do 1".into(), ..task("s", "2", NOON) });
    assert_eq!(store.read(|read| read.native_tasks().list("s")).unwrap().len(), 2);
}

#[test]
fn tasks_are_listed_oldest_first() {
    let store = Store::new();
    store.session("s");
    for (id, timestamp) in [
        ("c", "2026-03-01T12:00:01Z"),
        ("a", "2026-03-01T13:00:00+02:00"),
        ("d", "2026-03-01T12:00:01.000Z"),
        ("b", "2026-03-01T11:30:00Z"),
    ] {
        create(&store, &task("s", id, timestamp));
    }
    let list: Vec<String> =
        store.read(|read| read.native_tasks().list("s")).unwrap().into_iter().map(|task| task.id).collect();
    assert_eq!(list, ["a", "b", "c", "d"]);
    assert_eq!(store.read(|read| read.native_tasks().list("nobody")).unwrap(), []);
}

#[test]
fn an_update_changes_what_is_given() {
    let store = store_with_task();
    let before = get(&store, "s", "1").unwrap();
    let later = "2026-03-01T12:00:05.000Z";
    change(&store, &update("1", later));
    let expected =
        NativeTask { message_id: "changed".into(), updated_at: later.into(), line_number: 2, ..before };
    assert_eq!(get(&store, "s", "1"), Some(expected.clone()));
    let all = NativeTaskUpdate {
        status: Some("completed".into()),
        subject: Some("new".into()),
        description: Some("longer".into()),
        active_form: Some("doing".into()),
        owner: Some("me".into()),
        ..update("1", later)
    };
    change(&store, &all);
    let expected = NativeTask {
        status: "completed".into(),
        subject: "new".into(),
        description: Some("longer".into()),
        active_form: Some("doing".into()),
        owner: Some("me".into()),
        completed_at: Some(later.into()),
        ..expected
    };
    assert_eq!(get(&store, "s", "1"), Some(expected.clone()));
    let reopened = NativeTaskUpdate { status: Some("pending".into()), ..update("1", later) };
    change(&store, &reopened);
    assert_eq!(get(&store, "s", "1"), Some(NativeTask { status: "pending".into(), ..expected }));
}

#[test]
fn blocks_are_added_without_duplicates() {
    let store = store_with_task();
    let texts = |ids: &[&str]| Some(ids.iter().map(|&id| id.to_owned()).collect::<Vec<_>>());
    let lists = || {
        let task = get(&store, "s", "1").unwrap();
        (task.blocks, task.blocked_by)
    };
    change(&store, &NativeTaskUpdate { add_blocks: texts(&[]), ..update("1", NOON) });
    assert_eq!(lists(), (None, None));
    change(&store, &NativeTaskUpdate { add_blocks: texts(&["2", "3", "2"]), ..update("1", NOON) });
    assert_eq!(lists(), (Some(r#"["2","3"]"#.into()), None));
    let both = NativeTaskUpdate {
        add_blocks: texts(&["3", "4"]),
        add_blocked_by: texts(&["it's \"5\""]),
        ..update("1", NOON)
    };
    change(&store, &both);
    change(&store, &both);
    assert_eq!(lists(), (Some(r#"["2","3","4"]"#.into()), Some(r#"["it's \"5\""]"#.into())));
}

#[test]
fn reading_the_same_entries_again_gives_the_same_rows() {
    let store = Store::new();
    store.session("s");
    let entries = |store: &Store| {
        create(store, &task("s", "1", NOON));
        create(store, &task("s", "2", NOON));
        let done = NativeTaskUpdate {
            status: Some("completed".into()),
            add_blocks: Some(vec!["2".into()]),
            ..update("1", "2026-03-01T12:00:05Z")
        };
        change(store, &done);
        change(store, &NativeTaskUpdate { status: Some("in_progress".into()), ..update("2", NOON) });
        store.read(|read| read.native_tasks().list("s")).unwrap()
    };
    assert_eq!(entries(&store), entries(&store));
}

#[test]
fn unknown_sessions_tasks_and_bad_times() {
    let store = store_with_task();
    let create = |input: NativeTaskInput| code(store.write(|write| write.native_tasks().create(&input)));
    assert_eq!(create(task("nobody", "1", NOON)), Code::DbConstraint);
    assert_eq!(create(task("s", "2", "noon")), Code::InvalidTimestamp);
    let try_update = |update: NativeTaskUpdate| store.write(|write| write.native_tasks().update(&update));
    assert!(!try_update(update("2", NOON)).unwrap());
    assert!(!try_update(NativeTaskUpdate { session_id: "nobody".into(), ..update("1", NOON) }).unwrap());
    assert_eq!(code(try_update(update("1", "noon"))), Code::InvalidTimestamp);
    assert_eq!(get(&store, "s", "2"), None);
    assert_eq!(get(&store, "nobody", "1"), None);
}
