//! What goes wrong with disks and files: a code each time, nothing lost that was told to be stored, and going on once
//! the cause is gone.

use crate::{
    concurrency::{path_of_process, process_of, wait},
    fixture::{Store, at, code, said, session},
};
use han_base::Code;
use han_db::{Database, Journal, MessageInput, OpenOptions};
use rusqlite::Connection;
use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command, thread, time::Duration};

/// So long may it take until a log is missed.
const NOTICE: Duration = Duration::from_millis(60);

fn message(number: i64, bytes: usize) -> MessageInput {
    // Nothing that would become small in the index.
    let words = (0..bytes / 8).map(|word| (number as usize * 7919 + word) * 2_654_435_761 % 0xFFF_FFFF);
    let words: Vec<String> = words.map(|word| format!("{word:07x} ")).collect();
    let text = words.concat();
    said(&format!("m{number}"), &at(number), &text)
}

fn count(database: &Database) -> i64 {
    database.read(|read| read.messages().count("s")).unwrap()
}

/// A file system of its own with little space, gone at the end.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// `None` where this user may not mount.
    fn new(mebibytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let options = format!("size={mebibytes}m");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder.path()).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(self.0.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()) || thread::panicking());
    }
}

#[test]
fn a_full_disk_is_told_and_takes_nothing() {
    for journal in [Journal::WriteAheadLog, Journal::Rollback] {
        let Some(disk) = SmallDisk::new(8) else {
            eprintln!("skipped: this user may not mount a small disk");
            return;
        };
        let path = disk.0.path().join("han.db");
        let database = Database::open_with(&path, OpenOptions { journal: Some(journal) }).unwrap();
        database.write(|write| write.sessions().upsert(&session("s"))).unwrap();
        let mut stored = 0;
        let failed = loop {
            match database.write(|write| write.messages().upsert("s", &[message(stored, 100_000)])) {
                Ok(_) => stored += 1,
                Err(error) => break error.code(),
            }
        };
        assert_eq!(failed, Code::DiskFull, "{journal:?}");
        assert!(stored > 3);
        // What was told to be stored is there, and only that; reading goes on.
        assert_eq!(count(&database), stored);
        assert_eq!(
            code(database.write(|write| write.messages().upsert("s", &[message(stored, 500_000)]))),
            Code::DiskFull
        );
        assert_eq!(count(&database), stored);
        // More space, and the next call works.
        let grown =
            Command::new("mount").args(["-o", "remount,size=64m"]).arg(disk.0.path()).status().unwrap();
        assert!(grown.success());
        database.write(|write| write.messages().upsert("s", &[message(stored, 500_000)])).unwrap();
        assert_eq!(count(&database), stored + 1);
        assert_eq!(database.read(|read| read.archive().check()).unwrap().problems, [""; 0]);
        assert_eq!(database.write(|write| Ok(write.archive().check_search_index())).unwrap(), None);
        drop(database);
        let again = Database::open_with(&path, OpenOptions { journal: Some(journal) }).unwrap();
        assert_eq!(count(&again), stored + 1);
        drop(again);
    }
}

#[test]
fn a_disk_that_is_full_at_once_leaves_no_half_database() {
    let Some(disk) = SmallDisk::new(1) else {
        eprintln!("skipped: this user may not mount a small disk");
        return;
    };
    let filler = disk.0.path().join("filler");
    // It stops where the disk is full.
    let written = fs::write(&filler, vec![7; 2 * 1024 * 1024]);
    assert_eq!(written.unwrap_err().kind(), std::io::ErrorKind::StorageFull);
    let path = disk.0.path().join("han.db");
    assert_eq!(code(Database::open(&path)), Code::DiskFull);
    fs::remove_file(&filler).unwrap();
    Command::new("mount").args(["-o", "remount,size=16m"]).arg(disk.0.path()).status().unwrap();
    let database = Database::open(&path).unwrap();
    database.write(|write| write.sessions().upsert(&session("s"))).unwrap();
    drop(database);
}

