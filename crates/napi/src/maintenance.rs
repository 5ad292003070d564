//! Keeping a database well: backup, integrity and repair, sizes, vacuum, checkpoint, export, and giving transcripts back.

use crate::{
    error::{self, guard},
    state,
    task::{self, Job, OnProgress},
};
use han_base::{Code, Error, Result};
use han_db::{
    BackupOptions, BackupReport, CheckpointMode, CheckpointReport, Database, DatabaseStats, ExportChunk,
    IntegrityOptions, IntegrityReport, MaintenanceProgress, Observer, RestoreOptions, RestoreReport,
    SizesReport, VacuumOptions, VacuumReport,
};
use napi::{
    Env,
    bindgen_prelude::{Buffer, PromiseRaw},
};
use napi_derive::napi;
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    ops::ControlFlow,
    path::PathBuf,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, ThreadId},
};

impl Observer for Job<MaintenanceProgress> {
    fn progress(&self, progress: &MaintenanceProgress) {
        self.report(progress.clone());
    }

    fn is_cancelled(&self) -> bool {
        Job::is_cancelled(self)
    }
}

/// How maintenance is watched and ended. Everything is optional.
#[napi(object, object_to_js = false)]
pub struct MaintenanceOptions<'env> {
    /// Called at most about 20 times a second; what it throws ends the work and rejects the promise.
    #[napi(ts_type = "(progress: MaintenanceProgress) => void")]
    pub on_progress: Option<OnProgress<'env, MaintenanceProgress>>,
    /// A number from `createJobId()`, for `cancelJob`.
    pub job_id: Option<f64>,
    /// For `backupDatabaseAsync`: whether a file in the place goes. Default: false.
    pub overwrite: Option<bool>,
    /// For `backupDatabaseAsync`: whether the copy is checked before it is put in its place. Default: true.
    pub verify: Option<bool>,
    /// For `checkIntegrityAsync`: leave out whether indexes have the entries of their rows. Default: false.
    pub quick: Option<bool>,
    /// For `checkIntegrityAsync`: make anew what is wrong and can be made anew. Default: false.
    pub repair: Option<bool>,
    /// For `restoreTranscriptsAsync`: only those of these sessions. Default: all.
    pub session_ids: Option<Vec<String>>,
    /// For `restoreTranscriptsAsync`: only those whose files are gone. Default: false.
    pub only_missing: Option<bool>,
}

/// Runs maintenance of a database on the pool.
fn job<'env, T>(
    env: &'env Env,
    db_path: String,
    options: &mut Option<MaintenanceOptions<'env>>,
    work: impl FnOnce(&Database, &Job<MaintenanceProgress>) -> Result<T> + Send + 'static,
) -> error::Result<PromiseRaw<'env, T>>
where
    T: napi::bindgen_prelude::ToNapiValue + Send + 'static,
{
    let (job_id, on_progress) =
        options.as_mut().map_or((None, None), |options| (options.job_id, options.on_progress.take()));
    task::job(env, job_id, on_progress, move |job| work(&*state::open(&db_path)?, job))
}

/// Copies the database, as one committed state of it, to a new file for the owner only, while others go on writing. The
/// copy is checked (pages, application and schema numbers, the rows of every table) and put in its place when it is whole;
/// whatever fails before leaves nothing behind. `FILE_EXISTS` unless `overwrite` is given; `CANCELLED`.
#[napi]
pub fn backup_database_async<'env>(
    env: &'env Env,
    db_path: String,
    target_path: String,
    options: Option<MaintenanceOptions<'env>>,
) -> error::Result<PromiseRaw<'env, BackupReport>> {
    let mut options = options;
    let given = options.as_ref();
    let how = BackupOptions {
        overwrite: given.and_then(|options| options.overwrite).unwrap_or(false),
        verify: given.and_then(|options| options.verify).unwrap_or(true),
    };
    job(env, db_path, &mut options, move |database, job| {
        if target_path.is_empty() {
            return Err(Error::new(Code::InvalidArgument, "take targetPath = \"\": it names no file"));
        }
        database.backup(&PathBuf::from(target_path), how, job)
    })
}

