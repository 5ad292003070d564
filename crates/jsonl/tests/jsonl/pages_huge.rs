//! Lines of 300 MB, pages that would be too large, and how much is read.

use crate::{huge::peak_memory, index_twin::many_lines, odd::Sample};
use han_base::Code;
use han_jsonl::{CUT_LINE_BYTES, Indexes, LineBatch, Unwatched, read_indexed, read_tail};
use std::{
    env,
    fs::File,
    io::{Seek, SeekFrom, Write},
    path::Path,
    process::Command,
};

const LONG: u64 = 300 * 1024 * 1024;
const MIB: u64 = 1024 * 1024;

/// Lines of NUL bytes, which take no space on the disk, between short ones.
fn write_long_lines(path: &Path, lengths: &[u64]) {
    let mut file = File::create(path).unwrap();
    for (number, &length) in lengths.iter().enumerate() {
        file.write_all(format!("{{\"a\":{number}}}\n").as_bytes()).unwrap();
        file.seek(SeekFrom::Current(length as i64)).unwrap();
        file.write_all(b"\n").unwrap();
    }
}

/// Number, length and missing bytes of each line.
fn shapes(lines: &LineBatch) -> Vec<(u64, usize, u64)> {
    lines.iter().map(|line| (line.number, line.bytes.len(), line.omitted)).collect()
}

#[test]
fn a_line_of_300_mb_is_cut_wherever_it_is_met() {
    // Other tests need memory of their own, so this one has a process for itself.
    let alone = ["--exact", "pages_huge::lines_of_300_mb_take_little_memory", "--ignored"];
    let output = Command::new(env::current_exe().unwrap()).args(alone).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "is run by the test above, in a process of its own"]
fn lines_of_300_mb_take_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.jsonl");
    write_long_lines(&path, &[LONG, LONG]);
    let indexes = Indexes::new(None);
    let cut = |number| (number, CUT_LINE_BYTES, LONG - CUT_LINE_BYTES as u64);
    let page = indexes.read_page(&path, 0, 10).unwrap();
    assert_eq!(shapes(&page.lines), [(0, 7, 0), cut(1), (2, 7, 0), cut(3)]);
    assert_eq!((page.total_lines, page.has_more), (4, false));
    assert_eq!(shapes(&indexes.read_reverse(&path, 2).unwrap()), [cut(3), (2, 7, 0)]);
    assert_eq!(shapes(&indexes.read_lines(&path, &[3, 1]).unwrap()), [cut(3), cut(1)]);
    assert_eq!(shapes(&read_indexed(&path, &[0, 8], &[1]).unwrap()), [cut(1)]);
    let tail = read_tail(&path, 1, None).unwrap();
    assert_eq!(shapes(&tail.lines), [cut(0)]);
    let report = indexes.update(&path, &Unwatched).unwrap();
    assert_eq!(report.line_count, 4);
    if let Some(peak) = peak_memory() {
        assert!(peak < 32 * MIB, "{} MiB", peak / MIB);
    }
}

#[test]
fn a_page_ends_early_when_its_lines_are_large() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.jsonl");
    write_long_lines(&path, &[40 * MIB, 20 * MIB, 40 * MIB]);
    let indexes = Indexes::new(None);
    let page = indexes.read_page(&path, 0, 100).unwrap();
    assert_eq!((page.lines.len(), page.next_offset, page.has_more), (5, 5, true));
    let page = indexes.read_page(&path, 5, 100).unwrap();
    assert_eq!((page.lines.len(), page.next_offset, page.has_more), (1, 6, false));
    let tail = read_tail(&path, 100, None).unwrap();
    assert_eq!((tail.lines.len(), tail.has_more), (4, true));
    let before = tail.lines.iter().last().unwrap().offset;
    let tail = read_tail(&path, 100, Some(before)).unwrap();
    assert_eq!((tail.lines.len(), tail.has_more), (2, false));
    // Single lines are not given by halves.
    let error = indexes.read_lines(&path, &[1; 13]).unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument);
    let error = read_indexed(&path, &[0, 8], &vec![1; 1 << 20]).unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument);
}

/// Bytes that this thread has read so far.
#[cfg(target_os = "linux")]
fn bytes_read() -> u64 {
    let counters = std::fs::read_to_string("/proc/thread-self/io").unwrap();
    counters.lines().find_map(|line| line.strip_prefix("rchar: ")).unwrap().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn reading_costs_what_it_returns() {
    let sample = Sample::new(&many_lines(0, 200_000));
    let path = &sample.path;
    Indexes::new(None).update(path, &Unwatched).unwrap();
    let cost = |read: &dyn Fn() -> usize| {
        let before = bytes_read();
        let content = read() as u64;
        (bytes_read() - before).saturating_sub(content)
    };
    let indexes = Indexes::new(None);
    let sidecar = std::fs::metadata(path.with_extension("jsonl.idx")).unwrap().len();
    // The sidecar, the probe, and a step of the index.
    let first = cost(&|| indexes.read_page(path, 150_000, 100).unwrap().lines.content_bytes());
    assert!(first < sidecar + 16 * 1024 + 140 * 1024, "{first} bytes more than the page");
    for offset in [0, 1000, 77_777, 150_000, 199_000] {
        let more = cost(&|| indexes.read_page(path, offset, 100).unwrap().lines.content_bytes());
        assert!(more < 140 * 1024, "{more} bytes more than the page at {offset}");
    }
    let more = cost(&|| indexes.read_reverse(path, 100).unwrap().content_bytes());
    assert!(more < 100 * 1024, "{more} bytes more than the lines");
    let more = cost(&|| read_tail(path, 100, None).unwrap().lines.content_bytes());
    assert!(more < 70 * 1024, "{more} bytes more than the lines");
    let neighbours: Vec<u64> = (120_000..120_100).collect();
    let more = cost(&|| indexes.read_lines(path, &neighbours).unwrap().content_bytes());
    assert!(more < 180 * 1024, "{more} bytes more than the lines");
    // Growth: what is new, two probes, and the page.
    File::options().append(true).open(path).unwrap().write_all(&many_lines(0, 100)).unwrap();
    let more = cost(&|| indexes.read_page(path, 200_000, 100).unwrap().lines.content_bytes());
    assert!(more < 220 * 1024, "{more} bytes more than the page");
}
