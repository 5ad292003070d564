//! Facts about the addon itself.

use crate::{
    error::{self, guard},
    state, task,
};
use han_base::Code;
use napi_derive::napi;

/// What is loaded and where it runs.
#[napi(object, object_from_js = false)]
pub struct NativeInfo {
    /// Version of the addon; the same as that of `@han/native`.
    pub version: String,
    /// The platform it was built for, in npm's words: `linux-x64-gnu`, `darwin-arm64`, `win32-x64-msvc`.
    pub target: String,
    /// Version of the SQLite library that is linked in.
    pub sqlite_version: String,
    /// Schema version of the databases it writes.
    pub schema_version: u32,
    /// The database of functions without a path: `HAN_DATA_DIR`, else `CLAUDE_CONFIG_DIR/han`, else `~/.han`.
    pub default_db_path: String,
    /// Where transcripts are looked for: `CLAUDE_CONFIG_DIR`, else `~/.claude`.
    pub default_config_dir: String,
    /// Upper bound of threads that asynchronous functions use at once.
    pub threads: u32,
}

/// What is loaded and where it runs.
#[napi]
pub fn get_native_info() -> error::Result<NativeInfo> {
    guard(|| {
        Ok(NativeInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            target: env!("HAN_NATIVE_TARGET").to_owned(),
            sqlite_version: han_db::sqlite_version().to_owned(),
            schema_version: han_db::SCHEMA_VERSION,
            default_db_path: state::default_db_path()?.to_string_lossy().into_owned(),
            default_config_dir: state::default_config_dir()?.to_string_lossy().into_owned(),
            threads: task::max_threads() as u32,
        })
    })
}

/// One code of the closed list, with what it means and what helps.
#[napi(object, object_from_js = false)]
pub struct ErrorCodeInfo {
    /// The stable name that `err.code` holds, for instance `FILE_NOT_FOUND`.
    pub code: String,
    /// When this code is given, in one sentence.
    pub cause: String,
    /// What the caller can do about it, in one sentence.
    pub remedy: String,
}

/// Every code that an error of this package can have, in the order of the documentation.
#[napi]
pub fn list_error_codes() -> error::Result<Vec<ErrorCodeInfo>> {
    guard(|| {
        Ok(Code::ALL
            .iter()
            .map(|code| ErrorCodeInfo {
                code: code.as_str().to_owned(),
                cause: code.cause().to_owned(),
                remedy: code.remedy().to_owned(),
            })
            .collect())
    })
}
