//! Segments in the shadow tables of `messages_fts`.

use super::{
    Size,
    pages::Pages,
    structure::{Averages, Structure},
    varint,
};
use crate::error::Attempt;
use han_base::{Code, Error, Result};
use rusqlite::{Connection, OptionalExtension, params};

/// FTS5 gives ids below to its own segments, and reads ids of 16 bits.
const FIRST_ID: i64 = 2001;
const LAST_ID: i64 = u16::MAX as i64;

/// Ids of the two records in `messages_fts_data`.
const AVERAGES: i64 = 1;
const STRUCTURE: i64 = 10;

/// Where the parts of a page's id begin: segment, whether it indexes a posting list, its height.
const SEGMENT_BIT: u32 = 37;
const LIST_INDEX_BIT: u32 = 36;
const HEIGHT_BIT: u32 = 31;

/// A segment as pages, on its way into the database.
///
/// When [`Segment::write_pages`] or [`Segment::publish`] fails, or the transaction that it was called in is rolled back,
/// the segment is of no more use: drop it, and [`remove_unpublished`] what is left of it.
#[derive(Debug)]
pub struct Segment {
    pages: Pages,
    sizes: Vec<Size>,
    /// Its id, once its first page is written.
    id: Option<i64>,
    /// How much is written: leaf pages, rows of the index, pages of indexes of posting lists.
    leaves: usize,
    index_rows: usize,
    list_indexes: usize,
}

impl Segment {
    pub(super) fn new(pages: Pages, sizes: Vec<Size>) -> Self {
        Self { pages, sizes, id: None, leaves: 0, index_rows: 0, list_indexes: 0 }
    }

    /// Writes at most `pages` further pages of about 4 KiB, those on which terms are looked up with their row in the
    /// index of pages; true when all are written. Searches see nothing of it. To be called in a transaction; there may
    /// be others between the calls, also of FTS5.
    pub fn write_pages(&mut self, connection: &Connection, pages: usize) -> Result<bool> {
        let id = match self.id {
            Some(id) => id,
            None => *self.id.insert(free_id(connection)?),
        };
        self.write(connection, id, pages)
            .attempt(|| format!("write pages of segment {id} of the search index"))
    }

    fn write(&mut self, connection: &Connection, id: i64, mut pages: usize) -> rusqlite::Result<bool> {
        let mut insert_page =
            connection.prepare_cached("INSERT INTO messages_fts_data (id, block) VALUES (?1, ?2)")?;
        let mut insert_row = connection
            .prepare_cached("INSERT INTO messages_fts_idx (segid, term, pgno) VALUES (?1, ?2, ?3)")?;
        while pages > 0 && self.leaves < self.pages.len() {
            insert_page.execute(params![leaf_id(id, self.leaves), self.pages.get(self.leaves)])?;
            self.leaves += 1;
            pages -= 1;
            if let Some(row) = self.pages.index.get(self.index_rows)
                && row.page as usize == self.leaves
            {
                let place = i64::from(row.page) << 1 | i64::from(row.has_list_index);
                insert_row.execute(params![id, row.term, place])?;
                self.index_rows += 1;
            }
        }
        for page in self.pages.list_indexes.iter().skip(self.list_indexes).take(pages) {
            let page_id = id << SEGMENT_BIT
                | 1 << LIST_INDEX_BIT
                | i64::from(page.height) << HEIGHT_BIT
                | i64::from(page.page);
            insert_page.execute(params![page_id, page.bytes])?;
            self.list_indexes += 1;
        }
        Ok(self.is_written())
    }

    fn is_written(&self) -> bool {
        self.leaves == self.pages.len() && self.list_indexes == self.pages.list_indexes.len()
    }

    /// Makes the segment visible: its rows are in the index when the caller's transaction is committed. All pages must
    /// be written.
    ///
    /// FTS5 remembers the structure of the index on each connection, and looks again when another connection has
    /// changed the file; on this one it is made to look again. So this may be any connection that knows the tokenizer,
    /// and FTS5 may have written before in the same transaction.
    ///
    /// Codes: `DB_CONSTRAINT` when a row is in the index already, `DB_CORRUPT` when the index is not sound or the pages
    /// were removed meanwhile, `INTERNAL` outside of a transaction or before all pages are written.
    pub fn publish(self, connection: &Connection) -> Result<()> {
        if connection.is_autocommit() || !self.is_written() {
            let what = "publish a segment outside of a transaction, or before all its pages are written";
            return Err(Error::new(Code::Internal, what));
        }
        if self.sizes.is_empty() {
            return Ok(());
        }
        let attempt = || "publish a segment of the search index".to_owned();
        // FTS5 writes what it holds back when a savepoint begins.
        connection.execute_batch("SAVEPOINT segment; RELEASE segment").attempt(attempt)?;

        let damaged = |what: &str| Error::new(Code::DbCorrupt, format!("{}: {what}", attempt()));
        let mut averages = Averages::decode(&record(connection, AVERAGES)?)
            .ok_or_else(|| damaged("the averages record is damaged"))?;
        averages.rows += self.sizes.len() as u64;
        for (_, size) in &self.sizes {
            for (total, positions) in averages.positions.iter_mut().zip(size) {
                *total += u64::from(*positions);
            }
        }
        replace(connection, AVERAGES, &averages.encode())?;
        self.write_sizes(connection).attempt(attempt)?;

        if let Some(id) = self.id.filter(|_| self.pages.len() > 0) {
            if !self.is_stored(connection, id).attempt(attempt)? {
                return Err(damaged("its pages were removed"));
            }
            let mut structure = structure(connection)?;
            if !structure.add(id as u64, self.pages.len() as u64) {
                return Err(Error::new(
                    Code::DbFailed,
                    format!("{}: there are too many segments", attempt()),
                ));
            }
            replace(connection, STRUCTURE, &structure.encode())?;
        }
        // Rolling back anything of FTS5 makes it forget what it remembers; 'flush' has nothing to write.
        connection
            .execute_batch(
                "SAVEPOINT segment; INSERT INTO messages_fts (messages_fts) VALUES ('flush');
                 ROLLBACK TO segment; RELEASE segment",
            )
            .attempt(attempt)
    }

