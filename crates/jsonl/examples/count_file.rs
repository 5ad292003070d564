//! Counts the lines of a file several times: for profilers, and beside other programs.
//!
//! `cargo run --release -p han-jsonl --example count_file -- FILE [TIMES]`
#![expect(clippy::print_stdout, reason = "a program tells what it found")]

use std::{env, path::PathBuf, time::Instant};

fn main() -> han_base::Result<()> {
    let mut arguments = env::args_os().skip(1);
    let path = PathBuf::from(arguments.next().unwrap_or_default());
    let times = arguments.next().and_then(|times| times.to_str()?.parse().ok()).unwrap_or(1_u32);
    for _ in 0..times {
        let begin = Instant::now();
        let lines = han_jsonl::count_lines(&path, &han_jsonl::Unwatched)?;
        let counted = begin.elapsed();
        let begin = Instant::now();
        let offsets = han_jsonl::line_offsets(&path, &han_jsonl::Unwatched)?.offsets.len();
        println!("{lines} lines in {counted:?}, {offsets} offsets in {:?}", begin.elapsed());
    }
    Ok(())
}
