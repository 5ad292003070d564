//! Storing what the reading threads understood.

use crate::{
    batch::{Batch, Cursor, id_of_line},
    effects::Target,
    layout::FileType,
    plan::Task,
    report::IndexResult,
    repositories::Repositories,
};
use han_base::Result;
use han_db::{BulkText, NewSessionFile, Place, Rebooking, SessionFacts, SessionFile, Texts, Write};
use std::path::Path;

/// A file that is being stored.
pub(crate) struct Storing<'t> {
    task: &'t Task,
    /// Its row, once the session is known; none as well when another process stores the file.
    row: Option<SessionFile>,
    /// What was learnt about the session and is not stored yet.
    facts: Learnt,
    /// Whether this run has stored the session's project.
    has_project: bool,
    pub(crate) result: IndexResult,
    source_config_dir: Option<&'t str>,
}

/// What the lines of a file tell about its session.
#[derive(Default)]
struct Learnt {
    facts: SessionFacts,
    project_path: Option<String>,
    fallback_path: Option<String>,
    /// Whether there is something to store.
    is_new: bool,
}

impl Learnt {
    fn learn(&mut self, batch: &Batch) {
        let told = &batch.facts;
        if *told == SessionFacts::default() && batch.project_path.is_none() && batch.fallback_path.is_none() {
            return;
        }
        self.is_new = true;
        self.project_path = batch.project_path.clone().or(self.project_path.take());
        self.fallback_path = batch.fallback_path.clone().or(self.fallback_path.take());
        self.facts.slug = self.facts.slug.take().or_else(|| told.slug.clone());
        self.facts.first_prompt = self.facts.first_prompt.take().or_else(|| told.first_prompt.clone());
        if age_of_title(told) >= age_of_title(&self.facts) {
            self.facts.title.clone_from(&told.title);
            self.facts.title_at_ms = told.title_at_ms;
        }
    }
}

/// What a title is compared by: of two the one with the higher rank counts, of one rank the newer one.
fn age_of_title(facts: &SessionFacts) -> Option<(u8, i64)> {
    facts.title.as_ref().map(|title| (title.1, facts.title_at_ms))
}

impl<'t> Storing<'t> {
    /// `source_config_dir` overrides the folder that the path tells.
    pub(crate) fn new(task: &'t Task, source_config_dir: Option<&'t str>) -> Self {
        let source_config_dir =
            source_config_dir.or_else(|| task.file.layout.config_dir.as_deref().and_then(Path::to_str));
        let result = IndexResult { file_path: task.file.path.clone(), ..IndexResult::default() };
        Self { task, row: None, facts: Learnt::default(), has_project: false, result, source_config_dir }
    }

