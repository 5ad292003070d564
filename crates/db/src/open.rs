//! Opening a database: the file and its folder are made for their owner only, the schema is brought up to date, and
//! one writer and a pool of readers serve all callers of the process.

use crate::{
    connection::{Purpose, connect},
    error::Attempt,
    file_system::{FileSystem, Journal, journal_for},
    identity::{Condition, Identity, beside},
    log_mover::LogMover,
    migrate,
    transaction::{BulkWriter, Read, Write},
    waiting::Others,
    writer::{Writer, WriterLock},
};
use han_base::{Code, Error, Result, id};
use parking_lot::Mutex;
use rusqlite::{Connection, config::DbConfig};
use std::{fs, io, path::Path};

/// Idle readers that are kept for the next call.
const IDLE_READERS: usize = 8;

/// How a database is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// How its journal is kept; absent leaves that to the file system that it lies on, see [`journal_for`]. All who have
    /// a file open must keep it in one way: another one is `DB_BUSY`.
    pub journal: Option<Journal>,
}

/// An open database. Cheap to share between threads behind an `Arc`.
pub struct Database {
    /// The first to go: the writer is the last connection to be closed.
    log_mover: LogMover,
    identity: Identity,
    writer: WriterLock,
    idle_readers: Mutex<Vec<Connection>>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Database").field("path", &self.identity.path()).finish_non_exhaustive()
    }
}

impl Database {
    /// Opens the database at `path`; creates file, folders and schema when they are missing, and upgrades an older
    /// schema. Safe while other processes do the same.
    ///
    /// A relative path is taken from the working folder of now.
    ///
    /// Codes: `DB_PATH_INVALID`, `DB_READ_ONLY`, `DB_NOT_A_DATABASE`, `DB_FOREIGN`, `DB_TOO_NEW`, `DB_BUSY`,
    /// `DB_CORRUPT`, `DB_FILE_SYSTEM`, `DISK_FULL`. A file that is not ours or too new is not changed.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_with(path, OpenOptions::default())
    }

    /// As [`Database::open`], with options.
    pub fn open_with(path: &Path, options: OpenOptions) -> Result<Self> {
        let path =
            &std::path::absolute(path).map_err(|error| invalid(path, "it names nothing").because(error))?;
        let journal = match options.journal {
            Some(journal) => journal,
            None => safe_journal(path)?,
        };
        create_file(path)?;
        let mut connection = connect(path, Purpose::Open(journal))?;
        migrate::migrate(&mut connection, path)?;
        Ok(Self {
            log_mover: LogMover::new(path),
            identity: Identity::of(path),
            writer: WriterLock::new(Writer::new(connection, path)?),
            idle_readers: Mutex::new(Vec::new()),
        })
    }

    /// The path it was opened with, absolute.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.identity.path()
    }

    /// Whether the files at the path are still those that were opened: false once the database was deleted, replaced or
    /// emptied, or its write-ahead log was deleted (which is noticed up to 50 ms late). Then it is to be opened anew;
    /// where only the log is gone, [`Database::save_log`] comes before that.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.identity.condition() == Condition::Current
    }

    /// Where the write-ahead log was deleted, moves what is in it into the database: it is still there for those who have
    /// it open. Does nothing in all other cases. Best done by the one who opens the database anew, before that.
    pub fn save_log(&self) -> Result<()> {
        // A log at that path belongs to others, who do not know of this one.
        if self.identity.condition() != Condition::LogGone || beside(self.identity.path(), "-wal").exists() {
            return Ok(());
        }
        self.bulk_writer().checkpoint()
    }

    /// Whether a path leads to the file of this database.
    pub(crate) fn is_same_file(&self, path: &Path) -> bool {
        self.identity.is_database(path)
    }

    /// Runs `work` on a reader, in one snapshot: what is committed meanwhile is not seen. Readers never wait for the
    /// writer. On a thread that is inside a transaction of this database, it sees what that has written.
    pub fn read<T>(&self, work: impl FnOnce(&Read<'_>) -> Result<T>) -> Result<T> {
        if let Some(writer) = self.writer.joined() {
            writer.require_transaction()?;
            return work(&Read::new(writer.connection()));
        }
        let idle = self.idle_readers.lock().pop();
        let connection = if let Some(connection) = idle {
            connection
        } else {
            let connection = connect(self.identity.path(), Purpose::Read)?;
            // It is that of whatever file stands at the path now.
            self.identity.require_database()?;
            connection
        };
        let snapshot = connection.unchecked_transaction().attempt(|| "begin to read".into())?;
        let result = work(&Read::new(&snapshot));
        drop(snapshot);
        // A connection whose snapshot could not be ended is closed.
        if connection.is_autocommit() {
            let mut idle_readers = self.idle_readers.lock();
            if idle_readers.len() < IDLE_READERS {
                idle_readers.push(connection);
            }
        }
        result
    }

    /// Runs `work` in one write transaction: committed when it returns a value, rolled back when it returns an error
    /// or panics.
    ///
    /// Whatever `work` calls of this database on the same thread joins the transaction: reads see what it wrote, and a
    /// write inside it is a savepoint, so that one that fails is undone alone. Other databases are independent.
    ///
    /// Codes: [`han_base::Code::DbBusy`]; [`han_base::Code::DbReplaced`] when the file is not the one that was opened;
    /// [`han_base::Code::TransactionLost`] when SQLite had to roll back everything.
    pub fn write<T>(&self, work: impl FnOnce(&Write<'_>) -> Result<T>) -> Result<T> {
        self.bulk_writer().transaction(work)
    }

    /// Keeps the writer for several transactions in a row, from the first one on. Other threads of the process wait
    /// meanwhile, so a caller with long work yields between transactions.
    pub fn bulk_writer(&self) -> BulkWriter<'_> {
        BulkWriter::new(&self.writer, &self.identity)
    }

    /// Begins to move the write-ahead log into the database, as far as readers of an older state allow, on a thread of its
    /// own; does nothing while that goes on. Only closing the database waits for its end.
    pub fn move_log(&self) {
        self.log_mover.start();
    }

    /// Whether what [`Database::move_log`] began goes on.
    #[must_use]
    pub fn is_moving_log(&self) -> bool {
        self.log_mover.is_at_work()
    }

    /// Lets others say that they wait for the database, for as long as the answer lives: what a bulk run looks at to end
    /// its transactions in time.
    #[must_use]
    pub fn others(&self) -> Others<'_> {
        Others::of(&self.writer, self.identity.path())
    }
}

