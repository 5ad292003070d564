//! Whatever is typed becomes a query that SQLite takes; a snippet of the typed text itself is made for it.
#![no_main]

use han_db::{Database, SearchFilter};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static DATABASE: LazyLock<Database> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    Database::open(&folder.keep().join("han.db")).unwrap()
});

fuzz_target!(|typed: &str| {
    let page = DATABASE.read(|read| read.search().page(typed, &SearchFilter::default(), None, 20));
    assert!(page.unwrap().items.is_empty());
});
