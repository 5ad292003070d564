//! The terms of a batch, numbered in the order of their first appearance.

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

#[derive(Debug)]
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

    /// How many bytes the texts of all terms have.
    pub(super) fn text_bytes(&self) -> usize {
        self.text.len()
    }

    pub(super) fn text(&self, number: u32) -> &[u8] {
        let term = &self.terms[number as usize];
        &self.text[term.start as usize..][..term.length as usize]
    }

    /// How often a term was counted.
    pub(super) fn times(&self, number: u32) -> u32 {
        self.terms[number as usize].count
    }

    /// The numbers of all terms in the order of their texts' bytes.
    pub(super) fn sorted(&self) -> Vec<u32> {
        let mut order: Vec<(Head, u32)> =
            (0..).zip(&self.terms).map(|(number, term)| (sort_key(term.head), number)).collect();
        order.sort_unstable_by(|left, right| {
            left.0.cmp(&right.0).then_with(|| self.text(left.1).cmp(self.text(right.1)))
        });
        order.into_iter().map(|(_, number)| number).collect()
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
pub(super) fn sort_key(head: Head) -> [u64; 2] {
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
        fn terms_are_numbered_counted_and_sorted(
            texts in proptest::collection::vec("[ab]{1,3}|[a-c]{7,10}|[aé全]{1,21}", 0..3000),
        ) {
            let mut dictionary = Dictionary::new();
            let mut numbers = BTreeMap::new();
            for text in &texts {
                let next = numbers.len() as u32;
                let (expected, count) = numbers.entry(text.as_bytes()).or_insert((next, 0));
                *count += 1;
                prop_assert_eq!(dictionary.count(text.as_bytes()), *expected);
            }
            prop_assert_eq!(dictionary.sorted(), numbers.values().map(|known| known.0).collect::<Vec<_>>());
            for (text, (number, count)) in numbers {
                prop_assert_eq!(dictionary.text(number), text);
                prop_assert_eq!(dictionary.times(number), count);
            }
        }

        #[test]
        fn heads_are_the_first_bytes(text in proptest::collection::vec(any::<u8>(), 0..20)) {
            let mut padded = text.clone();
            padded.resize(text.len().max(16), 0);
            prop_assert_eq!(head(&text).map(u64::to_le_bytes).concat(), &padded[..16]);
        }
    }
}
