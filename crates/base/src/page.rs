//! Keyset pages: an opaque cursor that stays right while rows are added.

use crate::{Code, Error, Result};

/// One page of a list that can grow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows of this page, in the order of the list.
    pub items: Vec<T>,
    /// Where the next page begins; `None` at the end.
    pub next_cursor: Option<String>,
}

impl<T> Default for Page<T> {
    /// The page of an empty list.
    fn default() -> Self {
        Self { items: Vec::new(), next_cursor: None }
    }
}

impl<T> Page<T> {
    /// Whether another page follows.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.next_cursor.is_some()
    }

    /// Makes a page from up to `limit + 1` rows: the extra row only tells that there are more.
    pub fn from_rows(mut rows: Vec<T>, limit: usize, cursor_of: impl Fn(&T) -> Cursor) -> Self {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = if more { rows.last().map(|row| cursor_of(row).encode()) } else { None };
        Self { items: rows, next_cursor }
    }

    /// As [`Page::from_rows`], of rows with the text of their cursor.
    #[must_use]
    pub fn from_keyed(mut rows: Vec<(T, String)>, limit: usize) -> Self {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| more).map(|row| row.1.clone());
        Self { items: rows.into_iter().map(|row| row.0).collect(), next_cursor }
    }
}

/// Largest page a caller may ask for.
pub const MAX_LIMIT: u32 = 1000;

/// Checks a page size: 1 to [`MAX_LIMIT`], `default` when not given.
pub fn limit(asked: Option<u32>, default: u32) -> Result<usize> {
    match asked.unwrap_or(default) {
        limit @ 1..=MAX_LIMIT => Ok(limit as usize),
        limit => {
            Err(Error::new(Code::InvalidArgument, format!("take limit = {limit}: it is 1 to {MAX_LIMIT}")))
        }
    }
}

/// The sort key of the last row of a page: two whole numbers (a value and a row that breaks ties), and the kind of
/// list it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// One letter per kind of list, so that a cursor is never taken by another list.
    pub kind: char,
    /// The sort value.
    pub value: i64,
    /// The row that breaks ties.
    pub row: i64,
}

impl Cursor {
    /// The URL-safe text of this cursor.
    #[must_use]
    pub fn encode(self) -> String {
        format!("{}{:x}.{:x}", self.kind, self.value as u64, self.row as u64)
    }

    /// Reads a cursor that [`Cursor::encode`] of the same `kind` made.
    pub fn decode(kind: char, text: &str) -> Result<Self> {
        let parse = || {
            let (value, row) = text.strip_prefix(kind)?.split_once('.')?;
            Some(Self {
                kind,
                value: u64::from_str_radix(value, 16).ok()? as i64,
                row: u64::from_str_radix(row, 16).ok()? as i64,
            })
        };
        parse().ok_or_else(|| Error::new(Code::InvalidCursor, format!("read cursor {text:?}")))
    }
}

/// As [`Cursor`], of a list that is sorted by a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextCursor {
    /// One letter per kind of list.
    pub kind: char,
    /// The sort text.
    pub text: String,
    /// The row that breaks ties.
    pub row: i64,
}

impl TextCursor {
    /// The URL-safe text of this cursor.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut encoded = format!("{}{:x}.", self.kind, self.row as u64);
        for byte in self.text.bytes() {
            for digit in [byte >> 4, byte & 15] {
                encoded.push(char::from_digit(u32::from(digit), 16).unwrap_or_default());
            }
        }
        encoded
    }

    /// Reads a cursor that [`TextCursor::encode`] of the same `kind` made.
    pub fn decode(kind: char, text: &str) -> Result<Self> {
        let parse = || {
            let (row, digits) = text.strip_prefix(kind)?.split_once('.')?;
            if digits.len() % 2 == 1 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            let bytes: Option<Vec<u8>> = digits
                .as_bytes()
                .chunks(2)
                .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
                .collect();
            let row = u64::from_str_radix(row, 16).ok()? as i64;
            Some(Self { kind, text: String::from_utf8(bytes?).ok()?, row })
        };
        parse().ok_or_else(|| Error::new(Code::InvalidCursor, format!("read cursor {text:?}")))
    }

    /// The place behind which a page begins: that of a cursor, or the beginning of the list without one.
    pub fn after(kind: char, cursor: Option<&str>) -> Result<Self> {
        match cursor {
            Some(text) => Self::decode(kind, text),
            // No row has a negative number.
            None => Ok(Self { kind, text: String::new(), row: -1 }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text_form_and_no_other_list() {
        let cursor = Cursor { kind: 's', value: -5, row: i64::MAX };
        let text = cursor.encode();
        assert_eq!(Cursor::decode('s', &text).unwrap(), cursor);
        assert_eq!(Cursor::decode('m', &text).unwrap_err().code(), Code::InvalidCursor);
        assert_eq!(Cursor::decode('s', "s%%").unwrap_err().code(), Code::InvalidCursor);
    }

    #[test]
    fn a_cursor_of_a_text_survives_whatever_the_text_is() {
        for text in ["", "a", "ä \u{0} 漢字 ../%2f"] {
            let cursor = TextCursor { kind: 'r', text: text.into(), row: 7 };
            let encoded = cursor.encode();
            assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.'), "{encoded}");
            assert_eq!(TextCursor::decode('r', &encoded).unwrap(), cursor);
            assert_eq!(TextCursor::after('r', Some(&encoded)).unwrap(), cursor);
            assert_eq!(TextCursor::decode('p', &encoded).unwrap_err().code(), Code::InvalidCursor);
        }
        for damaged in ["", "r", "r7", "r.", "r7.a", "r7.zz", "r7.ff", "r-1.61", "r7.ä"] {
            assert_eq!(
                TextCursor::decode('r', damaged).unwrap_err().code(),
                Code::InvalidCursor,
                "{damaged}"
            );
        }
        let beginning = TextCursor::after('r', None).unwrap();
        assert_eq!((beginning.text.as_str(), beginning.row), ("", -1));
    }

    #[test]
    fn the_extra_row_only_tells_that_there_are_more() {
        let page = Page::from_rows(vec![1, 2, 3], 2, |&row| Cursor { kind: 't', value: row, row });
        assert_eq!((page.items.as_slice(), page.has_more()), ([1, 2].as_slice(), true));
        let last = Page::from_rows(vec![3], 2, |&row| Cursor { kind: 't', value: row, row });
        assert!(!last.has_more());
    }
}
