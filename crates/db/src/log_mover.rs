//! Moving the write-ahead log into the database on a thread of its own, so that nobody who writes waits for the disk.

use crate::{
    connection::{Purpose, connect},
    error::Attempt,
};
use han_base::Result;
use parking_lot::Mutex;
use std::{
    path::{Path, PathBuf},
    thread::{self, JoinHandle},
};

/// Moves the log of one database. Dropping it waits for the end of what goes on.
#[derive(Debug)]
pub(crate) struct LogMover {
    path: PathBuf,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl LogMover {
    /// `path`: of the database.
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), thread: Mutex::new(None) }
    }

    /// Begins to move what is in the log now, unless it does so already.
    pub(crate) fn start(&self) {
        let mut thread = self.thread.lock();
        if thread.as_ref().is_some_and(|thread| !thread.is_finished()) {
            return;
        }
        let path = self.path.clone();
        // Where this fails, or no thread can be made, the one that writes does it when the log has grown long: errors are
        // seen there.
        let work = move || drop(move_log(&path));
        *thread = thread::Builder::new().name("han-log".into()).spawn(work).ok();
    }

    pub(crate) fn is_at_work(&self) -> bool {
        self.thread.lock().as_ref().is_some_and(|thread| !thread.is_finished())
    }
}

impl Drop for LogMover {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.get_mut().take() {
            // A panic was told when it happened, and nothing depends on this.
            let _ = thread.join();
        }
    }
}

/// As far as readers of an older state allow; waits for nobody.
fn move_log(path: &Path) -> Result<()> {
    let attempt = || format!("move the write-ahead log of {}", path.display());
    let connection = connect(path, Purpose::Write)?;
    connection.busy_handler(None).attempt(attempt)?;
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).attempt(attempt)
}

#[cfg(test)]
mod tests {
    use crate::Database;
    use rusqlite::Connection;
    use std::{fs, thread, time::Duration};

    #[test]
    fn the_log_is_moved_beside_the_one_who_asks_and_closing_waits_for_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("han.db");
        let database = Database::open(&path).expect("a database");
        let count = |path: &std::path::Path| -> i64 {
            // Without its log, as it stands on the disk.
            let copy = folder.path().join("copy.db");
            fs::copy(path, &copy).expect("a copy");
            let copy = Connection::open(&copy).expect("a database");
            copy.query_row("SELECT count(*) FROM sessions", [], |row| row.get(0)).unwrap_or(0)
        };
        database.write(|write| write.sessions().ensure("a-session")).expect("a session");
        assert_eq!(count(&path), 0);
        database.move_log();
        database.move_log();
        while database.is_moving_log() {
            thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(count(&path), 1);
        database.move_log();
        drop(database);
        assert!(!folder.path().join("han.db-wal").exists(), "the last connection was closed");
    }
}
