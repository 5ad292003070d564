/** What the peers select: each the columns of a message under the names of its record. */

/** From our own tables. The id is the text of 16 bytes, as far as SQL makes it. */
const SAME = `
lower(hex(messages.id)) AS id, agent_id AS agentId, parent_id AS parentId, message_type AS messageType, role, speaker,
content, tool_name AS toolName, tool_input AS toolInput, tool_result AS toolResult, timestamp_ms AS timestamp,
line_number AS lineNumber, source_file_name AS sourceFileName, source_file_type AS sourceFileType,
sentiment_score AS sentimentScore, sentiment_level AS sentimentLevel, frustration_score AS frustrationScore,
frustration_level AS frustrationLevel, input_tokens AS inputTokens, output_tokens AS outputTokens,
cache_read_tokens AS cacheReadTokens, cache_creation_tokens AS cacheCreationTokens, lines_added AS linesAdded,
lines_removed AS linesRemoved, files_changed AS filesChanged, indexed_at_ms AS indexedAt`;

/** From the table of the peer. */
const OWN = `
id, session_id AS sessionId, agent_id AS agentId, message_type AS messageType, role, content, timestamp,
line_number AS lineNumber, source_file_name AS sourceFileName, input_tokens AS inputTokens,
output_tokens AS outputTokens, cache_read_tokens AS cacheReadTokens, cache_creation_tokens AS cacheCreationTokens`;

export const same = {
  ids: `SELECT lower(hex(id)) AS id FROM messages WHERE typeof(id) = 'blob' ORDER BY id LIMIT 200`,
  key: (id) => Buffer.from(id, 'hex'),
  get: `SELECT ${SAME} FROM messages WHERE messages.id = ? LIMIT 1`,
  list: `SELECT ${SAME} FROM messages WHERE session_row_id = (SELECT row_id FROM sessions WHERE id = ?)
    ORDER BY timestamp_ms DESC, row_id DESC LIMIT ?`,
  sessions: 'SELECT id FROM sessions',
  counts: `SELECT sessions.id AS id, count(*) AS count FROM messages
    JOIN sessions ON sessions.row_id = messages.session_row_id
    WHERE sessions.id IN (SELECT value FROM json_each(?)) AND message_type IN ('user', 'assistant') GROUP BY sessions.id`,
};

export const own = {
  ids: 'SELECT id FROM messages WHERE length(id) = 36 ORDER BY id LIMIT 200',
  key: (id) => id,
  get: `SELECT ${OWN}, raw_json AS rawJson FROM messages WHERE id = ? LIMIT 1`,
  list: `SELECT ${OWN} FROM messages WHERE session_id = ? ORDER BY timestamp DESC LIMIT ?`,
  raw: `SELECT ${OWN}, raw_json AS rawJson FROM messages WHERE session_id = ? ORDER BY timestamp DESC LIMIT ?`,
};
