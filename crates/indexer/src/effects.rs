//! What records tell besides their messages: todos, tasks, compactions, summaries, pull requests.

use crate::han_events::EventEffect;
use han_base::{Result, Timestamp};
use han_db::{
    JsonPlace, MessageId, NativeTaskInput, NativeTaskUpdate, NewCompaction, NewPullRequest,
    SessionCompactInput, SessionSummaryInput, SessionTodosInput, Write,
};
use han_transcript::{CompactionKind, Record, RecordType, TaskRequest, TitleKind, ToolCall};
use std::borrow::Cow;

/// Where something was told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'a> {
    pub(crate) message_id: &'a MessageId,
    /// The agent that speaks; none in the main conversation.
    pub(crate) agent_id: Option<&'a str>,
    pub(crate) timestamp_ms: i64,
    pub(crate) line_number: u64,
    /// Where the record's text begins in its file; `None` when the bytes there are others.
    pub(crate) byte_offset: Option<u64>,
}

impl Origin<'_> {
    /// Where a part of the record stands in the file, with `around` bytes more on either side, or the part itself where
    /// that cannot be told.
    pub(crate) fn place(&self, record: &Record<'_>, part: &str, around: usize) -> JsonPlace {
        match self.byte_offset.zip(record.place_of(part)) {
            Some((offset, place)) if place.start >= around => {
                JsonPlace::InFile(offset + (place.start - around) as u64, (part.len() + 2 * around) as u64)
            }
            _ => JsonPlace::Text(if around == 0 { part.to_owned() } else { format!("\"{part}\"") }),
        }
    }
}

/// Whom something was told of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) session_id: &'a str,
    pub(crate) session_row: i64,
    /// The source file that told it, if one did.
    pub(crate) file_row: Option<i64>,
}

/// An [`Origin`] that outlives its record.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    message_id: String,
    timestamp_ms: i64,
    line_number: i64,
}

impl From<&Origin<'_>> for Told {
    fn from(origin: &Origin<'_>) -> Self {
        Self {
            message_id: origin.message_id.to_string(),
            timestamp_ms: origin.timestamp_ms,
            line_number: origin.line_number as i64,
        }
    }
}

impl Told {
    fn timestamp(&self) -> String {
        Timestamp::from_millis(self.timestamp_ms).to_string()
    }
}

/// What a call wants a new task to be.
#[derive(Debug, Default)]
pub(crate) struct TaskDetails {
    pub(crate) subject: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) active_form: Option<String>,
}

/// Something to be stored in the order in which it was told.
#[derive(Debug)]
pub(crate) enum Effect {
    Todos {
        from: Told,
        json: String,
    },
    TaskCreated {
        from: Told,
        call_id: String,
        task_id: String,
        subject: Option<String>,
        details: Option<TaskDetails>,
    },
    TaskChanged {
        from: Told,
        update: NativeTaskUpdate,
    },
    Compaction {
        from: Told,
        join: Option<String>,
        compaction: NewCompaction,
    },
    /// The text that a session went on from.
    Continuation {
        from: Told,
        compact_type: Option<String>,
        content: Option<String>,
    },
    Summary {
        from: Told,
        content: String,
    },
    PullRequest {
        from: Told,
        request: NewPullRequest,
    },
    /// Of an event that a hook recorded.
    Event {
        from: Told,
        effect: EventEffect,
    },
}

impl Effect {
    /// The change of a task that a call asks for. `request` is an update.
    pub(crate) fn task_changed(request: TaskRequest<'_>, origin: &Origin<'_>) -> Self {
        let mut update = NativeTaskUpdate::default();
        if let TaskRequest::Update {
            task_id,
            status,
            subject,
            description,
            active_form,
            owner,
            add_blocks,
            add_blocked_by,
        } = request
        {
            let owned = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
            let list = |ids: Vec<Cow<'_, str>>| Some(ids.into_iter().map(Cow::into_owned).collect());
            update = NativeTaskUpdate {
                id: owned(task_id).unwrap_or_default(),
                status: owned(status),
                subject: owned(subject),
                description: owned(description),
                active_form: owned(active_form),
                owner: owned(owner),
                add_blocks: list(add_blocks),
                add_blocked_by: list(add_blocked_by),
                ..update
            };
        }
        Self::TaskChanged { from: origin.into(), update }
    }

