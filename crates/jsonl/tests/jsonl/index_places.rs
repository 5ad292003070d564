//! Where sidecars are written: beside the file, or in a fallback folder.
#![cfg(unix)]

use crate::{
    index_twin::{append, check_reading, many_lines, sidecar},
    odd::Sample,
};
use han_base::Code;
use han_jsonl::{IndexChange, Indexes, Unwatched};
use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

fn set_rights(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A file beside which no sidecar can be: a folder has its name.
fn crowded_sample() -> Sample {
    let sample = Sample::new(&many_lines(0, 900));
    fs::create_dir(sidecar(&sample.path)).unwrap();
    fs::write(sidecar(&sample.path).join("kept"), "").unwrap();
    sample
}

#[test]
fn a_fallback_folder_takes_what_cannot_be_beside() {
    let (first, second) = (crowded_sample(), crowded_sample());
    let folder = tempfile::tempdir().unwrap();
    let fallback = folder.path().join("made/when/needed");
    let indexes = || Indexes::new(Some(fallback.clone()));
    check_reading(&indexes(), &first.path);
    assert!(!fallback.exists());
    for sample in [&first, &second] {
        let report = indexes().update(&sample.path, &Unwatched).unwrap();
        assert_eq!(report.change, IndexChange::Built);
        assert_eq!(report.index_path.parent(), Some(&*fallback));
        assert_eq!(indexes().update(&sample.path, &Unwatched).unwrap().change, IndexChange::Unchanged);
        assert!(indexes().load(&sample.path).unwrap().is_some());
        let stats = indexes().stats(&sample.path).unwrap();
        assert_eq!((stats.has_index, stats.index_stale), (true, false));
        check_reading(&indexes(), &sample.path);
        assert!(!Indexes::new(None).stats(&sample.path).unwrap().has_index);
        assert!(sidecar(&sample.path).join("kept").exists());
    }
    assert_eq!(fs::read_dir(&fallback).unwrap().count(), 2);

    // One that has the name of another file's, for whatever reason, is not taken for it.
    let path_of = |sample: &Sample| indexes().update(&sample.path, &Unwatched).unwrap().index_path;
    fs::copy(path_of(&first), path_of(&second)).unwrap();
    assert_eq!(indexes().load(&second.path).unwrap(), None);
    assert_eq!(indexes().update(&second.path, &Unwatched).unwrap().change, IndexChange::Built);
}

#[test]
fn without_a_fallback_folder_the_error_is_told() {
    let sample = crowded_sample();
    let error = Indexes::new(None).update(&sample.path, &Unwatched).unwrap_err();
    assert_eq!(error.code(), Code::NotAFile);
    let left: Vec<_> = fs::read_dir(sample.path.parent().unwrap()).unwrap().collect();
    assert_eq!(left.len(), 2, "{left:?}");
    // A fallback that is no folder is of no use either, and harms no reading.
    let file = Sample::new(b"");
    let indexes = Indexes::new(Some(file.path.clone()));
    assert!(indexes.update(&sample.path, &Unwatched).is_err());
    check_reading(&indexes, &sample.path);
}

#[test]
fn the_sidecar_that_knows_most_is_taken() {
    let sample = Sample::new(&many_lines(0, 900));
    let path = &sample.path;
    let fallback = tempfile::tempdir().unwrap();
    let indexes = || Indexes::new(Some(fallback.path().to_owned()));
    let beside = indexes().update(path, &Unwatched).unwrap().index_path;
    let older = fs::read(&beside).unwrap();
    fs::remove_file(&beside).unwrap();
    fs::create_dir(&beside).unwrap();
    append(path, &many_lines(900, 50));
    let report = indexes().update(path, &Unwatched).unwrap();
    assert_eq!((report.change, report.index_path.parent()), (IndexChange::Built, Some(fallback.path())));
    fs::remove_dir(&beside).unwrap();
    fs::write(&beside, &older).unwrap();
    let report = indexes().update(path, &Unwatched).unwrap();
    assert_eq!((report.change, report.index_path.parent()), (IndexChange::Unchanged, Some(fallback.path())));
    // A damaged one in the one place does not hide the other.
    fs::write(&beside, &older[..older.len() - 1]).unwrap();
    assert!(indexes().load(path).unwrap().is_some());
    assert_eq!(Indexes::new(None).load(path).unwrap_err().code(), Code::IndexDamaged);
}

#[test]
fn a_link_is_replaced_and_not_followed() {
    let sample = Sample::new(&many_lines(0, 900));
    let victim = Sample::new(b"must stay");
    symlink(&victim.path, sidecar(&sample.path)).unwrap();
    check_reading(&Indexes::new(None), &sample.path);
    let report = Indexes::new(None).update(&sample.path, &Unwatched).unwrap();
    assert_eq!(report.change, IndexChange::Built);
    assert_eq!(fs::read(&victim.path).unwrap(), b"must stay");
    assert!(fs::symlink_metadata(sidecar(&sample.path)).unwrap().is_file());
}

#[test]
fn a_sidecar_has_the_rights_of_its_file() {
    let sample = Sample::new(&many_lines(0, 900));
    for mode in [0o600, 0o640, 0o644, 0o755] {
        set_rights(&sample.path, mode);
        drop(fs::remove_file(sidecar(&sample.path)));
        Indexes::new(None).update(&sample.path, &Unwatched).unwrap();
        let rights = fs::metadata(sidecar(&sample.path)).unwrap().permissions().mode();
        assert_eq!(rights & 0o777, mode & 0o666);
    }
}

#[test]
fn leftovers_of_a_killed_process_are_no_obstacle() {
    let sample = Sample::new(&many_lines(0, 900));
    let folder = sample.path.parent().unwrap();
    for number in 0..200 {
        fs::write(folder.join(format!(".han-index-{}-{number}", std::process::id())), "cut sho").unwrap();
    }
    Indexes::new(None).update(&sample.path, &Unwatched).unwrap();
    check_reading(&Indexes::new(None), &sample.path);
}

#[cfg(target_os = "linux")]
mod rights {
    use super::*;
    use han_testkit::as_ordinary_user;

    #[test]
    fn a_folder_that_may_not_be_written_has_its_sidecars_elsewhere() {
        as_ordinary_user(|| {
            let sample = Sample::new(&many_lines(0, 900));
            let folder = sample.path.parent().unwrap();
            let fallback = tempfile::tempdir().unwrap();
            Indexes::new(None).update(&sample.path, &Unwatched).unwrap();
            append(&sample.path, &many_lines(900, 50));
            set_rights(folder, 0o500);
            assert!(fs::write(folder.join("new"), "").is_err(), "the rights must bind this thread");
            let error = Indexes::new(None).update(&sample.path, &Unwatched).unwrap_err();
            assert_eq!(error.code(), Code::IoFailed, "{error}");
            let indexes = Indexes::new(Some(fallback.path().to_owned()));
            let report = indexes.update(&sample.path, &Unwatched).unwrap();
            assert_eq!(report.change, IndexChange::Extended);
            assert_eq!(report.index_path.parent(), Some(fallback.path()));
            assert_eq!(indexes.update(&sample.path, &Unwatched).unwrap().change, IndexChange::Unchanged);
            check_reading(&Indexes::new(Some(fallback.path().to_owned())), &sample.path);
            set_rights(folder, 0o700);
        });
    }

    #[test]
    fn a_sidecar_that_may_not_be_read_harms_no_reading() {
        as_ordinary_user(|| {
            let sample = Sample::new(&many_lines(0, 900));
            Indexes::new(None).update(&sample.path, &Unwatched).unwrap();
            set_rights(&sidecar(&sample.path), 0);
            check_reading(&Indexes::new(None), &sample.path);
            let error = Indexes::new(None).load(&sample.path).unwrap_err();
            assert_eq!(error.code(), Code::FileUnreadable);
            assert!(Indexes::new(None).stats(&sample.path).unwrap().has_index);
        });
    }
}
