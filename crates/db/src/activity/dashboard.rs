//! The figures of a dashboard: tools, agents, tokens, sessions, compactions, sentiment, hooks.

use super::after::{Cutoff, Tokens, date_of};
use crate::{error::Attempt, transaction::Activity};
use han_base::{Result, Timestamp};
use rusqlite::{OptionalExtension, Row, params};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
};

/// How many tools a dashboard shows.
const MOST_TOOLS: usize = 20;

/// Characters of a prompt that stands for a summary.
const SUMMARY_CHARACTERS: usize = 200;

/// What happened after a moment, from all sides. Tokens are those of the ledger: each reply once. Totals count nothing
/// twice that stands in several sessions; the rows of sessions count what the session shows.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct DashboardAggregates {
    /// The 20 tools that were called most, most calls first.
    pub tool_usage: Vec<ToolUsageRow>,
    /// Kinds of agents that were started, most first.
    pub subagent_usage: Vec<SubagentUsageRow>,
    /// Tokens read anew.
    pub total_input_tokens: i64,
    /// Tokens written by models.
    pub total_output_tokens: i64,
    /// Tokens read from the cache.
    pub total_cache_read_tokens: i64,
    /// Sessions with messages of the assistant.
    pub total_sessions: i64,
    /// Messages of the assistant.
    pub total_messages: i64,
    /// By day (UTC), ascending.
    pub daily_costs: Vec<DailyCostRow>,
    /// By session, the one that began last first.
    pub session_stats: Vec<SessionStatsRow>,
    /// Compactions.
    pub total_compactions: i64,
    /// Sessions with compactions.
    pub total_compaction_sessions: i64,
    /// Compactions by session, most first.
    pub session_compactions: Vec<SessionCompactionRow>,
    /// The mean sentiment of sessions that have one, in the order of `sessionStats`.
    pub session_sentiments: Vec<SessionSentimentRow>,
    /// Runs of hooks by name, most runs first.
    pub hook_health: Vec<HookHealthRow>,
}

/// Calls of a tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct ToolUsageRow {
    /// The tool.
    pub tool_name: String,
    /// Calls.
    pub count: i64,
}

/// Agents of one kind that were started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct SubagentUsageRow {
    /// The kind.
    pub subagent_type: String,
    /// How many.
    pub count: i64,
}

/// Tokens of a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct DailyCostRow {
    /// `YYYY-MM-DD` (UTC).
    pub date: String,
    /// Tokens read anew.
    pub input_tokens: i64,
    /// Tokens written by models.
    pub output_tokens: i64,
    /// Tokens read from the cache.
    pub cache_read_tokens: i64,
    /// Sessions with messages of the assistant.
    pub session_count: i64,
}

/// Figures of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct SessionStatsRow {
    /// The session.
    pub session_id: String,
    /// Its name in words.
    pub slug: Option<String>,
    /// The summary that a model wrote, else the beginning of the first prompt.
    pub summary: Option<String>,
    /// Tokens read anew.
    pub input_tokens: i64,
    /// Tokens written by models.
    pub output_tokens: i64,
    /// Tokens read from the cache.
    pub cache_read_tokens: i64,
    /// Rows of type user; results of tools are among them.
    pub turn_count: i64,
    /// Different tools that were called.
    pub unique_tools: i64,
    /// Time of the first row after the cutoff, RFC 3339.
    pub started_at: Option<String>,
    /// All rows.
    pub message_count: i64,
}

/// Compactions of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct SessionCompactionRow {
    /// The session.
    pub session_id: String,
    /// How many.
    pub compaction_count: i64,
}

/// The sentiment of a session.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct SessionSentimentRow {
    /// The session.
    pub session_id: String,
    /// Mean over its rows with a sentiment, -5 to 5.
    pub avg_sentiment: f64,
}

