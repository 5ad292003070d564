//! What a second run does with files that grew, shrank, changed, moved or went away.

use crate::{
    dump::{Dump, assert_same, assert_sound, dump},
    index, open,
    oracle::hits,
};
use han_db::{Database, SessionFilter};
use han_indexer::{IndexProgress, IndexReport, Observer, index_config_dirs, index_file};
use han_testkit::{ConfigDir, Transcript};
use std::{
    fs,
    sync::atomic::{AtomicBool, Ordering},
};

const SESSION: &str = "14c40001-0000-4000-8000-000000000001";

fn path() -> String {
    format!("-home-dev-app/{SESSION}.jsonl")
}

/// A file of many small lines, longer than what is looked at of either end before it is read on.
fn long_transcript() -> Transcript {
    let mut lines = Transcript::new(SESSION);
    for number in 0..60 {
        lines
            .prompt(&format!("question {number} about everything"))
            .reply(&format!("answer {number}"), number);
    }
    lines
}

/// The store of one run over `text`, with the time of change number `changes`.
fn clean(text: &str, changes: usize) -> Dump {
    let config = ConfigDir::new();
    for _ in 1..changes {
        config.write("unrelated", "");
    }
    config.write(&path(), text);
    let database = open(&config);
    index(&database, config.path());
    dump(&database, config.path())
}

fn is_missing(database: &Database, path: &str) -> bool {
    let files = database.read(|read| read.session_files().list_below("/")).unwrap();
    files.into_iter().find(|file| file.file_path.ends_with(path)).unwrap().is_missing
}

fn rows(database: &Database) -> i64 {
    database.read(|read| read.archive().stats()).unwrap().messages
}

#[test]
fn growth_reads_only_what_was_added() {
    let config = ConfigDir::new();
    let mut lines = long_transcript();
    let mut text = lines.take();
    config.write(&path(), &text);
    let database = open(&config);
    let report = index(&database, config.path());
    assert_eq!((report.messages_indexed, report.bytes_read), (120, text.len() as u64));
    for number in 0..5 {
        let added = lines.prompt(&format!("later {number}")).reply("indeed", 3).take();
        config.append(&path(), &added);
        text += &added;
        let report = index(&database, config.path());
        assert_eq!((report.messages_indexed, report.bytes_read), (2, added.len() as u64));
        assert_eq!((report.files_indexed, report.files_unchanged, report.sessions), (1, 0, 1));
        let result = &report.results[0];
        assert_eq!((result.total_messages, result.is_new_session), (122 + 2 * number, false));
    }
    assert_same(&dump(&database, config.path()), &clean(&text, 6));
}

#[test]
fn one_file_grows_like_a_folder() {
    let config = ConfigDir::new();
    let mut lines = Transcript::new(SESSION);
    let mut text = lines.prompt("hello").take();
    let file = config.write(&path(), &text);
    let database = open(&config);
    let run = || index_file(&database, &file, None, &han_indexer::Unwatched).unwrap();
    assert_eq!(run().messages_indexed, 1);
    assert_eq!(run().results, Vec::new());
    let added = lines.reply("good day", 3).take();
    config.append(&path(), &added);
    text += &added;
    assert_eq!(run().bytes_read, added.len() as u64);
    assert_same(&dump(&database, config.path()), &clean(&text, 2));
}

#[test]
fn a_touched_file_is_not_read_again() {
    let config = ConfigDir::new();
    let text = long_transcript().take();
    config.write(&path(), &text);
    let database = open(&config);
    index(&database, config.path());
    config.touch(&path());
    let report = index(&database, config.path());
    assert_eq!((report.files_unchanged, report.bytes_read, report.results), (1, 0, Vec::new()));
    assert_same(&dump(&database, config.path()), &clean(&text, 2));
}

