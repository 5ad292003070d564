//! The value of a field, as predicates look at it.

use memchr::memchr2;
use std::borrow::Cow;

/// A value of a line.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'t> {
    /// A string, decoded.
    Text(&'t str),
    /// A number as it is written.
    Number(&'t str),
    Boolean(bool),
    Null,
    /// An object or array as it is written.
    Container(&'t str),
}

impl<'t> Value<'t> {
    /// The JSON text of a value that is no string, without insignificant blanks; the characters of a string.
    pub(super) fn text(self) -> Cow<'t, str> {
        match self {
            Self::Text(text) | Self::Number(text) => text.into(),
            Self::Boolean(true) => "true".into(),
            Self::Boolean(false) => "false".into(),
            Self::Null => "null".into(),
            Self::Container(text) => without_blanks(text),
        }
    }
}

/// JSON text without the blanks between its parts: borrowed when there are none.
fn without_blanks(json: &str) -> Cow<'_, str> {
    let mut compact = String::new();
    // Everything before `copied` is in `compact`, or left out.
    let mut copied = 0;
    let mut position = 0;
    let bytes = json.as_bytes();
    while let Some(byte) = bytes.get(position) {
        match byte {
            b'"' => position = behind_string(bytes, position),
            b' ' | b'\t' | b'\r' | b'\n' => {
                compact.push_str(&json[copied..position]);
                position += 1;
                copied = position;
            }
            _ => position += 1,
        }
    }
    if copied == 0 {
        return json.into();
    }
    compact.push_str(&json[copied..]);
    compact.into()
}

/// The offset behind the string whose opening quote is at `start`. The string is whole: the text was checked.
fn behind_string(bytes: &[u8], start: usize) -> usize {
    let mut position = start + 1;
    while let Some(found) = memchr2(b'"', b'\\', bytes.get(position..).unwrap_or_default()) {
        position += found + 1;
        if bytes[position - 1] == b'"' {
            return position;
        }
        position += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_blanks_between_parts_are_left_out() {
        let compact = r#"{"a b":[1," \" \\",{}],"c":"\t"}"#;
        assert!(matches!(without_blanks(compact), Cow::Borrowed(_)));
        assert_eq!(without_blanks("{ \"a b\" :\t[1 ,\" \\\" \\\\\" , { } ] ,\r\"c\":\"\\t\" }"), compact);
        assert_eq!(without_blanks("[ ]"), "[]");
    }
}
