//! Tool results: the `tool_result` blocks of a user line, and entries of that type.

use crate::block::{Body, text_blocks};
use crate::members::{count, each_member, text_or_number};
use crate::{Block, Record, RecordType};
use han_base::json::{Error, JsonString, Kind, Scanner};
use std::borrow::Cow;

/// What a tool answered. Everything but the id stays unread until it is asked for.
#[derive(Clone, Copy, Debug)]
pub struct ToolResult<'a> {
    /// The id of the call.
    pub tool_use_id: Option<&'a str>,
    /// Whether the tool failed or was refused; `false` when the line does not say.
    pub is_error: bool,
    /// The answer that the model saw; `None` when it has none.
    pub content: Option<ResultContent<'a>>,
    /// What the client keeps of the answer beside the block (`toolUseResult`), as JSON text; checked to be valid.
    ///
    /// A line has one for all its results: where it has several of these, none of them can be told to be meant, and
    /// this is `None`.
    pub tool_use_result: Option<&'a str>,
}

/// The answer of a tool as it stands in the line ([`Record::place_of`] tells where).
#[derive(Clone, Copy, Debug)]
pub enum ResultContent<'a> {
    /// A string.
    Text(JsonString<'a>),
    /// Any other value, as JSON text: mostly an array of blocks.
    Json(&'a str),
}

impl<'a> ResultContent<'a> {
    /// The part of the line that holds it: a string without its quotes, escapes and all, or JSON text.
    #[must_use]
    pub fn raw(&self) -> &'a str {
        match self {
            Self::Text(text) => text.raw(),
            Self::Json(json) => json,
        }
    }

    /// What a person reads: the string; of an array the text blocks, joined by newlines (`None` when there is none,
    /// for instance when it is a picture); any other value as JSON text.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(text.decode()),
            Self::Json(json) if json.starts_with('[') => Body::Blocks(json).text(),
            Self::Json(json) => Some(Cow::Borrowed(json)),
        }
    }

    /// The first text of it, not decoded.
    pub(crate) fn first_text(&self) -> Option<JsonString<'a>> {
        match self {
            Self::Text(text) => Some(*text),
            Self::Json(json) => text_blocks(json).into_iter().next(),
        }
    }
}

/// What `toolUseResult` tells about how a call went. `None` and `false` mean that it does not tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolOutcome<'a> {
    /// Whether the user stopped it.
    pub interrupted: bool,
    /// Whether the user refused to let it run.
    pub rejected: bool,
    /// The exit code of a command; also taken from a message that begins with `Exit code 1`.
    pub exit_code: Option<i64>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<u64>,
    /// The status that the tool gives itself, for instance `completed` or `async_launched`.
    pub status: Option<Cow<'a, str>>,
    /// Whether it goes on in the background.
    pub is_background: bool,
    /// The agent that a Task started.
    pub agent_id: Option<Cow<'a, str>>,
    /// All tokens that this agent used, by its own count. They stand in its own file too: never add them to a ledger.
    pub total_tokens: Option<u64>,
    /// How many tools this agent called.
    pub total_tool_uses: Option<u64>,
}

