//! Hooks that run beside a session (table `async_hooks`): a queue in order of arrival, where at most one hook waits for
//! each plugin, hook and folder.

use crate::{
    columns::{TextList, time, to_json},
    error::Attempt,
    pages::{fetch, with_one_more},
    transaction::{AsyncHooks, Read, ReadWrite},
};
use han_base::{Cursor, Page, Result, Timestamp, id};
use rusqlite::{OptionalExtension, Row, params};

/// A hook to run beside a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_to_js = false))]
pub struct AsyncHookQueueInputNative {
    /// An existing session.
    pub session_id: String,
    /// The folder to run it in.
    pub cwd: String,
    /// The plugin that the hook is of.
    pub plugin: String,
    /// The hook.
    pub hook_name: String,
    /// The files to run it for.
    pub file_paths: Vec<String>,
    /// What to run.
    pub command: String,
}

/// A hook in the queue of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct AsyncHookQueueEntry {
    /// Random UUID.
    pub id: String,
    /// The session.
    pub session_id: String,
    /// The folder to run it in.
    pub cwd: String,
    /// The plugin that the hook is of.
    pub plugin: String,
    /// The hook.
    pub hook_name: String,
    /// The files to run it for.
    pub file_paths: Vec<String>,
    /// What to run.
    pub command: String,
    /// `pending`, also of a hook that was drained just now.
    pub status: String,
    /// RFC 3339.
    pub created_at: String,
}

/// Names the hook that one may wait of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsyncHookKey<'a> {
    /// The session.
    pub session_id: &'a str,
    /// The folder to run it in.
    pub cwd: &'a str,
    /// The plugin that the hook is of.
    pub plugin: &'a str,
    /// The hook.
    pub hook_name: &'a str,
}

/// The hooks of a session that have not ended, as the index holds them.
const OPEN: &str = "session_row_id = (SELECT row_id FROM sessions WHERE id = ?1)
  AND async_hooks.status IN ('pending', 'running')";

/// Letter of this list's cursors.
const CURSOR: char = 'a';

impl AsyncHookQueueEntry {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            session_id: row.get(1)?,
            cwd: row.get(2)?,
            plugin: row.get(3)?,
            hook_name: row.get(4)?,
            file_paths: row.get::<_, TextList>(5)?.0,
            command: row.get(6)?,
            status: row.get(7)?,
            created_at: time(row, 8)?,
        })
    }
}

impl<A> AsyncHooks<'_, A> {
    /// The hooks of a session that wait, in order of arrival.
    pub fn list_pending(&self, session_id: &str) -> Result<Vec<AsyncHookQueueEntry>> {
        self.connection
            .prepare_cached(&format!(
                "SELECT async_hooks.id, ?1, cwd, plugin, hook_name, file_paths, command, async_hooks.status,
                   created_at_ms
                 FROM async_hooks WHERE {OPEN} AND async_hooks.status = 'pending' ORDER BY row_id"
            ))
            .and_then(|mut statement| {
                statement.query_map([session_id], AsyncHookQueueEntry::from_row)?.collect()
            })
            .attempt(|| format!("list the async hooks of session {session_id}"))
    }

    /// A page of [`AsyncHooks::list_pending`].
    pub fn page_of_pending(
        &self,
        session_id: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<AsyncHookQueueEntry>> {
        let after = cursor.map_or(Ok(-1), |text| Cursor::decode(CURSOR, text).map(|cursor| cursor.row))?;
        let rows = fetch(
            self.connection,
            &format!(
                "SELECT async_hooks.id, ?1, cwd, plugin, hook_name, file_paths, command, async_hooks.status,
                   created_at_ms, row_id
                 FROM async_hooks WHERE {OPEN} AND async_hooks.status = 'pending' AND row_id > :row
                 ORDER BY row_id LIMIT :limit"
            ),
            &[("?1", &session_id), (":row", &after), (":limit", &with_one_more(limit))],
            |row| {
                let cursor = Cursor { kind: CURSOR, value: 0, row: row.get(9)? };
                Ok((AsyncHookQueueEntry::from_row(row)?, cursor.encode()))
            },
        );
        rows.attempt(|| format!("list the async hooks of session {session_id}"))
            .map(|rows| Page::from_keyed(rows, limit))
    }

    /// Whether no hook of a session waits or runs.
    pub fn is_empty(&self, session_id: &str) -> Result<bool> {
        self.connection
            .prepare_cached(&format!("SELECT 1 FROM async_hooks WHERE {OPEN} LIMIT 1"))
            .and_then(|mut statement| statement.query_row([session_id], |_| Ok(())).optional())
            .attempt(|| format!("look at the async hooks of session {session_id}"))
            .map(|found| found.is_none())
    }
}

