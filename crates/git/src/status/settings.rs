//! The settings of a repository that a status depends on.

use crate::attributes;
use git2::{Config, Repository};

/// How files are compared.
pub(crate) struct Settings {
    /// Whether the work tree knows programs from other files.
    pub(crate) has_mode: bool,
    /// Whether the time of the last change of attributes tells anything.
    pub(crate) trusts_change_time: bool,
    /// Whether content may be kept in another form than it has in the work tree.
    pub(crate) converts: bool,
}

impl Settings {
    /// Reads them; `None` where names in the work tree are not those of the index, byte for byte.
    pub(crate) fn read(repository: &Repository) -> Option<Self> {
        let config = repository.config().ok()?.snapshot().ok()?;
        let flag = |name, default| config.get_bool(name).unwrap_or(default);
        let is_plain = !flag("core.ignorecase", false)
            && !flag("core.precomposeunicode", false)
            && flag("core.symlinks", true)
            && !flag("core.sparsecheckout", false);
        is_plain.then(|| Self {
            has_mode: flag("core.filemode", true),
            trusts_change_time: flag("core.trustctime", true),
            converts: converts(repository, &config),
        })
    }
}

/// Whether anything but the attributes of the work tree asks for conversion.
fn converts(repository: &Repository, config: &Config) -> bool {
    let ends_lines = config.get_str("core.autocrlf").is_ok_and(|value| value != "false");
    ends_lines || attributes::are_outside(repository, config)
}
