//! A folder that waits to be looked into.

use crate::{ignored::Scope, pattern::Position};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// A folder to look into.
pub(super) struct Task<F> {
    /// The open folder around it; `None`: it is to be opened from the root.
    pub(super) around: Option<Arc<Kept<F>>>,
    /// Relative to the root; empty for the root.
    pub(super) path: Box<[u8]>,
    pub(super) position: Position,
    pub(super) scope: Arc<Scope>,
    /// Levels below the root.
    pub(super) depth: usize,
    /// Where links are followed, the folders around it.
    pub(super) line: Option<Arc<Line>>,
}

/// A folder that is kept open for those in it, as long as they wait.
pub(super) struct Kept<F> {
    pub(super) folder: F,
    open_count: Arc<AtomicUsize>,
}

impl<F> Kept<F> {
    /// Counts the folder among those that are open; also tells how many were.
    pub(super) fn new(folder: F, open_count: &Arc<AtomicUsize>) -> (Arc<Self>, usize) {
        let before = open_count.fetch_add(1, Ordering::Relaxed);
        (Arc::new(Self { folder, open_count: Arc::clone(open_count) }), before)
    }
}

impl<F> Drop for Kept<F> {
    fn drop(&mut self) {
        self.open_count.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A folder and those around it, to notice one that a link leads back to.
pub(super) struct Line {
    identity: (u64, u64),
    around: Option<Arc<Line>>,
}

impl Line {
    /// The line with a folder at its end; `None` when the folder is in it already.
    pub(super) fn with(around: Option<&Arc<Self>>, identity: (u64, u64)) -> Option<Arc<Self>> {
        let mut line = around;
        while let Some(folder) = line {
            if folder.identity == identity {
                return None;
            }
            line = folder.around.as_ref();
        }
        Some(Arc::new(Self { identity, around: around.cloned() }))
    }
}

impl Drop for Line {
    /// One after the other: a line may be longer than the stack is deep.
    fn drop(&mut self) {
        let mut around = self.around.take();
        while let Some(mut line) = around.and_then(Arc::into_inner) {
            around = line.around.take();
        }
    }
}
