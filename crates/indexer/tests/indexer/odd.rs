//! Files with one thing wrong each: nothing but the odd line itself is lost.

use crate::{
    dump::{assert_sound, dump, indexed_bytes},
    index, open,
    oracle::hits,
};
use han_db::{Database, MessageFilter};
use han_jsonl::MAX_LINE_BYTES;
use han_testkit::{ConfigDir, Transcript, fixtures};
use serde_json::Value;
use std::{collections::BTreeMap, fs};

const SESSION: &str = "0dd10000-0000-4000-8000-000000000001";

/// Rows of a session.
fn rows_of(database: &Database, session: &str) -> i64 {
    database.read(|read| read.sessions().overview(session)).unwrap().map_or(0, |session| session.row_count)
}

/// File name, line and reason of every broken line.
fn broken_lines(database: &Database) -> Vec<(String, i64, String)> {
    let lines = database.read(|read| read.broken_lines().list(1000)).unwrap();
    let name = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    lines.into_iter().map(|line| (name(&line.file_path), line.line_number, line.reason)).collect()
}

#[test]
fn every_odd_file_loses_only_what_its_case_says() {
    let config = ConfigDir::new();
    let odd = fixtures().join("odd");
    let cases: Vec<Value> = serde_json::from_slice(&fs::read(odd.join("cases.json")).unwrap()).unwrap();
    let mut expected = Vec::new();
    for case in &cases {
        let bytes = fs::read(odd.join(case["file"].as_str().unwrap())).unwrap();
        let name = format!("{}.jsonl", case["session"].as_str().unwrap());
        config.write(&format!("-home-dev-odd/{name}"), bytes);
        for line in case["broken"].as_array().into_iter().flatten() {
            let reason = line["reason"].as_str().unwrap().to_owned();
            expected.push((name.clone(), line["line"].as_i64().unwrap(), reason));
        }
    }
    let database = open(&config);
    let report = index(&database, config.path());
    assert_eq!(report.files_failed, 0, "{:?}", report.results);

    let deep = cases.iter().find(|case| case["file"] == "deep-nesting.jsonl").unwrap();
    let deep_name = format!("{}.jsonl", deep["session"].as_str().unwrap());
    expected.sort();
    let (deep_lines, mut found): (Vec<_>, Vec<_>) =
        broken_lines(&database).into_iter().partition(|line| line.0 == deep_name);
    found.sort();
    assert_eq!(found, expected);
    for case in &cases {
        let session = case["session"].as_str().unwrap();
        let rows = rows_of(&database, session);
        if case["records"].is_null() {
            let lines = fs::read_to_string(odd.join(case["file"].as_str().unwrap())).unwrap().lines().count();
            assert_eq!(rows as usize + deep_lines.len(), lines, "each line is a row or is reported");
            assert!(rows > 0, "the other lines are rows");
        } else {
            assert_eq!(Some(rows), case["records"].as_i64(), "rows of {}", case["file"]);
            let hits = hits(&database, case["word"].as_str().unwrap());
            assert_eq!(Some(hits as u64), case["hits"].as_u64(), "hits in {}", case["file"]);
        }
    }

    // Only the lines that wait for their rest are not stored yet.
    for (path, bytes) in indexed_bytes(&database) {
        let file = fs::read(&path).unwrap();
        let waits = ["cut-last-line.jsonl", "cut-in-character.jsonl"].iter().any(|name| {
            let case = cases.iter().find(|case| case["file"] == *name).unwrap();
            path.contains(case["session"].as_str().unwrap())
        });
        let end = if waits { file.iter().rposition(|byte| *byte == b'\n').unwrap() + 1 } else { file.len() };
        assert!(bytes == file[..end], "{path}");
    }
    assert_sound(&database);
}

#[test]
fn raw_lines_keep_what_their_text_had_to_replace() {
    let config = ConfigDir::new();
    let odd = fixtures().join("odd");
    for (file, number) in [("invalid-utf8", 9), ("lone-surrogate", 15), ("crlf", 10), ("bom", 11)] {
        let name = format!("-home-dev-odd/0dd00000-0000-4000-8000-{number:012}.jsonl");
        config.write(&name, fs::read(odd.join(file).with_extension("jsonl")).unwrap());
    }
    let database = open(&config);
    index(&database, config.path());
    let filter = MessageFilter { with_raw: true, ..MessageFilter::default() };
    let first_of = |number: u32| {
        let session = format!("0dd00000-0000-4000-8000-{number:012}");
        let page = database.read(|read| read.messages().page(&session, &filter, None, 10)).unwrap();
        page.items.into_iter().find(|message| message.line_number == 0).unwrap()
    };
    assert!(first_of(9).content.unwrap().contains('\u{fffd}'));
    let surrogate = first_of(15);
    assert!(surrogate.content.unwrap().contains('\u{fffd}'));
    assert!(surrogate.raw_json.unwrap().contains("\\ud83d"));
    // A record is what stands between byte order mark and line end.
    for number in [10, 11] {
        let raw = first_of(number).raw_json.unwrap();
        assert!(raw.starts_with('{') && raw.ends_with('}'), "{raw:?}");
    }
}

