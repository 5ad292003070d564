//! A file that appears whole or not at all: it is written under another name beside its place and moved there at the end.

use han_base::{Code, Error, Result, id};
use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

/// A file that is being written. Unless it is put in place, it is removed.
#[derive(Debug)]
pub(super) struct NewFile {
    target: PathBuf,
    temporary: PathBuf,
    overwrite: bool,
}

impl NewFile {
    /// Makes an empty file beside `target`, for its owner only. Fails when `target` exists, unless it is an ordinary file
    /// and may be written over.
    pub(super) fn create(target: &Path, overwrite: bool) -> Result<(Self, File)> {
        let target = std::path::absolute(target).map_err(|error| write_error(target, error))?;
        match fs::symlink_metadata(&target) {
            Ok(metadata) if metadata.is_dir() => {
                return Err(Error::new(
                    Code::NotAFile,
                    format!("write {}: it is a folder", target.display()),
                ));
            }
            Ok(metadata) if overwrite && !metadata.is_file() => {
                return Err(Error::new(
                    Code::NotAFile,
                    format!("write {}: it is no ordinary file", target.display()),
                ));
            }
            Ok(_) if !overwrite => return Err(exists(&target)),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(write_error(&target, error)),
        }
        let folder = target.parent().filter(|folder| folder.is_dir()).ok_or_else(|| {
            let missing = io::Error::new(io::ErrorKind::NotFound, "its folder does not exist");
            write_error(&target, missing)
        })?;
        // The name does not grow with that of the target, which may be as long as names can be.
        let temporary = folder.join(format!(".han-{}.tmp", id::random()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&temporary).map_err(|error| write_error(&target, error))?;
        Ok((Self { target, temporary, overwrite }, file))
    }

    /// Where it is written until it is whole.
    pub(super) fn temporary(&self) -> &Path {
        &self.temporary
    }

    /// Where it will be.
    pub(super) fn target(&self) -> &Path {
        &self.target
    }

    /// Puts the file in its place, when all of it has reached the disk. Where another one appeared there meanwhile, that
    /// one stays, unless it may be written over.
    pub(super) fn place(self) -> Result<()> {
        let failed = |error| write_error(&self.target, error);
        // Windows flushes only what may be written.
        OpenOptions::new()
            .write(true)
            .open(&self.temporary)
            .and_then(|file| file.sync_all())
            .map_err(failed)?;
        if self.overwrite {
            fs::rename(&self.temporary, &self.target).map_err(failed)?;
        } else {
            match fs::hard_link(&self.temporary, &self.target) {
                // The other name goes when this value does.
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    return Err(exists(&self.target));
                }
                // A file system without links.
                Err(_) if !self.target.exists() => {
                    fs::rename(&self.temporary, &self.target).map_err(failed)?;
                }
                Err(error) => return Err(failed(error)),
            }
        }
        #[cfg(unix)]
        if let Some(folder) = self.target.parent() {
            // Some file systems cannot flush a folder. The file is whole in any case, and only a crash of the machine
            // could take its name away again.
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let mut path = self.temporary.as_os_str().to_owned();
            path.push(suffix);
            // Mostly there is none; where one stays that cannot be removed, its name tells what it is.
            let _ = fs::remove_file(path);
        }
    }
}

fn exists(target: &Path) -> Error {
    Error::new(Code::FileExists, format!("write {}", target.display()))
}

/// An error of writing a file.
pub(super) fn write_error(target: &Path, error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            Error::new(Code::FileUnwritable, format!("write {}", target.display())).because(error)
        }
        _ => Error::io("write", target, error),
    }
}
