//! Bringing much text into the search index at once.
//!
//! FTS5 takes most of the time of a large run, all of it on the thread that writes. A bulk run keeps it out: posting
//! lists are made on the threads that read, collected in memory, and written as one [`segment`](super::segment).
//!
//! Rows are stored before their text can be found, so table `unindexed_rows` names the rows that wait, in the same
//! transaction. Whoever is about to change such a row brings all that wait in first; the run notices that they were taken
//! away and gives up its collection. A run holds a lock on a file beside the database; whoever gets that lock knows
//! that rows which wait were left by a run that was killed, and brings them in ([`BulkText::catch_up`]).

use super::{
    renewal,
    segment::{self, Postings, Segment, SegmentBuilder},
};
use crate::{
    error::Attempt,
    transaction::{BulkWriter, Search, Write},
};
use han_base::{Error, Result, id};
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, params};
use std::{
    fs::{File, TryLockError},
    ops::RangeInclusive,
    panic::resume_unwind,
    path::Path,
    sync::Arc,
    thread,
    time::Duration,
};

/// Memory of a collection at which it is written.
const MAX_COLLECTION_BYTES: usize = 64 * 1024 * 1024;

/// Memory of a collection that is written in a few milliseconds.
const SMALL_COLLECTION_BYTES: usize = 1024 * 1024;

/// Pages that one transaction writes of a segment, or removes: about 4 MiB.
const PAGES_PER_TRANSACTION: u32 = 1000;

/// How long to wait for a segment before looking whether somebody else waits, or nobody for the segment any more.
const LOOK_UP: Duration = Duration::from_millis(2);

/// Behind the path of the database: the file that the one bulk run of all processes holds a lock on.
const LOCK_SUFFIX: &str = "-bulk";

/// The text of a bulk run that is not in the search index yet. There is one at a time per database.
#[derive(Debug)]
pub struct BulkText {
    owner: String,
    /// Ranges of rows that wait for this collection.
    ranges: i64,
    last_row: Option<i64>,
    /// None once the ranges were taken away.
    collection: Option<SegmentBuilder>,
    /// The lock on it ends with the process, however that ends.
    _lock: File,
}

impl BulkText {
    /// Begins a bulk run on the database at `path`; `None` while another one goes on, in whatever process, and where
    /// files cannot be locked.
    pub fn start(path: &Path) -> Result<Option<Self>> {
        let mut lock_path = path.as_os_str().to_owned();
        lock_path.push(LOCK_SUFFIX);
        let mut options = File::options();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let lock = options
            .open(&lock_path)
            .map_err(|error| Error::io("open the lock of bulk runs", Path::new(&lock_path), error))?;
        match lock.try_lock() {
            Ok(()) => {}
            // Where the file system has no locks, text is indexed row by row: slower, and as right.
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => return Ok(None),
        }
        Ok(Some(Self {
            owner: id::random(),
            ranges: 0,
            last_row: None,
            collection: Some(SegmentBuilder::new()),
            _lock: lock,
        }))
    }

    /// Brings up to `limit` rows into the index that a run which was killed left behind; true when there are none
    /// left. Belongs before [`BulkText::begin`].
    pub fn catch_up(&self, write: &Write<'_>, limit: u32) -> Result<bool> {
        if !segment::remove_unpublished(write.connection, PAGES_PER_TRANSACTION)? {
            return Ok(false);
        }
        renewal::renew(write.connection)?;
        index_first_range(write.connection, limit)
    }

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

    /// Whether there is so little that writing it takes no time to speak of.
    #[must_use]
    pub fn is_small(&self) -> bool {
        self.collection.as_ref().is_none_or(|collection| collection.bytes() <= SMALL_COLLECTION_BYTES)
    }

    /// Begins a transaction of the run: notices when the ranges were taken away, or are not what the collection holds
    /// since the last transaction was rolled back.
    pub fn begin(&mut self, write: &Write<'_>) -> Result<()> {
        let attempt = || "look after the rows of a bulk run".to_owned();
        let (owned, last_row): (i64, Option<i64>) = write
            .connection
            .prepare_cached("SELECT count(*), max(last_row_id) FROM unindexed_rows WHERE owner = ?1")
            .and_then(|mut statement| {
                statement.query_row([&self.owner], |row| Ok((row.get(0)?, row.get(1)?)))
            })
            .attempt(attempt)?;
        if owned != self.ranges || last_row != self.last_row {
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
                    "INSERT INTO unindexed_rows (first_row_id, last_row_id, owner) VALUES (?1, ?2, ?3)",
                )
                .and_then(|mut statement| statement.execute(params![rows.start(), rows.end(), self.owner]))
                .attempt(attempt)?;
            self.ranges += 1;
        }
        self.last_row = Some(*rows.end());
        Ok(())
    }

    /// Writes the collection as a segment of the search index, in short transactions between which others go first.
    /// When the ranges were taken away nothing is written. The text is empty and open again afterwards, unless it was
    /// taken away.
    pub fn publish(&mut self, writer: &mut BulkWriter<'_>) -> Result<()> {
        self.publish_unless(writer, &|| false).map(|_| ())
    }

    /// As [`BulkText::publish`], but gives up as soon as `is_cancelled` says so; false then. The rows wait to be caught up
    /// with, and the text is closed.
    pub fn publish_unless(
        &mut self,
        writer: &mut BulkWriter<'_>,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<bool> {
        let Some(collection) = self.collection.take() else { return Ok(true) };
        if collection.is_empty() && self.ranges == 0 {
            self.collection = Some(collection);
            return Ok(true);
        }
        if is_cancelled() {
            return Ok(false);
        }
        let Some(mut segment) = finish(collection, writer, is_cancelled) else { return Ok(false) };
        while !writer
            .transaction(|write| segment.write_pages(write.connection, PAGES_PER_TRANSACTION as usize))?
        {
            if is_cancelled() {
                return Ok(false);
            }
            writer.yield_to_others();
        }
        self.collection = Some(SegmentBuilder::new());
        writer.transaction(|write| {
            self.begin(write)?;
            if !self.is_open() {
                // Rows were taken away. Those that are left wait to be caught up with.
                return Ok(());
            }
            write
                .connection
                .execute("DELETE FROM unindexed_rows WHERE owner = ?1", [&self.owner])
                .attempt(|| "write a segment of the search index".into())?;
            segment.publish(write.connection)
        })?;
        self.ranges = 0;
        self.last_row = None;
        Ok(true)
    }
}

