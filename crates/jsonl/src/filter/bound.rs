//! The literal of `gt`, `gte`, `lt` and `lte`.

use super::{
    Literal,
    number::{Decimal, Number},
    value::Value,
};
use han_base::time::parse_nanoseconds;
use std::cmp::Ordering;

/// On which side of the bound a field must be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Side {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Side {
    fn accepts(self, ordering: Ordering) -> bool {
        match self {
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
        }
    }
}

/// A bound of a field: what it is as a number, as a moment and as text.
#[derive(Clone, Debug)]
pub(super) struct Bound {
    side: Side,
    number: Option<Number>,
    moment: Option<i128>,
    /// `None` when the bound was given as a number, which is compared with numbers only.
    text: Option<Box<str>>,
}

impl Bound {
    /// `None` when the literal is a boolean, `null` or a number that is not finite.
    pub(super) fn new(side: Side, literal: &Literal) -> Option<Self> {
        match literal {
            Literal::Text(text) => Some(Self {
                side,
                number: Number::from_text(text),
                moment: parse_nanoseconds(text),
                text: Some(text.as_str().into()),
            }),
            Literal::Number(number) => {
                Some(Self { side, number: Some(Number::from_float(*number)?), moment: None, text: None })
            }
            Literal::Boolean(_) | Literal::Null => None,
        }
    }

    /// Whether the value is on the right side.
    pub(super) fn holds(&self, value: Value<'_>) -> bool {
        let ordering = match value {
            Value::Number(text) => self.compare_number(text),
            Value::Text(text) => self.compare_text(text),
            Value::Boolean(_) | Value::Null | Value::Container(_) => None,
        };
        ordering.is_some_and(|ordering| self.side.accepts(ordering))
    }

    fn compare_number(&self, text: &str) -> Option<Ordering> {
        Some(Decimal::parse(text)?.cmp(&self.number.as_ref()?.decimal()))
    }

    /// Numbers as numbers, times as times, everything else by its characters.
    fn compare_text(&self, text: &str) -> Option<Ordering> {
        let own = self.text.as_deref()?;
        if let Some(ordering) = self.compare_number(text) {
            return Some(ordering);
        }
        if let Some(moment) = self.moment
            && let Some(other) = parse_nanoseconds(text)
        {
            return Some(other.cmp(&moment));
        }
        Some(text.cmp(own))
    }
}
