//! Tool calls: the `tool_use` blocks of a reply, and entries of that type.

use crate::members::{each_member, items, member, text_of, texts};
use crate::{Block, Record, RecordType};
use std::borrow::Cow;

/// A call of a tool. Everything but the ids stays unread until it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToolCall<'a> {
    /// The id that the result names, `toolu_…`.
    pub id: Option<&'a str>,
    /// The tool, for instance `Bash` or `mcp__server__tool`.
    pub name: Option<&'a str>,
    /// The arguments, as JSON text of the line ([`Record::place_of`] tells where); checked to be valid.
    pub input: Option<&'a str>,
    /// Who called (`caller`), as JSON text.
    pub(crate) caller: Option<&'a str>,
}

/// Tools whose `path` is a folder to look in.
const SEARCHING: &[&str] = &["Glob", "Grep", "LS"];

impl Record<'_> {
    /// The tool calls of this entry, in their order: the `tool_use` blocks of an assistant line, or the one call that
    /// an entry of type `tool_use` is.
    pub fn tool_calls(&self) -> impl Iterator<Item = ToolCall<'_>> {
        let root = (self.record_type == RecordType::ToolUse).then_some(ToolCall {
            id: self.root_tool_use_id.as_deref(),
            name: self.root_tool_name.as_deref(),
            input: self.root_tool_input,
            caller: None,
        });
        let is_assistant = self.record_type == RecordType::Assistant;
        let blocks = self.blocks.iter().filter(move |_| is_assistant).filter_map(|block| match block {
            Block::ToolUse { id, name, input, caller } => {
                Some(ToolCall { id: id.as_deref(), name: name.as_deref(), input: *input, caller: *caller })
            }
            _ => None,
        });
        root.into_iter().chain(blocks)
    }
}

impl<'a> ToolCall<'a> {
    /// A call that was read before and is read again from its parts. `input` is JSON text.
    #[must_use]
    pub const fn new(id: &'a str, name: &'a str, input: &'a str) -> Self {
        Self { id: Some(id), name: Some(name), input: Some(input), caller: None }
    }

    /// Whether the tool has this name, upper and lower case being one.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name.is_some_and(|own| own.eq_ignore_ascii_case(name))
    }

    /// The type of the caller, for instance `direct`; `None` in versions that do not tell it.
    #[must_use]
    pub fn caller(&self) -> Option<Cow<'a, str>> {
        let caller = self.caller?;
        member(caller, "type").map_or_else(|| text_of(caller), text_of)
    }

    /// The type of agent that a `Task` or `Agent` call starts; `general-purpose` when the call names none. `None` for
    /// other tools.
    #[must_use]
    pub fn subagent_type(&self) -> Option<Cow<'a, str>> {
        if !self.is("Task") && !self.is("Agent") {
            return None;
        }
        let (mut current, mut older) = (None, None);
        each_member(self.input.unwrap_or_default(), |key, scanner| {
            match key {
                "subagent_type" => current = scanner.text_value()?,
                "subagentType" => older = scanner.text_value()?,
                _ => scanner.skip()?,
            }
            Ok(())
        });
        let named = |name: &Cow<'_, str>| !name.trim().is_empty();
        Some(current.filter(named).or(older.filter(named)).unwrap_or(Cow::Borrowed("general-purpose")))
    }

    /// The files that the call names, each once, in the order of the arguments: `file_path`, `filePath`,
    /// `notebook_path`, `path` and `paths` (not of `Glob`, `Grep` and `LS`, where that is a folder), and the
    /// `file_path` of each edit in `edits`. They are as the model wrote them: mostly absolute, not normalised.
    #[must_use]
    pub fn file_paths(&self) -> Vec<Cow<'a, str>> {
        let searches = SEARCHING.iter().any(|tool| self.is(tool));
        let mut paths: Vec<Cow<'a, str>> = Vec::new();
        let mut edits = None;
        each_member(self.input.unwrap_or_default(), |key, scanner| {
            match key {
                "file_path" | "filePath" | "notebook_path" => paths.extend(scanner.text_value()?),
                "path" | "paths" if !searches => paths.extend(texts(scanner)?),
                "edits" => edits = Some(scanner.skip_value()?),
                _ => scanner.skip()?,
            }
            Ok(())
        });
        for edit in edits.map(items).unwrap_or_default() {
            paths.extend(member(edit, "file_path").and_then(text_of));
        }
        let mut seen = std::collections::HashSet::new();
        paths.retain(|path| !path.is_empty() && seen.insert(path.clone()));
        paths
    }
}
