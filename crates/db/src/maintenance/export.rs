//! All rows as lines of JSON, for other tools.
//!
//! One line per row: `{"table":"sessions","row":{"row_id":1,"id":"…"}}`. Numbers, texts and `null` are what they are; whole
//! numbers are written with all their digits, also beyond 2^53. What JSON cannot hold is an object with one field:
//! `{"base64":"…"}` for bytes, `{"text_base64":"…"}` for a text that is not UTF-8, `{"real":"Infinity"}` for a number that
//! is not finite.

use super::{
    tables::{quoted, table_names},
    watch::{Observer, Watch},
};
use crate::{
    connection::{Purpose, connect},
    error::Attempt,
    open::Database,
};
use han_base::{Code, Error, Result};
use rusqlite::{Connection, types::ValueRef};
use std::ops::ControlFlow;

/// Bytes that are collected before they are handed on.
const CHUNK_BYTES: usize = 256 * 1024;

/// Some whole lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportChunk {
    /// The lines, each with its line feed.
    pub bytes: Vec<u8>,
    /// The table of the last of them.
    pub table: String,
    /// Rows that were written so far, those of this chunk included.
    pub rows: u64,
}

impl Database {
    /// Hands the rows of `tables` to `take` as lines of JSON, those of one snapshot, until that breaks; all tables, in the
    /// order in which they were made, when none is named. What search indexes keep for themselves is left out. Takes as
    /// much memory as one row, and a quarter of a megabyte.
    ///
    /// Codes: `INVALID_ARGUMENT` for a table that does not exist, `DB_CORRUPT`, `CANCELLED`.
    pub fn export(
        &self,
        tables: &[String],
        observer: &dyn Observer,
        mut take: impl FnMut(ExportChunk) -> ControlFlow<()>,
    ) -> Result<()> {
        let watch = Watch::new(observer, format!("export database {}", self.path().display()));
        let connection = connect(self.path(), Purpose::Read)?;
        let snapshot = connection.unchecked_transaction().attempt(|| watch.attempt())?;
        let tables = chosen(&snapshot, tables, &watch)?;
        watch.run(&connection, || {
            let mut lines = Lines { chunk: ExportChunk::default(), take: &mut take };
            for table in tables {
                if write_table(&snapshot, &table, &mut lines)?.is_break() {
                    return Ok(());
                }
            }
            // The receiver is gone or not: there is nothing left for it.
            let _ = lines.hand_on();
            Ok(())
        })
    }

    /// The tables that can be exported, in the order in which they were made.
    pub fn tables(&self) -> Result<Vec<String>> {
        self.read(|read| table_names(read.connection))
    }
}

fn chosen(connection: &Connection, named: &[String], watch: &Watch<'_>) -> Result<Vec<String>> {
    let existing = table_names(connection)?;
    if let Some(unknown) = named.iter().find(|name| !existing.contains(name)) {
        let known = existing.join(", ");
        let what = format!("{}: there is no table {unknown:?}, only {known}", watch.attempt());
        return Err(Error::new(Code::InvalidArgument, what));
    }
    Ok(if named.is_empty() {
        existing
    } else {
        existing.into_iter().filter(|name| named.contains(name)).collect()
    })
}

struct Lines<'t> {
    chunk: ExportChunk,
    take: &'t mut dyn FnMut(ExportChunk) -> ControlFlow<()>,
}

impl Lines<'_> {
    fn hand_on(&mut self) -> ControlFlow<()> {
        if self.chunk.bytes.is_empty() {
            return ControlFlow::Continue(());
        }
        let next = ExportChunk { bytes: Vec::new(), ..self.chunk.clone_place() };
        (self.take)(std::mem::replace(&mut self.chunk, next))
    }
}

impl ExportChunk {
    /// The same place without its bytes.
    fn clone_place(&self) -> Self {
        Self { bytes: Vec::new(), table: self.table.clone(), rows: self.rows }
    }
}

