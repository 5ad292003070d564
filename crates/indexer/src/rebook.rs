//! Booking files again from their stored bytes.
//!
//! What several files tell is booked by one of them. When that one is rewritten, the others book it: from the bytes in the
//! store, so that a source that is gone keeps counting. Which files are to do so is noted in the transaction that removes
//! the rows, and stays noted until it is done; booking twice changes nothing, so a run may be killed anywhere.

use crate::{batch::Cursor, discover::SourceFile, plan::Task};
use han_base::Result;
use han_db::{Database, RawBlockCache, Rebooking, SessionFile, Write};
use std::{
    collections::BTreeSet,
    io::{self, Read},
};

/// The bytes of a source file before its cursor, as they are stored.
pub(crate) struct StoredBytes<'d> {
    database: &'d Database,
    file_row: i64,
    at: u64,
    end: u64,
    cache: RawBlockCache,
}

impl<'d> StoredBytes<'d> {
    pub(crate) fn new(database: &'d Database, file: &SessionFile) -> Self {
        Self {
            database,
            file_row: file.row_id,
            at: 0,
            end: file.byte_offset,
            cache: RawBlockCache::default(),
        }
    }
}

impl Read for StoredBytes<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = (self.end - self.at).min(buffer.len() as u64);
        if length == 0 {
            return Ok(0);
        }
        let (file, at, cache) = (self.file_row, self.at, &mut self.cache);
        let bytes = self
            .database
            .read(|read| read.raw_blocks().read(cache, file, at, length))
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        buffer[..bytes.len()].copy_from_slice(&bytes);
        self.at += length;
        Ok(bytes.len())
    }
}

/// The files that are to be booked again, as tasks. First removes what they booked and their sessions' facts, where those
/// are to be made anew; `None` when that was cancelled.
pub(crate) fn tasks(database: &Database, is_cancelled: &dyn Fn() -> bool) -> Result<Option<Vec<Task>>> {
    let marked = || database.read(|read| read.session_files().to_rebook());
    // All is removed before any is booked: what one file told may belong to a row of another. Removing marks further files.
    for file in marked()?.iter().filter(|file| file.rebooking == Rebooking::Anew) {
        if is_cancelled() {
            return Ok(None);
        }
        database.write(|write| write.session_files().unbook(file))?;
    }
    let mut files = marked()?;
    let is_whole = |file: &&SessionFile| file.rebooking >= Rebooking::All;
    let sessions: BTreeSet<i64> = files.iter().filter(is_whole).map(|file| file.session_row).collect();
    if !sessions.is_empty() {
        database.write(|write| {
            write.session_files().rebook_whole_sessions()?;
            sessions.iter().try_for_each(|session| write.session_files().forget_facts(*session, None))
        })?;
        files = marked()?;
    }
    Ok(Some(files.into_iter().filter(|file| file.byte_offset > 0).map(task).collect()))
}

fn task(known: SessionFile) -> Task {
    let rebooking = match known.rebooking {
        Rebooking::Anew => Rebooking::All,
        other => other,
    };
    let file = SourceFile::stored(&known);
    Task { file, known: Some(known), start: Cursor::default(), rewritten: false, rebooking }
}

/// Notes that files were booked again.
pub(crate) fn done(write: &Write<'_>, tasks: &[Task]) -> Result<()> {
    let rows: Vec<i64> = tasks.iter().filter_map(|task| Some(task.known.as_ref()?.row_id)).collect();
    write.session_files().rebooked(&rows)
}
