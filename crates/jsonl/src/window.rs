//! A window on a file, in which lines are looked for, forward and backward. However long a line is, no more of it is held
//! than is handed out.

use crate::{
    CUT_LINE_BYTES, JsonlFile, Line, LineBatch, MAX_LINE_BYTES, batch::cut_line, without_byte_order_mark,
};
use han_base::Result;
use memchr::{memchr, memchr_iter, memrchr};

/// Bytes read at once where one line may be all that is wanted; few in unit tests, so that their lines reach over many
/// windows.
const SMALLEST_WINDOW: u64 = if cfg!(test) { 24 } else { 8 * 1024 };

/// Bytes read at once where one part of the file is read after the other. Behind the last line that is wanted, so much
/// is read in vain at most.
const LARGEST_WINDOW: u64 = if cfg!(test) { 48 } else { 32 * 1024 };

/// How far blank lines are passed over when nothing else is wanted any more.
pub(crate) const PASSED_BYTES: u64 = if cfg!(test) { 96 } else { 64 * 1024 };

/// Bytes of a byte order mark.
const MARK_BYTES: u64 = 3;

/// What a line takes in memory beside its content.
const LINE_OVERHEAD: usize = 32;

/// What the lines of a batch take in memory.
pub(crate) fn held_bytes(lines: &LineBatch) -> usize {
    lines.content_bytes() + LINE_OVERHEAD * lines.len()
}

/// Where a line stands in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u64,
    /// Without the newline.
    pub(crate) end: u64,
}

impl Span {
    fn is_too_long(self) -> bool {
        self.end - self.start > MAX_LINE_BYTES as u64
    }

    /// Bytes of it that are handed out.
    fn kept_bytes(self) -> usize {
        if self.is_too_long() { CUT_LINE_BYTES } else { (self.end - self.start) as usize }
    }

    /// What it takes in memory when it is handed out.
    pub(crate) fn held_bytes(self) -> usize {
        self.kept_bytes() + LINE_OVERHEAD
    }
}

/// What is handed out of a line.
pub(crate) struct Text<'w> {
    bytes: &'w [u8],
    omitted: u64,
    /// Whether nothing but blanks stands on the line.
    pub(crate) is_blank: bool,
}

impl Text<'_> {
    /// Appends the line to a batch.
    pub(crate) fn push(&self, lines: &mut LineBatch, number: u64, offset: u64) {
        lines.push_cut(number, offset, self.bytes, self.omitted);
    }
}

/// The part of a file that is looked at.
pub(crate) struct Window<'f> {
    file: &'f JsonlFile,
    start: u64,
    bytes: Vec<u8>,
    /// Bytes that are read at once: more and more while one part is read after the other.
    reach: u64,
    /// A line that does not stand in the window as a whole.
    line: Vec<u8>,
}

impl<'f> Window<'f> {
    pub(crate) fn new(file: &'f JsonlFile) -> Self {
        Self { file, start: 0, bytes: Vec::new(), reach: SMALLEST_WINDOW, line: Vec::new() }
    }

    fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    fn load(&mut self, start: u64, end: u64) -> Result<()> {
        self.bytes.resize((end - start) as usize, 0);
        self.start = start;
        self.file.read_at(start, &mut self.bytes)
    }

    /// Reads more at once when the next part is a neighbour of the last, little when it is not.
    fn go_on(&mut self, is_neighbour: bool) {
        self.reach = if is_neighbour { (2 * self.reach).min(LARGEST_WINDOW) } else { SMALLEST_WINDOW };
    }

    /// Some bytes from `at` on; none at the end of the file.
    fn bytes_from(&mut self, at: u64) -> Result<&[u8]> {
        if at >= self.file.size() {
            return Ok(&[]);
        }
        if !(self.start..self.end()).contains(&at) {
            self.go_on(at == self.end());
            self.load(at, self.file.size().min(at + self.reach))?;
        }
        Ok(&self.bytes[(at - self.start) as usize..])
    }

    /// Some bytes up to `end`, which is within the file; none at its head.
    fn bytes_until(&mut self, end: u64) -> Result<&[u8]> {
        if end <= self.start || end > self.end() {
            self.go_on(end == self.start);
            let start = end.saturating_sub(self.reach);
            // A byte order mark is not divided.
            self.load(if start < MARK_BYTES { 0 } else { start }, end)?;
        }
        Ok(&self.bytes[..(end - self.start) as usize])
    }

    /// Whether a line begins at `offset`, which is within the file.
    pub(crate) fn is_line_start(&mut self, offset: u64) -> Result<bool> {
        match offset.checked_sub(1) {
            Some(before) => Ok(self.bytes_from(before)?.first() == Some(&b'\n')),
            None => Ok(true),
        }
    }

