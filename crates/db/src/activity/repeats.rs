//! What stands in several sessions is counted in one of them. When that one loses it, another counts it.

use super::rebuild;
use crate::error::Attempt;
use han_base::Result;
use rusqlite::Connection;

/// A table whose rows may stand in several sessions, and are counted in one.
pub(crate) struct Repeated {
    pub(crate) table: &'static str,
    /// The column that is the same in all sessions.
    pub(crate) key: &'static str,
    /// Which rows can be counted, as a condition (SQL) on the row `others`.
    pub(crate) countable: &'static str,
}

/// Lets other sessions count the rows that are about to go: those whose column `owner` is `owner_row`. The caller removes
/// the rows then, and counts their session anew.
pub(crate) fn hand_over_repeats(
    connection: &Connection,
    Repeated { table, key, countable }: &Repeated,
    (owner, owner_row): (&str, i64),
) -> Result<()> {
    let attempt = || format!("hand over the {table} with {owner} {owner_row}");
    let heirs: Vec<(i64, i64)> = connection
        .prepare_cached(&format!(
            "SELECT min(others.row_id), others.session_row_id FROM {table} AS gone
             JOIN {table} AS others ON others.{key} = gone.{key} AND others.session_row_id <> gone.session_row_id
             WHERE gone.{owner} = ?1 AND NOT gone.is_repeat AND {countable}
             GROUP BY gone.{key}"
        ))
        .and_then(|mut statement| {
            statement.query_map([owner_row], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        })
        .attempt(attempt)?;
    let mut count = connection
        .prepare_cached(&format!("UPDATE {table} SET is_repeat = 0 WHERE row_id = ?1"))
        .attempt(attempt)?;
    for (row, _) in &heirs {
        count.execute([row]).attempt(attempt)?;
    }
    let mut sessions: Vec<i64> = heirs.into_iter().map(|heir| heir.1).collect();
    sessions.sort_unstable();
    sessions.dedup();
    sessions.into_iter().try_for_each(|session_row| rebuild(connection, session_row))
}
