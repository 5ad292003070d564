//! Manifests, held against a twin that reads everything.

use crate::tree::{Tree, as_map, known, set_modified, settle};
use han_base::{Code, FileStamp};
use han_hash::{
    HashCache, HashOptions, KnownManifest, ManifestChanges, Observer, TreeFile, files_manifest, tree_differs,
    tree_manifest,
};
use proptest::prelude::*;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

fn cached(cache: &HashCache) -> HashOptions<'_> {
    HashOptions { cache: Some(cache), ..HashOptions::default() }
}

fn differs(tree: &Tree, before: &BTreeMap<String, String>, cache: &HashCache) -> bool {
    tree_differs(&tree.root, &tree.walk(), &known(before), cached(cache)).unwrap()
}

#[test]
fn an_unchanged_tree_is_not_read_again_and_an_edit_of_the_same_size_is_found() {
    let tree = Tree::new();
    for index in 0..50 {
        tree.write(&format!("folder {}/file {index}", index % 7), format!("content {index}"));
    }
    settle();
    let cache = HashCache::new();
    let first = tree_manifest(&tree.root, &tree.walk(), cached(&cache));
    assert_eq!((first.files_read, first.is_complete), (50, true));
    assert_eq!(as_map(&first.manifest), tree.slow_manifest());
    let second = tree_manifest(&tree.root, &tree.walk(), cached(&cache));
    let read_again = if cfg!(unix) { 0 } else { 50 };
    assert_eq!(second.files_read, read_again);
    assert_eq!(second.manifest, first.manifest);
    let before = as_map(&first.manifest);
    assert!(!differs(&tree, &before, &cache));

    let edited = tree.path("folder 3/file 3");
    let time = fs::metadata(&edited).unwrap().modified().unwrap();
    fs::write(&edited, "CONTENT 3").unwrap();
    set_modified(&edited, time);
    assert!(differs(&tree, &before, &cache));
    let third = tree_manifest(&tree.root, &tree.walk(), cached(&cache));
    if cfg!(unix) {
        assert_eq!(third.files_read, 1);
    }
    let changes = ManifestChanges::between(&known(&before), &third.manifest);
    assert_eq!(
        changes,
        ManifestChanges { changed: vec!["folder 3/file 3".to_owned()], ..ManifestChanges::default() }
    );
}

/// What may happen to a tree.
#[derive(Debug, Clone)]
enum Edit {
    Write(u8, Vec<u8>),
    Remove(u8),
    Rename(u8, u8),
    Touch(u8),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let content = || prop::collection::vec(any::<u8>(), 0..4);
    let edit = prop_oneof![
        (any::<u8>(), content()).prop_map(|(name, content)| Edit::Write(name, content)),
        any::<u8>().prop_map(Edit::Remove),
        (any::<u8>(), any::<u8>()).prop_map(|(from, to)| Edit::Rename(from, to)),
        any::<u8>().prop_map(Edit::Touch),
    ];
    prop::collection::vec(edit, 0..6)
}

/// Few names, so that edits meet.
fn name_of(number: u8) -> String {
    let names = ["a", "b", "ü/x", "deep/er/still/y", "deep/z", "sp ace", "-dash", "new\nline"];
    names[usize::from(number) % names.len()].to_owned()
}

