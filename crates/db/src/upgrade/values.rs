//! One value of an old row as the one that a column of ours takes.
//!
//! SQLite keeps values of any type in any column. Texts are made of numbers and bytes (invalid UTF-8 replaced); numbers
//! are read from texts, those that are no numbers are the default; numbers that only damage can explain are limited, so
//! that sums of them stay numbers.

use han_base::{Timestamp, time::parse_nanoseconds};
use rusqlite::types::ValueRef;

/// The largest count that is taken as it is.
const MOST: i64 = 1_000_000_000_000;

/// The largest score that is taken as it is.
const HIGHEST: f64 = 1_000_000.0;

/// Integers from here on are milliseconds, those below are seconds: 1973 as milliseconds, the year 5138 as seconds.
const LEAST_MILLIS: i64 = 100_000_000_000;

/// The first and the last second that have a form in RFC 3339, whatever the zone: of the years 0 and 9999.
const FIRST_MS: i64 = -62_167_219_200_000;
const LAST_MS: i64 = 253_402_207_200_000;

/// A text; `None` for NULL.
pub(super) fn text(value: ValueRef<'_>) -> Option<String> {
    Some(match value {
        ValueRef::Null => return None,
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    })
}

/// A whole number; `None` for what is none.
pub(super) fn integer(value: ValueRef<'_>) -> Option<i64> {
    let number = match value {
        ValueRef::Integer(number) => number,
        ValueRef::Null => return None,
        _ => number(value)? as i64,
    };
    Some(number.clamp(-MOST, MOST))
}

/// A number; `None` for what is none.
pub(super) fn real(value: ValueRef<'_>) -> Option<f64> {
    number(value).map(|number| number.clamp(-HIGHEST, HIGHEST))
}

fn number(value: ValueRef<'_>) -> Option<f64> {
    let number = match value {
        ValueRef::Null => return None,
        ValueRef::Integer(number) => number as f64,
        ValueRef::Real(number) => number,
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            std::str::from_utf8(bytes).ok()?.trim().parse().ok()?
        }
    };
    (!number.is_nan()).then_some(number)
}

/// Whether a value means yes: a number other than 0, or `true`.
pub(super) fn flag(value: ValueRef<'_>) -> Option<bool> {
    match text(value)?.trim() {
        "true" => Some(true),
        "false" => Some(false),
        _ => number(value).map(|number| number != 0.0),
    }
}

/// A moment in milliseconds since 1970: a date and time with a zone, or without one, which means UTC; a date alone; a
/// number of seconds or milliseconds. `None` for what is no moment.
pub(super) fn time(value: ValueRef<'_>) -> Option<i64> {
    let millis = match value {
        ValueRef::Null => return None,
        ValueRef::Integer(number) if number.abs() < LEAST_MILLIS => number * 1000,
        ValueRef::Integer(number) => number,
        ValueRef::Real(number) if number.is_nan() => return None,
        ValueRef::Real(number) if number.abs() < LEAST_MILLIS as f64 => (number * 1000.0) as i64,
        ValueRef::Real(number) => number as i64,
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            let text = std::str::from_utf8(bytes).ok()?.trim();
            let nanoseconds = parse_nanoseconds(text).or_else(|| parse_nanoseconds(&format!("{text}T00:00")));
            match nanoseconds {
                Some(nanoseconds) => nanoseconds.div_euclid(1_000_000) as i64,
                None => match Timestamp::parse(text) {
                    Some(moment) => moment.as_millis(),
                    None => return text.parse().ok().and_then(|number| time(ValueRef::Integer(number))),
                },
            }
        }
    };
    Some(millis.clamp(FIRST_MS, LAST_MS))
}

