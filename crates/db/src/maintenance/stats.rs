//! What a database takes on the disk, and what in it takes how much.

use super::{
    tables::pragma,
    watch::{Observer, Watch},
};
use crate::{
    connection::{Purpose, connect},
    error::Attempt,
    open::Database,
};
use han_base::Result;
use rusqlite::Connection;
use std::{
    collections::{BTreeMap, HashMap},
    fs,
};

/// Bytes before the first frame of a write-ahead log, and before the page of each frame.
const LOG_HEAD: u64 = 32;
const FRAME_HEAD: u64 = 24;

/// Figures of a database file.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct DatabaseStats {
    /// The file, absolute.
    pub path: String,
    /// Size of the file.
    pub file_bytes: i64,
    /// Size of the write-ahead log beside it; 0 without one.
    pub wal_bytes: i64,
    /// Pages that the log has room for; those of them that are in the file already may be written over.
    pub wal_frames: i64,
    /// Bytes of a page.
    pub page_bytes: i64,
    /// Pages of the database, with those that only the log has yet.
    pub pages: i64,
    /// Pages that hold nothing: new rows take them, and a vacuum gives them back.
    pub free_pages: i64,
    /// Bytes of `free_pages`.
    pub free_bytes: i64,
    /// `wal`, or how else changes are kept safe.
    pub journal_mode: String,
    /// Schema version of the file.
    pub schema_version: i64,
    /// Version of the SQLite library that is linked in.
    pub sqlite_version: String,
    /// Tables, those of search indexes included.
    pub tables: i64,
    /// Indexes of tables.
    pub indexes: i64,
    /// Rows that wait for the search index: more than 0 while an index run goes on, or after one was killed.
    pub unindexed_rows: i64,
}

/// What a table or an index takes.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct TableSize {
    /// Its name.
    pub name: String,
    /// Of an index: its table. Of a table: itself.
    pub table: String,
    /// Which of them it is.
    #[cfg_attr(feature = "napi", napi(ts_type = "'table' | 'index'"))]
    pub kind: String,
    /// Rows of the table, or entries of the index.
    pub rows: i64,
    /// Pages.
    pub pages: i64,
    /// Bytes of its pages.
    pub bytes: i64,
    /// Bytes of what was stored.
    pub payload_bytes: i64,
    /// Bytes in its pages that hold nothing.
    pub unused_bytes: i64,
}

/// What each table and index takes, the largest first.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct SizesReport {
    /// The figures of the file.
    pub database: DatabaseStats,
    /// Its tables and indexes.
    pub sizes: Vec<TableSize>,
    /// Milliseconds.
    pub duration_ms: f64,
}

impl Database {
    /// Figures of the file. Reads a few pages, whatever the size.
    pub fn stats(&self) -> Result<DatabaseStats> {
        let mut stats = self.read(|read| figures(read.connection))?;
        let page_bytes = stats.page_bytes as u64;
        let bytes_of = |suffix: &str| {
            let mut path = self.path().as_os_str().to_owned();
            path.push(suffix);
            // A database without a log has none to measure.
            fs::metadata(path).map_or(0, |metadata| metadata.len())
        };
        let log = bytes_of("-wal");
        stats.path = self.path().to_string_lossy().into_owned();
        stats.file_bytes = bytes_of("") as i64;
        stats.wal_bytes = log as i64;
        stats.wal_frames = (log.saturating_sub(LOG_HEAD) / (page_bytes + FRAME_HEAD)) as i64;
        Ok(stats)
    }

    /// What each table and index takes. Reads every page of one snapshot. Code: `CANCELLED`.
    pub fn sizes(&self, observer: &dyn Observer) -> Result<SizesReport> {
        let watch = Watch::new(observer, format!("measure the tables of {}", self.path().display()));
        let database = self.stats()?;
        let connection = connect(self.path(), Purpose::Read)?;
        let snapshot = connection.unchecked_transaction().attempt(|| watch.attempt())?;
        watch.begin("sizes", "pages", database.pages as u64);
        let mut sizes = watch.run(&connection, || measure(&snapshot, &watch))?;
        sizes.sort_by(|first, second| {
            second.bytes.cmp(&first.bytes).then_with(|| first.name.cmp(&second.name))
        });
        Ok(SizesReport { database, sizes, duration_ms: watch.elapsed_ms() })
    }
}

fn figures(connection: &Connection) -> Result<DatabaseStats> {
    let attempt = || "read figures of the database".to_owned();
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).attempt(attempt);
    let page_bytes = pragma(connection, "page_size")?;
    let free_pages = pragma(connection, "freelist_count")?;
    Ok(DatabaseStats {
        page_bytes,
        pages: pragma(connection, "page_count")?,
        free_pages,
        free_bytes: free_pages * page_bytes,
        journal_mode: connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).attempt(attempt)?,
        schema_version: pragma(connection, "user_version")?,
        sqlite_version: crate::sqlite_version().to_owned(),
        tables: number("SELECT count(*) FROM sqlite_schema WHERE type = 'table'")?,
        indexes: number("SELECT count(*) FROM sqlite_schema WHERE type = 'index'")?,
        unindexed_rows: number(
            "SELECT coalesce(sum(last_row_id - first_row_id + 1), 0) FROM unindexed_rows",
        )?,
        ..DatabaseStats::default()
    })
}

/// Adds up the pages of every tree.
fn measure(connection: &Connection, watch: &Watch<'_>) -> Result<Vec<TableSize>> {
    let attempt = || watch.attempt();
    let kinds: HashMap<String, (String, String)> = connection
        .prepare("SELECT name, type, tbl_name FROM sqlite_schema WHERE rootpage > 0")
        .and_then(|mut statement| {
            statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?.collect()
        })
        .attempt(attempt)?;
    // Tables without row ids keep rows in all pages of their tree, as indexes do.
    let with_row_ids: HashMap<String, bool> = connection
        .prepare("SELECT name, wr = 0 FROM pragma_table_list WHERE schema = 'main'")
        .and_then(|mut statement| statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .attempt(attempt)?;
    let mut sizes: BTreeMap<String, TableSize> = BTreeMap::new();
    let mut pages = connection
        .prepare("SELECT name, pagetype, ncell, payload, unused, pgsize FROM dbstat")
        .attempt(attempt)?;
    let mut pages = pages.query([]).attempt(attempt)?;
    let mut done = 0;
    while let Some(page) = pages.next().attempt(attempt)? {
        let name = page.get_ref(0).and_then(|name| Ok(name.as_str()?)).attempt(attempt)?;
        if !sizes.contains_key(name) {
            let (kind, table) =
                kinds.get(name).cloned().unwrap_or_else(|| ("table".to_owned(), name.to_owned()));
            let size = TableSize { name: name.to_owned(), table, kind, ..TableSize::default() };
            sizes.insert(name.to_owned(), size);
        }
        let only_leaves = with_row_ids.get(name).copied().unwrap_or(name == "sqlite_schema");
        let Some(size) = sizes.get_mut(name) else { continue };
        let page_type = page.get_ref(1).and_then(|kind| Ok(kind.as_str()?)).attempt(attempt)?;
        let number = |column| page.get::<_, i64>(column).attempt(attempt);
        if page_type == "leaf" || (page_type == "internal" && !only_leaves) {
            size.rows += number(2)?;
        }
        size.pages += 1;
        size.payload_bytes += number(3)?;
        size.unused_bytes += number(4)?;
        size.bytes += number(5)?;
        done += 1;
        watch.at(done);
    }
    Ok(sizes.into_values().collect())
}
