//! Moves the rows of one old table after the other.

use super::{
    tables::{Column, Kind, Table},
    values,
};
use crate::messages::MessageId;
use han_base::id;
use rusqlite::{
    Connection, Row, Statement,
    ffi::ErrorCode,
    params_from_iter,
    types::{Value, ValueRef},
};
use std::collections::HashMap;

/// The columns of an ordinary table, none when there is no such table.
pub(super) fn columns_of(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare(
            "SELECT columns.name FROM pragma_table_list AS tables, pragma_table_info(tables.name) AS columns
             WHERE tables.schema = 'main' AND tables.type = 'table' AND tables.name = ?1 COLLATE NOCASE",
        )?
        .query_map([table], |row| row.get(0))?
        .collect()
}

/// An id of an old row as it stood there: texts and bytes are never the same.
type OldId = (bool, Vec<u8>);

fn old_id(value: ValueRef<'_>) -> Option<OldId> {
    match value {
        ValueRef::Blob(bytes) => Some((true, bytes.to_vec())),
        other => values::text(other).map(|text| (false, text.into_bytes())),
    }
}

/// Tables whose rows others refer to by their old ids.
const REFERRED: [&str; 4] = ["repos", "projects", "sessions", "orchestrations"];

/// Up to which number names are told apart by it; those behind get a random one, so that no file takes for ever.
const MOST_NAMES: u32 = 20;

/// What is known of the rows that were moved.
pub(super) struct Copier<'c> {
    connection: &'c Connection,
    old: &'static str,
    /// Rows of ours by table and old id.
    rows: HashMap<&'static str, HashMap<OldId, i64>>,
}

/// What the rows of a table that were moved say about the next one.
#[derive(Default)]
struct Before {
    time: Option<i64>,
    flagged: bool,
}

impl<'c> Copier<'c> {
    /// `old` stands before the names of old tables.
    pub(super) fn new(connection: &'c Connection, old: &'static str) -> Self {
        Self { connection, old, rows: HashMap::new() }
    }

    /// Moves the rows of a table, in the order in which they were written.
    pub(super) fn copy(&mut self, table: &'static Table) -> rusqlite::Result<()> {
        let connection = self.connection;
        let name = format!("{}{}", self.old, table.from);
        let present = columns_of(connection, &name)?;
        if present.is_empty() {
            return Ok(());
        }
        let reader = Reader::new(table, &present);
        let without_rowid: bool = connection.query_row(
            "SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?1",
            [&name],
            |row| row.get(0),
        )?;
        let order = if without_rowid { "" } else { " ORDER BY rowid" };
        let mut select = connection.prepare(&format!("SELECT {} FROM {name}{order}", reader.selected()))?;
        let mut insert = connection.prepare(&insert_into(table))?;
        let own_id = table.columns.iter().position(|column| column.from == "id");
        let own_id = own_id.filter(|_| REFERRED.contains(&table.to));
        let mut before = Before::default();
        let mut old_rows = select.query([])?;
        while let Some(old) = old_rows.next()? {
            let mut new = Vec::with_capacity(table.columns.len());
            for (index, column) in table.columns.iter().enumerate() {
                new.push(self.value(&reader, old, index, column, &mut before)?);
            }
            let row_id = insert_unique(connection, &mut insert, table, &new)?;
            if let Some(id) = own_id.map(|index| old.get_ref(index)).transpose()?.and_then(old_id) {
                self.rows.entry(table.to).or_default().insert(id, row_id);
            }
        }
        Ok(())
    }

    fn value(
        &mut self,
        reader: &Reader,
        old: &Row<'_>,
        index: usize,
        column: &Column,
        before: &mut Before,
    ) -> rusqlite::Result<Value> {
        let value = old.get_ref(index)?;
        let text = values::text;
        Ok(match column.kind {
            Kind::Id => text(value).unwrap_or_else(id::random).into(),
            Kind::MessageId => message_id(&text(value).unwrap_or_else(id::random)),
            Kind::Name => text(value).unwrap_or_else(|| UNKNOWN.into()).into(),
            Kind::Text(default) => text(value).unwrap_or_else(|| default.into()).into(),
            Kind::OptionalText => text(value).into(),
            Kind::Integer(default) => values::integer(value).unwrap_or(default).into(),
            Kind::OptionalInteger => values::integer(value).into(),
            Kind::Flag(default) => values::flag(value).unwrap_or(default).into(),
            Kind::FirstFlag => {
                let first = !before.flagged && values::flag(value) == Some(true);
                before.flagged |= first;
                first.into()
            }
            Kind::Real(default) => values::real(value).unwrap_or(default).into(),
            Kind::OptionalReal => values::real(value).into(),
            Kind::OptionalTime(_) | Kind::OptionalSession | Kind::OptionalOrchestration
                if value == ValueRef::Null =>
            {
                Value::Null
            }
            Kind::Time(others) | Kind::OptionalTime(others) => {
                let mut known = values::time(value);
                for other in others {
                    if known.is_none() {
                        known = reader
                            .column(other)
                            .map(|at| old.get_ref(at))
                            .transpose()?
                            .and_then(values::time);
                    }
                }
                let time = known.or(before.time).unwrap_or_else(super::now);
                before.time = Some(time);
                time.into()
            }
            Kind::TextList => values::text_list(value).unwrap_or_else(|| "[]".into()).into(),
            Kind::OptionalTextList => values::text_list(value).into(),
            Kind::Speaker => {
                text(value).filter(|role| matches!(role.as_str(), "user" | "assistant" | "system")).into()
            }
            Kind::Session | Kind::OptionalSession => self.session(value)?.into(),
            Kind::Orchestration | Kind::OptionalOrchestration => self.orchestration(value)?.into(),
            Kind::Reference(table) => old_id(value).and_then(|id| self.row(table, &id)).into(),
        })
    }

