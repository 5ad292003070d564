//! Rows in the form in which they cross to JavaScript: all text of some rows in two long texts, everything else in one
//! tape of numbers. `rows.js` reads it; the twin in the tests below tells the form in Rust.

use super::time::TimeWriter;
use encoding_rs::mem::{convert_utf8_to_latin1_lossy, convert_utf8_to_utf16, is_utf8_latin1};
use han_db::MessageIdRef;
use parking_lot::Mutex;
use std::{collections::HashMap, mem};

/// A chunk ends with the row that reaches this many bytes of text: whoever keeps one row keeps the text of its chunk.
const CHUNK_TEXT_BYTES: usize = 96 * 1024;
/// And with this many rows, so that a chunk is built in a fraction of a millisecond.
const CHUNK_ROWS: usize = 1000;
/// A longer text is a string of its own.
const LONG_TEXT_BYTES: usize = 32 * 1024;
/// Longer texts are no words.
const WORD_BYTES: usize = 128;
/// Words that a list has at most.
const MOST_WORDS: usize = 4096;
/// Stands on the tape for a number that does not fit, and for a text that is a string of its own.
const ELSEWHERE: i32 = i32::MIN;

/// Chunks whose buffers are kept: memory that is fresh from the operating system costs more than filling it.
static SPARES: Mutex<Vec<Chunk>> = Mutex::new(Vec::new());
const MOST_SPARES: usize = 16;
/// Larger buffers are not kept.
const SPARE_BYTES: usize = 4 * CHUNK_TEXT_BYTES;

/// Text as an engine holds it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Text {
    /// One byte per character: U+0000 to U+00FF.
    Narrow(Vec<u8>),
    /// UTF-16.
    Wide(Vec<u16>),
}

impl Text {
    /// The text; what is no UTF-8 becomes U+FFFD.
    fn of(bytes: &[u8]) -> Self {
        let mut chunk = Chunk::default();
        match chunk.put(bytes) {
            0.. => Self::Narrow(chunk.narrow),
            _ => Self::Wide(chunk.wide),
        }
    }
}

/// Some rows.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    pub(super) rows: usize,
    /// For each row the bits of its optional fields, and then, field by field:
    /// - text: its length in `narrow`, or the negative one in `wide`, or [`ELSEWHERE`] for the next of `longs`
    /// - word: its number, or -1 before a text
    /// - integer: itself, or [`ELSEWHERE`] for the next of `reals`
    /// - boolean: 0 or 1
    /// - real: nothing, it is the next of `reals`
    /// - integers: how many there are, before them
    pub(super) tape: Vec<i32>,
    pub(super) narrow: Vec<u8>,
    pub(super) wide: Vec<u16>,
    pub(super) reals: Vec<f64>,
    /// The words that are new in this chunk; their numbers go on from those of the chunk before.
    pub(super) words: Vec<Text>,
    pub(super) longs: Vec<Text>,
}

impl Chunk {
    /// Appends text; returns its length as it stands on the tape.
    fn put(&mut self, bytes: &[u8]) -> i32 {
        if bytes.is_ascii() {
            self.narrow.extend_from_slice(bytes);
            return bytes.len() as i32;
        }
        if is_utf8_latin1(bytes) {
            let start = self.narrow.len();
            self.narrow.resize(start + bytes.len(), 0);
            let length = convert_utf8_to_latin1_lossy(bytes, &mut self.narrow[start..]);
            self.narrow.truncate(start + length);
            return length as i32;
        }
        let start = self.wide.len();
        // No more code units than bytes, and one more as the decoder asks.
        self.wide.resize(start + bytes.len() + 1, 0);
        let length = convert_utf8_to_utf16(bytes, &mut self.wide[start..]);
        self.wide.truncate(start + length);
        -(length as i32)
    }

    /// An empty chunk, in the buffers of one before where there are any.
    fn in_spare() -> Self {
        SPARES.lock().pop().unwrap_or_default()
    }

    /// Gives the buffers away for chunks to come.
    pub(super) fn recycle(mut self) {
        if self.narrow.capacity() + 2 * self.wide.capacity() > SPARE_BYTES {
            return;
        }
        self.rows = 0;
        self.tape.clear();
        self.narrow.clear();
        self.wide.clear();
        self.reals.clear();
        self.words.clear();
        self.longs.clear();
        let mut spares = SPARES.lock();
        if spares.len() < MOST_SPARES {
            spares.push(self);
        }
    }

    fn is_full(&self) -> bool {
        self.rows >= CHUNK_ROWS || self.narrow.len() + 2 * self.wide.len() >= CHUNK_TEXT_BYTES
    }
}

/// Writes rows into chunks: for each row [`Encoder::begin`], its fields in their order, [`Encoder::end`].
#[derive(Debug, Default)]
pub struct Encoder {
    done: Vec<Chunk>,
    chunk: Chunk,
    words: HashMap<Box<[u8]>, i32>,
    /// Some of the words, each where `slot_of` finds it: quicker to find than in `words`. None at first.
    near_words: Vec<(Box<[u8]>, i32)>,
    /// Where the bits of this row stand on the tape, and the bit of its next optional field.
    bits_at: usize,
    next_bit: i32,
    times: TimeWriter,
    last_time: Option<(i64, i32)>,
}

impl Encoder {
    pub(super) fn finish(mut self) -> Vec<Chunk> {
        if self.chunk.rows > 0 {
            self.done.push(self.chunk);
        } else {
            self.chunk.recycle();
        }
        self.done
    }

