//! Full-text search over messages (table `messages_fts`): what a person types becomes an expression that cannot fail
//! ([`query`]), matches are ranked by BM25 with text said before tool input, and shown as [`snippet`]s.

pub(crate) mod bulk;
pub mod query;
pub(crate) mod renewal;
pub mod segment;
pub mod snippet;

pub use bulk::BulkText;
pub use segment::{Postings, Vocabulary};

use crate::{
    Message, MessageRow, Read, error::Attempt, messages::MessageId, sessions::bind, transaction::Search,
};
use han_base::{Cursor, Page, Result, Timestamp};
use rusqlite::{Row, params};

/// A message that was found.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct SearchHit {
    /// Id of the message.
    pub message_id: String,
    /// Its session.
    pub session_id: String,
    /// The session's title.
    pub session_title: Option<String>,
    /// Name of the session's project.
    pub project_name: Option<String>,
    /// Folder of the session's project.
    pub project_path: Option<String>,
    /// The agent that wrote it; absent in the main conversation.
    pub agent_id: Option<String>,
    /// `user`, `assistant`, …
    pub message_type: String,
    /// Who really speaks: `user`, `assistant`, `tool`, `system` or `summary`.
    pub speaker: Option<String>,
    /// Name of the tool that is called.
    pub tool_name: Option<String>,
    /// RFC 3339.
    pub timestamp: String,
    /// Relevance by BM25; larger is better.
    pub score: f64,
    /// The best place of the text, on one line, about 200 characters.
    pub snippet: String,
    /// Where the terms stand in `snippet`: start and end, start and end, … in UTF-16 units.
    pub highlights: Vec<u32>,
}

/// In which order hits come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SearchOrder {
    /// Best first.
    #[default]
    Rank,
    /// Newest first.
    Newest,
}

/// Which messages are searched. Everything is optional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchFilter {
    /// Id, slug, path or name of a project.
    pub project: Option<String>,
    /// A session.
    pub session_id: Option<String>,
    /// `user`, `assistant`, `tool`, `system` or `summary`.
    pub speaker: Option<String>,
    /// An agent; empty means main conversations only.
    pub agent_id: Option<String>,
    /// At or after this time.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
    /// Best or newest first.
    pub order: SearchOrder,
}

/// Letters of this list's cursors, one for each order.
const RANK_CURSOR: char = 'r';
const NEWEST_CURSOR: char = 'n';

/// A match before its text is read.
struct Match {
    row: i64,
    /// What FTS5 calls rank: the smaller, the better.
    rank: f64,
    timestamp_ms: i64,
}

impl Match {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { row: row.get(0)?, rank: row.get(1)?, timestamp_ms: row.get(2)? })
    }
}

