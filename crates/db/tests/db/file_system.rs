//! Databases on file systems that share no memory: a rollback journal does what the log does, more slowly.

use crate::{
    concurrency::{path_of_process, process_of, wait},
    fixture::{at, code, said, session},
};
use han_base::Code;
use han_db::{Database, FileSystem, Journal, OpenOptions, SessionFileValidationInput, journal_for};
use rusqlite::Connection;
use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

const ROLLBACK: OpenOptions = OpenOptions { journal: Some(Journal::Rollback) };

fn open(path: &Path) -> Database {
    Database::open_with(path, ROLLBACK).unwrap()
}

fn mode(path: &Path) -> String {
    Connection::open(path).unwrap().query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap()
}

#[test]
fn each_file_system_has_its_journal() {
    for (file_system, journal) in [
        (FileSystem::Local, Some(Journal::WriteAheadLog)),
        (FileSystem::Shared, Some(Journal::Rollback)),
        (FileSystem::WithoutLocks, None),
    ] {
        assert_eq!(journal_for(file_system), journal);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("han.db");
    Database::open(&path).unwrap();
    assert_eq!(journal_for(FileSystem::of(&path)), Some(Journal::WriteAheadLog));
    assert_eq!(mode(&path), "wal");
}

#[test]
fn everything_works_without_a_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("han.db");
    let database = open(&path);
    database.write(|write| write.sessions().upsert(&session("s"))).unwrap();
    for number in 0..50 {
        database
            .write(|write| write.messages().upsert("s", &[said(&number.to_string(), &at(number), "word")]))
            .unwrap();
    }
    database
        .write(|write| {
            write.file_validations().record(&SessionFileValidationInput {
                session_id: "t".into(),
                file_path: "/a".into(),
                ..SessionFileValidationInput::default()
            })
        })
        .unwrap();
    assert_eq!(database.read(|read| read.search().messages("word", None, 100)).unwrap().len(), 50);
    assert_eq!(database.read(|read| read.messages().count("s")).unwrap(), 50);
    let failed = database.write(|write| {
        write.messages().upsert("s", &[said("new", &at(1), "word")])?;
        Err::<(), _>(han_base::Error::new(Code::Internal, "test"))
    });
    assert_eq!(code(failed), Code::Internal);
    assert_eq!(database.read(|read| read.messages().count("s")).unwrap(), 50);
    database.bulk_writer().checkpoint().unwrap();
    assert!(database.is_current());
    let check = database.read(|read| read.archive().check()).unwrap();
    assert_eq!(check.problems, [""; 0]);
    assert_eq!(database.write(|write| Ok(write.archive().check_search_index())).unwrap(), None);
    assert_eq!(mode(&path), "delete");
    let names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["han.db"]);
}

#[test]
fn readers_and_a_writer_take_turns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("han.db");
    let database = open(&path);
    database.write(|write| write.sessions().upsert(&session("s"))).unwrap();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut rounds = 0;
                while !stop.load(Ordering::Relaxed) || rounds == 0 {
                    let (count, rows) = database
                        .read(|read| {
                            Ok((read.messages().count("s")?, read.messages().list("s", None, None, 1000, 0)?))
                        })
                        .unwrap();
                    assert_eq!((rows.len() as i64, count % 5), (count, 0));
                    rounds += 1;
                }
            });
        }
        for batch in 0..30 {
            let messages: Vec<_> =
                (0..5).map(|row| said(&format!("{batch}-{row}"), &at(batch), "word")).collect();
            database.write(|write| write.messages().upsert("s", &messages)).unwrap();
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(database.read(|read| read.messages().count("s")).unwrap(), 150);
}

#[test]
#[ignore = "started by other tests, in a process of its own"]
fn rollback_worker() {
    let database = open(&path_of_process());
    let name = format!("p{}", std::process::id());
    database.write(|write| write.sessions().upsert(&session(&name))).unwrap();
    for number in 0..20 {
        let message = said(&format!("{name}-{number}"), &at(number), "word");
        database.write(|write| write.messages().upsert(&name, &[message])).unwrap();
        assert_eq!(database.read(|read| read.messages().count(&name)).unwrap(), number + 1);
    }
}

#[test]
fn processes_make_and_write_a_file_at_one_moment() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/han.db");
    let children: Vec<_> =
        (0..4).map(|_| process_of("file_system::rollback_worker", &path, &[], folder.path())).collect();
    children.into_iter().for_each(wait);
    let database = open(&path);
    let sessions = database.read(|read| read.sessions().list(None, None, 100)).unwrap();
    assert_eq!(sessions.len(), 4);
    let found = database.read(|read| read.search().messages("word", None, 1000)).unwrap();
    assert_eq!(found.len(), 80);
}

#[test]
fn a_file_with_a_log_is_brought_over_with_what_is_in_it_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("han.db");
    let database = Database::open(&path).unwrap();
    database.write(|write| write.sessions().upsert(&session("s"))).unwrap();
    // As a killed process leaves it, on a disk that another machine shares.
    let copy = tempfile::tempdir().unwrap();
    let copied = copy.path().join("han.db");
    for name in ["han.db", "han.db-wal"] {
        fs::copy(folder.path().join(name), copy.path().join(name)).unwrap();
    }
    let database = open(&copied);
    assert!(database.read(|read| read.sessions().get("s")).unwrap().is_some());
    assert!(!copy.path().join("han.db-wal").exists() && !copy.path().join("han.db-shm").exists());
    // Others may use it at once, as well in this process.
    let other = open(&copied);
    other.write(|write| write.sessions().upsert(&session("t"))).unwrap();
    assert_eq!(database.read(|read| read.sessions().list(None, None, 9)).unwrap().len(), 2);
    drop((database, other));
    assert_eq!(mode(&copied), "delete");
    let again = Database::open(&copied).unwrap();
    assert_eq!(again.read(|read| read.sessions().list(None, None, 9)).unwrap().len(), 2);
    assert_eq!(mode(&copied), "wal");
}

#[test]
fn a_foreign_file_is_left_as_it_is_in_either_way() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("han.db");
    let foreign = Connection::open(&path).unwrap();
    foreign
        .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE notes (text); INSERT INTO notes VALUES (1)")
        .unwrap();
    let before = fs::read(&path).unwrap();
    let copy = tempfile::tempdir().unwrap();
    for name in ["han.db", "han.db-wal"] {
        fs::copy(folder.path().join(name), copy.path().join(name)).unwrap();
    }
    let log = fs::read(copy.path().join("han.db-wal")).unwrap();
    assert_eq!(code(Database::open_with(&copy.path().join("han.db"), ROLLBACK)), Code::DbForeign);
    assert_eq!(fs::read(copy.path().join("han.db")).unwrap(), before);
    assert_eq!(fs::read(copy.path().join("han.db-wal")).unwrap(), log);
}
