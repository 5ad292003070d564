//! The posting lists of a batch of documents.

use super::{COLUMNS, bounded, dictionary::Dictionary, varint};
use crate::tokenizer::tokenize;
use parking_lot::Mutex;
use std::{mem, ops::ControlFlow, sync::Arc};

/// Tokens at which the documents so far are encoded, to bound the memory that they take until then.
const TOKENS_AT_ONCE: usize = 1 << 21;

/// Memory of a vocabulary at which the next batch begins a new one.
const MAX_VOCABULARY_BYTES: usize = 24 * 1024 * 1024;

/// The terms that the batches of one thread had so far. Most terms of a batch stand in those before it too, so they need
/// not be kept again for each, and all batches together have to be sorted only once.
#[derive(Debug)]
pub struct Vocabulary {
    /// Only the owner of the vocabulary adds terms; segments read what is there.
    all: Arc<Mutex<Dictionary>>,
    /// The terms of the batch that is being made. It is small, so that looking up the terms of all its texts stays within
    /// the caches of the processor; each is looked up among all once.
    batch: Dictionary,
}

impl Default for Vocabulary {
    fn default() -> Self {
        Self { all: Arc::new(Mutex::new(Dictionary::new())), batch: Dictionary::new() }
    }
}

impl Vocabulary {
    /// No terms.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

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
    runs: Vec<Arc<Run>>,
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
        Self::with(Vocabulary::new())
    }

    /// No documents. Their terms are looked up in a vocabulary, which [`Postings::end`] gives back.
    #[must_use]
    pub fn with(vocabulary: Vocabulary) -> Self {
        let is_large = vocabulary.all.lock().bytes() >= MAX_VOCABULARY_BYTES;
        let vocabulary = if is_large { Vocabulary::new() } else { vocabulary };
        Self { runs: Vec::new(), documents: 0, open: Open::new(vocabulary) }
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
            self.runs.push(Arc::new(self.open.encode()));
            self.open = Open::new(mem::take(&mut self.open.vocabulary));
        }
    }

    /// Encodes what was added and gives the vocabulary to the next batch. Documents that are added afterwards have one of
    /// their own.
    pub fn end(&mut self) -> Vocabulary {
        self.seal();
        mem::take(&mut self.open).vocabulary
    }

    /// All documents, encoded.
    pub(super) fn runs(&self) -> Vec<Arc<Run>> {
        let mut runs = self.runs.clone();
        if !self.open.documents.is_empty() {
            runs.push(Arc::new(self.open.encode()));
        }
        runs
    }
}

/// Documents that are not encoded yet.
#[derive(Debug)]
struct Open {
    vocabulary: Vocabulary,
    occurrences: Vec<Occurrence>,
    documents: Vec<Document>,
}

/// A token of a text.
#[derive(Clone, Copy, Debug)]
struct Occurrence {
    /// Its number in the batch.
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

impl Default for Open {
    fn default() -> Self {
        Self::new(Vocabulary::new())
    }
}

impl Open {
    fn new(mut vocabulary: Vocabulary) -> Self {
        vocabulary.batch.clear();
        Self { vocabulary, occurrences: Vec::new(), documents: Vec::new() }
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
                let term = self.vocabulary.batch.count(token.text.as_bytes());
                self.occurrences.push(Occurrence { term, place: Place::new(column, *size - 1) });
                ControlFlow::Continue(())
            });
        }
        let has_text = texts.iter().any(Option::is_some);
        self.documents.push(Document { end: self.occurrences.len(), size: has_text.then_some(size) });
    }

    fn encode(&self) -> Run {
        // Where the next occurrence of each term goes, when they are sorted by term and document.
        let mut end = 0;
        let counted = self.vocabulary.batch.counted();
        let mut next = Vec::with_capacity(counted.len());
        for (_, times) in counted {
            next.push(end);
            end += times;
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

        let mut terms = Vec::with_capacity(next.len());
        let mut bytes = Vec::with_capacity(3 * sorted.len() + sorted.len() / 2);
        let mut begin = 0;
        for end in next {
            let last_document = encode_list(&mut bytes, &sorted[begin..end as usize]);
            terms.push(Term { number: 0, list_end: bounded(bytes.len()), last_document });
            begin = end as usize;
        }
        let mut unnumbered = terms.iter_mut();
        let texts = self.vocabulary.batch.counted().map(|(text, _)| text);
        self.vocabulary.all.lock().count_all(texts, |number| {
            unnumbered.next().expect("one for each text").number = number;
        });
        Run {
            dictionary: Arc::clone(&self.vocabulary.all),
            terms: terms.into(),
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

/// Encoded posting lists of some documents, numbered from 0; each term stands in it once, in no order.
#[derive(Debug)]
pub(super) struct Run {
    /// Knows the texts of the terms.
    pub(super) dictionary: Arc<Mutex<Dictionary>>,
    terms: Box<[Term]>,
    lists: Box<[u8]>,
    /// How many positions the columns of each document have; None for a document without text.
    pub(super) sizes: Box<[Option<[u32; COLUMNS]>]>,
}

/// A term of a run: its list begins where that of the term before it ends.
#[derive(Clone, Copy, Debug)]
struct Term {
    /// Its number in the dictionary.
    number: u32,
    list_end: u32,
    last_document: u32,
}

impl Run {
    /// The terms: their numbers in the dictionary.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> {
        self.terms.iter().map(|term| term.number)
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
        size_of_val(&*self.terms) + self.lists.len() + size_of_val(&*self.sizes)
    }
}
