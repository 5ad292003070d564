//! Finding the lines of a file that match a filter.

use crate::{
    Chunk, Filter, JsonlFile, LineBatch, Observer,
    line::LineCounter,
    segments::{SegmentReader, cancelled, in_segments},
};
use han_base::{Code, Result};
use std::{
    collections::BTreeMap,
    ops::Range,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// What [`search`] found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The matching lines, up to the limit, in the order of the file.
    pub batches: Vec<LineBatch>,
    /// Lines that match, beyond the limit too.
    pub matched: u64,
    /// Lines that were looked at, blank ones too.
    pub scanned: u64,
    /// Whether the whole file was looked at; `false` when the observer ended it.
    pub is_complete: bool,
}

/// The lines of a file that match a filter: the first `limit` of them, and how many there are.
///
/// The file is read on several threads. A line that is longer than [`crate::MAX_LINE_BYTES`] does not match. Of a search that
/// the observer ends, the answer holds what was found from the head of the file on.
///
/// Codes: those of [`JsonlFile::open`] and [`JsonlFile::read_at`].
pub fn search(path: &Path, filter: &Filter, limit: Option<u64>, observer: &dyn Observer) -> Result<Found> {
    let file = JsonlFile::open(path)?;
    let collected = Collected::new(limit);
    let parts = in_segments(&file, 0..file.size(), observer, |segment| {
        let part = search_segment(&file, &segment, filter, &collected, observer)?;
        collected.add(segment, part);
        Ok(())
    });
    match parts {
        Ok(_) => Ok(collected.finish(true)),
        Err(error) if error.code() == Code::Cancelled => Ok(collected.finish(false)),
        Err(error) => Err(error),
    }
}

/// What the threads have found so far, brought into the order of the file.
struct Collected {
    limit: u64,
    /// Whether the limit is reached by what stands in order, so that no more lines are kept.
    is_full: AtomicBool,
    order: Mutex<Order>,
}

#[derive(Default)]
struct Order {
    found: Found,
    /// Lines in `found`.
    kept: u64,
    /// How far `found` reaches.
    end: u64,
    /// Segments that were done before those in front of them: start to end and part.
    waiting: BTreeMap<u64, (u64, Part)>,
}

impl Collected {
    fn new(limit: Option<u64>) -> Self {
        let limit = limit.unwrap_or(u64::MAX);
        Self { limit, is_full: AtomicBool::new(limit == 0), order: Mutex::default() }
    }

    /// Whether a segment with so many lines has to keep another one.
    fn wants_line(&self, kept: usize) -> bool {
        (kept as u64) < self.limit && !self.is_full.load(Ordering::Relaxed)
    }

    fn add(&self, segment: Range<u64>, part: Part) {
        let mut order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        order.waiting.insert(segment.start, (segment.end, part));
        loop {
            let end = order.end;
            let Some((segment_end, part)) = order.waiting.remove(&end) else { break };
            order.end = segment_end;
            order.append(part, self.limit);
        }
        self.is_full.store(order.kept >= self.limit, Ordering::Relaxed);
    }

    fn finish(self, is_complete: bool) -> Found {
        let order = self.order.into_inner().unwrap_or_else(PoisonError::into_inner);
        Found { is_complete, ..order.found }
    }
}

impl Order {
    fn append(&mut self, mut part: Part, limit: u64) {
        part.lines.truncate(usize::try_from(limit - self.kept).unwrap_or(usize::MAX));
        part.lines.renumber(self.found.scanned);
        self.kept += part.lines.len() as u64;
        self.found.matched += part.matched;
        self.found.scanned += part.scanned;
        if !part.lines.is_empty() {
            self.found.batches.push(part.lines);
        }
    }
}

/// What was found in one segment. Numbers count from its head.
#[derive(Debug, Default)]
struct Part {
    lines: LineBatch,
    matched: u64,
    scanned: u64,
}

fn search_segment(
    file: &JsonlFile,
    segment: &Range<u64>,
    filter: &Filter,
    collected: &Collected,
    observer: &dyn Observer,
) -> Result<Part> {
    let mut part = Part::default();
    let Some(mut reader) = SegmentReader::new(file, segment)? else { return Ok(part) };
    while let Some(chunk) = reader.next_chunk()? {
        let scanned_before = part.scanned;
        let length = chunk.bytes().len() as u64;
        match chunk {
            Chunk::Lines { offset, bytes } | Chunk::Tail { offset, bytes } => {
                search_lines(offset, bytes, filter, collected, &mut part);
            }
            Chunk::LongLine { first, .. } => part.scanned += u64::from(first),
        }
        observer.advanced(length, part.scanned - scanned_before);
        if observer.is_cancelled() {
            return Err(cancelled(file));
        }
    }
    Ok(part)
}

fn search_lines(offset: u64, bytes: &[u8], filter: &Filter, collected: &Collected, part: &mut Part) {
    let mut counter = LineCounter::new(bytes);
    for line in filter.matching_lines(bytes) {
        part.matched += 1;
        if collected.wants_line(part.lines.len()) {
            let number = part.scanned + counter.lines_before(line.start);
            part.lines.push(number, offset + line.start as u64, &bytes[line]);
        }
    }
    part.scanned += counter.total();
}
