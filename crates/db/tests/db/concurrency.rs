//! Many threads and processes on one file: nothing is lost, nothing is half seen, nobody is turned away.

use crate::fixture::{Store, at, said, session};
use han_base::{Code, Error};
use han_db::Database;
use std::{
    env, fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Variables that tell a process of [`worker`] what to do.
const PATH: &str = "HAN_DB_TEST_PATH";
const NAME: &str = "HAN_DB_TEST_NAME";
const MILLIS: &str = "HAN_DB_TEST_MILLIS";

/// Starts this test binary again, as a process that runs one ignored test on the database at `path`.
pub(crate) fn process_of(test: &str, path: &Path, variables: &[(&str, String)], folder: &Path) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(PATH, path)
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The path that [`process_of`] names.
pub(crate) fn path_of_process() -> PathBuf {
    env::var_os(PATH).unwrap().into()
}

/// Starts a process that writes to `path` for some time.
fn process(path: &Path, name: &str, millis: u64, folder: &Path) -> Child {
    let variables = [(NAME, name.to_owned()), (MILLIS, millis.to_string())];
    process_of("concurrency::worker", path, &variables, folder)
}

pub(crate) fn wait(child: Child) {
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

/// Writes messages `<name>-<number>` to a session `<name>`, one transaction each, and their number to the session's
/// slug at the end.
fn write_for(database: &Database, name: &str, time: Duration) {
    let end = Instant::now() + time;
    let mut number = 0;
    database.write(|write| write.sessions().upsert(&session(name))).unwrap();
    while number == 0 || Instant::now() < end {
        let message = said(&format!("{name}-{number}"), &at(number), "word");
        database.write(|write| write.messages().upsert(name, &[message])).unwrap();
        number += 1;
        // Others' rows may be read at any time.
        let seen = database.read(|read| read.messages().count(name)).unwrap();
        assert_eq!(seen, number);
    }
    let told = han_db::SessionInput { slug: Some(number.to_string()), ..session(name) };
    database.write(|write| write.sessions().upsert(&told)).unwrap();
}

#[test]
#[ignore = "started by other tests, in a process of its own"]
fn worker() {
    let time = Duration::from_millis(env::var(MILLIS).unwrap().parse().unwrap());
    let database = Database::open(&path_of_process()).unwrap();
    write_for(&database, &env::var(NAME).unwrap(), time);
}

fn assert_complete(database: &Database, names: &[String]) {
    for name in names {
        let session = database.read(|read| read.sessions().get(name)).unwrap().unwrap();
        let written: i64 = session.slug.unwrap().parse().unwrap();
        let rows = database.read(|read| read.messages().list(name, None, None, u32::MAX, 0)).unwrap();
        assert_eq!(rows.len() as i64, written);
        assert_eq!(rows.iter().map(|row| row.id.clone()).next_back(), Some(format!("{name}-0")));
    }
    let check = database.read(|read| read.archive().check()).unwrap();
    assert_eq!(check.problems, [""; 0]);
    assert_eq!(database.write(|write| Ok(write.archive().check_search_index())).unwrap(), None);
}

#[test]
fn threads_open_a_new_file_at_one_moment() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/han.db");
        let barrier = Barrier::new(8);
        thread::scope(|scope| {
            for number in 0..8 {
                let (path, barrier) = (&path, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    let database = Database::open(path).unwrap();
                    assert!(database.is_current());
                    database.write(|write| write.sessions().upsert(&session(&format!("s{number}")))).unwrap();
                });
            }
        });
        let database = Database::open(&path).unwrap();
        assert_eq!(database.read(|read| read.sessions().list(None, None, 100)).unwrap().len(), 8);
    }
}

#[test]
fn processes_open_a_new_file_at_one_moment() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/han.db");
    let names: Vec<String> = (0..8).map(|number| format!("p{number}")).collect();
    let children: Vec<Child> = names.iter().map(|name| process(&path, name, 0, folder.path())).collect();
    children.into_iter().for_each(wait);
    assert_complete(&Database::open(&path).unwrap(), &names);
}

#[test]
fn processes_write_for_seconds_and_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("han.db");
    let database = Database::open(&path).unwrap();
    let mut names = vec!["p0".to_owned(), "p1".to_owned()];
    let children: Vec<Child> = names.iter().map(|name| process(&path, name, 2000, folder.path())).collect();
    // A third, that keeps the writer for many transactions as a long import does.
    write_in_bulk(&database, "bulk", Duration::from_secs(2));
    names.push("bulk".to_owned());
    children.into_iter().for_each(wait);
    assert_complete(&database, &names);
}

#[test]
fn a_killed_process_leaves_every_transaction_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("han.db");
    let database = Database::open(&path).unwrap();
    let mut child = process(&path, "p", 60_000, folder.path());
    let written = || database.read(|read| read.messages().count("p")).unwrap();
    let give_up = Instant::now() + Duration::from_secs(20);
    while written() < 20 {
        assert!(Instant::now() < give_up, "the process writes nothing");
        thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let rows = database.read(|read| read.messages().list("p", None, None, u32::MAX, 0)).unwrap();
    let expected: Vec<String> = (0..rows.len()).rev().map(|number| format!("p-{number}")).collect();
    assert_eq!(rows.into_iter().map(|row| row.id).collect::<Vec<_>>(), expected);
    // The lock went with it.
    write_for(&database, "next", Duration::ZERO);
    assert_complete(&database, &["next".to_owned()]);
}

