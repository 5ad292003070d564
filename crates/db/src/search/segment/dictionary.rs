//! Terms, numbered in the order of their first appearance.

use super::bounded;
use std::{
    hash::{BuildHasher, Hasher, RandomState},
    mem,
};

/// A hash table with open addressing. Texts of up to eight bytes are compared within their slots, which is most of them;
/// longer ones by a hash there, and then by all their bytes.
#[derive(Debug)]
pub(super) struct Dictionary {
    slots: Vec<Slot>,
    terms: Vec<Term>,
    /// How often each term was counted.
    counts: Vec<u32>,
    /// The texts of all terms, one after the other.
    text: Vec<u8>,
    seed: u64,
}

/// Where a term is looked up. All zeros: an empty slot.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    key: Key,
    /// The number of the term plus one.
    number: u32,
}

/// What tells a term from others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Key {
    /// The bytes of a short text, the hash of a long one.
    bits: u64,
    length: u32,
}

#[derive(Clone, Copy, Debug)]
struct Term {
    head: Head,
    start: u32,
    length: u32,
}

const FEWEST_SLOTS: usize = 1 << 10;

/// Texts of up to so many bytes are wholly in their slots.
const SHORT: usize = size_of::<u64>();

/// Terms that are looked up together, so that the processor waits for the memory of all of them at once.
const AT_ONCE: usize = 128;

impl Dictionary {
    pub(super) fn new() -> Self {
        Self {
            slots: Vec::new(),
            terms: Vec::new(),
            counts: Vec::new(),
            text: Vec::new(),
            // Texts are anybody's: they must not be able to aim at one slot.
            seed: RandomState::new().build_hasher().finish(),
        }
    }

    /// Forgets all terms, and keeps the memory for others.
    pub(super) fn clear(&mut self) {
        self.slots.fill(Slot::default());
        self.terms.clear();
        self.counts.clear();
        self.text.clear();
    }

    /// The number of a term, which is counted once more.
    #[inline]
    pub(super) fn count(&mut self, text: &[u8]) -> u32 {
        let key = self.key(text);
        self.count_key(text, key)
    }

    /// The numbers of many terms, each of which is counted once more. Quicker than one by one where the dictionary is
    /// larger than the caches of the processor.
    pub(super) fn count_all<'t>(&mut self, texts: impl Iterator<Item = &'t [u8]>, mut take: impl FnMut(u32)) {
        let mut texts = texts.fuse();
        let mut keyed = Vec::with_capacity(AT_ONCE);
        loop {
            keyed.clear();
            keyed.extend(texts.by_ref().take(AT_ONCE).map(|text| (text, self.key(text))));
            if keyed.is_empty() {
                return;
            }
            self.reserve(keyed.len());
            let slots = keyed.iter().map(|(_, key)| self.slots[self.place(*key)].number);
            let numbers = slots.fold(0, |all, number| all ^ number);
            std::hint::black_box(numbers);
            for (text, key) in &keyed {
                take(self.count_key(text, *key));
            }
        }
    }

    #[inline]
    fn count_key(&mut self, text: &[u8], key: Key) -> u32 {
        self.reserve(1);
        let mask = self.slots.len() - 1;
        let mut at = self.place(key);
        loop {
            let slot = self.slots[at];
            if slot.number == 0 {
                return self.insert(at, key, text);
            }
            if slot.key == key && (text.len() <= SHORT || self.text_of(slot.number - 1) == text) {
                self.counts[slot.number as usize - 1] += 1;
                return slot.number - 1;
            }
            at = (at + 1) & mask;
        }
    }

    fn text_of(&self, number: u32) -> &[u8] {
        let term = &self.terms[number as usize];
        &self.text[term.start as usize..][..term.length as usize]
    }

    #[inline]
    fn key(&self, text: &[u8]) -> Key {
        let bits = if text.len() <= SHORT { first_eight(text) } else { hash(text, self.seed) };
        Key { bits, length: text.len() as u32 }
    }

    /// Where to look for a term first.
    #[inline]
    fn place(&self, key: Key) -> usize {
        let mixed = fold(key.bits ^ self.seed, 0x9e37_79b9_7f4a_7c15 ^ u64::from(key.length));
        mixed as usize & (self.slots.len() - 1)
    }

    fn insert(&mut self, at: usize, key: Key, text: &[u8]) -> u32 {
        let number = self.terms.len() as u32;
        self.slots[at] = Slot { key, number: number + 1 };
        let start = bounded(self.text.len());
        self.terms.push(Term { head: head(text), start, length: text.len() as u32 });
        self.counts.push(1);
        self.text.extend_from_slice(text);
        number
    }

    /// Makes room for more terms: half of the slots stay empty.
    #[inline]
    fn reserve(&mut self, more: usize) {
        if (self.terms.len() + more) * 2 > self.slots.len() {
            self.grow(more);
        }
    }

    #[cold]
    fn grow(&mut self, more: usize) {
        let length = ((self.terms.len() + more) * 2).next_power_of_two().max(FEWEST_SLOTS);
        let old = mem::replace(&mut self.slots, vec![Slot::default(); length]);
        for slot in old.into_iter().filter(|slot| slot.number > 0) {
            let mut at = self.place(slot.key);
            while self.slots[at].number > 0 {
                at = (at + 1) & (length - 1);
            }
            self.slots[at] = slot;
        }
    }

    /// The text of each term, and how often it was counted, in the order of their numbers.
    pub(super) fn counted(&self) -> impl ExactSizeIterator<Item = (&[u8], u32)> {
        self.terms
            .iter()
            .zip(&self.counts)
            .map(|(term, count)| (&self.text[term.start as usize..][..term.length as usize], *count))
    }

    /// Memory held, in bytes.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.slots) + size_of_val(&*self.terms) + size_of_val(&*self.counts) + self.text.len()
    }

    /// The terms as they are now.
    pub(super) fn texts(&self) -> Texts {
        Texts { terms: self.terms.clone(), text: self.text.clone() }
    }
}