#[test]
fn every_way_to_rewrite_a_file_is_noticed() {
    let text = long_transcript().take();
    let middle = text.find("question 30 about").unwrap();
    let edited = format!("{}rejoinder{}", &text[..middle], &text[middle + "question ".len()..]);
    let first_line = text.find('\n').unwrap() + 1;
    let new = Transcript::new(SESSION).prompt("all is new").reply("quite", 1).take();
    let cases = [
        ("an edit of the same size in the middle", edited.clone()),
        ("another beginning", text.replacen("question 0", "rejoinder 0", 1)),
        ("a first line that is gone", text[first_line..].to_owned()),
        ("a shorter file", text[..text.len() / 2].to_owned()),
        ("a shorter file that ends with a line", text[..first_line * 4].to_owned()),
        ("other content that is longer", format!("{new}{}", text.replace("14c40001-0000", "14c40001-1111"))),
        ("other content that is shorter", new),
    ];
    for replaced_by_rename in [false, true] {
        for (what, now) in &cases {
            let config = ConfigDir::new();
            config.write(&path(), &text);
            let database = open(&config);
            index(&database, config.path());
            if replaced_by_rename {
                config.replace(&path(), now);
            } else {
                config.write(&path(), now);
            }
            let report = index(&database, config.path());
            assert_eq!((report.files_indexed, report.files_failed), (1, 0), "{what}");
            assert_same(&dump(&database, config.path()), &clean(now, 2));
            let report = index(&database, config.path());
            assert_eq!(report.files_unchanged, 1, "{what}: read once");
        }
    }
}

#[test]
fn a_new_file_in_the_place_of_another_is_compared_though_it_is_longer() {
    let mut lines = long_transcript();
    let text = lines.take();
    let added = lines.reply("added", 1).take();
    for edited in [false, true] {
        let config = ConfigDir::new();
        config.write(&path(), &text);
        let database = open(&config);
        index(&database, config.path());
        let start =
            if edited { text.replace("question 30 about", "exchange 30 about") } else { text.clone() };
        let longer = format!("{start}{added}");
        config.replace(&path(), &longer);
        let report = index(&database, config.path());
        let to_read = if edited { longer.len() } else { added.len() };
        assert_eq!(report.bytes_read, to_read as u64);
        assert_same(&dump(&database, config.path()), &clean(&longer, 2));
    }
}

#[test]
fn an_emptied_file_takes_nothing_with_it() {
    let config = ConfigDir::new();
    let text = long_transcript().take();
    config.write(&path(), &text);
    let database = open(&config);
    index(&database, config.path());
    config.write(&path(), "");
    let report = index(&database, config.path());
    assert_eq!((report.files_failed, rows(&database)), (0, 120));
    assert_sound(&database);

    // It may be filled again.
    let new = Transcript::new(SESSION).prompt("all is new").take();
    config.write(&path(), &new);
    index(&database, config.path());
    assert_same(&dump(&database, config.path()), &clean(&new, 3));
}

#[test]
fn a_file_that_is_gone_leaves_its_session_and_may_come_back() {
    let config = ConfigDir::new();
    let file = config.write(&path(), long_transcript().text());
    let database = open(&config);
    index(&database, config.path());
    let away = config.path().join("away");
    fs::rename(&file, &away).unwrap();
    let report = index(&database, config.path());
    assert_eq!((report.files_seen, report.files_failed), (0, 0));
    assert!(is_missing(&database, &path()));
    assert_eq!((rows(&database), hits(&database, "everything")), (120, 60));
    let message = database.read(|read| read.messages().list(SESSION, None, None, 1, 0)).unwrap();
    assert!(message[0].raw_json.is_some(), "raw lines are kept");

    // The same file, with the same time, comes back.
    fs::rename(&away, &file).unwrap();
    let report = index(&database, config.path());
    assert_eq!((report.files_unchanged, report.bytes_read), (1, 0));
    assert!(!is_missing(&database, &path()));
    assert_sound(&database);
}

