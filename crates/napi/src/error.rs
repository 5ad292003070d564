//! The one place where an error of ours becomes an error of JavaScript: `err.code` is the code, `err.message` is
//! `[CODE] what was attempted, with the value: cause chain`. Panics become `[INTERNAL]` and never end the host.

use han_base::Code;
use napi::{Env, JsError};
use std::{
    any::Any,
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind, set_hook},
    sync::Once,
};

/// What an exported synchronous function returns. The code becomes `err.code` of the thrown error.
pub(crate) type Result<T> = std::result::Result<T, napi::Error<Code>>;

/// Runs the body of an exported function: its error is thrown with code and message, its panic as `[INTERNAL]`.
///
/// ```ignore
/// #[napi]
/// pub fn get_session(db_path: String, id: String) -> error::Result<Option<Session>> {
///     guard(|| state::open(&db_path)?.sessions().get(&id))
/// }
/// ```
pub(crate) fn guard<T>(body: impl FnOnce() -> han_base::Result<T>) -> Result<T> {
    catch(body).map_err(|error| thrown(&error))
}

/// The error to throw.
pub(crate) fn thrown(error: &han_base::Error) -> napi::Error<Code> {
    napi::Error::new(error.code(), error.to_string())
}

/// Runs `body` and turns a panic into [`Code::Internal`].
///
/// State that a panic may leave half changed has to protect itself: transactions roll back when dropped, and the
/// locks of this crate are released.
pub(crate) fn catch<T>(body: impl FnOnce() -> han_base::Result<T>) -> han_base::Result<T> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        let place = PANIC_PLACE.take().map_or_else(String::new, |place| format!(" at {place}"));
        Err(han_base::Error::new(Code::Internal, format!("panic{place}: {}", panic_words(&*payload))))
    })
}

/// The error to reject a promise with: a real `Error` object with `code`.
///
/// A promise can be rejected only through `napi::Error<Status>`, whose codes are those of Node-API; but one that
/// holds a JavaScript value is rejected with exactly that value, so the value is made here. Runs on the JavaScript
/// thread.
pub(crate) fn rejection(env: Env, error: &han_base::Error) -> napi::Error {
    let error = napi::Error::new(error.code(), error.to_string());
    napi::Error::from_unknown_without_coercion(JsError::from(error).into_unknown(env))
}

/// An error of Node-API itself, with what was attempted. It means a defect, or an environment that is ending.
pub(crate) fn from_napi(attempt: &str, error: &napi::Error) -> han_base::Error {
    han_base::Error::new(Code::Internal, attempt).because(format!("{}: {}", error.status, error.reason))
}

thread_local! {
    /// Where the last panic of this thread happened, for the message that [`catch`] makes.
    static PANIC_PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Replaces the panic hook of this library, which would print to the host's standard error, with one that only
/// remembers the place. The hook belongs to this library alone: other addons have their own copy.
pub(crate) fn silence_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string);
            // A thread that is ending has no place left to remember; the message goes without it.
            let _ = PANIC_PLACE.try_with(|slot| slot.replace(place));
        }));
    });
}

fn panic_words(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}

#[cfg(test)]
mod tests {
    use super::{catch, guard, silence_panics};
    use han_base::{Code, Error};

    #[test]
    fn a_panic_becomes_internal_with_its_place_and_the_thread_goes_on() {
        silence_panics();
        let words = catch::<()>(|| panic!("as asked")).unwrap_err();
        assert_eq!(words.code(), Code::Internal);
        let text = words.to_string();
        assert!(text.starts_with("[INTERNAL] panic at ") && text.ends_with(": as asked"), "{text}");
        assert!(text.contains("error.rs:"), "{text}");

        let formatted = catch::<()>(|| panic!("{} asked", "as")).unwrap_err();
        assert!(formatted.to_string().ends_with(": as asked"));
        let wordless = catch::<()>(|| std::panic::panic_any(7)).unwrap_err();
        assert!(wordless.to_string().ends_with(": without a message"));
        assert_eq!(catch(|| Ok(1)).unwrap(), 1);
    }

    #[test]
    fn an_error_is_thrown_with_its_code_and_its_causes() {
        for code in Code::ALL {
            let fail = || Err::<(), _>(Error::new(*code, "try").because(std::io::Error::other("the cause")));
            let thrown = guard(fail).unwrap_err();
            assert_eq!(thrown.status, *code);
            assert_eq!(thrown.reason, format!("[{code}] try: the cause"));
        }
    }
}
