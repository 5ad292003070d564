//! The functions of `engine.js`, compiled once for every environment that uses them.

use napi::{
    Env, Result,
    bindgen_prelude::{Array, FnArgs, Function, FunctionRef, JsObjectValue, JsValuesTupleIntoVec, Object},
    sys::{napi_env, napi_value},
};
use std::cell::RefCell;

/// The functions as one environment has them.
pub(super) struct Engine {
    env: napi_env,
    /// Takes a record.
    pub(super) entries: FunctionRef<FnArgs<(napi_value,)>, Object<'static>>,
    /// Takes keys, digests and the number of digits.
    pub(super) record: FunctionRef<FnArgs<(napi_value, napi_value, u32)>, Object<'static>>,
    /// Takes digests and the number of digits.
    pub(super) digests: FunctionRef<FnArgs<(napi_value, u32)>, Array<'static>>,
    /// Takes a folder, the separator and paths.
    pub(super) files: FunctionRef<FnArgs<(napi_value, String, napi_value)>, Array<'static>>,
}

thread_local! {
    /// Those of the environment that used them last on this thread.
    static ENGINE: RefCell<Option<Engine>> = const { RefCell::new(None) };
}

/// One of the functions. It is called when this has returned, since getters of a record may call us again.
pub(super) fn function<A: JsValuesTupleIntoVec, R>(
    env: &Env,
    choose: impl FnOnce(&Engine) -> &FunctionRef<A, R>,
) -> Result<Function<'_, A, R>> {
    ENGINE.with_borrow_mut(|known| {
        let engine = match known {
            Some(engine) if engine.env == env.raw() => engine,
            _ => known.insert(compile(env)?),
        };
        choose(engine).borrow_back(env)
    })
}

fn compile(env: &Env) -> Result<Engine> {
    let script: Object<'_> = env.run_script(include_str!("engine.js"))?;
    Ok(Engine {
        env: env.raw(),
        entries: script.get_named_property("entries")?,
        record: script.get_named_property("record")?,
        digests: script.get_named_property("digests")?,
        files: script.get_named_property("files")?,
    })
}

/// Lets go of what this thread keeps of an environment, which is ending.
pub(crate) fn forget(env: napi_env) {
    ENGINE.with_borrow_mut(|known| {
        known.take_if(|engine| engine.env == env);
    });
}
