use crate::{Place, git, try_git};
use han_base::Code;
use han_git::{GitWorktree, add_worktree, remove_worktree, worktrees};
use std::{fs, path::Path};

/// What the program says of a repository's work trees, in our words.
fn of_program(folder: &Path) -> Vec<GitWorktree> {
    let text = git(folder, &["worktree", "list", "--porcelain", "-z"]);
    let mut list: Vec<GitWorktree> = Vec::new();
    for line in text.split('\0') {
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        if key == "worktree" {
            let is_main = list.is_empty();
            list.push(GitWorktree { path: value.to_owned(), is_main, ..GitWorktree::default() });
            continue;
        }
        let Some(current) = list.last_mut() else { continue };
        match key {
            "HEAD" => current.head = Some(if current.is_main { value } else { &value[..8] }.to_owned()),
            "branch" => current.head = Some(value.trim_start_matches("refs/heads/").to_owned()),
            "locked" => {
                current.is_locked = true;
                current.lock_reason = (!value.is_empty()).then(|| value.to_owned());
            }
            "prunable" => current.is_prunable = Some(true),
            _ => {}
        }
    }
    list
}

fn agrees(place: &Place, folder: &Path) {
    let without_names = |mut list: Vec<GitWorktree>| {
        for one in &mut list {
            one.name.clear();
        }
        list
    };
    assert_eq!(without_names(worktrees(folder).unwrap()), without_names(of_program(&place.root)));
}

#[test]
fn all_are_listed_from_wherever() {
    let place = Place::with_commit();
    place.git(&["worktree", "add", "--quiet", "-b", "b/ü", "../zweiter baum"]);
    place.git(&["worktree", "add", "--quiet", "--detach", "../detached"]);
    place.git(&["worktree", "add", "--quiet", "../locked"]);
    place.git(&["worktree", "lock", "--reason", "on a stick", "../locked"]);
    place.git(&["worktree", "add", "--quiet", "../locked-without-reason"]);
    place.git(&["worktree", "lock", "../locked-without-reason"]);
    place.git(&["worktree", "add", "--quiet", "inside"]);
    place.git(&["worktree", "add", "--quiet", "../gone"]);
    fs::remove_dir_all(place.around.join("gone")).unwrap();
    for folder in ["project", "project/src", "zweiter baum", "detached/src", "project/inside", "locked"] {
        agrees(&place, &place.around.join(folder));
    }
    let list = worktrees(&place.around.join("detached")).unwrap();
    assert_eq!(list.len(), 7);
    assert_eq!(list[0].name, "project");
    assert!(list.iter().any(|one| one.name == "zweiter-baum" || one.name == "zweiter baum"), "{list:?}");
    place.git(&["checkout", "--quiet", "--detach"]);
    agrees(&place, &place.around.join("locked"));
}

#[test]
fn one_is_added_as_the_program_would() {
    let place = Place::with_commit();
    place.git(&["branch", "feature/ü"]);
    place.git(&["branch", "second"]);
    add_worktree(&place.root.join("src"), "../../deep/er/-tree", "feature/ü").unwrap();
    let added = place.around.join("deep/er/-tree");
    assert_eq!(fs::read_to_string(added.join("README")).unwrap(), "one\ntwo\nthree\n");
    assert_eq!(git(&added, &["status", "--porcelain"]), "");
    assert_eq!(git(&added, &["rev-parse", "--abbrev-ref", "HEAD"]), "feature/ü");
    agrees(&place, &added);
    git(&place.root, &["worktree", "repair"]);
    git(&place.root, &["fsck", "--strict"]);

    // From inside a linked one, into an empty folder, with a name that is taken.
    let empty = place.around.join("x/-tree");
    fs::create_dir_all(&empty).unwrap();
    add_worktree(&added, empty.to_str().unwrap(), "second").unwrap();
    agrees(&place, &empty);
    assert_eq!(worktrees(&empty).unwrap().len(), 3);
}

