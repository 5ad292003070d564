//! Where some lines of a file begin: about one for each 16 KiB, so that any line is found near one of them.

use crate::{JsonlFile, Observer, count::for_each_chunk, newlines, segments::in_segments, window::Window};
use han_base::Result;
use memchr::{memchr, memrchr};
use std::{mem, ops::Range};

/// Bytes of a step: for each, the first line that begins in it is remembered.
pub(crate) const STEP_BYTES: u64 = 16 * 1024;

/// Steps of a file at most; of a larger file they are longer. An index takes 1 MiB at most.
pub(crate) const MAX_STEPS: u64 = 64 * 1024;

/// Where a line begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// Its number.
    pub(crate) line: u64,
    /// Its first byte.
    pub(crate) offset: u64,
}

/// A sparse index of the first bytes of a file. It tells of newlines only, so that it holds however the last line goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SparseIndex {
    /// Bytes that it covers.
    pub(crate) size: u64,
    /// Newlines among them.
    pub(crate) newlines: u64,
    /// Where the line behind the last newline begins; `size` when nothing stands there.
    pub(crate) tail_start: u64,
    /// Bytes of a step.
    pub(crate) step: u64,
    /// The first line that begins in each step, where one does. The head of the file is left out.
    pub(crate) checkpoints: Vec<Checkpoint>,
}

impl SparseIndex {
    /// An index of nothing, for what follows at `offset`, with steps of at least `step` bytes.
    pub(crate) fn new(offset: u64, step: u64) -> Self {
        Self { size: offset, newlines: 0, tail_start: offset, step, checkpoints: Vec::new() }
    }

    /// The index of a file that grew, or of a whole file when this one is new: what is behind is read on several threads.
    pub(crate) fn extended(&self, file: &JsonlFile, observer: &dyn Observer) -> Result<Self> {
        let mut index = self.clone();
        index.widen_steps(file.size());
        let step = index.step;
        let parts = in_segments(file, index.size..file.size(), observer, |segment| {
            read_part(file, segment, step, observer)
        })?;
        for part in &parts {
            index.append(part);
        }
        Ok(index)
    }

    /// How many lines the file has: one more than newlines when something stands behind the last of them.
    pub(crate) fn line_count(&self) -> u64 {
        self.newlines + u64::from(self.tail_start < self.size)
    }

    /// The last known line start at or before a line.
    pub(crate) fn checkpoint_before(&self, line: u64) -> Checkpoint {
        let behind = self.checkpoints.partition_point(|checkpoint| checkpoint.line <= line);
        behind.checked_sub(1).map_or_else(Checkpoint::default, |at| self.checkpoints[at])
    }

    /// Where a line begins. `None` when the index does not fit the file.
    pub(crate) fn find(&self, window: &mut Window<'_>, line: u64) -> Result<Option<u64>> {
        let checkpoint = self.checkpoint_before(line);
        if !window.is_line_start(checkpoint.offset)? {
            return Ok(None);
        }
        window.skip_lines(checkpoint.offset, line - checkpoint.line)
    }

    /// Whether line `line`, or the end of the file for the line behind the last one, can be at `offset`, by what is known.
    pub(crate) fn admits(&self, line: u64, offset: u64) -> bool {
        let before = self.checkpoint_before(line);
        let behind = self.checkpoints.partition_point(|checkpoint| checkpoint.line <= line);
        let is_below = |checkpoint: &Checkpoint| offset < checkpoint.offset;
        let tail = Checkpoint { line: self.newlines, offset: self.tail_start };
        let agrees = |known: Checkpoint| (line == known.line) == (offset == known.offset);
        offset >= before.offset
            && line - before.line <= offset - before.offset
            && self.checkpoints.get(behind).is_none_or(is_below)
            && agrees(before)
            && agrees(tail)
            && (line >= self.line_count()) == (offset >= self.size)
    }

    /// Whether its numbers can be those of a file.
    pub(crate) fn is_sound(&self) -> bool {
        let is_behind = |[before, behind]: [Checkpoint; 2]| {
            before.line < behind.line
                && before.offset < behind.offset
                && behind.line - before.line <= behind.offset - before.offset
        };
        let end = Checkpoint { line: self.newlines, offset: self.tail_start };
        let all = || [Checkpoint::default()].into_iter().chain(self.checkpoints.iter().copied());
        let mut pairs = all().zip(all().skip(1)).map(|(before, behind)| [before, behind]);
        let last = self.checkpoints.last().copied().unwrap_or_default();
        self.step > 0
            && pairs.all(is_behind)
            && (last == end || is_behind([last, end]))
            && self.tail_start <= self.size
    }

    /// Adds the bytes that follow those it covers.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            // Behind a newline that is a step's last byte, a line of the next step begins.
            let line_start = self.size + 1;
            let next_step = (line_start / self.step + 1) * self.step;
            let length = (next_step - line_start).min(rest.len() as u64);
            let (piece, behind) = rest.split_at(length as usize);
            if let Some(first) = memchr(b'\n', piece) {
                self.remember(Checkpoint { line: self.newlines + 1, offset: line_start + first as u64 });
                self.newlines += newlines::count(&piece[first..]) as u64;
                let last = memrchr(b'\n', &piece[first..]).unwrap_or_default();
                self.tail_start = line_start + (first + last) as u64;
            }
            self.size += length;
            rest = behind;
        }
    }

    /// Adds the index of the bytes that follow, whose lines count from their head.
    pub(crate) fn append(&mut self, part: &Self) {
        for checkpoint in &part.checkpoints {
            self.remember(Checkpoint { line: self.newlines + checkpoint.line, ..*checkpoint });
        }
        if part.newlines > 0 {
            self.tail_start = part.tail_start;
        }
        self.newlines += part.newlines;
        self.size = part.size;
    }

    /// Adds the start of the next line of all.
    pub(crate) fn add_line_start(&mut self, offset: u64) {
        self.newlines += 1;
        self.tail_start = offset;
        self.size = offset;
        self.remember(Checkpoint { line: self.newlines, offset });
    }

    /// Behind the last line start: covers the rest of a file of `size` bytes, which holds no newline but perhaps its last byte.
    pub(crate) fn cover(&mut self, size: u64, has_open_end: bool) {
        if !has_open_end && size > 0 {
            self.add_line_start(size);
        }
        self.size = size;
    }

    /// Keeps a line start when it is the first one of its step.
    fn remember(&mut self, checkpoint: Checkpoint) {
        let last = self.checkpoints.last().map_or(0, |last| last.offset / self.step);
        if checkpoint.offset / self.step > last {
            self.checkpoints.push(checkpoint);
        }
    }

    /// Makes the steps so long that there are not too many in a file of `size` bytes.
    pub(crate) fn widen_steps(&mut self, size: u64) {
        while size / self.step > MAX_STEPS {
            self.step *= 2;
        }
        for checkpoint in mem::take(&mut self.checkpoints) {
            self.remember(checkpoint);
        }
    }
}

fn read_part(
    file: &JsonlFile,
    segment: Range<u64>,
    step: u64,
    observer: &dyn Observer,
) -> Result<SparseIndex> {
    let mut part = SparseIndex::new(segment.start, step);
    for_each_chunk(file, segment, observer, |_, bytes| {
        let before = part.newlines;
        part.add(bytes);
        part.newlines - before
    })?;
    Ok(part)
}
