//! Taking over a file of the program that came before: row by row, whatever is odd about it, and whatever happens
//! meanwhile.

use crate::{
    concurrency::{path_of_process, process_of, wait},
    fixture::{code, said},
};
use han_base::{Code, Timestamp};
use han_db::Database;
use rusqlite::{Connection, types::Value};
use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    sync::Barrier,
    thread,
    time::Duration,
};
use tempfile::TempDir;

const SCHEMA: &str = include_str!("older_schema.sql");
const ROWS: &str = include_str!("older_rows.sql");
const ODD_ROWS: &str = include_str!("older_odd_rows.sql");

/// What the older program writes: with a log that is not empty yet, as a process that was killed leaves it.
fn older_file(statements: &[&str]) -> (TempDir, PathBuf) {
    let made = tempfile::tempdir().unwrap();
    let connection = Connection::open(made.path().join("han.db")).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA foreign_keys = OFF; BEGIN",
        )
        .unwrap();
    for statement in statements {
        connection.execute_batch(statement).unwrap();
    }
    connection.execute_batch("COMMIT").unwrap();
    let folder = tempfile::tempdir().unwrap();
    for name in ["han.db", "han.db-wal"] {
        fs::copy(made.path().join(name), folder.path().join(name)).unwrap();
    }
    let path = folder.path().join("han.db");
    (folder, path)
}

/// The same file as before, apart from the one that is taken over.
fn copy_of(folder: &TempDir) -> (TempDir, Connection) {
    let copy = tempfile::tempdir().unwrap();
    for name in ["han.db", "han.db-wal"] {
        fs::copy(folder.path().join(name), copy.path().join(name)).unwrap();
    }
    let connection = Connection::open(copy.path().join("han.db")).unwrap();
    (copy, connection)
}

fn rows(connection: &Connection, sql: &str) -> Vec<Vec<Value>> {
    let mut statement = connection.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| (0..columns).map(|column| row.get(column)).collect()).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

