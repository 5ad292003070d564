//! A stretch of time, cut into whole hours, whose figures are stored, and the rest of an hour at either end, which is
//! scanned.

use super::hours::{HOUR_MS, hour_of};
use crate::{Read, error::Attempt, search::row_list, sessions::bind};
use han_base::{Result, Timestamp};
use rusqlite::{CachedStatement, Connection, Row};

/// Which figures are asked for. Everything is optional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageFilter {
    /// Only what happened at this moment or later.
    pub since: Option<Timestamp>,
    /// Only what happened before this moment.
    pub until: Option<Timestamp>,
    /// Id, slug, path or name of a project.
    pub project: Option<String>,
    /// A session.
    pub session_id: Option<String>,
}

/// From one moment up to another, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// Belongs to it.
    pub(super) from_ms: i64,
    /// Does not.
    pub(super) to_ms: i64,
}

impl Span {
    pub(super) fn of(filter: &UsageFilter) -> Self {
        Self {
            from_ms: filter.since.map_or(i64::MIN, Timestamp::as_millis),
            to_ms: filter.until.map_or(i64::MAX, Timestamp::as_millis),
        }
    }

    /// The first of its whole hours, and the first hour behind them.
    fn whole_hours(self) -> (i64, i64) {
        let hour = hour_of(self.from_ms);
        let begins = hour.saturating_mul(HOUR_MS) >= self.from_ms;
        (if begins { hour } else { hour + 1 }, hour_of(self.to_ms))
    }

    /// What is left of it in the hours that it does not hold whole.
    fn rests(self) -> Vec<Self> {
        if self.from_ms >= self.to_ms {
            return Vec::new();
        }
        let (first, end) = self.whole_hours();
        let head = Self { to_ms: first.saturating_mul(HOUR_MS).min(self.to_ms), ..self };
        let tail = Self { from_ms: end.saturating_mul(HOUR_MS).max(head.to_ms), ..self };
        let unbounded = |rest: &Self| rest.from_ms == i64::MIN || rest.to_ms == i64::MAX;
        // A span without a bound has no rest there: no row stands at the end of time.
        [head, tail].into_iter().filter(|rest| rest.from_ms < rest.to_ms && !unbounded(rest)).collect()
    }
}

/// A filter as conditions of a statement, with what its parameters are.
pub(super) struct Scope<'f> {
    connection: &'f Connection,
    session_id: Option<&'f str>,
    model: Option<&'f str>,
    /// The rows of the projects, as a JSON array.
    projects: Option<String>,
    span: Span,
}

impl<'f> Scope<'f> {
    pub(super) fn new(connection: &'f Connection, filter: &'f UsageFilter) -> Result<Self> {
        let projects =
            filter.project.as_deref().map(|name| Read::new(connection).projects().rows_named(name));
        Ok(Self {
            connection,
            session_id: filter.session_id.as_deref(),
            model: None,
            projects: projects.transpose()?.map(|rows| row_list(&rows)),
            span: Span::of(filter),
        })
    }

    /// Only what this model did, of tables with a column `model`.
    pub(super) fn of_model(self, model: Option<&'f str>) -> Self {
        Self { model, ..self }
    }

