//! Which repository the folders belong to that sessions worked in.
//!
//! The folder's name comes from a transcript, so anybody may have chosen it: of that folder and those above it only what
//! makes a git repository is read ([`han_git::identify`]), and nothing is run, followed or fetched.

use han_base::Result;
use han_db::{RepositoryPlace, Write};
use han_git::Identity;
use std::{collections::HashMap, path::Path};

/// The repositories of the folders of one run: each folder is looked at once.
pub(crate) struct Repositories {
    asks: bool,
    known: HashMap<String, Option<Identity>>,
}

impl Repositories {
    /// `asks` false: no folder is looked at.
    pub(crate) fn new(asks: bool) -> Self {
        Self { asks, known: HashMap::new() }
    }

    /// Notes which repository a project belongs to. A folder that is gone, or no repository any more, keeps what was known
    /// of it.
    pub(crate) fn store(&mut self, write: &Write<'_>, project_row: i64, path: &str) -> Result<()> {
        if !self.asks || path.is_empty() {
            return Ok(());
        }
        if !self.known.contains_key(path) {
            self.known.insert(path.to_owned(), han_git::identify(Path::new(path)));
        }
        let Some(Some(identity)) = self.known.get(path) else { return Ok(()) };
        // What has no remote is known by the place that all its work trees share.
        let common_dir = identity.common_dir.to_string_lossy();
        let remote = identity.remote_url.as_deref().unwrap_or(&common_dir);
        let repo_row = write.repos().row_for(remote, &identity.name, identity.default_branch.as_deref())?;
        let place = RepositoryPlace {
            repo_row,
            relative_path: &identity.relative_path,
            is_worktree: identity.is_worktree,
        };
        write.projects().place_in_repository(project_row, &place)
    }
}
