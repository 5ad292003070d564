//! Sessions and messages, many at a time.

use crate::{
    error::{self, guard},
    state, task,
};
use han_base::Result;
use han_db::{Message, Session, SessionInput};
use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;

/// As `upsertSession` for many, in one transaction: all are written, or none. The answer is in the order of the input.
#[napi]
pub fn upsert_sessions(db_path: String, inputs: Vec<SessionInput>) -> error::Result<Vec<Session>> {
    guard(|| write_sessions(&db_path, &inputs))
}

/// As `upsertSessions`, without blocking.
#[napi]
pub fn upsert_sessions_async(
    env: &Env,
    db_path: String,
    inputs: Vec<SessionInput>,
) -> error::Result<PromiseRaw<'_, Vec<Session>>> {
    task::blocking(env, move || write_sessions(&db_path, &inputs))
}

fn write_sessions(db_path: &str, inputs: &[SessionInput]) -> Result<Vec<Session>> {
    state::open(db_path)?.write(|write| inputs.iter().map(|input| write.sessions().upsert(input)).collect())
}

/// The sessions with these ids, in the order of the ids; null where there is none.
#[napi(ts_return_type = "Array<Session | null>")]
pub fn get_sessions_batch(db_path: String, session_ids: Vec<String>) -> error::Result<Vec<Option<Session>>> {
    guard(|| read_sessions(&db_path, &session_ids))
}

/// As `getSessionsBatch`, without blocking.
#[napi(ts_return_type = "Promise<Array<Session | null>>")]
pub fn get_sessions_batch_async(
    env: &Env,
    db_path: String,
    session_ids: Vec<String>,
) -> error::Result<PromiseRaw<'_, Vec<Option<Session>>>> {
    task::blocking(env, move || read_sessions(&db_path, &session_ids))
}

fn read_sessions(db_path: &str, session_ids: &[String]) -> Result<Vec<Option<Session>>> {
    state::open(db_path)?.read(|read| session_ids.iter().map(|id| read.sessions().get(id)).collect())
}

/// The messages with these ids, in the order of the ids; null where there is none.
#[napi(ts_return_type = "Array<Message | null>")]
pub fn get_messages_batch(db_path: String, message_ids: Vec<String>) -> error::Result<Vec<Option<Message>>> {
    guard(|| read_messages(&db_path, &message_ids))
}

/// As `getMessagesBatch`, without blocking.
#[napi(ts_return_type = "Promise<Array<Message | null>>")]
pub fn get_messages_batch_async(
    env: &Env,
    db_path: String,
    message_ids: Vec<String>,
) -> error::Result<PromiseRaw<'_, Vec<Option<Message>>>> {
    task::blocking(env, move || read_messages(&db_path, &message_ids))
}

fn read_messages(db_path: &str, message_ids: &[String]) -> Result<Vec<Option<Message>>> {
    state::open(db_path)?.read(|read| message_ids.iter().map(|id| read.messages().get(id)).collect())
}

/// Has the next scan read every transcript anew that it finds, in place of what is stored of it; returns the number of
/// sessions. Nothing goes before that: what is stored of transcripts that are gone stays.
#[napi]
pub fn reset_all_sessions_for_reindex(db_path: String) -> error::Result<i64> {
    guard(|| {
        let sessions = state::open(&db_path)?.write(|write| write.session_files().expect_rewritten())?;
        Ok(sessions as i64)
    })
}
