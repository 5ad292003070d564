//! Content hashes of bytes, files and trees: streaming, parallel, and remembered while a file does not change.
//!
//! - [`hash_bytes`] and [`Hasher`] hash what is in memory; [`hash_file`] and [`hash_files`] read files.
//! - [`HashCache`] remembers what files hashed to, and knows from a [`han_base::FileStamp`] whether that still holds.
//! - [`tree_manifest`], [`files_manifest`] and [`tree_differs`] put that together to [`Manifest`]s.
//!
//! Walking a tree is not done here: the files of one come from the caller.
//!
//! ```
//! use han_hash::{Algorithm, hash_bytes};
//!
//! let digest = hash_bytes(Algorithm::Blake3, b"");
//! assert_eq!(digest.to_hex(), "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262");
//! ```

mod algorithm;
mod cache;
mod cache_file;
mod file;
mod files;
mod hasher;
mod locate;
mod manifest;
mod observer;
mod queue;
mod read_ahead;
mod root;
mod threads;

pub use algorithm::{Algorithm, Digest};
pub use cache::HashCache;
pub use files::{HashOptions, HashedFile, hash_file, hash_files};
pub use hasher::{Hasher, hash_bytes};
pub use locate::files_manifest;
pub use manifest::{
    KnownManifest, Manifest, ManifestChanges, ManifestRun, TreeFile, tree_differs, tree_manifest,
};
pub use observer::{Observer, Unwatched};
