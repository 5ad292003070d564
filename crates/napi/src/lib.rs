//! The Node-API addon behind `@han/native`. One file per domain exports flat functions; each converts its
//! arguments, calls one function of another crate inside [`error::guard`] or [`task`], and converts the answer.
//!
//! - Errors and panics: `error.rs`. Work that does not block the JavaScript thread: `task.rs`.
//! - Doc comments of exported items become the comments of the generated typings.

// What comes from JavaScript is made for this one call: an exported function owns its arguments.
#![allow(clippy::needless_pass_by_value)]

mod argument;
mod error;
mod state;

pub mod database;
pub mod files;
pub mod indexer;
pub mod info;
pub mod messages;
pub mod projects;
pub mod repos;
pub mod search;
pub mod sessions;
pub mod task;

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
    env.add_env_cleanup_hook((), |()| task::cancel_jobs_of_this_thread())?;
    Ok(())
}
