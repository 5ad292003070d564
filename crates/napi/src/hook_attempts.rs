//! Failures in a row of hooks. Functions without a `dbPath` mean the database of
//! `withDatabase`, else the `han.db` that was used last.

use crate::{
    argument::within,
    error::{self, guard},
    state,
};
use han_db::{HookAttemptInfo, HookKey};
use napi_derive::napi;

/// How often a hook failed in a row, in a session and folder; of one that never ran none of 3. Writes nothing.
#[napi]
pub fn get_or_create_hook_attempt(
    session_id: String,
    plugin: String,
    hook_name: String,
    directory: String,
) -> error::Result<HookAttemptInfo> {
    let key = key(&session_id, &plugin, &hook_name, &directory);
    guard(|| state::current()?.read(|read| read.hook_attempts().get(key)))
}

/// Counts one failure more, and returns the count. `HOOK_NOT_FOUND` when no run of the hook was recorded or queued in
/// this session and folder.
#[napi]
pub fn increment_hook_failures(
    session_id: String,
    plugin: String,
    hook_name: String,
    directory: String,
) -> error::Result<HookAttemptInfo> {
    let key = key(&session_id, &plugin, &hook_name, &directory);
    guard(|| state::current()?.write(|write| write.hook_attempts().increment(key)))
}

/// Forgets the failures of a hook; of one that never ran it changes nothing.
#[napi]
pub fn reset_hook_failures(
    session_id: String,
    plugin: String,
    hook_name: String,
    directory: String,
) -> error::Result<()> {
    let key = key(&session_id, &plugin, &hook_name, &directory);
    guard(|| state::current()?.write(|write| write.hook_attempts().reset(key)))
}

/// Allows a hook so many failures more; of one that never ran it changes nothing.
#[napi]
pub fn increase_hook_max_attempts(
    session_id: String,
    plugin: String,
    hook_name: String,
    directory: String,
    increase: f64,
) -> error::Result<()> {
    let key = key(&session_id, &plugin, &hook_name, &directory);
    guard(|| {
        let increase = within("increase", increase, 0..=u64::from(u32::MAX))? as u32;
        state::current()?.write(|write| write.hook_attempts().increase_max(key, increase))
    })
}

fn key<'a>(session_id: &'a str, plugin: &'a str, hook_name: &'a str, directory: &'a str) -> HookKey<'a> {
    HookKey { session_id, plugin, hook_name, directory }
}
