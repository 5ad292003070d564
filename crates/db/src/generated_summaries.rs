//! Summaries of sessions that a model wrote (table `generated_summaries`), one per session, with full-text search over
//! text and topics (table `generated_summaries_fts`).

use crate::{
    columns::{TextList, time},
    error::Attempt,
    pages::{fetch, with_one_more},
    search::query,
    transaction::{GeneratedSummaries, Read, ReadWrite},
};
use han_base::{Code, Cursor, Error, Page, Result, Timestamp, id};
use rusqlite::{OptionalExtension, Row, params};

/// A summary of a session that a model wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct GeneratedSessionSummary {
    /// Random UUID; stays when the summary is written anew.
    pub id: String,
    /// The session.
    pub session_id: String,
    /// What happened.
    pub summary_text: String,
    /// What it was about, in words.
    pub topics: Vec<String>,
    /// Files that were changed.
    pub files_modified: Option<Vec<String>>,
    /// Tools that were used.
    pub tools_used: Option<Vec<String>>,
    /// `completed`, `partial` or `abandoned`.
    pub outcome: Option<String>,
    /// Messages that the session had when it was summarised.
    pub message_count: Option<i64>,
    /// How long the session took, in seconds.
    pub duration_seconds: Option<i64>,
    /// RFC 3339.
    pub created_at: Option<String>,
    /// RFC 3339.
    pub updated_at: Option<String>,
}

/// What is written of a summary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_to_js = false))]
pub struct GeneratedSessionSummaryInput {
    /// An existing session.
    pub session_id: String,
    /// What happened.
    pub summary_text: String,
    /// What it was about, in words.
    pub topics: Vec<String>,
    /// Files that were changed; absent erases known ones.
    pub files_modified: Option<Vec<String>>,
    /// Tools that were used; absent erases known ones.
    pub tools_used: Option<Vec<String>>,
    /// `completed`, `partial` or `abandoned`; absent erases a known one.
    pub outcome: Option<String>,
    /// Messages that the session has; absent erases a known number.
    pub message_count: Option<i64>,
    /// How long the session took, in seconds; absent erases a known number.
    pub duration_seconds: Option<i64>,
}

const SELECT: &str =
    "SELECT summary.id, sessions.id, summary_text, topics, files_modified, tools_used, outcome,
  summary.message_count, duration_seconds, created_at_ms, updated_at_ms, summary.row_id
  FROM generated_summaries AS summary CROSS JOIN sessions ON sessions.row_id = session_row_id";

/// Letter of this list's cursors.
const CURSOR: char = 'g';

/// Letter of the cursors of sessions without a summary.
const MISSING_CURSOR: char = 'u';

impl GeneratedSessionSummary {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let list = |column| -> rusqlite::Result<Option<Vec<String>>> {
            Ok(row.get::<_, Option<TextList>>(column)?.map(|list| list.0))
        };
        Ok(Self {
            id: row.get(0)?,
            session_id: row.get(1)?,
            summary_text: row.get(2)?,
            topics: row.get::<_, TextList>(3)?.0,
            files_modified: list(4)?,
            tools_used: list(5)?,
            outcome: row.get(6)?,
            message_count: row.get(7)?,
            duration_seconds: row.get(8)?,
            created_at: Some(time(row, 9)?),
            updated_at: Some(time(row, 10)?),
        })
    }
}

