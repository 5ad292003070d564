//! Files that lie elsewhere than they were indexed.

use crate::{
    dump::{assert_sound, rows},
    index, open,
};
use han_db::Database;
use han_indexer::{Unwatched, index_file};
use han_testkit::{ConfigDir, Transcript};
use std::fs;

const SESSION: &str = "40e40001-0000-4000-8000-000000000001";

fn paths(database: &Database) -> Vec<String> {
    let connection = rusqlite::Connection::open(database.path()).unwrap();
    rows(&connection, "SELECT file_path, is_missing, byte_offset FROM session_files ORDER BY 1")
}

fn raw_bytes(database: &Database) -> Vec<String> {
    let connection = rusqlite::Connection::open(database.path()).unwrap();
    rows(&connection, "SELECT sum(byte_length) FROM raw_blocks")
}

#[test]
fn a_moved_file_keeps_its_row_and_grows_there() {
    for by_copy in [false, true] {
        let config = ConfigDir::new();
        let mut lines = Transcript::new(SESSION);
        let old = config
            .write(&format!("-home-dev-app/{SESSION}.jsonl"), lines.prompt("hello").reply("yes", 3).take());
        let database = open(&config);
        index(&database, config.path());
        let stored = raw_bytes(&database);
        let new = config.at(&format!("-home-dev-new/{SESSION}.jsonl"));
        fs::create_dir_all(new.parent().unwrap()).unwrap();
        if by_copy {
            fs::copy(&old, &new).unwrap();
            fs::remove_file(&old).unwrap();
        } else {
            fs::rename(&old, &new).unwrap();
        }
        let report = index(&database, config.path());
        assert_eq!((report.messages_indexed, report.bytes_read, report.files_unchanged), (0, 0, 1));
        let new = new.canonicalize().unwrap();
        assert_eq!(paths(&database).len(), 1);
        assert!(paths(&database)[0].contains(&format!("{:?}|0|", new.to_string_lossy())));
        assert_eq!(raw_bytes(&database), stored);
        let session = database.read(|read| read.sessions().get(SESSION)).unwrap().unwrap();
        assert_eq!(session.transcript_path.as_deref(), new.to_str());

        // Once more, and longer at the same time, told by its own name only.
        let added = lines.prompt("more").take();
        config.append(&format!("-home-dev-new/{SESSION}.jsonl"), &added);
        let third = config.path().join(format!("{SESSION}.jsonl"));
        fs::rename(&new, &third).unwrap();
        let report = index_file(&database, &third, None, &Unwatched).unwrap();
        assert_eq!((report.messages_indexed, report.bytes_read), (1, added.len() as u64));
        assert_eq!(paths(&database).len(), 1);
        assert_sound(&database);
    }
}

#[test]
fn a_copy_and_another_file_of_the_same_name_are_files_of_their_own() {
    let config = ConfigDir::new();
    let text = Transcript::new(SESSION).prompt("hello").reply("yes", 3).take();
    let old = config.write(&format!("-home-dev-app/{SESSION}.jsonl"), &text);
    let database = open(&config);
    index(&database, config.path());
    config.write(&format!("-home-dev-copy/{SESSION}.jsonl"), &text);
    index(&database, config.path());
    assert_eq!(paths(&database).len(), 2);

    fs::remove_file(old).unwrap();
    config.write(&format!("-home-dev-other/{SESSION}.jsonl"), text.replace("hello", "other"));
    index(&database, config.path());
    assert_eq!(paths(&database).len(), 3);
    assert_sound(&database);
}
