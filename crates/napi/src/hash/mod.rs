//! Content hashes of bytes and files, and manifests of trees.

mod engine;
mod progress;
mod values;

pub mod cache;
pub mod files;
pub mod hasher;
pub mod manifest;

pub(crate) use engine::Engine;
pub(crate) use hasher::close_hashers_of_this_thread;
