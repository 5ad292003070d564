//! Going over the figures after a cutoff: the stored ones of whole hours, and a scan of the hour that the cutoff is in.

use super::hours::{COLUMNS, HOUR_MS, hour_of, scan, scan_calls};
use crate::{error::Attempt, sessions::bind};
use han_base::{Result, Timestamp};
use rusqlite::{Connection, Row};

/// A moment; what happened later counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cutoff {
    pub(super) timestamp_ms: i64,
    /// The hour that it is in.
    hour: i64,
}

impl Cutoff {
    pub(super) fn new(cutoff: Timestamp) -> Self {
        Self { timestamp_ms: cutoff.as_millis(), hour: hour_of(cutoff.as_millis()) }
    }

    /// Runs a statement whose parameters are among those of [`rows_after`].
    fn each(
        self,
        connection: &Connection,
        sql: &str,
        visit: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let mut visit = visit;
        let mut statement = connection.prepare_cached(sql)?;
        bind(&mut statement, ":hour", Some(self.hour))?;
        bind(&mut statement, ":cutoff", Some(self.timestamp_ms))?;
        bind(&mut statement, ":end", Some((self.hour + 1).saturating_mul(HOUR_MS)))?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            visit(row)?;
        }
        Ok(())
    }

    /// Visits the figures of every session and hour after the cutoff, hour by hour.
    pub(super) fn each_hour(
        self,
        connection: &Connection,
        mut visit: impl FnMut(&SessionHour),
    ) -> Result<()> {
        let rows = rows_after("timestamp_ms");
        let kept = format!(
            "SELECT hour, session_row_id, {} FROM activity_hours WHERE hour > :hour",
            COLUMNS.join(", ")
        );
        for sql in [scan(&rows, &rows), kept] {
            self.each(connection, &sql, |row| {
                visit(&SessionHour::from_row(row)?);
                Ok(())
            })
            .attempt(|| "add up the activity of sessions".into())?;
        }
        Ok(())
    }

    /// Visits the calls of every session, tool and kind of agent after the cutoff.
    pub(super) fn each_tool(
        self,
        connection: &Connection,
        mut visit: impl FnMut(ToolHour<'_>),
    ) -> Result<()> {
        let columns = "session_row_id, name, subagent_type, call_count, counted_calls";
        for sql in [
            format!("SELECT {columns} FROM ({})", scan_calls(&rows_after("started_at_ms"))),
            format!("SELECT {columns} FROM tool_hours WHERE hour > :hour"),
        ] {
            self.each(connection, &sql, |row| {
                visit(ToolHour {
                    session_row: row.get(0)?,
                    name: row.get_ref(1)?.as_str()?,
                    subagent_type: row.get_ref(2)?.as_str()?,
                    calls: row.get(3)?,
                    counted_calls: row.get(4)?,
                });
                Ok(())
            })
            .attempt(|| "add up the calls of tools".into())?;
        }
        Ok(())
    }
}

/// The rows after the cutoff in the hour that it is in, found through the sessions that did something in that hour.
fn rows_after(column: &str) -> String {
    format!(
        "session_row_id IN (SELECT session_row_id FROM activity_hours WHERE hour = :hour
           UNION SELECT session_row_id FROM tool_hours WHERE hour = :hour)
         AND {column} > :cutoff AND {column} < :end"
    )
}

/// Figures of one session in one hour.
pub(super) struct SessionHour {
    pub(super) hour: i64,
    pub(super) session_row: i64,
    /// All rows.
    pub(super) rows: i64,
    /// All rows of type user.
    pub(super) users: i64,
    pub(super) sentiment_count: i64,
    /// In millionths.
    pub(super) sentiment_sum: i64,
    /// Rows of type assistant that no other session counts.
    pub(super) assistants: i64,
    pub(super) lines_added: i64,
    pub(super) lines_removed: i64,
    pub(super) files_changed: i64,
    pub(super) tokens: Tokens,
}

impl SessionHour {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            hour: row.get(0)?,
            session_row: row.get(1)?,
            rows: row.get(2)?,
            users: row.get(3)?,
            sentiment_count: row.get(4)?,
            sentiment_sum: row.get(5)?,
            assistants: row.get(6)?,
            lines_added: row.get(7)?,
            lines_removed: row.get(8)?,
            files_changed: row.get(9)?,
            tokens: Tokens { input: row.get(10)?, output: row.get(11)?, cache_read: row.get(12)? },
        })
    }
}

/// Tokens that dashboards show.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tokens {
    pub(super) input: i64,
    pub(super) output: i64,
    pub(super) cache_read: i64,
}

impl Tokens {
    pub(super) fn add(&mut self, tokens: Self) {
        self.input += tokens.input;
        self.output += tokens.output;
        self.cache_read += tokens.cache_read;
    }
}

/// Calls of one tool in one session and hour.
pub(super) struct ToolHour<'r> {
    pub(super) session_row: i64,
    pub(super) name: &'r str,
    /// Empty for calls that start no agent.
    pub(super) subagent_type: &'r str,
    pub(super) calls: i64,
    /// Those that no other session counts.
    pub(super) counted_calls: i64,
}

/// The day (UTC) of an hour, `YYYY-MM-DD`.
pub(super) fn date_of(hour: i64) -> String {
    let mut text = Timestamp::from_millis(hour.saturating_mul(HOUR_MS)).to_string();
    text.truncate(text.len() - "T00:00:00.000Z".len());
    text
}
