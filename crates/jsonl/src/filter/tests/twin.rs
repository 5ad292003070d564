//! The slow clear twin of the filter: a tree of each line, and the documented rules one by one. Nothing of the filter
//! is used in it; times are read by `han_base`, which has its own twin.

use crate::{Condition, Literal};
use han_base::time::parse_nanoseconds;
use regex::Regex;
use std::cmp::Ordering;

/// A line that is one JSON value.
pub(super) struct Line(Node);

/// Whether an error of `serde_json` is about what JSON allows: deep nesting, large numbers and lone surrogates.
fn is_stricter(error: &str) -> bool {
    ["recursion limit", "number out of range", "surrogate", "unexpected end of hex escape"]
        .iter()
        .any(|reason| error.contains(reason))
}

/// A value, and its JSON text as written, without the blanks between its parts.
struct Node {
    value: Value,
    json: String,
}

enum Value {
    Object(Vec<(String, Node)>),
    Array(Vec<Node>),
    Text(String),
    Number,
    Word,
}

impl Line {
    /// Reads a line; `None` when it is not one JSON value.
    pub(super) fn read(line: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(line);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let mut parser = Parser { rest: text, depth: 0 };
        let node = parser.value();
        parser.skip_blanks();
        let node = node.filter(|_| parser.rest.is_empty());
        // A third opinion, of a parser that takes less of some things.
        match serde_json::from_str::<serde_json::Value>(text) {
            Ok(_) => assert!(node.is_some(), "{text}"),
            Err(error) => assert!(node.is_none() || is_stricter(&error.to_string()), "{text}: {error}"),
        }
        node.map(Self)
    }

    /// Whether all conditions hold.
    pub(super) fn matches(&self, conditions: &[Condition]) -> bool {
        conditions.iter().all(|condition| self.holds(condition))
    }

    /// Whether the field is a time in the range.
    pub(super) fn is_within(&self, path: &str, start: &str, end: &str) -> bool {
        let moment = |text| parse_nanoseconds(text).unwrap();
        match self.field(path).map(|field| &field.value) {
            Some(Value::Text(text)) => {
                parse_nanoseconds(text).is_some_and(|time| moment(start) <= time && time <= moment(end))
            }
            _ => false,
        }
    }

    fn holds(&self, condition: &Condition) -> bool {
        if let Some(path) = &condition.field_path {
            return self.leaf_holds(path, condition);
        }
        if let Some(any) = &condition.any {
            return any.iter().any(|part| self.holds(part));
        }
        if let Some(all) = &condition.all {
            return all.iter().all(|part| self.holds(part));
        }
        !self.holds(condition.not.as_ref().unwrap())
    }

    fn leaf_holds(&self, path: &str, condition: &Condition) -> bool {
        let operator = condition.operator.as_deref().unwrap();
        let field = self.field(path);
        if operator == "exists" {
            let wanted = match &condition.value {
                None => true,
                Some(Literal::Boolean(wanted)) => *wanted,
                Some(Literal::Text(text)) => text == "true",
                other => panic!("{other:?}"),
            };
            return field.is_some() == wanted;
        }
        let Some(field) = field else { return false };
        if operator == "in" {
            return condition.values.as_ref().unwrap().iter().any(|value| field.equals(value));
        }
        let value = condition.value.as_ref().unwrap();
        match operator {
            "eq" => field.equals(value),
            "ne" => !field.equals(value),
            "gt" => field.compare(value) == Some(Ordering::Greater),
            "gte" => matches!(field.compare(value), Some(Ordering::Greater | Ordering::Equal)),
            "lt" => field.compare(value) == Some(Ordering::Less),
            "lte" => matches!(field.compare(value), Some(Ordering::Less | Ordering::Equal)),
            "contains" => field.shown().contains(text_of(value)),
            "startsWith" => field.string().is_some_and(|text| text.starts_with(text_of(value))),
            "regex" => field.string().is_some_and(|text| Regex::new(text_of(value)).unwrap().is_match(text)),
            other => panic!("{other}"),
        }
    }

