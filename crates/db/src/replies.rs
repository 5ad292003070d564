//! The token ledger (table `replies`): a reply of a model is spread over several lines, and may stand in several
//! files, that all repeat its usage; it is booked once, with the largest usage.

use crate::{
    activity::{Hours, UsageFigures},
    columns::time,
    error::Attempt,
    pages::{fetch, with_one_more},
    session_files::SessionFile,
    transaction::{ReadWrite, Replies},
};
use han_base::{Cursor, Page, Result};
use rusqlite::{OptionalExtension, Row, ToSql};
use std::collections::BTreeMap;

/// A reply of a model as one line tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewReply {
    /// The model's id of the reply.
    pub message_id: String,
    /// The id of the request, empty where the line has none.
    pub request_id: String,
    /// The agent that asked; none for the main conversation.
    pub agent_id: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// Milliseconds since 1970.
    pub timestamp_ms: i64,
    /// Tokens read anew.
    pub input_tokens: i64,
    /// Tokens written. It grows while a reply is streamed, so the largest counts.
    pub output_tokens: i64,
    /// Tokens read from the cache.
    pub cache_read_tokens: i64,
    /// Tokens written to the cache, for five minutes and for one hour.
    pub cache_creation_tokens: i64,
    /// Those of them for one hour.
    pub cache_hour_tokens: i64,
    /// Searches that the server made.
    pub web_search_requests: i64,
    /// Pages that the server fetched.
    pub web_fetch_requests: i64,
    /// Where the line stands in its file.
    pub byte_offset: Option<u64>,
    /// How the usage was read from the line.
    pub rule: Option<&'static str>,
}

/// A reply of a model as it is booked: what it used, and which line of which file says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct BookedReply {
    /// The model's id of the reply.
    pub message_id: String,
    /// The id of the request; empty where no line has one.
    pub request_id: String,
    /// The session that counts it.
    pub session_id: String,
    /// The agent that asked; absent in the main conversation.
    pub agent_id: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// When, RFC 3339.
    pub timestamp: String,
    /// Tokens read anew.
    pub input_tokens: i64,
    /// Tokens written.
    pub output_tokens: i64,
    /// Tokens read from the cache.
    pub cache_read_tokens: i64,
    /// Tokens written to the cache.
    pub cache_creation_tokens: i64,
    /// Those of them that are kept for one hour.
    pub cache_hour_tokens: i64,
    /// Searches that the server made.
    pub web_search_requests: i64,
    /// Pages that the server fetched.
    pub web_fetch_requests: i64,
    /// The file whose line told these numbers; absent for what a caller gave.
    pub file_path: Option<String>,
    /// First byte of that line.
    pub byte_offset: Option<i64>,
    /// The rule by which the numbers were read, for instance `usage.message`.
    pub rule: Option<String>,
    /// What the rule does, in one sentence.
    pub rule_meaning: Option<String>,
}

const SELECT: &str = "SELECT replies.message_id, request_id, sessions.id, replies.agent_id, model, replies.timestamp_ms,
  input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens, cache_hour_tokens, web_search_requests,
  web_fetch_requests, file_path, replies.byte_offset, rule, replies.row_id
  FROM replies JOIN sessions ON sessions.row_id = replies.session_row_id
  LEFT JOIN session_files ON session_files.row_id = usage_file_row_id";

/// Letter of this list's cursors.
const CURSOR: char = 'y';

impl BookedReply {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            message_id: row.get(0)?,
            request_id: row.get(1)?,
            session_id: row.get(2)?,
            agent_id: row.get(3)?,
            model: row.get(4)?,
            timestamp: time(row, 5)?,
            input_tokens: row.get(6)?,
            output_tokens: row.get(7)?,
            cache_read_tokens: row.get(8)?,
            cache_creation_tokens: row.get(9)?,
            cache_hour_tokens: row.get(10)?,
            web_search_requests: row.get(11)?,
            web_fetch_requests: row.get(12)?,
            file_path: row.get(13)?,
            byte_offset: row.get(14)?,
            rule: row.get(15)?,
            rule_meaning: None,
        })
    }
}

