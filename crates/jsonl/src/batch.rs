//! Lines that were read.

/// What is kept of a line that is too long to be handed out whole, in bytes.
pub const CUT_LINE_BYTES: usize = 64 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// `line` without the mark that some editors put at the head of a file; `offset` is where the line begins there.
#[must_use]
pub fn without_byte_order_mark(offset: u64, line: &[u8]) -> &[u8] {
    if offset == 0 { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line) } else { line }
}

/// The beginning that is kept of a line that is too long: at most [`CUT_LINE_BYTES`], never a part of a character.
#[must_use]
pub(crate) fn cut_line(line: &[u8]) -> &[u8] {
    let head = &line[..line.len().min(CUT_LINE_BYTES)];
    let is_continuation = |byte: u8| byte & 0b1100_0000 == 0b1000_0000;
    // A character has at most three bytes behind its first.
    let last = head.iter().rev().take(4).position(|&byte| !is_continuation(byte));
    match last.map(|behind| (behind, head[head.len() - 1 - behind])) {
        Some((behind, first)) if behind + 1 < character_length(first) => &head[..head.len() - 1 - behind],
        _ => head,
    }
}

/// How many bytes a character takes, by its first byte.
fn character_length(first: u8) -> usize {
    match first {
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0.. => 4,
        _ => 1,
    }
}

/// Lines that were read, with their numbers and places; their bytes stand in one buffer.
#[derive(Clone, Debug, Default)]
pub struct LineBatch {
    bytes: Vec<u8>,
    spans: Vec<Span>,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    number: u64,
    offset: u64,
    end: usize,
    omitted: u64,
}

/// One line of a [`LineBatch`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineRef<'b> {
    /// Its number in the file, counted from 0, blank lines included.
    pub number: u64,
    /// Where it begins in the file.
    pub offset: u64,
    /// Its bytes without the newline, and without the byte order mark of a file. A carriage return stays.
    pub bytes: &'b [u8],
    /// Bytes that are missing at its end, because it is too long to be handed out whole; else 0.
    pub omitted: u64,
}

impl LineBatch {
    /// Appends a whole line, given without its newline.
    pub fn push(&mut self, number: u64, offset: u64, line: &[u8]) {
        self.push_cut(number, offset, line, 0);
    }

    /// Appends a line of which `omitted` bytes are missing at the end.
    pub fn push_cut(&mut self, number: u64, offset: u64, head: &[u8], omitted: u64) {
        self.bytes.extend_from_slice(without_byte_order_mark(offset, head));
        self.spans.push(Span { number, offset, end: self.bytes.len(), omitted });
    }

    /// How many lines.
    #[must_use]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The bytes of all lines together.
    #[must_use]
    pub fn content_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// A line; `None` behind the last one.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<LineRef<'_>> {
        (index < self.len()).then(|| self.line(index))
    }

    fn line(&self, index: usize) -> LineRef<'_> {
        let span = self.spans[index];
        let start = index.checked_sub(1).map_or(0, |before| self.spans[before].end);
        let bytes = &self.bytes[start..span.end];
        LineRef { number: span.number, offset: span.offset, bytes, omitted: span.omitted }
    }

    /// The lines in their order.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = LineRef<'_>> + ExactSizeIterator {
        (0..self.len()).map(|index| self.line(index))
    }

    /// Adds `lines` to every number: lines that were counted from the head of a part now count from that of the file.
    pub fn renumber(&mut self, lines: u64) {
        for span in &mut self.spans {
            span.number += lines;
        }
    }

    /// Keeps the first `length` lines.
    pub fn truncate(&mut self, length: usize) {
        self.spans.truncate(length);
        self.bytes.truncate(self.spans.last().map_or(0, |span| span.end));
    }
}
