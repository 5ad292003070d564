//! Terms and posting lists as the pages of an FTS5 segment.

use super::{dictionary::head, varint};

/// FTS5's option `pgsz`: the size that a page of its own has at most, save that an integer may go beyond it.
const PAGE_BYTES: usize = 4050;

/// Pages without a term, behind the one with the term, from which on a posting list gets an index.
const FEWEST_PAGES_FOR_INDEX: u32 = 4;

/// FTS5 puts this byte before the terms of the main index; others are for prefix indexes.
const MAIN_INDEX: u8 = b'0';

/// The pages of a segment.
#[derive(Debug, Default)]
pub(super) struct Pages {
    bytes: Vec<u8>,
    /// Where each page ends, the first being page 1.
    ends: Vec<usize>,
    /// One row for each page with a term in it, in order.
    pub(super) index: Vec<IndexRow>,
    /// Pages of the indexes of posting lists, sorted by height and page.
    pub(super) list_indexes: Vec<ListIndexPage>,
}

impl Pages {
    /// How many leaf pages there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// A leaf page, by its number less one.
    pub(super) fn get(&self, index: usize) -> &[u8] {
        let begin = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[begin..self.ends[index]]
    }
}

/// A row of the table of terms that tells on which page to look for a term.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct IndexRow {
    /// Not larger than the first term of the page, and larger than any on the pages before.
    pub(super) term: Vec<u8>,
    pub(super) page: u32,
    /// The posting list of the last term on the page has an index.
    pub(super) has_list_index: bool,
}

/// A page of the index of a long posting list, which gives the first row on every page of the list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ListIndexPage {
    pub(super) height: u32,
    pub(super) page: u32,
    pub(super) bytes: Vec<u8>,
}

/// Builds the pages of a segment from its terms in ascending order.
#[derive(Debug)]
pub(super) struct PageWriter {
    pages: Pages,
    /// The page that is being filled, and the places of the terms on it.
    page: Vec<u8>,
    term_places: Vec<u8>,
    last_term_place: usize,
    number: u32,
    /// The last term, [`MAIN_INDEX`] first.
    term: Vec<u8>,
    /// No term, or no row, stands on the page yet.
    no_term: bool,
    no_row: bool,
    /// The row of the index for the last page with a term, while the posting list of its last term goes on.
    index_row: Option<IndexRow>,
    termless_pages: u32,
    /// The index of the current posting list, from its leaves to its root.
    list_index: Vec<ListIndexLevel>,
}

#[derive(Debug, Default)]
struct ListIndexLevel {
    page: u32,
    bytes: Vec<u8>,
    last_row: Option<i64>,
}

