//! The folder where an older program kept its index: `~/.claude/han/memory/index`.

use crate::{
    error::{self, guard},
    state,
};
use han_base::Error;
use napi_derive::napi;
use std::{fs, io};

/// Whether the folder of the older index exists. False when there is no home folder.
#[napi]
pub fn has_legacy_database() -> error::Result<bool> {
    guard(|| Ok(state::legacy_index_dir().is_ok_and(|folder| folder.is_dir())))
}

/// Removes the folder of the older index with everything in it; false when there is none. A link at its place is
/// removed, not what it leads to.
#[napi]
pub fn cleanup_legacy_database() -> error::Result<bool> {
    guard(|| {
        let folder = state::legacy_index_dir()?;
        if !folder.is_dir() {
            return Ok(false);
        }
        let removed =
            if folder.is_symlink() { fs::remove_file(&folder) } else { fs::remove_dir_all(&folder) };
        match removed {
            Ok(()) => Ok(true),
            // Another process was quicker.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(Error::io("remove the folder of the older index", &folder, error)),
        }
    })
}
