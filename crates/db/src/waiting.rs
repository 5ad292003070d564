//! Who waits for the writer of a database, so that a bulk run may take its time while nobody does.
//!
//! A transaction that takes longer writes less: pages that many rows go to are written once for all of them. But others
//! wait for it. SQLite does not tell whether somebody does, so those that wait say so themselves: threads that share the
//! writer by a count ([`WriterLock`]), other processes by a shared lock on a file beside the
//! database, which the run makes and removes. Where nobody can say so, transactions stay short.

use crate::{identity::beside, writer::WriterLock};
use std::{
    cell::RefCell,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// Behind the path of the database: the file on which connections that wait hold a lock.
const SUFFIX: &str = "-wait";

thread_local! {
    /// What the thread is about to wait for, and the lock that says so once it does.
    static WAIT: RefCell<Option<Wait>> = const { RefCell::new(None) };
}

struct Wait {
    path: PathBuf,
    lock: Option<File>,
}

/// This thread may come to wait for another process, until this is dropped.
pub(crate) struct MayWait(());

impl MayWait {
    /// `path`: of the database.
    pub(crate) fn new(path: &Path) -> Self {
        WAIT.set(Some(Wait { path: path.to_owned(), lock: None }));
        Self(())
    }
}

impl Drop for MayWait {
    fn drop(&mut self) {
        WAIT.set(None);
    }
}

/// Tells the bulk run, if there is one, that this thread waits. To be called again and again while it does.
pub(crate) fn announce() {
    WAIT.with_borrow_mut(|wait| {
        let Some(wait) = wait.as_mut().filter(|wait| wait.lock.is_none()) else { return };
        // Without a file nobody asks. When the run is asking at this very moment, the next call will do.
        let Ok(file) = File::open(beside(&wait.path, SUFFIX)) else { return };
        if file.try_lock_shared().is_ok() {
            wait.lock = Some(file);
        }
    });
}

/// Those who may want to write to a database while a bulk run does.
pub struct Others<'d> {
    writer: &'d WriterLock,
    /// None where the file could not be made.
    room: Option<WaitingRoom>,
}

impl<'d> Others<'d> {
    /// `path`: of the database.
    pub(crate) fn of(writer: &'d WriterLock, path: &Path) -> Self {
        Self { writer, room: WaitingRoom::open(path).ok() }
    }

    /// Whether somebody waits for the database, or may be waiting and cannot say so.
    #[must_use]
    pub fn wait(&self) -> bool {
        self.writer.is_awaited() || self.room.as_ref().is_none_or(WaitingRoom::is_entered)
    }
}

/// The file on which connections that wait hold a lock.
#[derive(Debug)]
struct WaitingRoom {
    path: PathBuf,
    file: File,
}

impl WaitingRoom {
    fn open(database: &Path) -> io::Result<Self> {
        let path = beside(database, SUFFIX);
        let mut options = File::options();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        Ok(Self { path, file })
    }

    /// Also true when another run that has come to its end removed the file, since nobody can say so then.
    fn is_entered(&self) -> bool {
        if !self.path.exists() {
            return true;
        }
        match self.file.try_lock() {
            Ok(()) => self.file.unlock().is_err(),
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => true,
        }
    }
}

impl Drop for WaitingRoom {
    fn drop(&mut self) {
        // One that is left behind is used by the next run.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Database;
    use std::{
        thread,
        time::{Duration, Instant},
    };

    #[test]
    fn whoever_waits_is_seen_until_it_does_not_any_more() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("han.db");
        announce();
        let room = WaitingRoom::open(&path).expect("a room");
        let wait = MayWait::new(&path);
        assert!(!room.is_entered());
        announce();
        announce();
        assert!(room.is_entered());
        drop(wait);
        assert!(!room.is_entered());
        drop(room);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }

    #[test]
    fn a_room_that_another_run_removed_counts_as_entered() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("han.db");
        let (room, other) =
            (WaitingRoom::open(&path).expect("a room"), WaitingRoom::open(&path).expect("a room"));
        assert!(!room.is_entered());
        drop(other);
        assert!(room.is_entered());
    }

    #[test]
    fn nobody_is_told_where_no_run_goes_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("han.db");
        let _wait = MayWait::new(&path);
        announce();
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }

    #[test]
    fn a_run_knows_whether_somebody_waits_for_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("han.db");
        let database = Database::open(&path).expect("a database");
        // As another process has it: with a writer of its own.
        let other = Database::open(&path).expect("a database");
        for waiting in [&database, &other] {
            let others = database.others();
            thread::scope(|scope| {
                let writing = database.write(|write| {
                    assert!(!others.wait());
                    scope.spawn(|| waiting.write(|write| write.sessions().ensure("of another")));
                    let give_up = Instant::now() + Duration::from_secs(20);
                    while !others.wait() {
                        assert!(Instant::now() < give_up, "nobody is seen to wait");
                        thread::sleep(Duration::from_millis(1));
                    }
                    write.sessions().ensure("of the run")
                });
                writing.expect("a transaction");
            });
            assert!(!others.wait());
        }
    }
}
