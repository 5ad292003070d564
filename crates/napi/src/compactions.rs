//! Compactions of sessions.

use crate::{
    error::{self, guard},
    state,
};
use han_db::Compaction;
use napi_derive::napi;

/// The compactions of a session, oldest first; none for an unknown session.
#[napi]
pub fn list_compactions(db_path: String, session_id: String) -> error::Result<Vec<Compaction>> {
    guard(|| state::open(&db_path)?.read(|read| read.compactions().list(&session_id)))
}
