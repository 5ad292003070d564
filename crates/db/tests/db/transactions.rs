//! Calls inside a transaction of the same thread: they join it, and each of them fails alone.

use crate::fixture::{Store, said, session};
use han_base::{Code, Error, Result};
use han_db::{Database, RepoInput, SessionFileChangeInput};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

fn add(database: &Database, session_id: &str) {
    database.write(|write| write.sessions().upsert(&session(session_id))).unwrap();
}

fn has(database: &Database, session_id: &str) -> bool {
    database.read(|read| read.sessions().get(session_id)).unwrap().is_some()
}

/// Runs `work` inside a transaction, as a callback would.
fn inside<T>(database: &Database, work: impl FnOnce() -> Result<T>) -> Result<T> {
    database.write(|_| work())
}

fn give_up<T>() -> Result<T> {
    Err(Error::new(Code::Cancelled, "give up"))
}

#[test]
fn calls_join_the_transaction_of_their_thread() {
    let store = Store::new();
    inside(&store, || {
        add(&store, "a");
        assert!(has(&store, "a"), "a read sees what was written");
        thread::scope(|scope| {
            scope.spawn(|| assert!(!has(&store, "a"), "another thread does not yet"));
        });
        Ok(())
    })
    .unwrap();
    assert!(has(&store, "a"));

    inside(&store, || {
        add(&store, "b");
        store.insert("b", &[said("m", "2026-01-01T00:00:00Z", "word")])?;
        assert_eq!(store.found("word"), ["m"]);
        give_up::<()>()
    })
    .unwrap_err();
    assert!(!has(&store, "b"));
    assert_eq!(store.found("word"), [""; 0]);
    store.assert_sound();
}

#[test]
fn a_call_that_fails_undoes_itself_alone() {
    let store = Store::new();
    inside(&store, || {
        add(&store, "a");
        let failed = store.write(|write| {
            write.sessions().upsert(&session("b"))?;
            write.file_changes().record(&SessionFileChangeInput::default())
        });
        assert_eq!(failed.unwrap_err().code(), Code::DbConstraint);
        assert!(!has(&store, "b") && has(&store, "a"));
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            store.write(|write| -> Result<()> {
                write.sessions().upsert(&session("c"))?;
                panic!("as asked")
            })
        }));
        assert!(panicked.is_err());
        assert!(!has(&store, "c") && has(&store, "a"));
        add(&store, "d");
        Ok(())
    })
    .unwrap();
    assert_eq!(["a", "b", "c", "d"].map(|id| has(&store, id)), [true, false, false, true]);
}

#[test]
fn transactions_inside_are_savepoints_at_any_depth() {
    let store = Store::new();
    inside(&store, || {
        add(&store, "1");
        inside(&store, || {
            add(&store, "2");
            inside(&store, || {
                add(&store, "3");
                give_up::<()>()
            })
            .unwrap_err();
            add(&store, "4");
            Ok(())
        })
        .unwrap();
        inside(&store, || {
            add(&store, "5");
            inside(&store, || {
                add(&store, "6");
                Ok(())
            })?;
            give_up::<()>()
        })
        .unwrap_err();
        Ok(())
    })
    .unwrap();
    let found = ["1", "2", "3", "4", "5", "6"].map(|id| has(&store, id));
    assert_eq!(found, [true, true, false, true, false, false]);
}

#[test]
fn a_panic_rolls_everything_back_and_leaves_the_writer_free() {
    let store = Store::new();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        inside(&store, || -> Result<()> {
            add(&store, "a");
            panic!("as asked")
        })
    }));
    assert!(panicked.is_err());
    thread::scope(|scope| {
        scope.spawn(|| {
            assert!(!has(&store, "a"));
            add(&store, "b");
        });
    });
    assert!(has(&store, "b"));
}

#[test]
fn a_bulk_writer_joins_too() {
    let store = Store::new();
    inside(&store, || {
        let mut writer = store.bulk_writer();
        for id in ["a", "b"] {
            writer.transaction(|write| write.sessions().upsert(&session(id)))?;
            writer.yield_to_others();
            writer.checkpoint()?;
        }
        drop(writer);
        assert!(has(&store, "b"));
        give_up::<()>()
    })
    .unwrap_err();
    assert!(!has(&store, "a"));
    store.bulk_writer().checkpoint().unwrap();

    // The other way round: what is called between the transactions of a bulk writer is no part of one.
    let mut writer = store.bulk_writer();
    writer.transaction(|write| write.sessions().upsert(&session("c"))).unwrap();
    add(&store, "d");
    assert!(has(&store, "c"));
    drop(writer);
    assert!(has(&store, "d"));
}

