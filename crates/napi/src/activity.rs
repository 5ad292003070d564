//! Figures over time: what dashboards show.

use crate::{
    error::{self, guard},
    state, task,
};
use han_base::{Code, Error, Result, Timestamp};
use han_db::{ActivityAggregates, DashboardAggregates};
use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;

/// What happened after `cutoffDate`, from all sides: tools, agents, tokens, sessions, compactions, sentiment, hooks. Each
/// reply of a model counts once, and nothing twice that stands in several sessions.
///
/// `cutoffDate`: RFC 3339; `YYYY-MM-DD HH:MM:SS` is taken as UTC, and `YYYY-MM-DD` means that day and all after it. What
/// is strictly later counts. Code: `INVALID_TIMESTAMP`.
#[napi]
pub fn query_dashboard_aggregates(
    db_path: String,
    cutoff_date: String,
) -> error::Result<DashboardAggregates> {
    guard(|| dashboard(&db_path, &cutoff_date))
}

/// As `queryDashboardAggregates`, without blocking.
#[napi]
pub fn query_dashboard_aggregates_async(
    env: &Env,
    db_path: String,
    cutoff_date: String,
) -> error::Result<PromiseRaw<'_, DashboardAggregates>> {
    task::blocking(env, move || dashboard(&db_path, &cutoff_date))
}

fn dashboard(db_path: &str, cutoff_date: &str) -> Result<DashboardAggregates> {
    let cutoff = cutoff(cutoff_date)?;
    state::open(db_path)?.read(|read| read.activity().dashboard(cutoff))
}

/// Messages, sessions, tokens and changed lines after `cutoffDate`, by day and by hour of the day (UTC). `cutoffDate` is
/// that of `queryDashboardAggregates`.
#[napi]
pub fn query_activity_aggregates(db_path: String, cutoff_date: String) -> error::Result<ActivityAggregates> {
    guard(|| activity(&db_path, &cutoff_date))
}

/// As `queryActivityAggregates`, without blocking.
#[napi]
pub fn query_activity_aggregates_async(
    env: &Env,
    db_path: String,
    cutoff_date: String,
) -> error::Result<PromiseRaw<'_, ActivityAggregates>> {
    task::blocking(env, move || activity(&db_path, &cutoff_date))
}

fn activity(db_path: &str, cutoff_date: &str) -> Result<ActivityAggregates> {
    let cutoff = cutoff(cutoff_date)?;
    state::open(db_path)?.read(|read| read.activity().aggregates(cutoff))
}

/// The moment that a cutoff names. A day begins with its first millisecond, which is strictly later than the cutoff.
fn cutoff(text: &str) -> Result<Timestamp> {
    if let Some(cutoff) = Timestamp::parse(text) {
        return Ok(cutoff);
    }
    let cutoff = match text.len() {
        10 => Timestamp::parse(&format!("{text}T00:00:00Z"))
            .map(|midnight| Timestamp::from_millis(midnight.as_millis() - 1)),
        _ => text.split_once(' ').and_then(|(date, time)| Timestamp::parse(&format!("{date}T{time}Z"))),
    };
    cutoff.ok_or_else(|| {
        Error::new(Code::InvalidTimestamp, format!("read argument cutoffDate = {text:?} as a time"))
    })
}

#[cfg(test)]
mod tests {
    use super::cutoff;
    use han_base::Code;

    #[test]
    fn a_cutoff_is_a_time_or_a_day() {
        for (text, expected) in [
            ("2026-05-01T12:00:00Z", "2026-05-01T12:00:00.000Z"),
            ("2026-05-01T14:00:00.5+02:00", "2026-05-01T12:00:00.500Z"),
            ("2026-05-01 12:00:00", "2026-05-01T12:00:00.000Z"),
            ("2026-05-01", "2026-04-30T23:59:59.999Z"),
        ] {
            assert_eq!(cutoff(text).unwrap().to_string(), expected, "{text}");
        }
        for text in ["", "yesterday", "2026-13-01", "2026-05-01 noon", "ääääää"] {
            assert_eq!(cutoff(text).unwrap_err().code(), Code::InvalidTimestamp, "{text}");
        }
    }
}
