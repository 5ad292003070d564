//! A copy of a database that others go on writing to.

use super::{
    disk,
    new_file::NewFile,
    tables::{pragma, row_counts},
    watch::{Observer, Watch},
};
use crate::{
    connection::{Purpose, connect},
    error::Attempt,
    open::Database,
};
use han_base::{Code, Error, Result};
use rusqlite::{
    Connection, OpenFlags,
    backup::{Backup, StepResult},
};
use std::{fs, path::Path, thread, time::Duration};

/// Pages that are copied between two looks at whether to go on: half a megabyte.
const PAGES_PER_STEP: i32 = 64;

/// How a backup is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupOptions {
    /// Whether a file that is in the place goes.
    pub overwrite: bool,
    /// Whether the copy is checked before it is put in its place.
    pub verify: bool,
}

impl Default for BackupOptions {
    fn default() -> Self {
        Self { overwrite: false, verify: true }
    }
}

/// A backup that was made.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct BackupReport {
    /// The file, absolute.
    pub path: String,
    /// Its size.
    pub bytes: i64,
    /// Pages that it has.
    pub pages: i64,
    /// Its schema version.
    pub schema_version: i64,
    /// Tables that it has.
    pub tables: i64,
    /// Rows of all its tables.
    pub rows: i64,
    /// Whether it was checked.
    pub verified: bool,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
}

/// What a copy must have in common with its source.
#[derive(Debug, PartialEq, Eq)]
struct Contents {
    application_id: i64,
    schema_version: i64,
    rows: Vec<(String, i64)>,
}

impl Contents {
    fn of(connection: &Connection) -> Result<Self> {
        Ok(Self {
            application_id: pragma(connection, "application_id")?,
            schema_version: pragma(connection, "user_version")?,
            rows: row_counts(connection)?,
        })
    }
}

impl Database {
    /// Copies the database, as one committed state of it, to a new file for the owner only. Others write meanwhile.
    ///
    /// The copy is written under another name beside `target`, checked (every page, the application and schema numbers,
    /// the rows of every table), and put in its place when it is whole; whatever happens before leaves nothing behind.
    ///
    /// Codes: `FILE_EXISTS`, `FILE_NOT_FOUND` (of the folder), `FILE_UNWRITABLE`, `NOT_A_FILE`, `DISK_FULL`,
    /// `INVALID_ARGUMENT` when the target is the database itself, `DB_BUSY` when the file in the place is in use,
    /// `DB_CORRUPT` when the copy does not stand the check: then the database is damaged itself. `CANCELLED`.
    pub fn backup(
        &self,
        target: &Path,
        options: BackupOptions,
        observer: &dyn Observer,
    ) -> Result<BackupReport> {
        let watch =
            Watch::new(observer, format!("back up {} to {}", self.path().display(), target.display()));
        watch.go_on()?;
        self.refuse_own_files(target, &watch)?;
        let (new_file, _) = NewFile::create(target, options.overwrite)?;
        refuse_logs_of_another(new_file.target(), &watch)?;

        let source = connect(self.path(), Purpose::Read)?;
        // One snapshot for all steps: a copy of several would begin again whenever somebody wrote.
        let snapshot = source.unchecked_transaction().attempt(|| watch.attempt())?;
        let page_bytes = pragma(&snapshot, "page_size")?;
        let pages = pragma(&snapshot, "page_count")?;
        let folder = new_file.target().parent().unwrap_or(Path::new("."));
        disk::require(folder, (pages * page_bytes) as u64, &watch.attempt())?;
        copy(&snapshot, new_file.temporary(), pages as u64, &watch)?;

        let expected = options.verify.then(|| watch.run(&source, || Contents::of(&snapshot))).transpose()?;
        drop(snapshot);
        let contents = verify(new_file.temporary(), expected.as_ref(), pages as u64, &watch)?;
        let bytes = fs::metadata(new_file.temporary())
            .map_err(|error| Error::io("look at", new_file.temporary(), error))?
            .len();
        let path = new_file.target().to_string_lossy().into_owned();
        watch.go_on()?;
        new_file.place()?;
        Ok(BackupReport {
            path,
            bytes: bytes as i64,
            pages,
            schema_version: contents.schema_version,
            tables: contents.rows.len() as i64,
            rows: contents.rows.iter().map(|(_, rows)| rows).sum(),
            verified: options.verify,
            duration_ms: watch.elapsed_ms(),
        })
    }

