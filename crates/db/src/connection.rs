//! One connection: how it waits, what it may cache, which tokenizer it knows.

use crate::{error::Attempt, tokenizer};
use han_base::Result;
use rusqlite::{Connection, OpenFlags};
use std::{path::Path, thread, time::Duration};

/// Page size of a new file: large enough that a compressed block needs few overflow pages.
const PAGE_BYTES: u32 = 8192;

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

/// Opens a connection to an existing file and prepares it. Reads the file's header, so a file that is no database is
/// noticed here.
pub(crate) fn connect(path: &Path, purpose: Purpose) -> Result<Connection> {
    let attempt = || format!("open database {}", path.display());
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).attempt(attempt)?;
    connection
        .busy_handler(Some(|steps| {
            thread::sleep(BUSY_STEP);
            steps < BUSY_STEPS
        }))
        .attempt(attempt)?;
    connection.set_prepared_statement_cache_capacity(128);
    let pragmas = match purpose {
        // Journal mode and page size matter to a new file only; an old one keeps its page size.
        Purpose::Write => format!(
            "PRAGMA page_size = {PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
             PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;
             PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 8000;"
        ),
        Purpose::Read => "PRAGMA query_only = ON; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;".into(),
    };
    connection.execute_batch(&pragmas).attempt(attempt)?;
    tokenizer::register(&connection)?;
    Ok(connection)
}