fn write_table(connection: &Connection, table: &str, lines: &mut Lines<'_>) -> Result<ControlFlow<()>> {
    let attempt = || format!("read the rows of table {table}");
    let mut statement = connection.prepare(&format!("SELECT * FROM {}", quoted(table))).attempt(attempt)?;
    let head = format!("{{\"table\":{},\"row\":{{", json_text(table));
    let keys: Vec<String> =
        statement.column_names().into_iter().map(|name| format!("{}:", json_text(name))).collect();
    table.clone_into(&mut lines.chunk.table);
    let mut rows = statement.query([]).attempt(attempt)?;
    while let Some(row) = rows.next().attempt(attempt)? {
        let bytes = &mut lines.chunk.bytes;
        bytes.extend_from_slice(head.as_bytes());
        for (column, key) in keys.iter().enumerate() {
            if column > 0 {
                bytes.push(b',');
            }
            bytes.extend_from_slice(key.as_bytes());
            write_value(bytes, row.get_ref(column).attempt(attempt)?);
        }
        bytes.extend_from_slice(b"}}\n");
        lines.chunk.rows += 1;
        if lines.chunk.bytes.len() >= CHUNK_BYTES && lines.hand_on().is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

fn write_value(bytes: &mut Vec<u8>, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => bytes.extend_from_slice(b"null"),
        ValueRef::Integer(number) => bytes.extend_from_slice(number.to_string().as_bytes()),
        ValueRef::Real(number) if number.is_finite() => {
            // The shortest digits that give the same number again, with a point, so that it stays a real one.
            bytes.extend_from_slice(format!("{number:?}").as_bytes());
        }
        ValueRef::Real(number) => {
            let name = if number > 0.0 { "Infinity" } else { "-Infinity" };
            bytes.extend_from_slice(format!("{{\"real\":\"{name}\"}}").as_bytes());
        }
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => bytes.extend_from_slice(json_text(text).as_bytes()),
            Err(_) => write_base64(bytes, "text_base64", text),
        },
        ValueRef::Blob(blob) => write_base64(bytes, "base64", blob),
    }
}

fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// `{"<field>":"<base64>"}`, in the standard alphabet with padding.
fn write_base64(bytes: &mut Vec<u8>, field: &str, data: &[u8]) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes.extend_from_slice(format!("{{\"{field}\":\"").as_bytes());
    bytes.reserve(data.len().div_ceil(3) * 4 + 2);
    for group in data.chunks(3) {
        let mut bits = [0; 4];
        bits[1..=group.len()].copy_from_slice(group);
        let bits = u32::from_be_bytes(bits);
        for (place, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let letter = ALPHABET[(bits >> shift) as usize & 63];
            bytes.push(if place <= group.len() { letter } else { b'=' });
        }
    }
    bytes.extend_from_slice(b"\"}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: ValueRef<'_>) -> String {
        let mut bytes = Vec::new();
        write_value(&mut bytes, value);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn values_are_told_apart_and_keep_every_digit() {
        for (value, json) in [
            (ValueRef::Null, "null"),
            (ValueRef::Integer(i64::MAX), "9223372036854775807"),
            (ValueRef::Integer(i64::MIN), "-9223372036854775808"),
            (ValueRef::Real(0.1), "0.1"),
            (ValueRef::Real(3.0), "3.0"),
            (ValueRef::Real(1e300), "1e300"),
            (ValueRef::Real(f64::INFINITY), r#"{"real":"Infinity"}"#),
            (ValueRef::Real(f64::NEG_INFINITY), r#"{"real":"-Infinity"}"#),
            (ValueRef::Text("a\"\n\u{0}é".as_bytes()), r#""a\"\n\u0000é""#),
            (ValueRef::Text(b"a\xFF"), r#"{"text_base64":"Yf8="}"#),
            (ValueRef::Blob(b""), r#"{"base64":""}"#),
            (ValueRef::Blob(b"f"), r#"{"base64":"Zg=="}"#),
            (ValueRef::Blob(b"fo"), r#"{"base64":"Zm8="}"#),
            (ValueRef::Blob(b"foo"), r#"{"base64":"Zm9v"}"#),
            (ValueRef::Blob(&[0xFB, 0xFF, 0xFE, 0x00]), r#"{"base64":"+//+AA=="}"#),
        ] {
            assert_eq!(written(value), json);
        }
    }
}
