//! Hooks that wait in the queue of an orchestration (table `queued_hooks`), in order of arrival.

use crate::{
    columns::time,
    error::Attempt,
    pages::{fetch, with_one_more},
    transaction::{QueuedHooks, Read, ReadWrite},
};
use han_base::{Cursor, Page, Result, Timestamp, id};
use rusqlite::{Row, params};

/// A hook in a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct QueuedHook {
    /// Random UUID.
    pub id: String,
    /// The orchestration.
    pub orchestration_id: String,
    /// The plugin that the hook is of.
    pub plugin: String,
    /// The hook.
    pub hook_name: String,
    /// The folder to run it in.
    pub directory: String,
    /// Patterns of the files whose change makes it run, as a JSON array.
    pub if_changed: Option<String>,
    /// What to run.
    pub command: String,
    /// RFC 3339.
    pub queued_at: String,
}

/// A hook to put in a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_to_js = false))]
pub struct QueuedHookInput {
    /// An existing orchestration.
    pub orchestration_id: String,
    /// The plugin that the hook is of.
    pub plugin: String,
    /// The hook.
    pub hook_name: String,
    /// The folder to run it in.
    pub directory: String,
    /// Patterns of the files whose change makes it run, as a JSON array.
    pub if_changed: Option<String>,
    /// What to run.
    pub command: String,
}

const SELECT: &str =
    "SELECT queued_hooks.id, orchestrations.id, plugin, hook_name, directory, if_changed, command,
   queued_at_ms, queued_hooks.row_id
 FROM orchestrations JOIN queued_hooks ON orchestration_row_id = orchestrations.row_id";

/// Letter of this list's cursors.
const CURSOR: char = 'q';

impl QueuedHook {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            orchestration_id: row.get(1)?,
            plugin: row.get(2)?,
            hook_name: row.get(3)?,
            directory: row.get(4)?,
            if_changed: row.get(5)?,
            command: row.get(6)?,
            queued_at: time(row, 7)?,
        })
    }
}

impl<A> QueuedHooks<'_, A> {
    /// The queue of an orchestration, in order of arrival.
    pub fn list(&self, orchestration_id: &str) -> Result<Vec<QueuedHook>> {
        self.connection
            .prepare_cached(&format!("{SELECT} WHERE orchestrations.id = ?1 ORDER BY queued_hooks.row_id"))
            .and_then(|mut statement| {
                statement.query_map([orchestration_id], QueuedHook::from_row)?.collect()
            })
            .attempt(|| format!("list the queue of orchestration {orchestration_id}"))
    }

    /// A page of [`QueuedHooks::list`].
    pub fn page(
        &self,
        orchestration_id: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<QueuedHook>> {
        let after = cursor.map_or(Ok(-1), |text| Cursor::decode(CURSOR, text).map(|cursor| cursor.row))?;
        let rows = fetch(
            self.connection,
            &format!(
                "{SELECT} WHERE orchestrations.id = :orchestration AND queued_hooks.row_id > :row
                 ORDER BY queued_hooks.row_id LIMIT :limit"
            ),
            &[(":orchestration", &orchestration_id), (":row", &after), (":limit", &with_one_more(limit))],
            |row| {
                let cursor = Cursor { kind: CURSOR, value: 0, row: row.get(8)? };
                Ok((QueuedHook::from_row(row)?, cursor.encode()))
            },
        );
        rows.attempt(|| format!("list the queue of orchestration {orchestration_id}"))
            .map(|rows| Page::from_keyed(rows, limit))
    }
}

impl QueuedHooks<'_, ReadWrite> {
    /// Puts a hook at the end of a queue; answers its id. Code: [`han_base::Code::DbConstraint`] for an unknown
    /// orchestration.
    pub fn add(&self, input: &QueuedHookInput) -> Result<String> {
        let orchestration_row =
            Read::new(self.connection).orchestrations().required_row(&input.orchestration_id)?;
        let id = id::random();
        self.connection
            .prepare_cached(
                "INSERT INTO queued_hooks (id, orchestration_row_id, plugin, hook_name, directory, if_changed,
                   command, queued_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    id,
                    orchestration_row,
                    input.plugin,
                    input.hook_name,
                    input.directory,
                    input.if_changed,
                    input.command,
                    Timestamp::now().as_millis(),
                ])
            })
            .attempt(|| format!("queue hook {} of {}", input.hook_name, input.plugin))?;
        Ok(id)
    }

    /// Takes all hooks out of the queue, in order of arrival, so that nobody else gets them.
    pub fn drain(&self, orchestration_id: &str) -> Result<Vec<QueuedHook>> {
        let hooks = self.list(orchestration_id)?;
        self.delete(orchestration_id)?;
        Ok(hooks)
    }

    /// Empties the queue; answers how many hooks went.
    pub fn delete(&self, orchestration_id: &str) -> Result<usize> {
        self.connection
            .prepare_cached(
                "DELETE FROM queued_hooks
                 WHERE orchestration_row_id = (SELECT row_id FROM orchestrations WHERE id = ?1)",
            )
            .and_then(|mut statement| statement.execute([orchestration_id]))
            .attempt(|| format!("empty the queue of orchestration {orchestration_id}"))
    }
}
