//! The search index of one store: an FTS5 table over a view of its documents.
//!
//! Why a table for each store, and not one for all: BM25 weighs a word by the documents of the whole table that hold
//! it, and finds out by reading all of its places, so that in a common table both scores and cost would depend on what
//! stands in other stores. Tables are named by the number of the store's row; a number cannot become SQL.

use rusqlite::Connection;
use std::fmt;

/// The index of the store with this row; shown, it is the name of the table.
#[derive(Clone, Copy)]
pub(super) struct Index(pub(super) i64);

impl fmt::Display for Index {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "documents_fts_{}", self.0)
    }
}

impl Index {
    /// Makes what is missing of the table and its view.
    pub(super) fn create(self, connection: &Connection) -> rusqlite::Result<()> {
        let store_row = self.0;
        connection.execute_batch(&format!(
            "CREATE VIEW IF NOT EXISTS document_texts_{store_row} AS
               SELECT row_id, content FROM documents WHERE store_row_id = {store_row};
             CREATE VIRTUAL TABLE IF NOT EXISTS {self} USING fts5 (
               content, content = 'document_texts_{store_row}', content_rowid = 'row_id', tokenize = 'han'
             );"
        ))
    }

    pub(super) fn drop(self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch(&format!(
            "DROP TABLE IF EXISTS {self}; DROP VIEW IF EXISTS document_texts_{};",
            self.0
        ))
    }

    /// Adds the words of a document that stands in its row.
    pub(super) fn add(self, connection: &Connection, row: i64) -> rusqlite::Result<()> {
        connection
            .prepare_cached(&format!(
                "INSERT INTO {self} (rowid, content) SELECT row_id, content FROM documents WHERE row_id = ?1"
            ))?
            .execute([row])?;
        Ok(())
    }

    /// Takes out the words of a document, while they still stand in its row.
    pub(super) fn remove(self, connection: &Connection, row: i64) -> rusqlite::Result<()> {
        connection
            .prepare_cached(&format!(
                "INSERT INTO {self} ({self}, rowid, content)
                 SELECT 'delete', row_id, content FROM documents WHERE row_id = ?1"
            ))?
            .execute([row])?;
        Ok(())
    }

    /// Compares the index with the documents. `None`: they agree.
    pub(super) fn check(self, connection: &Connection) -> Option<rusqlite::Error> {
        connection
            .execute(&format!("INSERT INTO {self} ({self}, rank) VALUES ('integrity-check', 1)"), [])
            .err()
    }

    /// Makes the index anew from the documents.
    pub(super) fn rebuild(self, connection: &Connection) -> rusqlite::Result<()> {
        self.create(connection)?;
        connection.execute(&format!("INSERT INTO {self} ({self}) VALUES ('rebuild')"), [])?;
        Ok(())
    }
}