    pub(super) fn begin(&mut self) {
        if self.chunk.tape.capacity() == 0 {
            self.chunk = Chunk::in_spare();
        }
        self.bits_at = self.chunk.tape.len();
        self.chunk.tape.push(0);
        self.next_bit = 1;
    }

    pub(super) fn end(&mut self) {
        self.chunk.rows += 1;
        if self.chunk.is_full() {
            self.done.push(mem::replace(&mut self.chunk, Chunk::in_spare()));
        }
    }

    /// A field that may be absent.
    pub(super) fn optional<V>(&mut self, value: Option<V>, put: impl FnOnce(&mut Self, V)) {
        if let Some(value) = value {
            self.chunk.tape[self.bits_at] |= self.next_bit;
            put(self, value);
        }
        self.next_bit <<= 1;
    }

    /// Text that is mostly another in every row.
    pub(super) fn text(&mut self, value: impl AsRef<[u8]>) {
        let bytes = value.as_ref();
        let length = if bytes.len() > LONG_TEXT_BYTES {
            self.chunk.longs.push(Text::of(bytes));
            ELSEWHERE
        } else {
            self.chunk.put(bytes)
        };
        self.chunk.tape.push(length);
    }

    /// Text that many rows share.
    pub(super) fn word(&mut self, value: impl AsRef<[u8]>) {
        let bytes = value.as_ref();
        let slot = slot_of(bytes);
        if let Some((word, number)) = self.near_words.get(slot)
            && **word == *bytes
            && *number >= 0
        {
            return self.chunk.tape.push(*number);
        }
        let Some(number) = self.number_of(bytes) else {
            self.chunk.tape.push(-1);
            return self.text(bytes);
        };
        self.chunk.tape.push(number);
        if self.near_words.is_empty() {
            self.near_words.resize_with(NEAR_WORDS, || (Box::default(), -1));
        }
        self.near_words[slot] = (bytes.into(), number);
    }

    /// The number of a word; `None` where it is too long, or there are too many.
    fn number_of(&mut self, bytes: &[u8]) -> Option<i32> {
        if let Some(&number) = self.words.get(bytes) {
            return Some(number);
        }
        if bytes.len() > WORD_BYTES || self.words.len() >= MOST_WORDS {
            return None;
        }
        let number = self.words.len() as i32;
        self.words.insert(bytes.into(), number);
        self.chunk.words.push(Text::of(bytes));
        Some(number)
    }

    /// A time in milliseconds since 1970, as text.
    pub(super) fn time(&mut self, millis: &i64) {
        let Self { chunk, times, .. } = self;
        times.write(*millis, |text| {
            chunk.narrow.extend_from_slice(text);
            chunk.tape.push(text.len() as i32);
        });
    }

    /// As [`Encoder::time`], of a time that neighbouring rows share.
    pub(super) fn shared_time(&mut self, millis: &i64) {
        let number = match self.last_time {
            Some((last, number)) if last == *millis => Some(number),
            _ => {
                let mut text = Vec::new();
                self.times.write(*millis, |written| text.extend_from_slice(written));
                let number = self.number_of(&text);
                self.last_time = number.map(|number| (*millis, number));
                number
            }
        };
        self.chunk.tape.push(number.unwrap_or(-1));
        if number.is_none() {
            self.time(millis);
        }
    }

    /// The id of a message.
    pub(super) fn message_id(&mut self, id: &MessageIdRef<'_>) {
        match id {
            MessageIdRef::Text(text) => self.text(text),
            MessageIdRef::Uuid(bytes) => {
                self.chunk.narrow.extend_from_slice(&uuid_text(bytes));
                self.chunk.tape.push(36);
            }
        }
    }

    pub(super) fn integer(&mut self, number: &i64) {
        match i32::try_from(*number) {
            Ok(small) if small != ELSEWHERE => self.chunk.tape.push(small),
            _ => {
                self.chunk.tape.push(ELSEWHERE);
                self.chunk.reals.push(*number as f64);
            }
        }
    }

    pub(super) fn small(&mut self, number: &u32) {
        self.integer(&i64::from(*number));
    }

    pub(super) fn boolean(&mut self, value: &bool) {
        self.chunk.tape.push(i32::from(*value));
    }

    pub(super) fn real(&mut self, number: &f64) {
        self.chunk.reals.push(*number);
    }

    pub(super) fn integers(&mut self, numbers: &[u32]) {
        self.chunk.tape.push(numbers.len() as i32);
        for number in numbers {
            self.small(number);
        }
    }
}

/// Words that are found by [`slot_of`].
const NEAR_WORDS: usize = 64;

/// Where a word stands among the near ones: the words of a list mostly differ in length, beginning or end.
fn slot_of(bytes: &[u8]) -> usize {
    let byte = |byte: Option<&u8>| byte.map_or(0, |byte| usize::from(*byte));
    (bytes.len() * 5 + byte(bytes.first()) * 3 + byte(bytes.last())) % NEAR_WORDS
}

/// The text of a UUID, lower-case with dashes.
fn uuid_text(bytes: &[u8; 16]) -> [u8; 36] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    /// Where the digits of each byte stand.
    const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
    let mut text = [b'-'; 36];
    for (byte, place) in bytes.iter().zip(PLACES) {
        text[place] = DIGITS[usize::from(byte >> 4)];
        text[place + 1] = DIGITS[usize::from(byte & 15)];
    }
    text
}

#[cfg(test)]
mod tests;