impl<A> GeneratedSummaries<'_, A> {
    /// The summary of a session.
    pub fn get(&self, session_id: &str) -> Result<Option<GeneratedSessionSummary>> {
        self.connection
            .prepare_cached(&format!(
                "{SELECT} WHERE session_row_id = (SELECT row_id FROM sessions WHERE id = ?1)"
            ))
            .and_then(|mut statement| {
                statement.query_row([session_id], GeneratedSessionSummary::from_row).optional()
            })
            .attempt(|| format!("read the generated summary of session {session_id}"))
    }

    /// The summaries whose text or topics a query finds, the one that was created last first, at most `limit`. The
    /// language is that of [`query`], without its fields. A query without a word finds nothing.
    pub fn search(&self, query: &str, limit: u32) -> Result<Vec<GeneratedSessionSummary>> {
        let rows = self.matches(query, None, i64::from(limit))?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    /// A page of [`GeneratedSummaries::search`].
    pub fn search_page(
        &self,
        query: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<GeneratedSessionSummary>> {
        let after = cursor.map(|text| Cursor::decode(CURSOR, text)).transpose()?;
        let page = Page::from_rows(self.matches(query, after, limit as i64 + 1)?, limit, |row| row.1);
        Ok(Page { items: page.items.into_iter().map(|row| row.0).collect(), next_cursor: page.next_cursor })
    }

    fn matches(
        &self,
        query: &str,
        after: Option<Cursor>,
        limit: i64,
    ) -> Result<Vec<(GeneratedSessionSummary, Cursor)>> {
        let Some(expression) = query::compile_without_fields(query).expression else { return Ok(Vec::new()) };
        // Behind every row when no page came before.
        let (value, row) = after.map_or((i64::MAX, i64::MAX), |cursor| (cursor.value, cursor.row));
        self.connection
            .prepare_cached(&format!(
                "{SELECT} WHERE summary.row_id IN
                   (SELECT rowid FROM generated_summaries_fts WHERE generated_summaries_fts MATCH ?1)
                 AND (created_at_ms, summary.row_id) < (?2, ?3)
                 ORDER BY created_at_ms DESC, summary.row_id DESC LIMIT ?4"
            ))
            .and_then(|mut statement| {
                statement
                    .query_map(params![expression, value, row, limit], |row| {
                        let cursor = Cursor { kind: CURSOR, value: row.get(9)?, row: row.get(11)? };
                        Ok((GeneratedSessionSummary::from_row(row)?, cursor))
                    })?
                    .collect()
            })
            .attempt(|| format!("search generated summaries for {expression}"))
    }

    /// Ids of the sessions that have no summary, newest message first, those without a message last, at most `limit`.
    pub fn missing(&self, limit: u32) -> Result<Vec<String>> {
        self.connection
            .prepare_cached(
                "SELECT id FROM sessions
                 WHERE NOT EXISTS (SELECT 1 FROM generated_summaries WHERE session_row_id = sessions.row_id)
                 ORDER BY last_message_at_ms DESC, row_id DESC LIMIT ?1",
            )
            .and_then(|mut statement| statement.query_map([limit], |row| row.get(0))?.collect())
            .attempt(|| "list sessions without a generated summary".into())
    }
}

/// Stands in cursors of [`GeneratedSummaries::page_of_missing`] for sessions without a message, which come last.
const NO_MESSAGE_MS: i64 = i64::MIN;

impl<A> GeneratedSummaries<'_, A> {
    /// A page of [`GeneratedSummaries::missing`].
    pub fn page_of_missing(&self, cursor: Option<&str>, limit: usize) -> Result<Page<String>> {
        let after = cursor.map(|text| Cursor::decode(MISSING_CURSOR, text)).transpose()?;
        let after = after.map_or((i64::MAX, i64::MAX), |cursor| (cursor.value, cursor.row));
        let mut rows = Vec::new();
        if after.0 != NO_MESSAGE_MS {
            let timed = "last_message_at_ms IS NOT NULL AND (last_message_at_ms, row_id) < (:value, :row)";
            rows = self.missing_rows(timed, after, with_one_more(limit))?;
        }
        if rows.len() <= limit {
            let left = with_one_more(limit) - rows.len() as i64;
            let row = if after.0 == NO_MESSAGE_MS { after.1 } else { i64::MAX };
            let untimed = "last_message_at_ms IS NULL AND row_id < :row";
            rows.extend(self.missing_rows(untimed, (NO_MESSAGE_MS, row), left)?);
        }
        Ok(Page::from_keyed(rows, limit))
    }

    /// Ids with their cursors, of the sessions without a summary that `part` (SQL) holds for.
    fn missing_rows(&self, part: &str, after: (i64, i64), limit: i64) -> Result<Vec<(String, String)>> {
        fetch(
            self.connection,
            &format!(
                "SELECT id, last_message_at_ms, row_id FROM sessions
                 WHERE {part} AND NOT EXISTS (SELECT 1 FROM generated_summaries WHERE session_row_id = sessions.row_id)
                 ORDER BY last_message_at_ms DESC, row_id DESC LIMIT :limit"
            ),
            &[(":value", &after.0), (":row", &after.1), (":limit", &limit)],
            |row| {
                let value = row.get::<_, Option<i64>>(1)?.unwrap_or(NO_MESSAGE_MS);
                let cursor = Cursor { kind: MISSING_CURSOR, value, row: row.get(2)? };
                Ok((row.get(0)?, cursor.encode()))
            },
        )
        .attempt(|| "list sessions without a generated summary".into())
    }
}

