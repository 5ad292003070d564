//! Folders that hold a marker.

use crate::trees::{SHELL, git, tree, write};
use han_base::Code;
use han_glob::{MatchOptions, Unwatched, WalkOptions, find_folders_with};
use std::path::Path;

fn folders(root: &Path, markers: &[&str], matching: &MatchOptions) -> Vec<String> {
    find_folders_with(root, markers, matching, &WalkOptions::default(), &Unwatched).unwrap().folders
}

#[test]
fn a_marker_is_a_file_or_folder_at_any_depth() {
    let root = tree(&[
        "package.json",
        "packages/a/package.json",
        "packages/b/src/main.rs",
        "packages/c.d/app.csproj",
        "packages/c.d/lib.csproj",
        "packages/with/marker/package.json",
        ".hidden/package.json",
    ]);
    let standard = MatchOptions::default();
    assert_eq!(
        folders(root.path(), &["package.json"], &standard),
        ["", "packages/a", "packages/with/marker"]
    );
    assert_eq!(folders(root.path(), &["*.csproj", "src"], &standard), ["packages/b", "packages/c.d"]);
    assert_eq!(folders(root.path(), &["*.csproj"], &SHELL), ["packages/c.d"]);
    // What lies in a folder that is itself a marker is left out.
    assert_eq!(
        folders(root.path(), &["marker", "package.json"], &standard),
        ["", "packages/a", "packages/with"]
    );
    assert_eq!(folders(root.path(), &["b/src"], &standard), ["packages/b"]);
    assert!(folders(root.path(), &[], &standard).is_empty());
}

#[test]
fn ignored_markers_are_none() {
    let root = tree(&["a/package.json", "node_modules/x/package.json", "b/package.json"]);
    git(root.path(), &["init", "--quiet"]);
    write(root.path(), ".gitignore", "node_modules\nb/package.json\n");
    assert_eq!(folders(root.path(), &["package.json"], &MatchOptions::default()), ["a"]);
    assert!(folders(root.path(), &["node_modules"], &MatchOptions::default()).is_empty());
}

#[test]
fn a_wrong_marker_is_told_as_it_was_written() {
    let root = tree(&[]);
    let error =
        find_folders_with(root.path(), &["a["], &SHELL, &WalkOptions::default(), &Unwatched).unwrap_err();
    assert_eq!(error.code(), Code::InvalidPattern);
    assert!(error.to_string().contains("\"a[\" at character 2"), "{error}");
}