impl<A> Replies<'_, A> {
    /// How the replies with this id of the model were booked: one, unless several requests gave replies the same id.
    pub fn provenance(&self, message_id: &str) -> Result<Vec<BookedReply>> {
        self.connection
            .prepare_cached(&format!("{SELECT} WHERE replies.message_id = ?1 ORDER BY request_id"))
            .and_then(|mut statement| statement.query_map([message_id], BookedReply::from_row)?.collect())
            .attempt(|| format!("find how reply {message_id} was booked"))
    }

    /// A page of the replies that a session counts, oldest first.
    pub fn page(&self, session_id: &str, cursor: Option<&str>, limit: usize) -> Result<Page<BookedReply>> {
        let after = cursor.map(|text| Cursor::decode(CURSOR, text)).transpose()?;
        let (value, row) = after.map_or((i64::MIN, -1), |cursor| (cursor.value, cursor.row));
        let rows = fetch(
            self.connection,
            &format!(
                "{SELECT} WHERE replies.session_row_id = (SELECT row_id FROM sessions WHERE id = :session)
                 AND (replies.timestamp_ms, replies.row_id) > (:value, :row)
                 ORDER BY replies.timestamp_ms, replies.row_id LIMIT :limit"
            ),
            &[
                (":session", &session_id),
                (":value", &value),
                (":row", &row),
                (":limit", &with_one_more(limit)),
            ],
            |row| {
                let cursor = Cursor { kind: CURSOR, value: row.get(5)?, row: row.get(16)? };
                Ok((BookedReply::from_row(row)?, cursor.encode()))
            },
        );
        rows.attempt(|| format!("list the replies of session {session_id}"))
            .map(|rows| Page::from_keyed(rows, limit))
    }
}

/// The largest number that a line may tell. What is above it is no number of tokens, and sums must not overflow.
const LARGEST_FIGURE: i64 = 1_000_000_000_000;

/// Forgets that source file `?1` told the usage of replies that others booked.
const FORGET_USAGE_LINE: &str =
    "UPDATE replies SET usage_file_row_id = NULL, byte_offset = NULL WHERE usage_file_row_id = ?1";

/// Where the tokens that a model wrote stand in [`UsageFigures`].
const OUTPUT: usize = 1;

impl NewReply {
    fn usage(&self) -> UsageFigures {
        [
            self.input_tokens,
            self.output_tokens,
            self.cache_read_tokens,
            self.cache_creation_tokens,
            self.cache_hour_tokens,
            self.web_search_requests,
            self.web_fetch_requests,
        ]
        .map(|figure| figure.clamp(0, LARGEST_FIGURE))
    }
}

/// A reply that is booked.
struct Booked {
    row_id: i64,
    session_row: i64,
    /// The file that booked it.
    file_row: Option<i64>,
    model: Option<String>,
    timestamp_ms: i64,
    usage: UsageFigures,
}

