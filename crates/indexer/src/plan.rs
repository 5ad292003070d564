//! What has to be done with each file: nothing, reading on, or reading anew.

use crate::{
    batch::{Cursor, PROBE_BYTES},
    discover::SourceFile,
    source_reads::SourceReads,
};
use han_base::{Error, Result};
use han_db::{Database, Rebooking, SessionFile};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};
use xxhash_rust::xxh3::xxh3_64;

/// A file that has to be read.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) file: SourceFile,
    /// What the store knows of it.
    pub(crate) known: Option<SessionFile>,
    /// Where reading begins.
    pub(crate) start: Cursor,
    /// The file is not what was indexed: its rows go first.
    pub(crate) rewritten: bool,
    /// What is to be booked again from the stored bytes; nothing for what is read from the file.
    pub(crate) rebooking: Rebooking,
}

impl Task {
    /// Bytes that are to be read.
    pub(crate) fn bytes(&self) -> u64 {
        if self.is_stored() {
            return self.known.as_ref().map_or(0, |known| known.byte_offset);
        }
        self.file.stamp.size.saturating_sub(self.start.byte_offset)
    }

    /// Whether it books stored bytes again.
    pub(crate) fn is_stored(&self) -> bool {
        self.rebooking != Rebooking::Nothing
    }

    fn read(file: SourceFile, known: Option<SessionFile>, start: Cursor, rewritten: bool) -> Self {
        Self { file, known, start, rewritten, rebooking: Rebooking::Nothing }
    }
}

/// What a look at a file says.
#[derive(Debug)]
pub(crate) enum Decision {
    /// Nothing was written to it.
    Unchanged,
    /// Its bytes are as they were, only its outside changed: the stamp is to be stored.
    Touched(SessionFile),
    /// It is to be read.
    Read(Box<Task>),
}

/// Decides by the stamp of a file, and by its bytes where the stamp is another.
pub(crate) fn decide(
    database: &Database,
    file: SourceFile,
    known: Option<SessionFile>,
    reads: &SourceReads,
) -> Result<Decision> {
    let Some(known) = known else {
        if file.stamp.size == 0 {
            return Ok(Decision::Unchanged);
        }
        let task = Task::read(file, None, Cursor::default(), false);
        return Ok(Decision::Read(Box::new(task)));
    };
    // A file that was emptied takes nothing with it, like one that is gone.
    if file.stamp == known.seen || file.stamp.size == 0 {
        return Ok(if known.is_missing { Decision::Touched(known) } else { Decision::Unchanged });
    }
    let handle = File::open(&file.path).map_err(|error| Error::io("read", &file.path, error))?;
    let mut handle = reads.of(handle);
    let start = resume(&mut handle, &known).map_err(|error| Error::io("read", &file.path, error))?;
    let Some(start) = start else {
        let task = Task::read(file, Some(known), Cursor::default(), true);
        return Ok(Decision::Read(Box::new(task)));
    };
    let is_same_file = (file.stamp.device, file.stamp.inode) == (known.seen.device, known.seen.inode);
    let grew = file.stamp.size > known.seen.size && is_same_file;
    // The same size with another time, or another file in its place, may hide an edit in the middle, so every byte is
    // compared.
    if !grew && !is_as_indexed(database, &mut handle, &known, &file)? {
        let task = Task::read(file, Some(known), Cursor::default(), true);
        return Ok(Decision::Read(Box::new(task)));
    }
    if file.stamp.size == known.byte_offset {
        return Ok(Decision::Touched(SessionFile { seen: file.stamp, ..known }));
    }
    // Rows of a file that nothing was indexed of were taken over from an older program: what the file holds goes in their
    // place.
    let rewritten = known.byte_offset == 0;
    let start = if rewritten { Cursor::default() } else { start };
    Ok(Decision::Read(Box::new(Task::read(file, Some(known), start, rewritten))))
}

/// The cursor to read on from, or `None` when the file does not begin with what was indexed: it was cut or rewritten.
fn resume(handle: &mut (impl Read + Seek), known: &SessionFile) -> io::Result<Option<Cursor>> {
    let length = known.byte_offset.min(PROBE_BYTES as u64) as usize;
    let mut probe = |offset| -> io::Result<Option<Vec<u8>>> {
        let mut bytes = vec![0; length];
        handle.seek(SeekFrom::Start(offset))?;
        match handle.read_exact(&mut bytes) {
            Ok(()) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    };
    let (Some(head), Some(tail)) = (probe(0)?, probe(known.byte_offset - length as u64)?) else {
        return Ok(None);
    };
    if known.byte_offset > 0 && (xxh3_64(&head) != known.head_hash || xxh3_64(&tail) != known.tail_hash) {
        return Ok(None);
    }
    Ok(Some(Cursor {
        byte_offset: known.byte_offset,
        line_count: known.line_count,
        head,
        tail,
        last_timestamp_ms: known.last_timestamp_ms,
    }))
}

/// Compares every indexed byte of a file with the hashes of its stored blocks.
fn is_as_indexed(
    database: &Database,
    handle: &mut (impl Read + Seek),
    known: &SessionFile,
    file: &SourceFile,
) -> Result<bool> {
    let mut bytes = Vec::new();
    for (offset, length, hash) in database.read(|read| read.raw_blocks().hashes(known.row_id))? {
        bytes.clear();
        let read = handle
            .seek(SeekFrom::Start(offset))
            .and_then(|_| handle.by_ref().take(length).read_to_end(&mut bytes))
            .map_err(|error| Error::io("read", &file.path, error))?;
        if read as u64 != length || xxh3_64(&bytes) != hash {
            return Ok(false);
        }
    }
    Ok(true)
}
