-- What is known about work besides its transcripts: configuration folders, tasks, hooks, file changes and
-- summaries.

-- For lists by name.
CREATE INDEX repos_by_name ON repos (name);
CREATE INDEX projects_by_name ON projects (name);
CREATE INDEX projects_by_repo_and_name ON projects (repo_row_id, name) WHERE repo_row_id IS NOT NULL;

CREATE TABLE config_dirs (
  row_id             INTEGER PRIMARY KEY,
  id                 TEXT NOT NULL UNIQUE,
  path               TEXT NOT NULL UNIQUE,
  name               TEXT,
  is_default         INTEGER NOT NULL DEFAULT 0,
  registered_at_ms   INTEGER NOT NULL,
  last_indexed_at_ms INTEGER
) STRICT;
CREATE UNIQUE INDEX config_dirs_default ON config_dirs (is_default) WHERE is_default = 1;  -- one at most
CREATE INDEX sessions_by_config_dir ON sessions (source_config_dir) WHERE source_config_dir IS NOT NULL;

CREATE TABLE tasks (
  row_id               INTEGER PRIMARY KEY,
  id                   TEXT NOT NULL UNIQUE,
  task_id              TEXT NOT NULL UNIQUE,
  session_row_id       INTEGER REFERENCES sessions (row_id),
  description          TEXT NOT NULL,
  task_type            TEXT NOT NULL,
  estimated_complexity TEXT,
  outcome              TEXT,
  confidence           REAL,
  notes                TEXT,
  files_modified       TEXT,                          -- JSON array of texts
  tests_added          INTEGER,
  started_at_ms        INTEGER NOT NULL,
  completed_at_ms      INTEGER
) STRICT;
CREATE INDEX tasks_by_time ON tasks (started_at_ms);
-- Hold all that figures are made of, of the tasks of a period, a type or an outcome.
CREATE INDEX tasks_figures ON tasks (started_at_ms, task_type, outcome, completed_at_ms, confidence);
CREATE INDEX tasks_figures_of_type ON tasks (task_type, started_at_ms, outcome, completed_at_ms, confidence);
CREATE INDEX tasks_figures_of_outcome ON tasks (outcome, started_at_ms, task_type, completed_at_ms, confidence)
  WHERE outcome IS NOT NULL;
CREATE INDEX tasks_by_session ON tasks (session_row_id, started_at_ms) WHERE session_row_id IS NOT NULL;

CREATE TABLE orchestrations (
  row_id          INTEGER PRIMARY KEY,
  id              TEXT NOT NULL UNIQUE,
  session_row_id  INTEGER REFERENCES sessions (row_id),
  hook_type       TEXT NOT NULL,
  project_root    TEXT NOT NULL,
  status          TEXT NOT NULL DEFAULT 'pending',    -- pending, running, completed, failed, cancelled
  total_hooks     INTEGER NOT NULL DEFAULT 0,
  completed_hooks INTEGER NOT NULL DEFAULT 0,
  failed_hooks    INTEGER NOT NULL DEFAULT 0,
  deferred_hooks  INTEGER NOT NULL DEFAULT 0,
  created_at_ms   INTEGER NOT NULL,
  completed_at_ms INTEGER
) STRICT;
CREATE INDEX orchestrations_by_session ON orchestrations (session_row_id, status);

-- Runs of hooks, those that wait to be run as well.
CREATE TABLE hook_executions (
  row_id               INTEGER PRIMARY KEY,
  id                   TEXT NOT NULL UNIQUE,
  orchestration_row_id INTEGER REFERENCES orchestrations (row_id) ON DELETE SET NULL,
  session_row_id       INTEGER REFERENCES sessions (row_id),
  task_id              TEXT,
  hook_type            TEXT NOT NULL,
  hook_name            TEXT NOT NULL,
  hook_source          TEXT,
  directory            TEXT,
  duration_ms          INTEGER NOT NULL,
  exit_code            INTEGER NOT NULL,
  passed               INTEGER NOT NULL,
  output               TEXT,
  error                TEXT,
  if_changed           TEXT,                          -- JSON array of texts
  command              TEXT,
  status               TEXT NOT NULL DEFAULT 'completed',  -- pending, running, completed, failed, cancelled
  pid                  INTEGER,
  plugin_root          TEXT,
  executed_at_ms       INTEGER NOT NULL
) STRICT;
-- Holds all that figures are made of, so that outputs are not read for them.
CREATE INDEX hook_executions_by_time ON hook_executions (executed_at_ms, hook_type, hook_name, passed, duration_ms);
CREATE INDEX hook_executions_by_orchestration ON hook_executions (orchestration_row_id) WHERE orchestration_row_id IS NOT NULL;
CREATE INDEX hook_executions_by_session ON hook_executions (session_row_id) WHERE session_row_id IS NOT NULL;
CREATE INDEX hook_executions_pending ON hook_executions (status) WHERE status = 'pending';
CREATE INDEX hook_executions_unfinished ON hook_executions (session_row_id)
  WHERE status IN ('pending', 'running', 'failed');

