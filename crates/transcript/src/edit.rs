//! What edits did to files: which file, and how many lines came and went.
//!
//! An edit stands in two lines. The call tells what the model wanted ([`ToolCall::edit`]); the result, when the client
//! kept it, what became of the file ([`ToolResult::edit`]), and then that is what counts. A failed call changed
//! nothing.

use crate::diff::{count_lines, diff_files, diff_pieces};
use crate::members::{each_member, items, member, text_of};
use crate::{LineChange, Rule, ToolCall, ToolResult};
use han_base::json::{JsonString, Kind, Scanner};
use std::borrow::Cow;

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileAction {
    /// It was not there before, or may not have been: a Write whose result does not tell.
    Created,
    /// It has other content now.
    Modified,
}

impl FileAction {
    /// `created` or `modified`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Modified => "modified",
        }
    }
}

/// One edit of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEdit<'a> {
    /// The file, as the tool was given it; `None` when the line does not tell.
    pub path: Option<Cow<'a, str>>,
    /// What became of it.
    pub action: FileAction,
    /// Lines added and removed.
    pub lines: LineChange,
    /// How the lines were counted.
    pub rule: Rule,
}

/// The largest file, in bytes, that is built to be compared. Replacements that would make a larger one are counted one
/// by one.
const LARGEST_BUILT: usize = 16 << 20;

impl<'a> ToolCall<'a> {
    /// The edit that this call asks for, by its arguments alone; `None` when the tool is not `Edit`, `MultiEdit`,
    /// `Write` or `NotebookEdit`.
    ///
    /// - `Edit`: the old against the new text, once, also with `replace_all`: only the result tells how often.
    /// - `MultiEdit`: the sum of its edits.
    /// - `Write`: all lines added; only the result tells what was there before.
    /// - `NotebookEdit`: all lines of the new source added; none when a cell is deleted.
    #[must_use]
    pub fn edit(&self) -> Option<FileEdit<'a>> {
        let input = self.input.unwrap_or_default();
        let arguments = Arguments::read(input);
        let new_source = arguments.new_source.map(JsonString::decode).unwrap_or_default();
        let (lines, rule) = if self.is("Edit") {
            (Replacement::read(input).lines(), Rule::DiffEdit)
        } else if self.is("MultiEdit") {
            (lines_of_all(&replacements(arguments.edits)), Rule::DiffEdit)
        } else if self.is("Write") {
            let content = arguments.content.map(JsonString::decode).unwrap_or_default();
            (LineChange { added: count_lines(&content), removed: 0 }, Rule::DiffWrite)
        } else if self.is("NotebookEdit") {
            let new_source = if arguments.deletes_cell() { Cow::Borrowed("") } else { new_source };
            (diff_files("", &new_source), Rule::DiffNotebook)
        } else {
            return None;
        };
        let action = if self.is("Write") { FileAction::Created } else { FileAction::Modified };
        Some(FileEdit { path: arguments.path, action, lines, rule })
    }
}

impl<'a> ToolResult<'a> {
    /// The edit that this result tells about: it replaces that of its call. `None` when the result has none, which is
    /// so for every result without an object as `toolUseResult`: then the edit of the call holds, unless the result
    /// is an error.
    ///
    /// In this order: the marked lines of `structuredPatch`; all lines of a file that is told to be created; the
    /// original file against the new one; the old text against the new one, as for the call.
    #[must_use]
    pub fn edit(&self) -> Option<FileEdit<'a>> {
        let json = self.tool_use_result.filter(|_| !self.is_error)?;
        let kept = Arguments::read(json);
        let (lines, rule) = kept.patched().or_else(|| kept.compared(json)).or_else(|| kept.in_notebook())?;
        let created =
            kept.is_created() || (matches!(kept.original, Original::Absent) && kept.content.is_some());
        let action = if created { FileAction::Created } else { FileAction::Modified };
        Some(FileEdit { path: kept.path, action, lines, rule })
    }
}

