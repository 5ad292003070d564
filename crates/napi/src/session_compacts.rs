//! The latest compaction of each session.

use crate::{
    error::{self, guard},
    state,
};
use han_db::{SessionCompact, SessionCompactInput};
use napi_derive::napi;

/// Writes the compaction of a session unless it has a later one; returns the one it has then. An unknown session is
/// `DB_CONSTRAINT`, a bad time `INVALID_TIMESTAMP`.
#[napi]
pub fn upsert_session_compact(db_path: String, input: SessionCompactInput) -> error::Result<SessionCompact> {
    guard(|| state::open(&db_path)?.write(|write| write.session_compacts().upsert(&input)))
}

/// The latest compaction of a session; null when there is none.
#[napi]
pub fn get_session_compact(db_path: String, session_id: String) -> error::Result<Option<SessionCompact>> {
    guard(|| state::open(&db_path)?.read(|read| read.session_compacts().get(&session_id)))
}
