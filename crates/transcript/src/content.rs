//! The texts of a record: what is shown and searched.

use crate::block::join;
use crate::{Block, Record, RecordType};
use han_base::json::for_each_string;
use std::borrow::Cow;

impl Record<'_> {
    /// What a reader sees of this entry; `None` when there is nothing to see.
    ///
    /// - Messages (`user`, `assistant`, `system`): a string content as it is. Of an array the parts that are not
    ///   empty, joined by newlines: texts and thoughts, `[Tool: NAME]` for a tool call (NAME is `unknown` when
    ///   absent), and the text of tool results. When that gives nothing, `content` of the entry itself.
    /// - Titles and summaries: their text.
    /// - An attachment with a queued command: the prompt.
    /// - Han events: `data` as JSON text, `null` when absent; nothing for a line that only refers to a file.
    /// - Everything else (progress repeats what other entries say): nothing.
    #[must_use]
    pub fn content(&self) -> Option<Cow<'_, str>> {
        match self.record_type {
            RecordType::User | RecordType::Assistant | RecordType::System => self.message_content(),
            RecordType::Summary | RecordType::CustomTitle | RecordType::AiTitle => {
                self.title.as_ref().map(|title| Cow::Borrowed(&*title.text))
            }
            RecordType::Attachment => {
                self.queued_prompt.filter(|_| self.subtype.as_deref() == Some("queued_command"))?.text()
            }
            RecordType::HanEvent => match self.data {
                Some(data) => Some(Cow::Borrowed(data)),
                None => (self.is_event_line && self.reference.is_none()).then_some(Cow::Borrowed("null")),
            },
            _ => None,
        }
    }

    fn message_content(&self) -> Option<Cow<'_, str>> {
        if let Some(text) = self.message_text {
            return Some(text.decode());
        }
        let parts = self.blocks.iter().filter_map(|block| match block {
            Block::Text { text } | Block::Thinking { text } => Some(text.decode()),
            Block::ToolUse { name, .. } => {
                Some(Cow::Owned(format!("[Tool: {}]", name.as_deref().unwrap_or("unknown"))))
            }
            Block::ToolResult { text, .. } => text.as_ref()?.text(),
            Block::Image | Block::Document | Block::Other => None,
        });
        join(parts).or_else(|| self.root_content?.text())
    }

    /// The strings in the arguments of every tool call of this entry, joined by newlines: commands, paths, new text,
    /// at any depth, without the keys. `None` when there is no such string.
    #[must_use]
    pub fn tool_input_text(&self) -> Option<String> {
        let mut text = String::new();
        for input in self.tool_inputs() {
            // The input was checked when the line was read, so that it is visited to its end.
            let visited = for_each_string(input, |leaf| {
                if !leaf.is_empty() {
                    if !text.is_empty() {
                        text.push('\n');
                    }
                    leaf.decode_into(&mut text);
                }
            });
            debug_assert!(visited.is_ok(), "an input holds checked JSON");
        }
        (!text.is_empty()).then_some(text)
    }

    fn tool_inputs(&self) -> impl Iterator<Item = &str> {
        let blocks = self.blocks.iter().filter_map(|block| match block {
            Block::ToolUse { input, .. } => *input,
            _ => None,
        });
        self.root_tool_input.into_iter().chain(blocks)
    }

    /// The name of the first tool that this entry calls; for a line of an event file the type of the event.
    #[must_use]
    pub fn tool_name(&self) -> Option<Cow<'_, str>> {
        let name = match self.record_type {
            RecordType::HanEvent if self.is_event_line => Some(&self.raw_type),
            RecordType::ToolUse => self.root_tool_name.as_ref(),
            _ => self.blocks.iter().find_map(|block| match block {
                Block::ToolUse { name, .. } => Some(name.as_ref()),
                _ => None,
            })?,
        };
        name.map(|name| Cow::Borrowed(&**name))
    }

    /// The tool call that this entry belongs to: that of a tool result, or the parent of a progress entry.
    #[must_use]
    pub fn parent_id(&self) -> Option<Cow<'_, str>> {
        let id = match self.record_type {
            RecordType::Progress => self.parent_tool_use_id.as_ref(),
            RecordType::ToolResult => self.root_tool_use_id.as_ref(),
            _ => self.blocks.iter().find_map(|block| match block {
                Block::ToolResult { tool_use_id, .. } => Some(tool_use_id.as_ref()),
                _ => None,
            })?,
        };
        id.map(|id| Cow::Borrowed(&**id))
    }
}
