//! Tasks: how they begin and end, their pages, and their figures.

use crate::fixture::{Store, code};
use han_base::{Code, Timestamp, id::is_uuid_like};
use han_db::{Task, TaskCompletion, TaskFailure, TaskInput, TaskMetrics};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn task(task_id: &str, task_type: &str) -> TaskInput {
    TaskInput {
        task_id: task_id.into(),
        task_type: task_type.into(),
        description: "do it".into(),
        ..TaskInput::default()
    }
}

fn create(store: &Store, input: &TaskInput) -> Task {
    store.write(|write| write.tasks().create(input)).unwrap()
}

fn end(store: &Store, task_id: &str, outcome: &str, confidence: f64) -> Task {
    let completion = TaskCompletion {
        task_id: task_id.into(),
        outcome: outcome.into(),
        confidence,
        ..TaskCompletion::default()
    };
    store.write(|write| write.tasks().complete(&completion)).unwrap()
}

fn metrics(
    store: &Store,
    task_type: Option<&str>,
    outcome: Option<&str>,
    period: Option<&str>,
) -> TaskMetrics {
    store.read(|read| read.tasks().metrics(task_type, outcome, period)).unwrap()
}

/// Moves the begin of a task, and its end where it has one, into the past.
fn shift(store: &Store, task_id: &str, days: i64) {
    let moved = store
        .plain()
        .execute(
            "UPDATE tasks SET started_at_ms = started_at_ms - ?2, completed_at_ms = completed_at_ms - ?2
             WHERE task_id = ?1",
            (task_id, days * DAY_MS),
        )
        .unwrap();
    assert_eq!(moved, 1);
}

fn ids(tasks: &[Task]) -> Vec<&str> {
    tasks.iter().map(|task| task.task_id.as_str()).collect()
}

#[test]
fn a_task_begins_with_all_that_was_said_of_it() {
    let store = Store::new();
    store.session("s");
    let input = TaskInput {
        session_id: Some("s".into()),
        estimated_complexity: Some("moderate".into()),
        ..task("t", "fix")
    };
    let made = create(&store, &input);
    assert!(is_uuid_like(made.id.as_deref().unwrap()));
    assert!(made.started_at.is_some());
    let expected = Task {
        id: made.id.clone(),
        started_at: made.started_at.clone(),
        session_id: Some("s".into()),
        task_id: "t".into(),
        description: "do it".into(),
        task_type: "fix".into(),
        estimated_complexity: Some("moderate".into()),
        ..Task::default()
    };
    assert_eq!(made, expected);
    assert_eq!(store.read(|read| read.tasks().get("t")).unwrap(), Some(made));
    assert_eq!(store.read(|read| read.tasks().get("T")).unwrap(), None);
}

#[test]
fn a_taken_id_and_an_unknown_session_are_errors_and_write_nothing() {
    let store = Store::new();
    create(&store, &task("t", "fix"));
    let error = store.write(|write| write.tasks().create(&task("t", "other"))).unwrap_err();
    assert_eq!(error.code(), Code::DbConstraint);
    assert!(error.to_string().contains("UNIQUE constraint failed"), "{error}");
    let input = TaskInput { session_id: Some("nobody".into()), ..task("u", "fix") };
    assert_eq!(code(store.write(|write| write.tasks().create(&input))), Code::DbConstraint);
    assert_eq!(metrics(&store, None, None, None).total_tasks, 1);
    assert_eq!(store.read(|read| read.sessions().get("nobody")).unwrap(), None);
}

#[test]
fn completing_a_task_overwrites_what_was_said_of_its_end() {
    let store = Store::new();
    create(&store, &task("t", "fix"));
    let completion = TaskCompletion {
        task_id: "t".into(),
        outcome: "partial".into(),
        confidence: 0.75,
        notes: Some("half".into()),
        files_modified: Some(vec!["a \"b\".rs".into(), "ü.rs".into()]),
        tests_added: Some(2),
    };
    let first = store.write(|write| write.tasks().complete(&completion)).unwrap();
    assert_eq!((first.outcome.as_deref(), first.confidence), (Some("partial"), Some(0.75)));
    assert_eq!((first.files_modified, first.tests_added), (completion.files_modified, Some(2)));
    assert!(first.completed_at >= first.started_at);
    let second = end(&store, "t", "success", 1.0);
    assert_eq!((second.notes, second.files_modified, second.tests_added), (None, None, None));
    assert_eq!(second.started_at, first.started_at);
}

