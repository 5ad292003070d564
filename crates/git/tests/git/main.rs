//! Every answer beside that of the git program, over repositories made for the test.
#![cfg(test)]
#![cfg(unix)]

mod changes;
mod commits;
mod facts;
mod generated;
mod identity;
mod places;
mod status;
mod worktrees;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// A repository in a folder of its own.
pub(crate) struct Place {
    _folder: TempDir,
    /// The folder around it, without links.
    pub(crate) around: PathBuf,
    /// Its top folder.
    pub(crate) root: PathBuf,
}

impl Place {
    /// An empty repository with the branch `main`.
    pub(crate) fn new() -> Self {
        let place = Self::without_repository();
        git(&place.root, &["init", "--quiet", "--initial-branch=main"]);
        place
    }

    /// A folder that is no repository.
    pub(crate) fn without_repository() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let around = folder.path().canonicalize().expect("a path");
        let root = around.join("project");
        fs::create_dir(&root).expect("a folder");
        Self { _folder: folder, around, root }
    }

    /// A repository with one commit.
    pub(crate) fn with_commit() -> Self {
        let place = Self::new();
        place.write("README", "one\ntwo\nthree\n");
        place.write("src/lib.rs", "fn main() {}\n");
        place.commit("first");
        place
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, content).expect("a file");
    }

    pub(crate) fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git(&self.root, arguments)
    }
}

/// What the git program says.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    match try_git(folder, arguments) {
        Ok(text) => text,
        Err(text) => panic!("git {arguments:?}: {text}"),
    }
}

/// What the git program says, or complains.
pub(crate) fn try_git(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("git")
        .current_dir(folder)
        .args(["-c", "core.quotePath=false", "-c", "protocol.file.allow=always", "-c", "diff.renames=true"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env("GIT_AUTHOR_NAME", "Zoë Author")
        .env("GIT_AUTHOR_EMAIL", "zoe@example.com")
        .env("GIT_COMMITTER_NAME", "Committer")
        .env("GIT_COMMITTER_EMAIL", "committer@example.com")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("TZ", "UTC")
        .output()
        .expect("the git program");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end_matches('\n').to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// The parts of a list that ends each of them with NUL.
pub(crate) fn parts(text: &str) -> Vec<&str> {
    text.split_terminator('\0').collect()
}
