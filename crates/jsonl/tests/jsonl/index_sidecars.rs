//! Sidecars: what they save, and that no bytes in them lead astray.

use crate::{
    index_twin::{append, check_reading, many_lines, sidecar},
    odd::Sample,
};
use han_base::Code;
use han_jsonl::{IndexChange, Indexes, Observer, Unwatched, line_offsets, newlines};
use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

#[test]
fn a_sidecar_is_built_kept_and_extended() {
    let content = many_lines(0, 20_000);
    let sample = Sample::new(&content);
    let path = &sample.path;
    let indexes = Indexes::new(None);
    let stats = indexes.stats(path).unwrap();
    assert_eq!((stats.line_count, stats.has_index, stats.index_stale), (20_000, false, false));
    assert_eq!(indexes.load(path).unwrap(), None);

    let report = indexes.update(path, &Unwatched).unwrap();
    assert_eq!((report.change, report.line_count), (IndexChange::Built, 20_000));
    assert_eq!((report.file_size, report.bytes_read), (content.len() as u64, content.len() as u64));
    assert_eq!(report.index_path, sidecar(path));
    assert_eq!(report.index_bytes, fs::metadata(sidecar(path)).unwrap().len());
    assert!(report.index_bytes * 1000 < report.file_size, "{} bytes", report.index_bytes);
    let stats = indexes.stats(path).unwrap();
    assert_eq!((stats.has_index, stats.index_stale), (true, false));

    let kept = fs::metadata(sidecar(path)).unwrap().modified().unwrap();
    let report = Indexes::new(None).update(path, &Unwatched).unwrap();
    assert_eq!((report.change, report.bytes_read, report.line_count), (IndexChange::Unchanged, 0, 20_000));
    assert_eq!(fs::metadata(sidecar(path)).unwrap().modified().unwrap(), kept);

    append(path, b"{\"torn\":");
    assert!(indexes.stats(path).unwrap().index_stale);
    assert_eq!(indexes.load(path).unwrap().unwrap().offsets.len(), 20_001);
    let report = Indexes::new(None).update(path, &Unwatched).unwrap();
    assert_eq!((report.change, report.bytes_read, report.line_count), (IndexChange::Extended, 8, 20_001));
    append(path, b"1}\n{\"next\":2}\n");
    let report = Indexes::new(None).update(path, &Unwatched).unwrap();
    assert_eq!((report.change, report.bytes_read, report.line_count), (IndexChange::Extended, 14, 20_002));
    check_reading(&Indexes::new(None), path);
    assert_eq!(indexes.load(path).unwrap(), Some(line_offsets(path, &Unwatched).unwrap()));

    fs::write(path, &content[1..]).unwrap();
    assert_eq!(indexes.load(path).unwrap(), None);
    let report = Indexes::new(None).update(path, &Unwatched).unwrap();
    assert_eq!(report.change, IndexChange::Built);
}

/// Holds everything that looks at the sidecar against the file; says whether `load` called it damaged.
fn check_beside(path: &Path) -> bool {
    let indexes = Indexes::new(None);
    check_reading(&indexes, path);
    match Indexes::new(None).load(path) {
        Ok(None) => false,
        Ok(Some(loaded)) => {
            assert_eq!(loaded, line_offsets(path, &Unwatched).unwrap());
            false
        }
        Err(error) => {
            assert_eq!(error.code(), Code::IndexDamaged, "{error}");
            let stats = indexes.stats(path).unwrap();
            assert!(stats.has_index && stats.index_stale);
            true
        }
    }
}

#[test]
fn no_changed_byte_of_a_sidecar_leads_astray() {
    let sample = Sample::new(&many_lines(0, 900));
    let path = &sample.path;
    Indexes::new(None).update(path, &Unwatched).unwrap();
    let bytes = fs::read(sidecar(path)).unwrap();
    for at in 0..bytes.len() {
        for change in [1, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[at] ^= change;
            fs::write(sidecar(path), &changed).unwrap();
            // In front stand what tells another format, and another version of it.
            assert_eq!(check_beside(path), at >= 5, "byte {at} changed by {change}");
        }
        fs::write(sidecar(path), &bytes[..at]).unwrap();
        assert!(check_beside(path), "cut at {at}");
    }
    let report = Indexes::new(None).update(path, &Unwatched).unwrap();
    assert_eq!(report.change, IndexChange::Built);
    assert_eq!(fs::read(sidecar(path)).unwrap(), bytes);
    fs::write(sidecar(path), b"no index at all").unwrap();
    assert!(!check_beside(path));
    assert!(!Indexes::new(None).stats(path).unwrap().has_index);
    fs::write(sidecar(path), vec![0; 3_000_000]).unwrap();
    assert!(!check_beside(path));
    // One that is announced by its head and takes a terabyte is not held.
    for version in [1, 2] {
        fs::write(sidecar(path), [b"JIDX", &[version][..]].concat()).unwrap();
        fs::File::options().write(true).open(sidecar(path)).unwrap().set_len(1 << 40).unwrap();
        assert!(check_beside(path));
    }
}

