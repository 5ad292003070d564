//! Which file is next, when several threads share the work.
//!
//! Files are taken in their order. A large one would keep small ones waiting if every thread were busy with such: so one
//! thread is always left for the small ones, and large ones that come meanwhile wait. When nothing else is left, they are
//! taken by size, the largest first, so that no thread begins a long file when the others are done.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

/// Bytes from which on a file is large: some milliseconds of work.
pub(crate) const LARGE_BYTES: u64 = 8 * 1024 * 1024;

/// The files that are still to be done, by their indices.
pub(crate) struct Queue {
    next: AtomicUsize,
    count: usize,
    threads: usize,
    large: Mutex<Large>,
    /// How many large ones wait: a hint that costs no lock.
    waiting: AtomicUsize,
    /// Threads that are not done.
    busy: AtomicUsize,
    cores: usize,
}

#[derive(Default)]
struct Large {
    /// Size and index of those that wait.
    waiting: Vec<(u64, usize)>,
    /// How many are being read.
    running: usize,
}

/// A file to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// One whose size is not known. If it is large, [`Queue::may_begin_large`] must be asked.
    File(usize),
    /// A large one that waited. It counts as begun.
    LargeFile(usize),
}

impl Queue {
    pub(crate) fn new(count: usize, threads: usize, cores: usize) -> Queue {
        Queue {
            next: AtomicUsize::new(0),
            count,
            threads,
            large: Mutex::default(),
            waiting: AtomicUsize::new(0),
            busy: AtomicUsize::new(threads),
            cores,
        }
    }

    /// The next file of a thread; `None` when it is done.
    pub(crate) fn next(&self) -> Option<Next> {
        if self.next.load(Ordering::Relaxed) < self.count {
            // What this thread put there it sees; what another one did just now can wait.
            if self.waiting.load(Ordering::Relaxed) > 0
                && let Some(index) = self.take_large(self.threads.saturating_sub(1))
            {
                return Some(Next::LargeFile(index));
            }
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            if index < self.count {
                return Some(Next::File(index));
            }
        }
        let last = self.take_large(self.threads).map(Next::LargeFile);
        if last.is_none() {
            self.busy.fetch_sub(1, Ordering::Relaxed);
        }
        last
    }

    /// Takes the largest of those that wait, unless so many are being read already.
    fn take_large(&self, most_running: usize) -> Option<usize> {
        let mut large = self.large();
        if large.running >= most_running {
            return None;
        }
        let (place, _) = large.waiting.iter().enumerate().max_by_key(|(_, waiting)| **waiting)?;
        large.running += 1;
        let (_, index) = large.waiting.swap_remove(place);
        self.waiting.store(large.waiting.len(), Ordering::Relaxed);
        Some(index)
    }

    /// Whether the file of this size and index may be read now. Else it waits, and the thread asks for its next.
    pub(crate) fn may_begin_large(&self, size: u64, index: usize) -> bool {
        let mut large = self.large();
        let may_begin = large.running < self.threads.saturating_sub(1).max(1);
        if may_begin {
            large.running += 1;
        } else {
            large.waiting.push((size, index));
            self.waiting.store(large.waiting.len(), Ordering::Relaxed);
        }
        may_begin
    }

    /// A large file that was begun is done.
    pub(crate) fn end_large(&self) {
        self.large().running -= 1;
    }

    /// Whether nothing waits and a core is free beside every thread that still works.
    pub(crate) fn has_free_cores(&self) -> bool {
        2 * self.busy.load(Ordering::Relaxed) <= self.cores
            && self.next.load(Ordering::Relaxed) >= self.count
            && self.large().waiting.is_empty()
    }

    fn large(&self) -> MutexGuard<'_, Large> {
        self.large.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Next, Queue};

    #[test]
    fn one_thread_is_left_for_small_files_until_there_are_none() {
        let queue = Queue::new(5, 2, 2);
        // This thread begins a large file, the other meets two more, which wait.
        assert_eq!(queue.next(), Some(Next::File(0)));
        assert!(queue.may_begin_large(10, 0));
        assert_eq!(queue.next(), Some(Next::File(1)));
        assert!(!queue.may_begin_large(20, 1));
        assert_eq!(queue.next(), Some(Next::File(2)));
        assert!(!queue.may_begin_large(30, 2));
        assert_eq!(queue.next(), Some(Next::File(3)));
        queue.end_large();
        // One may run again: the largest comes first.
        assert_eq!(queue.next(), Some(Next::LargeFile(2)));
        assert_eq!(queue.next(), Some(Next::File(4)));
        assert!(!queue.has_free_cores());
        assert_eq!(queue.next(), Some(Next::LargeFile(1)));
        assert!(!queue.has_free_cores(), "both threads are busy");
        assert_eq!(queue.next(), None);
        assert!(queue.has_free_cores());
    }

    #[test]
    fn a_single_thread_takes_everything_in_order() {
        let queue = Queue::new(2, 1, 2);
        for index in 0..2 {
            assert_eq!(queue.next(), Some(Next::File(index)));
            assert!(queue.may_begin_large(10, index));
            queue.end_large();
        }
        assert_eq!(queue.next(), None);
    }
}
