//! The todo list that a `TodoWrite` call sets.

use crate::ToolCall;
use crate::members::{compact, each_member, items, member, text_of};
use han_base::json::Scanner;
use std::borrow::Cow;

/// A todo list, as a call sets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Todos<'a> {
    /// The array, as JSON text without blanks, with all members that the items have.
    pub json: String,
    /// The id of the call.
    pub tool_use_id: Option<&'a str>,
}

/// One todo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TodoItem<'a> {
    /// What is to be done; empty when the item does not say.
    pub content: Cow<'a, str>,
    /// `pending`, `in_progress` or `completed`; `pending` when the item does not say.
    pub status: Cow<'a, str>,
    /// The same in words for while it is done; the content when the item does not say (older versions).
    pub active_form: Cow<'a, str>,
}

impl<'a> ToolCall<'a> {
    /// The todo list that this call sets; `None` when the tool is not `TodoWrite` or `todos` is no array. An array
    /// that was written as a string is taken as the array it holds.
    #[must_use]
    pub fn todos(&self) -> Option<Todos<'a>> {
        if !self.is("TodoWrite") {
            return None;
        }
        let todos = member(self.input?, "todos")?;
        let unwrapped = text_of(todos);
        let array = unwrapped.as_deref().unwrap_or(todos).trim();
        let is_array = array.starts_with('[') && {
            let mut scanner = Scanner::new(array);
            scanner.skip().and_then(|()| scanner.finish()).is_ok()
        };
        is_array.then(|| Todos { json: compact(array), tool_use_id: self.id })
    }
}

impl Todos<'_> {
    /// The todos in their order. An item that is a string is a pending todo; any other that is no object is left out.
    #[must_use]
    pub fn items(&self) -> Vec<TodoItem<'_>> {
        items(&self.json).into_iter().filter_map(read_item).collect()
    }
}

fn read_item(json: &str) -> Option<TodoItem<'_>> {
    let (mut content, mut status, mut active_form) = (text_of(json), None, None);
    let is_object = each_member(json, |key, scanner| {
        match key {
            "content" => content = scanner.text_value()?,
            "status" => status = scanner.text_value()?,
            "activeForm" | "active_form" => active_form = scanner.text_value()?,
            _ => scanner.skip()?,
        }
        Ok(())
    });
    if !is_object && content.is_none() {
        return None;
    }
    let content = content.unwrap_or_default();
    Some(TodoItem {
        active_form: active_form.unwrap_or_else(|| content.clone()),
        status: status.unwrap_or(Cow::Borrowed("pending")),
        content,
    })
}
