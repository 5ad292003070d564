//! Documents that callers keep in stores of their own, and the stores.

use crate::{
    argument::count,
    error::{self, guard},
    state, task,
};
use han_base::Result;
use han_db::{DocumentStore, FtsDocument, FtsSearchResult};
use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;

/// Stores documents for full-text search, each in place of one with its id; makes the store when it is missing. Of
/// several with one id the last one counts. Returns how many were stored. No documents make no store.
///
/// `tableName`: the name of the store, any text of 1 to 512 bytes.
#[napi]
pub fn fts_index(db_path: String, table_name: String, documents: Vec<FtsDocument>) -> error::Result<u32> {
    guard(|| index(&db_path, &table_name, &documents))
}

/// As `ftsIndex`, without blocking.
#[napi]
pub fn fts_index_async(
    env: &Env,
    db_path: String,
    table_name: String,
    documents: Vec<FtsDocument>,
) -> error::Result<PromiseRaw<'_, u32>> {
    task::blocking(env, move || index(&db_path, &table_name, &documents))
}

fn index(db_path: &str, table_name: &str, documents: &[FtsDocument]) -> Result<u32> {
    let stored = state::open(db_path)?.write(|write| write.documents().index(table_name, documents))?;
    Ok(stored as u32)
}

/// The documents of a store whose content a query finds, best first. `limit`: default 10. The language is that of
/// `searchTranscripts`, without its fields; a query without a word finds nothing. A store that never was is
/// `TABLE_NOT_FOUND`.
#[napi]
pub fn fts_search(
    db_path: String,
    table_name: String,
    query: String,
    limit: Option<f64>,
) -> error::Result<Vec<FtsSearchResult>> {
    guard(|| search(&db_path, &table_name, &query, limit))
}

/// As `ftsSearch`, without blocking.
#[napi]
pub fn fts_search_async(
    env: &Env,
    db_path: String,
    table_name: String,
    query: String,
    limit: Option<f64>,
) -> error::Result<PromiseRaw<'_, Vec<FtsSearchResult>>> {
    task::blocking(env, move || search(&db_path, &table_name, &query, limit))
}

fn search(db_path: &str, table_name: &str, query: &str, limit: Option<f64>) -> Result<Vec<FtsSearchResult>> {
    let limit = count("limit", limit)?.unwrap_or(10);
    state::open(db_path)?.read(|read| read.documents().search(table_name, query, limit))
}

/// Removes documents by their ids, unknown ones aside; returns how many were removed. A store that never was is
/// `TABLE_NOT_FOUND`, unless there are no ids.
#[napi]
pub fn fts_delete(db_path: String, table_name: String, ids: Vec<String>) -> error::Result<u32> {
    guard(|| delete(&db_path, &table_name, &ids))
}

/// As `ftsDelete`, without blocking.
#[napi]
pub fn fts_delete_async(
    env: &Env,
    db_path: String,
    table_name: String,
    ids: Vec<String>,
) -> error::Result<PromiseRaw<'_, u32>> {
    task::blocking(env, move || delete(&db_path, &table_name, &ids))
}

fn delete(db_path: &str, table_name: &str, ids: &[String]) -> Result<u32> {
    let removed = state::open(db_path)?.write(|write| write.documents().delete(table_name, ids))?;
    Ok(removed as u32)
}

/// Every store of documents and vectors, by name.
#[napi]
pub fn list_document_stores(db_path: String) -> error::Result<Vec<DocumentStore>> {
    guard(|| state::open(&db_path)?.read(|read| read.document_stores().list()))
}

/// Removes a store with all its documents and vectors; returns how many those were, 0 for a store that never was.
#[napi]
pub fn drop_document_store(db_path: String, name: String) -> error::Result<u32> {
    guard(|| drop_store(&db_path, &name))
}

/// As `dropDocumentStore`, without blocking.
#[napi]
pub fn drop_document_store_async(
    env: &Env,
    db_path: String,
    name: String,
) -> error::Result<PromiseRaw<'_, u32>> {
    task::blocking(env, move || drop_store(&db_path, &name))
}

fn drop_store(db_path: &str, name: &str) -> Result<u32> {
    let removed = state::open(db_path)?.write(|write| write.document_stores().drop(name))?;
    Ok(removed as u32)
}
