//! Failures in a row of a hook: counted by session, plugin, hook and folder, apart from its runs.

use crate::{
    fixture::{Store, code},
    orchestrations::{orchestrate, queue},
};
use han_base::Code;
use han_db::{HookAttemptInfo, HookExecutionInput, HookKey};

const KEY: HookKey<'_> = HookKey { session_id: "s", plugin: "lint", hook_name: "check", directory: "/p" };

fn record(store: &Store, key: HookKey<'_>) {
    let input = HookExecutionInput {
        session_id: Some(key.session_id.into()),
        hook_type: "Stop".into(),
        hook_name: key.hook_name.into(),
        hook_source: Some(key.plugin.into()),
        directory: Some(key.directory.into()),
        ..HookExecutionInput::default()
    };
    store.write(|write| write.hook_executions().record(&input)).unwrap();
}

fn get(store: &Store, key: HookKey<'_>) -> (i64, i64, bool) {
    figures(&store.read(|read| read.hook_attempts().get(key)).unwrap())
}

fn increment(store: &Store, key: HookKey<'_>) -> (i64, i64, bool) {
    figures(&store.write(|write| write.hook_attempts().increment(key)).unwrap())
}

fn figures(info: &HookAttemptInfo) -> (i64, i64, bool) {
    (info.consecutive_failures, info.max_attempts, info.is_stuck)
}

#[test]
fn a_hook_that_never_ran_has_three_attempts_and_nothing_is_written() {
    let store = Store::new();
    assert_eq!(get(&store, KEY), (0, 3, false));
    store
        .write(|write| {
            write.hook_attempts().reset(KEY)?;
            write.hook_attempts().increase_max(KEY, 2)
        })
        .unwrap();
    assert_eq!(get(&store, KEY), (0, 3, false));
    assert_eq!(code(store.write(|write| write.hook_attempts().increment(KEY))), Code::HookNotFound);
    assert_eq!(store.read(|read| read.sessions().get("s")).unwrap(), None);
}

#[test]
fn a_hook_is_stuck_when_it_failed_as_often_as_it_may() {
    let store = Store::new();
    record(&store, KEY);
    let counts = [increment(&store, KEY), increment(&store, KEY), increment(&store, KEY)];
    assert_eq!(counts, [(1, 3, false), (2, 3, false), (3, 3, true)]);
    store.write(|write| write.hook_attempts().increase_max(KEY, 2)).unwrap();
    assert_eq!(get(&store, KEY), (3, 5, false));
    store.write(|write| write.hook_attempts().reset(KEY)).unwrap();
    assert_eq!(get(&store, KEY), (0, 5, false));
}

#[test]
fn a_new_run_does_not_reset_the_failures() {
    let store = Store::new();
    record(&store, KEY);
    increment(&store, KEY);
    increment(&store, KEY);
    record(&store, KEY);
    assert_eq!(get(&store, KEY), (2, 3, false));
    let orchestration = orchestrate(&store, None);
    let id = queue(&store, &orchestration.id, Some("s"), "check");
    assert_eq!(get(&store, KEY), (2, 3, false));
    assert_eq!(increment(&store, KEY), (3, 3, true));
    // Runs show the count as it is now.
    let run = store.read(|read| read.hook_executions().get(&id)).unwrap().unwrap();
    assert_eq!((run.consecutive_failures, run.max_attempts), (Some(3), Some(3)));
}

#[test]
fn hooks_of_other_sessions_plugins_names_and_folders_are_counted_apart() {
    let store = Store::new();
    let others = [
        HookKey { session_id: "t", ..KEY },
        HookKey { plugin: "test", ..KEY },
        HookKey { hook_name: "format", ..KEY },
        HookKey { directory: "/q", ..KEY },
    ];
    record(&store, KEY);
    for key in others {
        record(&store, key);
    }
    increment(&store, KEY);
    for key in others {
        assert_eq!(get(&store, key), (0, 3, false));
    }
    assert_eq!(increment(&store, others[3]), (1, 3, false));
    assert_eq!(get(&store, KEY), (1, 3, false));
}

#[test]
fn a_hook_that_waits_can_fail_already() {
    let store = Store::new();
    let orchestration = orchestrate(&store, None);
    queue(&store, &orchestration.id, Some("s"), "check");
    assert_eq!(increment(&store, KEY), (1, 3, false));
}
