//! Vectors that callers keep in stores of their own (tables `vectors` and `vector_texts`), beside the documents of the
//! same store. A search compares with every vector of the store, so its answer is exact: [`cosine`].

mod cosine;
pub(crate) mod extension;
mod nearest;

use crate::{
    documents::{
        last_of_each,
        stores::{Store, check_name},
    },
    error::Attempt,
    transaction::{Read, ReadWrite, Vectors, Write},
};
use cosine::Direction;
use han_base::{Code, Error, Result};
use nearest::{Candidate, Nearest};
use rusqlite::{OptionalExtension, params, types::ValueRef};

/// Bits of a vector's row number that count within its store.
const ROW_BITS: u32 = 40;

/// A vector with what it was made of.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_to_js = false))]
pub struct VectorDocumentInput {
    /// Any text; unique among the vectors of its store.
    pub id: String,
    /// What the vector was made of: given back as it is, not searched.
    pub content: String,
    /// Finite numbers, at least one, as many as every other vector of the store has. Kept as 32-bit floats.
    pub vector: Vec<f64>,
    /// Any text, for instance JSON: given back as it is.
    pub metadata: Option<String>,
}

/// A vector that a search found, without its numbers.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct VectorSearchResult {
    /// Id of the document.
    pub id: String,
    /// Its content.
    pub content: String,
    /// Its metadata; absent where it has none.
    pub metadata: Option<String>,
    /// Cosine similarity to what was searched for, from -1 to 1; 0 where either vector has no direction.
    pub score: f64,
}

impl<A> Vectors<'_, A> {
    /// The vectors of a store that are most similar in direction, at most `limit`: best first, those of equal score by
    /// id. With `model_id` only vectors of this model may be in the store.
    ///
    /// Codes: `TABLE_NOT_FOUND` when there is no such store; `INVALID_ARGUMENT` when the vector is empty or a number is
    /// not finite; `VECTOR_DIMENSION_MISMATCH`, `VECTOR_MODEL_MISMATCH`.
    pub fn search(
        &self,
        store: &str,
        vector: &[f64],
        limit: u32,
        model_id: Option<&str>,
    ) -> Result<Vec<VectorSearchResult>> {
        let attempt = || format!("search vectors of store {store:?}");
        let store = Read::new(self.connection).document_stores().required(store, attempt)?;
        let direction = Direction::of(&floats("queryVector", vector)?);
        check_model(&store, model_id)?;
        if store.dimension.is_none() {
            return Ok(Vec::new());
        }
        check_dimension(&store, vector.len(), "queryVector")?;
        self.nearest(&store, &direction, limit)?.into_iter().map(|found| self.result(found)).collect()
    }

    /// Compares with every vector of the store.
    fn nearest(&self, store: &Store, direction: &Direction, limit: u32) -> Result<Vec<Candidate>> {
        let attempt = || format!("read vectors of store {:?}", store.name);
        let mut nearest = Nearest::new(limit as usize);
        let mut statement = self
            .connection
            .prepare_cached("SELECT row_id, id, vector FROM vectors WHERE row_id BETWEEN ?1 AND ?2")
            .attempt(attempt)?;
        let mut rows =
            statement.query([first_row(store.row), first_row(store.row + 1) - 1]).attempt(attempt)?;
        while let Some(row) = rows.next().attempt(attempt)? {
            let similarity = match row.get_ref(2).attempt(attempt)? {
                ValueRef::Blob(vector) => direction.similarity_to(vector),
                _ => None,
            };
            let Some(similarity) = similarity else {
                let row: i64 = row.get(0).attempt(attempt)?;
                return Err(Error::new(Code::DbCorrupt, format!("read vector {row}"))
                    .because("it is not as long as the others, or holds what is no number"));
            };
            if nearest.may_take(similarity) {
                let id = row.get_ref(1).and_then(|id| Ok(id.as_str()?)).attempt(attempt)?;
                nearest.take(similarity, id, row.get(0).attempt(attempt)?);
            }
        }
        Ok(nearest.into_sorted())
    }

    fn result(&self, found: Candidate) -> Result<VectorSearchResult> {
        self.connection
            .prepare_cached("SELECT content, metadata FROM vector_texts WHERE vector_row_id = ?1")
            .and_then(|mut statement| {
                statement.query_row([found.row], |row| {
                    Ok(VectorSearchResult {
                        id: found.id,
                        content: row.get(0)?,
                        metadata: row.get(1)?,
                        score: found.score,
                    })
                })
            })
            .attempt(|| format!("read the document of vector {}", found.row))
    }
}