#[test]
#[ignore = "started by other tests, in a process of its own"]
fn limited_writer() {
    // Writing beyond the limit is an error then, and not the end of the process.
    // SAFETY: the arguments are a signal, a constant for its handler, and a limit that lives during the call.
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
        let limit = libc::rlimit { rlim_cur: 2_000_000, rlim_max: libc::RLIM_INFINITY };
        assert_eq!(libc::setrlimit(libc::RLIMIT_FSIZE, &raw const limit), 0);
    }
    let database = Database::open(&path_of_process()).unwrap();
    database.write(|write| write.sessions().upsert(&session("s"))).unwrap();
    let mut stored = 0;
    let failed = loop {
        match database.write(|write| write.messages().upsert("s", &[message(stored, 100_000)])) {
            Ok(_) => stored += 1,
            Err(error) => break error.code(),
        }
    };
    assert!(matches!(failed, Code::IoFailed | Code::DiskFull), "{failed:?}");
    assert_eq!(count(&database), stored);
    // SAFETY: as above.
    unsafe {
        let limit = libc::rlimit { rlim_cur: libc::RLIM_INFINITY, rlim_max: libc::RLIM_INFINITY };
        assert_eq!(libc::setrlimit(libc::RLIMIT_FSIZE, &raw const limit), 0);
    }
    database.write(|write| write.messages().upsert("s", &[message(stored, 100_000)])).unwrap();
    assert_eq!(count(&database), stored + 1);
    assert_eq!(database.read(|read| read.archive().check()).unwrap().problems, [""; 0]);
}

#[test]
fn a_write_that_the_system_refuses_is_told_and_the_next_one_works() {
    let folder = tempfile::tempdir().unwrap();
    wait(process_of("recovery::limited_writer", &folder.path().join("han.db"), &[], folder.path()));
}

/// The same as an addon does before each call.
fn opened_anew(database: Database) -> Database {
    assert!(!database.is_current());
    database.save_log().unwrap();
    let path = database.path().to_owned();
    drop(database);
    Database::open(&path).unwrap()
}

fn store_with(messages: i64) -> (tempfile::TempDir, Database) {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&folder.path().join("han.db")).unwrap();
    database.write(|write| write.sessions().upsert(&session("s"))).unwrap();
    for number in 0..messages {
        database.write(|write| write.messages().upsert("s", &[message(number, 100)])).unwrap();
    }
    (folder, database)
}

