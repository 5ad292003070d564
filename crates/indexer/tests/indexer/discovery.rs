//! Which files a run finds, and what it does with those it cannot read.

use crate::{dump::assert_sound, index, open, oracle::hits};
use han_base::Code;
use han_db::Database;
use han_indexer::{Unwatched, index_config_dirs, index_file, index_project_dir};
use han_testkit::{ConfigDir, Transcript};
use std::fs;

const FIRST: &str = "d15c0001-0000-4000-8000-000000000001";
const SECOND: &str = "d15c0002-0000-4000-8000-000000000002";

fn transcript(session: &str) -> String {
    Transcript::new(session).prompt("hello").take()
}

fn rows(database: &Database) -> i64 {
    database.read(|read| read.archive().stats()).unwrap().messages
}

#[test]
fn a_missing_folder_has_its_code() {
    let config = ConfigDir::new();
    let database = open(&config);
    let missing = config.path().join("missing");
    let error = index_config_dirs(&database, std::slice::from_ref(&missing), &Unwatched).unwrap_err();
    assert_eq!(error.code(), Code::FileNotFound);
    assert!(error.to_string().contains("missing"), "{error}");
    let error = index_project_dir(&database, &missing, None, &Unwatched).unwrap_err();
    assert_eq!(error.code(), Code::FileNotFound);
    let file = config.write("file", "");
    assert_eq!(
        index_project_dir(&database, &file, None, &Unwatched).unwrap_err().code(),
        Code::NotADirectory
    );

    // A config folder without projects is no error: nothing was done with it yet.
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(index(&database, empty.path()).files_seen, 0);
}

#[test]
fn one_file_that_is_missing_or_a_folder_has_its_code() {
    let config = ConfigDir::new();
    let database = open(&config);
    let code = |path: std::path::PathBuf| index_file(&database, &path, None, &Unwatched).unwrap_err().code();
    assert_eq!(code(config.at("missing.jsonl")), Code::FileNotFound);
    assert_eq!(code(config.at("")), Code::NotAFile);
    fs::create_dir_all(config.at("-home-dev-app/folder.jsonl")).unwrap();
    assert_eq!(code(config.at("-home-dev-app/folder.jsonl")), Code::NotAFile);
    config.write(&format!("-home-dev-app/{FIRST}.jsonl"), transcript(FIRST));
    let report = index(&database, config.path());
    assert_eq!((report.files_failed, report.messages_indexed), (0, 1));
}

#[test]
fn a_file_of_which_nothing_tells_the_session_costs_only_itself() {
    let config = ConfigDir::new();
    config.write("-home-dev-app/notes.jsonl", "{\"type\":\"mode\",\"mode\":\"plan\"}\n");
    config.write(&format!("-home-dev-app/{FIRST}.jsonl"), transcript(FIRST));
    let database = open(&config);
    let report = index(&database, config.path());
    assert_eq!((report.files_seen, report.files_failed, report.files_indexed), (2, 1, 1));
    let failed = report.results.iter().find(|result| result.error.is_some()).unwrap();
    assert!(failed.file_path.ends_with("notes.jsonl"));
    assert!(failed.error.as_ref().unwrap().starts_with("[SESSION_UNKNOWN] "), "{failed:?}");
    assert_eq!(rows(&database), 1);

    // Once a line tells it, it is indexed.
    config.append("-home-dev-app/notes.jsonl", transcript(SECOND));
    let report = index(&database, config.path());
    assert_eq!((report.files_failed, report.messages_indexed, report.files_unchanged), (0, 2, 1));
    assert_eq!(report.results[0].session_id, SECOND);
}

#[test]
fn an_empty_file_is_nothing_until_it_has_a_line() {
    let config = ConfigDir::new();
    let path = format!("-home-dev-app/{FIRST}.jsonl");
    config.write(&path, "");
    let database = open(&config);
    for _ in 0..2 {
        let report = index(&database, config.path());
        assert_eq!((report.files_seen, report.files_failed, report.files_indexed), (1, 0, 0));
        assert_eq!((report.bytes_read, report.messages_indexed, report.sessions), (0, 0, 0));
    }
    assert_eq!(database.read(|read| read.sessions().get(FIRST)).unwrap(), None);
    config.append(&path, transcript(FIRST));
    assert_eq!(index(&database, config.path()).messages_indexed, 1);
}

#[cfg(unix)]
mod links {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_project_folder_may_be_a_link_to_elsewhere() {
        let config = ConfigDir::new();
        let elsewhere = tempfile::tempdir().unwrap();
        symlink(elsewhere.path(), config.at("-home-dev-app")).unwrap();
        let path = format!("-home-dev-app/{FIRST}.jsonl");
        let mut lines = Transcript::new(FIRST);
        config.write(&path, lines.prompt("hello").take());
        let database = open(&config);
        assert_eq!(index(&database, config.path()).messages_indexed, 1);
        let session = database.read(|read| read.sessions().overview(FIRST)).unwrap().unwrap();
        assert_eq!(
            session.project_path.as_deref(),
            Some("/home/dev/app"),
            "it is in the project of its place"
        );
        let report = index(&database, config.path());
        assert_eq!((report.files_unchanged, report.bytes_read), (1, 0), "nothing is read twice");

        let added = lines.prompt("again").take();
        let file = config.append(&path, &added);
        let report = index(&database, config.path());
        assert_eq!((report.messages_indexed, report.bytes_read), (1, added.len() as u64));

