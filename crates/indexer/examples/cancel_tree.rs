//! Cancels runs over a config folder at random moments and prints how long each took to return: for developers.
//!
//! `cargo run --release -p han-indexer --example cancel_tree -- <config-dir> <database> [runs]`
//!
//! Each run goes on where the one before was cancelled, so the database ends complete when there are enough runs.
#![expect(clippy::print_stdout, reason = "a program for developers")]

use han_db::Database;
use han_indexer::{IndexProgress, Observer, index_config_dirs};
use std::{
    env,
    path::PathBuf,
    sync::Mutex,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// The longest time after which a run is cancelled, in milliseconds.
const LONGEST_RUN_MS: u64 = 1500;

/// Cancels a run at some time, and notes when that was.
struct CancelAt {
    at: Instant,
    cancelled: Mutex<Option<Instant>>,
}

impl Observer for CancelAt {
    fn progress(&self, _progress: &IndexProgress) {}

    fn is_cancelled(&self) -> bool {
        let is_late = Instant::now() >= self.at;
        if is_late && let Ok(mut cancelled) = self.cancelled.lock() {
            // From the moment that was asked for, not from the one at which the run noticed.
            cancelled.get_or_insert(self.at);
        }
        is_late
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [config_dir, database, rest @ ..] = arguments.as_slice() else {
        return Err("give a config folder and a database".into());
    };
    let runs: usize = rest.first().map_or(Ok(50), |runs| runs.parse())?;
    let database = Database::open(database.as_ref())?;
    let mut state = SystemTime::now().duration_since(UNIX_EPOCH)?.subsec_nanos();
    let mut latencies = Vec::new();
    for _ in 0..runs {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let after = Duration::from_millis(u64::from(state >> 8) % LONGEST_RUN_MS);
        let observer = CancelAt { at: Instant::now() + after, cancelled: Mutex::new(None) };
        let report = index_config_dirs(&database, &[PathBuf::from(config_dir)], &observer)?;
        let Some(cancelled) = *observer.cancelled.lock().map_err(|_| "a thread panicked")? else {
            println!("complete after {:.2} s", report.duration.as_secs_f64());
            break;
        };
        // Also one that had nothing left to do but did not know: that may take as long.
        latencies.push(cancelled.elapsed());
        println!(
            "cancelled after {after:?}: returned {} in {:?} with {} rows",
            report.status.as_str(),
            cancelled.elapsed(),
            report.messages_indexed
        );
    }
    latencies.sort();
    if let (Some(median), Some(longest)) = (latencies.get(latencies.len() / 2), latencies.last()) {
        println!("{} runs: median {median:?}, longest {longest:?}", latencies.len());
    }
    Ok(())
}