/// Runs of a hook.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct HookHealthRow {
    /// The hook.
    pub hook_name: String,
    /// Runs.
    pub total_runs: i64,
    /// Runs that passed.
    pub pass_count: i64,
    /// The others.
    pub fail_count: i64,
    /// Mean duration in milliseconds.
    pub avg_duration_ms: f64,
}

/// Sums of a session.
#[derive(Default)]
struct SessionSums {
    rows: i64,
    users: i64,
    assistants: i64,
    tokens: Tokens,
    sentiment_count: i64,
    sentiment_sum: i64,
    tools: i64,
}

/// Sums of calls.
#[derive(Default)]
struct ToolSums {
    tools: HashMap<String, i64>,
    subagents: HashMap<String, i64>,
    /// Different tools by session.
    unique: HashMap<i64, i64>,
}

impl<A> Activity<'_, A> {
    /// What happened after `cutoff`, from all sides.
    pub fn dashboard(&self, cutoff: Timestamp) -> Result<DashboardAggregates> {
        let cutoff = Cutoff::new(cutoff);
        let mut days: BTreeMap<i64, (Tokens, HashSet<i64>)> = BTreeMap::new();
        let mut sessions: HashMap<i64, SessionSums> = HashMap::new();
        cutoff.each_hour(self.connection, |hour| {
            let day = days.entry(hour.hour.div_euclid(24)).or_default();
            day.0.add(hour.tokens);
            if hour.assistants > 0 {
                day.1.insert(hour.session_row);
            }
            let sums = sessions.entry(hour.session_row).or_default();
            sums.rows += hour.rows;
            sums.users += hour.users;
            sums.assistants += hour.assistants;
            sums.tokens.add(hour.tokens);
            sums.sentiment_count += hour.sentiment_count;
            sums.sentiment_sum += hour.sentiment_sum;
        })?;
        let calls = self.calls(cutoff)?;
        for (session_row, tools) in calls.unique {
            sessions.entry(session_row).or_default().tools = tools;
        }
        let mut total = Tokens::default();
        for day in days.values() {
            total.add(day.0);
        }
        let (session_stats, session_sentiments) = self.sessions(cutoff, &sessions)?;
        let session_compactions = self.compactions(cutoff)?;
        Ok(DashboardAggregates {
            tool_usage: most_first(calls.tools, MOST_TOOLS, |tool_name, count| ToolUsageRow {
                tool_name,
                count,
            }),
            subagent_usage: most_first(calls.subagents, usize::MAX, |subagent_type, count| {
                SubagentUsageRow { subagent_type, count }
            }),
            total_input_tokens: total.input,
            total_output_tokens: total.output,
            total_cache_read_tokens: total.cache_read,
            total_sessions: sessions.values().filter(|sums| sums.assistants > 0).count() as i64,
            total_messages: sessions.values().map(|sums| sums.assistants).sum(),
            daily_costs: days
                .into_iter()
                .filter_map(|(day, (tokens, sessions))| daily_cost(day, tokens, &sessions))
                .collect(),
            session_stats,
            total_compactions: session_compactions.iter().map(|row| row.compaction_count).sum(),
            total_compaction_sessions: session_compactions.len() as i64,
            session_compactions,
            session_sentiments,
            hook_health: self.hook_health(cutoff)?,
        })
    }

    fn calls(&self, cutoff: Cutoff) -> Result<ToolSums> {
        let mut sums = ToolSums::default();
        // Tools by a number, so that a pair of session and tool is cheap to look up.
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut counted: Vec<i64> = Vec::new();
        let mut seen: HashSet<(i64, usize)> = HashSet::new();
        cutoff.each_tool(self.connection, |hour| {
            let number = if let Some(number) = numbers.get(hour.name) {
                *number
            } else {
                numbers.insert(hour.name.to_owned(), counted.len());
                counted.push(0);
                counted.len() - 1
            };
            counted[number] += hour.counted_calls;
            if hour.calls > 0 && seen.insert((hour.session_row, number)) {
                *sums.unique.entry(hour.session_row).or_default() += 1;
            }
            if !hour.subagent_type.is_empty() && hour.counted_calls > 0 {
                if let Some(count) = sums.subagents.get_mut(hour.subagent_type) {
                    *count += hour.counted_calls;
                } else {
                    sums.subagents.insert(hour.subagent_type.to_owned(), hour.counted_calls);
                }
            }
        })?;
        sums.tools = numbers
            .into_iter()
            .map(|(name, number)| (name, counted[number]))
            .filter(|(_, count)| *count > 0)
            .collect();
        Ok(sums)
    }

    /// The rows of sessions, and their sentiments.
    fn sessions(
        &self,
        cutoff: Cutoff,
        sessions: &HashMap<i64, SessionSums>,
    ) -> Result<(Vec<SessionStatsRow>, Vec<SessionSentimentRow>)> {
        let attempt = || "read the sessions of a dashboard".to_owned();
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT sessions.row_id, id, slug, first_prompt, first_message_at_ms, summary_text FROM sessions
                 LEFT JOIN (SELECT session_row_id, summary_text FROM generated_summaries)
                   ON session_row_id = sessions.row_id
                 WHERE last_message_at_ms > ?1",
            )
            .attempt(attempt)?;
        let mut found: Vec<(i64, SessionStatsRow, Option<f64>)> = Vec::with_capacity(sessions.len());
        let mut rows = statement.query([cutoff.timestamp_ms]).attempt(attempt)?;
        while let Some(row) = rows.next().attempt(attempt)? {
            let session_row: i64 = row.get(0).attempt(attempt)?;
            let Some(sums) = sessions.get(&session_row).filter(|sums| sums.rows > 0) else { continue };
            let (mut stats, mut started_at_ms) = session_stats(row, sums).attempt(attempt)?;
            if started_at_ms <= cutoff.timestamp_ms {
                started_at_ms = self.first_after(session_row, cutoff)?.unwrap_or(started_at_ms);
            }
            if stats.summary.is_none() {
                stats.summary = self.first_words_after(session_row, cutoff)?;
            }
            stats.started_at = Some(Timestamp::from_millis(started_at_ms).to_string());
            let sentiment = (sums.sentiment_count > 0)
                .then(|| sums.sentiment_sum as f64 / 1_000_000.0 / sums.sentiment_count as f64);
            found.push((started_at_ms, stats, sentiment));
        }
        found.sort_unstable_by(|left, right| {
            (right.0, &left.1.session_id).cmp(&(left.0, &right.1.session_id))
        });
        let sentiments = found
            .iter()
            .filter_map(|(_, stats, sentiment)| {
                let session_id = stats.session_id.clone();
                sentiment.map(|avg_sentiment| SessionSentimentRow { session_id, avg_sentiment })
            })
            .collect();
        Ok((found.into_iter().map(|session| session.1).collect(), sentiments))
    }

    /// Time of a session's first row after the cutoff.
    fn first_after(&self, session_row: i64, cutoff: Cutoff) -> Result<Option<i64>> {
        self.connection
            .prepare_cached(
                "SELECT timestamp_ms FROM messages WHERE session_row_id = ?1 AND timestamp_ms > ?2
                 ORDER BY timestamp_ms LIMIT 1",
            )
            .and_then(|mut statement| {
                statement.query_row(params![session_row, cutoff.timestamp_ms], |row| row.get(0)).optional()
            })
            .attempt(|| format!("find the first row of session row {session_row}"))
    }

    /// The beginning of the first words of a user after the cutoff, of a session that callers gave: those with transcripts
    /// know their first prompt, if there is one.
    fn first_words_after(&self, session_row: i64, cutoff: Cutoff) -> Result<Option<String>> {
        self.connection
            .prepare_cached(
                "SELECT substr(content, 1, ?3) FROM messages
                 WHERE session_row_id = ?1 AND timestamp_ms > ?2 AND message_type = 'user'
                   AND content IS NOT NULL AND content <> ''
                   AND NOT EXISTS (SELECT 1 FROM session_files WHERE session_files.session_row_id = ?1)
                 ORDER BY timestamp_ms, row_id LIMIT 1",
            )
            .and_then(|mut statement| {
                statement
                    .query_row(params![session_row, cutoff.timestamp_ms, SUMMARY_CHARACTERS as i64], |row| {
                        row.get(0)
                    })
                    .optional()
            })
            .attempt(|| format!("find the first words of session row {session_row}"))
    }

    fn compactions(&self, cutoff: Cutoff) -> Result<Vec<SessionCompactionRow>> {
        self.connection
            .prepare_cached(
                "SELECT id, number FROM (
                   SELECT session_row_id, count(*) AS number FROM compactions
                   WHERE timestamp_ms > ?1 AND NOT is_repeat GROUP BY session_row_id)
                 JOIN sessions ON sessions.row_id = session_row_id ORDER BY number DESC, id",
            )
            .and_then(|mut statement| {
                let rows = statement.query_map([cutoff.timestamp_ms], |row| {
                    Ok(SessionCompactionRow { session_id: row.get(0)?, compaction_count: row.get(1)? })
                })?;
                rows.collect()
            })
            .attempt(|| "count compactions".into())
    }

    fn hook_health(&self, cutoff: Cutoff) -> Result<Vec<HookHealthRow>> {
        self.connection
            .prepare_cached(
                "SELECT hook_name, count(*) AS runs, sum(passed), avg(duration_ms) FROM hook_executions
                 WHERE executed_at_ms > ?1 GROUP BY hook_name ORDER BY runs DESC, hook_name",
            )
            .and_then(|mut statement| {
                let rows = statement.query_map([cutoff.timestamp_ms], |row| {
                    let (total_runs, pass_count): (i64, i64) = (row.get(1)?, row.get(2)?);
                    Ok(HookHealthRow {
                        hook_name: row.get(0)?,
                        total_runs,
                        pass_count,
                        fail_count: total_runs - pass_count,
                        avg_duration_ms: row.get(3)?,
                    })
                })?;
                rows.collect()
            })
            .attempt(|| "count runs of hooks".into())
    }
}