impl AsyncHooks<'_, ReadWrite> {
    /// Puts a hook at the end of the queue; answers its id. Where one of the same key waits already, that is cancelled
    /// and its files go to the new one. Code: [`han_base::Code::DbConstraint`] for an unknown session.
    pub fn enqueue(&self, input: &AsyncHookQueueInputNative) -> Result<String> {
        let session_row = Read::new(self.connection).sessions().required_row(&input.session_id)?;
        let key = AsyncHookKey {
            session_id: &input.session_id,
            cwd: &input.cwd,
            plugin: &input.plugin,
            hook_name: &input.hook_name,
        };
        let mut file_paths = self.cancel_pending(key)?;
        add_new(&mut file_paths, &input.file_paths);
        let id = id::random();
        self.connection
            .prepare_cached(
                "INSERT INTO async_hooks (id, session_row_id, cwd, plugin, hook_name, file_paths, command, created_at_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    id,
                    session_row,
                    input.cwd,
                    input.plugin,
                    input.hook_name,
                    to_json(&file_paths),
                    input.command,
                    Timestamp::now().as_millis(),
                ])
            })
            .attempt(|| format!("queue async hook {} of {}", input.hook_name, input.plugin))?;
        Ok(id)
    }

    /// Takes the hooks of a session that wait, in order of arrival, and marks them as running: nobody else gets them.
    pub fn drain(&self, session_id: &str) -> Result<Vec<AsyncHookQueueEntry>> {
        let hooks = self.list_pending(session_id)?;
        self.connection
            .prepare_cached(&format!(
                "UPDATE async_hooks SET status = 'running', started_at_ms = ?2 WHERE {OPEN} AND status = 'pending'"
            ))
            .and_then(|mut statement| statement.execute(params![session_id, Timestamp::now().as_millis()]))
            .attempt(|| format!("take the async hooks of session {session_id}"))?;
        Ok(hooks)
    }

    /// Cancels what waits of a hook; answers its files, each once.
    pub fn cancel_pending(&self, key: AsyncHookKey<'_>) -> Result<Vec<String>> {
        let of_key = format!(
            "{OPEN} AND async_hooks.status = 'pending' AND cwd = ?2 AND plugin = ?3 AND hook_name = ?4"
        );
        let attempt = || format!("cancel async hook {} of {}", key.hook_name, key.plugin);
        let waiting: Vec<TextList> = self
            .connection
            .prepare_cached(&format!("SELECT file_paths FROM async_hooks WHERE {of_key} ORDER BY row_id"))
            .and_then(|mut statement| {
                let values = params![key.session_id, key.cwd, key.plugin, key.hook_name];
                statement.query_map(values, |row| row.get(0))?.collect()
            })
            .attempt(attempt)?;
        if waiting.is_empty() {
            return Ok(Vec::new());
        }
        self.connection
            .prepare_cached(&format!(
                "UPDATE async_hooks SET status = 'cancelled', completed_at_ms = ?5 WHERE {of_key}"
            ))
            .and_then(|mut statement| {
                let now = Timestamp::now().as_millis();
                statement.execute(params![key.session_id, key.cwd, key.plugin, key.hook_name, now])
            })
            .attempt(attempt)?;
        let mut file_paths = Vec::new();
        for list in &waiting {
            add_new(&mut file_paths, &list.0);
        }
        Ok(file_paths)
    }

    /// Notes how a hook ended; an unknown id changes nothing.
    pub fn complete(&self, id: &str, success: bool, result: Option<&str>, error: Option<&str>) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE async_hooks SET status = iif(?2, 'completed', 'failed'), result = ?3, error = ?4,
                   completed_at_ms = ?5 WHERE id = ?1",
            )
            .and_then(|mut statement| {
                statement.execute(params![id, success, result, error, Timestamp::now().as_millis()])
            })
            .attempt(|| format!("complete async hook {id}"))?;
        Ok(())
    }

    /// Cancels a hook, whatever its status; an unknown id changes nothing.
    pub fn cancel(&self, id: &str) -> Result<()> {
        self.connection
            .prepare_cached("UPDATE async_hooks SET status = 'cancelled', completed_at_ms = ?2 WHERE id = ?1")
            .and_then(|mut statement| statement.execute(params![id, Timestamp::now().as_millis()]))
            .attempt(|| format!("cancel async hook {id}"))?;
        Ok(())
    }

    /// Cancels the hooks of a session that wait or run; answers how many there were.
    pub fn clear(&self, session_id: &str) -> Result<usize> {
        self.connection
            .prepare_cached(&format!(
                "UPDATE async_hooks SET status = 'cancelled', completed_at_ms = ?2 WHERE {OPEN}"
            ))
            .and_then(|mut statement| statement.execute(params![session_id, Timestamp::now().as_millis()]))
            .attempt(|| format!("cancel the async hooks of session {session_id}"))
    }
}

/// Adds the paths that are not in the list yet, in their order.
fn add_new(list: &mut Vec<String>, paths: &[String]) {
    let mut known: std::collections::HashSet<String> = list.iter().cloned().collect();
    list.extend(paths.iter().filter(|path| known.insert((*path).clone())).cloned());
}
