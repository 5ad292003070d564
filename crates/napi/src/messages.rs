//! Messages of sessions.

use crate::{
    error::{self, guard},
    state,
};
use han_base::{Code, Error, page};
use han_db::{Message, MessageFilter, MessageInput, SessionTimestamps};
use napi_derive::napi;
use std::collections::HashMap;

/// Inserts messages of a session, or changes those with the same id; returns how many there were. All or none: an
/// error (unknown session `DB_CONSTRAINT`, bad time `INVALID_TIMESTAMP`) writes nothing.
///
/// Of a message that is known, type and tool name are overwritten, other fields where they are given; role, tool input
/// and result, time, line and session stay.
#[napi]
pub fn insert_messages_batch(
    db_path: String,
    session_id: String,
    messages: Vec<MessageInput>,
) -> error::Result<u32> {
    guard(|| {
        let database = state::open(&db_path)?;
        let count = database.write(|write| write.messages().upsert(&session_id, &messages))?;
        Ok(count as u32)
    })
}

/// The message with this id; null when there is none.
#[napi]
pub fn get_message(db_path: String, message_id: String) -> error::Result<Option<Message>> {
    guard(|| state::open(&db_path)?.read(|read| read.messages().get(&message_id)))
}

/// Messages of a session, newest first. `agentIdFilter` "" means the main conversation only; `limit`: default 100000;
/// `offset`: default 0.
#[napi]
pub fn list_session_messages(
    db_path: String,
    session_id: String,
    message_type: Option<String>,
    agent_id_filter: Option<String>,
    limit: Option<u32>,
    offset: Option<u32>,
) -> error::Result<Vec<Message>> {
    guard(|| {
        state::open(&db_path)?.read(|read| {
            read.messages().list(
                &session_id,
                message_type.as_deref(),
                agent_id_filter.as_deref(),
                limit.unwrap_or(100_000),
                offset.unwrap_or(0),
            )
        })
    })
}

/// How many messages of type user and assistant a session has; 0 for an unknown one.
#[napi]
pub fn get_message_count(db_path: String, session_id: String) -> error::Result<i64> {
    guard(|| state::open(&db_path)?.read(|read| read.messages().count(&session_id)))
}

/// `getMessageCount` of many sessions; every id that is asked for is there.
#[napi]
pub fn get_message_counts_batch(
    db_path: String,
    session_ids: Vec<String>,
) -> error::Result<HashMap<String, i64>> {
    guard(|| {
        state::open(&db_path)?.read(|read| {
            session_ids.into_iter().map(|id| Ok((id.clone(), read.messages().count(&id)?))).collect()
        })
    })
}

/// First and last time of many sessions' messages; every id that is asked for is there.
#[napi]
pub fn get_session_timestamps_batch(
    db_path: String,
    session_ids: Vec<String>,
) -> error::Result<HashMap<String, SessionTimestamps>> {
    guard(|| {
        state::open(&db_path)?.read(|read| {
            session_ids.into_iter().map(|id| Ok((id.clone(), read.messages().timestamps(&id)?))).collect()
        })
    })
}

/// Which messages of a session a page shows. Everything is optional.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct MessagePageOptions {
    /// 1 to 1000; default 100.
    pub limit: Option<u32>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
    /// Default `oldest`.
    #[napi(ts_type = "'oldest' | 'newest'")]
    pub order: Option<String>,
    /// Who really speaks.
    #[napi(ts_type = "'user' | 'assistant' | 'tool' | 'system' | 'summary'")]
    pub speaker: Option<String>,
    /// An agent; "" means the main conversation only.
    pub agent_id: Option<String>,
    /// Whether `rawJson` is filled; default false.
    pub with_raw: Option<bool>,
}

/// A page of messages.
#[napi(object, object_from_js = false)]
pub struct MessagePage {
    /// The messages of this page.
    pub items: Vec<Message>,
    /// Where the next page begins; absent at the end.
    pub next_cursor: Option<String>,
    /// Whether another page follows.
    pub has_more: bool,
}

/// A page of a session's messages, oldest first unless asked otherwise.
#[napi]
pub fn list_messages_page(
    db_path: String,
    session_id: String,
    options: Option<MessagePageOptions>,
) -> error::Result<MessagePage> {
    guard(|| {
        let options = options.unwrap_or_default();
        let limit = page::limit(options.limit, 100)?;
        let newest_first = match options.order.as_deref() {
            None | Some("oldest") => false,
            Some("newest") => true,
            Some(other) => {
                return Err(Error::new(
                    Code::InvalidArgument,
                    format!("take order = {other:?}: it is oldest or newest"),
                ));
            }
        };
        let filter = MessageFilter {
            speaker: speaker(options.speaker)?,
            agent_id: options.agent_id,
            newest_first,
            with_raw: options.with_raw.unwrap_or(false),
        };
        let page = state::open(&db_path)?
            .read(|read| read.messages().page(&session_id, &filter, options.cursor.as_deref(), limit))?;
        Ok(MessagePage { has_more: page.has_more(), items: page.items, next_cursor: page.next_cursor })
    })
}

/// Checks a speaker.
pub(crate) fn speaker(name: Option<String>) -> han_base::Result<Option<String>> {
    match name.as_deref() {
        None | Some("user" | "assistant" | "tool" | "system" | "summary") => Ok(name),
        Some(other) => Err(Error::new(
            Code::InvalidArgument,
            format!("take speaker = {other:?}: it is user, assistant, tool, system or summary"),
        )),
    }
}