fn write_in_bulk(database: &Database, name: &str, time: Duration) {
    let end = Instant::now() + time;
    let mut number = 0;
    let mut writer = database.bulk_writer();
    writer.transaction(|write| write.sessions().upsert(&session(name))).unwrap();
    while Instant::now() < end {
        writer
            .transaction(|write| {
                for _ in 0..50 {
                    write
                        .messages()
                        .upsert(name, &[said(&format!("{name}-{number}"), &at(number), "word")])?;
                    number += 1;
                }
                Ok(())
            })
            .unwrap();
        writer.yield_to_others();
    }
    let told = han_db::SessionInput { slug: Some(number.to_string()), ..session(name) };
    writer.transaction(|write| write.sessions().upsert(&told)).unwrap();
}

// Other systems allow no such names.
#[cfg(unix)]
#[test]
fn a_relative_path_is_a_file_whatever_it_is_called() {
    let folder = tempfile::tempdir().unwrap();
    for name in [":memory:", "file:han.db?mode=memory", "plain.db"] {
        wait(process(Path::new(name), "p", 0, folder.path()));
        assert_complete(&Database::open(&folder.path().join(name)).unwrap(), &["p".to_owned()]);
    }
}

#[test]
fn readers_see_whole_transactions_while_a_writer_writes() {
    let store = Store::new();
    store.session("s");
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut before = 0;
                let mut rounds = 0;
                while !stop.load(Ordering::Relaxed) || rounds == 0 {
                    store
                        .read(|read| {
                            let count = read.messages().count("s")?;
                            let rows = read.messages().list("s", None, None, u32::MAX, 0)?;
                            let found = read.search().messages("word", Some("s"), u32::MAX)?;
                            assert_eq!((rows.len() as i64, found.len() as i64), (count, count));
                            assert_eq!(count % 5, 0);
                            assert!(count >= before);
                            before = count;
                            Ok(())
                        })
                        .unwrap();
                    rounds += 1;
                }
            });
        }
        for batch in 0..60 {
            let messages: Vec<_> =
                (0..5).map(|row| said(&format!("{batch}-{row}"), &at(batch), "word")).collect();
            store.insert("s", &messages).unwrap();
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(store.read(|read| read.messages().count("s")).unwrap(), 300);
}

#[test]
fn a_read_is_one_snapshot_and_does_not_stop_the_writer() {
    let store = Store::new();
    store.session("s");
    store
        .read(|read| {
            assert_eq!(read.messages().count("s")?, 0);
            store.insert("s", &[said("m", &at(1), "word")])?;
            assert_eq!(read.messages().count("s")?, 0);
            assert_eq!(read.search().messages("word", None, 10)?, []);
            Ok(())
        })
        .unwrap();
    assert_eq!(store.read(|read| read.messages().count("s")).unwrap(), 1);
}

#[test]
fn emptying_the_log_waits_for_no_reader() {
    let store = Store::new();
    store.session("s");
    let begin = Instant::now();
    store
        .read(|read| {
            assert_eq!(read.messages().count("s")?, 0);
            store.insert("s", &[said("m", &at(1), "word")])?;
            store.bulk_writer().checkpoint()?;
            assert_eq!(read.messages().count("s")?, 0);
            Ok(())
        })
        .unwrap();
    // A writer that waits gives up after 30 s.
    assert!(begin.elapsed() < Duration::from_secs(15));
    assert!(fs::metadata(store.beside("han.db-wal")).unwrap().len() > 0);
    store.bulk_writer().checkpoint().unwrap();
    assert_eq!(fs::metadata(store.beside("han.db-wal")).unwrap().len(), 0);
    assert_eq!(store.found("word"), ["m"]);
}

#[test]
fn an_error_or_a_panic_in_a_write_leaves_nothing_behind() {
    let store = Store::new();
    store.session("s");
    let write = || store.insert("s", &[said("m", &at(1), "word")]);
    let failed = store.write(|write| {
        write.messages().upsert("s", &[said("m", &at(1), "word")])?;
        Err::<(), Error>(Error::new(Code::Internal, "test"))
    });
    assert_eq!(failed.unwrap_err().to_string(), "[INTERNAL] test");
    assert_eq!(store.found("word"), [""; 0]);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        store.write(|write| -> han_base::Result<()> {
            write.messages().upsert("s", &[said("m", &at(1), "word")])?;
            panic!("test");
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(store.found("word"), [""; 0]);
    assert_eq!(store.read(|read| read.messages().count("s")).unwrap(), 0);
    // And in a reader, in another thread.
    let panicked = thread::scope(|scope| {
        scope
            .spawn(|| {
                store.read(|read| -> han_base::Result<()> {
                    read.messages().count("s")?;
                    panic!("test");
                })
            })
            .join()
    });
    assert!(panicked.is_err());
    assert_eq!(write().unwrap(), 1);
    assert_eq!(store.found("word"), ["m"]);
    store.assert_sound();
}
