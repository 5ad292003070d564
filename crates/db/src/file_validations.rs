//! Which content of a file a hook has validated (table `file_validations`), and which files still wait for it.
//!
//! Of each file the change that was recorded last decides. A change without a hash (the file is gone, or could not be
//! read) cannot be compared, so it needs a decision of the hook: a validation with the empty hash, recorded at the time
//! of the change or later.

use crate::{
    columns::time,
    error::Attempt,
    pages::{fetch, with_one_more},
    transaction::{FileValidations, Read, ReadWrite, Write},
};
use han_base::{Code, Error, Page, Result, TextCursor, Timestamp, id};
use rusqlite::{OptionalExtension, Params, Row, params};
use std::collections::HashSet;
use xxhash_rust::xxh3::xxh3_128;

/// That a hook found a content of a file in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct SessionFileValidation {
    /// Random UUID.
    pub id: Option<String>,
    /// The session that the hook ran in.
    pub session_id: String,
    /// The file, as it was given.
    pub file_path: String,
    /// Hash of the content that was validated; empty when there was none.
    pub file_hash: String,
    /// The plugin that the hook belongs to.
    pub plugin_name: String,
    /// The hook.
    pub hook_name: String,
    /// The folder that the hook ran in.
    pub directory: String,
    /// Hash of the command that validated.
    pub command_hash: String,
    /// RFC 3339.
    pub validated_at: Option<String>,
}

/// What is recorded of a validation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_to_js = false))]
pub struct SessionFileValidationInput {
    /// The session; made when it does not exist.
    pub session_id: String,
    /// The file, by the same text as in its changes.
    pub file_path: String,
    /// Hash of the content that was validated; empty for a file that is gone.
    pub file_hash: String,
    /// The plugin that the hook belongs to.
    pub plugin_name: String,
    /// The hook.
    pub hook_name: String,
    /// The folder that the hook ran in.
    pub directory: String,
    /// Hash of the command that validated.
    pub command_hash: String,
}

/// How a changed file stands with a hook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct FileValidationStatus {
    /// The file.
    pub file_path: String,
    /// Hash of the content after the latest change; empty when that has none: the file is gone or was not readable.
    pub modification_hash: String,
    /// Hash of the content that the hook validated last; absent when it never did, and when it did so before the latest
    /// change of a file that has no hash.
    pub validation_hash: Option<String>,
    /// Hash of the command that validated; absent with `validationHash`.
    pub validation_command_hash: Option<String>,
}

/// A hook in a folder: what validations are kept for, beside the session.
#[derive(Clone, Copy, Debug)]
pub struct ValidatingHook<'a> {
    /// The plugin that the hook belongs to.
    pub plugin_name: &'a str,
    /// The hook.
    pub hook_name: &'a str,
    /// The folder that the hook runs in.
    pub directory: &'a str,
}

const COLUMNS: &str =
    "id, file_path, file_hash, plugin_name, hook_name, directory, command_hash, validated_at_ms, row_id";

/// Letters of the cursors of validations, and of changed files with theirs.
const CURSOR: char = 'v';
const STATUS_CURSOR: char = 'w';

/// The latest change of each file of session `?1`, by the row that was written last: clocks may be set back.
const LATEST_CHANGES: &str = "file_changes AS change
  WHERE change.row_id IN (SELECT max(row_id) FROM file_changes WHERE session_row_id = ?1 GROUP BY file_path)";

/// Finds the validation of a `change` by the hook `?2`, `?3`, `?4`, unless it came before a change without a hash.
const ITS_VALIDATION: &str = "validation.session_row_id = ?1 AND validation.plugin_name = ?2
  AND validation.hook_name = ?3 AND validation.directory = ?4 AND validation.file_path = change.file_path
  AND (change.file_hash_after IS NOT NULL OR validation.validated_at_ms >= change.recorded_at_ms)";

