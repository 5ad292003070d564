//! A run: deciding what to do, reading on several threads, writing on this one.

use crate::{
    apply::Storing,
    batch::Event,
    discover::{Discovery, SourceFile, Sources, discover_project_dir, discover_sources},
    moved::Gone,
    pace::{LOOK_UP, Log, Pace, catch_up},
    plan::{Decision, Task, decide},
    rebook,
    report::{IndexCounters, IndexProgress, IndexReport, IndexResult, Observer, Phase, Status},
    repositories::Repositories,
    source_reads::SourceReads,
    understand::{Shared, understand},
};
use han_base::{Code, Error, Result};
use han_db::{BulkText, Database, SessionFile, Vocabulary, WriteCounts};
use std::{
    collections::{HashMap, HashSet},
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

/// Pieces of one file that wait to be written. Bounds the memory of a run.
const PIECES_AHEAD: usize = 4;

/// Bytes of new transcripts from which on it pays to write a segment of the search index at the end.
const BULK_BYTES: u64 = 512 * 1024;

/// Threads that read, at the most.
const MAX_READERS: usize = 8;

/// Indexes one file. `source_config_dir` is stored with its session; `None` takes it from the path.
///
/// A file of which nothing tells the session is a result with `error`, no error.
pub fn index_file(
    database: &Database,
    path: &Path,
    source_config_dir: Option<&str>,
    observer: &dyn Observer,
) -> Result<IndexReport> {
    let mut run = Run::new(database, source_config_dir, observer);
    run.is_whole = false;
    let file = SourceFile::at(path)?;
    let known = database.read(|read| read.session_files().get(&file.path_text()))?;
    let known = known.into_iter().map(|known| (known.file_path.clone(), known)).collect();
    run.files(Discovery { files: vec![file], unreadable: Vec::new() }, known)
}

/// Indexes the transcripts of one project's folder, those of its agents included.
pub fn index_project_dir(
    database: &Database,
    project_dir: &Path,
    source_config_dir: Option<&str>,
    observer: &dyn Observer,
) -> Result<IndexReport> {
    let run = Run::new(database, source_config_dir, observer);
    let found = discover_project_dir(project_dir)?;
    let known = run.known(&[project_dir.to_owned()], &found)?;
    run.files(found, known)
}

/// Indexes everything in the `projects` of agents' config folders.
pub fn index_config_dirs(
    database: &Database,
    config_dirs: &[PathBuf],
    observer: &dyn Observer,
) -> Result<IndexReport> {
    let sources = Sources { config_dirs: config_dirs.to_vec(), event_dirs: Vec::new() };
    index_sources(database, &sources, observer)
}

/// As [`index_config_dirs`], and the event files in folders of their own.
pub fn index_sources(database: &Database, sources: &Sources, observer: &dyn Observer) -> Result<IndexReport> {
    let run = Run::new(database, None, observer);
    let found = discover_sources(sources)?;
    let mut folders = sources.config_dirs.clone();
    folders.extend(sources.event_dirs.iter().filter(|folder| folder.is_dir()).cloned());
    let known = run.known(&folders, &found)?;
    run.files(found, known)
}

struct Run<'r> {
    database: &'r Database,
    source_config_dir: Option<&'r str>,
    observer: &'r dyn Observer,
    started: Instant,
    /// Whether folders are walked, and not one file read.
    is_whole: bool,
    reads: SourceReads,
    repositories: Repositories,
    /// What this thread had written before.
    written_before: WriteCounts,
}

impl<'r> Run<'r> {
    fn new(database: &'r Database, source_config_dir: Option<&'r str>, observer: &'r dyn Observer) -> Self {
        Self {
            database,
            source_config_dir,
            observer,
            started: Instant::now(),
            is_whole: true,
            reads: SourceReads::default(),
            repositories: Repositories::new(observer.asks_git()),
            written_before: WriteCounts::of_this_thread(),
        }
    }

    /// What the store knows of the files below some folders, and of those that links in them led to.
    fn known(&self, folders: &[PathBuf], found: &Discovery) -> Result<HashMap<String, SessionFile>> {
        let mut known = HashMap::new();
        let mut real_folders = Vec::new();
        for folder in folders {
            let folder = folder.canonicalize().map_err(|error| Error::io("list folder", folder, error))?;
            let prefix = format!("{}{}", folder.to_string_lossy(), std::path::MAIN_SEPARATOR);
            let files = self.database.read(|read| read.session_files().list_below(&prefix))?;
            known.extend(files.into_iter().map(|file| (file.file_path.clone(), file)));
            real_folders.push(folder);
        }
        let elsewhere = |file: &&SourceFile| !real_folders.iter().any(|folder| file.path.starts_with(folder));
        self.database.read(|read| {
            for file in found.files.iter().filter(elsewhere) {
                let file = read.session_files().get(&file.path_text())?;
                known.extend(file.map(|file| (file.file_path.clone(), file)));
            }
            Ok(known)
        })
    }

