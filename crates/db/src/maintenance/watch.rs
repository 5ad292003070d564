//! Watching and ending long work.
//!
//! SQLite works inside one call for minutes. So a thread beside it asks the observer every few milliseconds whether the
//! work shall end, interrupts the connection when it shall, and tells how far it is.

use crate::error::Attempt;
use han_base::{Code, Error, Result};
use parking_lot::Mutex;
use rusqlite::{Connection, ffi};
use std::{
    ffi::c_int,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

/// How often the observer is asked.
const INTERVAL: Duration = Duration::from_millis(20);

/// Steps of SQLite between two looks at how much it has read.
const STEPS_BETWEEN_LOOKS: c_int = 2000;

/// Watches long work, and may end it.
pub trait Observer: Sync {
    /// Is told about progress, up to 50 times a second; returns at once.
    fn progress(&self, progress: &MaintenanceProgress);

    /// Whether the work shall end.
    fn is_cancelled(&self) -> bool;
}

/// Nobody watches.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched;

impl Observer for Unwatched {
    fn progress(&self, _progress: &MaintenanceProgress) {}

    fn is_cancelled(&self) -> bool {
        false
    }
}

/// How far the work is.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct MaintenanceProgress {
    /// What is done now: `copy`, `verify`, `tables`, `references`, `counters`, `search index`, `repair`, `sizes`, `log` or
    /// `restore`.
    pub phase: String,
    /// What is done of this phase, in `unit`s; never more than `total`.
    pub done: f64,
    /// All there is to do in this phase; an estimate where SQLite tells no more. 0 when unknown.
    pub total: f64,
    /// `pages`, `rows`, `words`, `files` or `bytes`.
    pub unit: String,
    /// Milliseconds since the work began.
    pub elapsed_ms: f64,
}

/// What the work and the thread beside it share: which phase it is in, and how far.
pub(crate) struct Watch<'o> {
    observer: &'o dyn Observer,
    /// What is attempted, for errors.
    attempt: String,
    begun: Instant,
    phase: Mutex<(&'static str, &'static str)>,
    done: Arc<AtomicU64>,
    total: AtomicU64,
}

impl<'o> Watch<'o> {
    pub(crate) fn new(observer: &'o dyn Observer, attempt: impl Into<String>) -> Self {
        Self {
            observer,
            attempt: attempt.into(),
            begun: Instant::now(),
            phase: Mutex::new(("", "")),
            done: Arc::default(),
            total: AtomicU64::new(0),
        }
    }

    /// Begins a phase: what is done now, and how much of which unit it will be.
    pub(crate) fn begin(&self, phase: &'static str, unit: &'static str, total: u64) {
        *self.phase.lock() = (phase, unit);
        self.done.store(0, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }

    /// Notes how much of the phase is done.
    pub(crate) fn at(&self, done: u64) {
        self.done.store(done, Ordering::Relaxed);
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.observer.is_cancelled()
    }

    /// Fails with `CANCELLED` when the work shall end.
    pub(crate) fn go_on(&self) -> Result<()> {
        if self.is_cancelled() { Err(Error::new(Code::Cancelled, self.attempt.clone())) } else { Ok(()) }
    }

    /// What is attempted.
    pub(crate) fn attempt(&self) -> String {
        self.attempt.clone()
    }

    pub(crate) fn elapsed_ms(&self) -> f64 {
        self.begun.elapsed().as_secs_f64() * 1000.0
    }

    /// Tells the observer how far the work is.
    pub(crate) fn tell(&self) {
        let (phase, unit) = *self.phase.lock();
        if phase.is_empty() {
            return;
        }
        let total = self.total.load(Ordering::Relaxed);
        let done = self.done.load(Ordering::Relaxed);
        self.observer.progress(&MaintenanceProgress {
            phase: phase.to_owned(),
            done: (if total == 0 { done } else { done.min(total) }) as f64,
            total: total as f64,
            unit: unit.to_owned(),
            elapsed_ms: self.elapsed_ms(),
        });
    }

    /// Runs `work` on `connection`, which is interrupted when the work shall end. An error is `CANCELLED` then.
    pub(crate) fn run<T>(&self, connection: &Connection, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.run_looking(connection, || (), work)
    }

    /// The same, with a `look` by the thread beside, at anything that tells how far the work is.
    pub(crate) fn run_looking<T>(
        &self,
        connection: &Connection,
        look: impl Fn() + Sync,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        self.go_on()?;
        let interrupt = connection.get_interrupt_handle();
        let (end, ended) = mpsc::channel::<()>();
        let result = thread::scope(|scope| {
            let look = &look;
            scope.spawn(move || {
                while ended.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                    if self.is_cancelled() {
                        interrupt.interrupt();
                    } else {
                        look();
                        self.tell();
                    }
                }
            });
            let result = work();
            drop(end);
            result
        });
        result.map_err(|error| match self.go_on() {
            Err(cancelled) => cancelled,
            Ok(()) => error,
        })
    }

    /// Counts the pages that `connection` reads as what is done, while `work` runs.
    pub(crate) fn counting_pages<T>(
        &self,
        connection: &Connection,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let attempt = || self.attempt();
        // SAFETY: the pointer is used in the handler only, which SQLite calls on the thread that uses the connection and
        // which is removed below; the connection outlives both.
        let handle = Handle(unsafe { connection.handle() });
        let before = handle.pages_read();
        let done = Arc::clone(&self.done);
        let count = move || {
            done.store(handle.pages_read().saturating_sub(before), Ordering::Relaxed);
            false
        };
        connection.progress_handler(STEPS_BETWEEN_LOOKS, Some(count)).attempt(attempt)?;
        let result = work();
        connection.progress_handler(0, None::<fn() -> bool>).attempt(attempt)?;
        result
    }
}

/// A connection of SQLite, inside its own progress handler.
struct Handle(*mut ffi::sqlite3);

// SAFETY: a handler moves with its connection and is called by it only, so never on two threads at once.
unsafe impl Send for Handle {}

impl Handle {
    /// Pages that were read from the file, ever.
    fn pages_read(&self) -> u64 {
        let (mut current, mut highest) = (0, 0);
        // SAFETY: the connection is open as long as its handler lives, and both numbers are ours.
        unsafe {
            ffi::sqlite3_db_status(
                self.0,
                ffi::SQLITE_DBSTATUS_CACHE_MISS,
                &raw mut current,
                &raw mut highest,
                0,
            );
        }
        u64::try_from(current).unwrap_or_default()
    }
}
