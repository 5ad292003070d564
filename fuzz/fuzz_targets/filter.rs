//! A filter gives the same lines by probes over many lines as line by line, and only lines that are JSON.
//!
//! The first line of an input holds the conditions as JSON, in the form that JavaScript gives them; the lines behind it
//! are filtered.
#![no_main]

use han_jsonl::{Condition, Filter, Literal, lines};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    let Some(end) = input.iter().position(|&byte| byte == b'\n') else { return };
    let (head, text) = (&input[..end], &input[end + 1..]);
    let Ok(Value::Array(conditions)) = serde_json::from_slice(head) else { return };
    let conditions: Vec<Condition> = conditions.iter().map(condition).collect();
    let Ok(filter) = Filter::compile(&conditions) else { return };

    let mut expected = Vec::new();
    for line in lines(0, text) {
        if filter.matches(line.bytes) {
            let start = line.offset as usize;
            expected.push(start..start + line.bytes.len());
            let readable = String::from_utf8_lossy(line.bytes);
            let json = readable.strip_prefix('\u{feff}').unwrap_or(&readable);
            let mut scanner = han_base::json::Scanner::new(json);
            assert!(scanner.skip().and_then(|()| scanner.finish()).is_ok(), "{json:?}");
        }
    }
    let found: Vec<_> = filter.matching_lines(text).collect();
    assert_eq!(found, expected);
});

fn condition(value: &Value) -> Condition {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let list = |name: &str| value.get(name).and_then(Value::as_array);
    let conditions = |name: &str| list(name).map(|all| all.iter().map(condition).collect());
    Condition {
        field_path: text("fieldPath"),
        operator: text("operator"),
        value: value.get("value").map(literal),
        values: list("values").map(|all| all.iter().map(literal).collect()),
        any: conditions("any"),
        all: conditions("all"),
        not: value.get("not").map(|inner| Box::new(condition(inner))),
    }
}

fn literal(value: &Value) -> Literal {
    match value {
        Value::String(text) => Literal::Text(text.clone()),
        Value::Number(number) => Literal::Number(number.as_f64().unwrap_or_default()),
        Value::Bool(boolean) => Literal::Boolean(*boolean),
        _ => Literal::Null,
    }
}
