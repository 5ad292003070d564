//! Calls of tools and their results: joined where a piece of a file holds both, and what they tell besides: lines changed,
//! todos, the agent's own tasks.

use crate::{
    batch::Batch,
    effects::{Effect, Origin, TaskDetails},
};
use han_db::{NewEdit, NewToolCall, NewToolResult};
use han_transcript::{FileEdit, Record, ResultContent, TaskAnswer, TaskRequest, ToolCall, ToolResult};
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

/// The calls of a piece of a file that wait for their results.
#[derive(Debug, Default)]
pub(crate) struct OpenCalls {
    /// Where the call with an id stands in the batch.
    places: HashMap<String, usize>,
    /// For each call of the batch, where its message will stand in it.
    messages: Vec<usize>,
    /// Tasks that calls want to create.
    tasks: HashMap<String, TaskDetails>,
}

impl OpenCalls {
    /// Takes the calls and results of a record, whose message comes next, into the batch.
    pub(crate) fn take(&mut self, record: &Record<'_>, origin: &Origin<'_>, batch: &mut Batch) {
        let mut edited: HashSet<String> = HashSet::new();
        for call in record.tool_calls() {
            let (Some(id), Some(name)) = (call.id, call.name) else { continue };
            self.places.insert(id.to_owned(), batch.tool_calls.len());
            self.messages.push(batch.messages.len());
            batch.tool_calls.push(new_call(&call, id, name, record, origin, &mut edited));
            self.effects(&call, id, origin, batch);
        }
        for result in record.tool_results() {
            let Some(call_id) = result.tool_use_id else { continue };
            self.answer(&result, call_id, origin, batch);
            let result = new_result(&result, call_id, record, origin);
            match self.places.remove(call_id) {
                Some(at) => batch.tool_calls[at].result = Some(result),
                None => batch.tool_results.push(result),
            }
        }
    }

    /// What a call does besides being one.
    fn effects(&mut self, call: &ToolCall<'_>, id: &str, origin: &Origin<'_>, batch: &mut Batch) {
        // The list of a session is that of its main conversation.
        if origin.agent_id.is_none()
            && let Some(todos) = call.todos()
        {
            batch.effects.push(Effect::Todos { from: origin.into(), json: todos.json });
        }
        match call.task_request() {
            Some(TaskRequest::Create { subject, description, active_form }) => {
                let details = TaskDetails {
                    subject: subject.map(Cow::into_owned),
                    description: description.map(Cow::into_owned),
                    active_form: active_form.map(Cow::into_owned),
                };
                self.tasks.insert(id.to_owned(), details);
            }
            Some(TaskRequest::Update { task_id: Some(task_id), .. }) if task_id.is_empty() => {}
            Some(request @ TaskRequest::Update { task_id: Some(_), .. }) => {
                batch.effects.push(Effect::task_changed(request, origin));
            }
            _ => {}
        }
    }

    /// What a result does besides being one: it tells the id of a task that its call created.
    fn answer(&mut self, result: &ToolResult<'_>, call_id: &str, origin: &Origin<'_>, batch: &mut Batch) {
        let details = self.tasks.remove(call_id);
        // Other calls, of a piece before this one too, are told by what they answer.
        if details.is_none() && self.places.contains_key(call_id) {
            return;
        }
        if let Some(TaskAnswer::Task { id, subject }) = result.task_answer() {
            batch.effects.push(Effect::TaskCreated {
                from: origin.into(),
                call_id: call_id.to_owned(),
                task_id: id.into_owned(),
                subject: subject.map(Cow::into_owned),
                details,
            });
        }
    }

    /// The batch is handed over: its messages get the lines that their calls changed, and results that come later stand
    /// in another one.
    pub(crate) fn close(&mut self, batch: &mut Batch) {
        for (call, message) in batch.tool_calls.iter().zip(self.messages.drain(..)) {
            let (Some(edit), Some(message)) = (call.settled_edit(), batch.messages.get_mut(message)) else {
                continue;
            };
            *message.lines_added.get_or_insert(0) += edit.lines_added;
            *message.lines_removed.get_or_insert(0) += edit.lines_removed;
            *message.files_changed.get_or_insert(0) += edit.files_changed;
        }
        self.places.clear();
        self.tasks.clear();
    }
}

fn new_call(
    call: &ToolCall<'_>,
    id: &str,
    name: &str,
    record: &Record<'_>,
    origin: &Origin<'_>,
    edited: &mut HashSet<String>,
) -> NewToolCall {
    let edit = call.edit();
    let mut file_paths: Vec<String> = call.file_paths().into_iter().map(Cow::into_owned).collect();
    // The edited file stands first.
    if let Some(path) = edit.as_ref().and_then(|edit| edit.path.as_deref()).filter(|path| !path.is_empty()) {
        file_paths.retain(|other| other != path);
        file_paths.insert(0, path.to_owned());
    }
    let edit = edit.filter(|_| !file_paths.is_empty());
    let is_first = edit.is_some() && edited.insert(file_paths[0].clone());
    NewToolCall {
        id: id.to_owned(),
        message_id: origin.message_id.clone(),
        agent_id: origin.agent_id.map(str::to_owned),
        name: name.to_owned(),
        subagent_type: call.subagent_type().map(Cow::into_owned),
        input: call.input.map(|input| origin.place(record, input, 0)),
        timestamp_ms: origin.timestamp_ms,
        edit: edit.map(|edit| new_edit(&edit, i64::from(is_first))),
        file_paths,
        result: None,
    }
}

fn new_result(
    result: &ToolResult<'_>,
    call_id: &str,
    record: &Record<'_>,
    origin: &Origin<'_>,
) -> NewToolResult {
    NewToolResult {
        call_id: call_id.to_owned(),
        message_id: origin.message_id.clone(),
        agent_id: origin.agent_id.map(str::to_owned),
        is_error: result.is_error,
        content: result.content.map(|content| {
            // A string is told without its quotes.
            let quotes = usize::from(matches!(content, ResultContent::Text(_)));
            origin.place(record, content.raw(), quotes)
        }),
        timestamp_ms: origin.timestamp_ms,
        edit: result.edit().map(|edit| new_edit(&edit, 1)),
    }
}

fn new_edit(edit: &FileEdit<'_>, files_changed: i64) -> NewEdit {
    NewEdit {
        action: edit.action.as_str(),
        lines_added: edit.lines.added as i64,
        lines_removed: edit.lines.removed as i64,
        files_changed,
    }
}
