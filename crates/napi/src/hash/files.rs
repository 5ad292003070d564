//! Hashes of files.

use super::{
    cache::cache,
    hasher::algorithm_of,
    progress::{self, HashJobOptions, HashProgress, Unwatched, Watch},
    values::{DigestList, DigestRecord, Digits},
};
use crate::{
    error::{self, guard},
    task::OnProgress,
};
use han_base::{Code, Error, Result};
use han_hash::{Algorithm, HashOptions, HashedFile, hash_file, hash_files as hash_all};
use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;
use std::path::Path;

/// The SHA-256 of a file as lower-case hex; the empty text when it cannot be read, also for a folder, a pipe or a device.
#[napi]
pub fn compute_file_hash(file_path: String) -> error::Result<String> {
    guard(|| Ok(hash_or_empty(&file_path, &Unwatched)))
}

/// As `computeFileHash`, without blocking, with progress, and to be cancelled, which rejects with `CANCELLED`.
#[napi(strict)]
pub fn compute_file_hash_async<'env>(
    env: &'env Env,
    file_path: String,
    options: Option<HashJobOptions<'_>>,
) -> error::Result<PromiseRaw<'env, String>> {
    progress::job(env, options, move |watch| {
        watch.expect(1);
        let hash = hash_or_empty(&file_path, watch);
        refuse_cancelled(watch.hashing().is_cancelled() && hash.is_empty(), &file_path)?;
        Ok(hash)
    })
}

fn hash_or_empty(file_path: &str, watch: &dyn Watch) -> String {
    let options = HashOptions { observer: watch.hashing(), ..HashOptions::default() };
    hash_file(Path::new(file_path), options).map_or_else(|_| String::new(), |hashed| hashed.digest.to_hex())
}

/// The SHA-256 of many files, by the paths as they were given; the empty text for those that cannot be read.
#[napi(ts_return_type = "Record<string, string>")]
pub fn compute_file_hashes_parallel(file_paths: Vec<String>) -> error::Result<DigestRecord> {
    guard(|| hashes_by_path(file_paths, &Unwatched))
}

/// As `computeFileHashesParallel`, without blocking, with progress, and to be cancelled, which rejects with `CANCELLED`;
/// `hashFilesAsync` keeps what was finished.
#[napi(strict, ts_return_type = "Promise<Record<string, string>>")]
pub fn compute_file_hashes_parallel_async<'env>(
    env: &'env Env,
    file_paths: Vec<String>,
    options: Option<HashJobOptions<'_>>,
) -> error::Result<PromiseRaw<'env, DigestRecord>> {
    progress::job(env, options, move |watch| hashes_by_path(file_paths, watch))
}

fn hashes_by_path(file_paths: Vec<String>, watch: &dyn Watch) -> Result<DigestRecord> {
    watch.expect(file_paths.len());
    let options = HashOptions { observer: watch.hashing(), ..HashOptions::default() };
    let outcomes = hash_all(&file_paths, options);
    refuse_cancelled(outcomes.iter().any(Option::is_none), &format!("{} files", file_paths.len()))?;
    let digits = digits_of(Algorithm::Sha256, &outcomes);
    Ok(DigestRecord::new(file_paths, digits))
}

fn refuse_cancelled(is_cancelled: bool, what: &str) -> Result<()> {
    if is_cancelled { Err(Error::new(Code::Cancelled, format!("hash {what}"))) } else { Ok(()) }
}

fn digits_of(algorithm: Algorithm, outcomes: &[Option<Result<HashedFile>>]) -> Digits {
    let digest = |outcome| match outcome {
        &Some(Ok(HashedFile { ref digest, .. })) => Some(digest),
        _ => None,
    };
    Digits::of(2 * algorithm.digest_bytes(), outcomes.iter().map(digest))
}

/// A file that could not be hashed.
#[napi(object, object_from_js = false)]
pub struct HashFailure {
    /// The path as it was given.
    pub path: String,
    /// Its place among the paths, counted from 0.
    pub index: f64,
    /// Why, for a program: `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `NOT_A_FILE`, `INVALID_ARGUMENT` or `IO_FAILED`.
    pub code: String,
    /// Why, for a person: `[CODE] what was attempted: cause`.
    pub message: String,
}

