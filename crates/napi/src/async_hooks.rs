//! Hooks that run beside a session: a queue in order of arrival.

use crate::{
    error::{self, guard},
    page::{PageOptions, pages},
    state,
};
use han_db::{AsyncHookKey, AsyncHookQueueEntry, AsyncHookQueueInputNative};
use napi_derive::napi;

/// Puts a hook at the end of a session's queue; returns its id. Where one of the same session, folder, plugin and name
/// waits already, that is cancelled and its files go to the new one, each once. An unknown session is `DB_CONSTRAINT`.
#[napi]
pub fn enqueue_async_hook(db_path: String, input: AsyncHookQueueInputNative) -> error::Result<String> {
    guard(|| state::open(&db_path)?.write(|write| write.async_hooks().enqueue(&input)))
}

/// The hooks of a session that wait, in order of arrival.
#[napi]
pub fn list_pending_async_hooks(
    db_path: String,
    session_id: String,
) -> error::Result<Vec<AsyncHookQueueEntry>> {
    guard(|| state::open(&db_path)?.read(|read| read.async_hooks().list_pending(&session_id)))
}

/// Whether no hook of a session waits or runs.
#[napi]
pub fn is_async_hook_queue_empty(db_path: String, session_id: String) -> error::Result<bool> {
    guard(|| state::open(&db_path)?.read(|read| read.async_hooks().is_empty(&session_id)))
}

/// Takes the hooks of a session that wait, in order of arrival, and marks them as running, in one step: of several
/// processes that do so, no two get the same hook. Their `status` still reads `pending`.
#[napi]
pub fn drain_async_hook_queue(
    db_path: String,
    session_id: String,
) -> error::Result<Vec<AsyncHookQueueEntry>> {
    guard(|| state::open(&db_path)?.write(|write| write.async_hooks().drain(&session_id)))
}

/// Cancels what waits of a hook; returns its files, each once.
#[napi]
pub fn cancel_pending_async_hooks(
    db_path: String,
    session_id: String,
    cwd: String,
    plugin: String,
    hook_name: String,
) -> error::Result<Vec<String>> {
    let key = AsyncHookKey { session_id: &session_id, cwd: &cwd, plugin: &plugin, hook_name: &hook_name };
    guard(|| state::open(&db_path)?.write(|write| write.async_hooks().cancel_pending(key)))
}

/// Notes how a hook ended: `completed` with `success`, else `failed`. An unknown id changes nothing.
#[napi]
pub fn complete_async_hook(
    db_path: String,
    id: String,
    success: bool,
    result: Option<String>,
    error: Option<String>,
) -> error::Result<()> {
    guard(|| {
        state::open(&db_path)?
            .write(|write| write.async_hooks().complete(&id, success, result.as_deref(), error.as_deref()))
    })
}

/// Cancels a hook, whatever its status. An unknown id changes nothing.
#[napi]
pub fn cancel_async_hook(db_path: String, id: String) -> error::Result<()> {
    guard(|| state::open(&db_path)?.write(|write| write.async_hooks().cancel(&id)))
}

/// Cancels the hooks of a session that wait or run; returns how many there were.
#[napi]
pub fn clear_async_hook_queue_for_session(db_path: String, session_id: String) -> error::Result<u32> {
    guard(|| {
        let cancelled = state::open(&db_path)?.write(|write| write.async_hooks().clear(&session_id))?;
        Ok(cancelled as u32)
    })
}

pages! {
    AsyncHookPage of AsyncHookQueueEntry, "A page of hooks that wait beside a session.";
}

/// A page of the hooks of a session that wait, in order of arrival.
#[napi]
pub fn list_pending_async_hooks_page(
    db_path: String,
    session_id: String,
    options: Option<PageOptions>,
) -> error::Result<AsyncHookPage> {
    guard(|| {
        let (cursor, limit) = PageOptions::position(options.as_ref())?;
        state::open(&db_path)?
            .read(|read| read.async_hooks().page_of_pending(&session_id, cursor, limit))
            .map(Into::into)
    })
}
