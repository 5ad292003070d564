//! Bringing a file's schema up to date.
//!
//! `application_id` marks the file as ours, `user_version` counts the migrations it has seen. A file that a newer
//! version wrote is still opened when that version said so: metadata `readable_from` holds the lowest schema version
//! that a program must know to use the file. A file of the program that came before this one is taken over, see
//! [`upgrade`].

use crate::{error::Attempt, metadata, search, upgrade};
use han_base::{Code, Error, Result};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// "HanN": marks an SQLite file as ours.
const APPLICATION_ID: i32 = 0x4861_6E4E;

/// The migrations in order; the n-th brings a file to schema version n.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_core.sql"),
    include_str!("../migrations/0002_work.sql"),
    include_str!("../migrations/0003_documents.sql"),
];

/// The lowest schema version whose programs can use a file of this version.
const READABLE_FROM: u32 = 1;

/// The last migration that made room for something transcripts tell: a file that was older wants a rescan.
const RESCAN_SINCE: u32 = 2;

/// The schema version that this program writes.
pub const SCHEMA_VERSION: u32 = MIGRATIONS.len() as u32;

/// How long a process waits for another one that takes a file over: a large one takes minutes.
const UPGRADE_PATIENCE: Duration = Duration::from_secs(15 * 60);

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Ours, of this schema version; 0 for an empty one.
    Schema(u32),
    /// One of the program that came before.
    Upgradable,
}

/// Creates or upgrades the schema, in one transaction that other processes wait for.
pub(crate) fn migrate(connection: &mut Connection, path: &Path) -> Result<()> {
    let give_up = Instant::now() + UPGRADE_PATIENCE;
    loop {
        let found = check(connection, path)?;
        if found == Found::Schema(SCHEMA_VERSION) {
            return Ok(());
        }
        if found == Found::Upgradable {
            upgrade::make_private(path)?;
        }
        // Rows of an old file may refer to nothing. This can be switched outside of transactions only.
        switch_foreign_keys(connection, found != Found::Upgradable)?;
        let done = bring_up(connection, path, found);
        switch_foreign_keys(connection, true)?;
        match done {
            // Another process was quicker.
            Ok(false) => {}
            Ok(true) => return Ok(()),
            Err(error)
                if error.code() == Code::DbBusy && found == Found::Upgradable && Instant::now() < give_up => {
            }
            Err(error) => return Err(error),
        }
    }
}

fn switch_foreign_keys(connection: &Connection, on: bool) -> Result<()> {
    connection.pragma_update(None, "foreign_keys", on).attempt(|| "switch foreign keys".into())
}

/// Brings what was found up to date. False when it is something else by now.
fn bring_up(connection: &mut Connection, path: &Path, found: Found) -> Result<bool> {
    let attempt = || format!("upgrade database {}", path.display());
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).attempt(attempt)?;
    if check_snapshot(&transaction, path)? != found {
        return Ok(false);
    }
    let make_schema = |version: u32| -> Result<()> {
        for migration in &MIGRATIONS[version as usize..] {
            transaction.execute_batch(migration).attempt(attempt)?;
        }
        if version == 0 {
            search::renewal::note_rules(&transaction)?;
        }
        Ok(())
    };
    match found {
        Found::Upgradable => upgrade::upgrade(&transaction, || make_schema(0))?,
        Found::Schema(version) => {
            make_schema(version)?;
            if (1..RESCAN_SINCE).contains(&version) {
                metadata::set(&transaction, metadata::NEEDS_REINDEX, "true")?;
            }
        }
    }
    metadata::set(&transaction, "readable_from", &READABLE_FROM.to_string())?;
    transaction
        .execute_batch(&format!(
            "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"
        ))
        .attempt(attempt)?;
    transaction.commit().attempt(attempt)?;
    Ok(true)
}

/// What the file is. Fails when it is not ours or too new.
pub(crate) fn check(connection: &Connection, path: &Path) -> Result<Found> {
    // One snapshot: another process may be making the schema.
    let snapshot = connection
        .unchecked_transaction()
        .attempt(|| format!("read the version of database {}", path.display()))?;
    check_snapshot(&snapshot, path)
}

fn check_snapshot(connection: &Connection, path: &Path) -> Result<Found> {
    let attempt = || format!("read the version of database {}", path.display());
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).attempt(attempt);
    let version = number("PRAGMA user_version")?;
    let application = number("PRAGMA application_id")?;
    if application != i64::from(APPLICATION_ID) {
        if application == 0 && version == 0 && number("SELECT count(*) FROM sqlite_schema")? == 0 {
            return Ok(Found::Schema(0));
        }
        if application == 0 && upgrade::is_upgradable(connection).attempt(attempt)? {
            return Ok(Found::Upgradable);
        }
        return Err(Error::new(Code::DbForeign, format!("open database {}", path.display())));
    }
    let version = u32::try_from(version).map_err(|_| {
        Error::new(Code::DbCorrupt, format!("read schema version {version} of {}", path.display()))
    })?;
    if version > SCHEMA_VERSION {
        let too_new = || {
            let attempt = format!("open database {} of schema {version}", path.display());
            Error::new(Code::DbTooNew, format!("{attempt}; this version knows {SCHEMA_VERSION}"))
        };
        let readable_from = connection
            .query_row("SELECT value FROM metadata WHERE key = 'readable_from'", [], |row| {
                row.get::<_, String>(0)
            })
            .optional()
            .attempt(attempt)
            .map_err(|error| match error.code() {
                // The newer version keeps no such table, or another kind of it.
                Code::DbFailed => too_new().because(error),
                _ => error,
            })?;
        let readable =
            readable_from.and_then(|text| text.parse::<u32>().ok()).is_some_and(|v| v <= SCHEMA_VERSION);
        return if readable { Ok(Found::Schema(SCHEMA_VERSION)) } else { Err(too_new()) };
    }
    Ok(Found::Schema(version))
}
