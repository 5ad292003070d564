//! Files that are truncated, replaced and removed while they are read end in an answer or in a code, never in a signal.

use crate::odd::Sample;
use han_base::{Code, Error};
use han_jsonl::{Condition, Filter, LineStream, StreamOptions, Unwatched, count_lines, line_offsets, search};
use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

const LINE: &[u8] =
    b"{\"type\":\"user\",\"message\":{\"content\":\"some words, so that a file is soon large enough\"}}\n";
const LINES: usize = 60_000;

/// Truncates, appends, replaces and removes until it is told to stop.
fn disturb(path: &Path, stop: &AtomicBool) {
    let content = LINE.repeat(LINES);
    let beside = path.with_extension("new");
    while !stop.load(Ordering::Relaxed) {
        OpenOptions::new().write(true).open(path).unwrap().set_len(LINE.len() as u64 * 10 + 3).unwrap();
        OpenOptions::new().append(true).open(path).unwrap().write_all(&content).unwrap();
        fs::write(&beside, &content).unwrap();
        fs::rename(&beside, path).unwrap();
        OpenOptions::new().write(true).open(path).unwrap().set_len(0).unwrap();
        fs::remove_file(path).unwrap();
        fs::write(path, &content).unwrap();
    }
}

fn assert_expected(error: &Error) {
    assert!(matches!(error.code(), Code::FileChanged | Code::FileNotFound), "{error}");
}

#[test]
fn reading_survives_every_change() {
    let sample = Sample::new(&LINE.repeat(LINES));
    let path = &sample.path;
    let has_type = Condition {
        field_path: Some("type".to_owned()),
        operator: Some("exists".to_owned()),
        ..Condition::default()
    };
    let filter = Filter::compile(&[has_type]).unwrap();
    let stop = AtomicBool::new(false);
    let mut answers = 0;
    thread::scope(|scope| {
        scope.spawn(|| disturb(path, &stop));
        let end = Instant::now() + Duration::from_secs(3);
        while Instant::now() < end {
            let outcomes = [
                count_lines(path, &Unwatched).map(drop),
                line_offsets(path, &Unwatched).map(drop),
                search(path, &filter, None, &Unwatched).map(drop),
                stream_to_the_end(path),
            ];
            for outcome in outcomes {
                match outcome {
                    Ok(()) => answers += 1,
                    Err(error) => assert_expected(&error),
                }
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(answers > 0, "some reading must have come through");
    assert_eq!(count_lines(path, &Unwatched).unwrap(), LINES as u64);
}

fn stream_to_the_end(path: &Path) -> han_base::Result<()> {
    let mut stream = LineStream::open(path, StreamOptions::default())?;
    while stream.next_batch()?.is_some() {}
    Ok(())
}

#[test]
fn a_stream_of_a_file_that_became_shorter_says_so() {
    let sample = Sample::new(&LINE.repeat(LINES));
    let mut stream = LineStream::open(&sample.path, StreamOptions::default()).unwrap();
    stream.next_batch().unwrap().unwrap();
    OpenOptions::new().write(true).open(&sample.path).unwrap().set_len(10).unwrap();
    let error = loop {
        match stream.next_batch() {
            Ok(batch) => assert!(batch.is_some(), "the end must not look like a whole file"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.code(), Code::FileChanged);
}
