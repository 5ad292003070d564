//! Whether anything says how content is to be converted or compared.

use git2::{Config, ConfigLevel, Repository};
use std::path::{Path, PathBuf};

/// The file of attributes in folders of a work tree.
pub(crate) const FILE: &[u8] = b".gitattributes";

/// Whether there are attributes beside those of the work tree: of the repository, the user or the system.
pub(crate) fn are_outside(repository: &Repository, config: &Config) -> bool {
    config.get_entry("core.attributesfile").is_ok()
        || repository.commondir().join("info/attributes").exists()
        || in_folder_of(ConfigLevel::XDG, "attributes").is_some()
        || in_folder_of(ConfigLevel::System, "gitattributes").is_some()
}

/// A file in the folders where git keeps the settings of the user or of the system, if it is there.
pub(crate) fn in_folder_of(level: ConfigLevel, name: &str) -> Option<PathBuf> {
    // SAFETY: the search paths are only read, and nothing in this crate ever sets them.
    let folders = unsafe { git2::opts::get_search_path(level) }.ok()?;
    let folders = folders.to_str().ok()?.to_owned();
    let separator = if cfg!(windows) { ';' } else { ':' };
    folders.split(separator).map(|folder| Path::new(folder).join(name)).find(|file| file.is_file())
}
