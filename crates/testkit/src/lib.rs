//! Fixtures and builders for tests of the other crates. Development only.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The folder of committed fixtures; see its README.
#[must_use]
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// A temporary folder laid out like an agent's config folder, removed when it is dropped.
#[derive(Debug)]
pub struct ConfigDir {
    folder: tempfile::TempDir,
}

impl ConfigDir {
    /// An empty config folder with `projects`.
    ///
    /// # Panics
    /// When the folder cannot be made.
    #[must_use]
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir(folder.path().join("projects")).expect("a folder for projects");
        Self { folder }
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where a database beside the transcripts may lie.
    #[must_use]
    pub fn database_path(&self) -> PathBuf {
        self.folder.path().join("han.db")
    }

    /// Writes `text` to `projects/<relative>` and returns its path.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub fn write(&self, relative: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join("projects").join(relative);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(&path, text).expect("a file");
        path
    }
}

impl Default for ConfigDir {
    fn default() -> Self {
        Self::new()
    }
}
