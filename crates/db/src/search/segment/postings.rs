//! The posting lists of a batch of documents.

use super::{COLUMNS, bounded, dictionary::Dictionary, varint};
use crate::tokenizer::tokenize;
use std::ops::ControlFlow;

/// Tokens at which the documents so far are encoded, to bound the memory that they take until then.
const TOKENS_AT_ONCE: usize = 1 << 21;

/// The posting lists of a batch of documents: which terms stand where in them. Built on any thread; a
/// [`SegmentBuilder`](super::SegmentBuilder) collects those of many batches.
///
/// ```
/// use han_db::search::segment::Postings;
///
/// let mut postings = Postings::new();
/// postings.add(Some("a question"), None);
/// postings.add(Some("an answer"), Some("and its tool's input"));
/// postings.seal();
/// assert_eq!(postings.documents(), 2);
/// ```
#[derive(Debug)]
pub struct Postings {
    /// What is encoded, in the order of the documents.
    runs: Vec<Run>,
    /// Documents in `runs`.
    documents: usize,
    open: Open,
}

impl Default for Postings {
    fn default() -> Self {
        Self::new()
    }
}

impl Postings {
    /// No documents.
    #[must_use]
    pub fn new() -> Self {
        Self { runs: Vec::new(), documents: 0, open: Open::new() }
    }

    /// Adds the next document: documents are numbered from 0 in the order of calls. None is a column without text. A
    /// document without any text takes a number, but the index will not know it; one with empty text is in the index.
    pub fn add(&mut self, content: Option<&str>, tool_input: Option<&str>) {
        self.open.add([content, tool_input]);
        if self.open.occurrences.len() >= TOKENS_AT_ONCE {
            self.seal();
        }
    }

    /// How many documents were added, those without any token included.
    #[must_use]
    pub fn documents(&self) -> usize {
        self.documents + self.open.documents.len()
    }

    /// Encodes what was added. To be called behind the last document, on the thread that added it: what is not encoded
    /// is when the postings are appended to a segment, and costs time there.
    pub fn seal(&mut self) {
        if !self.open.documents.is_empty() {
            self.documents += self.open.documents.len();
            self.runs.push(self.open.encode());
            self.open = Open::new();
        }
    }

    /// All documents, encoded.
    pub(super) fn runs(&self) -> Vec<Run> {
        let mut runs = self.runs.clone();
        if !self.open.documents.is_empty() {
            runs.push(self.open.encode());
        }
        runs
    }
}

/// Documents that are not encoded yet.
#[derive(Debug)]
struct Open {
    dictionary: Dictionary,
    occurrences: Vec<Occurrence>,
    documents: Vec<Document>,
}

/// A token of a text.
#[derive(Clone, Copy, Debug)]
struct Occurrence {
    term: u32,
    place: Place,
}

/// Where a token stands in its document: the column is the highest bit, the rest is the position in the column.
#[derive(Clone, Copy, Debug)]
struct Place(u32);

const _: () = assert!(COLUMNS == 2, "one bit for the column");

impl Place {
    fn new(column: usize, position: u32) -> Self {
        Self((column as u32) << 31 | position)
    }

    fn column(self) -> u32 {
        self.0 >> 31
    }

    fn position(self) -> u32 {
        self.0 & (u32::MAX >> 1)
    }
}

#[derive(Debug)]
struct Document {
    /// Where its occurrences end; they begin where those before it end.
    end: usize,
    size: Option<[u32; COLUMNS]>,
}

impl Open {
    fn new() -> Self {
        Self { dictionary: Dictionary::new(), occurrences: Vec::new(), documents: Vec::new() }
    }

    fn add(&mut self, texts: [Option<&str>; COLUMNS]) {
        let mut size = [0_u32; COLUMNS];
        for (column, text) in texts.into_iter().enumerate() {
            let size = &mut size[column];
            let _: ControlFlow<()> = tokenize(text.unwrap_or_default(), |token| {
                // FTS5 counts positions, and a colocated token shares that of the token before it.
                if !token.colocated || *size == 0 {
                    *size += 1;
                }
                let term = self.dictionary.count(token.text.as_bytes());
                self.occurrences.push(Occurrence { term, place: Place::new(column, *size - 1) });
                ControlFlow::Continue(())
            });
        }
        let has_text = texts.iter().any(Option::is_some);
        self.documents.push(Document { end: self.occurrences.len(), size: has_text.then_some(size) });
    }

