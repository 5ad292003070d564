//! The client's own tasks: `TaskCreate`, `TaskUpdate`, `TaskList` and `TaskGet`.
//!
//! The call that creates a task does not know its id; the result does. What joins them is the id of the call.

use crate::members::{each_member, each_member_of, items, text_or_number, texts};
use crate::{ToolCall, ToolResult};
use han_base::json::{Error, Scanner};
use std::borrow::Cow;

/// What a call wants of the client's tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskRequest<'a> {
    /// A new task. Its id is in the result of this call ([`ToolResult::task_answer`]).
    Create {
        /// What is to be done, in a few words.
        subject: Option<Cow<'a, str>>,
        /// The same at length.
        description: Option<Cow<'a, str>>,
        /// The subject in words for while it is done.
        active_form: Option<Cow<'a, str>>,
    },
    /// A change of a task; what is `None` or empty stays as it is.
    Update {
        /// The task.
        task_id: Option<Cow<'a, str>>,
        /// `pending`, `in_progress`, `completed` or `deleted`.
        status: Option<Cow<'a, str>>,
        /// The new subject.
        subject: Option<Cow<'a, str>>,
        /// The new description.
        description: Option<Cow<'a, str>>,
        /// The new words for while it is done.
        active_form: Option<Cow<'a, str>>,
        /// The agent that the task belongs to now.
        owner: Option<Cow<'a, str>>,
        /// Tasks that wait for this one from now on.
        add_blocks: Vec<Cow<'a, str>>,
        /// Tasks that this one waits for from now on.
        add_blocked_by: Vec<Cow<'a, str>>,
    },
    /// All tasks.
    List,
    /// One task.
    Get {
        /// The task.
        task_id: Option<Cow<'a, str>>,
    },
}

/// What a result tells about the client's tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskAnswer<'a> {
    /// The task that was created, or asked for.
    Task {
        /// Its id: a small number within the session, as text.
        id: Cow<'a, str>,
        /// What is to be done.
        subject: Option<Cow<'a, str>>,
    },
    /// How a change went.
    Updated {
        /// The task.
        task_id: Cow<'a, str>,
        /// Whether it was made; `None` when the result does not say.
        success: Option<bool>,
        /// The status before.
        from: Option<Cow<'a, str>>,
        /// The status now.
        to: Option<Cow<'a, str>>,
    },
    /// All tasks.
    List(Vec<ListedTask<'a>>),
}

/// A task in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedTask<'a> {
    /// Its id; empty when the list does not say.
    pub id: Cow<'a, str>,
    /// What is to be done.
    pub subject: Option<Cow<'a, str>>,
    /// `pending`, `in_progress` or `completed`.
    pub status: Option<Cow<'a, str>>,
    /// The agent it belongs to.
    pub owner: Option<Cow<'a, str>>,
    /// The tasks it waits for.
    pub blocked_by: Vec<Cow<'a, str>>,
}

impl<'a> ToolCall<'a> {
    /// What this call wants of the client's tasks; `None` for other tools.
    #[must_use]
    pub fn task_request(&self) -> Option<TaskRequest<'a>> {
        if self.is("TaskList") {
            return Some(TaskRequest::List);
        }
        let (creates, updates) = (self.is("TaskCreate"), self.is("TaskUpdate"));
        if !creates && !updates && !self.is("TaskGet") {
            return None;
        }
        let Fields { id, status, subject, description, active_form, owner, blocks, blocked_by, .. } =
            Fields::read(self.input.unwrap_or_default());
        Some(if creates {
            TaskRequest::Create { subject, description, active_form }
        } else if updates {
            TaskRequest::Update {
                task_id: id,
                status,
                subject,
                description,
                active_form,
                owner,
                add_blocks: blocks,
                add_blocked_by: blocked_by,
            }
        } else {
            TaskRequest::Get { task_id: id }
        })
    }
}

