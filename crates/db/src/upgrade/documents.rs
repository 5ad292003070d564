//! Documents for full-text search: the old program kept each store of them in an FTS5 table of its own,
//! `<store>_fts (doc_id, content, metadata)`.

use super::{copy::UNKNOWN, quoted, values};
use crate::{FtsDocument, error::Attempt, transaction::Write};
use han_base::{Code, Result};
use rusqlite::Connection;

/// Documents that are stored at once.
const BATCH: usize = 500;

/// Moves all documents into stores of the same names. Of several with one id the one that came last stays: indexing a
/// document again was to replace it.
pub(super) fn move_documents(connection: &Connection) -> Result<()> {
    let attempt = || "list the stores of documents".to_owned();
    let tables: Vec<String> = connection
        .prepare(
            "SELECT name FROM pragma_table_list AS tables WHERE schema = 'main' AND type = 'virtual'
               AND name LIKE '%\\_fts' ESCAPE '\\'
               AND (SELECT group_concat(name) FROM pragma_table_info(tables.name)) = 'doc_id,content,metadata'",
        )
        .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
        .attempt(attempt)?;
    for table in tables {
        match move_store(connection, &table) {
            // No name of a store: the table stays as it is.
            Err(error) if error.code() == Code::InvalidArgument => {}
            moved => moved?,
        }
    }
    Ok(())
}

fn move_store(connection: &Connection, table: &str) -> Result<()> {
    let attempt = || format!("take over the documents of {table}");
    let documents = Write::new(connection).documents();
    let store = &table[..table.len() - "_fts".len()];
    let mut select = connection
        .prepare(&format!("SELECT doc_id, content, metadata FROM {} ORDER BY rowid", quoted(table)))
        .attempt(attempt)?;
    let mut rows = select.query([]).attempt(attempt)?;
    let mut batch = Vec::with_capacity(BATCH);
    while let Some(row) = rows.next().attempt(attempt)? {
        let text = |column| row.get_ref(column).map(values::text).attempt(attempt);
        batch.push(FtsDocument {
            id: text(0)?.unwrap_or_else(|| UNKNOWN.into()),
            content: text(1)?.unwrap_or_default(),
            metadata: text(2)?,
        });
        if batch.len() == BATCH {
            documents.index(store, &batch)?;
            batch.clear();
        }
    }
    documents.index(store, &batch)?;
    drop(rows);
    drop(select);
    connection.execute_batch(&format!("DROP TABLE {}", quoted(table))).attempt(attempt)
}
