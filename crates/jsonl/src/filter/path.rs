//! Field paths: `message.content[0].type`. The grammar stands in the [module](super) above.

use std::fmt;

/// Steps that a path may have.
pub(super) const MAX_SEGMENTS: usize = 64;

/// One step of a path, from a value to one inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// The value of a key of an object.
    Key(Box<str>),
    /// `[0]`: an item of an array, counted from 0.
    Index(u32),
    /// `.0`: an item of an array, or the value of the key `0` of an object.
    KeyOrIndex(Box<str>, u32),
}

impl Segment {
    /// The key it means on an object.
    pub(super) fn key(&self) -> Option<&str> {
        match self {
            Self::Key(key) | Self::KeyOrIndex(key, _) => Some(key),
            Self::Index(_) => None,
        }
    }

    /// The item it means on an array.
    pub(super) fn index(&self) -> Option<u32> {
        match self {
            Self::Index(index) | Self::KeyOrIndex(_, index) => Some(*index),
            Self::Key(_) => None,
        }
    }
}

/// Why a text is no path, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PathError {
    what: &'static str,
    /// Characters before the place.
    before: usize,
}

impl fmt::Display for PathError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at character {}", self.what, self.before + 1)
    }
}

/// Reads a path.
pub(super) fn parse_path(text: &str) -> Result<Vec<Segment>, PathError> {
    let mut reader = Reader { rest: text, before: 0 };
    let mut segments = vec![if text.starts_with('[') { reader.index()? } else { reader.key()? }];
    while let Some(next) = reader.peek() {
        if segments.len() == MAX_SEGMENTS {
            return Err(reader.error("more than 64 segments"));
        }
        segments.push(match next {
            '[' => reader.index()?,
            '.' => {
                reader.next();
                reader.key()?
            }
            _ => return Err(reader.error("neither a dot nor a bracket behind a bracket")),
        });
    }
    Ok(segments)
}

struct Reader<'t> {
    rest: &'t str,
    before: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.rest = &self.rest[character.len_utf8()..];
        self.before += 1;
        Some(character)
    }

    fn error(&self, what: &'static str) -> PathError {
        PathError { what, before: self.before }
    }

    /// A segment up to the next dot or opening bracket.
    fn key(&mut self) -> Result<Segment, PathError> {
        let mut key = String::new();
        while let Some(character) = self.peek().filter(|&character| character != '.' && character != '[') {
            match character {
                '\\' => key.push(self.escaped()?),
                ']' => return Err(self.error("a closing bracket without an opening one")),
                _ => {
                    self.next();
                    key.push(character);
                }
            }
        }
        if key.is_empty() {
            return Err(self.error("an empty segment"));
        }
        let index = parse_index(&key);
        let key = key.into_boxed_str();
        Ok(match index {
            Some(index) => Segment::KeyOrIndex(key, index),
            None => Segment::Key(key),
        })
    }

    fn escaped(&mut self) -> Result<char, PathError> {
        let backslash = self.error("a backslash that is not before one of . [ ] \\");
        self.next();
        self.next().filter(|character| matches!(character, '.' | '[' | ']' | '\\')).ok_or(backslash)
    }

    /// `[n]`.
    fn index(&mut self) -> Result<Segment, PathError> {
        let Some(length) = self.rest.find(']') else {
            return Err(self.error("a bracket that is not closed"));
        };
        let inside = &self.rest[1..length];
        let Some(index) = parse_index(inside) else {
            return Err(self.error("no whole number up to 4294967295 in brackets"));
        };
        self.before += inside.chars().count() + 2;
        self.rest = &self.rest[length + 1..];
        Ok(Segment::Index(index))
    }
}

/// A whole number as it is written without sign and leading zeros.
fn parse_index(text: &str) -> Option<u32> {
    let is_canonical =
        text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    is_canonical.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Segment {
        Segment::Key(text.into())
    }

    #[test]
    fn paths_are_read_by_the_documented_rules() {
        for (text, segments) in [
            ("type", vec![key("type")]),
            ("message.content[0].type", vec![key("message"), key("content"), Segment::Index(0), key("type")]),
            ("content.12", vec![key("content"), Segment::KeyOrIndex("12".into(), 12)]),
            ("[3][0]", vec![Segment::Index(3), Segment::Index(0)]),
            (r"a\.b\[0\]\\.c", vec![key(r"a.b[0]\"), key("c")]),
            ("007.-1.4294967296. ", vec![key("007"), key("-1"), key("4294967296"), key(" ")]),
            ("größe.名", vec![key("größe"), key("名")]),
        ] {
            assert_eq!(parse_path(text).unwrap(), segments, "{text}");
        }
    }

    #[test]
    fn errors_name_the_character() {
        for (text, message) in [
            ("", "an empty segment at character 1"),
            (".a", "an empty segment at character 1"),
            ("ä..b", "an empty segment at character 3"),
            ("a.", "an empty segment at character 3"),
            ("a.[0]", "an empty segment at character 3"),
            (r"ab\c", r"a backslash that is not before one of . [ ] \ at character 3"),
            (r"ab\", r"a backslash that is not before one of . [ ] \ at character 3"),
            ("a[0", "a bracket that is not closed at character 2"),
            ("a[", "a bracket that is not closed at character 2"),
            ("a]", "a closing bracket without an opening one at character 2"),
            ("a[]", "no whole number up to 4294967295 in brackets at character 2"),
            ("a[x]", "no whole number up to 4294967295 in brackets at character 2"),
            ("a[01]", "no whole number up to 4294967295 in brackets at character 2"),
            ("a[4294967296]", "no whole number up to 4294967295 in brackets at character 2"),
            ("a[é][0]b", "no whole number up to 4294967295 in brackets at character 2"),
            ("[0]b", "neither a dot nor a bracket behind a bracket at character 4"),
        ] {
            assert_eq!(parse_path(text).unwrap_err().to_string(), message, "{text}");
        }
        let longest = vec!["a"; MAX_SEGMENTS].join(".");
        assert_eq!(parse_path(&longest).unwrap().len(), MAX_SEGMENTS);
        assert_eq!(parse_path(&format!("{longest}[0]")).unwrap_err().what, "more than 64 segments");
    }
}
