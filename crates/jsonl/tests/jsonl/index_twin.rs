//! What pages, reverse reading and single lines must give of a file, by its whole content.

use crate::odd::{TwinLine, twin_lines};
use han_jsonl::{Indexes, LineBatch, read_tail};
use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

pub(crate) fn plain(batch: &LineBatch) -> Vec<TwinLine> {
    let line = |line: han_jsonl::LineRef<'_>| {
        assert_eq!(line.omitted, 0);
        TwinLine { number: line.number, offset: line.offset, bytes: line.bytes.to_vec() }
    };
    batch.iter().map(line).collect()
}

/// The file beside a file that keeps its index.
pub(crate) fn sidecar(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".idx");
    name.into()
}

pub(crate) fn append(path: &Path, bytes: &[u8]) {
    OpenOptions::new().append(true).open(path).unwrap().write_all(bytes).unwrap();
}

/// Many lines of several lengths, some blank, more than one step of an index.
pub(crate) fn many_lines(first: u32, count: u32) -> Vec<u8> {
    let line = |number: u32| match number % 10 {
        3 => "\n".to_owned(),
        7 => " \r\n".to_owned(),
        _ => format!("{{\"n\":{number},\"padding\":\"{}\"}}\n", "p".repeat(((number * 37) % 300) as usize)),
    };
    (first..first + count).flat_map(|number| line(number).into_bytes()).collect()
}

/// Holds every way to read a file that does not change now against the twin.
pub(crate) fn check_reading(indexes: &Indexes, path: &Path) {
    let lines = twin_lines(&fs::read(path).unwrap());
    let total = lines.len() as u64;
    let not_blank: Vec<TwinLine> = lines.iter().filter(|line| !line.is_blank()).cloned().collect();
    for offset in [0, 1, total / 3, total / 2, total.saturating_sub(3), total, total + 5] {
        let page = indexes.read_page(path, offset, 20).unwrap();
        let expected: Vec<TwinLine> =
            not_blank.iter().filter(|line| line.number >= offset).take(20).cloned().collect();
        assert_eq!(plain(&page.lines), expected, "page at {offset} of {}", path.display());
        let last = not_blank.last().map_or(0, |line| line.number + 1);
        let behind = expected.last().map_or(offset, |line| line.number + 1);
        assert_eq!((page.total_lines, page.has_more), (total, behind < last), "page at {offset}");
    }
    let numbers = [total / 2, 0, total.wrapping_sub(1), total / 2, total, 1, total / 2 + 1];
    let asked: Vec<TwinLine> =
        numbers.iter().filter_map(|&number| lines.get(number as usize).cloned()).collect();
    assert_eq!(plain(&indexes.read_lines(path, &numbers).unwrap()), asked);
    let backward: Vec<TwinLine> = not_blank.into_iter().rev().take(20).collect();
    assert_eq!(plain(&indexes.read_reverse(path, 20).unwrap()), backward);
    let tail = read_tail(path, 20, None).unwrap();
    let unnumbered = backward.into_iter().map(|line| TwinLine { number: 0, ..line });
    assert_eq!(plain(&tail.lines), unnumbered.collect::<Vec<_>>());
    let stats = indexes.stats(path).unwrap();
    assert_eq!((stats.line_count, stats.file_size), (total, fs::metadata(path).unwrap().len()));
}
