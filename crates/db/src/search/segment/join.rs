//! Joining the posting lists that many runs have for the same terms, in the order of the terms.

use super::{
    Rows,
    dictionary::{Dictionary, Texts},
    postings::Run,
    varint,
};
use parking_lot::Mutex;
use std::{
    num::NonZero,
    sync::{Arc, mpsc::sync_channel},
    thread,
};

/// Lists that one thread joins before it hands them over.
const LISTS_AT_ONCE: usize = 1 << 15;

/// Lists that are fetched from memory together.
const FETCHED_AT_ONCE: usize = 256;

/// Pieces of joined lists that wait for the one who takes them, of each thread.
const PIECES_AHEAD: usize = 2;

/// Threads that join, at the most.
const MAX_THREADS: usize = 8;

/// Gives each term of some runs to `take`, in the order of their bytes, with its posting list over all of them. The rows
/// of the runs ascend.
pub(super) fn join(runs: &[(Arc<Run>, Rows)], mut take: impl FnMut(&[u8], &[u8])) {
    let terms = Terms::of(runs);
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(MAX_THREADS);
    let pieces: Vec<_> = terms.pieces().collect();
    thread::scope(|scope| {
        let receivers: Vec<_> = (0..threads)
            .map(|first| {
                let (sender, receiver) = sync_channel(PIECES_AHEAD);
                let (terms, pieces) = (&terms, &pieces);
                scope.spawn(move || {
                    for piece in pieces.iter().skip(first).step_by(threads) {
                        // It fails when nobody takes them any more.
                        if sender.send(terms.join(runs, piece.clone())).is_err() {
                            return;
                        }
                    }
                });
                receiver
            })
            .collect();
        for (piece, receiver) in pieces.iter().zip(receivers.iter().cycle()) {
            let joined = receiver.recv().expect("a thread that joins ends behind its last piece");
            let mut begin = 0;
            for (rank, &end) in piece.clone().zip(&joined.ends) {
                take(terms.text(rank), &joined.lists[begin..end]);
                begin = end;
            }
        }
    });
}

/// The distinct terms of some runs, and which lists are theirs.
struct Terms {
    texts: Vec<Texts>,
    /// A dictionary, and the number that it has for the term; sorted by the bytes of the terms.
    order: Vec<(u32, u32)>,
    /// Where the lists of each term end; they begin where those of the term before it end.
    ends: Vec<usize>,
    /// Runs with the place of the term in them; those of one term are in the order of the runs.
    lists: Vec<(u32, u32)>,
}

/// Joined lists of several terms.
struct Joined {
    lists: Vec<u8>,
    ends: Vec<usize>,
}

impl Terms {
    fn of(runs: &[(Arc<Run>, Rows)]) -> Self {
        let mut dictionaries: Vec<&Arc<Mutex<Dictionary>>> = Vec::new();
        let dictionary_of_run: Vec<usize> = runs
            .iter()
            .map(|(run, _)| {
                let known = dictionaries.iter().rposition(|known| Arc::ptr_eq(known, &run.dictionary));
                known.unwrap_or_else(|| {
                    dictionaries.push(&run.dictionary);
                    dictionaries.len() - 1
                })
            })
            .collect();
        // Whoever owns a dictionary goes on with it meanwhile.
        let texts: Vec<Texts> = dictionaries.iter().map(|dictionary| dictionary.lock().texts()).collect();
        let mut times: Vec<Vec<u32>> = texts.iter().map(|texts| vec![0; texts.len()]).collect();
        for ((run, _), &dictionary) in runs.iter().zip(&dictionary_of_run) {
            let times = &mut times[dictionary];
            run.numbers().for_each(|number| times[number as usize] += 1);
        }

        let mut order = sorted(&texts, &times);
        // From here on `times` holds the rank of each term.
        let mut ends: Vec<usize> = Vec::new();
        let mut end = 0;
        let mut distinct: Vec<(u32, u32)> = Vec::with_capacity(order.len());
        for term in order.drain(..) {
            let is_same = distinct.last().is_some_and(|last| text(&texts, *last) == text(&texts, term));
            if !is_same {
                distinct.push(term);
                ends.push(0);
            }
            let times = &mut times[term.0 as usize][term.1 as usize];
            end += *times as usize;
            ends[distinct.len() - 1] = end;
            *times = (distinct.len() - 1) as u32;
        }
        let ranks = times;

        let mut next: Vec<usize> = std::iter::once(0).chain(ends.iter().copied()).collect();
        let mut lists = vec![(0, 0); end];
        for (number, ((run, _), &dictionary)) in (0..).zip(runs.iter().zip(&dictionary_of_run)) {
            for (place, term) in (0..).zip(run.numbers()) {
                let next = &mut next[ranks[dictionary][term as usize] as usize];
                lists[*next] = (number, place);
                *next += 1;
            }
        }
        Self { texts, order: distinct, ends, lists }
    }

