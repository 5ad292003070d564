//! Vectors that callers keep in stores of their own.

use crate::{
    argument::count,
    error::{self, guard},
    state, task,
};
use han_base::Result;
use han_db::{VectorDocumentInput, VectorSearchResult};
use napi::{
    Env,
    bindgen_prelude::{Either, Float32Array, PromiseRaw},
};
use napi_derive::napi;

/// A vector with what it was made of: as `VectorDocumentInput`, with its numbers in either form.
#[napi(object, object_to_js = false)]
pub struct VectorDocument {
    /// Any text; unique among the vectors of its store.
    pub id: String,
    /// What the vector was made of: given back as it is, not searched.
    pub content: String,
    /// Finite numbers, at least one, as many as every other vector of the store has. Kept as 32-bit floats. Taking a
    /// `Float32Array` over costs next to nothing; an array is read number by number on the JavaScript thread.
    #[napi(ts_type = "Float32Array | Array<number>")]
    pub vector: Numbers,
    /// Any text, for instance JSON: given back as it is.
    pub metadata: Option<String>,
}

impl From<VectorDocument> for VectorDocumentInput {
    fn from(VectorDocument { id, content, vector, metadata }: VectorDocument) -> Self {
        Self { id, content, vector: plain(vector), metadata }
    }
}

/// A vector as JavaScript has it.
type Numbers = Either<Float32Array, Vec<f64>>;

/// The numbers themselves, copied from where JavaScript may change them.
fn plain(numbers: Numbers) -> Vec<f64> {
    match numbers {
        Either::A(floats) => floats.iter().map(|&number| number.into()).collect(),
        Either::B(numbers) => numbers,
    }
}

/// Which vectors may be in a store. Everything is optional.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct VectorOptions {
    /// The model that made the vectors, 1 to 512 bytes. The store keeps it with its first vectors; from then on naming
    /// another is `VECTOR_MODEL_MISMATCH`, and so is naming one where the first vectors came without. Absent: the model
    /// is not looked at.
    pub model_id: Option<String>,
}

/// Stores vectors, each in place of one with its id; makes the store when it is missing. Of several with one id the last
/// one counts. Returns how many were stored. No vectors make no store.
///
/// The first vector sets the dimension of the store; another one is `VECTOR_DIMENSION_MISMATCH`. An empty vector, and a
/// number that is not finite, is `INVALID_ARGUMENT`. Nothing is stored then.
///
/// `tableName`: the name of the store, any text of 1 to 512 bytes. Documents of the same store are not touched.
#[napi]
pub fn vector_index(
    db_path: String,
    table_name: String,
    documents: Vec<VectorDocumentInput>,
) -> error::Result<u32> {
    guard(|| index(&db_path, &table_name, &documents, None))
}

/// As `vectorIndex`, without blocking.
#[napi]
pub fn vector_index_async(
    env: &Env,
    db_path: String,
    table_name: String,
    documents: Vec<VectorDocument>,
    options: Option<VectorOptions>,
) -> error::Result<PromiseRaw<'_, u32>> {
    let documents: Vec<VectorDocumentInput> = documents.into_iter().map(Into::into).collect();
    let model_id = options.unwrap_or_default().model_id;
    task::blocking(env, move || index(&db_path, &table_name, &documents, model_id.as_deref()))
}

fn index(
    db_path: &str,
    table_name: &str,
    documents: &[VectorDocumentInput],
    model_id: Option<&str>,
) -> Result<u32> {
    let stored =
        state::open(db_path)?.write(|write| write.vectors().index(table_name, documents, model_id))?;
    Ok(stored as u32)
}

/// The vectors of a store that are most similar in direction: best first, those of equal score by id. `limit`: default
/// 10. Compares with every vector, so that the answer is exact. A store that never was is `TABLE_NOT_FOUND`; a vector of
/// another dimension than those of the store is `VECTOR_DIMENSION_MISMATCH`.
#[napi]
pub fn vector_search(
    db_path: String,
    table_name: String,
    query_vector: Vec<f64>,
    limit: Option<f64>,
) -> error::Result<Vec<VectorSearchResult>> {
    guard(|| search(&db_path, &table_name, &query_vector, limit, None))
}

/// As `vectorSearch`, without blocking.
#[napi]
pub fn vector_search_async(
    env: &Env,
    db_path: String,
    table_name: String,
    #[napi(ts_arg_type = "Float32Array | Array<number>")] query_vector: Numbers,
    limit: Option<f64>,
    options: Option<VectorOptions>,
) -> error::Result<PromiseRaw<'_, Vec<VectorSearchResult>>> {
    let query_vector = plain(query_vector);
    let model_id = options.unwrap_or_default().model_id;
    task::blocking(env, move || search(&db_path, &table_name, &query_vector, limit, model_id.as_deref()))
}

fn search(
    db_path: &str,
    table_name: &str,
    query_vector: &[f64],
    limit: Option<f64>,
    model_id: Option<&str>,
) -> Result<Vec<VectorSearchResult>> {
    let limit = count("limit", limit)?.unwrap_or(10);
    state::open(db_path)?.read(|read| read.vectors().search(table_name, query_vector, limit, model_id))
}

/// Removes vectors by their ids, unknown ones aside; returns how many were removed. A store that has lost its last one
/// takes any dimension and model again. A store that never was is `TABLE_NOT_FOUND`, unless there are no ids.
#[napi]
pub fn vector_delete(db_path: String, table_name: String, ids: Vec<String>) -> error::Result<u32> {
    guard(|| delete(&db_path, &table_name, &ids))
}

/// As `vectorDelete`, without blocking.
#[napi]
pub fn vector_delete_async(
    env: &Env,
    db_path: String,
    table_name: String,
    ids: Vec<String>,
) -> error::Result<PromiseRaw<'_, u32>> {
    task::blocking(env, move || delete(&db_path, &table_name, &ids))
}

fn delete(db_path: &str, table_name: &str, ids: &[String]) -> Result<u32> {
    let removed = state::open(db_path)?.write(|write| write.vectors().delete(table_name, ids))?;
    Ok(removed as u32)
}
