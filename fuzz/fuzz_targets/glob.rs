//! Whatever is written is a pattern or refused, matches in bounded time, and takes away what it gives.
//!
//! The first line of an input is the pattern; the others are paths.
#![no_main]

use han_base::Code;
use han_glob::{MatchOptions, Patterns, Rules};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some(end) = input.iter().position(|&byte| byte == b'\n') else { return };
    let Ok(pattern) = std::str::from_utf8(&input[..end]) else { return };
    let paths: Vec<&[u8]> = input[end + 1..].split(|&byte| byte == b'\n').collect();
    for rules in [Rules::Compatible, Rules::Shell] {
        for (case_insensitive, dot) in [(false, false), (true, false), (false, true)] {
            let options = MatchOptions { rules, case_insensitive, dot };
            match Patterns::compile(&[pattern], &options) {
                Ok(patterns) => check(&patterns, pattern, &paths, &options),
                Err(error) => assert_eq!(error.code(), Code::InvalidPattern),
            }
        }
    }
});

fn check(patterns: &Patterns, pattern: &str, paths: &[&[u8]], options: &MatchOptions) {
    let is_text = !pattern.is_empty()
        && pattern.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'/')
        && !pattern.contains("//")
        && !pattern.ends_with('/');
    if is_text {
        assert!(patterns.is_match(pattern), "{pattern}");
    }
    let all_but = Patterns::compile(&["**", &format!("!{pattern}")], options);
    for path in paths {
        let is_match = patterns.is_match_bytes(path);
        if options.rules == Rules::Shell && is_match && !pattern.starts_with(['!', '(']) {
            let all_but = all_but.as_ref().expect("a pattern can take away");
            assert!(!all_but.is_match_bytes(path), "{pattern} {path:?}");
        }
    }
}
