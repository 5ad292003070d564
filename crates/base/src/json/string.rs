//! Strings of a JSON text: finding their end while checking them, and decoding their escapes.

use super::Error;
use super::block::{self, BLOCK};
use std::borrow::Cow;

/// A string as it stands in the text, checked but not yet decoded.
#[derive(Clone, Copy, Debug)]
pub struct JsonString<'a> {
    raw: &'a str,
    escaped: bool,
}

impl<'a> JsonString<'a> {
    /// What stands between the quotes, escapes and all.
    #[must_use]
    pub fn raw(self) -> &'a str {
        self.raw
    }

    /// Whether the string holds an escape, so that decoding must copy.
    #[must_use]
    pub fn is_escaped(self) -> bool {
        self.escaped
    }

    /// Whether the string is empty.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.raw.is_empty()
    }

    /// The text the string stands for: borrowed when it holds no escape. Lone surrogates become U+FFFD.
    #[must_use]
    pub fn decode(self) -> Cow<'a, str> {
        if !self.escaped {
            return Cow::Borrowed(self.raw);
        }
        let mut text = String::new();
        self.decode_into(&mut text);
        Cow::Owned(text)
    }

    /// The characters the string stands for, decoded one by one: for looking at the head of a long string.
    pub fn chars(self) -> impl Iterator<Item = char> + 'a {
        let mut rest = self.raw;
        std::iter::from_fn(move || {
            let first = rest.chars().next()?;
            let (character, length) =
                if first == '\\' { unescape(rest.as_bytes()) } else { (first, first.len_utf8()) };
            rest = &rest[length..];
            Some(character)
        })
    }

    /// Appends the text the string stands for.
    pub fn decode_into(self, text: &mut String) {
        if !self.escaped {
            text.push_str(self.raw);
            return;
        }
        text.reserve(self.raw.len());
        let bytes = self.raw.as_bytes();
        // Everything before `copied` is in `text`; blocks are taken in step, so that each byte is looked at once.
        let mut copied = 0;
        let (blocks, tail) = bytes.as_chunks::<BLOCK>();
        for (index, block) in blocks.iter().enumerate() {
            let mut mask = block::backslash(block);
            while mask != 0 {
                let at = BLOCK * index + mask.trailing_zeros() as usize;
                mask &= mask - 1;
                // The second half of `\\` begins no escape.
                if at >= copied {
                    copied = self.decode_escape(copied, at, text);
                }
            }
        }
        let tail = bytes.len() - tail.len();
        while let Some(found) = bytes[copied.max(tail)..].iter().position(|&byte| byte == b'\\') {
            copied = self.decode_escape(copied, copied.max(tail) + found, text);
        }
        text.push_str(&self.raw[copied..]);
    }

    /// Appends the run from `copied` up to the escape at `at`, and what the escape stands for. Answers the offset
    /// behind it.
    #[inline]
    fn decode_escape(self, copied: usize, at: usize, text: &mut String) -> usize {
        text.push_str(&self.raw[copied..at]);
        let (character, length) = unescape(&self.raw.as_bytes()[at..]);
        text.push(character);
        at + length
    }
}

impl PartialEq<str> for JsonString<'_> {
    fn eq(&self, other: &str) -> bool {
        if self.escaped { self.decode() == other } else { self.raw == other }
    }
}

impl PartialEq<&str> for JsonString<'_> {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

/// The character that a checked escape stands for, and the bytes it takes: two, six, or twelve for a pair of
/// surrogates.
fn unescape(escape: &[u8]) -> (char, usize) {
    let character = match escape.get(1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'u') => return unescape_unicode(escape),
        Some(&other) => char::from(other),
        None => return (char::REPLACEMENT_CHARACTER, escape.len()),
    };
    (character, 2)
}

fn unescape_unicode(escape: &[u8]) -> (char, usize) {
    let Some(unit) = code_unit(escape) else {
        return (char::REPLACEMENT_CHARACTER, escape.len().min(2));
    };
    if let 0xd800..0xdc00 = unit
        && let Some(low @ 0xdc00..0xe000) = escape.get(6..).and_then(code_unit)
    {
        let scalar = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        return (char::from_u32(scalar).unwrap_or(char::REPLACEMENT_CHARACTER), 12);
    }
    (char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER), 6)
}

/// The number that `\uXXXX` at the head of `bytes` names.
fn code_unit(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |unit, &digit| Some(unit << 4 | char::from(digit).to_digit(16)?))
}

/// Reads the string whose first byte after the opening quote is at `start`. Answers it and the offset behind its
/// closing quote.
pub(super) fn scan(text: &str, start: usize) -> Result<(JsonString<'_>, usize), Error> {
    let (end, escaped) = find_end(text.as_bytes(), start)?;
    Ok((JsonString { raw: &text[start..end], escaped }, end + 1))
}

/// Offset of the closing quote of the string that begins at `start`, and whether there are escapes before it.
fn find_end(bytes: &[u8], start: usize) -> Result<(usize, bool), Error> {
    let mut escaped = false;
    let mut position = start;
    'blocks: loop {
        let mut mask = match bytes.get(position..).and_then(<[u8]>::first_chunk) {
            Some(block) => block::special(block),
            None => special_in_tail(bytes, position).ok_or(Error { offset: bytes.len(), what: ENDLESS })?,
        };
        while mask != 0 {
            let at = position + mask.trailing_zeros() as usize;
            match bytes[at] {
                b'"' => return Ok((at, escaped)),
                b'\\' => {
                    escaped = true;
                    let next = at + escape_length(bytes, at)?;
                    if next >= position + BLOCK {
                        position = next;
                        continue 'blocks;
                    }
                    mask &= u64::MAX << (next - position);
                }
                _ => return Err(Error { offset: at, what: CONTROL }),
            }
        }
        position += BLOCK;
    }
}

const CONTROL: &str = "a raw control character in a string";
const ENDLESS: &str = "a string without its closing quote";

/// The mask of the bytes from `position` to the end of the text, fewer than a block; `None` when there are none.
#[inline]
fn special_in_tail(bytes: &[u8], position: usize) -> Option<u64> {
    let tail = bytes.get(position..).filter(|tail| !tail.is_empty())?;
    if let Some(block) = bytes.last_chunk() {
        // The block that ends with the text begins before the tail: what is before it is shifted out.
        return Some(block::special(block) >> (BLOCK - tail.len()));
    }
    let mut block = [b' '; BLOCK];
    block[..tail.len()].copy_from_slice(tail);
    Some(block::special(&block))
}

/// Length of the escape that begins at `at`: two bytes, or six for `\uXXXX`.
#[inline]
fn escape_length(bytes: &[u8], at: usize) -> Result<usize, Error> {
    match bytes.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(2),
        _ => long_escape_length(bytes, at),
    }
}

/// As [`escape_length`] for what is not an escape of two bytes.
fn long_escape_length(bytes: &[u8], at: usize) -> Result<usize, Error> {
    match bytes.get(at + 1) {
        Some(b'u') => match bytes[at + 2..].iter().take(4).position(|digit| !digit.is_ascii_hexdigit()) {
            Some(index) => {
                Err(Error { offset: at + 2 + index, what: "an escape without four hexadecimal digits" })
            }
            None if bytes.len() < at + 6 => Err(Error { offset: bytes.len(), what: ENDLESS }),
            None => Ok(6),
        },
        Some(_) => Err(Error { offset: at + 1, what: "an unknown escape in a string" }),
        None => Err(Error { offset: bytes.len(), what: ENDLESS }),
    }
}
