//! What a record is made of.

use crate::{ApiReply, Block, Body, Speaker};
use han_base::Timestamp;
use han_base::json::JsonString;
use std::borrow::Cow;
use std::ops::Range;

/// Declares [`RecordType`] and its names in one table.
macro_rules! record_types {
    ($($variant:ident $name:literal $meaning:literal)*) => {
        /// What kind of entry a line is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum RecordType {
            $(#[doc = $meaning] $variant,)*
            /// Any type that is not in this list; [`Record::raw_type`] has its name.
            Unknown,
        }

        impl RecordType {
            /// Every type, [`RecordType::Unknown`] last.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)* Self::Unknown];

            /// The name as it stands in transcripts and is stored, for instance `file-history-snapshot`;
            /// `unknown` for [`RecordType::Unknown`].
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* Self::Unknown => "unknown" }
            }

            /// The type of a name.
            #[must_use]
            pub fn from_name(name: &str) -> Self {
                match name { $($name => Self::$variant,)* _ => Self::Unknown }
            }
        }
    };
}

record_types! {
    User "user" "A prompt, a tool result, or text that the client injected as the user."
    Assistant "assistant" "One block (rarely more) of a reply of the model."
    System "system" "A notice of the client: compaction, hooks, durations, errors."
    Progress "progress" "Progress of a hook, a tool or a subagent; repeats text that stands elsewhere."
    Attachment "attachment" "Context that the client added, or a prompt that was typed during a turn."
    Summary "summary" "The summary of a conversation, often one of another file."
    FileHistorySnapshot "file-history-snapshot" "Which backups of edited files exist."
    FileHistoryDelta "file-history-delta" "A change of the file history."
    QueueOperation "queue-operation" "A prompt put into, or taken out of, the queue."
    CustomTitle "custom-title" "The title that the user gave the session."
    AiTitle "ai-title" "The title that the model gave the session."
    AgentName "agent-name" "The name of the agent of this session."
    LastPrompt "last-prompt" "The last prompt of the session."
    PermissionMode "permission-mode" "The permission mode that holds from here on."
    Mode "mode" "The mode that holds from here on."
    PrLink "pr-link" "A pull request that the session made."
    FrameLink "frame-link" "A frame that the session made."
    WorktreeState "worktree-state" "The worktree the session works in."
    Relocated "relocated" "The working directory moved."
    BridgeSession "bridge-session" "The session of a bridge to another client."
    AtisLatch "atis-latch" "A latch of the client, of no meaning to a reader."
    Started "started" "A workflow agent began (journal)."
    Result "result" "A workflow agent ended (journal)."
    ToolUse "tool_use" "A tool call as an entry of its own (hand-made or third-party files)."
    ToolResult "tool_result" "A tool result as an entry of its own (hand-made or third-party files)."
    HanEvent "han_event" "A line of an event file of han."
}

/// On whose side of the conversation a message line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// `user` lines, tool results included.
    User,
    /// `assistant` lines.
    Assistant,
    /// `system` lines.
    System,
}

impl Role {
    /// `user`, `assistant` or `system`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::System => "system",
        }
    }
}

/// A name for the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Title<'a> {
    /// Who gave it.
    pub kind: TitleKind,
    /// The name.
    pub text: Cow<'a, str>,
}

/// Who gave a session its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TitleKind {
    /// The user (`custom-title`).
    Custom,
    /// The model (`ai-title`).
    Ai,
    /// The client, as the summary of a conversation that [`Record::leaf_uuid`] names (`summary`).
    Summary,
}

/// A pull request that the session made (`pr-link`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequest<'a> {
    /// Its number.
    pub number: Option<u64>,
    /// Its address.
    pub url: Option<Cow<'a, str>>,
    /// Its repository, `owner/name`.
    pub repository: Option<Cow<'a, str>>,
}

