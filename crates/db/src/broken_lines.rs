//! Lines that could not be understood (table `broken_lines`). Their bytes are in `raw_blocks` like all others.

use crate::{
    error::Attempt,
    pages::{fetch, with_one_more},
    transaction::{BrokenLines, ReadWrite},
};
use han_base::{Code, Page, Result, TextCursor};
use rusqlite::{Row, params};

/// A line that was left out or repaired.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct BrokenLine {
    /// The source file.
    pub file_path: String,
    /// Where the line begins in its file.
    pub byte_offset: i64,
    /// Its length without the newline.
    pub byte_length: i64,
    /// 0-based physical line.
    pub line_number: i64,
    /// A `LINE_*` code.
    pub reason: String,
}

/// A broken line to record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewBrokenLine {
    /// Where the line begins in its file.
    pub byte_offset: u64,
    /// Its length without the newline.
    pub byte_length: u64,
    /// 0-based physical line.
    pub line_number: u64,
    /// Why.
    pub reason: Code,
}

/// Letter of this list's cursors.
const CURSOR: char = 'b';

impl BrokenLine {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            file_path: row.get(0)?,
            byte_offset: row.get(1)?,
            byte_length: row.get(2)?,
            line_number: row.get(3)?,
            reason: row.get(4)?,
        })
    }
}

impl<A> BrokenLines<'_, A> {
    /// The broken lines of all files, by file and place, at most `limit`.
    pub fn list(&self, limit: usize) -> Result<Vec<BrokenLine>> {
        self.connection
            .prepare_cached(
                "SELECT file_path, broken_lines.byte_offset, byte_length, line_number, reason
                 FROM broken_lines JOIN session_files ON session_files.row_id = session_file_row_id
                 ORDER BY file_path, broken_lines.byte_offset LIMIT ?1",
            )
            .and_then(|mut statement| statement.query_map([limit as i64], BrokenLine::from_row)?.collect())
            .attempt(|| "list broken lines".into())
    }

    /// A page of [`BrokenLines::list`].
    pub fn page(&self, cursor: Option<&str>, limit: usize) -> Result<Page<BrokenLine>> {
        let after = TextCursor::after(CURSOR, cursor)?;
        let rows = fetch(
            self.connection,
            "SELECT file_path, broken_lines.byte_offset, byte_length, line_number, reason
             FROM session_files CROSS JOIN broken_lines ON session_files.row_id = session_file_row_id
             WHERE (file_path, broken_lines.byte_offset) > (:path, :offset)
             ORDER BY file_path, broken_lines.byte_offset LIMIT :limit",
            &[(":path", &after.text), (":offset", &after.row), (":limit", &with_one_more(limit))],
            |row| {
                let line = BrokenLine::from_row(row)?;
                let cursor = TextCursor { kind: CURSOR, text: line.file_path.clone(), row: line.byte_offset };
                Ok((line, cursor.encode()))
            },
        );
        rows.attempt(|| "list broken lines".into()).map(|rows| Page::from_keyed(rows, limit))
    }
}

impl BrokenLines<'_, ReadWrite> {
    /// Records a broken line of a source file.
    pub fn insert(&self, session_file_row: i64, line: &NewBrokenLine) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO broken_lines
                   (session_file_row_id, byte_offset, byte_length, line_number, reason)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    session_file_row,
                    line.byte_offset as i64,
                    line.byte_length as i64,
                    line.line_number as i64,
                    line.reason.as_str(),
                ])
            })
            .attempt(|| "record a broken line".into())?;
        Ok(())
    }
}