#[test]
fn a_task_that_failed_tells_why_and_what_was_tried() {
    let store = Store::new();
    create(&store, &task("t", "fix"));
    let mut failure = TaskFailure {
        task_id: "t".into(),
        reason: "no disk".into(),
        attempted_solutions: Some(vec!["wait".into(), "ask".into()]),
        confidence: Some(0.5),
        notes: Some("later".into()),
    };
    let failed = store.write(|write| write.tasks().fail(&failure)).unwrap();
    assert_eq!((failed.outcome.as_deref(), failed.confidence), (Some("failure"), Some(0.5)));
    assert_eq!(
        failed.notes.as_deref(),
        Some("Failure reason: no disk\nNotes: later\nAttempted solutions:\n- wait\n- ask")
    );
    assert!(failed.completed_at.is_some());
    failure = TaskFailure { task_id: "t".into(), reason: "again".into(), ..TaskFailure::default() };
    let failed = store.write(|write| write.tasks().fail(&failure)).unwrap();
    assert_eq!((failed.notes.as_deref(), failed.confidence), (Some("Failure reason: again"), None));
}

#[test]
fn an_unknown_task_cannot_end() {
    let store = Store::new();
    let completion = TaskCompletion { task_id: "t".into(), ..TaskCompletion::default() };
    assert_eq!(code(store.write(|write| write.tasks().complete(&completion))), Code::TaskNotFound);
    let failure = TaskFailure { task_id: "t".into(), ..TaskFailure::default() };
    assert_eq!(code(store.write(|write| write.tasks().fail(&failure))), Code::TaskNotFound);
}

#[test]
fn pages_hold_every_task_once_whatever_their_times() {
    let store = Store::new();
    store.session("s");
    for number in 0..10 {
        let session_id = (number % 2 == 0).then(|| "s".to_owned());
        create(&store, &TaskInput { session_id, ..task(&number.to_string(), "fix") });
    }
    // All began in the same millisecond but one, which began before.
    store.plain().execute("UPDATE tasks SET started_at_ms = 5000 - (task_id = '8')", []).unwrap();
    let walk = |session_id: Option<&str>| {
        let mut seen = Vec::new();
        let mut cursor = None;
        loop {
            let page = store.read(|read| read.tasks().page(session_id, cursor.as_deref(), 3)).unwrap();
            assert!(page.items.len() == 3 || !page.has_more());
            seen.extend(page.items);
            // One that begins meanwhile moves nothing.
            create(&store, &task(&format!("new {}", seen.len()), "fix"));
            cursor = page.next_cursor;
            if cursor.is_none() {
                return seen;
            }
        }
    };
    assert_eq!(ids(&walk(Some("s"))), ["6", "4", "2", "0", "8"]);
    assert_eq!(ids(&walk(Some("nobody"))), [""; 0]);
    store.plain().execute("DELETE FROM tasks WHERE task_id LIKE 'new%'", []).unwrap();
    assert_eq!(ids(&walk(None)), ["9", "7", "6", "5", "4", "3", "2", "1", "0", "8"]);
    assert_eq!(code(store.read(|read| read.tasks().page(None, Some("s1.1"), 3))), Code::InvalidCursor);
}

