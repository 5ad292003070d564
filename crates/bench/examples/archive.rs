//! Writes a synthetic archive, for measurements from JavaScript.
//!
//! `cargo run --release -p han-bench --example archive -- <database> <messages>`

use han_bench::archive::write_archive;
use han_db::Database;
use std::{env, error::Error, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [path, messages] = arguments.as_slice() else {
        return Err("give a database and a number of messages".into());
    };
    Ok(write_archive(&Database::open(Path::new(path))?, messages.parse()?)?)
}
