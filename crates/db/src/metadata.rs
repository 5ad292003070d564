//! Small facts about the store itself (table `metadata`).

use crate::{
    error::Attempt,
    transaction::{Metadata, ReadWrite},
};
use han_base::{Result, Timestamp};
use rusqlite::{OptionalExtension, params};

const NEEDS_REINDEX: &str = "needs_reindex";

impl<A> Metadata<'_, A> {
    /// Whether a rescan of the source files would add what an older version could not store.
    pub fn needs_reindex(&self) -> Result<bool> {
        Ok(self.get(NEEDS_REINDEX)?.as_deref() == Some("true"))
    }

    fn get(&self, key: &str) -> Result<Option<String>> {
        self.connection
            .prepare_cached("SELECT value FROM metadata WHERE key = ?1")
            .and_then(|mut statement| statement.query_row([key], |row| row.get(0)).optional())
            .attempt(|| format!("read metadata {key}"))
    }
}

impl Metadata<'_, ReadWrite> {
    /// Sets or clears the wish for a rescan.
    pub fn set_needs_reindex(&self, needed: bool) -> Result<()> {
        self.connection
            .execute(
                "INSERT INTO metadata (key, value, updated_at_ms) VALUES (?1, ?2, ?3)
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at_ms = excluded.updated_at_ms",
                params![NEEDS_REINDEX, needed.to_string(), Timestamp::now().as_millis()],
            )
            .attempt(|| format!("write metadata {NEEDS_REINDEX}"))?;
        Ok(())
    }
}
