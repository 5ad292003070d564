//! The bytes of the source files (table `raw_blocks`), compressed in blocks and given back as they were.

use crate::{
    error::Attempt,
    transaction::{RawBlocks, ReadWrite},
};
use han_base::{Code, Error, Result};
use rusqlite::{OptionalExtension, params};
use std::cell::RefCell;
use xxhash_rust::xxh3::xxh3_64;
use zstd::{bulk::Compressor, zstd_safe::CParameter};

/// zstd's level 1: fastest of the levels that find repeated text (see docs/performance).
const COMPRESSION_LEVEL: i32 = 1;

/// Lines repeat long texts: looking for those of seven bytes only, in a larger table, is 4 % quicker than the level by
/// itself and 1 % smaller.
const COMPRESSION_PARAMETERS: [CParameter; 2] = [CParameter::MinMatch(7), CParameter::HashLog(15)];

/// No block is longer: what a damaged length may make us allocate.
const MAX_BLOCK_BYTES: i64 = 128 * 1024 * 1024;

/// A block ready to be stored: compressing it is work for many threads, storing it for one.
#[derive(Clone, Debug)]
pub struct NewRawBlock {
    /// Where the bytes begin in their file.
    pub byte_offset: u64,
    /// How many bytes there are.
    pub byte_length: u64,
    hash: u64,
    data: Vec<u8>,
}

impl NewRawBlock {
    /// Compresses `bytes`, which begin at `byte_offset` of their file: 128 MiB at most (`INVALID_ARGUMENT`).
    pub fn compress(byte_offset: u64, bytes: &[u8]) -> Result<Self> {
        if bytes.len() as i64 > MAX_BLOCK_BYTES {
            return Err(Error::new(
                Code::InvalidArgument,
                format!("compress a block of {} bytes: {MAX_BLOCK_BYTES} is the most", bytes.len()),
            ));
        }
        let data = compress(bytes)
            .map_err(|error| Error::new(Code::Internal, "compress a block of raw lines").because(error))?;
        Ok(Self { byte_offset, byte_length: bytes.len() as u64, hash: xxh3_64(bytes), data })
    }
}

/// Compresses with the tables of the thread's block before, which are large to make anew for each.
fn compress(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    thread_local! {
        static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    }
    COMPRESSOR.with_borrow_mut(|slot| {
        let compressor = if let Some(compressor) = slot {
            compressor
        } else {
            let mut compressor = Compressor::new(COMPRESSION_LEVEL)?;
            for parameter in COMPRESSION_PARAMETERS {
                compressor.set_parameter(parameter)?;
            }
            slot.insert(compressor)
        };
        compressor.compress(bytes)
    })
}

/// The last block that was read, uncompressed: neighbouring lines are mostly asked for together.
#[derive(Debug, Default)]
pub struct RawBlockCache {
    file: i64,
    byte_offset: u64,
    bytes: Vec<u8>,
}

impl RawBlockCache {
    /// The block of a file that begins at `byte_offset`.
    #[cfg(test)]
    pub(crate) fn new(file: i64, byte_offset: u64, bytes: Vec<u8>) -> Self {
        Self { file, byte_offset, bytes }
    }

    /// Uncompressed bytes.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether it holds the byte of a file.
    pub(crate) fn holds(&self, file: i64, at: u64) -> bool {
        self.file == file
            && at.checked_sub(self.byte_offset).is_some_and(|from| from < self.bytes.len() as u64)
    }

    /// So many bytes of its file from `byte_offset` on; `None` when it does not hold them all.
    pub(crate) fn get(&self, byte_offset: u64, byte_length: u64) -> Option<&[u8]> {
        let from = byte_offset.checked_sub(self.byte_offset)?;
        let to = from.checked_add(byte_length)?;
        self.bytes.get(usize::try_from(from).ok()?..usize::try_from(to).ok()?)
    }
}

/// What tells a block from every other of a database, now and before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlockPlace {
    pub(crate) file: i64,
    pub(crate) byte_offset: i64,
    pub(crate) byte_length: i64,
    pub(crate) hash: i64,
}