impl Replies<'_, ReadWrite> {
    /// Books replies, or raises the usage of those that are booked already. The session and file that booked a reply
    /// first keep it.
    pub fn book(&self, session_row: i64, file_row: Option<i64>, replies: &[NewReply]) -> Result<()> {
        let mut hours: BTreeMap<i64, Hours> = BTreeMap::new();
        for reply in replies {
            let attempt = || format!("book reply {}", reply.message_id);
            let usage = reply.usage();
            let booked = self.booked(reply)?;
            if let Some((booked, file_row)) = booked.as_ref().zip(file_row)
                && booked.file_row != Some(file_row)
            {
                self.add_file(booked.row_id, file_row).attempt(attempt)?;
            }
            // No upsert: that makes FTS5 write out what it has collected.
            match booked {
                None => {
                    self.insert(session_row, file_row, reply, &usage).attempt(attempt)?;
                    let model = reply.model.as_deref().unwrap_or_default();
                    hours.entry(session_row).or_default().add_reply(reply.timestamp_ms, model, 1, &usage);
                }
                Some(booked) if usage[OUTPUT] > booked.usage[OUTPUT] => {
                    self.raise(booked.row_id, file_row, reply, &usage).attempt(attempt)?;
                    let more = std::array::from_fn(|kind| usage[kind] - booked.usage[kind]);
                    let model = booked.model.as_deref().unwrap_or_default();
                    let hours = hours.entry(booked.session_row).or_default();
                    hours.add_reply(booked.timestamp_ms, model, 0, &more);
                }
                Some(_) => {}
            }
        }
        hours.iter().try_for_each(|(session_row, hours)| hours.store(self.connection, *session_row))
    }

    fn booked(&self, reply: &NewReply) -> Result<Option<Booked>> {
        self.connection
            .prepare_cached(
                "SELECT row_id, session_row_id, model, timestamp_ms, input_tokens, output_tokens, cache_read_tokens,
                   cache_creation_tokens, cache_hour_tokens, web_search_requests, web_fetch_requests,
                   session_file_row_id
                 FROM replies WHERE message_id = ?1 AND request_id = ?2",
            )
            .and_then(|mut statement| {
                statement
                    .query_row([&reply.message_id, &reply.request_id], |row| {
                        let mut usage = UsageFigures::default();
                        for (kind, figure) in usage.iter_mut().enumerate() {
                            *figure = row.get(4 + kind)?;
                        }
                        Ok(Booked {
                            row_id: row.get(0)?,
                            session_row: row.get(1)?,
                            file_row: row.get(4 + usage.len())?,
                            model: row.get(2)?,
                            timestamp_ms: row.get(3)?,
                            usage,
                        })
                    })
                    .optional()
            })
            .attempt(|| format!("look for reply {}", reply.message_id))
    }

    /// Notes that another file than the one that booked a reply tells it too.
    fn add_file(&self, row_id: i64, file_row: i64) -> rusqlite::Result<usize> {
        self.connection
            .prepare_cached(
                "INSERT OR IGNORE INTO reply_files (reply_row_id, session_file_row_id) VALUES (?1, ?2)",
            )?
            .execute([row_id, file_row])
    }

    fn insert(
        &self,
        session_row: i64,
        file_row: Option<i64>,
        reply: &NewReply,
        usage: &UsageFigures,
    ) -> rusqlite::Result<usize> {
        let byte_offset = reply.byte_offset.map(|offset| offset as i64);
        let mut parameters: Vec<&dyn ToSql> = vec![
            &reply.message_id,
            &reply.request_id,
            &session_row,
            &reply.agent_id,
            &reply.model,
            &reply.timestamp_ms,
            &file_row,
            &byte_offset,
            &reply.rule,
        ];
        parameters.extend(usage.iter().map(|figure| figure as &dyn ToSql));
        self.connection
            .prepare_cached(
                "INSERT INTO replies (message_id, request_id, session_row_id, agent_id, model, timestamp_ms,
                   session_file_row_id, usage_file_row_id, byte_offset, rule, input_tokens, output_tokens, cache_read_tokens,
                   cache_creation_tokens, cache_hour_tokens, web_search_requests, web_fetch_requests)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            )?
            .execute(parameters.as_slice())
    }

    /// Raises the usage; the line that tells it is the one that counts now.
    fn raise(
        &self,
        row_id: i64,
        file_row: Option<i64>,
        reply: &NewReply,
        usage: &UsageFigures,
    ) -> rusqlite::Result<usize> {
        let byte_offset = reply.byte_offset.map(|offset| offset as i64);
        let mut parameters: Vec<&dyn ToSql> = vec![&row_id, &file_row, &byte_offset, &reply.rule];
        parameters.extend(usage.iter().map(|figure| figure as &dyn ToSql));
        self.connection
            .prepare_cached(
                "UPDATE replies SET usage_file_row_id = ?2, byte_offset = ?3, rule = ?4, input_tokens = ?5,
                   output_tokens = ?6, cache_read_tokens = ?7, cache_creation_tokens = ?8, cache_hour_tokens = ?9,
                   web_search_requests = ?10, web_fetch_requests = ?11
                 WHERE row_id = ?1",
            )?
            .execute(parameters.as_slice())
    }

    /// Removes the replies that a source file booked, or told the usage of, and has the other files that tell them book
    /// them again. Returns how many were removed, and the other sessions that lost some: their figures are to be counted anew.
    pub(crate) fn delete_of_file(&self, file: &SessionFile) -> Result<(u64, Vec<i64>)> {
        let attempt = || format!("remove the replies of {}", file.file_path);
        let others = self
            .connection
            .prepare_cached(
                "SELECT DISTINCT session_row_id FROM replies WHERE usage_file_row_id = ?1
                   AND session_file_row_id IS NOT NULL AND session_row_id <> ?2",
            )
            .and_then(|mut statement| {
                statement.query_map([file.row_id, file.session_row], |row| row.get(0))?.collect()
            })
            .attempt(attempt)?;
        let run = |sql| {
            let changed = self.connection.prepare_cached(sql).and_then(|mut run| run.execute([file.row_id]));
            changed.attempt(attempt)
        };
        run(HAVE_OTHERS_BOOK)?;
        let deleted = run(DELETE_REPLIES)?;
        run(FORGET_USAGE_LINE)?;
        run(FORGET_FILE)?;
        Ok((deleted as u64, others))
    }
}

/// Files that tell replies which source file `?1` booked, or told the usage of, are to book them.
const HAVE_OTHERS_BOOK: &str = "UPDATE session_files SET rebooking = 1
  WHERE rebooking = 0 AND row_id <> ?1 AND byte_offset > 0 AND row_id IN (
    SELECT reply_files.session_file_row_id FROM replies JOIN reply_files ON reply_row_id = replies.row_id
      WHERE replies.session_file_row_id = ?1
    UNION SELECT reply_files.session_file_row_id FROM replies JOIN reply_files ON reply_row_id = replies.row_id
      WHERE usage_file_row_id = ?1
    UNION SELECT session_file_row_id FROM replies WHERE usage_file_row_id = ?1)";

/// What a caller booked stays.
const DELETE_REPLIES: &str = "DELETE FROM replies WHERE session_file_row_id = ?1
  OR (usage_file_row_id = ?1 AND session_file_row_id IS NOT NULL)";

const FORGET_FILE: &str = "DELETE FROM reply_files WHERE session_file_row_id = ?1";