fn number(connection: &Connection, sql: &str) -> i64 {
    connection.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// What must hold for every file that was taken over.
fn assert_taken_over(path: &Path) -> Database {
    let database = Database::open(path).unwrap();
    let check = database.read(|read| read.archive().check()).unwrap();
    assert_eq!(check.problems, [""; 0]);
    assert_eq!(database.write(|write| Ok(write.archive().check_search_index())).unwrap(), None);
    assert!(database.read(|read| read.metadata().needs_reindex()).unwrap());
    let plain = Connection::open(path).unwrap();
    assert_eq!(rows(&plain, "PRAGMA foreign_key_check"), [[]; 0]);
    let left = "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'upgraded%' OR name LIKE 'han_metadata%'";
    assert_eq!(number(&plain, left), 0);
    database
}

/// How the old program's tables read as ours: what is selected there, and here, in the order of the rows.
const PAIRS: &[(&str, &str)] = &[
    (
        "SELECT id, remote, name, default_branch, ms(created_at), ms(updated_at) FROM repos",
        "SELECT id, remote, name, default_branch, created_at_ms, updated_at_ms FROM repos ORDER BY row_id",
    ),
    (
        "SELECT id, repo_id, slug, path, relative_path, name, is_worktree, source_config_dir, ms(created_at),
           ms(updated_at) FROM projects",
        "SELECT id, (SELECT id FROM repos WHERE row_id = repo_row_id), slug, path, relative_path, name, is_worktree,
           source_config_dir, created_at_ms, updated_at_ms FROM projects ORDER BY row_id",
    ),
    (
        "SELECT id, project_id, status, slug, transcript_path, source_config_dir,
           (SELECT count(*) FROM messages WHERE session_id = sessions.id),
           (SELECT count(*) FROM messages WHERE session_id = sessions.id AND message_type IN ('user', 'assistant')),
           (SELECT min(ms(timestamp)) FROM messages WHERE session_id = sessions.id),
           (SELECT max(ms(timestamp)) FROM messages WHERE session_id = sessions.id) FROM sessions",
        "SELECT id, (SELECT id FROM projects WHERE row_id = project_row_id), status, slug, transcript_path,
           source_config_dir, row_count, message_count, first_message_at_ms, last_message_at_ms
         FROM sessions ORDER BY row_id",
    ),
    (
        "SELECT session_id, file_type, file_path, agent_id, ms(last_indexed_at),
           iif(file_type = 'main', (SELECT last_indexed_line + 1 FROM sessions WHERE id = session_id), 0)
         FROM session_files",
        "SELECT session(session_row_id), file_type, file_path, agent_id, last_indexed_at_ms, line_count
         FROM session_files ORDER BY row_id",
    ),
    (
        "SELECT session_id, id, agent_id, parent_id, message_type, role, content, tool_name, tool_input, tool_result,
           raw_json, ms(timestamp), line_number, source_file_name, source_file_type, sentiment_score, sentiment_level,
           frustration_score, frustration_level, input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens,
           lines_added, lines_removed, files_changed, ms(indexed_at),
           (SELECT file_path FROM session_files WHERE session_files.session_id = messages.session_id
            AND file_path = '/p/' || source_file_name) FROM messages",
        "SELECT session(session_row_id), message(id), agent_id, parent_id, message_type, role, content, tool_name,
           tool_input, tool_result, raw_json, timestamp_ms, line_number, source_file_name, source_file_type,
           sentiment_score, sentiment_level, frustration_score, frustration_level, input_tokens, output_tokens,
           cache_read_tokens, cache_creation_tokens, lines_added, lines_removed, files_changed, indexed_at_ms,
           (SELECT file_path FROM session_files WHERE row_id = session_file_row_id) FROM messages ORDER BY row_id",
    ),
    (
        "SELECT session_id, message_id, content, raw_json, ms(timestamp), line_number, ms(indexed_at)
         FROM session_summaries ORDER BY message_id",
        "SELECT session(session_row_id), message_id, content, raw_json, timestamp_ms, line_number, indexed_at_ms
         FROM session_summaries ORDER BY message_id",
    ),
    (
        "SELECT session_id, message_id, content, raw_json, compact_type, ms(timestamp), line_number, ms(indexed_at)
         FROM session_compacts ORDER BY message_id",
        "SELECT session(session_row_id), message_id, content, raw_json, compact_type, timestamp_ms, line_number,
           indexed_at_ms FROM session_compacts ORDER BY message_id",
    ),
    (
        "SELECT id, session_id, message_id, todos_json, ms(timestamp), line_number, ms(indexed_at) FROM session_todos ORDER BY message_id",
        "SELECT id, session(session_row_id), message_id, todos_json, timestamp_ms, line_number, indexed_at_ms
         FROM session_todos ORDER BY message_id",
    ),
    (
        "SELECT id, session_id, task_id, description, task_type, outcome, confidence, notes, files_modified, tests_added,
           ms(started_at), ms(completed_at) FROM tasks",
        "SELECT id, session(session_row_id), task_id, description, task_type, outcome, confidence, notes,
           files_modified, tests_added, started_at_ms, completed_at_ms FROM tasks ORDER BY row_id",
    ),
    (
        "SELECT id, session_id, hook_type, project_root, status, total_hooks, completed_hooks, failed_hooks,
           deferred_hooks, ms(created_at), ms(completed_at) FROM orchestrations",
        "SELECT id, session(session_row_id), hook_type, project_root, status, total_hooks, completed_hooks,
           failed_hooks, deferred_hooks, created_at_ms, completed_at_ms FROM orchestrations ORDER BY row_id",
    ),
    (
        "SELECT id, orchestration_id, session_id, task_id, hook_type, hook_name, hook_source, directory, duration_ms,
           exit_code, passed, output, error, if_changed, command, ms(executed_at), status, pid, plugin_root
         FROM hook_executions",
        "SELECT id, run(orchestration_row_id), session(session_row_id), task_id, hook_type, hook_name, hook_source,
           directory, duration_ms, exit_code, passed, output, error, if_changed, command, executed_at_ms, status, pid,
           plugin_root FROM hook_executions ORDER BY row_id",
    ),
    (
        "SELECT session_id, hook_source, hook_name, directory, consecutive_failures, max_attempts, ms(executed_at)
         FROM hook_executions AS latest
         WHERE session_id IS NOT NULL AND hook_source IS NOT NULL AND directory IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM hook_executions AS later WHERE later.session_id = latest.session_id
             AND later.hook_source = latest.hook_source AND ms(later.executed_at) > ms(latest.executed_at))
         ORDER BY 1",
        "SELECT session(session_row_id), plugin, hook_name, directory, consecutive_failures, max_attempts,
           updated_at_ms FROM hook_attempts ORDER BY 1",
    ),
    (
        "SELECT id, orchestration_id, plugin, hook_name, directory, if_changed, command, ms(queued_at)
         FROM pending_hooks",
        "SELECT id, run(orchestration_row_id), plugin, hook_name, directory, if_changed, command, queued_at_ms
         FROM queued_hooks ORDER BY row_id",
    ),
    (
        "SELECT id, session_id, task_id, frustration_level, frustration_score, user_message, detected_signals, context,
           ms(recorded_at) FROM frustration_events",
        "SELECT id, session(session_row_id), task_id, frustration_level, frustration_score, user_message,
           detected_signals, context, recorded_at_ms FROM frustration_events ORDER BY row_id",
    ),
    (
        "SELECT id, session_id, file_path, action, file_hash_before, file_hash_after, tool_name, agent_id,
           ms(recorded_at) FROM session_file_changes",
        "SELECT id, session(session_row_id), file_path, action, file_hash_before, file_hash_after, tool_name, agent_id,
           recorded_at_ms FROM file_changes ORDER BY row_id",
    ),
    (
        "SELECT id, session_id, file_path, file_hash, plugin_name, hook_name, directory, command_hash,
           ms(validated_at) FROM session_file_validations",
        "SELECT id, session(session_row_id), file_path, file_hash, plugin_name, hook_name, directory, command_hash,
           validated_at_ms FROM file_validations ORDER BY row_id",
    ),
    (
        "SELECT id, session_id, message_id, subject, description, status, active_form, owner, blocks, blocked_by,
           ms(created_at), ms(updated_at), ms(completed_at), line_number FROM native_tasks",
        "SELECT id, session(session_row_id), message_id, subject, description, status, active_form, owner, blocks,
           blocked_by, created_at_ms, updated_at_ms, completed_at_ms, line_number FROM native_tasks ORDER BY row_id",
    ),
    (
        "SELECT id, session_id, summary_text, topics, files_modified, tools_used, outcome, message_count,
           duration_seconds, ms(created_at), ms(updated_at) FROM generated_session_summaries",
        "SELECT id, session(session_row_id), summary_text, topics, files_modified, tools_used, outcome, message_count,
           duration_seconds, created_at_ms, updated_at_ms FROM generated_summaries ORDER BY row_id",
    ),
    (
        "SELECT id, path, name, ms(registered_at), ms(last_indexed_at), is_default FROM config_dirs",
        "SELECT id, path, name, registered_at_ms, last_indexed_at_ms, is_default FROM config_dirs ORDER BY row_id",
    ),
    (
        "SELECT id, session_id, cwd, plugin, hook_name, file_paths, command, status, ms(created_at), ms(started_at),
           ms(completed_at), result, error FROM async_hook_queue",
        "SELECT id, session(session_row_id), cwd, plugin, hook_name, file_paths, command, status, created_at_ms,
           started_at_ms, completed_at_ms, result, error FROM async_hooks ORDER BY row_id",
    ),
];