#[test]
fn metrics_of_no_tasks_are_zeros() {
    let store = Store::new();
    let nothing = TaskMetrics {
        calibration_score: Some(0.0),
        by_type: Some("{}".into()),
        by_outcome: Some("{}".into()),
        ..TaskMetrics::default()
    };
    assert_eq!(metrics(&store, None, None, None), nothing);
    create(&store, &task("t", "fix"));
    assert_eq!(metrics(&store, Some("no such type"), None, None), nothing);
    let begun = TaskMetrics { total_tasks: 1, by_type: Some(r#"{"fix":1}"#.into()), ..nothing };
    assert_eq!(metrics(&store, None, None, None), begun);
}

#[test]
fn every_figure_honours_the_filters() {
    let store = Store::new();
    for (task_id, task_type, outcome, confidence) in [
        ("1", "fix", "success", 0.75),
        ("2", "fix", "failure", 0.25),
        ("3", "doc", "success", 0.0),
        ("4", "doc", "partial", 1.0),
    ] {
        create(&store, &task(task_id, task_type));
        end(&store, task_id, outcome, confidence);
    }
    create(&store, &task("5", "fix"));
    let all = metrics(&store, None, None, None);
    assert_eq!((all.total_tasks, all.completed_tasks), (5, 4));
    assert_eq!((all.successful_tasks, all.partial_tasks, all.failed_tasks), (2, 1, 1));
    assert_eq!((all.success_rate, all.average_confidence), (0.5, Some(0.5)));
    assert_eq!(all.calibration_score, Some(1.0 - (0.25 + 0.25 + 1.0 + 1.0) / 4.0));
    assert_eq!(all.by_type.as_deref(), Some(r#"{"doc":2,"fix":3}"#));
    assert_eq!(all.by_outcome.as_deref(), Some(r#"{"failure":1,"partial":1,"success":2}"#));

    let fixes = metrics(&store, Some("fix"), None, None);
    assert_eq!((fixes.total_tasks, fixes.completed_tasks, fixes.success_rate), (3, 2, 0.5));
    assert_eq!((fixes.average_confidence, fixes.calibration_score), (Some(0.5), Some(0.75)));
    assert_eq!(fixes.by_type.as_deref(), Some(r#"{"fix":3}"#));
    assert_eq!(fixes.by_outcome.as_deref(), Some(r#"{"failure":1,"success":1}"#));

    let successes = metrics(&store, None, Some("success"), None);
    assert_eq!((successes.total_tasks, successes.calibration_score), (2, Some(0.375)));
    assert_eq!(successes.by_type.as_deref(), Some(r#"{"doc":1,"fix":1}"#));
    assert_eq!(successes.by_outcome.as_deref(), Some(r#"{"success":2}"#));
}

#[test]
fn periods_count_back_from_now() {
    let store = Store::new();
    for (task_id, days) in [("0", 0), ("2", 2), ("8", 8), ("31", 31)] {
        create(&store, &task(task_id, "fix"));
        end(&store, task_id, "success", 1.0);
        shift(&store, task_id, days);
    }
    let count = |period| metrics(&store, None, None, period).total_tasks;
    let periods = [Some("day"), Some("week"), Some("month"), Some("year"), None];
    assert_eq!(periods.map(count), [1, 2, 3, 4, 4]);
}

#[test]
fn durations_are_those_of_tasks_that_ended() {
    let store = Store::new();
    create(&store, &task("goes on", "fix"));
    for (task_id, seconds) in [("a", 10), ("b", 20)] {
        create(&store, &task(task_id, "fix"));
        end(&store, task_id, "done", 0.5);
        let now = Timestamp::now().as_millis();
        store
            .plain()
            .execute(
                "UPDATE tasks SET started_at_ms = ?2, completed_at_ms = ?3 WHERE task_id = ?1",
                (task_id, now - seconds * 1000, now),
            )
            .unwrap();
    }
    assert_eq!(metrics(&store, None, None, None).average_duration_seconds, Some(15.0));
}

#[test]
fn a_damaged_row_is_an_error_and_not_left_out() {
    let store = Store::new();
    create(&store, &task("t", "fix"));
    store.plain().execute("UPDATE tasks SET files_modified = 'no json'", []).unwrap();
    assert_eq!(code(store.read(|read| read.tasks().get("t"))), Code::DbCorrupt);
    assert_eq!(code(store.read(|read| read.tasks().page(None, None, 10))), Code::DbCorrupt);
}