/// Makes a segment of a collection, on a thread of its own: that may take most of a second, so others write meanwhile.
/// `None` when it was cancelled: then the thread comes to its end alone.
fn finish(
    collection: SegmentBuilder,
    writer: &mut BulkWriter<'_>,
    is_cancelled: &dyn Fn() -> bool,
) -> Option<Segment> {
    let collection = Arc::new(Mutex::new(Some(collection)));
    let work = Arc::clone(&collection);
    let making = thread::Builder::new()
        .name("han-segment".into())
        .spawn(move || work.lock().take().map(SegmentBuilder::finish));
    // Without a thread it is made here.
    let Ok(making) = making else { return collection.lock().take().map(SegmentBuilder::finish) };
    while !making.is_finished() {
        if is_cancelled() {
            return None;
        }
        writer.yield_to_others();
        thread::sleep(LOOK_UP);
    }
    making.join().unwrap_or_else(|panic| resume_unwind(panic))
}

impl<A> Search<'_, A> {
    /// Whether the text of every row is in the index, by the rules of this version: false while a bulk run goes on, after
    /// one was killed, and for a file of other rules until an index run or a repair.
    pub fn is_complete(&self) -> Result<bool> {
        let none_waits: bool = self
            .connection
            .prepare_cached("SELECT NOT EXISTS (SELECT 1 FROM unindexed_rows)")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .attempt(|| "look whether the search index is complete".into())?;
        Ok(none_waits && renewal::is_current(self.connection)?)
    }
}

/// Brings up to `limit` rows of the first range that waits into the index; true when none waits.
fn index_first_range(connection: &Connection, limit: u32) -> Result<bool> {
    let attempt = || "bring rows that wait into the search index".to_owned();
    let range: Option<(i64, i64, String)> = connection
        .prepare_cached(
            "SELECT first_row_id, last_row_id, owner FROM unindexed_rows ORDER BY first_row_id LIMIT 1",
        )
        .and_then(|mut statement| {
            statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()
        })
        .attempt(attempt)?;
    let Some((first, last, owner)) = range else { return Ok(true) };
    let end: i64 = connection
        .query_row(
            "SELECT coalesce(max(row_id), ?2) FROM
               (SELECT row_id FROM messages WHERE row_id BETWEEN ?1 AND ?2 ORDER BY row_id LIMIT ?3)",
            params![first, last, limit],
            |row| row.get(0),
        )
        .attempt(attempt)?;
    connection
        .execute(
            "INSERT INTO messages_fts (rowid, content, tool_input)
             SELECT row_id, content, tool_input FROM message_texts WHERE row_id BETWEEN ?1 AND ?2",
            [first, end],
        )
        .attempt(attempt)?;
    connection.execute("DELETE FROM unindexed_rows WHERE first_row_id = ?1", [first]).attempt(attempt)?;
    if end < last {
        connection
            .execute(
                "INSERT INTO unindexed_rows (first_row_id, last_row_id, owner) VALUES (?1, ?2, ?3)",
                params![end + 1, last, owner],
            )
            .attempt(attempt)?;
    }
    Ok(false)
}

/// Brings the rows that wait into the index at once, also those of a run that lives, when some of `rows` are among them:
/// they are about to change. Rare, so it may take its time.
pub(crate) fn index_waiting_rows(connection: &Connection, rows: RangeInclusive<i64>) -> Result<()> {
    let waiting: bool = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM unindexed_rows WHERE first_row_id <= ?2 AND last_row_id >= ?1)",
        )
        .and_then(|mut statement| statement.query_row([rows.start(), rows.end()], |row| row.get(0)))
        .attempt(|| "look whether rows wait for the search index".into())?;
    while waiting && !index_first_range(connection, u32::MAX)? {}
    Ok(())
}
