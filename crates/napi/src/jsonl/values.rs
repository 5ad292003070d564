//! Lines and numbers as JavaScript values, made with as few calls of Node-API as possible.
//!
//! Every type here is made on any thread, where all is done that needs no engine, and becomes a value on the JavaScript
//! thread.

use super::{
    engine::Engine,
    text::{Text, TextLine, TextLines},
};
use crate::engine::Script;
use napi::{
    Env, JsValue, Result,
    bindgen_prelude::{Array, Float64ArraySlice, JsValuesTupleIntoVec, ToNapiValue},
    sys::{napi_env, napi_value},
};

/// Lines that become values together; the handles of more would add up in a long answer.
const LINES_AT_ONCE: usize = 1000;

/// `JsonlLine[]`.
pub struct Lines(pub(crate) Vec<TextLines>);

impl From<TextLines> for Lines {
    fn from(lines: TextLines) -> Self {
        Self(vec![lines])
    }
}

impl ToNapiValue for Lines {
    unsafe fn to_napi_value(env: napi_env, lines: Self) -> Result<napi_value> {
        records(&Env::from_raw(env), lines.0, true)
    }
}

/// `JsonlTailLine[]`: lines without their numbers.
pub struct UnnumberedLines(pub(crate) TextLines);

impl ToNapiValue for UnnumberedLines {
    unsafe fn to_napi_value(env: napi_env, lines: Self) -> Result<napi_value> {
        records(&Env::from_raw(env), vec![lines.0], false)
    }
}

fn records(env: &Env, batches: Vec<TextLines>, numbered: bool) -> Result<napi_value> {
    let array = env.create_array(0)?;
    // Each batch is freed once the engine has it.
    for batch in batches {
        let lines: Vec<TextLine<'_>> = batch.iter().collect();
        for some in lines.chunks(LINES_AT_ONCE) {
            env.run_in_scope(|| append_records(env, array, some, numbered))?;
        }
    }
    Ok(array.raw())
}

fn append_records(env: &Env, array: Array<'_>, lines: &[TextLine<'_>], numbered: bool) -> Result<()> {
    let numbers = numbered.then(|| Column::of(lines, |line| line.number));
    let append_lines = Engine::function(env, |engine| &engine.append_lines)?;
    let mut values = Values::new(env, 4 + lines.len());
    values.push(array)?;
    values.push(Column::of(lines, |line| line.offset))?;
    values.push(numbers)?;
    values.push(Column::of_omitted(lines))?;
    values.push_contents(lines)?;
    append_lines.call(values)
}

/// `string[]`: the contents of lines.
pub struct Contents(pub(crate) TextLines);

impl ToNapiValue for Contents {
    unsafe fn to_napi_value(env: napi_env, lines: Self) -> Result<napi_value> {
        let env = Env::from_raw(env);
        let array = env.create_array(0)?;
        let lines: Vec<TextLine<'_>> = lines.0.iter().collect();
        for some in lines.chunks(LINES_AT_ONCE) {
            env.run_in_scope(|| {
                let append = Engine::function(&env, |engine| &engine.append)?;
                let mut values = Values::new(&env, 1 + some.len());
                values.push(array)?;
                values.push_contents(some)?;
                append.call(values)
            })?;
        }
        Ok(array.raw())
    }
}

/// What a function is called with. One call with many values costs a fraction of setting as many elements of an array.
pub(super) struct Values {
    env: Env,
    values: Vec<napi_value>,
}

impl Values {
    fn new(env: &Env, capacity: usize) -> Self {
        Self { env: Env::from_raw(env.raw()), values: Vec::with_capacity(capacity) }
    }

    fn push(&mut self, value: impl ToNapiValue) -> Result<()> {
        // SAFETY: the environment is the one that was given to us, on its own thread.
        self.values.push(unsafe { ToNapiValue::to_napi_value(self.env.raw(), value) }?);
        Ok(())
    }

    fn push_contents(&mut self, lines: &[TextLine<'_>]) -> Result<()> {
        for line in lines {
            let content = match line.text {
                Text::Narrow(text) => self.env.create_string_latin1(text)?,
                Text::Wide(text) => self.env.create_string_utf16(text)?,
            };
            self.values.push(content.raw());
        }
        Ok(())
    }
}

impl JsValuesTupleIntoVec for Values {
    fn into_vec(self, _env: napi_env) -> Result<Vec<napi_value>> {
        Ok(self.values)
    }
}

/// `Float64Array`: a number of each line.
pub struct Column(Vec<f64>);

impl Column {
    pub(crate) fn of<'t>(
        lines: impl IntoIterator<Item = &'t TextLine<'t>>,
        number: impl Fn(&TextLine<'_>) -> u64,
    ) -> Self {
        Self(lines.into_iter().map(|line| number(line) as f64).collect())
    }

    /// How many bytes are missing of each line; `None` when all are whole.
    pub(crate) fn of_omitted(lines: &[TextLine<'_>]) -> Option<Self> {
        lines.iter().any(|line| line.omitted > 0).then(|| Self::of(lines, |line| line.omitted))
    }
}

impl ToNapiValue for Column {
    unsafe fn to_napi_value(env: napi_env, column: Self) -> Result<napi_value> {
        let array = Float64ArraySlice::copy_from(&Env::from_raw(env), column.0)?;
        // SAFETY: the environment is the one that was given to us, on its own thread.
        unsafe { ToNapiValue::to_napi_value(env, array) }
    }
}

/// `number[]`.
pub struct Numbers(pub(crate) Vec<u64>);

impl Numbers {
    /// Numbers that become values together, by way of memory that fits in the processor's cache.
    const AT_ONCE: usize = 64 * 1024;
    /// An array that is made with a greater length is a slow one; it grows instead.
    const LONGEST_MADE: usize = 16 * 1024 * 1024;
}

impl ToNapiValue for Numbers {
    unsafe fn to_napi_value(env: napi_env, Self(numbers): Self) -> Result<napi_value> {
        let env = Env::from_raw(env);
        let length = if numbers.len() > Self::LONGEST_MADE { 0 } else { numbers.len() };
        let array = env.create_array(length as u32)?;
        let set = Engine::function(&env, |engine| &engine.set)?;
        for (chunk, some) in numbers.chunks(Self::AT_ONCE).enumerate() {
            let column = Column(some.iter().map(|&number| number as f64).collect());
            env.run_in_scope(|| set.call((array.raw(), (chunk * Self::AT_ONCE) as f64, column).into()))?;
        }
        Ok(array.raw())
    }
}
