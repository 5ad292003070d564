/**
 * The tables of the peer: messages with their text, tokens and verbatim line, sessions, the cursor of each
 * file, and full-text search as external content over the message text.
 */
export const SCHEMA = `
CREATE TABLE messages (
  row INTEGER PRIMARY KEY,
  id TEXT,
  session_id TEXT NOT NULL,
  agent_id TEXT,
  message_type TEXT NOT NULL,
  role TEXT,
  timestamp TEXT,
  line_number INTEGER NOT NULL,
  source_file_name TEXT NOT NULL,
  input_tokens INTEGER,
  output_tokens INTEGER,
  cache_read_tokens INTEGER,
  cache_creation_tokens INTEGER,
  content TEXT,
  raw_json TEXT NOT NULL
);
CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  project_slug TEXT NOT NULL,
  transcript_path TEXT NOT NULL,
  slug TEXT,
  status TEXT NOT NULL,
  started_at TEXT,
  ended_at TEXT
) WITHOUT ROWID;
CREATE TABLE files (
  path TEXT PRIMARY KEY,
  session_id TEXT NOT NULL,
  size INTEGER NOT NULL,
  mtime_ms REAL NOT NULL,
  offset INTEGER NOT NULL,
  lines INTEGER NOT NULL
) WITHOUT ROWID;
CREATE VIRTUAL TABLE messages_fts USING fts5(
  content, content = 'messages', content_rowid = 'row', tokenize = 'unicode61'
);`;

/** Built after the rows of a bulk load; the first also answers counts per session without the rows. */
export const INDEXES = `
CREATE INDEX messages_by_session ON messages (session_id, timestamp, message_type);
CREATE INDEX messages_by_time ON messages (timestamp);
CREATE INDEX messages_by_id ON messages (id);`;

const INSERT_MESSAGE = `
INSERT INTO messages (
  id, session_id, agent_id, message_type, role, timestamp, line_number, source_file_name,
  input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens, content, raw_json
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const UPSERT_SESSION = `
INSERT INTO sessions (id, project_slug, transcript_path, slug, status, started_at, ended_at)
VALUES (?, ?, ?, ?, 'active', ?, ?)
ON CONFLICT (id) DO UPDATE SET
  slug = coalesce(excluded.slug, slug),
  started_at = min(coalesce(started_at, excluded.started_at), coalesce(excluded.started_at, started_at)),
  ended_at = max(coalesce(ended_at, excluded.ended_at), coalesce(excluded.ended_at, ended_at))`;

const UPSERT_FILE = `
INSERT INTO files (path, session_id, size, mtime_ms, offset, lines) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (path) DO UPDATE SET
  size = excluded.size, mtime_ms = excluded.mtime_ms, offset = excluded.offset, lines = excluded.lines`;

/** The settings that every use shares. */
export function configure(database) {
  database.pragma('synchronous = NORMAL');
  database.pragma('cache_size = -65536');
  database.pragma('temp_store = MEMORY');
}

/** The prepared statements of a writer. */
export function prepareWriter(database) {
  return {
    message: database.prepare(INSERT_MESSAGE),
    text: database.prepare('INSERT INTO messages_fts (rowid, content) VALUES (?, ?)'),
    session: database.prepare(UPSERT_SESSION),
    file: database.prepare(UPSERT_FILE),
    cursor: database.prepare('SELECT session_id, offset, lines FROM files WHERE path = ?'),
  };
}