    /// Where the line that begins at `start` ends.
    pub(crate) fn span_from(&mut self, start: u64) -> Result<Span> {
        if memchr(b'\n', self.bytes_from(start)?).is_none() && self.start < start && start < self.file.size()
        {
            // Read again from its head, the line stands in the window as a whole, unless it is longer.
            self.go_on(true);
            self.load(start, self.file.size().min(start + self.reach))?;
        }
        let mut at = start;
        loop {
            let bytes = self.bytes_from(at)?;
            if bytes.is_empty() {
                return Ok(Span { start, end: at });
            }
            if let Some(newline) = memchr(b'\n', bytes) {
                return Ok(Span { start, end: at + newline as u64 });
            }
            at += bytes.len() as u64;
        }
    }

    /// Where the line begins behind which `next` is, the start of a line or the end of the file, but not 0.
    pub(crate) fn span_before(&mut self, next: u64) -> Result<Span> {
        let end = if self.bytes_until(next)?.ends_with(b"\n") { next - 1 } else { next };
        let mut at = end;
        loop {
            let bytes = self.bytes_until(at)?;
            if bytes.is_empty() {
                return Ok(Span { start: 0, end });
            }
            at -= bytes.len() as u64;
            if let Some(newline) = memrchr(b'\n', bytes) {
                return Ok(Span { start: at + newline as u64 + 1, end });
            }
        }
    }

    /// Where the line behind `span` begins; the end of the file behind its last line.
    pub(crate) fn behind(&self, span: Span) -> u64 {
        (span.end + 1).min(self.file.size())
    }

    /// Where the line begins that is `count` lines behind the one at `start`; `None` when there are not so many newlines.
    pub(crate) fn skip_lines(&mut self, start: u64, count: u64) -> Result<Option<u64>> {
        let (mut at, mut left) = (start, count);
        while left > 0 {
            let bytes = self.bytes_from(at)?;
            if bytes.is_empty() {
                return Ok(None);
            }
            let mut found = 0;
            let mut newlines = memchr_iter(b'\n', bytes).inspect(|_| found += 1);
            match newlines.nth(usize::try_from(left - 1).unwrap_or(usize::MAX)) {
                Some(newline) => return Ok(Some(at + newline as u64 + 1)),
                None => at += bytes.len() as u64,
            }
            left -= found;
        }
        Ok(Some(at))
    }

    /// Moves the window onto two lines that stand near each other, in this order.
    pub(crate) fn show_both(&mut self, first: Span, second: Span) -> Result<()> {
        if (first.start..first.start + SMALLEST_WINDOW).contains(&second.end) {
            self.bytes_from(first.start)?;
        }
        Ok(())
    }

    /// What is handed out of a line.
    pub(crate) fn text(&mut self, span: Span) -> Result<Text<'_>> {
        let is_here = span.start >= self.start && span.end <= self.end();
        if !is_here {
            self.line.resize(span.kept_bytes(), 0);
            self.file.read_at(span.start, &mut self.line)?;
        }
        let cut_is_blank = !span.is_too_long() || self.is_blank_from(span)?;
        let bytes = if is_here {
            &self.bytes[(span.start - self.start) as usize..(span.end - self.start) as usize]
        } else if span.is_too_long() {
            cut_line(&self.line)
        } else {
            &self.line
        };
        let content = Line { offset: span.start, bytes };
        let omitted = span.end - span.start - bytes.len() as u64;
        Ok(Text { bytes, omitted, is_blank: cut_is_blank && content.is_blank() })
    }

    /// Whether a line that is not held as a whole has nothing but blanks behind a byte order mark.
    fn is_blank_from(&mut self, span: Span) -> Result<bool> {
        let mut at = span.start;
        while at < span.end {
            let bytes = self.bytes_from(at)?;
            let bytes = &bytes[..bytes.len().min((span.end - at) as usize)];
            if !without_byte_order_mark(at, bytes).iter().all(u8::is_ascii_whitespace) {
                return Ok(false);
            }
            at += bytes.len() as u64;
        }
        Ok(true)
    }

    /// Passes over blank lines from the line start `start` on, not too many: how many, and where the line behind begins.
    pub(crate) fn pass_blank_lines(&mut self, start: u64) -> Result<(u64, u64)> {
        let (mut lines, mut next, mut at) = (0, start, start);
        while at < self.file.size() {
            let bytes = self.bytes_from(at)?;
            let blank = bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let is_end = blank < bytes.len() || at - start > PASSED_BYTES;
            for newline in memchr_iter(b'\n', &bytes[..blank]) {
                lines += 1;
                next = at + newline as u64 + 1;
            }
            at += blank as u64;
            if is_end {
                return Ok((lines, next));
            }
        }
        // The last line may lack its newline.
        Ok((lines + u64::from(next < at), at))
    }

    /// Whether a line that is not blank stands before the line start `end`, or so many blank ones that it may be.
    pub(crate) fn has_text_before(&mut self, end: u64) -> Result<bool> {
        let mut at = end;
        while at > 0 && end - at <= PASSED_BYTES {
            let bytes = self.bytes_until(at)?;
            at -= bytes.len() as u64;
            if !without_byte_order_mark(at, bytes).iter().all(u8::is_ascii_whitespace) {
                return Ok(true);
            }
        }
        Ok(at > 0)
    }
}
