//! Is everything in order, and if not, can it be made anew.

use super::{
    counters::{miscounted, miscounted_stores, sessions_to_recount},
    locks::Locks,
    search_index::{SearchIndex, compare, search_indexes},
    tables::{pragma, quoted},
    watch::{Observer, Watch},
};
use crate::{
    connection::{Purpose, connect},
    error::Attempt,
    open::Database,
    search::BulkText,
};
use han_base::{Code, Error, Result, id};
use rusqlite::Connection;
use std::{collections::BTreeSet, time::Instant};

/// Problems that SQLite tells at most.
const MOST_PROBLEMS: u32 = 100;

/// Rows that one step brings into the search index.
const ROWS_PER_STEP: u32 = 50;

/// What a check looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IntegrityOptions {
    /// Leave out what takes longest: whether indexes of tables have the entries of their rows.
    pub quick: bool,
    /// Make anew what was found to be wrong and can be made anew: indexes, counters, search indexes.
    pub repair: bool,
}

/// One part of a check.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct IntegrityPart {
    /// `tables`, `references`, `counters`, or `search index` with its name.
    pub name: String,
    /// Whether it is in order now: nothing was found, or it was repaired.
    pub ok: bool,
    /// What was found, one sentence each.
    pub problems: Vec<String>,
    /// Whether what was found was repaired, and a second look found nothing.
    pub repaired: bool,
    /// How long looking took, and repairing where that was done, in milliseconds.
    pub duration_ms: f64,
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct IntegrityReport {
    /// `partial` when it was cancelled: parts that were not finished are missing, and what was repaired is repaired.
    #[cfg_attr(feature = "napi", napi(ts_type = "'complete' | 'partial'"))]
    pub status: String,
    /// Whether all parts were looked at and are in order now.
    pub ok: bool,
    /// Schema version of the file.
    pub schema_version: i64,
    /// Each part, in the order in which it was looked at.
    pub parts: Vec<IntegrityPart>,
    /// The longest time for which the repair kept others from writing, in milliseconds; 0 when nothing was repaired.
    pub longest_write_lock_ms: f64,
    /// Milliseconds.
    pub duration_ms: f64,
}

impl Database {
    /// Looks whether everything is in order: every page, row and index entry; rows that refer to others; the counters of
    /// sessions; the search indexes, word by word. It reads one snapshot, so that nobody waits for it.
    ///
    /// With [`IntegrityOptions::repair`] it then makes anew, in short write transactions, what can be: counters and the
    /// search index of messages in steps of 40 ms; an index of a table, and any other search index, in one step, as long
    /// as that takes. Rows of a search index that is being made anew are not found until it is done; a repair that is
    /// cancelled or killed leaves them to the next index run.
    ///
    /// Damage is told in the answer; an error means that nothing could be said.
    pub fn check_integrity(
        &self,
        options: IntegrityOptions,
        observer: &dyn Observer,
    ) -> Result<IntegrityReport> {
        let watch = Watch::new(observer, format!("check database {}", self.path().display()));
        let mut check = Check { database: self, watch: &watch, locks: Locks::default(), parts: Vec::new() };
        let finished = check.run(options);
        let is_partial = match &finished {
            Ok(()) => false,
            Err(error) if error.code() == Code::Cancelled => true,
            Err(_) => return finished.map(|()| IntegrityReport::default()),
        };
        let schema_version =
            pragma(&connect(self.path(), Purpose::Read)?, "user_version").unwrap_or_default();
        Ok(IntegrityReport {
            status: if is_partial { "partial" } else { "complete" }.to_owned(),
            ok: !is_partial && check.parts.iter().all(|part| part.ok),
            schema_version,
            longest_write_lock_ms: check.locks.longest_ms(),
            parts: check.parts,
            duration_ms: watch.elapsed_ms(),
        })
    }
}

/// What can be looked at, and made anew, by itself.
#[derive(Clone, Debug)]
enum Subject {
    Tables,
    References,
    Counters,
    SearchIndex(SearchIndex),
}

impl Subject {
    fn name(&self) -> String {
        match self {
            Self::Tables => "tables".into(),
            Self::References => "references".into(),
            Self::Counters => "counters".into(),
            Self::SearchIndex(index) => format!("search index {}", index.name),
        }
    }
}

struct Check<'d, 'o> {
    database: &'d Database,
    watch: &'d Watch<'o>,
    locks: Locks,
    parts: Vec<IntegrityPart>,
}

