//! Tests of filters: agreement with a slow twin, the table of typing rules, and what is refused.

mod agreement;
mod errors;
mod generate;
mod twin;
mod typing;

use crate::{Condition, Filter, Literal};

fn text(text: &str) -> Literal {
    Literal::Text(text.to_owned())
}

/// A condition on a field.
fn leaf(path: &str, operator: &str, value: Literal) -> Condition {
    Condition {
        field_path: Some(path.to_owned()),
        operator: Some(operator.to_owned()),
        value: Some(value),
        ..Condition::default()
    }
}

fn any(parts: Vec<Condition>) -> Condition {
    Condition { any: Some(parts), ..Condition::default() }
}

fn all(parts: Vec<Condition>) -> Condition {
    Condition { all: Some(parts), ..Condition::default() }
}

fn not(part: Condition) -> Condition {
    Condition { not: Some(Box::new(part)), ..Condition::default() }
}

/// Whether a line matches, asked in both ways.
fn matches(filter: &Filter, line: impl AsRef<[u8]>) -> bool {
    let line = line.as_ref();
    let answer = filter.matches(line);
    let found: Vec<_> = filter.matching_lines(line).collect();
    let expected: Vec<_> = answer.then_some(0..line.len()).into_iter().collect();
    assert_eq!(found, expected, "{:?}", String::from_utf8_lossy(line));
    answer
}
