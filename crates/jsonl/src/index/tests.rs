//! The index and what reads with it, held against twins that look at every byte, with steps and windows of a few bytes.

use super::{
    Indexes,
    format::{Stored, decode, encode},
    probe::probe,
    sparse::{Checkpoint, MAX_STEPS, SparseIndex},
};
use crate::{
    JsonlFile, Line, LineBatch, Unwatched, lines, lines_at, page, read_indexed, read_tail, tail,
    window::{PASSED_BYTES, Window},
    without_byte_order_mark,
};
use proptest::{prelude::*, sample::Index};
use std::{
    fs::{self, OpenOptions},
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::TempDir;
use xxhash_rust::xxh3::xxh3_64;

struct Sample {
    _folder: TempDir,
    path: PathBuf,
}

impl Sample {
    fn new(content: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sample.jsonl");
        fs::write(&path, content).unwrap();
        Self { _folder: folder, path }
    }

    fn append(&self, bytes: &[u8]) {
        OpenOptions::new().append(true).open(&self.path).unwrap().write_all(bytes).unwrap();
    }

    fn open(&self) -> JsonlFile {
        JsonlFile::open(&self.path).unwrap()
    }
}

/// Short lines and long ones, many of them blank.
fn content() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        4 => Just(b'\n'),
        2 => Just(b' '),
        1 => Just(b'\r'),
        6 => b'a'..=b'z',
        1 => any::<u8>(),
    ];
    let piece = prop_oneof![
        8 => proptest::collection::vec(byte, 0..60),
        1 => (1_usize..300).prop_map(|length| vec![b'x'; length]),
        1 => (1_usize..300).prop_map(|length| vec![b'\n'; length]),
        1 => (1_usize..300).prop_map(|length| vec![b' '; length]),
    ];
    (proptest::bool::weighted(0.2), proptest::collection::vec(piece, 0..8)).prop_map(|(mark, pieces)| {
        let mut content = if mark { b"\xef\xbb\xbf".to_vec() } else { Vec::new() };
        content.extend(pieces.concat());
        content
    })
}

/// A line as the twin and a batch have it: number, offset, content.
type Plain = (u64, u64, Vec<u8>);

fn plain(batch: &LineBatch) -> Vec<Plain> {
    batch.iter().map(|line| (line.number, line.offset, line.bytes.to_vec())).collect()
}

fn twin_lines(content: &[u8]) -> Vec<Plain> {
    let line = |(number, line): (usize, Line<'_>)| {
        let bytes = without_byte_order_mark(line.offset, line.bytes).to_vec();
        (number as u64, line.offset, bytes)
    };
    lines(0, content).enumerate().map(line).collect()
}

fn is_blank(line: &Plain) -> bool {
    line.2.iter().all(u8::is_ascii_whitespace)
}

fn twin_index(content: &[u8], step: u64) -> SparseIndex {
    let mut index = SparseIndex::new(0, step);
    index.size = content.len() as u64;
    for (at, _) in content.iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
        let offset = at as u64 + 1;
        index.newlines += 1;
        index.tail_start = offset;
        let last = index.checkpoints.last().map_or(0, |last| last.offset / step);
        if offset / step > last {
            index.checkpoints.push(Checkpoint { line: index.newlines, offset });
        }
    }
    index
}

fn build(file: &JsonlFile, step: u64) -> SparseIndex {
    SparseIndex::new(0, step).extended(file, &Unwatched).unwrap()
}

