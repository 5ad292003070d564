//! Folders of the work tree, read through descriptors of their own: no link leads elsewhere.

use rustix::{
    fs::{AtFlags, FileType, Mode, OFlags, Stat, openat, statat},
    io::{Errno, Result},
};
use std::{
    fs::File,
    io::Read,
    ops::Range,
    os::fd::{AsFd, OwnedFd},
    path::Path,
};

/// What stands in a folder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    File,
    Link,
    Folder,
    /// Pipes, sockets and devices, of which git knows nothing.
    Other,
}

impl Kind {
    pub(crate) fn of(file_type: FileType) -> Self {
        match file_type {
            FileType::RegularFile => Self::File,
            FileType::Symlink => Self::Link,
            FileType::Directory => Self::Folder,
            _ => Self::Other,
        }
    }
}

/// An open folder.
pub(crate) struct Folder(OwnedFd);

impl Folder {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        openat(rustix::fs::CWD, path, flags, Mode::empty()).map(Self)
    }

    pub(crate) fn stat(&self, name: &[u8]) -> Result<Stat> {
        statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)
    }

    /// The bytes of a regular file of at most `limit` bytes; `None` when it is something else or cannot be read.
    pub(crate) fn read(&self, name: &[u8], limit: u64) -> Option<Vec<u8>> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        if !self.stat(name).is_ok_and(|stat| Kind::of(FileType::from_raw_mode(stat.st_mode)) == Kind::File) {
            return None;
        }
        let file = File::from(openat(&self.0, name, flags, Mode::empty()).ok()?);
        let metadata = file.metadata().ok()?;
        if !metadata.is_file() || metadata.len() > limit {
            return None;
        }
        let mut bytes = Vec::with_capacity(metadata.len() as usize);
        file.take(limit).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }
}

/// The names of a folder, in no order. Made once and filled for one folder after the other.
#[derive(Default)]
pub(crate) struct Listing {
    names: Vec<u8>,
    items: Vec<(Range<usize>, Kind)>,
    #[cfg(target_os = "linux")]
    buffer: Vec<u8>,
}

impl Listing {
    /// Lists a folder, without `.` and `..`.
    pub(crate) fn fill(&mut self, folder: &Folder) -> Result<()> {
        self.names.clear();
        self.items.clear();
        self.read(folder)?;
        for at in 0..self.items.len() {
            // Some file systems do not say what it is.
            if self.items[at].1 == Kind::Other {
                let name = &self.names[self.items[at].0.clone()];
                self.items[at].1 = match folder.stat(name) {
                    Ok(stat) => Kind::of(FileType::from_raw_mode(stat.st_mode)),
                    Err(_) => Kind::Other,
                };
            }
        }
        Ok(())
    }

    #[cfg(target_os = "linux")]
    fn read(&mut self, folder: &Folder) -> Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        buffer.reserve(64 << 10);
        let mut entries = rustix::fs::RawDir::new(folder.0.as_fd(), buffer.spare_capacity_mut());
        let read = loop {
            match entries.next() {
                None => break Ok(()),
                Some(Ok(entry)) => self.push(entry.file_name().to_bytes(), entry.file_type()),
                Some(Err(Errno::INTR)) => {}
                Some(Err(error)) => break Err(error),
            }
        };
        self.buffer = buffer;
        read
    }

    #[cfg(not(target_os = "linux"))]
    fn read(&mut self, folder: &Folder) -> Result<()> {
        for entry in rustix::fs::Dir::read_from(folder.0.as_fd())? {
            match entry {
                Ok(entry) => self.push(entry.file_name().to_bytes(), entry.file_type()),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn push(&mut self, name: &[u8], file_type: FileType) {
        if !matches!(name, b"." | b"..") {
            let start = self.names.len();
            self.names.extend_from_slice(name);
            self.items.push((start..self.names.len(), Kind::of(file_type)));
        }
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (&[u8], Kind)> {
        self.items.iter().map(|(name, kind)| (&self.names[name.clone()], *kind))
    }

    pub(crate) fn has(&self, name: &[u8]) -> bool {
        self.all().any(|(one, _)| one == name)
    }
}
