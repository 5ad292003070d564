//! Sessions (table `sessions`) with the counters that writers of messages keep.

use crate::{
    activity::{self, Hours, RowFigures},
    error::Attempt,
    transaction::{ReadWrite, Sessions},
};
use han_base::{Code, Cursor, Error, Page, Result, Timestamp};
use rusqlite::{OptionalExtension, Row, named_params, params};

/// A session, as compatible callers see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct Session {
    /// The agent's session id.
    pub id: String,
    /// The project it belongs to.
    pub project_id: Option<String>,
    /// `active` or `completed`.
    pub status: String,
    /// Path of the main transcript.
    pub transcript_path: Option<String>,
    /// The name in words that the agent gave the session.
    pub slug: Option<String>,
    /// The agent's config folder that the transcript lies in.
    pub source_config_dir: Option<String>,
    /// 0-based number of the last indexed line of the main transcript.
    pub last_indexed_line: Option<i64>,
}

/// What is written of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_to_js = false))]
pub struct SessionInput {
    /// The agent's session id.
    pub id: String,
    /// An existing project; absent keeps the known one.
    pub project_id: Option<String>,
    /// Default `active`; always overwrites.
    pub status: Option<String>,
    /// Absent keeps the known one.
    pub transcript_path: Option<String>,
    /// Absent keeps the known one.
    pub slug: Option<String>,
    /// Absent keeps the known one.
    pub source_config_dir: Option<String>,
}

/// A session with what a list of sessions shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct SessionOverview {
    /// The agent's session id.
    pub id: String,
    /// Title given by the user or the agent, or the newest summary.
    pub title: Option<String>,
    /// Beginning of the first prompt that was typed, up to 200 characters.
    pub first_prompt: Option<String>,
    /// `active` or `completed`.
    pub status: String,
    /// The project it belongs to.
    pub project_id: Option<String>,
    /// The project's name.
    pub project_name: Option<String>,
    /// The project's folder.
    pub project_path: Option<String>,
    /// Path of the main transcript.
    pub transcript_path: Option<String>,
    /// Time of the first message, RFC 3339.
    pub started_at: Option<String>,
    /// Time of the last message, RFC 3339.
    pub ended_at: Option<String>,
    /// Rows of type user and assistant.
    pub message_count: i64,
    /// All rows.
    pub row_count: i64,
    /// Transcripts of agents that the session started.
    pub agent_count: i64,
    /// Tokens of all replies that the session booked, each reply once.
    pub input_tokens: i64,
    /// Tokens written by the model.
    pub output_tokens: i64,
    /// Tokens read from the cache.
    pub cache_read_tokens: i64,
    /// Tokens written to the cache.
    pub cache_creation_tokens: i64,
    /// Whether a transcript of it was gone when it was last looked for: what is stored stays, and nothing else holds it.
    pub is_source_missing: bool,
}

/// Which sessions a page shows. Everything is optional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionFilter {
    /// Id, slug, path or name of a project.
    pub project: Option<String>,
    /// Sessions with a message at or after this time.
    pub since: Option<Timestamp>,
    /// Sessions whose first message is before this time.
    pub until: Option<Timestamp>,
}

const SELECT: &str = "SELECT sessions.id, projects.id, status, transcript_path, sessions.slug,
  sessions.source_config_dir,
  (SELECT line_count - 1 FROM session_files
   WHERE session_row_id = sessions.row_id AND file_type = 'main' AND line_count > 0 ORDER BY row_id LIMIT 1)
  FROM sessions LEFT JOIN projects ON projects.row_id = sessions.project_row_id";

const SELECT_OVERVIEW: &str = "SELECT sessions.id, title, first_prompt, status, projects.id, projects.name,
  projects.path, transcript_path, first_message_at_ms, last_message_at_ms, message_count, row_count,
  (SELECT count(DISTINCT agent_id) FROM session_files WHERE session_row_id = sessions.row_id AND file_type = 'agent'),
  (SELECT coalesce(sum(input_tokens), 0) FROM activity_hours WHERE session_row_id = sessions.row_id),
  (SELECT coalesce(sum(output_tokens), 0) FROM activity_hours WHERE session_row_id = sessions.row_id),
  (SELECT coalesce(sum(cache_read_tokens), 0) FROM activity_hours WHERE session_row_id = sessions.row_id),
  (SELECT coalesce(sum(cache_creation_tokens), 0) FROM activity_hours WHERE session_row_id = sessions.row_id),
  EXISTS (SELECT 1 FROM session_files WHERE session_row_id = sessions.row_id AND is_missing = 1),
  sessions.row_id
  FROM sessions LEFT JOIN projects ON projects.row_id = sessions.project_row_id";

