//! Reading one file on several threads: each takes the next segment of the file and the lines that begin in it.

use crate::{Chunk, ChunkReader, FileReader, JsonlFile, Observer};
use han_base::{Code, Error, Result};
use memchr::memchr;
use std::{
    ops::Range,
    panic::resume_unwind,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

/// Bytes of a segment: enough that taking one costs nothing, few enough that all threads end at the same time.
const SEGMENT_BYTES: Range<u64> = 2 * 1024 * 1024..32 * 1024 * 1024;

/// Segments that a thread takes, where they are not too short or too long.
const SEGMENTS_PER_THREAD: u64 = 8;

/// Threads that read one file at most.
const MAX_THREADS: usize = 8;

/// Runs `work` for every segment of `range` on as many threads as are of use, and answers in the order of the file.
///
/// After the first error the others stop at their next segment, and the error is passed on. Code:
/// [`Code::Cancelled`] when the observer says so; `work` has to ask it now and then.
pub(crate) fn in_segments<T: Send>(
    file: &JsonlFile,
    range: Range<u64>,
    observer: &dyn Observer,
    work: impl Fn(Range<u64>) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let threads = threads();
    let bytes = range.end.saturating_sub(range.start);
    let segment_bytes =
        (bytes / (threads as u64 * SEGMENTS_PER_THREAD)).clamp(SEGMENT_BYTES.start, SEGMENT_BYTES.end);
    let count = usize::try_from(bytes.div_ceil(segment_bytes)).unwrap_or(usize::MAX);
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let answers = Mutex::new(Vec::with_capacity(count));
    let take_segments = || {
        while !stop.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                break;
            }
            let start = range.start + index as u64 * segment_bytes;
            let answer = if observer.is_cancelled() {
                Err(cancelled(file))
            } else {
                work(start..(start + segment_bytes).min(range.end))
            };
            stop.fetch_or(answer.is_err(), Ordering::Relaxed);
            answers.lock().unwrap_or_else(PoisonError::into_inner).push((index, answer));
        }
    };
    thread::scope(|scope| {
        // This thread works as well. Where no other can be started, it does everything.
        let others: Vec<_> = (1..threads.min(count))
            .map_while(|_| thread::Builder::new().spawn_scoped(scope, take_segments).ok())
            .collect();
        take_segments();
        for other in others {
            if let Err(panic) = other.join() {
                resume_unwind(panic);
            }
        }
    });
    let mut answers = answers.into_inner().unwrap_or_else(PoisonError::into_inner);
    answers.sort_unstable_by_key(|(index, _)| *index);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

fn threads() -> usize {
    thread::available_parallelism().map_or(1, |count| count.get().min(MAX_THREADS))
}

/// The error of work that the observer ended.
pub(crate) fn cancelled(file: &JsonlFile) -> Error {
    Error::new(Code::Cancelled, format!("read {}: the caller cancelled it", file.path().display()))
}

/// The lines that begin in one segment of a file, in chunks.
pub(crate) struct SegmentReader<'f> {
    file: &'f JsonlFile,
    chunks: ChunkReader<FileReader<'f>>,
    /// Where the next chunk begins.
    position: u64,
    end: u64,
}

impl<'f> SegmentReader<'f> {
    /// Stands at the first line that begins in `segment`; `None` when none does. The file's first line begins at 0.
    pub(crate) fn new(file: &'f JsonlFile, segment: &Range<u64>) -> Result<Option<Self>> {
        let Some(start) = first_line_start(file, segment)? else { return Ok(None) };
        let source = file.reader(start).pausing_at(segment.end);
        Ok(Some(Self { file, chunks: ChunkReader::new(source, start), position: start, end: segment.end }))
    }

    /// The next chunk; the last one may end with a line that reaches beyond the segment.
    pub(crate) fn next_chunk(&mut self) -> Result<Option<Chunk<'_>>> {
        // Inside a long line the position may be behind the end: the line began before it.
        if self.position >= self.end && !self.chunks.is_inside_long_line() {
            return Ok(None);
        }
        let (file, end) = (self.file, self.end);
        let chunk = self.chunks.next_chunk().map_err(|error| file.failed(error))?;
        Ok(chunk.map(|chunk| {
            let chunk = up_to_line_across(end, chunk);
            self.position = chunk.offset() + chunk.bytes().len() as u64;
            chunk
        }))
    }
}

/// Leaves out the lines that begin at `end` or later.
fn up_to_line_across(end: u64, chunk: Chunk<'_>) -> Chunk<'_> {
    match chunk {
        Chunk::Lines { offset, bytes } if offset + bytes.len() as u64 > end => {
            let last = end.saturating_sub(offset + 1) as usize;
            let length = memchr(b'\n', &bytes[last..]).map_or(bytes.len(), |at| last + at + 1);
            Chunk::Lines { offset, bytes: &bytes[..length] }
        }
        other => other,
    }
}

/// Where the first line of a segment begins: behind the first newline from the byte before the segment on.
fn first_line_start(file: &JsonlFile, segment: &Range<u64>) -> Result<Option<u64>> {
    if segment.start == 0 {
        return Ok((segment.end > 0).then_some(0));
    }
    let mut buffer = [0; 8 * 1024];
    let mut position = segment.start - 1;
    // A newline as the segment's last byte begins a line of the next one.
    let end = segment.end - 1;
    while position < end {
        let length = usize::try_from(end - position).unwrap_or(usize::MAX).min(buffer.len());
        file.read_at(position, &mut buffer[..length])?;
        if let Some(at) = memchr(b'\n', &buffer[..length]) {
            return Ok(Some(position + at as u64 + 1));
        }
        position += length as u64;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn segments_hold_every_line_once(
            text in proptest::collection::vec(prop_oneof![1 => Just(b'\n'), 6 => any::<u8>()], 0..400),
            cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..6),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a.jsonl");
            std::fs::write(&path, &text).unwrap();
            let file = JsonlFile::open(&path).unwrap();
            let mut borders: Vec<u64> = cuts.iter().map(|cut| cut.index(text.len() + 1) as u64).collect();
            borders.extend([0, text.len() as u64]);
            borders.sort_unstable();
            borders.dedup();
            let mut all = Vec::new();
            for border in borders.windows(2) {
                let Some(mut reader) = SegmentReader::new(&file, &(border[0]..border[1])).unwrap() else { continue };
                let mut first = true;
                while let Some(chunk) = reader.next_chunk().unwrap() {
                    prop_assert_eq!(chunk.offset(), all.len() as u64);
                    prop_assert!(!std::mem::take(&mut first) || (border[0]..border[1]).contains(&chunk.offset()));
                    all.extend_from_slice(chunk.bytes());
                }
            }
            prop_assert_eq!(all, text);
        }
    }

    #[test]
    fn an_error_ends_the_work_and_is_passed_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        std::fs::File::create(&path).unwrap().set_len(40 * SEGMENT_BYTES.start).unwrap();
        let file = JsonlFile::open(&path).unwrap();
        let starts =
            in_segments(&file, 0..file.size(), &crate::Unwatched, |segment| Ok(segment.start)).unwrap();
        assert!(starts.is_sorted() && starts.len() > 1);
        let failed = in_segments(&file, 0..file.size(), &crate::Unwatched, |segment| {
            if segment.start == 0 { Ok(()) } else { Err(Error::new(Code::Internal, "fail")) }
        });
        assert_eq!(failed.unwrap_err().code(), Code::Internal);
    }
}
