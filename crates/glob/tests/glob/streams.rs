//! Files that are pulled while the walk goes on.

use crate::trees::{SHELL, all, write};
use han_base::{Code, Result};
use han_glob::{FileStream, FoundFile, NextFiles, Patterns, WalkOptions};
use std::{path::Path, sync::Arc, sync::mpsc};

fn start(root: &Path, options: WalkOptions) -> Arc<FileStream> {
    FileStream::start(root.to_path_buf(), Patterns::compile(&["**"], &SHELL).unwrap(), options).unwrap()
}

fn next(stream: &FileStream) -> Result<NextFiles> {
    let (sender, receiver) = mpsc::channel();
    stream.next(Box::new(move |next| sender.send(next).unwrap()));
    receiver.recv().unwrap()
}

fn drain(stream: &FileStream) -> Vec<FoundFile> {
    let mut files = Vec::new();
    loop {
        match next(stream).unwrap() {
            NextFiles::Files(some) => files.extend(some),
            NextFiles::End(report) => {
                assert!(!report.is_cancelled);
                break;
            }
            NextFiles::Over => panic!("nobody closed it"),
        }
    }
    assert!(matches!(next(stream).unwrap(), NextFiles::Over));
    files
}

fn many() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for file in 0..20_000 {
        if file < 400 || file % 40 == 0 {
            write(root.path(), &format!("{}/{}/{file}", file % 20, file % 37), "");
        }
    }
    for file in 0..12_000 {
        std::fs::write(root.path().join(format!("0/file{file}")), "").unwrap();
    }
    root
}

#[test]
fn all_files_come_each_once() {
    let root = many();
    let mut found: Vec<String> =
        drain(&start(root.path(), WalkOptions::default())).into_iter().map(|file| file.path).collect();
    found.sort();
    assert_eq!(found, all(root.path(), &WalkOptions::default()));
    let limited = WalkOptions { limit: Some(700), ..WalkOptions::default() };
    assert_eq!(drain(&start(root.path(), limited)).len(), 700);
}

#[test]
fn a_closed_stream_is_over_and_frees_its_thread() {
    let root = many();
    let stream = start(root.path(), WalkOptions::default());
    assert!(matches!(next(&stream).unwrap(), NextFiles::Files(_)));
    stream.close();
    assert!(matches!(next(&stream).unwrap(), NextFiles::Over));
    let weak = Arc::downgrade(&stream);
    drop(stream);
    for _ in 0..1000 {
        if weak.strong_count() == 0 {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("the thread still holds it");
}

#[test]
fn what_the_walk_fails_with_is_told_once() {
    let stream = start(Path::new("/nowhere/at/all"), WalkOptions::default());
    assert_eq!(next(&stream).unwrap_err().code(), Code::FileNotFound);
    assert!(matches!(next(&stream).unwrap(), NextFiles::Over));
}
