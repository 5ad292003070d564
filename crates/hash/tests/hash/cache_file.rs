//! The file of a cache: what it holds is right, or it is as good as none.

use crate::tree::Tree;
use han_base::{Code, FileStamp};
use han_hash::{Algorithm, HashCache, hash_bytes};
use proptest::prelude::*;
use std::fs;

fn stamp(inode: u64) -> FileStamp {
    FileStamp { size: inode * 3, modified_ns: -5, changed_ns: 7, inode, device: u64::MAX }
}

/// A cache of so many files, a third by each algorithm.
fn filled(count: u64) -> HashCache {
    let cache = HashCache::new();
    for inode in 1..=count {
        assert!(cache.insert(&stamp(inode), digest(inode), i64::MAX));
    }
    cache
}

fn algorithm(inode: u64) -> Algorithm {
    Algorithm::ALL[(inode % 3) as usize]
}

fn digest(inode: u64) -> han_hash::Digest {
    hash_bytes(algorithm(inode), &inode.to_be_bytes())
}

#[test]
fn what_is_saved_is_loaded() {
    let tree = Tree::new();
    let path = tree.path("data/hash-cache");
    let cache = filled(1000);
    assert!(cache.save(&path).unwrap());
    assert!(!cache.save(&path).unwrap(), "nothing is new");
    assert_eq!(fs::metadata(&path).unwrap().len(), 16 + 1000 * 80 + 8);
    assert_eq!(fs::read_dir(tree.path("data")).unwrap().count(), 1, "nothing is left beside it");

    let other = HashCache::new();
    assert_eq!(other.load(&path).unwrap(), 1000);
    for inode in 1..=1000 {
        assert_eq!(other.get(algorithm(inode), &stamp(inode)), Some(digest(inode)));
    }
    assert!(!other.save(&path).unwrap(), "what was loaded is not new");
    assert_eq!(other.load(&tree.path("missing")).unwrap(), 0);
}

#[test]
fn processes_that_save_in_turn_keep_what_the_others_know() {
    let tree = Tree::new();
    let path = tree.path("hash-cache");
    let one = filled(10);
    let other = HashCache::new();
    other.insert(&stamp(77), digest(77), i64::MAX);
    one.save(&path).unwrap();
    other.save(&path).unwrap();
    let third = HashCache::new();
    assert_eq!(third.load(&path).unwrap(), 11);
    assert!(third.get(algorithm(5), &stamp(5)).is_some());
    assert!(third.get(algorithm(77), &stamp(77)).is_some());
}

#[test]
fn processes_that_save_at_once_leave_a_whole_file() {
    let tree = Tree::new();
    let path = tree.path("hash-cache");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for round in 1..20 {
                    filled(round * 50).save(&path).unwrap();
                    assert!(HashCache::new().load(&path).unwrap() >= 50);
                }
            });
        }
    });
    assert_eq!(fs::read_dir(&tree.root).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn only_its_user_reads_the_file_and_one_that_others_may_write_is_not_believed() {
    use std::os::unix::fs::PermissionsExt;
    let tree = Tree::new();
    let path = tree.path("hash-cache");
    filled(3).save(&path).unwrap();
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o622)).unwrap();
    assert_eq!(HashCache::new().load(&path).unwrap(), 0);
    filled(3).save(&path).unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(HashCache::new().load(&path).unwrap(), 3);
    // Only root may give a file away.
    if std::os::unix::fs::chown(&path, Some(12345), None).is_ok() {
        assert_eq!(HashCache::new().load(&path).unwrap(), 0);
    }
}

#[test]
fn a_place_that_cannot_be_written_is_told_and_tried_again() {
    let tree = Tree::new();
    let file = tree.write("file", "");
    let cache = filled(3);
    let error = cache.save(&file.join("hash-cache")).unwrap_err();
    assert_eq!(error.code(), Code::NotADirectory);
    assert!(cache.save(&tree.path("hash-cache")).unwrap(), "what could not be saved is still new");
}

#[test]
fn what_is_no_file_of_ours_is_none() {
    let tree = Tree::new();
    for content in [&b""[..], b"HANHASH\x01", b"HANHASH\x02", &[0; 24], &[0xff; 4096]] {
        let path = tree.write("hash-cache", content);
        let cache = filled(1);
        assert_eq!(cache.load(&path).unwrap(), 0);
        assert_eq!(cache.len(), 1);
        assert!(cache.save(&path).unwrap());
        assert_eq!(HashCache::new().load(&path).unwrap(), 1);
    }
    fs::create_dir(tree.path("folder")).unwrap();
    assert_eq!(HashCache::new().load(&tree.path("folder")).unwrap(), 0);
}

proptest! {
    #[test]
    fn any_damage_makes_it_none(place in 0..(16 + 20 * 80 + 8usize), bit in 0..8u8, cut in any::<bool>()) {
        let tree = Tree::new();
        let path = tree.path("hash-cache");
        filled(20).save(&path).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        if cut {
            bytes.truncate(place);
        } else {
            bytes[place] ^= 1 << bit;
        }
        fs::write(&path, bytes).unwrap();
        let cache = HashCache::new();
        prop_assert_eq!(cache.load(&path).unwrap(), 0);
        prop_assert!(cache.is_empty());
    }
}
