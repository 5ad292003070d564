//! The matching lines among many: candidates found by a probe, and then read.
//!
//! The probe is used to the end even where most lines are candidates: it then costs a thirtieth of the reading (measured),
//! and giving it up costs more wherever the lines that follow are others.

use super::{Plan, evaluate::Evaluator, probe::ProbeSearch};
use memchr::{memchr, memrchr};
use std::ops::Range;

/// Finds the matching lines in their order.
#[derive(Debug)]
pub(super) struct MatchingLines<'s> {
    lines: &'s [u8],
    /// The start of the line that is looked at next.
    position: usize,
    probe: Option<ProbeSearch<'s>>,
    evaluator: Evaluator<'s>,
}

impl<'s> MatchingLines<'s> {
    pub(super) fn new(plan: &'s Plan, lines: &'s [u8]) -> Self {
        let probe = plan.probe.as_ref().map(|probe| probe.search(lines));
        Self { lines, position: 0, probe, evaluator: Evaluator::new(plan) }
    }

    /// The next line that must be read to know whether it matches.
    fn next_candidate(&mut self) -> Option<Range<usize>> {
        if self.position >= self.lines.len() {
            return None;
        }
        let (start, inside) = match &mut self.probe {
            None => (self.position, self.position),
            Some(probe) => {
                let hit = probe.next(self.position)?;
                let before = memrchr(b'\n', &self.lines[self.position..hit]);
                (before.map_or(self.position, |newline| self.position + newline + 1), hit)
            }
        };
        let end = memchr(b'\n', &self.lines[inside..]).map_or(self.lines.len(), |length| inside + length);
        self.position = end + 1;
        Some(start..end)
    }
}

impl Iterator for MatchingLines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        loop {
            let line = self.next_candidate()?;
            if self.evaluator.matches(&self.lines[line.clone()]) {
                return Some(line);
            }
        }
    }
}
