//! Everything that a store holds as text that does not depend on row ids, block sizes and the time of indexing.

use han_db::{Database, RawBlockCache};
use rusqlite::{Connection, OpenFlags, types::Value};
use std::{collections::BTreeMap, fmt::Write, path::Path};

/// Rows of each table, sorted.
pub(crate) type Dump = BTreeMap<&'static str, Vec<String>>;

/// Columns of a table, and the table with those that its rows refer to.
const TABLES: &[(&str, &str)] = &[
    ("projects", "slug, path, name, is_worktree, source_config_dir FROM projects"),
    (
        "sessions",
        "sessions.id, projects.slug, projects.path, status, sessions.slug, title, title_rank, first_prompt,
         transcript_path, sessions.source_config_dir, message_count, row_count, first_message_at_ms, last_message_at_ms
         FROM sessions LEFT JOIN projects ON projects.row_id = project_row_id",
    ),
    (
        "session_files",
        "file_path, sessions.id, file_type, agent_id, byte_offset, line_count, size, modified_at_ns, head_hash,
         tail_hash, last_timestamp_ms, is_missing
         FROM session_files JOIN sessions ON sessions.row_id = session_row_id",
    ),
    (
        "messages",
        "sessions.id, messages.id, messages.agent_id, parent_id, message_type, role, speaker, content, tool_name,
         tool_input, tool_input_text, tool_result, timestamp_ms, line_number, file_path, messages.byte_offset,
         byte_length, input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens
         FROM messages JOIN sessions ON sessions.row_id = messages.session_row_id
         LEFT JOIN session_files ON session_files.row_id = session_file_row_id",
    ),
    (
        "broken_lines",
        "file_path, broken_lines.byte_offset, byte_length, line_number, reason
         FROM broken_lines JOIN session_files ON session_files.row_id = session_file_row_id",
    ),
    (
        "replies",
        "message_id, request_id, sessions.id, agent_id, model, timestamp_ms, input_tokens, output_tokens,
         cache_read_tokens, cache_creation_tokens
         FROM replies JOIN sessions ON sessions.row_id = session_row_id",
    ),
    ("ledger", "count(*), sum(input_tokens), sum(output_tokens), sum(cache_read_tokens) FROM replies"),
];

/// Dumps a store, and checks that it is sound. Paths below `root` are shown without it.
pub(crate) fn dump(database: &Database, root: &Path) -> Dump {
    assert_sound(database);
    let connection = Connection::open_with_flags(database.path(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let root = root.canonicalize().unwrap().to_string_lossy().into_owned();
    let mut dump = Dump::new();
    for (table, select) in TABLES {
        let mut rows = rows(&connection, &format!("SELECT {select}"));
        for row in &mut rows {
            *row = row.replace(&root, "");
        }
        rows.sort();
        dump.insert(table, rows);
    }
    let bytes = indexed_bytes(database)
        .into_iter()
        .map(|(path, bytes)| format!("{} {}", path.replace(&root, ""), String::from_utf8_lossy(&bytes)));
    let mut bytes: Vec<String> = bytes.collect();
    bytes.sort();
    dump.insert("raw", bytes);
    dump
}

/// Runs a query and shows each row as text.
pub(crate) fn rows(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        let mut text = String::new();
        for column in 0..columns {
            match row.get::<_, Value>(column)? {
                Value::Null => text.push('-'),
                Value::Integer(number) => write!(text, "{number}").unwrap(),
                Value::Real(number) => write!(text, "{number}").unwrap(),
                Value::Text(value) => write!(text, "{value:?}").unwrap(),
                Value::Blob(bytes) => bytes.iter().for_each(|byte| write!(text, "{byte:02x}").unwrap()),
            }
            text.push('|');
        }
        Ok(text)
    });
    rows.unwrap().collect::<rusqlite::Result<_>>().unwrap()
}

/// The bytes of every source file before its cursor, put together from the stored blocks.
pub(crate) fn indexed_bytes(database: &Database) -> BTreeMap<String, Vec<u8>> {
    database
        .read(|read| {
            let mut files = BTreeMap::new();
            for file in read.session_files().list_below("/")? {
                let mut end = 0;
                for (offset, length, _) in read.raw_blocks().hashes(file.row_id)? {
                    assert_eq!(offset, end, "blocks of {} follow each other", file.file_path);
                    end = offset + length;
                }
                assert_eq!(end, file.byte_offset, "the blocks of {} reach its cursor", file.file_path);
                let mut cache = RawBlockCache::default();
                let bytes = read.raw_blocks().read(&mut cache, file.row_id, 0, end)?;
                files.insert(file.file_path, bytes);
            }
            Ok(files)
        })
        .unwrap()
}

/// Checks the pages, the indexes, the search index and the counters.
pub(crate) fn assert_sound(database: &Database) {
    let connection = Connection::open(database.path()).unwrap();
    han_db::tokenizer::register(&connection).unwrap();
    assert_eq!(rows(&connection, "PRAGMA integrity_check"), ["\"ok\"|"]);
    assert_eq!(rows(&connection, "PRAGMA foreign_key_check"), Vec::<String>::new());
    drop(connection);
    assert_eq!(database.read(|read| read.archive().check()).unwrap().problems, Vec::<String>::new());
    assert_eq!(database.write(|write| Ok(write.archive().check_search_index())).unwrap(), None);
}

/// Compares two dumps, and shows the first rows that differ.
pub(crate) fn assert_same(found: &Dump, expected: &Dump) {
    assert_same_tables(found, expected, &expected.keys().copied().collect::<Vec<_>>());
}

/// Compares some tables of two dumps.
pub(crate) fn assert_same_tables(found: &Dump, expected: &Dump, tables: &[&str]) {
    for table in tables {
        let (found, expected) = (&found[table], &expected[table]);
        let surplus: Vec<_> =
            found.iter().filter(|row| expected.binary_search(row).is_err()).take(3).collect();
        let missing: Vec<_> =
            expected.iter().filter(|row| found.binary_search(row).is_err()).take(3).collect();
        assert!(
            found == expected,
            "{table}: {} rows, not {}\nnot expected: {surplus:#?}\nmissing: {missing:#?}",
            found.len(),
            expected.len()
        );
    }
}
