//! Segments of the full-text index that are built outside of FTS5.
//!
//! FTS5 indexes one text after the other on the connection that writes. Here the posting lists of a batch of documents
//! ([`Postings`]) are made on any thread, many batches are collected ([`SegmentBuilder`]), and what comes out
//! ([`Segment`]) is written straight into the shadow tables of `messages_fts`: one segment, as if FTS5 had got all the
//! documents in one transaction, byte for byte.
//!
//! ```text
//! reader threads   Postings::add … Postings::seal
//! writer           SegmentBuilder::append …          in the order of the rows
//! any thread       SegmentBuilder::finish            sorts terms, joins lists on all cores, encodes pages
//! writer           Segment::write_pages …            invisible, in short transactions
//!                  Segment::publish                  visible, in one transaction
//! ```
//!
//! # Format
//!
//! The source of the format is SQLite's own: `fts5_index.c` (pages, structure, averages), `fts5_hash.c` (lists of
//! positions) and `fts5_storage.c` (sizes) of SQLite 3.53. It holds for the table as the migrations make it: two
//! columns, tokenizer `han`, `detail=full`, `columnsize=1`, no prefix indexes, the usual page size. SQLite promises to
//! read files of older versions, so segments stay readable; FTS5 merges ours with its own.
//!
//! * `messages_fts_data` holds pages by id: 1 is the averages record, 10 the structure record, and pages of segments
//!   have the segment's id in the bits from 37 on, then one bit for indexes of posting lists, their height, and the
//!   page.
//! * `messages_fts_idx` tells on which page to look for a term.
//! * `messages_fts_docsize` has a row for every row in the index.
//!
//! FTS5 gives its segments ids up to 2000 and reads any of 16 bits, so ours begin behind: FTS5 never takes the id of a
//! segment that is being written.

mod dictionary;
mod join;
mod pages;
mod postings;
mod store;
mod structure;
#[cfg(test)]
mod tests;
mod varint;

use pages::PageWriter;
use postings::Run;
pub use postings::{Postings, Vocabulary};
use std::sync::Arc;
pub use store::{Segment, remove_unpublished};

/// Columns of `messages_fts`.
const COLUMNS: usize = 2;

/// A length within the postings of some documents. Memory bounds them to far less than 4 GiB: they are encoded as soon as
/// they have about two million tokens, and SQLite bounds a single document to 10⁹ bytes.
fn bounded(length: usize) -> u32 {
    u32::try_from(length).expect("postings of less than 4 GiB")
}

/// A row of the index: its id, and how many positions each column has.
type Size = (i64, [u32; COLUMNS]);

/// Collects postings of many batches, in ascending order of rows, for one segment.
#[derive(Debug, Default)]
pub struct SegmentBuilder {
    runs: Vec<(Arc<Run>, Rows)>,
    last_row: Option<i64>,
    bytes: usize,
}

/// Which rows the documents of a run are.
#[derive(Debug)]
enum Rows {
    /// The first; each other is one more than the one before.
    Consecutive(i64),
    Listed(Box<[i64]>),
}

impl Rows {
    fn new(rows: &[i64]) -> Self {
        match rows {
            [first, .., last] if last.abs_diff(*first) != rows.len() as u64 - 1 => Self::Listed(rows.into()),
            _ => Self::Consecutive(rows.first().copied().unwrap_or_default()),
        }
    }

    fn get(&self, document: u32) -> i64 {
        match self {
            Self::Consecutive(first) => first + i64::from(document),
            Self::Listed(rows) => rows[document as usize],
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Consecutive(_) => 0,
            Self::Listed(rows) => size_of_val(&**rows),
        }
    }
}

impl SegmentBuilder {
    /// No documents.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the documents of a batch. `row_ids` has one row for each of them, also for those without text, strictly
    /// ascending and greater than any before. None of the rows may be in the index yet. It is quickest when they are
    /// consecutive.
    ///
    /// # Panics
    /// When `row_ids` breaks these rules.
    pub fn append(&mut self, postings: &Postings, row_ids: &[i64]) {
        assert_eq!(row_ids.len(), postings.documents(), "one row for each document");
        let is_ascending = row_ids.is_sorted_by(|before, row| before < row)
            && row_ids.first().is_none_or(|first| self.last_row.is_none_or(|last| last < *first));
        assert!(is_ascending, "rows ascend");
        self.last_row = row_ids.last().copied().or(self.last_row);
        let mut rest = row_ids;
        for run in postings.runs() {
            let (here, behind) = rest.split_at(run.sizes.len());
            rest = behind;
            let rows = Rows::new(here);
            self.bytes += run.bytes() + rows.bytes();
            self.runs.push((run, rows));
        }
    }

    /// Memory held, in bytes. [`SegmentBuilder::finish`] takes about as much again.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether there are no documents.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.last_row.is_none()
    }

    /// Turns what was collected into pages: sorts the terms, joins their posting lists and encodes. Much work for the
    /// CPU, none for the database.
    #[must_use]
    pub fn finish(self) -> Segment {
        let mut sizes = Vec::with_capacity(self.runs.iter().map(|(run, _)| run.sizes.len()).sum());
        for (run, rows) in &self.runs {
            sizes.extend(
                (0..).zip(&run.sizes).filter_map(|(document, size)| Some((rows.get(document), (*size)?))),
            );
        }

        let mut writer = PageWriter::new(self.bytes);
        join::join(&self.runs, |text, list| writer.append(text, list));
        Segment::new(writer.finish(), sizes)
    }
}