impl Vectors<'_, ReadWrite> {
    /// Stores vectors, each in place of one with its id; makes the store when it is missing. Of several with one id the
    /// last one counts. Returns how many were stored. No vectors make no store.
    ///
    /// The first vector sets the dimension of the store, and the first `model_id` that comes with one or before any its
    /// model. Where vectors were stored without a model, nobody knows theirs: naming one then is a mismatch.
    ///
    /// Codes: `INVALID_ARGUMENT` when a name or vector is empty, a name too long, or a number not finite;
    /// `VECTOR_DIMENSION_MISMATCH`, `VECTOR_MODEL_MISMATCH`. Nothing is stored then.
    pub fn index(
        &self,
        store: &str,
        documents: &[VectorDocumentInput],
        model_id: Option<&str>,
    ) -> Result<u64> {
        check_name("tableName", store)?;
        model_id.map_or(Ok(()), |model_id| check_name("modelId", model_id))?;
        let documents = last_of_each(documents, |document| &document.id);
        let Some(first) = documents.first() else { return Ok(0) };
        let mut store = Write::new(self.connection).document_stores().ensure(store)?;
        if store.dimension.is_none() {
            store.dimension = Some(first.vector.len() as i64);
            store.model_id = model_id.map(str::to_owned);
        }
        check_model(&store, model_id)?;
        let attempt = || format!("index vectors of store {:?}", store.name);
        let mut next_row = self.next_row(store.row).attempt(attempt)?;
        let mut added = 0;
        for document in &documents {
            let vector = floats_of(document, &store)?;
            let known = self.row_of(store.row, &document.id).attempt(attempt)?;
            let row = known.unwrap_or(next_row);
            if known.is_none() {
                next_row += 1;
                added += 1;
            }
            self.write(store.row, row, document, &vector).attempt(attempt)?;
        }
        self.count(&store, added).attempt(attempt)?;
        Ok(documents.len() as u64)
    }

    /// Removes vectors by their ids, unknown ones aside; returns how many were removed. A store that has lost its last
    /// one takes any dimension and model again.
    ///
    /// Code: `TABLE_NOT_FOUND` when there is no such store, unless `ids` is empty.
    pub fn delete(&self, store: &str, ids: &[String]) -> Result<u64> {
        check_name("tableName", store)?;
        if ids.is_empty() {
            return Ok(0);
        }
        let attempt = || format!("delete vectors of store {store:?}");
        let store = Read::new(self.connection).document_stores().required(store, attempt)?;
        let mut removed = 0;
        for id in ids {
            removed += self
                .connection
                .prepare_cached("DELETE FROM vectors WHERE store_row_id = ?1 AND id = ?2")
                .and_then(|mut statement| statement.execute(params![store.row, id]))
                .attempt(attempt)?;
        }
        self.count(&store, -(removed as i64)).attempt(attempt)?;
        Ok(removed as u64)
    }

    fn row_of(&self, store_row: i64, id: &str) -> rusqlite::Result<Option<i64>> {
        self.connection
            .prepare_cached("SELECT row_id FROM vectors WHERE store_row_id = ?1 AND id = ?2")?
            .query_row(params![store_row, id], |row| row.get(0))
            .optional()
    }

    /// The row behind the last one of the store.
    fn next_row(&self, store_row: i64) -> rusqlite::Result<i64> {
        self.connection
            .prepare_cached(
                "SELECT coalesce(max(row_id) + 1, ?1) FROM vectors WHERE row_id BETWEEN ?1 AND ?2",
            )?
            .query_row([first_row(store_row), first_row(store_row + 1) - 1], |row| row.get(0))
    }

    fn write(
        &self,
        store_row: i64,
        row: i64,
        document: &VectorDocumentInput,
        vector: &[f32],
    ) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO vectors (row_id, store_row_id, id, vector) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (row_id) DO UPDATE SET vector = excluded.vector",
            )?
            .execute(params![row, store_row, document.id, cosine::to_blob(vector)])?;
        self.connection
            .prepare_cached(
                "INSERT INTO vector_texts (vector_row_id, content, metadata) VALUES (?1, ?2, ?3)
                 ON CONFLICT (vector_row_id) DO UPDATE SET content = excluded.content, metadata = excluded.metadata",
            )?
            .execute(params![row, document.content, document.metadata])?;
        Ok(())
    }

    /// Keeps the counter of the store, and what it knows of its vectors while there are any.
    fn count(&self, store: &Store, added: i64) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE document_stores SET vector_count = vector_count + ?2,
                   dimension = iif(vector_count + ?2 = 0, NULL, ?3), model_id = iif(vector_count + ?2 = 0, NULL, ?4)
                 WHERE row_id = ?1",
            )?
            .execute(params![store.row, added, store.dimension, store.model_id])?;
        Ok(())
    }
}

/// The first row number that the vectors of a store may have.
fn first_row(store_row: i64) -> i64 {
    store_row << ROW_BITS
}

/// The numbers of a document's vector, which fit its store.
fn floats_of(document: &VectorDocumentInput, store: &Store) -> Result<Vec<f32>> {
    let name = format!("vector of document {:?}", document.id);
    let floats = floats(&name, &document.vector)?;
    check_dimension(store, floats.len(), &name)?;
    Ok(floats)
}

/// Numbers as they are stored: at least one, and each of them finite as a 32-bit float.
fn floats(name: &str, numbers: &[f64]) -> Result<Vec<f32>> {
    let invalid = |why: String| Error::new(Code::InvalidArgument, format!("take {name}: {why}"));
    if numbers.is_empty() {
        return Err(invalid("it is empty".into()));
    }
    let float = |(at, &number): (usize, &f64)| {
        let float = number as f32;
        if float.is_finite() { Ok(float) } else { Err(invalid(format!("number {at} is {number}"))) }
    };
    numbers.iter().enumerate().map(float).collect()
}

fn check_dimension(store: &Store, dimension: usize, name: &str) -> Result<()> {
    match store.dimension {
        Some(expected) if expected != dimension as i64 => Err(Error::new(
            Code::VectorDimensionMismatch,
            format!(
                "take {name} of {dimension} numbers: the vectors of store {:?} have {expected}",
                store.name
            ),
        )),
        _ => Ok(()),
    }
}

/// Whoever names a model wants vectors of that model only; whoever names none takes what there is.
fn check_model(store: &Store, model_id: Option<&str>) -> Result<()> {
    let Some(wanted) = model_id.filter(|_| store.dimension.is_some()) else { return Ok(()) };
    let found = match store.model_id.as_deref() {
        Some(model) if model == wanted => return Ok(()),
        Some(model) => format!("are of model {model:?}"),
        None => "were stored without naming a model".into(),
    };
    let attempt = format!("use model {wanted:?}: the vectors of store {:?} {found}", store.name);
    Err(Error::new(Code::VectorModelMismatch, attempt))
}
