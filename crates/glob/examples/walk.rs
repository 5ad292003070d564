//! Walks a folder some times and tells the best and the median time: `walk ROOT PATTERN… [--shell] [--stamps]
//! [--once]`.
#![allow(clippy::print_stdout)]

use han_glob::{MatchOptions, Patterns, Rules, Unwatched, WalkOptions, find_files};
use std::{env, error::Error, path::PathBuf, time::Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let mut words: Vec<String> = env::args().skip(1).collect();
    let is_shell = words.iter().any(|word| word == "--shell");
    let is_stamped = words.iter().any(|word| word == "--stamps");
    let is_once = words.iter().any(|word| word == "--once");
    words.retain(|word| !word.starts_with("--"));
    let root = PathBuf::from(words.remove(0));
    let rules = if is_shell { Rules::Shell } else { Rules::Compatible };
    let options = WalkOptions { stamps: is_stamped, ..WalkOptions::default() };
    let mut times = Vec::new();
    let mut count = 0;
    for _ in 0..if is_once { 1 } else { 15 } {
        let start = Instant::now();
        let patterns = Patterns::compile(&words, &MatchOptions { rules, ..MatchOptions::default() })?;
        count = find_files(&root, &patterns, &options, &Unwatched)?.files.len();
        times.push(start.elapsed());
    }
    times.sort_unstable();
    println!("{count} files, best {:?}, median {:?}", times[0], times[times.len() / 2]);
    Ok(())
}
