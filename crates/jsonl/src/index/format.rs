//! The bytes of a sidecar, version 2. Numbers are little-endian.
//!
//! | bytes | what |
//! | --- | --- |
//! | 4 | `JIDX` |
//! | 1 | 2 |
//! | 8 | bytes of the file that are indexed |
//! | 16 | time of the file's last change, nanoseconds since 1970, signed |
//! | 8 | probe of the content: see `probe.rs` |
//! | 8 | newlines |
//! | 8 | where the line behind the last newline begins |
//! | 8 | bytes of a step |
//! | 4 | length of the path |
//! | 4 | number of checkpoints |
//! | .. | the file's absolute path, in the fallback folder only |
//! | .. | for each checkpoint: lines and bytes since the one before, each as 7 bits per byte, low ones first |
//! | 8 | XXH3 of everything before |

use super::sparse::{Checkpoint, MAX_STEPS, SparseIndex};
use xxhash_rust::xxh3::xxh3_64;

/// What every sidecar begins with; the version follows.
pub(crate) const MAGIC: &[u8] = b"JIDX";
pub(crate) const VERSION: u8 = 2;

/// The longest sidecar: paths have 64 KiB at most on any system, a checkpoint 20 bytes.
pub(crate) const MAX_BYTES: u64 = 128 + 64 * 1024 + 20 * MAX_STEPS;

/// What a sidecar holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) index: SparseIndex,
    pub(crate) modified_ns: i128,
    pub(crate) probe: u64,
    /// Empty beside the file.
    pub(crate) path: Vec<u8>,
}

pub(crate) fn encode(stored: &Stored) -> Vec<u8> {
    let index = &stored.index;
    let mut bytes = [MAGIC, &[VERSION]].concat();
    bytes.extend(index.size.to_le_bytes());
    bytes.extend(stored.modified_ns.to_le_bytes());
    for number in [stored.probe, index.newlines, index.tail_start, index.step] {
        bytes.extend(number.to_le_bytes());
    }
    for length in [stored.path.len(), index.checkpoints.len()] {
        bytes.extend((length as u32).to_le_bytes());
    }
    bytes.extend(&stored.path);
    let mut last = Checkpoint::default();
    for &checkpoint in &index.checkpoints {
        put_number(&mut bytes, checkpoint.line - last.line);
        put_number(&mut bytes, checkpoint.offset - last.offset);
        last = checkpoint;
    }
    bytes.extend(xxh3_64(&bytes).to_le_bytes());
    bytes
}

/// Reads what [`encode`] wrote; magic and version were looked at before. Says what is wrong when it is damaged. Trusts nothing:
/// memory is taken for what is there, not for what is announced.
pub(crate) fn decode(bytes: &[u8]) -> Result<Stored, &'static str> {
    let (content, checksum) = bytes.split_last_chunk().ok_or("it is cut short")?;
    if xxh3_64(content) != u64::from_le_bytes(*checksum) {
        return Err("its checksum does not match");
    }
    let mut rest = Rest(content.get(MAGIC.len() + 1..).ok_or("it is cut short")?);
    let size = rest.number()?;
    let modified_ns = i128::from_le_bytes(rest.array()?);
    let [probe, newlines, tail_start, step] =
        [rest.number()?, rest.number()?, rest.number()?, rest.number()?];
    let path_length = u32::from_le_bytes(rest.array()?) as usize;
    let count = u32::from_le_bytes(rest.array()?) as usize;
    let path = rest.take(path_length)?.to_vec();
    // A checkpoint takes two bytes at least.
    if count > rest.0.len() / 2 {
        return Err("it is cut short");
    }
    let mut index = SparseIndex { size, newlines, tail_start, step, checkpoints: Vec::with_capacity(count) };
    for _ in 0..count {
        let last = index.checkpoints.last().copied().unwrap_or_default();
        let line = last.line.checked_add(rest.short_number()?).ok_or("its lines do not ascend")?;
        let offset = last.offset.checked_add(rest.short_number()?).ok_or("its offsets do not ascend")?;
        index.checkpoints.push(Checkpoint { line, offset });
    }
    if !rest.0.is_empty() {
        return Err("it has more bytes than it needs");
    }
    if !index.is_sound() {
        return Err("its numbers contradict each other");
    }
    Ok(Stored { index, modified_ns, probe, path })
}

/// Bytes that were not read yet.
struct Rest<'b>(&'b [u8]);

impl<'b> Rest<'b> {
    fn take(&mut self, length: usize) -> Result<&'b [u8], &'static str> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or("it is cut short")?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const LENGTH: usize>(&mut self) -> Result<[u8; LENGTH], &'static str> {
        let (taken, rest) = self.0.split_first_chunk().ok_or("it is cut short")?;
        self.0 = rest;
        Ok(*taken)
    }

    fn number(&mut self) -> Result<u64, &'static str> {
        self.array().map(u64::from_le_bytes)
    }

    /// A number written by [`put_number`].
    fn short_number(&mut self) -> Result<u64, &'static str> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.take(1)?[0];
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err("one of its numbers is too long")
    }
}

fn put_number(bytes: &mut Vec<u8>, number: u64) {
    let mut left = number;
    while left >= 0x80 {
        bytes.push(left as u8 | 0x80);
        left >>= 7;
    }
    bytes.push(left as u8);
}