    /// Brings files up to date. `known` holds what the store knows below the folders that were walked; what was not
    /// found any more is marked as gone.
    fn files(&self, found: Discovery, mut known: HashMap<String, SessionFile>) -> Result<IndexReport> {
        let Discovery { files, unreadable } = found;
        let mut report = IndexReport {
            status: Status::Complete,
            results: Vec::new(),
            files_seen: files.len() as u64,
            files_indexed: 0,
            files_unchanged: 0,
            files_failed: 0,
            bytes_read: 0,
            sessions: 0,
            messages_indexed: 0,
            broken_lines: 0,
            duration: Duration::ZERO,
            counters: IndexCounters::default(),
        };
        self.catch_up()?;
        let mut gone = Gone::new(&known, &files);
        let mut tasks = Vec::new();
        let mut touched = Vec::new();
        for file in files {
            if self.observer.is_cancelled() {
                report.status = Status::Partial;
                break;
            }
            let path = file.path.clone();
            let mut row = known.remove(&*path.to_string_lossy());
            if row.is_none() && file.stamp.size > 0 {
                match gone.claim(self.database, &file, &self.reads) {
                    Ok(Some((moved, old_path))) => {
                        known.remove(&old_path);
                        row = Some(moved);
                    }
                    Ok(None) => {}
                    Err(error) if is_of_file(&error) => {
                        report.results.push(failed(path, &error));
                        continue;
                    }
                    Err(error) => return Err(error),
                }
            }
            match decide(self.database, file, row, &self.reads) {
                Ok(Decision::Unchanged) => report.files_unchanged += 1,
                Ok(Decision::Touched(known)) => {
                    report.files_unchanged += 1;
                    touched.push(known);
                }
                Ok(Decision::Read(task)) => tasks.push(*task),
                Err(error) if is_of_file(&error) => report.results.push(failed(path, &error)),
                Err(error) => return Err(error),
            }
        }
        // Neither what lies in a folder that may not be listed is gone, nor a file that was indexed by its own name.
        known.retain(|path, file| {
            let path = Path::new(path);
            !file.is_missing
                && !unreadable.iter().any(|(folder, _)| path.starts_with(folder))
                && !path.exists()
        });
        let gone: Vec<i64> = match report.status {
            Status::Complete => known.into_values().map(|file| file.row_id).collect(),
            Status::Partial => Vec::new(),
        };
        report.results.extend(unreadable.into_iter().map(|(path, error)| failed(path, &error)));
        if !touched.is_empty() || !gone.is_empty() {
            self.database.write(|write| {
                touched.iter().try_for_each(|file| write.session_files().advance(file))?;
                gone.iter().try_for_each(|row| write.session_files().mark_missing(*row))
            })?;
        }
        if report.status == Status::Complete && !tasks.is_empty() {
            self.read_and_write(&tasks, &mut report)?;
        }
        if report.status == Status::Complete {
            self.rebook(&mut report)?;
        }
        if report.status == Status::Complete && self.is_whole {
            self.repositories.catch_up(self.database, &|| self.observer.is_cancelled())?;
        }
        self.finish(&mut report)?;
        Ok(report)
    }

    /// Has files book again what rewritten files told as well.
    fn rebook(&self, report: &mut IndexReport) -> Result<()> {
        let Some(tasks) = rebook::tasks(self.database, &|| self.observer.is_cancelled())? else {
            report.status = Status::Partial;
            return Ok(());
        };
        if tasks.is_empty() {
            return Ok(());
        }
        let failed = |report: &IndexReport| report.results.iter().filter(|file| file.error.is_some()).count();
        let failed_before = failed(report);
        self.read_and_write(&tasks, report)?;
        if report.status == Status::Complete && failed(report) == failed_before {
            self.database.write(|write| rebook::done(write, &tasks))?;
        }
        Ok(())
    }

    /// Brings what a run that was killed left behind into the search index.
    fn catch_up(&self) -> Result<()> {
        if self.database.read(|read| read.search().is_complete())? {
            return Ok(());
        }
        // While another run goes on, the rows that wait are its own.
        let Some(bulk) = BulkText::start(self.database.path())? else { return Ok(()) };
        let is_cancelled = || self.observer.is_cancelled();
        let mut writer = self.database.bulk_writer();
        writer.leave_log()?;
        catch_up(&bulk, &mut writer, &mut Log::new(self.database, &is_cancelled), &is_cancelled)?;
        Ok(())
    }

