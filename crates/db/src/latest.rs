//! Tables that hold the latest of something for each session: writing again replaces the row unless it is older.

use crate::{error::Attempt, transaction::Read};
use han_base::{Result, Timestamp};
use rusqlite::{Connection, ToSql};

/// What such a table is called, and its columns beside session, time, line and time of indexing. A column `id` keeps
/// what was written first.
pub(crate) struct LatestTable {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [&'static str],
}

/// Where a row comes from.
pub(crate) struct Origin<'a> {
    pub(crate) session_id: &'a str,
    /// RFC 3339.
    pub(crate) timestamp: &'a str,
    pub(crate) line_number: i64,
}

impl LatestTable {
    /// Writes the row of a session, or leaves the one it has when that is of a later time. `values` are those of
    /// `columns`. Either way the time of indexing is now. An unknown session is `DB_CONSTRAINT`, a bad time
    /// `INVALID_TIMESTAMP`.
    pub(crate) fn upsert(
        &self,
        connection: &Connection,
        origin: &Origin<'_>,
        values: &[&dyn ToSql],
    ) -> Result<()> {
        let session_row = Read::new(connection).sessions().required_row(origin.session_id)?;
        let timestamp_ms = Timestamp::parse_argument("timestamp", origin.timestamp)?.as_millis();
        let now = Timestamp::now().as_millis();
        let mut parameters: Vec<&dyn ToSql> = vec![&session_row, &timestamp_ms, &origin.line_number, &now];
        parameters.extend(values);
        let attempt = || format!("write {} of session {}", self.name, origin.session_id);
        let written = connection
            .prepare_cached(&self.upsert_statement())
            .and_then(|mut statement| statement.execute(parameters.as_slice()))
            .attempt(attempt)?;
        if written == 0 {
            connection
                .prepare_cached(&format!(
                    "UPDATE {} SET indexed_at_ms = ?2 WHERE session_row_id = ?1",
                    self.name
                ))
                .and_then(|mut statement| statement.execute([session_row, now]))
                .attempt(attempt)?;
        }
        Ok(())
    }

    fn upsert_statement(&self) -> String {
        let Self { name, columns } = self;
        let list = columns.join(", ");
        let parameters: Vec<String> = (5..5 + columns.len()).map(|number| format!("?{number}")).collect();
        let replaced = columns.iter().filter(|column| **column != "id");
        let changes: Vec<String> = replaced.map(|column| format!("{column} = excluded.{column}")).collect();
        format!(
            "INSERT INTO {name} (session_row_id, timestamp_ms, line_number, indexed_at_ms, {list})
             VALUES (?1, ?2, ?3, ?4, {})
             ON CONFLICT (session_row_id) DO UPDATE SET timestamp_ms = excluded.timestamp_ms,
               line_number = excluded.line_number, indexed_at_ms = excluded.indexed_at_ms, {}
             WHERE excluded.timestamp_ms >= {name}.timestamp_ms",
            parameters.join(", "),
            changes.join(", ")
        )
    }
}
