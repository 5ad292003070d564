//! The file in which a [`HashCache`] outlives its process.
//!
//! ```text
//! "HANHASH" and the version, 1 byte · number of files, 8 bytes
//! per file, 80 bytes: device, inode, size, modified ns, changed ns, algorithm (8 bytes each), digest (32 bytes)
//! XXH3 (64 bits) of all bytes before, 8 bytes
//! ```
//!
//! All numbers are little-endian. A file that is cut short, damaged, of another version or open to other users is as good
//! as none. It is written whole beside its place and then renamed, so a reader finds the one before or the new one.
//! Processes that save at the same time lose at most what the slower one did not see, which then is read again.

use crate::{
    Algorithm, Digest, HashCache,
    cache::{Entry, Key, Memory},
};
use han_base::{Code, Error, Result};
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
};
use xxhash_rust::xxh3::xxh3_64;

const MAGIC: [u8; 8] = *b"HANHASH\x01";
const HEAD_BYTES: usize = MAGIC.len() + 8;
const RECORD_BYTES: usize = 6 * 8 + Digest::MAX_BYTES;
const CHECKSUM_BYTES: usize = 8;

impl HashCache {
    /// Adds what a file remembers, and returns how many files that was: 0 when it is missing or damaged.
    ///
    /// Codes: `FILE_UNREADABLE`, `IO_FAILED`.
    pub fn load(&self, path: &Path) -> Result<usize> {
        let most = 2 * self.per_generation();
        let Some(bytes) = read(path, most).map_err(|error| Error::io("read", path, error))? else {
            return Ok(0);
        };
        let Some(records) = parse(&bytes) else { return Ok(0) };
        let mut memory = self.memory();
        for (key, entry) in &records {
            memory.add(*key, *entry, self.per_generation());
        }
        Ok(records.len())
    }

    /// Writes all that is remembered, with what others have saved meanwhile, if there is something new. Returns whether
    /// there was. The folder is made when it is missing.
    ///
    /// Codes: `FILE_UNWRITABLE`, `DISK_FULL`, `IO_FAILED`.
    pub fn save(&self, path: &Path) -> Result<bool> {
        if !self.memory().is_unsaved {
            return Ok(false);
        }
        self.load(path)?;
        let bytes = {
            let mut memory = self.memory();
            memory.is_unsaved = false;
            written(&memory)
        };
        replace(path, &bytes).map_err(|error| {
            self.memory().is_unsaved = true;
            unwritten(path, error)
        })?;
        Ok(true)
    }
}

fn unwritten(path: &Path, error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::PermissionDenied {
        return Error::new(Code::FileUnwritable, format!("write {}", path.display())).because(error);
    }
    Error::io("write", path, error)
}

/// The bytes of a file that holds all that is remembered.
fn written(memory: &Memory) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD_BYTES + memory.len() * RECORD_BYTES + CHECKSUM_BYTES);
    bytes.extend(MAGIC);
    bytes.extend((memory.len() as u64).to_le_bytes());
    for (key, entry) in memory.entries() {
        write_record(&mut bytes, key, entry);
    }
    bytes.extend(xxh3_64(&bytes).to_le_bytes());
    bytes
}

/// The bytes of a file that only its user can change; `None` when there is none, or it is larger than any of ours.
fn read(path: &Path, most_records: usize) -> io::Result<Option<Vec<u8>>> {
    let mut file = match open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let metadata = file.metadata()?;
    let most = HEAD_BYTES + most_records.saturating_mul(RECORD_BYTES) + CHECKSUM_BYTES;
    if !metadata.is_file() || !is_private(&metadata) || metadata.len() > most as u64 {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(metadata.len() as usize);
    // It may have grown since.
    Read::by_ref(&mut file).take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().read(true).custom_flags(rustix::fs::OFlags::NONBLOCK.bits() as i32).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Whether no other user but root may write it: what it says is believed.
#[cfg(unix)]
fn is_private(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    let is_own = [0, rustix::process::geteuid().as_raw()].contains(&metadata.uid());
    is_own && metadata.mode() & 0o022 == 0
}

#[cfg(not(unix))]
fn is_private(_metadata: &fs::Metadata) -> bool {
    true
}

/// The records of a whole, undamaged file.
fn parse(bytes: &[u8]) -> Option<Vec<(Key, Entry)>> {
    let (content, checksum) = bytes.split_last_chunk::<CHECKSUM_BYTES>()?;
    let (head, records) = content.split_at_checked(HEAD_BYTES)?;
    let count = u64::from_le_bytes(*head.last_chunk()?);
    let is_whole = head.starts_with(&MAGIC)
        && records.len() as u64 == count.checked_mul(RECORD_BYTES as u64)?
        && xxh3_64(content) == u64::from_le_bytes(*checksum);
    if !is_whole {
        return None;
    }
    records.chunks_exact(RECORD_BYTES).map(read_record).collect()
}

fn write_record(bytes: &mut Vec<u8>, key: &Key, entry: &Entry) {
    bytes.extend(key.device.to_le_bytes());
    bytes.extend(key.inode.to_le_bytes());
    bytes.extend(entry.size.to_le_bytes());
    bytes.extend(entry.modified_ns.to_le_bytes());
    bytes.extend(entry.changed_ns.to_le_bytes());
    bytes.extend(number_of(key.algorithm).to_le_bytes());
    let digest = entry.digest.as_bytes();
    bytes.extend(digest);
    bytes.resize(bytes.len() + Digest::MAX_BYTES - digest.len(), 0);
}

fn read_record(record: &[u8]) -> Option<(Key, Entry)> {
    let (numbers, digest) = record.split_at(6 * 8);
    let mut numbers = numbers.chunks_exact(8).map(|number| number.try_into().map(u64::from_le_bytes));
    let mut number = || numbers.next()?.ok();
    let (device, inode, size) = (number()?, number()?, number()?);
    let (modified_ns, changed_ns) = (number()? as i64, number()? as i64);
    let algorithm_number = number()?;
    let algorithm = Algorithm::ALL.into_iter().find(|&one| number_of(one) == algorithm_number)?;
    let digest = Digest::new(algorithm, digest);
    Some((Key { device, inode, algorithm }, Entry { size, modified_ns, changed_ns, digest }))
}

/// The number of an algorithm in a file. One that was given is never given to another.
fn number_of(algorithm: Algorithm) -> u64 {
    match algorithm {
        Algorithm::Sha256 => 1,
        Algorithm::Blake3 => 2,
        Algorithm::Xxh3Of128 => 3,
    }
}

/// Puts bytes in the place of a file, whole or not at all.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        make_folder(folder)?;
    }
    let beside = beside(path);
    let outcome = write_new(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    if outcome.is_err() {
        // What failed is told; that it left something behind is not worth telling instead.
        let _ = fs::remove_file(&beside);
    }
    outcome
}

/// A name that no other thread or living process uses.
fn beside(path: &Path) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}-{}.tmp", process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
    path.with_file_name(name)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = match options.open(path) {
        // Left by a process of the same number that was killed.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            options.open(path)?
        }
        outcome => outcome?,
    };
    file.write_all(bytes)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}