/// What the arguments and the results of the editing tools have in common.
#[derive(Default)]
struct Arguments<'a> {
    path: Option<Cow<'a, str>>,
    /// `type` of a Write's result: `create` or `update`.
    kind: Option<Cow<'a, str>>,
    patch: Option<&'a str>,
    original: Original<'a>,
    content: Option<JsonString<'a>>,
    has_replacement: bool,
    edits: Option<&'a str>,
    new_source: Option<JsonString<'a>>,
    old_source: Option<JsonString<'a>>,
    /// `edit_mode` of a notebook's edit: `replace`, `insert` or `delete`.
    cell_mode: Option<Cow<'a, str>>,
    cell_id: Option<Cow<'a, str>>,
    original_notebook: Option<JsonString<'a>>,
}

/// The file before an edit.
#[derive(Clone, Copy, Default)]
enum Original<'a> {
    /// The result does not tell.
    #[default]
    Untold,
    /// There was none (`null`).
    Absent,
    /// Its text, which is decoded only when no patch makes it needless.
    Text(JsonString<'a>),
}

impl<'a> Arguments<'a> {
    fn read(json: &'a str) -> Self {
        let mut read = Self::default();
        each_member(json, |key, scanner| {
            match key {
                "file_path" | "filePath" | "notebook_path" => read.path = scanner.text_value()?,
                "type" => read.kind = scanner.text_value()?,
                "structuredPatch" => read.patch = Some(scanner.skip_value()?),
                "originalFile" | "originalFileContents" => {
                    read.original = match scanner.kind()? {
                        Kind::String => scanner.string()?.map_or(Original::Untold, Original::Text),
                        Kind::Null => scanner.skip().map(|()| Original::Absent)?,
                        _ => scanner.skip().map(|()| Original::Untold)?,
                    };
                }
                "content" => read.content = scanner.string()?,
                "oldString" => read.has_replacement = scanner.string()?.is_some(),
                "edits" => read.edits = Some(scanner.skip_value()?),
                "new_source" => read.new_source = scanner.string()?,
                "old_source" => read.old_source = scanner.string()?,
                "edit_mode" => read.cell_mode = scanner.text_value()?,
                "cell_id" => read.cell_id = scanner.text_value()?,
                "original_file" => read.original_notebook = scanner.string()?,
                _ => scanner.skip()?,
            }
            Ok(())
        });
        read
    }

    fn is_created(&self) -> bool {
        self.kind.as_deref() == Some("create")
    }

    fn is_updated(&self) -> bool {
        self.kind.as_deref() == Some("update")
    }

    fn inserts_cell(&self) -> bool {
        self.cell_mode.as_deref() == Some("insert")
    }

    fn deletes_cell(&self) -> bool {
        self.cell_mode.as_deref() == Some("delete")
    }

    /// The marked lines of the patch, when it has any; a patch without a line says that a known file stayed the same.
    fn patched(&self) -> Option<(LineChange, Rule)> {
        let lines = marked_lines(self.patch?);
        let stayed = self.is_updated() && matches!(self.original, Original::Untold);
        (lines != LineChange::default() || stayed).then_some((lines, Rule::DiffStructuredPatch))
    }

    /// The file before and after, or the texts that were replaced.
    fn compared(&self, json: &'a str) -> Option<(LineChange, Rule)> {
        if let Some(content) = self.content.filter(|_| self.path.is_some() && self.tells_a_write()) {
            let content = content.decode();
            return Some(match self.original {
                Original::Text(original) if !self.is_created() => {
                    (diff_files(&original.decode(), &content), Rule::DiffOriginal)
                }
                _ if self.is_created() || matches!(self.original, Original::Absent) => {
                    (LineChange { added: count_lines(&content), removed: 0 }, Rule::DiffCreate)
                }
                _ => (LineChange { added: count_lines(&content), removed: 0 }, Rule::DiffWrite),
            });
        }
        let replacements = match self.edits {
            Some(_) => replacements(self.edits),
            None if self.has_replacement => vec![Replacement::read(json)],
            None => return None,
        };
        if let Original::Text(original) = self.original {
            let original = original.decode();
            if let Some(after) = replaced(&original, &replacements) {
                return Some((diff_files(&original, &after), Rule::DiffOriginal));
            }
        }
        Some((lines_of_all(&replacements), Rule::DiffEdit))
    }

    /// Whether a result with a path and a content is that of a Write, and not that of a tool that reads.
    fn tells_a_write(&self) -> bool {
        self.is_created() || self.is_updated() || self.patch.is_some()
    }

