//! The last lines of a file, without reading what stands before them.

use crate::{
    JsonlFile, LineBatch,
    index::SparseIndex,
    window::{Window, held_bytes},
};
use han_base::{Code, Error, Result};
use std::path::Path;

/// What [`read_tail`] holds in memory at most, unless its first line alone is longer.
const TAIL_BYTES: usize = 64 * 1024 * 1024;

/// What lines hold in memory at most when they are asked for all at once.
pub(crate) const ANSWER_BYTES: usize = 512 * 1024 * 1024;

/// Some of the last lines of a file.
#[derive(Clone, Debug, Default)]
pub struct TailLines {
    /// The lines that are not blank, the last one first. Their numbers are not known: all are 0.
    pub lines: LineBatch,
    /// Whether lines are left before these.
    pub has_more: bool,
    /// Bytes of the file.
    pub file_size: u64,
}

/// Up to `limit` of the last lines of a file that are not blank, the last one first, and of those that begin before the
/// byte offset `before` when it is given. Reads these lines and a little more, whatever the size of the file; no index
/// is needed.
///
/// The answer ends early, with `has_more`, when its lines hold more than 64 MiB. The next ones are those `before` the
/// offset of its last line.
///
/// Codes: those of [`JsonlFile::open`] and [`JsonlFile::read_at`]; [`Code::InvalidArgument`] when `limit` is 0.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("a.jsonl");
/// # std::fs::write(&path, "{\"a\":1}\n{\"b\":2}\n\n{\"c\":3}\n")?;
/// let tail = han_jsonl::read_tail(&path, 2, None)?;
/// let found: Vec<_> = tail.lines.iter().map(|line| (line.offset, line.bytes)).collect();
/// assert_eq!(found, [(17, &b"{\"c\":3}"[..]), (8, b"{\"b\":2}")]);
/// assert!(tail.has_more);
/// assert_eq!(han_jsonl::read_tail(&path, 2, Some(8))?.lines.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_tail(path: &Path, limit: usize, before: Option<u64>) -> Result<TailLines> {
    check_limit(path, limit)?;
    let file = JsonlFile::open(path)?;
    let mut tail = TailLines { file_size: file.size(), ..TailLines::default() };
    let mut window = Window::new(&file);
    let mut next = end_of_line_before(&mut window, before.unwrap_or(u64::MAX).min(file.size()))?;
    while next > 0 && tail.lines.len() < limit {
        let span = window.span_before(next)?;
        if !tail.lines.is_empty() && held_bytes(&tail.lines) + span.held_bytes() > TAIL_BYTES {
            break;
        }
        let text = window.text(span)?;
        if !text.is_blank {
            text.push(&mut tail.lines, 0, span.start);
        }
        next = span.start;
    }
    tail.has_more = window.has_text_before(next)?;
    Ok(tail)
}

/// `before` itself when a line begins there, else the start of the next line.
fn end_of_line_before(window: &mut Window<'_>, before: u64) -> Result<u64> {
    if window.is_line_start(before)? {
        return Ok(before);
    }
    let span = window.span_from(before)?;
    Ok(window.behind(span))
}

/// Up to `limit` of the last lines that are not blank, with their numbers, the last one first. `None` when the index does
/// not fit the file.
pub(crate) fn read_reverse(file: &JsonlFile, index: &SparseIndex, limit: usize) -> Result<Option<LineBatch>> {
    let mut lines = LineBatch::default();
    let mut window = Window::new(file);
    if !window.is_line_start(index.tail_start)? {
        return Ok(None);
    }
    let (mut number, mut next) = (index.line_count(), file.size());
    while next > 0 && lines.len() < limit {
        let span = window.span_before(next)?;
        number = number.wrapping_sub(1);
        if !index.admits(number, span.start) {
            return Ok(None);
        }
        check_answer(file.path(), held_bytes(&lines) + span.held_bytes())?;
        let text = window.text(span)?;
        if !text.is_blank {
            text.push(&mut lines, number, span.start);
        }
        next = span.start;
    }
    Ok(Some(lines))
}

/// Refuses a limit of 0.
pub(crate) fn check_limit(path: &Path, limit: usize) -> Result<()> {
    if limit == 0 {
        let attempt = format!("read lines of {}: limit must be at least 1", path.display());
        return Err(Error::new(Code::InvalidArgument, attempt));
    }
    Ok(())
}

/// Refuses to hold too many lines at once.
pub(crate) fn check_answer(path: &Path, bytes: usize) -> Result<()> {
    if bytes > ANSWER_BYTES {
        let attempt = format!(
            "read lines of {}: those asked for hold more than {} MiB, ask for fewer at once",
            path.display(),
            ANSWER_BYTES / (1024 * 1024),
        );
        return Err(Error::new(Code::InvalidArgument, attempt));
    }
    Ok(())
}
