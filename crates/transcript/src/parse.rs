//! Reading a line, in one pass.

use crate::block::each_block;
use crate::{
    ApiReply, Block, Body, PullRequest, Record, RecordType, Role, Rule, Title, TitleKind, Usage, speaker,
};
use han_base::Timestamp;
use han_base::json::{Error, JsonString, Kind, Scanner};
use std::borrow::Cow;
use std::fmt;

/// Why a line is no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineError {
    /// The line is not JSON.
    NotJson {
        /// Byte offset in the line of the first byte that cannot be right.
        offset: usize,
    },
    /// The line is JSON, but no object with a string `type`.
    NotRecord,
}

impl fmt::Display for LineError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson { offset } => write!(formatter, "not JSON at byte {offset}"),
            Self::NotRecord => formatter.write_str("no object with a string `type`"),
        }
    }
}

impl std::error::Error for LineError {}

/// Reads one line of a transcript. Its newline may be there or not; blanks and a byte order mark around the record
/// do not matter.
pub fn parse(line: &str) -> Result<Record<'_>, LineError> {
    let fields = read_line(line)?;
    if fields.entry_type.is_none() {
        return Err(LineError::NotRecord);
    }
    Ok(fields.into_record(line, false))
}

/// Reads one line of an event file of han, or the file that a `ref` line names.
///
/// The record has the type [`RecordType::HanEvent`], the type of the event as its [`Record::tool_name`] and `data` as
/// its [`Record::content`]. A line with a `ref` needs no `type`.
pub fn parse_han_event(line: &str) -> Result<Record<'_>, LineError> {
    let fields = read_line(line)?;
    if fields.entry_type.is_none() && fields.reference.is_none() {
        return Err(LineError::NotRecord);
    }
    Ok(fields.into_record(line, true))
}

fn read_line(line: &str) -> Result<Fields<'_>, LineError> {
    let text = line.strip_prefix('\u{feff}').unwrap_or(line);
    let read = || {
        let mut scanner = Scanner::new(text);
        let fields = Fields::read(&mut scanner)?;
        scanner.finish()?;
        Ok(fields)
    };
    match read() {
        Ok(fields) => fields.ok_or(LineError::NotRecord),
        Err(Error { offset, .. }) => Err(LineError::NotJson { offset: line.len() - text.len() + offset }),
    }
}

/// The fields of an entry as they stand in the line. What they mean depends on the type, whose place among the keys
/// varies: it is decided when all are read.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the format")]
struct Fields<'a> {
    entry_type: Option<Cow<'a, str>>,
    subtype: Option<Cow<'a, str>>,
    operation: Option<Cow<'a, str>>,
    uuid: Option<Cow<'a, str>>,
    id: Option<Cow<'a, str>>,
    parent_uuid: Option<Cow<'a, str>>,
    logical_parent_uuid: Option<Cow<'a, str>>,
    leaf_uuid: Option<Cow<'a, str>>,
    message_id: Option<Cow<'a, str>>,
    session_id: Option<Cow<'a, str>>,
    other_session_id: Option<Cow<'a, str>>,
    agent_id: Option<Cow<'a, str>>,
    cwd: Option<Cow<'a, str>>,
    git_branch: Option<Cow<'a, str>>,
    version: Option<Cow<'a, str>>,
    slug: Option<Cow<'a, str>>,
    request_id: Option<Cow<'a, str>>,
    timestamp: Option<Timestamp>,
    snapshot_timestamp: Option<Timestamp>,
    is_meta: bool,
    is_sidechain: bool,
    is_compact_summary: bool,
    is_api_error: bool,
    message: Message<'a>,
    usage: Option<Usage<'a>>,
    content: Option<Body<'a>>,
    summary: Option<Cow<'a, str>>,
    custom_title: Option<Cow<'a, str>>,
    ai_title: Option<Cow<'a, str>>,
    agent_name: Option<Cow<'a, str>>,
    last_prompt: Option<Cow<'a, str>>,
    permission_mode: Option<Cow<'a, str>>,
    mode: Option<Cow<'a, str>>,
    relocated_cwd: Option<Cow<'a, str>>,
    pr_number: Option<u64>,
    pr_url: Option<Cow<'a, str>>,
    pr_repository: Option<Cow<'a, str>>,
    attachment_type: Option<Cow<'a, str>>,
    attachment_prompt: Option<Body<'a>>,
    data: Option<&'a str>,
    data_type: Option<Cow<'a, str>>,
    reference: Option<Cow<'a, str>>,
    tool_use_result: Option<&'a str>,
    parent_tool_use_id: Option<Cow<'a, str>>,
    tool_use_id: Option<Cow<'a, str>>,
    name: Option<Cow<'a, str>>,
    input: Option<&'a str>,
}

impl<'a> Fields<'a> {
    /// Reads the value that follows; `None` when it is no object.
    fn read(scanner: &mut Scanner<'a>) -> Result<Option<Self>, Error> {
        if !scanner.enter_object()? {
            return Ok(None);
        }
        let mut fields = Self::default();
        while let Some(key) = scanner.next_key()? {
            fields.read_member(&key, scanner)?;
        }
        Ok(Some(fields))
    }

