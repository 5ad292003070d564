//! Which project a session belongs to.

use crate::{index, open};
use han_db::Database;
use han_indexer::{Unwatched, index_config_dirs};
use han_testkit::{ConfigDir, Transcript};
use std::collections::BTreeMap;

const FIRST: &str = "a9920001-0000-4000-8000-000000000001";
const SECOND: &str = "a9920002-0000-4000-8000-000000000002";

fn project_of(database: &Database, session: &str) -> (Option<String>, Option<String>) {
    let session = database.read(|read| read.sessions().overview(session)).unwrap().unwrap();
    (session.project_path, session.project_name)
}

fn project(path: &str, name: &str) -> (Option<String>, Option<String>) {
    (Some(path.to_owned()), Some(name.to_owned()))
}

#[test]
fn folders_whose_names_collide_stay_two_projects() {
    let config = ConfigDir::new();
    for (session, cwd) in [(FIRST, "/home/dev/twin.app"), (SECOND, "/home/dev/twin-app")] {
        let mut lines = Transcript::new(session).in_folder(cwd);
        config.write(&format!("-home-dev-twin-app/{session}.jsonl"), lines.prompt("hello").text());
    }
    let database = open(&config);
    index(&database, config.path());
    assert_eq!(project_of(&database, FIRST), project("/home/dev/twin.app", "twin.app"));
    assert_eq!(project_of(&database, SECOND), project("/home/dev/twin-app", "twin-app"));
    let projects = database.read(|read| read.projects().list(None)).unwrap();
    assert_eq!(projects.len(), 2);
    let slugs: BTreeMap<_, _> = projects.into_iter().map(|project| (project.slug, project.path)).collect();
    assert_eq!(slugs.len(), 2);
    assert!(slugs.contains_key("-home-dev-twin-app"));

    // Another run over other files comes to the same projects.
    let mut lines = Transcript::new("a9920003-0000-4000-8000-000000000003").in_folder("/home/dev/twin-app");
    let path = "-home-dev-twin-app/a9920003-0000-4000-8000-000000000003.jsonl";
    config.write(path, lines.prompt("hello").text());
    index(&database, config.path());
    assert_eq!(database.read(|read| read.projects().list(None)).unwrap().len(), 2);
}

#[test]
fn the_lines_tell_the_path_and_never_the_folders_name() {
    let config = ConfigDir::new();
    let mut lines = Transcript::new(FIRST).in_folder("/srv/data_sets/v2.1");
    config.write(&format!("-srv-data-sets-v2-1/{FIRST}.jsonl"), lines.prompt("hello").text());
    // A folder that was renamed by hand: its name fits no line.
    let mut lines = Transcript::new(SECOND).in_folder("/srv/elsewhere");
    config.write(&format!("renamed/{SECOND}.jsonl"), lines.prompt("hello").text());
    let database = open(&config);
    index(&database, config.path());
    assert_eq!(project_of(&database, FIRST), project("/srv/data_sets/v2.1", "v2.1"));
    assert_eq!(project_of(&database, SECOND), project("/srv/elsewhere", "elsewhere"));
}

#[test]
fn a_session_that_moves_to_another_folder_stays_in_its_project() {
    let path = format!("-home-dev-app/{FIRST}.jsonl");
    let pieces = || {
        let mut lines = Transcript::new(FIRST).in_folder("/home/dev/app");
        let start = lines.prompt("hello").take();
        let mut lines = lines.in_folder("/home/dev/app/crates/deep");
        (start, lines.prompt("deeper").take(), lines.prompt("deeper still").take())
    };
    let (start, deeper, deepest) = pieces();
    let whole = ConfigDir::new();
    whole.write(&path, format!("{start}{deeper}{deepest}"));
    let grown = ConfigDir::new();
    grown.write(&path, &start);
    for config in [&whole, &grown] {
        index(&open(config), config.path());
    }
    for piece in [deeper, deepest] {
        grown.append(&path, piece);
        index(&open(&grown), grown.path());
    }
    for config in [whole, grown] {
        let database = open(&config);
        assert_eq!(project_of(&database, FIRST), project("/home/dev/app", "app"));
        assert_eq!(database.read(|read| read.projects().list(None)).unwrap().len(), 1);
    }
}

