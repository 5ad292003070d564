//! Small facts about the store itself (table `metadata`).

use crate::{
    error::Attempt,
    transaction::{Metadata, ReadWrite},
};
use han_base::{Result, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

/// `true` when a rescan of the source files would add what could not be stored before.
pub(crate) const NEEDS_REINDEX: &str = "needs_reindex";

/// The rules of the tokenizer that the search indexes were made by.
pub(crate) const TOKENIZER_VERSION: &str = "tokenizer_version";

/// The value of a key.
pub(crate) fn get(connection: &Connection, key: &str) -> Result<Option<String>> {
    connection
        .prepare_cached("SELECT value FROM metadata WHERE key = ?1")
        .and_then(|mut statement| statement.query_row([key], |row| row.get(0)).optional())
        .attempt(|| format!("read metadata {key}"))
}

/// Sets the value of a key, inside a transaction.
pub(crate) fn set(connection: &Connection, key: &str, value: &str) -> Result<()> {
    connection
        .execute(
            "INSERT INTO metadata (key, value, updated_at_ms) VALUES (?1, ?2, ?3)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at_ms = excluded.updated_at_ms",
            params![key, value, Timestamp::now().as_millis()],
        )
        .attempt(|| format!("write metadata {key}"))?;
    Ok(())
}

impl<A> Metadata<'_, A> {
    /// Whether a rescan of the source files would add what an older version could not store.
    pub fn needs_reindex(&self) -> Result<bool> {
        Ok(get(self.connection, NEEDS_REINDEX)?.as_deref() == Some("true"))
    }
}

impl Metadata<'_, ReadWrite> {
    /// Sets or clears the wish for a rescan.
    pub fn set_needs_reindex(&self, needed: bool) -> Result<()> {
        set(self.connection, NEEDS_REINDEX, &needed.to_string())
    }
}