    /// What a record tells that is no call and no result.
    pub(crate) fn of_record(record: &Record<'_>, content: Option<&str>, origin: &Origin<'_>) -> Vec<Self> {
        let mut effects = Vec::new();
        effects
            .extend(EventEffect::of_record(record).map(|effect| Self::Event { from: origin.into(), effect }));
        if let Some(compaction) = record.compaction().filter(|told| told.kind != CompactionKind::Microcompact)
        {
            let compact_type = compaction.compact_type.map(|kind| kind.as_str().to_owned());
            if compaction.kind != CompactionKind::Boundary {
                let content = content.map(str::to_owned);
                effects.push(Self::Continuation {
                    from: origin.into(),
                    compact_type: compact_type.clone(),
                    content,
                });
            }
            effects.push(Self::Compaction {
                from: origin.into(),
                join: compaction.join.map(str::to_owned),
                compaction: NewCompaction {
                    compact_type,
                    tokens_before: compaction.tokens_before.and_then(|tokens| i64::try_from(tokens).ok()),
                    tokens_after: compaction.tokens_after.and_then(|tokens| i64::try_from(tokens).ok()),
                    ..NewCompaction::default()
                },
            });
        } else if record.record_type == RecordType::Summary
            && let Some(title) = record.title.as_ref().filter(|title| title.kind == TitleKind::Summary)
        {
            effects.push(Self::Summary { from: origin.into(), content: title.text.as_ref().to_owned() });
        }
        if let Some((request, url)) =
            record.pull_request.as_ref().and_then(|request| Some((request, request.url.as_ref()?)))
        {
            let request = NewPullRequest {
                url: url.as_ref().to_owned(),
                number: request.number.and_then(|number| i64::try_from(number).ok()),
                repository: request.repository.as_deref().map(str::to_owned),
                timestamp_ms: 0,
            };
            effects.push(Self::PullRequest { from: origin.into(), request });
        }
        effects
    }

    /// Gives a time to it, which was told before the first time of its file.
    pub(crate) fn set_time(&mut self, timestamp_ms: i64) {
        let (Self::Todos { from, .. }
        | Self::TaskCreated { from, .. }
        | Self::TaskChanged { from, .. }
        | Self::Compaction { from, .. }
        | Self::Continuation { from, .. }
        | Self::Summary { from, .. }
        | Self::PullRequest { from, .. }
        | Self::Event { from, .. }) = self;
        from.timestamp_ms = timestamp_ms;
    }

    /// Stores it.
    pub(crate) fn store(&self, write: &Write<'_>, target: &Target<'_>) -> Result<()> {
        let session_id = target.session_id.to_owned();
        match self {
            Self::Todos { from, json } => {
                let input = SessionTodosInput {
                    session_id,
                    message_id: from.message_id.clone(),
                    todos_json: json.clone(),
                    timestamp: from.timestamp(),
                    line_number: from.line_number,
                };
                write.session_todos().upsert(&input).map(drop)
            }
            Self::TaskCreated { from, call_id, task_id, subject, details } => {
                let asked = match details {
                    Some(_) => None,
                    None => details_of_call(write, target.session_row, call_id)?,
                };
                // A result that names a task may also be that of a call which only looks at it.
                let Some(details) = details.as_ref().or(asked.as_ref()) else { return Ok(()) };
                let subject = subject.as_ref().or(details.subject.as_ref());
                write.native_tasks().create(&NativeTaskInput {
                    id: task_id.clone(),
                    session_id,
                    message_id: from.message_id.clone(),
                    subject: subject.cloned().unwrap_or_default(),
                    description: details.description.clone(),
                    active_form: details.active_form.clone(),
                    timestamp: from.timestamp(),
                    line_number: from.line_number,
                })
            }
            Self::TaskChanged { from, update } => {
                let update = NativeTaskUpdate {
                    session_id,
                    message_id: from.message_id.clone(),
                    timestamp: from.timestamp(),
                    line_number: from.line_number,
                    ..update.clone()
                };
                // A task that another program made is not known.
                write.native_tasks().update(&update).map(drop)
            }
            Self::Compaction { from, join, compaction } => {
                let compaction = NewCompaction {
                    message_id: join.as_ref().unwrap_or(&from.message_id).clone(),
                    timestamp_ms: from.timestamp_ms,
                    ..compaction.clone()
                };
                write.compactions().book(target.session_row, target.file_row, &compaction)
            }
            Self::Continuation { from, compact_type, content } => {
                write.session_compacts().set_latest(&SessionCompactInput {
                    session_id,
                    message_id: from.message_id.clone(),
                    content: content.clone(),
                    raw_json: None,
                    compact_type: compact_type.clone(),
                    timestamp: from.timestamp(),
                    line_number: from.line_number,
                })
            }
            Self::Summary { from, content } => {
                let input = SessionSummaryInput {
                    session_id,
                    message_id: from.message_id.clone(),
                    content: Some(content.clone()),
                    raw_json: None,
                    timestamp: from.timestamp(),
                    line_number: from.line_number,
                };
                write.session_summaries().upsert(&input).map(drop)
            }
            Self::PullRequest { from, request } => {
                let request = NewPullRequest { timestamp_ms: from.timestamp_ms, ..request.clone() };
                write.pull_requests().book(target.session_row, target.file_row, &request)
            }
            Self::Event { from, effect } => {
                effect.store(write, target.session_id, &from.message_id, from.timestamp_ms)
            }
        }
    }
}

/// What the call with this id, of a piece of the file that was stored before, wants a task to be; `None` when it creates
/// none.
fn details_of_call(write: &Write<'_>, session_row: i64, call_id: &str) -> Result<Option<TaskDetails>> {
    let Some((name, input)) = write.tool_calls().input_of(session_row, call_id)? else {
        return Ok(None);
    };
    Ok(match ToolCall::new(call_id, &name, &input).task_request() {
        Some(TaskRequest::Create { subject, description, active_form }) => Some(TaskDetails {
            subject: subject.map(Cow::into_owned),
            description: description.map(Cow::into_owned),
            active_form: active_form.map(Cow::into_owned),
        }),
        _ => None,
    })
}
