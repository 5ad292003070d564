//! Reading JSON text in place: a validating pull scanner that visits only the values a caller asks for.
//!
//! [`Scanner`] walks over a `&str` without building a tree. What is not asked for is skipped, but still checked
//! against the full grammar (RFC 8259), 64 bytes at a time inside strings. Nothing recurses, so no input can
//! exhaust the stack; containers nested deeper than [`MAX_DEPTH`] are an error.
//!
//! The readers are tolerant: [`Scanner::string`], [`Scanner::integer`], [`Scanner::enter_object`] and their like
//! take whatever value stands at the position and answer `None` (or `false`) when it is of another type. Only text
//! that is not JSON is an [`Error`].
//!
//! Leniencies, all of them about meaning and not about grammar: a lone surrogate escape (`\ud83d` without its
//! partner) decodes to U+FFFD; numbers may be beyond every numeric type; of keys that stand twice both are
//! visited, so that the last one wins in a loop that assigns.
//!
//! ```
//! use han_base::json::Scanner;
//!
//! let mut scanner = Scanner::new(r#"{"type":"user","message":{"content":"a\nb"},"n":"12"}"#);
//! let (mut content, mut number) = (None, None);
//! if scanner.enter_object()? {
//!     while let Some(key) = scanner.next_key()? {
//!         match &*key {
//!             "n" => number = scanner.integer()?,
//!             "message" => {
//!                 if scanner.enter_object()? {
//!                     while let Some(key) = scanner.next_key()? {
//!                         match &*key {
//!                             "content" => content = scanner.string()?,
//!                             _ => scanner.skip()?,
//!                         }
//!                     }
//!                 }
//!             }
//!             _ => scanner.skip()?,
//!         }
//!     }
//! }
//! scanner.finish()?;
//! assert_eq!(content.unwrap().decode(), "a\nb");
//! assert_eq!(number, Some(12));
//! # Ok::<(), han_base::json::Error>(())
//! ```

mod block;
mod scanner;
mod string;
#[cfg(test)]
mod tests;

pub use scanner::{Kind, MAX_DEPTH, Scanner, for_each_string};
pub use string::JsonString;

use std::fmt;

/// Why a text is not JSON, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// Byte offset in the scanned text of the first byte that cannot be right; the length of the text when it
    /// ends too early.
    pub offset: usize,
    /// What was expected or found there, as words for a person.
    pub what: &'static str,
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at byte {}", self.what, self.offset)
    }
}

impl std::error::Error for Error {}
