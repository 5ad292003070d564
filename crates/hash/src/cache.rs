//! Digests of files, remembered under what the file system says of them without reading.
//!
//! A digest stands for a file as long as its [`FileStamp`] is the same. That is sound because of two rules:
//!
//! - A stamp has the time of the last change of content or attributes, which no program can set: an edit that keeps the
//!   size and restores the time of modification shows in it, and so does another file under the same number.
//! - A digest is remembered only if, when its file was read, that time was longer ago than the grain of any clock: an edit
//!   after the reading then gets a later one. A file that was just written is read again until it is settled.
//!
//! Where a system has no such time (Windows), nothing is remembered. Writes through a shared memory map show only when the
//! system gets to know of them, as in every program that goes by the times of files.

use crate::{Algorithm, Digest};
use han_base::FileStamp;
use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Digests of files that did not change since they were read. Shared between threads; bounded.
#[derive(Debug)]
pub struct HashCache {
    memory: Mutex<Memory>,
    per_generation: usize,
}

/// Two generations: what is asked for moves to the young one, and when that is full, the old one is forgotten.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    young: Generation,
    old: Generation,
    /// Whether there is something that no file holds.
    pub(crate) is_unsaved: bool,
}

type Generation = HashMap<Key, Entry, BuildHasherDefault<KeyHasher>>;

/// Spreads the numbers of files. Nobody chooses these freely, so that it need not withstand an adversary.
#[derive(Debug, Default)]
pub(crate) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(byte.into());
        }
    }

    fn write_u64(&mut self, number: u64) {
        let product = u128::from(self.0 ^ number) * u128::from(0x9e37_79b9_7f4a_7c15_u64);
        self.0 = (product >> 64) as u64 ^ product as u64;
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(number as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A file, whatever its path, and the algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) device: u64,
    pub(crate) inode: u64,
    pub(crate) algorithm: Algorithm,
}

/// A digest, and the rest of the stamp it was made under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) size: u64,
    pub(crate) modified_ns: i64,
    pub(crate) changed_ns: i64,
    pub(crate) digest: Digest,
}

impl Key {
    /// `None` where a stamp has no identity or no time that can be trusted.
    fn of(algorithm: Algorithm, stamp: &FileStamp) -> Option<Key> {
        (stamp.inode != 0 && stamp.changed_ns != 0).then_some(Key {
            device: stamp.device,
            inode: stamp.inode,
            algorithm,
        })
    }
}

impl Entry {
    fn is_of(&self, stamp: &FileStamp) -> bool {
        (self.size, self.modified_ns, self.changed_ns) == (stamp.size, stamp.modified_ns, stamp.changed_ns)
    }
}

impl HashCache {
    /// Files of one generation; there are two. A file costs about 150 bytes.
    pub const FILES_PER_GENERATION: usize = 262_144;

    /// A cache that knows nothing.
    #[must_use]
    pub fn new() -> HashCache {
        Self::bounded(Self::FILES_PER_GENERATION)
    }

    /// A cache of at most twice as many files.
    #[must_use]
    pub fn bounded(per_generation: usize) -> HashCache {
        HashCache { memory: Mutex::default(), per_generation: per_generation.max(1) }
    }

    /// The digest of a file that has this stamp now; `None` when it must be read.
    #[must_use]
    pub fn get(&self, algorithm: Algorithm, stamp: &FileStamp) -> Option<Digest> {
        self.memory().get(algorithm, stamp, self.per_generation)
    }

    /// The digests of many files, as of [`HashCache::get`], in their order.
    #[must_use]
    pub fn get_all<'s>(
        &self,
        algorithm: Algorithm,
        stamps: impl IntoIterator<Item = &'s FileStamp>,
    ) -> Vec<Option<Digest>> {
        let mut memory = self.memory();
        stamps.into_iter().map(|stamp| memory.get(algorithm, stamp, self.per_generation)).collect()
    }

    /// Remembers a digest, if it can stand for the file. Returns whether it does.
    ///
    /// - `stamp`: taken before the file was read, and found the same afterwards.
    /// - `read_at_ns`: a time before the stamp was taken, in nanoseconds since 1970.
    pub fn insert(&self, stamp: &FileStamp, digest: Digest, read_at_ns: i64) -> bool {
        let Some(key) = Key::of(digest.algorithm(), stamp).filter(|_| stamp.settled_at(read_at_ns)) else {
            return false;
        };
        let &FileStamp { size, modified_ns, changed_ns, .. } = stamp;
        let mut memory = self.memory();
        memory.insert(key, Entry { size, modified_ns, changed_ns, digest }, self.per_generation);
        memory.is_unsaved = true;
        true
    }

    /// How many files are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        let memory = self.memory();
        memory.young.len() + memory.old.len()
    }

    /// Whether no file is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets every file.
    pub fn clear(&self) {
        *self.memory() = Memory::default();
    }

    pub(crate) fn per_generation(&self) -> usize {
        self.per_generation
    }

    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        // Every state of it is a right one, also that in which a thread panicked.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for HashCache {
    fn default() -> Self {
        Self::new()
    }
}

impl Memory {
    fn get(&mut self, algorithm: Algorithm, stamp: &FileStamp, per_generation: usize) -> Option<Digest> {
        let key = Key::of(algorithm, stamp)?;
        if let Some(entry) = self.young.get(&key) {
            return entry.is_of(stamp).then_some(entry.digest);
        }
        let entry = self.old.get(&key).copied().filter(|entry| entry.is_of(stamp))?;
        self.insert(key, entry, per_generation);
        Some(entry.digest)
    }

    pub(crate) fn insert(&mut self, key: Key, entry: Entry, per_generation: usize) {
        self.old.remove(&key);
        self.young.insert(key, entry);
        if self.young.len() >= per_generation {
            self.old = std::mem::take(&mut self.young);
        }
    }

    /// As [`Memory::insert`], unless the file is known already.
    pub(crate) fn add(&mut self, key: Key, entry: Entry, per_generation: usize) {
        if !self.young.contains_key(&key) && !self.old.contains_key(&key) {
            self.insert(key, entry, per_generation);
        }
    }

    /// Everything, what was asked for last at the end.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&Key, &Entry)> {
        self.old.iter().chain(&self.young)
    }

    pub(crate) fn len(&self) -> usize {
        self.old.len() + self.young.len()
    }
}
