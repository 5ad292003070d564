//! Sessions.

use crate::{
    argument::count,
    error::{self, guard},
    rows::{self, Rows, SessionOverviews, Sessions},
    state, task,
};
use han_base::{Result, Timestamp, page};
use han_db::{Session, SessionFilter, SessionInput, SessionOverview};
use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;

/// Inserts a session, or changes the one with the same id: `status` (default `active`) always, the others where they
/// are given. An unknown `projectId` is `DB_CONSTRAINT`.
#[napi]
pub fn upsert_session(db_path: String, input: SessionInput) -> error::Result<Session> {
    guard(|| state::open(&db_path)?.write(|write| write.sessions().upsert(&input)))
}

/// Marks a session as completed. Always true, also for an unknown id.
#[napi]
pub fn end_session(db_path: String, session_id: String) -> error::Result<bool> {
    guard(|| state::open(&db_path)?.write(|write| write.sessions().end(&session_id)).map(|()| true))
}

/// The session with this id; null when there is none.
#[napi]
pub fn get_session(db_path: String, session_id: String) -> error::Result<Option<Session>> {
    guard(|| state::open(&db_path)?.read(|read| read.sessions().get(&session_id)))
}

/// Sessions of a project and with a status, newest message first, those without a message last. `limit`: default 100.
#[napi(ts_return_type = "Array<Session>")]
pub fn list_sessions(
    db_path: String,
    project_id: Option<String>,
    status: Option<String>,
    limit: Option<f64>,
) -> error::Result<Rows<Sessions>> {
    guard(|| list(&db_path, project_id.as_deref(), status.as_deref(), limit))
}

/// As `listSessions`, without blocking.
#[napi(ts_return_type = "Promise<Array<Session>>")]
pub fn list_sessions_async(
    env: &Env,
    db_path: String,
    project_id: Option<String>,
    status: Option<String>,
    limit: Option<f64>,
) -> error::Result<PromiseRaw<'_, Rows<Sessions>>> {
    rows::pending(env, move || list(&db_path, project_id.as_deref(), status.as_deref(), limit))
}

fn list(
    db_path: &str,
    project_id: Option<&str>,
    status: Option<&str>,
    limit: Option<f64>,
) -> Result<Rows<Sessions>> {
    let limit = count("limit", limit)?.unwrap_or(100);
    Ok(Rows::of(state::open(db_path)?.read(|read| read.sessions().list(project_id, status, limit))?))
}

/// 0-based number of the last indexed line of a session's main transcript; 0 when nothing is indexed.
#[napi]
pub fn get_last_indexed_line(db_path: String, session_id: String) -> error::Result<i64> {
    guard(|| state::open(&db_path)?.read(|read| read.sessions().last_indexed_line(&session_id)))
}

/// Which sessions a page shows. Everything is optional.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct SessionPageOptions {
    /// 1 to 1000; default 50.
    pub limit: Option<f64>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
    /// Id, slug, path or name of a project.
    pub project: Option<String>,
    /// RFC 3339: sessions with a message at or after this time.
    pub since: Option<String>,
    /// RFC 3339: sessions whose first message is before this time.
    pub until: Option<String>,
}

/// A page of sessions.
#[napi(object, object_from_js = false)]
pub struct SessionPage {
    /// The sessions of this page.
    #[napi(ts_type = "Array<SessionOverview>")]
    pub items: Rows<SessionOverviews>,
    /// Where the next page begins; absent at the end.
    pub next_cursor: Option<String>,
    /// Whether another page follows.
    pub has_more: bool,
}

/// A page of sessions with what a list of them shows, newest message first.
#[napi]
pub fn list_sessions_page(
    db_path: String,
    options: Option<SessionPageOptions>,
) -> error::Result<SessionPage> {
    guard(|| page(&db_path, options.unwrap_or_default()))
}

/// As `listSessionsPage`, without blocking.
#[napi]
pub fn list_sessions_page_async(
    env: &Env,
    db_path: String,
    options: Option<SessionPageOptions>,
) -> error::Result<PromiseRaw<'_, SessionPage>> {
    task::blocking(env, move || page(&db_path, options.unwrap_or_default()))
}

fn page(db_path: &str, options: SessionPageOptions) -> Result<SessionPage> {
    let limit = page::limit(count("limit", options.limit)?, 50)?;
    let time = |name, text: &Option<String>| {
        text.as_deref().map(|text| Timestamp::parse_argument(name, text)).transpose()
    };
    let filter = SessionFilter {
        since: time("since", &options.since)?,
        until: time("until", &options.until)?,
        project: options.project,
    };
    let page =
        state::open(db_path)?.read(|read| read.sessions().page(&filter, options.cursor.as_deref(), limit))?;
    Ok(SessionPage { has_more: page.has_more(), items: Rows::of(page.items), next_cursor: page.next_cursor })
}

/// One session with what a list shows of it; null when there is none. The id is exact.
#[napi]
pub fn get_session_overview(db_path: String, session_id: String) -> error::Result<Option<SessionOverview>> {
    guard(|| state::open(&db_path)?.read(|read| read.sessions().overview(&session_id)))
}

/// Ids of sessions that begin with `idPrefix`, newest message first. `limit`: default 20.
#[napi]
pub fn find_sessions(db_path: String, id_prefix: String, limit: Option<f64>) -> error::Result<Vec<String>> {
    guard(|| {
        let limit = count("limit", limit)?.unwrap_or(20);
        state::open(&db_path)?.read(|read| read.sessions().find(&id_prefix, limit))
    })
}
