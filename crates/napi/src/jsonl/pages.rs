//! Counting lines, and reading some of them by their place.

use super::{
    progress::{self, JsonlJobOptions},
    text::TextLines,
    values::{Lines, UnnumberedLines},
};
use crate::{
    argument::whole,
    error::{self, guard},
    state, task,
};
use han_base::Result;
use han_jsonl::{Unwatched, count_lines, read_tail};
use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;
use std::path::Path;

/// How many lines a file has; an unterminated last one counts.
#[napi]
pub fn jsonl_count_lines(file_path: String) -> error::Result<f64> {
    guard(|| Ok(count_lines(Path::new(&file_path), &Unwatched)? as f64))
}

/// As `jsonlCountLines`, without blocking, with progress, and to be cancelled: then it rejects with `CANCELLED`.
#[napi(strict)]
pub fn jsonl_count_lines_async<'env>(
    env: &'env Env,
    file_path: String,
    options: Option<JsonlJobOptions<'_>>,
) -> error::Result<PromiseRaw<'env, f64>> {
    progress::job(env, options, file_path, |path, observer| Ok(count_lines(path, observer)? as f64))
}

/// Figures of a file.
#[napi(object, object_from_js = false)]
pub struct JsonlStats {
    /// Lines, blank ones too.
    pub line_count: f64,
    /// Bytes.
    pub file_size: f64,
    /// Whether an index was saved for it.
    pub has_index: bool,
    /// Whether that index does not describe the file as it is now.
    pub index_stale: bool,
}

/// Figures of a file. Counts its lines where no index knows them.
#[napi]
pub fn jsonl_stats(file_path: String) -> error::Result<JsonlStats> {
    guard(|| stats(&file_path))
}

/// As `jsonlStats`, without blocking.
#[napi]
pub fn jsonl_stats_async(env: &Env, file_path: String) -> error::Result<PromiseRaw<'_, JsonlStats>> {
    task::blocking(env, move || stats(&file_path))
}

fn stats(file_path: &str) -> Result<JsonlStats> {
    let stats = state::indexes().stats(Path::new(file_path))?;
    Ok(JsonlStats {
        line_count: stats.line_count as f64,
        file_size: stats.file_size as f64,
        has_index: stats.has_index,
        index_stale: stats.index_stale,
    })
}

/// A page of lines.
#[napi(object, object_from_js = false)]
pub struct PaginatedResult {
    /// The lines that are not blank.
    #[napi(ts_type = "Array<JsonlLine>")]
    pub lines: Lines,
    /// Lines of the file, blank ones too.
    pub total_lines: f64,
    /// Whether lines are left behind this page.
    pub has_more: bool,
    /// The line where the next page begins.
    pub next_offset: f64,
}

/// Up to `limit` lines that are not blank, from line number `offset` on.
///
/// The place of lines is known from an index in memory or beside the file; where there is none, one is made in memory, so
/// that only the first page of a file costs a reading of it. A page ends early, with `hasMore` and the right
/// `nextOffset`, when its lines hold more than 64 MiB.
///
/// @example
/// ```js
/// for (let page, offset = 0; page?.hasMore ?? true; offset = page.nextOffset) {
///   page = jsonlReadPage(file, offset, 1000)
///   for (const line of page.lines) console.log(line.lineNumber, line.content)
/// }
/// ```
#[napi]
pub fn jsonl_read_page(file_path: String, offset: f64, limit: f64) -> error::Result<PaginatedResult> {
    guard(|| read_page(&file_path, offset, limit))
}

/// As `jsonlReadPage`, without blocking.
#[napi]
pub fn jsonl_read_page_async(
    env: &Env,
    file_path: String,
    offset: f64,
    limit: f64,
) -> error::Result<PromiseRaw<'_, PaginatedResult>> {
    task::blocking(env, move || read_page(&file_path, offset, limit))
}

fn read_page(file_path: &str, offset: f64, limit: f64) -> Result<PaginatedResult> {
    let offset = whole("offset", offset)?;
    let page = state::indexes().read_page(Path::new(file_path), offset, limit_of(limit)?)?;
    Ok(PaginatedResult {
        lines: TextLines::from(page.lines).into(),
        total_lines: page.total_lines as f64,
        has_more: page.has_more,
        next_offset: page.next_offset as f64,
    })
}