proptest! {
    #[test]
    fn an_index_agrees_with_its_twin_however_the_file_grew(
        content in content(), cuts in proptest::collection::vec(any::<Index>(), 0..4), step in 1_u64..80,
    ) {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(content.len() + 1)).collect();
        cuts.extend([0, content.len()]);
        cuts.sort_unstable();
        let sample = Sample::new(&[]);
        let mut index = build(&sample.open(), step);
        for cut in cuts.windows(2) {
            sample.append(&content[cut[0]..cut[1]]);
            index = index.extended(&sample.open(), &Unwatched).unwrap();
            prop_assert_eq!(&index, &twin_index(&content[..cut[1]], step));
        }
        prop_assert!(index.is_sound());
        prop_assert_eq!(index.line_count(), twin_lines(&content).len() as u64);
    }

    #[test]
    fn every_line_is_found_and_admitted(content in content(), step in 1_u64..80) {
        let sample = Sample::new(&content);
        let file = sample.open();
        let index = build(&file, step);
        let mut window = Window::new(&file);
        for (number, offset, _) in twin_lines(&content) {
            prop_assert_eq!(index.find(&mut window, number).unwrap(), Some(offset));
            prop_assert!(index.admits(number, offset));
            let checkpoint = index.checkpoint_before(number);
            prop_assert!(offset - checkpoint.offset < step);
        }
        let (lines, size) = (index.line_count(), index.size);
        prop_assert!(index.admits(lines, size));
        prop_assert!(size == 0 || !index.admits(lines, size - 1) && !index.admits(lines - 1, size));
        for &Checkpoint { line, offset } in &index.checkpoints {
            prop_assert!(!index.admits(line - 1, offset) && !index.admits(line + 1, offset));
            prop_assert!(!index.admits(line, offset - 1) && !index.admits(line, offset + 1));
        }
    }

    #[test]
    fn pages_give_every_line_once(content in content(), step in 1_u64..80, limit in 1_usize..12) {
        let sample = Sample::new(&content);
        let indexes = Indexes::with_step(None, step);
        let lines = twin_lines(&content);
        let (mut offset, mut seen) = (0, Vec::new());
        loop {
            let page = indexes.read_page(&sample.path, offset, limit).unwrap();
            prop_assert_eq!(page.total_lines, lines.len() as u64);
            prop_assert_eq!(page.has_more, page.next_offset < page.total_lines);
            seen.extend(plain(&page.lines));
            if !page.has_more {
                prop_assert_eq!(page.next_offset, page.total_lines);
                break;
            }
            prop_assert_eq!(page.lines.len(), limit);
            prop_assert!(page.next_offset > offset);
            // What is left is more than a few blank lines.
            let last = page.lines.iter().last().map_or(0, |line| line.number);
            let rest = &content[lines[last as usize + 1].1 as usize..];
            prop_assert!(!rest.iter().all(u8::is_ascii_whitespace) || rest.len() as u64 > PASSED_BYTES);
            offset = page.next_offset;
        }
        let expected: Vec<Plain> = lines.into_iter().filter(|line| !is_blank(line)).collect();
        prop_assert_eq!(seen, expected);
    }

    #[test]
    fn a_page_may_begin_at_any_line(
        content in content(), step in 1_u64..80, offset in 0_u64..120, limit in 1_usize..12,
    ) {
        let sample = Sample::new(&content);
        let page = Indexes::with_step(None, step).read_page(&sample.path, offset, limit).unwrap();
        let lines = twin_lines(&content);
        let behind = lines.iter().filter(|line| line.0 >= offset);
        let expected: Vec<Plain> = behind.filter(|line| !is_blank(line)).take(limit).cloned().collect();
        prop_assert_eq!(plain(&page.lines), expected);
        if offset >= lines.len() as u64 {
            prop_assert_eq!((page.next_offset, page.has_more), (offset, false));
        }
    }

    #[test]
    fn reverse_reading_agrees_with_the_twin(content in content(), step in 1_u64..80, limit in 1_usize..12) {
        let sample = Sample::new(&content);
        let found = Indexes::with_step(None, step).read_reverse(&sample.path, limit).unwrap();
        let lines = twin_lines(&content);
        let expected: Vec<Plain> =
            lines.into_iter().rev().filter(|line| !is_blank(line)).take(limit).collect();
        prop_assert_eq!(plain(&found), expected);
    }

    #[test]
    fn tails_give_every_line_once(content in content(), limit in 1_usize..12) {
        let sample = Sample::new(&content);
        let (mut before, mut seen) = (None, Vec::new());
        loop {
            let tail = read_tail(&sample.path, limit, before).unwrap();
            prop_assert_eq!(tail.file_size, content.len() as u64);
            seen.extend(plain(&tail.lines).into_iter().map(|(_, offset, bytes)| (offset, bytes)));
            if !tail.has_more {
                break;
            }
            // Behind so many blank lines, text is expected but need not be there.
            prop_assert_eq!(tail.lines.len(), limit);
            before = tail.lines.iter().last().map(|line| line.offset);
        }
        let lines = twin_lines(&content).into_iter().rev().filter(|line| !is_blank(line));
        let expected: Vec<(u64, Vec<u8>)> = lines.map(|(_, offset, bytes)| (offset, bytes)).collect();
        prop_assert_eq!(seen, expected);
    }

    #[test]
    fn a_tail_may_end_anywhere(content in content(), before in 0_u64..800, limit in 1_usize..12) {
        let sample = Sample::new(&content);
        let tail = read_tail(&sample.path, limit, Some(before)).unwrap();
        let lines = twin_lines(&content);
        let mut left = lines.into_iter().rev().filter(|line| line.1 < before && !is_blank(line));
        let expected: Vec<Plain> = left.by_ref().take(limit).map(|line| (0, line.1, line.2)).collect();
        prop_assert_eq!(plain(&tail.lines), expected);
        let has_more = left.next().is_some();
        let first = tail.lines.iter().last().map_or(before, |line| line.offset);
        // Behind so many blank lines, text is expected but need not be there.
        prop_assert!(tail.has_more == has_more || tail.has_more && first > PASSED_BYTES);
    }

    #[test]
    fn lines_come_in_the_asked_order(
        content in content(), step in 1_u64..80, numbers in proptest::collection::vec(0_u64..60, 0..30),
    ) {
        let sample = Sample::new(&content);
        let lines = twin_lines(&content);
        let expected: Vec<Plain> =
            numbers.iter().filter_map(|&number| lines.get(number as usize)).cloned().collect();
        let found = Indexes::with_step(None, step).read_lines(&sample.path, &numbers).unwrap();
        prop_assert_eq!(plain(&found), &expected[..]);
        let mut ascending = numbers.clone();
        ascending.sort_unstable();
        let found = Indexes::with_step(None, step).read_lines(&sample.path, &ascending).unwrap();
        let mut sorted = expected.clone();
        sorted.sort();
        prop_assert_eq!(plain(&found), sorted);
        let offsets: Vec<u64> = lines.iter().map(|line| line.1).collect();
        prop_assert_eq!(plain(&read_indexed(&sample.path, &offsets, &numbers).unwrap()), expected);
    }

    #[test]
    fn offsets_of_a_caller_are_checked(
        content in content(),
        offsets in proptest::collection::vec(prop_oneof![9 => 0_u64..300, 1 => any::<u64>()], 0..20),
        numbers in proptest::collection::vec(prop_oneof![9 => 0_u64..25, 1 => any::<u64>()], 0..20),
    ) {
        let sample = Sample::new(&content);
        let lines = twin_lines(&content);
        let size = content.len() as u64;
        let asked = numbers.iter().filter_map(|&number| Some((number, *offsets.get(number as usize)?)));
        let asked: Vec<(u64, u64)> = asked.filter(|asked| asked.1 != size).collect();
        let line_at = |asked: &(u64, u64)| {
            let line = lines.iter().find(|line| line.1 == asked.1)?;
            Some((asked.0, line.1, line.2.clone()))
        };
        let expected: Option<Vec<Plain>> = asked.iter().map(line_at).collect();
        match read_indexed(&sample.path, &offsets, &numbers) {
            Ok(found) => prop_assert_eq!(Some(plain(&found)), expected),
            Err(error) => {
                prop_assert_eq!(error.code(), han_base::Code::InvalidArgument);
                prop_assert_eq!(expected, None);
            }
        }
    }

    #[test]
    fn an_index_of_another_content_gives_an_answer_or_is_refused(
        content in content(), other in content(), step in 1_u64..80, offset in 0_u64..60,
    ) {
        let index = build(&Sample::new(&other).open(), step);
        let sample = Sample::new(&content);
        let file = sample.open();
        page::read_page(&file, &index, offset, 5).unwrap();
        tail::read_reverse(&file, &index, 5).unwrap();
        lines_at::read_lines(&file, &index, &[offset, 0, offset + 3]).unwrap();
    }

    #[test]
    fn a_sidecar_comes_back_as_it_was(
        content in content(), step in 1_u64..80, modified_ns in any::<i128>(),
        probe in any::<u64>(), path in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let stored = Stored { index: twin_index(&content, step), modified_ns, probe, path };
        prop_assert_eq!(decode(&encode(&stored)), Ok(stored));
    }

    #[test]
    fn no_bytes_of_a_sidecar_do_harm(
        content in content(), step in 1_u64..80,
        changes in proptest::collection::vec((any::<Index>(), any::<u8>()), 1..4), cut in any::<Index>(),
    ) {
        let stored = Stored { index: twin_index(&content, step), modified_ns: 0, probe: 0, path: Vec::new() };
        let mut bytes = encode(&stored);
        for (at, byte) in &changes {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        // Some are cut, and all have a checksum that matches.
        bytes.truncate(bytes.len().max(8) - cut.index(2 * bytes.len()).saturating_sub(bytes.len()));
        let length = bytes.len().saturating_sub(8);
        bytes.truncate(length);
        bytes.extend(xxh3_64(&bytes).to_le_bytes());
        if let Ok(stored) = decode(&bytes) {
            prop_assert!(stored.index.is_sound());
            let sample = Sample::new(&content);
            let file = sample.open();
            for line in [0, 1, 7, stored.index.line_count().saturating_sub(1), u64::MAX] {
                page::read_page(&file, &stored.index, line, 3).unwrap();
                lines_at::read_lines(&file, &stored.index, &[line]).unwrap();
            }
            tail::read_reverse(&file, &stored.index, 5).unwrap();
        }
    }
}

