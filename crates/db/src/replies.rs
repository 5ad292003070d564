//! The token ledger (table `replies`): a reply of a model is spread over several lines, and may stand in several
//! files, that all repeat its usage; it is booked once, with the largest usage.

use crate::{
    error::Attempt,
    transaction::{ReadWrite, Replies},
};
use han_base::Result;
use rusqlite::params;

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
    pub timestamp_ms: Option<i64>,
    /// Tokens read anew.
    pub input_tokens: i64,
    /// Tokens written. It grows while a reply is streamed, so the largest counts.
    pub output_tokens: i64,
    /// Tokens read from the cache.
    pub cache_read_tokens: i64,
    /// Tokens written to the cache.
    pub cache_creation_tokens: i64,
}

impl Replies<'_, ReadWrite> {
    /// Books a reply, or raises the usage of the one that is booked already. The session and file that
    /// booked it first keep it.
    pub fn book(&self, session_row: i64, file_row: Option<i64>, reply: &NewReply) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO replies (message_id, request_id, session_row_id, agent_id, model, timestamp_ms,
                   input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens, session_file_row_id)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
                 ON CONFLICT (message_id, request_id) DO UPDATE SET
                   input_tokens = excluded.input_tokens, output_tokens = excluded.output_tokens,
                   cache_read_tokens = excluded.cache_read_tokens,
                   cache_creation_tokens = excluded.cache_creation_tokens
                 WHERE excluded.output_tokens > output_tokens",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    reply.message_id,
                    reply.request_id,
                    session_row,
                    reply.agent_id,
                    reply.model,
                    reply.timestamp_ms,
                    reply.input_tokens,
                    reply.output_tokens,
                    reply.cache_read_tokens,
                    reply.cache_creation_tokens,
                    file_row,
                ])
            })
            .attempt(|| format!("book reply {}", reply.message_id))?;
        Ok(())
    }
}