        // The file alone, by either of its names, is the same file.
        for file in [file, elsewhere.path().join(format!("{FIRST}.jsonl"))] {
            let report = index_file(&database, &file, None, &Unwatched).unwrap();
            assert_eq!((report.files_unchanged, report.bytes_read), (1, 0));
        }
        config.write(&path, transcript(FIRST).replace("hello", "rewritten"));
        index(&database, config.path());
        assert_eq!((rows(&database), hits(&database, "rewritten")), (1, 1));
        assert_sound(&database);
    }

    #[test]
    fn the_folder_of_projects_may_be_a_link() {
        let config = ConfigDir::new();
        let path = format!("-home-dev-app/{FIRST}.jsonl");
        let file = config.write(&path, transcript(FIRST));
        let linked = tempfile::tempdir().unwrap();
        symlink(config.at(""), linked.path().join("projects")).unwrap();
        let database = open(&config);
        assert_eq!(index(&database, linked.path()).messages_indexed, 1);
        let session = database.read(|read| read.sessions().overview(FIRST)).unwrap().unwrap();
        assert_eq!(session.project_path.as_deref(), Some("/home/dev/app"));
        assert_eq!(index_file(&database, &file, None, &Unwatched).unwrap().files_unchanged, 1);
        assert_eq!(index(&database, linked.path()).files_unchanged, 1);
        assert_eq!(database.read(|read| read.archive().stats()).unwrap().files, 1);
    }

    #[test]
    fn links_in_a_circle_end() {
        let config = ConfigDir::new();
        config.write(&format!("-home-dev-app/{FIRST}.jsonl"), transcript(FIRST));
        let agent = Transcript::new(SECOND).of_agent("a1").prompt("look").take();
        config.write(&format!("-home-dev-app/{SECOND}/subagents/agent-a1.jsonl"), agent);
        symlink(config.at(""), config.at("-all")).unwrap();
        symlink(config.at("-home-dev-app"), config.at("-home-dev-app/self")).unwrap();
        symlink(config.at("-home-dev-app"), config.at("-home-dev-same")).unwrap();
        let subagents = config.at(&format!("-home-dev-app/{SECOND}/subagents"));
        symlink(&subagents, subagents.join("deeper")).unwrap();
        symlink(config.at("nowhere"), config.at("-home-dev-app/gone.jsonl")).unwrap();
        symlink(config.at("-home-dev-app/ring.jsonl"), config.at("-home-dev-app/ring.jsonl")).unwrap();
        let database = open(&config);
        let report = index(&database, config.path());
        assert_eq!((report.files_seen, report.files_failed, report.messages_indexed), (2, 0, 2));
        assert_eq!(index(&database, config.path()).files_unchanged, 2);
        let session = database.read(|read| read.sessions().overview(FIRST)).unwrap().unwrap();
        assert_eq!(session.project_path.as_deref(), Some("/home/dev/app"));
    }
}

#[cfg(target_os = "linux")]
mod rights {
    use super::*;
    use han_testkit::as_ordinary_user;
    use std::{os::unix::fs::PermissionsExt, path::Path};

    fn set_rights(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_file_that_may_not_be_read_costs_only_itself() {
        as_ordinary_user(|| {
            let config = ConfigDir::new();
            let hidden = config.write(&format!("-home-dev-app/{FIRST}.jsonl"), transcript(FIRST));
            config.write(&format!("-home-dev-app/{SECOND}.jsonl"), transcript(SECOND));
            set_rights(&hidden, 0);
            let database = open(&config);
            let report = index(&database, config.path());
            assert_eq!((report.files_failed, report.messages_indexed), (1, 1));
            let failed = report.results.iter().find(|result| result.error.is_some()).unwrap();
            assert!(failed.error.as_ref().unwrap().starts_with("[FILE_UNREADABLE] "), "{failed:?}");
            let report = index_file(&database, &hidden, None, &Unwatched).unwrap();
            assert_eq!(report.files_failed, 1);

            // A known file that may not be read any more keeps its rows, and grows when it may be.
            set_rights(&hidden, 0o600);
            index(&database, config.path());
            let added = transcript(FIRST).replace("-8000-000000000000\"", "-8000-0000000000aa\"");
            config.append(&format!("-home-dev-app/{FIRST}.jsonl"), added);
            set_rights(&hidden, 0);
            assert_eq!(index(&database, config.path()).files_failed, 1);
            assert_eq!(rows(&database), 2);
            set_rights(&hidden, 0o600);
            assert_eq!(index(&database, config.path()).messages_indexed, 1);
            assert_sound(&database);
        });
    }

    #[test]
    fn a_folder_that_may_not_be_listed_costs_only_itself() {
        as_ordinary_user(|| {
            let config = ConfigDir::new();
            config.write(&format!("-home-dev-app/{FIRST}.jsonl"), transcript(FIRST));
            config.write(&format!("-home-dev-other/{SECOND}.jsonl"), transcript(SECOND));
            let database = open(&config);
            index(&database, config.path());
            set_rights(&config.at("-home-dev-other"), 0);
            let report = index(&database, config.path());
            assert_eq!((report.files_unchanged, report.files_failed), (1, 1));
            let failed = &report.results[0];
            assert!(failed.file_path.ends_with("-home-dev-other"));
            assert!(failed.error.as_ref().unwrap().starts_with("[FILE_UNREADABLE] "), "{failed:?}");
            let missing = database.read(|read| read.archive().stats()).unwrap().missing_files;
            assert_eq!(missing, 0, "what cannot be looked at is not gone");
            set_rights(&config.at("-home-dev-other"), 0o700);
            assert_eq!(index(&database, config.path()).files_unchanged, 2);
        });
    }
}
