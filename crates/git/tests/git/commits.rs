//! Commits of a path, of a range and of a time, and the lines of files, beside the git program.

use crate::{Place, parts, try_git};
use han_base::{Code, Timestamp};
use han_git::{BlameQuery, CommitQuery, blame, commits};
use std::{collections::BTreeSet, fs};

/// Commits at a moment: seconds since 2020.
fn commit_at(place: &Place, seconds: i64, message: &str) {
    place.git(&["add", "--all"]);
    let date = format!("{} +0000", BEGINNING + seconds);
    let status = std::process::Command::new("git")
        .current_dir(&place.root)
        .args(["commit", "--quiet", "--allow-empty", "-m", message])
        .env("GIT_AUTHOR_DATE", &date)
        .env("GIT_COMMITTER_DATE", &date)
        .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_SYSTEM", "/dev/null")])
        .envs([("GIT_AUTHOR_NAME", "A"), ("GIT_AUTHOR_EMAIL", "a@x"), ("GIT_COMMITTER_NAME", "C")])
        .env("GIT_COMMITTER_EMAIL", "c@x")
        .status();
    assert!(status.expect("the git program").success());
}

/// 2020-01-01.
const BEGINNING: i64 = 1_577_836_800;

fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_millis((BEGINNING + seconds) * 1000)
}

/// A history with side branches, merges, renamed files and names beyond ASCII.
fn history() -> Place {
    let place = Place::new();
    let lines = |from: u32, to: u32, mark: &str| -> String {
        let lines: Vec<String> =
            (from..to).map(|line| format!("{mark} line {line} of some text\n")).collect();
        lines.concat()
    };
    place.write("ü.txt", lines(0, 30, "a"));
    place.write("dir/日本", lines(0, 20, "b"));
    place.write("other", "1\n");
    commit_at(&place, 0, "first");
    for step in 1..6 {
        place.write(
            "ü.txt",
            format!("{}{}", lines(0, step * 4, &format!("v{step}")), lines(step * 4, 30, "a")),
        );
        commit_at(&place, i64::from(step) * 100, &format!("step {step}"));
        place.write("other", format!("{step}\n"));
        commit_at(&place, i64::from(step) * 100 + 10, "other");
    }
    place.git(&["checkout", "--quiet", "-b", "side", "HEAD~4"]);
    place.write("dir/日本", lines(0, 25, "b"));
    commit_at(&place, 700, "on the side");
    place.write("dir/new", "x\n");
    commit_at(&place, 800, "more on the side");
    place.git(&["checkout", "--quiet", "main"]);
    place.write("other", "main\n");
    commit_at(&place, 900, "main goes on");
    try_git(&place.root, &["merge", "--quiet", "--no-ff", "-m", "merge", "side"]).unwrap();
    place.git(&["mv", "ü.txt", "renamed ü.txt"]);
    commit_at(&place, 4_000_000_000 - BEGINNING, "rename");
    let renamed = fs::read_to_string(place.root.join("renamed ü.txt")).unwrap();
    place.write(
        "renamed ü.txt",
        renamed.replace("line 25", "LINE 25").replace("line 3 ", "LINE 3 ") + "end\n",
    );
    commit_at(&place, 4_000_000_100 - BEGINNING, "change after the rename");
    place
}

/// All pages of a query, of a size that makes several.
fn hashes(place: &Place, query: &CommitQuery) -> Vec<String> {
    let mut cursor: Option<String> = None;
    let mut all = Vec::new();
    loop {
        let page = commits(&place.root.join("dir"), query, cursor.as_deref(), 3).unwrap();
        assert!(page.items.len() <= 3);
        all.extend(page.items.into_iter().map(|commit| commit.hash));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return all;
        }
    }
}

fn of_program(place: &Place, arguments: &[&str]) -> Vec<String> {
    let text = place.git(&[&["log", "-z", "--format=%H"], arguments].concat());
    parts(&text).into_iter().map(str::to_owned).collect()
}