/// One entry of a transcript. Fields that the line does not have, or has with a value of an unexpected type, are
/// `None`, `false` or empty.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the format")]
pub struct Record<'a> {
    /// The kind of entry.
    pub record_type: RecordType,
    /// `type` as it stands in the line; empty for a `ref` line of an event file that has none.
    pub raw_type: Cow<'a, str>,
    /// `subtype` of a system line, `data.type` of a progress line, `attachment.type` of an attachment, `operation`
    /// of a queue operation.
    pub subtype: Option<Cow<'a, str>>,
    /// The id of the entry; for han events also the older `id`.
    pub uuid: Option<Cow<'a, str>>,
    /// The entry before it in the tree of the conversation.
    pub parent_uuid: Option<Cow<'a, str>>,
    /// The entry before a compaction.
    pub logical_parent_uuid: Option<Cow<'a, str>>,
    /// The session; in agent files that of the parent.
    pub session_id: Option<Cow<'a, str>>,
    /// The subagent that wrote the line.
    pub agent_id: Option<Cow<'a, str>>,
    /// The working directory.
    pub cwd: Option<Cow<'a, str>>,
    /// The branch; can be empty or `HEAD`.
    pub git_branch: Option<Cow<'a, str>>,
    /// The version of the client.
    pub version: Option<Cow<'a, str>>,
    /// The three-word name of the session; not the name of its folder.
    pub slug: Option<Cow<'a, str>>,
    /// `timestamp` of the entry, or `snapshot.timestamp` of a file history snapshot.
    pub timestamp: Option<Timestamp>,
    /// Injected text.
    pub is_meta: bool,
    /// A line of a subagent.
    pub is_sidechain: bool,
    /// The text that replaces a compacted conversation.
    pub is_compact_summary: bool,
    /// A message that the client made for an API error.
    pub is_api_error: bool,
    /// The side of the conversation; `None` for entries that are no messages.
    pub role: Option<Role>,
    /// Who really speaks; `None` for entries that nobody says.
    pub speaker: Option<Speaker>,
    /// The blocks of a message whose content is an array; empty when it is a string ([`Record::content`] has it).
    pub blocks: Vec<Block<'a>>,
    /// The name that the line gives the session.
    pub title: Option<Title<'a>>,
    /// The API reply that an assistant line is a part of; `None` when it has no usage with input or output tokens.
    pub reply: Option<ApiReply<'a>>,
    /// The model of an assistant line.
    pub model: Option<Cow<'a, str>>,
    /// Why the model stopped; `None` on all but the last lines of a message in most versions.
    pub stop_reason: Option<Cow<'a, str>>,
    /// The last entry of the conversation that a summary is about.
    pub leaf_uuid: Option<Cow<'a, str>>,
    /// `messageId` of a file history snapshot.
    pub snapshot_message_id: Option<Cow<'a, str>>,
    /// The pull request of a `pr-link` line.
    pub pull_request: Option<PullRequest<'a>>,
    /// `agentName` of an `agent-name` line.
    pub agent_name: Option<Cow<'a, str>>,
    /// `lastPrompt` of a `last-prompt` line.
    pub last_prompt: Option<Cow<'a, str>>,
    /// `permissionMode` of a line, or `mode` of a `mode` line.
    pub permission_mode: Option<Cow<'a, str>>,
    /// `relocatedCwd` of a `relocated` line.
    pub relocated_cwd: Option<Cow<'a, str>>,
    /// What the tool answered beside the block (`toolUseResult`), as JSON text; checked to be valid.
    pub tool_use_result: Option<&'a str>,
    /// `data` of a progress line or han event, as JSON text; checked to be valid.
    pub data: Option<&'a str>,
    /// Where the whole of a han event stands (`ref`), relative to the folder of its session. It is the text of the
    /// line, not a checked path.
    pub reference: Option<Cow<'a, str>>,
    /// `name` of a `tool_use` entry.
    pub(crate) root_tool_name: Option<Cow<'a, str>>,
    /// `input` of a `tool_use` entry, as JSON text.
    pub(crate) root_tool_input: Option<&'a str>,
    /// `toolUseId` or `tool_use_id` of a `tool_result` entry, `id` of a `tool_use` entry.
    pub(crate) root_tool_use_id: Option<Cow<'a, str>>,
    /// `parentToolUseID` of a progress entry.
    pub(crate) parent_tool_use_id: Option<Cow<'a, str>>,
    /// `message.content` when it is a string.
    pub(crate) message_text: Option<JsonString<'a>>,
    /// `content` of the entry itself.
    pub(crate) root_content: Option<Body<'a>>,
    /// `attachment.prompt`.
    pub(crate) queued_prompt: Option<Body<'a>>,
    /// Whether the line comes from an event file.
    pub(crate) is_event_line: bool,
    /// The whole line, for what few callers ask for.
    pub(crate) line: &'a str,
}

impl<'a> Record<'a> {
    /// The bytes of the line that a part of it takes, for instance the input of a tool call: to store where a value
    /// stands instead of the value. `None` when the text is not a part of this line (a decoded copy, for instance).
    ///
    /// ```
    /// let line = r#"{"type":"assistant","message":{"content":[{"type":"tool_use","input":{"a":1}}]}}"#;
    /// let record = han_transcript::parse(line)?;
    /// let input = record.tool_calls().next().unwrap().input.unwrap();
    /// assert_eq!(&line[record.place_of(input).unwrap()], r#"{"a":1}"#);
    /// # Ok::<(), han_transcript::LineError>(())
    /// ```
    #[must_use]
    pub fn place_of(&self, part: &str) -> Option<Range<usize>> {
        let start = part.as_ptr().addr().checked_sub(self.line.as_ptr().addr())?;
        let end = start.checked_add(part.len())?;
        (end <= self.line.len()).then_some(start..end)
    }

    /// The line without a byte order mark: JSON that was checked.
    pub(crate) fn json(&self) -> &'a str {
        self.line.strip_prefix('\u{feff}').unwrap_or(self.line)
    }
}
