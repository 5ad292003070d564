//! Runs of hooks (table `hook_executions`), those that wait to be run as well.

use crate::{
    columns::time,
    error::Attempt,
    hook_attempts::MAX_ATTEMPTS,
    pages::{fetch, with_one_more},
    period,
    transaction::{HookExecutions, Read, ReadWrite, Write},
};
use han_base::{Code, Cursor, Error, Page, Result, Timestamp, id};
use rusqlite::{OptionalExtension, Row, named_params, params};
use std::fmt::Write as _;

/// A run of a hook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct HookExecution {
    /// Random UUID.
    pub id: Option<String>,
    /// The orchestration that it is part of.
    pub orchestration_id: Option<String>,
    /// The session that it runs for.
    pub session_id: Option<String>,
    /// The task that it runs for.
    pub task_id: Option<String>,
    /// The event that started it, for instance `Stop`.
    pub hook_type: String,
    /// The hook.
    pub hook_name: String,
    /// The plugin that the hook is of.
    pub hook_source: Option<String>,
    /// The folder that it runs in.
    pub directory: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// 0 when all went well.
    pub exit_code: i64,
    /// Whether it found nothing wrong.
    pub passed: bool,
    /// What it printed.
    pub output: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
    /// Patterns of the files whose change makes it run, as a JSON array.
    pub if_changed: Option<String>,
    /// What is run.
    pub command: Option<String>,
    /// When it was recorded or queued. RFC 3339.
    pub executed_at: Option<String>,
    /// `pending`, `running`, `completed`, `failed`, `cancelled` or a word of the caller.
    pub status: Option<String>,
    /// How often this hook failed in a row, in this session and folder, as it is now.
    pub consecutive_failures: Option<i64>,
    /// How often it may.
    pub max_attempts: Option<i64>,
    /// The process that runs it.
    pub pid: Option<i64>,
    /// The folder of the plugin.
    pub plugin_root: Option<String>,
}

/// A run of a hook that is over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_to_js = false))]
pub struct HookExecutionInput {
    /// The session that it ran for; made when there is none.
    pub session_id: Option<String>,
    /// The task that it ran for.
    pub task_id: Option<String>,
    /// The event that started it.
    pub hook_type: String,
    /// The hook.
    pub hook_name: String,
    /// The plugin that the hook is of.
    pub hook_source: Option<String>,
    /// The folder that it ran in.
    pub directory: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// 0 when all went well.
    pub exit_code: i64,
    /// Whether it found nothing wrong.
    pub passed: bool,
    /// What it printed.
    pub output: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
    /// Patterns of the files whose change makes it run, as a JSON array.
    pub if_changed: Option<String>,
    /// What was run.
    pub command: Option<String>,
}

/// A hook that waits to be run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_to_js = false))]
pub struct PendingHookInput {
    /// An existing orchestration.
    pub orchestration_id: String,
    /// The session that it runs for; made when there is none.
    pub session_id: Option<String>,
    /// The event that started it.
    pub hook_type: String,
    /// The hook.
    pub hook_name: String,
    /// The plugin that the hook is of.
    pub plugin: String,
    /// The folder to run it in.
    pub directory: String,
    /// What to run.
    pub command: String,
    /// Patterns of the files whose change makes it run, as a JSON array.
    pub if_changed: Option<String>,
    /// The process that will run it.
    pub pid: Option<i64>,
    /// The folder of the plugin.
    pub plugin_root: Option<String>,
}

/// Which runs a page shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HookExecutionFilter<'a> {
    /// Only those for this session.
    pub session_id: Option<&'a str>,
    /// Only those of this orchestration.
    pub orchestration_id: Option<&'a str>,
    /// Only those in this state.
    pub only: Option<HookExecutionState>,
    /// In order of arrival, instead of the last first.
    pub oldest_first: bool,
}

/// States of runs that lists are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookExecutionState {
    /// Waiting to be run.
    Pending,
    /// Waiting, running or failed.
    Unfinished,
}

impl HookExecutionState {
    fn condition(self) -> &'static str {
        match self {
            Self::Pending => " AND runs.status = 'pending'",
            Self::Unfinished => " AND runs.status IN ('pending', 'running', 'failed')",
        }
    }
}

