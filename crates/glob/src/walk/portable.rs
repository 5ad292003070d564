//! Folders through the standard library: every system but Linux, and the slow clear twin there.

use super::folder::{Folder, Kind, too_long};
use han_base::FileStamp;
use std::{
    ffi::OsStr,
    fs::{self, FileType},
    io::{self, Read},
    path::{Path, PathBuf},
};

pub(super) struct Named(PathBuf);

impl Named {
    fn at(&self, name: &[u8]) -> io::Result<PathBuf> {
        Ok(self.0.join(os_name(name)?))
    }

    fn metadata(&self, name: &[u8], follow: bool) -> io::Result<fs::Metadata> {
        let path = self.at(name)?;
        if follow { fs::metadata(path) } else { fs::symlink_metadata(path) }
    }
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps)]
fn os_name(name: &[u8]) -> io::Result<&OsStr> {
    Ok(std::os::unix::ffi::OsStrExt::from_bytes(name))
}

#[cfg(not(unix))]
fn os_name(name: &[u8]) -> io::Result<&OsStr> {
    let text =
        std::str::from_utf8(name).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    Ok(OsStr::new(text))
}

fn kind(file_type: FileType) -> Kind {
    if file_type.is_file() {
        Kind::File
    } else if file_type.is_dir() {
        Kind::Folder
    } else if file_type.is_symlink() {
        Kind::Link
    } else {
        Kind::Other
    }
}

impl Folder for Named {
    type Buffer = ();

    const NAMES_ARE_EXACT: bool = false;

    fn root(path: &Path) -> io::Result<Self> {
        if fs::metadata(path)?.is_dir() {
            Ok(Self(path.to_path_buf()))
        } else {
            Err(io::ErrorKind::NotADirectory.into())
        }
    }

    fn open(&self, name: &[u8], follow: bool) -> io::Result<Self> {
        if self.metadata(name, follow)?.is_dir() {
            Ok(Self(self.at(name)?))
        } else {
            Err(io::ErrorKind::NotADirectory.into())
        }
    }

    fn open_below(&self, path: &[u8], follow: bool) -> io::Result<Self> {
        let names = path.split(|&byte| byte == b'/');
        names
            .filter(|name| !name.is_empty())
            .try_fold(Self(self.0.clone()), |folder, name| folder.open(name, follow))
    }

    fn read(&self, (): &mut (), mut each: impl FnMut(&[u8], Kind)) -> io::Result<()> {
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            each(entry.file_name().as_encoded_bytes(), entry.file_type().map_or(Kind::Unknown, kind));
        }
        Ok(())
    }

    fn kind(&self, name: &[u8], follow: bool) -> io::Result<Kind> {
        Ok(kind(self.metadata(name, follow)?.file_type()))
    }

    fn stamp(&self, name: &[u8], follow: bool) -> io::Result<FileStamp> {
        Ok(FileStamp::of(&self.metadata(name, follow)?))
    }

    fn content(&self, name: &[u8], max_bytes: u64) -> io::Result<Option<Vec<u8>>> {
        match self.metadata(name, false) {
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        }
        let mut text = Vec::new();
        fs::File::open(self.at(name)?)?.take(max_bytes + 1).read_to_end(&mut text)?;
        if text.len() as u64 > max_bytes { Err(too_long()) } else { Ok(Some(text)) }
    }

    #[cfg(unix)]
    fn identity(&self) -> io::Result<Option<(u64, u64)>> {
        let stamp = FileStamp::of(&fs::metadata(&self.0)?);
        Ok(Some((stamp.device, stamp.inode)))
    }

    /// The path without links stands for the folder.
    #[cfg(not(unix))]
    fn identity(&self) -> io::Result<Option<(u64, u64)>> {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        fs::canonicalize(&self.0)?.hash(&mut hasher);
        Ok(Some((0, hasher.finish())))
    }
}