    /// The condition for the sessions, and the model.
    fn sessions(&self) -> String {
        let mut sql = String::from("true");
        if self.session_id.is_some() {
            sql += " AND session_row_id = (SELECT row_id FROM sessions WHERE id = :session)";
        }
        if self.projects.is_some() {
            sql += " AND session_row_id IN (SELECT row_id FROM sessions
              WHERE project_row_id IN (SELECT value FROM json_each(:projects)))";
        }
        if self.model.is_some() {
            sql += " AND coalesce(model, '') = :model";
        }
        sql
    }

    /// Visits the stored figures of whole hours, then those of the rests: `kept` and `scan` make a statement of a
    /// condition. Rests are found through the sessions that did something in their hour, as table `hours` tells.
    pub(super) fn each_hour(
        &self,
        hours: &str,
        (kept, scan): (impl Fn(&str) -> String, impl Fn(&str) -> String),
        mut visit: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let sessions = self.sessions();
        let (first, end) = self.span.whole_hours();
        let last = if self.span.to_ms == i64::MAX { i64::MAX } else { end };
        let whole_hours = Span { from_ms: first, to_ms: last };
        self.each(&kept(&format!("{sessions} AND hour >= :from AND hour < :to")), whole_hours, &mut visit)?;
        let rows = format!(
            "{sessions} AND session_row_id IN (SELECT session_row_id FROM {hours} WHERE hour = :first_hour)
             AND timestamp_ms >= :from AND timestamp_ms < :to"
        );
        for rest in self.span.rests() {
            self.each(&scan(&rows), rest, &mut visit)?;
        }
        Ok(())
    }

    /// Visits rows by their time in `column`: `scan` makes a statement of a condition. They are found through the
    /// sessions that did something in the hours of the span, as table `hours` tells where there is one.
    pub(super) fn each_row(
        &self,
        hours: Option<&str>,
        column: &str,
        scan: impl Fn(&str) -> String,
        mut visit: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let sessions = self.sessions();
        let is_all_time = self.span.from_ms == i64::MIN && self.span.to_ms == i64::MAX;
        let in_time =
            if is_all_time { String::new() } else { format!(" AND {column} >= :from AND {column} < :to") };
        let in_hours = match hours {
            Some(hours) if !is_all_time && self.session_id.is_none() => format!(
                " AND session_row_id IN
                  (SELECT session_row_id FROM {hours} WHERE hour BETWEEN :first_hour AND :last_hour)"
            ),
            _ => String::new(),
        };
        self.each(&scan(&format!("{sessions}{in_time}{in_hours}")), self.span, &mut visit)
    }

    fn each(
        &self,
        sql: &str,
        span: Span,
        visit: &mut impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let mut statement = self.connection.prepare_cached(sql)?;
        self.bind(&mut statement, span)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            visit(row)?;
        }
        Ok(())
    }

    fn bind(&self, statement: &mut CachedStatement<'_>, span: Span) -> rusqlite::Result<()> {
        bind(statement, ":session", self.session_id)?;
        bind(statement, ":projects", self.projects.as_deref())?;
        bind(statement, ":model", self.model)?;
        bind(statement, ":first_hour", Some(hour_of(span.from_ms)))?;
        bind(statement, ":last_hour", Some(hour_of(span.to_ms)))?;
        bind(statement, ":from", Some(span.from_ms))?;
        bind(statement, ":to", Some(span.to_ms))
    }
}

/// Reads one row by its row id, or nothing.
pub(super) fn row_of<T>(
    connection: &Connection,
    sql: &str,
    row_id: i64,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>> {
    use rusqlite::OptionalExtension;
    connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.query_row([row_id], read).optional())
        .attempt(|| format!("read what row {row_id} is called"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rests(from_ms: i64, to_ms: i64) -> Vec<(i64, i64)> {
        Span { from_ms, to_ms }.rests().into_iter().map(|rest| (rest.from_ms, rest.to_ms)).collect()
    }

    #[test]
    fn a_span_is_whole_hours_and_a_rest_at_either_end() {
        const H: i64 = HOUR_MS;
        for (span, hours, left) in [
            ((0, 2 * H), (0, 2), vec![]),
            ((1, 2 * H), (1, 2), vec![(1, H)]),
            ((0, 2 * H + 5), (0, 2), vec![(2 * H, 2 * H + 5)]),
            ((H - 1, H + 1), (1, 1), vec![(H - 1, H), (H, H + 1)]),
            ((5, 9), (1, 0), vec![(5, 9)]),
            ((-H - 1, -1), (-1, -1), vec![(-H - 1, -H), (-H, -1)]),
            ((9, 5), (1, 0), vec![]),
        ] {
            assert_eq!(Span { from_ms: span.0, to_ms: span.1 }.whole_hours(), hours, "{span:?}");
            assert_eq!(rests(span.0, span.1), left, "{span:?}");
        }
        assert_eq!(rests(i64::MIN, i64::MAX), []);
        assert_eq!(rests(i64::MIN, 5), [(0, 5)]);
        assert_eq!(rests(5, i64::MAX), [(5, H)]);
    }
}
