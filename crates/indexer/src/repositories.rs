//! Which repository the folders belong to that sessions worked in.
//!
//! The folder's name comes from a transcript, so anybody may have chosen it: of that folder and those above it only what
//! makes a git repository is read ([`han_git::identify`]), and nothing is run, followed or fetched. That takes as long as
//! the disk does, so it is done on the threads that read, never inside a transaction.

use han_base::{Result, Timestamp};
use han_db::{Database, RepositoryPlace, Write};
use han_git::Identity;
use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// How long a project for which no repository was found is left alone, in milliseconds: a day.
const PATIENCE_MS: i64 = 24 * 60 * 60 * 1000;

/// Projects that one run looks at, of those that no transcript of the run tells of.
const PROJECTS_PER_RUN: usize = 100;

/// The repositories of the folders of one run: each folder is looked at once.
pub(crate) struct Repositories {
    asks: bool,
    known: Mutex<HashMap<String, Option<Arc<Identity>>>>,
}

impl Repositories {
    /// `asks` false: no folder is looked at.
    pub(crate) fn new(asks: bool) -> Self {
        Self { asks, known: Mutex::default() }
    }

    /// Looks for the repository of a folder, so that [`Repositories::store`] knows it.
    pub(crate) fn look(&self, path: &str) {
        if !self.asks || path.is_empty() || self.known().contains_key(path) {
            return;
        }
        let identity = han_git::identify(Path::new(path)).map(Arc::new);
        self.known().insert(path.to_owned(), identity);
    }

    /// Notes which repository a project belongs to, of a folder that was looked at. A folder that is gone, or no repository
    /// any more, keeps what was known of it.
    pub(crate) fn store(&self, write: &Write<'_>, project_row: i64, path: &str) -> Result<()> {
        let known = self.known().get(path).cloned();
        match known {
            None => Ok(()),
            Some(None) => write.projects().note_repository_check(project_row, stale_ms()),
            Some(Some(identity)) => place(write, project_row, &identity),
        }
    }

    /// Looks for the repositories of projects that have none, though nothing new is told of them: they may have been
    /// indexed by an older version, or before their folder became a repository. A few at a time, each once a day.
    pub(crate) fn catch_up(&self, database: &Database, is_cancelled: &dyn Fn() -> bool) -> Result<()> {
        if !self.asks {
            return Ok(());
        }
        let projects =
            database.read(|read| read.projects().without_repository(stale_ms(), PROJECTS_PER_RUN))?;
        if projects.is_empty() {
            return Ok(());
        }
        for (_, path) in projects.iter().take_while(|_| !is_cancelled()) {
            self.look(path);
        }
        database.write(|write| projects.iter().try_for_each(|(row, path)| self.store(write, *row, path)))
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Option<Arc<Identity>>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Before this time a look for a repository is out of date.
fn stale_ms() -> i64 {
    Timestamp::now().as_millis() - PATIENCE_MS
}

fn place(write: &Write<'_>, project_row: i64, identity: &Identity) -> Result<()> {
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
