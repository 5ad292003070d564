//! Documents that callers keep in stores of their own (table `documents`), with full-text search over their content.
//! Which stores there are: [`stores`]. The search index of a store: [`index`].

mod index;
pub(crate) mod stores;

use crate::{
    error::Attempt,
    search::query,
    transaction::{Documents, Read, ReadWrite, Write},
};
use han_base::Result;
use index::Index;
use rusqlite::{OptionalExtension, params};
use std::collections::HashSet;

/// A document for full-text search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_to_js = false))]
pub struct FtsDocument {
    /// Any text; unique in its store.
    pub id: String,
    /// What is searched.
    pub content: String,
    /// Any text, for instance JSON: given back as it is, not searched.
    pub metadata: Option<String>,
}

/// A document that a search found.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct FtsSearchResult {
    /// Id of the document.
    pub id: String,
    /// Its content.
    pub content: String,
    /// Its metadata; absent where it has none.
    pub metadata: Option<String>,
    /// Relevance by BM25 among the documents of the store: 0 or more, larger is better.
    pub score: f64,
}

impl<A> Documents<'_, A> {
    /// The documents of a store whose content a query finds, best first, at most `limit`. The language is that of
    /// [`query`], without its fields. A query without a word finds nothing.
    ///
    /// Code: `TABLE_NOT_FOUND` when there is no such store.
    pub fn search(&self, store: &str, query: &str, limit: u32) -> Result<Vec<FtsSearchResult>> {
        let attempt = || format!("search documents of store {store:?}");
        let row = Read::new(self.connection).document_stores().required(store, attempt)?.row;
        let Some(expression) = query::compile_without_fields(query).expression else { return Ok(Vec::new()) };
        // Ranked by themselves first: sorting what is found would carry every content along.
        let sql = format!(
            "SELECT id, content, metadata, -found_rank FROM
               (SELECT rowid AS found_row, rank AS found_rank FROM {index} WHERE {index} MATCH ?1
                ORDER BY rank, rowid LIMIT ?2)
             CROSS JOIN documents ON row_id = found_row ORDER BY found_rank, found_row",
            index = Index(row)
        );
        self.connection
            .prepare_cached(&sql)
            .and_then(|mut statement| {
                statement
                    .query_map(params![expression, limit], |row| {
                        Ok(FtsSearchResult {
                            id: row.get(0)?,
                            content: row.get(1)?,
                            metadata: row.get(2)?,
                            score: row.get(3)?,
                        })
                    })?
                    .collect()
            })
            .attempt(|| format!("search documents of store {store:?} for {expression}"))
    }
}