/// The row of a session without the time of its beginning, and the time of its first row.
fn session_stats(row: &Row<'_>, sums: &SessionSums) -> rusqlite::Result<(SessionStatsRow, i64)> {
    let summary: Option<String> = row.get(5)?;
    let stats = SessionStatsRow {
        session_id: row.get(1)?,
        slug: row.get(2)?,
        summary: match summary {
            Some(summary) => Some(summary),
            None => row.get(3)?,
        },
        input_tokens: sums.tokens.input,
        output_tokens: sums.tokens.output,
        cache_read_tokens: sums.tokens.cache_read,
        turn_count: sums.users,
        unique_tools: sums.tools,
        started_at: None,
        message_count: sums.rows,
    };
    Ok((stats, row.get(4)?))
}

/// The row of a day; none where neither a message nor a token falls on it.
fn daily_cost(day: i64, tokens: Tokens, sessions: &HashSet<i64>) -> Option<DailyCostRow> {
    let Tokens { input, output, cache_read } = tokens;
    (!sessions.is_empty() || input + output + cache_read > 0).then(|| DailyCostRow {
        date: date_of(day * 24),
        input_tokens: input,
        output_tokens: output,
        cache_read_tokens: cache_read,
        session_count: sessions.len() as i64,
    })
}

/// The names with the largest counts as rows, equal counts by name.
fn most_first<R>(counts: HashMap<String, i64>, limit: usize, row: impl Fn(String, i64) -> R) -> Vec<R> {
    let mut counts: Vec<(String, i64)> = counts.into_iter().collect();
    counts.sort_unstable_by(|left, right| (Reverse(left.1), &left.0).cmp(&(Reverse(right.1), &right.0)));
    counts.into_iter().take(limit).map(|(name, count)| row(name, count)).collect()
}
