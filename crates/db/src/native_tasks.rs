//! Tasks that an agent keeps for itself (table `native_tasks`). Their ids are the agent's, unique within a session.

use crate::{
    columns::{TextList, optional_time, time},
    error::Attempt,
    pages::{fetch, with_one_more},
    transaction::{NativeTasks, Read, ReadWrite},
};
use han_base::{Cursor, Page, Result, Timestamp};
use rusqlite::{OptionalExtension, Row, named_params, params};

/// A task that an agent keeps for itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct NativeTask {
    /// The agent's id of it, unique within the session.
    pub id: String,
    /// The session.
    pub session_id: String,
    /// The message that created or changed it last.
    pub message_id: String,
    /// What is to be done, in short.
    pub subject: String,
    /// What is to be done, at length.
    pub description: Option<String>,
    /// `pending`, `in_progress`, `completed`, or what else the agent says.
    pub status: String,
    /// What is shown while it is being done.
    pub active_form: Option<String>,
    /// Who does it.
    pub owner: Option<String>,
    /// JSON array of the ids of tasks that wait for this one.
    pub blocks: Option<String>,
    /// JSON array of the ids of tasks that this one waits for.
    pub blocked_by: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
    /// When it was completed last, RFC 3339; stays when it is opened again.
    pub completed_at: Option<String>,
    /// 0-based physical line of the message.
    pub line_number: i64,
}

/// A task that an agent creates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_to_js = false))]
pub struct NativeTaskInput {
    /// The agent's id of it.
    pub id: String,
    /// An existing session.
    pub session_id: String,
    /// The message that creates it.
    pub message_id: String,
    /// What is to be done, in short.
    pub subject: String,
    /// What is to be done, at length.
    pub description: Option<String>,
    /// What is shown while it is being done.
    pub active_form: Option<String>,
    /// RFC 3339 with a zone.
    pub timestamp: String,
    /// 0-based physical line of the message.
    pub line_number: i64,
}

/// What an agent changes of a task; absent fields stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_to_js = false))]
pub struct NativeTaskUpdate {
    /// The agent's id of it.
    pub id: String,
    /// The session.
    pub session_id: String,
    /// The message that changes it.
    pub message_id: String,
    /// The new status.
    pub status: Option<String>,
    /// The new subject.
    pub subject: Option<String>,
    /// The new description.
    pub description: Option<String>,
    /// What is shown while it is being done.
    pub active_form: Option<String>,
    /// Who does it.
    pub owner: Option<String>,
    /// Ids of tasks that wait for this one too.
    pub add_blocks: Option<Vec<String>>,
    /// Ids of tasks that this one waits for too.
    pub add_blocked_by: Option<Vec<String>>,
    /// RFC 3339 with a zone.
    pub timestamp: String,
    /// 0-based physical line of the message.
    pub line_number: i64,
}

const SELECT: &str =
    "SELECT id, message_id, subject, description, status, active_form, owner, blocks, blocked_by,
  created_at_ms, updated_at_ms, completed_at_ms, line_number, row_id FROM native_tasks
  WHERE session_row_id = (SELECT row_id FROM sessions WHERE id = ?1)";

/// Letter of this list's cursors.
const CURSOR: char = 'n';

impl NativeTask {
    fn from_row(session_id: &str, row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            session_id: session_id.to_owned(),
            message_id: row.get(1)?,
            subject: row.get(2)?,
            description: row.get(3)?,
            status: row.get(4)?,
            active_form: row.get(5)?,
            owner: row.get(6)?,
            blocks: row.get(7)?,
            blocked_by: row.get(8)?,
            created_at: time(row, 9)?,
            updated_at: time(row, 10)?,
            completed_at: optional_time(row, 11)?,
            line_number: row.get(12)?,
        })
    }
}

impl<A> NativeTasks<'_, A> {
    /// A task of a session.
    pub fn get(&self, session_id: &str, task_id: &str) -> Result<Option<NativeTask>> {
        self.connection
            .prepare_cached(&format!("{SELECT} AND id = ?2"))
            .and_then(|mut statement| {
                statement
                    .query_row([session_id, task_id], |row| NativeTask::from_row(session_id, row))
                    .optional()
            })
            .attempt(|| format!("read task {task_id} of session {session_id}"))
    }

    /// All tasks of a session, oldest first.
    pub fn list(&self, session_id: &str) -> Result<Vec<NativeTask>> {
        self.connection
            .prepare_cached(&format!("{SELECT} ORDER BY created_at_ms, row_id"))
            .and_then(|mut statement| {
                statement.query_map([session_id], |row| NativeTask::from_row(session_id, row))?.collect()
            })
            .attempt(|| format!("list tasks of session {session_id}"))
    }

    /// A page of [`NativeTasks::list`].
    pub fn page(&self, session_id: &str, cursor: Option<&str>, limit: usize) -> Result<Page<NativeTask>> {
        let after = cursor.map(|text| Cursor::decode(CURSOR, text)).transpose()?;
        let (value, row) = after.map_or((i64::MIN, -1), |cursor| (cursor.value, cursor.row));
        let rows = fetch(
            self.connection,
            &format!(
                "{SELECT} AND (created_at_ms, row_id) > (:value, :row) ORDER BY created_at_ms, row_id LIMIT :limit"
            ),
            &[("?1", &session_id), (":value", &value), (":row", &row), (":limit", &with_one_more(limit))],
            |row| {
                let cursor = Cursor { kind: CURSOR, value: row.get(9)?, row: row.get(13)? };
                Ok((NativeTask::from_row(session_id, row)?, cursor.encode()))
            },
        );
        rows.attempt(|| format!("list tasks of session {session_id}"))
            .map(|rows| Page::from_keyed(rows, limit))
    }
}

