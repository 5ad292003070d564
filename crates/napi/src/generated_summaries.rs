//! Summaries of sessions that a model wrote.

use crate::{
    argument::count,
    error::{self, guard},
    page::{PageOptions, pages},
    state, task,
};
use han_base::{Result, page};
use han_db::{GeneratedSessionSummary, GeneratedSessionSummaryInput};
use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;

/// Writes the summary of a session, in place of the one it had. An unknown session is `DB_CONSTRAINT`.
#[napi]
pub fn upsert_generated_summary(
    db_path: String,
    input: GeneratedSessionSummaryInput,
) -> error::Result<GeneratedSessionSummary> {
    guard(|| state::open(&db_path)?.write(|write| write.generated_summaries().upsert(&input)))
}

/// The summary that a model wrote of a session; null when there is none.
#[napi]
pub fn get_generated_summary(
    db_path: String,
    session_id: String,
) -> error::Result<Option<GeneratedSessionSummary>> {
    guard(|| state::open(&db_path)?.read(|read| read.generated_summaries().get(&session_id)))
}

/// The summaries whose text or topics a query finds, the one that was created last first. `limit`: default 20. The
/// language is that of `searchTranscripts`, without its fields.
#[napi]
pub fn search_generated_summaries(
    db_path: String,
    query: String,
    limit: Option<f64>,
) -> error::Result<Vec<GeneratedSessionSummary>> {
    guard(|| {
        let limit = count("limit", limit)?.unwrap_or(20);
        state::open(&db_path)?.read(|read| read.generated_summaries().search(&query, limit))
    })
}

/// A page of generated summaries.
#[napi(object, object_from_js = false)]
pub struct GeneratedSummaryPage {
    /// The summaries of this page.
    pub items: Vec<GeneratedSessionSummary>,
    /// Where the next page begins; absent at the end.
    pub next_cursor: Option<String>,
    /// Whether another page follows.
    pub has_more: bool,
}

/// Which part of the summaries that a query finds a page shows. Everything is optional.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct GeneratedSummaryPageOptions {
    /// 1 to 1000; default 20.
    pub limit: Option<f64>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
}

/// A page of what `searchGeneratedSummaries` finds.
#[napi]
pub fn search_generated_summaries_page(
    db_path: String,
    query: String,
    options: Option<GeneratedSummaryPageOptions>,
) -> error::Result<GeneratedSummaryPage> {
    guard(|| search_page(&db_path, &query, options.unwrap_or_default()))
}

/// As `searchGeneratedSummariesPage`, without blocking.
#[napi]
pub fn search_generated_summaries_page_async(
    env: &Env,
    db_path: String,
    query: String,
    options: Option<GeneratedSummaryPageOptions>,
) -> error::Result<PromiseRaw<'_, GeneratedSummaryPage>> {
    task::blocking(env, move || search_page(&db_path, &query, options.unwrap_or_default()))
}

fn search_page(
    db_path: &str,
    query: &str,
    options: GeneratedSummaryPageOptions,
) -> Result<GeneratedSummaryPage> {
    let limit = page::limit(count("limit", options.limit)?, 20)?;
    let page = state::open(db_path)?
        .read(|read| read.generated_summaries().search_page(query, options.cursor.as_deref(), limit))?;
    Ok(GeneratedSummaryPage { has_more: page.has_more(), items: page.items, next_cursor: page.next_cursor })
}

/// Ids of the sessions that no model has summarised, newest message first, those without a message last. `limit`:
/// default 100.
#[napi]
pub fn list_sessions_without_summaries(db_path: String, limit: Option<f64>) -> error::Result<Vec<String>> {
    guard(|| {
        let limit = count("limit", limit)?.unwrap_or(100);
        state::open(&db_path)?.read(|read| read.generated_summaries().missing(limit))
    })
}

pages! {
    SessionIdPage of String, "A page of ids of sessions.";
}

/// A page of `listSessionsWithoutSummaries`.
#[napi]
pub fn list_sessions_without_summaries_page(
    db_path: String,
    options: Option<PageOptions>,
) -> error::Result<SessionIdPage> {
    guard(|| {
        let (cursor, limit) = PageOptions::position(options.as_ref())?;
        state::open(&db_path)?
            .read(|read| read.generated_summaries().page_of_missing(cursor, limit))
            .map(Into::into)
    })
}
