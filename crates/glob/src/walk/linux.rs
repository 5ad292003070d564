//! Folders on Linux: descriptors, names relative to them, many entries per call.

use super::folder::{Folder, Kind, too_long};
use han_base::FileStamp;
use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{AtFlags, FileType, Mode, OFlags, RawDir, ResolveFlags, Stat, fstat, open, openat, openat2, statat},
    io::Errno,
};
use std::{
    ffi::CString,
    fs::File,
    io::{self, Read},
    mem::MaybeUninit,
    path::Path,
};

/// Bytes of entries that are asked for at once.
const BUFFER_BYTES: usize = 64 * 1024;

/// Bytes of a path that is opened at once; the system takes 4,095.
const MAX_PATH_BYTES: usize = 4000;

pub(super) struct Descriptor(OwnedFd);

pub(super) struct Entries(Box<[MaybeUninit<u8>]>);

impl Default for Entries {
    fn default() -> Self {
        Self(Box::new_uninit_slice(BUFFER_BYTES))
    }
}

fn flags(follow: bool) -> OFlags {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    if follow { flags } else { flags | OFlags::NOFOLLOW }
}

fn at(follow: bool) -> AtFlags {
    if follow { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW }
}

fn kind(file_type: FileType) -> Kind {
    match file_type {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Folder,
        FileType::Symlink => Kind::Link,
        FileType::Unknown => Kind::Unknown,
        _ => Kind::Other,
    }
}

fn kind_of(stat: &Stat) -> Kind {
    kind(FileType::from_raw_mode(stat.st_mode))
}

impl Folder for Descriptor {
    type Buffer = Entries;

    const NAMES_ARE_EXACT: bool = true;

    fn root(path: &Path) -> io::Result<Self> {
        Ok(Self(open(path, flags(true), Mode::empty())?))
    }

    fn open(&self, name: &[u8], follow: bool) -> io::Result<Self> {
        Ok(Self(openat(&self.0, name, flags(follow), Mode::empty())?))
    }

    fn open_below(&self, path: &[u8], follow: bool) -> io::Result<Self> {
        let mut opened: Option<Self> = None;
        let mut rest = path;
        while !rest.is_empty() {
            let from = opened.as_ref().unwrap_or(self);
            let (piece, after) = piece(rest);
            opened = Some(from.open_piece(piece, follow)?);
            rest = after;
        }
        opened.map_or_else(|| self.open(b".", follow), Ok)
    }

    fn read(&self, buffer: &mut Entries, mut each: impl FnMut(&[u8], Kind)) -> io::Result<()> {
        let mut entries = RawDir::new(self.0.as_fd(), &mut buffer.0);
        while let Some(entry) = entries.next() {
            let entry = entry?;
            match entry.file_name().to_bytes() {
                b"." | b".." => {}
                name => each(name, kind(entry.file_type())),
            }
        }
        Ok(())
    }

    fn kind(&self, name: &[u8], follow: bool) -> io::Result<Kind> {
        Ok(kind_of(&statat(&self.0, name, at(follow))?))
    }

    fn stamp(&self, name: &[u8], follow: bool) -> io::Result<FileStamp> {
        let stat = statat(&self.0, name, at(follow))?;
        Ok(FileStamp {
            size: u64::try_from(stat.st_size).unwrap_or_default(),
            modified_ns: nanoseconds(stat.st_mtime, stat.st_mtime_nsec as i64),
            changed_ns: nanoseconds(stat.st_ctime, stat.st_ctime_nsec as i64),
            inode: stat.st_ino,
            device: stat.st_dev,
        })
    }

    fn content(&self, name: &[u8], max_bytes: u64) -> io::Result<Option<Vec<u8>>> {
        // A pipe must not be waited for.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match openat(&self.0, name, flags, Mode::empty()) {
            Ok(file) => file,
            Err(Errno::NOENT | Errno::LOOP | Errno::NXIO) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if kind_of(&fstat(&file)?) != Kind::File {
            return Ok(None);
        }
        let mut text = Vec::new();
        File::from(file).take(max_bytes + 1).read_to_end(&mut text)?;
        if text.len() as u64 > max_bytes { Err(too_long()) } else { Ok(Some(text)) }
    }

    fn identity(&self) -> io::Result<Option<(u64, u64)>> {
        let stat = fstat(&self.0)?;
        Ok(Some((stat.st_dev, stat.st_ino)))
    }
}

impl Descriptor {
    /// Opens a folder by a path that is short enough for the system.
    fn open_piece(&self, path: &[u8], follow: bool) -> io::Result<Self> {
        if follow {
            return self.open(path, true);
        }
        let path = CString::new(path)?;
        match openat2(&self.0, &path, flags(false), Mode::empty(), ResolveFlags::NO_SYMLINKS) {
            Ok(folder) => Ok(Self(folder)),
            // Older systems, and those that forbid what they do not know.
            Err(Errno::NOSYS | Errno::PERM | Errno::INVAL) => self.open_name_by_name(path.as_bytes()),
            Err(error) => Err(error.into()),
        }
    }

    fn open_name_by_name(&self, path: &[u8]) -> io::Result<Self> {
        let mut names = path.split(|&byte| byte == b'/');
        let first = self.open(names.next().unwrap_or_default(), false)?;
        names.try_fold(first, |folder, name| folder.open(name, false))
    }
}

/// As many names of a path as the system takes at once, and the rest.
fn piece(path: &[u8]) -> (&[u8], &[u8]) {
    if path.len() <= MAX_PATH_BYTES {
        return (path, b"");
    }
    // A name has 255 bytes at most, so that there is one.
    let end = memchr::memrchr(b'/', &path[..MAX_PATH_BYTES]).unwrap_or(MAX_PATH_BYTES);
    (&path[..end], &path[end + 1..])
}

fn nanoseconds(seconds: i64, nanoseconds: i64) -> i64 {
    seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds)
}
