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

mod batch;
mod chunk;
mod count;
mod file;
mod files;
mod filter;
mod follow;
mod index;
mod line;
mod lines_at;
pub mod newlines;
mod observer;
mod page;
mod search;
mod segments;
mod stream;
mod tail;
mod window;

pub use batch::{CUT_LINE_BYTES, LineBatch, LineRef, without_byte_order_mark};
pub use chunk::{CHUNK_BYTES, Chunk, ChunkReader, MAX_LINE_BYTES};
pub use count::{LineOffsets, count_lines, line_offsets};
pub use file::{FileReader, FileState, JsonlFile};
pub use files::{ListedFile, list_files};
pub use filter::{Condition, Filter, Literal};
pub use follow::Stop;
pub use index::{FileStats, IndexChange, IndexReport, Indexes};
pub use line::{Line, lines};
pub use lines_at::read_indexed;
pub use observer::{Observer, Unwatched};
pub use page::LinePage;
pub use search::{Found, search};
pub use stream::{LineStream, StreamBatch, StreamOptions};
pub use tail::{TailLines, read_tail};
