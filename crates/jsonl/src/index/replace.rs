//! Replacing a file as a whole, so that readers see the old content or the new one.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
};

/// Tells temporary files of this process apart.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Replaces whatever is at `target`, but a folder, by a file with these bytes and the rights of `like` (without those to
/// run it). A link is replaced itself. What a killed process leaves, a file whose name begins with `.han-index-`, is
/// harmless.
pub(crate) fn replace(target: &Path, bytes: &[u8], like: &Path) -> io::Result<()> {
    let (temporary, file) = create_beside(target)?;
    let replaced = fill(file, bytes, like).and_then(|()| fs::rename(&temporary, target));
    if replaced.is_err() {
        // If it stays, it is harmless, and what went wrong before tells more.
        drop(fs::remove_file(&temporary));
    }
    replaced
}

fn create_beside(target: &Path) -> io::Result<(PathBuf, File)> {
    loop {
        let name = format!(".han-index-{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = target.with_file_name(name);
        match private().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            // Left by a process that had the same id.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

fn fill(mut file: File, bytes: &[u8], like: &Path) -> io::Result<()> {
    file.write_all(bytes)?;
    copy_rights(&file, like)?;
    file.sync_all()
}

/// Nobody else may read a temporary file.
#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    OpenOptions::new()
}

#[cfg(unix)]
fn copy_rights(file: &File, like: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let rights = |mode: u32| mode & 0o666;
    let wanted = rights(fs::metadata(like)?.permissions().mode());
    // Some file systems have rights that cannot be set, but are the same for all files.
    if wanted == rights(file.metadata()?.permissions().mode()) {
        return Ok(());
    }
    file.set_permissions(fs::Permissions::from_mode(wanted))
}

#[cfg(not(unix))]
fn copy_rights(_file: &File, _like: &Path) -> io::Result<()> {
    Ok(())
}
