//! Source files of sessions (table `session_files`): how far each is indexed, and how to notice that a file is not
//! what it was.

use crate::{
    activity::rebuild,
    error::Attempt,
    messages::MessageId,
    sessions::prefix_end,
    transaction::{ReadWrite, SessionFiles},
};
use han_base::{Result, Timestamp};
use rusqlite::{OptionalExtension, Row, named_params, params};

/// A source file and its cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionFile {
    /// Its row.
    pub row_id: i64,
    /// The session's row.
    pub session_row: i64,
    /// The session's id.
    pub session_id: String,
    /// Absolute path.
    pub file_path: String,
    /// Bytes before it are indexed.
    pub byte_offset: u64,
    /// Physical lines before `byte_offset`.
    pub line_count: u64,
    /// What the file looked like then.
    pub seen: FileStamp,
    /// XXH3 of the first indexed bytes, up to 4 KiB.
    pub head_hash: u64,
    /// XXH3 of the last indexed bytes, up to 4 KiB.
    pub tail_hash: u64,
    /// Time of the last entry that had one.
    pub last_timestamp_ms: Option<i64>,
    /// Whether the file was gone when it was last looked for.
    pub is_missing: bool,
    /// What of it is to be booked again from the stored bytes.
    pub rebooking: Rebooking,
}

/// What of a source file is to be booked again from the stored bytes, since a file that told the same was rewritten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rebooking {
    /// Nothing.
    #[default]
    Nothing,
    /// Its replies.
    Replies,
    /// All that it tells.
    All,
    /// All that it tells, after what it booked was removed ([`SessionFiles::unbook`]).
    Anew,
}

impl Rebooking {
    fn from_column(value: i64) -> Self {
        match value {
            1 => Self::Replies,
            2 => Self::All,
            3 => Self::Anew,
            _ => Self::Nothing,
        }
    }
}

/// What a file looks like from outside: equal stamps mean that nothing was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileStamp {
    /// Size in bytes.
    pub size: u64,
    /// Time of the last change, nanoseconds since 1970.
    pub modified_at_ns: i64,
    /// Device and inode; zero where the system has none.
    pub device: u64,
    /// Inode number.
    pub inode: u64,
}

/// A source file that is not in the store yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewSessionFile {
    /// `main`, `agent` or `han_events`.
    pub file_type: &'static str,
    /// Absolute path.
    pub file_path: String,
    /// The agent, for its transcripts.
    pub agent_id: Option<String>,
}

const SELECT: &str =
    "SELECT session_files.row_id, session_row_id, sessions.id, file_path, byte_offset, line_count,
  size, modified_at_ns, device, inode, head_hash, tail_hash, last_timestamp_ms, is_missing, rebooking
  FROM session_files JOIN sessions ON sessions.row_id = session_row_id";

impl SessionFile {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let unsigned = |column| -> rusqlite::Result<u64> { Ok(row.get::<_, i64>(column)? as u64) };
        Ok(Self {
            row_id: row.get(0)?,
            session_row: row.get(1)?,
            session_id: row.get(2)?,
            file_path: row.get(3)?,
            byte_offset: unsigned(4)?,
            line_count: unsigned(5)?,
            seen: FileStamp {
                size: unsigned(6)?,
                modified_at_ns: row.get(7)?,
                device: unsigned(8)?,
                inode: unsigned(9)?,
            },
            head_hash: unsigned(10)?,
            tail_hash: unsigned(11)?,
            last_timestamp_ms: row.get(12)?,
            is_missing: row.get(13)?,
            rebooking: Rebooking::from_column(row.get(14)?),
        })
    }
}

