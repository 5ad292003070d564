//! Bringing a file's schema up to date.
//!
//! `application_id` marks the file as ours, `user_version` counts the migrations it has seen. A file that a newer
//! version wrote is still opened when that version said so: metadata `readable_from` holds the lowest schema version
//! that a program must know to use the file.

use crate::error::Attempt;
use han_base::{Code, Error, Result, Timestamp};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use std::path::Path;

/// "HanN": marks an SQLite file as ours.
const APPLICATION_ID: i32 = 0x4861_6E4E;

/// The migrations in order; the n-th brings a file to schema version n.
const MIGRATIONS: &[&str] =
    &[include_str!("../migrations/0001_core.sql"), include_str!("../migrations/0002_work.sql")];

/// The lowest schema version whose programs can use a file of this version.
const READABLE_FROM: u32 = 1;

/// The schema version that this program writes.
pub const SCHEMA_VERSION: u32 = MIGRATIONS.len() as u32;

/// Creates or upgrades the schema, in one transaction that other processes wait for.
pub(crate) fn migrate(connection: &mut Connection, path: &Path) -> Result<()> {
    if check(connection, path)? == SCHEMA_VERSION {
        return Ok(());
    }
    let attempt = || format!("upgrade database {}", path.display());
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).attempt(attempt)?;
    // Another process may have upgraded while this one waited.
    let version = check_snapshot(&transaction, path)?;
    if version < SCHEMA_VERSION {
        for migration in &MIGRATIONS[version as usize..] {
            transaction.execute_batch(migration).attempt(attempt)?;
        }
        let now = Timestamp::now().as_millis();
        transaction
            .execute(
                "INSERT INTO metadata (key, value, updated_at_ms) VALUES ('readable_from', ?1, ?2)
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at_ms = excluded.updated_at_ms",
                params![READABLE_FROM.to_string(), now],
            )
            .attempt(attempt)?;
        transaction
            .execute_batch(&format!(
                "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"
            ))
            .attempt(attempt)?;
    }
    transaction.commit().attempt(attempt)
}

/// The schema version of the file, 0 for an empty one. Fails when the file is not ours or too new.
pub(crate) fn check(connection: &Connection, path: &Path) -> Result<u32> {
    // One snapshot: another process may be making the schema.
    let snapshot = connection
        .unchecked_transaction()
        .attempt(|| format!("read the version of database {}", path.display()))?;
    check_snapshot(&snapshot, path)
}

fn check_snapshot(connection: &Connection, path: &Path) -> Result<u32> {
    let attempt = || format!("read the version of database {}", path.display());
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).attempt(attempt);
    let version = number("PRAGMA user_version")?;
    let application = number("PRAGMA application_id")?;
    if application != i64::from(APPLICATION_ID) {
        if application == 0 && version == 0 && number("SELECT count(*) FROM sqlite_schema")? == 0 {
            return Ok(0);
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
        return if readable { Ok(SCHEMA_VERSION) } else { Err(too_new()) };
    }
    Ok(version)
}
