//! Whole runs over folders of transcripts: what they store against what a slow, clear reader finds in the same files.

#![cfg(test)]

mod cancel;
mod counters;
mod discovery;
mod dump;
mod full_disk;
mod han_events;
mod incremental;
mod insert;
mod ledger;
mod moved;
mod odd;
mod oracle;
mod processes;
mod projects;
mod repositories;
mod rewritten;
mod sessions;
mod torn;
mod twin;
mod upgrade;
mod verify;

use han_db::Database;
use han_indexer::{IndexReport, Unwatched, index_config_dirs};
use han_testkit::ConfigDir;
use std::path::Path;

/// A database beside a config folder.
fn open(config: &ConfigDir) -> Database {
    Database::open(&config.database_path()).unwrap()
}

/// Indexes a config folder; every file must have been looked at.
fn index(database: &Database, config_dir: &Path) -> IndexReport {
    let report = index_config_dirs(database, &[config_dir.to_owned()], &Unwatched).unwrap();
    assert_eq!(report.status, han_indexer::Status::Complete);
    report
}
