//! Giving the space of removed rows back.

use super::{
    checkpoint::CheckpointMode,
    disk,
    tables::pragma,
    watch::{Observer, Watch},
};
use crate::{
    connection::{Purpose, connect},
    error::Attempt,
    open::Database,
};
use han_base::Result;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// How a vacuum is done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VacuumOptions {
    /// The folder where SQLite puts files for a while, to see whether there is space; not looked at when not given.
    pub temporary_folder: Option<PathBuf>,
}

/// What a vacuum did.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct VacuumReport {
    /// Size of the database and its log before.
    pub bytes_before: i64,
    /// Size of both now.
    pub bytes_after: i64,
    /// Pages that held nothing before.
    pub free_pages_before: i64,
    /// Pages that hold nothing now.
    pub free_pages_after: i64,
    /// Whether the file is as small as it can be: false while others read an older state, the rest is then given back by
    /// the next checkpoint.
    pub shrunk: bool,
    /// Milliseconds.
    pub duration_ms: f64,
}

impl Database {
    /// Writes the database anew without what holds nothing. Others read meanwhile, and wait when they want to write: 30
    /// seconds at most, then they get `DB_BUSY`. Row ids stay, so the search index keeps fitting.
    ///
    /// It takes as much space as the rows do twice: a copy in the temporary folder, and a log as large beside the database.
    /// Whether there is as much is looked at first. Cancelling ends it at once while the copy is made; once the copy is
    /// being written back it is finished.
    ///
    /// Codes: `DISK_FULL`, `DB_BUSY`, `DB_CORRUPT`, `CANCELLED`.
    pub fn vacuum(&self, options: &VacuumOptions, observer: &dyn Observer) -> Result<VacuumReport> {
        let watch = Watch::new(observer, format!("vacuum database {}", self.path().display()));
        watch.go_on()?;
        let before = self.stats()?;
        let live_pages = before.pages - before.free_pages;
        self.require_space((live_pages * before.page_bytes) as u64, options, &watch)?;
        // A log that is long already would grow by this one.
        let _ = self.checkpoint(CheckpointMode::Truncate)?;

        let connection = connect(self.path(), Purpose::Write)?;
        // The copy may be larger than the memory.
        connection.execute_batch("PRAGMA temp_store = FILE").attempt(|| watch.attempt())?;
        watch.begin("copy", "pages", live_pages as u64);
        let frame_bytes = before.page_bytes as u64 + 24;
        let look = || {
            let frames = fs::metadata(self.beside("-wal")).map_or(0, |log| log.len() / frame_bytes);
            if frames > 0 {
                watch.begin("log", "pages", live_pages as u64);
                watch.at(frames);
            }
        };
        watch.run_looking(&connection, look, || {
            watch.counting_pages(&connection, || {
                connection.execute_batch("VACUUM").attempt(|| watch.attempt())
            })
        })?;
        let free_pages_after = pragma(&connection, "freelist_count")?;
        drop(connection);
        let shrunk = self.checkpoint(CheckpointMode::Truncate)?.complete;
        let after = self.stats()?;
        Ok(VacuumReport {
            bytes_before: before.file_bytes + before.wal_bytes,
            bytes_after: after.file_bytes + after.wal_bytes,
            free_pages_before: before.free_pages,
            free_pages_after,
            shrunk,
            duration_ms: watch.elapsed_ms(),
        })
    }

    fn require_space(&self, bytes: u64, options: &VacuumOptions, watch: &Watch<'_>) -> Result<()> {
        let folder = self.path().parent().unwrap_or(Path::new("."));
        let temporary = options.temporary_folder.as_deref();
        let attempt = watch.attempt();
        match temporary {
            Some(temporary) if disk::same_disk(folder, temporary) => {
                disk::require(folder, 2 * bytes, &attempt)
            }
            Some(temporary) => {
                disk::require(folder, bytes, &attempt)?;
                disk::require(temporary, bytes, &attempt)
            }
            None => disk::require(folder, bytes, &attempt),
        }
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut path = self.path().as_os_str().to_owned();
        path.push(suffix);
        path.into()
    }
}
