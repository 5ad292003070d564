/** The figures of dashboards by scanning the rows of a synthetic archive. */

/** Where the archive ends, and the moment 30 days before. */
const END_MS = 1_780_000_000_000;
export const CUTOFF = new Date(END_MS - 30 * 24 * 60 * 60 * 1000);

const DAY = `strftime('%Y-%m-%d', timestamp_ms / 1000, 'unixepoch')`;
const TOKENS = 'sum(input_tokens), sum(output_tokens), sum(cache_read_tokens)';

const ACTIVITY = [
  `SELECT ${DAY}, ${TOKENS} FROM replies WHERE timestamp_ms > ? GROUP BY 1`,
  `SELECT ${DAY}, count(*), count(DISTINCT session_row_id), sum(lines_added), sum(lines_removed), sum(files_changed)
   FROM messages WHERE timestamp_ms > ? AND message_type = 'assistant' AND NOT is_repeat GROUP BY 1`,
  `SELECT strftime('%H', timestamp_ms / 1000, 'unixepoch'), count(*), count(DISTINCT session_row_id)
   FROM messages WHERE timestamp_ms > ? AND message_type = 'assistant' AND NOT is_repeat GROUP BY 1`,
];

const DASHBOARD = [
  ACTIVITY[0],
  `SELECT name, count(*) FROM tool_calls WHERE started_at_ms > ? AND NOT is_repeat GROUP BY 1 ORDER BY 2 DESC LIMIT 20`,
  `SELECT subagent_type, count(*) FROM tool_calls WHERE started_at_ms > ? AND subagent_type IS NOT NULL GROUP BY 1`,
  `SELECT session_row_id, ${TOKENS} FROM replies WHERE timestamp_ms > ? GROUP BY 1`,
  `SELECT session_row_id, count(DISTINCT name) FROM tool_calls WHERE started_at_ms > ? GROUP BY 1`,
  `SELECT session_row_id, count(*), sum(message_type = 'user'), min(timestamp_ms), avg(sentiment_score)
   FROM messages WHERE timestamp_ms > ? GROUP BY 1`,
  `SELECT id, slug, first_prompt FROM sessions WHERE last_message_at_ms > ?`,
];

/** The cases for a connection to the archive: names with functions that answer `{ rows }`. */
export function dashboards(database) {
  const prepare = (statements) => {
    const prepared = statements.map((sql) => database.prepare(sql));
    return () => {
      for (const statement of prepared) statement.all(CUTOFF.getTime());
      return { rows: 1 };
    };
  };
  return { 'dashboard 30 days': prepare(DASHBOARD), 'activity 30 days': prepare(ACTIVITY) };
}
