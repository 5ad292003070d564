//! Removing what transcripts tell, so that they are read anew.
//!
//! What can be read again goes: messages of files, the token ledger, raw bytes and broken lines, summaries, compactions,
//! todos and the tasks that agents keep for themselves, with the cursors of the files. It goes for sessions whose source
//! files all exist. A session that has lost a file stays as it is, and so does one without any: nothing but this store
//! tells of them.
//!
//! What no transcript tells stays in any case: messages given by callers, tasks, hooks, changes of files with their
//! hashes, validations, frustration, generated summaries. The session that it belongs to stays with it.

use crate::{
    activity,
    error::Attempt,
    open::Database,
    transaction::{Read, Write},
};
use han_base::Result;
use rusqlite::Connection;
use std::{collections::BTreeMap, fs, path::Path};

/// What a session's transcripts tell about it, beside what they tell line by line.
const SESSION_TABLES: [&str; 4] = ["session_summaries", "session_compacts", "session_todos", "native_tasks"];

/// What is kept for each source file, beside its messages.
const FILE_TABLES: [&str; 4] = ["raw_blocks", "broken_lines", "file_changes", "pull_requests"];

impl Database {
    /// Removes what can be read again from transcripts that exist, in one transaction; returns how many rows that were.
    /// Sessions with a source file that is gone stay, and so does whatever no transcript tells.
    pub fn truncate_derived(&self) -> Result<u64> {
        // Looking at files may take a while, so it comes before the transaction. A session that appears meanwhile stays.
        let sessions = self.read(rebuildable_sessions)?;
        self.write(|write| {
            let delete_unreferenced = delete_unreferenced_session(write.connection)?;
            let mut deleted = 0;
            for session_row in sessions {
                deleted += truncate_session(write, session_row, &delete_unreferenced)?;
            }
            Ok(deleted)
        })
    }
}

/// Sessions that have source files, all of which exist and are as long as what was read of them.
fn rebuildable_sessions(read: &Read<'_>) -> Result<Vec<i64>> {
    let attempt = || "list source files".to_owned();
    let mut statement = read
        .connection
        .prepare_cached("SELECT session_row_id, file_path, byte_offset FROM session_files")
        .attempt(attempt)?;
    let mut files = statement.query([]).attempt(attempt)?;
    let mut sessions: BTreeMap<i64, bool> = BTreeMap::new();
    while let Some(file) = files.next().attempt(attempt)? {
        let session_row = file.get(0).attempt(attempt)?;
        let (file_path, byte_offset): (String, i64) =
            file.get(1).and_then(|path| Ok((path, file.get(2)?))).attempt(attempt)?;
        let exists = fs::metadata(Path::new(&file_path))
            .is_ok_and(|metadata| metadata.is_file() && metadata.len() >= byte_offset as u64);
        *sessions.entry(session_row).or_insert(true) &= exists;
    }
    Ok(sessions.into_iter().filter(|session| session.1).map(|session| session.0).collect())
}

/// Removes a session, or, where something refers to it, what its transcripts tell; returns how many rows that were.
fn truncate_session(write: &Write<'_>, session_row: i64, delete_unreferenced: &str) -> Result<u64> {
    let delete = |sql: &str, row: i64| -> Result<u64> {
        let deleted = write.connection.prepare_cached(sql).and_then(|mut statement| statement.execute([row]));
        Ok(deleted.attempt(|| format!("remove what transcripts tell of session row {session_row}"))? as u64)
    };
    let mut deleted = write.compactions().delete_of_session(session_row)?;
    for file in write.session_files().of_session_row(session_row)? {
        deleted += write.messages().delete_of_file(file.row_id)?;
        deleted += write.tool_calls().delete_of_file(file.row_id)?;
        // Files of sessions that stay book the replies that they tell too, so that nothing is counted less than told.
        let (replies, others) = write.replies().delete_of_file(&file)?;
        deleted += replies;
        others.into_iter().try_for_each(|other| activity::rebuild(write.connection, other))?;
        for table in FILE_TABLES {
            deleted += delete(&format!("DELETE FROM {table} WHERE session_file_row_id = ?1"), file.row_id)?;
        }
    }
    for table in SESSION_TABLES.into_iter().chain(["session_files"]) {
        deleted += delete(&format!("DELETE FROM {table} WHERE session_row_id = ?1"), session_row)?;
    }
    activity::clear(write.connection, session_row)?;
    let session = delete(delete_unreferenced, session_row)?;
    if session == 0 {
        delete(
            "UPDATE sessions SET title = NULL, title_rank = 0, title_at_ms = 0, first_prompt = NULL WHERE row_id = ?1",
            session_row,
        )?;
        write.sessions().recount(session_row)?;
    }
    Ok(deleted + session)
}

/// A statement that removes session `?1` unless a row of any table refers to it. The schema knows which could, so that no
/// table is forgotten.
fn delete_unreferenced_session(connection: &Connection) -> Result<String> {
    let references: Vec<(String, String)> = connection
        .prepare(
            "SELECT tables.name, keys.\"from\" FROM sqlite_schema AS tables, pragma_foreign_key_list(tables.name) AS keys
             WHERE tables.type = 'table' AND keys.\"table\" = 'sessions'",
        )
        .and_then(|mut statement| {
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        })
        .attempt(|| "list the tables that refer to sessions".into())?;
    let conditions: Vec<String> = references
        .iter()
        .map(|(table, column)| format!("NOT EXISTS (SELECT 1 FROM \"{table}\" WHERE \"{column}\" = ?1)"))
        .collect();
    Ok(format!("DELETE FROM sessions WHERE row_id = ?1 AND {}", conditions.join(" AND ")))
}
