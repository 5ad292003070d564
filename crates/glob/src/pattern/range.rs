//! Ranges between braces: `{1..10}`, `{01..10}`, `{10..1..3}`, `{a..e}`.

use super::{
    node::{Node, literal},
    reader::Reader,
};
use han_base::Result;

/// Values of one range at most.
const MAX_VALUES: u64 = 10_000;

/// Digits of a number at most, far from where numbers overflow.
const MAX_DIGITS: usize = 15;

/// The range whose `{` has been read at `opened`, and how many characters it still has; `None` when it is none.
pub(super) fn parse(reader: &Reader<'_>, opened: usize) -> Result<Option<(Node, usize)>> {
    let longest = 3 * (MAX_DIGITS + 1) + 4;
    let inside: String =
        (0..=longest).map_while(|index| reader.peek_by(index)).take_while(|&letter| letter != '}').collect();
    let length = inside.chars().count();
    if reader.peek_by(length) != Some('}') {
        return Ok(None);
    }
    let parts: Vec<&str> = inside.split("..").collect();
    let (first, last, step) = match parts[..] {
        [first, last] => (first, last, "1"),
        [first, last, step] => (first, last, step),
        _ => return Ok(None),
    };
    let Some(step) = number(step) else { return Ok(None) };
    let step = step.unsigned_abs().max(1);
    let values = match (number(first), number(last)) {
        (Some(from), Some(to)) => {
            if from.abs_diff(to) / step >= MAX_VALUES {
                return Err(reader.wrong(opened, &format!("the range has more than {MAX_VALUES} values")));
            }
            let width = if is_padded(first) || is_padded(last) { first.len().max(last.len()) } else { 0 };
            steps(from, to, step).map(|value| format!("{value:0width$}")).collect::<Vec<_>>()
        }
        _ => match (letter(first), letter(last)) {
            (Some(from), Some(to)) => {
                let letters = steps(i64::from(from), i64::from(to), step);
                letters
                    .filter_map(|value| u8::try_from(value).ok())
                    .map(|value| char::from(value).into())
                    .collect()
            }
            _ => return Ok(None),
        },
    };
    let choices = values.iter().map(|value| literal(value).collect()).collect();
    Ok(Some((Node::Either(choices), length + 1)))
}

fn steps(from: i64, to: i64, step: u64) -> impl Iterator<Item = i64> {
    let count = from.abs_diff(to) / step;
    let step = if from <= to { step as i64 } else { -(step as i64) };
    (0..=count as i64).map(move |index| from + index * step)
}

fn number(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number =
        (1..=MAX_DIGITS).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

fn letter(text: &str) -> Option<u8> {
    match text.as_bytes() {
        [letter] if letter.is_ascii_alphabetic() => Some(*letter),
        _ => None,
    }
}

/// `01` asks for as many digits as it has.
fn is_padded(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.len() > 1 && digits.starts_with('0')
}
