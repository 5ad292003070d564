//! The database as a whole.

use crate::{
    argument::count,
    error::{self, guard},
    state, task,
};
use han_base::Result;
use han_db::{ArchiveStats, BrokenLine, Database, DatabaseCheck};
use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;
use std::fs;

/// Creates or opens a database and brings its schema up to date. Always true; throws where that is impossible.
///
/// Every other function does the same on demand, so calling this is optional.
#[napi]
pub fn db_init(db_path: String) -> error::Result<bool> {
    guard(|| state::open(&db_path).map(|_| true))
}

/// As `dbInit`, without blocking: bringing a large database up to date may take a while.
#[napi]
pub fn db_init_async(env: &Env, db_path: String) -> error::Result<PromiseRaw<'_, bool>> {
    task::blocking(env, move || state::open(&db_path).map(|_| true))
}

/// Whether a rescan of the transcripts would add what an older version could not store. Looks at the `han.db` that was
/// used last, else at the default one.
#[napi]
pub fn needs_reindex() -> error::Result<bool> {
    guard(|| state::current()?.read(|read| read.metadata().needs_reindex()))
}

/// Says that the rescan was done.
#[napi]
pub fn clear_reindex_flag() -> error::Result<()> {
    guard(|| state::current()?.write(|write| write.metadata().set_needs_reindex(false)))
}

/// What the store holds.
#[napi]
pub fn get_archive_stats(db_path: String) -> error::Result<ArchiveStats> {
    guard(|| stats(&*state::open(&db_path)?))
}

/// As `getArchiveStats`, without blocking.
#[napi]
pub fn get_archive_stats_async(env: &Env, db_path: String) -> error::Result<PromiseRaw<'_, ArchiveStats>> {
    task::blocking(env, move || stats(&*state::open(&db_path)?))
}

fn stats(database: &Database) -> Result<ArchiveStats> {
    let mut stats = database.read(|read| read.archive().stats())?;
    let mut log = database.path().as_os_str().to_owned();
    log.push("-wal");
    // A database without a log has none to count.
    stats.database_bytes = [database.path().as_os_str(), &log]
        .into_iter()
        .filter_map(|path| fs::metadata(path).ok())
        .map(|metadata| metadata.len() as i64)
        .sum();
    Ok(stats)
}

/// Lines of transcripts that were left out or repaired, by file and place. `limit`: default 1000.
#[napi]
pub fn list_broken_lines(db_path: String, limit: Option<f64>) -> error::Result<Vec<BrokenLine>> {
    guard(|| {
        let limit = count("limit", limit)?.unwrap_or(1000) as usize;
        state::open(&db_path)?.read(|read| read.broken_lines().list(limit))
    })
}

/// Checks the file, the counters and the search index. Reads the whole database.
#[napi]
pub fn check_database_async(env: &Env, db_path: String) -> error::Result<PromiseRaw<'_, DatabaseCheck>> {
    task::blocking(env, move || {
        let database = state::open(&db_path)?;
        let mut check = database.read(|read| read.archive().check())?;
        let search_index = database.read(|read| Ok(read.archive().check_search_index()))?;
        check.problems.extend(search_index);
        check.ok = check.problems.is_empty();
        Ok(check)
    })
}
