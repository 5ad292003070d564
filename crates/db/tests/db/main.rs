//! The store as its callers see it: one file per subject.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod activity;
mod archive;
mod async_hooks;
mod concurrency;
mod config_dirs;
mod counters;
mod documents;
mod file_changes;
mod file_system;
mod file_validations;
mod fixture;
mod frustration;
mod generated_summaries;
mod hook_attempts;
mod hook_executions;
mod maintenance;
mod messages;
mod native_tasks;
// Rights, devices and open files that are deleted are matters of Unix.
#[cfg(unix)]
mod open;
mod orchestrations;
mod pages;
mod projects;
mod queued_hooks;
mod raw_blocks;
// Mounts, masks and open files that are deleted are matters of Unix.
#[cfg(unix)]
mod recovery;
mod search;
mod session_files;
mod session_summaries;
mod sessions;
mod tasks;
mod transactions;
mod truncate;
mod upgrade;
mod usage;
mod vectors;
