//! Files that a text names behind a verb.

use crate::{
    error::{self, guard},
    task,
};
use han_transcript::file_operations;
use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;

/// A file that a text names, and what it says was done to it.
#[napi(object, object_from_js = false)]
pub struct FileOperation {
    /// The path as it stands in the text.
    pub path: String,
    /// `read`, `write`, `edit` or `delete`.
    pub operation: String,
}

/// The files that a text names.
#[napi(object, object_from_js = false)]
pub struct ExtractionResult {
    /// Each file once: those that were read first, then written, edited, and those that are only called files.
    pub operations: Vec<FileOperation>,
    /// How many that are.
    pub pattern_matches: u32,
}

/// The files that a text names behind a verb: "Read src/main.rs", "Created `docs/a.md`", "file: notes.txt". A path has 3
/// to 500 bytes of word characters, dots, slashes and dashes, and an extension of 1 to 10 small letters.
#[napi]
pub fn extract_file_operations(content: String) -> error::Result<ExtractionResult> {
    guard(|| Ok(extract(&content)))
}

/// As `extractFileOperations`, for each of many texts.
#[napi]
pub fn extract_file_operations_batch(contents: Vec<String>) -> error::Result<Vec<ExtractionResult>> {
    guard(|| Ok(extract_all(&contents)))
}

/// As `extractFileOperationsBatch`, without blocking.
#[napi]
pub fn extract_file_operations_batch_async(
    env: &Env,
    contents: Vec<String>,
) -> error::Result<PromiseRaw<'_, Vec<ExtractionResult>>> {
    task::blocking(env, move || Ok(extract_all(&contents)))
}

fn extract_all(contents: &[String]) -> Vec<ExtractionResult> {
    contents.iter().map(|content| extract(content)).collect()
}

fn extract(content: &str) -> ExtractionResult {
    let operations: Vec<FileOperation> = file_operations(content)
        .into_iter()
        .map(|found| FileOperation { path: found.path.to_owned(), operation: found.kind.as_str().to_owned() })
        .collect();
    ExtractionResult { pattern_matches: operations.len() as u32, operations }
}
