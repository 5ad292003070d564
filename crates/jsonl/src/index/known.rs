//! An index, and what tells whether it still describes its file.

use super::{probe::probe, sparse::SparseIndex};
use crate::{FileState, JsonlFile, Observer};
use han_base::Result;
use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

/// The coarsest step of the time stamps of file systems (FAT: two seconds). A file that changed shortly before it was
/// looked at may have changed again without a new time stamp.
const STAMP_MS: u64 = 2000;

/// An index that belongs to a content of a file.
#[derive(Debug)]
pub(crate) struct KnownFile {
    pub(crate) index: SparseIndex,
    /// The state of the file then.
    pub(crate) state: FileState,
    /// Of the bytes that the index covers.
    pub(crate) probe: u64,
    /// When the content was last compared, in milliseconds since 1970.
    compared_ms: AtomicI64,
}

/// How an index fits the file as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// It describes the file.
    Same,
    /// It describes the first bytes of the file, which grew.
    Grown,
    /// The file holds something else.
    Other,
}

impl KnownFile {
    /// Reads a file whole.
    pub(crate) fn build(file: &JsonlFile, step: u64, observer: &dyn Observer) -> Result<Self> {
        Self::extend(&SparseIndex::new(0, step), file, observer)
    }

    /// Reads what is behind an index that describes the first bytes of a file.
    pub(crate) fn extend(index: &SparseIndex, file: &JsonlFile, observer: &dyn Observer) -> Result<Self> {
        // What is written after this moment is told by a new time stamp, unless that is of the same step.
        let compared_ms = AtomicI64::new(now_ms());
        let index = index.extended(file, observer)?;
        let probe = probe(file, index.size)?;
        Ok(Self { index, state: file.state(), probe, compared_ms })
    }

    /// An index that was made earlier, when it describes the first bytes of the file by its probe; else `None`.
    pub(crate) fn compare(index: SparseIndex, file: &JsonlFile, expected: u64) -> Result<Option<Self>> {
        let compared_ms = AtomicI64::new(now_ms());
        if index.size > file.size() || probe(file, index.size)? != expected {
            return Ok(None);
        }
        Ok(Some(Self { index, state: file.state(), probe: expected, compared_ms }))
    }

    /// How it fits a file of which it was made earlier in this process.
    pub(crate) fn fit(&self, file: &JsonlFile) -> Result<Fit> {
        let now = file.state();
        if self.state == now && !self.may_be_outdated() {
            return Ok(Fit::Same);
        }
        let may_fit = self.state == now || self.state.is_same_file(&now) && now.size > self.state.size;
        let compared_ms = now_ms();
        if !may_fit || probe(file, self.index.size)? != self.probe {
            return Ok(Fit::Other);
        }
        if self.state != now {
            return Ok(Fit::Grown);
        }
        self.compared_ms.store(compared_ms, Ordering::Relaxed);
        Ok(Fit::Same)
    }

    /// Whether the file may have changed after the comparison within one step of its time stamps.
    fn may_be_outdated(&self) -> bool {
        let compared_ms = i128::from(self.compared_ms.load(Ordering::Relaxed));
        let is_near =
            |stamp_ns: i128| (compared_ms - stamp_ns / 1_000_000).unsigned_abs() < u128::from(STAMP_MS);
        is_near(self.state.modified_ns) || is_near(self.state.changed_ns)
    }
}

fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}
