//! Indexing transcripts.

use crate::{
    error::{self, guard},
    state,
    task::{self, Job, OnProgress},
};
use han_base::{Error, Result};
use han_indexer::{Observer, Unwatched};
use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;
use std::{
    fs::File,
    path::{Path, PathBuf},
};

/// What was done with one file.
#[napi(object, object_from_js = false)]
pub struct IndexResult {
    /// The file's session; "" when nothing tells it.
    pub session_id: String,
    /// Rows written by this call.
    pub messages_indexed: f64,
    /// Messages of type user and assistant that the session has now.
    pub total_messages: f64,
    /// Whether this call made the session.
    pub is_new_session: bool,
    /// Why the file was left out.
    pub error: Option<String>,
    /// The file.
    pub file_path: String,
    /// Bytes of the file that were read.
    pub bytes_read: f64,
    /// Lines that were left out or repaired.
    pub broken_lines: f64,
}

impl From<han_indexer::IndexResult> for IndexResult {
    fn from(result: han_indexer::IndexResult) -> Self {
        Self {
            session_id: result.session_id,
            messages_indexed: result.messages_indexed as f64,
            total_messages: result.total_messages as f64,
            is_new_session: result.is_new_session,
            error: result.error,
            file_path: result.file_path.to_string_lossy().into_owned(),
            bytes_read: result.bytes_read as f64,
            broken_lines: result.broken_lines as f64,
        }
    }
}

/// What a run did.
#[napi(object, object_from_js = false)]
pub struct IndexReport {
    /// `partial` when it was cancelled; what was stored until then stays.
    #[napi(ts_type = "'complete' | 'partial'")]
    pub status: String,
    /// The files that changed or failed.
    pub results: Vec<IndexResult>,
    /// Files that were found.
    pub files_seen: f64,
    /// Files of which something was read.
    pub files_indexed: f64,
    /// Files that are as they were.
    pub files_unchanged: f64,
    /// Files that were left out.
    pub files_failed: f64,
    /// Bytes that were read and stored.
    pub bytes_read: f64,
    /// Sessions that changed.
    pub sessions: f64,
    /// Rows written.
    pub messages_indexed: f64,
    /// Lines that were left out or repaired.
    pub broken_lines: f64,
    /// Milliseconds.
    pub duration_ms: f64,
}

impl From<han_indexer::IndexReport> for IndexReport {
    fn from(report: han_indexer::IndexReport) -> Self {
        Self {
            status: report.status.as_str().to_owned(),
            results: report.results.into_iter().map(IndexResult::from).collect(),
            files_seen: report.files_seen as f64,
            files_indexed: report.files_indexed as f64,
            files_unchanged: report.files_unchanged as f64,
            files_failed: report.files_failed as f64,
            bytes_read: report.bytes_read as f64,
            sessions: report.sessions as f64,
            messages_indexed: report.messages_indexed as f64,
            broken_lines: report.broken_lines as f64,
            duration_ms: report.duration.as_secs_f64() * 1000.0,
        }
    }
}

/// How far a run is.
#[napi(object, object_from_js = false)]
pub struct IndexProgress {
    /// What it does.
    #[napi(ts_type = "'scan' | 'index' | 'finish'")]
    pub phase: String,
    /// Files that changed.
    pub files_total: f64,
    /// Those of them that are done.
    pub files_done: f64,
    /// Bytes to read.
    pub bytes_total: f64,
    /// Bytes stored.
    pub bytes_done: f64,
    /// Rows written.
    pub messages: f64,
    /// Milliseconds since the run began.
    pub elapsed_ms: f64,
}

impl Observer for Job<IndexProgress> {
    fn progress(&self, progress: &han_indexer::IndexProgress) {
        self.report(IndexProgress {
            phase: progress.phase.as_str().to_owned(),
            files_total: progress.files_total as f64,
            files_done: progress.files_done as f64,
            bytes_total: progress.bytes_total as f64,
            bytes_done: progress.bytes_done as f64,
            messages: progress.messages as f64,
            elapsed_ms: progress.elapsed.as_secs_f64() * 1000.0,
        });
    }

    fn is_cancelled(&self) -> bool {
        Job::is_cancelled(self)
    }
}

/// How a run is watched and ended. Everything is optional.
#[napi(object, object_to_js = false)]
pub struct IndexOptions<'env> {
    /// Called at most about 20 times a second; what it throws ends the run and rejects the promise.
    #[napi(ts_type = "(progress: IndexProgress) => void")]
    pub on_progress: Option<OnProgress<'env, IndexProgress>>,
    /// A number from `createJobId()`, for `cancelJob`.
    pub job_id: Option<f64>,
    /// Agents' config folders; only for `fullScanAndIndexAsync`. Default: `CLAUDE_CONFIG_DIR`, else `~/.claude`.
    pub config_dirs: Option<Vec<String>>,
}