impl SessionFileValidation {
    fn from_row(session_id: &str, row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            session_id: session_id.to_owned(),
            file_path: row.get(1)?,
            file_hash: row.get(2)?,
            plugin_name: row.get(3)?,
            hook_name: row.get(4)?,
            directory: row.get(5)?,
            command_hash: row.get(6)?,
            validated_at: Some(time(row, 7)?),
        })
    }
}

impl<A> FileValidations<'_, A> {
    /// The validation of a file by a hook.
    pub fn get(
        &self,
        session_id: &str,
        file_path: &str,
        hook: ValidatingHook<'_>,
    ) -> Result<Option<SessionFileValidation>> {
        let Some(session_row) = self.session_row(session_id)? else { return Ok(None) };
        self.connection
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM file_validations WHERE session_row_id = ?1 AND plugin_name = ?2
                 AND hook_name = ?3 AND directory = ?4 AND file_path = ?5"
            ))
            .and_then(|mut statement| {
                statement
                    .query_row(
                        params![session_row, hook.plugin_name, hook.hook_name, hook.directory, file_path],
                        |row| SessionFileValidation::from_row(session_id, row),
                    )
                    .optional()
            })
            .attempt(|| format!("read the validation of {file_path}"))
    }

    /// All validations by a hook in a session, newest first.
    pub fn of_hook(&self, session_id: &str, hook: ValidatingHook<'_>) -> Result<Vec<SessionFileValidation>> {
        let Some(session_row) = self.session_row(session_id)? else { return Ok(Vec::new()) };
        self.list(
            session_id,
            "plugin_name = ?2 AND hook_name = ?3 AND directory = ?4 ORDER BY validated_at_ms DESC, row_id DESC",
            params![session_row, hook.plugin_name, hook.hook_name, hook.directory],
        )
    }

    /// All validations in a session by file, those of a file newest first.
    pub fn of_session(&self, session_id: &str) -> Result<Vec<SessionFileValidation>> {
        let Some(session_row) = self.session_row(session_id)? else { return Ok(Vec::new()) };
        self.list(session_id, "true ORDER BY file_path, validated_at_ms DESC, row_id DESC", [session_row])
    }

    /// A page of the validations in a session, of one hook where one is named, by file; those of a file in the order in
    /// which their hooks first validated it.
    pub fn page(
        &self,
        session_id: &str,
        hook: Option<ValidatingHook<'_>>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<SessionFileValidation>> {
        let after = TextCursor::after(CURSOR, cursor)?;
        let Some(session_row) = self.session_row(session_id)? else { return Ok(Page::default()) };
        let of_hook = match hook {
            Some(_) => "AND plugin_name = :plugin AND hook_name = :hook AND directory = :directory",
            None => "",
        };
        let rows = fetch(
            self.connection,
            &format!(
                "SELECT {COLUMNS} FROM file_validations WHERE session_row_id = :session {of_hook}
                 AND (file_path, row_id) > (:path, :row) ORDER BY file_path, row_id LIMIT :limit"
            ),
            &[
                (":session", &session_row),
                (":plugin", &hook.map(|hook| hook.plugin_name)),
                (":hook", &hook.map(|hook| hook.hook_name)),
                (":directory", &hook.map(|hook| hook.directory)),
                (":path", &after.text),
                (":row", &after.row),
                (":limit", &with_one_more(limit)),
            ],
            |row| {
                let validation = SessionFileValidation::from_row(session_id, row)?;
                let text = validation.file_path.clone();
                Ok((validation, TextCursor { kind: CURSOR, text, row: row.get(8)? }.encode()))
            },
        );
        rows.attempt(|| format!("list validations of session {session_id}"))
            .map(|rows| Page::from_keyed(rows, limit))
    }

    /// Whether a changed file of the session has content that the hook has not validated with this command. False
    /// without changes.
    pub fn is_needed(&self, session_id: &str, hook: ValidatingHook<'_>, command_hash: &str) -> Result<bool> {
        let Some(session_row) = self.session_row(session_id)? else { return Ok(false) };
        self.connection
            .prepare_cached(&format!(
                "SELECT EXISTS (SELECT 1 FROM {LATEST_CHANGES}
                   AND NOT EXISTS (SELECT 1 FROM file_validations AS validation WHERE {ITS_VALIDATION}
                     AND validation.file_hash = coalesce(change.file_hash_after, '')
                     AND validation.command_hash = ?5))"
            ))
            .and_then(|mut statement| {
                statement.query_row(
                    params![session_row, hook.plugin_name, hook.hook_name, hook.directory, command_hash],
                    |row| row.get(0),
                )
            })
            .attempt(|| format!("compare changes of session {session_id} with validations"))
    }

    /// How every changed file of the session stands with the hook, by path.
    pub fn statuses(&self, session_id: &str, hook: ValidatingHook<'_>) -> Result<Vec<FileValidationStatus>> {
        self.statuses_behind("", -1, session_id, hook)
    }

    /// A page of [`FileValidations::statuses`].
    pub fn page_of_statuses(
        &self,
        session_id: &str,
        hook: ValidatingHook<'_>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<FileValidationStatus>> {
        let after = TextCursor::after(STATUS_CURSOR, cursor)?;
        let statuses = self.statuses_behind(&after.text, with_one_more(limit), session_id, hook)?;
        let keyed = statuses.into_iter().map(|status| {
            let cursor = TextCursor { kind: STATUS_CURSOR, text: status.file_path.clone(), row: 0 };
            (status, cursor.encode())
        });
        Ok(Page::from_keyed(keyed.collect(), limit))
    }

    /// The statuses of the files whose paths come after `path`, at most `limit` unless that is negative.
    fn statuses_behind(
        &self,
        path: &str,
        limit: i64,
        session_id: &str,
        hook: ValidatingHook<'_>,
    ) -> Result<Vec<FileValidationStatus>> {
        let Some(session_row) = self.session_row(session_id)? else { return Ok(Vec::new()) };
        self.connection
            .prepare_cached(&format!(
                "SELECT change.file_path, coalesce(change.file_hash_after, ''),
                   (SELECT file_hash FROM file_validations AS validation WHERE {ITS_VALIDATION}),
                   (SELECT command_hash FROM file_validations AS validation WHERE {ITS_VALIDATION})
                 FROM (SELECT max(row_id) AS last_row FROM file_changes
                       WHERE session_row_id = ?1 AND file_path >= ?5 AND (file_path > ?5 OR ?5 = '')
                       GROUP BY file_path ORDER BY file_path LIMIT ?6)
                 CROSS JOIN file_changes AS change ON change.row_id = last_row ORDER BY change.file_path"
            ))
            .and_then(|mut statement| {
                statement
                    .query_map(
                        params![session_row, hook.plugin_name, hook.hook_name, hook.directory, path, limit],
                        |row| {
                            Ok(FileValidationStatus {
                                file_path: row.get(0)?,
                                modification_hash: row.get(1)?,
                                validation_hash: row.get(2)?,
                                validation_command_hash: row.get(3)?,
                            })
                        },
                    )?
                    .collect()
            })
            .attempt(|| format!("list changes of session {session_id} with validations"))
    }

    /// `rest` (SQL) stands behind the condition on the session, parameter 1.
    fn list(
        &self,
        session_id: &str,
        rest: &str,
        parameters: impl Params,
    ) -> Result<Vec<SessionFileValidation>> {
        self.connection
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM file_validations WHERE session_row_id = ?1 AND {rest}"
            ))
            .and_then(|mut statement| {
                statement
                    .query_map(parameters, |row| SessionFileValidation::from_row(session_id, row))?
                    .collect()
            })
            .attempt(|| format!("list validations of session {session_id}"))
    }

    fn session_row(&self, session_id: &str) -> Result<Option<i64>> {
        Read::new(self.connection).sessions().row(session_id)
    }
}

