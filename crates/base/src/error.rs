//! The one error of the house: a [`Code`], what was attempted with the value, and the cause.

use crate::Code;
use std::{error::Error as StdError, fmt, io, path::Path};

/// Result of everything that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error as it reaches callers: `[CODE] what was attempted, with the value: cause: cause of the cause`.
#[derive(Debug)]
pub struct Error {
    code: Code,
    attempt: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error without an underlying cause. `attempt` says what was tried, with the value: `read /tmp/a.jsonl`.
    pub fn new(code: Code, attempt: impl Into<String>) -> Self {
        Self { code, attempt: attempt.into(), source: None }
    }

    /// Adds the underlying cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// An error of the operating system on a path, with the code that fits its kind.
    ///
    /// ```
    /// let error = han_base::Error::io("read", "/nowhere", std::io::Error::from(std::io::ErrorKind::NotFound));
    /// assert_eq!(error.code(), han_base::Code::FileNotFound);
    /// ```
    pub fn io(verb: &str, path: impl AsRef<Path>, source: io::Error) -> Self {
        let code = match source.kind() {
            io::ErrorKind::NotFound => Code::FileNotFound,
            io::ErrorKind::PermissionDenied => Code::FileUnreadable,
            io::ErrorKind::IsADirectory => Code::NotAFile,
            io::ErrorKind::NotADirectory => Code::NotADirectory,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Code::DiskFull,
            _ => Code::IoFailed,
        };
        Self::new(code, format!("{verb} {}", path.as_ref().display())).because(source)
    }

    /// What went wrong, for a program.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The message without the code: what was attempted and the chain of causes.
    #[must_use]
    pub fn detail(&self) -> String {
        let mut text = self.attempt.clone();
        let mut cause = self.source();
        while let Some(error) = cause {
            // A cause that repeats what its parent says already adds nothing.
            let words = error.to_string();
            if !text.ends_with(&words) {
                text.push_str(": ");
                text.push_str(&words);
            }
            cause = error.source();
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "[{}] {}", self.code, self.detail())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_holds_code_attempt_and_causes() {
        let cause = io::Error::other("the device is gone");
        let error = Error::io("read", "/data/a.jsonl", cause);
        assert_eq!(error.to_string(), "[IO_FAILED] read /data/a.jsonl: the device is gone");
    }
}