    fn in_notebook(&self) -> Option<(LineChange, Rule)> {
        if self.new_source.is_none() && !self.deletes_cell() {
            return None;
        }
        let new = if self.deletes_cell() { None } else { self.new_source.map(JsonString::decode) };
        let told = self.old_source.map(|source| source.decode().into_owned());
        let old = told.or_else(|| cell_source(&self.original_notebook?.decode(), self.cell_id.as_deref()?));
        let old = old.filter(|_| !self.inserts_cell()).unwrap_or_default();
        Some((diff_files(&old, &new.unwrap_or_default()), Rule::DiffNotebook))
    }
}

/// Lines of a patch that begin with `+` and `-`.
fn marked_lines(patch: &str) -> LineChange {
    let mut change = LineChange::default();
    for hunk in items(patch) {
        for line in member(hunk, "lines").map(items).unwrap_or_default() {
            let first = Scanner::new(line).string().ok().flatten().and_then(|line| line.chars().next());
            match first {
                Some('+') => change.added += 1,
                Some('-') => change.removed += 1,
                _ => {}
            }
        }
    }
    change
}

/// One text to be put in the place of another.
struct Replacement<'a> {
    old: Cow<'a, str>,
    new: Cow<'a, str>,
    everywhere: bool,
}

impl<'a> Replacement<'a> {
    fn read(json: &'a str) -> Self {
        let mut read = Self { old: Cow::default(), new: Cow::default(), everywhere: false };
        each_member(json, |key, scanner| {
            match key {
                "old_string" | "oldString" => read.old = scanner.text_value()?.unwrap_or_default(),
                "new_string" | "newString" => read.new = scanner.text_value()?.unwrap_or_default(),
                "replace_all" | "replaceAll" => read.everywhere = scanner.boolean()? == Some(true),
                _ => scanner.skip()?,
            }
            Ok(())
        });
        read
    }

    fn lines(&self) -> LineChange {
        diff_pieces(&self.old, &self.new)
    }

    /// The text after it; `None` when the old text is not in it, or the new one would be too large.
    fn apply(&self, text: &str) -> Option<String> {
        if self.old.is_empty() {
            return text.is_empty().then(|| self.new.clone().into_owned());
        }
        // As the client does it: a line that is replaced by nothing goes with its newline.
        let whole_line = format!("{}\n", self.old);
        let old = if self.new.is_empty() && !self.old.ends_with('\n') && text.contains(&whole_line) {
            &whole_line
        } else {
            &*self.old
        };
        let limit = if self.everywhere { usize::MAX } else { 1 };
        let count = memchr::memmem::find_iter(text.as_bytes(), old).take(limit).count();
        let length = count.checked_mul(self.new.len())?.checked_add(text.len())?;
        (count > 0 && length <= LARGEST_BUILT).then(|| text.replacen(old, &self.new, limit))
    }
}

fn replacements(edits: Option<&str>) -> Vec<Replacement<'_>> {
    edits.map(items).unwrap_or_default().into_iter().map(Replacement::read).collect()
}

fn lines_of_all(replacements: &[Replacement<'_>]) -> LineChange {
    replacements.iter().fold(LineChange::default(), |sum, replacement| sum.plus(replacement.lines()))
}

/// Edits that are carried out to compare a file before and after; more are counted one by one.
const MOST_CARRIED_OUT: usize = 256;

/// The text after all replacements, in their order; `None` when one of them cannot be made.
fn replaced(original: &str, replacements: &[Replacement<'_>]) -> Option<String> {
    if replacements.len() > MOST_CARRIED_OUT {
        return None;
    }
    replacements.iter().try_fold(original.to_owned(), |text, replacement| replacement.apply(&text))
}

/// The source of a cell of a notebook, which is a string or an array of lines.
fn cell_source(notebook: &str, cell_id: &str) -> Option<String> {
    for cell in items(member(notebook, "cells")?) {
        if member(cell, "id").and_then(text_of).as_deref() == Some(cell_id) {
            let source = member(cell, "source")?;
            let lines = items(source).into_iter().filter_map(text_of).collect();
            return Some(text_of(source).map_or(lines, Cow::into_owned));
        }
    }
    None
}
