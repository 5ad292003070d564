//! Watching work that takes a while.

/// Watches the reading of a file, from several threads at once, and may end it early.
pub trait Observer: Sync {
    /// Is told what was read since the last call, a few thousand times per second; returns at once.
    fn advanced(&self, bytes: u64, lines: u64);

    /// Whether the work shall end.
    fn is_cancelled(&self) -> bool;
}

/// Nobody watches.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched;

impl Observer for Unwatched {
    fn advanced(&self, _bytes: u64, _lines: u64) {}

    fn is_cancelled(&self) -> bool {
        false
    }
}
