//! The best of many candidates, in memory that depends on how many are wanted only.

use std::{cmp::Ordering, collections::BinaryHeap};

/// A vector that may be among the best.
#[derive(Debug, PartialEq)]
pub(super) struct Candidate {
    pub(super) score: f64,
    pub(super) id: String,
    pub(super) row: i64,
}

impl Candidate {
    /// Less is better: a higher score, then the id that sorts first.
    fn order(&self, score: f64, id: &str) -> Ordering {
        score.total_cmp(&self.score).then_with(|| self.id.as_str().cmp(id))
    }
}

impl Eq for Candidate {}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order(other.score, &other.id)
    }
}

/// The best so far, the worst of them at hand.
pub(super) struct Nearest {
    limit: usize,
    heap: BinaryHeap<Candidate>,
}

impl Nearest {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, heap: BinaryHeap::new() }
    }

    /// Whether a candidate of this score may be among the best; its id may still decide.
    pub(super) fn may_take(&self, score: f64) -> bool {
        self.heap.len() < self.limit || self.heap.peek().is_some_and(|worst| score >= worst.score)
    }

    /// Takes a candidate, in place of the worst when there are enough and it is better.
    pub(super) fn take(&mut self, score: f64, id: &str, row: i64) {
        if self.heap.len() >= self.limit {
            let is_better = |worst: &Candidate| worst.order(score, id) == Ordering::Greater;
            if !self.heap.peek().is_some_and(is_better) {
                return;
            }
            self.heap.pop();
        }
        self.heap.push(Candidate { score, id: id.to_owned(), row });
    }

    /// The best, best first.
    pub(super) fn into_sorted(self) -> Vec<Candidate> {
        self.heap.into_sorted_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::Nearest;
    use proptest::prelude::{prop, prop_assert_eq, proptest};

    proptest! {
        #[test]
        fn it_is_the_beginning_of_a_sorted_list(scores in prop::collection::vec(-3_i8..3, 0..60), limit in 0_usize..20) {
            let mut nearest = Nearest::new(limit);
            let mut sorted = Vec::new();
            for (row, &score) in scores.iter().enumerate() {
                // Ids that do not sort as they come.
                let id = format!("{:02}", row * 37 % 60);
                if nearest.may_take(score.into()) {
                    nearest.take(score.into(), &id, row as i64);
                }
                sorted.push((-score, id, row as i64));
            }
            sorted.sort();
            sorted.truncate(limit);
            let found: Vec<_> =
                nearest.into_sorted().into_iter().map(|found| (-found.score as i8, found.id, found.row)).collect();
            prop_assert_eq!(found, sorted);
        }
    }
}
