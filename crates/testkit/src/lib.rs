//! Fixtures and builders for tests of the other crates. Development only.

mod config_dir;
#[cfg(target_os = "linux")]
mod rights;
mod transcript;

pub use config_dir::ConfigDir;
#[cfg(target_os = "linux")]
pub use rights::as_ordinary_user;
pub use transcript::Transcript;

use std::path::{Path, PathBuf};

/// The folder of committed fixtures; see its README.
#[must_use]
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}
