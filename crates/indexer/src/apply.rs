//! Storing what the reading threads understood.

use crate::{
    batch::{Batch, Cursor, id_of_place},
    layout::FileType,
    plan::Task,
    report::IndexResult,
};
use han_base::Result;
use han_db::{NewSessionFile, Place, SessionFile, Write};
use std::path::Path;

/// A file that is being stored.
pub(crate) struct Storing<'t> {
    task: &'t Task,
    /// Its row, once the session is known.
    row: Option<SessionFile>,
    pub(crate) result: IndexResult,
    source_config_dir: Option<&'t str>,
}

impl<'t> Storing<'t> {
    /// `source_config_dir` overrides the folder that the path tells.
    pub(crate) fn new(task: &'t Task, source_config_dir: Option<&'t str>) -> Self {
        let source_config_dir =
            source_config_dir.or_else(|| task.file.layout.config_dir.as_deref().and_then(Path::to_str));
        let result = IndexResult { file_path: task.file.path.clone(), ..IndexResult::default() };
        Self { task, row: None, result, source_config_dir }
    }

    /// Makes the session and the row of the file, or takes the known ones; removes what must not stay.
    pub(crate) fn begin(&mut self, write: &Write<'_>, session_id: &str) -> Result<()> {
        let (session_row, is_new) = write.sessions().ensure(session_id)?;
        session_id.clone_into(&mut self.result.session_id);
        self.result.is_new_session = is_new;
        let row = if let Some(known) = &self.task.known {
            known.clone()
        } else {
            let file = NewSessionFile {
                file_type: self.task.file.file_type.as_str(),
                file_path: self.task.file.path_text(),
                agent_id: self.task.file.layout.agent_id.clone(),
            };
            let row_id = write.session_files().insert(session_row, &file)?;
            SessionFile {
                row_id,
                session_row,
                session_id: session_id.to_owned(),
                file_path: file.file_path,
                ..SessionFile::default()
            }
        };
        if self.task.rewritten {
            write.session_files().reset(&row)?;
        } else {
            write.session_files().forget_after(row.row_id, self.task.start.byte_offset)?;
        }
        self.row = Some(row);
        Ok(())
    }

    /// Stores one batch and moves the cursor.
    pub(crate) fn store(&mut self, write: &Write<'_>, batch: &Batch) -> Result<()> {
        let Some(row) = &mut self.row else { return Ok(()) };
        if let Some(timestamp_ms) = batch.first_timestamp_ms {
            write.session_files().fill_times(row, timestamp_ms)?;
        }
        let mut facts = batch.facts.clone();
        facts.is_main = self.task.file.file_type == FileType::Main;
        if facts.is_main {
            facts.transcript_path = Some(row.file_path.clone());
        }
        if let Some(slug) = &self.task.file.layout.project_slug {
            if let Some(path) = &batch.project_path {
                let name = Path::new(path)
                    .file_name()
                    .map_or(path.clone(), |name| name.to_string_lossy().into_owned());
                facts.project_row =
                    Some(write.projects().row_for_folder(slug, path, &name, self.source_config_dir)?);
            } else if row.byte_offset == 0 {
                // The folder's name is all that is known so far.
                facts.project_row =
                    Some(write.projects().row_for_folder(slug, "", slug, self.source_config_dir)?);
            }
        }
        facts.source_config_dir = self.source_config_dir.map(str::to_owned);
        write.sessions().add_facts(row.session_row, &facts)?;
        for block in &batch.raw_blocks {
            write.raw_blocks().insert(row.row_id, block)?;
        }
        let file_name = self.task.file.file_name();
        let id_of_place = |place: &Place| id_of_place(&row.session_id, &file_name, place.byte_offset);
        self.result.messages_indexed +=
            write.messages().insert_of_file(row.session_row, row.row_id, &batch.messages, id_of_place)?;
        for reply in &batch.replies {
            write.replies().book(row.session_row, reply)?;
        }
        for line in &batch.broken_lines {
            write.broken_lines().insert(row.row_id, line)?;
        }
        self.result.bytes_read += batch.bytes;
        self.result.broken_lines += batch.broken_lines.len() as u64;
        move_cursor(row, &batch.cursor);
        write.session_files().advance(row)
    }

    /// The file was read to its end: what it looked like when it was opened is now what is known of it.
    pub(crate) fn end(&mut self, write: &Write<'_>) -> Result<()> {
        let Some(row) = &mut self.row else { return Ok(()) };
        row.seen = self.task.file.stamp;
        write.session_files().advance(row)
    }
}

fn move_cursor(row: &mut SessionFile, cursor: &Cursor) {
    row.byte_offset = cursor.byte_offset;
    row.line_count = cursor.line_count;
    row.head_hash = cursor.head_hash();
    row.tail_hash = cursor.tail_hash();
    row.last_timestamp_ms = cursor.last_timestamp_ms;
}