impl Record<'_> {
    /// The tool results of this entry, in their order: the `tool_result` blocks of a user line, or the one result
    /// that an entry of type `tool_result` is.
    #[must_use]
    pub fn tool_results(&self) -> Vec<ToolResult<'_>> {
        match self.record_type {
            RecordType::ToolResult => vec![self.root_tool_result()],
            RecordType::User => self.result_blocks(),
            _ => Vec::new(),
        }
    }

    fn result_blocks(&self) -> Vec<ToolResult<'_>> {
        let mut results = Vec::new();
        for block in &self.blocks {
            if let Block::ToolResult { tool_use_id, is_error, text } = block {
                results.push(ToolResult {
                    tool_use_id: tool_use_id.as_deref(),
                    is_error: *is_error,
                    content: text.map(|body| match body {
                        Body::Text(text) => ResultContent::Text(text),
                        Body::Blocks(array) => ResultContent::Json(array),
                    }),
                    tool_use_result: None,
                });
            }
        }
        if let [only] = &mut *results {
            only.tool_use_result = self.tool_use_result;
        }
        results
    }

    /// Entries of this type are so rare that their own fields are read when they are asked for.
    fn root_tool_result(&self) -> ToolResult<'_> {
        let (mut is_error, mut content, mut result) = (None, None, None);
        each_member(self.json(), |key, scanner| {
            match key {
                "is_error" | "isError" => is_error = scanner.boolean()?,
                "content" => content = read_content(scanner)?,
                "result" | "output" => result = read_content(scanner)?,
                _ => scanner.skip()?,
            }
            Ok(())
        });
        ToolResult {
            tool_use_id: self.root_tool_use_id.as_deref(),
            is_error: is_error.unwrap_or(false),
            content: content.or(result),
            tool_use_result: self.tool_use_result,
        }
    }
}

fn read_content<'a>(scanner: &mut Scanner<'a>) -> Result<Option<ResultContent<'a>>, Error> {
    Ok(match scanner.kind()? {
        Kind::String => scanner.string()?.map(ResultContent::Text),
        Kind::Null => scanner.skip().map(|()| None)?,
        _ => Some(ResultContent::Json(scanner.skip_value()?)),
    })
}

/// How a message of the client begins that the user refused.
const REFUSALS: &[&str] = &[
    "The user doesn't want to proceed with this tool use",
    "The user doesn't want to take this action right now",
    "User rejected tool use",
];

/// Characters of a message that are looked at.
const HEAD: usize = 96;

impl<'a> ToolResult<'a> {
    /// How the call went. It costs one pass over `toolUseResult`.
    #[must_use]
    pub fn outcome(&self) -> ToolOutcome<'a> {
        let mut outcome = ToolOutcome::default();
        each_member(self.tool_use_result.unwrap_or_default(), |key, scanner| {
            match key {
                "interrupted" => outcome.interrupted = scanner.boolean()? == Some(true),
                "exitCode" | "exit_code" => outcome.exit_code = scanner.integer()?,
                "durationMs" | "totalDurationMs" => outcome.duration_ms = count(scanner)?,
                "durationSeconds" => outcome.duration_ms = milliseconds(scanner.float()?),
                "status" => outcome.status = scanner.text_value()?,
                "isAsync" => outcome.is_background |= scanner.boolean()? == Some(true),
                "backgroundTaskId" => outcome.is_background |= text_or_number(scanner)?.is_some(),
                "agentId" => outcome.agent_id = text_or_number(scanner)?,
                "totalTokens" => outcome.total_tokens = count(scanner)?,
                "totalToolUseCount" => outcome.total_tool_uses = count(scanner)?,
                _ => scanner.skip()?,
            }
            Ok(())
        });
        if self.is_error {
            self.read_message(&mut outcome);
        }
        outcome
    }

    /// What only the words of a failed call tell.
    fn read_message(&self, outcome: &mut ToolOutcome<'a>) {
        let Some(text) = self.content.and_then(|content| content.first_text()) else {
            return;
        };
        let head: String = text.chars().take(HEAD).collect();
        let head = head.trim_start().trim_start_matches("<tool_use_error>");
        outcome.rejected = REFUSALS.iter().any(|refusal| head.starts_with(refusal));
        outcome.interrupted |= head.starts_with("[Request interrupted by user");
        let code = head.strip_prefix("Error: ").unwrap_or(head).strip_prefix("Exit code ");
        let digits = code.map(|code| code.split(|c: char| !c.is_ascii_digit() && c != '-').next());
        outcome.exit_code = outcome.exit_code.or_else(|| digits??.parse().ok());
    }
}

/// Seconds as whole milliseconds; `None` when they are negative or beyond all reason.
fn milliseconds(seconds: Option<f64>) -> Option<u64> {
    let milliseconds = (seconds? * 1000.0).round();
    (0.0..1e15).contains(&milliseconds).then_some(milliseconds as u64)
}
