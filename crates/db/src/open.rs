//! Opening a database: the file and its folder are made for their owner only, the schema is brought up to date, and
//! one writer and a pool of readers serve all callers of the process.

use crate::{
    connection::{Purpose, connect},
    error::Attempt,
    migrate,
    transaction::{BulkWriter, Read, Write},
};
use han_base::{Code, Error, Result};
use parking_lot::Mutex;
use rusqlite::Connection;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Idle readers that are kept for the next call.
const IDLE_READERS: usize = 8;

/// An open database. Cheap to share between threads behind an `Arc`.
pub struct Database {
    path: PathBuf,
    identity: FileIdentity,
    writer: Mutex<Connection>,
    idle_readers: Mutex<Vec<Connection>>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Database").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Database {
    /// Opens the database at `path`; creates file, folders and schema when they are missing, and upgrades an older
    /// schema. Safe while other processes do the same.
    ///
    /// A relative path is taken from the working folder of now.
    ///
    /// Codes: `DB_PATH_INVALID`, `DB_READ_ONLY`, `DB_NOT_A_DATABASE`, `DB_FOREIGN`, `DB_TOO_NEW`, `DB_BUSY`,
    /// `DB_CORRUPT`, `DISK_FULL`. A file that is not ours or too new is not changed.
    pub fn open(path: &Path) -> Result<Self> {
        let path =
            &std::path::absolute(path).map_err(|error| invalid(path, "it names nothing").because(error))?;
        create_file(path)?;
        let mut connection = connect(path, Purpose::Write)?;
        migrate::migrate(&mut connection, path)?;
        Ok(Self {
            path: path.to_owned(),
            identity: FileIdentity::of(path)?,
            writer: Mutex::new(connection),
            idle_readers: Mutex::new(Vec::new()),
        })
    }

    /// The path it was opened with, absolute.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the file at the path is still the one that was opened: false once it was deleted or replaced.
    #[must_use]
    pub fn is_current(&self) -> bool {
        FileIdentity::of(&self.path).is_ok_and(|identity| identity == self.identity)
    }

    /// Runs `work` on a reader, in one snapshot: what is committed meanwhile is not seen. Readers never wait for the
    /// writer.
    pub fn read<T>(&self, work: impl FnOnce(&Read<'_>) -> Result<T>) -> Result<T> {
        let idle = self.idle_readers.lock().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect(&self.path, Purpose::Read)?,
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
    pub fn write<T>(&self, work: impl FnOnce(&Write<'_>) -> Result<T>) -> Result<T> {
        self.bulk_writer().transaction(work)
    }

    /// Keeps the writer for several transactions in a row. Other threads of the process wait meanwhile, so a caller
    /// with long work yields between transactions.
    pub fn bulk_writer(&self) -> BulkWriter<'_> {
        BulkWriter::new(self.writer.lock())
    }
}

/// What tells a file from another at the same path.
#[derive(Clone, Copy, PartialEq, Eq)]
struct FileIdentity(u64, u64);

impl FileIdentity {
    fn of(path: &Path) -> Result<Self> {
        let metadata = fs::metadata(path).map_err(|error| Error::io("look at database", path, error))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            Ok(Self(metadata.dev(), metadata.ino()))
        }
        #[cfg(not(unix))]
        {
            // Windows keeps an open file from being replaced; its time of creation tells the rest.
            let created =
                metadata.created().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
            Ok(Self(0, created.map_or(0, |time| time.as_nanos() as u64)))
        }
    }
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
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(folder)
            .map_err(|error| creation_error("make folder for the database", folder, error))?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        // Another process was quicker.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(creation_error("make database", path, error)),
    }
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