impl Drop for Database {
    /// Closing the last connection would write the log into the database and remove it, by its path. When other files
    /// stand there by now, they stay as they are.
    fn drop(&mut self) {
        if self.identity.condition() != Condition::Gone {
            return;
        }
        let writer = self.writer.get_mut().connection();
        for connection in std::iter::once(writer).chain(self.idle_readers.get_mut().iter()) {
            // It fails for no open connection.
            let _ = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        }
    }
}

/// How the journal is kept on the file system that a path lies on, or would if it were made. Code: `DB_FILE_SYSTEM`.
fn safe_journal(path: &Path) -> Result<Journal> {
    let file_system = path.ancestors().find(|place| place.exists()).map_or(FileSystem::Local, FileSystem::of);
    journal_for(file_system).ok_or_else(|| {
        let attempt = format!("open database {}: its file system does not keep locks", path.display());
        Error::new(Code::DbFileSystem, attempt)
    })
}

/// Makes the file and its folders if they are missing, readable for their owner only.
fn create_file(path: &Path) -> Result<()> {
    if let Ok(metadata) = fs::metadata(path) {
        return match metadata.file_type() {
            // SQLite takes a file of one byte for an empty one and would write over it.
            kind if kind.is_file() && metadata.len() == 1 => {
                Err(Error::new(Code::DbNotADatabase, format!("open database {}", path.display())))
            }
            kind if kind.is_file() => Ok(()),
            kind if kind.is_dir() => Err(invalid(path, "it is a folder")),
            _ => Err(invalid(path, "it is no file")),
        };
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(folder)
            .map_err(|error| creation_error("make folder for the database", folder, error))?;
    }
    // Held until the file is there.
    let lock = folder.and_then(|folder| remove_leftovers(path, folder));
    let create = |path: &Path| {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path).map(drop)
    };
    // A link that leads nowhere is something, and stays.
    let made = if lock.is_some() && fs::symlink_metadata(path).is_err() {
        // Closing a file ends all locks that its process has on it, those of another thread's connection as well. So it
        // is closed before anybody can find it.
        let unnamed = beside(path, &format!("-{}", id::random()));
        create(&unnamed).and_then(|()| fs::rename(&unnamed, path))
    } else {
        create(path)
    };
    match made {
        Ok(()) => Ok(()),
        // Another process was quicker.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(creation_error("make database", path, error)),
    }
}

/// Removes the logs of a database that was deleted while others had it open. A new database must not share them with
/// those: both would write to them. The folder is locked meanwhile, so that nobody makes the new database and its logs
/// at the same time. Where a folder cannot be locked or a log not be removed, they stay, and SQLite empties them.
#[cfg(unix)]
fn remove_leftovers(path: &Path, folder: &Path) -> Option<fs::File> {
    let lock = fs::File::open(folder).ok()?;
    lock.lock().ok()?;
    if !path.exists() {
        for suffix in ["-wal", "-shm", "-journal"] {
            let _ = fs::remove_file(beside(path, suffix));
        }
    }
    Some(lock)
}

/// Other systems keep a file from being deleted while it is open.
#[cfg(not(unix))]
fn remove_leftovers(_path: &Path, _folder: &Path) -> Option<fs::File> {
    None
}

fn invalid(path: &Path, why: &str) -> Error {
    Error::new(Code::DbPathInvalid, format!("open database {:?}: {why}", path.display()))
}

fn creation_error(verb: &str, path: &Path, error: io::Error) -> Error {
    let code = match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Code::DbReadOnly,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Code::DiskFull,
        _ => Code::DbPathInvalid,
    };
    Error::new(code, format!("{verb} {}", path.display())).because(error)
}