    /// Makes the session and the row of the file, or takes the known ones; removes what must not stay.
    pub(crate) fn begin(&mut self, write: &Write<'_>, session_id: &str) -> Result<()> {
        if self.task.is_stored() {
            session_id.clone_into(&mut self.result.session_id);
            self.row.clone_from(&self.task.known);
            return Ok(());
        }
        let (session_row, is_new) = write.sessions().ensure(session_id)?;
        session_id.clone_into(&mut self.result.session_id);
        self.result.is_new_session = is_new;
        // Another process may have stored the file since it was looked at.
        let path = self.task.file.path_text();
        let row = if let Some(known) = write.session_files().get(&path)? {
            known
        } else {
            let file = NewSessionFile {
                file_type: self.task.file.file_type.as_str(),
                file_path: path,
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
        let expected = self.task.known.as_ref().map_or(0, |known| known.byte_offset);
        if row.byte_offset != expected {
            return Ok(());
        }
        if self.task.rewritten {
            write.session_files().reset(&row)?;
        } else if self.task.known.is_some() {
            write.session_files().forget_after(row.row_id, row.byte_offset)?;
        }
        self.facts.is_new = self.task.known.is_none();
        self.row = Some(SessionFile { byte_offset: self.task.start.byte_offset, ..row });
        Ok(())
    }

    /// Stores what was learnt about the session. Belongs at the end of a transaction: statements like these make FTS5
    /// write out what it has collected, which is to happen once.
    pub(crate) fn store_facts(&mut self, write: &Write<'_>, repositories: &Repositories) -> Result<()> {
        let Some(row) = self.row.as_ref().filter(|_| self.facts.is_new) else { return Ok(()) };
        if self.task.rebooking == Rebooking::Replies {
            return Ok(());
        }
        let Learnt { mut facts, project_path, fallback_path, .. } = std::mem::take(&mut self.facts);
        facts.is_main = self.task.file.file_type == FileType::Main;
        facts.transcript_path = (facts.is_main && !self.task.is_stored()).then(|| row.file_path.clone());
        facts.source_config_dir = self.source_config_dir.map(str::to_owned);
        if let Some(slug) = &self.task.file.layout.project_slug {
            // Sessions move to other folders, which makes them no session of another project.
            let project_path = match fallback_path {
                Some(path) if project_path.is_none() && is_without_project(write, &row.session_id)? => {
                    Some(path)
                }
                _ => project_path,
            };
            // Until a line tells the path, the folder's name is all that is known.
            let path = project_path.as_deref().unwrap_or_default();
            let name = Path::new(path)
                .file_name()
                .map_or_else(|| slug.clone(), |name| name.to_string_lossy().into_owned());
            let is_first = self.task.known.is_none() && !self.has_project;
            if !path.is_empty() || (is_first && self.result.bytes_read > 0) {
                self.has_project = true;
                let project_row =
                    write.projects().row_for_folder(slug, path, &name, self.source_config_dir)?;
                repositories.store(write, project_row, path)?;
                facts.project_row = Some(project_row);
            }
        }
        write.sessions().add_facts(row.session_row, &facts)
    }

    /// Stores one batch and moves the cursor. When another process has moved it, the rest of the file is left to that.
    pub(crate) fn store(
        &mut self,
        write: &Write<'_>,
        batch: &Batch,
        bulk: Option<&mut BulkText>,
    ) -> Result<()> {
        let Some(row) = &mut self.row else { return Ok(()) };
        let byte_offset = write.session_files().byte_offset(row.row_id)?;
        let is_stored = self.task.is_stored();
        // Stored bytes may become more meanwhile, but not others.
        if byte_offset < row.byte_offset || (byte_offset > row.byte_offset && !is_stored) {
            self.row = None;
            return Ok(());
        }
        if self.task.rebooking == Rebooking::Replies {
            return write.replies().book(row.session_row, Some(row.row_id), &batch.replies);
        }
        if let Some(timestamp_ms) = batch.first_timestamp_ms {
            write.session_files().fill_times(row, timestamp_ms)?;
        }
        self.facts.learn(batch);
        for block in batch.raw_blocks.iter().filter(|_| !is_stored) {
            write.raw_blocks().insert(row.row_id, block)?;
        }
        let file_name = self.task.file.file_name();
        let id_of_place = |place: &Place| {
            id_of_line(&row.session_id, &file_name, place.byte_offset, batch.line_hash(place))
        };
        let texts = bulk.map_or(Texts::Now, |bulk| Texts::Bulk(bulk, batch.postings.as_ref()));
        self.result.messages_indexed += write.messages().insert_of_file(
            row.session_row,
            row.row_id,
            &batch.messages,
            id_of_place,
            texts,
        )?;
        write.replies().book(row.session_row, Some(row.row_id), &batch.replies)?;
        write.tool_calls().book(row.session_row, Some(row.row_id), &batch.tool_calls, &batch.tool_results)?;
        let target =
            Target { session_id: &row.session_id, session_row: row.session_row, file_row: Some(row.row_id) };
        for effect in &batch.effects {
            effect.store(write, &target)?;
        }
        if is_stored {
            return Ok(());
        }
        for line in &batch.broken_lines {
            write.broken_lines().insert(row.row_id, line)?;
        }
        self.result.bytes_read += batch.bytes;
        self.result.broken_lines += batch.broken_lines.len() as u64;
        move_cursor(row, &batch.cursor);
        write.session_files().advance(row)
    }

    /// Whether stored bytes are booked again, which is no change of their file.
    pub(crate) fn is_stored(&self) -> bool {
        self.task.is_stored()
    }

    /// Whether anything was done, or could not be done. Nothing is when a file only has a beginning of a line more, or
    /// when another process stores it.
    pub(crate) fn has_changed(&self) -> bool {
        self.result.error.is_some()
            || self.result.bytes_read > 0
            || (self.task.rewritten && self.row.is_some())
    }

    /// The file was read to its end: what it looked like when it was opened is now what is known of it.
    pub(crate) fn end(&mut self, write: &Write<'_>) -> Result<()> {
        let Some(row) = self.row.as_mut().filter(|_| !self.task.is_stored()) else { return Ok(()) };
        row.seen = self.task.file.stamp;
        write.session_files().advance(row)
    }
}

/// Whether nothing has told yet which folder a session works in.
fn is_without_project(write: &Write<'_>, session_id: &str) -> Result<bool> {
    let session = write.sessions().overview(session_id)?;
    Ok(session.and_then(|session| session.project_path).is_none_or(|path| path.is_empty()))
}

fn move_cursor(row: &mut SessionFile, cursor: &Cursor) {
    row.byte_offset = cursor.byte_offset;
    row.line_count = cursor.line_count;
    row.head_hash = cursor.head_hash();
    row.tail_hash = cursor.tail_hash();
    row.last_timestamp_ms = cursor.last_timestamp_ms;
}
