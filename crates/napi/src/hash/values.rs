//! Records of hashes on their way from and to JavaScript.

use super::engine::Engine;
use crate::engine::Script;
use han_hash::{Digest, KnownManifest, Manifest};
use napi::{
    Env, JsValue, Result, Status, ValueType,
    bindgen_prelude::{
        Array, FromNapiValue, JsObjectValue, Object, ToNapiValue, TypeName, Uint8ArraySlice, Unknown,
        ValidateNapiValue,
    },
    sys::{napi_env, napi_value},
};
use std::collections::HashMap;

/// Stands between texts that come as one; no path has it in it.
const SEPARATOR: char = '\0';

/// `Record<string, string>` as a caller gives it. It is copied on the JavaScript thread and taken apart elsewhere.
pub struct KnownRecord(Given);

enum Given {
    /// All keys in one text, all values in another.
    Joined { keys: String, values: String },
    /// Where there are none, or a key or a value has the separator in it.
    Apart(HashMap<String, String>),
}

impl KnownRecord {
    pub(super) fn parse(&self) -> KnownManifest<'_> {
        match &self.0 {
            Given::Joined { keys, values } => keys.split(SEPARATOR).zip(values.split(SEPARATOR)).collect(),
            Given::Apart(entries) => {
                entries.iter().map(|(path, hash)| (path.as_str(), hash.as_str())).collect()
            }
        }
    }
}

impl TypeName for KnownRecord {
    fn type_name() -> &'static str {
        "Record<string, string>"
    }

    fn value_type() -> ValueType {
        ValueType::Object
    }
}

impl ValidateNapiValue for KnownRecord {}

impl FromNapiValue for KnownRecord {
    unsafe fn from_napi_value(env: napi_env, value: napi_value) -> Result<Self> {
        // SAFETY: both are those that were given to us.
        let record = unsafe { Unknown::from_napi_value(env, value) }?;
        if record.get_type()? != ValueType::Object {
            return Err(napi::Error::new(Status::ObjectExpected, "a manifest is an object of texts"));
        }
        let entries =
            Engine::function(&Env::from_raw(env), |engine| &engine.entries)?.call((value,).into())?;
        if let Some(key) = entries.get::<String>("unfit")? {
            let reason = format!("a manifest has texts as values; that of {key:?} is none");
            return Err(napi::Error::new(Status::StringExpected, reason));
        }
        let count = entries.get_named_property::<u32>("count")? as usize;
        let text =
            |name| entries.get_named_property::<Uint8ArraySlice<'_>>(name).map(|bytes| text_from(&bytes));
        let (keys, values) = (text("keys")?, text("values")?);
        let has_all = |text: &str| text.matches(SEPARATOR).count() + 1 == count;
        if has_all(&keys) && has_all(&values) {
            return Ok(Self(Given::Joined { keys, values }));
        }
        // SAFETY: both are those that were given to us.
        unsafe { HashMap::from_napi_value(env, value) }.map(|entries| Self(Given::Apart(entries)))
    }
}

/// A copy of a text in UTF-8, which is what an encoder of the engine gives.
fn text_from(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Texts of digests, one behind the other.
pub(super) struct Digits {
    text: String,
    /// Of each of them.
    width: usize,
}

impl Digits {
    /// `None` becomes blanks.
    pub(super) fn of<'d>(width: usize, digests: impl ExactSizeIterator<Item = Option<&'d Digest>>) -> Digits {
        let mut text = String::with_capacity(digests.len() * width);
        for digest in digests {
            match digest {
                Some(digest) => digest.write_hex(&mut text),
                None => text.extend(std::iter::repeat_n(' ', width)),
            }
        }
        Digits { text, width }
    }

    fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.text.len()).step_by(self.width).map(|start| self.text[start..start + self.width].trim_end())
    }
}

/// `string[]`: digests; the empty text where there is none.
pub struct DigestList(pub(super) Digits);