impl<'a> ToolResult<'a> {
    /// What this result tells about the client's tasks: from `toolUseResult`, else from the words of the answer
    /// (`Task #7 created successfully: …`). `None` for an error and for results of other tools.
    #[must_use]
    pub fn task_answer(&self) -> Option<TaskAnswer<'a>> {
        if self.is_error {
            return None;
        }
        let fields = Fields::read(self.tool_use_result.unwrap_or_default());
        if let Some(task) = fields.task.filter(|_| !fields.is_background) {
            let task = Fields::read(task);
            return Some(TaskAnswer::Task { id: task.id?, subject: task.subject });
        }
        if let Some(tasks) = fields.tasks {
            return Some(TaskAnswer::List(items(tasks).into_iter().map(listed).collect()));
        }
        if let Some(task_id) = fields.id.filter(|_| fields.success.is_some() || fields.change.is_some()) {
            let (from, to) = fields.change.unwrap_or_default();
            return Some(TaskAnswer::Updated { task_id, success: fields.success, from, to });
        }
        self.created_by_words()
    }

    fn created_by_words(&self) -> Option<TaskAnswer<'a>> {
        let text = self.content?.first_text().filter(|text| text.raw().starts_with("Task #"))?.decode();
        let rest = text.strip_prefix("Task #")?;
        let end = rest.find(|character: char| !character.is_ascii_digit())?;
        let (id, rest) = rest.split_at(end);
        let rest = rest.strip_prefix(" created").filter(|_| !id.is_empty())?;
        let subject = rest.split_once(": ").map(|(_, subject)| Cow::Owned(subject.trim().to_owned()));
        Some(TaskAnswer::Task { id: Cow::Owned(id.to_owned()), subject })
    }
}

fn listed(json: &str) -> ListedTask<'_> {
    let Fields { id, subject, status, owner, blocked_by, .. } = Fields::read(json);
    ListedTask { id: id.unwrap_or_default(), subject, status, owner, blocked_by }
}

/// A status before and after.
type StatusChange<'a> = (Option<Cow<'a, str>>, Option<Cow<'a, str>>);

/// The members that calls, results and tasks share.
#[derive(Default)]
struct Fields<'a> {
    id: Option<Cow<'a, str>>,
    status: Option<Cow<'a, str>>,
    subject: Option<Cow<'a, str>>,
    description: Option<Cow<'a, str>>,
    active_form: Option<Cow<'a, str>>,
    owner: Option<Cow<'a, str>>,
    blocks: Vec<Cow<'a, str>>,
    blocked_by: Vec<Cow<'a, str>>,
    success: Option<bool>,
    change: Option<StatusChange<'a>>,
    task: Option<&'a str>,
    tasks: Option<&'a str>,
    /// Whether `task` is a command in the background, which has ids of its own.
    is_background: bool,
}

impl<'a> Fields<'a> {
    fn read(json: &'a str) -> Self {
        let mut fields = Self::default();
        each_member(json, |key, scanner| {
            match key {
                "id" | "taskId" => fields.id = text_or_number(scanner)?,
                "status" => fields.status = scanner.text_value()?,
                "subject" => fields.subject = scanner.text_value()?,
                "description" => fields.description = scanner.text_value()?,
                "activeForm" => fields.active_form = scanner.text_value()?,
                "owner" => fields.owner = scanner.text_value()?,
                "addBlocks" => fields.blocks = texts(scanner)?,
                "addBlockedBy" | "blockedBy" => fields.blocked_by = texts(scanner)?,
                "success" => fields.success = scanner.boolean()?,
                "statusChange" => fields.change = status_change(scanner)?,
                "task" => fields.task = object(scanner.skip_value()?),
                "retrieval_status" => fields.is_background = scanner.string()?.is_some(),
                "tasks" => fields.tasks = Some(scanner.skip_value()?).filter(|tasks| tasks.starts_with('[')),
                _ => scanner.skip()?,
            }
            Ok(())
        });
        fields
    }
}

fn object(json: &str) -> Option<&str> {
    Some(json).filter(|json| json.starts_with('{'))
}

fn status_change<'a>(scanner: &mut Scanner<'a>) -> Result<Option<StatusChange<'a>>, Error> {
    let mut change = StatusChange::default();
    let is_object = each_member_of(scanner, |key, scanner| {
        match key {
            "from" => change.0 = scanner.text_value()?,
            "to" => change.1 = scanner.text_value()?,
            _ => scanner.skip()?,
        }
        Ok(())
    })?;
    Ok(is_object.then_some(change))
}
