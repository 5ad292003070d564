//! Which tables there are.

use crate::error::Attempt;
use han_base::Result;
use rusqlite::Connection;

/// A name as it stands in SQL, whatever characters it has.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The ordinary tables, in the order in which they were made. What virtual tables keep for themselves is not among them.
pub(crate) fn table_names(connection: &Connection) -> Result<Vec<String>> {
    connection
        .prepare(
            "SELECT tables.name FROM pragma_table_list AS tables JOIN sqlite_schema USING (name)
             WHERE tables.schema = 'main' AND tables.type = 'table' AND tables.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
             ORDER BY sqlite_schema.rowid",
        )
        .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
        .attempt(|| "list the tables".into())
}

/// How many rows each of the ordinary tables has.
pub(crate) fn row_counts(connection: &Connection) -> Result<Vec<(String, i64)>> {
    let count = |name: String| {
        let rows = connection
            .query_row(&format!("SELECT count(*) FROM {}", quoted(&name)), [], |row| row.get(0))
            .attempt(|| format!("count the rows of table {name}"))?;
        Ok((name, rows))
    };
    table_names(connection)?.into_iter().map(count).collect()
}

/// One number that a pragma tells.
pub(crate) fn pragma(connection: &Connection, name: &str) -> Result<i64> {
    connection
        .query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))
        .attempt(|| format!("read {name} of the database"))
}
