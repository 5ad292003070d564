-- The first version of the store. Never edited after release; changes come as further files.
-- Times are milliseconds since 1970 (UTC) in columns named *_at_ms. Rows refer to each other by row_id; the
-- ids that callers see are text in columns named id.

CREATE TABLE metadata (
  key           TEXT PRIMARY KEY,
  value         TEXT NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE repos (
  row_id         INTEGER PRIMARY KEY,
  id             TEXT NOT NULL UNIQUE,
  remote         TEXT NOT NULL UNIQUE,
  name           TEXT NOT NULL,
  default_branch TEXT,
  created_at_ms  INTEGER NOT NULL,
  updated_at_ms  INTEGER NOT NULL
) STRICT;

CREATE TABLE projects (
  row_id            INTEGER PRIMARY KEY,
  id                TEXT NOT NULL UNIQUE,
  repo_row_id       INTEGER REFERENCES repos (row_id),
  slug              TEXT NOT NULL UNIQUE,
  path              TEXT NOT NULL,
  relative_path     TEXT,
  name              TEXT NOT NULL,
  is_worktree       INTEGER NOT NULL DEFAULT 0,
  source_config_dir TEXT,
  created_at_ms     INTEGER NOT NULL,
  updated_at_ms     INTEGER NOT NULL,
  repo_checked_at_ms INTEGER                        -- when its repository was last looked for and not found
) STRICT;
CREATE INDEX projects_by_path ON projects (path);
CREATE INDEX projects_by_repo ON projects (repo_row_id);

-- The counters are kept by every writer of messages and equal a count over its rows.
CREATE TABLE sessions (
  row_id              INTEGER PRIMARY KEY,
  id                  TEXT NOT NULL UNIQUE,
  project_row_id      INTEGER REFERENCES projects (row_id),
  status              TEXT NOT NULL DEFAULT 'active',
  slug                TEXT,
  title               TEXT,
  title_rank          INTEGER NOT NULL DEFAULT 0,    -- 3 given by the user, 2 by the agent, 1 a summary
  title_at_ms         INTEGER NOT NULL DEFAULT 0,    -- of one rank the newest stays, in whatever order files are read
  first_prompt        TEXT,
  transcript_path     TEXT,
  source_config_dir   TEXT,
  message_count       INTEGER NOT NULL DEFAULT 0,    -- rows of type user and assistant
  row_count           INTEGER NOT NULL DEFAULT 0,    -- all rows
  first_message_at_ms INTEGER,
  last_message_at_ms  INTEGER
) STRICT;
CREATE INDEX sessions_by_activity ON sessions (last_message_at_ms, row_id);
CREATE INDEX sessions_by_project ON sessions (project_row_id, last_message_at_ms);

-- One row per source file: how far it is indexed, and how to notice that it is not what it was.
CREATE TABLE session_files (
  row_id             INTEGER PRIMARY KEY,
  session_row_id     INTEGER NOT NULL REFERENCES sessions (row_id),
  file_type          TEXT NOT NULL,                  -- main, agent, han_events
  file_path          TEXT NOT NULL UNIQUE,
  agent_id           TEXT,
  byte_offset        INTEGER NOT NULL DEFAULT 0,     -- bytes before it are indexed
  line_count         INTEGER NOT NULL DEFAULT 0,     -- physical lines before byte_offset
  size               INTEGER NOT NULL DEFAULT 0,     -- of the file when it was last looked at
  modified_at_ns     INTEGER NOT NULL DEFAULT 0,
  device             INTEGER NOT NULL DEFAULT 0,
  inode              INTEGER NOT NULL DEFAULT 0,
  head_hash          INTEGER NOT NULL DEFAULT 0,     -- XXH3 of the first bytes, up to 4 KiB, that are indexed
  tail_hash          INTEGER NOT NULL DEFAULT 0,     -- XXH3 of the last bytes, up to 4 KiB, before byte_offset
  last_timestamp_ms  INTEGER,
  is_missing         INTEGER NOT NULL DEFAULT 0,
  last_indexed_at_ms INTEGER,
  -- What of it is to be booked again from raw_blocks, since another file that told the same was rewritten: 0 nothing,
  -- 1 its replies, 2 all that it tells, 3 all, after what it booked was removed.
  rebooking          INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX session_files_to_rebook ON session_files (rebooking) WHERE rebooking > 0;
CREATE INDEX session_files_by_session ON session_files (session_row_id);
CREATE INDEX session_files_missing ON session_files (session_row_id) WHERE is_missing = 1;

-- The bytes of the source files, compressed (zstd): every byte before byte_offset of session_files, in order,
-- whether a line was understood or not.
CREATE TABLE raw_blocks (
  row_id              INTEGER PRIMARY KEY,
  session_file_row_id INTEGER NOT NULL REFERENCES session_files (row_id) ON DELETE CASCADE,
  byte_offset         INTEGER NOT NULL,
  byte_length         INTEGER NOT NULL,
  hash                INTEGER NOT NULL,              -- XXH3 of the uncompressed bytes
  data                BLOB NOT NULL,
  UNIQUE (session_file_row_id, byte_offset)
) STRICT;

CREATE TABLE broken_lines (
  session_file_row_id INTEGER NOT NULL REFERENCES session_files (row_id) ON DELETE CASCADE,
  byte_offset         INTEGER NOT NULL,
  byte_length         INTEGER NOT NULL,
  line_number         INTEGER NOT NULL,
  reason              TEXT NOT NULL,                 -- a LINE_* code
  PRIMARY KEY (session_file_row_id, byte_offset)
) STRICT, WITHOUT ROWID;

-- One row per message and session: a message that was copied into another session stands there too.
CREATE TABLE messages (
  row_id                INTEGER PRIMARY KEY,
  session_row_id        INTEGER NOT NULL REFERENCES sessions (row_id),
  id                    ANY NOT NULL,                -- a canonical UUID as its 16 bytes, any other id as text
  timestamp_ms          INTEGER NOT NULL,
  message_type          TEXT NOT NULL,
  role                  TEXT,
  speaker               TEXT,                        -- who really speaks: user, assistant, tool, system, summary
  agent_id              TEXT,
  parent_id             TEXT,
  tool_name             TEXT,
  line_number           INTEGER NOT NULL,
  session_file_row_id   INTEGER REFERENCES session_files (row_id),
  byte_offset           INTEGER,                     -- where the line stands in its file, and in raw_blocks
  byte_length           INTEGER,
  is_repeat             INTEGER NOT NULL DEFAULT 0,  -- another session held the message before, and counts it
  tool_input_offset     INTEGER,                     -- where a tool's input stands in the line, of messages from files
  tool_input_length     INTEGER,
  source_file_name      TEXT,
  source_file_type      TEXT,
  sentiment_score       REAL,
  sentiment_level       TEXT,
  frustration_score     REAL,
  frustration_level     TEXT,
  input_tokens          INTEGER,
  output_tokens         INTEGER,
  cache_read_tokens     INTEGER,
  cache_creation_tokens INTEGER,
  lines_added           INTEGER,
  lines_removed         INTEGER,
  files_changed         INTEGER,
  indexed_at_ms         INTEGER NOT NULL,
  -- What may be long stands last, so that the columns before it are read without it.
  content               TEXT,
  tool_input_text       TEXT,                        -- the words in the tool's input, for search
  tool_input            TEXT,                        -- of messages given by callers
  tool_result           TEXT,                        -- of messages given by callers
  raw_json              TEXT,                        -- of messages given by callers
  UNIQUE (id, session_row_id)
) STRICT;
CREATE INDEX messages_by_session ON messages (session_row_id, timestamp_ms);
CREATE INDEX messages_by_file ON messages (session_file_row_id) WHERE session_file_row_id IS NOT NULL;

-- The text that search looks at; messages without text are not in it.
CREATE VIEW message_texts AS
  SELECT row_id, content, coalesce(tool_input_text, tool_input) AS tool_input
  FROM messages
  WHERE content IS NOT NULL OR tool_input_text IS NOT NULL OR tool_input IS NOT NULL;

CREATE VIRTUAL TABLE messages_fts USING fts5 (
  content, tool_input,
  content = 'message_texts', content_rowid = 'row_id', tokenize = 'han'
);
INSERT INTO messages_fts (messages_fts, rank) VALUES ('rank', 'bm25(1.0, 0.5)');

-- Rows of messages whose text a bulk run has yet to bring into the search index. A run that was killed leaves them to
-- the next one.
CREATE TABLE unindexed_rows (
  first_row_id  INTEGER PRIMARY KEY,
  last_row_id   INTEGER NOT NULL,
  owner         TEXT NOT NULL                        -- the run that will
) STRICT;

-- The token ledger: one row per reply of the model, however many lines and files repeat it, with its largest usage.
CREATE TABLE replies (
  row_id                INTEGER PRIMARY KEY,
  message_id            TEXT NOT NULL,               -- the model's id of the reply
  request_id            TEXT NOT NULL,               -- '' where the line has none
  session_row_id        INTEGER NOT NULL REFERENCES sessions (row_id),
  session_file_row_id   INTEGER REFERENCES session_files (row_id),  -- the file that was read first
  agent_id              TEXT,
  model                 TEXT,
  timestamp_ms          INTEGER NOT NULL,
  input_tokens          INTEGER NOT NULL,
  output_tokens         INTEGER NOT NULL,
  cache_read_tokens     INTEGER NOT NULL,
  cache_creation_tokens INTEGER NOT NULL,            -- for five minutes and for one hour
  cache_hour_tokens     INTEGER NOT NULL DEFAULT 0,  -- those of them for one hour
  web_search_requests   INTEGER NOT NULL DEFAULT 0,
  web_fetch_requests    INTEGER NOT NULL DEFAULT 0,
  usage_file_row_id     INTEGER REFERENCES session_files (row_id),  -- the file whose line told the usage
  byte_offset           INTEGER,                     -- that line
  rule                  TEXT,                        -- how the usage was read from it
  UNIQUE (message_id, request_id)
) STRICT;
CREATE INDEX replies_by_session ON replies (session_row_id, timestamp_ms);
CREATE INDEX replies_by_file ON replies (session_file_row_id);
CREATE INDEX replies_by_usage_file ON replies (usage_file_row_id);

-- The files beside session_file_row_id that tell a reply too: they book it when that file does not any more.
CREATE TABLE reply_files (
  reply_row_id        INTEGER NOT NULL REFERENCES replies (row_id) ON DELETE CASCADE,
  session_file_row_id INTEGER NOT NULL REFERENCES session_files (row_id) ON DELETE CASCADE,
  PRIMARY KEY (reply_row_id, session_file_row_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX reply_files_by_file ON reply_files (session_file_row_id);

-- The calls of tools, each with its result: one row per call and session, as for messages.
CREATE TABLE tool_calls (
  row_id              INTEGER PRIMARY KEY,
  id                  TEXT NOT NULL,                 -- the model's id of the call
  session_row_id      INTEGER NOT NULL REFERENCES sessions (row_id),
  message_id          ANY,                           -- the message that calls, as in messages; none when it is unknown
  result_message_id   ANY,                           -- the message that holds the result
  agent_id            TEXT,
  name                TEXT,                          -- the tool; none while only the result is known
  subagent_type       TEXT,                          -- of calls that start an agent
  file_paths          TEXT,                          -- JSON array of texts
  is_error            INTEGER,                       -- none while there is no result
  action              TEXT,                          -- of calls that edit a file: created, modified
  files_changed       INTEGER,                       -- 0 when the call failed, or its message edits the file before
  lines_added         INTEGER,
  lines_removed       INTEGER,
  started_at_ms       INTEGER NOT NULL,
  ended_at_ms         INTEGER,
  is_repeat           INTEGER NOT NULL DEFAULT 0,    -- another session held the call before, and counts it
  session_file_row_id INTEGER REFERENCES session_files (row_id),
  input_offset        INTEGER,                       -- where the input stands in its file, and in raw_blocks
  input_length        INTEGER,
  result_file_row_id  INTEGER REFERENCES session_files (row_id),
  result_offset       INTEGER,                       -- where the result stands in its file, and in raw_blocks
  result_length       INTEGER,
  input               TEXT,                          -- of messages given by callers
  result              TEXT,                          -- of messages given by callers
  UNIQUE (id, session_row_id)
) STRICT;
CREATE INDEX tool_calls_by_session ON tool_calls (session_row_id, started_at_ms);
CREATE INDEX tool_calls_by_name ON tool_calls (name, started_at_ms);
CREATE INDEX tool_calls_by_file ON tool_calls (session_file_row_id) WHERE session_file_row_id IS NOT NULL;
CREATE INDEX tool_calls_by_result_file ON tool_calls (result_file_row_id) WHERE result_file_row_id IS NOT NULL;

-- Compactions: a session goes on from a summary of what was said.
CREATE TABLE compactions (
  row_id              INTEGER PRIMARY KEY,
  session_row_id      INTEGER NOT NULL REFERENCES sessions (row_id),
  session_file_row_id INTEGER REFERENCES session_files (row_id),
  message_id          TEXT NOT NULL,                 -- the boundary, or the summary where there is none
  compact_type        TEXT,                          -- auto_compact, compact, continuation
  timestamp_ms        INTEGER NOT NULL,
  tokens_before       INTEGER,
  tokens_after        INTEGER,
  is_repeat           INTEGER NOT NULL DEFAULT 0,    -- another session held the compaction before, and counts it
  UNIQUE (message_id, session_row_id)
) STRICT;
CREATE INDEX compactions_by_time ON compactions (timestamp_ms);
CREATE INDEX compactions_by_session ON compactions (session_row_id);
CREATE INDEX compactions_by_file ON compactions (session_file_row_id) WHERE session_file_row_id IS NOT NULL;

-- Pull requests that sessions made.
CREATE TABLE pull_requests (
  row_id              INTEGER PRIMARY KEY,
  session_row_id      INTEGER NOT NULL REFERENCES sessions (row_id),
  session_file_row_id INTEGER REFERENCES session_files (row_id),
  url                 TEXT NOT NULL,
  number              INTEGER,
  repository          TEXT,                          -- owner/name
  timestamp_ms        INTEGER NOT NULL,
  UNIQUE (session_row_id, url)
) STRICT;
CREATE INDEX pull_requests_by_file ON pull_requests (session_file_row_id) WHERE session_file_row_id IS NOT NULL;

-- Figures by hour (UTC) and session: what dashboards are made of. Kept by every writer, and equal to a scan of the rows
-- whose time falls into the hour. Rows that another session counts (is_repeat) are left out where it says so.
CREATE TABLE activity_hours (
  hour                  INTEGER NOT NULL,            -- hours since 1970
  session_row_id        INTEGER NOT NULL REFERENCES sessions (row_id),
  row_count             INTEGER NOT NULL DEFAULT 0,  -- all rows
  user_count            INTEGER NOT NULL DEFAULT 0,  -- all rows of type user
  sentiment_count       INTEGER NOT NULL DEFAULT 0,  -- all rows with a sentiment
  sentiment_sum         INTEGER NOT NULL DEFAULT 0,  -- millionths, so that no order of adding matters
  assistant_count       INTEGER NOT NULL DEFAULT 0,  -- rows of type assistant that no other session counts
  lines_added           INTEGER NOT NULL DEFAULT 0,  -- of those
  lines_removed         INTEGER NOT NULL DEFAULT 0,
  files_changed         INTEGER NOT NULL DEFAULT 0,
  input_tokens          INTEGER NOT NULL DEFAULT 0,  -- of the replies that the session booked
  output_tokens         INTEGER NOT NULL DEFAULT 0,
  cache_read_tokens     INTEGER NOT NULL DEFAULT 0,
  cache_creation_tokens INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (hour, session_row_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX activity_hours_by_session ON activity_hours (session_row_id);

-- How many rows of each type a session has.
CREATE TABLE type_counts (
  session_row_id INTEGER NOT NULL REFERENCES sessions (row_id),
  message_type   TEXT NOT NULL,
  row_count      INTEGER NOT NULL,
  PRIMARY KEY (session_row_id, message_type)
) STRICT, WITHOUT ROWID;

CREATE TABLE model_hours (
  hour                  INTEGER NOT NULL,
  session_row_id        INTEGER NOT NULL REFERENCES sessions (row_id),
  model                 TEXT NOT NULL,               -- '' where a line does not tell
  reply_count           INTEGER NOT NULL,
  input_tokens          INTEGER NOT NULL,
  output_tokens         INTEGER NOT NULL,
  cache_read_tokens     INTEGER NOT NULL,
  cache_creation_tokens INTEGER NOT NULL,
  cache_hour_tokens     INTEGER NOT NULL,
  web_search_requests   INTEGER NOT NULL,
  web_fetch_requests    INTEGER NOT NULL,
  PRIMARY KEY (hour, session_row_id, model)
) STRICT, WITHOUT ROWID;
CREATE INDEX model_hours_by_session ON model_hours (session_row_id);

CREATE TABLE tool_hours (
  hour           INTEGER NOT NULL,
  session_row_id INTEGER NOT NULL REFERENCES sessions (row_id),
  name           TEXT NOT NULL,
  subagent_type  TEXT NOT NULL,                      -- '' for calls that start no agent
  call_count     INTEGER NOT NULL,                   -- all calls
  counted_calls  INTEGER NOT NULL,                   -- those that no other session counts
  PRIMARY KEY (hour, session_row_id, name, subagent_type)
) STRICT, WITHOUT ROWID;
CREATE INDEX tool_hours_by_session ON tool_hours (session_row_id);
