//! Lines inside bytes that are in memory.

use crate::{batch::without_byte_order_mark, newlines};
use memchr::memchr;

/// One line without its newline. A carriage return stays part of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'b> {
    /// Where the line begins in its file.
    pub offset: u64,
    /// The bytes up to, and without, the newline.
    pub bytes: &'b [u8],
}

impl Line<'_> {
    /// Whether only blanks stand on the line, besides the byte order mark of a file.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        without_byte_order_mark(self.offset, self.bytes).iter().all(u8::is_ascii_whitespace)
    }
}

/// How many lines [`lines`] finds.
pub(crate) fn count_lines_in(bytes: &[u8]) -> u64 {
    let has_open_end = bytes.last().is_some_and(|&last| last != b'\n');
    newlines::count(bytes) as u64 + u64::from(has_open_end)
}

/// Counts the lines of some bytes on the way through them, each newline once.
pub(crate) struct LineCounter<'b> {
    bytes: &'b [u8],
    counted: usize,
    lines: u64,
}

impl<'b> LineCounter<'b> {
    /// Stands at the head of `bytes`.
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, counted: 0, lines: 0 }
    }

    /// How many lines end before `position`, which is not before that of the last call.
    pub(crate) fn lines_before(&mut self, position: usize) -> u64 {
        self.lines += newlines::count(&self.bytes[self.counted..position]) as u64;
        self.counted = position;
        self.lines
    }

    /// How many lines there are in all.
    pub(crate) fn total(self) -> u64 {
        self.lines + count_lines_in(&self.bytes[self.counted..])
    }
}

/// Splits `bytes`, which begin at `offset` of their file, at every newline. A last line without a newline is a
/// line too; nothing follows a final newline.
pub fn lines(offset: u64, bytes: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let mut rest = bytes;
    let mut at = offset;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (line, consumed) = match memchr(b'\n', rest) {
            Some(end) => (&rest[..end], end + 1),
            None => (rest, rest.len()),
        };
        let found = Line { offset: at, bytes: line };
        rest = &rest[consumed..];
        at += consumed as u64;
        Some(found)
    })
}
