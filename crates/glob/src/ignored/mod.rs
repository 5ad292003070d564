//! Which entries of a tree are ignored, as git decides it.

mod repository;
mod rules;
mod scope;
mod wildcard;

pub use repository::global_ignore_file;
pub(crate) use repository::{MAX_FILE_BYTES, Repository};
pub(crate) use rules::IgnoreRules;
pub(crate) use scope::Scope;
