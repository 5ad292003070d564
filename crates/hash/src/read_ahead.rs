//! Reading a large file on a second thread while the first one hashes: the copy out of the kernel costs no time then.

use crate::{Hasher, file::read_some, observer::Tally};
use std::{
    fs::File,
    io,
    sync::mpsc::{Receiver, SyncSender, channel, sync_channel},
    thread,
};

/// Buffers that go round between the two threads.
const BUFFERS: usize = 3;

/// Bytes of one of them. Together they stay below a megabyte; smaller ones make the threads wait for each other more often.
const BUFFER_BYTES: usize = 256 * 1024;

/// How the reading ended.
pub(crate) enum End {
    /// With the file, after so many bytes.
    File(u64),
    /// The observer cancelled it.
    Cancelled,
    /// The system allows no more threads; nothing was read.
    NoThread,
}

struct Piece {
    buffer: Vec<u8>,
    /// Bytes in it; none at the end of the file.
    count: usize,
}

/// Reads what is left of a file into a hasher.
pub(crate) fn read(file: &File, hasher: &mut Hasher, tally: &mut Tally<'_>) -> io::Result<End> {
    thread::scope(|scope| {
        // Made in here, so that leaving drops the ends on this side, which ends the reader.
        let (to_hash, full) = sync_channel(BUFFERS);
        let (to_fill, empty) = channel();
        let reader = thread::Builder::new().name("han-read".to_owned());
        if reader.spawn_scoped(scope, move || fill(file, &empty, &to_hash)).is_err() {
            return Ok(End::NoThread);
        }
        for _ in 0..BUFFERS {
            // The reader is there until it has said that it is at the end.
            let _ = to_fill.send(vec![0; BUFFER_BYTES]);
        }
        let mut bytes = 0;
        loop {
            let Piece { buffer, count } = match full.recv() {
                Ok(piece) => piece?,
                // It always says how it ended, so it must have panicked.
                Err(gone) => return Err(io::Error::other(gone)),
            };
            if count == 0 {
                return Ok(End::File(bytes));
            }
            hasher.update(&buffer[..count]);
            bytes += count as u64;
            tally.add(count as u64, 0);
            if tally.is_cancelled() {
                return Ok(End::Cancelled);
            }
            // It may be at the end already and need no more.
            let _ = to_fill.send(buffer);
        }
    })
}

/// The life of the reader: ends with the file, at an error, or when nobody wants more.
fn fill(mut file: &File, empty: &Receiver<Vec<u8>>, to_hash: &SyncSender<io::Result<Piece>>) {
    while let Ok(mut buffer) = empty.recv() {
        let piece = read_some(&mut file, &mut buffer).map(|count| Piece { buffer, count });
        let is_last = !matches!(&piece, Ok(Piece { count: 1.., .. }));
        if to_hash.send(piece).is_err() || is_last {
            return;
        }
    }
}
