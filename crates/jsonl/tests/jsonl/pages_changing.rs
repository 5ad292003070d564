//! Pages of files that are truncated, replaced and regrown while they are read, and reading by several threads.

use crate::{
    index_twin::{check_reading, many_lines},
    odd::Sample,
};
use han_base::{Code, Result};
use han_jsonl::{Indexes, Unwatched, read_indexed, read_tail};
use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

/// Truncates, lets grow and replaces until it is told to stop.
fn disturb(path: &Path, content: &[u8], stop: &AtomicBool) {
    let beside = path.with_extension("new");
    while !stop.load(Ordering::Relaxed) {
        OpenOptions::new().write(true).open(path).unwrap().set_len(content.len() as u64 / 3).unwrap();
        let mut file = OpenOptions::new().append(true).open(path).unwrap();
        for piece in content[content.len() / 3..].chunks(100_000) {
            file.write_all(piece).unwrap();
        }
        fs::write(&beside, content).unwrap();
        fs::rename(&beside, path).unwrap();
        fs::remove_file(path).unwrap();
        fs::write(path, content).unwrap();
    }
}

/// Every way to read; whatever comes must be lines of the content, or an error with a code.
fn read_all_ways(indexes: &Indexes, path: &Path, round: u64) -> Vec<Result<usize>> {
    let number = round * 37 % 3000;
    let looks_right = |batch: &han_jsonl::LineBatch| {
        for line in batch.iter() {
            assert!(line.bytes.len() < 400, "a line that the content does not have");
        }
        batch.len()
    };
    vec![
        indexes.read_page(path, number, 50).map(|page| looks_right(&page.lines)),
        indexes.read_reverse(path, 50).map(|lines| looks_right(&lines)),
        indexes.read_lines(path, &[number, number + 1, 5]).map(|lines| looks_right(&lines)),
        read_indexed(path, &[0, number], &[1]).map(|lines| looks_right(&lines)),
        read_tail(path, 50, None).map(|tail| looks_right(&tail.lines)),
        indexes.stats(path).map(|stats| stats.line_count as usize),
        indexes.update(path, &Unwatched).map(|report| report.line_count as usize),
        indexes.load(path).map(|offsets| offsets.map_or(0, |offsets| offsets.offsets.len())),
    ]
}

#[test]
fn pages_survive_every_change() {
    let content = many_lines(0, 6000);
    let sample = Sample::new(&content);
    let path = &sample.path;
    let indexes = Indexes::new(None);
    let stop = AtomicBool::new(false);
    let answers = thread::scope(|scope| {
        scope.spawn(|| disturb(path, &content, &stop));
        let readers: Vec<_> = (0..3).map(|_| scope.spawn(|| read_for(&indexes, path))).collect();
        let answers: Vec<usize> = readers.into_iter().map(|reader| reader.join().unwrap()).collect();
        stop.store(true, Ordering::Relaxed);
        answers
    });
    assert!(answers.iter().all(|&answers| answers > 0), "some reading must have come through: {answers:?}");
    check_reading(&indexes, path);
    check_reading(&Indexes::new(None), path);
}

fn read_for(indexes: &Indexes, path: &Path) -> usize {
    let end = Instant::now() + Duration::from_secs(3);
    let mut answers = 0;
    for round in 0.. {
        if Instant::now() > end {
            break;
        }
        for outcome in read_all_ways(indexes, path, round) {
            match outcome {
                Ok(_) => answers += 1,
                Err(error) => assert!(
                    matches!(error.code(), Code::FileChanged | Code::FileNotFound | Code::InvalidArgument),
                    "{error}"
                ),
            }
        }
    }
    answers
}

#[test]
fn threads_share_what_is_known() {
    let samples: Vec<Sample> = (1..5).map(|size| Sample::new(&many_lines(size, 700 * size))).collect();
    let indexes = Indexes::new(None);
    thread::scope(|scope| {
        for first in 0..4 {
            let (samples, indexes) = (&samples, &indexes);
            scope.spawn(move || {
                for at in 0..20 {
                    check_reading(indexes, &samples[(first + at) % samples.len()].path);
                }
            });
        }
    });
}

#[test]
fn a_reader_follows_a_growing_file_page_by_page() {
    let sample = Sample::new(b"");
    let path = &sample.path;
    let indexes = Indexes::new(None);
    let writing = AtomicBool::new(true);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = OpenOptions::new().append(true).open(path).unwrap();
            for number in 0..3000 {
                file.write_all(format!("{{\"n\":{number},\"p\":\"{}\"}}\n", "p".repeat(200)).as_bytes())
                    .unwrap();
            }
            writing.store(false, Ordering::Relaxed);
        });
        let mut next = 0;
        loop {
            let is_last = !writing.load(Ordering::Relaxed);
            let page = indexes.read_page(path, next, 100).unwrap();
            // The last line may be torn: then it is read again.
            for line in page.lines.iter().filter(|line| line.bytes.ends_with(b"\"}")) {
                assert!(line.bytes.starts_with(format!("{{\"n\":{next},").as_bytes()));
                assert_eq!(line.number, next);
                next += 1;
            }
            assert!(page.next_offset - next <= 1);
            if is_last && !page.has_more {
                break;
            }
        }
        assert_eq!(next, 3000);
    });
}
