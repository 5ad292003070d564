-- The tables of the program that came before, as it makes them in a new file.

CREATE TABLE han_metadata (
  key TEXT PRIMARY KEY, value TEXT NOT NULL, updated_at TEXT NOT NULL DEFAULT (datetime('now'))
);
CREATE TABLE repos (
  id TEXT PRIMARY KEY, remote TEXT NOT NULL UNIQUE, name TEXT NOT NULL, default_branch TEXT,
  created_at TEXT NOT NULL DEFAULT (datetime('now')), updated_at TEXT NOT NULL DEFAULT (datetime('now'))
);
CREATE TABLE projects (
  id TEXT PRIMARY KEY, repo_id TEXT REFERENCES repos (id), slug TEXT NOT NULL UNIQUE, path TEXT NOT NULL,
  relative_path TEXT, name TEXT NOT NULL, is_worktree INTEGER NOT NULL DEFAULT 0, source_config_dir TEXT,
  created_at TEXT NOT NULL DEFAULT (datetime('now')), updated_at TEXT NOT NULL DEFAULT (datetime('now'))
);
CREATE TABLE sessions (
  id TEXT PRIMARY KEY, project_id TEXT REFERENCES projects (id), status TEXT NOT NULL DEFAULT 'active', slug TEXT,
  transcript_path TEXT, source_config_dir TEXT, last_indexed_line INTEGER DEFAULT 0
);
CREATE INDEX sessions_by_project ON sessions (project_id);
CREATE TABLE session_files (
  id TEXT PRIMARY KEY, session_id TEXT NOT NULL REFERENCES sessions (id), file_type TEXT NOT NULL,
  file_path TEXT NOT NULL UNIQUE, agent_id TEXT, last_indexed_line INTEGER DEFAULT 0, last_indexed_at TEXT,
  created_at TEXT NOT NULL DEFAULT (datetime('now'))
);
CREATE TABLE session_summaries (
  id TEXT PRIMARY KEY, session_id TEXT NOT NULL UNIQUE REFERENCES sessions (id), message_id TEXT NOT NULL, content TEXT,
  raw_json TEXT, timestamp TEXT NOT NULL, line_number INTEGER NOT NULL, indexed_at TEXT NOT NULL DEFAULT (datetime('now'))
);
CREATE TABLE session_compacts (
  id TEXT PRIMARY KEY, session_id TEXT NOT NULL UNIQUE REFERENCES sessions (id), message_id TEXT NOT NULL, content TEXT,
  raw_json TEXT, timestamp TEXT NOT NULL, line_number INTEGER NOT NULL, compact_type TEXT,
  indexed_at TEXT NOT NULL DEFAULT (datetime('now'))
);
CREATE TABLE messages (
  id TEXT PRIMARY KEY, session_id TEXT NOT NULL REFERENCES sessions (id), agent_id TEXT, parent_id TEXT,
  message_type TEXT NOT NULL, role TEXT, content TEXT, tool_name TEXT, tool_input TEXT, tool_result TEXT, raw_json TEXT,
  timestamp TEXT NOT NULL, line_number INTEGER NOT NULL, source_file_name TEXT, source_file_type TEXT,
  sentiment_score REAL, sentiment_level TEXT, frustration_score REAL, frustration_level TEXT, input_tokens INTEGER,
  output_tokens INTEGER, cache_read_tokens INTEGER, cache_creation_tokens INTEGER, lines_added INTEGER,
  lines_removed INTEGER, files_changed INTEGER, indexed_at TEXT NOT NULL DEFAULT (datetime('now'))
);
CREATE INDEX messages_by_session ON messages (session_id, timestamp);
CREATE TABLE tasks (
  id TEXT PRIMARY KEY, session_id TEXT REFERENCES sessions (id), task_id TEXT NOT NULL UNIQUE, description TEXT NOT NULL,
  task_type TEXT NOT NULL, outcome TEXT, confidence REAL, notes TEXT, files_modified TEXT, tests_added INTEGER,
  started_at TEXT NOT NULL DEFAULT (datetime('now')), completed_at TEXT
);
CREATE TABLE orchestrations (
  id TEXT PRIMARY KEY, session_id TEXT REFERENCES sessions (id), hook_type TEXT NOT NULL, project_root TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'pending', total_hooks INTEGER DEFAULT 0, completed_hooks INTEGER DEFAULT 0,
  failed_hooks INTEGER DEFAULT 0, deferred_hooks INTEGER DEFAULT 0,
  created_at TEXT NOT NULL DEFAULT (datetime('now')), completed_at TEXT
);
CREATE TABLE hook_executions (
  id TEXT PRIMARY KEY, orchestration_id TEXT REFERENCES orchestrations (id) ON DELETE SET NULL,
  session_id TEXT REFERENCES sessions (id), task_id TEXT, hook_type TEXT NOT NULL, hook_name TEXT NOT NULL,
  hook_source TEXT, directory TEXT, duration_ms INTEGER NOT NULL, exit_code INTEGER NOT NULL,
  passed INTEGER NOT NULL DEFAULT 1, output TEXT, error TEXT, if_changed TEXT, command TEXT,
  executed_at TEXT NOT NULL DEFAULT (datetime('now')), status TEXT DEFAULT 'completed',
  consecutive_failures INTEGER DEFAULT 0, max_attempts INTEGER DEFAULT 3, pid INTEGER, plugin_root TEXT
);
CREATE TABLE pending_hooks (
  id TEXT PRIMARY KEY, orchestration_id TEXT NOT NULL REFERENCES orchestrations (id) ON DELETE CASCADE,
  plugin TEXT NOT NULL, hook_name TEXT NOT NULL, directory TEXT NOT NULL, if_changed TEXT, command TEXT NOT NULL,
  queued_at TEXT NOT NULL DEFAULT (datetime('now'))
);
CREATE TABLE frustration_events (
  id TEXT PRIMARY KEY, session_id TEXT REFERENCES sessions (id), task_id TEXT, frustration_level TEXT NOT NULL,
  frustration_score REAL NOT NULL, user_message TEXT NOT NULL, detected_signals TEXT, context TEXT,
  recorded_at TEXT NOT NULL DEFAULT (datetime('now'))
);
CREATE TABLE session_file_changes (
  id TEXT PRIMARY KEY, session_id TEXT NOT NULL REFERENCES sessions (id), file_path TEXT NOT NULL, action TEXT NOT NULL,
  file_hash_before TEXT, file_hash_after TEXT, tool_name TEXT, agent_id TEXT,
  recorded_at TEXT NOT NULL DEFAULT (datetime('now')), UNIQUE (session_id, file_path, recorded_at)
);
CREATE TABLE session_file_validations (
  id TEXT PRIMARY KEY, session_id TEXT NOT NULL REFERENCES sessions (id), file_path TEXT NOT NULL,
  file_hash TEXT NOT NULL, plugin_name TEXT NOT NULL, hook_name TEXT NOT NULL, directory TEXT NOT NULL,
  command_hash TEXT NOT NULL, validated_at TEXT NOT NULL DEFAULT (datetime('now')),
  UNIQUE (session_id, file_path, plugin_name, hook_name, directory)
);
CREATE TABLE session_todos (
  id TEXT PRIMARY KEY, session_id TEXT NOT NULL UNIQUE REFERENCES sessions (id), message_id TEXT NOT NULL,
  todos_json TEXT NOT NULL, timestamp TEXT NOT NULL, line_number INTEGER NOT NULL,
  indexed_at TEXT NOT NULL DEFAULT (datetime('now'))
);
CREATE TABLE native_tasks (
  id TEXT PRIMARY KEY, session_id TEXT NOT NULL REFERENCES sessions (id), message_id TEXT NOT NULL, subject TEXT NOT NULL,
  description TEXT, status TEXT NOT NULL DEFAULT 'pending', active_form TEXT, owner TEXT, blocks TEXT, blocked_by TEXT,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, completed_at TEXT, line_number INTEGER NOT NULL,
  UNIQUE (session_id, id)
);
CREATE TABLE generated_session_summaries (
  id TEXT PRIMARY KEY, session_id TEXT NOT NULL UNIQUE REFERENCES sessions (id), summary_text TEXT NOT NULL,
  topics TEXT NOT NULL, files_modified TEXT, tools_used TEXT, outcome TEXT, message_count INTEGER,
  duration_seconds INTEGER, created_at TEXT NOT NULL DEFAULT (datetime('now')),
  updated_at TEXT NOT NULL DEFAULT (datetime('now'))
);
CREATE TABLE config_dirs (
  id TEXT PRIMARY KEY, path TEXT NOT NULL UNIQUE, name TEXT, registered_at TEXT NOT NULL DEFAULT (datetime('now')),
  last_indexed_at TEXT, session_count INTEGER DEFAULT 0, is_default INTEGER DEFAULT 0
);
CREATE TABLE async_hook_queue (
  id TEXT PRIMARY KEY, session_id TEXT NOT NULL REFERENCES sessions (id), cwd TEXT NOT NULL, plugin TEXT NOT NULL,
  hook_name TEXT NOT NULL, file_paths TEXT NOT NULL, command TEXT NOT NULL, status TEXT NOT NULL DEFAULT 'pending',
  created_at TEXT NOT NULL DEFAULT (datetime('now')), started_at TEXT, completed_at TEXT, result TEXT, error TEXT
);