/// Replaces `name(argument)` by an expression; arguments hold no brackets.
fn expand(sql: &str, name: &str, expression: impl Fn(&str) -> String) -> String {
    let mut text = String::new();
    let mut rest = sql;
    let call = format!("{name}(");
    while let Some(start) = rest.find(&call).filter(|start| !rest[..*start].ends_with(char::is_alphanumeric))
    {
        let (before, behind) = (&rest[..start], &rest[start + call.len()..]);
        let end = behind.find(')').unwrap();
        text += before;
        text += &expression(&behind[..end]);
        rest = &behind[end + 1..];
    }
    text + rest
}

/// What SQLite itself makes of a time.
fn old_sql(sql: &str) -> String {
    expand(sql, "ms", |time| format!("CAST(round(unixepoch({time}, 'subsec') * 1000) AS INTEGER)"))
}

fn new_sql(sql: &str) -> String {
    let sql = expand(sql, "session", |row| format!("(SELECT id FROM sessions WHERE row_id = {row})"));
    let sql = expand(&sql, "run", |row| format!("(SELECT id FROM orchestrations WHERE row_id = {row})"));
    expand(&sql, "message", |id| {
        let hex = |from, length| format!("substr(lower(hex({id})), {from}, {length})");
        let parts = [hex(1, 8), hex(9, 4), hex(13, 4), hex(17, 4), hex(21, 12)];
        format!("iif(typeof({id}) = 'blob', {}, {id})", parts.join(" || '-' || "))
    })
}