impl FileValidations<'_, ReadWrite> {
    /// Records a validation at the time of now, in place of the one that the hook gave the same file before. A session
    /// that does not exist is made.
    pub fn record(&self, input: &SessionFileValidationInput) -> Result<SessionFileValidation> {
        self.upsert(input, &id::random(), Timestamp::now().as_millis(), "true")?;
        let hook = ValidatingHook {
            plugin_name: &input.plugin_name,
            hook_name: &input.hook_name,
            directory: &input.directory,
        };
        self.get(&input.session_id, &input.file_path, hook)?.ok_or_else(|| {
            Error::new(Code::Internal, format!("read the validation of {} after writing it", input.file_path))
        })
    }

    /// Records a validation of a moment (milliseconds since 1970), in place of the one that the hook gave the same file
    /// before; one that is known to have come later stays. Telling it again changes nothing.
    pub fn record_at(&self, input: &SessionFileValidationInput, timestamp_ms: i64) -> Result<()> {
        let SessionFileValidationInput { session_id, file_path, plugin_name, hook_name, directory, .. } =
            input;
        let key = format!("validation\0{session_id}\0{plugin_name}\0{hook_name}\0{directory}\0{file_path}");
        let id = id::derived(xxh3_128(key.as_bytes())).to_string();
        self.upsert(input, &id, timestamp_ms, "excluded.validated_at_ms >= file_validations.validated_at_ms")
    }

    fn upsert(
        &self,
        input: &SessionFileValidationInput,
        id: &str,
        timestamp_ms: i64,
        condition: &str,
    ) -> Result<()> {
        let (session_row, _) = Write::new(self.connection).sessions().ensure(&input.session_id)?;
        self.connection
            .prepare_cached(&format!(
                "INSERT INTO file_validations (id, session_row_id, file_path, file_hash, plugin_name, hook_name,
                   directory, command_hash, validated_at_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                 ON CONFLICT (session_row_id, plugin_name, hook_name, directory, file_path) DO UPDATE SET
                   file_hash = excluded.file_hash, command_hash = excluded.command_hash,
                   validated_at_ms = excluded.validated_at_ms
                 WHERE {condition}"
            ))
            .and_then(|mut statement| {
                statement.execute(params![
                    id,
                    session_row,
                    input.file_path,
                    input.file_hash,
                    input.plugin_name,
                    input.hook_name,
                    input.directory,
                    input.command_hash,
                    timestamp_ms,
                ])
            })
            .attempt(|| format!("record the validation of {}", input.file_path))?;
        Ok(())
    }

    /// Deletes the hook's validations of files that are not among `current_paths`, all of them when that is empty.
    /// Returns how many there were.
    pub fn delete_stale(
        &self,
        session_id: &str,
        hook: ValidatingHook<'_>,
        current_paths: &[String],
    ) -> Result<u64> {
        let Some(session_row) = self.session_row(session_id)? else { return Ok(0) };
        let current: HashSet<&str> = current_paths.iter().map(String::as_str).collect();
        let attempt = || format!("delete validations of session {session_id}");
        let known: Vec<(i64, String)> = self
            .connection
            .prepare_cached(
                "SELECT row_id, file_path FROM file_validations
                 WHERE session_row_id = ?1 AND plugin_name = ?2 AND hook_name = ?3 AND directory = ?4",
            )
            .and_then(|mut statement| {
                statement
                    .query_map(
                        params![session_row, hook.plugin_name, hook.hook_name, hook.directory],
                        |row| Ok((row.get(0)?, row.get(1)?)),
                    )?
                    .collect()
            })
            .attempt(attempt)?;
        let mut delete = self
            .connection
            .prepare_cached("DELETE FROM file_validations WHERE row_id = ?1")
            .attempt(attempt)?;
        let mut deleted = 0;
        for (row_id, file_path) in known {
            if !current.contains(file_path.as_str()) {
                deleted += delete.execute([row_id]).attempt(attempt)? as u64;
            }
        }
        Ok(deleted)
    }
}
