//! The latest summary of each session.

use crate::{
    error::{self, guard},
    state,
};
use han_db::{SessionSummary, SessionSummaryInput};
use napi_derive::napi;

/// Writes the summary of a session unless it has a later one; returns the one it has then. An unknown session is
/// `DB_CONSTRAINT`, a bad time `INVALID_TIMESTAMP`.
#[napi]
pub fn upsert_session_summary(db_path: String, input: SessionSummaryInput) -> error::Result<SessionSummary> {
    guard(|| state::open(&db_path)?.write(|write| write.session_summaries().upsert(&input)))
}

/// The latest summary of a session; null when there is none.
#[napi]
pub fn get_session_summary(db_path: String, session_id: String) -> error::Result<Option<SessionSummary>> {
    guard(|| state::open(&db_path)?.read(|read| read.session_summaries().get(&session_id)))
}