impl<A> RawBlocks<'_, A> {
    /// The place of the block of a file that holds the byte at `byte_offset`. `DB_CORRUPT` without one.
    pub(crate) fn place(&self, file: i64, byte_offset: u64) -> Result<BlockPlace> {
        let attempt = || format!("read the raw bytes at {byte_offset} of source file {file}");
        let place = self
            .connection
            .prepare_cached(
                "SELECT byte_offset, byte_length, hash FROM raw_blocks
                 WHERE session_file_row_id = ?1 AND byte_offset <= ?2 ORDER BY byte_offset DESC LIMIT 1",
            )
            .and_then(|mut statement| {
                statement
                    .query_row(params![file, byte_offset as i64], |row| {
                        Ok(BlockPlace {
                            file,
                            byte_offset: row.get(0)?,
                            byte_length: row.get(1)?,
                            hash: row.get(2)?,
                        })
                    })
                    .optional()
            })
            .attempt(attempt)?;
        place.ok_or_else(|| Error::new(Code::DbCorrupt, format!("{}: there is no block", attempt())))
    }

    /// The bytes `[byte_offset, byte_offset + byte_length)` of a source file, as they were indexed. `DB_CORRUPT` when
    /// some of them are not there or are not what was stored.
    pub fn read(
        &self,
        cache: &mut RawBlockCache,
        file: i64,
        byte_offset: u64,
        byte_length: u64,
    ) -> Result<Vec<u8>> {
        // The length may be damaged, so it reserves nothing.
        let mut bytes = Vec::new();
        let end = byte_offset.checked_add(byte_length).ok_or_else(|| {
            Error::new(
                Code::DbCorrupt,
                format!("read {byte_length} raw bytes at {byte_offset} of source file {file}"),
            )
        })?;
        let mut at = byte_offset;
        while at < end {
            if cache.file != file
                || !(cache.byte_offset..cache.byte_offset + cache.bytes.len() as u64).contains(&at)
            {
                *cache = self.load(file, at)?;
            }
            let from = (at - cache.byte_offset) as usize;
            let to = cache.bytes.len().min((end - cache.byte_offset) as usize);
            bytes.extend_from_slice(&cache.bytes[from..to]);
            at = cache.byte_offset + to as u64;
        }
        Ok(bytes)
    }

    /// The block of a file that holds the byte at `byte_offset`.
    pub(crate) fn load(&self, file: i64, byte_offset: u64) -> Result<RawBlockCache> {
        let attempt = || format!("read the raw bytes at {byte_offset} of source file {file}");
        let block: Option<(i64, i64, i64, Vec<u8>)> = self
            .connection
            .prepare_cached(
                "SELECT byte_offset, byte_length, hash, data FROM raw_blocks
                 WHERE session_file_row_id = ?1 AND byte_offset <= ?2 ORDER BY byte_offset DESC LIMIT 1",
            )
            .and_then(|mut statement| {
                statement
                    .query_row(params![file, byte_offset as i64], |row| {
                        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
                    })
                    .optional()
            })
            .attempt(attempt)?;
        let damaged = |why: &str| Error::new(Code::DbCorrupt, format!("{}: {why}", attempt()));
        let (start, length, hash, data) = block.ok_or_else(|| damaged("there is no block"))?;
        if start < 0 || !(0..=MAX_BLOCK_BYTES).contains(&length) {
            return Err(damaged("the block's place is impossible"));
        }
        let bytes = zstd::bulk::decompress(&data, length as usize)
            .map_err(|error| damaged("the block does not decompress").because(error))?;
        if bytes.len() as i64 != length || xxh3_64(&bytes) as i64 != hash {
            return Err(damaged("the block's hash is another"));
        }
        if byte_offset - start as u64 >= length as u64 {
            return Err(damaged("the block ends before it"));
        }
        Ok(RawBlockCache { file, byte_offset: start as u64, bytes })
    }

    /// Offset, length and hash (XXH3) of every block of a source file, in order.
    pub fn hashes(&self, file: i64) -> Result<Vec<(u64, u64, u64)>> {
        self.connection
            .prepare_cached(
                "SELECT byte_offset, byte_length, hash FROM raw_blocks
                 WHERE session_file_row_id = ?1 ORDER BY byte_offset",
            )
            .and_then(|mut statement| {
                statement
                    .query_map([file], |row| {
                        let (offset, length, hash): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
                        Ok((offset as u64, length as u64, hash as u64))
                    })?
                    .collect()
            })
            .attempt(|| format!("read the block hashes of source file {file}"))
    }
}

impl RawBlocks<'_, ReadWrite> {
    /// Stores a block of a source file.
    pub fn insert(&self, file: i64, block: &NewRawBlock) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO raw_blocks (session_file_row_id, byte_offset, byte_length, hash, data)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    file,
                    block.byte_offset as i64,
                    block.byte_length as i64,
                    block.hash as i64,
                    block.data,
                ])
            })
            .attempt(|| format!("store the raw bytes at {} of source file {file}", block.byte_offset))?;
        Ok(())
    }
}
