//! Work on several threads at once, which are there only as long as it lasts.

use std::{panic::resume_unwind, sync::OnceLock, thread};

/// Threads at most; reading files gains nothing beyond.
const MOST: usize = 8;

/// How many threads are worth having on this machine.
pub(crate) fn cores() -> usize {
    // Asking the system costs more than hashing a small file.
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| thread::available_parallelism().map_or(1, usize::from).min(MOST))
}

/// Runs the same work on so many threads, this one among them, and collects what each returns. Where the system allows
/// fewer threads, there are fewer.
pub(crate) fn on_threads<T: Send>(count: usize, work: impl Fn() -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let start = |_| thread::Builder::new().name("han-hash".to_owned()).spawn_scoped(scope, &work).ok();
        let others: Vec<_> = (1..count).map_while(start).collect();
        let mut results = vec![work()];
        for other in others {
            results.push(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        results
    })
}
