//! A disk that is full while transcripts are indexed.
#![cfg(target_os = "linux")]

use crate::{
    cancel::{CLEAN_STORE, write_much},
    dump::{assert_same, dump},
};
use han_base::Code;
use han_db::Database;
use han_indexer::{Unwatched, index_config_dirs};
use han_testkit::ConfigDir;
use std::{process::Command, thread};

/// A file system in memory, unmounted when it is dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// `None` where this user may not mount.
    fn new(mebibytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let options = format!("size={mebibytes}m");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder.path()).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Self(folder))
    }

    fn grow_to(&self, mebibytes: u32) {
        let options = format!("remount,size={mebibytes}m");
        let grown = Command::new("mount").args(["-o", &options]).arg(self.0.path()).status().unwrap();
        assert!(grown.success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(self.0.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()) || thread::panicking());
    }
}

#[test]
fn a_run_that_fills_the_disk_is_taken_up_when_there_is_room() {
    let Some(disk) = SmallDisk::new(2) else {
        eprintln!("skipped: this user may not mount a small disk");
        return;
    };
    let config = ConfigDir::new();
    write_much(&config);
    let database = Database::open(&disk.0.path().join("han.db")).unwrap();
    let mut full = 0;
    loop {
        match index_config_dirs(&database, &[config.path().to_owned()], &Unwatched) {
            Ok(report) => {
                assert_eq!(report.files_failed, 0, "{:?}", report.results);
                break;
            }
            Err(error) => assert_eq!(error.code(), Code::DiskFull, "{error}"),
        }
        full += 1;
        disk.grow_to(2 + full);
    }
    assert!(full > 2, "the disk was full {full} times");
    disk.grow_to(64);
    assert_same(&dump(&database, config.path()), &CLEAN_STORE);
}
