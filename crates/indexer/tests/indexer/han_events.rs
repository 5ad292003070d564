//! Events that hooks recorded: their rows, the files that they refer to, and what they do.

use crate::{dump::assert_sound, index, open};
use han_db::{Database, ValidatingHook};
use han_testkit::{ConfigDir, Transcript};
use serde_json::{Value, json};
use std::fs;

const SESSION: &str = "e4e40001-0000-4000-8000-000000000001";

fn path() -> String {
    format!("-home-dev-app/{SESSION}-han.jsonl")
}

fn event(number: u8, kind: &str, data: &Value) -> String {
    let line = json!({
        "uuid": format!("e4e40001-0000-4000-8000-0000000001{number:02}"), "sessionId": SESSION, "type": kind,
        "timestamp": format!("2026-03-01T10:00:{number:02}.000Z"), "data": data,
    });
    format!("{line}\n")
}

fn events() -> String {
    [
        event(1, "task_start", &json!({ "task_id": "t1", "description": "build it", "task_type": "fix" })),
        event(2, "task_start", &json!({ "task_id": "t2" })),
        event(3, "frustration_detected", &json!({
            "frustration_level": "high", "frustration_score": 6.5, "user_message": "no!",
            "detected_signals": ["caps"],
        })),
        event(4, "task_complete", &json!({
            "task_id": "t1", "outcome": "success", "confidence": 0.9, "files_modified": ["a.rs"], "tests_added": 2,
        })),
        event(5, "task_fail", &json!({ "task_id": "t2", "reason": "no time" })),
        event(6, "hook_validation_cache", &json!({
            "plugin": "p", "hook": "lint", "directory": "/d", "command_hash": "c", "files": { "a.rs": "h1", "b.rs": "h2" },
        })),
        event(7, "task_complete", &json!({ "task_id": "never began" })),
        event(8, "task_start", &json!({ "description": "without an id" })),
    ]
    .concat()
}

fn effects(database: &Database) -> Vec<String> {
    let connection = rusqlite::Connection::open(database.path()).unwrap();
    ["SELECT id, task_id, description, task_type, outcome, confidence, notes, files_modified, tests_added,
        started_at_ms, completed_at_ms FROM tasks ORDER BY task_id",
     "SELECT id, task_id, frustration_level, frustration_score, user_message, detected_signals, recorded_at_ms
        FROM frustration_events",
     "SELECT id, file_path, file_hash, command_hash, validated_at_ms FROM file_validations ORDER BY file_path"]
    .iter()
    .flat_map(|sql| crate::dump::rows(&connection, sql))
    .collect()
}

#[test]
fn events_do_what_they_tell_at_their_time_and_once() {
    let config = ConfigDir::new();
    config.write(&path(), events());
    let database = open(&config);
    index(&database, config.path());
    let (first, second) = database
        .read(|read| Ok((read.tasks().get("t1")?.unwrap(), read.tasks().get("t2")?.unwrap())))
        .unwrap();
    assert_eq!(first.started_at.as_deref(), Some("2026-03-01T10:00:01.000Z"));
    assert_eq!(first.completed_at.as_deref(), Some("2026-03-01T10:00:04.000Z"));
    assert_eq!((first.outcome.as_deref(), first.tests_added), (Some("success"), Some(2)));
    assert_eq!((second.description.as_str(), second.task_type.as_str()), ("Unknown task", "unknown"));
    assert_eq!(second.outcome.as_deref(), Some("failure"));
    let hook = ValidatingHook { plugin_name: "p", hook_name: "lint", directory: "/d" };
    let validation =
        database.read(|read| read.file_validations().get(SESSION, "b.rs", hook)).unwrap().unwrap();
    assert_eq!(validation.validated_at.as_deref(), Some("2026-03-01T10:00:06.000Z"));
    let told = effects(&database);
    assert_eq!(told.len(), 2 + 1 + 2);
    assert!(told[2].contains("\"t2\""), "the task that began last goes on: {}", told[2]);

    // Neither growth nor a new beginning doubles anything.
    config.append(&path(), event(9, "hook_run", &json!({ "plugin": "p" })));
    assert_eq!(index(&database, config.path()).messages_indexed, 1);
    assert_eq!(effects(&database), told);
    config.replace(&path(), format!("{}{}", event(10, "hook_run", &json!({})), events()));
    assert_eq!(index(&database, config.path()).messages_indexed, 9);
    assert_eq!(effects(&database), told);
    assert_sound(&database);
}