    /// Ranges of terms with about [`LISTS_AT_ONCE`] lists each.
    fn pieces(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        let mut begin = 0_usize;
        std::iter::from_fn(move || {
            let lists = begin.checked_sub(1).map_or(0, |before| self.ends[before]);
            let more = self.ends[begin..].partition_point(|&end| end <= lists + LISTS_AT_ONCE).max(1);
            let piece = begin..(begin + more).min(self.ends.len());
            begin = piece.end;
            (!piece.is_empty()).then_some(piece)
        })
    }

    fn text(&self, rank: usize) -> &[u8] {
        text(&self.texts, self.order[rank])
    }

    fn join(&self, runs: &[(Arc<Run>, Rows)], ranks: std::ops::Range<usize>) -> Joined {
        let mut joined = Joined { lists: Vec::new(), ends: Vec::with_capacity(ranks.len()) };
        let mut at = ranks.start.checked_sub(1).map_or(0, |before| self.ends[before]);
        let end = self.ends[ranks.end - 1];
        let mut ends = self.ends[ranks].iter();
        let mut next_end = ends.next();
        let mut last_row = 0;
        let mut fragments = Vec::with_capacity(FETCHED_AT_ONCE);
        for lists in self.lists[at..end].chunks(FETCHED_AT_ONCE) {
            fragments.clear();
            fragments.extend(lists.iter().map(|&(run, place)| {
                let (run, rows) = &runs[run as usize];
                Fragment { list: run.list(place), last_document: run.last_document(place), rows }
            }));
            // They lie anywhere in memory. Looked at one after the other without doing anything else, the processor
            // waits for many of them at the same time.
            std::hint::black_box(fragments.iter().fold(0, |all, fragment| all ^ fragment.list[0]));
            for fragment in &fragments {
                last_row = fragment.append_to(&mut joined.lists, last_row);
                at += 1;
                if next_end == Some(&at) {
                    joined.ends.push(joined.lists.len());
                    next_end = ends.next();
                    last_row = 0;
                }
            }
        }
        joined
    }
}

fn text(texts: &[Texts], (dictionary, number): (u32, u32)) -> &[u8] {
    texts[dictionary as usize].get(number)
}

/// The terms that stand in runs, sorted by their bytes.
fn sorted(texts: &[Texts], times: &[Vec<u32>]) -> Vec<(u32, u32)> {
    let mut keyed: Vec<([u64; 2], (u32, u32))> = Vec::new();
    for (dictionary, (texts, times)) in (0..).zip(texts.iter().zip(times)) {
        let used = (0..).zip(times).filter(|(_, times)| **times > 0);
        keyed.extend(used.map(|(number, _)| (texts.key(number), (dictionary, number))));
    }
    keyed.sort_unstable_by(|left, right| {
        left.0.cmp(&right.0).then_with(|| {
            // Terms have no zero bytes, so a short one is wholly in its key.
            let is_short = left.0[1] as u8 == 0;
            if is_short { std::cmp::Ordering::Equal } else { text(texts, left.1).cmp(text(texts, right.1)) }
        })
    });
    keyed.into_iter().map(|(_, term)| term).collect()
}

/// The posting list that one run has for a term.
struct Fragment<'r> {
    /// Not empty.
    list: &'r [u8],
    last_document: u32,
    rows: &'r Rows,
}

impl Fragment<'_> {
    /// Appends it, with rows for documents, behind a list that ends with `last_row`. Returns the row that it ends with now.
    fn append_to(&self, list: &mut Vec<u8>, mut last_row: i64) -> i64 {
        let mut rest = self.list;
        let mut document = 0;
        while let Some(difference) = varint::take(&mut rest) {
            document += difference as u32;
            let row = self.rows.get(document);
            varint::put(list, row.wrapping_sub(last_row) as u64);
            if matches!(self.rows, Rows::Consecutive(_)) {
                // From here on rows differ as documents do.
                list.extend_from_slice(rest);
                return self.rows.get(self.last_document);
            }
            last_row = row;
            let mut behind_size = rest;
            let size = varint::take(&mut behind_size).unwrap_or_default() as usize / 2;
            let (positions, behind) = rest.split_at(rest.len() - behind_size.len() + size);
            list.extend_from_slice(positions);
            rest = behind;
        }
        last_row
    }
}
