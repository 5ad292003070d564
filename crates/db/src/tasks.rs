//! Tasks and how they ended (table `tasks`).

use crate::{
    columns::{TextList, optional_time, time, to_json},
    error::Attempt,
    pages::fetch_row,
    period,
    sessions::bind,
    transaction::{Read, ReadWrite, Tasks},
};
use han_base::{Code, Cursor, Error, Page, Result, Timestamp, id};
use rusqlite::{OptionalExtension, Row, ToSql, params};
use xxhash_rust::xxh3::xxh3_128;

/// A task.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct Task {
    /// Random UUID.
    pub id: Option<String>,
    /// The session it belongs to.
    pub session_id: Option<String>,
    /// The caller's id, unique in the database.
    pub task_id: String,
    /// What is to be done.
    pub description: String,
    /// A word of the caller.
    pub task_type: String,
    /// What the caller expected of it.
    pub estimated_complexity: Option<String>,
    /// `success`, `partial`, `failure` or a word of the caller; absent while it goes on.
    pub outcome: Option<String>,
    /// 0 to 1.
    pub confidence: Option<f64>,
    /// Free text.
    pub notes: Option<String>,
    /// Paths.
    pub files_modified: Option<Vec<String>>,
    /// A count.
    pub tests_added: Option<i64>,
    /// RFC 3339.
    pub started_at: Option<String>,
    /// RFC 3339.
    pub completed_at: Option<String>,
}

/// A task that begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_to_js = false))]
pub struct TaskInput {
    /// An existing session.
    pub session_id: Option<String>,
    /// Unique in the database.
    pub task_id: String,
    /// What is to be done.
    pub description: String,
    /// A word to count by.
    pub task_type: String,
    /// What is expected of it.
    pub estimated_complexity: Option<String>,
}

/// How a task ended. What is absent is erased.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_to_js = false))]
pub struct TaskCompletion {
    /// The task.
    pub task_id: String,
    /// `success`, `partial`, `failure` or another word.
    pub outcome: String,
    /// 0 to 1.
    pub confidence: f64,
    /// Free text.
    pub notes: Option<String>,
    /// Paths.
    pub files_modified: Option<Vec<String>>,
    /// A count.
    pub tests_added: Option<i64>,
}

/// Why a task failed.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_to_js = false))]
pub struct TaskFailure {
    /// The task.
    pub task_id: String,
    /// In words.
    pub reason: String,
    /// What was tried, one item each.
    pub attempted_solutions: Option<Vec<String>>,
    /// 0 to 1.
    pub confidence: Option<f64>,
    /// Free text.
    pub notes: Option<String>,
}

impl TaskFailure {
    /// The reason, the notes and what was tried, as one text.
    fn as_notes(&self) -> String {
        let mut text = format!("Failure reason: {}", self.reason);
        if let Some(notes) = &self.notes {
            text.push_str("\nNotes: ");
            text.push_str(notes);
        }
        if let Some(solutions) = &self.attempted_solutions {
            text.push_str("\nAttempted solutions:");
            for solution in solutions {
                text.push_str("\n- ");
                text.push_str(solution);
            }
        }
        text
    }
}

/// Figures of tasks.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct TaskMetrics {
    /// All tasks.
    pub total_tasks: i64,
    /// Those that ended.
    pub completed_tasks: i64,
    /// With outcome `success`.
    pub successful_tasks: i64,
    /// With outcome `partial`.
    pub partial_tasks: i64,
    /// With outcome `failure`.
    pub failed_tasks: i64,
    /// Successful tasks by those that ended; 0 when none did.
    pub success_rate: f64,
    /// Of those that have one.
    pub average_confidence: Option<f64>,
    /// Of those that ended.
    pub average_duration_seconds: Option<f64>,
    /// 1 less the mean distance of confidence and success (1 for outcome `success`, else 0); 0 without any.
    pub calibration_score: Option<f64>,
    /// A JSON object: task type to count.
    pub by_type: Option<String>,
    /// A JSON object: outcome to count.
    pub by_outcome: Option<String>,
}

