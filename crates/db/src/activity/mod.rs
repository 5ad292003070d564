//! Figures over time: what dashboards show.
//!
//! They are made of sums by hour that every writer keeps, so that they cost the same however many messages there are, and
//! of the rows of the one hour that the cutoff falls into, so that they are exact at any moment.

mod after;
mod aggregates;
mod calls;
mod dashboard;
mod hours;
mod repeats;
mod span;
mod usage;

pub use aggregates::{ActivityAggregates, DailyActivityRow, HourlyActivityRow};
pub use calls::{CallFigures, ToolFigures, TouchedFile};
pub use dashboard::{
    DailyCostRow, DashboardAggregates, HookHealthRow, SessionCompactionRow, SessionSentimentRow,
    SessionStatsRow, SubagentUsageRow, ToolUsageRow,
};
pub(crate) use hours::{Hours, RowFigures, UsageFigures, clear, miscounted, rebuild};
pub(crate) use repeats::{Repeated, hand_over_repeats};
pub use span::UsageFilter;
pub use usage::{ModelUsage, TokenUsage, UsageGroup, UsageKey, UsageLabel};