impl GeneratedSummaries<'_, ReadWrite> {
    /// Writes the summary of a session, in place of the one it had. An unknown session is `DB_CONSTRAINT`.
    pub fn upsert(&self, input: &GeneratedSessionSummaryInput) -> Result<GeneratedSessionSummary> {
        let session_id = &input.session_id;
        let session_row = Read::new(self.connection).sessions().required_row(session_id)?;
        let attempt = || format!("write the generated summary of session {session_id}");
        let now = Timestamp::now().as_millis();
        let list = |texts: &Option<Vec<String>>| texts.clone().map(TextList);
        self.remove_from_index(session_row)?;
        self.connection
            .prepare_cached(
                "INSERT INTO generated_summaries (id, session_row_id, summary_text, topics, files_modified, tools_used,
                   outcome, message_count, duration_seconds, created_at_ms, updated_at_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10)
                 ON CONFLICT (session_row_id) DO UPDATE SET summary_text = excluded.summary_text,
                   topics = excluded.topics, files_modified = excluded.files_modified,
                   tools_used = excluded.tools_used, outcome = excluded.outcome,
                   message_count = excluded.message_count, duration_seconds = excluded.duration_seconds,
                   updated_at_ms = excluded.updated_at_ms",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    id::random(),
                    session_row,
                    input.summary_text,
                    TextList(input.topics.clone()),
                    list(&input.files_modified),
                    list(&input.tools_used),
                    input.outcome,
                    input.message_count,
                    input.duration_seconds,
                    now,
                ])
            })
            .attempt(attempt)?;
        self.connection
            .prepare_cached(
                "INSERT INTO generated_summaries_fts (rowid, summary_text, topics)
                 SELECT row_id, summary_text, topics FROM generated_summary_texts WHERE row_id =
                   (SELECT row_id FROM generated_summaries WHERE session_row_id = ?1)",
            )
            .and_then(|mut statement| statement.execute([session_row]))
            .attempt(attempt)?;
        self.get(session_id)?.ok_or_else(|| {
            Error::new(Code::Internal, format!("read the summary of session {session_id} after writing it"))
        })
    }

    /// Takes the words of a session's summary out of the index, while they are still known.
    fn remove_from_index(&self, session_row: i64) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO generated_summaries_fts (generated_summaries_fts, rowid, summary_text, topics)
                 SELECT 'delete', row_id, summary_text, topics FROM generated_summary_texts WHERE row_id =
                   (SELECT row_id FROM generated_summaries WHERE session_row_id = ?1)",
            )
            .and_then(|mut statement| statement.execute([session_row]))
            .attempt(|| format!("take the summary of session row {session_row} out of the index"))?;
        Ok(())
    }
}
