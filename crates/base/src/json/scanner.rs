//! The pull scanner.

use super::Error;
use super::string::{self, JsonString};
use std::borrow::Cow;

/// Deepest nesting of objects and arrays that is read. A deeper text is an [`Error`].
pub const MAX_DEPTH: usize = 512;

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `{…}`
    Object,
    /// `[…]`
    Array,
    /// `"…"`
    String,
    /// `-12.5e3`
    Number,
    /// `true` or `false`
    Boolean,
    /// `null`
    Null,
}

/// A position in a JSON text that moves from value to value; see the [module](super) for how it is used.
///
/// After [`Scanner::enter_object`] answered `true`, [`Scanner::next_key`] must be called until it answers `None`, and
/// exactly one value be read or skipped after each key; arrays likewise with [`Scanner::next_item`]. A caller who
/// forgets a value gets an [`Error`], never a wrong answer. After an error the scanner is of no more use.
#[derive(Clone, Debug)]
pub struct Scanner<'a> {
    text: &'a str,
    position: usize,
    depth: usize,
    /// Whether a container was just entered, so that no comma stands before the next key or item.
    fresh: bool,
}

impl<'a> Scanner<'a> {
    /// A scanner at the head of `text`.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self { text, position: 0, depth: 0, fresh: false }
    }

    /// Byte offset of what is read next.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The type of the value that follows, which is not read. It is told by its first byte.
    pub fn kind(&mut self) -> Result<Kind, Error> {
        match self.peek() {
            Some(b'"') => Ok(Kind::String),
            Some(b'{') => Ok(Kind::Object),
            Some(b'[') => Ok(Kind::Array),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            Some(b't' | b'f') => Ok(Kind::Boolean),
            Some(b'n') => Ok(Kind::Null),
            _ => Err(self.error(VALUE)),
        }
    }

    /// Enters the object that follows and answers `true`; skips any other value and answers `false`.
    pub fn enter_object(&mut self) -> Result<bool, Error> {
        self.enter(b'{')
    }

    /// Enters the array that follows and answers `true`; skips any other value and answers `false`.
    pub fn enter_array(&mut self) -> Result<bool, Error> {
        self.enter(b'[')
    }

    #[inline]
    fn enter(&mut self, opening: u8) -> Result<bool, Error> {
        if self.peek() != Some(opening) {
            self.skip()?;
            return Ok(false);
        }
        if self.depth == MAX_DEPTH {
            return Err(self.error(DEPTH));
        }
        self.depth += 1;
        self.position += 1;
        self.fresh = true;
        Ok(true)
    }

    /// The next key of the object that was entered last, decoded; `None` at its end, which is then left.
    #[inline]
    pub fn next_key(&mut self) -> Result<Option<Cow<'a, str>>, Error> {
        if !self.advance(b'}', "a comma or the end of an object")? {
            return Ok(None);
        }
        if self.peek() != Some(b'"') {
            return Err(self.error(KEY));
        }
        let (key, after) = string::scan(self.text, self.position + 1)?;
        self.position = after;
        if self.peek() != Some(b':') {
            return Err(self.error(COLON));
        }
        self.position += 1;
        Ok(Some(key.decode()))
    }

    /// Whether the array that was entered last has another item, which is then read next; at its end it is left.
    #[inline]
    pub fn next_item(&mut self) -> Result<bool, Error> {
        self.advance(b']', "a comma or the end of an array")
    }

    /// Moves behind the comma before the next member, or behind the closing bracket and answers `false`.
    #[inline]
    fn advance(&mut self, closing: u8, expected: &'static str) -> Result<bool, Error> {
        let fresh = std::mem::take(&mut self.fresh);
        match self.peek() {
            Some(byte) if byte == closing => {
                self.position += 1;
                self.depth = self.depth.saturating_sub(1);
                Ok(false)
            }
            _ if fresh => Ok(true),
            Some(b',') => {
                self.position += 1;
                if self.peek() == Some(closing) {
                    return Err(self.error(VALUE));
                }
                Ok(true)
            }
            _ => Err(self.error(expected)),
        }
    }

    /// The string that follows; any other value is skipped and gives `None`.
    #[inline]
    pub fn string(&mut self) -> Result<Option<JsonString<'a>>, Error> {
        if self.peek() != Some(b'"') {
            self.skip()?;
            return Ok(None);
        }
        let (string, after) = string::scan(self.text, self.position + 1)?;
        self.position = after;
        Ok(Some(string))
    }

    /// As [`Scanner::string`], decoded: borrowed from the text when there are no escapes.
    #[inline]
    pub fn text_value(&mut self) -> Result<Option<Cow<'a, str>>, Error> {
        Ok(self.string()?.map(JsonString::decode))
    }

    /// The `true` or `false` that follows; any other value is skipped and gives `None`.
    pub fn boolean(&mut self) -> Result<Option<bool>, Error> {
        Ok(match self.skip_value()? {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        })
    }

    /// The whole number that follows, also when it is written as a string (`"12"`) or with an empty fraction
    /// (`12.0`). Everything else is skipped and gives `None`, numbers beyond `i64` too.
    pub fn integer(&mut self) -> Result<Option<i64>, Error> {
        Ok(self.numeric()?.and_then(|digits| {
            digits.parse().ok().or_else(|| {
                // Beyond 2^53 a float no longer tells whole numbers apart.
                let float: f64 = digits.parse().ok()?;
                (float.fract() == 0.0 && float.abs() <= 9_007_199_254_740_992.0).then_some(float as i64)
            })
        }))
    }

    /// As [`Scanner::integer`] for counts: negative numbers give `None`, numbers up to `u64::MAX` are read.
    pub fn unsigned(&mut self) -> Result<Option<u64>, Error> {
        Ok(self.numeric()?.and_then(|digits| {
            digits.parse().ok().or_else(|| {
                let float: f64 = digits.parse().ok()?;
                (float.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&float))
                    .then_some(float as u64)
            })
        }))
    }

    /// The number that follows, also when it is written as a string; everything else is skipped and gives `None`,
    /// numbers too large for `f64` too.
    pub fn float(&mut self) -> Result<Option<f64>, Error> {
        Ok(self.numeric()?.and_then(|digits| digits.parse().ok()).filter(|float: &f64| float.is_finite()))
    }

    /// The text of the number that follows, or of the string that is a number by the grammar.
    fn numeric(&mut self) -> Result<Option<&'a str>, Error> {
        let value = self.skip_value()?;
        let digits = value.strip_prefix('"').map_or(value, |inner| inner.strip_suffix('"').unwrap_or(inner));
        Ok((scan_number(digits.as_bytes(), 0) == Ok(digits.len())).then_some(digits))
    }

    /// Skips the value that follows, whatever it is, and answers it as it stands in the text. It is checked in full.
    #[inline]
    pub fn skip_value(&mut self) -> Result<&'a str, Error> {
        self.peek();
        let start = self.position;
        self.skip()?;
        Ok(&self.text[start..self.position])
    }

    /// As [`Scanner::skip_value`] for callers who do not need the value.
    #[inline]
    pub fn skip(&mut self) -> Result<(), Error> {
        self.position = walk(self.text, self.position, self.depth, &mut ())?;
        Ok(())
    }

    /// Checks that only blanks follow.
    pub fn finish(&mut self) -> Result<(), Error> {
        match self.peek() {
            None if self.depth == 0 => Ok(()),
            None => Err(self.error("the end of the text inside a value")),
            Some(_) => Err(self.error("more text after the value")),
        }
    }

    /// Moves over blanks to the next byte that matters.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        self.position = skip_blanks(bytes, self.position);
        bytes.get(self.position).copied()
    }

    fn error(&self, what: &'static str) -> Error {
        Error { offset: self.position, what }
    }
}

