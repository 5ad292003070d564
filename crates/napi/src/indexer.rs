//! Indexing transcripts.

use crate::{
    error::{self, guard},
    state,
    task::{self, Job, OnProgress},
};
use han_base::{Error, Result};
use han_indexer::{Observer, Sources, Unwatched};
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
    /// What was read and written for it.
    pub counters: IndexCounters,
}

/// What a run read and wrote. How often it commits depends on its speed, and with it what each commit costs; all else is
/// the same for the same work on every machine.
#[napi(object, object_from_js = false)]
pub struct IndexCounters {
    /// Bytes read of source files: those that were stored, those that were only looked at to find out whether a file is
    /// what was indexed, and unfinished last lines.
    pub bytes_read: f64,
    /// Lines read of source files, blank and broken ones included.
    pub lines_read: f64,
    /// Rows inserted, changed and deleted in all tables, those of the search index included.
    pub rows_written: f64,
    /// Bytes written to the write-ahead log, or to the database where it has none. Moving the log into the database writes
    /// each page of it at most once more.
    pub bytes_written: f64,
    /// Statements run on the connection that writes.
    pub statements: f64,
    /// Transactions committed.
    pub transactions: f64,
}

impl From<han_indexer::IndexCounters> for IndexCounters {
    fn from(counters: han_indexer::IndexCounters) -> Self {
        Self {
            bytes_read: counters.bytes_read as f64,
            lines_read: counters.lines_read as f64,
            rows_written: counters.rows_written as f64,
            bytes_written: counters.bytes_written as f64,
            statements: counters.statements as f64,
            transactions: counters.transactions as f64,
        }
    }
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
            counters: report.counters.into(),
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
    /// Bytes stored per second since the run began; 0 at its beginning.
    pub bytes_per_second: f64,
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
            bytes_per_second: progress.bytes_per_second(),
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

/// Indexes everything below `projects` of the agent's config folder (`CLAUDE_CONFIG_DIR`, else `~/.claude`), and the events
/// in `memory/personal/sessions` of the data folder; one result for each file that changed or failed.
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

/// A range of bytes of a source file.
#[napi(object, object_from_js = false)]
pub struct VerifiedRange {
    /// What is known of it: in the store and understood; too long to be; broken; behind what is indexed; other bytes than
    /// the store has; not given back by the store.
    #[napi(ts_type = "'indexed' | 'skipped' | 'broken' | 'pending' | 'changed' | 'damaged'")]
    pub kind: String,
    /// Its first byte.
    pub start: f64,
    /// The first byte behind it.
    pub end: f64,
}

/// What was found out about one source file.
#[napi(object, object_from_js = false)]
pub struct VerifiedFile {
    /// Where it lies, or lay.
    pub file_path: String,
    /// Its session.
    pub session_id: String,
    /// Whether it is gone; what is stored of it stays.
    pub is_missing: bool,
    /// All of its bytes, in order.
    pub ranges: Vec<VerifiedRange>,
    /// Rows that were compared with their lines.
    pub rows: f64,
    /// What is wrong, one sentence each; empty when store and file agree.
    pub problems: Vec<String>,
}

/// What a comparison of the store with its sources found.
#[napi(object, object_from_js = false)]
pub struct VerifyReport {
    /// `partial` when it was cancelled.
    #[napi(ts_type = "'complete' | 'partial'")]
    pub status: String,
    /// The files, by path.
    pub files: Vec<VerifiedFile>,
    /// Files with problems.
    pub files_different: f64,
    /// Files that are gone.
    pub files_missing: f64,
    /// Files that were read anew, with `repair`.
    pub files_repaired: f64,
    /// Bytes that were compared.
    pub bytes_compared: f64,
}

impl From<han_indexer::VerifyReport> for VerifyReport {
    fn from(report: han_indexer::VerifyReport) -> Self {
        let range = |range: han_indexer::VerifiedRange| VerifiedRange {
            kind: range.kind.as_str().to_owned(),
            start: range.start as f64,
            end: range.end as f64,
        };
        let file = |file: han_indexer::VerifiedFile| VerifiedFile {
            file_path: file.file_path.to_string_lossy().into_owned(),
            session_id: file.session_id,
            is_missing: file.is_missing,
            ranges: file.ranges.into_iter().map(range).collect(),
            rows: file.rows as f64,
            problems: file.problems,
        };
        Self {
            status: report.status.as_str().to_owned(),
            files: report.files.into_iter().map(file).collect(),
            files_different: report.files_different as f64,
            files_missing: report.files_missing as f64,
            files_repaired: 0.0,
            bytes_compared: report.bytes_compared as f64,
        }
    }
}

/// What is compared, and how it is watched and ended. Everything is optional.
#[napi(object, object_to_js = false)]
pub struct VerifyIndexOptions<'env> {
    /// Called at most about 20 times a second; what it throws ends the comparison and rejects the promise.
    #[napi(ts_type = "(progress: IndexProgress) => void")]
    pub on_progress: Option<OnProgress<'env, IndexProgress>>,
    /// A number from `createJobId()`, for `cancelJob`.
    pub job_id: Option<f64>,
    /// Transcripts, and folders of them; all that are indexed when not given.
    pub paths: Option<Vec<String>>,
    /// Whether files that differ are read anew; default false.
    pub repair: Option<bool>,
}

/// Compares every stored byte with its source file and every row with its line, without blocking. A path of which nothing
/// is indexed rejects with `FILE_NOT_FOUND`. With `repair`, files that differ are read anew as if they had been
/// rewritten; the report says what was found before.
#[napi]
pub fn verify_index_async<'env>(
    env: &'env Env,
    db_path: String,
    options: Option<VerifyIndexOptions<'env>>,
) -> error::Result<PromiseRaw<'env, VerifyReport>> {
    let (on_progress, job_id, paths, repair) = options.map_or((None, None, None, None), |options| {
        (options.on_progress, options.job_id, options.paths, options.repair)
    });
    task::job(env, job_id, on_progress, move |job: &Job<IndexProgress>| {
        let database = state::open(&db_path)?;
        let paths: Vec<PathBuf> = paths.unwrap_or_default().into_iter().map(PathBuf::from).collect();
        let report = han_indexer::verify(&database, &paths, job)?;
        let repaired = if repair.unwrap_or(false) {
            han_indexer::repair(&database, &report, job)?.iter().map(|run| run.files_indexed).sum()
        } else {
            0
        };
        Ok(VerifyReport { files_repaired: repaired as f64, ..VerifyReport::from(report) })
    })
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
    let sources = match config_dirs {
        Some(config_dirs) => Sources {
            config_dirs: config_dirs.into_iter().map(PathBuf::from).collect(),
            event_dirs: Vec::new(),
        },
        None => Sources {
            config_dirs: vec![state::default_config_dir()?],
            event_dirs: vec![state::default_event_dir()?],
        },
    };
    han_indexer::index_sources(&database, &sources, observer)
}