/// Looks whether everything is in order: pages, rows and index entries; rows that refer to others; counters; search
/// indexes, word by word. Reads one snapshot, so that nobody waits for it. With `repair`, counters and indexes that are
/// wrong are made anew. Damage is told in the answer; a rejection means that nothing could be said.
#[napi]
pub fn check_integrity_async<'env>(
    env: &'env Env,
    db_path: String,
    options: Option<MaintenanceOptions<'env>>,
) -> error::Result<PromiseRaw<'env, IntegrityReport>> {
    let mut options = options;
    let given = options.as_ref();
    let what = IntegrityOptions {
        quick: given.and_then(|options| options.quick).unwrap_or(false),
        repair: given.and_then(|options| options.repair).unwrap_or(false),
    };
    job(env, db_path, &mut options, move |database, job| database.check_integrity(what, job))
}

/// Figures of the database file: sizes, pages, log, versions. Takes as long for any size.
#[napi]
pub fn get_database_stats(db_path: String) -> error::Result<DatabaseStats> {
    guard(|| state::open(&db_path)?.stats())
}

/// What each table and index takes, the largest first. Reads every page. `CANCELLED`.
#[napi]
pub fn get_database_sizes_async<'env>(
    env: &'env Env,
    db_path: String,
    options: Option<MaintenanceOptions<'env>>,
) -> error::Result<PromiseRaw<'env, SizesReport>> {
    let mut options = options;
    job(env, db_path, &mut options, |database, job| database.sizes(job))
}

/// Writes the database anew without what holds nothing. Others read meanwhile; who wants to write waits, 30 seconds at most.
/// `DISK_FULL` before anything is done when there is too little space; `CANCELLED` until the copy is written back.
#[napi]
pub fn vacuum_database_async<'env>(
    env: &'env Env,
    db_path: String,
    options: Option<MaintenanceOptions<'env>>,
) -> error::Result<PromiseRaw<'env, VacuumReport>> {
    let mut options = options;
    job(env, db_path, &mut options, |database, job| {
        let options = VacuumOptions { temporary_folder: state::sqlite_temporary_folder() };
        database.vacuum(&options, job)
    })
}

/// Moves the write-ahead log into the database: `passive` what can be moved now, `truncate` everything, trying for a second
/// while others use the log. `complete` says whether that was possible. Default: `passive`.
#[napi]
pub fn checkpoint_database_async(
    env: &Env,
    db_path: String,
    #[napi(ts_arg_type = "'passive' | 'truncate' | undefined | null")] mode: Option<String>,
) -> error::Result<PromiseRaw<'_, CheckpointReport>> {
    task::blocking(env, move || {
        let mode = match mode.as_deref() {
            None | Some("passive") => CheckpointMode::Passive,
            Some("truncate") => CheckpointMode::Truncate,
            Some(other) => {
                let what = format!("take mode = {other:?}: it is \"passive\" or \"truncate\"");
                return Err(Error::new(Code::InvalidArgument, what));
            }
        };
        state::open(&db_path)?.checkpoint(mode)
    })
}

/// Writes transcripts below a folder, byte for byte as they were indexed, also those whose files are gone. What is there
/// already stays, and no path leads out of the folder.
#[napi]
pub fn restore_transcripts_async<'env>(
    env: &'env Env,
    db_path: String,
    folder: String,
    options: Option<MaintenanceOptions<'env>>,
) -> error::Result<PromiseRaw<'env, RestoreReport>> {
    let mut options = options;
    let given = options.as_mut();
    let which = given.map_or_else(RestoreOptions::default, |options| RestoreOptions {
        session_ids: options.session_ids.take().unwrap_or_default(),
        only_missing: options.only_missing.unwrap_or(false),
    });
    job(env, db_path, &mut options, move |database, job| {
        if folder.is_empty() {
            return Err(Error::new(Code::InvalidArgument, "take folder = \"\": it names no folder"));
        }
        database.restore_transcripts(&PathBuf::from(folder), &which, job)
    })
}

// ---------------------------------------------------------------------------------------------------------------
// Export
// ---------------------------------------------------------------------------------------------------------------

/// Chunks that are made ahead of what is taken.
const CHUNKS_AHEAD: usize = 2;