/// Figures of runs of hooks.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct HookStats {
    /// All runs, those that wait included.
    pub total_executions: i64,
    /// Those that passed.
    pub total_passed: i64,
    /// The others.
    pub total_failed: i64,
    /// Passed by all; 0 when there are none.
    pub pass_rate: f64,
    /// Different names of hooks.
    pub unique_hooks: i64,
    /// A JSON object: hook type to count.
    pub by_hook_type: Option<String>,
}

const SELECT: &str = "SELECT runs.id, orchestrations.id, sessions.id, runs.task_id, runs.hook_type, runs.hook_name,
  hook_source, runs.directory, duration_ms, exit_code, passed, output, error, if_changed, command, executed_at_ms,
  runs.status, consecutive_failures, max_attempts, pid, plugin_root, runs.row_id
  FROM hook_executions AS runs
  LEFT JOIN orchestrations ON orchestrations.row_id = orchestration_row_id
  LEFT JOIN sessions ON sessions.row_id = runs.session_row_id
  LEFT JOIN hook_attempts AS attempts ON attempts.session_row_id = runs.session_row_id AND plugin = hook_source
    AND attempts.hook_name = runs.hook_name AND attempts.directory = runs.directory";

/// Place of what orders lists in [`SELECT`]: the order of arrival.
const ROW_ID: usize = 21;

/// Letter of this list's cursors.
const CURSOR: char = 'h';

impl HookExecution {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            orchestration_id: row.get(1)?,
            session_id: row.get(2)?,
            task_id: row.get(3)?,
            hook_type: row.get(4)?,
            hook_name: row.get(5)?,
            hook_source: row.get(6)?,
            directory: row.get(7)?,
            duration_ms: row.get(8)?,
            exit_code: row.get(9)?,
            passed: row.get(10)?,
            output: row.get(11)?,
            error: row.get(12)?,
            if_changed: row.get(13)?,
            command: row.get(14)?,
            executed_at: Some(time(row, 15)?),
            status: row.get(16)?,
            consecutive_failures: Some(row.get::<_, Option<i64>>(17)?.unwrap_or(0)),
            max_attempts: Some(row.get::<_, Option<i64>>(18)?.unwrap_or(MAX_ATTEMPTS)),
            pid: row.get(19)?,
            plugin_root: row.get(20)?,
        })
    }
}

