//! Odd lines, and conditions that often hold for them.

use super::{any as any_of, leaf, text};
use crate::{Condition, Literal};
use proptest::{prelude::*, sample::select};

const KEYS: [&str; 15] =
    ["a", "key", "time", "0", "1", "é", "名", "😀", "a.b", "a/b", ",", "x\"y", "\u{fffd}", "", "a[0]\\"];

const TEXTS: [&str; 32] = [
    "",
    "x",
    "value",
    "VALUE",
    "other value",
    "val\nue",
    "a/b/c",
    "é",
    "naïve",
    "名前",
    "😀 face",
    "\u{fffd}x",
    "key",
    "time",
    "12",
    "1.0",
    "-0",
    "1e1",
    "true",
    "null",
    "{\"a\":1}",
    "[1,2]",
    "[1, 2]",
    ":1",
    "\"",
    "\\u0061",
    "2026-01-01T00:00:00.000Z",
    "2026-01-01T01:00:00+01:00",
    "2026-01-01 00:00",
    "2026-01-01T00:00:00.0000000001Z",
    "2026-01-02",
    "2026-01-01T00:00:00.5Z",
];

const NUMBERS: [&str; 18] = [
    "0",
    "-0",
    "0.0",
    "1",
    "1.0",
    "10e-1",
    "12",
    "12.5",
    "-3",
    "9007199254740992",
    "9007199254740993",
    "0.1",
    "0.10000000000000000001",
    "18446744073709551616",
    "1e400",
    "-1E+400",
    "1e-400",
    "123456789012345678901234567890",
];

const PATHS: [&str; 30] = [
    "a",
    "key",
    "time",
    "0",
    "[0]",
    "1",
    "[1]",
    "é",
    "名",
    "😀",
    r"a\.b",
    "a/b",
    ",",
    "x\"y",
    "\u{fffd}",
    r"a\[0\]\\",
    "a.a",
    "a.key",
    "key.a",
    "key.key",
    "a[0]",
    "a.0",
    "a[1].key",
    "a.1.key",
    "key[0][0]",
    "0.0",
    "[0].a",
    "key.time",
    "a.a.a",
    "é.time",
];

/// Keys and texts that are taken more often than all others, so that conditions often hold.
const NEAR_KEYS: [&str; 4] = ["key", "名/", ",", "a"];
const NEAR_TEXTS: [&str; 7] =
    ["value", "名前/x", "\u{fffd}value", "longer\nend", "12,13", "a \"b\": c", "2026-01-01T00:00:00.000Z"];

fn near_or(
    all: &'static [&'static str],
    near: &'static [&'static str],
) -> impl Strategy<Value = &'static str> {
    prop_oneof![select(near), select(all)]
}

/// A text as a JSON string: as plainly as it goes, with some escapes, or with nothing but escapes.
fn spell(text: &str, seed: u64) -> String {
    let mut json = String::from("\"");
    for (index, character) in text.chars().enumerate() {
        let choice = seed.rotate_left(index as u32 * 7) & 7;
        let is_escaped = match seed % 4 {
            0 | 1 => false,
            2 => choice == 0,
            _ => true,
        };
        match character {
            '"' | '\\' if choice < 6 => json.extend(['\\', character]),
            '\n' if choice < 6 => json.push_str("\\n"),
            '/' if is_escaped && choice < 4 => json.push_str("\\/"),
            ' '.. if !is_escaped && !matches!(character, '"' | '\\') => json.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    json.push_str("\\u");
                    let digits = format!("{unit:04x}");
                    json.push_str(&if choice < 4 { digits } else { digits.to_uppercase() });
                }
            }
        }
    }
    json.push('"');
    json
}

fn string(all: &'static [&'static str], near: &'static [&'static str]) -> impl Strategy<Value = String> {
    (near_or(all, near), any::<u64>()).prop_map(|(text, seed)| spell(text, seed))
}

