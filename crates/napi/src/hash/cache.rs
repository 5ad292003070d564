//! What this process remembers of files, and the file in which that outlives it.

use crate::{
    error::{self, guard},
    state, task,
};
use han_base::{Code, Error, Result};
use han_hash::HashCache;
use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;
use std::{path::PathBuf, sync::LazyLock};

/// What all calls of this process remember.
pub(super) fn cache() -> &'static HashCache {
    static CACHE: LazyLock<HashCache> = LazyLock::new(HashCache::new);
    &CACHE
}

/// Adds to what this process remembers of files what an earlier one saved, and returns how many files that was: 0 when the
/// file is missing, damaged, or open to other users. The file is `hash-cache` in the data folder when none is named.
/// Codes: `FILE_UNREADABLE`, `IO_FAILED`.
#[napi]
pub fn load_hash_cache(file_path: Option<String>) -> error::Result<f64> {
    guard(|| Ok(cache().load(&path_of(file_path)?)? as f64))
}

/// As `loadHashCache`, without blocking: the file of a large tree has tens of megabytes.
#[napi]
pub fn load_hash_cache_async(env: &Env, file_path: Option<String>) -> error::Result<PromiseRaw<'_, f64>> {
    task::blocking(env, move || Ok(cache().load(&path_of(file_path)?)? as f64))
}

/// Saves what this process remembers of files, with what others saved meanwhile, if there is something new; returns
/// whether there was. The file is as of `loadHashCache`; only its user can read it. Codes: `FILE_UNWRITABLE`, `DISK_FULL`,
/// `IO_FAILED`.
#[napi]
pub fn save_hash_cache(file_path: Option<String>) -> error::Result<bool> {
    guard(|| cache().save(&path_of(file_path)?))
}

/// As `saveHashCache`, without blocking.
#[napi]
pub fn save_hash_cache_async(env: &Env, file_path: Option<String>) -> error::Result<PromiseRaw<'_, bool>> {
    task::blocking(env, move || cache().save(&path_of(file_path)?))
}

/// Forgets what this process remembers of files, and returns how many they were. A saved file stays.
#[napi]
pub fn clear_hash_cache() -> error::Result<f64> {
    guard(|| {
        let files = cache().len();
        cache().clear();
        Ok(files as f64)
    })
}

fn path_of(file_path: Option<String>) -> Result<PathBuf> {
    match file_path {
        Some(path) if path.is_empty() => {
            Err(Error::new(Code::InvalidArgument, "take filePath = \"\": it is the path of a file"))
        }
        Some(path) => Ok(path.into()),
        // The data folder is where the default database is.
        None => Ok(state::default_db_path()?.with_file_name("hash-cache")),
    }
}
