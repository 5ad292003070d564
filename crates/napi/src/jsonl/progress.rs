//! Long readings of a file as jobs: progress and cancelling.

use crate::{
    error,
    progress::Reports,
    task::{self, Job, OnProgress},
};
use han_base::Result;
use napi::{
    Env,
    bindgen_prelude::{PromiseRaw, ToNapiValue},
};
use napi_derive::napi;
use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

/// How far the reading of a file is.
#[napi(object, object_from_js = false)]
pub struct JsonlProgress {
    /// Bytes read so far.
    pub bytes_done: f64,
    /// Bytes of the file when the work began.
    pub bytes_total: f64,
    /// Lines in what was read so far.
    pub lines: f64,
    /// Milliseconds since the work began.
    pub elapsed_ms: f64,
}

/// How the reading of a file is watched and ended. Everything is optional.
#[napi(object, object_to_js = false)]
pub struct JsonlJobOptions<'env> {
    /// Called at most about 20 times a second; what it throws ends the work and rejects the promise.
    #[napi(ts_type = "(progress: JsonlProgress) => void")]
    pub on_progress: Option<OnProgress<'env, JsonlProgress>>,
    /// A number from `createJobId()`, for `cancelJob`.
    pub job_id: Option<f64>,
}

/// Runs `work` on the file as a job, which reports what its observer is told.
pub(super) fn job<'env, T: ToNapiValue + Send + 'static>(
    env: &'env Env,
    options: Option<JsonlJobOptions<'_>>,
    file_path: String,
    work: impl FnOnce(&Path, &dyn han_jsonl::Observer) -> Result<T> + Send + 'static,
) -> error::Result<PromiseRaw<'env, T>> {
    let (on_progress, job_id) = options.map_or((None, None), |options| (options.on_progress, options.job_id));
    task::job(env, job_id, on_progress, move |job| {
        let path = Path::new(&file_path);
        let observer = Observer::new(job, path);
        let answer = work(path, &observer);
        observer.report();
        answer
    })
}

/// Adds up what several threads read.
struct Observer<'j> {
    reports: Reports<'j, JsonlProgress>,
    bytes: AtomicU64,
    lines: AtomicU64,
    bytes_total: u64,
}

impl<'j> Observer<'j> {
    fn new(job: &'j Job<JsonlProgress>, path: &Path) -> Self {
        Self {
            reports: Reports::new(job),
            bytes: AtomicU64::new(0),
            lines: AtomicU64::new(0),
            // A file that cannot be looked at cannot be read either, and that is reported.
            bytes_total: fs::metadata(path).map_or(0, |metadata| metadata.len()),
        }
    }

    fn report(&self) {
        self.reports.send(|elapsed_ms| self.progress(elapsed_ms));
    }

    fn progress(&self, elapsed_ms: f64) -> JsonlProgress {
        JsonlProgress {
            bytes_done: self.bytes.load(Ordering::Relaxed) as f64,
            bytes_total: self.bytes_total as f64,
            lines: self.lines.load(Ordering::Relaxed) as f64,
            elapsed_ms,
        }
    }
}

impl han_jsonl::Observer for Observer<'_> {
    fn advanced(&self, bytes: u64, lines: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.lines.fetch_add(lines, Ordering::Relaxed);
        self.reports.send_unless_busy(|elapsed_ms| self.progress(elapsed_ms));
    }

    fn is_cancelled(&self) -> bool {
        self.reports.is_cancelled()
    }
}