    fn field(&self, path: &str) -> Option<&Node> {
        steps(path).iter().try_fold(&self.0, |node, step| match &node.value {
            Value::Object(members) if !step.in_brackets => {
                members.iter().rev().find(|(key, _)| *key == step.text).map(|(_, node)| node)
            }
            Value::Array(items) => {
                let index: usize = step.text.parse().ok()?;
                items.get(index).filter(|_| index.to_string() == step.text)
            }
            _ => None,
        })
    }
}

fn text_of(literal: &Literal) -> &str {
    match literal {
        Literal::Text(text) => text,
        other => panic!("{other:?}"),
    }
}

impl Node {
    fn string(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    fn shown(&self) -> &str {
        self.string().unwrap_or(&self.json)
    }

    fn equals(&self, literal: &Literal) -> bool {
        match (&self.value, literal) {
            (Value::Text(field), Literal::Text(text)) => {
                let moments = parse_nanoseconds(field).zip(parse_nanoseconds(text));
                field == text || moments.is_some_and(|(field, text)| field == text)
            }
            (Value::Number, Literal::Text(text)) => {
                is_number(text) && compare_numbers(&self.json, text).is_eq()
            }
            (Value::Number, Literal::Number(number)) => {
                compare_numbers(&self.json, &written(*number)).is_eq()
            }
            (Value::Word, Literal::Boolean(boolean)) => self.json == boolean.to_string(),
            (Value::Word, Literal::Null) => self.json == "null",
            (Value::Word | Value::Object(_) | Value::Array(_), Literal::Text(text)) => self.json == *text,
            _ => false,
        }
    }

    fn compare(&self, literal: &Literal) -> Option<Ordering> {
        match (&self.value, literal) {
            (Value::Number, Literal::Number(number)) => Some(compare_numbers(&self.json, &written(*number))),
            (Value::Number, Literal::Text(text)) => {
                is_number(text).then(|| compare_numbers(&self.json, text))
            }
            (Value::Text(field), Literal::Text(text)) => {
                if is_number(field) && is_number(text) {
                    return Some(compare_numbers(field, text));
                }
                let moments = parse_nanoseconds(field).zip(parse_nanoseconds(text));
                Some(
                    moments.map_or_else(|| field.chars().cmp(text.chars()), |(field, text)| field.cmp(&text)),
                )
            }
            _ => None,
        }
    }
}

/// A number of a program as people write it.
fn written(number: f64) -> String {
    if number.fract() == 0.0 { format!("{number:.0}") } else { number.to_string() }
}

fn is_number(text: &str) -> bool {
    Regex::new(r"\A-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\z").unwrap().is_match(text)
}

/// Compares two numbers by writing them out without exponents.
fn compare_numbers(one: &str, other: &str) -> Ordering {
    let ((one_sign, one), (other_sign, other)) = (written_out(one), written_out(other));
    let by_size = one.0.len().cmp(&other.0.len()).then_with(|| one.cmp(&other));
    one_sign.cmp(&other_sign).then(if one_sign < 0 { by_size.reverse() } else { by_size })
}

/// Sign (0 for zero), and the digits before and behind the point without zeros that mean nothing.
fn written_out(number: &str) -> (i32, (String, String)) {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let exponent: i64 = exponent.parse().unwrap();
    let unsigned = mantissa.trim_start_matches('-');
    let (mut whole, mut fraction) =
        unsigned.split_once('.').map_or((unsigned.to_owned(), String::new()), |(w, f)| (w.into(), f.into()));
    for _ in 0..exponent {
        whole.push(if fraction.is_empty() { '0' } else { fraction.remove(0) });
    }
    for _ in exponent..0 {
        fraction.insert(0, whole.pop().unwrap_or('0'));
    }
    let digits = (whole.trim_start_matches('0').to_owned(), fraction.trim_end_matches('0').to_owned());
    let sign = if mantissa.starts_with('-') { -1 } else { 1 };
    (if digits == (String::new(), String::new()) { 0 } else { sign }, digits)
}

struct Step {
    text: String,
    in_brackets: bool,
}

/// The steps of a path, which is known to be well formed.
fn steps(path: &str) -> Vec<Step> {
    let mut steps = vec![Step { text: String::new(), in_brackets: false }];
    let mut characters = path.chars();
    while let Some(character) = characters.next() {
        match character {
            '.' => steps.push(Step { text: String::new(), in_brackets: false }),
            '[' => steps.push(Step { text: String::new(), in_brackets: true }),
            ']' => {}
            '\\' => steps.last_mut().unwrap().text.push(characters.next().unwrap()),
            _ => steps.last_mut().unwrap().text.push(character),
        }
    }
    steps.retain(|step| !step.text.is_empty());
    steps
}

struct Parser<'t> {
    rest: &'t str,
    depth: usize,
}

