//! Whatever lies beside a file as its index: reading the file by it gives what the file holds.
#![no_main]

use arbitrary::Arbitrary;
use han_base::Code;
use han_jsonl::Indexes;
use libfuzzer_sys::fuzz_target;
use std::{fs, path::PathBuf, sync::LazyLock};
use xxhash_rust::xxh3::xxh3_64;

const CONTENT: &[u8] = b"{\"a\":1}\n\n{\"b\":2}\r\n  \n{\"c\":3}";
const STARTS: [u64; 5] = [0, 8, 9, 18, 21];
/// Offset and text of the lines that are not blank.
const LINES: [(u64, &[u8]); 3] = [(0, b"{\"a\":1}"), (9, b"{\"b\":2}\r"), (21, b"{\"c\":3}")];

static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let path = tempfile::tempdir().unwrap().keep().join("a.jsonl");
    fs::write(&path, CONTENT).unwrap();
    // An index is trusted by the time of the file's last change, which an input can then guess: 1970.
    fs::File::options().write(true).open(&path).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    path
});

#[derive(Arbitrary, Debug)]
struct Input {
    version: u8,
    body: Vec<u8>,
    is_checksum_right: bool,
}

fuzz_target!(|input: Input| {
    let mut sidecar = b"JIDX".to_vec();
    sidecar.push(1 + input.version % 2);
    sidecar.extend(&input.body);
    if input.is_checksum_right {
        sidecar.extend(xxh3_64(&sidecar).to_le_bytes());
    }
    fs::write(FILE.with_extension("jsonl.idx"), sidecar).unwrap();

    let indexes = Indexes::new(None);
    match indexes.load(&FILE) {
        Ok(Some(loaded)) => assert_eq!(loaded.offsets, STARTS),
        Ok(None) => {}
        Err(error) => assert_eq!(error.code(), Code::IndexDamaged, "{error}"),
    }
    let page = indexes.read_page(&FILE, 0, 10).unwrap();
    let read: Vec<_> = page.lines.iter().map(|line| (line.offset, line.bytes)).collect();
    assert_eq!(read, LINES);
});
