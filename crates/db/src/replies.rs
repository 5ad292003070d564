//! The token ledger (table `replies`): a reply of a model is spread over several lines, and may stand in several
//! files, that all repeat its usage; it is booked once, with the largest usage.

use crate::{
    activity::{Hours, UsageFigures},
    error::Attempt,
    transaction::{ReadWrite, Replies},
};
use han_base::Result;
use rusqlite::{OptionalExtension, ToSql};
use std::collections::BTreeMap;

/// A reply of a model as one line tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewReply {
    /// The model's id of the reply.
    pub message_id: String,
    /// The id of the request, empty where the line has none.
    pub request_id: String,
    /// The agent that asked; none for the main conversation.
    pub agent_id: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// Milliseconds since 1970.
    pub timestamp_ms: i64,
    /// Tokens read anew.
    pub input_tokens: i64,
    /// Tokens written. It grows while a reply is streamed, so the largest counts.
    pub output_tokens: i64,
    /// Tokens read from the cache.
    pub cache_read_tokens: i64,
    /// Tokens written to the cache, for five minutes and for one hour.
    pub cache_creation_tokens: i64,
    /// Those of them for one hour.
    pub cache_hour_tokens: i64,
    /// Searches that the server made.
    pub web_search_requests: i64,
    /// Pages that the server fetched.
    pub web_fetch_requests: i64,
    /// Where the line stands in its file.
    pub byte_offset: Option<u64>,
    /// How the usage was read from the line.
    pub rule: Option<&'static str>,
}

/// The largest number that a line may tell. What is above it is no number of tokens, and sums must not overflow.
const LARGEST_FIGURE: i64 = 1_000_000_000_000;

/// Forgets that source file `?1` told the usage of replies that others booked.
pub(crate) const FORGET_USAGE_LINE: &str =
    "UPDATE replies SET usage_file_row_id = NULL, byte_offset = NULL WHERE usage_file_row_id = ?1";

/// Where the tokens that a model wrote stand in [`UsageFigures`].
const OUTPUT: usize = 1;

impl NewReply {
    fn usage(&self) -> UsageFigures {
        [
            self.input_tokens,
            self.output_tokens,
            self.cache_read_tokens,
            self.cache_creation_tokens,
            self.cache_hour_tokens,
            self.web_search_requests,
            self.web_fetch_requests,
        ]
        .map(|figure| figure.clamp(0, LARGEST_FIGURE))
    }
}

/// A reply that is booked.
struct Booked {
    row_id: i64,
    session_row: i64,
    model: Option<String>,
    timestamp_ms: i64,
    usage: UsageFigures,
}

impl Replies<'_, ReadWrite> {
    /// Books replies, or raises the usage of those that are booked already. The session and file that booked a reply
    /// first keep it.
    pub fn book(&self, session_row: i64, file_row: Option<i64>, replies: &[NewReply]) -> Result<()> {
        let mut hours: BTreeMap<i64, Hours> = BTreeMap::new();
        for reply in replies {
            let attempt = || format!("book reply {}", reply.message_id);
            let usage = reply.usage();
            // No upsert: that makes FTS5 write out what it has collected.
            match self.booked(reply)? {
                None => {
                    self.insert(session_row, file_row, reply, &usage).attempt(attempt)?;
                    let model = reply.model.as_deref().unwrap_or_default();
                    hours.entry(session_row).or_default().add_reply(reply.timestamp_ms, model, 1, &usage);
                }
                Some(booked) if usage[OUTPUT] > booked.usage[OUTPUT] => {
                    self.raise(booked.row_id, file_row, reply, &usage).attempt(attempt)?;
                    let more = std::array::from_fn(|kind| usage[kind] - booked.usage[kind]);
                    let model = booked.model.as_deref().unwrap_or_default();
                    let hours = hours.entry(booked.session_row).or_default();
                    hours.add_reply(booked.timestamp_ms, model, 0, &more);
                }
                Some(_) => {}
            }
        }
        hours.iter().try_for_each(|(session_row, hours)| hours.store(self.connection, *session_row))
    }

    fn booked(&self, reply: &NewReply) -> Result<Option<Booked>> {
        self.connection
            .prepare_cached(
                "SELECT row_id, session_row_id, model, timestamp_ms, input_tokens, output_tokens, cache_read_tokens,
                   cache_creation_tokens, cache_hour_tokens, web_search_requests, web_fetch_requests
                 FROM replies WHERE message_id = ?1 AND request_id = ?2",
            )
            .and_then(|mut statement| {
                statement
                    .query_row([&reply.message_id, &reply.request_id], |row| {
                        let mut usage = UsageFigures::default();
                        for (kind, figure) in usage.iter_mut().enumerate() {
                            *figure = row.get(4 + kind)?;
                        }
                        Ok(Booked {
                            row_id: row.get(0)?,
                            session_row: row.get(1)?,
                            model: row.get(2)?,
                            timestamp_ms: row.get(3)?,
                            usage,
                        })
                    })
                    .optional()
            })
            .attempt(|| format!("look for reply {}", reply.message_id))
    }

    fn insert(
        &self,
        session_row: i64,
        file_row: Option<i64>,
        reply: &NewReply,
        usage: &UsageFigures,
    ) -> rusqlite::Result<usize> {
        let byte_offset = reply.byte_offset.map(|offset| offset as i64);
        let mut parameters: Vec<&dyn ToSql> = vec![
            &reply.message_id,
            &reply.request_id,
            &session_row,
            &reply.agent_id,
            &reply.model,
            &reply.timestamp_ms,
            &file_row,
            &byte_offset,
            &reply.rule,
        ];
        parameters.extend(usage.iter().map(|figure| figure as &dyn ToSql));
        self.connection
            .prepare_cached(
                "INSERT INTO replies (message_id, request_id, session_row_id, agent_id, model, timestamp_ms,
                   session_file_row_id, usage_file_row_id, byte_offset, rule, input_tokens, output_tokens, cache_read_tokens,
                   cache_creation_tokens, cache_hour_tokens, web_search_requests, web_fetch_requests)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            )?
            .execute(parameters.as_slice())
    }

    /// Raises the usage; the line that tells it is the one that counts now.
    fn raise(
        &self,
        row_id: i64,
        file_row: Option<i64>,
        reply: &NewReply,
        usage: &UsageFigures,
    ) -> rusqlite::Result<usize> {
        let byte_offset = reply.byte_offset.map(|offset| offset as i64);
        let mut parameters: Vec<&dyn ToSql> = vec![&row_id, &file_row, &byte_offset, &reply.rule];
        parameters.extend(usage.iter().map(|figure| figure as &dyn ToSql));
        self.connection
            .prepare_cached(
                "UPDATE replies SET usage_file_row_id = ?2, byte_offset = ?3, rule = ?4, input_tokens = ?5,
                   output_tokens = ?6, cache_read_tokens = ?7, cache_creation_tokens = ?8, cache_hour_tokens = ?9,
                   web_search_requests = ?10, web_fetch_requests = ?11
                 WHERE row_id = ?1",
            )?
            .execute(parameters.as_slice())
    }
}
