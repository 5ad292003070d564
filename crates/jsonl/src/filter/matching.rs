//! The matching lines among many: candidates found by a probe, and then read.

use super::{Plan, evaluate::Evaluator, probe::ProbeSearch};
use memchr::{memchr, memrchr};
use std::ops::Range;

/// Bytes after which a probe is judged.
const TRIAL_BYTES: usize = 64 * 1024;

/// Finds the matching lines in their order.
#[derive(Debug)]
pub(super) struct MatchingLines<'s> {
    lines: &'s [u8],
    /// The start of the line that is looked at next.
    position: usize,
    probe: Option<ProbeSearch<'s>>,
    /// Bytes of the candidates so far.
    candidate_bytes: usize,
    evaluator: Evaluator<'s>,
}

impl<'s> MatchingLines<'s> {
    pub(super) fn new(plan: &'s Plan, lines: &'s [u8]) -> Self {
        let probe = plan.probe.as_ref().map(|probe| probe.search(lines));
        Self { lines, position: 0, probe, candidate_bytes: 0, evaluator: Evaluator::new(plan) }
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
        self.candidate_bytes += end - start;
        //self.drop_useless_probe();
        Some(start..end)
    }

    /// Goes on without a probe that spares less than an eighth of the bytes: it costs more than that.
    fn drop_useless_probe(&mut self) {
        if self.position > TRIAL_BYTES && self.candidate_bytes > self.position / 8 * 7 {
            self.probe = None;
        }
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
