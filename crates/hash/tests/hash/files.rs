//! Files, whatever they are.

use crate::tree::Tree;
use han_base::{Code, Result};
use han_hash::{
    Algorithm, HashCache, HashOptions, HashedFile, Observer, Unwatched, hash_bytes, hash_file, hash_files,
};
use std::{
    fs::{self, File},
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

fn with(algorithm: Algorithm) -> HashOptions<'static> {
    HashOptions { algorithm, cache: None, observer: &Unwatched }
}

fn code_of(outcome: Result<HashedFile>) -> Code {
    outcome.unwrap_err().code()
}

#[test]
fn a_file_of_any_size_hashes_as_its_bytes() {
    let tree = Tree::new();
    let sizes = [0, 1, 63, 64, 65, 4096, 262_143, 262_144, 262_145, 1 << 20, (2 << 20) + 1, (9 << 20) + 17];
    for size in sizes {
        let content: Vec<u8> =
            (0..size).map(|index: u32| (index.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let path = tree.write("file", &content);
        for algorithm in Algorithm::ALL {
            let hashed = hash_file(&path, with(algorithm)).unwrap();
            assert_eq!(hashed.digest, hash_bytes(algorithm, &content), "{algorithm} of {size} bytes");
            assert_eq!((hashed.bytes_read, hashed.is_remembered), (u64::from(size), false));
        }
    }
}

#[test]
fn many_files_of_all_sizes_are_answered_in_order() {
    let tree = Tree::new();
    let mut paths = Vec::new();
    let mut expected = Vec::new();
    for index in 0..400u32 {
        // Large ones among small ones, several in a row at the end.
        let size = if index % 90 == 3 || index > 396 { 8 << 20 } else { index as usize * 7 };
        let mut content = vec![index as u8; size];
        content.extend(index.to_le_bytes());
        paths.push(tree.write(&format!("{index}"), &content));
        expected.push(Some(hash_bytes(Algorithm::Xxh3Of128, &content)));
    }
    paths.insert(7, tree.path("missing"));
    expected.insert(7, None);
    let outcomes = hash_files(&paths, with(Algorithm::Xxh3Of128));
    let digests: Vec<_> = outcomes
        .iter()
        .map(|outcome| outcome.as_ref().unwrap().as_ref().ok().map(|hashed| hashed.digest))
        .collect();
    assert_eq!(digests, expected);
    assert_eq!(hash_files::<&Path>(&[], with(Algorithm::Sha256)).len(), 0);
}

#[test]
fn a_sparse_file_and_a_file_without_a_size_are_read_to_their_end() {
    let tree = Tree::new();
    let path = tree.path("sparse");
    let mut file = File::create(&path).unwrap();
    file.seek(SeekFrom::Start(20 << 20)).unwrap();
    file.write_all(b"end").unwrap();
    let content = fs::read(&path).unwrap();
    assert_eq!(
        hash_file(&path, with(Algorithm::Sha256)).unwrap().digest,
        hash_bytes(Algorithm::Sha256, &content)
    );

    if cfg!(target_os = "linux") {
        // The system says that it is empty.
        let path = Path::new("/proc/version");
        let content = fs::read(path).unwrap();
        assert!(!content.is_empty());
        let hashed = hash_file(path, with(Algorithm::Sha256)).unwrap();
        assert_eq!(hashed.digest, hash_bytes(Algorithm::Sha256, &content));
        assert_eq!(hashed.bytes_read, content.len() as u64);
    }
}

#[test]
fn what_is_no_file_has_a_code() {
    let tree = Tree::new();
    let missing = hash_file(&tree.path("missing"), HashOptions::default());
    assert_eq!(code_of(missing), Code::FileNotFound);
    let file = tree.write("file", "x");
    assert_eq!(code_of(hash_file(&file.join("below"), HashOptions::default())), Code::NotADirectory);
    assert_eq!(code_of(hash_file(&tree.root, HashOptions::default())), Code::NotAFile);
    assert_eq!(code_of(hash_file(Path::new("a\0b"), HashOptions::default())), Code::InvalidArgument);
    assert_eq!(code_of(hash_file(Path::new(""), HashOptions::default())), Code::FileNotFound);
}

#[cfg(unix)]
#[test]
fn pipes_sockets_devices_and_loops_neither_hang_nor_count_as_files() {
    use std::os::unix::{fs::symlink, net::UnixListener};
    let tree = Tree::new();
    let pipe = tree.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    assert_eq!(code_of(hash_file(&pipe, HashOptions::default())), Code::NotAFile);
    // Also when somebody writes into it.
    let _both_ends = File::options().read(true).write(true).open(&pipe).unwrap();
    assert_eq!(code_of(hash_file(&pipe, HashOptions::default())), Code::NotAFile);

    let socket = tree.path("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    assert_eq!(code_of(hash_file(&socket, HashOptions::default())), Code::NotAFile);
    assert_eq!(code_of(hash_file(Path::new("/dev/zero"), HashOptions::default())), Code::NotAFile);

    symlink("loop", tree.path("loop")).unwrap();
    assert_eq!(code_of(hash_file(&tree.path("loop"), HashOptions::default())), Code::IoFailed);
    let file = tree.write("file", "abc");
    symlink("file", tree.path("link")).unwrap();
    let through = hash_file(&tree.path("link"), HashOptions::default()).unwrap();
    assert_eq!(through.digest, hash_file(&file, HashOptions::default()).unwrap().digest);
}

#[cfg(unix)]
#[test]
fn names_that_are_not_utf_8_are_names() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let tree = Tree::new();
    let path = tree.root.join(OsStr::from_bytes(b"caf\xe9"));
    // Some file systems know no such names.
    if fs::write(&path, "abc").is_ok() {
        let hashed = hash_file(&path, HashOptions::default()).unwrap();
        assert_eq!(hashed.digest, hash_bytes(Algorithm::Sha256, b"abc"));
    }
}

/// Ends the work after so many files.
struct Counting {
    files: AtomicU64,
    bytes: AtomicU64,
    most: u64,
}

impl Counting {
    fn until(most: u64) -> Counting {
        Counting { files: AtomicU64::new(0), bytes: AtomicU64::new(0), most }
    }
}

impl Observer for Counting {
    fn advanced(&self, bytes: u64, files: u64) {
        self.files.fetch_add(files, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.files.load(Ordering::Relaxed) >= self.most
    }
}

#[test]
fn progress_counts_every_file_and_byte() {
    let tree = Tree::new();
    let mut paths: Vec<PathBuf> =
        (0..100).map(|index| tree.write(&index.to_string(), vec![1; index * 10])).collect();
    paths.push(tree.write("large", vec![2; 9 << 20]));
    paths.push(tree.path("missing"));
    let counting = Counting::until(u64::MAX);
    let outcomes = hash_files(&paths, HashOptions { observer: &counting, ..HashOptions::default() });
    assert_eq!(outcomes.len(), 102);
    assert_eq!(counting.files.into_inner(), 102);
    assert_eq!(counting.bytes.into_inner(), (0..100).sum::<u64>() * 10 + (9 << 20));
}

#[test]
fn what_was_hashed_before_a_cancel_is_kept() {
    let tree = Tree::new();
    let paths: Vec<PathBuf> = (0..2000).map(|index| tree.write(&index.to_string(), "same")).collect();
    let counting = Counting::until(100);
    let outcomes = hash_files(&paths, HashOptions { observer: &counting, ..HashOptions::default() });
    let done = outcomes.iter().flatten().count();
    assert!((100..1000).contains(&done), "{done} of {}", paths.len());
    let expected = hash_bytes(Algorithm::Sha256, b"same");
    assert!(outcomes.iter().flatten().all(|outcome| outcome.as_ref().unwrap().digest == expected));
}

/// Ends the work when the first bytes were read.
#[derive(Default)]
struct AtFirstBytes(AtomicBool);

impl Observer for AtFirstBytes {
    fn advanced(&self, bytes: u64, _files: u64) {
        self.0.fetch_or(bytes > 0, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[test]
fn a_large_file_is_left_in_its_middle() {
    let tree = Tree::new();
    let path = tree.path("large");
    File::create(&path).unwrap().set_len(1 << 40).unwrap();
    let observer = AtFirstBytes::default();
    let outcome = hash_file(&path, HashOptions { observer: &observer, ..HashOptions::default() });
    assert_eq!(code_of(outcome), Code::Cancelled);
}

#[test]
fn files_that_vanish_meanwhile_cost_only_themselves() {
    let tree = Tree::new();
    let paths: Vec<PathBuf> = (0..3000).map(|index| tree.write(&index.to_string(), "content")).collect();
    let outcomes = std::thread::scope(|scope| {
        scope.spawn(|| paths.iter().rev().step_by(2).for_each(|path| fs::remove_file(path).unwrap()));
        hash_files(&paths, HashOptions { cache: Some(&HashCache::new()), ..HashOptions::default() })
    });
    let expected = hash_bytes(Algorithm::Sha256, b"content");
    for (path, outcome) in paths.iter().zip(outcomes) {
        match outcome.unwrap() {
            Ok(hashed) => assert_eq!(hashed.digest, expected),
            Err(error) => {
                assert_eq!(error.code(), Code::FileNotFound);
                assert!(!path.exists());
            }
        }
    }
}
