//! Messages of sessions.

use crate::{
    argument::count,
    error::{self, guard},
    rows::{self, Keys, Messages, Numbers, RowWriter, Rows, SessionSpan, SessionSpans},
    state, task,
};
use han_base::{Code, Error, Result, page};
use han_db::{Message, MessageFilter, MessageInput, MessageRow};
use han_indexer::insert_messages;
use napi::{
    Env,
    bindgen_prelude::{Object, PromiseRaw},
};
use napi_derive::napi;

/// Inserts messages of a session, or changes those with the same id; returns how many there were. All or none: an
/// error (unknown session `DB_CONSTRAINT`, bad time `INVALID_TIMESTAMP`) writes nothing.
///
/// Of a message that is known, type and tool name are overwritten, other fields where they are given; role, tool input
/// and result, time, line and session stay. What their raw lines tell is booked as that of transcripts is: tokens of
/// replies, each once, calls of tools, compactions.
#[napi]
pub fn insert_messages_batch(
    db_path: String,
    session_id: String,
    messages: Vec<MessageInput>,
) -> error::Result<u32> {
    guard(|| insert(&db_path, &session_id, &messages))
}

/// As `insertMessagesBatch`, without blocking.
#[napi]
pub fn insert_messages_batch_async(
    env: &Env,
    db_path: String,
    session_id: String,
    messages: Vec<MessageInput>,
) -> error::Result<PromiseRaw<'_, u32>> {
    task::blocking(env, move || insert(&db_path, &session_id, &messages))
}

fn insert(db_path: &str, session_id: &str, messages: &[MessageInput]) -> Result<u32> {
    let count = state::open(db_path)?.write(|write| insert_messages(write, session_id, messages))?;
    Ok(count as u32)
}

/// The message with this id; null when there is none.
#[napi]
pub fn get_message(db_path: String, message_id: String) -> error::Result<Option<Message>> {
    guard(|| state::open(&db_path)?.read(|read| read.messages().get(&message_id)))
}

/// Messages of a session, newest first. `agentIdFilter` "" means the main conversation only; `limit`: default 100000;
/// `offset`: default 0.
#[napi(ts_return_type = "Array<Message>")]
pub fn list_session_messages(
    db_path: String,
    session_id: String,
    message_type: Option<String>,
    agent_id_filter: Option<String>,
    limit: Option<f64>,
    offset: Option<f64>,
) -> error::Result<Rows<Messages>> {
    guard(|| list(&db_path, &session_id, message_type.as_deref(), agent_id_filter.as_deref(), limit, offset))
}

/// As `listSessionMessages`, without blocking: the rows are read on another thread, and built on this one a few
/// milliseconds at a time.
#[napi(ts_return_type = "Promise<Array<Message>>")]
pub fn list_session_messages_async(
    env: &Env,
    db_path: String,
    session_id: String,
    message_type: Option<String>,
    agent_id_filter: Option<String>,
    limit: Option<f64>,
    offset: Option<f64>,
) -> error::Result<PromiseRaw<'_, Rows<Messages>>> {
    rows::pending(env, move || {
        list(&db_path, &session_id, message_type.as_deref(), agent_id_filter.as_deref(), limit, offset)
    })
}

fn list(
    db_path: &str,
    session_id: &str,
    message_type: Option<&str>,
    agent_id_filter: Option<&str>,
    limit: Option<f64>,
    offset: Option<f64>,
) -> Result<Rows<Messages>> {
    let limit = count("limit", limit)?.unwrap_or(100_000);
    let offset = count("offset", offset)?.unwrap_or(0);
    state::open(db_path)?.read(|read| {
        let mut rows = RowWriter::<Messages>::default();
        let mut write = |row: &MessageRow<'_>| {
            rows.write(row);
            Ok(())
        };
        read.messages().visit_list(session_id, message_type, agent_id_filter, limit, offset, &mut write)?;
        Ok(rows.finish())
    })
}

/// How many messages of type user and assistant a session has; 0 for an unknown one.
#[napi]
pub fn get_message_count(db_path: String, session_id: String) -> error::Result<i64> {
    guard(|| state::open(&db_path)?.read(|read| read.messages().count(&session_id)))
}

