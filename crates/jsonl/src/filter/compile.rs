//! From conditions as callers write them to leaves and an expression over them, with every bound checked.

use super::{
    Condition, Literal,
    bound::{Bound, Side},
    expression::{Expression, Leaf, MAX_LEAVES},
    literals::Literals,
    path::{Segment, parse_path},
    predicate::Predicate,
};
use han_base::{Code, Error, Result};
use memchr::memmem::Finder;
use regex::{Regex, RegexBuilder};
use std::sync::Arc;

/// Groups inside one another.
const MAX_DEPTH: usize = 32;
/// Values of one `in`.
const MAX_VALUES: usize = 10_000;
/// Bytes of a regular expression as it is written.
const MAX_PATTERN_BYTES: usize = 16 * 1024;
/// Bytes of a compiled regular expression, and of what it remembers while it searches.
const MAX_REGEX_BYTES: usize = 1024 * 1024;
/// Characters of a caller's text that a message repeats.
const SHOWN_CHARACTERS: usize = 80;

const OPERATORS: &str = "eq, ne, gt, gte, lt, lte, contains, startsWith, regex, in, exists";

/// Compiles conditions of which all must hold.
pub(super) fn compile(conditions: &[Condition]) -> Result<(Vec<Leaf>, Expression)> {
    let mut leaves = Leaves::default();
    let parts = leaves.list("filters", conditions, 0)?;
    Ok((leaves.0, Expression::All(parts)))
}

/// Reads a path that is the caller's only one.
pub(super) fn compile_path(place: &str, path: &str) -> Result<Arc<[Segment]>> {
    parse_path(path)
        .map(Arc::from)
        .map_err(|error| invalid(place, format!("{error} of the field path {}", shown(path))))
}

pub(super) fn invalid(place: &str, what: impl AsRef<str>) -> Error {
    Error::new(Code::InvalidFilter, format!("compile {place}: {}", what.as_ref()))
}

/// The head of a caller's text in quotes.
fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// The conditions on fields that were met so far.
#[derive(Default)]
struct Leaves(Vec<Leaf>);

impl Leaves {
    /// Compiles each condition of the list that stands at `place`, inside `depth` groups.
    fn list(&mut self, place: &str, conditions: &[Condition], depth: usize) -> Result<Vec<Expression>> {
        let each = |(index, condition)| self.condition(&format!("{place}[{index}]"), condition, depth);
        conditions.iter().enumerate().map(each).collect()
    }

    fn condition(&mut self, place: &str, condition: &Condition, depth: usize) -> Result<Expression> {
        if depth > MAX_DEPTH {
            return Err(invalid(
                "filters",
                format!("groups stand inside one another more than {MAX_DEPTH} deep"),
            ));
        }
        let Condition { field_path, any, all, not, .. } = condition;
        let is_group = field_path.is_none();
        if is_group
            && (condition.operator.is_some() || condition.value.is_some() || condition.values.is_some())
        {
            return Err(invalid(place, "operator, value and values go only with fieldPath"));
        }
        match (field_path, any, all, not) {
            (Some(path), None, None, None) => self.leaf(place, path, condition),
            (None, Some(parts), None, None) => Ok(Expression::Any(self.group(place, "any", parts, depth)?)),
            (None, None, Some(parts), None) => Ok(Expression::All(self.group(place, "all", parts, depth)?)),
            (None, None, None, Some(part)) => {
                let part = self.condition(&format!("{place}.not"), part, depth + 1)?;
                Ok(Expression::Not(Box::new(part)))
            }
            (None, None, None, None) => Err(invalid(place, "it has none of fieldPath, any, all and not")),
            _ => Err(invalid(place, "it has more than one of fieldPath, any, all and not")),
        }
    }

    fn group(
        &mut self,
        place: &str,
        name: &str,
        parts: &[Condition],
        depth: usize,
    ) -> Result<Vec<Expression>> {
        if parts.is_empty() {
            return Err(invalid(place, format!("{name} holds no condition")));
        }
        self.list(&format!("{place}.{name}"), parts, depth + 1)
    }

    fn leaf(&mut self, place: &str, path: &str, condition: &Condition) -> Result<Expression> {
        if self.0.len() == MAX_LEAVES {
            return Err(too_many_leaves());
        }
        let path = compile_path(place, path)?;
        let asked = Asked::new(place, condition)?;
        let leaf = Expression::Leaf(self.0.len());
        let expression = if asked.is_absent()? { Expression::Not(Box::new(leaf)) } else { leaf };
        self.0.push(Leaf { path, predicate: Arc::new(asked.predicate()?) });
        Ok(expression)
    }
}

