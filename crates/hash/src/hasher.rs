//! Hashing of bytes that are in memory, at once or piece by piece.

use crate::{Algorithm, Digest};
use sha2::{Digest as _, Sha256};
use std::fmt;
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

/// Hashes bytes that are in memory.
///
/// ```
/// use han_hash::{Algorithm, hash_bytes};
///
/// let digest = hash_bytes(Algorithm::Sha256, b"abc");
/// assert!(digest.to_hex().starts_with("ba7816bf"));
/// ```
#[must_use]
pub fn hash_bytes(algorithm: Algorithm, bytes: &[u8]) -> Digest {
    match algorithm {
        Algorithm::Sha256 => Digest::new(algorithm, &Sha256::digest(bytes)),
        Algorithm::Blake3 => Digest::new(algorithm, blake3::hash(bytes).as_bytes()),
        Algorithm::Xxh3Of128 => Digest::new(algorithm, &xxh3_128(bytes).to_be_bytes()),
    }
}

/// Hashes bytes that come piece by piece; how they are cut makes no difference.
///
/// ```
/// use han_hash::{Algorithm, Hasher, hash_bytes};
///
/// let mut hasher = Hasher::new(Algorithm::Blake3);
/// hasher.update(b"a");
/// hasher.update(b"bc");
/// assert_eq!(hasher.digest(), hash_bytes(Algorithm::Blake3, b"abc"));
/// ```
#[derive(Clone)]
pub struct Hasher(State);

#[derive(Clone)]
enum State {
    Sha256(Sha256),
    Blake3(Box<blake3::Hasher>),
    Xxh3Of128(Box<Xxh3>),
}

impl Hasher {
    /// A hasher that has seen no bytes.
    #[must_use]
    pub fn new(algorithm: Algorithm) -> Hasher {
        Hasher(match algorithm {
            Algorithm::Sha256 => State::Sha256(Sha256::new()),
            Algorithm::Blake3 => State::Blake3(Box::default()),
            Algorithm::Xxh3Of128 => State::Xxh3Of128(Box::default()),
        })
    }

    /// Appends bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Sha256(state) => state.update(bytes),
            State::Blake3(state) => {
                state.update(bytes);
            }
            State::Xxh3Of128(state) => state.update(bytes),
        }
    }

    /// The digest of all bytes so far; more may follow.
    #[must_use]
    pub fn digest(&self) -> Digest {
        match &self.0 {
            State::Sha256(state) => Digest::new(Algorithm::Sha256, &state.clone().finalize()),
            State::Blake3(state) => Digest::new(Algorithm::Blake3, state.finalize().as_bytes()),
            State::Xxh3Of128(state) => Digest::new(Algorithm::Xxh3Of128, &state.digest128().to_be_bytes()),
        }
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What it has seen is not for logs.
        let algorithm = match &self.0 {
            State::Sha256(_) => Algorithm::Sha256,
            State::Blake3(_) => Algorithm::Blake3,
            State::Xxh3Of128(_) => Algorithm::Xxh3Of128,
        };
        formatter.debug_tuple("Hasher").field(&algorithm).finish()
    }
}