-- Failures in a row of one hook in one session and folder. Apart from the runs, so that a new run does not reset them.
CREATE TABLE hook_attempts (
  session_row_id       INTEGER NOT NULL REFERENCES sessions (row_id),
  plugin               TEXT NOT NULL,
  hook_name            TEXT NOT NULL,
  directory            TEXT NOT NULL,
  consecutive_failures INTEGER NOT NULL DEFAULT 0,
  max_attempts         INTEGER NOT NULL DEFAULT 3,
  updated_at_ms        INTEGER NOT NULL,
  PRIMARY KEY (session_row_id, plugin, hook_name, directory)
) STRICT, WITHOUT ROWID;

-- Hooks of an orchestration that wait in its queue.
CREATE TABLE queued_hooks (
  row_id               INTEGER PRIMARY KEY,           -- the order of the queue
  id                   TEXT NOT NULL UNIQUE,
  orchestration_row_id INTEGER NOT NULL REFERENCES orchestrations (row_id) ON DELETE CASCADE,
  plugin               TEXT NOT NULL,
  hook_name            TEXT NOT NULL,
  directory            TEXT NOT NULL,
  if_changed           TEXT,
  command              TEXT NOT NULL,
  queued_at_ms         INTEGER NOT NULL
) STRICT;
CREATE INDEX queued_hooks_by_orchestration ON queued_hooks (orchestration_row_id);

-- Hooks that run beside a session, at most one waiting for each plugin, hook and folder.
CREATE TABLE async_hooks (
  row_id          INTEGER PRIMARY KEY,                -- the order of the queue
  id              TEXT NOT NULL UNIQUE,
  session_row_id  INTEGER NOT NULL REFERENCES sessions (row_id),
  cwd             TEXT NOT NULL,
  plugin          TEXT NOT NULL,
  hook_name       TEXT NOT NULL,
  file_paths      TEXT NOT NULL,                      -- JSON array of texts
  command         TEXT NOT NULL,
  status          TEXT NOT NULL DEFAULT 'pending',    -- pending, running, completed, failed, cancelled
  result          TEXT,
  error           TEXT,
  created_at_ms   INTEGER NOT NULL,
  started_at_ms   INTEGER,
  completed_at_ms INTEGER
) STRICT;
CREATE INDEX async_hooks_by_session ON async_hooks (session_row_id);
CREATE INDEX async_hooks_open ON async_hooks (session_row_id) WHERE status IN ('pending', 'running');

CREATE TABLE frustration_events (
  row_id            INTEGER PRIMARY KEY,
  id                TEXT NOT NULL UNIQUE,
  session_row_id    INTEGER REFERENCES sessions (row_id),
  task_id           TEXT,
  frustration_level TEXT NOT NULL,                    -- low, moderate, high
  frustration_score REAL NOT NULL,
  user_message      TEXT NOT NULL,
  detected_signals  TEXT,                             -- JSON array of texts
  context           TEXT,
  recorded_at_ms    INTEGER NOT NULL
) STRICT;
CREATE INDEX frustration_events_by_session ON frustration_events (session_row_id) WHERE session_row_id IS NOT NULL;
CREATE INDEX frustration_events_by_time ON frustration_events (recorded_at_ms, frustration_level, frustration_score);

CREATE TABLE file_changes (
  row_id           INTEGER PRIMARY KEY,
  id               TEXT NOT NULL UNIQUE,
  session_row_id   INTEGER NOT NULL REFERENCES sessions (row_id),
  file_path        TEXT NOT NULL,
  action           TEXT NOT NULL,                     -- created, modified, deleted
  file_hash_before TEXT,
  file_hash_after  TEXT,
  tool_name        TEXT,
  agent_id         TEXT,
  recorded_at_ms   INTEGER NOT NULL,
  session_file_row_id INTEGER REFERENCES session_files (row_id)  -- of changes that a transcript tells
) STRICT;
CREATE INDEX file_changes_by_source ON file_changes (session_file_row_id) WHERE session_file_row_id IS NOT NULL;
CREATE INDEX file_changes_by_file ON file_changes (session_row_id, file_path);
CREATE INDEX file_changes_by_time ON file_changes (session_row_id, recorded_at_ms);
CREATE INDEX file_changes_by_agent ON file_changes (session_row_id, agent_id, recorded_at_ms)
  WHERE agent_id IS NOT NULL;

