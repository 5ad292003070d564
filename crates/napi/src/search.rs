//! Full-text search.

use crate::{
    argument::count,
    error::{self, guard},
    messages::speaker,
    rows::{self, Messages, RowWriter, Rows, SearchHits},
    state, task,
};
use han_base::{Code, Error, Result, Timestamp, page};
use han_db::{MessageRow, SearchFilter, SearchOrder};
use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;

/// The messages that a query finds, newest first. `limit`: default 50. See `searchTranscripts` for the language of
/// queries; a query without a word finds nothing.
#[napi(ts_return_type = "Array<Message>")]
pub fn search_messages(
    db_path: String,
    query: String,
    session_id: Option<String>,
    limit: Option<f64>,
) -> error::Result<Rows<Messages>> {
    guard(|| messages(&db_path, &query, session_id.as_deref(), limit))
}

/// As `searchMessages`, without blocking.
#[napi(ts_return_type = "Promise<Array<Message>>")]
pub fn search_messages_async(
    env: &Env,
    db_path: String,
    query: String,
    session_id: Option<String>,
    limit: Option<f64>,
) -> error::Result<PromiseRaw<'_, Rows<Messages>>> {
    rows::pending(env, move || messages(&db_path, &query, session_id.as_deref(), limit))
}

fn messages(
    db_path: &str,
    query: &str,
    session_id: Option<&str>,
    limit: Option<f64>,
) -> Result<Rows<Messages>> {
    let limit = count("limit", limit)?.unwrap_or(50);
    state::open(db_path)?.read(|read| {
        let mut rows = RowWriter::<Messages>::default();
        let mut write = |row: &MessageRow<'_>| {
            rows.write(row);
            Ok(())
        };
        read.search().visit_messages(query, session_id, limit, &mut write)?;
        Ok(rows.finish())
    })
}

/// What is searched, and how hits come. Everything is optional.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct SearchOptions {
    /// 1 to 1000; default 20.
    pub limit: Option<f64>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
    /// Id, slug, path or name of a project.
    pub project: Option<String>,
    /// A session.
    pub session_id: Option<String>,
    /// Who really speaks.
    #[napi(ts_type = "'user' | 'assistant' | 'tool' | 'system' | 'summary'")]
    pub speaker: Option<String>,
    /// An agent; "" means main conversations only.
    pub agent_id: Option<String>,
    /// RFC 3339: at or after this time.
    pub since: Option<String>,
    /// RFC 3339: before this time.
    pub until: Option<String>,
    /// Default `rank`: best first.
    #[napi(ts_type = "'rank' | 'newest'")]
    pub order: Option<String>,
}

/// A page of hits.
#[napi(object, object_from_js = false)]
pub struct SearchPage {
    /// The hits of this page.
    #[napi(ts_type = "Array<SearchHit>")]
    pub items: Rows<SearchHits>,
    /// Where the next page begins; absent at the end.
    pub next_cursor: Option<String>,
    /// Whether another page follows.
    pub has_more: bool,
}

/// The messages that a query finds, best first, with snippets.
///
/// Words are all required; `OR`, `NOT` (or `-word`), parentheses, `"phrases"` and `prefix*` work, and `content:` or
/// `input:` before a word looks only at what was said or at the input of tools. Identifiers and paths are found whole
/// and by part, Chinese and Japanese from two characters on. What is not well formed is taken as words; no query is an
/// error.
///
/// @example
/// ```js
/// const { items } = searchTranscripts(dbPath, 'retry (budget OR limit) -test', { speaker: 'assistant' })
/// ```
#[napi]
pub fn search_transcripts(
    db_path: String,
    query: String,
    options: Option<SearchOptions>,
) -> error::Result<SearchPage> {
    guard(|| search(&db_path, &query, options.unwrap_or_default()))
}

/// As `searchTranscripts`, without blocking.
#[napi]
pub fn search_transcripts_async(
    env: &Env,
    db_path: String,
    query: String,
    options: Option<SearchOptions>,
) -> error::Result<PromiseRaw<'_, SearchPage>> {
    task::blocking(env, move || search(&db_path, &query, options.unwrap_or_default()))
}

fn search(db_path: &str, query: &str, options: SearchOptions) -> Result<SearchPage> {
    let limit = page::limit(count("limit", options.limit)?, 20)?;
    let time = |name, text: Option<&str>| text.map(|text| Timestamp::parse_argument(name, text)).transpose();
    let filter = SearchFilter {
        since: time("since", options.since.as_deref())?,
        until: time("until", options.until.as_deref())?,
        order: match options.order.as_deref() {
            None | Some("rank") => SearchOrder::Rank,
            Some("newest") => SearchOrder::Newest,
            Some(other) => {
                return Err(Error::new(
                    Code::InvalidArgument,
                    format!("take order = {other:?}: it is rank or newest"),
                ));
            }
        },
        project: options.project,
        session_id: options.session_id,
        speaker: speaker(options.speaker)?,
        agent_id: options.agent_id,
    };
    let page = state::open(db_path)?
        .read(|read| read.search().page(query, &filter, options.cursor.as_deref(), limit))?;
    Ok(SearchPage { has_more: page.has_more(), items: Rows::of(page.items), next_cursor: page.next_cursor })
}
