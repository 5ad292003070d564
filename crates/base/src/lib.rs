//! The words every crate of Han Native speaks: error codes, errors with their cause chain, ids, UTC time,
//! pages, and reading JSON text in place.
//!
//! ```
//! use han_base::{Code, Error, Timestamp};
//!
//! let time = Timestamp::parse("2026-11-20T12:00:00.250Z").expect("a time");
//! assert_eq!(time.to_string(), "2026-11-20T12:00:00.250Z");
//!
//! let error = Error::new(Code::FileNotFound, "read /tmp/a.jsonl");
//! assert_eq!(error.to_string(), "[FILE_NOT_FOUND] read /tmp/a.jsonl");
//! ```

pub mod code;
pub mod error;
pub mod file_stamp;
pub mod id;
pub mod json;
pub mod page;
pub mod time;

pub use code::Code;
pub use error::{Error, Result};
pub use file_stamp::FileStamp;
pub use page::{Cursor, Page, TextCursor};
pub use time::Timestamp;
