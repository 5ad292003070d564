//! Files below a folder, opened so that no link leads out of it.
//!
//! A walk finds files behind folders; between the walk and the reading somebody may put a link in the place of one of
//! these folders. On Linux the system is told to follow no link at all; elsewhere only the last name is guarded.

use std::{
    borrow::Cow,
    fs::File,
    io,
    path::{Path, PathBuf},
};

/// A folder whose files are read.
pub(crate) struct Root {
    path: PathBuf,
    #[cfg(target_os = "linux")]
    folder: Option<rustix::fd::OwnedFd>,
}

impl Root {
    /// Opens a folder: absolute and without symbolic links. One that cannot be opened is noticed with its first file.
    pub(crate) fn open(path: &Path) -> Root {
        Root {
            path: path.to_owned(),
            #[cfg(target_os = "linux")]
            folder: linux::open_root(path).ok(),
        }
    }

    /// The whole path of a file, to name it in errors.
    pub(crate) fn path_of(&self, relative: &Path) -> Cow<'_, Path> {
        Cow::Owned(self.path.join(relative))
    }

    /// Opens a file without waiting, whatever it is.
    #[cfg(target_os = "linux")]
    pub(crate) fn open_file(&self, relative: &Path) -> io::Result<File> {
        match &self.folder {
            Some(folder) => match linux::open_file(folder, relative) {
                // Older systems, and those that forbid what they do not know.
                Err(error) if linux::is_unknown(&error) => self.open_last(relative),
                outcome => outcome,
            },
            None => self.open_last(relative),
        }
    }

    /// Opens a file without waiting, whatever it is.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn open_file(&self, relative: &Path) -> io::Result<File> {
        self.open_last(relative)
    }

    fn open_last(&self, relative: &Path) -> io::Result<File> {
        crate::file::options(crate::file::Links::Refuse).open(self.path.join(relative))
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use rustix::{
        fd::{AsFd, OwnedFd},
        fs::{Mode, OFlags, ResolveFlags, open, openat2},
        io::Errno,
    };
    use std::{fs::File, io, os::unix::ffi::OsStrExt, path::Path};

    /// Bytes of a path that is opened at once; the system takes 4,095.
    const MOST_BYTES: usize = 4000;

    pub(super) fn open_root(path: &Path) -> io::Result<OwnedFd> {
        Ok(open(path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?)
    }

    /// Opens a file; a tree may be deeper than a path is long.
    pub(super) fn open_file(root: &OwnedFd, relative: &Path) -> io::Result<File> {
        let mut rest = relative.as_os_str().as_bytes();
        let mut folder = None;
        while rest.len() > MOST_BYTES {
            let slash = rest[..MOST_BYTES].iter().rposition(|&byte| byte == b'/');
            // A name has 255 bytes at most.
            let slash = slash.ok_or(Errno::NAMETOOLONG)?;
            let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
            folder = Some(below(folder.as_ref().unwrap_or(root), &rest[..slash], flags)?);
            rest = &rest[slash + 1..];
        }
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        Ok(below(folder.as_ref().unwrap_or(root), rest, flags)?.into())
    }

    fn below(folder: &impl AsFd, path: &[u8], flags: OFlags) -> io::Result<OwnedFd> {
        Ok(openat2(folder, path, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS | ResolveFlags::BENEATH)?)
    }

    pub(super) fn is_unknown(error: &io::Error) -> bool {
        let unknown = [Errno::NOSYS, Errno::PERM, Errno::INVAL];
        unknown.iter().any(|one| error.raw_os_error() == Some(one.raw_os_error()))
    }
}
