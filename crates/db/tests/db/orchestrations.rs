//! Orchestrations: how they begin, change, end, and what they cancel.

use crate::fixture::{Store, code};
use han_base::{Code, id::is_uuid_like};
use han_db::{
    HookExecution, Orchestration, OrchestrationInput, OrchestrationUpdate, PendingHookInput, SessionInput,
};

pub(crate) fn orchestrate(store: &Store, session_id: Option<&str>) -> Orchestration {
    let input = OrchestrationInput {
        session_id: session_id.map(str::to_owned),
        hook_type: "Stop".into(),
        project_root: "/p".into(),
    };
    store.write(|write| write.orchestrations().create(&input)).unwrap()
}

/// Queues a hook of an orchestration; answers the id of its run.
pub(crate) fn queue(store: &Store, orchestration_id: &str, session_id: Option<&str>, name: &str) -> String {
    let input = PendingHookInput {
        orchestration_id: orchestration_id.into(),
        session_id: session_id.map(str::to_owned),
        hook_type: "Stop".into(),
        hook_name: name.into(),
        plugin: "lint".into(),
        directory: "/p".into(),
        command: "run".into(),
        ..PendingHookInput::default()
    };
    store.write(|write| write.hook_executions().queue(&input)).unwrap()
}

fn get(store: &Store, id: &str) -> Orchestration {
    store.read(|read| read.orchestrations().get(id)).unwrap().unwrap()
}

fn statuses(store: &Store, orchestration_id: &str) -> Vec<String> {
    let hooks = store.read(|read| read.hook_executions().list_of_orchestration(orchestration_id)).unwrap();
    hooks.into_iter().filter_map(|hook: HookExecution| hook.status).collect()
}

#[test]
fn an_orchestration_begins_running_with_nothing_counted() {
    let store = Store::new();
    store.session("s");
    let made = orchestrate(&store, Some("s"));
    assert!(is_uuid_like(&made.id) && made.created_at.is_some());
    let expected = Orchestration {
        id: made.id.clone(),
        created_at: made.created_at.clone(),
        session_id: Some("s".into()),
        hook_type: "Stop".into(),
        project_root: "/p".into(),
        status: "running".into(),
        ..Orchestration::default()
    };
    assert_eq!(made, expected);
    assert_eq!(get(&store, &made.id), made);
    assert_eq!(orchestrate(&store, None).session_id, None);
    assert_eq!(store.read(|read| read.orchestrations().get("nobody")).unwrap(), None);
}

#[test]
fn of_an_unknown_session_it_is_an_error_and_cancels_nothing() {
    let store = Store::new();
    let running = orchestrate(&store, None);
    let input = OrchestrationInput { session_id: Some("nobody".into()), ..OrchestrationInput::default() };
    assert_eq!(code(store.write(|write| write.orchestrations().create(&input))), Code::DbConstraint);
    assert_eq!(get(&store, &running.id), running);
    assert_eq!(store.read(|read| read.sessions().get("nobody")).unwrap(), None);
}

#[test]
fn a_new_one_cancels_what_runs_for_its_session_and_nothing_else() {
    let store = Store::new();
    store.session("s");
    store
        .write(|write| write.sessions().upsert(&SessionInput { id: "o".into(), ..SessionInput::default() }))
        .unwrap();
    let first = orchestrate(&store, Some("s"));
    let other = orchestrate(&store, Some("o"));
    let nobodys = orchestrate(&store, None);
    let ids: Vec<String> =
        ["1", "2", "3", "4"].iter().map(|name| queue(&store, &first.id, Some("s"), name)).collect();
    let elsewhere = queue(&store, &other.id, Some("s"), "5");
    store
        .write(|write| {
            write.hook_executions().set_status(&ids[1], "running")?;
            write.hook_executions().complete(&ids[2], true, None, None, 1)?;
            write.hook_executions().fail(&ids[3], "broken")
        })
        .unwrap();
    let second = orchestrate(&store, Some("s"));
    let cancelled = get(&store, &first.id);
    assert_eq!(cancelled.status, "cancelled");
    assert!(cancelled.completed_at.is_some());
    assert_eq!(statuses(&store, &first.id), ["cancelled", "cancelled", "completed", "failed"]);
    for running in [&other, &nobodys, &second] {
        assert_eq!(get(&store, &running.id), *running);
    }
    let hook = store.read(|read| read.hook_executions().get(&elsewhere)).unwrap().unwrap();
    assert_eq!(hook.status.as_deref(), Some("pending"));
}

#[test]
fn an_update_changes_only_what_is_given() {
    let store = Store::new();
    let made = orchestrate(&store, None);
    let update = |update: OrchestrationUpdate| {
        store
            .write(|write| {
                write.orchestrations().update(&OrchestrationUpdate { id: made.id.clone(), ..update })
            })
            .unwrap();
        get(&store, &made.id)
    };
    assert_eq!(update(OrchestrationUpdate::default()), made);
    let counted = update(OrchestrationUpdate {
        total_hooks: Some(4),
        completed_hooks: Some(1),
        failed_hooks: Some(2),
        deferred_hooks: Some(3),
        ..OrchestrationUpdate::default()
    });
    let figures =
        |row: &Orchestration| [row.total_hooks, row.completed_hooks, row.failed_hooks, row.deferred_hooks];
    assert_eq!((figures(&counted), counted.status.as_str()), ([4, 1, 2, 3], "running"));
    let less = update(OrchestrationUpdate { total_hooks: Some(0), ..OrchestrationUpdate::default() });
    assert_eq!(figures(&less), [0, 1, 2, 3]);
    let named =
        |status: &str| OrchestrationUpdate { status: Some(status.into()), ..OrchestrationUpdate::default() };
    assert_eq!(update(named("pending")).completed_at, None);
    for status in ["completed", "failed", "cancelled"] {
        let ended = update(named(status));
        assert_eq!(ended.status, status);
        assert!(ended.completed_at >= ended.created_at);
        store.plain().execute("UPDATE orchestrations SET completed_at_ms = NULL", []).unwrap();
    }
    let unknown = OrchestrationUpdate { id: "nobody".into(), ..named("failed") };
    store.write(|write| write.orchestrations().update(&unknown)).unwrap();
}

#[test]
fn cancelling_ends_what_runs_and_leaves_what_has_ended() {
    let store = Store::new();
    let running = orchestrate(&store, None);
    queue(&store, &running.id, None, "1");
    let cancel = |id: &str| store.write(|write| write.orchestrations().cancel(id)).unwrap();
    cancel(&running.id);
    assert_eq!(get(&store, &running.id).status, "cancelled");
    assert_eq!(statuses(&store, &running.id), ["cancelled"]);
    let ended = orchestrate(&store, None);
    let update = OrchestrationUpdate {
        id: ended.id.clone(),
        status: Some("completed".into()),
        ..OrchestrationUpdate::default()
    };
    store.write(|write| write.orchestrations().update(&update)).unwrap();
    let before = get(&store, &ended.id);
    cancel(&ended.id);
    assert_eq!(get(&store, &ended.id), before);
    cancel("nobody");
}
