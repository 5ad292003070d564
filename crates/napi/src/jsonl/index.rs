//! Offset indexes: where the lines of a file begin.

use super::{
    pages::line_numbers_of,
    progress::{self, JsonlJobOptions},
    text::TextLines,
    values::{Lines, Numbers},
};
use crate::{
    argument::whole,
    error::{self, guard},
    state, task,
};
use han_base::{Code, Error, Result};
use han_jsonl::{IndexChange, LineOffsets, Observer, Unwatched, line_offsets, read_indexed};
use napi::{
    Env,
    bindgen_prelude::{Array, FromNapiValue, JsObjectValue, Object, PromiseRaw},
};
use napi_derive::napi;
use std::{
    collections::{HashMap, hash_map::Entry},
    path::Path,
};

/// Where every line of a file begins.
///
/// Meant for programs that keep the offsets themselves: of a large file that is a large array. `jsonlReadPage` and
/// `jsonlReadLines` need none of it, and `jsonlUpdateIndex` keeps a small index beside the file.
#[napi(object, object_from_js = false)]
pub struct JsonlIndex {
    /// The file, as the path was given.
    pub file_path: String,
    /// The byte offset of every line; of an empty file one, 0.
    #[napi(ts_type = "Array<number>")]
    pub line_offsets: Numbers,
    /// When the file was last changed, in seconds since 1970.
    pub file_mtime: f64,
    /// Bytes of the file.
    pub file_size: f64,
}

impl JsonlIndex {
    fn new(file_path: String, lines: LineOffsets) -> Self {
        Self {
            file_path,
            line_offsets: Numbers(lines.offsets),
            file_mtime: lines.state.modified_seconds() as f64,
            file_size: lines.state.size as f64,
        }
    }
}

/// Finds where every line of a file begins.
#[napi]
pub fn jsonl_build_index(file_path: String) -> error::Result<JsonlIndex> {
    guard(|| {
        let lines = line_offsets(Path::new(&file_path), &Unwatched)?;
        Ok(JsonlIndex::new(file_path, lines))
    })
}

/// As `jsonlBuildIndex`, without blocking, with progress, and to be cancelled: then it rejects with `CANCELLED`. Making the
/// array still takes the JavaScript thread some 20 ms per million lines.
#[napi(strict)]
pub fn jsonl_build_index_async<'env>(
    env: &'env Env,
    file_path: String,
    options: Option<JsonlJobOptions<'_>>,
) -> error::Result<PromiseRaw<'env, JsonlIndex>> {
    let name = file_path.clone();
    progress::job(env, options, file_path, move |path, observer| {
        Ok(JsonlIndex::new(name, line_offsets(path, observer)?))
    })
}

/// Saves the index of the file that `index.filePath` names, made from the file itself: the other fields are not looked
/// at. As `jsonlUpdateIndex` without its report.
#[napi(strict)]
pub fn jsonl_save_index(#[napi(ts_arg_type = "JsonlIndex")] index: Object<'_>) -> error::Result<()> {
    guard(|| {
        let file_path: String = field(&index, "filePath", "a path")?;
        state::indexes().update(Path::new(&file_path), &Unwatched).map(drop)
    })
}

/// A field of what a caller gave as an index. An exception of a getter is thrown as it is, whatever is returned.
fn field<T: FromNapiValue>(index: &Object<'_>, name: &str, kind: &str) -> Result<T> {
    index.get_named_property_unchecked(name).map_err(|error| {
        let attempt = format!("take index.{name}: it is {kind}");
        Error::new(Code::InvalidArgument, attempt).because(error.reason.clone())
    })
}

/// Where every line of a file begins, when an index was saved for it: null when there is none, when it is of another
/// format, or when the file was rewritten since. When the file only grew, the new lines are there too. Throws
/// `INDEX_DAMAGED` when the index is cut short or damaged.
#[napi]
pub fn jsonl_load_index(file_path: String) -> error::Result<Option<JsonlIndex>> {
    guard(|| load(file_path))
}

/// As `jsonlLoadIndex`, without blocking.
#[napi(ts_return_type = "Promise<JsonlIndex | null>")]
pub fn jsonl_load_index_async(
    env: &Env,
    file_path: String,
) -> error::Result<PromiseRaw<'_, Option<JsonlIndex>>> {
    task::blocking(env, move || load(file_path))
}

fn load(file_path: String) -> Result<Option<JsonlIndex>> {
    let lines = state::indexes().load(Path::new(&file_path))?;
    Ok(lines.map(|lines| JsonlIndex::new(file_path, lines)))
}

