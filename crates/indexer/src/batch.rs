//! What a reading thread hands to the writing one.

use crate::effects::Effect;
use han_base::{Error, id};
use han_db::{
    MessageId, NewBrokenLine, NewMessage, NewRawBlock, NewReply, NewToolCall, NewToolResult, Place, Postings,
    SessionFacts,
};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

/// Bytes at either end of the indexed part that are looked at before a file is read on.
pub(crate) const PROBE_BYTES: usize = 4096;

/// One piece of a file, understood.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// In the order of their lines.
    pub(crate) messages: Vec<NewMessage>,
    /// XXH3 of the bytes of each message.
    pub(crate) line_hashes: Vec<u64>,
    pub(crate) replies: Vec<NewReply>,
    /// Calls of tools, with their results where this piece holds both.
    pub(crate) tool_calls: Vec<NewToolCall>,
    /// Results whose calls stand in another piece.
    pub(crate) tool_results: Vec<NewToolResult>,
    /// What else was told, in this order.
    pub(crate) effects: Vec<Effect>,
    pub(crate) broken_lines: Vec<NewBrokenLine>,
    pub(crate) raw_blocks: Vec<NewRawBlock>,
    /// What this piece tells about the session.
    pub(crate) facts: SessionFacts,
    /// The working directory that names the project, once it is known.
    pub(crate) project_path: Option<String>,
    /// The first working directory of a file in which none fits the name of its folder. It names the project unless
    /// something else did before.
    pub(crate) fallback_path: Option<String>,
    /// The first time in the file, when rows of earlier batches wait for one.
    pub(crate) first_timestamp_ms: Option<i64>,
    /// The posting lists of the messages, in a bulk run.
    pub(crate) postings: Option<Postings>,
    /// Where the file is indexed to, once this batch is stored.
    pub(crate) cursor: Cursor,
    /// Bytes of the file in this batch.
    pub(crate) bytes: u64,
}

impl Batch {
    /// The hash of the line of one of its messages.
    pub(crate) fn line_hash(&self, place: &Place) -> u64 {
        let at = self.messages.partition_point(|message| message.place.byte_offset < place.byte_offset);
        self.line_hashes.get(at).copied().unwrap_or_default()
    }

    /// Gives a time to everything in it: the first one of the file, which came after all that.
    pub(crate) fn set_time(&mut self, timestamp_ms: i64) {
        for message in &mut self.messages {
            message.timestamp_ms = timestamp_ms;
        }
        for reply in &mut self.replies {
            reply.timestamp_ms = timestamp_ms;
        }
        for call in &mut self.tool_calls {
            call.timestamp_ms = timestamp_ms;
        }
        for result in self
            .tool_results
            .iter_mut()
            .chain(self.tool_calls.iter_mut().filter_map(|call| call.result.as_mut()))
        {
            result.timestamp_ms = timestamp_ms;
        }
        for effect in &mut self.effects {
            effect.set_time(timestamp_ms);
        }
        self.facts.title_at_ms = timestamp_ms;
    }
}

/// What comes from a reading thread.
#[derive(Debug)]
pub(crate) enum Event {
    /// The session of the file; comes first.
    Session(String),
    /// A piece of the file.
    Batch(Box<Batch>),
    /// Why the rest of the file is left out. What came before stays.
    Failed(Error),
}

/// How far a file is indexed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// Bytes before it are indexed.
    pub(crate) byte_offset: u64,
    /// Lines that begin before it.
    pub(crate) line_count: u64,
    /// The first indexed bytes, up to [`PROBE_BYTES`].
    pub(crate) head: Vec<u8>,
    /// The last indexed bytes, up to [`PROBE_BYTES`].
    pub(crate) tail: Vec<u8>,
    /// Time of the last entry that had one.
    pub(crate) last_timestamp_ms: Option<i64>,
}

impl Cursor {
    /// Moves over bytes that follow.
    pub(crate) fn advance(&mut self, bytes: &[u8]) {
        let missing = PROBE_BYTES - self.head.len();
        self.head.extend_from_slice(&bytes[..bytes.len().min(missing)]);
        if bytes.len() >= PROBE_BYTES {
            self.tail.clear();
            self.tail.extend_from_slice(&bytes[bytes.len() - PROBE_BYTES..]);
        } else {
            let surplus = (self.tail.len() + bytes.len()).saturating_sub(PROBE_BYTES);
            self.tail.drain(..surplus);
            self.tail.extend_from_slice(bytes);
        }
        self.byte_offset += bytes.len() as u64;
    }

    /// Whether the next byte continues a line that was taken without its newline.
    pub(crate) fn is_inside_line(&self) -> bool {
        self.tail.last().is_some_and(|byte| *byte != b'\n')
    }

    pub(crate) fn head_hash(&self) -> u64 {
        xxh3_64(&self.head)
    }

    pub(crate) fn tail_hash(&self) -> u64 {
        xxh3_64(&self.tail)
    }
}

/// The id of a line that has none: always the same for the same bytes at the same place in a file of the same name and
/// session, in whatever folder the file lies.
pub(crate) fn id_of_line(session_id: &str, file_name: &str, byte_offset: u64, line_hash: u64) -> MessageId {
    let line = format!("{session_id}\n{file_name}\n{byte_offset}\n{line_hash:016x}");
    MessageId::Uuid(id::derived(xxh3_128(line.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_cursor_keeps_both_ends_of_what_it_moved_over(
            pieces in proptest::collection::vec(0_usize..9000, 0..6), seed in any::<u8>(),
        ) {
            let mut cursor = Cursor::default();
            let mut all = Vec::new();
            for length in pieces {
                let piece: Vec<u8> = (0..length).map(|at| (at as u8).wrapping_mul(31).wrapping_add(seed)).collect();
                cursor.advance(&piece);
                all.extend(piece);
            }
            prop_assert_eq!(cursor.byte_offset, all.len() as u64);
            prop_assert_eq!(&cursor.head[..], &all[..all.len().min(PROBE_BYTES)]);
            prop_assert_eq!(&cursor.tail[..], &all[all.len().saturating_sub(PROBE_BYTES)..]);
        }
    }
}
