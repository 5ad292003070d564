//! One transcript record to typed session events.
//!
//! [`parse`] reads one line of a Claude Code transcript, [`parse_han_event`] one line of the event file beside it.
//! Both are pure (no I/O, no clock) and total: every field is optional, a value of an unexpected type reads as
//! absent, an unknown record type is [`RecordType::Unknown`], and no text can make them panic. Only a line that is
//! not JSON, or that is not an object with a string `type`, is a [`LineError`]; [`recover`] then finds a whole record
//! that was glued after the fragment of another.
//!
//! A [`Record`] borrows from its line. What is large, and what few lines have, stays unread until it is asked for:
//!
//! - texts: [`Record::content`], [`Record::tool_input_text`], [`Block`];
//! - tools: [`Record::tool_calls`] and [`Record::tool_results`], with the edits ([`FileEdit`]), todos ([`Todos`]) and
//!   tasks ([`TaskRequest`], [`TaskAnswer`]) in them;
//! - the session: [`Record::compaction`], [`Record::queue_operation`], [`Record::title`] and its like;
//! - events of han: [`Record::han_event`], [`Record::confined_reference`];
//! - files that a text names: [`file_operations`];
//! - mood: [`Record::speech`], judged by [`judge`];
//! - money: [`ApiReply`], priced by a [`PriceTable`].
//!
//! A number that is booked somewhere has a [`Rule`] that tells how it came about.
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
mod compaction;
mod content;
mod diff;
mod edit;
mod file_operations;
mod han_event;
mod members;
mod native_task;
mod notice;
mod parse;
mod price;
mod record;
mod recover;
mod reference;
mod reply;
mod rule;
mod sentiment;
mod speaker;
mod speech;
mod todo;
mod tool_call;
mod tool_result;
mod vader;

pub use block::{Block, Body};
pub use compaction::{CompactType, Compaction, CompactionKind};
pub use diff::{LineChange, count_lines, diff_files, diff_pieces};
pub use edit::{FileAction, FileEdit};
pub use file_operations::{FileOperation, FileOperationKind, file_operations};
pub use han_event::*;
pub use native_task::{ListedTask, TaskAnswer, TaskRequest};
pub use notice::QueueOperation;
pub use parse::{LineError, parse, parse_han_event};
pub use price::{NANO_DOLLARS, Price, PriceError, PriceTable, dollars};
pub use record::{PullRequest, Record, RecordType, Role, Title, TitleKind};
pub use recover::{recover, split};
pub use reference::confined_reference;
pub use reply::{ApiReply, CacheSplit, Usage};
pub use rule::Rule;
pub use sentiment::{FrustrationLevel, Sentiment, SentimentLevel, judge};
pub use speaker::Speaker;
pub use speech::{SPEECH_CHARACTERS, speech_of};
pub use todo::{TodoItem, Todos};
pub use tool_call::ToolCall;
pub use tool_result::{ResultContent, ToolOutcome, ToolResult};
