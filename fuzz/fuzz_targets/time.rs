//! The two readers of times agree where both take a text.
#![no_main]

use han_base::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (coarse, fine) = (Timestamp::parse(text), han_base::time::parse_nanoseconds(text));
    if let (Some(coarse), Some(fine)) = (coarse, fine) {
        assert_eq!(i128::from(coarse.as_millis()), fine.div_euclid(1_000_000), "{text:?}");
    }
    if let Some(time) = coarse {
        assert_eq!(Timestamp::parse(&time.to_string()), Some(time));
    }
});
