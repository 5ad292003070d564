//! The Node-API addon behind `@han/native`. One file per domain exports flat functions; each converts its
//! arguments, calls one function of another crate inside [`error::guard`] or [`task`], and converts the answer.
//!
//! - Errors and panics: `error.rs`. Work that does not block the JavaScript thread: `task.rs`.
//! - Doc comments of exported items become the comments of the generated typings.

// What comes from JavaScript is made for this one call: an exported function owns its arguments.
#![allow(clippy::needless_pass_by_value)]

mod argument;
mod engine;
mod error;
mod progress;
mod state;

pub mod activity;
pub mod async_hooks;
pub mod batches;
pub mod broken_lines;
pub mod compactions;
pub mod config_dirs;
pub mod database;
pub mod documents;
pub mod file_changes;
pub mod file_operations;
pub mod file_validations;
pub mod files;
pub mod frustration;
pub mod generated_summaries;
pub mod git;
pub mod glob;
pub mod hash;
pub mod hook_attempts;
pub mod hook_executions;
pub mod indexer;
pub mod info;
pub mod jsonl;
pub mod legacy;
pub mod maintenance;
pub mod messages;
pub mod native_tasks;
pub mod orchestrations;
pub mod page;
pub mod projects;
pub mod queued_hooks;
pub mod replies;
pub mod repos;
pub mod rows;
pub mod search;
pub mod session_compacts;
pub mod session_summaries;
pub mod session_todos;
pub mod sessions;
pub mod task;
pub mod tasks;
pub mod tool_calls;
pub mod transaction;
pub mod truncate;
pub mod usage;
pub mod vectors;

use engine::Script;
use napi::{
    Env,
    bindgen_prelude::{JsObjectValue, Object},
};
use napi_derive::napi;

/// Runs once per environment that loads the addon (the main thread and each worker thread).
#[napi(module_exports)]
pub fn initialise(mut exports: Object, env: Env) -> napi::Result<()> {
    error::silence_panics();
    // Not part of the typings: the loader compares it before anything else is called.
    exports.set_named_property("addonVersion", env!("CARGO_PKG_VERSION"))?;
    env.add_env_cleanup_hook(env.raw(), |ending| {
        task::cancel_jobs_of_this_thread();
        jsonl::close_readers_of_this_thread();
        hash::close_hashers_of_this_thread();
        glob::close_globs_of_this_thread();
        maintenance::close_exports_of_this_thread();
        jsonl::Engine::forget(ending);
        hash::Engine::forget(ending);
        rows::forget(ending);
    })?;
    Ok(())
}
