//! Single lines by their number.

use crate::{
    JsonlFile, LineBatch,
    index::SparseIndex,
    tail::check_answer,
    window::{Span, Window},
};
use han_base::{Code, Error, Result};
use std::path::Path;

/// Lines by number, in the asked order, with an index that the caller holds: `offsets[n]` is where line `n` begins, as
/// [`crate::line_offsets`] gives it. A number may be asked for more than once; one that has no offset is left out; a
/// blank line is given. Lines end where their newline is, whatever the offset of the next one says.
///
/// Codes: those of [`JsonlFile::open`] and [`JsonlFile::read_at`]; [`Code::InvalidArgument`] when no line of the file
/// begins at the offset of an asked line, or when the lines hold more than 512 MiB together.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("a.jsonl");
/// # std::fs::write(&path, "{\"a\":1}\n\n{\"b\":2}\n")?;
/// let lines = han_jsonl::read_indexed(&path, &[0, 8, 9], &[2, 7, 0])?;
/// let found: Vec<_> = lines.iter().map(|line| (line.number, line.bytes)).collect();
/// assert_eq!(found, [(2, &b"{\"b\":2}"[..]), (0, b"{\"a\":1}")]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_indexed(path: &Path, offsets: &[u64], numbers: &[u64]) -> Result<LineBatch> {
    let file = JsonlFile::open(path)?;
    let lines = gather(&file, numbers, |window, number, _| {
        let Some(&start) = usize::try_from(number).ok().and_then(|number| offsets.get(number)) else {
            return Ok(Find::OutOfRange);
        };
        // Nothing begins at the end; the one offset of an empty file stands there.
        if start == file.size() {
            return Ok(Find::OutOfRange);
        }
        if start > file.size() || !window.is_line_start(start)? {
            let attempt = format!(
                "read line {number} of {}: none begins at offset {start}, the index is of another content",
                path.display()
            );
            return Err(Error::new(Code::InvalidArgument, attempt));
        }
        Ok(Find::At(start))
    })?;
    Ok(lines.unwrap_or_default())
}

/// Lines by number, in the asked order; numbers that the file does not have are left out. `None` when the index does not
/// fit the file.
pub(crate) fn read_lines(
    file: &JsonlFile,
    index: &SparseIndex,
    numbers: &[u64],
) -> Result<Option<LineBatch>> {
    gather(file, numbers, |window, number, near| {
        if number >= index.line_count() {
            return Ok(Find::OutOfRange);
        }
        let start = match near {
            Some(near) if near.number >= index.checkpoint_before(number).line => {
                window.skip_lines(near.start, number - near.number)?
            }
            _ => index.find(window, number)?,
        };
        let fits = start.filter(|&start| start < file.size() && index.admits(number, start));
        Ok(fits.map_or(Find::Unfit, Find::At))
    })
}

/// Where a line begins.
#[derive(Clone, Copy)]
enum Find {
    At(u64),
    /// The file has no such line.
    OutOfRange,
    /// The index does not fit the file.
    Unfit,
}

/// A line whose place is known already.
#[derive(Clone, Copy)]
struct Near {
    number: u64,
    start: u64,
}

/// Finds the lines that are asked for in the order of their numbers, so that neighbours are found together; then reads them
/// in the asked order. `find` is given a number, and the line behind the one found before. `None` when the index does not
/// fit the file.
fn gather(
    file: &JsonlFile,
    numbers: &[u64],
    mut find: impl FnMut(&mut Window<'_>, u64, Option<Near>) -> Result<Find>,
) -> Result<Option<LineBatch>> {
    let mut ascending = numbers.to_vec();
    ascending.sort_unstable();
    ascending.dedup();
    let mut window = Window::new(file);
    let mut near = None;
    let mut found = Vec::new();
    for number in ascending {
        let start = match find(&mut window, number, near)? {
            Find::At(start) => start,
            Find::OutOfRange => continue,
            Find::Unfit => return Ok(None),
        };
        let span = window.span_from(start)?;
        found.push((number, span));
        near = Some(Near { number: number + 1, start: window.behind(span) });
    }
    let asked = numbers
        .iter()
        .filter_map(|number| found.get(found.binary_search_by_key(number, |(number, _)| *number).ok()?));
    read_spans(file, &mut window, &asked.copied().collect::<Vec<_>>()).map(Some)
}

fn read_spans(file: &JsonlFile, window: &mut Window<'_>, spans: &[(u64, Span)]) -> Result<LineBatch> {
    let held = spans.iter().fold(0_usize, |held, (_, span)| held.saturating_add(span.held_bytes()));
    check_answer(file.path(), held)?;
    let mut lines = LineBatch::default();
    for (at, &(number, span)) in spans.iter().enumerate() {
        if let Some(&(_, next)) = spans.get(at + 1) {
            window.show_both(span, next)?;
        }
        window.text(span)?.push(&mut lines, number, span.start);
    }
    Ok(lines)
}
