//! Runs of hooks: records, those that wait, pages and figures.

use crate::{
    fixture::{Store, code},
    orchestrations::{orchestrate, queue},
};
use han_base::{Code, id::is_uuid_like};
use han_db::{HookExecution, HookExecutionFilter, HookExecutionInput, HookStats, PendingHookInput};

fn run(hook_type: &str, hook_name: &str, passed: bool) -> HookExecutionInput {
    HookExecutionInput {
        hook_type: hook_type.into(),
        hook_name: hook_name.into(),
        passed,
        duration_ms: 12,
        exit_code: i64::from(!passed),
        ..HookExecutionInput::default()
    }
}

fn record(store: &Store, input: &HookExecutionInput) -> HookExecution {
    store.write(|write| write.hook_executions().record(input)).unwrap()
}

fn get(store: &Store, id: &str) -> HookExecution {
    store.read(|read| read.hook_executions().get(id)).unwrap().unwrap()
}

fn stats(store: &Store, period: Option<&str>) -> HookStats {
    store.read(|read| read.hook_executions().stats(period)).unwrap()
}

fn names(hooks: Vec<HookExecution>) -> Vec<String> {
    hooks.into_iter().map(|hook| hook.hook_name).collect()
}

#[test]
fn a_run_that_is_recorded_makes_its_session() {
    let store = Store::new();
    let input = HookExecutionInput {
        session_id: Some("new".into()),
        task_id: Some("t".into()),
        hook_source: Some("lint".into()),
        directory: Some("/p".into()),
        output: Some("out".into()),
        error: Some("err".into()),
        if_changed: Some("[]".into()),
        command: Some("run".into()),
        ..run("Stop", "check", true)
    };
    let made = record(&store, &input);
    assert!(is_uuid_like(made.id.as_deref().unwrap()) && made.executed_at.is_some());
    let expected = HookExecution {
        id: made.id.clone(),
        executed_at: made.executed_at.clone(),
        session_id: Some("new".into()),
        task_id: Some("t".into()),
        hook_type: "Stop".into(),
        hook_name: "check".into(),
        hook_source: Some("lint".into()),
        directory: Some("/p".into()),
        duration_ms: 12,
        exit_code: 0,
        passed: true,
        output: Some("out".into()),
        error: Some("err".into()),
        if_changed: Some("[]".into()),
        command: Some("run".into()),
        status: Some("completed".into()),
        consecutive_failures: Some(0),
        max_attempts: Some(3),
        ..HookExecution::default()
    };
    assert_eq!(made, expected);
    assert_eq!(get(&store, made.id.as_deref().unwrap()), made);
    assert!(store.read(|read| read.sessions().get("new")).unwrap().is_some());
    assert_eq!(record(&store, &run("Stop", "check", false)).session_id, None);
}

#[test]
fn a_hook_that_is_queued_waits() {
    let store = Store::new();
    let orchestration = orchestrate(&store, None);
    let input = PendingHookInput {
        orchestration_id: orchestration.id.clone(),
        session_id: Some("new".into()),
        hook_type: "Stop".into(),
        hook_name: "check".into(),
        plugin: "lint".into(),
        directory: "/p".into(),
        command: "run".into(),
        if_changed: Some("[]".into()),
        pid: Some(42),
        plugin_root: Some("/plugins/lint".into()),
    };
    let id = store.write(|write| write.hook_executions().queue(&input)).unwrap();
    let waiting = get(&store, &id);
    let expected = HookExecution {
        id: Some(id),
        orchestration_id: Some(orchestration.id),
        session_id: Some("new".into()),
        hook_type: "Stop".into(),
        hook_name: "check".into(),
        hook_source: Some("lint".into()),
        directory: Some("/p".into()),
        if_changed: Some("[]".into()),
        command: Some("run".into()),
        executed_at: waiting.executed_at.clone(),
        status: Some("pending".into()),
        consecutive_failures: Some(0),
        max_attempts: Some(3),
        pid: Some(42),
        plugin_root: Some("/plugins/lint".into()),
        ..HookExecution::default()
    };
    assert_eq!(waiting, expected);
}

#[test]
fn of_an_unknown_orchestration_is_an_error_and_makes_no_session() {
    let store = Store::new();
    let input = PendingHookInput {
        orchestration_id: "nobody".into(),
        session_id: Some("new".into()),
        ..PendingHookInput::default()
    };
    assert_eq!(code(store.write(|write| write.hook_executions().queue(&input))), Code::DbConstraint);
    assert_eq!(store.read(|read| read.sessions().get("new")).unwrap(), None);
}

#[test]
fn what_waits_comes_in_order_of_arrival() {
    let store = Store::new();
    let orchestration = orchestrate(&store, None);
    let ids: Vec<String> = ["e", "d", "c", "b", "a"]
        .iter()
        .map(|name| queue(&store, &orchestration.id, Some(if *name == "b" { "other" } else { "s" }), name))
        .collect();
    // The clock says nothing about the order.
    store.plain().execute("UPDATE hook_executions SET executed_at_ms = 1000 - row_id", []).unwrap();
    let read_all = || {
        store
            .read(|read| {
                let hooks = read.hook_executions();
                Ok([
                    names(hooks.list_pending()?),
                    names(hooks.list_unfinished("s")?),
                    names(hooks.list_of_orchestration(&orchestration.id)?),
                ])
            })
            .unwrap()
    };
    assert_eq!(
        read_all(),
        [vec!["e", "d", "c", "b", "a"], vec!["e", "d", "c", "a"], vec!["e", "d", "c", "b", "a"]]
    );
    store
        .write(|write| {
            write.hook_executions().set_status(&ids[0], "running")?;
            write.hook_executions().fail(&ids[1], "broken")?;
            write.hook_executions().complete(&ids[2], true, None, None, 5)
        })
        .unwrap();
    assert_eq!(read_all(), [vec!["b", "a"], vec!["e", "d", "a"], vec!["e", "d", "c", "b", "a"]]);
    assert_eq!(names(store.read(|read| read.hook_executions().list_unfinished("nobody")).unwrap()), [""; 0]);
}

