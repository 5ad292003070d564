//! Keeping the figures by hour (tables `activity_hours` and `tool_hours`) in step with the rows they are made of.
//!
//! Writers collect what their rows add in [`Hours`] and store it once, so that a batch of thousands of rows costs a few
//! statements. What removes rows counts the session anew instead ([`rebuild`]): both are held equal by a property test.

use crate::error::Attempt;
use han_base::Result;
use rusqlite::{Connection, ToSql, params};
use std::collections::BTreeMap;

/// Milliseconds of an hour.
pub(super) const HOUR_MS: i64 = 60 * 60 * 1000;

/// The hour that a time falls into, counted from 1970.
pub(super) const fn hour_of(timestamp_ms: i64) -> i64 {
    timestamp_ms.div_euclid(HOUR_MS)
}

/// A sentiment as it is added up: in millionths, so that sums do not depend on their order.
fn millionths(score: f64) -> i64 {
    (score * 1_000_000.0).round() as i64
}

/// The same in SQL, of column `sentiment_score`.
const SENTIMENT_MILLIONTHS: &str = "CAST(round(sentiment_score * 1000000) AS INTEGER)";

/// The columns of `activity_hours` behind its key, in the order of [`Figures`].
pub(super) const COLUMNS: [&str; FIGURES] = [
    "row_count",
    "user_count",
    "sentiment_count",
    "sentiment_sum",
    "assistant_count",
    "lines_added",
    "lines_removed",
    "files_changed",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_creation_tokens",
];

const FIGURES: usize = 12;

/// The figures of one hour.
type Figures = [i64; FIGURES];

/// Where the tokens stand in [`Figures`].
const TOKENS: usize = 8;

/// What a row of `messages` adds to its hour.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RowFigures<'a> {
    pub(crate) message_type: &'a str,
    pub(crate) timestamp_ms: i64,
    /// Whether another session counts the message.
    pub(crate) is_repeat: bool,
    pub(crate) sentiment_score: Option<f64>,
    pub(crate) lines_added: Option<i64>,
    pub(crate) lines_removed: Option<i64>,
    pub(crate) files_changed: Option<i64>,
}

impl RowFigures<'_> {
    fn figures(&self) -> Figures {
        let mut figures = [0; FIGURES];
        figures[0] = 1;
        figures[1] = i64::from(self.message_type == "user");
        if let Some(score) = self.sentiment_score {
            figures[2] = 1;
            figures[3] = millionths(score);
        }
        if self.message_type == "assistant" && !self.is_repeat {
            figures[4] = 1;
            figures[5] = self.lines_added.unwrap_or(0);
            figures[6] = self.lines_removed.unwrap_or(0);
            figures[7] = self.files_changed.unwrap_or(0);
        }
        figures
    }
}

/// The columns of `model_hours` behind its key and `reply_count`, in the order of [`UsageFigures`]; they are those of
/// `replies` too.
pub(crate) const USAGE_COLUMNS: [&str; 7] = [
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_creation_tokens",
    "cache_hour_tokens",
    "web_search_requests",
    "web_fetch_requests",
];

/// What a reply used.
pub(crate) type UsageFigures = [i64; USAGE_COLUMNS.len()];

/// What rows of one session add to its hours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hours {
    figures: BTreeMap<i64, Figures>,
    /// Rows by type, whatever their hour.
    types: BTreeMap<String, i64>,
    /// By hour, tool and kind of agent: all calls, and those that no other session counts.
    tools: BTreeMap<(i64, String, String), (i64, i64)>,
    /// By hour and model: replies, and what they used.
    models: BTreeMap<(i64, String), (i64, UsageFigures)>,
}

impl Hours {
    /// Adds a row of `messages`.
    pub(crate) fn add_row(&mut self, row: &RowFigures<'_>) {
        self.add(row.timestamp_ms, &row.figures(), 1);
        self.add_type(row.message_type, 1);
    }

    /// Takes back what [`Hours::add_row`] added.
    pub(crate) fn remove_row(&mut self, row: &RowFigures<'_>) {
        self.add(row.timestamp_ms, &row.figures(), -1);
        self.add_type(row.message_type, -1);
    }

    fn add_type(&mut self, message_type: &str, rows: i64) {
        match self.types.get_mut(message_type) {
            Some(count) => *count += rows,
            None => {
                self.types.insert(message_type.to_owned(), rows);
            }
        }
    }

