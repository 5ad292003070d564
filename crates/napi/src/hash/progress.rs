//! Hashing as jobs: progress and cancelling.

use crate::{
    error,
    progress::Reports,
    task::{self, OnProgress},
};
use han_base::Result;
use napi::{
    Env,
    bindgen_prelude::{PromiseRaw, ToNapiValue},
};
use napi_derive::napi;
use std::sync::atomic::{AtomicU64, Ordering};

/// How far the hashing of files is.
#[napi(object, object_from_js = false)]
pub struct HashProgress {
    /// Files that are done, those that did not have to be read among them.
    pub files_done: f64,
    /// Files to do; while a tree is walked, those found so far.
    pub files_total: f64,
    /// Bytes read so far.
    pub bytes_done: f64,
    /// Milliseconds since the work began.
    pub elapsed_ms: f64,
}

/// How the work is watched and ended. Everything is optional.
#[napi(object, object_to_js = false)]
pub struct HashJobOptions<'env> {
    /// Called at most about 20 times a second; what it throws ends the work and rejects the promise.
    #[napi(ts_type = "(progress: HashProgress) => void")]
    pub on_progress: Option<OnProgress<'env, HashProgress>>,
    /// A number from `createJobId()`, for `cancelJob`.
    pub job_id: Option<f64>,
}

/// Runs `work` as a job, which reports what its observer is told.
pub(super) fn job<'env, T: ToNapiValue + Send + 'static>(
    env: &'env Env,
    options: Option<HashJobOptions<'_>>,
    work: impl FnOnce(&dyn Watch) -> Result<T> + Send + 'static,
) -> error::Result<PromiseRaw<'env, T>> {
    let (on_progress, job_id) = options.map_or((None, None), |options| (options.on_progress, options.job_id));
    task::job(env, job_id, on_progress, move |job| {
        let observer = Observer {
            reports: Reports::new(job),
            files: AtomicU64::new(0),
            found: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        };
        let answer = work(&observer);
        observer.report();
        answer
    })
}

/// Who watches a walk and the hashing of what it found.
pub(super) trait Watch: han_hash::Observer + han_glob::Observer {
    /// Is told how many files there are, when that is known.
    fn expect(&self, files: usize);

    /// As what a hashing is watched by.
    fn hashing(&self) -> &dyn han_hash::Observer;

    /// As what a walk is watched by.
    fn walking(&self) -> &dyn han_glob::Observer;
}

/// Adds up what several threads did.
struct Observer<'j> {
    reports: Reports<'j, HashProgress>,
    files: AtomicU64,
    found: AtomicU64,
    bytes: AtomicU64,
}

impl Observer<'_> {
    fn report(&self) {
        self.reports.send(|elapsed_ms| self.progress(elapsed_ms));
    }

    fn report_unless_busy(&self) {
        self.reports.send_unless_busy(|elapsed_ms| self.progress(elapsed_ms));
    }

    fn progress(&self, elapsed_ms: f64) -> HashProgress {
        HashProgress {
            files_done: self.files.load(Ordering::Relaxed) as f64,
            files_total: self.found.load(Ordering::Relaxed) as f64,
            bytes_done: self.bytes.load(Ordering::Relaxed) as f64,
            elapsed_ms,
        }
    }
}

impl han_hash::Observer for Observer<'_> {
    fn advanced(&self, bytes: u64, files: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.files.fetch_add(files, Ordering::Relaxed);
        self.report_unless_busy();
    }

    fn is_cancelled(&self) -> bool {
        self.reports.is_cancelled()
    }
}

impl han_glob::Observer for Observer<'_> {
    fn advanced(&self, _folders: u64, matches: u64) {
        self.found.fetch_add(matches, Ordering::Relaxed);
        self.report_unless_busy();
    }

    fn is_cancelled(&self) -> bool {
        self.reports.is_cancelled()
    }
}

impl Watch for Observer<'_> {
    fn expect(&self, files: usize) {
        self.found.store(files as u64, Ordering::Relaxed);
        self.report();
    }

    fn hashing(&self) -> &dyn han_hash::Observer {
        self
    }

    fn walking(&self) -> &dyn han_glob::Observer {
        self
    }
}

/// Nobody watches: the call blocks.
pub(super) struct Unwatched;

impl han_hash::Observer for Unwatched {}

impl han_glob::Observer for Unwatched {
    fn advanced(&self, _folders: u64, _matches: u64) {}

    fn is_cancelled(&self) -> bool {
        false
    }
}

impl Watch for Unwatched {
    fn expect(&self, _files: usize) {}

    fn hashing(&self) -> &dyn han_hash::Observer {
        self
    }

    fn walking(&self) -> &dyn han_glob::Observer {
        self
    }
}
