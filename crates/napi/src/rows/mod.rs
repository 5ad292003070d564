//! Lists of rows on their way to JavaScript: as chunks of text and numbers, which a script in the engine takes apart.
//!
//! Setting the properties of an object one by one through Node-API costs more than all the rest of a list. So a row is
//! written into a [`chunk`] on whatever thread reads it, each type as [`kinds`] describes it, and `rows.js` builds the
//! objects: by a literal for each set of fields that rows have, with texts that are cut out of one long text. What a caller
//! sees are plain objects without their absent fields, as Node-API would make them.
//!
//! ```ignore
//! let mut rows = RowWriter::<Messages>::default();
//! read.messages().visit_list(session_id, None, None, 100, 0, &mut |row| {
//!     rows.write(row);
//!     Ok(())
//! })?;
//! Ok(rows.finish())
//! ```

mod chunk;
mod engine;
mod kinds;
mod time;

pub(crate) use engine::forget;
pub use kinds::{
    DiffStats, FileChanges, FileValidations, Messages, RowKind, SearchHits, SessionOverviews, SessionSpan,
    SessionSpans, Sessions,
};

use crate::{error, task};
use chunk::{Chunk, Encoder, Text};
use engine::{Arguments, Engine};
use napi::{
    Env, JsValue, Result,
    bindgen_prelude::{
        Array, Float64ArraySlice, FromNapiValue, FunctionCallContext, FunctionRef, Int32ArraySlice, Object,
        PromiseRaw, ToNapiValue, Unknown,
    },
    sys::{napi_env, napi_value},
};
use std::{cell::RefCell, collections::VecDeque, marker::PhantomData};

/// Collects rows.
pub(crate) struct RowWriter<K> {
    encoder: Encoder,
    kind: PhantomData<K>,
}

impl<K> Default for RowWriter<K> {
    fn default() -> Self {
        Self { encoder: Encoder::default(), kind: PhantomData }
    }
}

impl<K: RowKind> RowWriter<K> {
    /// Writes a row.
    pub(crate) fn write(&mut self, row: &K::Row<'_>) {
        K::write(row, &mut self.encoder);
    }

    pub(crate) fn finish(self) -> Rows<K> {
        Rows { chunks: self.encoder.finish(), kind: PhantomData }
    }
}

/// An array of rows: what `K` describes as a record of the typings.
pub struct Rows<K> {
    chunks: Vec<Chunk>,
    kind: PhantomData<K>,
}

impl<K: RowKind> Rows<K> {
    /// The rows of a list that is read as a whole.
    pub(crate) fn of<'r>(rows: impl IntoIterator<Item = K::Row<'r>>) -> Self {
        let mut writer = RowWriter::<K>::default();
        for row in rows {
            K::write(&row, &mut writer.encoder);
        }
        writer.finish()
    }
}

impl<K: RowKind> ToNapiValue for Rows<K> {
    unsafe fn to_napi_value(env: napi_env, rows: Self) -> Result<napi_value> {
        let env = Env::from_raw(env);
        let array = env.create_array(0)?;
        let words = env.create_array(0)?;
        // Each chunk is freed once the engine has it.
        for chunk in rows.chunks {
            env.run_in_scope(|| append::<K>(&env, array.raw(), words.raw(), chunk))?;
        }
        Ok(array.raw())
    }
}

/// Appends the rows of a chunk to an array. `words` is the array of the words in the list so far.
fn append<K: RowKind>(env: &Env, array: napi_value, words: napi_value, chunk: Chunk) -> Result<()> {
    let values = vec![
        array,
        env.create_uint32(chunk.rows as u32)?.raw(),
        raw(env, Int32ArraySlice::copy_from(env, &chunk.tape)?)?,
        env.create_string_latin1(&chunk.narrow)?.raw(),
        env.create_string_utf16(&chunk.wide)?.raw(),
        raw(env, Float64ArraySlice::copy_from(env, &chunk.reals)?)?,
        words,
        texts(env, &chunk.words)?.raw(),
        texts(env, &chunk.longs)?.raw(),
    ];
    chunk.recycle();
    engine::append::<K>(env)?.call(Arguments(values))
}

fn texts<'e>(env: &'e Env, texts: &[Text]) -> Result<Array<'e>> {
    let mut array = env.create_array(0)?;
    for (index, text) in (0..).zip(texts) {
        array.set(
            index,
            match text {
                Text::Narrow(text) => env.create_string_latin1(text)?,
                Text::Wide(text) => env.create_string_utf16(text)?,
            },
        )?;
    }
    Ok(array)
}