    fn read_member(&mut self, key: &str, scanner: &mut Scanner<'a>) -> Result<(), Error> {
        match key {
            "type" => self.entry_type = scanner.text_value()?,
            "subtype" => self.subtype = scanner.text_value()?,
            "operation" => self.operation = scanner.text_value()?,
            "uuid" => self.uuid = scanner.text_value()?,
            "id" => self.id = scanner.text_value()?,
            "parentUuid" => self.parent_uuid = scanner.text_value()?,
            "logicalParentUuid" => self.logical_parent_uuid = scanner.text_value()?,
            "leafUuid" => self.leaf_uuid = scanner.text_value()?,
            "messageId" => self.message_id = scanner.text_value()?,
            "sessionId" => self.session_id = scanner.text_value()?,
            "session_id" => self.other_session_id = scanner.text_value()?,
            "agentId" => self.agent_id = scanner.text_value()?,
            "cwd" => self.cwd = scanner.text_value()?,
            "gitBranch" => self.git_branch = scanner.text_value()?,
            "version" => self.version = scanner.text_value()?,
            "slug" => self.slug = scanner.text_value()?,
            "requestId" => self.request_id = scanner.text_value()?,
            "timestamp" => self.timestamp = timestamp(scanner)?,
            "snapshot" => self.snapshot_timestamp = member(scanner, "timestamp", timestamp)?.flatten(),
            "isMeta" => self.is_meta = scanner.boolean()? == Some(true),
            "isSidechain" => self.is_sidechain = scanner.boolean()? == Some(true),
            "isCompactSummary" => self.is_compact_summary = scanner.boolean()? == Some(true),
            "isApiErrorMessage" => self.is_api_error = scanner.boolean()? == Some(true),
            "message" => self.message = Message::read(scanner)?,
            "usage" => self.usage = Usage::read(scanner)?,
            "content" => self.content = Body::read(scanner)?,
            "summary" => self.summary = scanner.text_value()?,
            "customTitle" => self.custom_title = scanner.text_value()?,
            "aiTitle" => self.ai_title = scanner.text_value()?,
            "agentName" => self.agent_name = scanner.text_value()?,
            "lastPrompt" => self.last_prompt = scanner.text_value()?,
            "permissionMode" => self.permission_mode = scanner.text_value()?,
            "mode" => self.mode = scanner.text_value()?,
            "relocatedCwd" => self.relocated_cwd = scanner.text_value()?,
            "prNumber" => self.pr_number = scanner.unsigned()?,
            "prUrl" => self.pr_url = scanner.text_value()?,
            "prRepository" => self.pr_repository = scanner.text_value()?,
            "attachment" => self.read_attachment(scanner)?,
            "data" => {
                scanner.kind()?;
                let start = scanner.position();
                self.data_type = member(scanner, "type", Scanner::text_value)?.flatten();
                self.data = Some(&scanner.text()[start..scanner.position()]);
            }
            "ref" => self.reference = scanner.text_value()?,
            "toolUseResult" => self.tool_use_result = Some(scanner.skip_value()?),
            "parentToolUseID" => self.parent_tool_use_id = scanner.text_value()?,
            "toolUseId" | "tool_use_id" => self.tool_use_id = scanner.text_value()?,
            "name" => self.name = scanner.text_value()?,
            "input" => self.input = Some(scanner.skip_value()?),
            _ => scanner.skip()?,
        }
        Ok(())
    }

    fn read_attachment(&mut self, scanner: &mut Scanner<'a>) -> Result<(), Error> {
        (self.attachment_type, self.attachment_prompt) = (None, None);
        if scanner.enter_object()? {
            while let Some(key) = scanner.next_key()? {
                match &*key {
                    "type" => self.attachment_type = scanner.text_value()?,
                    "prompt" => self.attachment_prompt = Body::read(scanner)?,
                    _ => scanner.skip()?,
                }
            }
        }
        Ok(())
    }

