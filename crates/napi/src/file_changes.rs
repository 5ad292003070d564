//! Files that sessions changed.

use crate::{
    error::{self, guard},
    page::{page_limit, pages},
    rows::{FileChanges, Rows},
    state, task,
};
use han_base::Result;
use han_db::{SessionFileChange, SessionFileChangeInput};
use napi::{Env, bindgen_prelude::PromiseRaw};
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
#[napi(ts_return_type = "Array<SessionFileChange>")]
pub fn get_session_file_changes(
    db_path: String,
    session_id: String,
    agent_id: Option<String>,
) -> error::Result<Rows<FileChanges>> {
    guard(|| {
        state::open(&db_path)?
            .read(|read| read.file_changes().list(&session_id, agent_id.as_deref()))
            .map(Rows::of)
    })
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

pages! {
    FileChangePage of SessionFileChange, "A page of changes of files.";
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
        let limit = page_limit(options.limit)?;
        let (agent_id, cursor) = (options.agent_id.as_deref(), options.cursor.as_deref());
        state::open(&db_path)?
            .read(|read| read.file_changes().page(&session_id, agent_id, cursor, limit))
            .map(Into::into)
    })
}

/// As `recordFileChange` for many, in one transaction: all are recorded, or none. The answer is in the order of the input.
#[napi]
pub fn record_file_changes(
    db_path: String,
    inputs: Vec<SessionFileChangeInput>,
) -> error::Result<Vec<SessionFileChange>> {
    guard(|| record_all(&db_path, &inputs))
}

/// As `recordFileChanges`, without blocking.
#[napi]
pub fn record_file_changes_async(
    env: &Env,
    db_path: String,
    inputs: Vec<SessionFileChangeInput>,
) -> error::Result<PromiseRaw<'_, Vec<SessionFileChange>>> {
    task::blocking(env, move || record_all(&db_path, &inputs))
}

fn record_all(db_path: &str, inputs: &[SessionFileChangeInput]) -> Result<Vec<SessionFileChange>> {
    state::open(db_path)?
        .write(|write| inputs.iter().map(|input| write.file_changes().record(input)).collect())
}
