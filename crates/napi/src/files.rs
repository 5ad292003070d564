//! Listing files of transcripts.

use crate::error::{self, guard};
use han_jsonl::ListedFile;
use napi_derive::napi;
use std::path::Path;

/// A JSONL file of a folder.
#[napi(object, object_from_js = false)]
pub struct SessionFile {
    /// The file name.
    pub name: String,
    /// The folder's path as given, and the name.
    pub path: String,
    /// Bytes.
    pub size: f64,
    /// Time of the last change, milliseconds since 1970.
    pub modified: f64,
}

impl From<ListedFile> for SessionFile {
    fn from(file: ListedFile) -> Self {
        Self { name: file.name, path: file.path, size: file.size as f64, modified: file.modified_ms }
    }
}

/// The `*.jsonl` files directly in a folder, newest first; none when it is missing.
#[napi]
pub fn list_session_files(dir_path: String) -> error::Result<Vec<SessionFile>> {
    guard(|| list(&dir_path, None, None))
}

/// As `listSessionFiles`, of names that begin with `prefix` and, before `.jsonl`, end with `suffix`.
#[napi]
pub fn list_jsonl_files(
    dir_path: String,
    prefix: Option<String>,
    suffix: Option<String>,
) -> error::Result<Vec<SessionFile>> {
    guard(|| list(&dir_path, prefix.as_deref(), suffix.as_deref()))
}

fn list(folder: &str, prefix: Option<&str>, suffix: Option<&str>) -> han_base::Result<Vec<SessionFile>> {
    let files = han_jsonl::list_files(Path::new(folder), prefix, suffix)?;
    Ok(files.into_iter().map(SessionFile::from).collect())
}