#[test]
fn what_a_caller_told_later_stays() {
    let config = ConfigDir::new();
    config.write(&path(), events());
    let database = open(&config);
    index(&database, config.path());
    let completion = han_db::TaskCompletion {
        task_id: "t1".into(),
        outcome: "partial".into(),
        ..han_db::TaskCompletion::default()
    };
    let told = database.write(|write| write.tasks().complete(&completion)).unwrap();
    config.replace(&path(), format!("{}{}", event(10, "hook_run", &json!({})), events()));
    index(&database, config.path());
    assert_eq!(database.read(|read| read.tasks().get("t1")).unwrap(), Some(told));
}

#[test]
fn references_are_read_inside_the_folder_of_the_session_only() {
    let config = ConfigDir::new();
    let own = |name: &str| format!("-home-dev-app/{SESSION}/task_start/{name}.json");
    config.write(&own("good"), event(1, "task_start", &json!({ "task_id": "by reference" })));
    config.write(&own("broken"), "{");
    config.write(&own("chain"), r#"{"ref":"task_start/good.json"}"#);
    config.write("-home-dev-app/secret.json", event(2, "task_start", &json!({ "task_id": "stolen" })));
    #[cfg(unix)]
    {
        let folder = config.at(&format!("-home-dev-app/{SESSION}/task_start"));
        std::os::unix::fs::symlink(config.at("-home-dev-app/secret.json"), folder.join("link.json")).unwrap();
        std::os::unix::fs::symlink(
            config.at("-home-dev-app"),
            config.at(&format!("-home-dev-app/{SESSION}/up")),
        )
        .unwrap();
    }
    fs::create_dir(config.at(&own("folder"))).unwrap();
    let references = ["good", "broken", "chain", "missing", "link", "folder"]
        .map(|name| format!("task_start/{name}.json"));
    let others = ["../secret.json", "up/secret.json", "/etc/passwd", ""].map(str::to_owned);
    let mut lines = String::new();
    for reference in references.iter().chain(&others) {
        lines += &json!({ "ref": reference, "timestamp": "2026-03-01T10:00:00.000Z" }).to_string();
        lines.push('\n');
    }
    config.write(&path(), lines);
    let database = open(&config);
    let report = index(&database, config.path());
    assert_eq!((report.messages_indexed, report.broken_lines), (10, 9), "no line is dropped");
    let tasks = database.read(|read| read.tasks().page(Some(SESSION), None, 10)).unwrap().items;
    assert_eq!(tasks.iter().map(|task| task.task_id.as_str()).collect::<Vec<_>>(), ["by reference"]);
    let broken = database.read(|read| read.broken_lines().list(100)).unwrap();
    assert!(broken.iter().all(|line| line.reason == "LINE_REFERENCE_UNRESOLVED"), "{broken:?}");
    assert_sound(&database);
}

#[test]
fn a_folder_of_events_gives_them_to_their_sessions() {
    let config = ConfigDir::new();
    let mut lines = Transcript::new(SESSION);
    config.write(&format!("-home-dev-app/{SESSION}.jsonl"), lines.prompt("hello").take());
    let events_dir = config.path().join("memory/personal/sessions");
    fs::create_dir_all(&events_dir).unwrap();
    fs::write(events_dir.join(format!("2026-03-01-{SESSION}-han.jsonl")), events()).unwrap();
    fs::write(events_dir.join("notes.jsonl"), "{}\n").unwrap();
    let database = open(&config);
    let sources = han_indexer::Sources {
        config_dirs: vec![config.path().to_owned()],
        event_dirs: vec![events_dir, config.path().join("not there")],
    };
    let report = han_indexer::index_sources(&database, &sources, &han_indexer::Unwatched).unwrap();
    assert_eq!((report.files_seen, report.files_failed, report.sessions), (2, 0, 1));
    let session = database.read(|read| read.sessions().overview(SESSION)).unwrap().unwrap();
    assert_eq!((session.row_count, session.message_count), (9, 1));
    assert!(database.read(|read| read.tasks().get("t1")).unwrap().is_some());
    let again = han_indexer::index_sources(&database, &sources, &han_indexer::Unwatched).unwrap();
    assert_eq!((again.files_unchanged, again.results), (2, Vec::new()));
}
