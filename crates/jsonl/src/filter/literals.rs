//! The literals of `eq`, `ne` and `in`, sorted by what they can equal.

use super::{
    Literal,
    number::{Decimal, Number},
    value::Value,
};
use han_base::time::parse_nanoseconds;

const WORDS: [&str; 3] = ["true", "false", "null"];

/// What a field may equal. A text stands for everything that the typing rules let it equal.
#[derive(Clone, Debug, Default)]
pub(super) struct Literals {
    /// Sorted, as are the numbers and moments.
    texts: Vec<Box<str>>,
    numbers: Vec<Number>,
    moments: Vec<i128>,
    /// Of `true`, `false` and `null`; not sorted.
    words: Vec<&'static str>,
    /// Whether a text can be that of an object or array.
    has_container: bool,
}

impl Literals {
    /// Sorts `literals`; `None` when one is a number that is not finite.
    pub(super) fn new(literals: &[Literal]) -> Option<Self> {
        let mut sorted = Self::default();
        for literal in literals {
            match literal {
                Literal::Text(text) => sorted.add_text(text),
                Literal::Number(number) => sorted.numbers.push(Number::from_float(*number)?),
                Literal::Boolean(true) => sorted.words.push("true"),
                Literal::Boolean(false) => sorted.words.push("false"),
                Literal::Null => sorted.words.push("null"),
            }
        }
        sorted.texts.sort_unstable();
        sorted.moments.sort_unstable();
        sorted.numbers.sort_unstable_by(|one, other| one.decimal().cmp(&other.decimal()));
        Some(sorted)
    }

    fn add_text(&mut self, text: &str) {
        self.texts.push(text.into());
        self.numbers.extend(Number::from_text(text));
        self.moments.extend(parse_nanoseconds(text));
        self.words.extend(WORDS.into_iter().find(|word| *word == text));
        self.has_container |= text.starts_with(['{', '[']);
    }

    /// Whether the value equals one of the literals.
    pub(super) fn has(&self, value: Value<'_>) -> bool {
        match value {
            Value::Text(text) => self.has_text(text) || self.has_moment(text),
            Value::Number(text) => Decimal::parse(text).is_some_and(|number| self.has_number(number)),
            Value::Boolean(_) | Value::Null => self.words.contains(&&*value.text()),
            Value::Container(_) => self.has_container && self.has_text(&value.text()),
        }
    }

    /// Whether the value of an object or array can equal one of the literals.
    pub(super) fn has_container(&self) -> bool {
        self.has_container
    }

    /// The one text, when there is nothing else and only a string of just these characters equals it.
    pub(super) fn only_text(&self) -> Option<&str> {
        let [text] = &*self.texts else { return None };
        let is_other = !self.numbers.is_empty() || !self.moments.is_empty() || !self.words.is_empty();
        (!is_other && !self.has_container).then_some(text)
    }

    fn has_text(&self, text: &str) -> bool {
        self.texts.binary_search_by(|literal| (**literal).cmp(text)).is_ok()
    }

    fn has_number(&self, number: Decimal<'_>) -> bool {
        self.numbers.binary_search_by(|literal| literal.decimal().cmp(&number)).is_ok()
    }

    fn has_moment(&self, text: &str) -> bool {
        !self.moments.is_empty()
            && parse_nanoseconds(text).is_some_and(|moment| self.moments.binary_search(&moment).is_ok())
    }
}
