//! Jobs that lead to more jobs, for some threads.

use std::{
    num::NonZero,
    panic::resume_unwind,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

/// More threads than this wait for the disk or for each other.
const MAX_THREADS: usize = 8;

/// How many threads are worth while, the calling one included.
pub(crate) fn threads() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get).min(MAX_THREADS)
}

struct Queue<J> {
    state: Mutex<State<J>>,
    changed: Condvar,
}

struct State<J> {
    jobs: Vec<J>,
    busy: usize,
    waiting: usize,
    /// Whether a thread panicked: the others end too.
    is_given_up: bool,
}

/// Does `jobs` and those that they lead to, on the calling thread and `helpers` more. Each thread has an answer of its
/// own, which `work` adds to; it puts further jobs into the list that it is given.
pub(crate) fn run<J, A>(jobs: Vec<J>, helpers: usize, work: impl Fn(J, &mut Vec<J>, &mut A) + Sync) -> Vec<A>
where
    J: Send,
    A: Default + Send,
{
    let state = State { jobs, busy: 0, waiting: 0, is_given_up: false };
    let queue = Queue { state: Mutex::new(state), changed: Condvar::new() };
    let one = || {
        let mut answer = A::default();
        let mut more = Vec::new();
        let mut turn = Turn { queue: &queue, is_busy: false };
        while let Some(job) = turn.next(&mut more) {
            work(job, &mut more, &mut answer);
        }
        answer
    };
    thread::scope(|scope| {
        let helpers: Vec<_> = (0..helpers).map(|_| scope.spawn(one)).collect();
        let own = one();
        let others =
            helpers.into_iter().map(|helper| helper.join().unwrap_or_else(|panic| resume_unwind(panic)));
        others.chain([own]).collect()
    })
}

/// One thread at the queue.
struct Turn<'q, J> {
    queue: &'q Queue<J>,
    is_busy: bool,
}

impl<J> Turn<'_, J> {
    fn state(&self) -> MutexGuard<'_, State<J>> {
        self.queue.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands in the jobs that the last one led to, and takes another; `None` when all is done.
    fn next(&mut self, more: &mut Vec<J>) -> Option<J> {
        let mut state = self.state();
        state.jobs.append(more);
        state.busy -= usize::from(self.is_busy);
        if state.waiting > 0 && (state.jobs.len() > 1 || state.busy == 0) {
            self.queue.changed.notify_all();
        }
        loop {
            if state.is_given_up {
                return None;
            }
            if let Some(job) = state.jobs.pop() {
                state.busy += 1;
                drop(state);
                self.is_busy = true;
                return Some(job);
            }
            if state.busy == 0 {
                drop(state);
                self.is_busy = false;
                return None;
            }
            state.waiting += 1;
            state = self.queue.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
    }
}

impl<J> Drop for Turn<'_, J> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.state().is_given_up = true;
            self.queue.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::run;
    use std::panic::catch_unwind;

    #[test]
    fn every_job_is_done_once() {
        let answers: Vec<u64> = run(vec![20_u32], 3, |job, more, answer: &mut u64| {
            *answer += 1;
            more.extend((0..job).filter(|below| job - below <= 2));
        });
        // Each leads to the two before it.
        let mut counts = vec![1_u64, 2];
        for at in 2..=20 {
            counts.push(1 + counts[at - 1] + counts[at - 2]);
        }
        assert_eq!(answers.iter().sum::<u64>(), counts[20]);
    }

    #[test]
    fn a_panic_ends_all() {
        let outcome = catch_unwind(|| {
            run(vec![3], 3, |job: i32, more, (): &mut ()| {
                assert!(job > 0, "the end");
                more.extend([job - 1, job - 1]);
            })
        });
        assert!(outcome.is_err());
    }
}
