//! Work that threads hand to each other.

use std::sync::{
    Condvar, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

/// Tasks that nobody works on, and who waits for one.
pub(super) struct Share<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    /// Threads that wait: a hint that costs no lock.
    waiting: AtomicUsize,
}

struct State<T> {
    tasks: Vec<T>,
    workers: usize,
    waiting: usize,
    is_over: bool,
}

impl<T> Share<T> {
    pub(super) fn new(workers: usize) -> Self {
        let state = State { tasks: Vec::new(), workers, waiting: 0, is_over: false };
        Self { state: Mutex::new(state), changed: Condvar::new(), waiting: AtomicUsize::new(0) }
    }

    /// Whether somebody waits for work.
    pub(super) fn is_wanted(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    /// Hands work to those who wait.
    pub(super) fn give(&self, tasks: impl Iterator<Item = T>) {
        self.lock().tasks.extend(tasks);
        self.changed.notify_all();
    }

    /// Waits for work; `None` when there is none and nobody can make any.
    pub(super) fn take(&self) -> Option<T> {
        let mut state = self.lock();
        state.waiting += 1;
        self.waiting.store(state.waiting, Ordering::Relaxed);
        loop {
            if state.is_over {
                return None;
            }
            if let Some(task) = state.tasks.pop() {
                state.waiting -= 1;
                self.waiting.store(state.waiting, Ordering::Relaxed);
                return Some(task);
            }
            if state.waiting == state.workers {
                drop(state);
                self.end();
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Sends everybody home.
    pub(super) fn end(&self) {
        self.lock().is_over = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