/// What an update needs to know of a task.
struct Known {
    row_id: i64,
    blocks: Option<TextList>,
    blocked_by: Option<TextList>,
}

impl NativeTasks<'_, ReadWrite> {
    /// Creates a task, which is pending. Of one that exists only the time of the last update changes. An unknown session
    /// is `DB_CONSTRAINT`, a bad time `INVALID_TIMESTAMP`.
    pub fn create(&self, input: &NativeTaskInput) -> Result<()> {
        let session_row = Read::new(self.connection).sessions().required_row(&input.session_id)?;
        let at = Timestamp::parse_argument("timestamp", &input.timestamp)?.as_millis();
        self.connection
            .prepare_cached(
                "INSERT INTO native_tasks (session_row_id, id, message_id, subject, description, active_form,
                   created_at_ms, updated_at_ms, line_number)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8)
                 ON CONFLICT (session_row_id, id) DO UPDATE SET updated_at_ms = excluded.updated_at_ms",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    session_row,
                    input.id,
                    input.message_id,
                    input.subject,
                    input.description,
                    input.active_form,
                    at,
                    input.line_number,
                ])
            })
            .attempt(|| format!("write task {} of session {}", input.id, input.session_id))?;
        Ok(())
    }

    /// Changes a task; false when there is none with this id in this session. The status `completed` sets the time of
    /// completion. Ids that a list of blocks has already are not added again. A bad time is `INVALID_TIMESTAMP`.
    pub fn update(&self, update: &NativeTaskUpdate) -> Result<bool> {
        let at = Timestamp::parse_argument("timestamp", &update.timestamp)?.as_millis();
        let Some(known) = self.known(&update.session_id, &update.id)? else { return Ok(false) };
        let completed_at = (update.status.as_deref() == Some("completed")).then_some(at);
        self.connection
            .prepare_cached(
                "UPDATE native_tasks SET message_id = :message_id, line_number = :line_number, updated_at_ms = :at,
                   status = coalesce(:status, status), subject = coalesce(:subject, subject),
                   description = coalesce(:description, description),
                   active_form = coalesce(:active_form, active_form), owner = coalesce(:owner, owner),
                   blocks = :blocks, blocked_by = :blocked_by,
                   completed_at_ms = coalesce(:completed_at, completed_at_ms)
                 WHERE row_id = :row_id",
            )
            .and_then(|mut statement| {
                statement.execute(named_params! {
                    ":message_id": update.message_id,
                    ":line_number": update.line_number,
                    ":at": at,
                    ":status": update.status,
                    ":subject": update.subject,
                    ":description": update.description,
                    ":active_form": update.active_form,
                    ":owner": update.owner,
                    ":blocks": with_added(known.blocks, update.add_blocks.as_deref()),
                    ":blocked_by": with_added(known.blocked_by, update.add_blocked_by.as_deref()),
                    ":completed_at": completed_at,
                    ":row_id": known.row_id,
                })
            })
            .attempt(|| format!("change task {} of session {}", update.id, update.session_id))?;
        Ok(true)
    }

    fn known(&self, session_id: &str, task_id: &str) -> Result<Option<Known>> {
        self.connection
            .prepare_cached(
                "SELECT row_id, blocks, blocked_by FROM native_tasks
                 WHERE session_row_id = (SELECT row_id FROM sessions WHERE id = ?1) AND id = ?2",
            )
            .and_then(|mut statement| {
                statement
                    .query_row([session_id, task_id], |row| {
                        Ok(Known { row_id: row.get(0)?, blocks: row.get(1)?, blocked_by: row.get(2)? })
                    })
                    .optional()
            })
            .attempt(|| format!("read task {task_id} of session {session_id}"))
    }
}

/// The list with the ids it does not have yet.
fn with_added(known: Option<TextList>, added: Option<&[String]>) -> Option<TextList> {
    let added = added.unwrap_or_default();
    if added.is_empty() {
        return known;
    }
    let mut list = known.unwrap_or_default();
    for id in added {
        if !list.0.contains(id) {
            list.0.push(id.clone());
        }
    }
    Some(list)
}