/// Visits every string value in a JSON value, in the order of the text: those of arrays and of object members at
/// any depth, but not the keys.
///
/// ```
/// let mut found = Vec::new();
/// han_base::json::for_each_string(r#"{"path":"a.rs","edits":[{"new":"x"}],"n":1}"#, |text| found.push(text.decode()))?;
/// assert_eq!(found, ["a.rs", "x"]);
/// # Ok::<(), han_base::json::Error>(())
/// ```
pub fn for_each_string<'a>(value: &'a str, visit: impl FnMut(JsonString<'a>)) -> Result<(), Error> {
    let mut scanner = Scanner::new(value);
    scanner.position = walk(value, 0, 0, &mut Strings(visit))?;
    scanner.finish()
}

const VALUE: &str = "no value where one must stand";
const KEY: &str = "no key where one must stand";
const COLON: &str = "no colon after a key";
const DEPTH: &str = "objects and arrays nested too deep";

/// Who is told of the string values that [`walk`] passes.
trait Visitor<'a> {
    fn string(&mut self, string: JsonString<'a>);
}

impl<'a> Visitor<'a> for () {
    #[inline]
    fn string(&mut self, _: JsonString<'a>) {}
}

struct Strings<F>(F);

impl<'a, F: FnMut(JsonString<'a>)> Visitor<'a> for Strings<F> {
    #[inline]
    fn string(&mut self, string: JsonString<'a>) {
        (self.0)(string);
    }
}

