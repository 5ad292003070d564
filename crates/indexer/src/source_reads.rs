//! Counting what is read of source files.

use std::{
    io::{self, Read, Seek, SeekFrom},
    sync::atomic::{AtomicU64, Ordering},
};

/// What a run has read of source files, over all its threads.
#[derive(Debug, Default)]
pub(crate) struct SourceReads {
    bytes: AtomicU64,
    lines: AtomicU64,
}

impl SourceReads {
    /// Counts what is read of `source`.
    pub(crate) fn of<R>(&self, source: R) -> Counted<'_, R> {
        Counted { source, bytes: &self.bytes }
    }

    pub(crate) fn add_lines(&self, lines: u64) {
        self.lines.fetch_add(lines, Ordering::Relaxed);
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn lines(&self) -> u64 {
        self.lines.load(Ordering::Relaxed)
    }
}

/// A source of which every byte that is read is counted.
pub(crate) struct Counted<'c, R> {
    source: R,
    bytes: &'c AtomicU64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.source.read(buffer)?;
        self.bytes.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

impl<R: Seek> Seek for Counted<'_, R> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.source.seek(position)
    }
}
