//! Activity by day and by hour of the day.

use super::after::{Cutoff, Tokens, date_of};
use crate::transaction::Activity;
use han_base::{Result, Timestamp};
use std::collections::{BTreeMap, HashSet};

/// What happened after a moment. Messages are those of the assistant; nothing that stands in several sessions counts
/// twice, and tokens are those of the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct ActivityAggregates {
    /// By day (UTC), ascending; days without anything are left out.
    pub daily_activity: Vec<DailyActivityRow>,
    /// By hour of the day (UTC), ascending; hours without messages are left out.
    pub hourly_activity: Vec<HourlyActivityRow>,
    /// Tokens read anew.
    pub total_input_tokens: i64,
    /// Tokens written by models.
    pub total_output_tokens: i64,
    /// Tokens read from the cache.
    pub total_cache_read_tokens: i64,
    /// Messages.
    pub total_messages: i64,
    /// Sessions with messages.
    pub total_sessions: i64,
}

/// Activity of a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct DailyActivityRow {
    /// `YYYY-MM-DD` (UTC).
    pub date: String,
    /// Messages.
    pub message_count: i64,
    /// Sessions with messages.
    pub session_count: i64,
    /// Tokens read anew.
    pub input_tokens: i64,
    /// Tokens written by models.
    pub output_tokens: i64,
    /// Tokens read from the cache.
    pub cache_read_tokens: i64,
    /// Lines that edits added.
    pub lines_added: i64,
    /// Lines that edits removed.
    pub lines_removed: i64,
    /// Files that messages changed, each once per message.
    pub files_changed: i64,
}

/// Activity of an hour of the day, over all days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct HourlyActivityRow {
    /// 0 to 23 (UTC).
    pub hour: i64,
    /// Messages.
    pub message_count: i64,
    /// Sessions with messages.
    pub session_count: i64,
}

/// Sums of a day.
#[derive(Default)]
struct Day {
    messages: i64,
    sessions: HashSet<i64>,
    tokens: Tokens,
    lines_added: i64,
    lines_removed: i64,
    files_changed: i64,
}

impl<A> Activity<'_, A> {
    /// What happened after `cutoff`.
    pub fn aggregates(&self, cutoff: Timestamp) -> Result<ActivityAggregates> {
        let mut days: BTreeMap<i64, Day> = BTreeMap::new();
        let mut hours: BTreeMap<i64, (i64, HashSet<i64>)> = BTreeMap::new();
        let mut sessions: HashSet<i64> = HashSet::new();
        Cutoff::new(cutoff).each_hour(self.connection, |hour| {
            let day = days.entry(hour.hour.div_euclid(24)).or_default();
            day.tokens.add(hour.tokens);
            if hour.assistants == 0 {
                return;
            }
            day.messages += hour.assistants;
            day.sessions.insert(hour.session_row);
            day.lines_added += hour.lines_added;
            day.lines_removed += hour.lines_removed;
            day.files_changed += hour.files_changed;
            let of_day = hours.entry(hour.hour.rem_euclid(24)).or_default();
            of_day.0 += hour.assistants;
            of_day.1.insert(hour.session_row);
            sessions.insert(hour.session_row);
        })?;
        let mut total = Tokens::default();
        for day in days.values() {
            total.add(day.tokens);
        }
        Ok(ActivityAggregates {
            total_messages: days.values().map(|day| day.messages).sum(),
            total_input_tokens: total.input,
            total_output_tokens: total.output,
            total_cache_read_tokens: total.cache_read,
            total_sessions: sessions.len() as i64,
            daily_activity: days.iter().filter_map(|(day, sums)| daily_row(*day, sums)).collect(),
            hourly_activity: hours
                .into_iter()
                .map(|(hour, (messages, sessions))| HourlyActivityRow {
                    hour,
                    message_count: messages,
                    session_count: sessions.len() as i64,
                })
                .collect(),
        })
    }
}

/// The row of a day; none where neither a message nor a token falls on it.
fn daily_row(day: i64, sums: &Day) -> Option<DailyActivityRow> {
    let Tokens { input, output, cache_read } = sums.tokens;
    (sums.messages > 0 || input + output + cache_read > 0).then(|| DailyActivityRow {
        date: date_of(day * 24),
        message_count: sums.messages,
        session_count: sums.sessions.len() as i64,
        input_tokens: input,
        output_tokens: output,
        cache_read_tokens: cache_read,
        lines_added: sums.lines_added,
        lines_removed: sums.lines_removed,
        files_changed: sums.files_changed,
    })
}
