//! How a run shares the database: how long its transactions last, and when what they wrote is moved out of the log.

use han_base::Result;
use han_db::{BulkText, BulkWriter, Database, Others, WriteCounts};
use std::{
    thread,
    time::{Duration, Instant},
};

/// How long a write transaction lasts when others want to write too: they wait no longer than this for the database.
const TRANSACTION: Duration = Duration::from_millis(40);

/// How long one lasts while nobody does. Ids are random, so that each transaction writes most pages of their indexes anew:
/// at a gigabyte transactions of this length write a third less, and longer ones gain no more.
const LONG_TRANSACTION: Duration = Duration::from_millis(150);

/// How long somebody who waited is believed to come again.
const SHARED_FOR: Duration = Duration::from_secs(2);

/// How long to wait for something before looking whether somebody else waits, or the run is cancelled.
pub(crate) const LOOK_UP: Duration = Duration::from_millis(5);

/// Bytes in the log after which they are moved into the database, beside the writing.
const MOVED_AT_ONCE: u64 = 32 * 1024 * 1024;

/// Bytes in the log after which the writing waits until all of them are moved: only then does the log begin anew.
const LONGEST_LOG: u64 = 112 * 1024 * 1024;

/// Rows of a run that was killed or cancelled that one transaction brings into the search index. How long that takes
/// depends on their text, so the next number of rows follows from the time of the last.
const FEWEST_ROWS: u32 = 10;
const MOST_ROWS: u32 = 400;

/// How long such a transaction should take, between these.
const CATCHING_UP: [Duration; 2] = [Duration::from_millis(10), Duration::from_millis(25)];

/// How long the transactions of a run take.
pub(crate) struct Pace<'d> {
    database: &'d Database,
    /// Once a transaction has lasted long enough that somebody may have come to wait: most runs are shorter.
    others: Option<Others<'d>>,
    began: Instant,
    shared_until: Instant,
}

impl<'d> Pace<'d> {
    pub(crate) fn new(database: &'d Database) -> Self {
        let now = Instant::now();
        Self { database, others: None, began: now, shared_until: now }
    }

    pub(crate) fn begin(&mut self) {
        self.began = Instant::now();
    }

    /// Whether the transaction should end now.
    pub(crate) fn is_over(&mut self) -> bool {
        let now = Instant::now();
        let lasts = now.duration_since(self.began);
        if lasts < TRANSACTION {
            return false;
        }
        let Some(others) = &self.others else {
            // Until now nobody could say so.
            self.others = Some(self.database.others());
            return true;
        };
        if others.wait() {
            self.shared_until = now + SHARED_FOR;
        }
        lasts >= LONG_TRANSACTION || now < self.shared_until
    }
}

/// Keeps the write-ahead log short, without the writing thread waiting for the disk more than it must.
pub(crate) struct Log<'r> {
    database: &'r Database,
    is_cancelled: &'r dyn Fn() -> bool,
    /// What this thread had written when the log was last moved, and when all of it was.
    moved_at: u64,
    empty_at: u64,
}

impl<'r> Log<'r> {
    pub(crate) fn new(database: &'r Database, is_cancelled: &'r dyn Fn() -> bool) -> Self {
        let written = WriteCounts::of_this_thread().bytes;
        Self { database, is_cancelled, moved_at: written, empty_at: written }
    }

    /// To be called between transactions.
    pub(crate) fn keep_short(&mut self, writer: &mut BulkWriter<'_>) {
        let written = WriteCounts::of_this_thread().bytes;
        if written - self.empty_at >= LONGEST_LOG {
            self.move_all(writer);
        } else if written - self.moved_at >= MOVED_AT_ONCE && !(self.is_cancelled)() {
            self.moved_at = written;
            self.database.move_log();
        }
    }

    /// Waits until all that is in the log now is in the database, as far as others allow who read an older state. False as
    /// soon as the run is cancelled: nobody waits for the disk then.
    pub(crate) fn move_all(&mut self, writer: &mut BulkWriter<'_>) -> bool {
        let written = WriteCounts::of_this_thread().bytes;
        // What goes on already may have begun before the last transaction.
        for _ in 0..2 {
            if (self.is_cancelled)() {
                return false;
            }
            self.database.move_log();
            while self.database.is_moving_log() {
                if (self.is_cancelled)() {
                    return false;
                }
                writer.yield_to_others();
                thread::sleep(LOOK_UP);
            }
        }
        (self.moved_at, self.empty_at) = (written, written);
        true
    }
}

/// Brings rows that wait into the search index, in short transactions; false when the run was cancelled before all were.
pub(crate) fn catch_up(
    bulk: &BulkText,
    writer: &mut BulkWriter<'_>,
    log: &mut Log<'_>,
    is_cancelled: &dyn Fn() -> bool,
) -> Result<bool> {
    let mut rows = 4 * FEWEST_ROWS;
    loop {
        if is_cancelled() {
            return Ok(false);
        }
        let began = Instant::now();
        if writer.transaction(|write| bulk.catch_up(write, rows))? {
            return Ok(true);
        }
        let [least, most] = CATCHING_UP;
        rows = match began.elapsed() {
            lasted if lasted < least => rows * 2,
            lasted if lasted > most => rows / 2,
            _ => rows,
        };
        rows = rows.clamp(FEWEST_ROWS, MOST_ROWS);
        log.keep_short(writer);
        writer.yield_to_others();
    }
}