/// Some whole lines of an export.
#[napi(object, object_from_js = false)]
pub struct DatabaseExportChunk {
    /// UTF-8, each line with its line feed.
    pub bytes: Buffer,
    /// The table of the last of them.
    pub table: String,
    /// Rows that were given so far.
    pub rows: f64,
}

/// An export that goes on.
struct Export {
    owner: ThreadId,
    ended: Arc<AtomicBool>,
    /// Locked by the one that waits for the next chunk.
    chunks: Arc<Mutex<Receiver<Result<ExportChunk>>>>,
}

impl Drop for Export {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

static EXPORTS: LazyLock<Mutex<HashMap<u64, Export>>> = LazyLock::new(Mutex::default);
static NEXT_EXPORT: AtomicU64 = AtomicU64::new(1);

/// Ends the work of an export whose chunks nobody takes any more.
struct UntilClosed(Arc<AtomicBool>);

impl Observer for UntilClosed {
    fn progress(&self, _progress: &MaintenanceProgress) {}

    fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Begins to read all rows, or those of some tables, as lines of JSON (`{"table":…,"row":{…}}`), from one snapshot. Returns a
/// number for `readDatabaseExport`; `closeDatabaseExport` must be called with it in the end.
#[napi]
pub fn open_database_export(db_path: String, tables: Option<Vec<String>>) -> error::Result<f64> {
    guard(|| {
        let database = state::open(&db_path)?;
        let tables = tables.unwrap_or_default();
        let known = database.tables()?;
        if let Some(unknown) = tables.iter().find(|table| !known.contains(table)) {
            let what = format!("export table {unknown:?}: there is none, only {}", known.join(", "));
            return Err(Error::new(Code::InvalidArgument, what));
        }
        let (sender, receiver) = sync_channel(CHUNKS_AHEAD);
        let ended = Arc::new(AtomicBool::new(false));
        let until = UntilClosed(Arc::clone(&ended));
        thread::Builder::new()
            .name("han-export".into())
            .spawn(move || export(&database, &tables, &until, &sender))
            .map_err(|error| Error::new(Code::Internal, "start a thread for an export").because(error))?;
        let id = NEXT_EXPORT.fetch_add(1, Ordering::Relaxed);
        let export = Export { owner: thread::current().id(), ended, chunks: Arc::new(Mutex::new(receiver)) };
        EXPORTS.lock().insert(id, export);
        Ok(id as f64)
    })
}

fn export(
    database: &Database,
    tables: &[String],
    until: &UntilClosed,
    sender: &SyncSender<Result<ExportChunk>>,
) {
    let exported = error::catch(|| {
        database.export(tables, until, |chunk| match sender.send(Ok(chunk)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        })
    });
    if let Err(error) = exported {
        // Without a receiver there is nobody to tell.
        let _ = sender.send(Err(error));
    }
}

/// The next lines of an export; null behind the last. `INVALID_ARGUMENT` for one that is closed.
#[napi(ts_return_type = "Promise<DatabaseExportChunk | null>")]
pub fn read_database_export(
    env: &Env,
    export_id: f64,
) -> error::Result<PromiseRaw<'_, Option<DatabaseExportChunk>>> {
    let chunks = EXPORTS.lock().get(&(export_id as u64)).map(|export| Arc::clone(&export.chunks));
    task::blocking(env, move || {
        let chunks = chunks.ok_or_else(|| {
            Error::new(
                Code::InvalidArgument,
                format!("read export {export_id}: there is none, or it is closed"),
            )
        })?;
        // An error here means that the sender is gone: everything was sent.
        let Ok(chunk) = chunks.lock().recv() else { return Ok(None) };
        let chunk = chunk?;
        Ok(Some(DatabaseExportChunk {
            bytes: chunk.bytes.into(),
            table: chunk.table,
            rows: chunk.rows as f64,
        }))
    })
}

/// Ends an export. One that is closed already, or unknown, is no error.
#[napi]
pub fn close_database_export(export_id: f64) -> error::Result<()> {
    guard(|| {
        EXPORTS.lock().remove(&(export_id as u64));
        Ok(())
    })
}

/// Ends the exports that the environment of this thread began.
pub(crate) fn close_exports_of_this_thread() {
    let owner = thread::current().id();
    EXPORTS.lock().retain(|_, export| export.owner != owner);
}
