//! Notices of the client about the session: what was queued, and where it works.

use crate::{Record, RecordType};
use std::borrow::Cow;

/// A change of the queue of prompts (`queue-operation`; not the event of han with a similar name).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueOperation<'a> {
    /// `enqueue`, `dequeue`, `remove`, `popAll`, or what a later version calls it; empty when the line does not say.
    pub operation: &'a str,
    /// The prompt; of an array the text blocks, joined by newlines. `None` when the line has none.
    pub content: Option<Cow<'a, str>>,
}

impl Record<'_> {
    /// The change of the queue that this line tells; `None` for lines of other types.
    #[must_use]
    pub fn queue_operation(&self) -> Option<QueueOperation<'_>> {
        (self.record_type == RecordType::QueueOperation).then(|| QueueOperation {
            operation: self.subtype.as_deref().unwrap_or_default(),
            content: self.root_content.and_then(|content| content.text()),
        })
    }
}
