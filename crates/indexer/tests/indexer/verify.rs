//! What a comparison of the store with its sources finds.

use crate::{index, open};
use han_base::Code;
use han_db::Database;
use han_indexer::{IndexProgress, Observer, RangeKind, Status, Unwatched, VerifyReport, repair, verify};
use han_testkit::{ConfigDir, Transcript};
use proptest::prelude::*;
use std::{fs, path::PathBuf};

const SESSION: &str = "7e410001-0000-4000-8000-000000000001";

fn path() -> String {
    format!("-home-dev-app/{SESSION}.jsonl")
}

fn long_text() -> String {
    let mut lines = Transcript::new(SESSION);
    for number in 0..60 {
        lines.prompt(&format!("question {number} about everything")).reply("an answer", number);
    }
    lines.take()
}

fn check(database: &Database) -> VerifyReport {
    verify(database, &[], &Unwatched).unwrap()
}

#[test]
fn what_agrees_has_no_problems() {
    let config = ConfigDir::new();
    let text = long_text();
    let whole = format!("{text}{{\"broken\n");
    let file = config.write(&path(), format!("{whole}{{\"type\":\"us"));
    let database = open(&config);
    index(&database, config.path());
    let report = check(&database);
    assert_eq!((report.status, report.files_different, report.files_missing), (Status::Complete, 0, 0));
    assert_eq!(report.bytes_compared, whole.len() as u64);
    let found = &report.files[0];
    assert_eq!((found.rows, &found.problems, found.is_missing), (120, &Vec::new(), false));
    let kinds: Vec<_> = found.ranges.iter().map(|range| range.kind).collect();
    assert_eq!(kinds, [RangeKind::Indexed, RangeKind::Broken, RangeKind::Indexed, RangeKind::Pending]);
    assert_eq!(found.ranges[1].start, text.len() as u64);
    let mut end = 0;
    for range in &found.ranges {
        assert_eq!(range.start, end, "the ranges follow each other");
        end = range.end;
    }
    assert_eq!(end, fs::metadata(file).unwrap().len());
}

#[test]
fn any_flipped_byte_is_found_and_repaired() {
    let text = long_text();
    for at in (0..text.len()).step_by(text.len() / 23).chain([text.len() - 1]) {
        let config = ConfigDir::new();
        let file = config.write(&path(), &text);
        let database = open(&config);
        index(&database, config.path());
        // An edit in the middle of a file that grew is not noticed by a run.
        let mut bytes = text.clone().into_bytes();
        bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
        fs::write(&file, &bytes).unwrap();
        let report = check(&database);
        assert_eq!(report.files_different, 1, "byte {at}");
        let changed: Vec<_> =
            report.files[0].ranges.iter().filter(|range| range.kind == RangeKind::Changed).collect();
        assert!(changed.iter().any(|range| (range.start..range.end).contains(&(at as u64))));
        repair(&database, &report, &Unwatched).unwrap();
        assert_eq!(check(&database).files_different, 0, "byte {at}");
    }
}

#[test]
fn an_edit_in_the_middle_of_a_file_that_grew_is_found() {
    let config = ConfigDir::new();
    let text = long_text();
    config.write(&path(), &text);
    let database = open(&config);
    index(&database, config.path());
    let edited = text.replace("question 30 about", "rejoinder about x");
    config.write(&path(), format!("{edited}{}", Transcript::new(SESSION).title("later").take()));
    assert_eq!(index(&database, config.path()).messages_indexed, 1, "a run reads the tail only");
    let report = check(&database);
    assert_eq!(report.files_different, 1);
    let reports = repair(&database, &report, &Unwatched).unwrap();
    assert_eq!((reports.len(), reports[0].messages_indexed), (1, 121));
    assert_eq!(check(&database).files_different, 0);
    assert_eq!(crate::oracle::hits(&database, "rejoinder"), 1);
}

#[test]
fn damage_in_the_store_is_told_from_change_of_a_file() {
    let config = ConfigDir::new();
    config.write(&path(), long_text());
    let database = open(&config);
    index(&database, config.path());
    let connection = rusqlite::Connection::open(database.path()).unwrap();
    connection.execute("UPDATE raw_blocks SET hash = hash + 1", []).unwrap();
    let report = check(&database);
    assert_eq!(report.files[0].ranges[0].kind, RangeKind::Damaged);
    repair(&database, &report, &Unwatched).unwrap();
    assert_eq!(check(&database).files_different, 0);

    connection
        .execute("UPDATE messages SET byte_offset = byte_offset + 1 WHERE line_number = 7", [])
        .unwrap();
    let report = check(&database);
    assert_eq!(report.files[0].problems, ["1 rows do not come from the lines that they name"]);
}