impl Parser<'_> {
    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }

    fn take(&mut self, word: &str) -> Option<()> {
        self.skip_blanks();
        self.rest = self.rest.strip_prefix(word)?;
        Some(())
    }

    fn value(&mut self) -> Option<Node> {
        self.skip_blanks();
        let first = self.rest.chars().next()?;
        match first {
            '{' | '[' => self.container(first == '{'),
            '"' => self.string().map(|(json, text)| Node { value: Value::Text(text), json }),
            't' => self.word("true"),
            'f' => self.word("false"),
            'n' => self.word("null"),
            _ => {
                let end = self.rest.find(|c: char| !"+-.eE0123456789".contains(c)).unwrap_or(self.rest.len());
                let (number, rest) = self.rest.split_at(end);
                self.rest = rest;
                is_number(number).then(|| Node { value: Value::Number, json: number.to_owned() })
            }
        }
    }

    fn word(&mut self, word: &str) -> Option<Node> {
        self.take(word).map(|()| Node { value: Value::Word, json: word.to_owned() })
    }

    fn container(&mut self, is_object: bool) -> Option<Node> {
        self.depth += 1;
        if self.depth > 512 {
            return None;
        }
        let (open, close) = if is_object { ("{", "}") } else { ("[", "]") };
        self.take(open)?;
        let mut json = open.to_owned();
        let (mut members, mut items) = (Vec::new(), Vec::new());
        while self.take(close).is_none() {
            if json != open {
                self.take(",")?;
                json.push(',');
            }
            if is_object {
                self.skip_blanks();
                let (key_json, key) = self.string()?;
                self.take(":")?;
                let node = self.value()?;
                json.push_str(&[&key_json, ":", &node.json].concat());
                members.push((key, node));
            } else {
                let node = self.value()?;
                json.push_str(&node.json);
                items.push(node);
            }
        }
        json.push_str(close);
        self.depth -= 1;
        Some(Node { value: if is_object { Value::Object(members) } else { Value::Array(items) }, json })
    }

    /// A string as it is written and what it means, decoded through UTF-16, which has lone surrogates.
    fn string(&mut self) -> Option<(String, String)> {
        let whole = self.rest;
        let mut units = Vec::new();
        let mut characters = whole.strip_prefix('"')?.chars();
        loop {
            let character = match characters.next()? {
                '"' => break,
                '\\' => match characters.next()? {
                    'u' => {
                        let digits: String = characters.by_ref().take(4).collect();
                        let is_whole = digits.len() == 4 && digits.chars().all(|c| c.is_ascii_hexdigit());
                        units.push(u16::from_str_radix(&digits, 16).ok().filter(|_| is_whole)?);
                        continue;
                    }
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    other @ ('"' | '\\' | '/') => other,
                    _ => return None,
                },
                control if control < ' ' => return None,
                other => other,
            };
            units.extend_from_slice(character.encode_utf16(&mut [0; 2]));
        }
        self.rest = characters.as_str();
        let json = &whole[..whole.len() - self.rest.len()];
        Some((json.to_owned(), String::from_utf16_lossy(&units)))
    }
}