#[test]
fn a_run_ends_well_or_not_and_an_unknown_one_is_no_error() {
    let store = Store::new();
    let orchestration = orchestrate(&store, None);
    let id = queue(&store, &orchestration.id, None, "check");
    let complete = |success, output: Option<&str>, error: Option<&str>, duration| {
        store.write(|write| write.hook_executions().complete(&id, success, output, error, duration)).unwrap();
        let run = get(&store, &id);
        (run.status.unwrap(), run.passed, run.exit_code, run.output, run.error, run.duration_ms)
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        complete(false, Some("o"), Some("e"), 7),
        ("failed".into(), false, 1, text("o"), text("e"), 7)
    );
    assert_eq!(complete(true, None, None, 8), ("completed".into(), true, 0, None, None, 8));
    store.write(|write| write.hook_executions().fail(&id, "gone")).unwrap();
    let failed = get(&store, &id);
    // Its exit code is the one that it had.
    assert_eq!((failed.status.as_deref(), failed.passed, failed.exit_code), (Some("failed"), false, 0));
    assert_eq!(failed.error.as_deref(), Some("gone"));
    store
        .write(|write| {
            write.hook_executions().set_status("nobody", "running")?;
            write.hook_executions().complete("nobody", true, None, None, 1)?;
            write.hook_executions().fail("nobody", "x")
        })
        .unwrap();
    assert_eq!(stats(&store, None).total_executions, 1);
}

#[test]
fn pages_hold_every_run_once_while_others_come() {
    let store = Store::new();
    for number in 0..10 {
        let session_id = (number % 2 == 0).then(|| "s".to_owned());
        record(&store, &HookExecutionInput { session_id, ..run("Stop", &number.to_string(), true) });
    }
    let walk = |session_id: Option<&str>| {
        let filter = HookExecutionFilter { session_id, ..HookExecutionFilter::default() };
        let mut seen = Vec::new();
        let mut cursor = None;
        loop {
            let page = store.read(|read| read.hook_executions().page(filter, cursor.as_deref(), 2)).unwrap();
            seen.extend(names(page.items));
            record(&store, &run("Stop", "new", true));
            cursor = page.next_cursor;
            if cursor.is_none() {
                return seen;
            }
        }
    };
    assert_eq!(walk(Some("s")), ["8", "6", "4", "2", "0"]);
    assert_eq!(walk(Some("nobody")), [""; 0]);
    store.plain().execute("DELETE FROM hook_executions WHERE hook_name = 'new'", []).unwrap();
    assert_eq!(walk(None), ["9", "8", "7", "6", "5", "4", "3", "2", "1", "0"]);
    let all = HookExecutionFilter::default();
    let foreign = store.read(|read| read.hook_executions().page(all, Some("t1.1"), 2));
    assert_eq!(code(foreign), Code::InvalidCursor);
}

#[test]
fn stats_of_no_runs_are_zeros() {
    let store = Store::new();
    let nothing = HookStats { by_hook_type: Some("{}".into()), ..HookStats::default() };
    assert_eq!([stats(&store, None), stats(&store, Some("day"))], [nothing.clone(), nothing.clone()]);
    record(&store, &run("Stop", "check", true));
    store.plain().execute("UPDATE hook_executions SET executed_at_ms = 0", []).unwrap();
    assert_eq!(stats(&store, Some("month")), nothing);
}

#[test]
fn stats_count_the_runs_of_a_period() {
    let store = Store::new();
    for (hook_type, name, passed) in
        [("Stop", "a", true), ("Stop", "a", false), ("Start", "a", true), ("Start", "b", true)]
    {
        record(&store, &run(hook_type, name, passed));
    }
    let orchestration = orchestrate(&store, None);
    queue(&store, &orchestration.id, None, "c");
    let expected = HookStats {
        total_executions: 5,
        total_passed: 3,
        total_failed: 2,
        pass_rate: 0.6,
        unique_hooks: 3,
        by_hook_type: Some(r#"{"Start":2,"Stop":3}"#.into()),
    };
    assert_eq!([stats(&store, None), stats(&store, Some("day"))], [expected.clone(), expected]);
    store
        .plain()
        .execute(
            "UPDATE hook_executions SET executed_at_ms = executed_at_ms - 2 * 86400000 WHERE hook_type = 'Start'",
            [],
        )
        .unwrap();
    let day = stats(&store, Some("day"));
    assert_eq!((day.total_executions, day.by_hook_type.as_deref()), (3, Some(r#"{"Stop":3}"#)));
    assert_eq!(stats(&store, Some("week")).total_executions, 5);
}

#[test]
fn a_damaged_row_is_an_error_and_not_left_out() {
    let store = Store::new();
    record(&store, &run("Stop", "check", true));
    store.plain().execute("UPDATE hook_executions SET passed = 7, status = 'pending'", []).unwrap();
    assert_eq!(names(store.read(|read| read.hook_executions().list_pending()).unwrap()), ["check"]);
    let plain = store.plain();
    // A column of this type holds no text but by the hand of another program.
    plain
        .execute_batch(
            "PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '') WHERE name = 'hook_executions';",
        )
        .unwrap();
    drop(plain);
    store.plain().execute("UPDATE hook_executions SET duration_ms = 'long'", []).unwrap();
    assert_eq!(code(store.read(|read| read.hook_executions().list_pending())), Code::DbCorrupt);
}
