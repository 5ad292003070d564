//! Events that hooks recorded (`<session>-han.jsonl`): the files that their lines refer to, and what they do besides being
//! rows.

use han_base::{Result, id};
use han_db::{
    FrustrationEventInput, SessionFileValidationInput, TaskCompletion, TaskFailure, TaskInput, Write,
};
use han_transcript::{HanEvent, Record, confined_reference};
use std::{
    borrow::Cow,
    fs::{self, File},
    io::Read,
    path::{Component, Path},
};
use xxhash_rust::xxh3::xxh3_128;

/// The largest file that a line may refer to.
const LARGEST_EVENT_BYTES: u64 = 16 * 1024 * 1024;

/// The text of the event that a line refers to: a regular file in the folder of the session beside the event file.
/// `None` when there is none, when it lies elsewhere (through links too), and when it is too large or no UTF-8.
pub(crate) fn referred_event(event_file: &Path, session_id: &str, reference: &str) -> Option<String> {
    let reference = confined_reference(reference)?;
    // The id may come from a line, so that it is any text.
    let mut parts = Path::new(session_id).components();
    let (Some(Component::Normal(session)), None) = (parts.next(), parts.next()) else { return None };
    let path = fs::canonicalize(event_file.parent()?).ok()?.join(session).join(reference);
    // A link anywhere in the path makes it another one.
    if fs::canonicalize(&path).ok()? != path || !fs::symlink_metadata(&path).ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    let length = File::open(&path).ok()?.take(LARGEST_EVENT_BYTES + 1).read_to_string(&mut text).ok()?;
    (length as u64 <= LARGEST_EVENT_BYTES).then_some(text)
}

/// What an event does besides being a row. Doing it again changes nothing.
#[derive(Clone, Debug)]
pub(crate) enum EventEffect {
    TaskStart(TaskInput),
    TaskComplete(TaskCompletion),
    TaskFail(TaskFailure),
    Validations(Vec<SessionFileValidationInput>),
    Frustration(FrustrationEventInput),
}

impl EventEffect {
    /// What the event of a line does. The session is filled in when it is stored.
    pub(crate) fn of_record(record: &Record<'_>) -> Option<Self> {
        let owned = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
        let texts = |texts: Vec<Cow<'_, str>>| {
            (!texts.is_empty()).then(|| texts.into_iter().map(Cow::into_owned).collect::<Vec<_>>())
        };
        let id = |text: Option<Cow<'_, str>>| owned(text).filter(|id| !id.is_empty());
        Some(match record.han_event()? {
            HanEvent::TaskStart(event) => Self::TaskStart(TaskInput {
                session_id: None,
                task_id: id(event.task_id)?,
                description: owned(event.description).unwrap_or_else(|| "Unknown task".into()),
                task_type: owned(event.task_type).unwrap_or_else(|| "unknown".into()),
                estimated_complexity: owned(event.estimated_complexity),
            }),
            HanEvent::TaskComplete(event) => Self::TaskComplete(TaskCompletion {
                task_id: id(event.task_id)?,
                outcome: owned(event.outcome).unwrap_or_else(|| "unknown".into()),
                confidence: event.confidence.unwrap_or(0.0),
                notes: owned(event.notes),
                files_modified: texts(event.files_modified),
                tests_added: event.tests_added.and_then(|count| i64::try_from(count).ok()),
            }),
            HanEvent::TaskFail(event) => Self::TaskFail(TaskFailure {
                task_id: id(event.task_id)?,
                reason: owned(event.reason).unwrap_or_else(|| "Unknown reason".into()),
                attempted_solutions: texts(event.attempted_solutions),
                confidence: event.confidence,
                notes: owned(event.notes),
            }),
            HanEvent::HookValidationCache(event) => {
                let validation = SessionFileValidationInput {
                    plugin_name: id(event.plugin)?,
                    hook_name: id(event.hook)?,
                    directory: owned(event.directory).unwrap_or_default(),
                    command_hash: owned(event.command_hash).unwrap_or_default(),
                    ..SessionFileValidationInput::default()
                };
                let of_file = |(path, hash): (Cow<'_, str>, Cow<'_, str>)| SessionFileValidationInput {
                    file_path: path.into_owned(),
                    file_hash: hash.into_owned(),
                    ..validation.clone()
                };
                Self::Validations(event.files.into_iter().map(of_file).collect())
            }
            HanEvent::FrustrationDetected(event) => Self::Frustration(FrustrationEventInput {
                session_id: None,
                task_id: id(event.task_id),
                frustration_level: owned(event.frustration_level).unwrap_or_else(|| "low".into()),
                frustration_score: event.frustration_score.unwrap_or(0.0),
                user_message: owned(event.user_message).unwrap_or_default(),
                detected_signals: texts(event.detected_signals),
                context: owned(event.context),
            }),
            _ => return None,
        })
    }

    /// Stores it, at the time of the event. `message_id` is the row of the event.
    pub(crate) fn store(
        &self,
        write: &Write<'_>,
        session_id: &str,
        message_id: &str,
        timestamp_ms: i64,
    ) -> Result<()> {
        let session = Some(session_id.to_owned());
        match self {
            Self::TaskStart(task) => {
                let task = TaskInput { session_id: session, ..task.clone() };
                write.tasks().start_at(&task, timestamp_ms).map(drop)
            }
            // A task that nothing told the beginning of is not known.
            Self::TaskComplete(completion) => write.tasks().complete_at(completion, timestamp_ms).map(drop),
            Self::TaskFail(failure) => write.tasks().fail_at(failure, timestamp_ms).map(drop),
            Self::Validations(validations) => validations.iter().try_for_each(|validation| {
                let validation =
                    SessionFileValidationInput { session_id: session_id.to_owned(), ..validation.clone() };
                write.file_validations().record_at(&validation, timestamp_ms)
            }),
            Self::Frustration(event) => {
                // An event that does not tell its task belongs to the one that went on then.
                let task_id = match &event.task_id {
                    Some(task_id) => Some(task_id.clone()),
                    None => write.tasks().running_at(session_id, timestamp_ms)?,
                };
                let event = FrustrationEventInput { session_id: session, task_id, ..event.clone() };
                let bits = xxh3_128(format!("frustration\0{session_id}\0{message_id}").as_bytes());
                write.frustration().record_at(&event, &id::derived(bits).to_string(), timestamp_ms)
            }
        }
    }
}
