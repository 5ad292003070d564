//! One connection: how it waits, what it may cache, which tokenizer it knows.

use crate::{error::Attempt, migrate, tokenizer};
use han_base::{Code, Error, Result};
use rusqlite::{Connection, OpenFlags, config::DbConfig};
use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// Page size of a new file: large enough that a compressed block needs few overflow pages.
const PAGE_BYTES: u32 = 8192;

/// Pages in the write-ahead log at which it is moved into the database: 16 MiB. Fewer would wait for the disk more often
/// while much is written, more would make every reader search a longer log.
const CHECKPOINT_PAGES: u32 = 2048;

/// How long a connection waits for another process, in steps of one millisecond. The steps are short because a bulk
/// writer leaves the lock for about that long between its transactions.
const BUSY_STEP: Duration = Duration::from_millis(1);
const BUSY_STEPS: i32 = 30_000;

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Write,
    Read,
}

/// Opens a connection to an existing file and prepares it. `path` is absolute: SQLite gives other names meanings of
/// its own. A writer looks at the file first and leaves one that is not ours as it is.
pub(crate) fn connect(path: &Path, purpose: Purpose) -> Result<Connection> {
    let attempt = || format!("open database {}", path.display());
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match Connection::open_with_flags(path, flags) {
        Err(error) if !path.exists() => return Err(Error::new(Code::FileNotFound, attempt()).because(error)),
        opened => opened.attempt(attempt)?,
    };
    wait_when_busy(&connection).attempt(attempt)?;
    connection.set_prepared_statement_cache_capacity(128);
    // Where several switch a new file to a write-ahead log at one moment, SQLite turns some away without waiting.
    let give_up = Instant::now() + BUSY_STEP * BUSY_STEPS as u32;
    loop {
        match prepare(&connection, path, purpose) {
            Err(error) if error.code() == Code::DbBusy && Instant::now() < give_up => {
                thread::sleep(BUSY_STEP);
            }
            prepared => break prepared?,
        }
    }
    tokenizer::register(&connection)?;
    Ok(connection)
}

/// Makes the connection wait for others that hold the file.
pub(crate) fn wait_when_busy(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_handler(Some(|steps| {
        thread::sleep(BUSY_STEP);
        steps < BUSY_STEPS
    }))
}

/// Sets what is not kept in the file, and for a new file what is.
fn prepare(connection: &Connection, path: &Path, purpose: Purpose) -> Result<()> {
    let attempt = || format!("open database {}", path.display());
    if purpose == Purpose::Write {
        // Before the first read: that makes files beside the database which nobody could write to later.
        if connection.is_readonly(rusqlite::MAIN_DB).attempt(attempt)? {
            return Err(Error::new(Code::DbReadOnly, attempt()));
        }
        // Closing the last connection would move a foreign file's log into it.
        let keep_log = |keep| connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep);
        keep_log(true).attempt(attempt)?;
        migrate::check(connection, path)?;
        keep_log(false).attempt(attempt)?;
    }
    let pragmas = match purpose {
        // Journal mode and page size matter to a new file only; an old one keeps its page size.
        Purpose::Write => format!(
            "PRAGMA page_size = {PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
             PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;
             PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES};"
        ),
        Purpose::Read => {
            "PRAGMA query_only = ON; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;".into()
        }
    };
    connection.execute_batch(&pragmas).attempt(attempt)
}
