/** Messages that callers write: the tables of ours, with the tokenizer that SQLite brings along. */

const SCHEMA = `
PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
CREATE TABLE sessions (
  row_id INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, message_count INTEGER NOT NULL DEFAULT 0,
  row_count INTEGER NOT NULL DEFAULT 0, first_message_at_ms INTEGER, last_message_at_ms INTEGER
) STRICT;
CREATE TABLE messages (
  row_id INTEGER PRIMARY KEY, session_row_id INTEGER NOT NULL REFERENCES sessions (row_id), id ANY NOT NULL,
  timestamp_ms INTEGER NOT NULL, message_type TEXT NOT NULL, role TEXT, speaker TEXT, line_number INTEGER NOT NULL,
  input_tokens INTEGER, output_tokens INTEGER, indexed_at_ms INTEGER NOT NULL, content TEXT, tool_input TEXT,
  raw_json TEXT, UNIQUE (id, session_row_id)
) STRICT;
CREATE INDEX messages_by_session ON messages (session_row_id, timestamp_ms);
CREATE VIRTUAL TABLE messages_fts USING fts5 (
  content, tool_input, content = 'messages', content_rowid = 'row_id', tokenize = 'unicode61'
);
INSERT INTO sessions (id) VALUES ('s');`;

const INSERT = `
INSERT INTO messages (session_row_id, id, timestamp_ms, message_type, role, speaker, line_number, input_tokens,
  output_tokens, indexed_at_ms, content, tool_input, raw_json)
VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id, session_row_id) DO UPDATE SET content = coalesce(excluded.content, content)
RETURNING row_id`;

/** Ten thousand messages as callers give them. */
export function messages() {
  const words =
    'the error in function test of file return value session index query writer reader page'.split(' ');
  return Array.from({ length: 10_000 }, (_, number) => {
    const text = Array.from({ length: 40 }, (_, at) => words[(number * 7 + at * at) % words.length]).join(
      ' ',
    );
    const isUser = number % 2 === 0;
    return {
      id: `${number.toString(16).padStart(8, '0')}-1111-4222-8333-444444444444`,
      messageType: isUser ? 'user' : 'assistant',
      role: isUser ? 'user' : 'assistant',
      content: `${text} ${number}`,
      rawJson: JSON.stringify({ type: 'message', text }),
      timestamp: new Date(1_767_225_600_000 + number * 1000).toISOString(),
      lineNumber: number,
      inputTokens: number,
      outputTokens: number * 2,
    };
  });
}

/** Writes them into a new database. */
export function insert(database, list) {
  const message = database.prepare(INSERT);
  const text = database.prepare('INSERT INTO messages_fts (rowid, content, tool_input) VALUES (?, ?, ?)');
  const session =
    database.prepare(`UPDATE sessions SET message_count = message_count + ?, row_count = row_count + ?,
    first_message_at_ms = ?, last_message_at_ms = ? WHERE row_id = 1`);
  database.exec('BEGIN IMMEDIATE');
  const now = Date.now();
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const given of list) {
    const at = Date.parse(given.timestamp);
    first = Math.min(first, at);
    last = Math.max(last, at);
    const { row_id: row } = message.get(
      Buffer.from(given.id.replaceAll('-', ''), 'hex'),
      at,
      given.messageType,
      given.role,
      given.role,
      given.lineNumber,
      given.inputTokens,
      given.outputTokens,
      now,
      given.content,
      null,
      given.rawJson,
    );
    text.run(row, given.content, null);
  }
  session.run(list.length, list.length, first, last);
  database.exec('COMMIT');
  return list.length;
}

export const prepareInserts = (database) => database.exec(SCHEMA);
