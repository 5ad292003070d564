//! Runs that are ended early.

use crate::{
    dump::{Dump, assert_same, assert_sound, dump},
    index, open,
    oracle::hits,
};
use han_db::Database;
use han_indexer::{IndexProgress, Observer, Phase, Status, index_config_dirs};
use han_testkit::{ConfigDir, Transcript};
use std::sync::{
    LazyLock, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

/// Rows of the files of [`write_much`].
const ROWS: u64 = 3612;

/// Files that take many transactions: long ones, and short ones between them.
pub(crate) fn write_much(config: &ConfigDir) {
    for file in 0..4 {
        let session = format!("ca2ce100-0000-4000-8000-{file:012}");
        let mut lines = Transcript::new(&session);
        let count = if file % 2 == 0 { 900 } else { 3 };
        for number in 0..count {
            let words = format!("file {file} line {number} some words that are searched for ").repeat(40);
            lines.prompt(&words).reply(&words, number);
        }
        // Each session has lines and replies of its own.
        let text =
            lines.text().replace("ca2ce100-0000-4000-8000", &format!("ca2ce1{file:02}-0000-4000-8000"));
        let text = text.replace("msg_ca2ce100", &format!("msg_{file}"));
        config.write(&format!("-home-dev-app/ca2ce1{file:02}-0000-4000-8000-{file:012}.jsonl"), text);
    }
}

/// The store of one run over the files of [`write_much`].
pub(crate) static CLEAN_STORE: LazyLock<Dump> = LazyLock::new(|| {
    let config = ConfigDir::new();
    write_much(&config);
    let database = open(&config);
    assert_eq!(index(&database, config.path()).messages_indexed, ROWS);
    dump(&database, config.path())
});

/// Ends the run after some calls.
struct EndAfter {
    calls_left: AtomicUsize,
    seen: Mutex<Vec<IndexProgress>>,
}

impl EndAfter {
    fn calls(calls: usize) -> Self {
        Self { calls_left: AtomicUsize::new(calls), seen: Mutex::default() }
    }
}

impl Observer for EndAfter {
    fn progress(&self, progress: &IndexProgress) {
        self.seen.lock().unwrap().push(progress.clone());
        let _ =
            self.calls_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
    }

    fn is_cancelled(&self) -> bool {
        self.calls_left.load(Ordering::Relaxed) == 0
    }
}

fn run(database: &Database, config: &ConfigDir, observer: &EndAfter) -> han_indexer::IndexReport {
    index_config_dirs(database, &[config.path().to_owned()], observer).unwrap()
}

#[test]
fn a_cancelled_run_keeps_what_it_stored_and_the_next_one_goes_on() {
    let config = ConfigDir::new();
    write_much(&config);
    // How much is stored between two calls depends on the machine: the first run that comes to its end is the last.
    for calls in 0.. {
        let folder = ConfigDir::new();
        let database = open(&folder);
        let report = run(&database, &config, &EndAfter::calls(calls));
        let stored = database.read(|read| read.archive().stats()).unwrap();
        assert_eq!(stored.messages as u64, report.messages_indexed);
        if calls < 2 {
            assert_eq!(
                (report.status, report.messages_indexed),
                (Status::Partial, 0),
                "it ends before it begins"
            );
        }
        // A run that is cancelled behind its last row may have stored them all.
        assert!(report.status == Status::Partial || report.messages_indexed == ROWS);
        assert_sound(&database);
        let rest = index(&database, config.path());
        assert_eq!(report.messages_indexed + rest.messages_indexed, ROWS);
        let stored = database.read(|read| read.archive().stats()).unwrap();
        assert_eq!(report.bytes_read + rest.bytes_read, stored.source_bytes as u64, "nothing is read twice");
        assert_same(&dump(&database, config.path()), &CLEAN_STORE);
        if report.status == Status::Complete {
            break;
        }
    }
}

#[test]
fn a_cancelled_run_over_a_rewritten_file_is_finished_by_the_next_one() {
    let config = ConfigDir::new();
    write_much(&config);
    let database = open(&config);
    index(&database, config.path());
    // The same size, so that only the bytes tell.
    let path = "-home-dev-app/ca2ce100-0000-4000-8000-000000000000.jsonl";
    let mut text = std::fs::read_to_string(config.at(path)).unwrap();
    let words = ["searched", "inquired", "examined", "surveyed"];
    for calls in 1..4 {
        let (before, now) = (words[calls - 1], words[calls]);
        text = text.replace(before, now);
        config.write(path, &text);
        run(&database, &config, &EndAfter::calls(calls));
        index(&database, config.path());
        let stats = database.read(|read| read.archive().stats()).unwrap();
        assert_eq!(stats.messages as u64, ROWS);
        // The other files hold the first word.
        let left = if calls == 1 { 1812 } else { 0 };
        assert_eq!((hits(&database, before), hits(&database, now)), (left, 1800), "after {calls} calls");
        assert_sound(&database);
    }
}

#[test]
fn progress_goes_on_to_the_end() {
    let config = ConfigDir::new();
    write_much(&config);
    let database = open(&config);
    let observer = EndAfter::calls(usize::MAX);
    let report = run(&database, &config, &observer);
    assert_eq!(report.status, Status::Complete);
    let seen = observer.seen.into_inner().unwrap();
    assert!(seen.len() > 2, "{} calls", seen.len());
    for pair in seen.windows(2) {
        assert!(pair[0].bytes_done <= pair[1].bytes_done && pair[0].files_done <= pair[1].files_done);
        assert!(pair[0].elapsed <= pair[1].elapsed);
    }
    let last = seen.last().unwrap();
    assert_eq!((last.phase, last.files_done, last.messages), (Phase::Finish, 4, ROWS));
    assert_eq!((last.bytes_done, last.bytes_total), (report.bytes_read, report.bytes_read));
}

/// Ends the run when the first rows are stored, and counts how often it asks for more afterwards.
struct EndSoon {
    is_ended: AtomicBool,
    reports_after: AtomicUsize,
}

impl Observer for EndSoon {
    fn progress(&self, progress: &IndexProgress) {
        if self.is_ended.load(Ordering::Relaxed) {
            self.reports_after.fetch_add(1, Ordering::Relaxed);
        }
        if progress.messages > 0 {
            self.is_ended.store(true, Ordering::Relaxed);
        }
    }

    fn is_cancelled(&self) -> bool {
        self.is_ended.load(Ordering::Relaxed)
    }
}

/// Ends the run when all rows are stored, and their text is about to be brought into the search index.
struct EndAtLast(AtomicBool);

impl Observer for EndAtLast {
    fn progress(&self, progress: &IndexProgress) {
        self.0.store(progress.files_done == progress.files_total, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[test]
fn a_run_that_is_cancelled_behind_its_last_row_says_so_and_the_next_one_makes_its_text_found() {
    let config = ConfigDir::new();
    write_much(&config);
    let folder = ConfigDir::new();
    let database = open(&folder);
    let observer = EndAtLast(AtomicBool::new(false));
    let report = index_config_dirs(&database, &[config.path().to_owned()], &observer).unwrap();
    assert_eq!((report.status, report.messages_indexed), (Status::Partial, ROWS));
    assert!(!database.read(|read| read.search().is_complete()).unwrap());
    assert_eq!(hits(&database, "searched"), 0);

    assert_eq!(index(&database, config.path()).messages_indexed, 0);
    assert!(database.read(|read| read.search().is_complete()).unwrap());
    assert_same(&dump(&database, config.path()), &CLEAN_STORE);
    assert_sound(&database);
}

#[test]
fn a_cancelled_run_does_no_more_work_and_the_next_one_makes_its_text_found() {
    let config = ConfigDir::new();
    let session = "ca2ce1ff-0000-4000-8000-000000000000";
    let mut lines = Transcript::new(session);
    for number in 0..6_000_u64 {
        // Words that few lines share, so that much is to be brought into the search index.
        let words: Vec<String> = (0..150)
            .map(|word| format!("w{:x}", (number * 151 + word) * 2_654_435_761 % 1_000_003))
            .collect();
        lines.prompt(&words.join(" "));
    }
    config.write(&format!("-home-dev-app/{session}.jsonl"), lines.text());
    let database = open(&config);
    let observer = EndSoon { is_ended: AtomicBool::new(false), reports_after: AtomicUsize::new(0) };
    let report = index_config_dirs(&database, &[config.path().to_owned()], &observer).unwrap();
    assert_eq!(report.status, Status::Partial);
    let stored = database.read(|read| read.archive().stats()).unwrap().messages as u64;
    assert!(stored > 0 && stored < 6_000, "{stored} rows are stored");
    assert_eq!(report.messages_indexed, stored);
    // The one that says that it is over.
    assert!(observer.reports_after.into_inner() <= 2);

    let rest = index(&database, config.path());
    assert_eq!(stored + rest.messages_indexed, 6_000);
    assert!(database.read(|read| read.search().is_complete()).unwrap());
    assert_sound(&database);
    let first = format!("w{:x}", 2_654_435_761_u64 % 1_000_003);
    assert!(hits(&database, &first) > 0);
}
