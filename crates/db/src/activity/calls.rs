//! What agents did: calls of tools, agents they started, files they changed, compactions.

use super::{
    dashboard::SubagentUsageRow,
    span::{Scope, Span, UsageFilter},
};
use crate::{columns::TextList, error::Attempt, transaction::Activity};
use han_base::{Result, Timestamp};
use rusqlite::Row;
use std::{cmp::Reverse, collections::HashMap};

/// What agents did. Of all sessions together, nothing counts twice that stands in several; of one session, everything
/// counts that stands in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct CallFigures {
    /// Calls of tools.
    pub call_count: i64,
    /// Those of them whose result is an error.
    pub error_count: i64,
    /// Tools, the most called first.
    pub tools: Vec<ToolFigures>,
    /// Kinds of agents that were started, the most started first.
    pub agents: Vec<SubagentUsageRow>,
    /// Different files that were changed, however many of them are in `files`.
    pub file_count: i64,
    /// Files that edits changed, the most changed first.
    pub files: Vec<TouchedFile>,
    /// Lines that edits added.
    pub lines_added: i64,
    /// Lines that edits removed.
    pub lines_removed: i64,
    /// Compactions.
    pub compaction_count: i64,
}

/// Calls of one tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct ToolFigures {
    /// The tool.
    pub name: String,
    /// How often it was called.
    pub call_count: i64,
    /// Calls that have a result.
    pub result_count: i64,
    /// Results that are errors.
    pub error_count: i64,
    /// The time from calls to their results, all together, in milliseconds.
    pub total_duration_ms: i64,
}

/// A file that edits changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct TouchedFile {
    /// The file, as the edits name it.
    pub path: String,
    /// Edits that succeeded.
    pub change_count: i64,
    /// Lines that they added.
    pub lines_added: i64,
    /// Lines that they removed.
    pub lines_removed: i64,
    /// When the last of them was asked for, RFC 3339.
    pub last_changed_at: String,
}

/// Sums of one file.
#[derive(Default)]
struct FileSums {
    changes: i64,
    lines_added: i64,
    lines_removed: i64,
    last_ms: i64,
}

#[derive(Default)]
struct CallSums {
    tools: HashMap<String, ToolFigures>,
    agents: HashMap<String, i64>,
    files: HashMap<String, FileSums>,
    lines_added: i64,
    lines_removed: i64,
}

/// What is read of a call. Only edits need the files they name.
const COLUMNS: &str = "name, subagent_type, is_error, ended_at_ms - started_at_ms, started_at_ms,
  coalesce(lines_added, 0), coalesce(lines_removed, 0), iif(action IS NULL OR is_error IS 1, NULL, file_paths)";

impl CallSums {
    fn add(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        let name = row.get_ref(0)?.as_str()?;
        if !self.tools.contains_key(name) {
            self.tools
                .insert(name.to_owned(), ToolFigures { name: name.to_owned(), ..ToolFigures::default() });
        }
        let is_error: Option<bool> = row.get(2)?;
        if let Some(tool) = self.tools.get_mut(name) {
            tool.call_count += 1;
            tool.result_count += i64::from(is_error.is_some());
            tool.error_count += i64::from(is_error == Some(true));
            tool.total_duration_ms += row.get::<_, Option<i64>>(3)?.unwrap_or(0).max(0);
        }
        if let Some(kind) = row.get_ref(1)?.as_str_or_null()? {
            *self.agents.entry(kind.to_owned()).or_default() += 1;
        }
        if let Some(TextList(paths)) = row.get::<_, Option<TextList>>(7)? {
            self.add_edit(paths, row)?;
        }
        Ok(())
    }

    /// An edit changes one file: the first that it names.
    fn add_edit(&mut self, paths: Vec<String>, row: &Row<'_>) -> rusqlite::Result<()> {
        let (added, removed): (i64, i64) = (row.get(5)?, row.get(6)?);
        self.lines_added += added;
        self.lines_removed += removed;
        if let Some(path) = paths.into_iter().next() {
            let file = self.files.entry(path).or_default();
            file.changes += 1;
            file.lines_added += added;
            file.lines_removed += removed;
            file.last_ms = file.last_ms.max(row.get(4)?);
        }
        Ok(())
    }
}

impl<A> Activity<'_, A> {
    /// What agents did, with at most `limit` tools and files. Costs as much as there are calls in the time and sessions
    /// that are asked for.
    pub fn call_figures(&self, filter: &UsageFilter, limit: usize) -> Result<CallFigures> {
        let span = Span::of(filter);
        if span.from_ms >= span.to_ms {
            return Ok(CallFigures::default());
        }
        let scope = Scope::new(self.connection, filter)?;
        let counted = if filter.session_id.is_some() { "true" } else { "NOT is_repeat" };
        let mut sums = CallSums::default();
        let calls = |rows: &str| {
            format!("SELECT {COLUMNS} FROM tool_calls WHERE name IS NOT NULL AND {counted} AND {rows}")
        };
        let mut compaction_count = 0;
        let compactions = |rows: &str| format!("SELECT count(*) FROM compactions WHERE {counted} AND {rows}");
        scope
            .each_row(Some("tool_hours"), "started_at_ms", calls, |row| sums.add(row))
            .and_then(|()| {
                scope.each_row(None, "timestamp_ms", compactions, |row| {
                    compaction_count = row.get(0)?;
                    Ok(())
                })
            })
            .attempt(|| "add up the calls of tools".into())?;
        Ok(CallFigures { compaction_count, ..figures(sums, limit) })
    }
}

fn figures(sums: CallSums, limit: usize) -> CallFigures {
    let mut tools: Vec<ToolFigures> = sums.tools.into_values().collect();
    let (call_count, error_count) = tools
        .iter()
        .fold((0, 0), |(calls, errors), tool| (calls + tool.call_count, errors + tool.error_count));
    tools.sort_unstable_by(|left, right| (right.call_count, &left.name).cmp(&(left.call_count, &right.name)));
    tools.truncate(limit);
    let mut agents: Vec<SubagentUsageRow> = sums
        .agents
        .into_iter()
        .map(|(subagent_type, count)| SubagentUsageRow { subagent_type, count })
        .collect();
    agents.sort_unstable_by(|left, right| {
        (right.count, &left.subagent_type).cmp(&(left.count, &right.subagent_type))
    });
    let file_count = sums.files.len() as i64;
    let mut files: Vec<(String, FileSums)> = sums.files.into_iter().collect();
    files.sort_unstable_by(|(path, left), (other, right)| {
        let weight = |sums: &FileSums| Reverse((sums.changes, sums.lines_added + sums.lines_removed));
        weight(left).cmp(&weight(right)).then_with(|| path.cmp(other))
    });
    files.truncate(limit);
    CallFigures {
        call_count,
        error_count,
        tools,
        agents,
        file_count,
        files: files.into_iter().map(|(path, sums)| touched(path, &sums)).collect(),
        lines_added: sums.lines_added,
        lines_removed: sums.lines_removed,
        compaction_count: 0,
    }
}

fn touched(path: String, sums: &FileSums) -> TouchedFile {
    TouchedFile {
        path,
        change_count: sums.changes,
        lines_added: sums.lines_added,
        lines_removed: sums.lines_removed,
        last_changed_at: Timestamp::from_millis(sums.last_ms).to_string(),
    }
}