#[test]
fn a_checkpoint_must_stand_behind_a_newline() {
    let sample = Sample::new(b"aa\nbb\ncc\n");
    let index = build(&sample.open(), 3);
    fs::write(&sample.path, b"aa\nbb ccc\n").unwrap();
    let file = sample.open();
    let mut window = Window::new(&file);
    assert_eq!(index.find(&mut window, 1).unwrap(), Some(3));
    assert_eq!(index.find(&mut window, 2).unwrap(), None);
}

#[test]
fn an_index_that_contradicts_the_lines_is_refused() {
    let index_of = |content: &[u8], step| build(&Sample::new(content).open(), step);
    let reverse = |content: &[u8], index: &SparseIndex| {
        tail::read_reverse(&Sample::new(content).open(), index, 1).unwrap().map(|lines| plain(&lines))
    };
    let index = index_of(b"a\nb\nc\n", 64);
    assert_eq!(reverse(b"a\nb\nc\n", &index), Some(vec![(2, 4, b"c".to_vec())]));
    assert_eq!(reverse(b"a\nbbbb", &index), None, "the last line goes on");
    assert_eq!(reverse(b"aaaaa\n", &index), None, "there are fewer lines");
    let index = index_of(b"a\nb\nc\n", 3);
    let lines = |content: &[u8]| {
        lines_at::read_lines(&Sample::new(content).open(), &index, &[0, 1]).unwrap().map(|lines| lines.len())
    };
    assert_eq!(lines(b"a\nb\nc\n"), Some(2));
    assert_eq!(lines(b"aaaa\n\n"), None, "line 1 begins behind line 2");
    assert_eq!(lines(b"aaaaa\n"), None, "there is no line 1");
}