    /// Gives the fields the meaning they have in an entry of their type.
    fn into_record(self, line: &'a str, is_event_line: bool) -> Record<'a> {
        let raw_type = self.entry_type.unwrap_or_default();
        let record_type = if is_event_line { RecordType::HanEvent } else { RecordType::from_name(&raw_type) };
        let is = |wanted: RecordType| record_type == wanted;
        let role = match record_type {
            RecordType::User => Some(Role::User),
            RecordType::Assistant => Some(Role::Assistant),
            RecordType::System => Some(Role::System),
            _ => None,
        };
        let title = match record_type {
            RecordType::CustomTitle => self.custom_title.map(|text| Title { kind: TitleKind::Custom, text }),
            RecordType::AiTitle => self.ai_title.map(|text| Title { kind: TitleKind::Ai, text }),
            RecordType::Summary => self.summary.map(|text| Title { kind: TitleKind::Summary, text }),
            _ => None,
        };
        let message = if role.is_some() { self.message } else { Message::default() };
        let usage = match (message.usage, self.usage) {
            (Some(usage), _) => Some((usage, Rule::UsageMessage)),
            (None, Some(usage)) => Some((usage, Rule::UsageEntry)),
            (None, None) => None,
        };
        let usage = usage.filter(|(usage, _)| {
            is(RecordType::Assistant) && (usage.input.is_some() || usage.output.is_some())
        });
        let pull_request =
            PullRequest { number: self.pr_number, url: self.pr_url, repository: self.pr_repository };
        let mut record = Record {
            subtype: match record_type {
                RecordType::System => self.subtype,
                RecordType::Progress => self.data_type,
                RecordType::Attachment => self.attachment_type,
                RecordType::QueueOperation => self.operation,
                _ => None,
            },
            uuid: if is_event_line { self.uuid.or(self.id.clone()) } else { self.uuid },
            parent_uuid: self.parent_uuid,
            logical_parent_uuid: self.logical_parent_uuid,
            session_id: self.session_id.or(self.other_session_id),
            agent_id: self.agent_id,
            cwd: self.cwd,
            git_branch: self.git_branch,
            version: self.version,
            slug: self.slug,
            timestamp: self
                .timestamp
                .or(self.snapshot_timestamp.filter(|_| is(RecordType::FileHistorySnapshot))),
            is_meta: self.is_meta,
            is_sidechain: self.is_sidechain,
            is_compact_summary: self.is_compact_summary,
            is_api_error: self.is_api_error,
            role,
            speaker: None,
            blocks: message.blocks,
            title,
            reply: usage.map(|(usage, rule)| ApiReply {
                message_id: message.id,
                request_id: self.request_id,
                model: message.model.clone(),
                usage,
                rule,
            }),
            model: message.model,
            stop_reason: message.stop_reason,
            leaf_uuid: self.leaf_uuid,
            snapshot_message_id: self.message_id.filter(|_| is(RecordType::FileHistorySnapshot)),
            pull_request: is(RecordType::PrLink).then_some(pull_request),
            agent_name: self.agent_name,
            last_prompt: self.last_prompt,
            permission_mode: self.permission_mode.or(self.mode.filter(|_| is(RecordType::Mode))),
            relocated_cwd: self.relocated_cwd,
            tool_use_result: self.tool_use_result,
            data: self.data.filter(|_| is_event_line || is(RecordType::Progress) || is(RecordType::HanEvent)),
            reference: self.reference.filter(|_| is_event_line),
            root_tool_name: self.name.filter(|_| is(RecordType::ToolUse)),
            root_tool_input: self.input.filter(|_| is(RecordType::ToolUse)),
            root_tool_use_id: match record_type {
                RecordType::ToolUse => self.id.or(self.tool_use_id),
                RecordType::ToolResult => self.tool_use_id,
                _ => None,
            },
            parent_tool_use_id: self.parent_tool_use_id.filter(|_| is(RecordType::Progress)),
            message_text: message.text,
            root_content: self.content.filter(|_| role.is_some() || is(RecordType::QueueOperation)),
            queued_prompt: self.attachment_prompt,
            line,
            is_event_line,
            record_type,
            raw_type,
        };
        record.speaker = speaker::of(&record);
        record
    }
}

/// `message` of an entry.
#[derive(Default)]
struct Message<'a> {
    id: Option<Cow<'a, str>>,
    model: Option<Cow<'a, str>>,
    stop_reason: Option<Cow<'a, str>>,
    text: Option<JsonString<'a>>,
    blocks: Vec<Block<'a>>,
    usage: Option<Usage<'a>>,
}

impl<'a> Message<'a> {
    /// Reads the value that follows; nothing when it is no object.
    fn read(scanner: &mut Scanner<'a>) -> Result<Self, Error> {
        let mut message = Self::default();
        if scanner.enter_object()? {
            while let Some(key) = scanner.next_key()? {
                match &*key {
                    "id" => message.id = scanner.text_value()?,
                    "model" => message.model = scanner.text_value()?,
                    "stop_reason" => message.stop_reason = scanner.text_value()?,
                    "usage" => message.usage = Usage::read(scanner)?,
                    "content" => message.read_content(scanner)?,
                    _ => scanner.skip()?,
                }
            }
        }
        Ok(message)
    }

    fn read_content(&mut self, scanner: &mut Scanner<'a>) -> Result<(), Error> {
        self.blocks.clear();
        self.text = None;
        if scanner.kind()? == Kind::String {
            self.text = scanner.string()?;
            return Ok(());
        }
        each_block(scanner, |block| self.blocks.push(block))
    }
}

fn timestamp(scanner: &mut Scanner<'_>) -> Result<Option<Timestamp>, Error> {
    Ok(scanner.text_value()?.and_then(|text| Timestamp::parse(&text)))
}

/// Reads one member of the object that follows and skips the others; any other value is skipped.
fn member<'a, T>(
    scanner: &mut Scanner<'a>,
    wanted: &str,
    read: impl Fn(&mut Scanner<'a>) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    let mut value = None;
    if scanner.enter_object()? {
        while let Some(key) = scanner.next_key()? {
            if key == wanted {
                value = Some(read(scanner)?);
            } else {
                scanner.skip()?;
            }
        }
    }
    Ok(value)
}