fn blanks() -> impl Strategy<Value = &'static str> {
    prop_oneof![6 => Just(""), 1 => Just(" "), 1 => Just("\t \r")]
}

/// A part of a JSON text with blanks around it.
fn spaced(part: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (blanks(), part, blanks()).prop_map(|(before, part, after)| format!("{before}{part}{after}"))
}

fn object(
    key: impl Strategy<Value = String>,
    value: impl Strategy<Value = String>,
    members: std::ops::Range<usize>,
) -> impl Strategy<Value = String> {
    let member = (spaced(key), spaced(value)).prop_map(|(key, value)| format!("{key}:{value}"));
    prop::collection::vec(member, members).prop_map(|members| format!("{{{}}}", members.join(",")))
}

fn array(item: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop::collection::vec(spaced(item), 0..4).prop_map(|items| format!("[{}]", items.join(",")))
}

/// The text of a JSON value.
fn json() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        4 => string(&TEXTS, &NEAR_TEXTS),
        2 => select(&NUMBERS[..]).prop_map(str::to_owned),
        1 => select(&["true", "false", "null", "{}", "[]", "\"\\ud83d\"", "\"\\ude00\\u00e9\""][..]).prop_map(str::to_owned),
    ];
    scalar.prop_recursive(
        3,
        16,
        4,
        |inner| prop_oneof![4 => object(string(&KEYS, &NEAR_KEYS), inner.clone(), 0..5), 1 => array(inner)],
    )
}

/// The line with bytes that are not UTF-8, where they are read as the character that stands for them.
fn with_invalid_bytes(json: &str) -> Vec<u8> {
    json.split('\u{fffd}').map(str::as_bytes).collect::<Vec<_>>().join(&b"\xff"[..])
}

/// A line, sound or damaged, without a newline.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let pieces = select(vec![
        &b"\xff"[..],
        b"\xc3",
        b"\xe5\x90",
        b"\0",
        b"\xef\xbb\xbf",
        b"\"",
        b"\\",
        b"{",
        b"}",
        b",",
        b":",
        b" ",
        b"1",
        b"\\u0061",
        b"\\u00e",
        b"\x0b",
        b"\"key\":\"value\"",
        b"",
    ]);
    let damage = (any::<prop::sample::Index>(), 0_usize..4, pieces);
    prop_oneof![
        12 => json().prop_map(String::into_bytes),
        2 => json().prop_map(|json| with_invalid_bytes(&json)),
        1 => json().prop_map(|json| format!("\u{feff}{json}\r").into_bytes()),
        1 => (json(), select(vec![1_usize, 125, 510, 511, 512, 600]), any::<bool>()).prop_map(|(json, depth, closed)| {
            format!("{}{json}{}", "[".repeat(depth), "]".repeat(if closed { depth } else { depth - 1 })).into_bytes()
        }),
        1 => select(vec![&b""[..], b" \t", b"\r", b"\x0c", b"\0\0\0", b"\xef\xbb\xbf"]).prop_map(<[u8]>::to_vec),
        4 => (json(), prop::collection::vec(damage, 1..3)).prop_map(|(json, damages)| {
            let mut line = json.into_bytes();
            for (place, removed, piece) in damages {
                let start = place.index(line.len() + 1);
                let end = (start + removed).min(line.len());
                line.splice(start..end, piece.iter().copied());
            }
            line
        }),
    ]
}

/// The lines of a file.
pub(super) fn lines() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(line(), 0..24)
}

/// The lines of a file that has few keys and texts, in every spelling, so that most probes hit.
pub(super) fn near_lines() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let text = || string(&NEAR_TEXTS, &NEAR_TEXTS);
    let items = array(prop_oneof![select(&["12", "13"][..]).prop_map(str::to_owned), text()]);
    let json = object(string(&NEAR_KEYS, &NEAR_KEYS), prop_oneof![5 => text(), 1 => items], 1..3);
    let line = (json, any::<bool>())
        .prop_map(|(json, is_valid)| if is_valid { json.into_bytes() } else { with_invalid_bytes(&json) });
    prop::collection::vec(line, 1..24)
}

