//! Runs of hooks, those that wait to be run as well. Functions without a `dbPath` use the `han.db` that was used last.

use crate::{
    argument::{count, whole},
    error::{self, guard},
    state,
};
use han_base::page;
use han_db::{HookExecution, HookExecutionInput, HookStats, PendingHookInput};
use napi_derive::napi;

/// Records a run of a hook that is over. Its session is made when there is none.
#[napi]
pub fn record_hook_execution(db_path: String, input: HookExecutionInput) -> error::Result<HookExecution> {
    guard(|| state::open(&db_path)?.write(|write| write.hook_executions().record(&input)))
}

/// Figures of the runs of a period: `day`, `week` (7 days) or `month` (30 days) back from now; anything else is all
/// time. Hooks that wait count as not passed. Zeros where there are none.
#[napi]
pub fn query_hook_stats(db_path: String, period: Option<String>) -> error::Result<HookStats> {
    guard(|| state::open(&db_path)?.read(|read| read.hook_executions().stats(period.as_deref())))
}

/// Which runs of hooks a page shows. Everything is optional.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct HookExecutionPageOptions {
    /// 1 to 1000; default 100.
    pub limit: Option<f64>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
    /// Runs for this session only.
    pub session_id: Option<String>,
}

/// A page of runs of hooks.
#[napi(object, object_from_js = false)]
pub struct HookExecutionPage {
    /// The runs of this page.
    pub items: Vec<HookExecution>,
    /// Where the next page begins; absent at the end.
    pub next_cursor: Option<String>,
    /// Whether another page follows.
    pub has_more: bool,
}

/// A page of runs of hooks; the last that came is the first.
#[napi]
pub fn list_hook_executions_page(
    db_path: String,
    options: Option<HookExecutionPageOptions>,
) -> error::Result<HookExecutionPage> {
    guard(|| {
        let options = options.unwrap_or_default();
        let limit = page::limit(count("limit", options.limit)?, 100)?;
        let page = state::open(&db_path)?.read(|read| {
            read.hook_executions().page(options.session_id.as_deref(), options.cursor.as_deref(), limit)
        })?;
        Ok(HookExecutionPage { has_more: page.has_more(), items: page.items, next_cursor: page.next_cursor })
    })
}

/// Queues a hook to be run, with status `pending`; returns the id of the run. Its session is made when there is none;
/// an unknown orchestration is `DB_CONSTRAINT`.
#[napi]
pub fn queue_pending_hook(input: PendingHookInput, db_path: Option<String>) -> error::Result<String> {
    guard(|| state::named(db_path.as_deref())?.write(|write| write.hook_executions().queue(&input)))
}

/// Hooks that wait to be run, in order of arrival.
#[napi]
pub fn get_pending_hooks(db_path: Option<String>) -> error::Result<Vec<HookExecution>> {
    guard(|| state::named(db_path.as_deref())?.read(|read| read.hook_executions().list_pending()))
}

/// Hooks of a session with status `pending`, `running` or `failed`, in order of arrival.
#[napi]
pub fn get_session_pending_hooks(
    session_id: String,
    db_path: Option<String>,
) -> error::Result<Vec<HookExecution>> {
    guard(|| {
        state::named(db_path.as_deref())?.read(|read| read.hook_executions().list_unfinished(&session_id))
    })
}

/// Sets the status of a run; an unknown id changes nothing.
#[napi]
pub fn update_hook_status(id: String, status: String, db_path: Option<String>) -> error::Result<()> {
    guard(|| {
        state::named(db_path.as_deref())?.write(|write| write.hook_executions().set_status(&id, &status))
    })
}

/// Notes how a run ended: with `success` as `completed` and exit code 0, else as `failed` and 1. Output and error that
/// are not given are erased; an unknown id changes nothing.
#[napi]
pub fn complete_hook_execution(
    id: String,
    success: bool,
    output: Option<String>,
    error: Option<String>,
    duration_ms: f64,
    db_path: Option<String>,
) -> error::Result<()> {
    guard(|| {
        let duration_ms = whole("durationMs", duration_ms)? as i64;
        state::named(db_path.as_deref())?.write(|write| {
            write.hook_executions().complete(&id, success, output.as_deref(), error.as_deref(), duration_ms)
        })
    })
}

/// Notes that a run failed, with its exit code as it is; an unknown id changes nothing.
#[napi]
pub fn fail_hook_execution(id: String, error_message: String, db_path: Option<String>) -> error::Result<()> {
    guard(|| {
        state::named(db_path.as_deref())?.write(|write| write.hook_executions().fail(&id, &error_message))
    })
}
