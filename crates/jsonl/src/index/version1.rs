//! Sidecars of version 1, which hold the offset of every line: time of the file's last change in seconds (8 bytes), its
//! size (8), the number of lines (4), and the offsets (8 each), all little-endian and signed but the number.

use super::{format::MAGIC, sidecar::damaged, sparse::SparseIndex};
use crate::{JsonlFile, count::has_open_end, window::Window};
use han_base::Result;

pub(crate) const VERSION: u8 = 1;

const HEADER_BYTES: u64 = MAGIC.len() as u64 + 1 + 8 + 8 + 4;

/// Offsets read at once.
const OFFSETS_AT_ONCE: u64 = 4096;

/// How many offsets are compared with the file.
const SAMPLES: u64 = 64;

/// A sidecar whose header agrees with the file.
#[derive(Debug)]
pub(crate) struct Version1 {
    sidecar: JsonlFile,
    count: u64,
}

/// Looks at the header: `None` when it is of another content of the file.
pub(crate) fn read_header(sidecar: JsonlFile, data: &JsonlFile) -> Result<Option<Version1>> {
    if sidecar.size() < HEADER_BYTES {
        return Err(damaged(sidecar.path(), "it is cut short"));
    }
    let mut header = [0; HEADER_BYTES as usize];
    sidecar.read_at(0, &mut header)?;
    let number = |at: usize| i64::from_le_bytes(std::array::from_fn(|byte| header[at + byte]));
    let (modified_seconds, size) = (number(5), number(13));
    let count = u64::from(u32::from_le_bytes(std::array::from_fn(|byte| header[21 + byte])));
    if sidecar.size() != HEADER_BYTES + 8 * count {
        return Err(damaged(sidecar.path(), "it is cut short, or has more bytes than it needs"));
    }
    let is_same =
        u64::try_from(size) == Ok(data.size()) && modified_seconds == data.state().modified_seconds();
    Ok(is_same.then_some(Version1 { sidecar, count }))
}

impl Version1 {
    /// The start of every line; `None` when they cannot be those of the file.
    pub(crate) fn offsets(&self, data: &JsonlFile) -> Result<Option<Vec<u64>>> {
        let mut offsets = Vec::new();
        let are_sane = self.for_each_offset(data, |offset| offsets.push(offset))?;
        Ok(are_sane.then_some(offsets))
    }

    /// The same as a sparse index.
    pub(crate) fn sparse_index(&self, data: &JsonlFile, step: u64) -> Result<Option<SparseIndex>> {
        let mut index = SparseIndex::new(0, step);
        index.widen_steps(data.size());
        let are_sane = self.for_each_offset(data, |offset| {
            if offset > 0 {
                index.add_line_start(offset);
            }
        })?;
        if !are_sane {
            return Ok(None);
        }
        index.cover(data.size(), has_open_end(data)?);
        Ok(Some(index))
    }

    /// Whether the offsets ascend from 0, are within the file, lines of the file begin at some of them, and the last one is
    /// that of its last line.
    fn for_each_offset(&self, data: &JsonlFile, mut take: impl FnMut(u64)) -> Result<bool> {
        let compared_every = (self.count / SAMPLES).max(1);
        let mut last = None;
        let mut done = 0;
        let mut buffer = Vec::new();
        while done < self.count {
            let length = (self.count - done).min(OFFSETS_AT_ONCE);
            buffer.resize(8 * length as usize, 0);
            self.sidecar.read_at(HEADER_BYTES + 8 * done, &mut buffer)?;
            for (at, bytes) in (done..).zip(buffer.as_chunks().0) {
                let offset = u64::from_le_bytes(*bytes);
                let follows = last.map_or(offset == 0, |last| offset > last && offset < data.size());
                let is_compared = at % compared_every == 0 || at + 1 == self.count;
                if !follows || (is_compared && offset > 0 && data.byte_at(offset - 1)? != b'\n') {
                    return Ok(false);
                }
                last = Some(offset);
                take(offset);
            }
            done += length;
        }
        let Some(last) = last else { return Ok(false) };
        Ok(Window::new(data).span_from(last)?.end + 1 >= data.size())
    }
}
