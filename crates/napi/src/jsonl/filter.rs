//! Finding lines by what they say.

use super::{
    condition::Filters,
    progress::{self, JsonlJobOptions, JsonlProgress},
    text::TextLines,
    values::Lines,
};
use crate::{
    argument::whole,
    error::{self, guard},
    task::OnProgress,
};
use han_base::Result;
use han_jsonl::{Filter, Observer, Unwatched, search};
use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;
use std::path::Path;

/// The lines that match a filter.
#[napi(object, object_from_js = false)]
pub struct FilterResult {
    /// The first of them, in the order of the file, up to the limit.
    #[napi(ts_type = "Array<JsonlLine>")]
    pub lines: Lines,
    /// How many match, beyond the limit too.
    pub matched_count: f64,
    /// How many lines were looked at, blank ones too.
    pub scanned_count: f64,
    /// `partial` when the work was cancelled: the answer holds what was found from the head of the file on.
    #[napi(ts_type = "'complete' | 'partial'")]
    pub status: String,
}

/// How a search is watched, ended and limited. Everything is optional.
#[napi(object, object_to_js = false)]
pub struct JsonlFilterOptions<'env> {
    /// Called at most about 20 times a second; what it throws ends the work and rejects the promise.
    #[napi(ts_type = "(progress: JsonlProgress) => void")]
    pub on_progress: Option<OnProgress<'env, JsonlProgress>>,
    /// A number from `createJobId()`, for `cancelJob`.
    pub job_id: Option<f64>,
    /// Lines to give at most; default: all.
    pub limit: Option<f64>,
}

/// The lines of a file for which all conditions hold. `limit`: lines to give at most; default: all.
///
/// Blank lines and lines that are no JSON never match. A line of more than 64 MiB does not either.
///
/// @example
/// ```js
/// const { lines, matchedCount } = jsonlFilter(file, [
///   { fieldPath: 'type', operator: 'eq', value: 'assistant' },
///   { fieldPath: 'message.usage.output_tokens', operator: 'gt', value: 1000 },
/// ], 10)
/// ```
#[napi]
pub fn jsonl_filter(
    file_path: String,
    #[napi(ts_arg_type = "JsonlFilters")] filters: Filters,
    limit: Option<f64>,
) -> error::Result<FilterResult> {
    guard(|| find(Path::new(&file_path), &filters.compile()?, limit, &Unwatched))
}

/// As `jsonlFilter`, without blocking, with progress, and to be cancelled.
#[napi(strict)]
pub fn jsonl_filter_async<'env>(
    env: &'env Env,
    file_path: String,
    #[napi(ts_arg_type = "JsonlFilters")] filters: Filters,
    options: Option<JsonlFilterOptions<'_>>,
) -> error::Result<PromiseRaw<'env, FilterResult>> {
    let (options, limit) = parts(options);
    progress::job(env, options, file_path, move |path, observer| {
        find(path, &filters.compile()?, limit, observer)
    })
}

/// The lines whose field is a time from `startTime` to `endTime`, both included. Times are RFC 3339 and compared as
/// moments, at the precision of nanoseconds; a missing zone means UTC. Lines without such a field do not match.
#[napi]
pub fn jsonl_filter_time_range(
    file_path: String,
    timestamp_field: String,
    start_time: String,
    end_time: String,
    limit: Option<f64>,
) -> error::Result<FilterResult> {
    guard(|| {
        let filter = Filter::time_range(&timestamp_field, &start_time, &end_time)?;
        find(Path::new(&file_path), &filter, limit, &Unwatched)
    })
}

/// As `jsonlFilterTimeRange`, without blocking, with progress, and to be cancelled.
#[napi(strict)]
pub fn jsonl_filter_time_range_async<'env>(
    env: &'env Env,
    file_path: String,
    timestamp_field: String,
    start_time: String,
    end_time: String,
    options: Option<JsonlFilterOptions<'_>>,
) -> error::Result<PromiseRaw<'env, FilterResult>> {
    let (options, limit) = parts(options);
    progress::job(env, options, file_path, move |path, observer| {
        let filter = Filter::time_range(&timestamp_field, &start_time, &end_time)?;
        find(path, &filter, limit, observer)
    })
}

fn parts(options: Option<JsonlFilterOptions<'_>>) -> (Option<JsonlJobOptions<'_>>, Option<f64>) {
    options.map_or((None, None), |JsonlFilterOptions { on_progress, job_id, limit }| {
        (Some(JsonlJobOptions { on_progress, job_id }), limit)
    })
}

fn find(path: &Path, filter: &Filter, limit: Option<f64>, observer: &dyn Observer) -> Result<FilterResult> {
    let limit = limit.map(|limit| whole("limit", limit)).transpose()?;
    let found = search(path, filter, limit, observer)?;
    Ok(FilterResult {
        lines: Lines(found.batches.into_iter().map(TextLines::from).collect()),
        matched_count: found.matched as f64,
        scanned_count: found.scanned as f64,
        status: if found.is_complete { "complete" } else { "partial" }.to_owned(),
    })
}