#[test]
fn what_cannot_be_added_is_refused_and_leaves_nothing() {
    let place = Place::with_commit();
    place.git(&["branch", "free"]);
    place.git(&["worktree", "add", "--quiet", "-b", "taken", "../taken"]);
    fs::create_dir(place.around.join("full")).unwrap();
    fs::write(place.around.join("full/file"), "mine").unwrap();
    let before = worktrees(&place.root).unwrap();
    for (path, branch, code) in [
        ("../new", "main", Code::GitConflict),
        ("../new", "taken", Code::GitConflict),
        ("../new", "gone", Code::GitNotFound),
        ("../new", "--detach", Code::GitNotFound),
        ("../new", "", Code::GitNotFound),
        ("../full", "free", Code::GitConflict),
        ("../taken", "free", Code::GitConflict),
        ("", "free", Code::InvalidArgument),
    ] {
        let error = add_worktree(&place.root, path, branch).unwrap_err();
        assert_eq!(error.code(), code, "{path} {branch}: {error}");
        assert!(error.to_string().contains("git worktree failed: "), "{error}");
    }
    assert_eq!(worktrees(&place.root).unwrap(), before);
    assert!(!place.around.join("new").exists());
    assert_eq!(fs::read_to_string(place.around.join("full/file")).unwrap(), "mine");
}

#[test]
fn a_branch_that_one_remote_has_is_made_from_it() {
    let origin = Place::with_commit();
    origin.git(&["branch", "theirs"]);
    let place = Place::without_repository();
    place.git(&["clone", "--quiet", origin.root.to_str().unwrap(), "clone"]);
    let clone = place.root.join("clone");
    add_worktree(&clone, "../linked", "theirs").unwrap();
    let upstream = git(&place.root.join("linked"), &["rev-parse", "--abbrev-ref", "@{upstream}"]);
    assert_eq!(upstream, "origin/theirs");
}

#[test]
fn one_is_removed_only_when_nothing_is_lost_or_with_force() {
    let place = Place::with_commit();
    for name in ["clean", "changed", "unknown", "locked", "gone", "-dash"] {
        place.git(&["worktree", "add", "--quiet", "-b", &format!("b{name}"), "--", &format!("../{name}")]);
    }
    fs::write(place.around.join("changed/README"), "changed\n").unwrap();
    fs::write(place.around.join("unknown/new"), "new\n").unwrap();
    place.git(&["worktree", "lock", "../locked"]);
    fs::remove_dir_all(place.around.join("gone")).unwrap();
    let outside = place.around.join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("file"), "stays").unwrap();
    std::os::unix::fs::symlink(&outside, place.around.join("changed/link")).unwrap();

    for (name, code) in [
        ("changed", Code::GitConflict),
        ("unknown", Code::GitConflict),
        ("locked", Code::GitConflict),
        ("project", Code::GitConflict),
        ("nowhere", Code::GitNotFound),
        ("--force", Code::GitNotFound),
    ] {
        try_git(&place.root, &["worktree", "remove", "--", &format!("../{name}")]).unwrap_err();
        let error = remove_worktree(&place.root, &format!("../{name}"), false).unwrap_err();
        assert_eq!(error.code(), code, "{name}: {error}");
        assert!(error.to_string().contains("git worktree failed: "), "{error}");
    }
    remove_worktree(&place.root, "../clean", false).unwrap();
    remove_worktree(&place.around.join("locked"), "../-dash", false).unwrap();
    remove_worktree(&place.root, place.around.join("gone").to_str().unwrap(), false).unwrap();
    remove_worktree(&place.root, "../changed", true).unwrap();
    remove_worktree(&place.root, "../unknown", true).unwrap();
    assert_eq!(remove_worktree(&place.root, "../locked", true).unwrap_err().code(), Code::GitConflict);
    assert_eq!(fs::read_to_string(outside.join("file")).unwrap(), "stays");
    for name in ["clean", "changed", "unknown", "-dash"] {
        assert!(!place.around.join(name).exists(), "{name}");
        place.git(&["rev-parse", &format!("refs/heads/b{name}")]);
    }
    agrees(&place, &place.root);
    assert_eq!(worktrees(&place.root).unwrap().len(), 2);
}

#[test]
fn a_folder_that_is_no_work_tree_of_ours_is_never_removed() {
    let place = Place::with_commit();
    place.git(&["worktree", "add", "--quiet", "../linked"]);
    let victim = place.around.join("victim");
    fs::create_dir(&victim).unwrap();
    fs::write(victim.join("file"), "precious").unwrap();
    let gitdir = place.root.join(".git/worktrees/linked/gitdir");
    fs::write(&gitdir, format!("{}/.git\n", victim.display())).unwrap();
    let error = remove_worktree(&place.root, "../victim", true).unwrap_err();
    assert_eq!(error.code(), Code::GitConflict, "{error}");
    // Nor another repository's.
    git(&victim, &["init", "--quiet"]);
    assert_eq!(remove_worktree(&place.root, "../victim", true).unwrap_err().code(), Code::GitConflict);
    assert_eq!(fs::read_to_string(victim.join("file")).unwrap(), "precious");
}