#[test]
fn a_session_that_begins_elsewhere_finds_its_project_later() {
    let config = ConfigDir::new();
    let path = format!("-home-dev-app/{FIRST}.jsonl");
    let mut lines = Transcript::new(FIRST);
    config.write(&path, lines.title("no folder yet").take());
    let database = open(&config);
    index(&database, config.path());
    assert_eq!(project_of(&database, FIRST), project("", "-home-dev-app"));
    let mut lines = lines.in_folder("/home/dev/app");
    config.append(&path, lines.prompt("hello").take());
    index(&database, config.path());
    assert_eq!(project_of(&database, FIRST), project("/home/dev/app", "app"));
}

#[test]
fn an_agents_file_alone_tells_the_project() {
    let config = ConfigDir::new();
    let mut lines = Transcript::new(FIRST).in_folder("/home/dev/a_b").of_agent("a1b2c3");
    config.write(&format!("-home-dev-a-b/{FIRST}/subagents/agent-a1b2c3.jsonl"), lines.prompt("look").text());
    let database = open(&config);
    index(&database, config.path());
    assert_eq!(project_of(&database, FIRST), project("/home/dev/a_b", "a_b"));
    let session = database.read(|read| read.sessions().get(FIRST)).unwrap().unwrap();
    assert_eq!(session.transcript_path, None, "there is no main transcript");
    assert_eq!(session.source_config_dir, config.path().canonicalize().unwrap().to_str().map(str::to_owned));
}

#[test]
fn several_config_folders_share_a_store() {
    let (first, second) = (ConfigDir::new(), ConfigDir::new());
    for (config, session) in [(&first, FIRST), (&second, SECOND)] {
        let mut lines = Transcript::new(session).in_folder("/home/dev/app");
        config.write(&format!("-home-dev-app/{session}.jsonl"), lines.prompt("hello").text());
    }
    let database = open(&first);
    let folders = [first.path().to_owned(), second.path().to_owned()];
    let report = index_config_dirs(&database, &folders, &Unwatched).unwrap();
    assert_eq!((report.files_indexed, report.sessions), (2, 2));
    for (config, session) in [(&first, FIRST), (&second, SECOND)] {
        let session = database.read(|read| read.sessions().get(session)).unwrap().unwrap();
        assert_eq!(
            session.source_config_dir,
            config.path().canonicalize().unwrap().to_str().map(str::to_owned)
        );
    }
    assert_eq!(database.read(|read| read.projects().list(None)).unwrap().len(), 1, "one folder, one project");

    // A run over one folder says nothing about the files of the other.
    let report = index(&database, first.path());
    assert_eq!((report.files_seen, report.files_unchanged), (1, 1));
    assert_eq!(database.read(|read| read.archive().stats()).unwrap().missing_files, 0);
}

#[test]
fn a_long_session_of_a_colliding_folder_stays_in_its_project() {
    let config = ConfigDir::new();
    let mut lines = Transcript::new(FIRST).in_folder("/home/dev/twin.app");
    config.write(&format!("-home-dev-twin-app/{FIRST}.jsonl"), lines.prompt("hello").text());
    let mut lines = Transcript::new(SECOND).in_folder("/home/dev/twin-app");
    // Long enough for several transactions, of which the later ones learn something too.
    for number in 0..3000 {
        lines.prompt(&format!("line {number} of many words ").repeat(100));
        if number % 500 == 0 {
            lines.title(&format!("title {number}"));
        }
    }
    config.write(&format!("-home-dev-twin-app/{SECOND}.jsonl"), lines.text());
    let database = open(&config);
    index(&database, config.path());
    assert_eq!(project_of(&database, FIRST), project("/home/dev/twin.app", "twin.app"));
    assert_eq!(project_of(&database, SECOND), project("/home/dev/twin-app", "twin-app"));
    let session = database.read(|read| read.sessions().overview(SECOND)).unwrap().unwrap();
    assert_eq!(session.title.as_deref(), Some("title 2500"));
    assert!(session.first_prompt.unwrap().starts_with("line 0 of many words"));
}
