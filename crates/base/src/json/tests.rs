use super::{Error, JsonString, Kind, MAX_DEPTH, Scanner, block, for_each_string};
use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

/// The whole text as the scanner sees it: checked, not read.
fn check(text: &str) -> Result<(), Error> {
    let mut scanner = Scanner::new(text);
    scanner.skip()?;
    scanner.finish()
}

/// The whole text read through the pull interface, member by member.
fn read(text: &str) -> Result<Value, Error> {
    let mut scanner = Scanner::new(text);
    let value = read_value(&mut scanner)?;
    scanner.finish()?;
    Ok(value)
}

fn read_value(scanner: &mut Scanner<'_>) -> Result<Value, Error> {
    Ok(match scanner.kind()? {
        Kind::Object => {
            assert!(scanner.enter_object()?);
            let mut members = Map::new();
            while let Some(key) = scanner.next_key()? {
                let value = read_value(scanner)?;
                members.insert(key.into_owned(), value);
            }
            Value::Object(members)
        }
        Kind::Array => {
            assert!(scanner.enter_array()?);
            let mut items = Vec::new();
            while scanner.next_item()? {
                items.push(read_value(scanner)?);
            }
            Value::Array(items)
        }
        Kind::String => Value::String(scanner.text_value()?.unwrap().into_owned()),
        Kind::Boolean => Value::Bool(scanner.boolean()?.unwrap()),
        Kind::Null => scanner.skip().map(|()| Value::Null)?,
        Kind::Number => {
            let offset = scanner.position();
            let digits = scanner.skip_value()?;
            serde_json::from_str(digits).map_err(|_| Error { offset, what: "beyond every numeric type" })?
        }
    })
}

fn only_string(text: &str) -> JsonString<'_> {
    Scanner::new(text).string().unwrap().unwrap()
}

#[test]
fn a_value_of_another_type_is_skipped_and_read_as_absent() {
    let mut scanner = Scanner::new(r#"[[1,{"a":"]"}], "12", 12.0, -7, "x", 1e400, true, {"k":1}]"#);
    assert!(scanner.enter_array().unwrap());
    let mut next = || {
        assert!(scanner.next_item().unwrap());
        scanner.clone()
    };
    let mut first = next();
    assert_eq!(first.string().unwrap().map(JsonString::raw), None);
    scanner = first;
    for (integer, unsigned, float) in [
        (Some(12), Some(12), Some(12.0)),
        (Some(12), Some(12), Some(12.0)),
        (Some(-7), None, Some(-7.0)),
        (None, None, None),
        (None, None, None),
        (None, None, None),
        (None, None, None),
    ] {
        assert!(scanner.next_item().unwrap());
        assert_eq!(scanner.clone().unsigned().unwrap(), unsigned);
        assert_eq!(scanner.clone().float().unwrap(), float);
        assert_eq!(scanner.integer().unwrap(), integer);
    }
    assert!(!scanner.next_item().unwrap());
    scanner.finish().unwrap();
}

#[test]
fn whole_numbers_keep_every_digit_or_are_absent() {
    let integer = |text| Scanner::new(text).integer().unwrap();
    let unsigned = |text| Scanner::new(text).unsigned().unwrap();
    assert_eq!(integer("9223372036854775807"), Some(i64::MAX));
    assert_eq!(integer("\"-9223372036854775808\""), Some(i64::MIN));
    assert_eq!(integer("9223372036854775808"), None);
    assert_eq!(unsigned("18446744073709551615"), Some(u64::MAX));
    assert_eq!(unsigned("18446744073709551616"), None);
    assert_eq!((integer("1.5"), integer("-0"), integer("2e3")), (None, Some(0), Some(2000)));
    assert_eq!(
        (integer("\"1_000\""), integer("\"\""), integer("\"+1\""), integer("\"12\\u0030\"")),
        (None, None, None, None)
    );
}

#[test]
fn errors_name_the_first_byte_that_cannot_be_right() {
    for (text, offset) in [
        ("", 0),
        ("  ", 2),
        ("{", 1),
        ("{\"a\"", 4),
        ("{\"a\" 1}", 5),
        ("{\"a\":1,}", 7),
        ("[1,]", 3),
        ("[1 2]", 3),
        ("[}", 1),
        ("{\"a\":1]", 6),
        ("\"abc", 4),
        ("\"a\tb\"", 2),
        ("\"a\\xb\"", 3),
        ("\"a\\u12g4\"", 6),
        ("\"a\\u12", 6),
        ("nul", 0),
        ("01", 1),
        ("1.", 2),
        ("-", 1),
        ("1e+", 3),
        ("1 x", 2),
        ("{\"a\":1}{", 7),
    ] {
        assert_eq!(check(text).unwrap_err().offset, offset, "{text}");
        assert_eq!(read(text).unwrap_err().offset, offset, "{text} read by members");
    }
}

#[test]
fn nesting_ends_in_an_error_and_not_on_the_stack() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    check(&nested(MAX_DEPTH)).unwrap();
    assert_eq!(check(&nested(MAX_DEPTH + 1)).unwrap_err().offset, MAX_DEPTH);
    check(&nested(1_000_000)).unwrap_err();
    check(&"{\"a\":".repeat(1_000_000)).unwrap_err();

    // Containers that were entered count as well.
    let text = nested(MAX_DEPTH + 1);
    let mut scanner = Scanner::new(&text);
    for _ in 0..300 {
        assert!(scanner.enter_array().unwrap() && scanner.next_item().unwrap());
    }
    assert_eq!(scanner.skip().unwrap_err().offset, MAX_DEPTH);
    let mut scanner = Scanner::new(&text);
    for _ in 0..MAX_DEPTH {
        assert!(scanner.enter_array().unwrap() && scanner.next_item().unwrap());
    }
    assert_eq!(scanner.enter_array().unwrap_err().offset, MAX_DEPTH);
}

