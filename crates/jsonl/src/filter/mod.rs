//! Filters: which lines of a JSONL file match.
//!
//! Conditions are compiled once into an immutable plan. A line is walked once without building a tree, only into the
//! containers on the way to the wanted fields, and checked to its end. Among many lines most are passed over unread: every line
//! that can match holds certain bytes, which are found at the speed of memory (the module `probe` says why that is
//! sound).
//!
//! # Which lines match
//! A line matches when it is one JSON value (RFC 8259, nested at most [`han_base::json::MAX_DEPTH`] deep) for which all
//! conditions hold. Blank, torn and broken lines never match, not even under `not`; no condition at all matches every
//! line that is JSON. Before a line is read, a byte order mark at its head is left out and bytes that are not UTF-8 become
//! U+FFFD, as do lone surrogate escapes. Of keys that stand twice in an object the last one counts, with everything
//! below it, as in `JSON.parse`.
//!
//! # Field paths
//! `message.content[0].type`: keys joined by dots, items of arrays in brackets, counted from 0. A key that is a whole number
//! without leading zeros is an item on an array and a key on an object: `content.0` means both; `[0]` is only an item.
//! `\.` `\[` `\]` `\\` stand for the character in a key. There is no empty segment. A path has at most 64 segments.
//!
//! # Operators
//! A field that is missing makes every operator false, `ne` too; `null` is a field that is there. Only `not` around a condition
//! and `exists` with the value false are true of a missing field.
//!
//! | operator | holds when the field |
//! | --- | --- |
//! | `eq` | equals the value, by the rules below |
//! | `ne` | is there and does not equal the value |
//! | `in` | equals one of the values |
//! | `gt` `gte` `lt` `lte` | is greater, …, than the value, by the rules below |
//! | `contains` | is a string that holds the text; of another type: its JSON text does |
//! | `startsWith` | is a string that begins with the text |
//! | `regex` | is a string in which the pattern (syntax of the crate `regex`, linear time) is found anywhere |
//! | `exists` | is there; with the value false: is not there |
//!
//! # Typing rules
//! **A text as the value** compares with every type. It equals
//! - a string of the same characters, or one that is the same moment, when both are times;
//! - a number of the same value, when the text is a number as JSON writes it;
//! - `true`, `false` and `null` by these words;
//! - an object or array by its JSON text as the line has it, without the blanks between its parts.
//!
//! It is greater or less than a field when both are numbers (a string that is a number as JSON writes it counts as
//! one): by their values; else when both are times: as moments; else when the field is a string: by code points. Otherwise
//! neither.
//!
//! **A number, boolean or `null` as the value** equals only fields of its own type. Numbers are greater or less than
//! number fields; a boolean or `null` has no order, so the ordering operators do not take it.
//!
//! **Numbers** are compared by their exact decimal value, whatever their size: 9007199254740993 is not
//! 9007199254740992, and `1e400` is greater than every finite float. A number value that is whole is taken exactly, another
//! as the shortest decimal that means it (0.1 equals `0.1`). Exponents beyond ±10^18 count as that.
//!
//! **Times** are RFC 3339 dates and times at the precision of nanoseconds; seconds and zone may be missing
//! ([`han_base::time::parse_nanoseconds`]).

mod bound;
mod compile;
mod evaluate;
mod expression;
mod literals;
mod matching;
mod needle;
mod number;
mod path;
mod predicate;
mod probe;
#[cfg(test)]
mod tests;
mod tree;
mod value;

use evaluate::Evaluator;
use expression::{Expression, Leaf, MAX_LEAVES};
use han_base::{Code, Error, Result, time::parse_nanoseconds};
use matching::MatchingLines;
use predicate::Predicate;
use probe::Probe;
use std::{ops::Range, sync::Arc};
use tree::Node;

/// A value to compare with.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// A text, which compares with fields of every type.
    Text(String),
    /// A finite number, which compares with numbers.
    Number(f64),
    /// `true` or `false`, which equals itself.
    Boolean(bool),
    /// `null`, which equals itself.
    Null,
}