impl TaskMetrics {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let (completed, successful): (i64, i64) = (row.get(1)?, row.get(2)?);
        let distance: Option<f64> = row.get(7)?;
        Ok(Self {
            total_tasks: row.get(0)?,
            completed_tasks: completed,
            successful_tasks: successful,
            partial_tasks: row.get(3)?,
            failed_tasks: row.get(4)?,
            success_rate: if completed > 0 { successful as f64 / completed as f64 } else { 0.0 },
            average_confidence: row.get(5)?,
            average_duration_seconds: row.get(6)?,
            calibration_score: Some(distance.map_or(0.0, |distance| (1.0 - distance).max(0.0))),
            ..Self::default()
        })
    }
}

const SELECT: &str =
    "SELECT tasks.id, sessions.id, task_id, description, task_type, estimated_complexity, outcome,
  confidence, notes, files_modified, tests_added, started_at_ms, completed_at_ms, tasks.row_id
  FROM tasks LEFT JOIN sessions ON sessions.row_id = session_row_id";

/// Places of what orders the list in [`SELECT`].
const STARTED_AT: usize = 11;
const ROW_ID: usize = 13;

/// Letter of this list's cursors.
const CURSOR: char = 't';

impl Task {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            session_id: row.get(1)?,
            task_id: row.get(2)?,
            description: row.get(3)?,
            task_type: row.get(4)?,
            estimated_complexity: row.get(5)?,
            outcome: row.get(6)?,
            confidence: row.get(7)?,
            notes: row.get(8)?,
            files_modified: row.get::<_, Option<TextList>>(9)?.map(|list| list.0),
            tests_added: row.get(10)?,
            started_at: Some(time(row, STARTED_AT)?),
            completed_at: optional_time(row, 12)?,
        })
    }
}

/// The tasks that metrics count. Only what is asked for is compared, so that an index of it is used.
fn selected(task_type: Option<&str>, outcome: Option<&str>) -> String {
    let of_type = if task_type.is_some() { "task_type = :type AND " } else { "" };
    let with_outcome = if outcome.is_some() { "outcome = :outcome AND " } else { "" };
    format!("FROM tasks WHERE {of_type}{with_outcome}started_at_ms >= :start")
}

/// Holds for a task that is not known to have ended after moment `?2`.
const NOT_ENDED_LATER: &str = "(completed_at_ms IS NULL OR completed_at_ms <= ?2)";