/// What happened to a saved index.
#[napi(object, object_from_js = false)]
pub struct JsonlIndexReport {
    /// The file that holds the index: beside the JSONL file, or in the data folder where that cannot be written to.
    pub index_path: String,
    /// Lines of the file, blank ones too.
    pub line_count: f64,
    /// Bytes of the file.
    pub file_size: f64,
    /// Bytes of the index.
    pub index_bytes: f64,
    /// `built`: from the whole file. `extended`: by what was appended to it. `unchanged`: it was up to date.
    #[napi(ts_type = "'built' | 'extended' | 'unchanged'")]
    pub change: String,
    /// Bytes of the file that were read for it.
    pub bytes_read: f64,
}

/// Saves an index of a file, or brings the saved one up to date. It makes the first page of a file quick in other
/// processes; its size is far below 1 % of the file's.
#[napi]
pub fn jsonl_update_index(file_path: String) -> error::Result<JsonlIndexReport> {
    guard(|| update(Path::new(&file_path), &Unwatched))
}

/// As `jsonlUpdateIndex`, without blocking, with progress, and to be cancelled: then it rejects with `CANCELLED`, and
/// nothing is written. `bytesDone` counts only what is read, which of a file that grew is the new part.
#[napi(strict)]
pub fn jsonl_update_index_async<'env>(
    env: &'env Env,
    file_path: String,
    options: Option<JsonlJobOptions<'_>>,
) -> error::Result<PromiseRaw<'env, JsonlIndexReport>> {
    progress::job(env, options, file_path, update)
}

fn update(path: &Path, observer: &dyn Observer) -> Result<JsonlIndexReport> {
    let report = state::indexes().update(path, observer)?;
    let change = match report.change {
        IndexChange::Built => "built",
        IndexChange::Extended => "extended",
        IndexChange::Unchanged => "unchanged",
    };
    Ok(JsonlIndexReport {
        index_path: report.index_path.to_string_lossy().into_owned(),
        line_count: report.line_count as f64,
        file_size: report.file_size as f64,
        index_bytes: report.index_bytes as f64,
        change: change.to_owned(),
        bytes_read: report.bytes_read as f64,
    })
}

/// Lines by their numbers, in the asked order, with an index that the caller holds; numbers that it does not have are left
/// out, blank lines are given. Only the offsets of the asked lines are looked at. `INVALID_ARGUMENT` when no line of
/// the file begins at one of them: the index is of another content.
#[napi(strict, ts_return_type = "Array<JsonlLine>")]
pub fn jsonl_read_indexed(
    file_path: String,
    #[napi(ts_arg_type = "JsonlIndex")] index: Object<'_>,
    line_numbers: Vec<f64>,
) -> error::Result<Lines> {
    guard(|| Asked::new(&index, &line_numbers)?.read(&file_path))
}

/// As `jsonlReadIndexed`, without blocking.
#[napi(strict, ts_return_type = "Promise<Array<JsonlLine>>")]
pub fn jsonl_read_indexed_async<'env>(
    env: &'env Env,
    file_path: String,
    #[napi(ts_arg_type = "JsonlIndex")] index: Object<'_>,
    line_numbers: Vec<f64>,
) -> error::Result<PromiseRaw<'env, Lines>> {
    let asked = guard(|| Asked::new(&index, &line_numbers))?;
    task::blocking(env, move || asked.read(&file_path))
}

/// The asked lines and what the index knows of them. The rest of an index, which may hold millions of lines, stays where
/// it is.
struct Asked {
    /// Places in the two other lists, in the asked order.
    places: Vec<u64>,
    numbers: Vec<u64>,
    offsets: Vec<u64>,
}

impl Asked {
    fn new(index: &Object<'_>, line_numbers: &[f64]) -> Result<Self> {
        let line_offsets: Array<'_> = field(index, "lineOffsets", "an array of numbers")?;
        let mut asked = Self { places: Vec::new(), numbers: Vec::new(), offsets: Vec::new() };
        let mut known = HashMap::new();
        for number in line_numbers_of(line_numbers)? {
            if number >= u64::from(line_offsets.len()) {
                continue;
            }
            let place = match known.entry(number) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(new) => {
                    asked.offsets.push(offset_of(&line_offsets, number)?);
                    asked.numbers.push(number);
                    *new.insert(asked.numbers.len() as u64 - 1)
                }
            };
            asked.places.push(place);
        }
        Ok(asked)
    }

    fn read(&self, file_path: &str) -> Result<Lines> {
        let lines = read_indexed(Path::new(file_path), &self.offsets, &self.places)?;
        Ok(TextLines::renumbered(lines, |place| self.numbers[place as usize]).into())
    }
}

fn offset_of(line_offsets: &Array<'_>, number: u64) -> Result<u64> {
    let name = format!("index.lineOffsets[{number}]");
    let offset = line_offsets.get_element(number as u32).map_err(|error: napi::Error| {
        Error::new(Code::InvalidArgument, format!("take {name}: it is a number"))
            .because(error.reason.clone())
    })?;
    whole(&name, offset)
}
