-- Whatever SQLite lets in: no constraint, no type.

CREATE TABLE han_metadata (key, value);
INSERT INTO han_metadata VALUES ('data_version', 3), (NULL, 'x'), (7, x'FF'), ('needs_reindex', NULL);
CREATE TABLE sessions (id, project_id, status, slug, transcript_path, last_indexed_line);
INSERT INTO sessions VALUES ('s', 'nowhere', NULL, 5, x'2F70', 'many'), ('s', NULL, 1.5, NULL, NULL, 1e300),
  (x'73', NULL, 'active', NULL, NULL, -4), (NULL, NULL, 'active', NULL, NULL, NULL), (7, NULL, '', '', '', 3);
CREATE TABLE messages (id, session_id, message_type, role, content, timestamp, line_number, indexed_at, tool_input,
  sentiment_score, input_tokens, lines_added, source_file_name);
INSERT INTO messages VALUES
  ('m', 's', 'user', 'user', 'first', '2026-03-01T12:00:00Z', 0, '2026-03-01 12:00:01', NULL, 9e999, 9e18, 9223372036854775807, NULL),
  ('m', 's', 'assistant', 'assistant', 'second', 'soon', 'x', '2026-03-01 12:00:02', NULL, 9e999, -9e18, 9223372036854775807, NULL),
  (NULL, x'73', NULL, 3, x'68FF69', x'00', NULL, 'never', x'7B7D', 'sad', 'few', NULL, NULL),
  (x'6D', 7, 12, 'tool', 99, 1772366400, 2.9, NULL, 1.5, '1.5', '12', '3', 4),
  ('late', NULL, 'user', 'user', 'nobody''s', 9e18, 9e18, -9e18, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE tasks (id, task_id, session_id, description, task_type, files_modified, started_at, completed_at, confidence);
INSERT INTO tasks VALUES ('t', 'x', 7, 1, 2, 'a.rs, b.rs', 'soon', 'later', 'high'), ('t', 'x', 's', 'd', 't', '[1,null]', '2026-03-01', '', 0.5),
  (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (NULL, NULL, 'gone', NULL, NULL, '{', NULL, NULL, NULL);
CREATE TABLE session_summaries (session_id, message_id, timestamp);
INSERT INTO session_summaries VALUES (NULL, 'a', '2026-03-01'), (NULL, 'b', '2026-03-02'), ('s', NULL, NULL);
CREATE TABLE native_tasks (id, session_id, subject, blocks);
INSERT INTO native_tasks VALUES ('1', 's', 'a', 'x'), ('1', 's', 'b', '[2]'), (1, 7, 'c', NULL);
CREATE TABLE config_dirs (id, path, is_default);
INSERT INTO config_dirs VALUES (1, '/a', 0), (2, '/b', 'yes'), (3, '/c', 1), (4, '/d', 1), (5, '/d', 1);
CREATE TABLE generated_session_summaries (session_id, summary_text, topics);
INSERT INTO generated_session_summaries VALUES ('s', 'text', 'no list'), (7, NULL, NULL), (NULL, 'x', '["a",{}]');
CREATE TABLE hook_executions (id, orchestration_id, session_id, hook_name, hook_source, directory, duration_ms, exit_code, passed, max_attempts);
INSERT INTO hook_executions VALUES (1, 'r', 's', 'h', 'p', '/', 'long', NULL, 'no', 'x'), (1, x'72', NULL, NULL, NULL, NULL, 1e30, '1', 'false', 9);
CREATE TABLE pending_hooks (id, orchestration_id, if_changed);
INSERT INTO pending_hooks VALUES (1, 'r', 5), (1, NULL, NULL), (2, x'72', '[]');
CREATE TABLE extra (kept); INSERT INTO extra VALUES ('mine'); CREATE INDEX extra_index ON extra (kept);