impl<A> SessionFiles<'_, A> {
    /// The source file at this path.
    pub fn get(&self, file_path: &str) -> Result<Option<SessionFile>> {
        self.connection
            .prepare_cached(&format!("{SELECT} WHERE file_path = ?1"))
            .and_then(|mut statement| statement.query_row([file_path], SessionFile::from_row).optional())
            .attempt(|| format!("read source file {file_path}"))
    }

    /// Where a source file is indexed to at this moment: another process may have moved it.
    pub fn byte_offset(&self, row_id: i64) -> Result<u64> {
        self.connection
            .prepare_cached("SELECT byte_offset FROM session_files WHERE row_id = ?1")
            .and_then(|mut statement| statement.query_row([row_id], |row| row.get::<_, i64>(0)))
            .attempt(|| format!("read the cursor of source file {row_id}"))
            .map(|offset| offset as u64)
    }

    /// The source files that are to be booked again, oldest change first.
    pub fn to_rebook(&self) -> Result<Vec<SessionFile>> {
        self.connection
            .prepare_cached(&format!("{SELECT} WHERE rebooking > 0 ORDER BY modified_at_ns, file_path"))
            .and_then(|mut statement| statement.query_map([], SessionFile::from_row)?.collect())
            .attempt(|| "list the source files that are to be booked again".into())
    }

    /// The source files of a session, in the order in which they were found.
    pub fn of_session(&self, session_id: &str) -> Result<Vec<SessionFile>> {
        self.connection
            .prepare_cached(&format!(
                "{SELECT} WHERE session_row_id = (SELECT row_id FROM sessions WHERE id = ?1)
                 ORDER BY session_files.row_id"
            ))
            .and_then(|mut statement| statement.query_map([session_id], SessionFile::from_row)?.collect())
            .attempt(|| format!("list the source files of session {session_id}"))
    }

    /// The source files of the session with this row, in the order in which they were found.
    pub(crate) fn of_session_row(&self, session_row: i64) -> Result<Vec<SessionFile>> {
        self.connection
            .prepare_cached(&format!("{SELECT} WHERE session_row_id = ?1 ORDER BY session_files.row_id"))
            .and_then(|mut statement| statement.query_map([session_row], SessionFile::from_row)?.collect())
            .attempt(|| format!("list the source files of session row {session_row}"))
    }

    /// The messages of a source file in the order of their lines: id, first byte and length of the line.
    pub fn rows(&self, row_id: i64) -> Result<Vec<(MessageId, u64, u64)>> {
        self.connection
            .prepare_cached(
                "SELECT id, byte_offset, byte_length FROM messages
                 WHERE session_file_row_id = ?1 AND byte_offset IS NOT NULL ORDER BY byte_offset",
            )
            .and_then(|mut statement| {
                let rows = statement.query_map([row_id], |row| {
                    let (offset, length): (i64, i64) = (row.get(1)?, row.get(2)?);
                    Ok((row.get(0)?, offset as u64, length as u64))
                })?;
                rows.collect()
            })
            .attempt(|| format!("list the lines of source file {row_id}"))
    }

    /// The broken lines of a source file in their order: first byte, length and reason.
    pub fn broken_lines(&self, row_id: i64) -> Result<Vec<(u64, u64, String)>> {
        self.connection
            .prepare_cached(
                "SELECT byte_offset, byte_length, reason FROM broken_lines
                 WHERE session_file_row_id = ?1 ORDER BY byte_offset",
            )
            .and_then(|mut statement| {
                let rows = statement.query_map([row_id], |row| {
                    let (offset, length): (i64, i64) = (row.get(0)?, row.get(1)?);
                    Ok((offset as u64, length as u64, row.get(2)?))
                })?;
                rows.collect()
            })
            .attempt(|| format!("list the broken lines of source file {row_id}"))
    }

    /// All source files whose path begins with `folder`, which ends with a separator, by path.
    pub fn list_below(&self, folder: &str) -> Result<Vec<SessionFile>> {
        let end = prefix_end(folder);
        let until = if end.is_some() { "file_path < ?2" } else { "?2 IS NULL" };
        self.connection
            .prepare_cached(&format!("{SELECT} WHERE file_path >= ?1 AND {until} ORDER BY file_path"))
            .and_then(|mut statement| {
                statement.query_map(params![folder, end], SessionFile::from_row)?.collect()
            })
            .attempt(|| format!("list source files below {folder}"))
    }
}