/// Indexes one transcript. A file whose session nothing tells is a result with `error`; what is no file that can be
/// read throws `FILE_NOT_FOUND`, `NOT_A_FILE` or `FILE_UNREADABLE`. `sourceConfigDir`: default is what the path tells.
#[napi]
pub fn index_session_file(
    db_path: String,
    file_path: String,
    source_config_dir: Option<String>,
) -> error::Result<IndexResult> {
    guard(|| {
        let database = state::open(&db_path)?;
        let file_path = Path::new(&file_path);
        check_readable(file_path)?;
        let report = han_indexer::index_file(&database, file_path, source_config_dir.as_deref(), &Unwatched)?;
        if let Some(result) = report.results.into_iter().next() {
            return Ok(result.into());
        }
        let unchanged = database.read(|read| {
            let path = file_path.canonicalize().unwrap_or_else(|_| file_path.to_owned());
            let file = read.session_files().get(&path.to_string_lossy())?;
            let session_id = match file {
                Some(file) => file.session_id,
                None => han_indexer::session_of_path(&path).unwrap_or_default(),
            };
            Ok(han_indexer::IndexResult {
                total_messages: read.messages().count(&session_id)? as u64,
                session_id,
                file_path: path,
                ..han_indexer::IndexResult::default()
            })
        })?;
        Ok(unchanged.into())
    })
}

/// A file that may not be read is one failure among many in a folder, but the failure of a call that names just it.
fn check_readable(file: &Path) -> Result<()> {
    // Anything else is for the indexer to refuse; opening it may wait for its other end.
    if file.is_file() {
        File::open(file).map_err(|error| Error::io("read", file, error))?;
    }
    Ok(())
}

/// Indexes the transcripts of one project's folder, those of its agents included; one result for each file that
/// changed or failed. A path that is no folder gives none.
#[napi]
pub fn index_project_directory(
    db_path: String,
    project_dir: String,
    source_config_dir: Option<String>,
) -> error::Result<Vec<IndexResult>> {
    guard(|| {
        let database = state::open(&db_path)?;
        let project_dir = Path::new(&project_dir);
        if !project_dir.is_dir() {
            return Ok(Vec::new());
        }
        let report =
            han_indexer::index_project_dir(&database, project_dir, source_config_dir.as_deref(), &Unwatched)?;
        Ok(report.results.into_iter().map(IndexResult::from).collect())
    })
}

/// Indexes everything below `projects` of the agent's config folder (`CLAUDE_CONFIG_DIR`, else `~/.claude`); one result
/// for each file that changed or failed.
#[napi]
pub fn full_scan_and_index(db_path: String) -> error::Result<Vec<IndexResult>> {
    guard(|| {
        let report = scan(&db_path, None, &Unwatched)?;
        Ok(report.results.into_iter().map(IndexResult::from).collect())
    })
}

/// As `indexSessionFile`, without blocking, with progress, and to be cancelled.
#[napi]
pub fn index_session_file_async<'env>(
    env: &'env Env,
    db_path: String,
    file_path: String,
    options: Option<IndexOptions<'env>>,
) -> error::Result<PromiseRaw<'env, IndexReport>> {
    let (on_progress, job_id, _) = parts(options);
    task::job(env, job_id, on_progress, move |job| {
        let database = state::open(&db_path)?;
        check_readable(Path::new(&file_path))?;
        han_indexer::index_file(&database, Path::new(&file_path), None, job).map(IndexReport::from)
    })
}

/// As `indexProjectDirectory`, without blocking, with progress, and to be cancelled. A path that is no folder rejects.
#[napi]
pub fn index_project_directory_async<'env>(
    env: &'env Env,
    db_path: String,
    project_dir: String,
    options: Option<IndexOptions<'env>>,
) -> error::Result<PromiseRaw<'env, IndexReport>> {
    let (on_progress, job_id, _) = parts(options);
    task::job(env, job_id, on_progress, move |job| {
        let database = state::open(&db_path)?;
        han_indexer::index_project_dir(&database, Path::new(&project_dir), None, job).map(IndexReport::from)
    })
}

/// As `fullScanAndIndex`, without blocking, with progress, to be cancelled, and of config folders of your choice.
#[napi]
pub fn full_scan_and_index_async<'env>(
    env: &'env Env,
    db_path: String,
    options: Option<IndexOptions<'env>>,
) -> error::Result<PromiseRaw<'env, IndexReport>> {
    let (on_progress, job_id, config_dirs) = parts(options);
    task::job(env, job_id, on_progress, move |job| scan(&db_path, config_dirs, job).map(IndexReport::from))
}

type Parts<'env> = (Option<OnProgress<'env, IndexProgress>>, Option<f64>, Option<Vec<String>>);

fn parts(options: Option<IndexOptions<'_>>) -> Parts<'_> {
    options.map_or((None, None, None), |options| (options.on_progress, options.job_id, options.config_dirs))
}

fn scan(
    db_path: &str,
    config_dirs: Option<Vec<String>>,
    observer: &dyn Observer,
) -> Result<han_indexer::IndexReport> {
    let database = state::open(db_path)?;
    let config_dirs = match config_dirs {
        Some(config_dirs) => config_dirs.into_iter().map(PathBuf::from).collect(),
        None => vec![state::default_config_dir()?],
    };
    han_indexer::index_config_dirs(&database, &config_dirs, observer)
}