/// What became of files that were to be hashed.
#[napi(object, object_from_js = false)]
pub struct HashedFiles {
    /// The hashes in the order of the paths, as lower-case hex; the empty text for a file that failed or was not reached.
    #[napi(ts_type = "Array<string>")]
    pub hashes: DigestList,
    /// The files that could not be hashed, in the order of the paths.
    pub failures: Vec<HashFailure>,
    /// Files that were read; the others failed, were not reached, or did not change since they were remembered.
    pub files_read: f64,
    /// Bytes of them.
    pub bytes_read: f64,
    /// `partial` when the work was cancelled: files that have neither a hash nor a failure were not reached.
    #[napi(ts_type = "'complete' | 'partial'")]
    pub status: String,
}

/// How files are hashed. Everything is optional.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct HashFilesOptions {
    /// The hash function; default `sha256`.
    #[napi(ts_type = "'sha256' | 'blake3' | 'xxh3-128' | undefined | null")]
    pub algorithm: Option<String>,
    /// Whether a file that did not change since this process hashed it, by its size, times and identity, need not be read
    /// again; default false.
    pub use_cache: Option<bool>,
}

/// As `HashFilesOptions`, and how the work is watched and ended.
#[napi(object, object_to_js = false)]
pub struct HashFilesJobOptions<'env> {
    /// The hash function; default `sha256`.
    #[napi(ts_type = "'sha256' | 'blake3' | 'xxh3-128' | undefined | null")]
    pub algorithm: Option<String>,
    /// Whether a file that did not change since this process hashed it need not be read again; default false.
    pub use_cache: Option<bool>,
    /// Called at most about 20 times a second; what it throws ends the work and rejects the promise.
    #[napi(ts_type = "(progress: HashProgress) => void")]
    pub on_progress: Option<OnProgress<'env, HashProgress>>,
    /// A number from `createJobId()`, for `cancelJob`.
    pub job_id: Option<f64>,
}

/// Hashes many files on all cores. A file that cannot be read costs only itself. Code: `INVALID_ARGUMENT` for an unknown
/// algorithm.
///
/// @example
/// ```js
/// const { hashes, failures } = hashFiles(paths, { algorithm: 'blake3' })
/// ```
#[napi(strict)]
pub fn hash_files(file_paths: Vec<String>, options: Option<HashFilesOptions>) -> error::Result<HashedFiles> {
    guard(|| hashed(&file_paths, &options.unwrap_or_default(), &Unwatched))
}

/// As `hashFiles`, without blocking, with progress, and to be cancelled: what was hashed before is given.
#[napi(strict)]
pub fn hash_files_async<'env>(
    env: &'env Env,
    file_paths: Vec<String>,
    options: Option<HashFilesJobOptions<'_>>,
) -> error::Result<PromiseRaw<'env, HashedFiles>> {
    let (options, job) = options.map_or((HashFilesOptions::default(), None), |options| {
        let HashFilesJobOptions { algorithm, use_cache, on_progress, job_id } = options;
        (HashFilesOptions { algorithm, use_cache }, Some(HashJobOptions { on_progress, job_id }))
    });
    progress::job(env, job, move |watch| hashed(&file_paths, &options, watch))
}

fn hashed(file_paths: &[String], options: &HashFilesOptions, watch: &dyn Watch) -> Result<HashedFiles> {
    let algorithm = algorithm_of(options.algorithm.as_deref())?;
    watch.expect(file_paths.len());
    let cache = options.use_cache.unwrap_or_default().then(cache);
    let outcomes = hash_all(file_paths, HashOptions { algorithm, cache, observer: watch.hashing() });
    let read = |outcome: &&HashedFile| !outcome.is_remembered;
    let done = || outcomes.iter().flatten().flatten().filter(read);
    Ok(HashedFiles {
        files_read: done().count() as f64,
        bytes_read: done().map(|hashed| hashed.bytes_read).sum::<u64>() as f64,
        hashes: DigestList(digits_of(algorithm, &outcomes)),
        status: if outcomes.iter().all(Option::is_some) { "complete" } else { "partial" }.to_owned(),
        failures: failures_of(file_paths, outcomes),
    })
}

fn failures_of(file_paths: &[String], outcomes: Vec<Option<Result<HashedFile>>>) -> Vec<HashFailure> {
    let failure = |(index, outcome): (usize, Option<Result<HashedFile>>)| {
        let error = outcome?.err()?;
        let (code, message) = (error.code().as_str().to_owned(), error.to_string());
        Some(HashFailure { path: file_paths[index].clone(), index: index as f64, code, message })
    };
    outcomes.into_iter().enumerate().filter_map(failure).collect()
}