    fn encode(&self) -> Run {
        let order = self.dictionary.sorted();
        // Where the next occurrence of each term goes, when they are sorted by term and document.
        let mut next = vec![0_u32; order.len()];
        let mut end = 0;
        for &term in &order {
            next[term as usize] = end;
            end += self.dictionary.times(term);
        }
        let mut sorted = vec![0_u64; self.occurrences.len()];
        let mut begin = 0;
        for (number, document) in (0_u64..).zip(&self.documents) {
            for occurrence in &self.occurrences[begin..document.end] {
                let next = &mut next[occurrence.term as usize];
                sorted[*next as usize] = number << 32 | u64::from(occurrence.place.0);
                *next += 1;
            }
            begin = document.end;
        }

        let mut terms = Vec::with_capacity(order.len());
        let mut text = Vec::with_capacity(self.dictionary.text_bytes());
        let mut bytes = Vec::with_capacity(3 * sorted.len() + sorted.len() / 2);
        let mut begin = 0;
        for term in order {
            let end = next[term as usize] as usize;
            text.extend_from_slice(self.dictionary.text(term));
            let last_document = encode_list(&mut bytes, &sorted[begin..end]);
            terms.push(Term { text_end: bounded(text.len()), list_end: bounded(bytes.len()), last_document });
            begin = end;
        }
        Run {
            terms: terms.into(),
            text: text.into(),
            lists: bytes.into(),
            sizes: self.documents.iter().map(|document| document.size).collect(),
        }
    }
}

/// Appends the posting list of one term and returns its last document. It is FTS5's list, with numbers of documents
/// for row ids. An occurrence has the number of the document in its upper half and its place in the lower.
fn encode_list(bytes: &mut Vec<u8>, mut occurrences: &[u64]) -> u32 {
    let mut last_document = 0;
    while let Some(document) = occurrences.first().map(|first| (first >> 32) as u32) {
        varint::put(bytes, u64::from(document - last_document));
        last_document = document;
        let size_at = bytes.len();
        bytes.push(0);
        let (mut column, mut last_position) = (0, 0);
        while let Some((&occurrence, rest)) = occurrences.split_first() {
            if (occurrence >> 32) as u32 != document {
                break;
            }
            let place = Place(occurrence as u32);
            if place.column() != column {
                column = place.column();
                last_position = 0;
                bytes.push(1);
                varint::put(bytes, u64::from(column));
            }
            varint::put(bytes, u64::from(place.position() - last_position + 2));
            last_position = place.position();
            occurrences = rest;
        }
        // The lowest bit would mark a deletion.
        let size = 2 * (bytes.len() - size_at - 1);
        if size < 128 {
            bytes[size_at] = size as u8;
        } else {
            let mut size_bytes = Vec::with_capacity(9);
            varint::put(&mut size_bytes, size as u64);
            bytes.splice(size_at..=size_at, size_bytes);
        }
    }
    last_document
}

/// Encoded posting lists of some documents, numbered from 0, sorted by the bytes of their terms.
#[derive(Clone, Debug)]
pub(super) struct Run {
    terms: Box<[Term]>,
    text: Box<[u8]>,
    lists: Box<[u8]>,
    /// How many positions the columns of each document have; None for a document without text.
    pub(super) sizes: Box<[Option<[u32; COLUMNS]>]>,
}

/// A term of a run: text and list begin where those of the term before it end.
#[derive(Clone, Copy, Debug)]
struct Term {
    text_end: u32,
    list_end: u32,
    last_document: u32,
}

impl Run {
    /// How many terms there are.
    pub(super) fn len(&self) -> usize {
        self.terms.len()
    }

    pub(super) fn text(&self, term: u32) -> &[u8] {
        let term = term as usize;
        let begin = term.checked_sub(1).map_or(0, |before| self.terms[before].text_end);
        &self.text[begin as usize..self.terms[term].text_end as usize]
    }

    /// The number of the first document, then pairs of a list of positions and the number of the next document less
    /// that of the last.
    pub(super) fn list(&self, term: u32) -> &[u8] {
        let term = term as usize;
        let begin = term.checked_sub(1).map_or(0, |before| self.terms[before].list_end);
        &self.lists[begin as usize..self.terms[term].list_end as usize]
    }

    pub(super) fn last_document(&self, term: u32) -> u32 {
        self.terms[term as usize].last_document
    }

    /// Memory held, in bytes.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.terms) + self.text.len() + self.lists.len() + size_of_val(&*self.sizes)
    }
}