#[test]
fn other_databases_are_independent() {
    let (one, other) = (Store::new(), Store::new());
    inside(&one, || {
        add(&one, "a");
        add(&other, "b");
        thread::scope(|scope| {
            scope.spawn(|| assert!(has(&other, "b"), "committed at once"));
        });
        inside(&other, || {
            add(&other, "c");
            give_up::<()>()
        })
        .unwrap_err();
        assert!(has(&one, "a"));
        give_up::<()>()
    })
    .unwrap_err();
    assert!(!has(&one, "a") && has(&other, "b") && !has(&other, "c"));
}

#[test]
fn threads_wait_for_a_transaction_and_lose_nothing() {
    let store = Store::new();
    let threads = 6;
    let start = Barrier::new(threads);
    thread::scope(|scope| {
        for thread in 0..threads {
            let (store, start) = (&store, &start);
            scope.spawn(move || {
                start.wait();
                for round in 0..20 {
                    let result = inside(store, || {
                        for part in 0..5 {
                            add(store, &format!("{thread}-{round}-{part}"));
                        }
                        if round % 4 == 0 { give_up() } else { Ok(()) }
                    });
                    assert_eq!(result.is_err(), round % 4 == 0);
                }
            });
        }
    });
    for thread in 0..threads {
        for round in 0..20 {
            for part in 0..5 {
                assert_eq!(has(&store, &format!("{thread}-{round}-{part}")), round % 4 != 0);
            }
        }
    }
}

#[test]
fn a_bulk_writer_lets_transactions_of_other_threads_in_between() {
    let store = Store::new();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let (store, stop) = (&store, &stop);
        scope.spawn(move || {
            let mut writer = store.bulk_writer();
            let mut number = 0;
            while !stop.load(Ordering::Relaxed) {
                writer
                    .transaction(|write| write.sessions().upsert(&session(&format!("bulk-{number}"))))
                    .unwrap();
                writer.yield_to_others();
                number += 1;
            }
        });
        let begun = Instant::now();
        while !has(store, "bulk-0") {
            thread::yield_now();
        }
        for number in 0..50 {
            inside(store, || {
                add(store, &format!("in-between-{number}"));
                assert!(has(store, &format!("in-between-{number}")));
                Ok(())
            })
            .unwrap();
        }
        stop.store(true, Ordering::Relaxed);
        assert!(begun.elapsed() < Duration::from_secs(20));
    });
    assert!(has(&store, "in-between-49"));
}

/// Two threads that each hold the writer of one database and want that of the other: one of them gives up.
#[test]
#[ignore = "waits for 30 seconds"]
fn threads_that_wait_for_each_other_are_told_so() {
    let (one, other) = (Store::new(), Store::new());
    let both_hold = Barrier::new(2);
    let crossing = |mine: &Database, theirs: &Database| {
        inside(mine, || {
            both_hold.wait();
            theirs.write(|write| write.sessions().upsert(&session("s"))).map(|_| ())
        })
    };
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        let (sender, crossing, one, other) = (&sender, &crossing, &one, &other);
        scope.spawn(move || sender.send(crossing(one, other)).unwrap());
        sender.send(crossing(other, one)).unwrap();
    });
    let codes: Vec<_> =
        receiver.try_iter().filter_map(|result| result.err().map(|error| error.code())).collect();
    assert!(!codes.is_empty() && codes.iter().all(|code| *code == Code::DbBusy), "{codes:?}");
}

#[test]
fn a_transaction_that_sqlite_gave_up_is_not_gone_on_with() {
    let store = Store::new();
    // As SQLite does by itself when, for instance, the disk is full.
    let rolls_back =
        "CREATE TRIGGER gives_up BEFORE INSERT ON repos BEGIN SELECT RAISE(ROLLBACK, 'as asked'); END";
    store.plain().execute(rolls_back, []).unwrap();
    let result = inside(&store, || {
        add(&store, "a");
        let failed = store.write(|write| write.repos().upsert(&RepoInput::default()));
        assert_eq!(failed.unwrap_err().code(), Code::DbConstraint);
        let next = store.write(|write| write.sessions().upsert(&session("b")));
        assert_eq!(next.unwrap_err().code(), Code::TransactionLost);
        let read = store.read(|read| read.sessions().get("a"));
        assert_eq!(read.unwrap_err().code(), Code::TransactionLost);
        Ok(())
    });
    assert_eq!(result.unwrap_err().code(), Code::TransactionLost);
    assert!(!has(&store, "a") && !has(&store, "b"));
    add(&store, "c");
    assert!(has(&store, "c"));
}
