//! Opening: what is made, what is refused and left as it is, and noticing that the file is another.

use crate::fixture::{Store, at, code, said, session};
use han_base::{Code, Error};
use han_db::{Database, SCHEMA_VERSION};
use rusqlite::Connection;
use std::{
    fs,
    os::unix::fs::{FileExt, PermissionsExt},
    path::Path,
};
use tempfile::TempDir;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn open(path: &Path) -> Result<(), Error> {
    Database::open(path).map(drop)
}

/// Bytes of every file in a folder, save the empty logs that SQLite leaves.
fn contents(folder: &TempDir) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .filter(|(name, bytes)| !(name.ends_with("-shm") || name.ends_with("-wal") && bytes.is_empty()))
        .collect();
    files.sort();
    files
}

#[test]
fn folders_and_files_are_for_their_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let path = folder.path().join("a/b c/é/han.db");
    let database = Database::open(&path).unwrap();
    database.write(|write| write.sessions().upsert(&session("s"))).unwrap();
    for made in ["a", "a/b c", "a/b c/é"] {
        assert_eq!(mode(&folder.path().join(made)), 0o700, "{made}");
    }
    for entry in fs::read_dir(path.parent().unwrap()).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
    assert_eq!(mode(folder.path()), 0o755);
    assert!(database.is_current());
    assert_eq!(database.path(), path);
    drop(database);
    let again = Database::open(&path).unwrap();
    assert!(again.read(|read| read.sessions().get("s")).unwrap().is_some());
}

#[test]
fn an_empty_file_becomes_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("han.db");
    fs::write(&path, "").unwrap();
    open(&path).unwrap();
    let plain = Connection::open(&path).unwrap();
    let version: u32 = plain.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, SCHEMA_VERSION);
}

#[test]
fn paths_that_cannot_be_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "text").unwrap();
    for path in [
        Path::new(""),
        folder.path(),
        Path::new("/"),
        &file.join("han.db"),
        &file.join("deeper/han.db"),
        &folder.path().join("slash.db/"),
        &folder.path().join("nul\0.db"),
        &folder.path().join("n".repeat(300)),
        Path::new("/dev/null"),
        Path::new("/dev/null/han.db"),
    ] {
        assert_eq!(code(open(path)), Code::DbPathInvalid, "{path:?}");
    }
    assert_eq!(contents(&folder), [("file".to_owned(), b"text".to_vec())]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_made() {
    // No user may make anything in these.
    let code = code(open(Path::new("/proc/han-test/han.db")));
    assert!(matches!(code, Code::DbPathInvalid | Code::DbReadOnly), "{code:?}");
    let code = self::code(open(Path::new("/sys/han-test.db")));
    assert!(matches!(code, Code::DbPathInvalid | Code::DbReadOnly), "{code:?}");
}

#[test]
fn what_is_read_only_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("han.db");
    open(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    if fs::OpenOptions::new().write(true).open(&path).is_ok() {
        eprintln!("skipped: this user may write what is read-only");
        return;
    }
    let before = fs::read(&path).unwrap();
    assert_eq!(code(open(&path)), Code::DbReadOnly);
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o500)).unwrap();
    assert_eq!(code(open(&path)), Code::DbReadOnly);
    assert_eq!(code(open(&folder.path().join("new.db"))), Code::DbReadOnly);
    assert_eq!(code(open(&folder.path().join("new/han.db"))), Code::DbReadOnly);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let database = Database::open(&path).unwrap();
    database.write(|write| write.sessions().upsert(&session("s"))).unwrap();
}

#[test]
fn a_file_that_is_no_database_is_left_as_it_is() {
    let mut almost = b"SQLite format 3\0".to_vec();
    almost.extend([0xA5; 5000]);
    for bytes in [b"x".to_vec(), b"{\"type\":\"user\"}\n".repeat(1000), vec![0; 100], vec![0; 8192], almost] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("han.db");
        fs::write(&path, &bytes).unwrap();
        assert_eq!(code(open(&path)), Code::DbNotADatabase, "{} bytes", bytes.len());
        assert_eq!(contents(&folder), [("han.db".to_owned(), bytes)]);
    }
}

