//! Orchestrations (table `orchestrations`): runs of many hooks together.

use crate::{
    columns::{optional_time, time},
    error::Attempt,
    transaction::{Orchestrations, Read, ReadWrite, Write},
};
use han_base::{Code, Error, Result, Timestamp, id};
use rusqlite::{OptionalExtension, Row, named_params, params};

/// An orchestration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct Orchestration {
    /// Random UUID.
    pub id: String,
    /// The session that it runs for.
    pub session_id: Option<String>,
    /// The event that started it, for instance `Stop`.
    pub hook_type: String,
    /// The folder that it runs in.
    pub project_root: String,
    /// `running`, `completed`, `failed` or `cancelled`.
    pub status: String,
    /// How many hooks there are.
    pub total_hooks: i64,
    /// How many ended well.
    pub completed_hooks: i64,
    /// How many failed.
    pub failed_hooks: i64,
    /// How many were put off.
    pub deferred_hooks: i64,
    /// RFC 3339.
    pub created_at: Option<String>,
    /// RFC 3339.
    pub completed_at: Option<String>,
}

/// An orchestration that begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_to_js = false))]
pub struct OrchestrationInput {
    /// An existing session; what runs for it is cancelled.
    pub session_id: Option<String>,
    /// The event that started it.
    pub hook_type: String,
    /// The folder that it runs in.
    pub project_root: String,
}

/// What changes of an orchestration; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_to_js = false))]
pub struct OrchestrationUpdate {
    /// The orchestration.
    pub id: String,
    /// `completed`, `failed` and `cancelled` end it now.
    pub status: Option<String>,
    /// How many hooks there are.
    pub total_hooks: Option<i64>,
    /// How many ended well.
    pub completed_hooks: Option<i64>,
    /// How many failed.
    pub failed_hooks: Option<i64>,
    /// How many were put off.
    pub deferred_hooks: Option<i64>,
}

const SELECT: &str =
    "SELECT orchestrations.id, sessions.id, hook_type, project_root, orchestrations.status, total_hooks,
  completed_hooks, failed_hooks, deferred_hooks, created_at_ms, completed_at_ms
  FROM orchestrations LEFT JOIN sessions ON sessions.row_id = session_row_id";

impl Orchestration {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            session_id: row.get(1)?,
            hook_type: row.get(2)?,
            project_root: row.get(3)?,
            status: row.get(4)?,
            total_hooks: row.get(5)?,
            completed_hooks: row.get(6)?,
            failed_hooks: row.get(7)?,
            deferred_hooks: row.get(8)?,
            created_at: Some(time(row, 9)?),
            completed_at: optional_time(row, 10)?,
        })
    }
}

impl<A> Orchestrations<'_, A> {
    /// The orchestration with this id.
    pub fn get(&self, id: &str) -> Result<Option<Orchestration>> {
        self.connection
            .prepare_cached(&format!("{SELECT} WHERE orchestrations.id = ?1"))
            .and_then(|mut statement| statement.query_row([id], Orchestration::from_row).optional())
            .attempt(|| format!("read orchestration {id}"))
    }

    fn row(&self, id: &str) -> Result<Option<i64>> {
        self.connection
            .prepare_cached("SELECT row_id FROM orchestrations WHERE id = ?1")
            .and_then(|mut statement| statement.query_row([id], |row| row.get(0)).optional())
            .attempt(|| format!("read orchestration {id}"))
    }

    /// The row of an orchestration that must be there. Code: [`Code::DbConstraint`].
    pub(crate) fn required_row(&self, id: &str) -> Result<i64> {
        self.row(id)?.ok_or_else(|| {
            Error::new(
                Code::DbConstraint,
                format!("refer to orchestration {id}: there is no such orchestration"),
            )
        })
    }
}

impl Orchestrations<'_, ReadWrite> {
    /// Begins an orchestration. What runs for its session, with the hooks that have not ended, is cancelled before.
    /// Code: [`Code::DbConstraint`] for an unknown session.
    pub fn create(&self, input: &OrchestrationInput) -> Result<Orchestration> {
        let sessions = Read::new(self.connection).sessions();
        let session_row = input.session_id.as_deref().map(|id| sessions.required_row(id)).transpose()?;
        if let Some(session_row) = session_row {
            for running in self.running_of(session_row)? {
                self.cancel_row(running)?;
            }
        }
        let id = id::random();
        self.connection
            .prepare_cached(
                "INSERT INTO orchestrations (id, session_row_id, hook_type, project_root, status, created_at_ms)
                 VALUES (?1, ?2, ?3, ?4, 'running', ?5)",
            )
            .and_then(|mut statement| {
                let now = Timestamp::now().as_millis();
                statement.execute(params![id, session_row, input.hook_type, input.project_root, now])
            })
            .attempt(|| format!("create orchestration in {}", input.project_root))?;
        self.get(&id)?
            .ok_or_else(|| Error::new(Code::Internal, format!("read orchestration {id} after writing it")))
    }

    /// Changes what is given; an unknown id changes nothing.
    pub fn update(&self, update: &OrchestrationUpdate) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE orchestrations SET status = coalesce(:status, status),
                   completed_at_ms = CASE WHEN :status IN ('completed', 'failed', 'cancelled') THEN :now
                     ELSE completed_at_ms END,
                   total_hooks = coalesce(:total, total_hooks),
                   completed_hooks = coalesce(:completed, completed_hooks),
                   failed_hooks = coalesce(:failed, failed_hooks),
                   deferred_hooks = coalesce(:deferred, deferred_hooks)
                 WHERE id = :id",
            )
            .and_then(|mut statement| {
                statement.execute(named_params! {
                    ":id": update.id,
                    ":status": update.status,
                    ":total": update.total_hooks,
                    ":completed": update.completed_hooks,
                    ":failed": update.failed_hooks,
                    ":deferred": update.deferred_hooks,
                    ":now": Timestamp::now().as_millis(),
                })
            })
            .attempt(|| format!("change orchestration {}", update.id))?;
        Ok(())
    }

    /// Cancels an orchestration that runs, and its hooks that have not ended; an unknown id changes nothing.
    pub fn cancel(&self, id: &str) -> Result<()> {
        match self.row(id)? {
            Some(row) => self.cancel_row(row),
            None => Ok(()),
        }
    }

    fn running_of(&self, session_row: i64) -> Result<Vec<i64>> {
        self.connection
            .prepare_cached(
                "SELECT row_id FROM orchestrations WHERE session_row_id = ?1 AND status = 'running'",
            )
            .and_then(|mut statement| statement.query_map([session_row], |row| row.get(0))?.collect())
            .attempt(|| format!("list what runs for session row {session_row}"))
    }

    fn cancel_row(&self, row: i64) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE orchestrations SET status = 'cancelled', completed_at_ms = ?2
                 WHERE row_id = ?1 AND status = 'running'",
            )
            .and_then(|mut statement| statement.execute([row, Timestamp::now().as_millis()]))
            .attempt(|| format!("cancel orchestration row {row}"))?;
        Write::new(self.connection).hook_executions().cancel_open_of(row)
    }
}
