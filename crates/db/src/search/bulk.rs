//! Bringing much text into the search index at once.
//!
//! FTS5 takes most of the time of a large run, all of it on the thread that writes. A bulk run keeps it out: posting
//! lists are made on the threads that read, collected in memory, and written as one [`segment`](super::segment).
//!
//! Rows are stored before their text can be found, so table `unindexed_rows` names the rows that wait, in the same
//! transaction. Whoever is about to change such a row brings all of them in first; the run notices that they were taken
//! away and gives up its collection. Rows whose run is gone are brought in when the next run begins
//! ([`Search::catch_up`]).

use super::segment::{self, Postings, SegmentBuilder};
use crate::{
    connection::{Purpose, connect},
    error::Attempt,
    transaction::{BulkWriter, ReadWrite, Search, Write},
};
use han_base::{Result, Timestamp, id};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use std::{ops::RangeInclusive, path::Path};

/// Memory of a collection at which it is written.
const MAX_COLLECTION_BYTES: usize = 96 * 1024 * 1024;

/// Pages that one transaction writes of a segment: about 4 MiB.
const PAGES_PER_TRANSACTION: usize = 1000;

/// How long after it was last seen a run counts as gone.
const OWNER_LIFE_MS: i64 = 30_000;

/// The text of a bulk run that is not in the search index yet.
#[derive(Debug)]
pub struct BulkText {
    owner: String,
    /// Ranges of rows that wait for this collection.
    ranges: i64,
    last_row: Option<i64>,
    /// None once the ranges were taken away.
    collection: Option<SegmentBuilder>,
}

impl Default for BulkText {
    fn default() -> Self {
        Self { owner: id::random(), ranges: 0, last_row: None, collection: Some(SegmentBuilder::new()) }
    }
}

impl BulkText {
    /// Whether text can be added: false once another writer took the rows away.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.collection.is_some()
    }

    /// Whether there is so much that it should be written now.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.collection.as_ref().is_some_and(|collection| collection.bytes() >= MAX_COLLECTION_BYTES)
    }

    /// Begins a transaction of the run: notices when the ranges were taken away, or are not what the collection holds
    /// since the last transaction was rolled back, and shows that the run is alive.
    pub fn begin(&mut self, write: &Write<'_>) -> Result<()> {
        let attempt = || "look after the rows of a bulk run".to_owned();
        let owned = write
            .connection
            .prepare_cached("UPDATE unindexed_rows SET updated_at_ms = ?2 WHERE owner = ?1")
            .and_then(|mut statement| statement.execute(params![self.owner, Timestamp::now().as_millis()]))
            .attempt(attempt)?;
        let last_row: Option<i64> = write
            .connection
            .prepare_cached("SELECT max(last_row_id) FROM unindexed_rows WHERE owner = ?1")
            .and_then(|mut statement| statement.query_row([&self.owner], |row| row.get(0)))
            .attempt(attempt)?;
        if owned as i64 != self.ranges || last_row != self.last_row {
            self.collection = None;
        }
        Ok(())
    }

    /// Adds the posting lists of the rows of one batch, which were just inserted: `rows` are all of them, `texts` those
    /// with text, in ascending order. [`BulkText::begin`] must have been called in this transaction, and the text must
    /// be open.
    pub fn add(
        &mut self,
        write: &Write<'_>,
        postings: &Postings,
        texts: &[i64],
        rows: RangeInclusive<i64>,
    ) -> Result<()> {
        let Some(collection) = &mut self.collection else { return Ok(()) };
        collection.append(postings, texts);
        let attempt = || "record rows of a bulk run".to_owned();
        // SQLite numbers the rows of a transaction one after the other; between transactions others may insert.
        if self.last_row.is_some_and(|last_row| last_row + 1 == *rows.start()) {
            write
                .connection
                .prepare_cached(
                    "UPDATE unindexed_rows SET last_row_id = ?3 WHERE owner = ?1 AND last_row_id = ?2",
                )
                .and_then(|mut statement| statement.execute(params![self.owner, self.last_row, rows.end()]))
                .attempt(attempt)?;
        } else {
            write
                .connection
                .prepare_cached(
                    "INSERT INTO unindexed_rows (first_row_id, last_row_id, owner, updated_at_ms)
                     VALUES (?1, ?2, ?3, ?4)",
                )
                .and_then(|mut statement| {
                    let now = Timestamp::now().as_millis();
                    statement.execute(params![rows.start(), rows.end(), self.owner, now])
                })
                .attempt(attempt)?;
            self.ranges += 1;
        }
        self.last_row = Some(*rows.end());
        Ok(())
    }

    /// Writes the collection as a segment of the search index, in short transactions between which others go first.
    /// When the ranges were taken away nothing is written. The text is empty and open again afterwards, unless it was
    /// taken away.
    pub fn publish(&mut self, path: &Path, writer: &mut BulkWriter<'_>) -> Result<()> {
        let Some(collection) = self.collection.replace(SegmentBuilder::new()) else {
            self.collection = None;
            return Ok(());
        };
        if collection.is_empty() && self.ranges == 0 {
            return Ok(());
        }
        let attempt = || "write a segment of the search index".to_owned();
        // FTS5 remembers its segments and looks anew only when another connection changed the file.
        let mut connection = connect(path, Purpose::Write)?;
        let mut pages = collection.finish();
        let mut written = false;
        while !written {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate).attempt(attempt)?;
            written = pages.write_pages(&transaction, PAGES_PER_TRANSACTION)?;
            transaction.commit().attempt(attempt)?;
            writer.yield_to_others();
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).attempt(attempt)?;
        let owned = transaction
            .execute("DELETE FROM unindexed_rows WHERE owner = ?1", [&self.owner])
            .attempt(attempt)?;
        if owned as i64 == self.ranges {
            pages.publish(&transaction)?;
            transaction.commit().attempt(attempt)?;
        } else {
            drop(transaction);
            self.collection = None;
        }
        self.ranges = 0;
        self.last_row = None;
        Ok(())
    }
}

