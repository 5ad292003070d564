//! Who really speaks in a line.

use crate::{Block, Record, RecordType};
use han_base::json::JsonString;

/// Who really speaks. It differs from [`Role`](crate::Role), which counts everything that is sent to the model as the
/// user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Speaker {
    /// A person typed it.
    User,
    /// The model wrote it: replies, and the prompts that it writes to its subagents.
    Assistant,
    /// A tool answered it.
    Tool,
    /// The client wrote it: notices, injected text, commands and their output.
    System,
    /// A summary or a title.
    Summary,
}

impl Speaker {
    /// `user`, `assistant`, `tool`, `system` or `summary`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
            Self::System => "system",
            Self::Summary => "summary",
        }
    }
}

/// The tags that open text which the client writes in the name of the user.
pub(crate) const INJECTED_TAGS: &[&str] = &[
    "bash-input",
    "bash-stderr",
    "bash-stdout",
    "command-args",
    "command-contents",
    "command-message",
    "command-name",
    "ide_diagnostics",
    "ide_opened_file",
    "ide_selection",
    "local-command-caveat",
    "local-command-stderr",
    "local-command-stdout",
    "new-diagnostics",
    "post-tool-use-hook",
    "session-start-hook",
    "system-reminder",
    "task-notification",
    "user-memory-input",
    "user-prompt-submit-hook",
];

/// Characters of a text that are looked at; every opening that counts is shorter.
const HEAD: usize = 64;

/// The speaker of a record whose other fields are all read.
pub(crate) fn of(record: &Record<'_>) -> Option<Speaker> {
    match record.record_type {
        RecordType::User => Some(of_user_line(record)),
        RecordType::Assistant | RecordType::ToolUse => Some(Speaker::Assistant),
        RecordType::ToolResult => Some(Speaker::Tool),
        RecordType::System => Some(Speaker::System),
        RecordType::Summary | RecordType::CustomTitle | RecordType::AiTitle => Some(Speaker::Summary),
        RecordType::Attachment => {
            let prompt =
                record.queued_prompt.filter(|_| record.subtype.as_deref() == Some("queued_command"))?;
            Some(if is_injected(prompt.texts()) || record.is_meta {
                Speaker::System
            } else {
                of_prompt(record)
            })
        }
        _ => None,
    }
}

fn of_user_line(record: &Record<'_>) -> Speaker {
    if record.blocks.iter().any(|block| matches!(block, Block::ToolResult { .. })) {
        return Speaker::Tool;
    }
    if record.is_summary_line() {
        return Speaker::Summary;
    }
    let texts = record.message_text.into_iter().chain(record.blocks.iter().filter_map(|block| match block {
        Block::Text { text } => Some(*text),
        _ => None,
    }));
    if record.is_meta || is_injected(texts) { Speaker::System } else { of_prompt(record) }
}

/// A prompt in a subagent was written by the model that started it.
fn of_prompt(record: &Record<'_>) -> Speaker {
    if record.is_sidechain || record.agent_id.is_some() { Speaker::Assistant } else { Speaker::User }
}

/// Whether there is text and all of it is injected: an editor adds a tagged block before the typed one.
fn is_injected<'a>(texts: impl IntoIterator<Item = JsonString<'a>>) -> bool {
    let mut texts = texts.into_iter().filter(|text| !text.is_empty()).peekable();
    texts.peek().is_some() && texts.all(opens_injected)
}

/// Whether a text begins with a tag of the client or with its note of an interruption.
pub(crate) fn opens_injected(text: JsonString<'_>) -> bool {
    let mut characters = text.chars().skip_while(|character| character.is_whitespace()).peekable();
    if !matches!(characters.peek(), Some('<' | '[')) {
        return false;
    }
    let head: String = characters.take(HEAD).collect();
    if head.starts_with("[Request interrupted by user") {
        return true;
    }
    let Some(tag) = head.strip_prefix('<') else {
        return false;
    };
    let end =
        tag.find(|character: char| !character.is_ascii_alphanumeric() && !matches!(character, '-' | '_'));
    end.is_some_and(|end| INJECTED_TAGS.contains(&&tag[..end]))
}