#[test]
fn files_that_are_odd_by_their_place_go_where_they_belong() {
    let tree = fixtures().join("odd");
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&folder.path().join("han.db")).unwrap();
    let report = index(&database, &tree);
    assert_eq!((report.files_failed, report.files_seen), (0, 8), "{:?}", report.results);
    let session = |number: u32| format!("0dd00000-0000-4000-8000-{number:012}");
    let rows: BTreeMap<u32, i64> =
        (51..=56).map(|number| (number, rows_of(&database, &session(number)))).collect();
    assert_eq!(rows, [(51, 0), (52, 1), (53, 2), (54, 4), (55, 2), (56, 4)].into());

    let exported = "exported session (copy).jsonl";
    let dump = dump(&database, &tree);
    assert_eq!(dump["messages"].iter().filter(|row| row.contains(exported)).count(), 2);
    // Copied replies are booked once: two sessions of two lines each share theirs.
    let agents: Vec<_> = dump["session_files"].iter().filter(|row| row.contains("\"agent\"")).collect();
    assert_eq!(agents.len(), 2);
    assert!(agents.iter().any(|row| row.contains(&session(55)) && row.contains("\"a0dd0000000000055\"")));
    assert!(agents.iter().any(|row| row.contains(&session(56)) && row.contains("\"0dd00056\"")));
    let booked = |number| {
        let id = format!("\"{}\"", session(number));
        dump["replies"].iter().filter(|row| row.contains(&id)).count()
    };
    assert_eq!(booked(53) + booked(54), 2, "the copied reply and the one that was added");
}

#[test]
fn a_record_after_a_character_that_was_torn_is_recovered() {
    let config = ConfigDir::new();
    let mut lines = Transcript::new(SESSION);
    let first = lines.prompt("first").take();
    let second = lines.prompt("second").take();
    let mut bytes = br#"{"type":"user","message":{"content":"torn in "#.to_vec();
    // Two of the three bytes of a euro sign.
    bytes.extend_from_slice(b"\xe2\x82");
    bytes.extend_from_slice(first.as_bytes());
    bytes.extend_from_slice(second.as_bytes());
    config.write(&format!("-home-dev-app/{SESSION}.jsonl"), bytes);
    let database = open(&config);
    index(&database, config.path());
    assert_eq!(rows_of(&database, SESSION), 2);
    let name = format!("{SESSION}.jsonl");
    assert_eq!(broken_lines(&database), [(name, 0, "LINE_RECOVERED".to_owned())]);
    assert_eq!(hits(&database, "first"), 1);
}

#[test]
fn a_line_longer_than_the_reader_takes_costs_only_itself() {
    let config = ConfigDir::new();
    let mut lines = Transcript::new(SESSION);
    let before = lines.prompt("before").take();
    let after = lines.prompt("after").take();
    let path = format!("-home-dev-app/{SESSION}.jsonl");
    let mut bytes = before.clone().into_bytes();
    bytes.extend_from_slice(br#"{"type":"user","uuid":""#);
    bytes.resize(before.len() + MAX_LINE_BYTES + 1_000_000, b'x');
    config.write(&path, &bytes);
    let database = open(&config);

    // It may still be written.
    let report = index(&database, config.path());
    assert_eq!(
        (report.messages_indexed, report.broken_lines, report.bytes_read),
        (1, 0, before.len() as u64)
    );

    bytes.push(b'\n');
    bytes.extend_from_slice(after.as_bytes());
    config.append(&path, format!("\n{after}"));
    let report = index(&database, config.path());
    assert_eq!((report.messages_indexed, report.broken_lines), (1, 1));
    assert_eq!(broken_lines(&database), [(format!("{SESSION}.jsonl"), 1, "LINE_TOO_LONG".to_owned())]);
    assert!(indexed_bytes(&database).into_values().eq([bytes]), "every byte is kept");
    assert_eq!(hits(&database, "after"), 1);
    assert_sound(&database);
}

#[test]
fn a_file_without_any_time_has_that_of_its_last_change() {
    let config = ConfigDir::new();
    let path = format!("-home-dev-app/{SESSION}.jsonl");
    let mut lines = Transcript::new(SESSION);
    let file = config.write(&path, lines.title("a session without a clock").take());
    let database = open(&config);
    index(&database, config.path());
    let times = || database.read(|read| read.messages().timestamps(SESSION)).unwrap();
    let changed = fs::metadata(file).unwrap().modified().unwrap();
    let changed = changed.duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    let changed = han_base::Timestamp::from_millis(changed).to_string();
    assert_eq!((times().started_at, times().ended_at), (Some(changed.clone()), Some(changed)));

    // The first time that comes is that of the lines before it.
    config.append(&path, lines.prompt("hello").take());
    index(&database, config.path());
    let first = Some("2026-03-01T09:00:00.000Z".to_owned());
    assert_eq!((times().started_at, times().ended_at), (first.clone(), first));
    assert_sound(&database);
}
