//! Removing what transcripts tell, so that they are read anew.

use crate::{
    error::{self, guard},
    state, task,
};
use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;

/// Removes what can be read again from transcripts that exist, in one transaction; returns how many rows that were.
///
/// Sessions with a source file that is gone stay whole, and so does what no transcript tells: messages given by callers,
/// tasks, hooks, changes of files, validations, frustration and generated summaries, each with its session.
#[napi]
pub fn truncate_derived_tables(db_path: String) -> error::Result<i64> {
    guard(|| truncate(&db_path))
}

/// As `truncateDerivedTables`, without blocking.
#[napi]
pub fn truncate_derived_tables_async(env: &Env, db_path: String) -> error::Result<PromiseRaw<'_, i64>> {
    task::blocking(env, move || truncate(&db_path))
}

fn truncate(db_path: &str) -> han_base::Result<i64> {
    Ok(state::open(db_path)?.truncate_derived()? as i64)
}
