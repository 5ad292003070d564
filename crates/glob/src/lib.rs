//! Patterns for paths, and a parallel walk of a tree under its ignore rules.
//!
//! ```
//! use han_glob::{MatchOptions, Patterns, Unwatched, WalkOptions, find_files};
//!
//! let folder = tempfile::tempdir()?;
//! std::fs::write(folder.path().join("main.rs"), "fn main() {}")?;
//!
//! let patterns = Patterns::compile(&["*.rs"], &MatchOptions::default())?;
//! let found = find_files(folder.path(), &patterns, &WalkOptions::default(), &Unwatched)?;
//! assert_eq!(found.files[0].path, "main.rs");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod found;
mod ignored;
mod options;
mod pattern;
mod stream;
mod walk;

pub use found::{Found, FoundFile, FoundFolders, Observer, Unwatched, WalkError, WalkReport};
pub use ignored::global_ignore_file;
pub use options::{IgnoreOptions, MatchOptions, Rules, WalkOptions};
pub use pattern::Patterns;
pub use stream::{FileStream, NextFiles, TakeFiles};
pub use walk::{find_files, find_folders_with, stream_files};