/// Sessions without a message come last in lists that show the newest first.
const NO_MESSAGE_MS: i64 = i64::MIN;

/// Letter of this list's cursors.
const CURSOR: char = 's';

impl Session {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            project_id: row.get(1)?,
            status: row.get(2)?,
            transcript_path: row.get(3)?,
            slug: row.get(4)?,
            source_config_dir: row.get(5)?,
            last_indexed_line: row.get(6)?,
        })
    }
}

impl SessionOverview {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let time = |column| -> rusqlite::Result<Option<String>> {
            Ok(row.get::<_, Option<i64>>(column)?.map(|millis| Timestamp::from_millis(millis).to_string()))
        };
        Ok(Self {
            id: row.get(0)?,
            title: row.get(1)?,
            first_prompt: row.get(2)?,
            status: row.get(3)?,
            project_id: row.get(4)?,
            project_name: row.get(5)?,
            project_path: row.get(6)?,
            transcript_path: row.get(7)?,
            started_at: time(8)?,
            ended_at: time(9)?,
            message_count: row.get(10)?,
            row_count: row.get(11)?,
            agent_count: row.get(12)?,
            input_tokens: row.get(13)?,
            output_tokens: row.get(14)?,
            cache_read_tokens: row.get(15)?,
            cache_creation_tokens: row.get(16)?,
            is_source_missing: row.get(17)?,
        })
    }
}

