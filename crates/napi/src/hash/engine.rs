//! The functions of `engine.js`.

use crate::engine::script;
use napi::{
    bindgen_prelude::{Array, FnArgs, FunctionRef, Object},
    sys::napi_value,
};

pub(crate) struct Engine {
    /// Takes a record.
    pub(super) entries: FunctionRef<FnArgs<(napi_value,)>, Object<'static>>,
    /// Takes keys, digests and the number of digits.
    pub(super) record: FunctionRef<FnArgs<(napi_value, napi_value, u32)>, Object<'static>>,
    /// Takes digests and the number of digits.
    pub(super) digests: FunctionRef<FnArgs<(napi_value, u32)>, Array<'static>>,
    /// Takes a folder, the separator and paths.
    pub(super) files: FunctionRef<FnArgs<(napi_value, String, napi_value)>, Array<'static>>,
}

script!(
    Engine,
    include_str!("engine.js"),
    entries: "entries",
    record: "record",
    digests: "digests",
    files: "files",
);
