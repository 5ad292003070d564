//! Validations of files: what is kept, and when another one is needed.

use crate::{
    file_changes::change,
    fixture::{Store, at},
};
use han_base::Timestamp;
use han_db::{FileValidationStatus, SessionFileValidation, SessionFileValidationInput, ValidatingHook};

const HOOK: ValidatingHook<'_> = ValidatingHook { plugin_name: "lint", hook_name: "check", directory: "/w" };

fn validation(file_path: &str, file_hash: &str) -> SessionFileValidationInput {
    SessionFileValidationInput {
        session_id: "s".into(),
        file_path: file_path.into(),
        file_hash: file_hash.into(),
        plugin_name: "lint".into(),
        hook_name: "check".into(),
        directory: "/w".into(),
        command_hash: "command".into(),
    }
}

fn validate(store: &Store, file_path: &str, file_hash: &str) -> SessionFileValidation {
    store.write(|write| write.file_validations().record(&validation(file_path, file_hash))).unwrap()
}

fn change_file(store: &Store, file_path: &str, hash: Option<&str>) {
    store.write(|write| write.file_changes().record(&change("s", file_path, hash))).unwrap();
}

fn is_needed(store: &Store) -> bool {
    store.read(|read| read.file_validations().is_needed("s", HOOK, "command")).unwrap()
}

fn statuses(store: &Store) -> Vec<FileValidationStatus> {
    store.read(|read| read.file_validations().statuses("s", HOOK)).unwrap()
}

fn status(
    file_path: &str,
    modification_hash: &str,
    validation: Option<(&str, &str)>,
) -> FileValidationStatus {
    FileValidationStatus {
        file_path: file_path.into(),
        modification_hash: modification_hash.into(),
        validation_hash: validation.map(|known| known.0.to_owned()),
        validation_command_hash: validation.map(|known| known.1.to_owned()),
    }
}

#[test]
fn a_validation_is_told_by_session_hook_folder_and_file() {
    let store = Store::new();
    let first = validate(&store, "/a", "1");
    let expected = SessionFileValidation {
        id: first.id.clone(),
        session_id: "s".into(),
        file_path: "/a".into(),
        file_hash: "1".into(),
        plugin_name: "lint".into(),
        hook_name: "check".into(),
        directory: "/w".into(),
        command_hash: "command".into(),
        validated_at: first.validated_at.clone(),
    };
    assert_eq!(first, expected);
    assert!(Timestamp::parse(first.validated_at.as_deref().unwrap()).is_some());
    // The session was made.
    assert!(store.read(|read| read.sessions().get("s")).unwrap().is_some());

    let again = SessionFileValidationInput { command_hash: "new".into(), ..validation("/a", "2") };
    let again = store.write(|write| write.file_validations().record(&again)).unwrap();
    assert_eq!(
        (again.id.clone(), again.file_hash.as_str(), again.command_hash.as_str()),
        (first.id, "2", "new")
    );
    assert_eq!(store.read(|read| read.file_validations().get("s", "/a", HOOK)).unwrap(), Some(again));

    for other in [
        SessionFileValidationInput { session_id: "t".into(), ..validation("/a", "3") },
        SessionFileValidationInput { plugin_name: "other".into(), ..validation("/a", "3") },
        SessionFileValidationInput { hook_name: "other".into(), ..validation("/a", "3") },
        SessionFileValidationInput { directory: "/other".into(), ..validation("/a", "3") },
        validation("/b", "3"),
    ] {
        store.write(|write| write.file_validations().record(&other)).unwrap();
    }
    let known = store.read(|read| read.file_validations().get("s", "/a", HOOK)).unwrap().unwrap();
    assert_eq!(known.file_hash, "2");
    let nobody = ValidatingHook { plugin_name: "nobody", ..HOOK };
    assert_eq!(store.read(|read| read.file_validations().get("s", "/a", nobody)).unwrap(), None);
    assert_eq!(store.read(|read| read.file_validations().get("unknown", "/a", HOOK)).unwrap(), None);
}

#[test]
fn lists_are_newest_first_or_by_file() {
    let store = Store::new();
    for (second, file_path, directory) in [(3, "/b", "/w"), (1, "/a", "/w"), (2, "/a", "/v"), (4, "/c", "/w")]
    {
        let input = SessionFileValidationInput { directory: directory.into(), ..validation(file_path, "1") };
        let known = store.write(|write| write.file_validations().record(&input)).unwrap();
        let millis = Timestamp::parse(&at(second)).unwrap().as_millis();
        store
            .plain()
            .execute("UPDATE file_validations SET validated_at_ms = ?2 WHERE id = ?1", (known.id, millis))
            .unwrap();
    }
    let shown = |list: Vec<SessionFileValidation>| -> Vec<String> {
        list.into_iter().map(|known| known.directory + &known.file_path).collect()
    };
    let of_hook = store.read(|read| read.file_validations().of_hook("s", HOOK)).unwrap();
    assert_eq!(shown(of_hook), ["/w/c", "/w/b", "/w/a"]);
    let of_session = store.read(|read| read.file_validations().of_session("s")).unwrap();
    assert_eq!(shown(of_session), ["/v/a", "/w/a", "/w/b", "/w/c"]);
    assert_eq!(store.read(|read| read.file_validations().of_hook("unknown", HOOK)).unwrap(), []);
    assert_eq!(store.read(|read| read.file_validations().of_session("unknown")).unwrap(), []);
}

