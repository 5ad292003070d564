//! Counting lines, and where they begin.

use crate::{
    CHUNK_BYTES, FileState, JsonlFile, Observer, newlines,
    segments::{cancelled, in_segments},
};
use han_base::Result;
use std::{ops::Range, path::Path};

/// How many lines a file has: its newlines, and one more when something stands behind the last of them.
///
/// Codes: those of [`JsonlFile::open`] and [`JsonlFile::read_at`]; [`han_base::Code::Cancelled`].
pub fn count_lines(path: &Path, observer: &dyn Observer) -> Result<u64> {
    let file = JsonlFile::open(path)?;
    let newlines = count_newlines(&file, 0..file.size(), observer)?;
    Ok(newlines + u64::from(has_open_end(&file)?))
}

/// Newlines in a range of a file.
pub(crate) fn count_newlines(file: &JsonlFile, range: Range<u64>, observer: &dyn Observer) -> Result<u64> {
    let counts = in_segments(file, range, observer, |segment| {
        let mut total = 0;
        for_each_chunk(file, segment, observer, |_, bytes| {
            let count = newlines::count(bytes) as u64;
            total += count;
            count
        })?;
        Ok(total)
    })?;
    Ok(counts.iter().sum())
}

/// Whether the last line lacks its newline.
pub(crate) fn has_open_end(file: &JsonlFile) -> Result<bool> {
    Ok(file.size() > 0 && file.byte_at(file.size() - 1)? != b'\n')
}

/// Where the lines of a file begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineOffsets {
    /// The offset of every line. Of an empty file: 0 alone.
    pub offsets: Vec<u64>,
    /// The state of the file that they belong to.
    pub state: FileState,
}

/// Where every line of a file begins. Codes as [`count_lines`].
pub fn line_offsets(path: &Path, observer: &dyn Observer) -> Result<LineOffsets> {
    let file = JsonlFile::open(path)?;
    let parts = in_segments(&file, 0..file.size(), observer, |segment| {
        let mut starts = Vec::new();
        for_each_chunk(&file, segment, observer, |offset, bytes| {
            let before = starts.len();
            newlines::line_starts(bytes, offset, &mut starts);
            (starts.len() - before) as u64
        })?;
        Ok(starts)
    })?;
    let mut offsets = Vec::with_capacity(1 + parts.iter().map(Vec::len).sum::<usize>());
    offsets.push(0);
    for part in &parts {
        offsets.extend_from_slice(part);
    }
    // Nothing begins behind a final newline.
    if file.size() > 0 && offsets.last() == Some(&file.size()) {
        offsets.pop();
    }
    Ok(LineOffsets { offsets, state: file.state() })
}

/// Visits the bytes of a range in chunks, which end anywhere; `visit` is given the offset of each and answers how many
/// newlines it holds.
pub(crate) fn for_each_chunk(
    file: &JsonlFile,
    range: Range<u64>,
    observer: &dyn Observer,
    mut visit: impl FnMut(u64, &[u8]) -> u64,
) -> Result<()> {
    let mut buffer = vec![0; CHUNK_BYTES.min((range.end - range.start) as usize)];
    let mut position = range.start;
    while position < range.end {
        if observer.is_cancelled() {
            return Err(cancelled(file));
        }
        let length = buffer.len().min((range.end - position) as usize);
        file.read_at(position, &mut buffer[..length])?;
        let lines = visit(position, &buffer[..length]);
        observer.advanced(length as u64, lines);
        position += length as u64;
    }
    Ok(())
}
