-- Rows in every table, with times in every form that was written, and references that hold.
-- :n counts from 1; forms of times change with it.

CREATE TEMP TABLE numbers AS WITH RECURSIVE count (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < 10000)
  SELECT n, CASE n % 3
    WHEN 0 THEN strftime('%Y-%m-%dT%H:%M:%S', 1780000000 + n, 'unixepoch') || '.123Z'
    WHEN 1 THEN strftime('%Y-%m-%dT%H:%M:%S', 1780000000 + n, 'unixepoch') || '.123400789+00:00'
    ELSE strftime('%Y-%m-%d %H:%M:%S', 1780000000 + n, 'unixepoch') END AS at FROM count;

INSERT INTO repos SELECT 'repo-' || n, 'git@host:' || n, 'name ' || n, iif(n % 2, 'main', NULL), at, at FROM numbers WHERE n <= 3;
INSERT INTO projects SELECT 'project-' || n, iif(n % 2, 'repo-' || (n % 3 + 1), NULL), '-p-' || n, '/p/' || n,
  iif(n % 2, 'sub', NULL), 'p' || n, n % 2, iif(n % 2, '/config', NULL), at, at FROM numbers WHERE n <= 7;
INSERT INTO sessions SELECT 'session-' || n, iif(n % 4, 'project-' || (n % 7 + 1), NULL), iif(n % 2, 'active', 'completed'),
  iif(n % 2, 'slug-' || n, NULL), '/p/session-' || n || '.jsonl', iif(n % 2, '/config', NULL), n * 10
  FROM numbers WHERE n <= 40;
INSERT INTO session_files SELECT 'file-' || n, 'session-' || n, iif(n % 5, 'main', 'agent'),
  '/p/session-' || n || '.jsonl', iif(n % 5, NULL, 'a' || n), 0, iif(n % 2, at, NULL), at FROM numbers WHERE n <= 30;
INSERT INTO messages SELECT
  iif(n % 2, printf('8d435985-6805-4c80-a2d4-%012x', n), 'evt_' || n), 'session-' || (n % 37 + 1), iif(n % 3, NULL, 'agent'),
  iif(n % 5, NULL, 'parent-' || n), CASE n % 4 WHEN 0 THEN 'user' WHEN 1 THEN 'assistant' WHEN 2 THEN 'han_event' ELSE 'summary' END,
  CASE n % 4 WHEN 0 THEN 'user' WHEN 1 THEN 'assistant' END, iif(n % 11, 'said word' || n || ' getUserName', NULL),
  iif(n % 7, NULL, 'Bash'), iif(n % 7, NULL, '{"command":"input' || n || '"}'), iif(n % 7, NULL, 'result ' || n),
  iif(n % 2, '{"n":' || n || '}', NULL), at, n, iif(n % 2, 'session-' || (n % 37 + 1) || '.jsonl', NULL),
  iif(n % 2, 'main', 'generated'), iif(n % 4, NULL, n / 3000.0), iif(n % 4, NULL, 'neutral'), iif(n % 8, NULL, 2.5),
  iif(n % 8, NULL, 'low'), iif(n % 4 = 1, n, NULL), iif(n % 4 = 1, n * 2, NULL), iif(n % 4 = 1, 3, NULL), iif(n % 4 = 1, 4, NULL),
  iif(n % 4 = 1, n % 9, NULL), iif(n % 4 = 1, n % 3, NULL), iif(n % 4 = 1, 1, NULL), at FROM numbers;
