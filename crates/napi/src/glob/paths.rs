//! Many paths as an array of strings, made of one string that the engine divides: several times faster than one call of
//! Node-API for each.

use han_git::JoinedFiles;
use napi::{
    Env, JsValue, Result, ValueType,
    bindgen_prelude::{Array, FnArgs, Function, JsObjectValue, Object, ToNapiValue, TypeName, Unknown},
    sys::{napi_env, napi_value},
};
use std::fmt::Write;

/// Bytes of text that become one string at most; engines refuse strings of half a gigabyte.
const MOST_BYTES: usize = 128 * 1024 * 1024;

/// `string[]`. No path holds a NUL, which divides them.
#[derive(Debug, Default)]
pub struct Paths {
    joined: String,
    count: usize,
}

impl Paths {
    /// Puts what goes before each path in front of it.
    pub(super) fn behind<'p>(
        head: &str,
        paths: impl ExactSizeIterator<Item = &'p str> + Clone,
        separator: char,
    ) -> Self {
        let bytes = paths.clone().map(|path| head.len() + path.len() + 1).sum();
        let mut all = Self { joined: String::with_capacity(bytes), count: 0 };
        for path in paths {
            if all.count > 0 {
                all.joined.push('\0');
            }
            // The root itself has no separator at its end, unless it is nothing else.
            let is_root = path.is_empty() && head.len() > 1;
            all.joined.push_str(if is_root { head.trim_end_matches(separator) } else { head });
            if separator == '/' || head.is_empty() {
                all.joined.push_str(path);
            } else {
                let _ = path.chars().try_for_each(|letter| {
                    all.joined.write_char(if letter == '/' { separator } else { letter })
                });
            }
            all.count += 1;
        }
        all
    }
}

impl From<JoinedFiles> for Paths {
    fn from(files: JoinedFiles) -> Self {
        Self { count: files.count(), joined: files.into_text() }
    }
}

impl TypeName for Paths {
    fn type_name() -> &'static str {
        "Array<string>"
    }

    fn value_type() -> ValueType {
        ValueType::Object
    }
}

impl ToNapiValue for Paths {
    unsafe fn to_napi_value(env: napi_env, paths: Self) -> Result<napi_value> {
        let env = Env::from_raw(env);
        if paths.count == 0 {
            return Ok(env.create_array(0)?.raw());
        }
        if paths.joined.len() > MOST_BYTES {
            return one_by_one(&env, &paths.joined);
        }
        let text = if paths.joined.is_ascii() {
            env.create_string_latin1(paths.joined.as_bytes())?
        } else {
            env.create_string(&paths.joined)?
        };
        let prototype: Object<'_> = env
            .get_global()?
            .get_named_property::<Function<'_>>("String")?
            .get_named_property("prototype")?;
        let split: Function<'_, FnArgs<(&str,)>, Unknown<'_>> = prototype.get_named_property("split")?;
        Ok(split.apply(text, ("\0",).into())?.raw())
    }
}

fn one_by_one(env: &Env, joined: &str) -> Result<napi_value> {
    let mut array: Array<'_> = env.create_array(0)?;
    for (index, path) in (0..).zip(joined.split('\0')) {
        env.run_in_scope(|| array.set(index, path))?;
    }
    Ok(array.raw())
}
