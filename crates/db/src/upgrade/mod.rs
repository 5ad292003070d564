//! Taking over a database of the program that came before this one: its tables become ours, row by row, in one
//! transaction. So whatever ends the process leaves either the old file or the new one, others wait as for any writer,
//! and rows that wait in the old file's write-ahead log are taken like all others.
//!
//! No row is lost for what is odd about it:
//! - Every column may be missing, and holds its default then; a value of another type is turned into the one that is
//!   asked for, see [`values`].
//! - A row whose session is unknown gets one. A queue or run of an unknown orchestration gets one, which is cancelled.
//!   Other references to what is not there become empty.
//! - Two rows that would be one for us are kept apart: the second gets a new id, or a name with a number behind it.
//!
//! Messages are bound to the files they were read from, of which nothing is indexed. When a file still exists, the next
//! index run puts what it holds now in place of them, with raw lines, tool calls and the token ledger; when it is gone,
//! they stay.

mod copy;
mod documents;
mod tables;
mod values;

use crate::{error::Attempt, metadata, search, transaction::Write};
use copy::{Copier, columns_of};
use han_base::{Error, Result, Timestamp};
use rusqlite::{Connection, OptionalExtension};
use std::{fs, io::ErrorKind, path::Path};

/// What stands before the names of the old tables while rows move out of them.
const OLD: &str = "upgraded_";

/// Metadata: which version of the old program's schema a file was taken over from.
const UPGRADED_FROM: &str = "upgraded_from";

/// Whether a file without our mark is one of the program that came before: it has that one's tables `han_metadata` and
/// `sessions`, by their columns.
pub(crate) fn is_upgradable(connection: &Connection) -> rusqlite::Result<bool> {
    let has = |table, columns: &[&str]| -> rusqlite::Result<bool> {
        let found = columns_of(connection, table)?;
        Ok(columns.iter().all(|name| found.iter().any(|column| column == name)))
    };
    Ok(has("han_metadata", &["key", "value"])? && has("sessions", &["id", "status", "transcript_path"])?)
}

