//! Files that lie at another path than they were indexed at: their row goes with them, so that nothing is stored twice.

use crate::{
    discover::SourceFile,
    layout::Layout,
    plan::{Decision, decide},
    source_reads::SourceReads,
};
use han_base::Result;
use han_db::{Database, SessionFile};
use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

/// The known files that are not where they were.
pub(crate) struct Gone(Vec<SessionFile>);

impl Gone {
    /// `known` are the files below the folders of a run, `found` what lies there now.
    pub(crate) fn new(known: &HashMap<String, SessionFile>, found: &[SourceFile]) -> Self {
        let found: HashSet<_> = found.iter().map(SourceFile::path_text).collect();
        let is_gone = |file: &&SessionFile| {
            file.byte_offset > 0 && !found.contains(&file.file_path) && !Path::new(&file.file_path).exists()
        };
        Self(known.values().filter(is_gone).cloned().collect())
    }

    /// The row of a file that is new at its path, when it is a known one that was moved there: of the same session, and
    /// with the bytes that were indexed. Its path is the new one then; the second value is the old one.
    pub(crate) fn claim(
        &mut self,
        database: &Database,
        file: &SourceFile,
        reads: &SourceReads,
    ) -> Result<Option<(SessionFile, String)>> {
        let mut candidates = self.0.clone();
        if let Some(session_id) = &file.layout.session_id {
            // A file may have come from outside the folders of this run.
            let of_session = database.read(|read| read.session_files().of_session(session_id))?;
            let elsewhere = |known: &SessionFile| {
                known.byte_offset > 0
                    && !self.0.iter().any(|gone| gone.row_id == known.row_id)
                    && !Path::new(&known.file_path).exists()
            };
            candidates.extend(of_session.into_iter().filter(elsewhere));
        }
        for known in candidates.into_iter().filter(|known| may_be(file, known)) {
            let is_it = match decide(database, file.clone(), Some(known.clone()), reads)? {
                Decision::Unchanged | Decision::Touched(_) => true,
                Decision::Read(task) => !task.rewritten,
            };
            if is_it {
                let path = file.path_text();
                database.write(|write| write.session_files().move_to(&known, &path))?;
                self.0.retain(|gone| gone.row_id != known.row_id);
                let old = known.file_path.clone();
                return Ok(Some((SessionFile { file_path: path, is_missing: false, ..known }, old)));
            }
        }
        Ok(None)
    }
}

/// Whether a look from outside allows that a file is a known one.
fn may_be(file: &SourceFile, known: &SessionFile) -> bool {
    let layout = Layout::of(Path::new(&known.file_path));
    file.stamp.size >= known.byte_offset
        && layout.file_type == file.file_type
        && file.layout.session_id.as_ref().is_none_or(|session_id| *session_id == known.session_id)
        && file.layout.agent_id == layout.agent_id
}
