//! Calls of tools, with their results.

use crate::{
    error::{self, guard},
    page::{page_limit, pages},
    state,
};
use han_db::{ToolCall, ToolCallFilter};
use napi_derive::napi;

/// The call of a tool with this id, with its input and result; null when there is none.
#[napi]
pub fn get_tool_call(db_path: String, id: String) -> error::Result<Option<ToolCall>> {
    guard(|| state::open(&db_path)?.read(|read| read.tool_calls().get(&id)))
}

/// Which calls a page shows. Everything is optional.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct ToolCallPageOptions {
    /// 1 to 1000; default 100.
    pub limit: Option<f64>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
    /// Calls of this session only.
    pub session_id: Option<String>,
    /// Calls of this tool only.
    pub name: Option<String>,
    /// Only calls whose result is an error, or only the others.
    pub is_error: Option<bool>,
    /// Whether `input` and `result` are filled; default false.
    pub with_content: Option<bool>,
}

pages! {
    ToolCallPage of ToolCall, "A page of calls of tools.";
}

/// A page of calls of tools, newest first.
#[napi]
pub fn list_tool_calls_page(
    db_path: String,
    options: Option<ToolCallPageOptions>,
) -> error::Result<ToolCallPage> {
    guard(|| {
        let options = options.unwrap_or_default();
        let limit = page_limit(options.limit)?;
        let filter = ToolCallFilter {
            session_id: options.session_id,
            name: options.name,
            is_error: options.is_error,
            with_content: options.with_content.unwrap_or(false),
        };
        state::open(&db_path)?
            .read(|read| read.tool_calls().page(&filter, options.cursor.as_deref(), limit))
            .map(Into::into)
    })
}
