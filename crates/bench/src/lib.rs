//! What the benches share. Peers are measured beside Han Native by the package `bench/`; these benches watch single
//! parts. Run them with `cargo bench -p han-bench`; the environment variable `HAN_CORPUS` names a config folder to use
//! instead of the small fixtures.

pub mod archive;

use std::{env, path::PathBuf};

/// The config folder to index: `HAN_CORPUS`, else the generated fixtures.
#[must_use]
pub fn corpus() -> PathBuf {
    env::var_os("HAN_CORPUS").map_or_else(|| han_testkit::fixtures().join("generated"), PathBuf::from)
}
