//! Readers: batches of lines that the caller pulls.

use super::{
    condition::Filters,
    reading::{Batch, Next, Reading},
    text::TextLine,
    values::{Column, Contents},
};
use crate::{
    argument::{whole, within},
    error::{self, guard},
    task,
};
use han_base::{Code, Error, Result};
use han_jsonl::{LineStream, Stop, StreamOptions};
use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    fs,
    path::Path,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, ThreadId},
};

/// Which lines a reader gives. Everything is optional.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct JsonlReaderOptions {
    /// Lines in a batch at most, 1 to 100,000; default 1000. A batch also ends at 1 MiB of content.
    pub batch_size: Option<f64>,
    /// Only lines for which all conditions hold.
    #[napi(ts_type = "JsonlFilters")]
    pub filters: Option<Filters>,
    /// The byte offset to begin at, which must be the start of a line; default 0.
    pub start_offset: Option<f64>,
    /// The number of the line at `startOffset`; default 0.
    pub start_line: Option<f64>,
    /// Give blank lines too; default false.
    pub with_blank: Option<bool>,
    /// Do not end with the file: wait for more lines, and follow a file that is truncated or replaced by another one, whose
    /// lines are then given from its head on. A last line without a newline is waited for. Default false.
    pub follow: Option<bool>,
}

/// Lines in a batch when the caller does not say.
const DEFAULT_BATCH_SIZE: f64 = 1000.0;
/// Content after which a batch ends.
const BATCH_BYTES: usize = 1024 * 1024;

/// Lines in a batch at most. Code: `INVALID_ARGUMENT`.
pub(super) fn stream_options(batch_size: Option<f64>) -> Result<StreamOptions> {
    let lines = within("batchSize", batch_size.unwrap_or(DEFAULT_BATCH_SIZE), 1..=100_000)?;
    Ok(StreamOptions { batch_lines: lines as usize, batch_bytes: BATCH_BYTES, ..StreamOptions::default() })
}

impl JsonlReaderOptions {
    fn check(self) -> Result<(StreamOptions, bool)> {
        let options = StreamOptions {
            filter: self.filters.map(Filters::compile).transpose()?,
            start_offset: whole("startOffset", self.start_offset.unwrap_or_default())?,
            start_line: whole("startLine", self.start_line.unwrap_or_default())?,
            with_blank: self.with_blank.unwrap_or_default(),
            ..stream_options(self.batch_size)?
        };
        Ok((options, self.follow.unwrap_or_default()))
    }
}

/// Lines that follow each other, in columns: `contents[i]` is line `lineNumbers[i]` and begins at `byteOffsets[i]`.
#[napi(object, object_from_js = false)]
pub struct JsonlBatch {
    /// Without the newline; a carriage return stays.
    #[napi(ts_type = "Array<string>")]
    pub contents: Contents,
    /// Counted from 0, blank lines included.
    #[napi(ts_type = "Float64Array")]
    pub line_numbers: Column,
    /// In bytes.
    #[napi(ts_type = "Float64Array")]
    pub byte_offsets: Column,
    /// Bytes that are missing at the end of each line; absent when all are whole. Of a line of more than 64 MiB only the
    /// first 64 KiB are given.
    #[napi(ts_type = "Float64Array")]
    pub omitted_bytes: Option<Column>,
    /// True when a followed file was truncated or replaced before these lines; else absent.
    pub restarted: Option<bool>,
}

impl From<Batch> for JsonlBatch {
    fn from(batch: Batch) -> Self {
        let lines: Vec<TextLine<'_>> = batch.lines.iter().collect();
        let line_numbers = Column::of(&lines, |line| line.number);
        let byte_offsets = Column::of(&lines, |line| line.offset);
        let omitted_bytes = Column::of_omitted(&lines);
        let restarted = batch.restarted.then_some(true);
        Self { contents: Contents(batch.lines), line_numbers, byte_offsets, omitted_bytes, restarted }
    }
}

/// Starts to read a file, or anything else with a path that can be read from head to end, such as a named pipe; returns
/// the number of the reader, for `jsonlNextBatch`.
///
/// A thread of its own reads ahead, two batches at most. The file is freed at the end, by `jsonlCloseReader`, and with the
/// worker thread that opened it. A reader does not keep the process running unless a batch is awaited.
///
/// @example
/// ```js
/// const reader = jsonlOpenReader(file, { filters: [{ fieldPath: 'type', operator: 'eq', value: 'user' }] })
/// for (let batch; (batch = await jsonlNextBatch(reader)) !== null; ) {
///   batch.contents.forEach((content, i) => console.log(batch.lineNumbers[i], JSON.parse(content)))
/// }
/// ```
#[napi(strict)]
pub fn jsonl_open_reader(file_path: String, options: Option<JsonlReaderOptions>) -> error::Result<f64> {
    guard(|| {
        let (options, follow) = options.unwrap_or_default().check()?;
        let reading = read_file(&file_path, options, follow)?;
        Ok(READERS.add(reading) as f64)
    })
}

/// Starts to read a file. Errors of opening a regular one are given here; opening a pipe waits for its other end, so the
/// thread of the reading does it.
pub(super) fn read_file(file_path: &str, options: StreamOptions, follow: bool) -> Result<Arc<Reading>> {
    let path = Path::new(file_path);
    let stop = Arc::new(Stop::default());
    if follow {
        let stream = LineStream::follow(path, options, Arc::clone(&stop))?;
        return Reading::start(stop, move || Ok(stream));
    }
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        let path = path.to_owned();
        return Reading::start(stop, move || LineStream::open(&path, options));
    }
    let stream = LineStream::open(path, options)?;
    Reading::start(stop, move || Ok(stream))
}