INSERT INTO session_summaries SELECT 'm' || n, 'session-' || n, 'm' || n, 'summary ' || n, '{}', at, n, at FROM numbers WHERE n <= 5;
INSERT INTO session_compacts SELECT 'm' || n, 'session-' || n, 'm' || n, 'compact ' || n, '{}', at, n, 'continuation', at FROM numbers WHERE n <= 5;
INSERT INTO session_todos SELECT 'todo-' || n, 'session-' || n, 'm' || n, '[{"content":"do"}]', at, n, at FROM numbers WHERE n <= 5;
INSERT INTO tasks SELECT 'task-row-' || n, iif(n % 3, 'session-' || n, NULL), 'task-' || n, 'do ' || n, 'refactoring',
  iif(n % 2, 'success', NULL), iif(n % 2, 0.75, NULL), iif(n % 2, 'notes', NULL), iif(n % 2, '["a.rs","b.rs"]', NULL),
  iif(n % 2, n, NULL), at, iif(n % 2, at, NULL) FROM numbers WHERE n <= 9;
INSERT INTO orchestrations SELECT 'run-' || n, iif(n % 3, 'session-' || n, NULL), 'Stop', '/p', iif(n % 2, 'running', 'completed'),
  n, n - 1, 1, 0, at, iif(n % 2, NULL, at) FROM numbers WHERE n <= 6;
INSERT INTO hook_executions SELECT 'hook-' || n, iif(n % 2, 'run-' || (n % 6 + 1), NULL), iif(n % 3, 'session-' || (n % 3), NULL),
  iif(n % 2, 'task-1', NULL), 'Stop', 'lint', iif(n % 5, 'plugin', NULL), iif(n % 5, '/p', NULL), n * 3, n % 2, n % 2 = 0, 'out', NULL,
  iif(n % 2, '["*.ts"]', NULL), 'run lint', at, iif(n % 4, 'completed', 'pending'), n % 3, 3 + n % 2, iif(n % 2, n, NULL),
  iif(n % 2, '/root', NULL) FROM numbers WHERE n <= 25;
INSERT INTO pending_hooks SELECT 'queued-' || n, 'run-' || (n % 6 + 1), 'plugin', 'lint', '/p', iif(n % 2, '["*.ts"]', NULL), 'run', at
  FROM numbers WHERE n <= 8;
INSERT INTO frustration_events SELECT 'f-' || n, iif(n % 2, 'session-' || n, NULL), NULL, 'high', n * 1.5, 'why', iif(n % 2, '["CAPS"]', NULL),
  NULL, at FROM numbers WHERE n <= 4;
INSERT INTO session_file_changes SELECT 'change-' || n, 'session-' || (n % 4 + 1), '/p/' || (n % 5), iif(n % 2, 'created', 'modified'), NULL,
  iif(n % 3, 'hash-' || n, NULL), 'Edit', iif(n % 2, 'agent', NULL), at FROM numbers WHERE n <= 30;
INSERT INTO session_file_validations SELECT 'valid-' || n, 'session-' || (n % 4 + 1), '/p/' || n, 'hash-' || n, 'plugin', 'lint', '/p', 'command', at
  FROM numbers WHERE n <= 12;
INSERT INTO native_tasks SELECT 'n' || n, 'session-' || (n % 4 + 1), 'm' || n, 'subject ' || n, NULL, 'pending', NULL, NULL, iif(n % 2, '["1"]', NULL),
  NULL, at, at, iif(n % 2, at, NULL), n FROM numbers WHERE n <= 6;
INSERT INTO generated_session_summaries SELECT 'g' || n, 'session-' || n, 'text word' || n, '["topic' || n || '","parsing"]', '["a.rs"]', NULL, 'completed', n,
  n * 60, at, at FROM numbers WHERE n <= 5;
INSERT INTO config_dirs SELECT 'dir-' || n, '/config/' || n, iif(n % 2, 'name', NULL), at, iif(n % 2, at, NULL), n, n = 2 FROM numbers WHERE n <= 3;
INSERT INTO async_hook_queue SELECT 'async-' || n, 'session-' || (n % 4 + 1), '/p', 'plugin', 'lint' || n, '["a","b"]', 'run',
  iif(n % 2, 'pending', 'completed'), at, iif(n % 2, NULL, at), iif(n % 2, NULL, at), iif(n % 2, NULL, 'fine'), NULL FROM numbers WHERE n <= 9;
DROP TABLE numbers;
