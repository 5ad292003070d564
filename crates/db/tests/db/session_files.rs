//! Source files: cursors, folders, and what a rewritten file takes with it.

use crate::fixture::{Store, code, insert_lines, line, said, source_file};
use han_base::Code;
use han_db::{FileStamp, NewBrokenLine, NewRawBlock, NewReply, NewSessionFile, Place, SessionFile};

fn place(number: u64) -> Place {
    Place { byte_offset: number * 10, byte_length: 9, line_number: number }
}

/// A file of two lines and a broken one.
fn fill(store: &Store, session_id: &str, file_path: &str, words: [&str; 2]) -> SessionFile {
    store
        .write(|write| {
            let file = source_file(write, session_id, file_path);
            write
                .raw_blocks()
                .insert(file.row_id, &NewRawBlock::compress(0, b"one line.\ntwo lines\nbroken..\n")?)?;
            let lines = [0, 1].map(|number| {
                line(
                    &format!("{file_path}-{number}"),
                    1000 + number as i64,
                    words[number as usize],
                    place(number),
                )
            });
            assert_eq!(insert_lines(write, &file, &lines)?, 2);
            let broken =
                NewBrokenLine { byte_offset: 20, byte_length: 8, line_number: 2, reason: Code::LineNotJson };
            write.broken_lines().insert(file.row_id, &broken)?;
            let seen = FileStamp { size: 29, modified_at_ns: -5, device: u64::MAX, inode: 1 << 63 };
            let file = SessionFile {
                byte_offset: 29,
                line_count: 3,
                seen,
                head_hash: u64::MAX,
                tail_hash: 1 << 63,
                last_timestamp_ms: Some(1001),
                ..file
            };
            write.session_files().advance(&file)?;
            Ok(file)
        })
        .unwrap()
}

#[test]
fn a_cursor_comes_back_with_all_bits() {
    let store = Store::new();
    let file = fill(&store, "s", "/a/s.jsonl", ["alpha", "beta"]);
    assert_eq!(store.read(|read| read.session_files().get("/a/s.jsonl")).unwrap(), Some(file.clone()));
    store.write(|write| write.session_files().mark_missing(file.row_id)).unwrap();
    assert!(store.read(|read| read.session_files().get("/a/s.jsonl")).unwrap().unwrap().is_missing);
    assert_eq!(store.read(|read| read.archive().stats()).unwrap().missing_files, 1);
}

#[test]
fn a_path_belongs_to_one_file() {
    let store = Store::new();
    let first = store.write(|write| Ok(source_file(write, "s", "/1"))).unwrap();
    let again = NewSessionFile { file_type: "main", file_path: "/1".into(), agent_id: None };
    assert_eq!(
        code(store.write(|write| write.session_files().insert(first.session_row, &again))),
        Code::DbConstraint
    );
}

#[test]
fn files_below_a_folder() {
    let store = Store::new();
    let paths = ["/p/a/1.jsonl", "/p/a/b/2.jsonl", "/p/a%/3.jsonl", "/p/ab/4.jsonl", "/p/A/5.jsonl", "/p/a"];
    store
        .write(|write| {
            for path in paths {
                source_file(write, "s", path);
            }
            Ok(())
        })
        .unwrap();
    let below = |folder: &str| -> Vec<String> {
        let files = store.read(|read| read.session_files().list_below(folder)).unwrap();
        files.into_iter().map(|file| file.file_path).collect()
    };
    assert_eq!(below("/p/a/"), ["/p/a/1.jsonl", "/p/a/b/2.jsonl"]);
    assert_eq!(below("/p/a%/"), ["/p/a%/3.jsonl"]);
    assert_eq!(below("/q/"), [""; 0]);
    assert_eq!(below("").len(), paths.len());
}

