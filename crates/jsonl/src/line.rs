//! Lines inside bytes that are in memory.

use memchr::memchr;

/// One line without its newline. A carriage return stays part of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'b> {
    /// Where the line begins in its file.
    pub offset: u64,
    /// The bytes up to, and without, the newline.
    pub bytes: &'b [u8],
}

impl Line<'_> {
    /// Whether only blanks stand on the line.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.bytes.iter().all(u8::is_ascii_whitespace)
    }
}

/// Splits `bytes`, which begin at `offset` of their file, at every newline. A last line without a newline is a
/// line too; nothing follows a final newline.
pub fn lines(offset: u64, bytes: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let mut rest = bytes;
    let mut at = offset;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (line, consumed) = match memchr(b'\n', rest) {
            Some(end) => (&rest[..end], end + 1),
            None => (rest, rest.len()),
        };
        let found = Line { offset: at, bytes: line };
        rest = &rest[consumed..];
        at += consumed as u64;
        Some(found)
    })
}