/// The terms of a dictionary at some moment.
#[derive(Debug)]
pub(super) struct Texts {
    terms: Vec<Term>,
    text: Vec<u8>,
}

impl Texts {
    /// How many terms there are; they are numbered from 0.
    pub(super) fn len(&self) -> usize {
        self.terms.len()
    }

    pub(super) fn get(&self, number: u32) -> &[u8] {
        let term = &self.terms[number as usize];
        &self.text[term.start as usize..][..term.length as usize]
    }

    /// The first 16 bytes of a term, in the order of texts.
    pub(super) fn key(&self, number: u32) -> [u64; 2] {
        sort_key(self.terms[number as usize].head)
    }
}

/// The first 16 bytes of a text in two halves, the first byte lowest; zeros stand for bytes that it does not have.
pub(super) type Head = [u64; 2];

/// The first bytes of a text.
#[inline]
pub(super) fn head(text: &[u8]) -> Head {
    let length = text.len();
    let last = text.last_chunk().map_or(0, |last| u64::from_le_bytes(*last));
    match text.len() {
        16.. => text.first_chunk::<16>().map_or([0; 2], |first| {
            let both = u128::from_le_bytes(*first);
            [both as u64, (both >> 64) as u64]
        }),
        // Halves overlap: where they do they agree.
        9.. => [first_eight(text), last >> (8 * (16 - length))],
        _ => [first_eight(text), 0],
    }
}

#[inline]
fn first_eight(text: &[u8]) -> u64 {
    let length = text.len();
    if let Some(first) = text.first_chunk() {
        return u64::from_le_bytes(*first);
    }
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        return u64::from(u32::from_le_bytes(*first))
            | u64::from(u32::from_le_bytes(*last)) << (8 * (length - 4));
    }
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        return u64::from(u16::from_le_bytes(*first))
            | u64::from(u16::from_le_bytes(*last)) << (8 * (length - 2));
    }
    text.first().map_or(0, |&byte| u64::from(byte))
}

/// Heads in the order of their texts.
#[inline]
fn sort_key(head: Head) -> [u64; 2] {
    head.map(u64::swap_bytes)
}

/// A hash of a text of more than eight bytes.
#[inline]
fn hash(text: &[u8], seed: u64) -> u64 {
    let mut state = seed;
    let mut rest = text;
    while rest.len() > 8 {
        let (word, behind) = rest.split_at(8);
        state = fold(state ^ first_eight(word), seed ^ 0xd6e8_feb8_6659_fd93);
        rest = behind;
    }
    // The last eight bytes overlap those before, which tells as much.
    let last = text.last_chunk().map_or(0, |last| u64::from_le_bytes(*last));
    fold(state ^ last, seed ^ 0x9e37_79b9_7f4a_7c15 ^ text.len() as u64)
}

/// Both halves of a product, folded into one.
#[inline]
fn fold(left: u64, right: u64) -> u64 {
    let product = u128::from(left) * u128::from(right);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::{Dictionary, head};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn terms_are_numbered_and_counted(
            texts in proptest::collection::vec("[ab]{1,3}|[a-c]{7,10}|[aé全]{1,21}", 0..3000),
        ) {
            let mut dictionary = Dictionary::new();
            for text in ["other", "terms"] {
                dictionary.count(text.as_bytes());
            }
            dictionary.clear();
            let mut numbers = BTreeMap::new();
            for text in &texts {
                let next = numbers.len() as u32;
                let (number, times) = numbers.entry(text.as_bytes()).or_insert((next, 0));
                *times += 1;
                prop_assert_eq!(dictionary.count(text.as_bytes()), *number);
            }
            let mut many = Dictionary::new();
            let mut taken = Vec::new();
            many.count_all(texts.iter().map(String::as_bytes), |number| taken.push(number));
            prop_assert!(taken.iter().eq(texts.iter().map(|text| &numbers[text.as_bytes()].0)));
            prop_assert!(many.counted().eq(dictionary.counted()));
            let counted: Vec<_> = dictionary.counted().collect();
            let snapshot = dictionary.texts();
            prop_assert_eq!((counted.len(), snapshot.len()), (numbers.len(), numbers.len()));
            let mut keys = Vec::new();
            for (text, (number, times)) in numbers {
                prop_assert_eq!(counted[number as usize], (text, times));
                prop_assert_eq!(snapshot.get(number), text);
                keys.push(snapshot.key(number));
            }
            prop_assert!(keys.is_sorted());
        }

        #[test]
        fn heads_are_the_first_bytes(text in proptest::collection::vec(any::<u8>(), 0..20)) {
            let mut padded = text.clone();
            padded.resize(text.len().max(16), 0);
            prop_assert_eq!(head(&text).map(u64::to_le_bytes).concat(), &padded[..16]);
        }
    }
}
