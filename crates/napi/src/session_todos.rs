//! The latest list of todos of each session.

use crate::{
    error::{self, guard},
    state,
};
use han_db::{SessionTodos, SessionTodosInput};
use napi_derive::napi;

/// Writes the list of todos of a session unless it has a later one; returns the one it has then. An unknown session is
/// `DB_CONSTRAINT`, a bad time `INVALID_TIMESTAMP`.
#[napi]
pub fn upsert_session_todos(db_path: String, input: SessionTodosInput) -> error::Result<SessionTodos> {
    guard(|| state::open(&db_path)?.write(|write| write.session_todos().upsert(&input)))
}

/// The latest list of todos of a session; null when there is none.
#[napi]
pub fn get_session_todos(db_path: String, session_id: String) -> error::Result<Option<SessionTodos>> {
    guard(|| state::open(&db_path)?.read(|read| read.session_todos().get(&session_id)))
}

/// A todo of a list: what the JSON array in `todosJson` holds.
#[napi(object)]
pub struct TodoItem {
    /// What is to be done.
    pub content: String,
    /// `pending`, `in_progress` or `completed`.
    pub status: String,
    /// The same as it is shown while it is done.
    pub active_form: String,
}
