//! Messages that callers give: what their raw lines tell is booked as that of transcripts is.

use crate::{
    batch::Batch,
    calls::OpenCalls,
    effects::{Effect, Origin, Target},
    reply::new_reply,
};
use han_base::{Result, Timestamp};
use han_db::{JsonPlace, MessageId, MessageInput, NewReply, NewToolCall, Write};
use han_transcript::parse;

/// Types of rows whose tool name tells of no call.
const NO_CALLS: [&str; 2] = ["tool_result", "han_event"];

/// Inserts or changes messages of a session (see [`han_db::Messages::upsert`]), and books what they tell: the tokens of
/// replies, each once whatever number of messages repeats them, calls of tools with their results, and compactions.
/// Returns how many messages there were.
///
/// A message with a raw line (`raw_json`) is understood by that line. One without is a reply of its own when it is of
/// type `assistant` and has tokens, and a call when it has a tool's name and is no result.
pub fn insert_messages(write: &Write<'_>, session_id: &str, inputs: &[MessageInput]) -> Result<u64> {
    let inserted = write.messages().upsert(session_id, inputs)?;
    let mut batch = Batch::default();
    for input in inputs {
        understand(input, &mut batch)?;
    }
    if batch.replies.is_empty()
        && batch.tool_calls.is_empty()
        && batch.tool_results.is_empty()
        && batch.effects.is_empty()
    {
        return Ok(inserted);
    }
    let (session_row, _) = write.sessions().ensure(session_id)?;
    write.replies().book(session_row, None, &batch.replies)?;
    write.tool_calls().book(session_row, None, &batch.tool_calls, &batch.tool_results)?;
    let target = Target { session_id, session_row, file_row: None };
    for effect in &batch.effects {
        if let Effect::Compaction { .. } = effect {
            effect.store(write, &target)?;
        }
    }
    Ok(inserted)
}

fn understand(input: &MessageInput, batch: &mut Batch) -> Result<()> {
    let timestamp_ms = Timestamp::parse_argument("timestamp", &input.timestamp)?.as_millis();
    let message_id = MessageId::new(&input.id);
    let origin = Origin {
        message_id: &message_id,
        agent_id: input.agent_id.as_deref(),
        timestamp_ms,
        line_number: input.line_number.unsigned_abs(),
        byte_offset: None,
    };
    let record = input.raw_json.as_deref().and_then(|line| parse(line).ok());
    let known = (batch.replies.len(), batch.tool_calls.len() + batch.tool_results.len());
    if let Some(record) = &record {
        batch.replies.extend(new_reply(record, &origin, None));
        OpenCalls::default().take(record, &origin, batch);
        batch.effects.extend(Effect::of_record(record, input.content.as_deref(), &origin));
        // Callers tell themselves which lines and files a message changed.
        batch.tool_calls.iter_mut().for_each(|call| call.edit = None);
    }
    if batch.replies.len() == known.0 {
        batch.replies.extend(own_reply(input, timestamp_ms));
    }
    if batch.tool_calls.len() + batch.tool_results.len() == known.1 {
        batch.tool_calls.extend(own_call(input, &message_id, timestamp_ms));
    }
    Ok(())
}

/// The reply that a message is by itself.
fn own_reply(input: &MessageInput, timestamp_ms: i64) -> Option<NewReply> {
    let has_tokens = input.input_tokens.is_some() || input.output_tokens.is_some();
    (input.message_type == "assistant" && has_tokens).then(|| NewReply {
        message_id: input.id.clone(),
        agent_id: input.agent_id.clone(),
        timestamp_ms,
        input_tokens: input.input_tokens.unwrap_or(0),
        output_tokens: input.output_tokens.unwrap_or(0),
        cache_read_tokens: input.cache_read_tokens.unwrap_or(0),
        cache_creation_tokens: input.cache_creation_tokens.unwrap_or(0),
        ..NewReply::default()
    })
}

/// The call that a message is by itself.
fn own_call(input: &MessageInput, message_id: &MessageId, timestamp_ms: i64) -> Option<NewToolCall> {
    let name = input.tool_name.as_ref().filter(|_| !NO_CALLS.contains(&input.message_type.as_str()))?;
    Some(NewToolCall {
        id: input.id.clone(),
        message_id: message_id.clone(),
        agent_id: input.agent_id.clone(),
        name: name.clone(),
        subagent_type: None,
        file_paths: Vec::new(),
        input: input.tool_input.clone().map(JsonPlace::Text),
        timestamp_ms,
        edit: None,
        result: None,
    })
}
