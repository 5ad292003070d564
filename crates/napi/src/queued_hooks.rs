//! Hooks that wait in the queue of an orchestration. Functions without a `dbPath` mean the database of
//! `withDatabase`, else the `han.db` that was used last.

use crate::{
    error::{self, guard},
    page::{PageOptions, pages},
    state,
};
use han_db::{QueuedHook, QueuedHookInput};
use napi_derive::napi;

/// Puts a hook at the end of an orchestration's queue; returns its id. An unknown orchestration is `DB_CONSTRAINT`.
#[napi]
pub fn queue_hook(input: QueuedHookInput) -> error::Result<String> {
    guard(|| state::current()?.write(|write| write.queued_hooks().add(&input)))
}

/// The queue of an orchestration, in order of arrival.
#[napi]
pub fn get_queued_hooks(orchestration_id: String) -> error::Result<Vec<QueuedHook>> {
    guard(|| state::current()?.read(|read| read.queued_hooks().list(&orchestration_id)))
}

/// Takes all hooks out of an orchestration's queue in one step, in order of arrival: of several processes that do so,
/// no two get the same hook.
#[napi]
pub fn drain_queued_hooks(db_path: String, orchestration_id: String) -> error::Result<Vec<QueuedHook>> {
    guard(|| state::open(&db_path)?.write(|write| write.queued_hooks().drain(&orchestration_id)))
}

/// Empties the queue of an orchestration; returns how many hooks went.
#[napi]
pub fn delete_queued_hooks(orchestration_id: String) -> error::Result<u32> {
    guard(|| {
        let deleted = state::current()?.write(|write| write.queued_hooks().delete(&orchestration_id))?;
        Ok(deleted as u32)
    })
}

/// As `queueHook` for many, in one transaction: all are queued, or none. Returns their ids in the order of the input.
#[napi]
pub fn queue_hooks(db_path: String, inputs: Vec<QueuedHookInput>) -> error::Result<Vec<String>> {
    guard(|| {
        state::open(&db_path)?
            .write(|write| inputs.iter().map(|input| write.queued_hooks().add(input)).collect())
    })
}

pages! {
    QueuedHookPage of QueuedHook, "A page of hooks in a queue.";
}

/// A page of an orchestration's queue, in order of arrival.
#[napi]
pub fn list_queued_hooks_page(
    db_path: String,
    orchestration_id: String,
    options: Option<PageOptions>,
) -> error::Result<QueuedHookPage> {
    guard(|| {
        let (cursor, limit) = PageOptions::position(options.as_ref())?;
        state::open(&db_path)?
            .read(|read| read.queued_hooks().page(&orchestration_id, cursor, limit))
            .map(Into::into)
    })
}
