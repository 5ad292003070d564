//! A digest is remembered only as long as it is right.

use crate::tree::{Tree, set_modified, settle, stamp};
use han_base::FileStamp;
use han_hash::{Algorithm, Digest, HashCache, HashOptions, hash_bytes, hash_file};
use proptest::prelude::*;
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

fn hash(path: &Path, cache: &HashCache) -> (Digest, bool) {
    let hashed = hash_file(path, HashOptions { cache: Some(cache), ..HashOptions::default() }).unwrap();
    (hashed.digest, hashed.is_remembered)
}

fn sha256(bytes: impl AsRef<[u8]>) -> Digest {
    hash_bytes(Algorithm::Sha256, bytes.as_ref())
}

#[cfg(unix)]
#[test]
fn a_settled_file_is_read_once_and_every_edit_is_seen() {
    let tree = Tree::new();
    let cache = HashCache::new();
    let path = tree.write("file", "one");
    assert_eq!(hash(&path, &cache), (sha256("one"), false));
    assert_eq!(hash(&path, &cache), (sha256("one"), false), "it is not settled yet");
    assert!(cache.is_empty());
    settle();
    assert_eq!(hash(&path, &cache), (sha256("one"), false));
    assert_eq!(hash(&path, &cache), (sha256("one"), true));
    assert_eq!(cache.len(), 1);

    // The size is the same and the time of modification is put back: only the change time tells.
    let before = fs::metadata(&path).unwrap().modified().unwrap();
    let stamp_before = stamp(&path);
    fs::write(&path, "two").unwrap();
    set_modified(&path, before);
    let stamp_after = stamp(&path);
    assert_eq!(stamp_after.modified_ns, stamp_before.modified_ns);
    assert_eq!(stamp_after.size, stamp_before.size);
    assert_ne!(stamp_after.changed_ns, stamp_before.changed_ns);
    assert_eq!(hash(&path, &cache), (sha256("two"), false));

    // Replaced by another file of the same size and times.
    settle();
    assert_eq!(hash(&path, &cache), (sha256("two"), false));
    assert_eq!(hash(&path, &cache), (sha256("two"), true));
    let other = tree.write("other", "six");
    set_modified(&other, before);
    fs::rename(&other, &path).unwrap();
    assert_eq!(hash(&path, &cache), (sha256("six"), false));
}

#[cfg(unix)]
#[test]
fn hard_links_are_one_file_under_all_names() {
    let tree = Tree::new();
    let cache = HashCache::new();
    let path = tree.write("file", "one");
    let link = tree.path("link");
    fs::hard_link(&path, &link).unwrap();
    settle();
    assert_eq!(hash(&path, &cache), (sha256("one"), false));
    assert_eq!(hash(&link, &cache), (sha256("one"), true));
    fs::write(&link, "two").unwrap();
    assert_eq!(hash(&path, &cache), (sha256("two"), false));
}

#[cfg(unix)]
#[test]
fn edits_in_quick_succession_are_all_seen() {
    let tree = Tree::new();
    let cache = HashCache::new();
    let path = tree.path("file");
    let started = Instant::now();
    let mut edit = 0u64;
    // Many edits share a tick of the clock of the file system.
    while started.elapsed() < Duration::from_millis(600) {
        edit += 1;
        let content = edit.to_be_bytes();
        fs::write(&path, content).unwrap();
        assert_eq!(hash(&path, &cache), (sha256(content), false), "edit {edit}");
    }
    assert!(edit > 100, "only {edit} edits");
    assert!(cache.is_empty());
}

#[test]
fn algorithms_do_not_mix() {
    let cache = HashCache::new();
    let stamp = FileStamp { size: 1, modified_ns: 5, changed_ns: 5, inode: 7, device: 1 };
    assert!(cache.insert(&stamp, hash_bytes(Algorithm::Blake3, b"a"), i64::MAX));
    assert_eq!(cache.get(Algorithm::Sha256, &stamp), None);
    assert_eq!(cache.get(Algorithm::Blake3, &stamp), Some(hash_bytes(Algorithm::Blake3, b"a")));
}

#[cfg(target_os = "linux")]
#[test]
fn what_the_system_makes_up_while_it_is_read_is_not_remembered() {
    let cache = HashCache::new();
    // Its times are those of its first reader, and its size is said to be none.
    let path = Path::new("/proc/self/mounts");
    let before = hash(path, &cache);
    settle();
    assert_eq!(hash(path, &cache), before);
    assert!(!hash(path, &cache).1 && cache.is_empty());
}

#[test]
fn what_cannot_be_trusted_is_not_remembered() {
    let cache = HashCache::new();
    let now = 10 * FileStamp::CLOCK_GRAIN_NS;
    let settled = FileStamp { size: 1, modified_ns: 5, changed_ns: 5, inode: 7, device: 1 };
    for stamp in [
        FileStamp { inode: 0, ..settled },
        FileStamp { changed_ns: 0, ..settled },
        FileStamp { changed_ns: now, ..settled },
        FileStamp { modified_ns: now - FileStamp::CLOCK_GRAIN_NS, ..settled },
        FileStamp { modified_ns: i64::MAX, ..settled },
    ] {
        assert!(!cache.insert(&stamp, sha256("a"), now), "{stamp:?}");
        assert_eq!(cache.get(Algorithm::Sha256, &stamp), None);
    }
    assert!(cache.insert(&settled, sha256("a"), now));
    cache.clear();
    assert_eq!(cache.get(Algorithm::Sha256, &settled), None);
}

proptest! {
    /// Any other stamp is another file, or another content.
    #[test]
    fn only_the_very_stamp_is_known(field in 0..5u8, by in prop_oneof![Just(1i64), Just(-1i64)]) {
        let cache = HashCache::new();
        let stamp = FileStamp { size: 10, modified_ns: 50, changed_ns: 60, inode: 7, device: 3 };
        cache.insert(&stamp, sha256("a"), i64::MAX);
        let mut other = stamp;
        match field {
            0 => other.size = other.size.wrapping_add_signed(by),
            1 => other.modified_ns += by,
            2 => other.changed_ns += by,
            3 => other.inode = other.inode.wrapping_add_signed(by),
            _ => other.device = other.device.wrapping_add_signed(by),
        }
        prop_assert_eq!(cache.get(Algorithm::Sha256, &stamp), Some(sha256("a")));
        prop_assert_eq!(cache.get(Algorithm::Sha256, &other), None);
    }

    /// It never holds more than it may, and always the files that were asked for last.
    #[test]
    fn a_full_cache_forgets_what_was_not_asked_for(asked in prop::collection::vec(1..40u64, 1..300)) {
        let cache = HashCache::bounded(8);
        for (place, &inode) in asked.iter().enumerate() {
            let stamp = FileStamp { size: 1, modified_ns: 5, changed_ns: 5, inode, device: 1 };
            let mut recent: Vec<u64> = asked[..place].iter().rev().take(7).copied().collect();
            recent.retain(|&one| one == inode);
            if let Some(digest) = cache.get(Algorithm::Sha256, &stamp) {
                prop_assert_eq!(digest, sha256(inode.to_be_bytes()));
            } else {
                prop_assert!(recent.is_empty(), "{inode} was asked for a moment ago");
                cache.insert(&stamp, sha256(inode.to_be_bytes()), i64::MAX);
            }
            prop_assert!(cache.len() <= 16);
        }
    }
}