impl<A> Sessions<'_, A> {
    /// The session with this id.
    pub fn get(&self, id: &str) -> Result<Option<Session>> {
        self.connection
            .prepare_cached(&format!("{SELECT} WHERE sessions.id = ?1"))
            .and_then(|mut statement| statement.query_row([id], Session::from_row).optional())
            .attempt(|| format!("read session {id}"))
    }

    /// Sessions of a project (by its id) and with a status, newest message first, those without a message last, at most
    /// `limit`.
    pub fn list(&self, project_id: Option<&str>, status: Option<&str>, limit: u32) -> Result<Vec<Session>> {
        // Its own condition lets the index on projects give the order.
        let of_project = match project_id {
            Some(_) => "project_row_id = (SELECT row_id FROM projects WHERE id = ?1)",
            None => "?1 IS NULL",
        };
        self.connection
            .prepare_cached(&format!(
                "{SELECT} WHERE {of_project} AND (?2 IS NULL OR status = ?2)
                 ORDER BY last_message_at_ms DESC, sessions.row_id DESC LIMIT ?3"
            ))
            .and_then(|mut statement| {
                statement.query_map(params![project_id, status, limit], Session::from_row)?.collect()
            })
            .attempt(|| "list sessions".into())
    }

    /// A page of overviews, newest message first.
    pub fn page(
        &self,
        filter: &SessionFilter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<SessionOverview>> {
        let projects = filter.project.as_deref().map(|name| self.projects_named(name)).transpose()?;
        let after = cursor.map(|text| Cursor::decode(CURSOR, text)).transpose()?;
        // Sessions without a message come last. No comparison finds NULL, so they are a part of their own.
        let (timed, untimed) = match after {
            None => (Some(" AND last_message_at_ms IS NOT NULL"), " AND last_message_at_ms IS NULL"),
            Some(Cursor { value: NO_MESSAGE_MS, .. }) => {
                (None, " AND last_message_at_ms IS NULL AND sessions.row_id < :row")
            }
            Some(_) => (
                Some(" AND (last_message_at_ms, sessions.row_id) < (:value, :row)"),
                " AND last_message_at_ms IS NULL",
            ),
        };
        let mut rows = match timed {
            Some(part) => self.part_of_page(part, filter, projects.as_deref(), after, limit + 1)?,
            None => Vec::new(),
        };
        if rows.len() <= limit {
            let left = limit + 1 - rows.len();
            rows.extend(self.part_of_page(untimed, filter, projects.as_deref(), after, left)?);
        }
        let page = Page::from_rows(rows, limit, |row| row.1);
        Ok(Page { items: page.items.into_iter().map(|row| row.0).collect(), next_cursor: page.next_cursor })
    }

    /// Overviews with their cursors, newest message first, of the sessions that `part` (SQL) and `filter` hold for.
    fn part_of_page(
        &self,
        part: &str,
        filter: &SessionFilter,
        projects: Option<&[i64]>,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Vec<(SessionOverview, Cursor)>> {
        let mut sql = format!("{SELECT_OVERVIEW} WHERE true{part}");
        sql += match projects {
            None => "",
            // One project is the rule, and the index gives its sessions in order.
            Some([_]) => " AND project_row_id = (:projects ->> 0)",
            Some(_) => " AND project_row_id IN (SELECT value FROM json_each(:projects))",
        };
        if filter.since.is_some() {
            sql += " AND last_message_at_ms >= :since";
        }
        if filter.until.is_some() {
            sql += " AND first_message_at_ms < :until";
        }
        sql += " ORDER BY last_message_at_ms DESC, sessions.row_id DESC LIMIT :limit";
        self.connection
            .prepare_cached(&sql)
            .and_then(|mut statement| {
                bind(&mut statement, ":projects", projects.map(crate::search::row_list))?;
                bind(&mut statement, ":since", filter.since.map(Timestamp::as_millis))?;
                bind(&mut statement, ":until", filter.until.map(Timestamp::as_millis))?;
                bind(&mut statement, ":value", after.map(|cursor| cursor.value))?;
                bind(&mut statement, ":row", after.map(|cursor| cursor.row))?;
                bind(&mut statement, ":limit", Some(limit as i64))?;
                statement
                    .raw_query()
                    .mapped(|row| {
                        let at: Option<i64> = row.get(9)?;
                        let cursor =
                            Cursor { kind: CURSOR, value: at.unwrap_or(NO_MESSAGE_MS), row: row.get(18)? };
                        Ok((SessionOverview::from_row(row)?, cursor))
                    })
                    .collect()
            })
            .attempt(|| "list sessions".into())
    }

    fn projects_named(&self, name: &str) -> Result<Vec<i64>> {
        crate::Read::new(self.connection).projects().rows_named(name)
    }

    /// The overview of one session.
    pub fn overview(&self, id: &str) -> Result<Option<SessionOverview>> {
        self.connection
            .prepare_cached(&format!("{SELECT_OVERVIEW} WHERE sessions.id = ?1"))
            .and_then(|mut statement| statement.query_row([id], SessionOverview::from_row).optional())
            .attempt(|| format!("read session {id}"))
    }

    /// Ids that begin with `prefix`, newest message first, at most `limit`.
    pub fn find(&self, prefix: &str, limit: u32) -> Result<Vec<String>> {
        let end = prefix_end(prefix);
        let until = if end.is_some() { "id < ?2" } else { "?2 IS NULL" };
        self.connection
            .prepare_cached(&format!(
                "SELECT id FROM sessions WHERE id >= ?1 AND {until}
                 ORDER BY last_message_at_ms DESC, row_id DESC LIMIT ?3"
            ))
            .and_then(|mut statement| {
                statement.query_map(params![prefix, end, limit], |row| row.get(0))?.collect()
            })
            .attempt(|| format!("find sessions {prefix}"))
    }

    /// 0-based number of the last indexed line of the session's main transcript; 0 when nothing is.
    pub fn last_indexed_line(&self, id: &str) -> Result<i64> {
        Ok(self.get(id)?.and_then(|session| session.last_indexed_line).unwrap_or(0))
    }

    pub(crate) fn row(&self, id: &str) -> Result<Option<i64>> {
        self.connection
            .prepare_cached("SELECT row_id FROM sessions WHERE id = ?1")
            .and_then(|mut statement| statement.query_row([id], |row| row.get(0)).optional())
            .attempt(|| format!("read session {id}"))
    }

    /// The row of a session that must be there. Code: [`Code::DbConstraint`].
    pub(crate) fn required_row(&self, id: &str) -> Result<i64> {
        self.row(id)?.ok_or_else(|| {
            Error::new(Code::DbConstraint, format!("refer to session {id}: there is no such session"))
        })
    }
}

/// The smallest text behind all texts that begin with `prefix`, in the order of their bytes; `None` when there is none.
/// What begins with `prefix` is then a range, which an index finds.
pub(crate) fn prefix_end(prefix: &str) -> Option<String> {
    let (last, next) = prefix.char_indices().rev().find_map(|(index, character)| {
        // The range of characters leaps over the surrogates.
        let next = (character..=char::MAX).nth(1)?;
        Some((index, next))
    })?;
    Some(format!("{}{next}", &prefix[..last]))
}

/// Binds a named parameter that a statement may or may not have.
pub(crate) fn bind<T: rusqlite::ToSql>(
    statement: &mut rusqlite::CachedStatement<'_>,
    name: &str,
    value: Option<T>,
) -> rusqlite::Result<()> {
    match (statement.parameter_index(name)?, value) {
        (Some(index), Some(value)) => statement.raw_bind_parameter(index, value),
        _ => Ok(()),
    }
}

/// What a source file tells about its session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionFacts {
    /// Whether the file is the session's own transcript: what it tells goes before what those of agents tell.
    pub is_main: bool,
    /// The project's row.
    pub project_row: Option<i64>,
    /// Set by the main transcript only.
    pub transcript_path: Option<String>,
    /// The name in words.
    pub slug: Option<String>,
    /// A title with its rank: 3 given by the user, 2 by the agent, 1 a summary. The newest of the highest rank stays.
    pub title: Option<(String, u8)>,
    /// When the title was given, milliseconds since 1970.
    pub title_at_ms: i64,
    /// The first prompt that was typed.
    pub first_prompt: Option<String>,
    /// The agent's config folder.
    pub source_config_dir: Option<String>,
}

