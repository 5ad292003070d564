//! Several calls in one transaction, and which database the calls without a path mean. Both run a synchronous callback
//! and pass on what it returns or throws.

use crate::{
    error::{self, guard},
    state::Target,
};
use han_base::{Code, Error, Result};
use napi::{
    Env, JsValue, Unknown, ValueType,
    bindgen_prelude::Function,
    sys::{self, Status},
};
use napi_derive::napi;
use std::ptr;

/// Runs `callback` in one write transaction, committed when it returns and rolled back when it throws; returns or throws
/// the same.
///
/// Every synchronous call that the callback makes on this database joins the transaction, and calls without a path mean
/// this database: reads see what was written, a call that fails undoes itself alone, and a transaction inside is a
/// savepoint. Other databases are independent. Calls that return promises do not join: they run on other threads, see
/// what is committed, and wait with their writes until the callback is back.
///
/// Nobody else can write meanwhile, so a callback that takes longer than about 50 milliseconds holds others up. It must
/// not be asynchronous: one that returns a promise is `INVALID_ARGUMENT`, with what it wrote so far rolled back.
/// `TRANSACTION_LOST` when SQLite had to give up everything.
#[napi(ts_generic_types = "T", ts_args_type = "dbPath: string, callback: () => T", ts_return_type = "T")]
pub fn transaction<'env>(
    env: &'env Env,
    db_path: String,
    callback: Function<'env, (), Unknown<'env>>,
) -> error::Result<Unknown<'env>> {
    let called = guard(|| {
        let (_target, database) = Target::direct(&db_path)?;
        let mut thrown = None;
        let committed = database.write(|_| match call(env, &callback)? {
            Called::Returned(value) => Ok(value),
            Called::Threw(value) => {
                thrown = Some(value);
                Err(Error::new(Code::Cancelled, "roll back, as the callback threw"))
            }
        });
        thrown.map_or_else(|| committed.map(Called::Returned), |value| Ok(Called::Threw(value)))
    })?;
    pass_on(env, called)
}

/// Runs `callback`, and meanwhile directs calls without a path (`createOrchestration`, `queueHook`, `needsReindex` and
/// others) to a database; returns or throws the same. May be used inside itself: the innermost counts, and afterwards
/// the one before. Other threads are not concerned, nor are calls with a path.
///
/// The callback must not be asynchronous: one that returns a promise is `INVALID_ARGUMENT`. What it did before its first
/// `await` is done then, and what comes later does not go to this database.
#[napi(ts_generic_types = "T", ts_args_type = "dbPath: string, callback: () => T", ts_return_type = "T")]
pub fn with_database<'env>(
    env: &'env Env,
    db_path: String,
    callback: Function<'env, (), Unknown<'env>>,
) -> error::Result<Unknown<'env>> {
    let called = guard(|| {
        let (_target, _) = Target::direct(&db_path)?;
        call(env, &callback)
    })?;
    pass_on(env, called)
}

/// How a callback ended.
enum Called<'env> {
    Returned(Unknown<'env>),
    Threw(Unknown<'env>),
}

/// Calls a function without arguments. What is no function, and a promise in return, is `INVALID_ARGUMENT`.
fn call<'env>(env: &'env Env, callback: &Function<'env, (), Unknown<'env>>) -> Result<Called<'env>> {
    if !matches!(callback.to_unknown().get_type(), Ok(ValueType::Function)) {
        return Err(Error::new(Code::InvalidArgument, "take callback: it is a function without parameters"));
    }
    let mut undefined = ptr::null_mut();
    let mut returned = ptr::null_mut();
    // SAFETY: the environment is that of the running call, the function is a live value of it, and both results are
    // written before they are read: the function is called only when `undefined` was made.
    let called = unsafe {
        match sys::napi_get_undefined(env.raw(), &raw mut undefined) {
            Status::napi_ok => sys::napi_call_function(
                env.raw(),
                undefined,
                callback.value().value,
                0,
                ptr::null(),
                &raw mut returned,
            ),
            failed => failed,
        }
    };
    if called != Status::napi_ok {
        return thrown(env).map(Called::Threw);
    }
    // SAFETY: `returned` is a live value of this environment.
    let value = unsafe { Unknown::from_raw_unchecked(env.raw(), returned) };
    match is_thenable(env, returned) {
        None => thrown(env).map(Called::Threw),
        Some(false) => Ok(Called::Returned(value)),
        Some(true) => {
            let attempt = "run a callback: it returned a promise, but must do its work before it returns";
            Err(Error::new(Code::InvalidArgument, attempt))
        }
    }
}

/// Whether a value has a method `then`; `None` when looking threw.
fn is_thenable(env: &Env, value: sys::napi_value) -> Option<bool> {
    let mut kind = sys::ValueType::napi_undefined;
    let mut then = ptr::null_mut();
    // SAFETY: all values are live ones of this environment, and every result is written before it is read, as each
    // call is made only after the one before succeeded.
    unsafe {
        if sys::napi_typeof(env.raw(), value, &raw mut kind) != Status::napi_ok {
            return None;
        }
        if kind != sys::ValueType::napi_object && kind != sys::ValueType::napi_function {
            return Some(false);
        }
        if sys::napi_get_named_property(env.raw(), value, c"then".as_ptr(), &raw mut then) != Status::napi_ok
            || sys::napi_typeof(env.raw(), then, &raw mut kind) != Status::napi_ok
        {
            return None;
        }
    }
    Some(kind == sys::ValueType::napi_function)
}

/// Takes what was thrown, whatever value it is.
fn thrown(env: &Env) -> Result<Unknown<'_>> {
    let mut is_pending = false;
    let mut value = ptr::null_mut();
    // SAFETY: the environment is that of the running call; `value` is made a live value of it by the second call.
    unsafe {
        if sys::napi_is_exception_pending(env.raw(), &raw mut is_pending) == Status::napi_ok
            && is_pending
            && sys::napi_get_and_clear_last_exception(env.raw(), &raw mut value) == Status::napi_ok
        {
            return Ok(Unknown::from_raw_unchecked(env.raw(), value));
        }
    }
    Err(Error::new(Code::Internal, "call a callback: the environment is ending"))
}

/// Returns or throws what the callback did.
fn pass_on<'env>(env: &'env Env, called: Called<'env>) -> error::Result<Unknown<'env>> {
    match called {
        Called::Returned(value) => Ok(value),
        Called::Threw(value) => {
            env.throw(value).map_err(|error| error::thrown(&error::from_napi("throw on", &error)))?;
            // What is returned beside an exception is not looked at.
            Ok(value)
        }
    }
}
