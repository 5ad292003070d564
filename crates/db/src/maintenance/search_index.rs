//! A search index against the text that it was made of.
//!
//! FTS5 has such a check, but runs it as a write: nobody else could write for as long as it takes. This one only reads, so
//! it works on any snapshot. It goes over all text once and over all words in the index once, and adds a hash of every
//! word with its row, column and place to one of many sums, and takes it off again: what is left over belongs to rows
//! whose words are others. Which rows are in the index at all, and how long FTS5 thinks that they are, is compared row by
//! row.

use super::{
    tables::{pragma, quoted},
    watch::Watch,
};
use crate::{
    error::Attempt,
    tokenizer::{self, tokenize},
};
use han_base::{Code, Error, Result};
use rusqlite::{Connection, types::ValueRef};
use std::{collections::HashMap, ops::ControlFlow};
use xxhash_rust::xxh3::xxh3_64;

/// Sums that are kept, at most: 8 MiB. Rows that share one are told apart only when both are wrong.
const MAX_SUMS: usize = 1 << 20;

/// A full-text index of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SearchIndex {
    /// The virtual table.
    pub(crate) name: String,
    columns: Vec<String>,
    /// How it was made.
    sql: String,
}

impl SearchIndex {
    /// Statements that make it anew. FTS5's own `rebuild` cannot read a view over a function such as `json_each`.
    pub(crate) fn rebuild(&self) -> Result<String> {
        let sql: String = self.sql.chars().filter(|character| !character.is_whitespace()).collect();
        let option = |name: &str| sql.split_once(&format!(",{name}='"))?.1.split('\'').next();
        let (Some(content), Some(row)) = (option("content"), option("content_rowid")) else {
            return Err(Error::new(Code::DbFailed, format!("find the text of search index {}", self.name)));
        };
        let (name, row, content) = (quoted(&self.name), quoted(row), quoted(content));
        let columns = self.columns.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
        Ok(format!(
            "INSERT INTO {name} ({name}) VALUES ('delete-all');
             INSERT INTO {name} (rowid, {columns}) SELECT {row}, {columns} FROM {content}"
        ))
    }

    /// Whether rows may wait for this index, named in `unindexed_rows`.
    pub(crate) fn is_of_messages(&self) -> bool {
        self.name == "messages_fts"
    }
}

