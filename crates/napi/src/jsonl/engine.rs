//! The functions of `engine.js`, compiled once for every environment that uses them.

use super::values::{Column, Values};
use napi::{
    Env, Result,
    bindgen_prelude::{
        FnArgs, Function, FunctionRef, JsObjectValue, JsValuesTupleIntoVec, Object, PromiseRaw,
    },
    sys::{napi_env, napi_value},
};
use std::cell::RefCell;

/// Sets elements: the array, the index of the first, and the numbers.
type Set = FunctionRef<FnArgs<(napi_value, f64, Column)>, ()>;

/// Hands over lines: what gives them, what to do at the end, who takes them.
type Deliver = FunctionRef<FnArgs<(napi_value, napi_value, napi_value)>, PromiseRaw<'static, f64>>;

/// The functions as one environment has them.
pub(super) struct Engine {
    env: napi_env,
    /// Takes an array, and what is appended to it.
    pub(super) append: FunctionRef<Values, ()>,
    /// Takes an array, and offsets, numbers, omitted bytes and contents of the lines whose records are appended to it.
    pub(super) append_lines: FunctionRef<Values, ()>,
    pub(super) set: Set,
    pub(super) deliver: Deliver,
}

thread_local! {
    /// Those of the environment that used them last on this thread.
    static ENGINE: RefCell<Option<Engine>> = const { RefCell::new(None) };
}

/// One of the functions. It is called when this has returned, since it may call us again.
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
        append: script.get_named_property("append")?,
        append_lines: script.get_named_property("appendLines")?,
        set: script.get_named_property("set")?,
        deliver: script.get_named_property("deliver")?,
    })
}

/// Lets go of what this thread keeps of an environment, which is ending.
pub(crate) fn forget(env: napi_env) {
    ENGINE.with_borrow_mut(|known| {
        known.take_if(|engine| engine.env == env);
    });
}