fn assert_same_rows(old: &Connection, path: &Path) {
    let new = Connection::open(path).unwrap();
    for (old_columns, new_columns) in PAIRS {
        let (before, after) = (rows(old, &old_sql(old_columns)), rows(&new, &new_sql(new_columns)));
        assert!(!before.is_empty(), "{old_columns}");
        assert_eq!(before.len(), after.len(), "{old_columns}");
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(before, after, "{old_columns}");
        }
    }
}

#[test]
fn every_row_of_every_table_is_taken_over() {
    let (folder, path) = older_file(&[SCHEMA, ROWS]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    }
    let (_copy, old) = copy_of(&folder);
    // All of it stands in the log.
    assert!(fs::metadata(&path).unwrap().len() < 10_000);
    let database = assert_taken_over(&path);
    assert_same_rows(&old, &path);
    #[cfg(unix)]
    for entry in fs::read_dir(folder.path()).unwrap() {
        use std::os::unix::fs::PermissionsExt;
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
    }
    let found = |query: &str| -> Vec<String> {
        let found = database.read(|read| read.search().messages(query, None, 20)).unwrap();
        found.into_iter().map(|message| message.id).collect()
    };
    assert_eq!(found("word9998"), ["evt_9998"]);
    assert_eq!(found("input7"), ["8d435985-6805-4c80-a2d4-000000000007"]);
    assert_eq!(found("user name").len(), 20);
    let summaries = database.read(|read| read.generated_summaries().search("topic3", 10)).unwrap();
    assert_eq!(summaries.len(), 1);
    // What was noted beside rows, and who may not be asked again.
    let plain = Connection::open(&path).unwrap();
    let note = |key: &str| -> String {
        plain.query_row("SELECT value FROM metadata WHERE key = ?1", [key], |row| row.get(0)).unwrap()
    };
    assert_eq!((&*note("upgraded_from"), &*note("upgraded_from.color")), ("han_metadata 4", "green"));
    // It is a database like any other: a second open finds nothing to do, and it can be written.
    database.write(|write| write.metadata().set_needs_reindex(false)).unwrap();
    drop(database);
    let again = Database::open(&path).unwrap();
    assert!(!again.read(|read| read.metadata().needs_reindex()).unwrap());
    assert_same_rows(&old, &path);
    let inserted = said("new", "2026-11-20T12:00:00Z", "hello");
    assert_eq!(again.write(|write| write.messages().upsert("session-1", &[inserted])).unwrap(), 1);
}