/// As `jsonlOpenReader`, of the standard input of this process. `startOffset` and `follow` are not for it.
///
/// What the reader took from the input is lost to others that read it, such as `process.stdin`, also when it is closed.
#[napi(strict)]
pub fn jsonl_open_stdin(options: Option<JsonlReaderOptions>) -> error::Result<f64> {
    guard(|| {
        let (options, follow) = options.unwrap_or_default().check()?;
        if follow || options.start_offset > 0 {
            let attempt = "read the standard input: it has no place to start at, and is not followed";
            return Err(Error::new(Code::InvalidArgument, attempt));
        }
        let reading = Reading::start(Arc::new(Stop::default()), move || Ok(LineStream::stdin(options)))?;
        Ok(READERS.add(reading) as f64)
    })
}

/// The next lines of a reader; null at the end, where it closes by itself. When reading fails, it rejects, once, and the
/// reader is closed as well. Calls may overlap: they are answered in their order.
#[napi(ts_return_type = "Promise<JsonlBatch | null>")]
pub fn jsonl_next_batch(env: &Env, reader_id: f64) -> error::Result<PromiseRaw<'_, Option<JsonlBatch>>> {
    let reader = guard(|| READERS.find(reader_id))?;
    let (settlement, promise) = task::unsettled(env)?;
    match reader {
        None => settlement.settle(Ok(None)),
        Some((id, reading)) => reading.next(Box::new(move |next| {
            if !matches!(next, Ok(Next::Batch(_))) {
                READERS.remove(id);
            }
            settlement.settle(next.map(|next| match next {
                Next::Batch(batch) => Some(batch.into()),
                Next::End(_) => None,
            }));
        })),
    }
    Ok(promise)
}

/// Reads on to the end without giving lines: how many physical lines there are in all, from where the reader began, those
/// of batches included. The reader is then closed. Rejects with `INVALID_ARGUMENT` while another call waits for its
/// answer, and with `CANCELLED` when the reader is closed meanwhile.
#[napi]
pub fn jsonl_count_rest(env: &Env, reader_id: f64) -> error::Result<PromiseRaw<'_, f64>> {
    let (id, reading) = guard(|| {
        READERS.find(reader_id)?.ok_or_else(|| {
            let attempt = format!("count the rest of reader {reader_id}: it is closed");
            Error::new(Code::InvalidArgument, attempt)
        })
    })?;
    let (settlement, promise) = task::unsettled(env)?;
    reading.count_rest(Box::new(move |lines| {
        if !matches!(&lines, Err(error) if error.code() == Code::InvalidArgument) {
            READERS.remove(id);
        }
        settlement.settle(lines.map(|lines| lines as f64));
    }));
    Ok(promise)
}

/// Ends the reading; calls of `jsonlNextBatch` that wait resolve to null. False when the reader was closed already.
///
/// The file is freed at once when the reader is ahead of its caller, else when the read that goes on is done: in a moment
/// for a file, and for a pipe when something comes.
#[napi]
pub fn jsonl_close_reader(reader_id: f64) -> error::Result<bool> {
    guard(|| {
        let Some((id, reading)) = READERS.find(reader_id)? else { return Ok(false) };
        READERS.remove(id);
        reading.close();
        Ok(true)
    })
}

/// The readers of all environments of this process.
pub(super) static READERS: Readers =
    Readers { next_id: AtomicU64::new(1), open: LazyLock::new(Mutex::default) };

/// Readers that are not closed, by their numbers.
pub(super) struct Readers {
    next_id: AtomicU64,
    open: LazyLock<Mutex<HashMap<u64, Reader>>>,
}

struct Reader {
    /// The JavaScript thread that opened it.
    owner: ThreadId,
    reading: Arc<Reading>,
}

impl Readers {
    /// Gives a reader of this JavaScript thread a number.
    pub(super) fn add(&self, reading: Arc<Reading>) -> u64 {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        self.open.lock().insert(id, Reader { owner: thread::current().id(), reading });
        id
    }

    pub(super) fn remove(&self, id: u64) {
        self.open.lock().remove(&id);
    }

    /// The reader with a number that a caller gave; `None` when it is closed. Code: `INVALID_ARGUMENT` when there never
    /// was one.
    fn find(&self, number: f64) -> Result<Option<(u64, Arc<Reading>)>> {
        let id = whole("readerId", number)?;
        if !(1..self.next_id.load(Ordering::Relaxed)).contains(&id) {
            return Err(Error::new(Code::InvalidArgument, format!("find reader {id}: there is none")));
        }
        Ok(self.open.lock().get(&id).map(|reader| (id, Arc::clone(&reader.reading))))
    }

    /// Takes those of this JavaScript thread.
    fn take_own(&self) -> Vec<Arc<Reading>> {
        let owner = thread::current().id();
        let mut open = self.open.lock();
        open.extract_if(|_, reader| reader.owner == owner).map(|(_, reader)| reader.reading).collect()
    }
}

/// Closes what the environment of this thread opened, since nobody can take its lines any more.
pub(crate) fn close_readers_of_this_thread() {
    for reading in READERS.take_own() {
        reading.close();
    }
}
