//! Bytes to lines. Files of JSONL are append-only and may be written while they are read, so they are read in
//! chunks into one reused buffer (never mapped), only complete lines count, and memory stays bounded whatever
//! the file holds.
//!
//! ```
//! use han_jsonl::{Chunk, ChunkReader, lines};
//!
//! let mut reader = ChunkReader::new(&b"{\"a\":1}\n{\"b\":2}\n{\"torn"[..], 0);
//! let Some(Chunk::Lines { offset, bytes }) = reader.next_chunk()? else { panic!("two lines are complete") };
//! let starts: Vec<u64> = lines(offset, bytes).map(|line| line.offset).collect();
//! assert_eq!(starts, [0, 8]);
//! assert!(matches!(reader.next_chunk()?, Some(Chunk::Tail { offset: 16, bytes: b"{\"torn" })));
//! assert!(reader.next_chunk()?.is_none());
//! # Ok::<(), std::io::Error>(())
//! ```

mod chunk;
mod files;
mod line;

pub use chunk::{CHUNK_BYTES, Chunk, ChunkReader, MAX_LINE_BYTES};
pub use files::{ListedFile, list_files};
pub use line::{Line, lines};