#[test]
fn older_variants_lack_tables_and_columns() {
    let lacking = [
        ("messages", "raw_json agent_id parent_id sentiment_score sentiment_level frustration_score frustration_level
          lines_added lines_removed files_changed input_tokens output_tokens cache_read_tokens cache_creation_tokens
          source_file_name source_file_type tool_result indexed_at"),
        ("hook_executions", "status consecutive_failures max_attempts pid plugin_root orchestration_id"),
        ("sessions", "source_config_dir last_indexed_line slug"),
        ("projects", "source_config_dir relative_path"),
        ("session_file_changes", "agent_id"),
        ("session_files", "last_indexed_line last_indexed_at agent_id"),
        ("config_dirs", "session_count is_default"),
    ];
    let mut alter = String::from("DROP VIEW sessions_with_timestamps;");
    for (table, columns) in lacking {
        for column in columns.split_whitespace() {
            write!(alter, "ALTER TABLE {table} DROP COLUMN {column};").unwrap();
        }
    }
    alter += "CREATE TABLE narrow AS SELECT id, session_id, file_path, file_hash, plugin_name, hook_name, validated_at
        FROM session_file_validations;
      DROP TABLE session_file_validations; ALTER TABLE narrow RENAME TO session_file_validations;
      DROP TABLE async_hook_queue; DROP TABLE session_todos; DROP TABLE generated_session_summaries_fts;
      DELETE FROM han_metadata;";
    let (folder, path) = older_file(&[SCHEMA, ROWS, &alter]);
    let (_copy, old) = copy_of(&folder);
    let database = assert_taken_over(&path);
    let new = Connection::open(&path).unwrap();
    for (before, after) in [
        ("SELECT session_id, id, message_type, content, ms(timestamp), ms(timestamp), line_number FROM messages",
         "SELECT session(session_row_id), message(id), message_type, content, timestamp_ms, indexed_at_ms, line_number
          FROM messages ORDER BY row_id"),
        ("SELECT id, NULL, session_id, 'completed', NULL FROM hook_executions",
         "SELECT id, orchestration_row_id, session(session_row_id), status, pid FROM hook_executions ORDER BY row_id"),
        ("SELECT id, session_id, file_path, file_hash, '.', '', ms(validated_at) FROM session_file_validations",
         "SELECT id, session(session_row_id), file_path, file_hash, directory, command_hash, validated_at_ms
          FROM file_validations ORDER BY row_id"),
        ("SELECT session_id, file_path FROM session_files",
         "SELECT session(session_row_id), file_path FROM session_files ORDER BY row_id"),
        ("SELECT id, path, 0 FROM config_dirs", "SELECT id, path, is_default FROM config_dirs ORDER BY row_id"),
    ] {
        assert_eq!(rows(&old, &old_sql(before)), rows(&new, &new_sql(after)), "{before}");
    }
    assert_eq!(rows(&new, "SELECT DISTINCT consecutive_failures, max_attempts FROM hook_attempts").len(), 1);
    assert_eq!(database.read(|read| read.search().messages("word9998", None, 9)).unwrap().len(), 1);
}

#[test]
fn the_least_that_is_recognised_is_taken_over() {
    let (_folder, path) = older_file(&["CREATE TABLE han_metadata (key, value);
        CREATE TABLE sessions (id TEXT, status TEXT, transcript_path TEXT) ; INSERT INTO sessions (id) VALUES ('only');"]);
    let database = assert_taken_over(&path);
    let session = database.read(|read| read.sessions().get("only")).unwrap().unwrap();
    assert_eq!((&*session.status, session.transcript_path), ("active", None));
}

#[test]
fn what_looks_alike_is_left_as_it_is() {
    for sql in [
        "CREATE TABLE sessions (id, status, transcript_path);",
        "CREATE TABLE han_metadata (key, value);",
        "CREATE TABLE han_metadata (key, value); CREATE TABLE sessions (id, status);",
        "CREATE TABLE han_metadata (name, value); CREATE TABLE sessions (id, status, transcript_path);",
        "CREATE TABLE han_metadata (key, value); CREATE TABLE t (id, status, transcript_path);
         CREATE VIEW sessions AS SELECT * FROM t;",
        "PRAGMA application_id = 77; CREATE TABLE han_metadata (key, value);
         CREATE TABLE sessions (id, status, transcript_path);",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("han.db");
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        let before = fs::read(&path).unwrap();
        assert_eq!(code(Database::open(&path)), Code::DbForeign, "{sql}");
        assert_eq!(fs::read(&path).unwrap(), before, "{sql}");
    }
}

#[test]
fn rows_of_sessions_that_are_gone_keep_their_data() {
    let (folder, path) = older_file(&[
        SCHEMA,
        ROWS,
        // What removing derived rows left behind, and more.
        "DELETE FROM sessions WHERE id IN ('session-1', 'session-2', 'session-3'); DELETE FROM orchestrations WHERE id = 'run-2';
         DELETE FROM projects WHERE id = 'project-1'; DELETE FROM repos WHERE id = 'repo-1';",
    ]);
    let (_copy, old) = copy_of(&folder);
    let database = assert_taken_over(&path);
    let new = Connection::open(&path).unwrap();
    for (before, after) in PAIRS {
        let table =
            |sql: &str| sql.rsplit_once("FROM ").unwrap().1.split_whitespace().next().unwrap().to_owned();
        // Sessions and orchestrations are more than before, and references to projects and repos are gone.
        if ["sessions", "orchestrations", "projects", "repos"].contains(&table(before).as_str())
            || after.contains("hook_attempts")
        {
            continue;
        }
        // The last line of a session that is gone is gone, too.
        let (before, after) = if table(before) == "session_files" {
            (
                "SELECT session_id, file_path FROM session_files",
                "SELECT session(session_row_id), file_path FROM session_files",
            )
        } else {
            (*before, *after)
        };
        assert_eq!(rows(&old, &old_sql(before)), rows(&new, &new_sql(after)), "{before}");
    }
    assert_eq!(number(&new, "SELECT count(*) FROM sessions"), 40);
    let session = database.read(|read| read.sessions().get("session-2")).unwrap().unwrap();
    assert_eq!(session.status, "active");
    let messages = number(&old, "SELECT count(*) FROM messages WHERE session_id = 'session-2'");
    assert_eq!(number(&new, "SELECT row_count FROM sessions WHERE id = 'session-2'"), messages);
    assert_eq!(
        rows(&new, "SELECT status FROM orchestrations WHERE id = 'run-2'"),
        [[Value::from("cancelled".to_owned())]]
    );
    assert_eq!(
        number(&new, "SELECT count(*) FROM projects WHERE repo_row_id IS NULL"),
        number(&old, "SELECT count(*) FROM projects WHERE repo_id IS NULL OR repo_id = 'repo-1'")
    );
}

#[test]
fn values_of_wrong_types_and_rows_that_collide_are_kept() {
    let (_folder, path) = older_file(&[ODD_ROWS]);
    let before = Timestamp::now().as_millis();
    let database = assert_taken_over(&path);
    let new = Connection::open(&path).unwrap();
    let texts =
        |sql: &str| -> Vec<String> { rows(&new, sql).into_iter().map(|row| format!("{row:?}")).collect() };
    let count = |table: &str| number(&new, &format!("SELECT count(*) FROM {table}"));
    // Five there were; one more for rows of nobody, one for those of a session that is gone, two for summaries.
    assert_eq!(rows(&new, "SELECT id FROM sessions ORDER BY row_id LIMIT 5").len(), 5);
    let names: Vec<String> = new
        .prepare("SELECT id FROM sessions ORDER BY row_id")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(names[..5], ["s", "s (2)", "s (3)", "unknown", "7"].map(str::to_owned));
    assert_eq!(count("messages"), 5);
    assert_eq!(count("tasks"), 4);
    assert_eq!(count("session_summaries"), 3);
    assert_eq!(count("native_tasks"), 3);
    assert_eq!(count("config_dirs"), 5);
    assert_eq!(count("generated_summaries"), 3);
    assert_eq!(count("hook_executions"), 2);
    assert_eq!(count("queued_hooks"), 3);
    assert_eq!(rows(&new, "SELECT kept FROM extra INDEXED BY extra_index WHERE kept = 'mine'").len(), 1);
    // Times: as they are told, else by another column, else by the row before, else now.
    let noon = 1_772_366_400_000_i64;
    let times: Vec<i64> = rows(&new, "SELECT timestamp_ms FROM messages ORDER BY row_id")
        .into_iter()
        .map(|row| match row[0] {
            Value::Integer(at) => at,
            _ => panic!(),
        })
        .collect();
    assert_eq!(times[..4], [noon, noon + 2000, noon + 2000, noon]);
    assert_eq!(Timestamp::from_millis(times[4]).as_millis(), times[4]);
    let started: Vec<Value> = rows(&new, "SELECT started_at_ms FROM tasks ORDER BY row_id")
        .into_iter()
        .map(|mut row| row.remove(0))
        .collect();
    assert!(matches!(started[0], Value::Integer(at) if at >= before));
    assert_eq!(started[1], Value::Integer(noon - 12 * 3_600_000));
    assert_eq!(
        texts("SELECT content, message_type, line_number FROM messages WHERE tool_input = '{}'"),
        ["[Text(\"h\u{FFFD}i\"), Text(\"unknown\"), Integer(0)]"]
    );
    assert_eq!(
        texts("SELECT task_id, description, files_modified FROM tasks ORDER BY row_id"),
        [
            r#"[Text("x"), Text("1"), Text("[\"a.rs, b.rs\"]")]"#,
            r#"[Text("x (2)"), Text("d"), Text("[\"1\",\"null\"]")]"#,
            r#"[Text("unknown"), Text(""), Null]"#,
            r#"[Text("unknown (2)"), Text(""), Text("[\"{\"]")]"#,
        ]
    );
    assert_eq!(
        texts("SELECT path, is_default FROM config_dirs ORDER BY row_id"),
        [
            r#"[Text("/a"), Integer(0)]"#,
            r#"[Text("/b"), Integer(0)]"#,
            r#"[Text("/c"), Integer(1)]"#,
            r#"[Text("/d"), Integer(0)]"#,
            r#"[Text("/d (2)"), Integer(0)]"#,
        ]
    );
    // Everything can be read through the functions of the store, too.
    database
        .read(|read| {
            for name in &names {
                read.messages().list(name, None, None, 100, 0)?;
                read.native_tasks().list(name)?;
                read.session_summaries().get(name)?;
                read.generated_summaries().get(name)?;
                read.hook_executions().list_unfinished(name)?;
            }
            read.config_dirs().list()?;
            read.tasks().metrics(None, None, None)?;
            read.hook_executions().list_pending().map(drop)
        })
        .unwrap();
}

#[test]
#[ignore = "started by other tests, in a process of its own"]
fn opener() {
    Database::open(&path_of_process()).unwrap();
}

#[test]
fn threads_and_processes_take_one_file_over_at_one_moment() {
    let (folder, path) = older_file(&[SCHEMA, ROWS]);
    let (_copy, old) = copy_of(&folder);
    let children: Vec<_> = (0..4).map(|_| process_of("upgrade::opener", &path, &[], folder.path())).collect();
    let barrier = Barrier::new(4);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                barrier.wait();
                let database = Database::open(&path).unwrap();
                assert!(database.read(|read| read.sessions().get("session-1")).unwrap().is_some());
            });
        }
    });
    children.into_iter().for_each(wait);
    assert_taken_over(&path);
    assert_same_rows(&old, &path);
}

