//! Files that sessions changed.

use crate::{
    argument::count,
    error::{self, guard},
    state,
};
use han_base::page;
use han_db::{SessionFileChange, SessionFileChangeInput};
use napi_derive::napi;

/// Records that a session changed a file, at the time of now. An unknown session is `DB_CONSTRAINT`.
#[napi]
pub fn record_file_change(
    db_path: String,
    input: SessionFileChangeInput,
) -> error::Result<SessionFileChange> {
    guard(|| state::open(&db_path)?.write(|write| write.file_changes().record(&input)))
}

/// All changes of files in a session, newest first. `agentId`: only those of this agent. See `listFileChangesPage` for
/// sessions with many.
#[napi]
pub fn get_session_file_changes(
    db_path: String,
    session_id: String,
    agent_id: Option<String>,
) -> error::Result<Vec<SessionFileChange>> {
    guard(|| state::open(&db_path)?.read(|read| read.file_changes().list(&session_id, agent_id.as_deref())))
}

/// Whether a session changed any file. `agentId`: whether this agent did.
#[napi]
pub fn has_session_changes(
    db_path: String,
    session_id: String,
    agent_id: Option<String>,
) -> error::Result<bool> {
    guard(|| state::open(&db_path)?.read(|read| read.file_changes().any(&session_id, agent_id.as_deref())))
}

/// Which changes of files a page shows. Everything is optional.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct FileChangePageOptions {
    /// 1 to 1000; default 100.
    pub limit: Option<f64>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
    /// Only changes of this agent.
    pub agent_id: Option<String>,
}

/// A page of changes of files.
#[napi(object, object_from_js = false)]
pub struct FileChangePage {
    /// The changes of this page.
    pub items: Vec<SessionFileChange>,
    /// Where the next page begins; absent at the end.
    pub next_cursor: Option<String>,
    /// Whether another page follows.
    pub has_more: bool,
}

/// A page of a session's changes of files, newest first.
#[napi]
pub fn list_file_changes_page(
    db_path: String,
    session_id: String,
    options: Option<FileChangePageOptions>,
) -> error::Result<FileChangePage> {
    guard(|| {
        let options = options.unwrap_or_default();
        let limit = page::limit(count("limit", options.limit)?, 100)?;
        let (agent_id, cursor) = (options.agent_id.as_deref(), options.cursor.as_deref());
        let page = state::open(&db_path)?
            .read(|read| read.file_changes().page(&session_id, agent_id, cursor, limit))?;
        Ok(FileChangePage { has_more: page.has_more(), items: page.items, next_cursor: page.next_cursor })
    })
}
