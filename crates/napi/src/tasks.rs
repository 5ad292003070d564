//! Tasks and how they ended.

use crate::{
    error::{self, guard},
    page::{page_limit, pages},
    state, task,
};
use han_base::Result;
use han_db::{Task, TaskCompletion, TaskFailure, TaskInput, TaskMetrics};
use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;

/// Notes a task that begins now. A `taskId` that is taken and an unknown `sessionId` are `DB_CONSTRAINT`.
#[napi]
pub fn create_task(db_path: String, input: TaskInput) -> error::Result<Task> {
    guard(|| state::open(&db_path)?.write(|write| write.tasks().create(&input)))
}

/// Notes how a task ended, now; what is not given is erased. An unknown one is `TASK_NOT_FOUND`.
#[napi]
pub fn complete_task(db_path: String, completion: TaskCompletion) -> error::Result<Task> {
    guard(|| state::open(&db_path)?.write(|write| write.tasks().complete(&completion)))
}

/// Notes that a task failed, now; its notes then tell the reason, the notes and what was tried. An unknown one is
/// `TASK_NOT_FOUND`.
#[napi]
pub fn fail_task(db_path: String, failure: TaskFailure) -> error::Result<Task> {
    guard(|| state::open(&db_path)?.write(|write| write.tasks().fail(&failure)))
}

/// The task with this id; null when there is none.
#[napi]
pub fn get_task(db_path: String, task_id: String) -> error::Result<Option<Task>> {
    guard(|| state::open(&db_path)?.read(|read| read.tasks().get(&task_id)))
}

/// Figures of the tasks of a type and with an outcome that began in a period: `day`, `week` (7 days) or `month` (30
/// days) back from now; anything else is all time. Every figure honours the filters.
#[napi]
pub fn query_task_metrics(
    db_path: String,
    task_type: Option<String>,
    outcome: Option<String>,
    period: Option<String>,
) -> error::Result<TaskMetrics> {
    guard(|| {
        state::open(&db_path)?
            .read(|read| read.tasks().metrics(task_type.as_deref(), outcome.as_deref(), period.as_deref()))
    })
}

/// Which tasks a page shows. Everything is optional.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct TaskPageOptions {
    /// 1 to 1000; default 100.
    pub limit: Option<f64>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
    /// Tasks of this session only.
    pub session_id: Option<String>,
}

pages! {
    TaskPage of Task, "A page of tasks.";
}

/// A page of tasks; the one that began last comes first.
#[napi]
pub fn list_tasks_page(db_path: String, options: Option<TaskPageOptions>) -> error::Result<TaskPage> {
    guard(|| {
        let options = options.unwrap_or_default();
        let limit = page_limit(options.limit)?;
        let (session_id, cursor) = (options.session_id.as_deref(), options.cursor.as_deref());
        state::open(&db_path)?.read(|read| read.tasks().page(session_id, cursor, limit)).map(Into::into)
    })
}

/// As `createTask` for many, in one transaction: all are written, or none. The answer is in the order of the input.
#[napi]
pub fn create_tasks(db_path: String, inputs: Vec<TaskInput>) -> error::Result<Vec<Task>> {
    guard(|| create_all(&db_path, &inputs))
}

/// As `createTasks`, without blocking.
#[napi]
pub fn create_tasks_async(
    env: &Env,
    db_path: String,
    inputs: Vec<TaskInput>,
) -> error::Result<PromiseRaw<'_, Vec<Task>>> {
    task::blocking(env, move || create_all(&db_path, &inputs))
}

fn create_all(db_path: &str, inputs: &[TaskInput]) -> Result<Vec<Task>> {
    state::open(db_path)?.write(|write| inputs.iter().map(|input| write.tasks().create(input)).collect())
}

/// The tasks with these ids, in the order of the ids; null where there is none.
#[napi(ts_return_type = "Array<Task | null>")]
pub fn get_tasks_batch(db_path: String, task_ids: Vec<String>) -> error::Result<Vec<Option<Task>>> {
    guard(|| get_all(&db_path, &task_ids))
}

/// As `getTasksBatch`, without blocking.
#[napi(ts_return_type = "Promise<Array<Task | null>>")]
pub fn get_tasks_batch_async(
    env: &Env,
    db_path: String,
    task_ids: Vec<String>,
) -> error::Result<PromiseRaw<'_, Vec<Option<Task>>>> {
    task::blocking(env, move || get_all(&db_path, &task_ids))
}

fn get_all(db_path: &str, task_ids: &[String]) -> Result<Vec<Option<Task>>> {
    state::open(db_path)?.read(|read| task_ids.iter().map(|id| read.tasks().get(id)).collect())
}
