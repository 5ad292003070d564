//! Lines that are pushed to a callback.

use super::{
    engine::Engine,
    readers::{READERS, read_file, stream_options},
    reading::{Next, Reading},
    values::Lines,
};
use crate::{
    engine::Script,
    error::{self, from_napi, guard, thrown},
    task,
};
use han_base::{Code, Error};
use napi::{
    Env, JsValue, Unknown, ValueType,
    bindgen_prelude::{Either, Function, PromiseRaw},
    sys::napi_value,
    threadsafe_function::{ThreadsafeFunction, UnknownReturnValue},
};
use napi_derive::napi;
use std::sync::Arc;

/// Takes lines. The first argument is always null.
// Only declared, by the type whose typings have this form.
#[napi]
pub type JsonlStreamCallback = ThreadsafeFunction<Vec<super::JsonlLine>, UnknownReturnValue>;

/// Gives the lines of a file that are not blank to a callback, in batches of at most `batchSize` (1 to 100,000) lines or
/// 1 MiB; resolves to the number of physical lines.
///
/// The callback is called with `(null, lines)`; when it returns a promise, that is waited for before it is called again.
/// What it throws, or its promise rejects with, ends the reading and rejects the promise. An error of the file rejects
/// the promise as well; the callback is not called with it. A thread reads two batches ahead at most.
#[napi]
pub fn jsonl_stream<'env>(
    env: &'env Env,
    file_path: String,
    #[napi(ts_arg_type = "JsonlStreamCallback")] callback: Unknown<'env>,
    batch_size: f64,
) -> error::Result<PromiseRaw<'env, f64>> {
    let reading = guard(|| {
        if !matches!(callback.get_type(), Ok(ValueType::Function)) {
            return Err(Error::new(Code::InvalidArgument, "take callback: it is a function"));
        }
        read_file(&file_path, stream_options(Some(batch_size))?, false)
    })?;
    deliver(env, reading, callback).map_err(|error| thrown(&from_napi("deliver lines", &error)))
}

fn deliver<'env>(
    env: &'env Env,
    reading: Arc<Reading>,
    callback: Unknown<'env>,
) -> napi::Result<PromiseRaw<'env, f64>> {
    // So that it is closed when its environment ends.
    let id = READERS.add(Arc::clone(&reading));
    let source = Arc::clone(&reading);
    let next: Function<'_, (), napi_value> =
        env.create_function_from_closure("next", move |context| next_lines(context.env, &source))?;
    let close: Function<'_, (), ()> = env.create_function_from_closure("close", move |_| {
        READERS.remove(id);
        reading.close();
        Ok(())
    })?;
    let deliver = Engine::function(env, |engine| &engine.deliver)?;
    deliver.call((next.raw(), close.raw(), callback.raw()).into())
}

/// The next lines, or how many there were in all.
fn next_lines(env: &Env, reading: &Reading) -> napi::Result<napi_value> {
    let (settlement, promise) =
        task::unsettled(env).map_err(|error| napi::Error::from_reason(error.reason))?;
    reading.next(Box::new(move |next| {
        settlement.settle(next.map(|next| match next {
            Next::Batch(batch) => Either::A(Lines::from(batch.lines)),
            Next::End(lines) => Either::B(lines as f64),
        }));
    }));
    Ok(promise.raw())
}
