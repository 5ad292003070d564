//! The store as its callers see it: one file per subject.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod archive;
mod concurrency;
mod counters;
mod fixture;
mod messages;
// Rights, devices and open files that are deleted are matters of Unix.
#[cfg(unix)]
mod open;
mod projects;
mod raw_blocks;
mod search;
mod session_files;
mod sessions;