impl<A> HookExecutions<'_, A> {
    /// The run with this id.
    pub fn get(&self, id: &str) -> Result<Option<HookExecution>> {
        self.connection
            .prepare_cached(&format!("{SELECT} WHERE runs.id = ?1"))
            .and_then(|mut statement| statement.query_row([id], HookExecution::from_row).optional())
            .attempt(|| format!("read hook execution {id}"))
    }

    /// A page of runs; the last that came is the first, unless the filter wants it the other way round.
    pub fn page(
        &self,
        filter: HookExecutionFilter<'_>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<HookExecution>> {
        let after = cursor.map(|text| Cursor::decode(CURSOR, text)).transpose()?;
        let (behind, order) = if filter.oldest_first { (">", "ASC") } else { ("<", "DESC") };
        let mut sql = format!("{SELECT} WHERE true");
        if filter.session_id.is_some() {
            sql += " AND runs.session_row_id = (SELECT row_id FROM sessions WHERE id = :session)";
        }
        if filter.orchestration_id.is_some() {
            sql +=
                " AND orchestration_row_id = (SELECT row_id FROM orchestrations WHERE id = :orchestration)";
        }
        sql += filter.only.map_or("", HookExecutionState::condition);
        if after.is_some() {
            let _ = write!(sql, " AND runs.row_id {behind} :row");
        }
        let _ = write!(sql, " ORDER BY runs.row_id {order} LIMIT :limit");
        let rows = fetch(
            self.connection,
            &sql,
            &[
                (":session", &filter.session_id),
                (":orchestration", &filter.orchestration_id),
                (":row", &after.map(|cursor| cursor.row)),
                (":limit", &with_one_more(limit)),
            ],
            |row| {
                let number = row.get(ROW_ID)?;
                let cursor = Cursor { kind: CURSOR, value: number, row: number };
                Ok((HookExecution::from_row(row)?, cursor.encode()))
            },
        );
        rows.attempt(|| "list hook executions".into()).map(|rows| Page::from_keyed(rows, limit))
    }

    /// The runs of an orchestration, whatever their status, in order of arrival.
    pub fn list_of_orchestration(&self, orchestration_id: &str) -> Result<Vec<HookExecution>> {
        self.list(
            "orchestration_row_id = (SELECT row_id FROM orchestrations WHERE id = ?1)",
            &[orchestration_id],
        )
    }

    /// Hooks that wait to be run, in order of arrival.
    pub fn list_pending(&self) -> Result<Vec<HookExecution>> {
        self.list("runs.status = 'pending'", &[])
    }

    /// Hooks of a session that wait, run or failed, in order of arrival.
    pub fn list_unfinished(&self, session_id: &str) -> Result<Vec<HookExecution>> {
        self.list(
            "runs.session_row_id = (SELECT row_id FROM sessions WHERE id = ?1)
             AND runs.status IN ('pending', 'running', 'failed')",
            &[session_id],
        )
    }

    fn list(&self, condition: &str, ids: &[&str]) -> Result<Vec<HookExecution>> {
        self.connection
            .prepare_cached(&format!("{SELECT} WHERE {condition} ORDER BY runs.row_id"))
            .and_then(|mut statement| {
                statement.query_map(rusqlite::params_from_iter(ids), HookExecution::from_row)?.collect()
            })
            .attempt(|| "list hook executions".into())
    }

    /// Figures of the runs of a period (`day`, `week`, `month`; else all).
    pub fn stats(&self, period: Option<&str>) -> Result<HookStats> {
        self.connection
            .prepare_cached(
                "SELECT total, passed, unique_hooks, (
                   SELECT json_group_object(hook_type, number) FROM (
                     SELECT hook_type, count(*) AS number FROM hook_executions WHERE executed_at_ms >= ?1
                     GROUP BY hook_type ORDER BY hook_type))
                 FROM (SELECT count(*) AS total, count(*) FILTER (WHERE passed) AS passed,
                         count(DISTINCT hook_name) AS unique_hooks
                       FROM hook_executions WHERE executed_at_ms >= ?1)",
            )
            .and_then(|mut statement| {
                statement.query_row([period::start_of(period)], |row| {
                    let (total, passed): (i64, i64) = (row.get(0)?, row.get(1)?);
                    Ok(HookStats {
                        total_executions: total,
                        total_passed: passed,
                        total_failed: total - passed,
                        pass_rate: if total > 0 { passed as f64 / total as f64 } else { 0.0 },
                        unique_hooks: row.get(2)?,
                        by_hook_type: row.get(3)?,
                    })
                })
            })
            .attempt(|| "count hook executions".into())
    }
}