fn raw(env: &Env, value: impl ToNapiValue) -> Result<napi_value> {
    // SAFETY: the environment is the one that was given to us, on its own thread.
    unsafe { ToNapiValue::to_napi_value(env.raw(), value) }
}

/// Rows that another thread has read, and that are built a few milliseconds at a time: one chunk is the array itself, more
/// are a function that appends the next chunk to the array it is given.
pub(crate) struct PendingRows<K>(Rows<K>);

impl<K: RowKind> ToNapiValue for PendingRows<K> {
    unsafe fn to_napi_value(env: napi_env, pending: Self) -> Result<napi_value> {
        let env = Env::from_raw(env);
        if pending.0.chunks.len() <= 1 {
            return raw(&env, pending.0);
        }
        let chunks = RefCell::new(VecDeque::from(pending.0.chunks));
        let next = env.create_function_from_closure::<Arguments, bool, _>(
            "nextRows",
            move |context: FunctionCallContext<'_>| {
                let (array, words): (Unknown<'_>, Unknown<'_>) = (context.get(0)?, context.get(1)?);
                // Not borrowed while the engine is called.
                let chunk = chunks.borrow_mut().pop_front();
                if let Some(chunk) = chunk {
                    let env = context.env;
                    env.run_in_scope(|| append::<K>(env, array.raw(), words.raw(), chunk))?;
                }
                Ok(!chunks.borrow().is_empty())
            },
        )?;
        Ok(next.raw())
    }
}

/// Reads rows on the pool; the JavaScript thread builds them a few milliseconds at a time.
pub(crate) fn pending<K: RowKind + Send>(
    env: &Env,
    read: impl FnOnce() -> han_base::Result<Rows<K>> + Send + 'static,
) -> error::Result<PromiseRaw<'_, Rows<K>>> {
    let promise = task::blocking(env, move || Ok(PendingRows(read()?)))?.raw();
    built(call(env, |engine| &engine.gather, vec![promise])).map(|rows| PromiseRaw::new(env.raw(), rows))
}

/// Numbers, as `Float64Array`.
pub struct Numbers(pub(crate) Vec<f64>);

impl ToNapiValue for Numbers {
    unsafe fn to_napi_value(env: napi_env, numbers: Self) -> Result<napi_value> {
        let env = Env::from_raw(env);
        raw(&env, Float64ArraySlice::copy_from(&env, &numbers.0)?)
    }
}

/// A list of texts from JavaScript that an answer is told by.
pub struct Keys {
    pub(crate) array: napi_value,
    pub(crate) texts: Vec<String>,
}

impl FromNapiValue for Keys {
    unsafe fn from_napi_value(env: napi_env, array: napi_value) -> Result<Self> {
        // SAFETY: what our caller promises of both is what is asked here.
        let texts = unsafe { FromNapiValue::from_napi_value(env, array) }?;
        Ok(Self { array, texts })
    }
}

/// `Record<string, …>`: the elements of an array by the keys of their places.
pub(crate) fn record<'e>(env: &'e Env, keys: &Keys, values: impl ToNapiValue) -> error::Result<Object<'e>> {
    let record = || {
        let record = call(env, |engine| &engine.record, vec![keys.array, raw(env, values)?])?;
        Ok(Object::from_raw(env.raw(), record))
    };
    built(record())
}

/// As [`record`], of an array that `values` promises.
pub(crate) fn pending_record<'e, V>(
    env: &'e Env,
    keys: napi_value,
    values: &PromiseRaw<'_, V>,
) -> error::Result<PromiseRaw<'e, V>> {
    let record = call(env, |engine| &engine.gather_record, vec![keys, values.raw()]);
    built(record).map(|record| PromiseRaw::new(env.raw(), record))
}

fn call(
    env: &Env,
    choose: impl FnOnce(&Engine) -> &FunctionRef<Arguments, Unknown<'static>>,
    values: Vec<napi_value>,
) -> Result<napi_value> {
    Ok(engine::function(env, choose)?.call(Arguments(values))?.raw())
}

fn built<T>(value: Result<T>) -> error::Result<T> {
    value.map_err(|error| error::thrown(&error::from_napi("build the answer", &error)))
}
