//! The text of lines in the forms in which a JavaScript engine takes it fastest.
//!
//! Engines hold a string either in one byte per character or in UTF-16, and copy both in at the speed of memory; their
//! own decoding of UTF-8 is several times slower and would run on the JavaScript thread. So text that is not ASCII is
//! decoded here, on the thread that read it.

use encoding_rs::mem::convert_utf8_to_utf16;
use han_jsonl::LineBatch;
use parking_lot::Mutex;
use std::{
    mem,
    ops::Range,
    sync::{Arc, Weak},
};

/// Lines whose text is ready for JavaScript.
#[derive(Debug)]
pub(crate) struct TextLines {
    lines: LineBatch,
    /// Text of the lines that are not ASCII, one after the other.
    wide: Units,
    /// What belongs to each of `lines`.
    places: Vec<Place>,
}

/// What belongs to a line.
#[derive(Debug)]
struct Place {
    number: u64,
    /// The range of its text in `wide`; `None` when it is ASCII.
    wide: Option<Range<usize>>,
}

/// The text of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Text<'t> {
    /// ASCII, one byte per character.
    Narrow(&'t [u8]),
    /// UTF-16. What was no UTF-8 is U+FFFD.
    Wide(&'t [u16]),
}

/// One line of [`TextLines`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextLine<'t> {
    /// As in [`han_jsonl::LineRef`].
    pub(crate) number: u64,
    /// As in [`han_jsonl::LineRef`].
    pub(crate) offset: u64,
    /// As in [`han_jsonl::LineRef`].
    pub(crate) omitted: u64,
    /// The content.
    pub(crate) text: Text<'t>,
}

impl TextLines {
    /// The lines in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = TextLine<'_>> {
        self.lines.iter().zip(&self.places).map(|(line, place)| {
            let text = match &place.wide {
                Some(range) => Text::Wide(self.wide.get(range.clone())),
                None => Text::Narrow(line.bytes),
            };
            TextLine { number: place.number, offset: line.offset, omitted: line.omitted, text }
        })
    }

    /// The lines, with their text in a buffer that came back from lines before.
    pub(crate) fn in_spare(lines: LineBatch, spares: &Arc<Spares>) -> Self {
        Self::decoded(lines, Units::in_spare(spares), |number| number)
    }

    /// The lines with other numbers.
    pub(crate) fn renumbered(lines: LineBatch, number: impl Fn(u64) -> u64) -> Self {
        Self::decoded(lines, Units::default(), number)
    }

    fn decoded(lines: LineBatch, mut wide: Units, number: impl Fn(u64) -> u64) -> Self {
        let mut places: Vec<Place> = lines
            .iter()
            .map(|line| Place { number: number(line.number), wide: (!line.bytes.is_ascii()).then_some(0..0) })
            .collect();
        let wide_lines = || lines.iter().zip(&places).filter(|(_, place)| place.wide.is_some());
        wide.make_room(wide_lines().map(|(line, _)| line.bytes.len()).sum());
        for (line, place) in lines.iter().zip(&mut places) {
            if let Some(range) = &mut place.wide {
                *range = wide.decode(line.bytes);
            }
        }
        Self { lines, wide, places }
    }
}

impl From<LineBatch> for TextLines {
    fn from(lines: LineBatch) -> Self {
        Self::renumbered(lines, |number| number)
    }
}

/// UTF-16 at the head of a buffer.
#[derive(Debug, Default)]
struct Units {
    buffer: Vec<u16>,
    length: usize,
    /// Where the buffer goes afterwards.
    spares: Weak<Spares>,
}

impl Units {
    fn in_spare(spares: &Arc<Spares>) -> Self {
        Self { buffer: spares.take(), length: 0, spares: Arc::downgrade(spares) }
    }

    fn get(&self, range: Range<usize>) -> &[u16] {
        &self.buffer[range]
    }

    /// Makes room for text of so many bytes.
    fn make_room(&mut self, bytes: usize) {
        // No more code units than bytes, and one more as the decoder asks.
        let room = if bytes == 0 { 0 } else { bytes + 1 };
        if self.buffer.len() < room {
            self.buffer.reserve_exact(room - self.buffer.len());
            self.buffer.resize(room, 0);
        }
    }

