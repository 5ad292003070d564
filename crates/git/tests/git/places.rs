use crate::{Place, git, try_git};
use han_base::Code;
use han_git::{branch, common_dir, diff_stat, list_files, log, root, show_file, worktrees};
use std::{fs, os::unix::ffi::OsStrExt, path::Path};

#[test]
fn packed_references_and_objects_are_read() {
    let place = Place::with_commit();
    place.git(&["branch", "other"]);
    place.write("README", "changed\n");
    place.commit("second");
    let before = log(&place.root, 10).unwrap();
    place.git(&["pack-refs", "--all"]);
    place.git(&["gc", "--quiet"]);
    assert_eq!(log(&place.root, 10).unwrap(), before);
    assert_eq!(branch(&place.root).unwrap().as_deref(), Some("main"));
    assert_eq!(diff_stat(&place.root, "other", "main").unwrap().len(), 1);
}

#[test]
fn a_shallow_clone_ends_where_it_was_cut() {
    let place = Place::with_commit();
    for message in ["second", "third", "fourth"] {
        place.commit(message);
    }
    let url = format!("file://{}", place.root.display());
    git(&place.around, &["clone", "--quiet", "--depth=2", &url, "shallow"]);
    let shallow = place.around.join("shallow");
    let messages: Vec<String> = log(&shallow, 100).unwrap().into_iter().map(|entry| entry.message).collect();
    assert_eq!(messages, ["fourth", "third"]);
    assert_eq!(messages.join("\n"), git(&shallow, &["log", "--format=%s"]));
}

#[test]
fn repositories_in_formats_that_are_not_read_are_named() {
    let place = Place::without_repository();
    place.git(&["init", "--quiet", "--object-format=sha256"]);
    place.write("a", "a");
    place.commit("first");
    let errors = [
        branch(&place.root).unwrap_err(),
        root(&place.root).unwrap_err(),
        list_files(&place.root).unwrap_err(),
        log(&place.root, 1).unwrap_err(),
        worktrees(&place.root).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.code(), Code::GitUnsupported, "{error}");
        assert!(error.to_string().contains("sha256"), "{error}");
    }
    // What tells the indexer the project needs no objects.
    assert_eq!(han_git::identify(&place.root).unwrap().root, place.root);
}

#[test]
fn a_split_index_is_named() {
    let place = Place::with_commit();
    place.git(&["update-index", "--split-index"]);
    let error = list_files(&place.root).unwrap_err();
    assert_eq!(error.code(), Code::GitUnsupported, "{error}");
}

#[test]
fn submodules_are_repositories_of_their_own() {
    let inner = Place::with_commit();
    let outer = Place::with_commit();
    outer.git(&["submodule", "--quiet", "add", inner.root.to_str().unwrap(), "sub"]);
    outer.commit("with a submodule");
    let sub = outer.root.join("sub");
    assert_eq!(root(&sub).unwrap().unwrap(), sub);
    assert_eq!(common_dir(&sub).unwrap().unwrap(), outer.root.join(".git/modules/sub"));
    assert_eq!(list_files(&outer.root).unwrap(), crate::parts(&outer.git(&["ls-files", "-z"])));
    let list = worktrees(&sub).unwrap();
    assert_eq!((list.len(), list[0].path.as_str(), list[0].name.as_str()), (1, sub.to_str().unwrap(), "sub"));
    let error = show_file(&outer.root, "HEAD", "sub").unwrap_err();
    assert!(error.to_string().contains("this is a submodule"), "{error}");
    git(&sub, &["commit", "--quiet", "--allow-empty", "-m", "moved"]);
    outer.commit("moved");
    crate::changes::agrees(&outer, "HEAD~1", "HEAD");
    crate::changes::agrees(&outer, "HEAD~2", "HEAD");
}

#[test]
fn names_that_are_not_utf8_survive() {
    let place = Place::with_commit();
    let name = std::ffi::OsStr::from_bytes(b"bad\xff/n\xe9");
    fs::create_dir(place.root.join(Path::new(name).parent().unwrap())).unwrap();
    fs::write(place.root.join(name), "x\n").unwrap();
    place.git(&["add", "--all"]);
    place.commit("latin");
    assert_eq!(list_files(&place.root).unwrap()[1], "bad\u{fffd}/n\u{fffd}");
    assert_eq!(list_files(&place.root.join(std::ffi::OsStr::from_bytes(b"bad\xff"))).unwrap(), ["n\u{fffd}"]);
    let stats = diff_stat(&place.root, "HEAD~1", "HEAD").unwrap();
    assert_eq!(stats[0].path, "bad\u{fffd}/n\u{fffd}");
    let linked = place.around.join(std::ffi::OsStr::from_bytes(b"tree\xff"));
    let made = std::process::Command::new("git")
        .current_dir(&place.root)
        .args(["worktree", "add", "--quiet", "-b", "x"])
        .arg(&linked)
        .status()
        .unwrap();
    assert!(made.success());
    assert_eq!(worktrees(&linked).unwrap().len(), 2);
    assert_eq!(root(&linked).unwrap().unwrap(), linked);
}

#[test]
fn a_repository_of_another_user_is_read_as_any_other() {
    let place = Place::with_commit();
    // Only root may give files away.
    if std::os::unix::fs::chown(place.root.join(".git"), Some(12345), Some(12345)).is_ok() {
        std::os::unix::fs::chown(&place.root, Some(12345), Some(12345)).unwrap();
        let refused = try_git(&place.root, &["status"]).unwrap_err();
        assert!(refused.contains("dubious ownership"), "{refused}");
    }
    assert_eq!(branch(&place.root).unwrap().as_deref(), Some("main"));
    assert_eq!(log(&place.root, 1).unwrap().len(), 1);
}

#[test]
fn what_is_damaged_is_an_error_or_nothing_and_never_a_crash() {
    let place = Place::with_commit();
    fs::write(place.root.join(".git/index"), "rubbish").unwrap();
    assert_eq!(list_files(&place.root).unwrap_err().code(), Code::GitFailed);
    fs::write(place.root.join(".git/HEAD"), "rubbish").unwrap();
    assert!(log(&place.root, 1).is_err());
    assert_eq!(branch(&place.root).unwrap(), None);
    fs::write(place.root.join(".git/config"), "[broken").unwrap();
    assert_eq!(branch(&place.root).unwrap(), None);
    let other = Place::without_repository();
    fs::write(other.root.join(".git"), "gitdir: /nowhere").unwrap();
    assert_eq!(root(&other.root).unwrap(), None);
    assert!(list_files(&other.root).is_err());
}
