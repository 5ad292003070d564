//! The stores of documents and vectors (table `document_stores`): which there are, what they hold, and their end. A
//! store is made by the first document or vector that is put into it.

use super::index::Index;
use crate::{
    error::Attempt,
    transaction::{DocumentStores, ReadWrite},
};
use han_base::{Code, Error, Result, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

/// The most bytes of the name of a store, and of a model.
const MAX_NAME_BYTES: usize = 512;

/// A store of documents and vectors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct DocumentStore {
    /// Its name.
    pub name: String,
    /// Documents in it.
    pub documents: i64,
    /// Vectors in it.
    pub vectors: i64,
    /// How many numbers each of its vectors has; absent while there are none.
    pub dimension: Option<i64>,
    /// The model that made its vectors; absent where no caller named one.
    pub model_id: Option<String>,
}

/// A store as other modules need it.
pub(crate) struct Store {
    pub(crate) row: i64,
    pub(crate) name: String,
    pub(crate) dimension: Option<i64>,
    pub(crate) model_id: Option<String>,
}

const SELECT: &str = "SELECT row_id, name, dimension, model_id FROM document_stores";

impl Store {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { row: row.get(0)?, name: row.get(1)?, dimension: row.get(2)?, model_id: row.get(3)? })
    }
}

/// Fails unless a name is 1 to 512 bytes long. Everything else about it is the caller's.
pub(crate) fn check_name(argument: &str, name: &str) -> Result<()> {
    let why = match name.len() {
        0 => "it is empty".to_owned(),
        length if length > MAX_NAME_BYTES => {
            format!("it has {length} bytes, of {MAX_NAME_BYTES} at most")
        }
        _ => return Ok(()),
    };
    let shown: String = name.chars().take(40).collect();
    Err(Error::new(Code::InvalidArgument, format!("take {argument} = {shown:?}: {why}")))
}

impl<A> DocumentStores<'_, A> {
    /// Every store, by name.
    pub fn list(&self) -> Result<Vec<DocumentStore>> {
        self.connection
            .prepare_cached(
                "SELECT name, document_count, vector_count, dimension, model_id FROM document_stores ORDER BY name",
            )
            .and_then(|mut statement| {
                statement
                    .query_map([], |row| {
                        Ok(DocumentStore {
                            name: row.get(0)?,
                            documents: row.get(1)?,
                            vectors: row.get(2)?,
                            dimension: row.get(3)?,
                            model_id: row.get(4)?,
                        })
                    })?
                    .collect()
            })
            .attempt(|| "list the stores of documents".into())
    }

    /// The store of a name, which must exist. `attempt` says what it is needed for.
    ///
    /// Codes: `TABLE_NOT_FOUND`; `INVALID_ARGUMENT` when no store can have this name.
    pub(crate) fn required(&self, name: &str, attempt: impl FnOnce() -> String) -> Result<Store> {
        self.find(name)?.ok_or_else(|| {
            Error::new(Code::TableNotFound, attempt()).because(format!("no such table: {name}"))
        })
    }

    /// The rows of all stores, in their order.
    pub(crate) fn rows(&self) -> Result<Vec<Store>> {
        self.connection
            .prepare_cached(&format!("{SELECT} ORDER BY row_id"))
            .and_then(|mut statement| statement.query_map([], Store::from_row)?.collect())
            .attempt(|| "list the stores of documents".into())
    }

    /// What the counters of a store tell wrongly.
    pub(crate) fn miscounted(&self, store: &Store) -> Result<Option<String>> {
        let agrees: bool = self
            .connection
            .prepare_cached(
                "SELECT document_count = (SELECT count(*) FROM documents WHERE store_row_id = ?1)
                   AND vector_count = (SELECT count(*) FROM vectors WHERE store_row_id = ?1)
                 FROM document_stores WHERE row_id = ?1",
            )
            .and_then(|mut statement| statement.query_row([store.row], |row| row.get(0)))
            .attempt(|| format!("count what store {:?} holds", store.name))?;
        Ok((!agrees).then(|| format!("the counters of store {:?} differ from its rows", store.name)))
    }

    fn find(&self, name: &str) -> Result<Option<Store>> {
        check_name("tableName", name)?;
        self.connection
            .prepare_cached(&format!("{SELECT} WHERE name = ?1"))
            .and_then(|mut statement| statement.query_row([name], Store::from_row).optional())
            .attempt(|| format!("find store {name:?}"))
    }
}

impl DocumentStores<'_, ReadWrite> {
    /// Removes a store with all its documents and vectors; returns how many those were, 0 for an unknown store.
    ///
    /// Code: `INVALID_ARGUMENT` when no store can have this name.
    pub fn drop(&self, name: &str) -> Result<u64> {
        let Some(store) = self.find(name)? else { return Ok(0) };
        let attempt = || format!("drop store {name:?}");
        let remove = |table: &str, column: &str| {
            self.connection
                .execute(&format!("DELETE FROM {table} WHERE {column} = ?1"), [store.row])
                .attempt(attempt)
        };
        Index(store.row).drop(self.connection).attempt(attempt)?;
        let removed = remove("documents", "store_row_id")? + remove("vectors", "store_row_id")?;
        remove("document_stores", "row_id")?;
        Ok(removed as u64)
    }

    /// The store of a name, made when it is missing.
    pub(crate) fn ensure(&self, name: &str) -> Result<Store> {
        if let Some(store) = self.find(name)? {
            return Ok(store);
        }
        let attempt = || format!("make store {name:?}");
        self.connection
            .prepare_cached("INSERT INTO document_stores (name, created_at_ms) VALUES (?1, ?2)")
            .and_then(|mut statement| statement.execute(params![name, Timestamp::now().as_millis()]))
            .attempt(attempt)?;
        let row = self.connection.last_insert_rowid();
        Index(row).create(self.connection).attempt(attempt)?;
        Ok(Store { row, name: name.to_owned(), dimension: None, model_id: None })
    }

    /// Counts what a store holds.
    pub(crate) fn recount(&self, store_row: i64) -> rusqlite::Result<()> {
        self.connection.execute(
            "UPDATE document_stores SET
               document_count = (SELECT count(*) FROM documents WHERE store_row_id = ?1),
               vector_count = (SELECT count(*) FROM vectors WHERE store_row_id = ?1)
             WHERE row_id = ?1",
            [store_row],
        )?;
        Ok(())
    }
}
