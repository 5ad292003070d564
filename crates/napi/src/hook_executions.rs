//! Runs of hooks, those that wait to be run as well. Functions without a `dbPath` mean the database of
//! `withDatabase`, else the `han.db` that was used last.

use crate::{
    argument::whole,
    error::{self, guard},
    page::{page_limit, pages},
    state, task,
};
use han_base::{Code, Error, Result};
use han_db::{
    HookExecution, HookExecutionFilter, HookExecutionInput, HookExecutionState, HookStats, PendingHookInput,
};
use napi::{Env, bindgen_prelude::PromiseRaw};
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
    /// Runs of this orchestration only.
    pub orchestration_id: Option<String>,
    /// Only those that wait to be run, or only those that wait, run or failed.
    #[napi(ts_type = "'pending' | 'unfinished'")]
    pub only: Option<String>,
    /// In order of arrival; default false.
    pub oldest_first: Option<bool>,
}

pages! {
    HookExecutionPage of HookExecution, "A page of runs of hooks.";
}

/// A page of runs of hooks; the last that came is the first, unless `oldestFirst` is true.
#[napi]
pub fn list_hook_executions_page(
    db_path: String,
    options: Option<HookExecutionPageOptions>,
) -> error::Result<HookExecutionPage> {
    guard(|| {
        let options = options.unwrap_or_default();
        let limit = page_limit(options.limit)?;
        let filter = HookExecutionFilter {
            session_id: options.session_id.as_deref(),
            orchestration_id: options.orchestration_id.as_deref(),
            only: options.only.as_deref().map(state_named).transpose()?,
            oldest_first: options.oldest_first.unwrap_or(false),
        };
        let cursor = options.cursor.as_deref();
        state::open(&db_path)?.read(|read| read.hook_executions().page(filter, cursor, limit)).map(Into::into)
    })
}

fn state_named(word: &str) -> Result<HookExecutionState> {
    match word {
        "pending" => Ok(HookExecutionState::Pending),
        "unfinished" => Ok(HookExecutionState::Unfinished),
        _ => {
            let attempt = format!("take only = {word:?}: it is \"pending\" or \"unfinished\"");
            Err(Error::new(Code::InvalidArgument, attempt))
        }
    }
}

/// Queues a hook to be run, with status `pending`; returns the id of the run. Its session is made when there is none;
/// an unknown orchestration is `DB_CONSTRAINT`.
#[napi]
pub fn queue_pending_hook(input: PendingHookInput) -> error::Result<String> {
    guard(|| state::current()?.write(|write| write.hook_executions().queue(&input)))
}

/// Hooks that wait to be run, in order of arrival.
#[napi]
pub fn get_pending_hooks() -> error::Result<Vec<HookExecution>> {
    guard(|| state::current()?.read(|read| read.hook_executions().list_pending()))
}

/// Hooks of a session with status `pending`, `running` or `failed`, in order of arrival.
#[napi]
pub fn get_session_pending_hooks(session_id: String) -> error::Result<Vec<HookExecution>> {
    guard(|| state::current()?.read(|read| read.hook_executions().list_unfinished(&session_id)))
}

/// Sets the status of a run; an unknown id changes nothing.
#[napi]
pub fn update_hook_status(id: String, status: String) -> error::Result<()> {
    guard(|| state::current()?.write(|write| write.hook_executions().set_status(&id, &status)))
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
) -> error::Result<()> {
    guard(|| {
        let duration_ms = whole("durationMs", duration_ms)? as i64;
        state::current()?.write(|write| {
            write.hook_executions().complete(&id, success, output.as_deref(), error.as_deref(), duration_ms)
        })
    })
}

/// Notes that a run failed, with its exit code as it is; an unknown id changes nothing.
#[napi]
pub fn fail_hook_execution(id: String, error_message: String) -> error::Result<()> {
    guard(|| state::current()?.write(|write| write.hook_executions().fail(&id, &error_message)))
}

/// As `recordHookExecution` for many, in one transaction: all are recorded, or none. The answer is in the order of the input.
#[napi]
pub fn record_hook_executions(
    db_path: String,
    inputs: Vec<HookExecutionInput>,
) -> error::Result<Vec<HookExecution>> {
    guard(|| record_all(&db_path, &inputs))
}

/// As `recordHookExecutions`, without blocking.
#[napi]
pub fn record_hook_executions_async(
    env: &Env,
    db_path: String,
    inputs: Vec<HookExecutionInput>,
) -> error::Result<PromiseRaw<'_, Vec<HookExecution>>> {
    task::blocking(env, move || record_all(&db_path, &inputs))
}

fn record_all(db_path: &str, inputs: &[HookExecutionInput]) -> Result<Vec<HookExecution>> {
    state::open(db_path)?
        .write(|write| inputs.iter().map(|input| write.hook_executions().record(input)).collect())
}

/// As `queuePendingHook` for many, in one transaction: all are queued, or none. Returns the ids of the runs in the order
/// of the input.
#[napi]
pub fn queue_pending_hooks(db_path: String, inputs: Vec<PendingHookInput>) -> error::Result<Vec<String>> {
    guard(|| {
        state::open(&db_path)?
            .write(|write| inputs.iter().map(|input| write.hook_executions().queue(input)).collect())
    })
}