impl Check<'_, '_> {
    fn run(&mut self, options: IntegrityOptions) -> Result<()> {
        let mut subjects = vec![Subject::Tables, Subject::References, Subject::Counters];
        match self.database.read(|read| search_indexes(read.connection)) {
            Ok(indexes) => subjects.extend(indexes.into_iter().map(Subject::SearchIndex)),
            // What cannot be listed is told by the look at the tables.
            Err(error) if error.code() == Code::DbCorrupt => {}
            Err(error) => return Err(error),
        }
        for subject in &subjects {
            let part = self.look_at(subject, options.quick)?;
            self.parts.push(part);
        }
        self.route_to_search_indexes();
        if options.repair {
            for (number, subject) in subjects.iter().enumerate() {
                if !self.parts[number].ok {
                    self.repair(number, subject, options.quick)?;
                }
            }
        }
        Ok(())
    }

    /// Looks at one part, on a connection of its own: SQLite refuses much on one that has come upon damage.
    fn look_at(&self, subject: &Subject, quick: bool) -> Result<IntegrityPart> {
        let begun = Instant::now();
        let connection = connect(self.database.path(), Purpose::Read)?;
        let snapshot = connection.unchecked_transaction().attempt(|| self.watch.attempt())?;
        let found = self.watch.run(&snapshot, || match subject {
            Subject::Tables => self.tables(&snapshot, quick),
            Subject::References => self.references(&snapshot),
            Subject::Counters => {
                self.watch.begin("counters", "rows", 0);
                miscounted(&snapshot)
            }
            Subject::SearchIndex(index) => compare(&snapshot, index, Some(self.watch)),
        });
        let problems = match found {
            Ok(problems) => problems,
            Err(error) if error.code() == Code::DbCorrupt => vec![error.detail()],
            Err(error) => return Err(error),
        };
        Ok(IntegrityPart {
            name: subject.name(),
            ok: problems.is_empty(),
            problems,
            repaired: false,
            duration_ms: begun.elapsed().as_secs_f64() * 1000.0,
        })
    }

    /// Pages, rows, constraints and entries of indexes; SQLite looks into search indexes too.
    fn tables(&self, connection: &Connection, quick: bool) -> Result<Vec<String>> {
        // The pages once, and the rows once more for what refers to them.
        let pages = pragma(connection, "page_count")? as u64;
        self.watch.begin("tables", "pages", if quick { pages } else { 2 * pages });
        let name = if quick { "quick_check" } else { "integrity_check" };
        let mut problems: Vec<String> = Vec::new();
        let read = self.watch.counting_pages(connection, || {
            let attempt = || self.watch.attempt();
            let mut statement =
                connection.prepare(&format!("PRAGMA {name}({MOST_PROBLEMS})")).attempt(attempt)?;
            let mut rows = statement.query([]).attempt(attempt)?;
            while let Some(row) = rows.next().attempt(attempt)? {
                problems.push(row.get(0).attempt(attempt)?);
            }
            Ok(())
        });
        match read {
            // Much damage ends the pragma before it has told all.
            Err(error) if error.code() == Code::DbCorrupt => problems.push(error.detail()),
            read => read?,
        }
        problems.retain(|problem| problem != "ok");
        // Several lines of one tree come as one.
        Ok(problems.iter().flat_map(|problem| problem.lines()).map(str::to_owned).collect())
    }