/// A sidecar of version 1, as other programs write it.
fn version_1(path: &Path, offsets: &[u64]) -> Vec<u8> {
    let metadata = fs::metadata(path).unwrap();
    let seconds = metadata.modified().unwrap().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut bytes = b"JIDX\x01".to_vec();
    bytes.extend(seconds.to_le_bytes());
    bytes.extend(metadata.len().to_le_bytes());
    bytes.extend((offsets.len() as u32).to_le_bytes());
    bytes.extend(offsets.iter().flat_map(|offset| offset.to_le_bytes()));
    bytes
}

#[test]
fn version_1_is_read_when_it_is_of_this_content() {
    for end in ["", "{\"torn\":", "\n\n"] {
        let sample = Sample::new(&[&many_lines(0, 900), end.as_bytes()].concat());
        let path = &sample.path;
        let offsets = line_offsets(path, &Unwatched).unwrap();
        let bytes = version_1(path, &offsets.offsets);
        fs::write(sidecar(path), &bytes).unwrap();
        let indexes = Indexes::new(None);
        check_reading(&indexes, path);
        assert_eq!(indexes.load(path).unwrap().as_ref(), Some(&offsets));
        let stats = indexes.stats(path).unwrap();
        assert_eq!((stats.has_index, stats.index_stale), (true, false));

        // A change of the header or the length is noticed.
        for length in (0..40).chain((40..bytes.len()).step_by(61)) {
            fs::write(sidecar(path), &bytes[..length]).unwrap();
            assert_eq!(indexes.load(path).unwrap_err().code(), Code::IndexDamaged, "cut at {length}");
        }
        for at in 5..21 {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            fs::write(sidecar(path), changed).unwrap();
            assert_eq!(indexes.load(path).unwrap(), None, "byte {at} changed");
            check_reading(&Indexes::new(None), path);
        }
        // So is what no file can have.
        let (last, others) = offsets.offsets.split_last().unwrap();
        let mut swapped = offsets.offsets.clone();
        swapped.swap(5, 6);
        let mut shifted = offsets.offsets.clone();
        shifted.iter_mut().skip(1).for_each(|offset| *offset += 1);
        let outside = [&offsets.offsets[..], &[u64::MAX]].concat();
        let not_the_last = [others, &[last - 1]].concat();
        for insane in [&[][..], &offsets.offsets[1..], others, &swapped, &shifted, &outside, &not_the_last] {
            fs::write(sidecar(path), version_1(path, insane)).unwrap();
            assert_eq!(indexes.load(path).unwrap(), None);
            check_reading(&Indexes::new(None), path);
        }
        // Its place is taken by one that is made from the file.
        fs::write(sidecar(path), &bytes).unwrap();
        assert_eq!(indexes.update(path, &Unwatched).unwrap().change, IndexChange::Built);
        assert!(fs::metadata(sidecar(path)).unwrap().len() < bytes.len() as u64);
    }
    let empty = Sample::new(b"");
    fs::write(sidecar(&empty.path), version_1(&empty.path, &[0])).unwrap();
    check_reading(&Indexes::new(None), &empty.path);
    assert_eq!(Indexes::new(None).load(&empty.path).unwrap().unwrap().offsets, [0]);
}

#[test]
fn a_touched_file_is_read_anew() {
    let sample = Sample::new(&many_lines(0, 900));
    let path = &sample.path;
    Indexes::new(None).update(path, &Unwatched).unwrap();
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() + Duration::from_secs(3600)).unwrap();
    assert_eq!(Indexes::new(None).load(path).unwrap(), None);
    assert_eq!(Indexes::new(None).update(path, &Unwatched).unwrap().change, IndexChange::Built);
    check_reading(&Indexes::new(None), path);
}

#[test]
fn a_sidecar_moves_with_its_file() {
    let sample = Sample::new(&many_lines(0, 900));
    Indexes::new(None).update(&sample.path, &Unwatched).unwrap();
    let moved = sample.path.with_file_name("moved.jsonl");
    fs::rename(&sample.path, &moved).unwrap();
    fs::rename(sidecar(&sample.path), sidecar(&moved)).unwrap();
    assert_eq!(Indexes::new(None).update(&moved, &Unwatched).unwrap().change, IndexChange::Unchanged);
}

/// Counts what it is told, and cancels after so many bytes.
struct Counting {
    bytes: AtomicU64,
    lines: AtomicU64,
    cancel_after: u64,
}

impl Counting {
    fn new(cancel_after: u64) -> Self {
        Self { bytes: AtomicU64::new(0), lines: AtomicU64::new(0), cancel_after }
    }
}

impl Observer for Counting {
    fn advanced(&self, bytes: u64, lines: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.lines.fetch_add(lines, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) >= self.cancel_after
    }
}

#[test]
fn a_cancelled_update_writes_nothing() {
    let content = many_lines(0, 60_000);
    let sample = Sample::new(&content);
    let path = &sample.path;
    for cancel_after in [0, 1, content.len() as u64] {
        let error = Indexes::new(None).update(path, &Counting::new(cancel_after)).unwrap_err();
        assert_eq!(error.code(), Code::Cancelled);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }
    let counting = Counting::new(u64::MAX);
    Indexes::new(None).update(path, &counting).unwrap();
    let newlines = newlines::count(&content) as u64;
    assert_eq!(counting.bytes.into_inner(), content.len() as u64);
    assert_eq!(counting.lines.into_inner(), newlines);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 2);
}
