//! Terms, numbered in the order of their first appearance.

use super::bounded;
use std::hash::{BuildHasher, Hasher, RandomState};

/// A hash table with open addressing. Texts of up to 16 bytes are compared without looking at them.
#[derive(Debug)]
pub(super) struct Dictionary {
    /// The upper half of a slot is the hash of its term, the lower half its number plus one; zero is an empty slot.
    slots: Vec<u64>,
    terms: Vec<Term>,
    /// The texts of all terms, one after the other.
    text: Vec<u8>,
    seed: u64,
}

#[derive(Clone, Copy, Debug)]
struct Term {
    head: Head,
    start: u32,
    length: u32,
    count: u32,
}

const FEWEST_SLOTS: usize = 1 << 10;

impl Dictionary {
    pub(super) fn new() -> Self {
        Self {
            slots: Vec::new(),
            terms: Vec::new(),
            text: Vec::new(),
            // Texts are anybody's: they must not be able to aim at one slot.
            seed: RandomState::new().build_hasher().finish(),
        }
    }

    /// Forgets all terms, and keeps the memory for others.
    pub(super) fn clear(&mut self) {
        self.slots.fill(0);
        self.terms.clear();
        self.text.clear();
    }

    /// The number of a term, which is counted once more.
    #[inline]
    pub(super) fn count(&mut self, text: &[u8]) -> u32 {
        // Half of the slots stay empty.
        if self.terms.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let head = head(text);
        let hash = hash(text, head, self.seed);
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot == 0 {
                return self.insert(at, hash, head, text);
            }
            if (slot >> 32) as u32 == hash {
                let number = slot as u32 - 1;
                let term = &mut self.terms[number as usize];
                if term.head == head
                    && term.length as usize == text.len()
                    && (text.len() <= 16 || self.text[term.start as usize..][..text.len()] == *text)
                {
                    term.count += 1;
                    return number;
                }
            }
            at = (at + 1) & mask;
        }
    }

    fn insert(&mut self, at: usize, hash: u32, head: Head, text: &[u8]) -> u32 {
        let number = self.terms.len() as u32;
        self.slots[at] = u64::from(hash) << 32 | u64::from(number + 1);
        let start = bounded(self.text.len());
        self.terms.push(Term { head, start, length: text.len() as u32, count: 1 });
        self.text.extend_from_slice(text);
        number
    }

    #[cold]
    fn grow(&mut self) {
        let mut slots = vec![0; (self.slots.len() * 2).max(FEWEST_SLOTS)];
        let mask = slots.len() - 1;
        for &slot in self.slots.iter().filter(|&&slot| slot != 0) {
            let mut at = (slot >> 32) as usize & mask;
            while slots[at] != 0 {
                at = (at + 1) & mask;
            }
            slots[at] = slot;
        }
        self.slots = slots;
    }

    /// The text of each term, and how often it was counted, in the order of their numbers.
    pub(super) fn counted(&self) -> impl ExactSizeIterator<Item = (&[u8], u32)> {
        self.terms.iter().map(|term| (&self.text[term.start as usize..][..term.length as usize], term.count))
    }

    /// Memory held, in bytes.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.slots) + size_of_val(&*self.terms) + self.text.len()
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

#[inline]
fn hash(text: &[u8], head: Head, seed: u64) -> u32 {
    let mut state = fold(head[0] ^ seed, head[1] ^ 0x9e37_79b9_7f4a_7c15 ^ text.len() as u64);
    let mut rest = text.get(16..).unwrap_or_default();
    while !rest.is_empty() {
        let (word, behind) = rest.split_at(rest.len().min(8));
        state = fold(state ^ first_eight(word), seed ^ 0xd6e8_feb8_6659_fd93);
        rest = behind;
    }
    (state ^ state >> 32) as u32
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
