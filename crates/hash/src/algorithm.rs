//! The hash functions there are to choose from, and what they give.

use han_base::{Code, Error, Result};
use std::fmt;

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Algorithm {
    /// SHA-256: what everybody can check, and the default everywhere.
    #[default]
    Sha256,
    /// BLAKE3 with its standard output of 256 bits: as safe against an adversary, and several times as fast.
    Blake3,
    /// XXH3 with 128 bits and seed 0: the fastest, for changes that nobody makes on purpose. It is not cryptographic.
    Xxh3Of128,
}

impl Algorithm {
    /// All of them, in the order of the documentation.
    pub const ALL: [Algorithm; 3] = [Self::Sha256, Self::Blake3, Self::Xxh3Of128];

    /// The name that callers use: `sha256`, `blake3` or `xxh3-128`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Blake3 => "blake3",
            Self::Xxh3Of128 => "xxh3-128",
        }
    }

    /// The algorithm of a name. Code: `INVALID_ARGUMENT`.
    ///
    /// ```
    /// use han_hash::Algorithm;
    ///
    /// assert_eq!(Algorithm::parse("blake3").unwrap(), Algorithm::Blake3);
    /// assert!(Algorithm::parse("md5").is_err());
    /// ```
    pub fn parse(name: &str) -> Result<Algorithm> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name).ok_or_else(|| {
            let known = Self::ALL.map(Self::as_str).join(", ");
            Error::new(Code::InvalidArgument, format!("take algorithm = {name:?}: it is one of {known}"))
        })
    }

    /// Bytes of a digest; its text has twice as many digits.
    #[must_use]
    pub const fn digest_bytes(self) -> usize {
        match self {
            Self::Sha256 | Self::Blake3 => Digest::MAX_BYTES,
            Self::Xxh3Of128 => 16,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What an algorithm makes of some bytes. Its text is lower-case hex.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest {
    algorithm: Algorithm,
    /// Zero behind the bytes of a shorter one.
    bytes: [u8; Self::MAX_BYTES],
}

impl Digest {
    /// Bytes of the longest digest.
    pub const MAX_BYTES: usize = 32;

    /// A digest of bytes that the algorithm gave; those of a shorter one stand at the front.
    pub(crate) fn new(algorithm: Algorithm, bytes: &[u8]) -> Digest {
        let mut own = [0; Self::MAX_BYTES];
        let length = algorithm.digest_bytes();
        own[..length].copy_from_slice(&bytes[..length]);
        Digest { algorithm, bytes: own }
    }

    /// What made it.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The bytes, as many as [`Algorithm::digest_bytes`].
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.algorithm.digest_bytes()]
    }

    /// Appends the text to another.
    pub fn write_hex(&self, text: &mut String) {
        let digits = self.digits();
        text.extend(digits[..2 * self.algorithm.digest_bytes()].iter().copied().map(char::from));
    }

    /// The digits, at the front.
    fn digits(&self) -> [u8; 2 * Self::MAX_BYTES] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut digits = [0; 2 * Self::MAX_BYTES];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(self.bytes) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        digits
    }

    /// The text.
    #[must_use]
    pub fn to_hex(&self) -> String {
        let mut text = String::with_capacity(2 * self.algorithm.digest_bytes());
        self.write_hex(&mut text);
        text
    }

    /// Whether a text is that of this digest. Digits beyond 9 are lower-case letters.
    #[must_use]
    pub fn is_hex(&self, text: &str) -> bool {
        text.as_bytes() == &self.digits()[..2 * self.algorithm.digest_bytes()]
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.to_hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{self}", self.algorithm)
    }
}
