//! How times and lists stand in columns.

use han_base::Timestamp;
use rusqlite::{
    Row, RowIndex,
    types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef},
};

/// The time in a column of milliseconds, as RFC 3339.
pub(crate) fn time(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<String> {
    row.get(column).map(|millis| Timestamp::from_millis(millis).to_string())
}

/// As [`time`], of a column that may be empty.
pub(crate) fn optional_time(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<Option<String>> {
    let millis: Option<i64> = row.get(column)?;
    Ok(millis.map(|millis| Timestamp::from_millis(millis).to_string()))
}

/// A list of texts, in a column as a JSON array.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TextList(pub(crate) Vec<String>);

impl FromSql for TextList {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?).map(Self).map_err(|error| FromSqlError::Other(error.into()))
    }
}

impl ToSql for TextList {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(to_json(&self.0).into())
    }
}

/// Texts as a JSON array.
pub(crate) fn to_json(texts: &[String]) -> String {
    serde_json::Value::from(texts).to_string()
}
