//! Which files are found, in which order, and with what.

use crate::trees::{ALL, SHELL, all, find, paths, tree};
use han_base::{Code, FileStamp};
use han_glob::{MatchOptions, Observer, Patterns, Unwatched, WalkOptions, find_files};
use proptest::{collection::vec, prelude::*};
use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

const COMPATIBLE: MatchOptions =
    MatchOptions { rules: han_glob::Rules::Compatible, case_insensitive: false, dot: false };

#[test]
fn stars_cross_folders_and_hidden_entries_are_left_out() {
    let root = tree(&["b.ts", "a/c.ts", "a/b/d.ts", "a/b.txt", ".x.ts", ".h/e.ts"]);
    let found = find(root.path(), &["*.ts"], &COMPATIBLE, &WalkOptions::default());
    assert_eq!(paths(&found), ["a/b/d.ts", "a/c.ts", "b.ts"]);
    assert_eq!(found.report.folder_count, 3);
    let dot = MatchOptions { dot: true, ..COMPATIBLE };
    let found = find(root.path(), &["*.ts"], &dot, &WalkOptions::default());
    assert_eq!(paths(&found), [".h/e.ts", ".x.ts", "a/b/d.ts", "a/c.ts", "b.ts"]);
    let found = find(root.path(), &["*.ts", ".h/*"], &SHELL, &WalkOptions::default());
    assert_eq!(paths(&found), [".h/e.ts", "b.ts"]);
}

#[test]
fn only_folders_that_can_hold_a_match_are_looked_into() {
    let root = tree(&["a/b/c.ts", "a/x/c.ts", "b/b/c.ts", "c/d/e/f.ts"]);
    let folders =
        |patterns: &[&str]| find(root.path(), patterns, &SHELL, &WalkOptions::default()).report.folder_count;
    assert_eq!(folders(&["a/b/*.ts"]), 3);
    assert_eq!(folders(&["*/b/*.ts"]), 6);
    assert_eq!(folders(&["**/*.ts", "!c/**"]), 6);
    assert_eq!(folders(&["a/../c/**"]), 2);
    // What two patterns spell out is found once, be it a file or a folder.
    let found = find(
        root.path(),
        &["a/b/c.ts", "a/b/c.ts/*", "a/b", "{a,b}/b/c.ts"],
        &SHELL,
        &WalkOptions::default(),
    );
    assert_eq!(paths(&found), ["a/b/c.ts", "b/b/c.ts"]);
}

#[test]
fn depth_and_limit_are_kept() {
    let root = tree(&["a", "b/c", "b/d/e", "b-1", "z"]);
    let with = |options: WalkOptions| find(root.path(), &["**"], &SHELL, &options);
    let deep = |depth| with(WalkOptions { max_depth: Some(depth), ..WalkOptions::default() });
    assert_eq!(paths(&deep(0)), [""; 0]);
    assert_eq!(paths(&deep(1)), ["a", "b-1", "z"]);
    assert_eq!(paths(&deep(2)), ["a", "b-1", "b/c", "z"]);
    assert_eq!(deep(1).report.folder_count, 1);
    for limit in 0..7 {
        let found = with(WalkOptions { limit: Some(limit), ..WalkOptions::default() });
        let expected = ["a", "b-1", "b/c", "b/d/e", "z"];
        assert_eq!(paths(&found), expected[..limit.min(5)]);
        assert!(limit == 0 || found.report.is_limited == (limit < 5));
    }
}

#[test]
fn a_limit_gives_the_first_paths_without_looking_everywhere() {
    let root = tempfile::tempdir().unwrap();
    for folder in 0..200 {
        for file in 0..20 {
            crate::trees::write(root.path(), &format!("{folder}/{file}"), "");
        }
    }
    let everything = all(root.path(), &WalkOptions::default());
    assert_eq!(everything.len(), 4000);
    let options = WalkOptions { limit: Some(30), ..WalkOptions::default() };
    let found = find(root.path(), &["**"], &ALL, &options);
    assert_eq!(paths(&found), everything[..30]);
    assert!(found.report.is_limited && found.report.folder_count < 200, "{}", found.report.folder_count);
}