    /// Adds a reply of a model, or what it turned out to have used more (`replies` is 0 then).
    pub(crate) fn add_reply(&mut self, timestamp_ms: i64, model: &str, replies: i64, usage: &UsageFigures) {
        let mut figures = [0; FIGURES];
        figures[TOKENS..].copy_from_slice(&usage[..FIGURES - TOKENS]);
        self.add(timestamp_ms, &figures, 1);
        let sums = self.models.entry((hour_of(timestamp_ms), model.to_owned())).or_default();
        sums.0 += replies;
        for (sum, figure) in sums.1.iter_mut().zip(usage) {
            *sum += figure;
        }
    }

    /// Adds a call of a tool.
    pub(crate) fn add_call(&mut self, timestamp_ms: i64, name: &str, subagent_type: &str, is_repeat: bool) {
        let key = (hour_of(timestamp_ms), name.to_owned(), subagent_type.to_owned());
        let calls = self.tools.entry(key).or_default();
        calls.0 += 1;
        calls.1 += i64::from(!is_repeat);
    }

    fn add(&mut self, timestamp_ms: i64, figures: &Figures, factor: i64) {
        let sums = self.figures.entry(hour_of(timestamp_ms)).or_default();
        for (sum, figure) in sums.iter_mut().zip(figures) {
            *sum = sum.saturating_add(factor * figure);
        }
    }

    /// Adds what was collected to the stored figures of a session.
    pub(crate) fn store(&self, connection: &Connection, session_row: i64) -> Result<()> {
        let attempt = || format!("keep the figures of session row {session_row}");
        for (hour, figures) in &self.figures {
            if figures.iter().all(|figure| *figure == 0) {
                continue;
            }
            let mut parameters = vec![*hour, session_row];
            parameters.extend(figures);
            let parameters = rusqlite::params_from_iter(parameters);
            change(connection, ADD_FIGURES, INSERT_FIGURES, parameters).attempt(attempt)?;
        }
        for (message_type, rows) in self.types.iter().filter(|(_, rows)| **rows != 0) {
            change(connection, ADD_ROWS, INSERT_ROWS, params![session_row, message_type, rows])
                .attempt(attempt)?;
        }
        for ((hour, model), (replies, usage)) in &self.models {
            let mut parameters: Vec<&dyn ToSql> = vec![hour, &session_row, model, replies];
            parameters.extend(usage.iter().map(|figure| figure as &dyn ToSql));
            change(connection, ADD_USAGE, INSERT_USAGE, parameters.as_slice()).attempt(attempt)?;
        }
        for ((hour, name, subagent_type), (calls, counted)) in &self.tools {
            let parameters = params![hour, session_row, calls, counted, name, subagent_type];
            change(connection, ADD_CALLS, INSERT_CALLS, parameters).attempt(attempt)?;
        }
        Ok(())
    }
}

/// Updates a row, or inserts it where there is none. No upsert: that makes FTS5 write out what it has collected.
fn change(
    connection: &Connection,
    update: &str,
    insert: &str,
    parameters: impl rusqlite::Params + Clone,
) -> rusqlite::Result<()> {
    if connection.prepare_cached(update)?.execute(parameters.clone())? == 0 {
        connection.prepare_cached(insert)?.execute(parameters)?;
    }
    Ok(())
}

const ADD_FIGURES: &str = "UPDATE activity_hours SET row_count = row_count + ?3, user_count = user_count + ?4,
  sentiment_count = sentiment_count + ?5, sentiment_sum = sentiment_sum + ?6, assistant_count = assistant_count + ?7,
  lines_added = lines_added + ?8, lines_removed = lines_removed + ?9, files_changed = files_changed + ?10,
  input_tokens = input_tokens + ?11, output_tokens = output_tokens + ?12, cache_read_tokens = cache_read_tokens + ?13,
  cache_creation_tokens = cache_creation_tokens + ?14
  WHERE hour = ?1 AND session_row_id = ?2";

const INSERT_FIGURES: &str =
    "INSERT INTO activity_hours (hour, session_row_id, row_count, user_count, sentiment_count,
  sentiment_sum, assistant_count, lines_added, lines_removed, files_changed, input_tokens, output_tokens,
  cache_read_tokens, cache_creation_tokens)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";

const ADD_ROWS: &str =
    "UPDATE type_counts SET row_count = row_count + ?3 WHERE session_row_id = ?1 AND message_type = ?2";

const INSERT_ROWS: &str =
    "INSERT INTO type_counts (session_row_id, message_type, row_count) VALUES (?1, ?2, ?3)";

