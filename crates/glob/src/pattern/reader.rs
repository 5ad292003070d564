//! Reading the text of a pattern, and saying where it is wrong.

use han_base::{Code, Error};

/// Bytes of one pattern at most.
const MAX_BYTES: usize = 65_536;

/// Braces and groups in each other at most.
pub(super) const MAX_NESTING: usize = 64;

/// The characters of a pattern and the place of the next one.
pub(super) struct Reader<'p> {
    pattern: &'p str,
    letters: Vec<char>,
    pub(super) at: usize,
}

impl<'p> Reader<'p> {
    /// `pattern` without what stood before it: `skipped` characters.
    pub(super) fn new(pattern: &'p str, skipped: usize) -> Result<Self, Error> {
        let reader = Self { pattern, letters: pattern.chars().collect(), at: skipped };
        if pattern.len() > MAX_BYTES {
            let short: String = pattern.chars().take(40).collect();
            let attempt = format!("read the pattern \"{short}…\": it has more than {MAX_BYTES} bytes");
            return Err(Error::new(Code::InvalidPattern, attempt));
        }
        if let Some(place) = reader.letters.iter().position(|&letter| letter == '\0') {
            return Err(reader.wrong(place, "no name holds a NUL"));
        }
        Ok(reader)
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.peek_by(0)
    }

    pub(super) fn peek_by(&self, count: usize) -> Option<char> {
        self.letters.get(self.at + count).copied()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let letter = self.peek();
        self.at += usize::from(letter.is_some());
        letter
    }

    /// The characters from one place to another.
    pub(super) fn text(&self, from: usize, to: usize) -> String {
        self.letters[from..to].iter().collect()
    }

    pub(super) fn starts_with(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(index, letter)| self.peek_by(index) == Some(letter))
    }

    /// An error at a place, counted in characters from 0; told counted from 1.
    pub(super) fn wrong(&self, place: usize, what: &str) -> Error {
        let attempt = format!("read the pattern {:?} at character {}: {what}", self.pattern, place + 1);
        Error::new(Code::InvalidPattern, attempt)
    }
}