/// The full-text indexes whose words are those of our tokenizer.
pub(crate) fn search_indexes(connection: &Connection) -> Result<Vec<SearchIndex>> {
    let attempt = || "list the search indexes".to_owned();
    let indexes: Vec<(String, String)> = connection
        .prepare(
            "SELECT name, sql FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL TABLE%USING fts5%'
               AND replace(sql, ' ', '') LIKE '%tokenize=''' || ?1 || '''%' ORDER BY rowid",
        )
        .and_then(|mut statement| {
            statement.query_map([tokenizer::NAME], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        })
        .attempt(attempt)?;
    let index = |(name, sql): (String, String)| {
        let columns = connection
            .prepare("SELECT name FROM pragma_table_info(?1) ORDER BY cid")
            .and_then(|mut statement| statement.query_map([&name], |row| row.get(0))?.collect())
            .attempt(attempt)?;
        Ok(SearchIndex { name, columns, sql })
    };
    indexes.into_iter().map(index).collect()
}

/// What is wrong with an index, one sentence each. `watch` is told about rows and words.
pub(crate) fn compare(
    connection: &Connection,
    index: &SearchIndex,
    watch: Option<&Watch<'_>>,
) -> Result<Vec<String>> {
    let mut comparison = Comparison::new(connection, index)?;
    comparison.rows(watch)?;
    comparison.words(watch)?;
    Ok(comparison.problems())
}

struct Comparison<'c> {
    connection: &'c Connection,
    index: &'c SearchIndex,
    /// Rows that wait to be brought into the index.
    waiting: Vec<(i64, i64)>,
    sums: Vec<u64>,
    rows: u64,
    /// Words of all rows in the index, by column.
    words: Vec<u64>,
    /// How many rows are wrong in which way.
    found: Found,
}

#[derive(Default)]
struct Found {
    missing: u64,
    surplus: u64,
    other_length: u64,
    other_words: u64,
    other_totals: bool,
}

impl<'c> Comparison<'c> {
    fn new(connection: &'c Connection, index: &'c SearchIndex) -> Result<Self> {
        let attempt = || format!("read search index {}", index.name);
        let rows: i64 = connection
            .query_row(
                &format!("SELECT count(*) FROM {}", quoted(&format!("{}_docsize", index.name))),
                [],
                |row| row.get(0),
            )
            .attempt(attempt)?;
        let waiting = if index.is_of_messages() {
            connection
                .prepare("SELECT first_row_id, last_row_id FROM unindexed_rows ORDER BY first_row_id")
                .and_then(|mut statement| {
                    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
                })
                .attempt(attempt)?
        } else {
            Vec::new()
        };
        Ok(Self {
            connection,
            index,
            waiting,
            sums: vec![0; (rows.max(1) as usize).next_power_of_two().min(MAX_SUMS)],
            rows: rows as u64,
            words: vec![0; index.columns.len()],
            found: Found::default(),
        })
    }

    fn attempt(&self) -> String {
        format!("read search index {}", self.index.name)
    }

    fn waits(&self, row: i64) -> bool {
        let behind = self.waiting.partition_point(|&(first, _)| first <= row);
        behind > 0 && self.waiting[behind - 1].1 >= row
    }

    /// Goes over the text, and beside it over the rows that FTS5 knows.
    fn rows(&mut self, watch: Option<&Watch<'_>>) -> Result<()> {
        if let Some(watch) = watch {
            watch.begin("search index", "rows", self.rows);
        }
        let (connection, index) = (self.connection, self.index);
        let attempt = || format!("read search index {}", index.name);
        let columns: Vec<String> = index.columns.iter().map(|name| quoted(name)).collect();
        let mut texts = connection
            .prepare(&format!(
                "SELECT rowid, {} FROM {} ORDER BY rowid",
                columns.join(", "),
                quoted(&index.name)
            ))
            .attempt(attempt)?;
        let mut known = connection
            .prepare(&format!(
                "SELECT id, sz FROM {} ORDER BY id",
                quoted(&format!("{}_docsize", index.name))
            ))
            .attempt(attempt)?;
        let mut texts = texts.query([]).attempt(attempt)?;
        let mut known = known.query([]).attempt(attempt)?;
        let mut next = |found: &mut Found, before: i64| -> Result<Option<(i64, Vec<u8>)>> {
            // Rows that FTS5 knows and that have no text.
            while let Some(row) = known.next().attempt(attempt)? {
                let id: i64 = row.get(0).attempt(attempt)?;
                if id < before {
                    found.surplus += 1;
                } else {
                    return Ok(Some((id, row.get(1).attempt(attempt)?)));
                }
            }
            Ok(None)
        };
        let mut in_index = next(&mut self.found, i64::MIN)?;
        let mut done = 0;
        let mut lengths = vec![0; index.columns.len()];
        while let Some(row) = texts.next().attempt(attempt)? {
            let id: i64 = row.get(0).attempt(attempt)?;
            if in_index.as_ref().is_some_and(|(known, _)| *known < id) {
                self.found.surplus += 1;
                in_index = next(&mut self.found, id)?;
            }
            let sizes = in_index.take_if(|(known, _)| *known == id).map(|(_, sizes)| sizes);
            if sizes.is_some() {
                in_index = next(&mut self.found, i64::MIN)?;
            }
            if self.waits(id) {
                continue;
            }
            let Some(sizes) = sizes else {
                self.found.missing += 1;
                continue;
            };
            for (column, length) in lengths.iter_mut().enumerate() {
                *length = match row.get_ref(column + 1).attempt(attempt)? {
                    ValueRef::Text(text) => self.add(id, column, &String::from_utf8_lossy(text)),
                    _ => 0,
                };
                self.words[column] += *length;
            }
            if numbers(&sizes).as_deref() != Some(&lengths[..]) {
                self.found.other_length += 1;
            }
            done += 1;
            if let Some(watch) = watch {
                watch.at(done);
            }
        }
        while in_index.is_some() {
            self.found.surplus += 1;
            in_index = next(&mut self.found, i64::MIN)?;
        }
        self.compare_totals(done)
    }

    /// Adds the words of a text; returns at how many places they stand, as FTS5 counts them.
    fn add(&mut self, row: i64, column: usize, text: &str) -> u64 {
        let mask = self.sums.len() - 1;
        let sum = &mut self.sums[row as usize & mask];
        let mut places = 0;
        let ControlFlow::Continue(()) = tokenize(text, |token| {
            if !token.colocated || places == 0 {
                places += 1;
            }
            *sum = sum.wrapping_add(mixed(xxh3_64(token.text.as_bytes()), row, column, places - 1));
            ControlFlow::<std::convert::Infallible>::Continue(())
        });
        places
    }

    /// The numbers of rows and words that FTS5 ranks with.
    fn compare_totals(&mut self, rows: u64) -> Result<()> {
        let record: Vec<u8> = self
            .connection
            .query_row(
                &format!("SELECT block FROM {} WHERE id = 1", quoted(&format!("{}_data", self.index.name))),
                [],
                |row| row.get(0),
            )
            .attempt(|| self.attempt())?;
        // An index that never held anything has an empty record.
        let told = if record.is_empty() { Some(vec![0; self.words.len() + 1]) } else { numbers(&record) };
        let mut counted = vec![rows];
        counted.extend(&self.words);
        self.found.other_totals = told.is_none_or(|told| told != counted);
        Ok(())
    }

    /// Goes over the words in the index and takes each from the sum of its row.
    fn words(&mut self, watch: Option<&Watch<'_>>) -> Result<()> {
        if let Some(watch) = watch {
            watch.begin("search index", "words", self.words.iter().sum());
        }
        // A virtual table that lives in the connection: nothing is written to the file.
        let connection = self.connection;
        let is_read_only = pragma(connection, "query_only")? != 0;
        let set_read_only = |on: bool| {
            let sql = if on { "PRAGMA query_only = ON" } else { "PRAGMA query_only = OFF" };
            connection.execute_batch(sql).attempt(|| "change whether a connection may write".into())
        };
        set_read_only(false)?;
        let made = self
            .connection
            .execute_batch(&format!(
                "DROP TABLE IF EXISTS temp.han_index_words;
                 CREATE VIRTUAL TABLE temp.han_index_words USING fts5vocab('main', {}, 'instance')",
                quoted(&self.index.name)
            ))
            .attempt(|| self.attempt());
        let result = made.and_then(|()| self.take_words(watch));
        let dropped = self
            .connection
            .execute_batch("DROP TABLE IF EXISTS temp.han_index_words")
            .attempt(|| self.attempt());
        set_read_only(is_read_only)?;
        result.and(dropped)
    }

    fn take_words(&mut self, watch: Option<&Watch<'_>>) -> Result<()> {
        let index = self.index;
        let attempt = || format!("read search index {}", index.name);
        let columns: HashMap<&[u8], usize> =
            index.columns.iter().enumerate().map(|(number, name)| (name.as_bytes(), number)).collect();
        let mut words = self
            .connection
            .prepare("SELECT term, doc, col, offset FROM temp.han_index_words")
            .attempt(attempt)?;
        let mut words = words.query([]).attempt(attempt)?;
        let mask = self.sums.len() - 1;
        let (mut term, mut hash) = (Vec::new(), xxh3_64(b""));
        let mut done = 0;
        while let Some(word) = words.next().attempt(attempt)? {
            let text = word.get_ref(0).attempt(attempt)?.as_bytes().unwrap_or_default();
            if text != term {
                text.clone_into(&mut term);
                hash = xxh3_64(text);
            }
            let row: i64 = word.get(1).attempt(attempt)?;
            let column = word.get_ref(2).attempt(attempt)?.as_bytes().ok().and_then(|name| columns.get(name));
            let place: i64 = word.get(3).attempt(attempt)?;
            let sum = &mut self.sums[row as usize & mask];
            *sum = sum.wrapping_sub(mixed(hash, row, column.copied().unwrap_or(usize::MAX), place as u64));
            done += 1;
            if let Some(watch) = watch {
                watch.at(done);
            }
        }
        self.found.other_words = self.sums.iter().filter(|sum| **sum != 0).count() as u64;
        Ok(())
    }

    fn problems(&self) -> Vec<String> {
        let name = &self.index.name;
        let Found { missing, surplus, other_length, other_words, other_totals } = self.found;
        let mut problems = Vec::new();
        let mut add = |count: u64, what: &str| {
            if count > 0 {
                problems.push(format!("the search index {name} differs from its text: {count} {what}"));
            }
        };
        add(missing, "rows with text are not in it");
        add(surplus, "rows in it have no text");
        add(other_words, "rows, at least, have other words in it");
        add(other_length, "rows have another length in it");
        add(u64::from(other_totals), "record of totals is wrong");
        problems
    }
}

/// One number for a word at a place. Different ones must not cancel each other out when they are added.
fn mixed(hash: u64, row: i64, column: usize, place: u64) -> u64 {
    let mut value = hash;
    for part in [row as u64, (column as u64) << 48 ^ place] {
        // The finaliser of MurmurHash3.
        value = (value ^ part).wrapping_mul(0xff51_afd7_ed55_8ccd);
        value ^= value >> 33;
        value = value.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        value ^= value >> 29;
    }
    value
}

/// The numbers of a record of FTS5: big-endian groups of seven bits, a ninth byte with all its eight.
fn numbers(mut record: &[u8]) -> Option<Vec<u64>> {
    let mut numbers = Vec::new();
    while !record.is_empty() {
        let mut number = 0;
        for at in 0.. {
            let byte = *record.get(at)?;
            if at == 8 {
                number = number << 8 | u64::from(byte);
            } else {
                number = number << 7 | u64::from(byte & 0x7f);
            }
            if byte < 0x80 || at == 8 {
                record = &record[at + 1..];
                break;
            }
        }
        numbers.push(number);
    }
    Some(numbers)
}
