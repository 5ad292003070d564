//! Moving the write-ahead log into the database.

use crate::{
    connection::{Purpose, connect},
    error::Attempt,
    open::Database,
};
use han_base::Result;
use rusqlite::Connection;
use std::{
    fs, thread,
    time::{Duration, Instant},
};

/// How long emptying the log is tried again while others use it.
const PATIENCE: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(10);

/// How far a checkpoint goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CheckpointMode {
    /// Moves what can be moved now, and disturbs nobody.
    #[default]
    Passive,
    /// Moves everything and empties the log.
    Truncate,
}

/// What a checkpoint did.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct CheckpointReport {
    /// Whether all of it was done: every frame is in the database and, when that was asked for, the log is empty.
    pub complete: bool,
    /// Frames that were in the log.
    pub frames_in_log: i64,
    /// Those of them that are in the database now.
    pub frames_moved: i64,
    /// Size of the log before.
    pub wal_bytes_before: i64,
    /// Size of the log now.
    pub wal_bytes_after: i64,
    /// Milliseconds.
    pub duration_ms: f64,
}

impl Database {
    /// Moves the write-ahead log into the database, as far as others allow who read an older state. Waits for nobody: one
    /// that empties the log tries for a second while others use it, letting them go on in between, and then says that it
    /// is not complete.
    pub fn checkpoint(&self, mode: CheckpointMode) -> Result<CheckpointReport> {
        let begun = Instant::now();
        let wal_bytes_before = self.wal_bytes();
        let connection = connect(self.path(), Purpose::Write)?;
        connection.busy_handler(None).attempt(|| "move the write-ahead log".into())?;
        let passive = moved(&connection, "PASSIVE")?;
        let mut complete = !passive.busy && passive.in_log == passive.in_database;
        if mode == CheckpointMode::Truncate {
            complete = loop {
                let emptied = !moved(&connection, "TRUNCATE")?.busy;
                if emptied || begun.elapsed() >= PATIENCE {
                    break emptied;
                }
                thread::sleep(PAUSE);
            };
        }
        Ok(CheckpointReport {
            complete,
            frames_in_log: passive.in_log,
            frames_moved: if complete { passive.in_log } else { passive.in_database },
            wal_bytes_before,
            wal_bytes_after: self.wal_bytes(),
            duration_ms: begun.elapsed().as_secs_f64() * 1000.0,
        })
    }

    /// Size of the write-ahead log; 0 without one.
    fn wal_bytes(&self) -> i64 {
        let mut path = self.path().as_os_str().to_owned();
        path.push("-wal");
        fs::metadata(path).map_or(0, |metadata| metadata.len() as i64)
    }
}

/// What SQLite tells of a checkpoint: frames of the log, and those of them that are in the database.
struct Moved {
    busy: bool,
    in_log: i64,
    in_database: i64,
}

fn moved(connection: &Connection, mode: &str) -> Result<Moved> {
    connection
        .query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
            // A database without a log tells -1.
            let frames = |column| Ok::<_, rusqlite::Error>(row.get::<_, i64>(column)?.max(0));
            Ok(Moved { busy: row.get(0)?, in_log: frames(1)?, in_database: frames(2)? })
        })
        .attempt(|| "move the write-ahead log into the database".into())
}