impl<A> Tasks<'_, A> {
    /// The task of a session that went on at a moment (milliseconds since 1970); of several the one that began last.
    pub fn running_at(&self, session_id: &str, timestamp_ms: i64) -> Result<Option<String>> {
        self.connection
            .prepare_cached(
                "SELECT task_id FROM tasks
                 WHERE session_row_id = (SELECT row_id FROM sessions WHERE id = ?1) AND started_at_ms <= ?2
                   AND (completed_at_ms IS NULL OR completed_at_ms >= ?2)
                 ORDER BY started_at_ms DESC, row_id DESC LIMIT 1",
            )
            .and_then(|mut statement| {
                statement.query_row(params![session_id, timestamp_ms], |row| row.get(0)).optional()
            })
            .attempt(|| format!("find the task of session {session_id} at a moment"))
    }

    /// The task with this id of the caller.
    pub fn get(&self, task_id: &str) -> Result<Option<Task>> {
        self.connection
            .prepare_cached(&format!("{SELECT} WHERE task_id = ?1"))
            .and_then(|mut statement| statement.query_row([task_id], Task::from_row).optional())
            .attempt(|| format!("read task {task_id}"))
    }

    /// A page of tasks, of one session where one is named; the one that began last comes first.
    pub fn page(&self, session_id: Option<&str>, cursor: Option<&str>, limit: usize) -> Result<Page<Task>> {
        let after = cursor.map(|text| Cursor::decode(CURSOR, text)).transpose()?;
        let mut sql = format!("{SELECT} WHERE true");
        if session_id.is_some() {
            sql += " AND session_row_id = (SELECT row_id FROM sessions WHERE id = :session)";
        }
        if after.is_some() {
            sql += " AND (started_at_ms, tasks.row_id) < (:value, :row)";
        }
        sql += " ORDER BY started_at_ms DESC, tasks.row_id DESC LIMIT :limit";
        let rows = self
            .connection
            .prepare_cached(&sql)
            .and_then(|mut statement| {
                bind(&mut statement, ":session", session_id)?;
                bind(&mut statement, ":value", after.map(|cursor| cursor.value))?;
                bind(&mut statement, ":row", after.map(|cursor| cursor.row))?;
                bind(&mut statement, ":limit", Some(limit as i64 + 1))?;
                statement
                    .raw_query()
                    .mapped(|row| {
                        let cursor =
                            Cursor { kind: CURSOR, value: row.get(STARTED_AT)?, row: row.get(ROW_ID)? };
                        Ok((Task::from_row(row)?, cursor))
                    })
                    .collect()
            })
            .attempt(|| "list tasks".into())?;
        let page = Page::from_rows(rows, limit, |row: &(Task, Cursor)| row.1);
        Ok(Page { items: page.items.into_iter().map(|row| row.0).collect(), next_cursor: page.next_cursor })
    }

    /// Figures of the tasks of a type and an outcome that began in a period (`day`, `week`, `month`; else all).
    pub fn metrics(
        &self,
        task_type: Option<&str>,
        outcome: Option<&str>,
        period: Option<&str>,
    ) -> Result<TaskMetrics> {
        let selected = selected(task_type, outcome);
        let given: [(&str, &dyn ToSql); 3] =
            [(":type", &task_type), (":outcome", &outcome), (":start", &period::start_of(period))];
        let metrics = fetch_row(
            self.connection,
            &format!(
                "SELECT count(*), count(completed_at_ms),
                   count(*) FILTER (WHERE completed_at_ms IS NOT NULL AND outcome = 'success'),
                   count(*) FILTER (WHERE outcome = 'partial'), count(*) FILTER (WHERE outcome = 'failure'),
                   avg(confidence), avg((completed_at_ms - started_at_ms) / 1000.0),
                   avg(abs(confidence - (outcome = 'success'))) FILTER (WHERE outcome IS NOT NULL) {selected}"
            ),
            &given,
            TaskMetrics::from_row,
        )
        .attempt(|| "count tasks".into())?;
        let count_by = |column: &str| {
            let sql = format!(
                "SELECT json_group_object(name, number) FROM (
                   SELECT {column} AS name, count(*) AS number {selected} AND {column} IS NOT NULL
                   GROUP BY {column} ORDER BY {column})"
            );
            fetch_row(self.connection, &sql, &given, |row| row.get(0))
                .attempt(|| format!("count tasks by {column}"))
        };
        Ok(TaskMetrics {
            by_type: Some(count_by("task_type")?),
            by_outcome: Some(count_by("outcome")?),
            ..metrics
        })
    }
}

