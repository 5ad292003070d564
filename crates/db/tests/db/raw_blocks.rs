//! The bytes of source files: given back as they were, or not at all.

use crate::fixture::{Store, cases, code, insert_lines, line, source_file};
use han_base::{Code, Result};
use han_db::{NewRawBlock, Place, RawBlockCache};
use proptest::prelude::*;

/// A file whose bytes are stored in blocks that end at `borders`.
fn stored(store: &Store, bytes: &[u8], borders: &[usize]) -> i64 {
    store
        .write(|write| {
            let file = source_file(write, "s", "/s.jsonl").row_id;
            let mut start = 0;
            for &end in borders.iter().chain([&bytes.len()]).filter(|&&end| end > 0) {
                if end > start {
                    write
                        .raw_blocks()
                        .insert(file, &NewRawBlock::compress(start as u64, &bytes[start..end])?)?;
                    start = end;
                }
            }
            Ok(file)
        })
        .unwrap()
}

fn read(store: &Store, file: i64, byte_offset: u64, byte_length: u64) -> Result<Vec<u8>> {
    store.read(|read| read.raw_blocks().read(&mut RawBlockCache::default(), file, byte_offset, byte_length))
}

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn bytes_come_back_over_the_borders_of_blocks(
        bytes in prop::collection::vec(any::<u8>(), 1..400),
        mut borders in prop::collection::vec(0_usize..400, 0..8),
        ranges in prop::collection::vec((0_usize..400, 0_usize..400), 1..12),
    ) {
        let store = Store::new();
        borders.retain(|&border| border < bytes.len());
        borders.sort_unstable();
        let file = stored(&store, &bytes, &borders);
        store.read(|read| {
            let mut cache = RawBlockCache::default();
            for (one, other) in ranges {
                let (from, to) = (one.min(other).min(bytes.len()), one.max(other).min(bytes.len()));
                let found = read.raw_blocks().read(&mut cache, file, from as u64, (to - from) as u64)?;
                assert_eq!(found, bytes[from..to]);
            }
            Ok(())
        }).unwrap();
        let hashes = store.read(|read| read.raw_blocks().hashes(file)).unwrap();
        prop_assert_eq!(hashes.iter().map(|block| block.1).sum::<u64>(), bytes.len() as u64);
    }
}

#[test]
fn bytes_that_are_not_there_are_damage() {
    let store = Store::new();
    let file = stored(&store, b"0123456789", &[5]);
    for (byte_offset, byte_length) in [(0, 11), (10, 1), (5, u64::MAX), (u64::MAX, 1), (1 << 63, 1)] {
        assert_eq!(code(read(&store, file, byte_offset, byte_length)), Code::DbCorrupt, "{byte_offset}");
    }
    assert_eq!(code(read(&store, file + 1, 0, 1)), Code::DbCorrupt);
    assert_eq!(read(&store, file, 3, 0).unwrap(), b"");
    store.plain().execute("DELETE FROM raw_blocks WHERE byte_offset = 0", []).unwrap();
    assert_eq!(code(read(&store, file, 0, 10)), Code::DbCorrupt);
    assert_eq!(read(&store, file, 5, 5).unwrap(), b"56789");
}

#[test]
fn a_damaged_block_is_never_taken_for_its_bytes() {
    for damage in [
        "data = zeroblob(length(data))",
        "data = x''",
        "data = substr(data, 1, length(data) - 1)",
        "data = (SELECT data FROM raw_blocks WHERE byte_offset = 500)",
        "hash = hash + 1",
        "byte_length = byte_length - 1",
        "byte_length = byte_length + 1",
        "byte_length = -1",
        "byte_length = 0",
        "byte_length = 9223372036854775807",
        "byte_offset = -1",
        "byte_offset = -9223372036854775807, byte_length = 9223372036854775807",
    ] {
        let store = Store::new();
        let bytes: Vec<u8> = (0..1000_u32).map(|number| (number * number % 251) as u8).collect();
        let file = stored(&store, &bytes, &[500]);
        store.plain().execute(&format!("UPDATE raw_blocks SET {damage} WHERE byte_offset = 0"), []).unwrap();
        assert_eq!(code(read(&store, file, 10, 100)), Code::DbCorrupt, "{damage}");
        assert_eq!(read(&store, file, 600, 100).unwrap(), &bytes[600..700]);
    }
}

#[test]
fn lines_come_back_and_bytes_that_are_no_text_are_replaced() {
    let store = Store::new();
    let bytes = b"{\"a\":\"\xFF\"}\n{\"b\":2}\n";
    let file = stored(&store, bytes, &[3, 12]);
    let places = [(0, 9), (10, 7)];
    store
        .write(|write| {
            let file = source_file(write, "s", "/s.jsonl");
            let lines = [0, 1].map(|number| {
                let (byte_offset, byte_length) = places[number];
                let place = Place { byte_offset, byte_length, line_number: number as u64 };
                line(&format!("m{number}"), number as i64, "text", place)
            });
            insert_lines(write, &file, &lines)
        })
        .unwrap();
    let raw = |id: &str| {
        store.read(|read| read.messages().get(id)).map(|message| message.unwrap().raw_json.unwrap())
    };
    assert_eq!(raw("m0").unwrap(), "{\"a\":\"\u{FFFD}\"}");
    assert_eq!(raw("m1").unwrap(), "{\"b\":2}");
    assert_eq!(read(&store, file, 0, 9).unwrap(), &bytes[..9]);
    // A damaged place is an error, and takes no memory.
    for damage in
        ["byte_length = 9223372036854775807", "byte_length = -1", "byte_offset = 9223372036854775807"]
    {
        store.plain().execute(&format!("UPDATE messages SET {damage} WHERE content = 'text'"), []).unwrap();
        assert_eq!(code(raw("m1")), Code::DbCorrupt, "{damage}");
    }
}
