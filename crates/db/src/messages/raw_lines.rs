//! Lines out of raw blocks for a list of messages: every block is uncompressed once, and the blocks that were used last
//! are kept for the next list, as SQLite keeps the pages of the rows.

use crate::{
    Read,
    raw_blocks::{BlockPlace, RawBlockCache},
};
use han_base::Result;
use parking_lot::Mutex;
use rusqlite::Connection;
use std::sync::Arc;

/// Uncompressed bytes that a process keeps between lists.
const KEPT_BYTES: usize = 16 * 1024 * 1024;
/// Blocks that it keeps; those of appended lines may be small.
const KEPT_BLOCKS: usize = 256;
/// Blocks that one list holds on to, of no more than `KEPT_BYTES`: as many as files may take turns in it.
const HELD_BLOCKS: usize = 16;

/// Reads lines for one list.
pub(super) struct RawLines<'c> {
    connection: &'c Connection,
    /// Used last at the end.
    held: Vec<Arc<RawBlockCache>>,
    /// A line that stands in several blocks.
    joined: Vec<u8>,
}

impl<'c> RawLines<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection, held: Vec::new(), joined: Vec::new() }
    }

    /// The bytes `[byte_offset, byte_offset + byte_length)` of a source file; errors are those of
    /// [`RawBlocks::read`](crate::transaction::RawBlocks::read).
    pub(super) fn read(&mut self, file: i64, byte_offset: u64, byte_length: u64) -> Result<&[u8]> {
        if byte_length == 0 {
            return Ok(&[]);
        }
        let block = self.block(file, byte_offset)?;
        if self.held[block].get(byte_offset, byte_length).is_some() {
            return Ok(self.held[block].get(byte_offset, byte_length).unwrap_or_default());
        }
        let blocks = Read::new(self.connection).raw_blocks();
        self.joined = blocks.read(&mut RawBlockCache::default(), file, byte_offset, byte_length)?;
        Ok(&self.joined)
    }

    /// The index in `held` of the block with a byte.
    fn block(&mut self, file: i64, at: u64) -> Result<usize> {
        let last = self.held.len();
        if let Some(index) = self.held.iter().rposition(|block| block.holds(file, at)) {
            if index + 1 < last {
                self.held[index..].rotate_left(1);
            }
            return Ok(last - 1);
        }
        let blocks = Read::new(self.connection).raw_blocks();
        let place = blocks.place(file, at)?;
        let database = self.connection.path().unwrap_or_default();
        let known = KEPT.lock().find(database, place);
        let block = if let Some(block) = known {
            block
        } else {
            let block = Arc::new(blocks.load(file, at)?);
            KEPT.lock().keep(database, place, &block);
            block
        };
        self.held.push(block);
        let mut bytes: usize = self.held.iter().map(|block| block.len()).sum();
        while self.held.len() > HELD_BLOCKS || (bytes > KEPT_BYTES && self.held.len() > 1) {
            bytes -= self.held.remove(0).len();
        }
        Ok(self.held.len() - 1)
    }
}

/// The blocks that this process keeps, used last at the end.
static KEPT: Mutex<Kept> = Mutex::new(Kept { blocks: Vec::new(), bytes: 0 });

struct Kept {
    blocks: Vec<(Box<str>, BlockPlace, Arc<RawBlockCache>)>,
    bytes: usize,
}

impl Kept {
    /// The block, if it is still the one that stands at its place: the place tells the hash of its bytes.
    fn find(&mut self, database: &str, place: BlockPlace) -> Option<Arc<RawBlockCache>> {
        let index =
            self.blocks.iter().rposition(|(path, known, _)| *known == place && **path == *database)?;
        self.blocks[index..].rotate_left(1);
        self.blocks.last().map(|(_, _, block)| Arc::clone(block))
    }

    fn keep(&mut self, database: &str, place: BlockPlace, block: &Arc<RawBlockCache>) {
        if block.len() > KEPT_BYTES / 4 {
            return;
        }
        self.bytes += block.len();
        self.blocks.push((database.into(), place, Arc::clone(block)));
        let mut gone = 0;
        while self.bytes > KEPT_BYTES || self.blocks.len() - gone > KEPT_BLOCKS {
            self.bytes -= self.blocks[gone].2.len();
            gone += 1;
        }
        self.blocks.drain(..gone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(number: i64) -> BlockPlace {
        BlockPlace { file: 1, byte_offset: number, byte_length: 0, hash: number }
    }

    #[test]
    fn what_is_kept_has_bounds_and_is_told_by_everything_about_it() {
        let mut kept = Kept { blocks: Vec::new(), bytes: 0 };
        let mebibyte = Arc::new(RawBlockCache::new(1, 0, vec![0; 1024 * 1024]));
        for number in 0..40 {
            kept.keep("a", place(number), &mebibyte);
            assert!(kept.bytes <= KEPT_BYTES);
            // What is used stays.
            assert!(kept.find("a", place(0)).is_some());
        }
        assert!(kept.find("a", place(1)).is_none());
        assert!(kept.find("a", place(39)).is_some());
        assert!(kept.find("b", place(39)).is_none());
        assert!(kept.find("a", BlockPlace { hash: 1, ..place(39) }).is_none());
        let huge = Arc::new(RawBlockCache::new(1, 0, vec![0; KEPT_BYTES / 2]));
        kept.keep("a", place(41), &huge);
        assert!(kept.find("a", place(41)).is_none());
        let small = Arc::new(RawBlockCache::new(1, 0, vec![0; 10]));
        for number in 100..100 + 2 * KEPT_BLOCKS as i64 {
            kept.keep("a", place(number), &small);
        }
        assert_eq!((kept.blocks.len(), kept.bytes), (KEPT_BLOCKS, KEPT_BLOCKS * 10));
    }
}
