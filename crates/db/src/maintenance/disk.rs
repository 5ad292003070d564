//! Free space of a disk.

use han_base::{Code, Error, Result};
use std::path::Path;

/// Fails with `DISK_FULL` when the disk of `folder` has less than `needed` bytes free for this user. Where the system does
/// not tell, nothing is refused: the work itself will notice.
pub(super) fn require(folder: &Path, needed: u64, attempt: &str) -> Result<()> {
    match free_bytes(folder) {
        Some(free) if free < needed => Err(Error::new(
            Code::DiskFull,
            format!("{attempt}: it takes {needed} bytes in {}, where {free} are free", folder.display()),
        )),
        _ => Ok(()),
    }
}

/// Bytes that this user may still write on the disk of a folder.
#[cfg(unix)]
#[allow(clippy::useless_conversion, clippy::unnecessary_cast, reason = "the types differ between systems")]
pub(super) fn free_bytes(folder: &Path) -> Option<u64> {
    use std::{ffi::CString, mem::MaybeUninit, os::unix::ffi::OsStrExt};
    let folder = CString::new(folder.as_os_str().as_bytes()).ok()?;
    let mut figures = MaybeUninit::<libc::statvfs>::uninit();
    // SAFETY: the path ends with a zero, and the room is as large as what is written into it.
    let answer = unsafe { libc::statvfs(folder.as_ptr(), figures.as_mut_ptr()) };
    if answer != 0 {
        return None;
    }
    // SAFETY: on success all of it is written.
    let figures = unsafe { figures.assume_init() };
    Some((figures.f_bavail as u64).saturating_mul(figures.f_frsize as u64))
}

/// Bytes that this user may still write on the disk of a folder: not known here.
#[cfg(not(unix))]
pub(super) fn free_bytes(_folder: &Path) -> Option<u64> {
    None
}

/// Whether two folders are on one disk; true when nothing tells.
pub(super) fn same_disk(first: &Path, second: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::{fs, os::unix::fs::MetadataExt};
        let device = |folder| fs::metadata(folder).map(|metadata| metadata.dev()).ok();
        match (device(first), device(second)) {
            (Some(first), Some(second)) => first == second,
            _ => true,
        }
    }
    #[cfg(not(unix))]
    {
        let _ = (first, second);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_there_is_is_refused_before_anything_is_done() {
        let folder = tempfile::tempdir().unwrap();
        assert!(require(folder.path(), 1, "write").is_ok());
        assert!(same_disk(folder.path(), folder.path()));
        // Where the system does not tell, nothing is refused.
        if free_bytes(folder.path()).is_some() {
            let error = require(folder.path(), u64::MAX, "write").unwrap_err();
            assert_eq!(error.code(), Code::DiskFull);
            assert!(
                error.to_string().starts_with("[DISK_FULL] write: it takes 18446744073709551615 bytes in")
            );
        }
        assert_eq!(free_bytes(&folder.path().join("none")), None);
    }
}
