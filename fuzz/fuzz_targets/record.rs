//! A line of a transcript becomes a record or an error, and what is found in a damaged line reads the same by itself.
#![no_main]

use han_transcript::{parse, parse_han_event, recover, split};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let line = String::from_utf8_lossy(bytes);
    if let Ok(record) = parse(&line) {
        assert!(recover(&line).is_none_or(|(offset, _)| offset > 0));
        drop(record);
    }
    drop(parse_han_event(&line));
    if let Some((offset, record)) = recover(&line) {
        assert_eq!(format!("{record:?}"), format!("{:?}", parse(&line[offset..]).unwrap()));
    }
    if let Some((record, end)) = split(&line) {
        assert_eq!(format!("{record:?}"), format!("{:?}", parse(&line[..end]).unwrap()));
    }
});
