//! What a file system says of a file without reading it.

use std::fs::Metadata;

/// Size, times and identity of a file at one moment: what must be equal for its content to be taken as unchanged.
///
/// Equal stamps alone prove nothing for a file that was written within the grain of the clock before its stamp was
/// taken; see [`FileStamp::settled_at`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct FileStamp {
    /// Bytes.
    pub size: u64,
    /// Last change of the content, in nanoseconds since 1970; negative before it.
    pub modified_ns: i64,
    /// Last change of content or attributes, in the same unit; no program can set it. 0 where the system has none.
    pub changed_ns: i64,
    /// Number of the file on its device; 0 where the system has none.
    pub inode: u64,
    /// Number of the device; 0 where the system has none.
    pub device: u64,
}

impl FileStamp {
    /// The coarsest clock of a file system that is in use: FAT counts in two seconds.
    pub const CLOCK_GRAIN_NS: i64 = 2_000_000_000;

    /// Takes the stamp out of what the system said.
    #[cfg(unix)]
    #[must_use]
    pub fn of(metadata: &Metadata) -> FileStamp {
        use std::os::unix::fs::MetadataExt;
        FileStamp {
            size: metadata.len(),
            modified_ns: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            changed_ns: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
            device: metadata.dev(),
        }
    }

    /// Takes the stamp out of what the system said.
    #[cfg(not(unix))]
    #[must_use]
    pub fn of(metadata: &Metadata) -> FileStamp {
        let modified_ns = metadata
            .modified()
            .ok()
            .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
            .map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX));
        FileStamp { size: metadata.len(), modified_ns, changed_ns: 0, inode: 0, device: 0 }
    }

    /// Whether a write after `now_ns` must show in the stamp: the file was last touched longer before it than any
    /// clock's grain. A stamp that is not settled must not stand for a content.
    ///
    /// ```
    /// use han_base::FileStamp;
    ///
    /// let stamp = FileStamp { modified_ns: 1_000_000_000, ..FileStamp::default() };
    /// assert!(!stamp.settled_at(1_500_000_000));
    /// assert!(stamp.settled_at(4_000_000_000));
    /// ```
    #[must_use]
    pub fn settled_at(&self, now_ns: i64) -> bool {
        now_ns.saturating_sub(self.modified_ns.max(self.changed_ns)) > Self::CLOCK_GRAIN_NS
    }
}

/// Seconds and the nanoseconds beside them in one number, at its limits where it would not fit.
#[cfg(unix)]
fn nanoseconds(seconds: i64, nanoseconds: i64) -> i64 {
    seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds)
}
