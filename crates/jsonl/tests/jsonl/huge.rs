//! A line of 300 MB, and a file beyond 4 GiB, in bounded memory.

use han_jsonl::{
    CUT_LINE_BYTES, Condition, Filter, LineStream, StreamOptions, Unwatched, count_lines, line_offsets,
    search,
};
use std::{
    fs::File,
    io::{Seek, SeekFrom, Write},
    path::Path,
};

const LONG: u64 = 300 * 1024 * 1024;

/// A short line, a line of 300 MB of NUL, which takes no space on the disk, and a short line.
fn write_long_line(path: &Path) {
    let mut file = File::create(path).unwrap();
    file.write_all(b"{\"a\":1}\n").unwrap();
    file.seek(SeekFrom::Current(LONG as i64)).unwrap();
    file.write_all(b"\n{\"a\":2}\n").unwrap();
}

/// The most memory that this process has had, in bytes.
pub(crate) fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}

#[test]
fn a_line_of_300_mb_is_counted_and_cut_in_bounded_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.jsonl");
    write_long_line(&path);
    let before = peak_memory();
    assert_eq!(count_lines(&path, &Unwatched).unwrap(), 3);
    assert_eq!(line_offsets(&path, &Unwatched).unwrap().offsets, [0, 8, 8 + LONG + 1]);

    let exists = Condition {
        field_path: Some("a".to_owned()),
        operator: Some("exists".to_owned()),
        ..Condition::default()
    };
    let filter = Filter::compile(&[exists]).unwrap();
    let found = search(&path, &filter, None, &Unwatched).unwrap();
    assert_eq!((found.matched, found.scanned), (2, 3));
    let numbers: Vec<u64> =
        found.batches.iter().flat_map(|batch| batch.iter().map(|line| line.number)).collect();
    assert_eq!(numbers, [0, 2]);

    let mut stream = LineStream::open(&path, StreamOptions::default()).unwrap();
    let mut seen = Vec::new();
    while let Some(batch) = stream.next_batch().unwrap() {
        seen.extend(
            batch.lines.iter().map(|line| (line.number, line.offset, line.bytes.len(), line.omitted)),
        );
    }
    let cut = (1, 8, CUT_LINE_BYTES, LONG - CUT_LINE_BYTES as u64);
    assert_eq!(seen, [(0, 0, 7, 0), cut, (2, 8 + LONG + 1, 7, 0)]);
    if let (Some(before), Some(after)) = (before, peak_memory()) {
        // Each of two threads may hold a line of up to 64 MiB, twice while its buffer grows.
        assert!(after - before < 280 * 1024 * 1024, "{} MiB more", (after - before) >> 20);
    }
}

#[test]
fn offsets_beyond_4_gib_are_right() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.jsonl");
    let mut file = File::create(&path).unwrap();
    let far = 4 * 1024 * 1024 * 1024_u64 + 5;
    file.seek(SeekFrom::Start(far)).unwrap();
    file.write_all(b"\n{\"a\":2}\n").unwrap();
    let options = StreamOptions { start_offset: far + 1, start_line: 1, ..StreamOptions::default() };
    let mut stream = LineStream::open(&path, options).unwrap();
    let batch = stream.next_batch().unwrap().unwrap();
    let line = batch.lines.get(0).unwrap();
    assert_eq!((line.number, line.offset, line.bytes), (1, far + 1, &b"{\"a\":2}"[..]));
    assert_eq!(line_offsets(&path, &Unwatched).unwrap().offsets, [0, far + 1]);
}