impl Tasks<'_, ReadWrite> {
    /// Notes a task that begins now. Code: [`Code::DbConstraint`] when its id is taken, or the session unknown.
    pub fn create(&self, input: &TaskInput) -> Result<Task> {
        self.insert("INSERT", &id::random(), input, Timestamp::now().as_millis())?;
        self.written(&input.task_id)
    }

    /// Notes a task that began at a moment (milliseconds since 1970), under an id that is made of its own; false when it
    /// is known already, and then stays as it is. Code: [`Code::DbConstraint`] for an unknown session.
    pub fn start_at(&self, input: &TaskInput, timestamp_ms: i64) -> Result<bool> {
        let id = id::derived(xxh3_128(format!("task\0{}", input.task_id).as_bytes()));
        Ok(self.insert("INSERT OR IGNORE", &id.to_string(), input, timestamp_ms)? > 0)
    }

    fn insert(&self, verb: &str, id: &str, input: &TaskInput, timestamp_ms: i64) -> Result<usize> {
        let sessions = Read::new(self.connection).sessions();
        let session_row = input.session_id.as_deref().map(|id| sessions.required_row(id)).transpose()?;
        self.connection
            .prepare_cached(&format!(
                "{verb} INTO tasks (id, task_id, session_row_id, description, task_type, estimated_complexity,
                   started_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
            ))
            .and_then(|mut statement| {
                statement.execute(params![
                    id,
                    input.task_id,
                    session_row,
                    input.description,
                    input.task_type,
                    input.estimated_complexity,
                    timestamp_ms,
                ])
            })
            .attempt(|| format!("create task {}", input.task_id))
    }

    /// Notes how a task ended, now. Code: [`Code::TaskNotFound`].
    pub fn complete(&self, completion: &TaskCompletion) -> Result<Task> {
        self.complete_when(completion, Timestamp::now().as_millis(), "true")?;
        self.written(&completion.task_id)
    }

    /// Notes how a task ended at a moment (milliseconds since 1970); false, and nothing changes, when there is no such
    /// task, or when it is known to have ended later. Telling it again changes nothing.
    pub fn complete_at(&self, completion: &TaskCompletion, timestamp_ms: i64) -> Result<bool> {
        self.complete_when(completion, timestamp_ms, NOT_ENDED_LATER)
    }

    fn complete_when(&self, completion: &TaskCompletion, timestamp_ms: i64, condition: &str) -> Result<bool> {
        let files = completion.files_modified.as_deref().map(to_json);
        let changed = self
            .connection
            .prepare_cached(&format!(
                "UPDATE tasks SET outcome = ?3, confidence = ?4, notes = ?5, files_modified = ?6, tests_added = ?7,
                   completed_at_ms = ?2 WHERE task_id = ?1 AND {condition}"
            ))
            .and_then(|mut statement| {
                statement.execute(params![
                    completion.task_id,
                    timestamp_ms,
                    completion.outcome,
                    completion.confidence,
                    completion.notes,
                    files,
                    completion.tests_added,
                ])
            })
            .attempt(|| format!("complete task {}", completion.task_id))?;
        Ok(changed > 0)
    }

    /// Notes that a task failed, now. Code: [`Code::TaskNotFound`].
    pub fn fail(&self, failure: &TaskFailure) -> Result<Task> {
        self.fail_when(failure, Timestamp::now().as_millis(), "true")?;
        self.written(&failure.task_id)
    }

    /// Notes that a task failed at a moment, as [`Tasks::complete_at`] does.
    pub fn fail_at(&self, failure: &TaskFailure, timestamp_ms: i64) -> Result<bool> {
        self.fail_when(failure, timestamp_ms, NOT_ENDED_LATER)
    }

    fn fail_when(&self, failure: &TaskFailure, timestamp_ms: i64, condition: &str) -> Result<bool> {
        let changed = self
            .connection
            .prepare_cached(&format!(
                "UPDATE tasks SET outcome = 'failure', confidence = ?3, notes = ?4, completed_at_ms = ?2
                 WHERE task_id = ?1 AND {condition}"
            ))
            .and_then(|mut statement| {
                statement.execute(params![
                    failure.task_id,
                    timestamp_ms,
                    failure.confidence,
                    failure.as_notes()
                ])
            })
            .attempt(|| format!("fail task {}", failure.task_id))?;
        Ok(changed > 0)
    }

    fn written(&self, task_id: &str) -> Result<Task> {
        self.get(task_id)?.ok_or_else(|| Error::new(Code::TaskNotFound, format!("find task {task_id}")))
    }
}