#[test]
fn any_changed_byte_of_a_sidecar_is_noticed() {
    let stored = Stored {
        index: twin_index(&b"a\nbb\n\nccc\n".repeat(9), 4),
        modified_ns: 7,
        probe: 8,
        path: b"/a".to_vec(),
    };
    let bytes = encode(&stored);
    for at in 0..bytes.len() {
        for change in 1..=u8::MAX {
            let mut bytes = bytes.clone();
            bytes[at] ^= change;
            assert!(decode(&bytes).is_err(), "byte {at} changed by {change}");
        }
        assert!(decode(&bytes[..at]).is_err(), "cut at {at}");
    }
    assert!(decode(&[&bytes[..], b"0"].concat()).is_err());
}

#[test]
fn an_announced_length_takes_no_memory() {
    let stored = Stored { index: SparseIndex::new(0, 1), modified_ns: 0, probe: 0, path: Vec::new() };
    let sealed = |at: usize| {
        let mut bytes = encode(&stored);
        bytes.truncate(bytes.len() - 8);
        bytes[at..at + 4].fill(0xff);
        bytes.extend(xxh3_64(&bytes).to_le_bytes());
        bytes
    };
    let end = encode(&stored).len() - 8;
    assert!(decode(&sealed(end - 4)).is_err(), "four billion checkpoints");
    assert!(decode(&sealed(end - 8)).is_err(), "a path of four gigabytes");
}

#[test]
fn steps_become_longer_in_a_large_file() {
    let content = b"a\n".repeat(MAX_STEPS as usize);
    let sample = Sample::new(&content[..MAX_STEPS as usize]);
    let index = build(&sample.open(), 1);
    assert_eq!((index.step, index.checkpoints.len() as u64), (1, MAX_STEPS / 2));
    sample.append(&content[MAX_STEPS as usize..]);
    sample.append(&content);
    let index = index.extended(&sample.open(), &Unwatched).unwrap();
    assert_eq!(index, twin_index(&content.repeat(2), 4));
    assert!(index.checkpoints.len() as u64 <= MAX_STEPS);
}