#[test]
fn a_database_of_another_program_is_left_as_it_is() {
    for sql in [
        "CREATE TABLE notes (text); INSERT INTO notes VALUES ('mine');",
        "PRAGMA journal_mode = WAL; CREATE TABLE notes (text); INSERT INTO notes VALUES ('mine');",
        "PRAGMA application_id = 1234;",
        "PRAGMA user_version = 7;",
        "PRAGMA application_id = 1234; PRAGMA user_version = 1; CREATE TABLE metadata (key, value);",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("han.db");
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        let before = contents(&folder);
        assert_eq!(code(open(&path)), Code::DbForeign, "{sql}");
        assert_eq!(contents(&folder), before, "{sql}");
    }
}

#[test]
fn the_log_of_another_program_stays_a_log() {
    let source = tempfile::tempdir().unwrap();
    let connection = Connection::open(source.path().join("han.db")).unwrap();
    connection
        .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE notes (text); INSERT INTO notes VALUES (1);")
        .unwrap();
    // As a killed process leaves it.
    let folder = tempfile::tempdir().unwrap();
    for name in ["han.db", "han.db-wal"] {
        fs::copy(source.path().join(name), folder.path().join(name)).unwrap();
    }
    let before = contents(&folder);
    assert!(!before[1].1.is_empty());
    assert_eq!(code(open(&folder.path().join("han.db"))), Code::DbForeign);
    assert_eq!(contents(&folder), before);
}

#[test]
fn a_newer_schema_is_used_if_it_says_so_and_else_left_as_it_is() {
    let not_readable =
        format!("UPDATE metadata SET value = '{}' WHERE key = 'readable_from';", SCHEMA_VERSION + 1);
    for (sql, expected) in [
        ("", None),
        (&*not_readable, Some(Code::DbTooNew)),
        ("UPDATE metadata SET value = 'soon' WHERE key = 'readable_from';", Some(Code::DbTooNew)),
        ("DELETE FROM metadata WHERE key = 'readable_from';", Some(Code::DbTooNew)),
        ("DROP TABLE metadata;", Some(Code::DbTooNew)),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("han.db");
        let database = Database::open(&path).unwrap();
        database.write(|write| write.sessions().upsert(&session("s"))).unwrap();
        drop(database);
        let plain = Connection::open(&path).unwrap();
        plain.execute_batch(&format!("{sql} PRAGMA user_version = {}", SCHEMA_VERSION + 1)).unwrap();
        drop(plain);
        let before = contents(&folder);
        if let Some(expected) = expected {
            assert_eq!(code(open(&path)), expected, "{sql}");
            assert_eq!(contents(&folder), before, "{sql}");
        } else {
            let database = Database::open(&path).unwrap();
            assert!(database.read(|read| read.sessions().get("s")).unwrap().is_some());
            let check = database.read(|read| read.archive().check()).unwrap();
            assert_eq!((check.ok, check.schema_version), (true, SCHEMA_VERSION + 1));
        }
    }
}

#[test]
fn a_damaged_page_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("han.db");
    let database = Database::open(&path).unwrap();
    database
        .write(|write| {
            write.sessions().upsert(&session("s"))?;
            write.messages().upsert("s", &[said("m", &at(1), "word")])
        })
        .unwrap();
    drop(database);
    let plain = Connection::open(&path).unwrap();
    let page_size: u32 = plain.query_row("PRAGMA page_size", [], |row| row.get(0)).unwrap();
    let root: u32 = plain
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'messages'", [], |row| row.get(0))
        .unwrap();
    drop(plain);
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.write_all_at(&vec![0xA5; page_size as usize], u64::from((root - 1) * page_size)).unwrap();
    drop(file);
    let database = Database::open(&path).unwrap();
    assert_eq!(code(database.read(|read| read.messages().list("s", None, None, 10, 0))), Code::DbCorrupt);
    assert_eq!(code(database.read(|read| read.search().messages("word", None, 10))), Code::DbCorrupt);
    assert_eq!(
        code(database.write(|write| write.messages().upsert("s", &[said("n", &at(2), "x")]))),
        Code::DbCorrupt
    );
    let check = database.read(|read| read.archive().check()).unwrap();
    assert!(!check.ok && !check.problems.is_empty());
    // What is not damaged is still there.
    assert!(database.read(|read| read.sessions().get("s")).unwrap().is_some());
}

#[test]
fn a_file_that_was_cut_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("han.db");
    open(&path).unwrap();
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(8192 * 2).unwrap();
    let opened = Database::open(&path);
    let found = opened.and_then(|database| database.read(|read| read.archive().stats()));
    assert_eq!(code(found), Code::DbCorrupt);
}

