//! What the crate promises, held against constants of others and against slow, clear twins.

// Support of tests may unwrap as tests do.
#![allow(clippy::unwrap_used)]

mod algorithms;
mod cache;
mod cache_file;
mod files;
mod manifests;
mod tree;
