//! A temporary folder of transcripts that tests write to.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

/// When the first change to a [`ConfigDir`] happened: 2026-03-01, in seconds since 1970.
const FIRST_CHANGE: u64 = 1_772_323_200;

/// A temporary folder laid out like an agent's config folder, removed when it is dropped.
///
/// Every change sets the time of the file to one second after that of the change before, so that tests depend neither
/// on the clock nor on its resolution.
#[derive(Debug)]
pub struct ConfigDir {
    folder: tempfile::TempDir,
    changes: AtomicU64,
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
        Self { folder, changes: AtomicU64::new(0) }
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

    /// The path of `projects/<relative>`.
    #[must_use]
    pub fn at(&self, relative: &str) -> PathBuf {
        self.folder.path().join("projects").join(relative)
    }

    /// Writes `text` to `projects/<relative>` and returns its path. A known file keeps its inode.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub fn write(&self, relative: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.at(relative);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(&path, text).expect("a file");
        self.changed(&path);
        path
    }

    /// Adds `text` to the end of `projects/<relative>` and returns its path.
    ///
    /// # Panics
    /// When the file is missing or cannot be written.
    pub fn append(&self, relative: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.at(relative);
        let mut file = File::options().append(true).open(&path).expect("a file");
        file.write_all(text.as_ref()).expect("room");
        drop(file);
        self.changed(&path);
        path
    }

    /// Puts a new file with `text` in the place of `projects/<relative>`, as programs do that write a copy and rename
    /// it, and returns its path.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub fn replace(&self, relative: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.at(relative);
        let copy = path.with_extension("copy");
        fs::write(&copy, text).expect("a file");
        fs::rename(&copy, &path).expect("a new name");
        self.changed(&path);
        path
    }

    /// Changes nothing but the time of `projects/<relative>`.
    ///
    /// # Panics
    /// When the file is missing.
    pub fn touch(&self, relative: &str) {
        self.changed(&self.at(relative));
    }

    fn changed(&self, path: &Path) {
        let seconds = FIRST_CHANGE + self.changes.fetch_add(1, Ordering::Relaxed);
        let file = File::options().write(true).open(path).expect("a file");
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).expect("a time");
    }
}

impl Default for ConfigDir {
    fn default() -> Self {
        Self::new()
    }
}