/// Checks the value at `position`, which stands `depth` containers deep, and answers the offset behind it. The
/// open containers are kept as bits (set for an object), so nothing recurses or allocates.
fn walk<'a>(
    text: &'a str,
    mut position: usize,
    depth: usize,
    visitor: &mut impl Visitor<'a>,
) -> Result<usize, Error> {
    let bytes = text.as_bytes();
    let mut objects = [0_u64; MAX_DEPTH / 64];
    let mut level = depth;
    let mut in_object = false;
    loop {
        // A value begins here.
        position = skip_blanks(bytes, position);
        match bytes.get(position) {
            Some(b'"') => {
                let (string, after) = string::scan(text, position + 1)?;
                visitor.string(string);
                position = after;
            }
            Some(&opening @ (b'{' | b'[')) => {
                if level == MAX_DEPTH {
                    return Err(Error { offset: position, what: DEPTH });
                }
                if in_object {
                    objects[level / 64] |= 1 << (level % 64);
                } else {
                    objects[level / 64] &= !(1 << (level % 64));
                }
                level += 1;
                in_object = opening == b'{';
                position = skip_blanks(bytes, position + 1);
                if bytes.get(position) != Some(&(opening + 2)) {
                    if in_object {
                        position = walk_key(text, position)?;
                    }
                    continue;
                }
                // An empty container ends at once, below.
            }
            Some(b'-' | b'0'..=b'9') => position = scan_number(bytes, position)?,
            Some(b't') => position = scan_literal(bytes, position, b"true")?,
            Some(b'f') => position = scan_literal(bytes, position, b"false")?,
            Some(b'n') => position = scan_literal(bytes, position, b"null")?,
            _ => return Err(Error { offset: position, what: VALUE }),
        }
        // A value ended here; what surrounds it may end too.
        loop {
            if level == depth {
                return Ok(position);
            }
            position = skip_blanks(bytes, position);
            match bytes.get(position) {
                Some(b',') => {
                    position += 1;
                    if in_object {
                        position = walk_key(text, skip_blanks(bytes, position))?;
                    }
                    break;
                }
                Some(b'}') if in_object => {}
                Some(b']') if !in_object => {}
                _ => {
                    return Err(Error { offset: position, what: "a comma or the end of an object or array" });
                }
            }
            position += 1;
            level -= 1;
            in_object = objects[level / 64] >> (level % 64) & 1 == 1;
        }
    }
}

/// Checks the key and colon at `position` and answers the offset behind them.
#[inline]
fn walk_key(text: &str, position: usize) -> Result<usize, Error> {
    let bytes = text.as_bytes();
    if bytes.get(position) != Some(&b'"') {
        return Err(Error { offset: position, what: KEY });
    }
    let (_, after) = string::scan(text, position + 1)?;
    let colon = skip_blanks(bytes, after);
    if bytes.get(colon) == Some(&b':') { Ok(colon + 1) } else { Err(Error { offset: colon, what: COLON }) }
}

#[inline]
fn skip_blanks(bytes: &[u8], mut position: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(position) {
        position += 1;
    }
    position
}

fn scan_literal(bytes: &[u8], position: usize, literal: &'static [u8]) -> Result<usize, Error> {
    if bytes[position..].starts_with(literal) {
        return Ok(position + literal.len());
    }
    Err(Error { offset: position, what: "a word that is not true, false or null" })
}

/// Checks the number at `position` and answers the offset behind it. What may follow is the caller's matter.
fn scan_number(bytes: &[u8], mut position: usize) -> Result<usize, Error> {
    let digits = |mut position: usize| {
        let start = position;
        while bytes.get(position).is_some_and(u8::is_ascii_digit) {
            position += 1;
        }
        if position == start {
            Err(Error { offset: position, what: "a number without a digit" })
        } else {
            Ok(position)
        }
    };
    if bytes.get(position) == Some(&b'-') {
        position += 1;
    }
    position = if bytes.get(position) == Some(&b'0') { position + 1 } else { digits(position)? };
    if bytes.get(position) == Some(&b'.') {
        position = digits(position + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(position) {
        position += 1;
        if let Some(b'+' | b'-') = bytes.get(position) {
            position += 1;
        }
        position = digits(position)?;
    }
    Ok(position)
}
