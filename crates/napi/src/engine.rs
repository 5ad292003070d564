//! Functions that are written in JavaScript, because the engine does some things at a fraction of what they cost through
//! Node-API. A script is compiled once for every environment that uses it.

use napi::{
    Env, Result,
    bindgen_prelude::{Function, FunctionRef, JsValuesTupleIntoVec, Object},
    sys::napi_env,
};
use std::{cell::RefCell, thread::LocalKey};

/// The functions of a script as the environment has them that used them last on a thread.
pub(crate) type Compiled<S> = RefCell<Option<(Environment, S)>>;

/// Whose functions they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Environment(napi_env);

/// The functions of a script.
pub(crate) trait Script: Sized + 'static {
    /// Its text. Its value is an object with the functions.
    const SOURCE: &'static str;

    /// Where a thread keeps them.
    const KEPT: &'static LocalKey<Compiled<Self>>;

    /// Takes the functions out of the value of the script.
    fn from_object(script: &Object<'_>) -> Result<Self>;

    /// One of the functions. It is called when this has returned, since it may call us again.
    fn function<A: JsValuesTupleIntoVec, R>(
        env: &Env,
        choose: impl FnOnce(&Self) -> &FunctionRef<A, R>,
    ) -> Result<Function<'_, A, R>> {
        Self::KEPT.with_borrow_mut(|kept| {
            let environment = Environment(env.raw());
            let (_, functions) = match kept {
                Some(known) if known.0 == environment => known,
                _ => kept.insert((environment, Self::from_object(&env.run_script(Self::SOURCE)?)?)),
            };
            choose(functions).borrow_back(env)
        })
    }

    /// Lets go of what this thread keeps of an environment, which is ending.
    fn forget(env: napi_env) {
        Self::KEPT.with_borrow_mut(|kept| {
            kept.take_if(|(environment, _)| *environment == Environment(env));
        });
    }
}

/// Makes a struct of functions a [`Script`]: its text, and what each function is called there.
macro_rules! script {
    ($functions:ident, $source:expr, $($field:ident: $name:literal),+ $(,)?) => {
        impl $crate::engine::Script for $functions {
            const SOURCE: &'static str = $source;

            const KEPT: &'static std::thread::LocalKey<$crate::engine::Compiled<Self>> = {
                thread_local! {
                    static KEPT: $crate::engine::Compiled<$functions> =
                        const { std::cell::RefCell::new(None) };
                }
                &KEPT
            };

            fn from_object(script: &napi::bindgen_prelude::Object<'_>) -> napi::Result<Self> {
                use napi::bindgen_prelude::JsObjectValue;
                Ok(Self { $($field: script.get_named_property($name)?),+ })
            }
        }
    };
}
pub(crate) use script;