    /// The database must not be written over by its own copy, and neither must what lies beside it.
    fn refuse_own_files(&self, target: &Path, watch: &Watch<'_>) -> Result<()> {
        let resolved = |path: &Path| {
            let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
            folder.zip(path.file_name()).map_or_else(|| path.to_owned(), |(folder, name)| folder.join(name))
        };
        let own = resolved(self.path());
        let is_own = ["", "-wal", "-shm", "-journal", "-bulk", "-wait"].iter().any(|suffix| {
            let mut path = own.clone().into_os_string();
            path.push(suffix);
            resolved(target).as_os_str() == path
        });
        if is_own || self.is_same_file(target) {
            let what = format!("{}: that is a file of the database itself", watch.attempt());
            return Err(Error::new(Code::InvalidArgument, what));
        }
        Ok(())
    }
}

/// What another database left in the place of ours would be taken for a part of it.
fn refuse_logs_of_another(target: &Path, watch: &Watch<'_>) -> Result<()> {
    for suffix in ["-wal", "-journal"] {
        let mut path = target.as_os_str().to_owned();
        path.push(suffix);
        if fs::metadata(&path).is_ok_and(|metadata| metadata.len() > 0) {
            let log = Path::new(&path).display();
            let what = format!("{}: {log} shows that a database is in use there", watch.attempt());
            return Err(Error::new(Code::DbBusy, what));
        }
    }
    Ok(())
}

/// Copies the snapshot that `source` has open, page by page.
fn copy(source: &Connection, temporary: &Path, pages: u64, watch: &Watch<'_>) -> Result<()> {
    let attempt = || watch.attempt();
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut copy = Connection::open_with_flags(temporary, flags).attempt(attempt)?;
    // A copy that is not finished is thrown away, so nothing must be kept to go back.
    copy.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF").attempt(attempt)?;
    watch.begin("copy", "pages", pages);
    let backup = Backup::new(source, &mut copy).attempt(attempt)?;
    loop {
        watch.go_on()?;
        let step = backup.step(PAGES_PER_STEP).attempt(attempt)?;
        let progress = backup.progress();
        watch.at(i64::from(progress.pagecount - progress.remaining).unsigned_abs());
        watch.tell();
        match step {
            StepResult::Done => return Ok(()),
            // A snapshot is never locked; whoever looks at a file that was just made is gone soon.
            StepResult::Busy | StepResult::Locked => thread::sleep(Duration::from_millis(1)),
            _ => {}
        }
    }
}

/// Opens the copy as a database of its own and compares it with what its source held, when that is known.
fn verify(temporary: &Path, expected: Option<&Contents>, pages: u64, watch: &Watch<'_>) -> Result<Contents> {
    let attempt = || watch.attempt();
    let copy = connect(temporary, Purpose::Read)?;
    let contents = watch.run(&copy, || {
        let Some(expected) = expected else { return Contents::of(&copy) };
        watch.begin("verify", "pages", pages);
        let found: Vec<String> = watch.counting_pages(&copy, || {
            copy.prepare("PRAGMA quick_check(5)")
                .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
                .attempt(attempt)
        })?;
        let problems: Vec<String> = found.into_iter().filter(|problem| problem != "ok").collect();
        if !problems.is_empty() {
            let what =
                format!("{}: the copy is damaged, so the database is: {}", attempt(), problems.join("; "));
            return Err(Error::new(Code::DbCorrupt, what));
        }
        let contents = Contents::of(&copy)?;
        if contents != *expected {
            let what = format!("{}: the copy has other rows than the database", attempt());
            return Err(Error::new(Code::DbCorrupt, what));
        }
        Ok(contents)
    })?;
    copy.close().map_err(|(_, error)| error).attempt(attempt)?;
    Ok(contents)
}
