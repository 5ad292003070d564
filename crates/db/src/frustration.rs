//! Signs of frustration of users (table `frustration_events`).

use crate::{
    columns::{time, to_json},
    error::Attempt,
    period,
    transaction::{Frustration, Read, ReadWrite},
};
use han_base::{Code, Error, Result, Timestamp, id};
use rusqlite::{OptionalExtension, Row, params};

/// A sign of frustration.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct FrustrationEvent {
    /// Random UUID.
    pub id: Option<String>,
    /// The session that it was seen in.
    pub session_id: Option<String>,
    /// The task that it was seen at.
    pub task_id: Option<String>,
    /// `low`, `moderate` or `high`.
    pub frustration_level: String,
    /// 0 and up.
    pub frustration_score: f64,
    /// What the user wrote.
    pub user_message: String,
    /// What gave it away, in words, as a JSON array.
    pub detected_signals: Option<String>,
    /// Free text.
    pub context: Option<String>,
    /// RFC 3339.
    pub recorded_at: Option<String>,
}

/// What is written of a sign of frustration.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_to_js = false))]
pub struct FrustrationEventInput {
    /// An existing session.
    pub session_id: Option<String>,
    /// The task that it was seen at.
    pub task_id: Option<String>,
    /// `low`, `moderate` or `high`.
    pub frustration_level: String,
    /// 0 and up.
    pub frustration_score: f64,
    /// What the user wrote.
    pub user_message: String,
    /// What gave it away, in words.
    pub detected_signals: Option<Vec<String>>,
    /// Free text.
    pub context: Option<String>,
}

/// Figures of frustration. Significant is what is `moderate` or `high`.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct FrustrationMetrics {
    /// All signs.
    pub total_frustrations: i64,
    /// The significant ones.
    pub significant_frustrations: i64,
    /// All by the number of tasks; 0 without tasks.
    pub frustration_rate: f64,
    /// The significant ones by the number of tasks; 0 without tasks.
    pub significant_frustration_rate: f64,
    /// The sum of the scores of the significant ones.
    pub weighted_score: f64,
    /// A JSON object: level to count.
    pub by_level: Option<String>,
}

const SELECT: &str =
    "SELECT frustration_events.id, sessions.id, task_id, frustration_level, frustration_score,
  user_message, detected_signals, context, recorded_at_ms
  FROM frustration_events LEFT JOIN sessions ON sessions.row_id = session_row_id";

impl FrustrationEvent {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            session_id: row.get(1)?,
            task_id: row.get(2)?,
            frustration_level: row.get(3)?,
            frustration_score: row.get(4)?,
            user_message: row.get(5)?,
            detected_signals: row.get(6)?,
            context: row.get(7)?,
            recorded_at: Some(time(row, 8)?),
        })
    }
}

impl<A> Frustration<'_, A> {
    /// The sign with this id.
    pub fn get(&self, id: &str) -> Result<Option<FrustrationEvent>> {
        self.connection
            .prepare_cached(&format!("{SELECT} WHERE frustration_events.id = ?1"))
            .and_then(|mut statement| statement.query_row([id], FrustrationEvent::from_row).optional())
            .attempt(|| format!("read frustration event {id}"))
    }

    /// Figures of the signs of a period (`day`, `week`, `month`; else all), with rates over so many tasks.
    pub fn metrics(&self, period: Option<&str>, total_tasks: f64) -> Result<FrustrationMetrics> {
        let rate = |count: i64| if total_tasks > 0.0 { count as f64 / total_tasks } else { 0.0 };
        self.connection
            .prepare_cached(
                "WITH levels AS (
                   SELECT frustration_level AS level, count(*) AS number, sum(frustration_score) AS score,
                     frustration_level IN ('moderate', 'high') AS significant
                   FROM frustration_events WHERE recorded_at_ms >= ?1
                   GROUP BY frustration_level ORDER BY frustration_level)
                 SELECT coalesce(sum(number), 0), coalesce(sum(number) FILTER (WHERE significant), 0),
                   coalesce(sum(score) FILTER (WHERE significant), 0.0), json_group_object(level, number) FROM levels",
            )
            .and_then(|mut statement| {
                statement.query_row([period::start_of(period)], |row| {
                    let (total, significant) = (row.get(0)?, row.get(1)?);
                    Ok(FrustrationMetrics {
                        total_frustrations: total,
                        significant_frustrations: significant,
                        frustration_rate: rate(total),
                        significant_frustration_rate: rate(significant),
                        weighted_score: row.get(2)?,
                        by_level: row.get(3)?,
                    })
                })
            })
            .attempt(|| "count frustration events".into())
    }
}

impl Frustration<'_, ReadWrite> {
    /// Records a sign of frustration, seen now. Code: [`Code::DbConstraint`] for an unknown session.
    pub fn record(&self, input: &FrustrationEventInput) -> Result<FrustrationEvent> {
        let id = id::random();
        self.insert(input, &id, Timestamp::now().as_millis())?;
        self.get(&id)?.ok_or_else(|| {
            Error::new(Code::Internal, format!("read frustration event {id} after writing it"))
        })
    }

    /// Records a sign of frustration of a moment (milliseconds since 1970) under an id of the caller; one that is known
    /// already stays as it is. Code: [`Code::DbConstraint`] for an unknown session.
    pub fn record_at(&self, input: &FrustrationEventInput, id: &str, timestamp_ms: i64) -> Result<()> {
        self.insert(input, id, timestamp_ms)
    }

    fn insert(&self, input: &FrustrationEventInput, id: &str, timestamp_ms: i64) -> Result<()> {
        let sessions = Read::new(self.connection).sessions();
        let session_row = input.session_id.as_deref().map(|id| sessions.required_row(id)).transpose()?;
        self.connection
            .prepare_cached(
                "INSERT INTO frustration_events (id, session_row_id, task_id, frustration_level, frustration_score,
                   user_message, detected_signals, context, recorded_at_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (id) DO NOTHING",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    id,
                    session_row,
                    input.task_id,
                    input.frustration_level,
                    input.frustration_score,
                    input.user_message,
                    input.detected_signals.as_deref().map(to_json),
                    input.context,
                    timestamp_ms,
                ])
            })
            .attempt(|| format!("record frustration {}", input.frustration_level))?;
        Ok(())
    }
}
