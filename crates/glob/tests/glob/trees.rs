//! Trees to walk.

use han_glob::{Found, MatchOptions, Patterns, Rules, Unwatched, WalkOptions, find_files};
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

/// Everything, hidden or not.
pub(crate) const ALL: MatchOptions = MatchOptions { rules: Rules::Shell, case_insensitive: false, dot: true };

pub(crate) const SHELL: MatchOptions =
    MatchOptions { rules: Rules::Shell, case_insensitive: false, dot: false };

/// Writes a file, and the folders around it. Whether it could be: a name may be that of a folder already.
pub(crate) fn write(root: &Path, path: &str, text: &str) -> bool {
    let path = root.join(path);
    path.parent().is_some_and(|folder| fs::create_dir_all(folder).is_ok()) && fs::write(path, text).is_ok()
}

pub(crate) fn tree(paths: &[&str]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for path in paths {
        assert!(write(root.path(), path, ""), "{path}");
    }
    root
}

pub(crate) fn find(root: &Path, patterns: &[&str], matching: &MatchOptions, options: &WalkOptions) -> Found {
    let patterns = Patterns::compile(patterns, matching).unwrap();
    find_files(root, &patterns, options, &Unwatched).unwrap()
}

pub(crate) fn paths(found: &Found) -> Vec<&str> {
    found.files.iter().map(|file| file.path.as_str()).collect()
}

pub(crate) fn all(root: &Path, options: &WalkOptions) -> Vec<String> {
    find(root, &["**"], &ALL, options).files.into_iter().map(|file| file.path).collect()
}

pub(crate) fn git(root: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("git")
        .args(["-c", "user.name=Test", "-c", "user.email=test@example.com"])
        .args(arguments)
        .current_dir(root)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env("HOME", "/nonexistent")
        .env_remove("XDG_CONFIG_HOME")
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}");
    output.stdout
}

/// What git would offer to add, and has: by the bytes of the paths.
pub(crate) fn git_files(root: &Path) -> Vec<String> {
    let listed = git(root, &["ls-files", "-co", "--exclude-standard", "-z"]);
    let mut files: Vec<String> =
        String::from_utf8(listed).unwrap().split_terminator('\0').map(str::to_owned).collect();
    files.sort();
    files.dedup();
    files
}