impl HookExecutions<'_, ReadWrite> {
    /// Records a run that is over.
    pub fn record(&self, input: &HookExecutionInput) -> Result<HookExecution> {
        let input = input.clone();
        let id = self.insert(&HookExecution {
            session_id: input.session_id,
            task_id: input.task_id,
            hook_type: input.hook_type,
            hook_name: input.hook_name,
            hook_source: input.hook_source,
            directory: input.directory,
            duration_ms: input.duration_ms,
            exit_code: input.exit_code,
            passed: input.passed,
            output: input.output,
            error: input.error,
            if_changed: input.if_changed,
            command: input.command,
            status: Some("completed".into()),
            ..HookExecution::default()
        })?;
        self.get(&id)?
            .ok_or_else(|| Error::new(Code::Internal, format!("read hook execution {id} after writing it")))
    }

    /// Queues a hook to be run; answers the id of the run. Code: [`Code::DbConstraint`] for an unknown orchestration.
    pub fn queue(&self, input: &PendingHookInput) -> Result<String> {
        let input = input.clone();
        self.insert(&HookExecution {
            orchestration_id: Some(input.orchestration_id),
            session_id: input.session_id,
            hook_type: input.hook_type,
            hook_name: input.hook_name,
            hook_source: Some(input.plugin),
            directory: Some(input.directory),
            if_changed: input.if_changed,
            command: Some(input.command),
            status: Some("pending".into()),
            pid: input.pid,
            plugin_root: input.plugin_root,
            ..HookExecution::default()
        })
    }

    /// Writes a run under a new id, and begins to count the failures of its hook.
    fn insert(&self, run: &HookExecution) -> Result<String> {
        let write = Write::new(self.connection);
        let orchestrations = Read::new(self.connection).orchestrations();
        let orchestration_row =
            run.orchestration_id.as_deref().map(|id| orchestrations.required_row(id)).transpose()?;
        let session_row = match &run.session_id {
            Some(session_id) => Some(write.sessions().ensure(session_id)?.0),
            None => None,
        };
        if let (Some(session_row), Some(plugin), Some(directory)) =
            (session_row, &run.hook_source, &run.directory)
        {
            write.hook_attempts().ensure(session_row, plugin, &run.hook_name, directory)?;
        }
        let id = id::random();
        self.connection
            .prepare_cached(
                "INSERT INTO hook_executions (id, orchestration_row_id, session_row_id, task_id, hook_type, hook_name,
                   hook_source, directory, duration_ms, exit_code, passed, output, error, if_changed, command, status,
                   pid, plugin_root, executed_at_ms)
                 VALUES (:id, :orchestration, :session, :task, :type, :name, :source, :directory, :duration, :exit,
                   :passed, :output, :error, :if_changed, :command, :status, :pid, :root, :now)",
            )
            .and_then(|mut statement| {
                statement.execute(named_params! {
                    ":id": id,
                    ":orchestration": orchestration_row,
                    ":session": session_row,
                    ":task": run.task_id,
                    ":type": run.hook_type,
                    ":name": run.hook_name,
                    ":source": run.hook_source,
                    ":directory": run.directory,
                    ":duration": run.duration_ms,
                    ":exit": run.exit_code,
                    ":passed": run.passed,
                    ":output": run.output,
                    ":error": run.error,
                    ":if_changed": run.if_changed,
                    ":command": run.command,
                    ":status": run.status,
                    ":pid": run.pid,
                    ":root": run.plugin_root,
                    ":now": Timestamp::now().as_millis(),
                })
            })
            .attempt(|| format!("write a run of hook {}", run.hook_name))?;
        Ok(id)
    }

    /// Sets the status; an unknown id changes nothing.
    pub fn set_status(&self, id: &str, status: &str) -> Result<()> {
        self.connection
            .prepare_cached("UPDATE hook_executions SET status = ?2 WHERE id = ?1")
            .and_then(|mut statement| statement.execute([id, status]))
            .attempt(|| format!("set the status of hook execution {id}"))?;
        Ok(())
    }

    /// Notes how a run ended: `completed` with exit code 0, or `failed` with 1. Absent output and error are erased; an
    /// unknown id changes nothing.
    pub fn complete(
        &self,
        id: &str,
        success: bool,
        output: Option<&str>,
        error: Option<&str>,
        duration_ms: i64,
    ) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE hook_executions SET status = iif(?2, 'completed', 'failed'), passed = ?2,
                   exit_code = iif(?2, 0, 1), output = ?3, error = ?4, duration_ms = ?5 WHERE id = ?1",
            )
            .and_then(|mut statement| statement.execute(params![id, success, output, error, duration_ms]))
            .attempt(|| format!("complete hook execution {id}"))?;
        Ok(())
    }

    /// Notes that a run failed, with its exit code as it is; an unknown id changes nothing.
    pub fn fail(&self, id: &str, message: &str) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE hook_executions SET status = 'failed', passed = 0, error = ?2 WHERE id = ?1",
            )
            .and_then(|mut statement| statement.execute([id, message]))
            .attempt(|| format!("fail hook execution {id}"))?;
        Ok(())
    }

    /// Cancels the runs of an orchestration that wait or go on.
    pub(crate) fn cancel_open_of(&self, orchestration_row: i64) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE hook_executions SET status = 'cancelled'
                 WHERE orchestration_row_id = ?1 AND status IN ('pending', 'running')",
            )
            .and_then(|mut statement| statement.execute([orchestration_row]))
            .attempt(|| format!("cancel the hooks of orchestration row {orchestration_row}"))?;
        Ok(())
    }
}