/// A condition as callers write it. Exactly one of `field_path`, `any`, `all` and `not` is set; the other fields go with
/// `field_path`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Condition {
    /// The field that is looked at, for instance `message.content[0].type`.
    pub field_path: Option<String>,
    /// `eq`, `ne`, `gt`, `gte`, `lt`, `lte`, `contains`, `startsWith`, `regex`, `in` or `exists`.
    pub operator: Option<String>,
    /// What the field is compared with. `in` takes `values` instead; `exists` takes a boolean or nothing.
    pub value: Option<Literal>,
    /// The 1 to 10,000 values of `in`.
    pub values: Option<Vec<Literal>>,
    /// At least one of these holds; not empty.
    pub any: Option<Vec<Self>>,
    /// All of these hold; not empty.
    pub all: Option<Vec<Self>>,
    /// This one does not hold.
    pub not: Option<Box<Self>>,
}

/// Compiled conditions. Cheap to clone.
///
/// ```
/// use han_jsonl::{Condition, Filter, Literal};
///
/// let condition = Condition {
///     field_path: Some("message.content[0].type".to_owned()),
///     operator: Some("eq".to_owned()),
///     value: Some(Literal::Text("text".to_owned())),
///     ..Condition::default()
/// };
/// let filter = Filter::compile(&[condition])?;
/// let lines = b"{\"message\":{\"content\":[{\"type\":\"text\"}]}}\n{\"message\":{}}\nno JSON\n";
/// assert_eq!(filter.matching_lines(lines).collect::<Vec<_>>(), [0..41]);
/// assert!(filter.matches(&lines[..41]));
/// # Ok::<(), han_base::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Filter(Arc<Plan>);

impl Filter {
    /// Compiles conditions of which all must hold; none at all match every line that is JSON.
    ///
    /// At most 128 conditions on fields, in groups at most 32 deep. Codes: [`Code::InvalidFilter`] for an unknown operator, a bad
    /// path or pattern, a value that is missing or that the operator does not take, an empty condition or group, and too
    /// much of anything. The message names the condition (`filters[0].any[1]`).
    pub fn compile(conditions: &[Condition]) -> Result<Self> {
        let (leaves, expression) = compile::compile(conditions)?;
        Ok(Self::of(leaves, expression))
    }

    /// Lines whose field is a time from `start` to `end`, both included, at the precision of nanoseconds.
    ///
    /// All three times are read by [`parse_nanoseconds`]; a field that is none never matches, and nothing is between a start
    /// and an end before it. Codes: [`Code::InvalidFilter`] for a bad path, [`Code::InvalidTimestamp`] for a bad start or end.
    pub fn time_range(field_path: &str, start: &str, end: &str) -> Result<Self> {
        let path = compile::compile_path("a time range", field_path)?;
        let predicate = Arc::new(Predicate::IsWithin(moment("start", start)?..=moment("end", end)?));
        Ok(Self::of(vec![Leaf { path, predicate }], Expression::Leaf(0)))
    }

    /// Lines that match both. Codes: [`Code::InvalidFilter`] when that is more than 128 conditions on fields.
    pub fn and(&self, other: &Self) -> Result<Self> {
        let leaves = [&*self.0.leaves, &other.0.leaves].concat();
        if leaves.len() > MAX_LEAVES {
            return Err(compile::too_many_leaves());
        }
        let moved = other.0.expression.moved(self.0.leaves.len());
        Ok(Self::of(leaves, Expression::All(vec![self.0.expression.clone(), moved])))
    }

    /// Whether a line (any bytes, without a newline) matches.
    #[must_use]
    pub fn matches(&self, line: &[u8]) -> bool {
        Evaluator::new(&self.0).matches(line)
    }

    /// The matching lines of `lines` in their order, as ranges without the newline. Each line ends in a newline; the last one
    /// may lack it. The answer is that of [`Filter::matches`] for each line.
    pub fn matching_lines<'s>(&'s self, lines: &'s [u8]) -> impl Iterator<Item = Range<usize>> + 's {
        MatchingLines::new(&self.0, lines)
    }

    fn of(leaves: Vec<Leaf>, expression: Expression) -> Self {
        let (root, probe) = (Node::of(&leaves), Probe::of(&leaves, &expression));
        Self(Arc::new(Plan { leaves, expression, root, probe }))
    }
}

fn moment(name: &str, text: &str) -> Result<i128> {
    parse_nanoseconds(text).ok_or_else(|| {
        Error::new(Code::InvalidTimestamp, format!("read the {name} {text:?} of a time range"))
    })
}

/// What a filter is compiled to.
#[derive(Debug)]
struct Plan {
    leaves: Vec<Leaf>,
    expression: Expression,
    /// The paths of the leaves.
    root: Node,
    /// Finds the lines that can match; `None` when that may be all.
    probe: Option<Probe>,
}
