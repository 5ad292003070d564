//! Bytes in memory, at once or piece by piece.

use crate::{
    argument::whole,
    error::{self, guard},
    task,
};
use han_base::{Code, Error, Result};
use han_hash::{Algorithm, Hasher, hash_bytes as digest_of};
use napi::{
    Env,
    bindgen_prelude::{Either, PromiseRaw, Uint8ArraySlice},
};
use napi_derive::napi;
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, ThreadId},
};

/// Bytes, or a text, which stands for its bytes in UTF-8.
type Data<'d> = Either<Uint8ArraySlice<'d>, String>;

fn bytes_of<'d>(data: &'d Data<'_>) -> &'d [u8] {
    match data {
        Either::A(bytes) => bytes,
        Either::B(text) => text.as_bytes(),
    }
}

/// The algorithm that a caller named; SHA-256 when none.
pub(super) fn algorithm_of(name: Option<&str>) -> Result<Algorithm> {
    name.map_or(Ok(Algorithm::default()), Algorithm::parse)
}

/// The hash of bytes, or of the UTF-8 of a text, as lower-case hex. `algorithm`: `sha256` (the default), `blake3` or
/// `xxh3-128`. Code: `INVALID_ARGUMENT`.
///
/// @example
/// ```js
/// hashBytes('abc') // 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
/// ```
#[napi(strict)]
pub fn hash_bytes(
    #[napi(ts_arg_type = "Uint8Array | string")] data: Data<'_>,
    #[napi(ts_arg_type = "'sha256' | 'blake3' | 'xxh3-128' | undefined | null")] algorithm: Option<String>,
) -> error::Result<String> {
    guard(|| Ok(digest_of(algorithm_of(algorithm.as_deref())?, bytes_of(&data)).to_hex()))
}

/// As `hashBytes`, without blocking but for a copy of the bytes: worth it from some megabytes on.
#[napi(strict)]
pub fn hash_bytes_async<'env>(
    env: &'env Env,
    #[napi(ts_arg_type = "Uint8Array | string")] data: Data<'_>,
    #[napi(ts_arg_type = "'sha256' | 'blake3' | 'xxh3-128' | undefined | null")] algorithm: Option<String>,
) -> error::Result<PromiseRaw<'env, String>> {
    // The caller may change them meanwhile.
    let bytes = bytes_of(&data).to_vec();
    task::blocking(env, move || Ok(digest_of(algorithm_of(algorithm.as_deref())?, &bytes).to_hex()))
}

/// Begins a hash of bytes that come piece by piece; returns its number, for `updateHasher` and `digestHasher`. It is freed
/// by `closeHasher`, and with the worker thread that made it. Code: `INVALID_ARGUMENT`.
///
/// @example
/// ```js
/// const hasher = createHasher('blake3')
/// for await (const chunk of stream) updateHasher(hasher, chunk)
/// const hash = digestHasher(hasher)
/// closeHasher(hasher)
/// ```
#[napi(strict)]
pub fn create_hasher(
    #[napi(ts_arg_type = "'sha256' | 'blake3' | 'xxh3-128' | undefined | null")] algorithm: Option<String>,
) -> error::Result<f64> {
    guard(|| {
        let hasher = Hasher::new(algorithm_of(algorithm.as_deref())?);
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        HASHERS.lock().insert(id, Open { owner: thread::current().id(), hasher });
        Ok(id as f64)
    })
}

/// Appends bytes, or the UTF-8 of a text. Code: `INVALID_ARGUMENT` when there is no such hasher.
#[napi(strict)]
pub fn update_hasher(
    hasher_id: f64,
    #[napi(ts_arg_type = "Uint8Array | string")] data: Data<'_>,
) -> error::Result<()> {
    guard(|| with_hasher(hasher_id, |hasher| hasher.update(bytes_of(&data))))
}

/// The hash of all bytes so far, as lower-case hex; more may follow. Code: `INVALID_ARGUMENT` when there is no such hasher.
#[napi]
pub fn digest_hasher(hasher_id: f64) -> error::Result<String> {
    guard(|| with_hasher(hasher_id, |hasher| hasher.digest().to_hex()))
}

/// Frees a hasher. False when it was freed already.
#[napi]
pub fn close_hasher(hasher_id: f64) -> error::Result<bool> {
    guard(|| Ok(HASHERS.lock().remove(&whole("hasherId", hasher_id)?).is_some()))
}

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// The hashers of all environments of this process that are not closed, by their numbers.
static HASHERS: LazyLock<Mutex<HashMap<u64, Open>>> = LazyLock::new(Mutex::default);

struct Open {
    /// The JavaScript thread that made it.
    owner: ThreadId,
    hasher: Hasher,
}

fn with_hasher<T>(hasher_id: f64, work: impl FnOnce(&mut Hasher) -> T) -> Result<T> {
    let id = whole("hasherId", hasher_id)?;
    // Not in the map meanwhile: threads do not wait for each other's bytes.
    let taken = HASHERS.lock().remove(&id);
    let mut open = taken.ok_or_else(|| {
        Error::new(Code::InvalidArgument, format!("find hasher {id}: there is none, or it is closed"))
    })?;
    let answer = work(&mut open.hasher);
    HASHERS.lock().insert(id, open);
    Ok(answer)
}

/// Frees what the environment of this thread made, since nobody can ask for it any more.
pub(crate) fn close_hashers_of_this_thread() {
    let owner = thread::current().id();
    HASHERS.lock().retain(|_, open| open.owner != owner);
}