#[test]
fn a_session_tells_that_its_source_is_gone_until_it_is_back() {
    let config = ConfigDir::new();
    let other = "14c40002-0000-4000-8000-000000000001";
    config.write(&path(), long_transcript().text());
    config.write(&format!("-home-dev-app/{other}.jsonl"), Transcript::new(other).prompt("I stay").text());
    let agent = format!("-home-dev-app/{SESSION}/subagents/agent-a1.jsonl");
    let lines = Transcript::new(SESSION).of_agent("a1").prompt("look").take();
    config.write(&agent, &lines);
    let database = open(&config);
    let missing = || {
        index(&database, config.path());
        let page = database.read(|read| read.sessions().page(&SessionFilter::default(), None, 10)).unwrap();
        let gone: Vec<String> = page
            .items
            .into_iter()
            .filter(|session| session.is_source_missing)
            .map(|session| session.id)
            .collect();
        let overview = database.read(|read| read.sessions().overview(SESSION)).unwrap().unwrap();
        assert_eq!(overview.is_source_missing, gone.iter().any(|id| id == SESSION));
        gone
    };
    assert_eq!(missing(), Vec::<String>::new());
    let away = config.path().join("away");
    // The transcript of the session, and one of its agents.
    for relative in [&path(), &agent] {
        fs::rename(config.at(relative), &away).unwrap();
        assert_eq!(missing(), [SESSION], "{relative}");
        fs::rename(&away, config.at(relative)).unwrap();
        assert_eq!(missing(), Vec::<String>::new(), "{relative}");
    }
    // It may come back with more in it, or as another file.
    fs::remove_file(config.at(&path())).unwrap();
    assert_eq!(missing(), [SESSION]);
    config.write(&path(), long_transcript().title("more").text());
    assert_eq!(missing(), Vec::<String>::new());
    fs::remove_file(config.at(&path())).unwrap();
    assert_eq!(missing(), [SESSION]);
    config.write(&path(), Transcript::new(SESSION).prompt("all is new").text());
    assert_eq!(missing(), Vec::<String>::new());
    assert_sound(&database);
}

#[test]
fn a_file_that_moved_to_another_project_is_one_session() {
    let config = ConfigDir::new();
    let mut lines = long_transcript();
    let file = config.write(&path(), lines.title("without an id").take());
    let database = open(&config);
    index(&database, config.path());
    let moved = config.at(&format!("-home-dev-moved/{SESSION}.jsonl"));
    fs::create_dir_all(moved.parent().unwrap()).unwrap();
    fs::rename(&file, &moved).unwrap();
    let report = index(&database, config.path());
    assert_eq!((report.files_failed, report.messages_indexed), (0, 0));
    assert_eq!((rows(&database), hits(&database, "everything")), (121, 60));
    let session = database.read(|read| read.sessions().get(SESSION)).unwrap().unwrap();
    assert_eq!(session.transcript_path, moved.canonicalize().unwrap().to_str().map(str::to_owned));

    config.append(&format!("-home-dev-moved/{SESSION}.jsonl"), lines.prompt("it goes on").take());
    assert_eq!(index(&database, config.path()).messages_indexed, 1);
    assert_sound(&database);
}

/// Changes a file as soon as the run has begun.
struct Meanwhile<F>(AtomicBool, F);

impl<F: Fn() + Sync> Observer for Meanwhile<F> {
    fn progress(&self, _progress: &IndexProgress) {
        if !self.0.swap(true, Ordering::Relaxed) {
            (self.1)();
        }
    }

    fn is_cancelled(&self) -> bool {
        false
    }
}

fn index_while(database: &Database, config: &ConfigDir, change: impl Fn() + Sync) -> IndexReport {
    let observer = Meanwhile(AtomicBool::new(false), change);
    index_config_dirs(database, &[config.path().to_owned()], &observer).unwrap()
}

#[test]
fn a_file_that_grows_while_it_is_read_is_whole_after_the_next_run() {
    let mut lines = long_transcript();
    let start = lines.take();
    let added = lines.prompt("while it was read").take();
    for cut in [0, 1, added.len() / 2, added.len() - 1, added.len()] {
        let config = ConfigDir::new();
        config.write(&path(), &start);
        let database = open(&config);
        let report = index_while(&database, &config, || {
            config.append(&path(), &added[..cut]);
        });
        assert_eq!(report.files_failed, 0);
        config.append(&path(), &added[cut..]);
        index(&database, config.path());
        assert_same(&dump(&database, config.path()), &clean(&format!("{start}{added}"), 3));
    }
}

#[test]
fn a_file_that_is_replaced_while_it_is_read_is_right_after_the_next_run() {
    let start = long_transcript().take();
    let other = start.replace("question", "rejoinder");
    let config = ConfigDir::new();
    config.write(&path(), &start);
    let database = open(&config);
    index_while(&database, &config, || {
        config.replace(&path(), &other);
    });
    index(&database, config.path());
    assert_same(&dump(&database, config.path()), &clean(&other, 2));
}