CREATE TABLE file_validations (
  row_id          INTEGER PRIMARY KEY,
  id              TEXT NOT NULL UNIQUE,
  session_row_id  INTEGER NOT NULL REFERENCES sessions (row_id),
  file_path       TEXT NOT NULL,
  file_hash       TEXT NOT NULL,
  plugin_name     TEXT NOT NULL,
  hook_name       TEXT NOT NULL,
  directory       TEXT NOT NULL,
  command_hash    TEXT NOT NULL,
  validated_at_ms INTEGER NOT NULL,
  UNIQUE (session_row_id, plugin_name, hook_name, directory, file_path)
) STRICT;
CREATE INDEX file_validations_by_file ON file_validations (session_row_id, file_path);

-- The latest of each session: summary, compaction, list of todos.
CREATE TABLE session_summaries (
  session_row_id INTEGER PRIMARY KEY REFERENCES sessions (row_id),
  message_id     TEXT NOT NULL,
  content        TEXT,
  raw_json       TEXT,
  timestamp_ms   INTEGER NOT NULL,
  line_number    INTEGER NOT NULL,
  indexed_at_ms  INTEGER NOT NULL
) STRICT;

CREATE TABLE session_compacts (
  session_row_id INTEGER PRIMARY KEY REFERENCES sessions (row_id),
  message_id     TEXT NOT NULL,
  content        TEXT,
  raw_json       TEXT,
  compact_type   TEXT,                                -- auto_compact, compact, continuation
  timestamp_ms   INTEGER NOT NULL,
  line_number    INTEGER NOT NULL,
  indexed_at_ms  INTEGER NOT NULL
) STRICT;

CREATE TABLE session_todos (
  session_row_id INTEGER PRIMARY KEY REFERENCES sessions (row_id),
  id             TEXT NOT NULL UNIQUE,
  message_id     TEXT NOT NULL,
  todos_json     TEXT NOT NULL,
  timestamp_ms   INTEGER NOT NULL,
  line_number    INTEGER NOT NULL,
  indexed_at_ms  INTEGER NOT NULL
) STRICT;

-- Tasks that an agent keeps for itself; their ids are unique within a session.
CREATE TABLE native_tasks (
  row_id          INTEGER PRIMARY KEY,
  session_row_id  INTEGER NOT NULL REFERENCES sessions (row_id),
  id              TEXT NOT NULL,
  message_id      TEXT NOT NULL,
  subject         TEXT NOT NULL,
  description     TEXT,
  status          TEXT NOT NULL DEFAULT 'pending',
  active_form     TEXT,
  owner           TEXT,
  blocks          TEXT,                               -- JSON array of ids
  blocked_by      TEXT,                               -- JSON array of ids
  created_at_ms   INTEGER NOT NULL,
  updated_at_ms   INTEGER NOT NULL,
  completed_at_ms INTEGER,
  line_number     INTEGER NOT NULL,
  UNIQUE (session_row_id, id)
) STRICT;
CREATE INDEX native_tasks_by_time ON native_tasks (session_row_id, created_at_ms);

CREATE TABLE generated_summaries (
  row_id           INTEGER PRIMARY KEY,
  id               TEXT NOT NULL UNIQUE,
  session_row_id   INTEGER NOT NULL UNIQUE REFERENCES sessions (row_id),
  summary_text     TEXT NOT NULL,
  topics           TEXT NOT NULL,                     -- JSON array of texts
  files_modified   TEXT,                              -- JSON array of texts
  tools_used       TEXT,                              -- JSON array of texts
  outcome          TEXT,                              -- completed, partial, abandoned
  message_count    INTEGER,
  duration_seconds INTEGER,
  created_at_ms    INTEGER NOT NULL,
  updated_at_ms    INTEGER NOT NULL
) STRICT;

-- The text that search looks at: topics as words, not as JSON.
CREATE VIEW generated_summary_texts AS
  SELECT row_id, summary_text, (SELECT group_concat(value, char(10)) FROM json_each(topics)) AS topics
  FROM generated_summaries;

CREATE VIRTUAL TABLE generated_summaries_fts USING fts5 (
  summary_text, topics,
  content = 'generated_summary_texts', content_rowid = 'row_id', tokenize = 'han'
);
