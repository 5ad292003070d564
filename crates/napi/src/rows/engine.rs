//! The functions of `rows.js`, compiled once for every environment that uses them.

use super::kinds::RowKind;
use napi::{
    Env, Result,
    bindgen_prelude::{FnArgs, Function, FunctionRef, JsObjectValue, JsValuesTupleIntoVec, Object, Unknown},
    sys::{napi_env, napi_value},
};
use std::{cell::RefCell, collections::HashMap};

/// Appends rows of one type to an array.
pub(super) type Append = FunctionRef<Arguments, ()>;

/// What a function is called with.
pub(super) struct Arguments(pub(super) Vec<napi_value>);

impl JsValuesTupleIntoVec for Arguments {
    fn into_vec(self, _env: napi_env) -> Result<Vec<napi_value>> {
        Ok(self.0)
    }
}

/// The functions as one environment has them.
pub(super) struct Engine {
    env: napi_env,
    appender: FunctionRef<FnArgs<(String,)>, Function<'static, Arguments, ()>>,
    appenders: HashMap<&'static str, Append>,
    /// Takes a promise of rows that are still to be built, and gives one of the rows.
    pub(super) gather: FunctionRef<Arguments, Unknown<'static>>,
    /// Takes keys and values, and gives a record.
    pub(super) record: FunctionRef<Arguments, Unknown<'static>>,
    /// Takes keys and a promise of values, and gives one of a record.
    pub(super) gather_record: FunctionRef<Arguments, Unknown<'static>>,
}

thread_local! {
    /// Those of the environment that used them last on this thread.
    static ENGINE: RefCell<Option<Engine>> = const { RefCell::new(None) };
}

fn with_engine<T>(env: &Env, body: impl FnOnce(&mut Engine) -> Result<T>) -> Result<T> {
    ENGINE.with_borrow_mut(|known| {
        let engine = match known {
            Some(engine) if engine.env == env.raw() => engine,
            _ => known.insert(compile(env)?),
        };
        body(engine)
    })
}

/// One of the functions. It is called when this has returned, since it may call us again.
pub(super) fn function<A: JsValuesTupleIntoVec, R>(
    env: &Env,
    choose: impl FnOnce(&Engine) -> &FunctionRef<A, R>,
) -> Result<Function<'_, A, R>> {
    with_engine(env, |engine| choose(engine).borrow_back(env))
}

/// The function that takes an array, a number of rows and the columns of a chunk, and appends the rows.
pub(super) fn append<K: RowKind>(env: &Env) -> Result<Function<'_, Arguments, ()>> {
    with_engine(env, |engine| {
        if let Some(append) = engine.appenders.get(K::NAME) {
            return append.borrow_back(env);
        }
        let append = engine.appender.borrow_back(env)?.call((fields_json::<K>(),).into())?;
        engine.appenders.insert(K::NAME, append.create_ref()?);
        engine.appenders[K::NAME].borrow_back(env)
    })
}

fn compile(env: &Env) -> Result<Engine> {
    let script: Object<'_> = env.run_script(include_str!("rows.js"))?;
    Ok(Engine {
        env: env.raw(),
        appender: script.get_named_property("appender")?,
        appenders: HashMap::new(),
        gather: script.get_named_property("gather")?,
        record: script.get_named_property("record")?,
        gather_record: script.get_named_property("gatherRecord")?,
    })
}

/// The fields of a type of row as JSON, with their names as JavaScript writes them.
fn fields_json<K: RowKind>() -> String {
    let field = |&(name, kind, optional): &(&str, &str, bool)| {
        format!(r#"{{"name":"{}","kind":"{kind}","optional":{optional}}}"#, camel_case(name))
    };
    let fields: Vec<String> = K::FIELDS.iter().map(field).collect();
    format!("[{}]", fields.join(","))
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (first, rest) = word.split_at(1);
        camel += &first.to_ascii_uppercase();
        camel += rest;
    }
    camel
}

/// Lets go of what this thread keeps of an environment, which is ending.
pub(crate) fn forget(env: napi_env) {
    ENGINE.with_borrow_mut(|known| {
        known.take_if(|engine| engine.env == env);
    });
}