    fn write_sizes(&self, connection: &Connection) -> rusqlite::Result<()> {
        let mut insert =
            connection.prepare_cached("INSERT INTO messages_fts_docsize (id, sz) VALUES (?1, ?2)")?;
        let mut record = Vec::new();
        for (row, size) in &self.sizes {
            record.clear();
            for &positions in size {
                varint::put(&mut record, u64::from(positions));
            }
            insert.execute(params![row, record])?;
        }
        Ok(())
    }

    /// Whether the first and the last leaf page are in the database as they were written.
    fn is_stored(&self, connection: &Connection, id: i64) -> rusqlite::Result<bool> {
        for leaf in [0, self.pages.len() - 1] {
            let same = connection
                .prepare_cached("SELECT block = ?2 FROM messages_fts_data WHERE id = ?1")?
                .query_row(params![leaf_id(id, leaf), self.pages.get(leaf)], |row| row.get(0))
                .optional()?;
            if same != Some(true) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Removes at most `pages` pages of segments that were never published: those of a run that was killed or gave up. True
/// when none are left. To be called in a transaction, by the only one that writes segments.
pub fn remove_unpublished(connection: &Connection, pages: u32) -> Result<bool> {
    let structure = structure(connection)?;
    let attempt = |id: i64| format!("remove segment {id}, which was never published, from the search index");
    let mut id = FIRST_ID;
    while let Some(found) = next_segment(connection, id).attempt(|| attempt(id))? {
        if !structure.has(found as u64) {
            let removed = connection
                .execute(
                    "DELETE FROM messages_fts_data WHERE id IN
                       (SELECT id FROM messages_fts_data WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3)",
                    params![found << SEGMENT_BIT, (found + 1) << SEGMENT_BIT, pages],
                )
                .attempt(|| attempt(found))?;
            if removed == pages as usize {
                return Ok(false);
            }
            connection
                .execute("DELETE FROM messages_fts_idx WHERE segid = ?1", [found])
                .attempt(|| attempt(found))?;
        }
        id = found + 1;
    }
    Ok(true)
}

/// The first id from `id` on that has pages or rows of the index.
fn next_segment(connection: &Connection, id: i64) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached(
            "SELECT min(id) FROM (
               SELECT min(id) >> ?2 AS id FROM messages_fts_data WHERE id >= ?1 << ?2
               UNION ALL SELECT min(segid) FROM messages_fts_idx WHERE segid >= ?1)",
        )?
        .query_row(params![id, SEGMENT_BIT], |row| row.get(0))
}

/// An id that no segment has: behind all others, so that pages are appended to the table, or else the first that is free.
fn free_id(connection: &Connection) -> Result<i64> {
    let attempt = || "choose the id of a segment of the search index".to_owned();
    let last: Option<i64> = connection
        .query_row(
            "SELECT max(id) FROM (
               SELECT max(id) >> ?1 AS id FROM messages_fts_data UNION ALL SELECT max(segid) FROM messages_fts_idx)",
            [SEGMENT_BIT],
            |row| row.get(0),
        )
        .attempt(attempt)?;
    let behind = last.map_or(FIRST_ID, |last| FIRST_ID.max(last + 1));
    if behind <= LAST_ID {
        return Ok(behind);
    }
    for id in FIRST_ID..=LAST_ID {
        if next_segment(connection, id).attempt(attempt)? != Some(id) {
            return Ok(id);
        }
    }
    Err(Error::new(Code::DbFailed, format!("{}: none is free", attempt())))
}

fn leaf_id(segment: i64, index: usize) -> i64 {
    segment << SEGMENT_BIT | (index as i64 + 1)
}

fn structure(connection: &Connection) -> Result<Structure> {
    Structure::decode(&record(connection, STRUCTURE)?).ok_or_else(|| {
        Error::new(Code::DbCorrupt, "read the structure record of the search index: it is damaged")
    })
}

fn record(connection: &Connection, id: i64) -> Result<Vec<u8>> {
    connection
        .prepare_cached("SELECT block FROM messages_fts_data WHERE id = ?1")
        .and_then(|mut statement| statement.query_row([id], |row| row.get(0)))
        .attempt(|| format!("read record {id} of the search index"))
}

fn replace(connection: &Connection, id: i64, record: &[u8]) -> Result<()> {
    connection
        .prepare_cached("REPLACE INTO messages_fts_data (id, block) VALUES (?1, ?2)")
        .and_then(|mut statement| statement.execute(params![id, record]))
        .attempt(|| format!("write record {id} of the search index"))?;
    Ok(())
}