const ADD_USAGE: &str =
    "UPDATE model_hours SET reply_count = reply_count + ?4, input_tokens = input_tokens + ?5,
  output_tokens = output_tokens + ?6, cache_read_tokens = cache_read_tokens + ?7,
  cache_creation_tokens = cache_creation_tokens + ?8, cache_hour_tokens = cache_hour_tokens + ?9,
  web_search_requests = web_search_requests + ?10, web_fetch_requests = web_fetch_requests + ?11
  WHERE hour = ?1 AND session_row_id = ?2 AND model = ?3";

const INSERT_USAGE: &str = "INSERT INTO model_hours (hour, session_row_id, model, reply_count, input_tokens,
  output_tokens, cache_read_tokens, cache_creation_tokens, cache_hour_tokens, web_search_requests, web_fetch_requests)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

const ADD_CALLS: &str =
    "UPDATE tool_hours SET call_count = call_count + ?3, counted_calls = counted_calls + ?4
  WHERE hour = ?1 AND session_row_id = ?2 AND name = ?5 AND subagent_type = ?6";

const INSERT_CALLS: &str =
    "INSERT INTO tool_hours (hour, session_row_id, call_count, counted_calls, name, subagent_type)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

/// The figures as a scan of the rows gives them, for the rows that `messages`, `replies` and `calls` (conditions in
/// SQL) choose: columns `hour`, `session_row_id` and those of [`COLUMNS`]. Hours without anything may be among them.
pub(super) fn scan(messages: &str, replies: &str) -> String {
    format!(
        "SELECT hour, session_row_id, {sums}
         FROM (
           SELECT {hour} AS hour, session_row_id, 1 AS row_count, message_type = 'user' AS user_count,
             sentiment_score IS NOT NULL AS sentiment_count, coalesce({SENTIMENT_MILLIONTHS}, 0) AS sentiment_sum,
             message_type = 'assistant' AND NOT is_repeat AS assistant_count,
             iif(message_type = 'assistant' AND NOT is_repeat, coalesce(lines_added, 0), 0) AS lines_added,
             iif(message_type = 'assistant' AND NOT is_repeat, coalesce(lines_removed, 0), 0) AS lines_removed,
             iif(message_type = 'assistant' AND NOT is_repeat, coalesce(files_changed, 0), 0) AS files_changed,
             0 AS input_tokens, 0 AS output_tokens, 0 AS cache_read_tokens, 0 AS cache_creation_tokens
           FROM messages WHERE {messages}
           UNION ALL
           SELECT {hour}, session_row_id, 0, 0, 0, 0, 0, 0, 0, 0, input_tokens, output_tokens, cache_read_tokens,
             cache_creation_tokens
           FROM replies WHERE {replies})
         GROUP BY hour, session_row_id",
        sums = COLUMNS.map(|column| format!("sum({column}) AS {column}")).join(", "),
        hour = hour_in_sql("timestamp_ms"),
    )
}

/// The calls of tools as a scan of the rows gives them: columns `hour`, `session_row_id`, `name`, `subagent_type`,
/// `call_count` and `counted_calls`.
pub(super) fn scan_calls(calls: &str) -> String {
    format!(
        "SELECT {hour} AS hour, session_row_id, name, coalesce(subagent_type, '') AS subagent_type,
           count(*) AS call_count, sum(NOT is_repeat) AS counted_calls
         FROM tool_calls WHERE name IS NOT NULL AND {calls}
         GROUP BY 1, 2, 3, 4",
        hour = hour_in_sql("started_at_ms"),
    )
}

/// What models used as a scan of the rows gives it: columns `hour`, `session_row_id`, `model`, `reply_count` and
/// [`USAGE_COLUMNS`].
pub(super) fn scan_models(replies: &str) -> String {
    format!(
        "SELECT {hour} AS hour, session_row_id, coalesce(model, '') AS model, count(*) AS reply_count, {sums}
         FROM replies WHERE {replies} GROUP BY 1, 2, 3",
        hour = hour_in_sql("timestamp_ms"),
        sums = USAGE_COLUMNS.map(|column| format!("sum({column}) AS {column}")).join(", "),
    )
}

/// [`hour_of`] in SQL, whose division rounds towards zero.
fn hour_in_sql(column: &str) -> String {
    format!("(({column} - (({column} % {HOUR_MS}) + {HOUR_MS}) % {HOUR_MS}) / {HOUR_MS})")
}

