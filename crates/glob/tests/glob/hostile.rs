//! Trees that are made to break a walk.
#![cfg(unix)]

use crate::trees::{ALL, SHELL, all, find, paths, tree, write};
use han_base::Code;
use han_glob::{IgnoreOptions, WalkOptions};
use rustix::fs::{CWD, Mode, OFlags, mkdirat, mkfifoat, openat, symlinkat};
use std::{
    ffi::OsStr,
    fs,
    os::unix::{ffi::OsStrExt, fs::PermissionsExt, fs::symlink},
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

/// Far deeper than a path can name.
const DEPTH: usize = 5000;

fn followed() -> WalkOptions {
    WalkOptions { follow: true, ..WalkOptions::default() }
}

#[test]
fn links_are_left_out_unless_followed_and_loops_end() {
    let root = tree(&["a/file", "other/deep/file"]);
    let at = |path: &str| root.path().join(path);
    symlink("..", at("a/up")).unwrap();
    symlink("self", at("a/self")).unwrap();
    symlink("nowhere", at("a/dangling")).unwrap();
    symlink(at("other"), at("a/there")).unwrap();
    symlink("file", at("a/link")).unwrap();
    assert_eq!(all(root.path(), &WalkOptions::default()), ["a/file", "other/deep/file"]);
    let found = find(root.path(), &["**"], &ALL, &followed());
    assert_eq!(paths(&found), ["a/file", "a/link", "a/there/deep/file", "other/deep/file"]);
    assert_eq!(found.report.error_count, 0);
}

#[test]
fn folders_that_may_not_be_read_are_told() {
    let root = tree(&["a/file", "closed/file", "z"]);
    let closed = root.path().join("closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    // Root may read everything.
    let is_closed = fs::read_dir(&closed).is_err();
    let found = find(root.path(), &["**"], &ALL, &WalkOptions::default());
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    if is_closed {
        assert_eq!(paths(&found), ["a/file", "z"]);
        assert_eq!(found.report.error_count, 1);
        assert_eq!(found.report.errors[0].path, "closed");
        assert_eq!(found.report.errors[0].error.code(), Code::FileUnreadable);
    } else {
        assert_eq!(paths(&found), ["a/file", "closed/file", "z"]);
    }
}

#[test]
fn names_that_are_no_utf8_are_counted_and_given_as_bytes() {
    let root = tree(&["good"]);
    let bad = root.path().join(OsStr::from_bytes(b"b\xffd"));
    if fs::create_dir(&bad).is_err() {
        // The file system takes only UTF-8.
        return;
    }
    fs::write(bad.join("inside"), "").unwrap();
    fs::write(root.path().join(OsStr::from_bytes(b"\xe9.txt")), "").unwrap();
    let found = find(root.path(), &["**"], &ALL, &WalkOptions::default());
    assert_eq!(paths(&found), ["good"]);
    assert_eq!(found.report.unnameable_count, 2);
    assert_eq!(found.report.unnameable, [b"b\xffd/inside".to_vec(), b"\xe9.txt".to_vec()]);
    let found = find(root.path(), &["?.txt"], &SHELL, &WalkOptions::default());
    assert_eq!(found.report.unnameable_count, 1);
}

#[test]
fn a_tree_deeper_than_any_path_is_walked() {
    let root = tempfile::tempdir().unwrap();
    // Two chains, so that folders wait at every level, and the open ones are bounded.
    let mut folder = openat(CWD, root.path(), OFlags::RDONLY, Mode::empty()).unwrap();
    for level in 0..DEPTH {
        mkdirat(&folder, "d", Mode::RWXU).unwrap();
        mkdirat(&folder, "e", Mode::RWXU).unwrap();
        if level % 1000 == 0 {
            let side = openat(&folder, "e", OFlags::RDONLY, Mode::empty()).unwrap();
            openat(&side, "file", OFlags::CREATE | OFlags::WRONLY, Mode::RUSR).unwrap();
        }
        folder = openat(&folder, "d", OFlags::RDONLY, Mode::empty()).unwrap();
    }
    openat(&folder, "bottom", OFlags::CREATE | OFlags::WRONLY, Mode::RUSR).unwrap();
    for threads in [1, 2] {
        let options = WalkOptions { threads: Some(threads), ..WalkOptions::default() };
        let found = find(root.path(), &["**"], &ALL, &options);
        assert_eq!(found.report.error_count, 0, "{:?}", found.report.errors.first());
        assert_eq!(found.files.len(), 6);
        assert_eq!(found.report.folder_count, 2 * DEPTH as u64 + 1);
        assert_eq!(found.files[0].path, format!("{}bottom", "d/".repeat(DEPTH)));
    }
    let found = find(root.path(), &["**"], &ALL, &followed());
    assert_eq!((found.files.len(), found.report.error_count), (6, 0));
    // The standard library cannot delete it in one go everywhere: from the bottom up it is not needed.
    std::process::Command::new("rm").arg("-rf").arg(root.path()).status().unwrap();
}

#[test]
fn special_files_are_none_and_a_pipe_as_ignore_file_does_not_block() {
    let root = tree(&["file"]);
    mkfifoat(CWD, root.path().join("pipe"), Mode::RWXU).unwrap();
    mkfifoat(CWD, root.path().join(".ignore"), Mode::RWXU).unwrap();
    fs::create_dir(root.path().join(".gitignore")).unwrap();
    fs::create_dir(root.path().join(".git")).unwrap();
    symlinkat("/dev/zero", CWD, root.path().join("zero")).unwrap();
    let found = find(root.path(), &["**", ".*"], &SHELL, &followed());
    assert_eq!(paths(&found), ["file"]);
    assert_eq!(found.report.error_count, 0, "{:?}", found.report.errors);
}

#[test]
fn folders_may_vanish_and_change_while_they_are_walked() {
    let root = tempfile::tempdir().unwrap();
    let outside = tree(&["secret"]);
    let is_over = AtomicBool::new(false);
    for folder in 0..100 {
        write(root.path(), &format!("stays/{folder}/file"), "");
    }
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                for folder in 0..20 {
                    let path = root.path().join(format!("moves/{folder}"));
                    let _ = fs::create_dir_all(path.join("a/b"));
                    let _ = fs::write(path.join("a/b/file"), "");
                    let _ = fs::remove_dir_all(&path);
                    let _ = symlink(outside.path(), &path);
                    let _ = fs::remove_file(&path);
                }
            }
        });
        for _ in 0..300 {
            let options =
                WalkOptions { ignore: IgnoreOptions::none(), stamps: true, ..WalkOptions::default() };
            let found = find(root.path(), &["**"], &SHELL, &options);
            let stays = found.files.iter().filter(|file| file.path.starts_with("stays/")).count();
            assert_eq!(stays, 100);
            assert!(found.files.iter().all(|file| !file.path.ends_with("secret")));
            assert_eq!(found.report.error_count, 0, "{:?}", found.report.errors);
        }
        is_over.store(true, Ordering::Relaxed);
    });
}

