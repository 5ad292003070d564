//! What models used and cost, and what agents did with it.

use crate::{
    argument::count,
    error::{self, guard},
    state, task,
};
use han_base::{Code, Error, Result, Timestamp};
use han_db::{CallFigures, UsageFilter, UsageGroup};
use han_indexer::{Cost, UsageQuery};
use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;
use std::path::Path;

/// Which usage is asked for. Everything is optional.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct UsageOptions {
    /// What it is added up by; default `day`. `agent` needs a `sessionId`.
    #[napi(ts_type = "'day' | 'model' | 'project' | 'session' | 'agent'")]
    pub group_by: Option<String>,
    /// Only replies at this time or later, RFC 3339.
    pub since: Option<String>,
    /// Only replies before this time, RFC 3339.
    pub until: Option<String>,
    /// Only sessions of this project: its id, slug, path or name.
    pub project: Option<String>,
    /// Only this session.
    pub session_id: Option<String>,
    /// Only this model; `''` is that of lines that name none.
    pub model: Option<String>,
    /// At most so many rows; all when absent. The total always counts all.
    pub limit: Option<f64>,
    /// A file with prices that go before the built-in ones.
    pub prices_path: Option<String>,
}

/// Usage and cost of one day, model, project, session or agent: only the fields that name such a one are there. Sums of
/// `costNanoDollars` are exact; `costDollars` is for showing.
#[napi(object, object_from_js = false)]
#[derive(Default)]
pub struct UsageRow {
    /// Of days: `YYYY-MM-DD` (UTC).
    pub date: Option<String>,
    /// Of models: the name; absent where lines name none.
    pub model: Option<String>,
    /// Of projects and sessions: the project; absent where there is none.
    pub project_id: Option<String>,
    /// The project's name.
    pub project_name: Option<String>,
    /// The project's folder.
    pub project_path: Option<String>,
    /// Of sessions: the session.
    pub session_id: Option<String>,
    /// The session's title, else the beginning of its first prompt.
    pub session_title: Option<String>,
    /// Of agents: the agent; absent for the main conversation.
    pub agent_id: Option<String>,
    /// Replies of models.
    pub reply_count: i64,
    /// Tokens read anew.
    pub input_tokens: i64,
    /// Tokens written.
    pub output_tokens: i64,
    /// Tokens read from the cache.
    pub cache_read_tokens: i64,
    /// Tokens put into the cache, for five minutes and for one hour.
    pub cache_creation_tokens: i64,
    /// Those of them for one hour.
    pub cache_hour_tokens: i64,
    /// Searches that the server made.
    pub web_search_requests: i64,
    /// Pages that the server fetched.
    pub web_fetch_requests: i64,
    /// The cost in nano-dollars (10^-9 US dollars).
    pub cost_nano_dollars: i64,
    /// The cost in US dollars.
    pub cost_dollars: f64,
    /// Replies of models without a price: they cost nothing here.
    pub unpriced_replies: i64,
}

/// What models used and cost.
#[napi(object, object_from_js = false)]
pub struct UsageReport {
    /// Days in their order; everything else by cost, the largest first.
    pub rows: Vec<UsageRow>,
    /// How many rows there are without a limit.
    pub row_count: f64,
    /// Everything together; it names nothing.
    pub total: UsageRow,
    /// Models that used something and have no price; `''` is that of lines that name none.
    pub unpriced_models: Vec<String>,
    /// The day the prices are of, `YYYY-MM-DD`; empty when their table does not say.
    pub prices_date: String,
}

impl From<&Cost> for UsageRow {
    fn from(cost: &Cost) -> Self {
        Self {
            reply_count: cost.usage.reply_count,
            input_tokens: cost.usage.input_tokens,
            output_tokens: cost.usage.output_tokens,
            cache_read_tokens: cost.usage.cache_read_tokens,
            cache_creation_tokens: cost.usage.cache_creation_tokens,
            cache_hour_tokens: cost.usage.cache_hour_tokens,
            web_search_requests: cost.usage.web_search_requests,
            web_fetch_requests: cost.usage.web_fetch_requests,
            cost_nano_dollars: cost.nano_dollars,
            cost_dollars: cost.dollars(),
            unpriced_replies: cost.unpriced_replies,
            ..Self::default()
        }
    }
}

impl From<han_indexer::UsageRow> for UsageRow {
    fn from(row: han_indexer::UsageRow) -> Self {
        Self {
            date: row.label.date,
            model: row.label.model,
            project_id: row.label.project_id,
            project_name: row.label.project_name,
            project_path: row.label.project_path,
            session_id: row.label.session_id,
            session_title: row.label.session_title,
            agent_id: row.label.agent_id,
            ..Self::from(&row.cost)
        }
    }
}

