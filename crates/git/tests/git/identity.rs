use crate::{Place, git};
use han_git::identify;
use std::{fs, process::Command};

#[test]
fn a_folder_is_told_with_its_place_in_the_repository() {
    let place = Place::with_commit();
    let identity = identify(&place.root.join("src")).unwrap();
    assert_eq!(identity.root, place.root);
    assert_eq!(identity.common_dir, place.root.join(".git"));
    assert_eq!(identity.remote_url, None);
    assert_eq!(identity.name, "project");
    assert_eq!(identity.default_branch.as_deref(), Some("main"));
    assert_eq!(identity.relative_path, "src");
    assert_eq!(identity.main_worktree, Some(place.root.clone()));
    assert!(!identity.is_worktree);
    assert_eq!(identify(&place.root).unwrap().relative_path, "");
    assert_eq!(identify(&place.around), None);
    assert_eq!(identify(&place.root.join("gone")), None);
    assert_eq!(identify(&place.root.join("README")), None);
    assert_eq!(identify("src".as_ref()), None);
    // It agrees with what libgit2 finds.
    assert_eq!(han_git::root(&place.root.join("src")).unwrap().unwrap(), identity.root);
    assert_eq!(han_git::common_dir(&place.root).unwrap().unwrap(), identity.common_dir);
}

#[test]
fn work_trees_belong_to_the_repository_of_the_main_one() {
    let place = Place::with_commit();
    place.git(&["remote", "add", "upstream", "https://example.com/up/stream"]);
    place.git(&["remote", "add", "origin", "https://me:secret@github.com/Team/Project.git"]);
    place.git(&["worktree", "add", "--quiet", "-b", "feature", "../linked"]);
    let linked = identify(&place.around.join("linked/src")).unwrap();
    let main = identify(&place.root).unwrap();
    assert!(linked.is_worktree);
    assert_eq!(linked.root, place.around.join("linked"));
    assert_eq!(linked.common_dir, main.common_dir);
    assert_eq!(linked.main_worktree, main.main_worktree);
    assert_eq!(linked.relative_path, "src");
    assert_eq!(linked.remote_url.as_deref(), Some("https://github.com/team/project"));
    assert_eq!(linked.remote_url, main.remote_url);
    assert_eq!(linked.name, "project");
    assert_eq!(linked.default_branch.as_deref(), Some("main"));
}

#[test]
fn the_default_branch_is_never_merely_the_current_one() {
    let origin = Place::with_commit();
    origin.git(&["branch", "--move", "release/ü"]);
    let place = Place::without_repository();
    place.git(&["clone", "--quiet", origin.root.to_str().unwrap(), "clone"]);
    let clone = place.root.join("clone");
    git(&clone, &["checkout", "--quiet", "-b", "feature"]);
    assert_eq!(identify(&clone).unwrap().default_branch.as_deref(), Some("release/ü"));
    git(&clone, &["remote", "set-head", "origin", "--delete"]);
    assert_eq!(identify(&clone).unwrap().default_branch, None);
    git(&clone, &["branch", "develop"]);
    assert_eq!(identify(&clone).unwrap().default_branch.as_deref(), Some("develop"));
    git(&clone, &["branch", "master"]);
    git(&clone, &["pack-refs", "--all"]);
    assert_eq!(identify(&clone).unwrap().default_branch.as_deref(), Some("master"));
    git(&clone, &["config", "init.defaultBranch", "feature"]);
    assert_eq!(identify(&clone).unwrap().default_branch.as_deref(), Some("feature"));
    assert_eq!(identify(&clone).unwrap().remote_url.as_deref(), origin.root.to_str());
}

#[test]
fn bare_repositories_and_submodules_are_told_too() {
    let inner = Place::with_commit();
    inner.git(&["clone", "--quiet", "--bare", ".", "../bare.git"]);
    let bare = inner.around.join("bare.git");
    let identity = identify(&bare.join("refs")).unwrap();
    assert_eq!((identity.root.clone(), identity.common_dir.clone()), (bare.clone(), bare.clone()));
    assert_eq!(identity.main_worktree, None);
    assert_eq!(identity.default_branch.as_deref(), Some("main"));
    git(&bare, &["remote", "remove", "origin"]);
    assert_eq!(identify(&bare).unwrap().name, "bare");
    git(&bare, &["worktree", "add", "--quiet", "../of-bare", "main"]);
    let linked = identify(&inner.around.join("of-bare")).unwrap();
    assert!(linked.is_worktree);
    assert_eq!((linked.common_dir, linked.main_worktree), (bare, None));

    let outer = Place::with_commit();
    outer.git(&["submodule", "--quiet", "add", inner.root.to_str().unwrap(), "sub"]);
    let sub = identify(&outer.root.join("sub/src")).unwrap();
    assert_eq!(sub.root, outer.root.join("sub"));
    assert_eq!(sub.main_worktree, Some(outer.root.join("sub")));
    assert_eq!(sub.common_dir, outer.root.join(".git/modules/sub"));
    assert!(!sub.is_worktree);
    assert_eq!(sub.remote_url.as_deref(), inner.root.to_str());
}

#[test]
fn nothing_that_lies_there_holds_it_up() {
    let place = Place::with_commit();
    let fifo = |path: &str| {
        let path = place.root.join(path);
        let _ = fs::remove_file(&path);
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    };
    // Each would hang for ever, or grow without end, if it were opened.
    fifo(".git/config");
    fifo(".git/commondir");
    fifo(".git/packed-refs");
    assert_eq!(identify(&place.root).unwrap().root, place.root);
    fs::remove_file(place.root.join(".git/config")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", place.root.join(".git/config")).unwrap();
    assert_eq!(identify(&place.root).unwrap().remote_url, None);
    fs::remove_file(place.root.join(".git/config")).unwrap();
    fs::write(
        place.root.join(".git/config"),
        "[include]\npath = /dev/zero\n[remote \"../../..\"]\nurl = host:y\n",
    )
    .unwrap();
    assert_eq!(identify(&place.root).unwrap().remote_url.as_deref(), Some("https://host/y"));
    fifo("src/.git");
    assert_eq!(identify(&place.root.join("src")), None);
    for text in ["gitdir: /dev/zero", "gitdir: ", "gitdir: \u{0}", "rubbish", "gitdir: .", "gitdir: ../.."] {
        fs::remove_file(place.root.join("src/.git")).unwrap();
        fs::write(place.root.join("src/.git"), text).unwrap();
        assert_eq!(identify(&place.root.join("src")), None, "{text}");
    }
}