CREATE VIEW sessions_with_timestamps AS
  SELECT sessions.*, min(timestamp) AS started_at, max(timestamp) AS ended_at, count(messages.id) AS message_count
  FROM sessions LEFT JOIN messages ON messages.session_id = sessions.id GROUP BY sessions.id;

CREATE VIRTUAL TABLE messages_fts USING fts5 (id, content, content = 'messages', content_rowid = 'rowid');
CREATE TRIGGER messages_ai AFTER INSERT ON messages BEGIN
  INSERT INTO messages_fts (rowid, id, content) VALUES (new.rowid, new.id, new.content);
END;
CREATE TRIGGER messages_ad AFTER DELETE ON messages BEGIN
  INSERT INTO messages_fts (messages_fts, rowid, id, content) VALUES ('delete', old.rowid, old.id, old.content);
END;
CREATE TRIGGER messages_au AFTER UPDATE ON messages BEGIN
  INSERT INTO messages_fts (messages_fts, rowid, id, content) VALUES ('delete', old.rowid, old.id, old.content);
  INSERT INTO messages_fts (rowid, id, content) VALUES (new.rowid, new.id, new.content);
END;
CREATE VIRTUAL TABLE generated_session_summaries_fts USING fts5 (
  id, summary_text, topics, content = 'generated_session_summaries', content_rowid = 'rowid'
);
CREATE TRIGGER generated_session_summaries_ai AFTER INSERT ON generated_session_summaries BEGIN
  INSERT INTO generated_session_summaries_fts (rowid, id, summary_text, topics)
  VALUES (new.rowid, new.id, new.summary_text, new.topics);
END;
INSERT INTO han_metadata (key, value) VALUES ('data_version', '4'), ('needs_reindex', 'false'), ('color', 'green');