/// Takes the rights of others than the owner off a file and its logs: that program left them to the process. Where the
/// file belongs to somebody else, they stay.
pub(crate) fn make_private(path: &Path) -> Result<()> {
    #[cfg(unix)]
    for suffix in ["", "-wal", "-shm"] {
        use std::os::unix::fs::PermissionsExt;
        let mut file = path.as_os_str().to_owned();
        file.push(suffix);
        match fs::set_permissions(&file, fs::Permissions::from_mode(0o600)) {
            Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) => {
                return Err(Error::io("make private", Path::new(&file), error));
            }
            _ => {}
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Moves all rows into tables that `make_schema` makes. Runs inside a transaction, with foreign keys switched off.
pub(crate) fn upgrade(connection: &Connection, make_schema: impl FnOnce() -> Result<()>) -> Result<()> {
    let attempt = || "take over the tables of an older program".to_owned();
    set_aside(connection).attempt(attempt)?;
    make_schema()?;
    let mut copier = Copier::new(connection, OLD);
    for table in tables::TABLES {
        copier.copy(table).attempt(|| format!("take over the rows of table {}", table.from))?;
    }
    move_hook_attempts(connection).attempt(attempt)?;
    bind_messages_to_files(connection).attempt(attempt)?;
    documents::move_documents(connection)?;
    move_metadata(connection)?;
    drop_old(connection).attempt(attempt)?;
    count_sessions(connection)?;
    search::renewal::fill(connection)?;
    metadata::set(connection, metadata::NEEDS_REINDEX, "true")
}

/// The names of all tables that are taken over.
fn old_names() -> impl Iterator<Item = &'static str> {
    tables::TABLES.iter().map(|table| table.from).chain(["han_metadata"])
}

/// Makes room for our tables: theirs get other names, and what was derived from them goes. Tables that are not known
/// stay as they are.
fn set_aside(connection: &Connection) -> rusqlite::Result<()> {
    // Renaming would otherwise rewrite, and stumble over, whatever else the schema holds.
    connection.execute_batch("PRAGMA legacy_alter_table = ON")?;
    let names: Vec<String> = old_names().map(|name| format!("'{name}'")).collect();
    let derived: Vec<(String, String)> = connection
        .prepare(&format!(
            "SELECT type, name FROM sqlite_schema
             WHERE type IN ('trigger', 'view')
               OR type = 'index' AND sql IS NOT NULL AND lower(tbl_name) IN ({})
             ORDER BY type = 'view'",
            names.join(", ")
        ))?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (kind, name) in derived {
        connection.execute_batch(&format!("DROP {kind} {}", quoted(&name)))?;
    }
    for index in ["messages_fts", "generated_session_summaries_fts"] {
        connection.execute_batch(&format!("DROP TABLE IF EXISTS {index}"))?;
    }
    for name in old_names() {
        if !columns_of(connection, name)?.is_empty() {
            connection.execute_batch(&format!("ALTER TABLE {name} RENAME TO {OLD}{name}"))?;
        }
    }
    connection.execute_batch("PRAGMA legacy_alter_table = OFF")
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn drop_old(connection: &Connection) -> rusqlite::Result<()> {
    for name in old_names() {
        connection.execute_batch(&format!("DROP TABLE IF EXISTS {OLD}{name}"))?;
    }
    Ok(())
}

/// The failures of a hook stood in its runs, where the latest told; they are kept for the hook now.
fn move_hook_attempts(connection: &Connection) -> rusqlite::Result<()> {
    let columns = columns_of(connection, &format!("{OLD}hook_executions"))?;
    let counter = |name: &str, default: u32| {
        let known = columns.iter().any(|column| column == name);
        if known { format!("coalesce(CAST(old.{name} AS INTEGER), {default})") } else { default.to_string() }
    };
    if columns.is_empty() {
        return Ok(());
    }
    // Beside max(), SQLite takes the other columns from the row that holds it.
    connection.execute_batch(&format!(
        "INSERT INTO hook_attempts (session_row_id, plugin, hook_name, directory, consecutive_failures, max_attempts,
           updated_at_ms)
         SELECT runs.session_row_id, runs.hook_source, runs.hook_name, runs.directory, {}, {}, max(runs.executed_at_ms)
         FROM hook_executions AS runs LEFT JOIN {OLD}hook_executions AS old ON old.id = runs.id
         WHERE runs.session_row_id IS NOT NULL AND runs.hook_source IS NOT NULL AND runs.directory IS NOT NULL
         GROUP BY 1, 2, 3, 4",
        counter("consecutive_failures", 0),
        counter("max_attempts", 3),
    ))
}

/// Binds messages to the source file they were read from, by its session and base name. The cursors of files are at their
/// beginning, so that a run that finds a file reads it anew.
fn bind_messages_to_files(connection: &Connection) -> rusqlite::Result<()> {
    if columns_of(connection, &format!("{OLD}sessions"))?.iter().any(|column| column == "last_indexed_line") {
        connection.execute_batch(&format!(
            "UPDATE session_files SET line_count = last_line + 1
             FROM (SELECT sessions.row_id AS session, CAST(last_indexed_line AS INTEGER) AS last_line
                   FROM {OLD}sessions AS old JOIN sessions ON sessions.id = old.id) AS known
             WHERE session_row_id = session AND file_type = 'main' AND last_line BETWEEN 1 AND 1000000000000"
        ))?;
    }
    connection.execute_batch(
        "UPDATE messages SET session_file_row_id = files.row_id
         FROM session_files AS files
         WHERE messages.session_row_id = files.session_row_id AND source_file_name IS NOT NULL
           AND files.file_path IN (source_file_name,
             rtrim(files.file_path, replace(replace(files.file_path, '/', ''), '\\', '')) || source_file_name)",
    )
}

/// Keeps what the old program noted, but for what is noted anew.
fn move_metadata(connection: &Connection) -> Result<()> {
    let attempt = || "take over the notes of an older program".to_owned();
    let notes: Vec<(String, String)> = connection
        .prepare(&format!(
            "SELECT CAST(key AS TEXT), CAST(coalesce(value, '') AS TEXT) FROM {OLD}han_metadata
             WHERE key IS NOT NULL"
        ))
        .and_then(|mut statement| {
            let text = |row: &rusqlite::Row<'_>, column| -> rusqlite::Result<String> {
                Ok(values::text(row.get_ref(column)?).unwrap_or_default())
            };
            statement.query_map([], |row| Ok((text(row, 0)?, text(row, 1)?)))?.collect()
        })
        .attempt(attempt)?;
    let mut data_version = "unknown".to_owned();
    for (key, value) in notes {
        match key.as_str() {
            "data_version" => data_version = value,
            "needs_reindex" => {}
            _ => metadata::set(connection, &format!("{UPGRADED_FROM}.{key}"), &value)?,
        }
    }
    metadata::set(connection, UPGRADED_FROM, &format!("han_metadata {data_version}"))
}

fn count_sessions(connection: &Connection) -> Result<()> {
    let sessions = Write::new(connection).sessions();
    let mut last = i64::MIN;
    loop {
        let next: Option<i64> = connection
            .prepare_cached("SELECT row_id FROM sessions WHERE row_id > ?1 ORDER BY row_id LIMIT 1")
            .and_then(|mut statement| statement.query_row([last], |row| row.get(0)).optional())
            .attempt(|| "list sessions".into())?;
        let Some(row) = next else { return Ok(()) };
        sessions.recount(row)?;
        last = row;
    }
}

/// The time of a row that tells none.
fn now() -> i64 {
    Timestamp::now().as_millis()
}