    /// Rows that refer to rows which are not there.
    fn references(&self, connection: &Connection) -> Result<Vec<String>> {
        self.watch.begin("references", "rows", 0);
        connection
            .prepare("SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2 ORDER BY 1, 2")
            .and_then(|mut statement| {
                let sentence = |row: &rusqlite::Row<'_>| {
                    let (table, parent, count): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
                    Ok(format!("{count} rows of {table} refer to rows of {parent} that do not exist"))
                };
                statement.query_map([], sentence)?.collect()
            })
            .attempt(|| self.watch.attempt())
    }

    /// Moves what SQLite told of a search index from the tables to that index.
    fn route_to_search_indexes(&mut self) {
        let [tables, others @ ..] = &mut self.parts[..] else { return };
        for part in others {
            let Some(index) = part.name.strip_prefix("search index ") else { continue };
            let (of_index, rest) = std::mem::take(&mut tables.problems)
                .into_iter()
                .partition(|problem| search_index_of(problem) == Some(index));
            tables.problems = rest;
            let mut problems: Vec<String> = of_index;
            problems.append(&mut part.problems);
            part.problems = problems;
            part.ok = part.problems.is_empty();
        }
        tables.ok = tables.problems.is_empty();
    }

    /// Makes anew what was found to be wrong, and looks again.
    fn repair(&mut self, number: usize, subject: &Subject, quick: bool) -> Result<()> {
        let begun = Instant::now();
        self.watch.go_on()?;
        self.watch.begin("repair", "rows", 0);
        self.watch.tell();
        let repaired = match subject {
            Subject::Tables => self.repair_indexes(&self.parts[number].problems.clone()),
            // Nothing tells what the rows should refer to.
            Subject::References => return Ok(()),
            Subject::Counters => self.repair_counters(),
            Subject::SearchIndex(index) if index.is_of_messages() => self.rebuild_in_steps(),
            Subject::SearchIndex(index) => self.rebuild_at_once(index),
        };
        if let Err(error) = repaired {
            if error.code() != Code::DbCorrupt {
                return Err(error);
            }
            self.parts[number].problems.push(format!("it could not be repaired: {}", error.detail()));
            return Ok(());
        }
        let mut again = self.look_at(subject, quick)?;
        if let Subject::Tables = subject {
            again.problems.retain(|problem| search_index_of(problem).is_none());
            again.ok = again.problems.is_empty();
        }
        let part = &mut self.parts[number];
        part.repaired = again.ok;
        part.ok = again.ok;
        part.problems
            .extend(again.problems.into_iter().map(|problem| format!("after the repair: {problem}")));
        part.duration_ms += begun.elapsed().as_secs_f64() * 1000.0;
        Ok(())
    }

    /// Makes the indexes anew that SQLite named.
    fn repair_indexes(&mut self, problems: &[String]) -> Result<()> {
        let names: BTreeSet<&str> = problems
            .iter()
            .filter_map(|problem| {
                ["missing from index ", "wrong # of entries in index ", "values differ from index "]
                    .iter()
                    .find_map(|words| problem.split_once(words))
                    .map(|(_, name)| name.trim())
            })
            .collect();
        for name in names {
            self.watch.go_on()?;
            self.locks.once(self.database, |write| {
                write
                    .connection
                    .execute_batch(&format!("REINDEX {}", quoted(name)))
                    .attempt(|| format!("make index {name} anew"))
            })?;
        }
        Ok(())
    }

    fn repair_counters(&mut self) -> Result<()> {
        let (mut sessions, mut stores) = self
            .database
            .read(|read| Ok((sessions_to_recount(read.connection)?, miscounted_stores(read.connection)?)))?;
        let watch = self.watch;
        let total = sessions.len() as u64;
        watch.begin("repair", "rows", total);
        self.locks.repeat(
            self.database,
            |write| match (sessions.pop(), stores.pop()) {
                (None, None) => Ok(true),
                (session, store) => {
                    if let Some(session_row) = session {
                        write.sessions().recount(session_row)?;
                    }
                    if let Some(store_row) = store {
                        let attempt = || format!("count what store {store_row} holds");
                        write.document_stores().recount(store_row).attempt(attempt)?;
                    }
                    Ok(false)
                }
            },
            || {
                watch.tell();
                watch.go_on()
            },
        )
    }

    /// Empties the search index of messages and has all rows wait for it, then brings them in, a few at a time.
    fn rebuild_in_steps(&mut self) -> Result<()> {
        let attempt = || "make the search index of messages anew".to_owned();
        let Some(bulk) = BulkText::start(self.database.path())? else {
            let what = format!("{}: an index run goes on", attempt());
            return Err(Error::new(Code::DbBusy, what));
        };
        let owner = id::random();
        let total = self.locks.once(self.database, |write| {
            write
                .connection
                .execute_batch(
                    "INSERT INTO messages_fts (messages_fts) VALUES ('delete-all'); DELETE FROM unindexed_rows",
                )
                .and_then(|()| {
                    write.connection.execute(
                        "INSERT INTO unindexed_rows (first_row_id, last_row_id, owner)
                         SELECT min(row_id), max(row_id), ?1 FROM messages HAVING count(*) > 0",
                        [&owner],
                    )
                })
                .attempt(attempt)?;
            waiting_rows(write.connection)
        })?;
        let watch = self.watch;
        watch.begin("repair", "rows", total);
        let database = self.database;
        self.locks.repeat(
            database,
            |write| bulk.catch_up(write, ROWS_PER_STEP),
            || {
                watch.at(total.saturating_sub(database.read(|read| waiting_rows(read.connection))?));
                watch.tell();
                watch.go_on()
            },
        )
    }

    /// Nothing says which rows wait for such an index, so all come in at once.
    fn rebuild_at_once(&mut self, index: &SearchIndex) -> Result<()> {
        let sql = index.rebuild()?;
        self.locks.once(self.database, |write| {
            write.connection.execute_batch(&sql).attempt(|| format!("make search index {} anew", index.name))
        })
    }
}

/// The search index of which SQLite tells a problem.
fn search_index_of(problem: &str) -> Option<&str> {
    if problem.starts_with("fts5: ") {
        return problem.split('"').nth(1);
    }
    let (_, rest) = problem.split_once("FTS5 table main.")?;
    rest.split(':').next()
}

/// How many rows wait for the search index.
fn waiting_rows(connection: &Connection) -> Result<u64> {
    connection
        .query_row("SELECT coalesce(sum(last_row_id - first_row_id + 1), 0) FROM unindexed_rows", [], |row| {
            row.get::<_, i64>(0)
        })
        .map(|rows| rows as u64)
        .attempt(|| "count the rows that wait for the search index".into())
}