impl SessionFiles<'_, ReadWrite> {
    /// Inserts a source file of a session with an empty cursor; returns its row.
    pub fn insert(&self, session_row: i64, file: &NewSessionFile) -> Result<i64> {
        // Neither an upsert nor RETURNING: those make FTS5 write out what it has collected.
        self.connection
            .prepare_cached(
                "INSERT INTO session_files (session_row_id, file_type, file_path, agent_id) VALUES (?1, ?2, ?3, ?4)",
            )
            .and_then(|mut statement| {
                statement.execute(params![session_row, file.file_type, file.file_path, file.agent_id])
            })
            .attempt(|| format!("write source file {}", file.file_path))?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Moves the cursor of a source file to where it is now indexed to.
    pub fn advance(&self, file: &SessionFile) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE session_files SET byte_offset = :byte_offset, line_count = :line_count, size = :size,
                   modified_at_ns = :modified_at_ns, device = :device, inode = :inode, head_hash = :head_hash,
                   tail_hash = :tail_hash, last_timestamp_ms = :last_timestamp_ms, is_missing = 0,
                   last_indexed_at_ms = :now
                 WHERE row_id = :row_id",
            )
            .and_then(|mut statement| {
                statement.execute(named_params! {
                    ":byte_offset": file.byte_offset as i64,
                    ":line_count": file.line_count as i64,
                    ":size": file.seen.size as i64,
                    ":modified_at_ns": file.seen.modified_at_ns,
                    ":device": file.seen.device as i64,
                    ":inode": file.seen.inode as i64,
                    ":head_hash": file.head_hash as i64,
                    ":tail_hash": file.tail_hash as i64,
                    ":last_timestamp_ms": file.last_timestamp_ms,
                    ":now": Timestamp::now().as_millis(),
                    ":row_id": file.row_id,
                })
            })
            .attempt(|| format!("move the cursor of {}", file.file_path))?;
        Ok(())
    }

    /// A source file lies at another path now, which no other has. Its session is that of the new path when it was that
    /// of the old one.
    pub fn move_to(&self, file: &SessionFile, file_path: &str) -> Result<()> {
        for sql in [
            "UPDATE sessions SET transcript_path = ?2 WHERE transcript_path =
               (SELECT file_path FROM session_files WHERE row_id = ?1)
               AND row_id = (SELECT session_row_id FROM session_files WHERE row_id = ?1)",
            "UPDATE OR IGNORE session_files SET file_path = ?2, is_missing = 0 WHERE row_id = ?1",
        ] {
            self.connection
                .execute(sql, params![file.row_id, file_path])
                .attempt(|| format!("note that {} lies at {file_path} now", file.file_path))?;
        }
        Ok(())
    }

    /// Marks a source file as gone. Its rows stay.
    pub fn mark_missing(&self, row_id: i64) -> Result<()> {
        self.connection
            .execute("UPDATE session_files SET is_missing = 1 WHERE row_id = ?1", [row_id])
            .attempt(|| "mark a source file as gone".into())?;
        Ok(())
    }

    /// Has the next scan read every file anew that it finds, as if each had been rewritten; answers how many sessions
    /// there are. Until then, and of files that are gone, what is stored stays.
    pub fn expect_rewritten(&self) -> Result<u64> {
        self.connection
            .execute("UPDATE session_files SET modified_at_ns = -1, head_hash = 0", [])
            .and_then(|_| self.connection.query_row("SELECT count(*) FROM sessions", [], |row| row.get(0)))
            .map(|sessions: i64| sessions as u64)
            .attempt(|| "have every source file read anew".into())
    }

    /// Has the next run that finds the file at this path read it anew, as if it had been rewritten.
    pub fn expect_file_rewritten(&self, file_path: &str) -> Result<()> {
        self.connection
            .execute(
                "UPDATE session_files SET modified_at_ns = -1, head_hash = 0 WHERE file_path = ?1",
                [file_path],
            )
            .attempt(|| format!("have {file_path} read anew"))?;
        Ok(())
    }

    /// Gives a time to all rows of a file that came before its first time.
    pub fn fill_times(&self, file: &SessionFile, timestamp_ms: i64) -> Result<()> {
        for sql in [
            "UPDATE messages SET timestamp_ms = ?2 WHERE session_file_row_id = ?1",
            "UPDATE replies SET timestamp_ms = ?2 WHERE session_file_row_id = ?1",
            "UPDATE tool_calls SET started_at_ms = ?2 WHERE session_file_row_id = ?1",
            "UPDATE tool_calls SET ended_at_ms = ?2 WHERE result_file_row_id = ?1",
            "UPDATE compactions SET timestamp_ms = ?2 WHERE session_file_row_id = ?1",
        ] {
            self.connection
                .prepare_cached(sql)
                .and_then(|mut statement| statement.execute(params![file.row_id, timestamp_ms]))
                .attempt(|| format!("give times to the first rows of {}", file.file_path))?;
        }
        crate::Write::new(self.connection).sessions().recount(file.session_row)
    }

    /// Removes what a run that was killed stored behind the cursor.
    pub fn forget_after(&self, row_id: i64, byte_offset: u64) -> Result<()> {
        for sql in [
            "DELETE FROM raw_blocks WHERE session_file_row_id = ?1 AND byte_offset >= ?2",
            "DELETE FROM broken_lines WHERE session_file_row_id = ?1 AND byte_offset >= ?2",
        ] {
            self.connection
                .prepare_cached(sql)
                .and_then(|mut statement| statement.execute(params![row_id, byte_offset as i64]))
                .attempt(|| "remove what stands behind a cursor".into())?;
        }
        Ok(())
    }

    /// Removes everything that came from a source file and sets its cursor to the beginning: the file was rewritten.
    /// What it told of its session goes too. Files that told the same are to be booked again
    /// ([`SessionFiles::to_rebook`]).
    pub fn reset(&self, file: &SessionFile) -> Result<()> {
        let attempt = || format!("remove what is stored of the rewritten file {}", file.file_path);
        self.connection
            .prepare_cached(HAVE_SESSION_REBOOKED)
            .and_then(|mut statement| statement.execute([file.row_id]))
            .attempt(attempt)?;
        self.unbook(file)?;
        for sql in [
            "DELETE FROM raw_blocks WHERE session_file_row_id = ?1",
            "DELETE FROM broken_lines WHERE session_file_row_id = ?1",
            "UPDATE session_files SET byte_offset = 0, line_count = 0, head_hash = 0, tail_hash = 0,
               last_timestamp_ms = NULL,
               rebooking = iif(EXISTS (SELECT 1 FROM session_files AS others WHERE others.rebooking = 3
                 AND others.session_row_id = session_files.session_row_id AND others.row_id <> ?1), 3, 0)
             WHERE row_id = ?1",
        ] {
            self.connection.execute(sql, [file.row_id]).attempt(attempt)?;
        }
        Ok(())
    }

    /// Removes the rows that a source file booked, and what it told of its session. Its bytes and its cursor stay.
    pub fn unbook(&self, file: &SessionFile) -> Result<()> {
        // Its messages tell what it told, so they go last.
        self.forget_facts(file.session_row, Some(file.row_id))?;
        let write = crate::Write::new(self.connection);
        write.messages().delete_of_file(file.row_id)?;
        write.tool_calls().delete_of_file(file.row_id)?;
        write.compactions().delete_of_file(file.row_id)?;
        let (_, others) = write.replies().delete_of_file(file)?;
        for sql in [
            "DELETE FROM file_changes WHERE session_file_row_id = ?1",
            "DELETE FROM pull_requests WHERE session_file_row_id = ?1",
            "UPDATE session_files SET rebooking = 2 WHERE row_id = ?1 AND rebooking = 3",
        ] {
            self.connection
                .execute(sql, [file.row_id])
                .attempt(|| format!("remove the rows of {}", file.file_path))?;
        }
        others.into_iter().try_for_each(|session_row| rebuild(self.connection, session_row))?;
        write.sessions().recount(file.session_row)
    }

    /// Removes what transcripts told of a session besides rows of their own: title, first prompt, todos, tasks of the
    /// agent, summary and compaction. What a caller wrote stays: it refers to no message of a file. `file_row`: only
    /// what this file told.
    pub fn forget_facts(&self, session_row: i64, file_row: Option<i64>) -> Result<()> {
        let attempt = || format!("forget what transcripts told of session row {session_row}");
        for table in SESSION_TABLES {
            let told: Vec<(i64, String)> = self
                .connection
                .prepare_cached(&format!("SELECT rowid, message_id FROM {table} WHERE session_row_id = ?1"))
                .and_then(|mut statement| {
                    statement.query_map([session_row], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
                })
                .attempt(attempt)?;
            for (row, message_id) in told {
                let is_of_file: bool = self
                    .connection
                    .prepare_cached(
                        "SELECT EXISTS (SELECT 1 FROM messages WHERE id = ?1 AND session_row_id = ?2
                           AND session_file_row_id IS NOT NULL AND (?3 IS NULL OR session_file_row_id = ?3))",
                    )
                    .and_then(|mut statement| {
                        statement
                            .query_row(params![MessageId::new(&message_id), session_row, file_row], |row| {
                                row.get(0)
                            })
                    })
                    .attempt(attempt)?;
                if is_of_file {
                    self.connection
                        .prepare_cached(&format!("DELETE FROM {table} WHERE rowid = ?1"))
                        .and_then(|mut statement| statement.execute([row]))
                        .attempt(attempt)?;
                }
            }
        }
        // These are those of the session's own transcripts.
        self.connection
            .prepare_cached(
                "UPDATE sessions SET title = NULL, title_rank = 0, title_at_ms = 0, first_prompt = NULL, slug = NULL
                 WHERE row_id = ?1 AND (?2 IS NULL
                   OR EXISTS (SELECT 1 FROM session_files WHERE row_id = ?2 AND file_type = 'main'))",
            )
            .and_then(|mut statement| statement.execute(params![session_row, file_row]))
            .attempt(attempt)?;
        Ok(())
    }

    /// Has all files of a session booked again when one of them is: what was forgotten of the session may have been told by
    /// any of them, also by one that was found meanwhile.
    pub fn rebook_whole_sessions(&self) -> Result<()> {
        self.connection
            .execute(
                "UPDATE session_files SET rebooking = 2
                 WHERE rebooking < 2 AND byte_offset > 0 AND EXISTS (
                   SELECT 1 FROM session_files AS others
                   WHERE others.rebooking >= 2 AND others.session_row_id = session_files.session_row_id
                     AND (others.file_type = 'han_events') = (session_files.file_type = 'han_events'))",
                [],
            )
            .attempt(|| "have whole sessions booked again".into())?;
        Ok(())
    }

    /// Notes that source files are booked again. A file that was asked for anew meanwhile stays to be done.
    pub fn rebooked(&self, row_ids: &[i64]) -> Result<()> {
        for row_id in row_ids {
            self.connection
                .prepare_cached(
                    "UPDATE session_files SET rebooking = 0 WHERE row_id = ?1 AND rebooking IN (1, 2)",
                )
                .and_then(|mut statement| statement.execute([row_id]))
                .attempt(|| "note that a source file is booked again".into())?;
        }
        Ok(())
    }
}

/// The tables of what transcripts tell of their session, each row with the message that told it.
const SESSION_TABLES: [&str; 4] = ["session_summaries", "session_compacts", "session_todos", "native_tasks"];

/// Whatever a file of a session tells may be told by, or belong to something in, each of the others: all of them are to be
/// booked anew. Event files have nothing in common with transcripts.
const HAVE_SESSION_REBOOKED: &str = "UPDATE session_files SET rebooking = 3
  WHERE row_id <> ?1 AND byte_offset > 0
    AND session_row_id = (SELECT session_row_id FROM session_files WHERE row_id = ?1)
    AND (file_type = 'han_events') = (SELECT file_type = 'han_events' FROM session_files WHERE row_id = ?1)";
