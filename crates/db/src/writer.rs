//! The writer connection of a database, and transactions on it: one at a time, with savepoints for those inside it.
//!
//! A thread that writes holds the lock of the writer as often as it has entered it. So whatever it calls on the same
//! database meanwhile finds the transaction that goes on, and becomes part of it.

use crate::{
    error::Attempt,
    waiting::MayWait,
    write_counts::{Meter, Reading},
};
use han_base::{Code, Error, Result};
use parking_lot::{ReentrantMutex, ReentrantMutexGuard};
use rusqlite::Connection;
use std::{
    cell::Cell,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

/// How long a thread that has a transaction on one database waits for the writer of another: as long as for another
/// process. Two threads that wait for each other's would otherwise wait for ever.
const PATIENCE: Duration = Duration::from_secs(30);

thread_local! {
    /// Transactions of this thread, over all databases; those inside another do not count.
    static OPEN: Cell<u32> = const { Cell::new(0) };
}

/// A writer that is held.
pub(crate) type WriterGuard<'d> = ReentrantMutexGuard<'d, Writer>;

/// The one writer of a database in this process.
pub(crate) struct WriterLock {
    writer: ReentrantMutex<Writer>,
    /// Threads that wait for it.
    waiting: AtomicUsize,
}

impl WriterLock {
    pub(crate) fn new(writer: Writer) -> Self {
        Self { writer: ReentrantMutex::new(writer), waiting: AtomicUsize::new(0) }
    }

    /// Takes the writer of the database at `path`, as soon as other threads leave it. Code: [`Code::DbBusy`] for a thread
    /// that has a transaction on another database and waited in vain.
    pub(crate) fn lock(&self, path: &Path) -> Result<WriterGuard<'_>> {
        if let Some(writer) = self.writer.try_lock() {
            return Ok(writer);
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let writer = match OPEN.get() {
            0 => Some(self.writer.lock()),
            _ => self.writer.try_lock_for(PATIENCE),
        };
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        writer.ok_or_else(|| {
            let attempt = format!("write to {} inside a transaction of another database", path.display());
            Error::new(Code::DbBusy, attempt).because("another thread of this process writes to it")
        })
    }

    /// Whether a thread waits for it.
    pub(crate) fn is_awaited(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    /// The transaction that this thread has on the database, if it has one.
    pub(crate) fn joined(&self) -> Option<WriterGuard<'_>> {
        if !self.writer.is_owned_by_current_thread() {
            return None;
        }
        Some(self.writer.lock()).filter(|writer| writer.is_in_transaction())
    }

    pub(crate) fn get_mut(&mut self) -> &mut Writer {
        self.writer.get_mut()
    }
}

/// A connection that writes, and how deep in transactions it is.
pub(crate) struct Writer {
    connection: Connection,
    /// 0: in none. 1: in a transaction. More: in savepoints of it.
    depth: Cell<u32>,
    /// Whether a savepoint could not be rolled back: then nothing of the transaction may stay.
    spoilt: Cell<bool>,
    meter: Meter,
    path: PathBuf,
}

impl Writer {
    /// `path`: of its database.
    pub(crate) fn new(connection: Connection, path: &Path) -> Result<Self> {
        let meter = Meter::attach(&connection)?;
        let path = path.to_owned();
        Ok(Self { connection, depth: Cell::new(0), spoilt: Cell::new(false), meter, path })
    }

    /// The connection, to be used as it is: inside a transaction when there is one.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(crate) fn is_in_transaction(&self) -> bool {
        self.depth.get() > 0
    }

    /// Runs `work` in a transaction, or, inside of one, in a savepoint: what it wrote stays when it returns a value,
    /// and goes when it returns an error or panics.
    pub(crate) fn transaction<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let scope = Scope::begin(self)?;
        let value = work(&self.connection)?;
        scope.commit()?;
        Ok(value)
    }

    /// Fails when the transaction that goes on is lost. SQLite rolls a whole transaction back by itself when, for
    /// instance, the disk is full; what came afterwards would otherwise be written without it.
    pub(crate) fn require_transaction(&self) -> Result<()> {
        if self.is_in_transaction() && (self.spoilt.get() || self.connection.is_autocommit()) {
            return Err(Error::new(Code::TransactionLost, "go on with a transaction"));
        }
        Ok(())
    }

    fn run(&self, statement: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(statement)?.execute([]).map(|_| ())
    }
}

/// A transaction or a savepoint that goes on. Rolled back when dropped, unless it was committed.
struct Scope<'w> {
    writer: &'w Writer,
    committed: bool,
    /// What the connection had written before.
    before: Reading,
}

impl<'w> Scope<'w> {
    fn begin(writer: &'w Writer) -> Result<Self> {
        writer.require_transaction()?;
        // Savepoints may share a name: the innermost is meant.
        let statement = if writer.is_in_transaction() { "SAVEPOINT inner_write" } else { "BEGIN IMMEDIATE" };
        let before = Meter::read(&writer.connection);
        {
            let _may_wait = (!writer.is_in_transaction()).then(|| MayWait::new(&writer.path));
            writer.run(statement).attempt(|| "begin to write".into())?;
        }
        if !writer.is_in_transaction() {
            OPEN.set(OPEN.get() + 1);
        }
        writer.depth.set(writer.depth.get() + 1);
        Ok(Self { writer, committed: false, before })
    }

    fn is_outermost(&self) -> bool {
        self.writer.depth.get() == 1
    }

    fn commit(mut self) -> Result<()> {
        self.writer.require_transaction()?;
        let statement = if self.is_outermost() { "COMMIT" } else { "RELEASE inner_write" };
        self.writer.run(statement).attempt(|| "commit".into())?;
        self.committed = true;
        Ok(())
    }

    fn roll_back(&self) {
        // SQLite may have rolled everything back already.
        if self.writer.connection.is_autocommit() {
            return;
        }
        if self.is_outermost() {
            // It fails only where there is nothing to roll back.
            let _ = self.writer.run("ROLLBACK");
        } else if self.writer.run("ROLLBACK TO inner_write").is_err()
            || self.writer.run("RELEASE inner_write").is_err()
        {
            self.writer.spoilt.set(true);
        }
    }
}

impl Drop for Scope<'_> {
    fn drop(&mut self) {
        if !self.committed {
            self.roll_back();
        }
        if self.is_outermost() {
            self.writer.meter.book(&self.writer.connection, self.before, self.committed);
            self.writer.spoilt.set(false);
            OPEN.set(OPEN.get() - 1);
        }
        self.writer.depth.set(self.writer.depth.get() - 1);
    }
}
