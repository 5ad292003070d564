//! Reading values that were cut out of a line: arguments, answers, metadata.
//!
//! They were checked when their line was read, but a caller may hand over anything: what is not JSON is read up to its
//! first fault, never further.

use han_base::json::{Error, Kind, Scanner};
use std::borrow::Cow;

/// Visits the members of a JSON object. Answers whether the text is one, whole.
pub(crate) fn each_member<'a>(
    json: &'a str,
    mut visit: impl FnMut(&str, &mut Scanner<'a>) -> Result<(), Error>,
) -> bool {
    let mut scanner = Scanner::new(json);
    let mut read = || {
        let is_object = each_member_of(&mut scanner, &mut visit)?;
        scanner.finish()?;
        Ok::<_, Error>(is_object)
    };
    read().unwrap_or(false)
}

/// As [`each_member`] for the value that follows; one that is no object is skipped.
pub(crate) fn each_member_of<'a>(
    scanner: &mut Scanner<'a>,
    mut visit: impl FnMut(&str, &mut Scanner<'a>) -> Result<(), Error>,
) -> Result<bool, Error> {
    if !scanner.enter_object()? {
        return Ok(false);
    }
    while let Some(key) = scanner.next_key()? {
        visit(&key, scanner)?;
    }
    Ok(true)
}

/// The items of a JSON array, as they stand in the text; nothing of any other value.
pub(crate) fn items(json: &str) -> Vec<&str> {
    let mut items = Vec::new();
    let mut scanner = Scanner::new(json);
    let mut read = || {
        if scanner.enter_array()? {
            while scanner.next_item()? {
                items.push(scanner.skip_value()?);
            }
        }
        Ok::<_, Error>(())
    };
    // The items before a fault are kept.
    let _ = read();
    items
}

/// The object behind a key, as it stands in the text.
pub(crate) fn member<'a>(json: &'a str, wanted: &str) -> Option<&'a str> {
    let mut value = None;
    each_member(json, |key, scanner| {
        if key == wanted {
            value = Some(scanner.skip_value()?);
            Ok(())
        } else {
            scanner.skip()
        }
    });
    value
}

/// The text that a whole JSON value is; `None` when it is no string.
pub(crate) fn text_of(json: &str) -> Option<Cow<'_, str>> {
    Scanner::new(json).text_value().ok().flatten()
}

/// The string that follows, or the number as it is written: ids are one or the other.
pub(crate) fn text_or_number<'a>(scanner: &mut Scanner<'a>) -> Result<Option<Cow<'a, str>>, Error> {
    match scanner.kind()? {
        Kind::Number => Ok(Some(Cow::Borrowed(scanner.skip_value()?))),
        _ => scanner.text_value(),
    }
}

/// The strings and numbers of the array that follows, or the one that follows by itself.
pub(crate) fn texts<'a>(scanner: &mut Scanner<'a>) -> Result<Vec<Cow<'a, str>>, Error> {
    let mut texts = Vec::new();
    if scanner.kind()? == Kind::Array {
        scanner.enter_array()?;
        while scanner.next_item()? {
            texts.extend(text_or_number(scanner)?);
        }
    } else {
        texts.extend(text_or_number(scanner)?);
    }
    Ok(texts)
}

/// Names with texts, in their order.
pub(crate) type Pairs<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// The members of the object that follows whose values are strings.
pub(crate) fn text_members<'a>(scanner: &mut Scanner<'a>) -> Result<Pairs<'a>, Error> {
    let mut members = Vec::new();
    if scanner.enter_object()? {
        while let Some(key) = scanner.next_key()? {
            if let Some(value) = scanner.text_value()? {
                members.push((key, value));
            }
        }
    }
    Ok(members)
}

/// A count that fits a signed 64-bit column.
pub(crate) fn count(scanner: &mut Scanner<'_>) -> Result<Option<u64>, Error> {
    Ok(scanner.unsigned()?.filter(|&count| i64::try_from(count).is_ok()))
}

/// JSON text without the blanks between its tokens.
pub(crate) fn compact(json: &str) -> String {
    let mut compact = String::with_capacity(json.len());
    let (mut copied, mut in_string, mut escaped) = (0, false, false);
    for (index, byte) in json.bytes().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
        } else if byte == b'"' {
            in_string = true;
        } else if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            compact.push_str(&json[copied..index]);
            copied = index + 1;
        }
    }
    compact.push_str(&json[copied..]);
    compact
}

#[cfg(test)]
mod tests {
    use super::{compact, items, member};

    #[test]
    fn blanks_go_only_between_tokens() {
        assert_eq!(
            compact("[ {\"a b\" :\n\t\"c \\\" d\\\\\" , \"e\": [ 1 , 2 ]} ]\r\n"),
            r#"[{"a b":"c \" d\\","e":[1,2]}]"#
        );
        assert_eq!(compact(" \"é ü\" "), "\"é ü\"");
        assert_eq!(compact(""), "");
    }

    #[test]
    fn what_is_no_json_is_read_up_to_its_fault() {
        assert_eq!(items("[1, {\"a\":2} x]"), ["1", "{\"a\":2}"]);
        assert_eq!(items("{}"), [""; 0]);
        assert_eq!(member(r#"{"a":1,"b":[2],"a":3}"#, "a"), Some("3"));
        assert_eq!(member(r#"{"a":1,"#, "a"), Some("1"));
        assert_eq!(member("[]", "a"), None);
    }
}
