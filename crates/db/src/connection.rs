//! One connection: how it waits, what it may cache, which tokenizer it knows.

use crate::{error::Attempt, file_system::Journal, migrate, tokenizer, vectors, waiting};
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
pub(crate) const CHECKPOINT_PAGES: u32 = 2048;

/// The same for a connection that leaves this to another: 128 MiB. A log only begins anew when all of it is in the
/// database at the moment, which whoever moves it beside one that writes hardly ever reaches.
pub(crate) const LONG_LOG_PAGES: u32 = 16384;

/// How long a connection waits for another process, in steps of one millisecond. The steps are short because a bulk
/// writer leaves the lock for about that long between its transactions.
const BUSY_STEP: Duration = Duration::from_millis(1);
const BUSY_STEPS: i32 = 30_000;

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The first writer of a process: it looks whose file that is, and sees to the journal.
    Open(Journal),
    /// A further writer, beside one that has the file open.
    Write,
    Read,
}

/// Opens a connection to an existing file and prepares it. `path` is absolute: SQLite gives other names meanings of
/// its own. A writer looks at the file first and leaves one that is not ours as it is.
pub(crate) fn connect(path: &Path, purpose: Purpose) -> Result<Connection> {
    // Where several change the journal of a file at one moment, SQLite turns some away without waiting. Each begins anew
    // then, so that none holds what another one waits for.
    let give_up = Instant::now() + BUSY_STEP * BUSY_STEPS as u32;
    let connection = loop {
        match open(path, purpose) {
            Err(error) if error.code() == Code::DbBusy && Instant::now() < give_up => {
                thread::sleep(BUSY_STEP);
            }
            opened => break opened?,
        }
    };
    tokenizer::register(&connection)?;
    vectors::extension::register(&connection)?;
    Ok(connection)
}

fn open(path: &Path, purpose: Purpose) -> Result<Connection> {
    let attempt = || format!("open database {}", path.display());
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match Connection::open_with_flags(path, flags) {
        Err(error) if !path.exists() => return Err(Error::new(Code::FileNotFound, attempt()).because(error)),
        opened => opened.attempt(attempt)?,
    };
    wait_when_busy(&connection).attempt(attempt)?;
    connection.set_prepared_statement_cache_capacity(128);
    prepare(&connection, path, purpose)?;
    Ok(connection)
}

/// Makes the connection wait for others that hold the file.
pub(crate) fn wait_when_busy(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_handler(Some(|steps| {
        waiting::announce();
        thread::sleep(BUSY_STEP);
        steps < BUSY_STEPS
    }))
}

/// Sets at how many pages in the log a commit moves it into the database.
pub(crate) fn checkpoint_at(connection: &Connection, pages: u32) -> Result<()> {
    connection
        .execute_batch(&format!("PRAGMA wal_autocheckpoint = {pages}"))
        .attempt(|| "set how long the write-ahead log grows".into())
}

/// Sets what is not kept in the file, and for a new file what is.
fn prepare(connection: &Connection, path: &Path, purpose: Purpose) -> Result<()> {
    let attempt = || format!("open database {}", path.display());
    if purpose == Purpose::Read {
        let pragmas = "PRAGMA query_only = ON; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;";
        return connection.execute_batch(pragmas).attempt(attempt);
    }
    // Before the first read: that makes files beside the database which nobody could write to later.
    if connection.is_readonly(rusqlite::MAIN_DB).attempt(attempt)? {
        return Err(Error::new(Code::DbReadOnly, attempt()));
    }
    if let Purpose::Open(journal) = purpose {
        let alone = journal == Journal::Rollback;
        if alone {
            // Alone, a connection reads a log without memory that is shared, should the file still have one. Others are
            // only kept away while it does.
            connection.busy_handler(None).attempt(attempt)?;
            connection.execute_batch("PRAGMA locking_mode = EXCLUSIVE").attempt(attempt)?;
        }
        // Closing the last connection would move a foreign file's log into it.
        let keep_log = |keep| connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep);
        keep_log(true).attempt(attempt)?;
        migrate::check(connection, path)?;
        keep_log(false).attempt(attempt)?;
        // Page size matters to a new file only; an old one keeps its own.
        let pragmas = format!("PRAGMA page_size = {PAGE_BYTES}; PRAGMA journal_mode = {}", journal.mode());
        connection.execute_batch(&pragmas).attempt(attempt)?;
        if alone {
            // The lock is left with the next read.
            connection
                .execute_batch("PRAGMA locking_mode = NORMAL; SELECT 1 FROM sqlite_schema")
                .attempt(attempt)?;
            wait_when_busy(connection).attempt(attempt)?;
        }
    }
    // With a log, a commit that a crash of the machine takes back leaves the file whole; a rollback journal that is not
    // on the disk in time would not.
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).attempt(attempt)?;
    let synchronous = if mode == "wal" { "NORMAL" } else { "FULL" };
    let pragmas = format!(
        "PRAGMA synchronous = {synchronous}; PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536;
         PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 67108864;
         PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES};"
    );
    connection.execute_batch(&pragmas).attempt(attempt)
}

impl Journal {
    /// What SQLite calls it. Deleting the journal is what it does where nothing else is said: of all ways to end a
    /// transaction the one that is used most on shared file systems.
    const fn mode(self) -> &'static str {
        match self {
            Self::WriteAheadLog => "WAL",
            Self::Rollback => "DELETE",
        }
    }
}
