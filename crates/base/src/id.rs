//! Row ids. New rows get a random UUID; rows that are derived from a place in a file get a UUID that is
//! always the same for the same place, so that reading a file again finds the rows it made before.

use uuid::Uuid;

/// A fresh random id (UUID version 4, lower-case text).
#[must_use]
pub fn random() -> String {
    Uuid::new_v4().to_string()
}

/// The id made of 128 bits that a caller derived from content or place (UUID version 8, RFC 9562 section 5.8).
#[must_use]
pub fn derived(bits: u128) -> Uuid {
    Uuid::new_v8(bits.to_be_bytes())
}

/// Whether a name has the form of a session id: at least 32 characters, hexadecimal digits and dashes only.
///
/// ```
/// assert!(han_base::id::is_uuid_like("8d435985-6805-4c80-a2d4-1c11d8d39e98"));
/// assert!(!han_base::id::is_uuid_like("small"));
/// ```
#[must_use]
pub fn is_uuid_like(name: &str) -> bool {
    name.len() >= 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}