impl PageWriter {
    /// `bytes` is about how many bytes all pages will have.
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            pages: Pages { bytes: Vec::with_capacity(bytes), ..Pages::default() },
            page: vec![0; 4],
            term_places: Vec::new(),
            last_term_place: 0,
            number: 1,
            term: Vec::new(),
            no_term: true,
            no_row: true,
            index_row: Some(IndexRow { term: Vec::new(), page: 1, has_list_index: false }),
            termless_pages: 0,
            list_index: vec![ListIndexLevel::default()],
        }
    }

    /// Appends a term, larger than any before, and its posting list as FTS5 encodes it: first row, positions, and then
    /// for each further row its difference to the one before and its positions.
    pub(super) fn append(&mut self, text: &[u8], list: &[u8]) {
        self.append_term(text);
        if self.page.len() + self.term_places.len() + list.len() < PAGE_BYTES {
            self.page.extend_from_slice(list);
        } else {
            self.append_long_list(list);
        }
    }

    fn append_term(&mut self, text: &[u8]) {
        let length = 1 + text.len();
        if self.filled() + length + 2 >= PAGE_BYTES && self.page.len() > 4 {
            self.end_page();
        }
        varint::put(&mut self.term_places, (self.page.len() - self.last_term_place) as u64);
        self.last_term_place = self.page.len();

        let shared = match self.term.split_first() {
            Some((_, before)) => 1 + common(before, text),
            None => 0,
        };
        if self.no_term {
            if self.number > 1 {
                self.end_index_row();
                // One byte more than it shares with the term before is enough to tell them apart.
                let mut term = vec![MAIN_INDEX];
                term.extend_from_slice(&text[..shared.min(text.len())]);
                self.index_row = Some(IndexRow { term, page: self.number, has_list_index: false });
            }
            varint::put(&mut self.page, length as u64);
            self.page.push(MAIN_INDEX);
            self.page.extend_from_slice(text);
        } else {
            varint::put(&mut self.page, shared as u64);
            varint::put(&mut self.page, (length - shared) as u64);
            self.page.extend_from_slice(&text[shared - 1..]);
        }
        self.term.clear();
        self.term.push(MAIN_INDEX);
        self.term.extend_from_slice(text);
        self.no_term = false;
        // The row behind a term is not the one that the page's header points to.
        self.no_row = false;
        self.list_index[0].page = self.number;
    }

    fn append_long_list(&mut self, mut list: &[u8]) {
        let mut row = 0_i64;
        let mut first = true;
        while let Some(difference) = varint::take(&mut list) {
            row = row.wrapping_add(difference as i64);
            if self.no_row {
                let place = self.page.len() as u16;
                self.page[..2].copy_from_slice(&place.to_be_bytes());
                varint::put(&mut self.page, row as u64);
                self.no_row = false;
                self.append_to_list_index(row);
            } else {
                varint::put(&mut self.page, if first { row as u64 } else { difference });
            }
            first = false;

            let mut behind_size = list;
            let size = varint::take(&mut behind_size).unwrap_or_default() as usize / 2;
            let (positions, rest) = list.split_at(list.len() - behind_size.len() + size);
            self.append_positions(positions);
            list = rest;
        }
    }

    /// Appends a list of positions with its size, over as many pages as it takes; integers stay whole.
    fn append_positions(&mut self, mut positions: &[u8]) {
        if self.filled() + positions.len() <= PAGE_BYTES {
            self.page.extend_from_slice(positions);
            return;
        }
        while !positions.is_empty() {
            let room = PAGE_BYTES.saturating_sub(self.filled());
            let fits =
                if positions.len() <= room { positions.len() } else { whole_integers(positions, room) };
            let (here, rest) = positions.split_at(fits);
            self.page.extend_from_slice(here);
            positions = rest;
            if self.filled() >= PAGE_BYTES {
                self.end_page();
            }
        }
    }

    fn filled(&self) -> usize {
        self.page.len() + self.term_places.len()
    }

    fn end_page(&mut self) {
        let length = self.page.len() as u16;
        self.page[2..4].copy_from_slice(&length.to_be_bytes());
        if self.no_term {
            let leaf = &mut self.list_index[0];
            if self.no_row && !leaf.bytes.is_empty() {
                // The page has positions only.
                leaf.bytes.push(0);
            }
            self.termless_pages += 1;
        }
        self.pages.bytes.extend_from_slice(&self.page);
        self.pages.bytes.extend_from_slice(&self.term_places);
        self.pages.ends.push(self.pages.bytes.len());
        self.page.clear();
        self.page.extend_from_slice(&[0; 4]);
        self.term_places.clear();
        self.last_term_place = 0;
        self.number += 1;
        self.no_term = true;
        self.no_row = true;
    }

    /// The posting list of the last term on a page has ended: its index is kept if the list is long.
    fn end_index_row(&mut self) {
        let Some(mut row) = self.index_row.take() else { return };
        row.has_list_index =
            !self.list_index[0].bytes.is_empty() && self.termless_pages >= FEWEST_PAGES_FOR_INDEX;
        for (height, level) in (0..).zip(&mut self.list_index) {
            let bytes = std::mem::take(&mut level.bytes);
            level.last_row = None;
            if row.has_list_index && !bytes.is_empty() {
                self.pages.list_indexes.push(ListIndexPage { height, page: level.page, bytes });
            }
        }
        self.termless_pages = 0;
        self.pages.index.push(row);
    }

    /// `row` is the first on a page that begins in the middle of a posting list.
    fn append_to_list_index(&mut self, row: i64) {
        let mut child = self.number;
        for height in 0.. {
            if self.list_index.len() == height + 1 {
                self.list_index.push(ListIndexLevel::default());
            }
            let [level, parent] = &mut self.list_index[height..height + 2] else { return };
            let is_full = level.bytes.len() >= PAGE_BYTES;
            if is_full {
                // 1 marks a page that is not the root.
                level.bytes[0] = 1;
                let bytes = std::mem::take(&mut level.bytes);
                if parent.bytes.is_empty() {
                    let mut rest = &bytes[1..];
                    let first_row =
                        varint::take(&mut rest).and_then(|_| varint::take(&mut rest)).unwrap_or_default();
                    parent.page = level.page;
                    parent.begin(false, level.page);
                    parent.append(first_row as i64);
                }
                self.pages.list_indexes.push(ListIndexPage {
                    height: height as u32,
                    page: level.page,
                    bytes,
                });
                level.last_row = None;
                level.page += 1;
            }
            if level.last_row.is_none() {
                level.begin(is_full, child);
            }
            level.append(row);
            if !is_full {
                return;
            }
            child = level.page;
        }
    }

    /// The pages of all terms.
    pub(super) fn finish(mut self) -> Pages {
        if self.page.len() > 4 {
            self.end_page();
        }
        if self.number > 1 {
            self.end_index_row();
        }
        self.pages.list_indexes.sort_unstable_by_key(|page| (page.height, page.page));
        self.pages
    }
}

impl ListIndexLevel {
    fn begin(&mut self, has_parent: bool, child: u32) {
        self.bytes.push(u8::from(has_parent));
        varint::put(&mut self.bytes, u64::from(child));
    }

    fn append(&mut self, row: i64) {
        varint::put(&mut self.bytes, row.wrapping_sub(self.last_row.unwrap_or(0)) as u64);
        self.last_row = Some(row);
    }
}

/// How many bytes at the front are the same.
fn common(left: &[u8], right: &[u8]) -> usize {
    let shortest = left.len().min(right.len());
    for (half, (left, right)) in head(left).into_iter().zip(head(right)).enumerate() {
        if left != right {
            return shortest.min(8 * half + (left ^ right).trailing_zeros() as usize / 8);
        }
    }
    left.iter().zip(right).take_while(|(left, right)| left == right).count()
}

/// How many bytes the integers at the front have that fit into `room`; at least one integer.
fn whole_integers(bytes: &[u8], room: usize) -> usize {
    let mut end = varint::length(bytes);
    while end < room {
        let next = end + varint::length(&bytes[end..]);
        if next > room {
            break;
        }
        end = next;
    }
    end
}
