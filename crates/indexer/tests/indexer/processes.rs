//! Processes that are killed while they index, and several that index at the same time.

use crate::{
    cancel::{CLEAN_STORE, write_much},
    dump::{assert_same, dump},
    index, open,
};
use han_db::Database;
use han_indexer::{IndexProgress, Observer, Status, Unwatched, index_config_dirs, index_file};
use han_testkit::{ConfigDir, Transcript};
use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

/// Names the config folder to the process that indexes.
const CONFIG_DIR: &str = "HAN_TEST_CONFIG_DIR";

/// Names the database to the process that indexes.
const DATABASE: &str = "HAN_TEST_DATABASE";

/// Writes a line for each call.
struct Told;

impl Observer for Told {
    fn progress(&self, progress: &IndexProgress) {
        println!("progress {}", progress.bytes_done);
    }

    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Indexes when it is told to: the work of the processes that other tests start.
#[test]
#[ignore = "other tests start it as a process of its own"]
fn a_process_that_indexes() {
    let database = Database::open(&PathBuf::from(env::var_os(DATABASE).unwrap())).unwrap();
    println!("ready");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    let config_dir = PathBuf::from(env::var_os(CONFIG_DIR).unwrap());
    let report = index_config_dirs(&database, &[config_dir], &Told).unwrap();
    assert_eq!((report.status, report.files_failed), (Status::Complete, 0), "{:?}", report.results);
}

fn start(config: &ConfigDir) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "processes::a_process_that_indexes", "--ignored", "--nocapture"])
        .env(CONFIG_DIR, config.path())
        .env(DATABASE, config.database_path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// Reads the lines of a process up to and with the first that begins with `word`; false at the end of its output.
fn wait_for(output: &mut impl BufRead, word: &str) -> bool {
    let mut line = String::new();
    loop {
        line.clear();
        if output.read_line(&mut line).unwrap() == 0 {
            return false;
        }
        if line.starts_with(word) {
            return true;
        }
    }
}

#[test]
fn a_run_that_is_killed_anywhere_is_taken_up_by_the_next() {
    for round in 0..5_u64 {
        let config = ConfigDir::new();
        write_much(&config);
        // Two runs are killed, at other places each time; the third one comes to the end.
        for kill in 0..2_u64 {
            let mut child = start(&config);
            let mut output = BufReader::new(child.stdout.take().unwrap());
            assert!(wait_for(&mut output, "ready"));
            child.stdin.take().unwrap().write_all(b"go\n").unwrap();
            for _ in 0..=(round + kill) % 4 {
                wait_for(&mut output, "progress");
            }
            // Somewhere in the next transaction.
            spin(Duration::from_micros((round * 2 + kill) * 3700 % 30_000));
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let database = open(&config);
        index(&database, config.path());
        assert_same(&dump(&database, config.path()), &CLEAN_STORE);
    }
}

#[test]
fn two_processes_may_index_the_same_files_at_the_same_time() {
    for _ in 0..2 {
        let config = ConfigDir::new();
        write_much(&config);
        let mut children = [start(&config), start(&config)];
        let mut outputs = children.each_mut().map(|child| BufReader::new(child.stdout.take().unwrap()));
        for output in &mut outputs {
            assert!(wait_for(output, "ready"));
        }
        for child in &mut children {
            child.stdin.take().unwrap().write_all(b"go\n").unwrap();
        }
        for output in &mut outputs {
            while wait_for(output, "progress") {}
        }
        for child in &mut children {
            assert!(child.wait().unwrap().success());
        }
        let database = open(&config);
        assert_same(&dump(&database, config.path()), &CLEAN_STORE);
    }
}

#[test]
fn a_process_that_is_killed_leaves_its_work_to_the_other() {
    for round in 0..3_u64 {
        let config = ConfigDir::new();
        write_much(&config);
        let [mut killed, mut other] = [start(&config), start(&config)];
        let mut output_of_killed = BufReader::new(killed.stdout.take().unwrap());
        let mut output_of_other = BufReader::new(other.stdout.take().unwrap());
        for (child, output) in [(&mut killed, &mut output_of_killed), (&mut other, &mut output_of_other)] {
            assert!(wait_for(output, "ready"));
            child.stdin.take().unwrap().write_all(b"go\n").unwrap();
        }
        wait_for(&mut output_of_killed, "progress");
        spin(Duration::from_micros(round * 21_000));
        killed.kill().unwrap();
        killed.wait().unwrap();
        while wait_for(&mut output_of_other, "progress") {}
        assert!(other.wait().unwrap().success());
        let database = open(&config);
        index(&database, config.path());
        assert_same(&dump(&database, config.path()), &CLEAN_STORE);
    }
}

/// Waits without giving up the processor: long enough for another process to come a little further.
fn spin(time: Duration) {
    let end = Instant::now() + time;
    while Instant::now() < end {
        std::hint::spin_loop();
    }
}

/// Does something else at one of the calls.
struct AtCall<F> {
    calls_before: AtomicUsize,
    work: F,
}

impl<F: Fn() + Sync> Observer for AtCall<F> {
    fn progress(&self, _progress: &IndexProgress) {
        if self.calls_before.fetch_sub(1, Ordering::Relaxed) == 0 {
            (self.work)();
        }
    }

    fn is_cancelled(&self) -> bool {
        false
    }
}

#[test]
fn a_file_may_be_rewritten_and_indexed_beside_a_long_run() {
    const SMALL: &str = "b16b0001-0000-4000-8000-000000000001";
    let path = format!("-home-dev-app/{SMALL}.jsonl");
    let mut lines = Transcript::new(SMALL);
    let start = lines.prompt("the beginning").take();
    let end = lines.prompt("the first ending").take();
    let other_end = end.replace("first", "other");

    let clean = ConfigDir::new();
    clean.write(&path, "");
    write_much(&clean);
    clean.write(&path, format!("{start}{other_end}"));
    let database = open(&clean);
    index(&database, clean.path());
    let expected = dump(&database, clean.path());

    // At the beginning, and once rows are stored whose text may wait for the end of the run.
    for calls_before in [0, 1] {
        let config = ConfigDir::new();
        let file = config.write(&path, format!("{start}{end}"));
        let database = open(&config);
        index(&database, config.path());
        write_much(&config);
        let work = || {
            config.write(&path, format!("{start}{other_end}"));
            let report = index_file(&open(&config), &file, None, &Unwatched).unwrap();
            assert_eq!((report.files_failed, report.messages_indexed), (0, 2));
        };
        let observer = AtCall { calls_before: AtomicUsize::new(calls_before), work };
        index_config_dirs(&database, &[config.path().to_owned()], &observer).unwrap();
        assert_same(&dump(&database, config.path()), &expected);
    }
}