impl<A> Search<'_, A> {
    /// Whether the text of every row is in the index: false while a bulk run goes on, or after one was killed.
    pub fn is_complete(&self) -> Result<bool> {
        self.connection
            .prepare_cached("SELECT NOT EXISTS (SELECT 1 FROM unindexed_rows)")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .attempt(|| "look whether the search index is complete".into())
    }
}

impl Search<'_, ReadWrite> {
    /// Brings up to `limit` rows into the index whose bulk run is gone; true when there are none left. Rows of a run
    /// that lives are left to it.
    pub fn catch_up(&self, limit: u32) -> Result<bool> {
        let attempt = || "bring the rows of a run that was killed into the search index".to_owned();
        let gone = Timestamp::now().as_millis() - OWNER_LIFE_MS;
        let range: Option<(i64, i64)> = self
            .connection
            .prepare_cached(
                "SELECT first_row_id, last_row_id FROM unindexed_rows WHERE owner = '' OR updated_at_ms < ?1
                 ORDER BY first_row_id LIMIT 1",
            )
            .and_then(|mut statement| {
                statement.query_row([gone], |row| Ok((row.get(0)?, row.get(1)?))).optional()
            })
            .attempt(attempt)?;
        let Some((first, last)) = range else { return Ok(true) };
        let alive: bool = self
            .connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM unindexed_rows WHERE owner <> '' AND updated_at_ms >= ?1)")
            .and_then(|mut statement| statement.query_row([gone], |row| row.get(0)))
            .attempt(attempt)?;
        // Pages that a living run is about to publish look like those of one that was killed.
        if !alive {
            segment::remove_unpublished(self.connection)?;
        }
        let end: i64 = self
            .connection
            .query_row(
                "SELECT coalesce(max(row_id), ?2) FROM
                   (SELECT row_id FROM messages WHERE row_id BETWEEN ?1 AND ?2 ORDER BY row_id LIMIT ?3)",
                params![first, last, limit],
                |row| row.get(0),
            )
            .attempt(attempt)?;
        self.connection
            .execute(
                "INSERT INTO messages_fts (rowid, content, tool_input)
                 SELECT row_id, content, tool_input FROM message_texts WHERE row_id BETWEEN ?1 AND ?2",
                [first, end],
            )
            .attempt(attempt)?;
        self.connection
            .execute("DELETE FROM unindexed_rows WHERE first_row_id = ?1", [first])
            .attempt(attempt)?;
        if end < last {
            self.connection
                .execute(
                    "INSERT INTO unindexed_rows (first_row_id, last_row_id, owner, updated_at_ms) VALUES (?1, ?2, '', 0)",
                    [end + 1, last],
                )
                .attempt(attempt)?;
        }
        Ok(false)
    }
}

/// Brings all rows that wait into the index at once, also those of a run that lives: one of them is about to change.
/// Rare, so it may take its time.
pub(crate) fn index_waiting_rows(connection: &Connection) -> Result<()> {
    let waiting = connection
        .prepare_cached("UPDATE unindexed_rows SET owner = ''")
        .and_then(|mut statement| statement.execute([]))
        .attempt(|| "take the rows of bulk runs".into())?;
    if waiting > 0 {
        let search = Write::new(connection).search();
        while !search.catch_up(u32::MAX)? {}
    }
    Ok(())
}
