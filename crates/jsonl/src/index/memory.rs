//! The indexes that are kept in memory: those used last.

use super::known::KnownFile;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Files at most.
const MAX_FILES: usize = 256;

/// Line starts of all files together at most: 8 MiB.
const MAX_CHECKPOINTS: usize = 512 * 1024;

/// Indexes by the absolute path of their file. The lock is held for looking up only.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    files: HashMap<PathBuf, Entry>,
    checkpoints: usize,
    /// Counts uses.
    clock: u64,
}

#[derive(Debug)]
struct Entry {
    known: Arc<KnownFile>,
    used: u64,
}

impl Memory {
    pub(crate) fn get(&self, path: &Path) -> Option<Arc<KnownFile>> {
        let mut kept = self.lock();
        kept.clock += 1;
        let clock = kept.clock;
        let entry = kept.files.get_mut(path)?;
        entry.used = clock;
        Some(Arc::clone(&entry.known))
    }

    /// Keeps an index, and forgets those that were not used for longest when there are too many.
    pub(crate) fn put(&self, path: &Path, known: KnownFile) -> Arc<KnownFile> {
        let known = Arc::new(known);
        let mut kept = self.lock();
        kept.remove(path);
        kept.clock += 1;
        kept.checkpoints += known.index.checkpoints.len();
        let entry = Entry { known: Arc::clone(&known), used: kept.clock };
        kept.files.insert(path.to_owned(), entry);
        while kept.files.len() > MAX_FILES || (kept.checkpoints > MAX_CHECKPOINTS && kept.files.len() > 1) {
            let oldest = kept.files.iter().min_by_key(|(_, entry)| entry.used).map(|(path, _)| path.clone());
            let Some(oldest) = oldest else { break };
            kept.remove(&oldest);
        }
        known
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn remove(&mut self, path: &Path) {
        if let Some(entry) = self.files.remove(path) {
            self.checkpoints -= entry.known.index.checkpoints.len();
        }
    }
}