#[test]
fn files_that_are_gone_are_named_and_paths_choose() {
    let config = ConfigDir::new();
    let file = config.write(&path(), long_text());
    let other = config.write(
        "-home-dev-b/7e410002-0000-4000-8000-000000000001.jsonl",
        Transcript::new("7e410002-0000-4000-8000-000000000001").prompt("hi").take(),
    );
    let database = open(&config);
    index(&database, config.path());
    fs::remove_file(&file).unwrap();
    let report = check(&database);
    assert_eq!((report.files.len(), report.files_missing, report.files_different), (2, 1, 0));
    assert_eq!(repair(&database, &report, &Unwatched).unwrap().len(), 0);
    let folder = other.parent().unwrap().to_owned();
    for paths in [vec![other.clone()], vec![folder.clone()], vec![folder, other]] {
        assert_eq!(verify(&database, &paths, &Unwatched).unwrap().files.len(), 1);
    }
    let error = verify(&database, &[PathBuf::from("/not/there")], &Unwatched).unwrap_err();
    assert_eq!(error.code(), Code::FileNotFound);
}

struct Cancelled;

impl Observer for Cancelled {
    fn progress(&self, _progress: &IndexProgress) {}

    fn is_cancelled(&self) -> bool {
        true
    }
}

#[test]
fn a_comparison_can_be_cancelled() {
    let config = ConfigDir::new();
    config.write(&path(), long_text());
    let database = open(&config);
    index(&database, config.path());
    assert_eq!(verify(&database, &[], &Cancelled).unwrap().status, Status::Partial);
}

/// Four files of all kinds of bytes: whole lines, blank and broken ones, some without a newline at the end, some with the
/// beginning of a line behind it.
fn files_of_all_kinds(config: &ConfigDir) -> Vec<PathBuf> {
    let session = |number: usize| format!("7e41000{number}-0000-4000-8000-000000000001");
    let text =
        |number: usize| Transcript::new(&session(number)).prompt("h\u{e9}llo").reply("world", 3).take();
    let write = |number: usize, bytes: Vec<u8>| {
        config.write(&format!("-home-dev-app/{}.jsonl", session(number)), bytes)
    };
    let invalid = [text(2).as_bytes(), b"{\"type\":\"user\",\"x\":\"\xff\"}\n"].concat();
    vec![
        write(1, long_text().into_bytes()),
        write(
            2,
            [&invalid[..], b"\r\n\n{\"broken\n", text(2).replace("0000000", "1111111").as_bytes()].concat(),
        ),
        write(3, text(3).trim_end().as_bytes().to_vec()),
        write(4, [text(4).as_bytes(), b"{\"type\":\"user\",\"mess"].concat()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_flipped_bit_of_any_file_is_found_where_it_is(
        file in 0..4_usize, place in any::<prop::sample::Index>(), bit in 0..8_u8, at_end in any::<bool>(),
    ) {
        let config = ConfigDir::new();
        let files = files_of_all_kinds(&config);
        let database = open(&config);
        index(&database, config.path());
        prop_assert_eq!(check(&database).files_different, 0);
        let mut bytes = fs::read(&files[file]).unwrap();
        // Ends of files are few, and something of their own.
        let at = if at_end { bytes.len() - 1 - place.index(30) } else { place.index(bytes.len()) };
        bytes[at] ^= 1 << bit;
        fs::write(&files[file], &bytes).unwrap();
        let report = check(&database);
        let path = files[file].canonicalize().unwrap();
        let found = report.files.iter().find(|found| found.file_path == path).unwrap();
        let range = found.ranges.iter().find(|range| (range.start..range.end).contains(&(at as u64))).unwrap();
        let indexed = database.read(|read| read.session_files().get(&path.to_string_lossy())).unwrap().unwrap();
        if (at as u64) < indexed.byte_offset {
            prop_assert_eq!(range.kind, RangeKind::Changed);
            prop_assert_eq!((report.files_different, found.problems.len()), (1, 1));
        } else {
            // What waits to be read is in no store yet, so nothing can differ from it.
            prop_assert_eq!((range.kind, report.files_different), (RangeKind::Pending, 0));
        }
        // Whatever was found, each byte of the file has a kind.
        let mut end = 0;
        for range in &found.ranges {
            prop_assert_eq!(range.start, end);
            end = range.end;
        }
        prop_assert_eq!(end, bytes.len() as u64);
    }
}
