//! Reading a file in chunks that hold whole lines.

use memchr::{memchr, memrchr};
use std::io::{self, Read};

/// How much is read at once: large enough to hide the call, small enough to stay in the processor's cache.
pub const CHUNK_BYTES: usize = 256 * 1024;

/// The longest line that is handed out whole. A longer one comes in parts.
pub const MAX_LINE_BYTES: usize = 64 * 1024 * 1024;

/// A piece of a file. All pieces together are the file from the first offset on, without gap or overlap.
#[derive(Debug, PartialEq, Eq)]
pub enum Chunk<'b> {
    /// One or more complete lines; the last byte is a newline.
    Lines {
        /// Where the bytes begin in the file.
        offset: u64,
        /// The lines with their newlines.
        bytes: &'b [u8],
    },
    /// A part of a line that is longer than the reader hands out whole.
    LongLine {
        /// Where this part begins in the file.
        offset: u64,
        /// The part.
        bytes: &'b [u8],
        /// Whether the line begins here.
        first: bool,
        /// Whether the line ends here; then the last byte is its newline.
        last: bool,
    },
    /// The bytes behind the last newline: a line that is still being written, or the last one of a file that does
    /// not end in a newline. Always the last piece.
    Tail {
        /// Where the bytes begin in the file.
        offset: u64,
        /// The unterminated line.
        bytes: &'b [u8],
    },
}

impl<'b> Chunk<'b> {
    /// Where the piece begins in the file.
    #[must_use]
    pub fn offset(&self) -> u64 {
        match *self {
            Self::Lines { offset, .. } | Self::LongLine { offset, .. } | Self::Tail { offset, .. } => offset,
        }
    }

    /// The piece itself.
    #[must_use]
    pub fn bytes(&self) -> &'b [u8] {
        match *self {
            Self::Lines { bytes, .. } | Self::LongLine { bytes, .. } | Self::Tail { bytes, .. } => bytes,
        }
    }
}

/// Reads chunks from anything that can be read, beginning at a line start.
#[derive(Debug)]
pub struct ChunkReader<R> {
    source: R,
    /// Where `buffer[0]` stands in the file.
    offset: u64,
    buffer: Vec<u8>,
    /// Bytes of `buffer` that were read from the file.
    filled: usize,
    /// Bytes at the front of `buffer` that were handed out already.
    consumed: usize,
    /// Bytes at the front of `buffer` that are known to hold no newline.
    searched: usize,
    chunk_bytes: usize,
    max_line_bytes: usize,
    inside_long_line: bool,
    at_end: bool,
}

impl<R: Read> ChunkReader<R> {
    /// A reader with the usual sizes. `source` must stand at `offset`, the start of a line.
    pub fn new(source: R, offset: u64) -> Self {
        Self::with_sizes(source, offset, CHUNK_BYTES, MAX_LINE_BYTES)
    }

    /// A reader with other sizes: `chunk_bytes` per read (at least 1), `max_line_bytes` for the longest line that
    /// is handed out whole.
    pub fn with_sizes(source: R, offset: u64, chunk_bytes: usize, max_line_bytes: usize) -> Self {
        let chunk_bytes = chunk_bytes.max(1);
        Self {
            source,
            offset,
            buffer: vec![0; chunk_bytes],
            filled: 0,
            consumed: 0,
            searched: 0,
            chunk_bytes,
            max_line_bytes: max_line_bytes.max(chunk_bytes),
            inside_long_line: false,
            at_end: false,
        }
    }

