//! Who watches long work and may end it.

/// Is told how far the work is, and says whether it shall go on. Asked from several threads.
pub trait Observer: Sync {
    /// So many more bytes were read, and so many more files are done. Called every few files, and every few hundred
    /// kilobytes of a large one.
    fn advanced(&self, bytes: u64, files: u64) {
        let _ = (bytes, files);
    }

    /// Whether the caller wants no more of it.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Nobody watches.
#[derive(Debug, Clone, Copy)]
pub struct Unwatched;

impl Observer for Unwatched {}

/// What one thread has done since it told its observer.
pub(crate) struct Tally<'o> {
    observer: &'o dyn Observer,
    bytes: u64,
    files: u64,
}

impl<'o> Tally<'o> {
    const FILES_AT_ONCE: u64 = 32;
    const BYTES_AT_ONCE: u64 = 512 * 1024;

    pub(crate) fn new(observer: &'o dyn Observer) -> Self {
        Self { observer, bytes: 0, files: 0 }
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.observer.is_cancelled()
    }

    pub(crate) fn add(&mut self, bytes: u64, files: u64) {
        self.bytes += bytes;
        self.files += files;
        if self.files >= Self::FILES_AT_ONCE || self.bytes >= Self::BYTES_AT_ONCE {
            self.tell();
        }
    }

    fn tell(&mut self) {
        if self.bytes > 0 || self.files > 0 {
            self.observer.advanced(self.bytes, self.files);
            (self.bytes, self.files) = (0, 0);
        }
    }
}

impl Drop for Tally<'_> {
    fn drop(&mut self) {
        self.tell();
    }
}