fn limit_of(limit: f64) -> Result<usize> {
    Ok(usize::try_from(whole("limit", limit)?).unwrap_or(usize::MAX))
}

/// Up to `limit` of the last lines that are not blank, the last one first. To know their numbers it needs an index, as
/// `jsonlReadPage` does; `jsonlReadTail` does not.
#[napi(ts_return_type = "Array<JsonlLine>")]
pub fn jsonl_read_reverse(file_path: String, limit: f64) -> error::Result<Lines> {
    guard(|| read_reverse(&file_path, limit))
}

/// As `jsonlReadReverse`, without blocking.
#[napi(ts_return_type = "Promise<Array<JsonlLine>>")]
pub fn jsonl_read_reverse_async(
    env: &Env,
    file_path: String,
    limit: f64,
) -> error::Result<PromiseRaw<'_, Lines>> {
    task::blocking(env, move || read_reverse(&file_path, limit))
}

fn read_reverse(file_path: &str, limit: f64) -> Result<Lines> {
    let lines = state::indexes().read_reverse(Path::new(file_path), limit_of(limit)?)?;
    Ok(TextLines::from(lines).into())
}

/// A line whose number is not known.
// Only declared: `values::UnnumberedLines` makes it.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct JsonlTailLine {
    /// Where the line begins in the file, in bytes.
    pub byte_offset: f64,
    /// Without the newline; a carriage return stays.
    pub content: String,
    /// Bytes that are missing at the end of a line of more than 64 MiB, of which only the first 64 KiB are given.
    pub omitted_bytes: Option<f64>,
}

/// Some of the last lines of a file.
#[napi(object, object_from_js = false)]
pub struct JsonlTail {
    /// The lines that are not blank, the last one first.
    #[napi(ts_type = "Array<JsonlTailLine>")]
    pub lines: UnnumberedLines,
    /// Whether lines are left before these: those with `beforeOffset` = the `byteOffset` of the last of these.
    pub has_more: bool,
    /// Bytes of the file.
    pub file_size: f64,
}

/// Up to `limit` of the last lines that are not blank, the last one first, without their numbers: reads no more than it
/// returns, whatever the size of the file. `beforeOffset`: only lines that begin before this byte offset.
///
/// Ends early, with `hasMore`, when its lines hold more than 64 MiB.
#[napi]
pub fn jsonl_read_tail(
    file_path: String,
    limit: f64,
    before_offset: Option<f64>,
) -> error::Result<JsonlTail> {
    guard(|| {
        let before = before_offset.map(|offset| whole("beforeOffset", offset)).transpose()?;
        let tail = read_tail(Path::new(&file_path), limit_of(limit)?, before)?;
        Ok(JsonlTail {
            lines: UnnumberedLines(tail.lines.into()),
            has_more: tail.has_more,
            file_size: tail.file_size as f64,
        })
    })
}

/// Lines by their numbers, in the asked order; numbers that the file does not have are left out, blank lines are given.
/// Uses an index as `jsonlReadPage` does.
#[napi(ts_return_type = "Array<JsonlLine>")]
pub fn jsonl_read_lines(file_path: String, line_numbers: Vec<f64>) -> error::Result<Lines> {
    guard(|| read_lines(&file_path, &line_numbers))
}

/// As `jsonlReadLines`, without blocking.
#[napi(ts_return_type = "Promise<Array<JsonlLine>>")]
pub fn jsonl_read_lines_async(
    env: &Env,
    file_path: String,
    line_numbers: Vec<f64>,
) -> error::Result<PromiseRaw<'_, Lines>> {
    task::blocking(env, move || read_lines(&file_path, &line_numbers))
}

fn read_lines(file_path: &str, line_numbers: &[f64]) -> Result<Lines> {
    let numbers = line_numbers_of(line_numbers)?;
    let lines = state::indexes().read_lines(Path::new(file_path), &numbers)?;
    Ok(TextLines::from(lines).into())
}

pub(super) fn line_numbers_of(numbers: &[f64]) -> Result<Vec<u64>> {
    let number = |(index, &number)| whole(&format!("lineNumbers[{index}]"), number);
    numbers.iter().enumerate().map(number).collect()
}