impl Sessions<'_, ReadWrite> {
    /// Inserts the session or changes the one with the same id. An unknown project is `DB_CONSTRAINT`.
    pub fn upsert(&self, input: &SessionInput) -> Result<Session> {
        let project_row: Option<i64> = match &input.project_id {
            None => None,
            Some(project_id) => Some(
                self.connection
                    .prepare_cached("SELECT row_id FROM projects WHERE id = ?1")
                    .and_then(|mut statement| statement.query_row([project_id], |row| row.get(0)).optional())
                    .attempt(|| format!("read project {project_id}"))?
                    .ok_or_else(|| {
                        Error::new(
                            Code::DbConstraint,
                            format!(
                                "write session {} of project {project_id}: there is no such project",
                                input.id
                            ),
                        )
                    })?,
            ),
        };
        self.connection
            .prepare_cached(
                "INSERT INTO sessions (id, project_row_id, status, transcript_path, slug, source_config_dir)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (id) DO UPDATE SET status = excluded.status,
                   project_row_id = coalesce(excluded.project_row_id, project_row_id),
                   transcript_path = coalesce(excluded.transcript_path, transcript_path),
                   slug = coalesce(excluded.slug, slug),
                   source_config_dir = coalesce(excluded.source_config_dir, source_config_dir)",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    input.id,
                    project_row,
                    input.status.as_deref().unwrap_or("active"),
                    input.transcript_path,
                    input.slug,
                    input.source_config_dir,
                ])
            })
            .attempt(|| format!("write session {}", input.id))?;
        self.get(&input.id)?
            .ok_or_else(|| Error::new(Code::Internal, format!("read session {} after writing it", input.id)))
    }

    /// Marks the session as completed; an unknown id changes nothing.
    pub fn end(&self, id: &str) -> Result<()> {
        self.connection
            .execute("UPDATE sessions SET status = 'completed' WHERE id = ?1", [id])
            .attempt(|| format!("end session {id}"))?;
        Ok(())
    }

    /// The row of the session, made when it is missing; tells whether it was.
    pub fn ensure(&self, id: &str) -> Result<(i64, bool)> {
        if let Some(row) = self.row(id)? {
            return Ok((row, false));
        }
        self.connection
            .execute("INSERT INTO sessions (id) VALUES (?1)", [id])
            .attempt(|| format!("write session {id}"))?;
        Ok((self.connection.last_insert_rowid(), true))
    }

    /// Adds what a source file tells; facts it does not tell stay as they are.
    pub fn add_facts(&self, session_row: i64, facts: &SessionFacts) -> Result<()> {
        let (title, title_rank) = match &facts.title {
            Some((title, rank)) => (Some(title), *rank),
            None => (None, 0),
        };
        self.connection
            .prepare_cached(
                "UPDATE sessions SET
                   project_row_id = CASE WHEN :is_main THEN coalesce(:project_row, project_row_id)
                     ELSE coalesce(project_row_id, :project_row) END,
                   transcript_path = coalesce(:transcript_path, transcript_path),
                   slug = coalesce(slug, :slug),
                   (title, title_rank, title_at_ms) =
                     (SELECT :title, :title_rank, :title_at
                        WHERE :title IS NOT NULL AND (:title_rank, :title_at) >= (title_rank, title_at_ms)
                      UNION ALL SELECT title, title_rank, title_at_ms LIMIT 1),
                   first_prompt = coalesce(first_prompt, :first_prompt),
                   source_config_dir = coalesce(:source_config_dir, source_config_dir)
                 WHERE row_id = :session_row",
            )
            .and_then(|mut statement| {
                statement.execute(named_params! {
                    ":is_main": facts.is_main,
                    ":project_row": facts.project_row,
                    ":transcript_path": facts.transcript_path,
                    ":slug": facts.slug,
                    ":title": title,
                    ":title_rank": title_rank,
                    ":title_at": facts.title_at_ms,
                    ":first_prompt": facts.first_prompt,
                    ":source_config_dir": facts.source_config_dir,
                    ":session_row": session_row,
                })
            })
            .attempt(|| format!("write what is known of session row {session_row}"))?;
        Ok(())
    }

    /// Adds rows to the counters and figures, and widens the time span.
    pub(crate) fn count(&self, session_row: i64, added: &Counted) -> Result<()> {
        if *added == Counted::default() {
            return Ok(());
        }
        self.connection
            .prepare_cached(
                "UPDATE sessions SET message_count = message_count + ?2, row_count = row_count + ?3,
                   first_message_at_ms = min(coalesce(first_message_at_ms, ?4), coalesce(?4, first_message_at_ms)),
                   last_message_at_ms = max(coalesce(last_message_at_ms, ?5), coalesce(?5, last_message_at_ms))
                 WHERE row_id = ?1",
            )
            .and_then(|mut statement| {
                statement.execute(params![session_row, added.messages, added.rows, added.first_ms, added.last_ms])
            })
            .attempt(|| format!("count rows of session row {session_row}"))?;
        added.hours.store(self.connection, session_row)
    }

    /// Counts the session's rows and figures anew, after rows were removed.
    pub(crate) fn recount(&self, session_row: i64) -> Result<()> {
        self.connection
            .execute(
                "UPDATE sessions SET (message_count, row_count, first_message_at_ms, last_message_at_ms) =
                   (SELECT coalesce(sum(message_type IN ('user', 'assistant')), 0), count(*),
                      min(timestamp_ms), max(timestamp_ms)
                    FROM messages WHERE session_row_id = sessions.row_id)
                 WHERE row_id = ?1",
                [session_row],
            )
            .attempt(|| format!("count rows of session row {session_row}"))?;
        activity::rebuild(self.connection, session_row)
    }
}

/// Rows added to a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    /// Rows of type user and assistant.
    messages: i64,
    /// All rows.
    pub(crate) rows: i64,
    /// Earliest time among them.
    first_ms: Option<i64>,
    /// Latest time among them.
    last_ms: Option<i64>,
    /// Their figures by hour.
    hours: Hours,
}

impl Counted {
    /// Counts one row more.
    pub(crate) fn add(&mut self, row: &RowFigures<'_>) {
        self.rows += 1;
        self.messages += i64::from(is_conversation(row.message_type));
        self.first_ms = Some(self.first_ms.map_or(row.timestamp_ms, |first| first.min(row.timestamp_ms)));
        self.last_ms = Some(self.last_ms.map_or(row.timestamp_ms, |last| last.max(row.timestamp_ms)));
        self.hours.add_row(row);
    }

    /// Takes back a row that was counted before and is counted again with other figures, at the same time.
    pub(crate) fn remove(&mut self, row: &RowFigures<'_>) {
        self.rows -= 1;
        self.messages -= i64::from(is_conversation(row.message_type));
        self.hours.remove_row(row);
    }
}

fn is_conversation(message_type: &str) -> bool {
    matches!(message_type, "user" | "assistant")
}
