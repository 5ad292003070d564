//! What a condition asks of the value of its field.

use super::{bound::Bound, literals::Literals, value::Value};
use han_base::time::parse_nanoseconds;
use memchr::memmem::Finder;
use regex::Regex;
use std::ops::RangeInclusive;

/// A compiled operator with its literal. Asked only of fields that are there.
#[derive(Clone, Debug)]
pub(super) enum Predicate {
    IsOneOf(Literals),
    IsNoneOf(Literals),
    IsBeside(Bound),
    /// Nanoseconds since 1970.
    IsWithin(RangeInclusive<i128>),
    /// The needle came from a text, so it is UTF-8.
    Contains(Box<Finder<'static>>),
    StartsWith(Box<str>),
    Matches(Regex),
    IsPresent,
}

impl Predicate {
    /// Whether the value has what is asked.
    pub(super) fn holds(&self, value: Value<'_>) -> bool {
        match (self, value) {
            (Self::IsOneOf(literals), _) => literals.has(value),
            (Self::IsNoneOf(literals), _) => !literals.has(value),
            (Self::IsBeside(bound), _) => bound.holds(value),
            (Self::Contains(finder), _) => finder.find(value.text().as_bytes()).is_some(),
            (Self::IsPresent, _) => true,
            (Self::IsWithin(range), Value::Text(text)) => {
                parse_nanoseconds(text).is_some_and(|moment| range.contains(&moment))
            }
            (Self::StartsWith(head), Value::Text(text)) => text.starts_with(&**head),
            (Self::Matches(regex), Value::Text(text)) => regex.is_match(text),
            (Self::IsWithin(_) | Self::StartsWith(_) | Self::Matches(_), _) => false,
        }
    }

    /// Whether some object or array may have what is asked.
    pub(super) fn may_hold_for_containers(&self) -> bool {
        match self {
            Self::IsOneOf(literals) => literals.has_container(),
            Self::IsNoneOf(_) | Self::Contains(_) | Self::IsPresent => true,
            Self::IsBeside(_) | Self::IsWithin(_) | Self::StartsWith(_) | Self::Matches(_) => false,
        }
    }
}