#[test]
fn a_kill_leaves_the_old_file_or_the_new_one() {
    let (folder, path) = older_file(&[SCHEMA, ROWS]);
    let (_copy, old) = copy_of(&folder);
    let mut seen_old = 0;
    for round in 0..12 {
        let place = tempfile::tempdir().unwrap();
        for name in ["han.db", "han.db-wal"] {
            fs::copy(folder.path().join(name), place.path().join(name)).unwrap();
        }
        let path = place.path().join("han.db");
        let mut child = process_of("upgrade::opener", &path, &[], place.path());
        thread::sleep(Duration::from_millis(10 + round * 40));
        child.kill().unwrap();
        child.wait().unwrap();
        let plain = Connection::open(&path).unwrap();
        if number(&plain, "PRAGMA application_id") == 0 {
            seen_old += 1;
            assert_eq!(rows(&plain, "SELECT * FROM messages"), rows(&old, "SELECT * FROM messages"));
        }
        drop(plain);
        assert_taken_over(&path);
        assert_same_rows(&old, &path);
    }
    assert!(seen_old > 0, "no kill came in time");
    drop(path);
}

#[test]
fn documents_move_into_stores_of_their_names() {
    let documents: Vec<String> =
        (0..1200).map(|number| format!("('d{number}', 'word{number} text', NULL),")).collect();
    let documents = documents.concat();
    let tables = format!(
        "CREATE VIRTUAL TABLE \"han_team_github.com_a-b_fts\" USING fts5 (doc_id, content, metadata);
         INSERT INTO \"han_team_github.com_a-b_fts\" VALUES {documents} ('d7', 'again', '{{}}'), (NULL, 5, x'61');
         CREATE VIRTUAL TABLE other_fts USING fts5 (title); INSERT INTO other_fts VALUES ('kept');"
    );
    let (_folder, path) = older_file(&[SCHEMA, &tables]);
    let database = assert_taken_over(&path);
    let found = |query: &str| {
        let store = "han_team_github.com_a-b";
        let found = database.read(|read| read.documents().search(store, query, 2000)).unwrap();
        found.into_iter().map(|document| (document.id, document.metadata)).collect::<Vec<_>>()
    };
    assert_eq!(found("text").len(), 1199);
    assert_eq!(found("word1100"), [("d1100".to_owned(), None)]);
    assert_eq!((found("word7"), found("again")), (vec![], vec![("d7".to_owned(), Some("{}".to_owned()))]));
    assert_eq!(found("5"), [("unknown".to_owned(), Some("a".to_owned()))]);
    let plain = Connection::open(&path).unwrap();
    assert_eq!(rows(&plain, "SELECT title FROM other_fts WHERE other_fts MATCH 'kept'").len(), 1);
}
