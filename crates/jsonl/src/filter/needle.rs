//! Byte sequences of which a matching line must hold one, and what must stand around them.

use super::{predicate::Predicate, value::Value};
use memchr::{memchr2, memmem::Finder};
use std::sync::Arc;

/// Bytes of a string that are looked at before its line is taken as a candidate unseen.
const LONGEST_LOOK: usize = 1024;

/// Bytes to look for.
#[derive(Clone, Debug)]
pub(super) struct Needle {
    pub(super) finder: Finder<'static>,
    pub(super) check: Check,
}

/// What makes an occurrence of a needle worth reading its line. A check that is in doubt passes.
#[derive(Clone, Debug)]
pub(super) enum Check {
    /// Nothing more.
    Occurs,
    /// It is a value, or the head of one, behind this key (given in its quotes).
    StandsBehind(Box<[u8]>),
    /// It is a key, and its value has what one of these asks.
    ValueHolds(Vec<Arc<Predicate>>),
    /// It is a key, and its value is an object or array.
    ValueOpens,
    /// It is the head of an escape that means one of these.
    Means(CodeUnits),
}

impl Needle {
    pub(super) fn new(bytes: &[u8], check: Check) -> Self {
        Self { finder: Finder::new(bytes).into_owned(), check }
    }

    /// The first occurrence at or behind `from` that passes the check.
    pub(super) fn find(&self, lines: &[u8], mut from: usize) -> Option<usize> {
        let length = self.finder.needle().len();
        loop {
            let at = from + self.finder.find(lines.get(from..)?)?;
            if self.check.passes(lines, at, at + length) {
                return Some(at);
            }
            // The closing quote of one occurrence may be the opening quote of the next.
            from = at + (length - 1).max(1);
        }
    }
}

impl Check {
    /// Whether an occurrence from `start` to `end` passes.
    fn passes(&self, lines: &[u8], start: usize, end: usize) -> bool {
        match self {
            Self::Occurs => true,
            Self::StandsBehind(key) => stands_behind(&lines[..start], key),
            Self::ValueHolds(predicates) => {
                value_of_key(&lines[end..]).is_some_and(|value| may_hold(predicates, value))
            }
            Self::ValueOpens => {
                matches!(value_of_key(&lines[end..]), Some([b'{' | b'[', ..]))
            }
            Self::Means(units) => {
                code_unit(lines.get(start + 2..start + 6)).is_some_and(|unit| units.have(unit))
            }
        }
    }
}

/// Blanks that can stand inside a line.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}

fn without_head_blanks(bytes: &[u8]) -> &[u8] {
    &bytes[bytes.iter().take_while(|&&byte| is_blank(byte)).count()..]
}

fn without_end_blanks(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len() - bytes.iter().rev().take_while(|&&byte| is_blank(byte)).count()]
}

/// What begins behind the colon, when one follows.
fn value_of_key(behind: &[u8]) -> Option<&[u8]> {
    without_head_blanks(behind).strip_prefix(b":").map(without_head_blanks)
}

fn stands_behind(before: &[u8], key: &[u8]) -> bool {
    without_end_blanks(before)
        .strip_suffix(b":")
        .is_some_and(|before| without_end_blanks(before).ends_with(key))
}

/// Whether a predicate may hold for the value at the head of `bytes`. Broken JSON may be denied: it matches nothing.
fn may_hold(predicates: &[Arc<Predicate>], bytes: &[u8]) -> bool {
    let any_holds = |value| predicates.iter().any(|predicate| predicate.holds(value));
    match bytes {
        [b'"', rest @ ..] => match plain_string(rest) {
            Some(text) => any_holds(Value::Text(text)),
            None => true,
        },
        [b'-' | b'0'..=b'9', ..] => number(bytes).is_some_and(|text| any_holds(Value::Number(text))),
        [b't', ..] => any_holds(Value::Boolean(true)),
        [b'f', ..] => any_holds(Value::Boolean(false)),
        [b'n', ..] => any_holds(Value::Null),
        [b'{' | b'[', ..] => predicates.iter().any(|predicate| predicate.may_hold_for_containers()),
        _ => false,
    }
}

/// The string up to the next quote; `None` when it is not short, has an escape or is not UTF-8.
fn plain_string(bytes: &[u8]) -> Option<&str> {
    let near = &bytes[..bytes.len().min(LONGEST_LOOK)];
    let end = memchr2(b'"', b'\\', near).filter(|&end| near[end] == b'"')?;
    simdutf8::basic::from_utf8(&near[..end]).ok()
}

/// The number at the head of `bytes`, or something that begins like one.
fn number(bytes: &[u8]) -> Option<&str> {
    let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    let length = bytes.iter().position(|byte| !is_part(byte)).unwrap_or(bytes.len());
    std::str::from_utf8(&bytes[..length]).ok()
}

/// The number that four hexadecimal digits name.
fn code_unit(digits: Option<&[u8]>) -> Option<u16> {
    digits?.iter().try_fold(0, |unit, &digit| Some(unit << 4 | char::from(digit).to_digit(16)? as u16))
}

/// UTF-16 code units: what the escapes `\uXXXX` name, one or two for a character.
#[derive(Clone, Debug, Default)]
pub(super) struct CodeUnits {
    ascii: u128,
    /// Sorted by [`escapes_of`].
    others: Vec<u16>,
}

impl CodeUnits {
    fn have(&self, unit: u16) -> bool {
        match unit {
            0..128 => self.ascii >> unit & 1 == 1,
            _ => self.others.binary_search(&unit).is_ok(),
        }
    }
}

/// Needles for the escapes by which JSON may write `characters`.
pub(super) fn escapes_of(characters: &str) -> Vec<Needle> {
    let mut units = CodeUnits::default();
    for unit in characters.encode_utf16() {
        match unit {
            0..128 => units.ascii |= 1 << unit,
            _ => units.others.push(unit),
        }
    }
    units.others.sort_unstable();
    units.others.dedup();
    // Escapes of ASCII characters share two more digits, which makes them rarer.
    let head: &[u8] = if units.others.is_empty() { b"\\u00" } else { b"\\u" };
    let mut needles = vec![Needle::new(head, Check::Means(units))];
    if characters.contains('/') {
        needles.push(Needle::new(b"\\/", Check::Occurs));
    }
    needles
}