#[test]
fn without_changes_nothing_is_needed() {
    let store = Store::new();
    assert!(!is_needed(&store));
    assert_eq!(statuses(&store), []);
    validate(&store, "/a", "1");
    assert!(!is_needed(&store));
    assert_eq!(statuses(&store), []);
}

#[test]
fn the_latest_change_of_each_file_decides_on_validation() {
    let store = Store::new();
    store.session("s");
    change_file(&store, "/a", Some("1"));
    assert!(is_needed(&store));
    validate(&store, "/a", "1");
    assert!(!is_needed(&store));
    change_file(&store, "/a", Some("2"));
    assert!(is_needed(&store));
    assert_eq!(statuses(&store), [status("/a", "2", Some(("1", "command")))]);
    validate(&store, "/a", "2");
    // The changes before, with other hashes, are history.
    assert!(!is_needed(&store));
    change_file(&store, "/b", Some("1"));
    assert!(is_needed(&store));
    assert_eq!(statuses(&store), [status("/a", "2", Some(("2", "command"))), status("/b", "1", None)]);
    validate(&store, "/b", "1");
    assert!(!is_needed(&store));
    // Back to what it was: the latest validation is of something else.
    change_file(&store, "/a", Some("1"));
    assert!(is_needed(&store));
}

#[test]
fn the_change_written_last_decides_even_if_the_clock_was_set_back() {
    let store = Store::new();
    store.session("s");
    change_file(&store, "/a", Some("1"));
    let future = Timestamp::now().as_millis() + 3_600_000;
    store.plain().execute("UPDATE file_changes SET recorded_at_ms = ?1", [future]).unwrap();
    change_file(&store, "/a", Some("2"));
    validate(&store, "/a", "1");
    assert!(is_needed(&store));
    validate(&store, "/a", "2");
    assert!(!is_needed(&store));
}

#[test]
fn another_command_needs_another_validation() {
    let store = Store::new();
    store.session("s");
    change_file(&store, "/a", Some("1"));
    validate(&store, "/a", "1");
    let is_needed = |hook, command_hash: &str| {
        store.read(|read| read.file_validations().is_needed("s", hook, command_hash)).unwrap()
    };
    assert!(!is_needed(HOOK, "command"));
    assert!(is_needed(HOOK, "other"));
    assert!(is_needed(ValidatingHook { directory: "/v", ..HOOK }, "command"));
}

#[test]
fn a_change_without_a_hash_needs_a_decision_after_it() {
    let store = Store::new();
    store.session("s");
    validate(&store, "/gone", "");
    let hour_ago = Timestamp::now().as_millis() - 3_600_000;
    store.plain().execute("UPDATE file_validations SET validated_at_ms = ?1", [hour_ago]).unwrap();
    change_file(&store, "/gone", None);
    assert!(is_needed(&store), "a decision before the change says nothing about it");
    assert_eq!(statuses(&store), [status("/gone", "", None)]);
    validate(&store, "/gone", "1");
    assert!(is_needed(&store), "a validation of some content is none of a file that is gone");
    validate(&store, "/gone", "");
    assert!(!is_needed(&store));
    assert_eq!(statuses(&store), [status("/gone", "", Some(("", "command")))]);
    change_file(&store, "/gone", Some("2"));
    assert!(is_needed(&store));
}

#[test]
fn stale_validations_of_fifty_thousand_paths_are_deleted() {
    let store = Store::new();
    let paths: Vec<String> = (0..50_000).map(|number| format!("/folder/{number}")).collect();
    store
        .write(|write| {
            for path in paths.iter().step_by(2) {
                write.file_validations().record(&validation(path, "1"))?;
            }
            let other = SessionFileValidationInput { directory: "/v".into(), ..validation("/stale", "1") };
            write.file_validations().record(&other)?;
            for path in ["/stale", "/it's \"stale\""] {
                write.file_validations().record(&validation(path, "1"))?;
            }
            Ok(())
        })
        .unwrap();
    let delete = |session_id: &str, current: &[String]| {
        store.write(|write| write.file_validations().delete_stale(session_id, HOOK, current)).unwrap()
    };
    assert_eq!(delete("unknown", &paths), 0);
    assert_eq!(delete("s", &paths), 2);
    assert_eq!(delete("s", &paths), 0);
    assert_eq!(delete("s", &paths[..100]), 24_950);
    assert_eq!(delete("s", &[]), 50);
    let left = store.read(|read| read.file_validations().of_session("s")).unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].directory, "/v");
}
