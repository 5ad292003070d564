//! The chunks of a source are its bytes, and lines are cut where the newlines are, whatever the sizes.
#![no_main]

use arbitrary::Arbitrary;
use han_jsonl::{Chunk, ChunkReader, lines, newlines};
use libfuzzer_sys::fuzz_target;
use std::io::{self, Read};

#[derive(Arbitrary, Debug)]
struct Input {
    text: Vec<u8>,
    chunk: u8,
    longest: u16,
    step: u8,
}

struct Trickle<'b>(&'b [u8], usize);

impl Read for Trickle<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.0.len().min(into.len()).min(self.1);
        into[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

fuzz_target!(|input: Input| {
    let Input { text, chunk, longest, step } = input;
    let source = Trickle(&text, usize::from(step).max(1));
    let mut reader = ChunkReader::with_sizes(source, 0, usize::from(chunk), usize::from(longest));
    let mut all = Vec::new();
    while let Some(piece) = reader.next_chunk().unwrap() {
        assert_eq!(piece.offset(), all.len() as u64);
        all.extend_from_slice(piece.bytes());
        if let Chunk::Lines { bytes, .. } = piece {
            assert_eq!(bytes.last(), Some(&b'\n'));
        }
    }
    assert_eq!(all, text);

    let expected: Vec<u64> = (0..text.len()).filter(|&at| text[at] == b'\n').map(|at| at as u64 + 1).collect();
    let mut starts = Vec::new();
    newlines::line_starts(&text, 0, &mut starts);
    assert_eq!(starts, expected);
    assert_eq!(newlines::count(&text), expected.len());
    let rebuilt: Vec<&[u8]> = lines(0, &text).map(|line| line.bytes).collect();
    assert_eq!(rebuilt.join(&b'\n'), text.strip_suffix(b"\n").unwrap_or(&text));
});