#[test]
fn a_database_that_was_deleted_is_made_anew_beside_those_who_still_have_it() {
    let (folder, database) = store_with(20);
    // A reader that is open goes on; one that would be opened anew finds another file.
    assert_eq!(count(&database), 20);
    fs::remove_file(folder.path().join("han.db")).unwrap();
    assert_eq!(code(database.write(|write| write.sessions().upsert(&session("t")))), Code::DbReplaced);
    // Another one at that path shares nothing with it, while both are open and when the old one is closed.
    let new = Database::open(&folder.path().join("han.db")).unwrap();
    new.write(|write| write.sessions().upsert(&session("new"))).unwrap();
    assert_eq!(count(&database), 20);
    let inner = database.read(|_| database.read(|read| read.messages().count("s")));
    assert_eq!(code(inner), Code::DbReplaced);
    drop(database);
    let ids = |database: &Database| -> Vec<String> {
        let sessions = database.read(|read| read.sessions().list(None, None, 9)).unwrap();
        sessions.into_iter().map(|session| session.id).collect()
    };
    assert_eq!(ids(&new), ["new"]);
    // What is committed is found by a process that has nothing open.
    let plain = Connection::open(folder.path().join("han.db")).unwrap();
    assert_eq!(plain.query_row("SELECT count(*) FROM sessions", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
    drop((new, plain));
    assert_eq!(ids(&Database::open(&folder.path().join("han.db")).unwrap()), ["new"]);
}

#[test]
fn a_folder_that_was_deleted_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/han.db");
    let database = Database::open(&path).unwrap();
    database.write(|write| write.sessions().upsert(&session("s"))).unwrap();
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
    let database = opened_anew(database);
    assert_eq!(database.read(|read| read.sessions().get("s")).unwrap(), None);
    database.write(|write| write.sessions().upsert(&session("s"))).unwrap();
}

#[test]
fn what_stood_in_a_log_that_was_deleted_is_saved() {
    for gone in [&["han.db-wal", "han.db-shm"][..], &["han.db-wal"], &["han.db-shm"]] {
        let (folder, database) = store_with(20);
        for name in gone {
            fs::remove_file(folder.path().join(name)).unwrap();
        }
        thread::sleep(NOTICE);
        // Still told to be stored, by one who does not look.
        database.write(|write| write.messages().upsert("s", &[message(20, 100)])).unwrap();
        let database = opened_anew(database);
        if gone.contains(&"han.db-wal") {
            assert_eq!(count(&database), 21, "{gone:?}");
        }
        assert_eq!(database.read(|read| read.archive().check()).unwrap().problems, [""; 0], "{gone:?}");
        database.write(|write| write.messages().upsert("s", &[message(21, 100)])).unwrap();
        assert!(database.is_current());
    }
}

#[test]
fn a_database_that_was_emptied_begins_anew() {
    let (folder, database) = store_with(20);
    let file = fs::OpenOptions::new().write(true).open(folder.path().join("han.db")).unwrap();
    file.set_len(0).unwrap();
    drop(file);
    assert_eq!(code(database.write(|write| write.sessions().upsert(&session("t")))), Code::DbReplaced);
    let database = opened_anew(database);
    assert_eq!(database.read(|read| read.sessions().list(None, None, 9)).unwrap(), []);
    database.write(|write| write.sessions().upsert(&session("s"))).unwrap();
    assert_eq!(database.read(|read| read.archive().check()).unwrap().problems, [""; 0]);
}

#[test]
fn a_database_that_was_replaced_by_another_one_is_opened() {
    let (folder, database) = store_with(20);
    let other = Store::new();
    other.session("other");
    other.plain().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let copy = folder.path().join("copy.db");
    fs::copy(other.path(), &copy).unwrap();
    // Whoever puts another database in its place takes the old one's logs away, which belong to that.
    for name in ["han.db-wal", "han.db-shm"] {
        fs::remove_file(folder.path().join(name)).unwrap();
    }
    fs::rename(&copy, folder.path().join("han.db")).unwrap();
    let database = opened_anew(database);
    assert!(database.read(|read| read.sessions().get("other")).unwrap().is_some());
    assert_eq!(database.read(|read| read.archive().check()).unwrap().problems, [""; 0]);
}

#[test]
#[ignore = "started by other tests, in a process of its own"]
fn careless_process() {
    // SAFETY: the call only sets the mask of this process.
    unsafe { libc::umask(0) };
    let path = path_of_process();
    let database = Database::open(&path).unwrap();
    database.write(|write| write.sessions().upsert(&session("s"))).unwrap();
    let bulk = han_db::BulkText::start(&path).unwrap();
    let plain = Database::open_with(
        &path.with_file_name("plain.db"),
        OpenOptions { journal: Some(Journal::Rollback) },
    )
    .unwrap();
    let folder = path.parent().unwrap();
    plain
        .write(|write| {
            write.sessions().upsert(&session("s"))?;
            let modes: Vec<(String, u32)> = fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap())
                .map(|entry| (entry.file_name().into_string().unwrap(), mode(&entry.path())))
                .collect();
            for name in ["han.db", "han.db-wal", "han.db-shm", "han.db-bulk", "plain.db", "plain.db-journal"]
            {
                assert!(modes.iter().any(|(found, _)| found == name), "{name} is not in {modes:?}");
            }
            assert!(modes.iter().all(|(_, mode)| *mode == 0o600), "{modes:?}");
            Ok(())
        })
        .unwrap();
    assert_eq!(mode(folder), 0o700);
    drop(bulk);
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn every_file_is_for_its_owner_whatever_the_process_would_allow() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/han.db");
    wait(process_of("recovery::careless_process", &path, &[], folder.path()));
}
