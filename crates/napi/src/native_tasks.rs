//! Tasks that agents keep for themselves. The indexer writes them.

use crate::{
    error::{self, guard},
    page::{PageOptions, pages},
    state,
};
use han_db::NativeTask;
use napi_derive::napi;

/// All tasks of a session, oldest first.
#[napi]
pub fn get_session_native_tasks(db_path: String, session_id: String) -> error::Result<Vec<NativeTask>> {
    guard(|| state::open(&db_path)?.read(|read| read.native_tasks().list(&session_id)))
}

/// A task of a session by the agent's id; null when there is none.
#[napi]
pub fn get_native_task(
    db_path: String,
    session_id: String,
    task_id: String,
) -> error::Result<Option<NativeTask>> {
    guard(|| state::open(&db_path)?.read(|read| read.native_tasks().get(&session_id, &task_id)))
}

pages! {
    NativeTaskPage of NativeTask, "A page of tasks that an agent keeps for itself.";
}

/// A page of the tasks of a session, oldest first.
#[napi]
pub fn list_native_tasks_page(
    db_path: String,
    session_id: String,
    options: Option<PageOptions>,
) -> error::Result<NativeTaskPage> {
    guard(|| {
        let (cursor, limit) = PageOptions::position(options.as_ref())?;
        state::open(&db_path)?
            .read(|read| read.native_tasks().page(&session_id, cursor, limit))
            .map(Into::into)
    })
}