    fn finish(&self, report: &mut IndexReport) -> Result<()> {
        self.database.read(|read| {
            for result in &mut report.results {
                result.total_messages = read.messages().count(&result.session_id)? as u64;
            }
            Ok(())
        })?;
        let sessions: HashSet<&str> =
            report.results.iter().filter(|r| r.messages_indexed > 0).map(|r| r.session_id.as_str()).collect();
        report.sessions = sessions.len() as u64;
        report.files_failed = report.results.iter().filter(|result| result.error.is_some()).count() as u64;
        report.files_indexed = report.results.len() as u64 - report.files_failed;
        report.bytes_read = report.results.iter().map(|result| result.bytes_read).sum();
        report.messages_indexed = report.results.iter().map(|result| result.messages_indexed).sum();
        report.broken_lines = report.results.iter().map(|result| result.broken_lines).sum();
        let written = WriteCounts::of_this_thread().since(self.written_before);
        report.counters = IndexCounters {
            bytes_read: self.reads.bytes(),
            lines_read: self.reads.lines(),
            rows_written: written.rows,
            bytes_written: written.bytes,
            statements: written.statements,
            transactions: written.transactions,
        };
        report.duration = self.started.elapsed();
        Ok(())
    }

    /// Reads on several threads and writes on this one, file after file in their order.
    fn read_and_write(&self, tasks: &[Task], report: &mut IndexReport) -> Result<()> {
        let channels: Vec<Channel> = tasks.iter().map(|_| Channel::new()).collect();
        let next_task = AtomicUsize::new(0);
        let stop = AtomicBool::new(false);
        let much = tasks.iter().map(Task::bytes).sum::<u64>() >= BULK_BYTES;
        let bulk = if much { BulkText::start(self.database.path())? } else { None };
        let is_bulk = bulk.is_some();
        let shared = Shared {
            database: self.database,
            reads: &self.reads,
            repositories: &self.repositories,
            stop: &stop,
        };
        let readers =
            thread::available_parallelism().map_or(1, usize::from).clamp(1, MAX_READERS).min(tasks.len());
        thread::scope(|scope| {
            for _ in 0..readers {
                scope.spawn(|| {
                    let mut vocabulary = is_bulk.then(Vocabulary::new);
                    loop {
                        let at = next_task.fetch_add(1, Ordering::Relaxed);
                        let Some(task) = tasks.get(at) else { return };
                        let Some(sender) = take(&channels[at].sender) else { return };
                        let hand_over = |event| {
                            // Nobody receives when the run ends early.
                            if stop.load(Ordering::Relaxed) || sender.send(event).is_err() {
                                return ControlFlow::Break(());
                            }
                            ControlFlow::Continue(())
                        };
                        // A defect that one file brings to light costs that file only.
                        if catch_unwind(AssertUnwindSafe(|| {
                            understand(&shared, task, vocabulary.as_mut(), hand_over);
                        }))
                        .is_err()
                        {
                            let error = Error::new(
                                Code::Internal,
                                format!("understand {}", task.file.path.display()),
                            );
                            let _ = hand_over(Event::Failed(error));
                        }
                    }
                });
            }
            let receivers = channels.iter().map(|channel| take(&channel.receiver));
            let written = self.write(tasks, receivers, bulk, &stop, report);
            // Readers that wait for room give up when their receiver is gone.
            stop.store(true, Ordering::Relaxed);
            for channel in &channels {
                drop(take(&channel.receiver));
            }
            written
        })
    }