impl ToNapiValue for DigestList {
    unsafe fn to_napi_value(env: napi_env, Self(digits): Self) -> Result<napi_value> {
        let env = Env::from_raw(env);
        let text = env.create_string_latin1(digits.text.as_bytes())?.raw();
        let digests = Engine::function(&env, |engine| &engine.digests)?;
        Ok(digests.call((text, digits.width as u32).into())?.raw())
    }
}

/// `Record<string, string>`: digests by path; the empty text where there is none.
pub struct DigestRecord {
    keys: Keys,
    digits: Digits,
}

enum Keys {
    /// In one text.
    Joined(String),
    /// Where there are none, or one has the separator in it.
    Apart(Vec<String>),
}

impl DigestRecord {
    pub(super) fn new(keys: Vec<String>, digits: Digits) -> DigestRecord {
        let fits = !keys.is_empty() && !keys.iter().any(|key| key.contains(SEPARATOR));
        DigestRecord {
            keys: if fits { Keys::Joined(joined(keys.iter())) } else { Keys::Apart(keys) },
            digits,
        }
    }
}

impl From<&Manifest> for DigestRecord {
    fn from(manifest: &Manifest) -> Self {
        let width = 2 * Digest::MAX_BYTES;
        let digits = Digits::of(width, manifest.iter().map(|(_, digest)| digest));
        let keys =
            if manifest.is_empty() { Keys::Apart(Vec::new()) } else { Keys::Joined(paths_of(manifest)) };
        DigestRecord { keys, digits }
    }
}

impl ToNapiValue for DigestRecord {
    unsafe fn to_napi_value(env: napi_env, Self { keys, digits }: Self) -> Result<napi_value> {
        let env = Env::from_raw(env);
        let record = match keys {
            Keys::Joined(keys) => {
                let keys = text_of(&env, &keys)?;
                let text = env.create_string_latin1(digits.text.as_bytes())?.raw();
                let record = Engine::function(&env, |engine| &engine.record)?;
                record.call((keys, text, digits.width as u32).into())?
            }
            Keys::Apart(keys) => {
                let mut record = Object::new(&env)?;
                for (key, digest) in keys.iter().zip(digits.iter()) {
                    record.set(key, digest)?;
                }
                record
            }
        };
        Ok(record.raw())
    }
}

/// `string[]`: absolute paths of the files of a manifest.
pub struct FileList {
    folder: String,
    /// In one text; `None` when there are none.
    paths: Option<String>,
}

impl FileList {
    /// - `folder`: the root as a string names it.
    pub(super) fn new(folder: String, manifest: &Manifest) -> FileList {
        let paths = (!manifest.is_empty()).then(|| paths_of(manifest));
        FileList { folder, paths }
    }

    pub(super) fn empty() -> FileList {
        FileList { folder: String::new(), paths: None }
    }
}

impl ToNapiValue for FileList {
    unsafe fn to_napi_value(env: napi_env, Self { folder, paths }: Self) -> Result<napi_value> {
        let env = Env::from_raw(env);
        let files: Array<'_> = match paths {
            None => env.create_array(0)?,
            Some(paths) => {
                let (folder, paths) = (text_of(&env, &folder)?, text_of(&env, &paths)?);
                let files = Engine::function(&env, |engine| &engine.files)?;
                files.call((folder, std::path::MAIN_SEPARATOR.to_string(), paths).into())?
            }
        };
        Ok(files.raw())
    }
}

fn paths_of(manifest: &Manifest) -> String {
    joined(manifest.iter().map(|(path, _)| path))
}

fn joined(texts: impl Iterator<Item = impl AsRef<str>>) -> String {
    let mut all = String::new();
    for (index, text) in texts.enumerate() {
        if index > 0 {
            all.push(SEPARATOR);
        }
        all.push_str(text.as_ref());
    }
    all
}

/// A text as the engine keeps it, by the shortest way.
fn text_of(env: &Env, text: &str) -> Result<napi_value> {
    Ok(if text.is_ascii() {
        env.create_string_latin1(text.as_bytes())?.raw()
    } else {
        env.create_string(text)?.raw()
    })
}
