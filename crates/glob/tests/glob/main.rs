//! Walks of real trees, beside git and the `ignore` crate as oracles.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod hostile;
mod ignored;
mod markers;
mod streams;
mod trees;
mod walks;