/// A list of texts as a JSON array: what is none is a list of one.
pub(super) fn text_list(value: ValueRef<'_>) -> Option<String> {
    let text = text(value)?;
    let items = match serde_json::from_str(&text) {
        Ok(serde_json::Value::Array(items)) => items,
        Ok(serde_json::Value::Null) => return None,
        _ if text.trim().is_empty() => Vec::new(),
        _ => vec![serde_json::Value::String(text)],
    };
    let texts: Vec<String> = items
        .into_iter()
        .map(|item| match item {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        })
        .collect();
    Some(crate::columns::to_json(&texts))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_text(text: &str) -> ValueRef<'_> {
        ValueRef::Text(text.as_bytes())
    }

    #[test]
    fn moments_in_every_form() {
        let noon = Timestamp::parse("2026-03-01T12:00:00Z").map(Timestamp::as_millis);
        for text in [
            "2026-03-01T12:00:00Z",
            "2026-03-01T12:00:00.000000000+00:00",
            "2026-03-01 12:00:00",
            "2026-03-01 12:00:00+00:00",
            "2026-03-01T14:00:00+02:00",
            "2026-03-01T12:00",
            " 2026-03-01T12:00:00Z\n",
            "1772366400",
            "1772366400000",
        ] {
            assert_eq!(time(of_text(text)), noon, "{text}");
        }
        assert_eq!(time(of_text("2026-03-01T12:00:00.9999999+00:00")), noon.map(|noon| noon + 999));
        assert_eq!(time(of_text("2026-03-01")), noon.map(|noon| noon - 12 * 3_600_000));
        assert_eq!(time(ValueRef::Integer(1_772_366_400)), noon);
        assert_eq!(time(ValueRef::Real(1_772_366_400.0)), noon);
        assert_eq!(time(ValueRef::Blob(b"2026-03-01T12:00:00Z")), noon);
        for text in ["", "soon", "2026-13-01T00:00:00Z", "T00:00"] {
            assert_eq!(time(of_text(text)), None, "{text}");
        }
        assert_eq!(time(ValueRef::Null), None);
        assert_eq!(time(ValueRef::Integer(i64::MIN + 1)), Some(FIRST_MS));
    }

    #[test]
    fn values_of_other_types() {
        assert_eq!(text(ValueRef::Integer(7)).as_deref(), Some("7"));
        assert_eq!(text(ValueRef::Real(0.5)).as_deref(), Some("0.5"));
        assert_eq!(text(ValueRef::Blob(b"a\xFFb")).as_deref(), Some("a\u{FFFD}b"));
        assert_eq!(integer(of_text(" 12 ")), Some(12));
        assert_eq!(integer(of_text("1.9")), Some(1));
        assert_eq!(integer(of_text("many")), None);
        assert_eq!(integer(ValueRef::Integer(i64::MIN)), Some(-MOST));
        assert_eq!(integer(ValueRef::Real(f64::INFINITY)), Some(MOST));
        assert_eq!(real(of_text("-0.25")), Some(-0.25));
        assert_eq!(real(ValueRef::Real(f64::NEG_INFINITY)), Some(-HIGHEST));
        assert_eq!(
            (flag(of_text("true")), flag(of_text("0")), flag(ValueRef::Integer(2))),
            (Some(true), Some(false), Some(true))
        );
        assert_eq!((flag(of_text("perhaps")), flag(ValueRef::Null)), (None, None));
    }

    #[test]
    fn lists_that_are_none() {
        for (json, expected) in [
            (r#"["a","b"]"#, Some(r#"["a","b"]"#)),
            (r#"[1,null,{"a":[]}]"#, Some(r#"["1","null","{\"a\":[]}"]"#)),
            ("a, b", Some(r#"["a, b"]"#)),
            (r#"{"a":1}"#, Some(r#"["{\"a\":1}"]"#)),
            ("", Some("[]")),
            ("null", None),
        ] {
            assert_eq!(text_list(of_text(json)).as_deref(), expected, "{json}");
        }
        assert_eq!(text_list(ValueRef::Null), None);
    }
}