/// A table of figures: its name, its columns, and the scan of the rows that it equals.
struct FigureTable {
    name: &'static str,
    columns: String,
    scan: String,
    /// Which rows of it, or of the scan, tell nothing.
    is_empty: String,
}

/// The tables of figures, over the rows that the condition `rows` (SQL) chooses.
fn tables(rows: &str) -> [FigureTable; 4] {
    [
        FigureTable {
            name: "type_counts",
            columns: "session_row_id, message_type, row_count".into(),
            scan: format!(
                "SELECT session_row_id, message_type, count(*) AS row_count FROM messages WHERE {rows} GROUP BY 1, 2"
            ),
            is_empty: "row_count = 0".into(),
        },
        FigureTable {
            name: "activity_hours",
            columns: format!("hour, session_row_id, {}", COLUMNS.join(", ")),
            scan: scan(rows, rows),
            is_empty: COLUMNS.map(|column| format!("{column} = 0")).join(" AND "),
        },
        FigureTable {
            name: "model_hours",
            columns: format!("hour, session_row_id, model, reply_count, {}", USAGE_COLUMNS.join(", ")),
            scan: scan_models(rows),
            is_empty: "reply_count = 0".into(),
        },
        FigureTable {
            name: "tool_hours",
            columns: "hour, session_row_id, name, subagent_type, call_count, counted_calls".into(),
            scan: scan_calls(rows),
            is_empty: "call_count = 0".into(),
        },
    ]
}

/// Counts the hours of a session anew, after rows were removed or moved.
pub(crate) fn rebuild(connection: &Connection, session_row: i64) -> Result<()> {
    clear(connection, session_row)?;
    for FigureTable { name, columns, scan, .. } in tables("session_row_id = ?1") {
        connection
            .prepare_cached(&format!("INSERT INTO {name} ({columns}) {scan}"))
            .and_then(|mut statement| statement.execute([session_row]))
            .attempt(|| format!("count the hours of session row {session_row}"))?;
    }
    Ok(())
}

/// Removes the figures of a session.
pub(crate) fn clear(connection: &Connection, session_row: i64) -> Result<()> {
    for FigureTable { name, .. } in tables("true") {
        connection
            .prepare_cached(&format!("DELETE FROM {name} WHERE session_row_id = ?1"))
            .and_then(|mut statement| statement.execute([session_row]))
            .attempt(|| format!("remove the figures of session row {session_row}"))?;
    }
    Ok(())
}

/// How many hours of all sessions differ from a scan of the rows. Hours without anything do not count.
pub(crate) fn miscounted(connection: &Connection) -> Result<i64> {
    let mut differences = 0;
    for FigureTable { name, columns, scan, is_empty } in tables("true") {
        let kept = format!("SELECT {columns} FROM {name} WHERE NOT ({is_empty})");
        let scanned = format!("SELECT {columns} FROM ({scan}) WHERE NOT ({is_empty})");
        for (left, right) in [(&kept, &scanned), (&scanned, &kept)] {
            differences += connection
                .query_row(&format!("SELECT count(*) FROM ({left} EXCEPT {right})"), [], |row| {
                    row.get::<_, i64>(0)
                })
                .attempt(|| "compare the figures by hour with their rows".into())?;
        }
    }
    Ok(differences)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_begins_on_the_hour_before_1970_too() {
        let connection = Connection::open_in_memory().unwrap();
        for (timestamp_ms, hour) in
            [(0, 0), (HOUR_MS - 1, 0), (HOUR_MS, 1), (-1, -1), (-HOUR_MS, -1), (-HOUR_MS - 1, -2)]
        {
            assert_eq!(hour_of(timestamp_ms), hour);
            let in_sql: i64 = connection
                .query_row(
                    &format!("SELECT {} FROM (SELECT ?1 AS at)", hour_in_sql("at")),
                    [timestamp_ms],
                    |row| row.get(0),
                )
                .unwrap();
            assert_eq!(in_sql, hour, "{timestamp_ms}");
        }
    }

    #[test]
    fn sentiment_is_rounded_as_sql_rounds_it() {
        let connection = Connection::open_in_memory().unwrap();
        for score in [0.0, 1.25, -3.123_456_5, 4.999_999_9, -0.000_000_4, 2.5e-7, 5.0] {
            let in_sql: i64 = connection
                .query_row(
                    &format!("SELECT {SENTIMENT_MILLIONTHS} FROM (SELECT ?1 AS sentiment_score)"),
                    [score],
                    |row| row.get(0),
                )
                .unwrap();
            assert_eq!(millionths(score), in_sql, "{score}");
        }
    }
}