    /// The next piece, or `None` after the last one. An error of the source is passed on; reading may go on after it.
    pub fn next_chunk(&mut self) -> io::Result<Option<Chunk<'_>>> {
        self.drop_consumed();
        loop {
            if self.inside_long_line {
                self.fill()?;
                return Ok(self.next_part_of_long_line());
            }
            // Behind a long line there may be lines already, which must not wait for more.
            if let Some(newline) = memrchr(b'\n', &self.buffer[self.searched..self.filled]) {
                self.consumed = self.searched + newline + 1;
                self.searched = self.filled - self.consumed;
                return Ok(Some(Chunk::Lines { offset: self.offset, bytes: &self.buffer[..self.consumed] }));
            }
            self.searched = self.filled;
            if self.at_end {
                self.consumed = self.filled;
                self.searched = 0;
                let tail = Chunk::Tail { offset: self.offset, bytes: &self.buffer[..self.filled] };
                return Ok((self.filled > 0).then_some(tail));
            }
            if self.filled >= self.max_line_bytes {
                self.inside_long_line = true;
                self.consumed = self.filled;
                self.searched = 0;
                let bytes = &self.buffer[..self.filled];
                return Ok(Some(Chunk::LongLine { offset: self.offset, bytes, first: true, last: false }));
            }
            if self.filled == self.buffer.len() {
                let larger = (self.buffer.len() * 2).min(self.max_line_bytes);
                self.buffer.resize(larger, 0);
            }
            self.fill()?;
        }
    }

    /// What is read from.
    pub(crate) fn source(&mut self) -> &mut R {
        &mut self.source
    }

    /// After the end: goes on as a new reader at offset 0, where the source must stand.
    pub(crate) fn restart(&mut self) {
        self.offset = 0;
        self.filled = 0;
        self.consumed = 0;
        self.searched = 0;
        self.inside_long_line = false;
        self.at_end = false;
    }

    /// Whether the last piece was a part of a long line that goes on.
    pub(crate) fn is_inside_long_line(&self) -> bool {
        self.inside_long_line
    }

    fn next_part_of_long_line(&mut self) -> Option<Chunk<'_>> {
        if self.filled == 0 {
            return None;
        }
        let newline = memchr(b'\n', &self.buffer[..self.filled]);
        self.inside_long_line = newline.is_none();
        self.searched = 0;
        self.consumed = newline.map_or(self.filled, |at| at + 1);
        let bytes = &self.buffer[..self.consumed];
        Some(Chunk::LongLine { offset: self.offset, bytes, first: false, last: newline.is_some() })
    }

    /// Moves what was not handed out to the front, and gives back the memory that one long line needed.
    fn drop_consumed(&mut self) {
        self.buffer.copy_within(self.consumed..self.filled, 0);
        self.filled -= self.consumed;
        self.offset += self.consumed as u64;
        self.consumed = 0;
        let usual = self.chunk_bytes.max(self.filled.next_power_of_two());
        if self.buffer.len() > 4 * usual {
            self.buffer.truncate(usual);
            self.buffer.shrink_to_fit();
        }
    }

    /// Reads once, up to a chunk's worth of new bytes: what a pipe holds is handed out before it is waited for more.
    fn fill(&mut self) -> io::Result<()> {
        let goal = self.buffer.len().min(self.filled + self.chunk_bytes);
        while self.filled < goal && !self.at_end {
            match self.source.read(&mut self.buffer[self.filled..goal]) {
                Ok(0) => self.at_end = true,
                Ok(count) => {
                    self.filled += count;
                    break;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines;
    use proptest::prelude::*;

    /// A source that gives at most a few bytes at once, as pipes do.
    struct Trickle<'b>(&'b [u8], usize);

    impl Read for Trickle<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(into.len()).min(self.1);
            into[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    /// Offset and bytes of a line that came whole.
    type Whole = (u64, Vec<u8>);

    /// What the chunks of `bytes` hold: lines that came whole, all bytes in order, whether a tail came.
    fn read_all(bytes: &[u8], chunk: usize, longest: usize, step: usize) -> (Vec<Whole>, Vec<u8>, bool) {
        let mut reader = ChunkReader::with_sizes(Trickle(bytes, step), 0, chunk, longest);
        let (mut whole, mut all, mut tail) = (Vec::new(), Vec::new(), false);
        while let Some(piece) = reader.next_chunk().unwrap() {
            assert!(!tail, "nothing follows the tail");
            let (offset, part) = match piece {
                Chunk::Lines { offset, bytes } => {
                    assert_eq!(bytes.last(), Some(&b'\n'));
                    whole.extend(lines(offset, bytes).map(|line| (line.offset, line.bytes.to_vec())));
                    (offset, bytes)
                }
                Chunk::LongLine { offset, bytes, last, .. } => {
                    assert_eq!(bytes.last() == Some(&b'\n'), last);
                    (offset, bytes)
                }
                Chunk::Tail { offset, bytes } => {
                    tail = true;
                    (offset, bytes)
                }
            };
            assert_eq!(offset, all.len() as u64);
            assert!(!part.is_empty());
            all.extend_from_slice(part);
        }
        (whole, all, tail)
    }

    proptest! {
        #[test]
        fn chunks_hold_every_byte_and_every_line_once(
            text in proptest::collection::vec(prop_oneof![3 => Just(b'\n'), 20 => any::<u8>()], 0..600),
            chunk in 1_usize..40, longest in 1_usize..80, step in 1_usize..50,
        ) {
            let (whole, all, tail) = read_all(&text, chunk, longest, step);
            prop_assert_eq!(&all, &text);
            // The slow twin: split the whole text at newlines.
            let mut expected = Vec::new();
            let mut start = 0;
            for (at, byte) in text.iter().enumerate() {
                if *byte == b'\n' {
                    expected.push((start as u64, text[start..at].to_vec()));
                    start = at + 1;
                }
            }
            let limit = longest.max(chunk);
            for line in &whole {
                prop_assert!(expected.contains(line));
            }
            for line in expected.iter().filter(|line| line.1.len() < limit) {
                prop_assert!(whole.contains(line), "a line that fits must come whole");
            }
            let long_end = text.len() - start >= limit;
            prop_assert!(tail == (start < text.len()) || long_end);
        }
    }

    /// A source that fails the test when it is read again after it gave everything at once.
    struct Once<'b>(Option<&'b [u8]>);

    impl Read for Once<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let text = self.0.expect("nothing more is asked for than was given");
            let count = text.len().min(into.len());
            into[..count].copy_from_slice(&text[..count]);
            self.0 = (count < text.len()).then(|| &text[count..]);
            Ok(count)
        }
    }

    #[test]
    fn lines_behind_a_long_line_do_not_wait_for_more() {
        let mut text = vec![b'x'; 100];
        text.extend_from_slice(b"\nshort\n");
        let mut reader = ChunkReader::with_sizes(Once(Some(&text)), 0, 64, 64);
        while let Some(Chunk::LongLine { last, .. }) = reader.next_chunk().unwrap() {
            if last {
                break;
            }
        }
        assert_eq!(reader.next_chunk().unwrap(), Some(Chunk::Lines { offset: 101, bytes: b"short\n" }));
    }

    #[test]
    fn a_long_line_comes_in_parts_and_memory_is_given_back() {
        let mut text = vec![b'x'; 1000];
        text.extend_from_slice(b"\nshort\n");
        let mut reader = ChunkReader::with_sizes(&text[..], 0, 16, 128);
        let mut long = 0;
        let mut after = Vec::new();
        while let Some(chunk) = reader.next_chunk().unwrap() {
            match chunk {
                Chunk::LongLine { bytes, .. } => long += bytes.len(),
                Chunk::Lines { bytes, .. } => after.extend_from_slice(bytes),
                Chunk::Tail { .. } => panic!("the text ends in a newline"),
            }
        }
        assert_eq!((long, after.as_slice()), (1001, &b"short\n"[..]));
        assert!(reader.buffer.len() <= 64, "{}", reader.buffer.len());
    }
}
