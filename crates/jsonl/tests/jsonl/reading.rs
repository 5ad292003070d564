//! Counting, offsets, searching and streaming, held against the twin.

use crate::odd::{Sample, TwinLine, odd_content, twin_lines};
use han_base::Code;
use han_jsonl::{
    Condition, Filter, LineBatch, LineStream, Literal, Observer, StreamOptions, Unwatched, count_lines,
    line_offsets, search,
};
use proptest::prelude::*;
use std::{
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

fn plain(batch: &LineBatch) -> Vec<TwinLine> {
    batch
        .iter()
        .map(|line| TwinLine { number: line.number, offset: line.offset, bytes: line.bytes.to_vec() })
        .collect()
}

fn three_or_more() -> Filter {
    Filter::compile(&[Condition {
        field_path: Some("a".to_owned()),
        operator: Some("gte".to_owned()),
        value: Some(Literal::Number(3.0)),
        ..Condition::default()
    }])
    .unwrap()
}

fn stream_all(path: &Path, options: StreamOptions) -> (Vec<Vec<TwinLine>>, u64) {
    let mut stream = LineStream::open(path, options).unwrap();
    let mut batches = Vec::new();
    while let Some(batch) = stream.next_batch().unwrap() {
        batches.push(plain(&batch.lines));
    }
    assert!(stream.next_batch().unwrap().is_none(), "the end is the end");
    (batches, stream.lines_read())
}

proptest! {
    #[test]
    fn counting_and_offsets_agree_with_the_twin(content in odd_content()) {
        let sample = Sample::new(&content);
        let lines = twin_lines(&content);
        prop_assert_eq!(count_lines(&sample.path, &Unwatched).unwrap(), lines.len() as u64);
        let mut offsets: Vec<u64> = lines.iter().map(|line| line.offset).collect();
        if offsets.is_empty() {
            offsets.push(0);
        }
        prop_assert_eq!(line_offsets(&sample.path, &Unwatched).unwrap().offsets, offsets);
    }

    #[test]
    fn a_search_finds_the_lines_that_match_one_by_one(content in odd_content(), limit in proptest::option::of(0_u64..9)) {
        let sample = Sample::new(&content);
        let filter = three_or_more();
        let lines = twin_lines(&content);
        let matching: Vec<TwinLine> = lines.iter().filter(|line| filter.matches(&line.bytes)).cloned().collect();
        let found = search(&sample.path, &filter, limit, &Unwatched).unwrap();
        prop_assert_eq!((found.matched, found.scanned), (matching.len() as u64, lines.len() as u64));
        let kept: Vec<TwinLine> = found.batches.iter().flat_map(plain).collect();
        let wanted = limit.map_or(matching.len(), |limit| matching.len().min(limit as usize));
        prop_assert_eq!(&kept[..], &matching[..wanted]);
        prop_assert!(found.is_complete);
    }

    #[test]
    fn a_stream_gives_every_line_once(
        content in odd_content(), batch_lines in 1_usize..20, with_blank in any::<bool>(), filtered in any::<bool>(),
    ) {
        let sample = Sample::new(&content);
        let filter = filtered.then(three_or_more);
        let lines = twin_lines(&content);
        let expected: Vec<TwinLine> = lines
            .iter()
            .filter(|line| match &filter {
                Some(filter) => filter.matches(&line.bytes),
                None => with_blank || !line.is_blank(),
            })
            .cloned()
            .collect();
        let options = StreamOptions { batch_lines, with_blank, filter, ..StreamOptions::default() };
        let (batches, read) = stream_all(&sample.path, options);
        prop_assert_eq!(read, lines.len() as u64);
        let (last, full) = batches.split_last().map_or((&[][..], &[][..]), |(last, full)| (&last[..], full));
        prop_assert!(full.iter().all(|batch| batch.len() == batch_lines));
        prop_assert!(last.len() <= batch_lines);
        prop_assert_eq!(batches.concat(), expected);
    }

    #[test]
    fn a_stream_can_begin_at_any_line(content in odd_content(), pick in any::<prop::sample::Index>()) {
        let lines = twin_lines(&content);
        prop_assume!(!lines.is_empty());
        let first = pick.index(lines.len());
        let sample = Sample::new(&content);
        let options = || StreamOptions {
            with_blank: true,
            start_offset: lines[first].offset,
            start_line: lines[first].number,
            ..StreamOptions::default()
        };
        let (batches, read) = stream_all(&sample.path, options());
        prop_assert_eq!(batches.concat(), &lines[first..]);
        prop_assert_eq!(read, (lines.len() - first) as u64);
        let mut counting = LineStream::open(&sample.path, options()).unwrap();
        prop_assert_eq!(counting.count_rest().unwrap(), (lines.len() - first) as u64);
        prop_assert!(counting.next_batch().unwrap().is_none());
    }
}

/// Enough lines for several segments on several threads.
fn large_sample() -> (Sample, Vec<TwinLine>) {
    let mut content = Vec::new();
    for number in 0..60_000_u32 {
        let padding = "p".repeat((number % 400) as usize);
        content.extend(format!("{{\"a\":{},\"p\":\"{padding}\"}}\n", number % 10).bytes());
    }
    content.extend(b"{\"a\":9}");
    (Sample::new(&content), twin_lines(&content))
}

#[test]
fn several_threads_agree_with_the_twin() {
    let (sample, lines) = large_sample();
    assert_eq!(count_lines(&sample.path, &Unwatched).unwrap(), lines.len() as u64);
    let offsets: Vec<u64> = lines.iter().map(|line| line.offset).collect();
    assert_eq!(line_offsets(&sample.path, &Unwatched).unwrap().offsets, offsets);
    let filter = three_or_more();
    let matching: Vec<&TwinLine> = lines.iter().filter(|line| filter.matches(&line.bytes)).collect();
    for limit in [None, Some(0), Some(1), Some(20_000), Some(1 << 40)] {
        let found = search(&sample.path, &filter, limit, &Unwatched).unwrap();
        assert_eq!((found.matched, found.scanned), (matching.len() as u64, lines.len() as u64));
        let kept: Vec<TwinLine> = found.batches.iter().flat_map(plain).collect();
        let wanted = limit.map_or(matching.len(), |limit| matching.len().min(limit as usize));
        assert!(kept.iter().eq(matching[..wanted].iter().copied()), "limit {limit:?}");
    }
}

/// Counts what it is told, and cancels after so many bytes.
struct Counting {
    bytes: AtomicU64,
    lines: AtomicU64,
    cancel_after: u64,
}

impl Observer for Counting {
    fn advanced(&self, bytes: u64, lines: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.lines.fetch_add(lines, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > self.cancel_after
    }
}

#[test]
fn an_observer_is_told_everything_and_may_cancel() {
    let (sample, lines) = large_sample();
    let size = std::fs::metadata(&sample.path).unwrap().len();
    let counting = |cancel_after| Counting { bytes: 0.into(), lines: 0.into(), cancel_after };

    let patient = counting(u64::MAX);
    count_lines(&sample.path, &patient).unwrap();
    assert_eq!(patient.bytes.load(Ordering::Relaxed), size);
    // The last line has no newline to be told of.
    assert_eq!(patient.lines.load(Ordering::Relaxed), lines.len() as u64 - 1);
    let patient = counting(u64::MAX);
    search(&sample.path, &three_or_more(), None, &patient).unwrap();
    assert_eq!(patient.bytes.load(Ordering::Relaxed), size);
    assert_eq!(patient.lines.load(Ordering::Relaxed), lines.len() as u64);

    let code = count_lines(&sample.path, &counting(size / 3)).unwrap_err().code();
    assert_eq!(code, Code::Cancelled);
    let filter = three_or_more();
    let found = search(&sample.path, &filter, None, &counting(size / 2)).unwrap();
    assert!(!found.is_complete);
    assert!(found.scanned < lines.len() as u64, "{}", found.scanned);
    let kept: Vec<TwinLine> = found.batches.iter().flat_map(plain).collect();
    let head = &lines[..found.scanned as usize];
    let expected: Vec<&TwinLine> = head.iter().filter(|line| filter.matches(&line.bytes)).collect();
    assert!(kept.iter().eq(expected.iter().copied()), "what was found is whole from the head on");
}

#[test]
fn what_is_no_regular_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let filter = three_or_more();
    for (path, code) in [(missing.as_path(), Code::FileNotFound), (folder.path(), Code::NotAFile)] {
        assert_eq!(count_lines(path, &Unwatched).unwrap_err().code(), code);
        assert_eq!(line_offsets(path, &Unwatched).unwrap_err().code(), code);
        assert_eq!(search(path, &filter, None, &Unwatched).unwrap_err().code(), code);
        assert_eq!(LineStream::open(path, StreamOptions::default()).unwrap_err().code(), code);
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_is_refused_without_waiting_but_can_be_streamed() {
    use std::{ffi::CString, io::Write, os::unix::ffi::OsStrExt, thread};

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    let name = CString::new(path.as_os_str().as_bytes()).unwrap();
    // SAFETY: the name is a text with its final NUL.
    assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
    assert_eq!(count_lines(&path, &Unwatched).unwrap_err().code(), Code::NotAFile);

    let writer = thread::spawn({
        let path = path.clone();
        move || {
            let mut pipe = std::fs::OpenOptions::new().write(true).open(path).unwrap();
            pipe.write_all(b"{\"a\":1}\n{\"a\":").unwrap();
            pipe
        }
    });
    let mut stream = LineStream::open(&path, StreamOptions::default()).unwrap();
    let mut pipe = writer.join().unwrap();
    // The first line is given although the batch is not full and the pipe is open.
    assert_eq!(plain(&stream.next_batch().unwrap().unwrap().lines).len(), 1);
    pipe.write_all(b"2}").unwrap();
    drop(pipe);
    let last = stream.next_batch().unwrap().unwrap();
    assert_eq!(last.lines.get(0).unwrap().bytes, b"{\"a\":2}");
    assert!(stream.next_batch().unwrap().is_none());
}
