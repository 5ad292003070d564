//! What threads write, counted where it happens: on the connection that writes.
//!
//! Bytes are those that commits put into the write-ahead log (a page and its header of 24 bytes each), or, where there is
//! no log, into the database. Moving the log into the database writes each page of it at most once more.

use crate::error::Attempt;
use han_base::Result;
use rusqlite::{Connection, ffi};
use std::{
    cell::Cell,
    ffi::{c_int, c_uint, c_void},
    ptr,
};

/// What was written: a growing count, of which differences tell what a piece of work wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriteCounts {
    /// Rows inserted, changed and deleted and committed, those of the search index included.
    pub rows: u64,
    /// Bytes written to the log, or to the database where there is none.
    pub bytes: u64,
    /// Statements run, those that only read, begin and commit included.
    pub statements: u64,
    /// Transactions that were committed.
    pub transactions: u64,
}

thread_local! {
    /// What this thread has written, over all databases.
    static WRITTEN: Cell<WriteCounts> = const {
        Cell::new(WriteCounts { rows: 0, bytes: 0, statements: 0, transactions: 0 })
    };
}

impl WriteCounts {
    /// What the calling thread has written since it began, over all databases.
    ///
    /// ```
    /// use han_db::{Database, WriteCounts};
    /// # let folder = tempfile::tempdir().unwrap();
    /// let database = Database::open(&folder.path().join("han.db")).unwrap();
    /// let before = WriteCounts::of_this_thread();
    /// database.write(|write| write.sessions().ensure("a-session")).unwrap();
    /// let written = WriteCounts::of_this_thread().since(before);
    /// assert_eq!((written.rows, written.transactions), (1, 1));
    /// ```
    #[must_use]
    pub fn of_this_thread() -> Self {
        WRITTEN.get()
    }

    /// What was written after `earlier`.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            rows: self.rows - earlier.rows,
            bytes: self.bytes - earlier.bytes,
            statements: self.statements - earlier.statements,
            transactions: self.transactions - earlier.transactions,
        }
    }
}

/// Bytes of the header of each page in a write-ahead log.
const FRAME_HEADER_BYTES: u64 = 24;

/// Where the count of pages of a connection begins anew.
const HIGHEST_PAGE_COUNT: u64 = 0x7fff_ffff;

/// Counts what one connection writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meter {
    bytes_per_page: u64,
}

/// The counts of a connection as they were when a transaction began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    rows: u64,
    pages: u64,
}

impl Meter {
    /// Begins to count the statements of a connection.
    pub(crate) fn attach(connection: &Connection) -> Result<Self> {
        let setting = |name: &str| format!("PRAGMA {name}");
        let (page_bytes, journal): (i64, String) = connection
            .query_row(&setting("page_size"), [], |row| row.get(0))
            .and_then(|bytes| {
                Ok((bytes, connection.query_row(&setting("journal_mode"), [], |row| row.get(0))?))
            })
            .attempt(|| "read how the database is written".into())?;
        let header_bytes = if journal == "wal" { FRAME_HEADER_BYTES } else { 0 };
        // SAFETY: the connection is open; the callback takes no context and outlives every connection.
        unsafe {
            ffi::sqlite3_trace_v2(
                connection.handle(),
                ffi::SQLITE_TRACE_STMT as c_uint,
                Some(count_statement),
                ptr::null_mut(),
            );
        }
        Ok(Self { bytes_per_page: page_bytes.unsigned_abs() + header_bytes })
    }

    /// Where the counts of the connection stand.
    pub(crate) fn read(connection: &Connection) -> Reading {
        let (mut pages, mut highest) = (0, 0);
        // SAFETY: the connection is open, and both places outlive the call.
        let rows = unsafe {
            // It fails only for what it does not know, and leaves the zeros then.
            ffi::sqlite3_db_status(
                connection.handle(),
                ffi::SQLITE_DBSTATUS_CACHE_WRITE,
                &raw mut pages,
                &raw mut highest,
                0,
            );
            ffi::sqlite3_total_changes64(connection.handle())
        };
        Reading { rows: rows.unsigned_abs(), pages: u64::from(pages.unsigned_abs()) }
    }

    /// Books what a connection wrote in a transaction to the thread. What was rolled back may have been written too, but
    /// tells of no rows.
    pub(crate) fn book(self, connection: &Connection, before: Reading, committed: bool) {
        let now = Self::read(connection);
        let mut written = WRITTEN.get();
        let pages = now.pages.wrapping_sub(before.pages) & HIGHEST_PAGE_COUNT;
        written.bytes += pages * self.bytes_per_page;
        if committed {
            written.rows += now.rows - before.rows;
            written.transactions += 1;
        }
        WRITTEN.set(written);
    }
}

/// Counts a statement that begins.
extern "C" fn count_statement(
    _kind: c_uint,
    _context: *mut c_void,
    _statement: *mut c_void,
    _text: *mut c_void,
) -> c_int {
    let mut written = WRITTEN.get();
    written.statements += 1;
    WRITTEN.set(written);
    0
}
