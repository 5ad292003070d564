//! Signs of frustration of users.

use crate::{
    error::{self, guard},
    state,
};
use han_db::{FrustrationEvent, FrustrationEventInput, FrustrationMetrics};
use napi_derive::napi;

/// Records a sign of frustration, seen now. An unknown `sessionId` is `DB_CONSTRAINT`.
#[napi]
pub fn record_frustration(db_path: String, input: FrustrationEventInput) -> error::Result<FrustrationEvent> {
    guard(|| state::open(&db_path)?.write(|write| write.frustration().record(&input)))
}

/// Figures of the signs of a period: `day`, `week` (7 days) or `month` (30 days) back from now; anything else is all
/// time. Rates are by `totalTasks`, and 0 where that is not above 0.
#[napi]
pub fn query_frustration_metrics(
    db_path: String,
    period: Option<String>,
    total_tasks: f64,
) -> error::Result<FrustrationMetrics> {
    guard(|| state::open(&db_path)?.read(|read| read.frustration().metrics(period.as_deref(), total_tasks)))
}