#[test]
fn an_ignore_file_that_is_too_long_is_told_and_not_obeyed() {
    let root = tree(&["file"]);
    let mut long = "x\n".repeat(9 * 1024 * 1024);
    long.push_str("file\n");
    fs::write(root.path().join(".ignore"), long).unwrap();
    let found = find(root.path(), &["**"], &SHELL, &WalkOptions::default());
    assert_eq!(paths(&found), ["file"]);
    assert_eq!(found.report.errors[0].path, ".ignore");
}

#[cfg(target_os = "linux")]
#[test]
fn files_that_a_repository_names_are_not_read_without_end() {
    let root = tree(&[".git/HEAD", "a"]);
    // Says that it is empty, and gives half a terabyte.
    write(root.path(), ".git/config", "[core]\nexcludesFile = /proc/self/pagemap\n");
    let found = find(root.path(), &["**"], &ALL, &WalkOptions::default());
    assert_eq!(paths(&found), ["a"]);
    assert_eq!(found.report.error_count, 1);
    assert_eq!(found.report.errors[0].path, "/proc/self/pagemap");

    let other = tree(&["a"]);
    fs::File::create(other.path().join(".git")).unwrap().set_len(1 << 40).unwrap();
    assert_eq!(all(other.path(), &WalkOptions::default()), ["a"]);
}
