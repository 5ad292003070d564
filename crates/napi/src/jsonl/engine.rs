//! The functions of `engine.js`.

use super::values::{Column, Values};
use crate::engine::script;
use napi::{
    bindgen_prelude::{FnArgs, FunctionRef, PromiseRaw},
    sys::napi_value,
};

/// Sets elements: the array, the index of the first, and the numbers.
type Set = FunctionRef<FnArgs<(napi_value, f64, Column)>, ()>;

/// Hands over lines: what gives them, what to do at the end, who takes them.
type Deliver = FunctionRef<FnArgs<(napi_value, napi_value, napi_value)>, PromiseRaw<'static, f64>>;

pub(crate) struct Engine {
    /// Takes an array, and what is appended to it.
    pub(super) append: FunctionRef<Values, ()>,
    /// Takes an array, and offsets, numbers, omitted bytes and contents of the lines whose records are appended to it.
    pub(super) append_lines: FunctionRef<Values, ()>,
    pub(super) set: Set,
    pub(super) deliver: Deliver,
}

script!(
    Engine,
    include_str!("engine.js"),
    append: "append",
    append_lines: "appendLines",
    set: "set",
    deliver: "deliver",
);
