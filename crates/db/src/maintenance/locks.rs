//! Short transactions in a row, and how long the longest was.

use crate::{open::Database, transaction::Write};
use han_base::Result;
use std::time::{Duration, Instant};

/// How long a transaction goes on before it is committed and others may write.
const TRANSACTION: Duration = Duration::from_millis(40);

/// The longest time for which others could not write.
#[derive(Debug, Default)]
pub(super) struct Locks {
    longest: Duration,
}

impl Locks {
    /// Repeats `step` until it says that it is done, in transactions of 40 ms, a step more at most. `between` is called
    /// behind each transaction, and ends the row with its error.
    pub(super) fn repeat(
        &mut self,
        database: &Database,
        mut step: impl FnMut(&Write<'_>) -> Result<bool>,
        mut between: impl FnMut() -> Result<()>,
    ) -> Result<()> {
        loop {
            let done = self.once(database, |write| {
                let begun = Instant::now();
                loop {
                    if step(write)? {
                        return Ok(true);
                    }
                    if begun.elapsed() >= TRANSACTION {
                        return Ok(false);
                    }
                }
            })?;
            between()?;
            if done {
                return Ok(());
            }
        }
    }

    /// One transaction.
    pub(super) fn once<T>(
        &mut self,
        database: &Database,
        work: impl FnOnce(&Write<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut writer = database.bulk_writer();
        let mut begun = Instant::now();
        let result = writer.transaction(|write| {
            begun = Instant::now();
            work(write)
        });
        self.longest = self.longest.max(begun.elapsed());
        writer.yield_to_others();
        result
    }

    /// Milliseconds.
    pub(super) fn longest_ms(&self) -> f64 {
        self.longest.as_secs_f64() * 1000.0
    }
}
