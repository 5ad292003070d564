//! Replies of models, as lines tell them.

use crate::effects::Origin;
use han_db::NewReply;
use han_transcript::Record;

/// The model of lines that the agent's program wrote itself; they cost nothing.
pub(crate) const SYNTHETIC_MODEL: &str = "<synthetic>";

/// The reply that a record is a line of; `None` for records that cost nothing. `byte_offset`: where the line stands in its
/// file.
pub(crate) fn new_reply(
    record: &Record<'_>,
    origin: &Origin<'_>,
    byte_offset: Option<u64>,
) -> Option<NewReply> {
    let reply = record.reply.as_ref().filter(|reply| reply.model.as_deref() != Some(SYNTHETIC_MODEL))?;
    let message_id = reply.message_id.as_deref().or(record.uuid.as_deref())?;
    let count = |count: Option<u64>| count.unwrap_or(0) as i64;
    let split = reply.usage.cache_split();
    Some(NewReply {
        message_id: message_id.to_owned(),
        request_id: reply.request_id.as_deref().unwrap_or_default().to_owned(),
        agent_id: origin.agent_id.map(str::to_owned),
        model: reply.model.as_deref().map(str::to_owned),
        timestamp_ms: origin.timestamp_ms,
        input_tokens: count(reply.usage.input),
        output_tokens: count(reply.usage.output),
        cache_read_tokens: count(reply.usage.cache_read),
        cache_creation_tokens: split.five_minutes.saturating_add(split.one_hour) as i64,
        cache_hour_tokens: split.one_hour as i64,
        web_search_requests: count(reply.usage.web_search_requests),
        web_fetch_requests: count(reply.usage.web_fetch_requests),
        byte_offset,
        rule: Some(reply.rule.as_str()),
    })
}
