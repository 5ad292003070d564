//! Hooks that wait in the queue of an orchestration. Functions without a `dbPath` use the `han.db` that was used last.

use crate::{
    error::{self, guard},
    state,
};
use han_db::{QueuedHook, QueuedHookInput};
use napi_derive::napi;

/// Puts a hook at the end of an orchestration's queue; returns its id. An unknown orchestration is `DB_CONSTRAINT`.
#[napi]
pub fn queue_hook(input: QueuedHookInput, db_path: Option<String>) -> error::Result<String> {
    guard(|| state::named(db_path.as_deref())?.write(|write| write.queued_hooks().add(&input)))
}

/// The queue of an orchestration, in order of arrival.
#[napi]
pub fn get_queued_hooks(orchestration_id: String, db_path: Option<String>) -> error::Result<Vec<QueuedHook>> {
    guard(|| state::named(db_path.as_deref())?.read(|read| read.queued_hooks().list(&orchestration_id)))
}

/// Takes all hooks out of an orchestration's queue in one step, in order of arrival: of several processes that do so,
/// no two get the same hook.
#[napi]
pub fn drain_queued_hooks(
    orchestration_id: String,
    db_path: Option<String>,
) -> error::Result<Vec<QueuedHook>> {
    guard(|| state::named(db_path.as_deref())?.write(|write| write.queued_hooks().drain(&orchestration_id)))
}

/// Empties the queue of an orchestration; returns how many hooks went.
#[napi]
pub fn delete_queued_hooks(orchestration_id: String, db_path: Option<String>) -> error::Result<u32> {
    guard(|| {
        let deleted = state::named(db_path.as_deref())?
            .write(|write| write.queued_hooks().delete(&orchestration_id))?;
        Ok(deleted as u32)
    })
}
