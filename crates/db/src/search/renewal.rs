//! Making the search indexes anew: after their rows came in another way, or when the rules of the tokenizer have changed
//! since they were made.
//!
//! An index holds words as the rules of its time had them, so that one of other rules finds less, and cannot be kept in
//! step. It is emptied, its rows wait, and index runs and repairs bring them in, in short transactions; until then, what
//! is in already is found. Opening a database does nothing of this: it may take long.

use crate::{error::Attempt, maintenance::search_indexes, metadata, tokenizer};
use han_base::{Result, id};
use rusqlite::Connection;

/// Whether the indexes were made by the rules of this version.
pub(crate) fn is_current(connection: &Connection) -> Result<bool> {
    let version = metadata::get(connection, metadata::TOKENIZER_VERSION)?;
    Ok(version.is_some_and(|version| version == tokenizer::VERSION.to_string()))
}

/// Makes indexes of other rules anew, as far as one short transaction can: the messages wait from then on.
pub(crate) fn renew(connection: &Connection) -> Result<()> {
    if is_current(connection)? {
        return Ok(());
    }
    for index in search_indexes(connection)? {
        empty(connection, &index.name)?;
        if !index.is_of_messages() {
            fill_index(connection, &index.name)?;
        }
    }
    connection
        .execute_batch("DELETE FROM unindexed_rows")
        .and_then(|()| {
            connection.execute(
                "INSERT INTO unindexed_rows (first_row_id, last_row_id, owner)
                 SELECT min(row_id), max(row_id), ?1 FROM messages HAVING count(*) > 0",
                [id::random()],
            )
        })
        .attempt(|| "make the search index of messages anew".into())?;
    note_rules(connection)
}

/// Brings all rows into indexes that are empty.
pub(crate) fn fill(connection: &Connection) -> Result<()> {
    search_indexes(connection)?.iter().try_for_each(|index| {
        empty(connection, &index.name)?;
        fill_index(connection, &index.name)
    })?;
    note_rules(connection)
}

/// Notes that the indexes are made by the rules of this version.
pub(crate) fn note_rules(connection: &Connection) -> Result<()> {
    metadata::set(connection, metadata::TOKENIZER_VERSION, &tokenizer::VERSION.to_string())
}

fn empty(connection: &Connection, name: &str) -> Result<()> {
    connection
        .execute_batch(&format!("INSERT INTO {name} ({name}) VALUES ('delete-all')"))
        .attempt(|| format!("empty search index {name}"))
}

/// From the table or view that the index is made of: FTS5's own `rebuild` cannot read a view that takes lists apart.
fn fill_index(connection: &Connection, name: &str) -> Result<()> {
    let attempt = || format!("make search index {name}");
    let sql: String = connection
        .query_row("SELECT sql FROM sqlite_schema WHERE name = ?1", [name], |row| row.get(0))
        .attempt(attempt)?;
    let option = |key: &str| -> Option<&str> {
        let (_, behind) = sql.split_once(&format!("{key} = '"))?;
        behind.split('\'').next()
    };
    let Some((source, row_id)) = option("content").zip(option("content_rowid")) else { return Ok(()) };
    let columns: String = connection
        .query_row("SELECT group_concat(name, ', ') FROM pragma_table_info(?1)", [name], |row| row.get(0))
        .attempt(attempt)?;
    connection
        .execute_batch(&format!(
            "INSERT INTO {name} (rowid, {columns}) SELECT {row_id}, {columns} FROM {source} ORDER BY {row_id}"
        ))
        .attempt(attempt)
}
