//! Many files on all cores.

use crate::{
    Algorithm, Digest, HashCache, Observer, Unwatched,
    file::{self, Opened, Place},
    observer::Tally,
    queue::{LARGE_BYTES, Next, Queue},
    threads::{cores, on_threads},
};
use han_base::{FileStamp, Result};
use std::{
    cell::Cell,
    fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

/// How files are hashed.
#[derive(Clone, Copy)]
pub struct HashOptions<'o> {
    /// The hash function.
    pub algorithm: Algorithm,
    /// Where digests of files that did not change are looked up and remembered; `None` to read every file.
    pub cache: Option<&'o HashCache>,
    /// Who watches, and may end it.
    pub observer: &'o dyn Observer,
}

impl Default for HashOptions<'_> {
    /// SHA-256 of every file, unwatched.
    fn default() -> Self {
        Self { algorithm: Algorithm::default(), cache: None, observer: &Unwatched }
    }
}

/// A file that was hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashedFile {
    /// The digest of its content.
    pub digest: Digest,
    /// Bytes that were read; 0 for a file that did not change since it was remembered.
    pub bytes_read: u64,
    /// Whether the digest was remembered, and the file not read.
    pub is_remembered: bool,
}

/// Hashes a file, whatever its size, in about a megabyte of memory. A symbolic link stands for what it names.
///
/// Codes: `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `NOT_A_FILE` for everything that is no regular file, `INVALID_ARGUMENT` for a
/// path with NUL, `IO_FAILED`; `CANCELLED` when the observer ended it.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("a");
/// # std::fs::write(&path, "abc").unwrap();
/// use han_hash::{HashOptions, hash_file};
///
/// let hashed = hash_file(&path, HashOptions::default()).unwrap();
/// assert!(hashed.digest.to_hex().starts_with("ba7816bf"));
/// ```
pub fn hash_file(path: &Path, options: HashOptions<'_>) -> Result<HashedFile> {
    hash_files(&[path], options).pop().flatten().unwrap_or_else(|| {
        Err(han_base::Error::new(han_base::Code::Cancelled, format!("hash {}", path.display())))
    })
}

/// Hashes files on all cores. The answers are in the order of the paths, each as of [`hash_file`]; `None` stands for a file
/// that was not reached when the observer ended the work.
#[must_use]
pub fn hash_files<P: AsRef<Path> + Sync>(
    paths: &[P],
    options: HashOptions<'_>,
) -> Vec<Option<Result<HashedFile>>> {
    hash_each(paths.len(), |index| Place::Anywhere(paths[index].as_ref()), options, |_, _| true)
}

/// Hashes so many files, until the observer has enough or `accept` returns false.
pub(crate) fn hash_each<'p>(
    count: usize,
    place: impl Fn(usize) -> Place<'p> + Sync,
    options: HashOptions<'_>,
    accept: impl Fn(usize, &Result<HashedFile>) -> bool + Sync,
) -> Vec<Option<Result<HashedFile>>> {
    let threads = cores().min(count);
    let queue = Queue::new(count, threads, cores());
    let observer = Stoppable { observer: options.observer, is_stopped: AtomicBool::new(false) };
    let done = on_threads(threads, || {
        let mut worker = Worker {
            queue: &queue,
            options: HashOptions { observer: &observer, ..options },
            tally: Tally::new(&observer),
            buffer: take_buffer(),
        };
        let mut done = Vec::with_capacity(count / threads.max(1) + 1);
        while let Some(next) = queue.next() {
            if worker.tally.is_cancelled() {
                break;
            }
            let (Next::File(index) | Next::LargeFile(index)) = next;
            if let Some(outcome) = worker.hash(next, place(index)).transpose() {
                if !accept(index, &outcome) {
                    observer.is_stopped.store(true, Ordering::Relaxed);
                }
                done.push((index, outcome));
            }
        }
        done
    });
    let mut outcomes: Vec<_> = (0..count).map(|_| None).collect();
    for (index, outcome) in done.into_iter().flatten() {
        outcomes[index] = Some(outcome);
    }
    outcomes
}

/// An observer, and what ends the work besides.
struct Stoppable<'o> {
    observer: &'o dyn Observer,
    is_stopped: AtomicBool,
}

impl Observer for Stoppable<'_> {
    fn advanced(&self, bytes: u64, files: u64) {
        self.observer.advanced(bytes, files);
    }

    fn is_cancelled(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed) || self.observer.is_cancelled()
    }
}

/// What one thread has.
struct Worker<'w> {
    queue: &'w Queue,
    options: HashOptions<'w>,
    tally: Tally<'w>,
    buffer: Vec<u8>,
}

thread_local! {
    /// Kept for the next file of this thread: clearing new memory costs more than hashing a small one.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

fn take_buffer() -> Vec<u8> {
    let kept = BUFFER.take();
    if kept.is_empty() { vec![0; file::BUFFER_BYTES] } else { kept }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        BUFFER.set(std::mem::take(&mut self.buffer));
    }
}

impl Worker<'_> {
    /// Hashes one file; `None` when it has to wait for other large ones, or was cancelled.
    fn hash(&mut self, next: Next, place: Place<'_>) -> Result<Option<HashedFile>> {
        let is_begun = matches!(next, Next::LargeFile(_));
        let outcome = self.try_hash(next, place);
        if is_begun {
            self.queue.end_large();
        }
        if !matches!(outcome, Ok(None)) {
            self.tally.add(0, 1);
        }
        outcome
    }

    fn try_hash(&mut self, next: Next, place: Place<'_>) -> Result<Option<HashedFile>> {
        if let Some(digest) = self.remembered(place) {
            return Ok(Some(HashedFile { digest, bytes_read: 0, is_remembered: true }));
        }
        let opened_at_ns = now_ns();
        let opened = Opened::open(place)?;
        match next {
            Next::File(index) if opened.stamp.size >= LARGE_BYTES => {
                if !self.queue.may_begin_large(opened.stamp.size, index) {
                    return Ok(None);
                }
                let outcome = self.read(place, &opened, opened_at_ns);
                self.queue.end_large();
                outcome
            }
            _ => self.read(place, &opened, opened_at_ns),
        }
    }

    fn read(&mut self, place: Place<'_>, opened: &Opened, opened_at_ns: i64) -> Result<Option<HashedFile>> {
        let HashOptions { algorithm, cache, .. } = self.options;
        let queue = self.queue;
        let content = file::read(place, opened, algorithm, &mut self.buffer, &mut self.tally, || {
            queue.has_free_cores()
        })?;
        let Some(content) = content else { return Ok(None) };
        // The files of /proc and their like have another length than the system says, and change without a trace.
        if let Some(cache) = cache
            && content.bytes == opened.stamp.size
            && opened.stamp.settled_at(opened_at_ns)
            && opened.is_unchanged()
        {
            cache.insert(&opened.stamp, content.digest, opened_at_ns);
        }
        Ok(Some(HashedFile { digest: content.digest, bytes_read: content.bytes, is_remembered: false }))
    }

    fn remembered(&self, place: Place<'_>) -> Option<Digest> {
        let cache = self.options.cache?;
        // For files of a walk it was asked before.
        let Place::Anywhere(path) = place else { return None };
        // What cannot be looked at cannot be opened either, and that is told.
        let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        cache.get(self.options.algorithm, &FileStamp::of(&metadata))
    }
}

/// Nanoseconds since 1970; 0 before, when no file counts as settled.
fn now_ns() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(0))
}