impl<A> Search<'_, A> {
    /// A page of the messages that `query` finds. A query without a word finds nothing; no query is an error.
    ///
    /// Messages that are added between two pages appear where they belong when the newest come first, and not at all
    /// when the best do: they would change the rank of all others.
    pub fn page(
        &self,
        query: &str,
        filter: &SearchFilter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<SearchHit>> {
        let kind = if filter.order == SearchOrder::Rank { RANK_CURSOR } else { NEWEST_CURSOR };
        let after = cursor.map(|text| Cursor::decode(kind, text)).transpose()?;
        let compiled = query::compile(query);
        let Some(expression) = &compiled.expression else {
            return Ok(Page { items: Vec::new(), next_cursor: None });
        };
        // Ranks change with every message that is added, so a cursor by rank tells how many hits were shown, and the
        // newest row there was when the first were.
        let after = match after {
            None if kind == RANK_CURSOR => Some(Cursor { kind, value: 0, row: self.newest_row()? }),
            after => after,
        };
        let matches = self.matches(expression, filter, after, limit + 1)?;
        let page = Page::from_rows(matches, limit, |found| match after {
            Some(Cursor { value, row, .. }) if kind == RANK_CURSOR => {
                Cursor { kind, value: value.saturating_add(limit as i64), row }
            }
            _ => Cursor { kind, value: found.timestamp_ms, row: found.row },
        });
        let items = page.items.iter().map(|found| self.hit(found, &compiled.terms)).collect::<Result<_>>()?;
        Ok(Page { items, next_cursor: page.next_cursor })
    }

    /// The messages that `query` finds, newest first: the compatible search.
    pub fn messages(&self, query: &str, session_id: Option<&str>, limit: u32) -> Result<Vec<Message>> {
        let mut messages = Vec::new();
        self.visit_messages(query, session_id, limit, &mut |row| {
            messages.push(row.to_message());
            Ok(())
        })?;
        Ok(messages)
    }

    /// As [`Search::messages`], for callers that copy the rows into a form of their own; an error of `visit` ends the list.
    pub fn visit_messages(
        &self,
        query: &str,
        session_id: Option<&str>,
        limit: u32,
        visit: &mut dyn FnMut(&MessageRow<'_>) -> Result<()>,
    ) -> Result<()> {
        let filter = SearchFilter {
            session_id: session_id.map(str::to_owned),
            order: SearchOrder::Newest,
            ..SearchFilter::default()
        };
        let Some(expression) = query::compile(query).expression else { return Ok(()) };
        let matches = self.matches(&expression, &filter, None, limit as usize)?;
        let messages = Read::new(self.connection).messages();
        messages.visit_rows(matches.iter().map(|found| found.row), visit)
    }

    fn newest_row(&self) -> Result<i64> {
        self.connection
            .prepare_cached("SELECT coalesce(max(row_id), 0) FROM messages")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .attempt(|| "find the newest message".into())
    }

    fn matches(
        &self,
        expression: &str,
        filter: &SearchFilter,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Vec<Match>> {
        let newest = filter.order == SearchOrder::Newest;
        let projects = match &filter.project {
            Some(name) => Some(row_list(&Read::new(self.connection).projects().rows_named(name)?)),
            None => None,
        };
        let mut row_conditions = String::new();
        if projects.is_some() {
            row_conditions += " AND session_row_id IN (SELECT row_id FROM sessions
              WHERE project_row_id IN (SELECT value FROM json_each(:projects)))";
        }
        if filter.session_id.is_some() {
            row_conditions += " AND session_row_id = (SELECT row_id FROM sessions WHERE id = :session)";
        }
        if filter.speaker.is_some() {
            row_conditions += " AND speaker = :speaker";
        }
        match filter.agent_id.as_deref() {
            None => {}
            Some("") => row_conditions += " AND agent_id IS NULL",
            Some(_) => row_conditions += " AND agent_id = :agent",
        }
        if filter.since.is_some() {
            row_conditions += " AND timestamp_ms >= :since";
        }
        if filter.until.is_some() {
            row_conditions += " AND timestamp_ms < :until";
        }
        let (cursor_condition, offset) = match (after.is_some(), newest) {
            (false, _) => ("", ""),
            (true, true) => (" AND (timestamp_ms, row_id) < (:value, :row)", ""),
            (true, false) => (" AND messages_fts.rowid <= :row", " OFFSET :value"),
        };
        // Ranking alone needs nothing of the message's row, so the join is left out then.
        let needs_row = newest || !row_conditions.is_empty();
        let columns = match (needs_row, newest) {
            (true, true) => "row_id, 0.0, timestamp_ms",
            (true, false) => "row_id, messages_fts.rank, timestamp_ms",
            (false, _) => "messages_fts.rowid, messages_fts.rank, 0",
        };
        let join =
            if needs_row { " CROSS JOIN messages ON messages.row_id = messages_fts.rowid" } else { "" };
        let order =
            if newest { "timestamp_ms DESC, row_id DESC" } else { "messages_fts.rank, messages_fts.rowid" };
        let sql = format!(
            "SELECT {columns} FROM messages_fts{join}
             WHERE messages_fts MATCH :expression{row_conditions}{cursor_condition} ORDER BY {order} LIMIT :limit{offset}"
        );
        self.connection
            .prepare_cached(&sql)
            .and_then(|mut statement| {
                bind(&mut statement, ":expression", Some(expression))?;
                bind(&mut statement, ":projects", projects.as_deref())?;
                bind(&mut statement, ":session", filter.session_id.as_deref())?;
                bind(&mut statement, ":speaker", filter.speaker.as_deref())?;
                bind(&mut statement, ":agent", filter.agent_id.as_deref())?;
                bind(&mut statement, ":since", filter.since.map(Timestamp::as_millis))?;
                bind(&mut statement, ":until", filter.until.map(Timestamp::as_millis))?;
                bind(&mut statement, ":value", after.map(|cursor| cursor.value))?;
                bind(&mut statement, ":row", after.map(|cursor| cursor.row))?;
                bind(&mut statement, ":limit", Some(limit as i64))?;
                statement.raw_query().mapped(Match::from_row).collect()
            })
            .attempt(|| format!("search for {expression}"))
    }

    /// Reads what a hit shows.
    fn hit(&self, found: &Match, terms: &[query::QueryTerm]) -> Result<SearchHit> {
        self.connection
            .prepare_cached(
                "SELECT messages.id, sessions.id, coalesce(title, first_prompt), projects.name, projects.path, agent_id,
                   message_type, speaker, tool_name, timestamp_ms, content, coalesce(tool_input_text, tool_input)
                 FROM messages JOIN sessions ON sessions.row_id = session_row_id
                 LEFT JOIN projects ON projects.row_id = project_row_id
                 WHERE messages.row_id = ?1",
            )
            .and_then(|mut statement| {
                statement.query_row(params![found.row], |row| {
                    let text = |column| row.get_ref(column).map(|value| value.as_str().unwrap_or_default());
                    let shown = best_snippet(text(10)?, text(11)?, terms);
                    Ok(SearchHit {
                        message_id: row.get::<_, MessageId>(0)?.to_string(),
                        session_id: row.get(1)?,
                        session_title: row.get(2)?,
                        project_name: row.get(3)?,
                        project_path: row.get(4)?,
                        agent_id: row.get(5)?,
                        message_type: row.get(6)?,
                        speaker: row.get(7)?,
                        tool_name: row.get(8)?,
                        timestamp: Timestamp::from_millis(row.get(9)?).to_string(),
                        score: -found.rank,
                        snippet: shown.text,
                        highlights: shown
                            .highlights
                            .iter()
                            .flat_map(|&(start, end)| [start as u32, end as u32])
                            .collect(),
                    })
                })
            })
            .attempt(|| format!("read hit {}", found.row))
    }
}

/// The snippet of what was said, or of the tool's input when the terms stand only there.
fn best_snippet(content: &str, tool_input: &str, terms: &[query::QueryTerm]) -> snippet::Snippet {
    let said = snippet::snippet(content, terms, snippet::DEFAULT_CHARS);
    if said.highlights.is_empty() && !tool_input.is_empty() {
        let input = snippet::snippet(tool_input, terms, snippet::DEFAULT_CHARS);
        if !input.highlights.is_empty() {
            return input;
        }
    }
    said
}

/// A list of rows as JSON, for `json_each`: lists of any length take one parameter.
pub(crate) fn row_list(rows: &[i64]) -> String {
    let numbers: Vec<String> = rows.iter().map(ToString::to_string).collect();
    format!("[{}]", numbers.join(","))
}
