//! Indexes a config folder into a database and prints figures: for profilers.
//!
//! `cargo run --release -p han-indexer --example index_tree -- <config-dir> <database>`
#![expect(clippy::print_stdout, reason = "a program for developers")]

use han_db::Database;
use han_indexer::{Unwatched, index_config_dirs};
use std::{env, path::PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [config_dir, database] = arguments.as_slice() else {
        return Err("give a config folder and a database".into());
    };
    let database = Database::open(database)?;
    let report = index_config_dirs(&database, std::slice::from_ref(config_dir), &Unwatched)?;
    let seconds = report.duration.as_secs_f64();
    println!(
        "{} files ({} failed, {} unchanged), {} rows, {} broken lines, {:.1} MB in {seconds:.2} s: {:.0} MB/s",
        report.files_seen,
        report.files_failed,
        report.files_unchanged,
        report.messages_indexed,
        report.broken_lines,
        report.bytes_read as f64 / 1e6,
        report.bytes_read as f64 / 1e6 / seconds,
    );
    for result in report.results.iter().filter(|result| result.error.is_some()) {
        println!("{:?}", result.error);
    }
    let stats = database.read(|read| read.archive().stats())?;
    println!("{stats:#?}");
    Ok(())
}
