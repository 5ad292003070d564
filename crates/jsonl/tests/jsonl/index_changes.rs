//! Files that grow, shrink, are rewritten and replaced between calls.

use crate::{
    index_twin::{append, check_reading, many_lines},
    odd::{Sample, odd_content, twin_lines},
};
use han_base::Code;
use han_jsonl::{Indexes, Unwatched, newlines};
use proptest::prelude::*;
use std::{
    fs::{self, File, OpenOptions},
    io::{Seek, SeekFrom, Write},
    path::Path,
    time::{Duration, SystemTime},
};

fn set_modified(path: &Path, time: SystemTime) {
    File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

/// A change of a file.
#[derive(Clone, Debug)]
enum Change {
    Append(Vec<u8>),
    Truncate(usize),
    Rewrite(Vec<u8>),
    Replace(Vec<u8>),
    Update,
    Forget,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => odd_content().prop_map(Change::Append),
        1 => any::<prop::sample::Index>().prop_map(|at| Change::Truncate(at.index(5000))),
        1 => odd_content().prop_map(Change::Rewrite),
        1 => odd_content().prop_map(Change::Replace),
        2 => Just(Change::Update),
        1 => Just(Change::Forget),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn answers_are_those_of_the_file_as_it_is(changes in proptest::collection::vec(change(), 0..8)) {
        let sample = Sample::new(&many_lines(0, 900));
        let path = &sample.path;
        let mut indexes = Indexes::new(None);
        check_reading(&indexes, path);
        for change in changes {
            match change {
                Change::Append(bytes) => append(path, &bytes),
                Change::Truncate(length) => {
                    let length = fs::metadata(path).unwrap().len().saturating_sub(length as u64);
                    OpenOptions::new().write(true).open(path).unwrap().set_len(length).unwrap();
                }
                Change::Rewrite(bytes) => fs::write(path, bytes).unwrap(),
                Change::Replace(bytes) => {
                    let beside = path.with_extension("new");
                    fs::write(&beside, bytes).unwrap();
                    fs::rename(&beside, path).unwrap();
                }
                Change::Update => {
                    indexes.update(path, &Unwatched).unwrap();
                    prop_assert!(!indexes.stats(path).unwrap().index_stale);
                }
                // Another process knows the sidecar only.
                Change::Forget => indexes = Indexes::new(None),
            }
            check_reading(&indexes, path);
            if let Some(loaded) = indexes.load(path).unwrap() {
                prop_assert_eq!(loaded, han_jsonl::line_offsets(path, &Unwatched).unwrap());
            }
        }
    }
}

#[test]
fn a_torn_last_line_may_be_completed() {
    let sample = Sample::new(&many_lines(0, 900));
    let path = &sample.path;
    let indexes = Indexes::new(None);
    for piece in ["{\"torn\":", "1", "}", "\n", "{\"next\":2}", "\n\n", " ", "\n"] {
        append(path, piece.as_bytes());
        check_reading(&indexes, path);
    }
}

#[test]
fn what_was_rewritten_in_place_is_noticed() {
    let content = many_lines(0, 2000);
    let sample = Sample::new(&content);
    let path = &sample.path;
    let indexes = Indexes::new(None);
    indexes.update(path, &Unwatched).unwrap();
    // Two lines become one in the middle, where no probe looks.
    let at = content.len() / 2 + 5000;
    let newline = content[at..].iter().position(|&byte| byte == b'\n').unwrap() + at;
    let overwrite = |byte: &[u8]| {
        let mut file = OpenOptions::new().write(true).open(path).unwrap();
        file.seek(SeekFrom::Start(newline as u64)).unwrap();
        file.write_all(byte).unwrap();
    };
    // The file system may give the same time stamp to what happens within a few milliseconds.
    set_modified(path, SystemTime::now() - Duration::from_secs(60));
    check_reading(&indexes, path);
    overwrite(b"x");
    check_reading(&indexes, path);
    check_reading(&Indexes::new(None), path);
    assert_eq!(indexes.load(path).unwrap(), None);
    assert!(indexes.stats(path).unwrap().index_stale);
    // With the time of before, the file still has another time of the last change of its metadata, on Unix.
    if cfg!(unix) {
        let before = fs::metadata(path).unwrap().modified().unwrap();
        overwrite(b"\n");
        set_modified(path, before);
        check_reading(&indexes, path);
    }
}

#[test]
fn an_index_that_lies_about_lines_is_made_anew() {
    // What grew and was rewritten where no probe looks: the sidecar is taken for that of the first bytes.
    let content = many_lines(0, 20_000);
    let sample = Sample::new(&content);
    let path = &sample.path;
    Indexes::new(None).update(path, &Unwatched).unwrap();
    // Between two samples no line begins any more, also not where the index says that one does.
    let mut changed = content.clone();
    let between = content.len() / 4..content.len() / 3 - 600;
    for byte in &mut changed[between.clone()] {
        *byte = if *byte == b'\n' { b' ' } else { *byte };
    }
    changed.extend(many_lines(9, 10));
    fs::write(path, &changed).unwrap();
    // The first call that comes upon it makes the index anew.
    let lines_before = newlines::count(&changed[..between.start]) as u64;
    for offset in [lines_before, lines_before + 500] {
        let indexes = Indexes::new(None);
        assert_eq!(indexes.stats(path).unwrap().line_count, 20_010, "it is not noticed yet");
        let page = indexes.read_page(path, offset, 5).unwrap();
        let lines = twin_lines(&changed);
        assert_eq!(page.total_lines, lines.len() as u64);
        check_reading(&indexes, path);
    }
}

#[test]
fn missing_files_and_limits_have_codes() {
    let folder = tempfile::tempdir().unwrap();
    let indexes = Indexes::new(None);
    let missing = folder.path().join("missing.jsonl");
    let code = |path: &Path| indexes.read_page(path, 0, 1).unwrap_err().code();
    assert_eq!((code(&missing), code(folder.path())), (Code::FileNotFound, Code::NotAFile));
    assert_eq!(indexes.update(&missing, &Unwatched).unwrap_err().code(), Code::FileNotFound);
    assert_eq!(indexes.load(&missing).unwrap_err().code(), Code::FileNotFound);
    let sample = Sample::new(b"a\n");
    let codes = [
        indexes.read_page(&sample.path, 0, 0).map(drop),
        indexes.read_reverse(&sample.path, 0).map(drop),
        han_jsonl::read_tail(&sample.path, 0, None).map(drop),
    ];
    assert!(codes.into_iter().all(|outcome| outcome.unwrap_err().code() == Code::InvalidArgument));
}

#[test]
fn small_files_of_every_kind_are_read() {
    let mark = "\u{feff}";
    let contents = [
        String::new(),
        "\n".to_owned(),
        "\n\n\n".to_owned(),
        " ".to_owned(),
        "a".to_owned(),
        "a\r\n\r\nb\r\n".to_owned(),
        mark.to_owned(),
        format!("{mark}\n"),
        format!("{mark}\n\n{mark}{mark}a\n"),
        format!("{mark}{mark}a"),
        format!("{mark}{mark}\n"),
        "\0\n\0".to_owned(),
    ];
    for content in contents {
        let sample = Sample::new(content.as_bytes());
        let indexes = Indexes::new(None);
        check_reading(&indexes, &sample.path);
        indexes.update(&sample.path, &Unwatched).unwrap();
        check_reading(&Indexes::new(None), &sample.path);
    }
}