#[test]
fn the_commits_of_a_path_are_those_of_the_program() {
    let place = history();
    for path in ["ü.txt", "dir/日本", "dir", "other", "renamed ü.txt", "gone", "dir/new"] {
        let query = CommitQuery { path: Some(path.to_owned()), ..CommitQuery::default() };
        assert_eq!(hashes(&place, &query), of_program(&place, &["--", path]), "{path}");
        for (from, to) in
            [("HEAD~3", "HEAD"), ("side", "main"), ("main", "side"), ("HEAD", "HEAD"), ("HEAD~8", "side")]
        {
            let query = CommitQuery { from: Some(from.to_owned()), to: Some(to.to_owned()), ..query.clone() };
            let range = format!("{from}..{to}");
            assert_eq!(hashes(&place, &query), of_program(&place, &[&range, "--", path]), "{path} {range}");
        }
    }
    let followed =
        CommitQuery { path: Some("renamed ü.txt".to_owned()), follow: true, ..CommitQuery::default() };
    let expected = of_program(&place, &["--follow", "--", "renamed ü.txt"]);
    assert_eq!(hashes(&place, &followed), expected);
    assert!(expected.len() > 6, "{expected:?}");
}

#[test]
fn the_commits_of_a_time_or_a_range_are_those_of_the_program() {
    let place = history();
    assert_eq!(hashes(&place, &CommitQuery::default()), of_program(&place, &[]));
    for (since, until) in [(0, 10_000), (100, 301), (305, 1000), (700, 701), (5000, 6000), (-10, 0)] {
        let query =
            CommitQuery { since: Some(moment(since)), until: Some(moment(until)), ..CommitQuery::default() };
        let since = format!("--since={}", BEGINNING + since);
        // Ours ends before the moment, that of the program with it.
        let until = format!("--until={}", BEGINNING + until - 1);
        assert_eq!(hashes(&place, &query), of_program(&place, &[&since, &until]), "{since} {until}");
    }
    let range = CommitQuery { from: Some("side".to_owned()), ..CommitQuery::default() };
    assert_eq!(hashes(&place, &range), of_program(&place, &["side..HEAD"]));
}

#[test]
fn a_list_stays_the_same_while_commits_are_added() {
    let place = history();
    let query = CommitQuery::default();
    let all = hashes(&place, &query);
    let first = commits(&place.root, &query, None, 4).unwrap();
    commit_at(&place, 4_000_000_200 - BEGINNING, "later");
    let second = commits(&place.root, &query, first.next_cursor.as_deref(), 4).unwrap();
    let found: Vec<String> = first.items.into_iter().chain(second.items).map(|commit| commit.hash).collect();
    assert_eq!(found, all[..8]);
}

#[test]
fn what_names_no_commits_is_an_error_with_a_code() {
    let place = history();
    let code = |query: &CommitQuery, cursor: Option<&str>| {
        commits(&place.root, query, cursor, 3).unwrap_err().code()
    };
    let path = |path: &str| CommitQuery { path: Some(path.to_owned()), ..CommitQuery::default() };
    for outside in ["", "/", "../x", "/etc/passwd", "dir/../.."] {
        assert_eq!(code(&path(outside), None), Code::InvalidArgument, "{outside}");
    }
    assert_eq!(
        code(&CommitQuery { to: Some("--all".to_owned()), ..CommitQuery::default() }, None),
        Code::GitNotFound
    );
    assert_eq!(
        code(&CommitQuery { from: Some("gone".to_owned()), ..CommitQuery::default() }, None),
        Code::GitNotFound
    );
    assert_eq!(code(&CommitQuery::default(), Some("x")), Code::InvalidCursor);
    assert_eq!(code(&CommitQuery::default(), Some("g0.6162")), Code::InvalidCursor);
    let first = commits(&place.root, &CommitQuery::default(), None, 2).unwrap();
    assert_eq!(code(&path("dir/new"), first.next_cursor.as_deref()), Code::GitNotFound);
    let empty = Place::new();
    assert_eq!(commits(&empty.root, &CommitQuery::default(), None, 3).unwrap_err().code(), Code::GitNotFound);
}