/// `getMessageCount` of many sessions; every id that is asked for is there.
#[napi(ts_return_type = "Record<string, number>")]
pub fn get_message_counts_batch(
    env: &Env,
    db_path: String,
    #[napi(ts_arg_type = "Array<string>")] session_ids: Keys,
) -> error::Result<Object<'_>> {
    let counts = guard(|| counts(&db_path, &session_ids.texts))?;
    rows::record(env, &session_ids, counts)
}

/// As `getMessageCountsBatch`, without blocking.
#[napi(ts_return_type = "Promise<Record<string, number>>")]
pub fn get_message_counts_batch_async(
    env: &Env,
    db_path: String,
    #[napi(ts_arg_type = "Array<string>")] session_ids: Keys,
) -> error::Result<PromiseRaw<'_, Numbers>> {
    let Keys { array, texts } = session_ids;
    let counts = task::blocking(env, move || counts(&db_path, &texts))?;
    rows::pending_record(env, array, &counts)
}

fn counts(db_path: &str, session_ids: &[String]) -> Result<Numbers> {
    let ids = session_ids.iter().map(String::as_str);
    let counts = state::open(db_path)?.read(|read| read.messages().counts(ids))?;
    Ok(Numbers(counts.into_iter().map(|count| count as f64).collect()))
}

/// First and last time of many sessions' messages; every id that is asked for is there.
#[napi(ts_return_type = "Record<string, SessionTimestamps>")]
pub fn get_session_timestamps_batch(
    env: &Env,
    db_path: String,
    #[napi(ts_arg_type = "Array<string>")] session_ids: Keys,
) -> error::Result<Object<'_>> {
    let spans = guard(|| spans(&db_path, &session_ids.texts))?;
    rows::record(env, &session_ids, spans)
}

/// As `getSessionTimestampsBatch`, without blocking.
#[napi(ts_return_type = "Promise<Record<string, SessionTimestamps>>")]
pub fn get_session_timestamps_batch_async(
    env: &Env,
    db_path: String,
    #[napi(ts_arg_type = "Array<string>")] session_ids: Keys,
) -> error::Result<PromiseRaw<'_, Rows<SessionSpans>>> {
    let Keys { array, texts } = session_ids;
    let spans = rows::pending(env, move || spans(&db_path, &texts))?;
    rows::pending_record(env, array, &spans)
}

fn spans(db_path: &str, session_ids: &[String]) -> Result<Rows<SessionSpans>> {
    let ids = session_ids.iter().map(String::as_str);
    let spans = state::open(db_path)?.read(|read| read.messages().spans(ids))?;
    let of_session = |(session_id, (started_at, ended_at))| SessionSpan { session_id, started_at, ended_at };
    Ok(Rows::of(session_ids.iter().zip(spans).map(of_session)))
}

/// Which messages of a session a page shows. Everything is optional.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct MessagePageOptions {
    /// 1 to 1000; default 100.
    pub limit: Option<f64>,
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
    #[napi(ts_type = "Array<Message>")]
    pub items: Rows<Messages>,
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
    guard(|| page(&db_path, &session_id, options.unwrap_or_default()))
}

/// As `listMessagesPage`, without blocking.
#[napi]
pub fn list_messages_page_async(
    env: &Env,
    db_path: String,
    session_id: String,
    options: Option<MessagePageOptions>,
) -> error::Result<PromiseRaw<'_, MessagePage>> {
    task::blocking(env, move || page(&db_path, &session_id, options.unwrap_or_default()))
}

fn page(db_path: &str, session_id: &str, options: MessagePageOptions) -> Result<MessagePage> {
    let limit = page::limit(count("limit", options.limit)?, 100)?;
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
    state::open(db_path)?.read(|read| {
        let mut rows = RowWriter::<Messages>::default();
        let mut write = |row: &MessageRow<'_>| {
            rows.write(row);
            Ok(())
        };
        let cursor = options.cursor.as_deref();
        let next_cursor = read.messages().visit_page(session_id, &filter, cursor, limit, &mut write)?;
        Ok(MessagePage { has_more: next_cursor.is_some(), items: rows.finish(), next_cursor })
    })
}

/// Checks a speaker.
pub(crate) fn speaker(name: Option<String>) -> Result<Option<String>> {
    match name.as_deref() {
        None | Some("user" | "assistant" | "tool" | "system" | "summary") => Ok(name),
        Some(other) => Err(Error::new(
            Code::InvalidArgument,
            format!("take speaker = {other:?}: it is user, assistant, tool, system or summary"),
        )),
    }
}