#[test]
fn containers_of_both_kinds_close_in_their_order() {
    for text in [r#"[{"a":[{"b":[]},{}]},[[],{"c":{}}]]"#, r#"{"a":[[{"b":{"c":[1,[2]]}}],{}],"d":[{}]}"#] {
        check(text).unwrap();
        for (at, _) in text.match_indices(['}', ']']) {
            let mut wrong = text.to_owned();
            wrong.replace_range(at..=at, if &text[at..=at] == "}" { "]" } else { "}" });
            check(&wrong).unwrap_err();
        }
    }
}

#[test]
fn a_forgotten_value_is_an_error() {
    let mut scanner = Scanner::new(r#"{"a":1,"b":2}"#);
    assert!(scanner.enter_object().unwrap());
    assert_eq!(scanner.next_key().unwrap().as_deref(), Some("a"));
    scanner.next_key().unwrap_err();

    let mut scanner = Scanner::new("[1]");
    assert!(scanner.enter_array().unwrap());
    scanner.finish().unwrap_err();
}

#[test]
fn lone_surrogates_become_replacement_characters() {
    for (text, decoded) in [
        (r#""\ud83d\ude00""#, "😀"),
        (r#""\ud83d""#, "\u{fffd}"),
        (r#""\ude00\ud83dx""#, "\u{fffd}\u{fffd}x"),
        (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
        (r#""\ud83d\n\u0041""#, "\u{fffd}\nA"),
        (r#""\u0000\/\b\f""#, "\0/\u{8}\u{c}"),
    ] {
        assert_eq!(only_string(text).decode(), decoded);
    }
}

#[test]
fn a_string_equals_the_text_it_stands_for() {
    assert_eq!(only_string(r#""a""#), "a");
    assert_eq!(only_string(r#""\u0061""#), "a");
    assert!(only_string(r#""\n""#) != "\\n");
}

/// Any JSON value, shallow and small.
fn any_value() -> impl Strategy<Value = Value> {
    let text = || prop_oneof!["[ -~]{0,12}", "\\PC{0,90}", any::<String>()];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e30_f64..1e30).prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// JSON text that was damaged in a few places, by pieces that matter to its grammar.
fn damaged_text() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        prop::sample::select(vec![
            "\"", "\\", "\\\"", "\\u", "\\u12", "\\ud83d", "{", "}", "[", "]", ",", ":", "0", "1", "-", ".",
            "e", "E", "+", " ", "\n", "\r", "\t", "\u{1f}", "\0", "\u{7f}", "\u{c}", "true", "null", "fals",
            "é", "\u{2028}",
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ];
    let damage = prop::collection::vec((any::<prop::sample::Index>(), 0..3_usize, pieces), 0..4);
    (any_value(), any::<bool>(), damage).prop_map(|(value, pretty, damage)| {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let mut characters: Vec<char> = text.unwrap().chars().collect();
        for (place, removed, piece) in damage {
            let start = place.index(characters.len() + 1);
            let end = (start + removed).min(characters.len());
            characters.splice(start..end, piece.chars());
        }
        characters.into_iter().collect()
    })
}

/// The inside of a string: plain runs and escapes, also halves of surrogate pairs.
fn string_inside() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[ !#-\\[\\]-~é😀]{0,70}",
        prop::sample::select(vec!["\\n", "\\\\", "\\\"", "\\/", "\\t", "\\b", "\\f", "\\r"])
            .prop_map(str::to_owned),
        any::<u16>().prop_map(|unit| format!("\\u{unit:04x}")),
        (0xd800_u16..0xe000).prop_map(|unit| format!("\\u{unit:04X}")),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// The slow clear twin of decoding: through UTF-16, which has lone surrogates.
fn decode_slowly(inside: &str) -> String {
    let mut units = Vec::new();
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        let plain = match character {
            '\\' => match characters.next().unwrap() {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'u' => {
                    let digits: String = characters.by_ref().take(4).collect();
                    units.push(u16::from_str_radix(&digits, 16).unwrap());
                    continue;
                }
                other => other,
            },
            other => other,
        };
        units.extend_from_slice(plain.encode_utf16(&mut [0; 2]));
    }
    String::from_utf16_lossy(&units)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_scanner_accepts_exactly_what_serde_json_accepts(text in damaged_text()) {
        let expected = serde_json::from_str::<IgnoredAny>(&text);
        prop_assert_eq!(check(&text).is_ok(), expected.is_ok(), "{:?}: {:?}", text, expected);
    }

    #[test]
    fn reading_by_members_gives_the_values_of_serde_json(text in damaged_text()) {
        match serde_json::from_str::<Value>(&text) {
            Ok(value) => prop_assert_eq!(read(&text), Ok(value)),
            // Lone surrogates are the one thing that is read beyond it.
            Err(error) => prop_assert!(read(&text).is_err() || error.to_string().contains("surrogate")
                || error.to_string().contains("unexpected end of hex escape"), "{}: {}", text, error),
        }
    }

    #[test]
    fn strings_decode_as_their_utf16_does(inside in string_inside(), before in 0..80_usize, after in 0..80_usize) {
        let text = format!("{}\"{inside}\"{}", " ".repeat(before), " ".repeat(after));
        let mut scanner = Scanner::new(&text);
        let string = scanner.string().unwrap().unwrap();
        scanner.finish().unwrap();
        prop_assert_eq!(string.raw(), &inside);
        let expected = decode_slowly(&inside);
        prop_assert_eq!(string.is_escaped(), inside.contains('\\'));
        prop_assert_eq!(string.chars().collect::<String>(), expected.as_str());
        if let Ok(strict) = serde_json::from_str::<String>(&text) {
            prop_assert_eq!(&strict, &expected);
        }
        let mut appended = String::from("head");
        string.decode_into(&mut appended);
        prop_assert_eq!(&appended["head".len()..], expected.as_str());
        prop_assert_eq!(string.decode(), expected);
    }

    #[test]
    fn both_twins_of_a_block_find_the_same_bytes(bytes in prop::array::uniform32(any::<u8>()), other in prop::array::uniform32(
        prop::sample::select(vec![b'"', b'\\', 0, 1, 0x1f, 0x20, 0x21, 0x5b, 0x5d, 0x7f, 0x80, 0x9f, 0xa2, 0xdc, 0xff])
    ), swapped: bool) {
        let (first, second) = if swapped { (other, bytes) } else { (bytes, other) };
        let mut block = [0; block::BLOCK];
        block[..32].copy_from_slice(&first);
        block[32..].copy_from_slice(&second);
        let naive = |hit: fn(u8) -> bool| {
            (0..block::BLOCK).filter(|&index| hit(block[index])).fold(0_u64, |mask, index| mask | 1 << index)
        };
        let special = naive(|byte| byte < 0x20 || byte == b'"' || byte == b'\\');
        prop_assert_eq!(block::special(&block), special);
        prop_assert_eq!(block::portable::special(&block), special);
        let backslash = naive(|byte| byte == b'\\');
        prop_assert_eq!(block::backslash(&block), backslash);
        prop_assert_eq!(block::portable::backslash(&block), backslash);
    }

    #[test]
    fn every_string_value_is_visited_in_order(value in any_value()) {
        fn collect(value: &Value, found: &mut Vec<String>) {
            match value {
                Value::String(text) => found.push(text.clone()),
                Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
                Value::Object(members) => members.values().for_each(|member| collect(member, found)),
                _ => {}
            }
        }
        let (mut expected, mut found) = (Vec::new(), Vec::new());
        collect(&value, &mut expected);
        for_each_string(&value.to_string(), |text| found.push(text.decode().into_owned())).unwrap();
        prop_assert_eq!(found, expected);
    }
}