impl Documents<'_, ReadWrite> {
    /// Stores documents, each in place of one with its id; makes the store when it is missing. Of several with one id
    /// the last one counts. Returns how many were stored. No documents make no store.
    ///
    /// Code: `INVALID_ARGUMENT` when the name is empty or too long.
    pub fn index(&self, store: &str, documents: &[FtsDocument]) -> Result<u64> {
        stores::check_name("tableName", store)?;
        let documents = last_of_each(documents, |document| &document.id);
        if documents.is_empty() {
            return Ok(0);
        }
        let row = Write::new(self.connection).document_stores().ensure(store)?.row;
        let attempt = || format!("index documents of store {store:?}");
        let (mut known, mut new) = (Vec::new(), Vec::new());
        for document in &documents {
            match self.known(row, document).attempt(attempt)? {
                Some(found) => known.push((found, *document)),
                None => new.push(*document),
            }
        }
        // In the order of rows: FTS5 collects words in memory only while rows ascend.
        known.sort_unstable_by_key(|(found, _)| found.row);
        let index = Index(row);
        for (found, document) in known {
            self.replace(index, &found, document).attempt(attempt)?;
        }
        for document in &new {
            self.insert(index, document).attempt(attempt)?;
        }
        self.count(row, new.len() as i64).attempt(attempt)?;
        Ok(documents.len() as u64)
    }

    /// Removes documents by their ids, unknown ones aside; returns how many were removed.
    ///
    /// Code: `TABLE_NOT_FOUND` when there is no such store, unless `ids` is empty.
    pub fn delete(&self, store: &str, ids: &[String]) -> Result<u64> {
        stores::check_name("tableName", store)?;
        if ids.is_empty() {
            return Ok(0);
        }
        let attempt = || format!("delete documents of store {store:?}");
        let store_row = Read::new(self.connection).document_stores().required(store, attempt)?.row;
        let mut rows = self.rows_of(store_row, ids).attempt(attempt)?;
        rows.sort_unstable();
        rows.dedup();
        for &row in &rows {
            self.remove(Index(store_row), row).attempt(attempt)?;
        }
        self.count(store_row, -(rows.len() as i64)).attempt(attempt)?;
        Ok(rows.len() as u64)
    }

    /// Compares the search index of every store with its documents, and the counters of the stores with what they
    /// hold. Returns what is wrong, one sentence each.
    pub fn check_index(&self) -> Result<Vec<String>> {
        let mut problems = Vec::new();
        for store in Read::new(self.connection).document_stores().rows()? {
            problems.extend(Index(store.row).check(self.connection).map(|error| {
                format!("the search index of store {:?} differs from its documents: {error}", store.name)
            }));
            problems.extend(Read::new(self.connection).document_stores().miscounted(&store)?);
        }
        Ok(problems)
    }

    /// Makes the search index of every store anew from its documents, and counts what the stores hold.
    pub fn rebuild_index(&self) -> Result<()> {
        let stores = Write::new(self.connection).document_stores();
        for store in stores.rows()? {
            let attempt = || format!("rebuild the search index of store {:?}", store.name);
            Index(store.row).rebuild(self.connection).attempt(attempt)?;
            stores.recount(store.row).attempt(attempt)?;
        }
        Ok(())
    }

    /// The row of the document with the same id in the same store.
    fn known(&self, store_row: i64, document: &FtsDocument) -> rusqlite::Result<Option<Known>> {
        self.connection
            .prepare_cached("SELECT row_id, content = ?3 FROM documents WHERE store_row_id = ?1 AND id = ?2")?
            .query_row(params![store_row, document.id, document.content], |row| {
                Ok(Known { row: row.get(0)?, has_same_content: row.get(1)? })
            })
            .optional()
    }

    fn rows_of(&self, store_row: i64, ids: &[String]) -> rusqlite::Result<Vec<i64>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT row_id FROM documents WHERE store_row_id = ?1 AND id = ?2")?;
        let mut rows = Vec::new();
        for id in ids {
            rows.extend(statement.query_row(params![store_row, id], |row| row.get::<_, i64>(0)).optional()?);
        }
        Ok(rows)
    }

    fn insert(&self, index: Index, document: &FtsDocument) -> rusqlite::Result<()> {
        let FtsDocument { id, content, metadata } = document;
        self.connection
            .prepare_cached(
                "INSERT INTO documents (store_row_id, id, content, metadata) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![index.0, id, content, metadata])?;
        index.add(self.connection, self.connection.last_insert_rowid())
    }

    fn replace(&self, index: Index, known: &Known, document: &FtsDocument) -> rusqlite::Result<()> {
        if !known.has_same_content {
            index.remove(self.connection, known.row)?;
        }
        self.connection
            .prepare_cached("UPDATE documents SET content = ?2, metadata = ?3 WHERE row_id = ?1")?
            .execute(params![known.row, document.content, document.metadata])?;
        if known.has_same_content { Ok(()) } else { index.add(self.connection, known.row) }
    }

    fn remove(&self, index: Index, row: i64) -> rusqlite::Result<()> {
        index.remove(self.connection, row)?;
        self.connection.prepare_cached("DELETE FROM documents WHERE row_id = ?1")?.execute([row])?;
        Ok(())
    }

    fn count(&self, store_row: i64, added: i64) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE document_stores SET document_count = document_count + ?2 WHERE row_id = ?1",
            )?
            .execute([store_row, added])?;
        Ok(())
    }
}

/// A document that is replaced.
struct Known {
    row: i64,
    has_same_content: bool,
}

/// The last of those that share an id, in the order of the list.
pub(crate) fn last_of_each<D>(list: &[D], id: impl Fn(&D) -> &String) -> Vec<&D> {
    let mut seen = HashSet::new();
    let mut kept: Vec<&D> = list.iter().rev().filter(|document| seen.insert(id(*document))).collect();
    kept.reverse();
    kept
}