#[test]
fn a_rewritten_file_takes_its_rows_its_words_and_nothing_else() {
    let store = Store::new();
    let file = fill(&store, "s", "/s.jsonl", ["alpha", "shared"]);
    fill(&store, "s", "/s/agent.jsonl", ["gamma", "shared"]);
    store.insert("s", &[said("given", "2026-01-01T00:00:00Z", "shared")]).unwrap();
    assert_eq!(store.found("alpha"), ["/s.jsonl-0"]);
    assert_eq!(store.found("shared").len(), 3);
    store.write(|write| write.session_files().reset(&file)).unwrap();
    assert_eq!(store.found("alpha"), [""; 0]);
    assert_eq!(store.found("shared"), ["/s/agent.jsonl-1", "given"]);
    assert_eq!(store.found("gamma"), ["/s/agent.jsonl-0"]);
    let shown = store.read(|read| read.sessions().overview("s")).unwrap().unwrap();
    assert_eq!((shown.row_count, shown.started_at.as_deref()), (3, Some("1970-01-01T00:00:01.000Z")));
    let kept = store.read(|read| read.session_files().get("/s.jsonl")).unwrap().unwrap();
    assert_eq!((kept.row_id, kept.byte_offset, kept.line_count, kept.head_hash), (file.row_id, 0, 0, 0));
    let broken = store.read(|read| read.broken_lines().list(10)).unwrap();
    assert_eq!(broken.iter().map(|line| line.file_path.as_str()).collect::<Vec<_>>(), ["/s/agent.jsonl"]);
    assert_eq!(store.read(|read| read.raw_blocks().hashes(file.row_id)).unwrap(), []);
    store.assert_sound();
    // The same lines again.
    fill(&store, "s", "/s.jsonl", ["alpha", "shared"]);
    assert_eq!(store.found("shared").len(), 3);
    store.assert_sound();
}

#[test]
fn a_rewritten_file_takes_the_replies_it_was_first_to_tell() {
    let store = Store::new();
    let file = fill(&store, "s", "/s.jsonl", ["alpha", "beta"]);
    let other = fill(&store, "s", "/s/agent.jsonl", ["gamma", "delta"]);
    let book = |file: &SessionFile, id: &str, output_tokens| {
        let reply = NewReply { message_id: id.into(), output_tokens, ..NewReply::default() };
        store.write(|write| write.replies().book(file.session_row, Some(file.row_id), &[reply])).unwrap();
    };
    let tokens = || store.read(|read| read.sessions().overview("s")).unwrap().unwrap().output_tokens;
    book(&file, "a", 1);
    book(&other, "b", 10);
    assert_eq!(tokens(), 11);
    store.write(|write| write.session_files().reset(&file)).unwrap();
    assert_eq!(tokens(), 10);
    // It is rewritten with less, and that counts.
    book(&file, "a", 0);
    assert_eq!(tokens(), 10);
}

#[test]
fn what_stands_behind_a_cursor_is_forgotten() {
    let store = Store::new();
    let file = fill(&store, "s", "/s.jsonl", ["alpha", "beta"]);
    store
        .write(|write| {
            write.raw_blocks().insert(file.row_id, &NewRawBlock::compress(29, b"more")?)?;
            let broken = NewBrokenLine {
                byte_offset: 29,
                byte_length: 4,
                line_number: 3,
                reason: Code::LineNotRecord,
            };
            write.broken_lines().insert(file.row_id, &broken)
        })
        .unwrap();
    assert_eq!(store.read(|read| read.broken_lines().list(10)).unwrap().len(), 2);
    store.write(|write| write.session_files().forget_after(file.row_id, 29)).unwrap();
    let offsets: Vec<u64> = store
        .read(|read| read.raw_blocks().hashes(file.row_id))
        .unwrap()
        .into_iter()
        .map(|(byte_offset, ..)| byte_offset)
        .collect();
    assert_eq!(offsets, [0]);
    assert_eq!(store.read(|read| read.broken_lines().list(10)).unwrap().len(), 1);
}

#[test]
fn broken_lines_come_by_file_and_place() {
    let store = Store::new();
    store
        .write(|write| {
            for path in ["/b", "/a"] {
                let file = source_file(write, "s", path);
                for (byte_offset, reason) in
                    [(200, Code::LineNotJson), (9, Code::LineTooLong), (9, Code::LineInvalidUtf8)]
                {
                    let line =
                        NewBrokenLine { byte_offset, byte_length: 1, line_number: byte_offset / 3, reason };
                    write.broken_lines().insert(file.row_id, &line)?;
                }
            }
            Ok(())
        })
        .unwrap();
    let list = |limit| -> Vec<(String, i64, String)> {
        let lines = store.read(|read| read.broken_lines().list(limit)).unwrap();
        lines.into_iter().map(|line| (line.file_path, line.byte_offset, line.reason)).collect()
    };
    let row = |path: &str, offset, reason: &str| (path.to_owned(), offset, reason.to_owned());
    assert_eq!(
        list(3),
        [
            row("/a", 9, "LINE_INVALID_UTF8"),
            row("/a", 200, "LINE_NOT_JSON"),
            row("/b", 9, "LINE_INVALID_UTF8")
        ]
    );
    assert_eq!(list(100).len(), 4);
    assert_eq!(store.read(|read| read.archive().stats()).unwrap().broken_lines, 4);
}