#[test]
fn stamps_come_with_the_files() {
    let root = tree(&["a", "b/c"]);
    fs::write(root.path().join("b/c"), "12345").unwrap();
    let options = WalkOptions { stamps: true, ..WalkOptions::default() };
    let found = find(root.path(), &["**"], &SHELL, &options);
    for file in &found.files {
        let metadata = fs::metadata(root.path().join(&file.path)).unwrap();
        assert_eq!(file.stamp, Some(FileStamp::of(&metadata)));
    }
    assert_eq!(found.files[1].stamp.unwrap().size, 5);
}

#[test]
fn the_root_must_be_a_folder_that_can_be_read() {
    let root = tree(&["file"]);
    let patterns = Patterns::compile(&["*"], &COMPATIBLE).unwrap();
    let code =
        |path: &Path| find_files(path, &patterns, &WalkOptions::default(), &Unwatched).unwrap_err().code();
    assert_eq!(code(&root.path().join("gone")), Code::FileNotFound);
    assert_eq!(code(&root.path().join("file")), Code::NotADirectory);
    assert_eq!(code(Path::new("a\0b")), Code::InvalidArgument);
    let none = Patterns::compile::<&str>(&[], &COMPATIBLE).unwrap();
    assert!(find_files(root.path(), &none, &WalkOptions::default(), &Unwatched).unwrap().files.is_empty());
}

struct Watcher {
    folders: AtomicU64,
    matches: AtomicU64,
    cancel_after: u64,
}

impl Observer for Watcher {
    fn advanced(&self, folders: u64, matches: u64) {
        self.folders.fetch_add(folders, Ordering::Relaxed);
        self.matches.fetch_add(matches, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.folders.load(Ordering::Relaxed) >= self.cancel_after
    }
}

#[test]
fn a_walk_reports_and_can_be_cancelled() {
    let root = tempfile::tempdir().unwrap();
    for folder in 0..3000 {
        crate::trees::write(root.path(), &format!("{}/{folder}/file", folder % 50), "");
    }
    let patterns = Patterns::compile(&["*"], &COMPATIBLE).unwrap();
    let walk = |cancel_after| {
        let watcher = Watcher { folders: AtomicU64::new(0), matches: AtomicU64::new(0), cancel_after };
        let found = find_files(root.path(), &patterns, &WalkOptions::default(), &watcher).unwrap();
        (found, watcher.folders.into_inner(), watcher.matches.into_inner())
    };
    let (found, folders, matches) = walk(u64::MAX);
    assert_eq!((found.files.len(), folders, matches), (3000, 3051, 3000));
    assert_eq!(found.report.folder_count, 3051);
    assert!(!found.report.is_cancelled);
    let (found, _, _) = walk(500);
    assert!(found.report.is_cancelled && found.files.len() < 3000);
    let (found, _, _) = walk(0);
    assert!(found.report.is_cancelled && found.files.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn what_is_found_is_what_matches_in_byte_order(
        files in vec(r"[ab.-]{1,2}(/[ab.]{1,2}){0,4}", 1..40),
        patterns in vec(r"(a|b|\*|\*\*/|\?|/|\.|\{a,b\}){1,6}", 1..3),
        dot in any::<bool>(),
        threads in 1_usize..4,
    ) {
        let root = tempfile::tempdir().unwrap();
        for file in &files {
            crate::trees::write(root.path(), file, "");
        }
        let options = WalkOptions { threads: Some(threads), ..WalkOptions::default() };
        let matching = MatchOptions { dot, ..SHELL };
        let Ok(compiled) = Patterns::compile(&patterns, &matching) else { return Ok(()) };
        let mut expected = all(root.path(), &options);
        prop_assert!(expected.is_sorted());
        expected.retain(|path| compiled.is_match(path));
        let found = find_files(root.path(), &compiled, &options, &Unwatched).unwrap();
        prop_assert_eq!(paths(&found), expected);
    }
}

/// Lets the walk begin, and ends it then.
#[derive(Default)]
struct EndsSoon(AtomicU64);

impl Observer for EndsSoon {
    fn advanced(&self, _folders: u64, _matches: u64) {}

    fn is_cancelled(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed) > 0
    }
}

#[test]
fn a_walk_is_cancelled_in_the_middle_of_a_large_folder() {
    let names: Vec<String> = (0..3000).map(|index| format!("file {index}")).collect();
    let root = tree(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let patterns = Patterns::compile(&["**"], &ALL).unwrap();
    let found = find_files(root.path(), &patterns, &WalkOptions::default(), &EndsSoon::default()).unwrap();
    assert!(found.report.is_cancelled);
    assert!((1..3000).contains(&found.files.len()), "{}", found.files.len());
}