    /// Appends `bytes`, taken as UTF-8, for which there is room.
    fn decode(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.length;
        self.length += convert_utf8_to_utf16(bytes, &mut self.buffer[start..]);
        start..self.length
    }
}

impl Drop for Units {
    fn drop(&mut self) {
        if let Some(spares) = self.spares.upgrade() {
            spares.put(mem::take(&mut self.buffer));
        }
    }
}

/// Buffers of text that the engine has taken in, for lines to come: memory that is fresh from the operating system costs
/// more than decoding into it.
#[derive(Debug, Default)]
pub(crate) struct Spares(Mutex<Vec<Vec<u16>>>);

impl Spares {
    /// As many as there can be batches on the way.
    const MOST: usize = 4;
    /// A batch with a very long line needs more, but seldom.
    const LONGEST: usize = 2 * 1024 * 1024;

    fn take(&self) -> Vec<u16> {
        self.0.lock().pop().unwrap_or_default()
    }

    fn put(&self, buffer: Vec<u16>) {
        let mut buffers = self.0.lock();
        if buffers.len() < Self::MOST && buffer.len() <= Self::LONGEST {
            buffers.push(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Spares, Text, TextLines};
    use han_jsonl::LineBatch;
    use std::sync::Arc;

    const LINES: [&[u8]; 11] = [
        b"",
        b"{\"plain\":true}\r",
        "caf\u{e9}".as_bytes(),
        "\u{65e5}\u{672c}\u{1f6a2}".as_bytes(),
        b"nul\0inside",
        b"\xff",
        b"half \xf0\x9f\x9a",
        b"\xed\xa0\x80 surrogate",
        b"\xc0\xaf overlong",
        b"\x80\x80\x80",
        b"last",
    ];

    fn batch() -> LineBatch {
        let mut batch = LineBatch::default();
        for (number, line) in (0..).zip(LINES) {
            batch.push_cut(number, 100 + number, line, number % 2);
        }
        batch
    }

    fn check(lines: &TextLines) {
        assert_eq!(lines.iter().count(), LINES.len());
        for ((line, bytes), number) in lines.iter().zip(LINES).zip(0..) {
            assert_eq!((line.number, line.offset, line.omitted), (number, 100 + number, number % 2));
            match line.text {
                Text::Narrow(narrow) => assert!(narrow == bytes && bytes.is_ascii()),
                Text::Wide(wide) => {
                    assert_eq!(String::from_utf16(wide).unwrap(), String::from_utf8_lossy(bytes));
                    assert!(!bytes.is_ascii());
                }
            }
        }
    }

    #[test]
    fn text_is_what_a_lossy_decoder_makes_of_it() {
        check(&batch().into());
        let renumbered = TextLines::renumbered(batch(), |number| number * 10);
        assert!(renumbered.iter().map(|line| line.number).eq((0..11).map(|number| number * 10)));
    }

    #[test]
    fn buffers_go_round_with_whatever_is_left_in_them() {
        let spares = Arc::new(Spares::default());
        let mut long = LineBatch::default();
        long.push(0, 0, "\u{e9}".repeat(1000).as_bytes());
        drop(TextLines::in_spare(long, &spares));
        let buffer = spares.0.lock()[0].as_ptr();
        let lines = TextLines::in_spare(batch(), &spares);
        assert_eq!(lines.wide.buffer.as_ptr(), buffer);
        check(&lines);

        let many: Vec<_> = (0..9).map(|_| TextLines::in_spare(batch(), &spares)).collect();
        drop(many);
        assert_eq!(spares.0.lock().len(), Spares::MOST);
        let mut huge = LineBatch::default();
        huge.push(0, 0, "\u{e9}".repeat(Spares::LONGEST).as_bytes());
        spares.0.lock().clear();
        drop(TextLines::in_spare(huge, &spares));
        assert!(spares.0.lock().is_empty());
        // The lines may outlive who reads them.
        drop(spares);
        check(&lines);
    }
}
