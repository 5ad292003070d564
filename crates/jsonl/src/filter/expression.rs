//! How the conditions on fields are joined.

use super::{path::Segment, predicate::Predicate};
use std::sync::Arc;

/// One bit for every condition on a field: set when it holds.
pub(super) type Hits = u128;

/// Conditions on fields that one filter may have.
pub(super) const MAX_LEAVES: usize = Hits::BITS as usize;

/// A condition on a field.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    pub(super) path: Arc<[Segment]>,
    pub(super) predicate: Arc<Predicate>,
}

/// Conditions and groups of them. A leaf is named by its place in the list of leaves.
#[derive(Clone, Debug)]
pub(super) enum Expression {
    Leaf(usize),
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
}

impl Expression {
    /// Whether it holds when `hits` are the leaves that do.
    pub(super) fn holds(&self, hits: Hits) -> bool {
        match self {
            Self::Leaf(leaf) => hits >> leaf & 1 == 1,
            Self::All(parts) => parts.iter().all(|part| part.holds(hits)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(hits)),
            Self::Not(part) => !part.holds(hits),
        }
    }

    /// The same expression over leaves that stand `by` places further on.
    pub(super) fn moved(&self, by: usize) -> Self {
        let moved = |parts: &[Self]| parts.iter().map(|part| part.moved(by)).collect();
        match self {
            Self::Leaf(leaf) => Self::Leaf(leaf + by),
            Self::All(parts) => Self::All(moved(parts)),
            Self::Any(parts) => Self::Any(moved(parts)),
            Self::Not(part) => Self::Not(Box::new(part.moved(by))),
        }
    }
}
