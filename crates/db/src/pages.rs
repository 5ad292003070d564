//! Queries by named parameters, and the rows of a page.

use crate::sessions::bind;
use rusqlite::{Connection, Row, ToSql};

/// The rows of a query by named parameters. Those that the statement does not name are left out.
pub(crate) fn fetch<T>(
    connection: &Connection,
    sql: &str,
    parameters: &[(&str, &dyn ToSql)],
    from_row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    for (name, value) in parameters {
        bind(&mut statement, name, Some(value))?;
    }
    statement.raw_query().mapped(from_row).collect()
}

/// The one row of a query, as [`fetch`].
pub(crate) fn fetch_row<T>(
    connection: &Connection,
    sql: &str,
    parameters: &[(&str, &dyn ToSql)],
    from_row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    fetch(connection, sql, parameters, from_row)?.pop().ok_or(rusqlite::Error::QueryReturnedNoRows)
}

/// One row more than a page has: it tells that another page follows.
pub(crate) fn with_one_more(limit: usize) -> i64 {
    limit as i64 + 1
}