    fn write(
        &self,
        tasks: &[Task],
        receivers: impl Iterator<Item = Option<Receiver<Event>>>,
        mut bulk: Option<BulkText>,
        stop: &AtomicBool,
        report: &mut IndexReport,
    ) -> Result<()> {
        let mut progress = IndexProgress {
            phase: Phase::Index,
            files_total: tasks.len() as u64,
            files_done: 0,
            bytes_total: tasks.iter().map(Task::bytes).sum(),
            bytes_done: 0,
            messages: 0,
            elapsed: self.started.elapsed(),
        };
        self.observer.progress(&progress);
        let mut queue = tasks
            .iter()
            .zip(receivers)
            .filter_map(|(task, receiver)| Some((Storing::new(task, self.source_config_dir), receiver?)));
        let mut current = queue.next();
        let is_cancelled = || self.observer.is_cancelled();
        let mut log = Log::new(self.database, &is_cancelled);
        let mut pace = Pace::new(self.database);
        let mut writer = self.database.bulk_writer();
        if bulk.is_some() {
            writer.leave_log()?;
        }
        while current.is_some() {
            if is_cancelled() {
                report.status = Status::Partial;
                stop.store(true, Ordering::Relaxed);
                break;
            }
            writer.transaction(|write| {
                if let Some(bulk) = &mut bulk {
                    bulk.begin(write)?;
                }
                pace.begin();
                let mut ended = Vec::new();
                while let Some((storing, receiver)) = &mut current {
                    match receiver.recv_timeout(LOOK_UP) {
                        Ok(Event::Session(session_id)) => storing.begin(write, &session_id)?,
                        Ok(Event::Batch(batch)) => {
                            storing.store(write, &batch, bulk.as_mut())?;
                            progress.bytes_done += batch.bytes;
                            progress.messages += batch.messages.len() as u64;
                        }
                        Ok(Event::Failed(error)) => storing.result.error = Some(error.to_string()),
                        Err(RecvTimeoutError::Timeout) => {}
                        Err(RecvTimeoutError::Disconnected) => {
                            if storing.result.error.is_none() {
                                storing.end(write)?;
                            }
                            progress.files_done += 1;
                            // The next file goes into the same transaction.
                            ended.extend(std::mem::replace(&mut current, queue.next()));
                        }
                    }
                    if pace.is_over() || is_cancelled() {
                        break;
                    }
                }
                for (mut storing, _) in ended {
                    storing.store_facts(write, &self.repositories)?;
                    if storing.has_changed() {
                        report.results.push(storing.result);
                    } else if !storing.is_stored() {
                        report.files_unchanged += 1;
                    }
                }
                match &mut current {
                    Some((storing, _)) => storing.store_facts(write, &self.repositories),
                    None => Ok(()),
                }
            })?;
            progress.elapsed = self.started.elapsed();
            self.observer.progress(&progress);
            if bulk.is_some() {
                log.keep_short(&mut writer);
            }
            if let Some(bulk) = bulk.as_mut().filter(|bulk| bulk.is_full()) {
                bulk.publish_unless(&mut writer, &is_cancelled)?;
            }
            writer.yield_to_others();
        }
        match &mut bulk {
            Some(bulk) if report.status == Status::Complete => {
                // Rows that were taken away have to be brought in one by one.
                let is_found = bulk.publish_unless(&mut writer, &is_cancelled)?
                    && (bulk.is_open() || catch_up(bulk, &mut writer, &mut log, &is_cancelled)?);
                if !is_found {
                    report.status = Status::Partial;
                }
                // Nothing is left to be done but for this, which others would have to do.
                if is_found && log.move_all(&mut writer) {
                    writer.checkpoint()?;
                }
            }
            // A run that was cancelled returns at once: the next one brings in the text of rows that it stored.
            Some(bulk) if bulk.is_small() => bulk.publish(&mut writer)?,
            _ => {}
        }
        // A run that was cancelled leaves a file half done.
        report
            .results
            .extend(current.map(|(storing, _)| storing.result).filter(|result| result.bytes_read > 0));
        progress.phase = Phase::Finish;
        progress.elapsed = self.started.elapsed();
        self.observer.progress(&progress);
        Ok(())
    }
}

/// The way of one file's pieces from the thread that reads it to the one that writes. Each end is taken once.
struct Channel {
    sender: Mutex<Option<SyncSender<Event>>>,
    receiver: Mutex<Option<Receiver<Event>>>,
}

impl Channel {
    fn new() -> Self {
        let (sender, receiver) = sync_channel(PIECES_AHEAD);
        Self { sender: Mutex::new(Some(sender)), receiver: Mutex::new(Some(receiver)) }
    }
}

/// Takes what a slot holds; nothing the second time.
fn take<T>(slot: &Mutex<Option<T>>) -> Option<T> {
    match slot.lock() {
        Ok(mut slot) => slot.take(),
        Err(poisoned) => poisoned.into_inner().take(),
    }
}

/// Whether an error concerns one file only, so that the run goes on with the others.
fn is_of_file(error: &Error) -> bool {
    matches!(
        error.code(),
        Code::FileNotFound | Code::FileUnreadable | Code::NotAFile | Code::NotADirectory | Code::IoFailed
    )
}

fn failed(file_path: PathBuf, error: &Error) -> IndexResult {
    IndexResult { file_path, error: Some(error.to_string()), ..IndexResult::default() }
}
