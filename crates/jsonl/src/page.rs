//! Pages of lines by their number.

use crate::{
    JsonlFile, LineBatch,
    index::SparseIndex,
    window::{Window, held_bytes},
};
use han_base::Result;

/// What a page holds in memory at most, unless its first line alone is longer.
const PAGE_BYTES: usize = 64 * 1024 * 1024;

/// Some lines of a file that follow each other.
#[derive(Clone, Debug, Default)]
pub struct LinePage {
    /// The lines that are not blank.
    pub lines: LineBatch,
    /// How many lines the file has, blank ones too.
    pub total_lines: u64,
    /// Number of the line behind the last one looked at: where the next page begins.
    pub next_offset: u64,
    /// Whether lines are left behind this page.
    pub has_more: bool,
}

/// Up to `limit` lines that are not blank, from line `offset` on. `None` when the index does not fit the file.
pub(crate) fn read_page(
    file: &JsonlFile,
    index: &SparseIndex,
    offset: u64,
    limit: usize,
) -> Result<Option<LinePage>> {
    let total_lines = index.line_count();
    let mut page = LinePage { total_lines, next_offset: offset, ..LinePage::default() };
    if offset >= total_lines {
        return Ok(Some(page));
    }
    let mut window = Window::new(file);
    let Some(mut start) = index.find(&mut window, offset)? else { return Ok(None) };
    while start < file.size() && page.lines.len() < limit {
        let span = window.span_from(start)?;
        if !page.lines.is_empty() && held_bytes(&page.lines) + span.held_bytes() > PAGE_BYTES {
            break;
        }
        let text = window.text(span)?;
        if !text.is_blank {
            text.push(&mut page.lines, page.next_offset, start);
        }
        page.next_offset += 1;
        start = window.behind(span);
    }
    // Blank lines at the end of the file shall not be a page of their own.
    let (blank, start) = window.pass_blank_lines(start)?;
    page.next_offset += blank;
    page.has_more = page.next_offset < total_lines;
    Ok(index.admits(page.next_offset, start).then_some(page))
}