pub(super) fn too_many_leaves() -> Error {
    invalid("filters", format!("there are more than {MAX_LEAVES} conditions on fields"))
}

/// What a condition on a field asks of it.
struct Asked<'c> {
    place: &'c str,
    operator: &'c str,
    value: Option<&'c Literal>,
    values: Option<&'c [Literal]>,
}

impl<'c> Asked<'c> {
    fn new(place: &'c str, condition: &'c Condition) -> Result<Self> {
        let operator = condition
            .operator
            .as_deref()
            .ok_or_else(|| invalid(place, "it has a fieldPath but no operator"))?;
        let (value, values) = (condition.value.as_ref(), condition.values.as_deref());
        Ok(Self { place, operator, value, values })
    }

    fn invalid(&self, what: &str) -> Error {
        invalid(self.place, format!("{} {what}", self.operator))
    }

    /// Whether this is `exists` with the value false.
    fn is_absent(&self) -> Result<bool> {
        if self.operator != "exists" {
            return Ok(false);
        }
        match self.value {
            None => Ok(false),
            Some(Literal::Boolean(exists)) => Ok(!exists),
            Some(Literal::Text(text)) if text == "true" => Ok(false),
            Some(Literal::Text(text)) if text == "false" => Ok(true),
            Some(_) => Err(self.invalid("takes true or false as its value, or none")),
        }
    }

    fn predicate(&self) -> Result<Predicate> {
        if self.operator != "in" && self.values.is_some() {
            return Err(invalid(self.place, "values go only with the operator in"));
        }
        Ok(match self.operator {
            "eq" => Predicate::IsOneOf(self.literal()?),
            "ne" => Predicate::IsNoneOf(self.literal()?),
            "in" => Predicate::IsOneOf(self.literals()?),
            "gt" => Predicate::IsBeside(self.bound(Side::Greater)?),
            "gte" => Predicate::IsBeside(self.bound(Side::GreaterOrEqual)?),
            "lt" => Predicate::IsBeside(self.bound(Side::Less)?),
            "lte" => Predicate::IsBeside(self.bound(Side::LessOrEqual)?),
            "contains" => Predicate::Contains(Box::new(Finder::new(self.text()?).into_owned())),
            "startsWith" => Predicate::StartsWith(self.text()?.into()),
            "regex" => Predicate::Matches(self.regex()?),
            "exists" => Predicate::IsPresent,
            other => {
                let what = format!("unknown operator {}; it is one of {OPERATORS}", shown(other));
                return Err(invalid(self.place, what));
            }
        })
    }

    fn value(&self) -> Result<&'c Literal> {
        self.value.ok_or_else(|| self.invalid("needs a value"))
    }

    fn text(&self) -> Result<&'c str> {
        match self.value()? {
            Literal::Text(text) => Ok(text),
            _ => Err(self.invalid("takes only a text as its value")),
        }
    }

    fn literal(&self) -> Result<Literals> {
        self.sorted(std::slice::from_ref(self.value()?))
    }

    fn literals(&self) -> Result<Literals> {
        let (Some(values), None) = (self.values, self.value) else {
            return Err(self.invalid("needs values, and no value"));
        };
        if values.is_empty() || values.len() > MAX_VALUES {
            return Err(self.invalid(&format!("takes 1 to {MAX_VALUES} values")));
        }
        self.sorted(values)
    }

    fn sorted(&self, literals: &[Literal]) -> Result<Literals> {
        Literals::new(literals).ok_or_else(|| self.invalid("takes only finite numbers"))
    }

    fn bound(&self, side: Side) -> Result<Bound> {
        Bound::new(side, self.value()?)
            .ok_or_else(|| self.invalid("takes only a text or a finite number as its value"))
    }

    fn regex(&self) -> Result<Regex> {
        let pattern = self.text()?;
        if pattern.len() > MAX_PATTERN_BYTES {
            return Err(self.invalid(&format!("takes a pattern of {MAX_PATTERN_BYTES} bytes at most")));
        }
        RegexBuilder::new(pattern)
            .size_limit(MAX_REGEX_BYTES)
            .dfa_size_limit(MAX_REGEX_BYTES)
            .build()
            .map_err(|error| {
                // The message for people spans several lines; the last one has the reason.
                let message = error.to_string();
                let reason = message.lines().last().unwrap_or_default().trim_start_matches("error: ");
                self.invalid(&format!("has a bad pattern {}: {reason}", shown(pattern)))
            })
    }
}