    fn row(&self, table: &str, id: &OldId) -> Option<i64> {
        self.rows.get(table).and_then(|rows| rows.get(id)).copied()
    }

    /// The row of a session, made when the old file has none.
    fn session(&mut self, value: ValueRef<'_>) -> rusqlite::Result<i64> {
        self.found_or_made("sessions", value, new_session)
    }

    /// The row of an orchestration, made when the old file has none: it cannot go on.
    fn orchestration(&mut self, value: ValueRef<'_>) -> rusqlite::Result<i64> {
        self.found_or_made("orchestrations", value, |connection, id| {
            connection
                .prepare_cached(
                    "INSERT INTO orchestrations (id, hook_type, project_root, status, created_at_ms)
                     VALUES (?1, 'unknown', '', 'cancelled', ?2)",
                )?
                .insert(rusqlite::params![id, super::now()])
        })
    }

    fn found_or_made(
        &mut self,
        table: &'static str,
        value: ValueRef<'_>,
        make: impl Fn(&Connection, &str) -> rusqlite::Result<i64>,
    ) -> rusqlite::Result<i64> {
        let id = old_id(value).unwrap_or_else(|| (false, UNKNOWN.as_bytes().to_vec()));
        if let Some(row) = self.row(table, &id) {
            return Ok(row);
        }
        let name = String::from_utf8_lossy(&id.1);
        let row = under_free_name(&name, |name| make(self.connection, name))?;
        self.rows.entry(table).or_default().insert(id, row);
        Ok(row)
    }
}

/// The name of what has none.
pub(super) const UNKNOWN: &str = "unknown";

fn new_session(connection: &Connection, id: &str) -> rusqlite::Result<i64> {
    connection.prepare_cached("INSERT INTO sessions (id) VALUES (?1)")?.insert([id])
}

/// Where the columns of a table stand in the rows that are read.
struct Reader {
    /// What is selected: the columns that the table's are made of, in their order, then those that only help.
    selected: Vec<String>,
    names: Vec<&'static str>,
}

impl Reader {
    fn new(table: &Table, present: &[String]) -> Self {
        let mut names: Vec<&'static str> = table.columns.iter().map(|column| column.from).collect();
        for column in table.columns {
            if let Kind::Time(others) | Kind::OptionalTime(others) = column.kind {
                names.extend(others);
            }
        }
        let selected = names
            .iter()
            .map(|name| {
                if present.iter().any(|column| column == name) {
                    format!("\"{name}\"")
                } else {
                    "NULL".into()
                }
            })
            .collect();
        Self { selected, names }
    }

    fn selected(&self) -> String {
        self.selected.join(", ")
    }

    fn column(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| *known == name)
    }
}

fn insert_into(table: &Table) -> String {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.to).collect();
    let parameters = vec!["?"; columns.len()].join(", ");
    format!("INSERT INTO {} ({}) VALUES ({parameters})", table.to, columns.join(", "))
}

/// Inserts a row, under another id or name where another row has them; where that is not enough, for a session of its
/// own, since there is one such row for each.
fn insert_unique(
    connection: &Connection,
    insert: &mut Statement<'_>,
    table: &Table,
    given: &[Value],
) -> rusqlite::Result<i64> {
    let mut values = given.to_vec();
    let mut number = 1;
    loop {
        number += 1;
        match insert.insert(params_from_iter(values.iter())) {
            Err(error) if is_taken(&error) && number < 2 * MOST_NAMES => {}
            inserted => return inserted,
        }
        for ((value, given), column) in values.iter_mut().zip(given).zip(table.columns) {
            match (column.kind, given) {
                (Kind::Id, _) => *value = id::random().into(),
                (Kind::MessageId, _) => *value = message_id(&id::random()),
                (Kind::Name, Value::Text(name)) => *value = numbered(name, number).into(),
                (Kind::Session, _) if number == MOST_NAMES => {
                    *value = under_free_name(UNKNOWN, |name| new_session(connection, name))?.into();
                }
                _ => {}
            }
        }
    }
}

/// Makes something under the first name that is free.
fn under_free_name(name: &str, make: impl Fn(&str) -> rusqlite::Result<i64>) -> rusqlite::Result<i64> {
    let mut number = 1;
    loop {
        match make(&numbered(name, number)) {
            Err(error) if is_taken(&error) && number < 2 * MOST_NAMES => number += 1,
            other => return other,
        }
    }
}

fn message_id(text: &str) -> Value {
    match MessageId::new(text) {
        MessageId::Uuid(uuid) => Value::Blob(uuid.as_bytes().to_vec()),
        MessageId::Text(text) => Value::Text(text),
    }
}

/// The n-th name of that kind.
fn numbered(name: &str, number: u32) -> String {
    match number {
        1 => name.to_owned(),
        _ if number < MOST_NAMES => format!("{name} ({number})"),
        _ => format!("{name} ({})", id::random()),
    }
}

fn is_taken(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
}