/// What models used and cost, by day, model, project, session or agent. Each reply counts once, however many lines and
/// files repeat it: in the session that was indexed first, at the time of its first line. A model without a price costs
/// nothing and is listed.
///
/// Codes: `INVALID_ARGUMENT`, `INVALID_TIMESTAMP`; `PRICES_INVALID`, `FILE_NOT_FOUND` and others for `pricesPath`.
#[napi]
pub fn query_usage(db_path: String, options: Option<UsageOptions>) -> error::Result<UsageReport> {
    guard(|| usage(&db_path, options.unwrap_or_default()))
}

/// As `queryUsage`, without blocking.
#[napi]
pub fn query_usage_async(
    env: &Env,
    db_path: String,
    options: Option<UsageOptions>,
) -> error::Result<PromiseRaw<'_, UsageReport>> {
    task::blocking(env, move || usage(&db_path, options.unwrap_or_default()))
}

fn usage(db_path: &str, options: UsageOptions) -> Result<UsageReport> {
    let limit = count("limit", options.limit)?;
    let query = UsageQuery {
        group: group(options.group_by.as_deref())?,
        filter: filter(options.since, options.until, options.project, options.session_id)?,
        model: options.model,
        limit: limit.map_or(usize::MAX, |limit| limit as usize),
    };
    let prices = options.prices_path.as_deref().map(Path::new);
    let report = han_indexer::query_usage(&*state::open(db_path)?, &query, prices)?;
    Ok(UsageReport {
        row_count: report.row_count as f64,
        total: UsageRow::from(&report.total),
        rows: report.rows.into_iter().map(Into::into).collect(),
        unpriced_models: report.unpriced_models,
        prices_date: report.prices_date,
    })
}

fn group(name: Option<&str>) -> Result<UsageGroup> {
    Ok(match name {
        None | Some("day") => UsageGroup::Day,
        Some("model") => UsageGroup::Model,
        Some("project") => UsageGroup::Project,
        Some("session") => UsageGroup::Session,
        Some("agent") => UsageGroup::Agent,
        Some(other) => {
            let attempt =
                format!("take groupBy = {other:?}: it is 'day', 'model', 'project', 'session' or 'agent'");
            return Err(Error::new(Code::InvalidArgument, attempt));
        }
    })
}

fn filter(
    since: Option<String>,
    until: Option<String>,
    project: Option<String>,
    session_id: Option<String>,
) -> Result<UsageFilter> {
    let time =
        |name, text: Option<String>| text.map(|text| Timestamp::parse_argument(name, &text)).transpose();
    Ok(UsageFilter { since: time("since", since)?, until: time("until", until)?, project, session_id })
}

/// Which calls are asked for. Everything is optional.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct CallFiguresOptions {
    /// Only what was called at this time or later, RFC 3339.
    pub since: Option<String>,
    /// Only what was called before this time, RFC 3339.
    pub until: Option<String>,
    /// Only sessions of this project: its id, slug, path or name.
    pub project: Option<String>,
    /// Only this session, with all that stands in it.
    pub session_id: Option<String>,
    /// At most so many tools and files; default 100.
    pub limit: Option<f64>,
}

/// What agents did: tools with their errors, agents that were started, files that were changed, compactions. Nothing
/// counts twice that stands in several sessions.
///
/// Codes: `INVALID_ARGUMENT`, `INVALID_TIMESTAMP`.
#[napi]
pub fn query_call_figures(
    db_path: String,
    options: Option<CallFiguresOptions>,
) -> error::Result<CallFigures> {
    guard(|| call_figures(&db_path, options.unwrap_or_default()))
}

/// As `queryCallFigures`, without blocking.
#[napi]
pub fn query_call_figures_async(
    env: &Env,
    db_path: String,
    options: Option<CallFiguresOptions>,
) -> error::Result<PromiseRaw<'_, CallFigures>> {
    task::blocking(env, move || call_figures(&db_path, options.unwrap_or_default()))
}

fn call_figures(db_path: &str, options: CallFiguresOptions) -> Result<CallFigures> {
    let limit = count("limit", options.limit)?.unwrap_or(100) as usize;
    let filter = filter(options.since, options.until, options.project, options.session_id)?;
    state::open(db_path)?.read(|read| read.activity().call_figures(&filter, limit))
}