fn apply(tree: &Tree, edit: &Edit) {
    match edit {
        Edit::Write(name, content) => {
            tree.write(&name_of(*name), content);
        }
        Edit::Remove(name) => drop(fs::remove_file(tree.path(&name_of(*name)))),
        Edit::Rename(from, to) => {
            let (from, to) = (tree.path(&name_of(*from)), tree.path(&name_of(*to)));
            if from.exists() {
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::rename(from, to).unwrap();
            }
        }
        Edit::Touch(name) => {
            let path = tree.path(&name_of(*name));
            if let Ok(content) = fs::read(&path) {
                fs::write(&path, content).unwrap();
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn after_any_edits_the_answers_are_those_of_the_twin(
        first in edits(),
        then in prop::collection::vec(edits(), 1..5),
    ) {
        let tree = Tree::new();
        let cache = HashCache::new();
        for edit in &first {
            apply(&tree, edit);
        }
        let mut before = tree.slow_manifest();
        for edits in &then {
            for edit in edits {
                apply(&tree, edit);
            }
            let after = tree.slow_manifest();
            let run = tree_manifest(&tree.root, &tree.walk(), cached(&cache));
            prop_assert_eq!(&as_map(&run.manifest), &after);
            prop_assert_eq!(differs(&tree, &before, &cache), before.is_empty() || before != after);

            let changes = ManifestChanges::between(&known(&before), &run.manifest);
            prop_assert_eq!(&changes, &ManifestChanges::between_known(&known(&before), &known(&after)));
            let names = |map: &BTreeMap<String, String>| map.keys().cloned().collect::<BTreeSet<_>>();
            let (old, new) = (names(&before), names(&after));
            prop_assert_eq!(&changes.added, &new.difference(&old).cloned().collect::<Vec<_>>());
            prop_assert_eq!(&changes.removed, &old.difference(&new).cloned().collect::<Vec<_>>());
            let changed: Vec<_> = old.intersection(&new).filter(|name| before[*name] != after[*name]).cloned().collect();
            prop_assert_eq!(&changes.changed, &changed);
            before = after;
        }
    }
}

#[test]
fn files_are_named_any_way_and_stand_once() {
    let tree = Tree::new();
    tree.write("a", "1");
    tree.write("folder/b", "2");
    let outside = Tree::new();
    let secret = outside.write("secret", "3");
    let mut files: Vec<PathBuf> = vec![
        tree.path("a"),
        tree.path("folder/../a"),
        tree.path("./folder/./b"),
        tree.path("missing"),
        tree.path("missing/deeper"),
        secret.clone(),
        tree.root.join("..").join("..").join("etc"),
        PathBuf::from("a\0b"),
        PathBuf::new(),
        tree.root.clone(),
    ];
    let mut expected = vec!["a", "folder/b"];
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink("folder/b", tree.path("link")).unwrap();
        symlink(&secret, tree.path("way out")).unwrap();
        symlink(&outside.root, tree.path("folder out")).unwrap();
        symlink("folder", tree.path("folder in")).unwrap();
        symlink("loop", tree.path("loop")).unwrap();
        tree.write("folder/c", "4");
        files.extend(
            ["link", "way out", "folder out/secret", "folder in/c", "loop"].map(|name| tree.path(name)),
        );
        expected.push("folder/c");
    }
    let run = files_manifest(&tree.root, &files, HashOptions::default());
    assert_eq!(run.manifest.iter().map(|(path, _)| path).collect::<Vec<_>>(), expected);
    assert!(run.is_complete && run.failures.is_empty());
    assert_eq!(as_map(&run.manifest), tree.slow_manifest());
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_stands_without_a_hash() {
    let tree = Tree::new();
    tree.write("folder/file", "1");
    let pipe = tree.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let files = [tree.path("folder"), tree.path("folder/file"), pipe];
    let run = files_manifest(&tree.root, &files, HashOptions::default());
    let map = as_map(&run.manifest);
    assert_eq!(map.keys().collect::<Vec<_>>(), ["folder", "folder/file", "pipe"]);
    assert_eq!((map["folder"].as_str(), map["pipe"].as_str()), ("", ""));
    assert_eq!(run.failures.iter().map(han_base::Error::code).collect::<Vec<_>>(), [Code::NotAFile; 2]);
    // It is no change that it still cannot be read.
    assert!(ManifestChanges::between(&known(&map), &run.manifest).is_empty());
}

#[cfg(unix)]
#[test]
fn a_file_that_became_a_link_after_the_walk_is_not_followed() {
    let tree = Tree::new();
    tree.write("file", "1");
    let outside = Tree::new();
    let secret = outside.write("secret", "2");
    let files = tree.walk();
    fs::remove_file(tree.path("file")).unwrap();
    std::os::unix::fs::symlink(secret, tree.path("file")).unwrap();
    let run = tree_manifest(&tree.root, &files, HashOptions::default());
    assert_eq!(as_map(&run.manifest)["file"], "");
    assert_eq!(run.failures.len(), 1);
}

#[cfg(unix)]
#[test]
fn a_folder_that_became_a_link_after_the_walk_does_not_lead_out_of_the_tree() {
    let (tree, outside) = (Tree::new(), Tree::new());
    tree.write("folder/file", "inside");
    outside.write("file", "outside");
    let files = tree.walk();
    fs::remove_dir_all(tree.path("folder")).unwrap();
    std::os::unix::fs::symlink(&outside.root, tree.path("folder")).unwrap();
    let run = tree_manifest(&tree.root, &files, HashOptions::default());
    let hashes: Vec<_> = run.manifest.iter().map(|(_, digest)| digest.copied()).collect();
    if cfg!(target_os = "linux") {
        assert_eq!((hashes, run.failures.len()), (vec![None], 1));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_tree_may_be_deeper_than_a_path_is_long() {
    use rustix::fs::{Mode, OFlags, mkdirat, open, openat};
    use std::io::Write;
    let tree = Tree::new();
    let name = "n".repeat(200);
    let flags = OFlags::DIRECTORY | OFlags::RDONLY;
    let mut folder = open(&tree.root, flags, Mode::empty()).unwrap();
    let mut path = PathBuf::new();
    for _ in 0..45 {
        mkdirat(&folder, &name, Mode::RWXU).unwrap();
        folder = openat(&folder, &name, flags, Mode::empty()).unwrap();
        path.push(&name);
    }
    let file = openat(&folder, "file", OFlags::CREATE | OFlags::WRONLY, Mode::RUSR).unwrap();
    fs::File::from(file).write_all(b"abc").unwrap();
    let file = TreeFile { path: Cow::Owned(path.join("file")), stamp: FileStamp::default() };
    let run = tree_manifest(&tree.root, &[file], HashOptions::default());
    let (_, digest) = run.manifest.iter().next().unwrap();
    assert!(digest.is_some_and(|digest| digest.to_hex().starts_with("ba7816bf")), "{:?}", run.failures);
}

#[test]
fn a_file_that_vanished_after_the_walk_is_gone() {
    let tree = Tree::new();
    tree.write("a", "1");
    tree.write("b", "2");
    let before = tree.slow_manifest();
    let files = tree.walk();
    fs::remove_file(tree.path("b")).unwrap();
    let run = tree_manifest(&tree.root, &files, HashOptions::default());
    assert_eq!(as_map(&run.manifest), tree.slow_manifest());
    assert!(run.failures.is_empty());
    assert!(tree_differs(&tree.root, &files, &known(&before), HashOptions::default()).unwrap());
}

#[cfg(unix)]
#[test]
fn files_whose_names_become_the_same_text_are_both_watched() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let tree = Tree::new();
    let names = [&b"caf\xe9"[..], b"caf\xe8"].map(|name| tree.root.join(OsStr::from_bytes(name)));
    if names.iter().any(|name| fs::write(name, "1").is_err()) {
        // The file system knows no such names.
        return;
    }
    let manifest = || as_map(&tree_manifest(&tree.root, &tree.walk(), HashOptions::default()).manifest);
    let before = manifest();
    assert_eq!(before.len(), 1);
    assert_eq!(manifest(), before);
    let cache = HashCache::new();
    assert!(!differs(&tree, &before, &cache));
    for name in &names {
        let was = fs::read(name).unwrap();
        fs::write(name, "2").unwrap();
        assert_ne!(manifest(), before);
        assert!(differs(&tree, &before, &cache));
        fs::write(name, was).unwrap();
        assert_eq!(manifest(), before);
    }
}

/// Ends the work before it begins.
struct Cancelled;

impl Observer for Cancelled {
    fn is_cancelled(&self) -> bool {
        true
    }
}

#[test]
fn a_cancelled_run_says_so() {
    let tree = Tree::new();
    let path = tree.write("a", "1");
    let before = tree.slow_manifest();
    let options = HashOptions { observer: &Cancelled, ..HashOptions::default() };
    assert!(!tree_manifest(&tree.root, &tree.walk(), options).is_complete);
    assert!(!files_manifest(&tree.root, &[path], options).is_complete);
    let error = tree_differs(&tree.root, &tree.walk(), &known(&before), options).unwrap_err();
    assert_eq!(error.code(), Code::Cancelled);
    // What is known without reading is an answer all the same.
    assert!(tree_differs(&tree.root, &tree.walk(), &KnownManifest::default(), options).unwrap());
}