#[test]
fn lines_beyond_4_gib_are_read() {
    // The bytes between take no space on the disk, and are not looked at: the index tells what is there.
    let long = 5 << 32;
    let sample = Sample::new(b"first\n");
    let write_at = |offset: u64, bytes: &[u8]| {
        let mut file = OpenOptions::new().write(true).open(&sample.path).unwrap();
        file.seek(SeekFrom::Start(offset)).unwrap();
        file.write_all(bytes).unwrap();
    };
    write_at(long, b"\nsecond\nthird");
    let file = sample.open();
    let mut behind = SparseIndex::new(long, 64 * 1024);
    behind.add(b"\nsecond\nthird");
    let checkpoint = Checkpoint { line: 1, offset: long + 1 };
    assert_eq!((behind.size, behind.newlines, behind.tail_start), (file.size(), 2, long + 8));
    assert_eq!(behind.checkpoints, [checkpoint]);
    let mut index = twin_index(b"first\n", 64 * 1024);
    index.append(&behind);
    assert_eq!(index.checkpoints, [Checkpoint { line: 2, ..checkpoint }]);
    let stored = Stored { index: index.clone(), modified_ns: 0, probe: 0, path: Vec::new() };
    assert_eq!(decode(&encode(&stored)), Ok(stored));

    let expected = [(2, long + 1, b"second".to_vec()), (3, long + 8, b"third".to_vec())];
    let page = page::read_page(&file, &index, 2, 10).unwrap().unwrap();
    assert_eq!((plain(&page.lines), page.total_lines), (expected.to_vec(), 4));
    let lines = tail::read_reverse(&file, &index, 2).unwrap().unwrap();
    assert!(plain(&lines).iter().rev().eq(&expected));
    assert_eq!(plain(&lines_at::read_lines(&file, &index, &[2, 3, 4]).unwrap().unwrap()), expected);
    let lines = read_indexed(&sample.path, &[0, 6, long + 1], &[2]).unwrap();
    assert_eq!(plain(&lines), expected[..1]);
    let tail = read_tail(&sample.path, 1, None).unwrap();
    assert_eq!((tail.lines.get(0).map(|line| line.offset), tail.has_more), (Some(long + 8), true));
}

#[test]
fn a_probe_sees_head_end_and_samples() {
    let content: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
    let size = content.len() as u64;
    let probe_of = |content: &[u8]| probe(&Sample::new(content).open(), size).unwrap();
    let expected = probe_of(&content);
    assert_eq!(probe_of(&[&content[..], b"more"].concat()), expected);
    let distance = content.len() / 9;
    for at in [0, 4095, content.len() - 4096, content.len() - 1, distance, 8 * distance + 511] {
        let mut changed = content.clone();
        changed[at] ^= 1;
        assert_ne!(probe_of(&changed), expected, "byte {at}");
    }
    let small = b"every byte of a small file counts";
    for at in 0..small.len() {
        let mut changed = small.to_vec();
        changed[at] ^= 1;
        let probe_of = |content: &[u8]| probe(&Sample::new(content).open(), small.len() as u64).unwrap();
        assert_ne!(probe_of(&changed), probe_of(small));
    }
}

#[test]
fn memory_keeps_a_bounded_number_of_files() {
    let folder = tempfile::tempdir().unwrap();
    let indexes = Indexes::with_step(None, 1);
    let path = |number: u32| folder.path().join(format!("{number}.jsonl"));
    fs::write(path(0), "").unwrap();
    indexes.stats(&path(0)).unwrap();
    let first = indexes.memory.get(&path(0)).unwrap();
    for number in 1..300 {
        fs::write(path(number), "a\n".repeat(number as usize)).unwrap();
        assert_eq!(indexes.stats(&path(number)).unwrap().line_count, u64::from(number));
        indexes.stats(&path(0)).unwrap();
    }
    let is_kept = |path: &Path| indexes.memory.get(path).is_some();
    let kept = (0..300).filter(|&number| is_kept(&path(number))).count();
    assert_eq!(kept, 256);
    let kept = indexes.memory.get(&path(0));
    assert!(kept.is_some_and(|kept| Arc::ptr_eq(&kept, &first)), "it was used again and again");
    assert!(!is_kept(&path(1)) && is_kept(&path(299)));
}
