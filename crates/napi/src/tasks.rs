//! Tasks and how they ended.

use crate::{
    argument::count,
    error::{self, guard},
    state,
};
use han_base::page;
use han_db::{Task, TaskCompletion, TaskFailure, TaskInput, TaskMetrics};
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

/// A page of tasks.
#[napi(object, object_from_js = false)]
pub struct TaskPage {
    /// The tasks of this page.
    pub items: Vec<Task>,
    /// Where the next page begins; absent at the end.
    pub next_cursor: Option<String>,
    /// Whether another page follows.
    pub has_more: bool,
}

/// A page of tasks; the one that began last comes first.
#[napi]
pub fn list_tasks_page(db_path: String, options: Option<TaskPageOptions>) -> error::Result<TaskPage> {
    guard(|| {
        let options = options.unwrap_or_default();
        let limit = page::limit(count("limit", options.limit)?, 100)?;
        let page = state::open(&db_path)?.read(|read| {
            read.tasks().page(options.session_id.as_deref(), options.cursor.as_deref(), limit)
        })?;
        Ok(TaskPage { has_more: page.has_more(), items: page.items, next_cursor: page.next_cursor })
    })
}
