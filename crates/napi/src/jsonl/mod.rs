//! Reading JSONL files: counting, pages, indexes, filters, streams.
//!
//! Line numbers count physical lines from 0; byte offsets are those of the line's first byte. Content is without the
//! newline (a carriage return stays) and without the byte order mark of a file; what is no UTF-8 is U+FFFD.
//!
//! Functions that take a record are `strict`: otherwise any value would do, as one without fields.

use napi_derive::napi;

pub mod condition;
pub mod filter;
pub mod index;
pub mod pages;
pub mod progress;
pub mod readers;
pub mod stream;
pub mod values;

mod engine;
mod reading;
mod text;

pub(crate) use engine::Engine;
pub(crate) use readers::close_readers_of_this_thread;

/// One line of a file.
// Only declared: `values::Lines` makes it.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct JsonlLine {
    /// Counted from 0, blank lines included.
    pub line_number: f64,
    /// Where the line begins in the file, in bytes.
    pub byte_offset: f64,
    /// Without the newline; a carriage return stays.
    pub content: String,
    /// Bytes that are missing at the end of a line of more than 64 MiB, of which only the first 64 KiB are given.
    pub omitted_bytes: Option<f64>,
}
