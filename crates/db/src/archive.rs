//! Figures over the whole store, and its health.

use crate::{
    error::Attempt,
    maintenance::{compare, miscounted, search_indexes},
    transaction::Archive,
};
use han_base::{Code, Error, Result, Timestamp};

/// How many rows there are of a type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct TypeCount {
    /// `user`, `assistant`, …
    pub message_type: String,
    /// Rows of it.
    pub count: i64,
}

/// What the store holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct ArchiveStats {
    /// Source files that were indexed.
    pub files: i64,
    /// Those of them that are gone; their sessions stay.
    pub missing_files: i64,
    /// Bytes of source files that are indexed.
    pub source_bytes: i64,
    /// Bytes of the database with its write-ahead log.
    pub database_bytes: i64,
    /// Projects.
    pub projects: i64,
    /// Repositories.
    pub repos: i64,
    /// Sessions.
    pub sessions: i64,
    /// Transcripts of agents that sessions started.
    pub agents: i64,
    /// All rows.
    pub messages: i64,
    /// Rows of type user and assistant.
    pub conversation_messages: i64,
    /// Rows by type, most first.
    pub rows_by_type: Vec<TypeCount>,
    /// Lines that were left out or repaired.
    pub broken_lines: i64,
    /// Replies of models, each once.
    pub api_replies: i64,
    /// Tokens of all replies, each once.
    pub input_tokens: i64,
    /// Tokens written by the models.
    pub output_tokens: i64,
    /// Tokens read from the cache.
    pub cache_read_tokens: i64,
    /// Tokens written to the cache.
    pub cache_creation_tokens: i64,
    /// Time of the first message, RFC 3339.
    pub first_message_at: Option<String>,
    /// Time of the last message, RFC 3339.
    pub last_message_at: Option<String>,
}

/// The health of a database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct DatabaseCheck {
    /// Whether no problem was found.
    pub ok: bool,
    /// Schema version of the file.
    pub schema_version: u32,
    /// What is wrong, one sentence each.
    pub problems: Vec<String>,
}

impl<A> Archive<'_, A> {
    /// What the store holds. `database_bytes` is left at 0: the caller knows the file.
    pub fn stats(&self) -> Result<ArchiveStats> {
        let attempt = || "read figures of the store".to_owned();
        let mut stats = self
            .connection
            .prepare_cached(
                "SELECT (SELECT count(*) FROM session_files), (SELECT count(*) FROM session_files WHERE is_missing),
                   (SELECT coalesce(sum(byte_offset), 0) FROM session_files), (SELECT count(*) FROM projects),
                   (SELECT count(*) FROM repos), (SELECT count(*) FROM sessions),
                   (SELECT count(*) FROM session_files WHERE file_type = 'agent'),
                   (SELECT coalesce(sum(row_count), 0) FROM sessions),
                   (SELECT coalesce(sum(message_count), 0) FROM sessions), (SELECT count(*) FROM broken_lines),
                   replies, input, output, cache_read, cache_creation,
                   (SELECT min(first_message_at_ms) FROM sessions), (SELECT max(last_message_at_ms) FROM sessions)
                 FROM (SELECT coalesce(sum(reply_count), 0) AS replies, coalesce(sum(input_tokens), 0) AS input,
                         coalesce(sum(output_tokens), 0) AS output, coalesce(sum(cache_read_tokens), 0) AS cache_read,
                         coalesce(sum(cache_creation_tokens), 0) AS cache_creation FROM model_hours)",
            )
            .and_then(|mut statement| {
                statement.query_row([], |row| {
                    let time = |column| -> rusqlite::Result<Option<String>> {
                        Ok(row.get::<_, Option<i64>>(column)?.map(|at| Timestamp::from_millis(at).to_string()))
                    };
                    Ok(ArchiveStats {
                        files: row.get(0)?,
                        missing_files: row.get(1)?,
                        source_bytes: row.get(2)?,
                        database_bytes: 0,
                        projects: row.get(3)?,
                        repos: row.get(4)?,
                        sessions: row.get(5)?,
                        agents: row.get(6)?,
                        messages: row.get(7)?,
                        conversation_messages: row.get(8)?,
                        rows_by_type: Vec::new(),
                        broken_lines: row.get(9)?,
                        api_replies: row.get(10)?,
                        input_tokens: row.get(11)?,
                        output_tokens: row.get(12)?,
                        cache_read_tokens: row.get(13)?,
                        cache_creation_tokens: row.get(14)?,
                        first_message_at: time(15)?,
                        last_message_at: time(16)?,
                    })
                })
            })
            .attempt(attempt)?;
        stats.rows_by_type = self
            .connection
            .prepare_cached(
                "SELECT message_type, sum(row_count) FROM type_counts GROUP BY message_type HAVING sum(row_count) > 0
                 ORDER BY 2 DESC, 1",
            )
            .and_then(|mut statement| {
                statement
                    .query_map([], |row| Ok(TypeCount { message_type: row.get(0)?, count: row.get(1)? }))?
                    .collect()
            })
            .attempt(attempt)?;
        Ok(stats)
    }

    /// Checks the file and the counters. Reads the whole database. Damage is told in the answer; an error means that
    /// nothing could be said.
    pub fn check(&self) -> Result<DatabaseCheck> {
        let attempt = || "check the database".to_owned();
        let schema_version =
            self.connection.query_row("PRAGMA user_version", [], |row| row.get(0)).attempt(attempt)?;
        let damage = |problems: &mut Vec<String>, error: Error| match error.code() {
            Code::DbCorrupt => {
                problems.push(error.detail());
                Ok(())
            }
            _ => Err(error),
        };
        let mut problems: Vec<String> = Vec::new();
        self.renew_search_indexes();
        let found: Result<Vec<String>> = self
            .connection
            .prepare("PRAGMA quick_check(20)")
            .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
            .attempt(attempt);
        match found {
            Ok(found) => problems.extend(found.into_iter().filter(|problem| problem != "ok")),
            Err(error) => damage(&mut problems, error)?,
        }
        match miscounted(self.connection) {
            Ok(found) => problems.extend(found),
            Err(error) => damage(&mut problems, error)?,
        }
        Ok(DatabaseCheck { ok: problems.is_empty(), schema_version, problems })
    }

    /// FTS5 remembers which segments an index has. Every query looks whether another connection has changed them, but its
    /// check of itself does not, and would miss those that are gone.
    fn renew_search_indexes(&self) {
        // What cannot be read is told by the check.
        for index in search_indexes(self.connection).unwrap_or_default() {
            let sql = format!("SELECT count(*) FROM \"{}\" WHERE rowid = 0", index.name.replace('"', "\"\""));
            let _ = self.connection.query_row(&sql, [], |_| Ok(()));
        }
    }

    /// Compares the search indexes with the text they were made of; `None` when they agree. It only reads.
    #[must_use]
    pub fn check_search_index(&self) -> Option<String> {
        let problems = search_indexes(self.connection).and_then(|indexes| {
            let mut problems = Vec::new();
            for index in &indexes {
                problems.extend(compare(self.connection, index, None)?);
            }
            Ok(problems)
        });
        match problems {
            Ok(problems) if problems.is_empty() => None,
            Ok(problems) => Some(problems.join("; ")),
            Err(error) => Some(format!("the search index cannot be read: {}", error.detail())),
        }
    }
}