/// Conditions that probes are made of, on the keys and texts of [`near_lines`].
pub(super) fn near_conditions() -> impl Strategy<Value = Vec<Condition>> {
    let operators = select(vec!["eq", "eq", "contains", "startsWith", "gte", "ne"]);
    let condition = (select(&NEAR_KEYS[..]), operators, select(&NEAR_TEXTS[..]))
        .prop_map(|(path, operator, value)| leaf(path, operator, text(value)));
    prop_oneof![
        2 => prop::collection::vec(condition.clone(), 1..3),
        1 => prop::collection::vec(condition, 1..4).prop_map(|parts| vec![any_of(parts)]),
    ]
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        6 => near_or(&TEXTS, &NEAR_TEXTS).prop_map(text),
        2 => select(&NUMBERS[..]).prop_map(text),
        2 => select(vec![0.0, -0.0, 1.0, 12.5, 0.1, 9_007_199_254_740_992.0, 18_446_744_073_709_551_616.0, 1e300])
            .prop_map(Literal::Number),
        1 => any::<bool>().prop_map(Literal::Boolean),
        1 => Just(Literal::Null),
    ]
}

fn condition_on_field() -> impl Strategy<Value = Condition> {
    let path = || near_or(&PATHS, &NEAR_KEYS);
    let searched = || near_or(&TEXTS, &NEAR_TEXTS);
    let order = select(vec!["gt", "gte", "lt", "lte"]);
    let bound =
        literal().prop_filter("an order", |value| matches!(value, Literal::Text(_) | Literal::Number(_)));
    let pattern = select(vec!["^v", "(?i)VALUE$", "a.?b", "é|名", "^$", "\\d", "\u{fffd}", "\\n"]);
    let exists =
        select(vec![None, Some(Literal::Boolean(true)), Some(Literal::Boolean(false)), Some(text("false"))]);
    prop_oneof![
        4 => (path(), literal()).prop_map(|(path, value)| leaf(path, "eq", value)),
        1 => (path(), literal()).prop_map(|(path, value)| leaf(path, "ne", value)),
        2 => (path(), order, bound).prop_map(|(path, order, value)| leaf(path, order, value)),
        2 => (path(), searched()).prop_map(|(path, value)| leaf(path, "contains", text(value))),
        2 => (path(), searched()).prop_map(|(path, value)| leaf(path, "startsWith", text(value))),
        1 => (path(), pattern).prop_map(|(path, value)| leaf(path, "regex", text(value))),
        1 => (path(), prop::collection::vec(literal(), 1..4)).prop_map(|(path, values)| {
            Condition { value: None, values: Some(values), ..leaf(path, "in", Literal::Null) }
        }),
        1 => (path(), exists).prop_map(|(path, value)| Condition { value, ..leaf(path, "exists", Literal::Null) }),
    ]
}

/// What a filter is compiled of.
pub(super) fn conditions() -> impl Strategy<Value = Vec<Condition>> {
    let condition = condition_on_field().prop_recursive(3, 8, 3, |inner| {
        let group = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            group().prop_map(|any| Condition { any: Some(any), ..Condition::default() }),
            group().prop_map(|all| Condition { all: Some(all), ..Condition::default() }),
            inner.clone().prop_map(|not| Condition { not: Some(Box::new(not)), ..Condition::default() }),
        ]
    });
    prop::collection::vec(condition, 0..3)
}

/// Field, start and end of a time range.
pub(super) fn time_ranges() -> impl Strategy<Value = (&'static str, &'static str, &'static str)> {
    let time = || select(TEXTS.into_iter().filter(|text| text.starts_with("2026-01-01")).collect::<Vec<_>>());
    (near_or(&PATHS, &NEAR_KEYS), time(), time())
}
