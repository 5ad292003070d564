//! A hash of some parts of a file, to notice that it holds something else than it did.

use crate::JsonlFile;
use han_base::Result;
use xxhash_rust::xxh3::Xxh3;

/// What is read at the head and at the end.
const EDGE_BYTES: u64 = 4096;

/// Places between them, at even distances.
const SAMPLES: u64 = 8;

/// What is read at each.
const SAMPLE_BYTES: u64 = 512;

/// A hash of the first `size` bytes of a file, which must have them: of all when they are few, else of their first and last
/// 4 KiB and of 8 samples between. Two contents of one size have the same probe when they differ at other places only.
pub(crate) fn probe(file: &JsonlFile, size: u64) -> Result<u64> {
    let mut hash = Xxh3::new();
    let mut buffer = Vec::new();
    for (start, length) in parts(size) {
        buffer.resize(length as usize, 0);
        file.read_at(start, &mut buffer)?;
        hash.update(&buffer);
    }
    Ok(hash.digest())
}

/// Start and length of each part.
fn parts(size: u64) -> Vec<(u64, u64)> {
    if size <= 2 * EDGE_BYTES + SAMPLES * SAMPLE_BYTES {
        return vec![(0, size)];
    }
    let distance = size / (SAMPLES + 1);
    let mut parts = vec![(0, EDGE_BYTES)];
    parts.extend((1..=SAMPLES).map(|sample| (sample * distance, SAMPLE_BYTES)));
    parts.push((size - EDGE_BYTES, EDGE_BYTES));
    parts
}
