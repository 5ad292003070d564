//! What stands in several sessions is counted in one of them. When that one loses it, another counts it.

use super::rebuild;
use crate::error::Attempt;
use han_base::Result;
use rusqlite::Connection;

/// Lets other sessions count the rows of `table` that are about to go: those whose column `owner` is `owner_row`. `key` is
/// the column that is the same in all sessions. The caller removes the rows then, and counts their session anew.
pub(crate) fn hand_over_repeats(
    connection: &Connection,
    table: &str,
    key: &str,
    (owner, owner_row): (&str, i64),
) -> Result<()> {
    let attempt = || format!("hand over the {table} with {owner} {owner_row}");
    let heirs: Vec<(i64, i64)> = connection
        .prepare_cached(&format!(
            "SELECT min(others.row_id), others.session_row_id FROM {table} AS gone
             JOIN {table} AS others ON others.{key} = gone.{key} AND others.session_row_id <> gone.session_row_id
             WHERE gone.{owner} = ?1 AND NOT gone.is_repeat AND {}
             GROUP BY gone.{key}",
            // A call of which only the result is known is none that could be counted.
            if table == "tool_calls" { "others.name IS NOT NULL" } else { "true" },
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