/// Commit, line there and path there of every line.
fn blamed(place: &Place, path: &str, query: &BlameQuery) -> Vec<(String, u32, u32, String)> {
    let hunks = blame(&place.root, path, query).unwrap();
    for pair in hunks.windows(2) {
        assert_eq!(pair[0].start_line + pair[0].line_count, pair[1].start_line);
    }
    hunks
        .iter()
        .flat_map(|hunk| {
            (0..hunk.line_count).map(|line| {
                let original = hunk.original_start_line + line;
                (hunk.commit.hash.clone(), original, hunk.start_line + line, hunk.original_path.clone())
            })
        })
        .collect()
}

fn blamed_by_program(place: &Place, arguments: &[&str]) -> Vec<(String, u32, u32, String)> {
    let text = place.git(&[&["blame", "--line-porcelain"], arguments].concat());
    let mut lines = Vec::new();
    let mut head = None;
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        if head.is_none() {
            head = Some((words[0].to_owned(), words[1].parse().unwrap(), words[2].parse().unwrap()));
        } else if let Some(path) = line.strip_prefix("filename ") {
            let (hash, original, shown) = head.clone().unwrap();
            lines.push((hash, original, shown, path.to_owned()));
        } else if line.starts_with('\t') {
            head = None;
        }
    }
    lines
}

#[test]
fn lines_come_from_the_commits_that_the_program_names() {
    let place = history();
    for (path, revision) in [
        ("renamed ü.txt", "HEAD"),
        ("ü.txt", "HEAD~2"),
        ("ü.txt", "HEAD~6"),
        ("dir/日本", "HEAD"),
        ("dir/日本", "side"),
        ("other", "main"),
    ] {
        let query = BlameQuery { revision: Some(revision.to_owned()), ..BlameQuery::default() };
        assert_eq!(
            blamed(&place, path, &query),
            blamed_by_program(&place, &[revision, "--", path]),
            "{path}"
        );
        for (start, end) in [(1, 1), (1, 9), (1, 5000)] {
            let query = BlameQuery { start_line: Some(start), end_line: Some(end), ..query.clone() };
            let range = format!("-L{start},{end}");
            let expected = blamed_by_program(&place, &[&range, revision, "--", path]);
            assert_eq!(blamed(&place, path, &query), expected, "{path} {range}");
        }
    }
    let query = BlameQuery { start_line: Some(5), end_line: Some(27), ..BlameQuery::default() };
    let expected = blamed_by_program(&place, &["-L5,27", "HEAD", "--", "renamed ü.txt"]);
    assert_eq!(blamed(&place, "renamed ü.txt", &query), expected);
    let commits: BTreeSet<_> = expected.iter().map(|line| &line.0).collect();
    assert!(commits.len() >= 3, "{commits:?}");
}

#[test]
fn lines_that_are_not_there_are_refused() {
    let place = history();
    place.write("empty", "");
    place.commit("empty");
    assert_eq!(blame(&place.root, "empty", &BlameQuery::default()).unwrap(), []);
    let code = |path: &str, start_line: u32, end_line: u32| {
        let query = BlameQuery { start_line: Some(start_line), end_line: Some(end_line), revision: None };
        blame(&place.root, path, &query).unwrap_err().code()
    };
    assert_eq!(code("other", 0, 1), Code::InvalidArgument);
    assert_eq!(code("other", 2, 1), Code::InvalidArgument);
    assert_eq!(code("other", 9, 10), Code::InvalidArgument);
    assert_eq!(code("empty", 1, 1), Code::InvalidArgument);
    assert_eq!(code("../other", 1, 1), Code::InvalidArgument);
    assert_eq!(code("gone", 1, 1), Code::GitNotFound);
    assert_eq!(code("dir", 1, 1), Code::GitNotFound);
    let unknown = BlameQuery { revision: Some("-x".to_owned()), ..BlameQuery::default() };
    assert_eq!(blame(&place.root, "other", &unknown).unwrap_err().code(), Code::GitNotFound);
}