#[test]
fn a_file_that_was_deleted_or_replaced_is_another() {
    let store = Store::new();
    assert!(store.is_current());
    let other = Store::new();
    other.session("other");
    other.plain().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    fs::remove_file(store.path()).unwrap();
    assert!(!store.is_current());
    // No reader is open yet, and none is opened on what is not there.
    assert_eq!(code(store.read(|read| read.sessions().get("s"))), Code::FileNotFound);
    assert!(!store.path().exists());
    fs::copy(other.path(), store.path()).unwrap();
    assert!(!store.is_current());
    for log in ["han.db-wal", "han.db-shm"] {
        fs::remove_file(store.beside(log)).unwrap();
    }
    let again = Database::open(store.path()).unwrap();
    assert!(again.is_current());
    assert!(again.read(|read| read.sessions().get("other")).unwrap().is_some());
}

#[test]
fn two_databases_know_nothing_of_each_other() {
    let (one, two) = (Store::new(), Store::new());
    one.session("s");
    one.insert("s", &[said("m", &at(1), "word")]).unwrap();
    two.session("t");
    assert_eq!(one.found("word"), ["m"]);
    assert_eq!(two.found("word"), [""; 0]);
    assert_eq!(two.read(|read| read.sessions().get("s")).unwrap(), None);
    assert_eq!(one.read(|read| read.sessions().get("t")).unwrap(), None);
    assert!(one.is_current() && two.is_current());
}

#[test]
fn only_what_was_upgraded_wants_a_rescan() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("han.db");
    let needed = |database: &Database| database.read(|read| read.metadata().needs_reindex()).unwrap();
    // Not a new file, however often it is opened.
    for _ in 0..3 {
        assert!(!needed(&Database::open(&path).unwrap()));
    }
    // What was upgraded does (see `upgrade`), until somebody says that it was done.
    let database = Database::open(&path).unwrap();
    database.write(|write| write.metadata().set_needs_reindex(true)).unwrap();
    assert!(needed(&database));
    drop(database);
    let database = Database::open(&path).unwrap();
    assert!(needed(&database));
    database.write(|write| write.metadata().set_needs_reindex(false)).unwrap();
    drop(database);
    assert!(!needed(&Database::open(&path).unwrap()));
}

#[test]
fn indexes_of_other_rules_are_made_anew_by_the_next_run_and_not_by_opening() {
    let store = Store::new();
    store.session("s");
    let messages: Vec<_> =
        (0..300).map(|number| said(&format!("m{number:03}"), &at(number), "word")).collect();
    store.insert("s", &messages).unwrap();
    store.plain().execute_batch("UPDATE metadata SET value = '0' WHERE key = 'tokenizer_version'").unwrap();
    let again = Database::open(store.path()).unwrap();
    let found = || again.read(|read| read.search().messages("word", None, 1000)).unwrap().len();
    assert!(!again.read(|read| read.search().is_complete()).unwrap());
    assert_eq!(found(), 300);
    // As an index run does, a part at a time.
    let bulk = han_db::BulkText::start(store.path()).unwrap().unwrap();
    let step = || again.write(|write| bulk.catch_up(write, 100)).unwrap();
    assert!(!step());
    assert_eq!(found(), 100);
    assert!(!again.read(|read| read.search().is_complete()).unwrap());
    while !step() {}
    assert_eq!(found(), 300);
    assert!(again.read(|read| read.search().is_complete()).unwrap());
    store.assert_sound();
    let version: String = store
        .plain()
        .query_row("SELECT value FROM metadata WHERE key = 'tokenizer_version'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(version, han_db::tokenizer::VERSION.to_string());
}

#[test]
fn a_link_is_followed_and_one_that_leads_nowhere_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (link, path) = (folder.path().join("link.db"), folder.path().join("han.db"));
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert_eq!(code(open(&link)), Code::FileNotFound);
    assert_eq!(fs::read_link(&link).unwrap(), path);
    open(&path).unwrap();
    let database = Database::open(&link).unwrap();
    database.write(|write| write.sessions().upsert(&session("s"))).unwrap();
    assert!(database.is_current());
    assert!(Database::open(&path).unwrap().read(|read| read.sessions().get("s")).unwrap().is_some());
}
