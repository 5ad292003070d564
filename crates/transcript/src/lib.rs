//! One transcript record to typed session events.
//!
//! [`parse`] reads one line of a Claude Code transcript, [`parse_han_event`] one line of the event file beside it.
//! Both are pure (no I/O, no clock) and total: every field is optional, a value of an unexpected type reads as
//! absent, an unknown record type is [`RecordType::Unknown`], and no text can make them panic. Only a line that is
//! not JSON, or that is not an object with a string `type`, is a [`LineError`]; [`recover`] then finds a whole record
//! that was glued after the fragment of another.
//!
//! A [`Record`] borrows from its line. What is large stays undecoded until it is asked for
//! ([`Record::content`], [`Record::tool_input_text`], [`Block`]).
//!
//! ```
//! use han_transcript::{RecordType, Speaker, parse};
//!
//! let line = r#"{"type":"user","uuid":"u1","message":{"role":"user","content":"fix the \"parser\""}}"#;
//! let record = parse(line).unwrap();
//! assert_eq!(record.record_type, RecordType::User);
//! assert_eq!(record.speaker, Some(Speaker::User));
//! assert_eq!(record.content().as_deref(), Some("fix the \"parser\""));
//! ```

mod block;
mod content;
mod parse;
mod record;
mod recover;
mod reply;
mod speaker;

pub use block::{Block, Body};
pub use parse::{LineError, parse, parse_han_event};
pub use record::{Compaction, PullRequest, Record, RecordType, Role, Title, TitleKind};
pub use recover::{recover, split};
pub use reply::{ApiReply, Usage};
pub use speaker::Speaker;
