//! What models used: tokens by day, model, project, session or agent.

use super::{
    after::date_of,
    hours::{USAGE_COLUMNS, UsageFigures, scan_models},
    span::{Scope, Span, UsageFilter, row_of},
};
use crate::{error::Attempt, transaction::Activity};
use han_base::{Code, Error, Result};
use rusqlite::Row;
use std::collections::{BTreeMap, HashMap};

/// What usage is added up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsageGroup {
    /// The day (UTC) of the reply.
    Day,
    /// The model that replied.
    Model,
    /// The project of the session.
    Project,
    /// The session that booked the reply.
    Session,
    /// The agent that asked, of one session.
    Agent,
}

/// What a sum of usage belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UsageKey {
    /// Days since 1970 (UTC).
    Day(i64),
    /// The model; empty where a line does not tell.
    Model(String),
    /// The row of a project; none for sessions without one.
    Project(Option<i64>),
    /// The row of a session.
    Session(i64),
    /// The agent; none for the main conversation.
    Agent(Option<String>),
}

/// A sum of usage. Each reply of a model counts once, with its largest usage, however many lines and files repeat it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenUsage {
    /// Replies.
    pub reply_count: i64,
    /// Tokens read anew.
    pub input_tokens: i64,
    /// Tokens written.
    pub output_tokens: i64,
    /// Tokens read from the cache.
    pub cache_read_tokens: i64,
    /// Tokens put into the cache, for five minutes and for one hour.
    pub cache_creation_tokens: i64,
    /// Those of them for one hour.
    pub cache_hour_tokens: i64,
    /// Searches that the server made.
    pub web_search_requests: i64,
    /// Pages that the server fetched.
    pub web_fetch_requests: i64,
}

impl TokenUsage {
    /// Adds another sum.
    pub fn add(&mut self, other: &Self) {
        self.reply_count += other.reply_count;
        self.input_tokens += other.input_tokens;
        self.output_tokens += other.output_tokens;
        self.cache_read_tokens += other.cache_read_tokens;
        self.cache_creation_tokens += other.cache_creation_tokens;
        self.cache_hour_tokens += other.cache_hour_tokens;
        self.web_search_requests += other.web_search_requests;
        self.web_fetch_requests += other.web_fetch_requests;
    }

    /// Whether it holds anything that may cost.
    #[must_use]
    pub fn is_used(&self) -> bool {
        Self { reply_count: 0, ..*self } != Self::default()
    }

    fn new(reply_count: i64, figures: &UsageFigures) -> Self {
        let [input, output, cache_read, cache_creation, cache_hour, web_search, web_fetch] = *figures;
        Self {
            reply_count,
            input_tokens: input,
            output_tokens: output,
            cache_read_tokens: cache_read,
            cache_creation_tokens: cache_creation,
            cache_hour_tokens: cache_hour,
            web_search_requests: web_search,
            web_fetch_requests: web_fetch,
        }
    }
}

/// What one model used for one thing: models have prices of their own, so their usage is told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelUsage {
    /// What it was used for.
    pub key: UsageKey,
    /// The model; empty where a line does not tell.
    pub model: String,
    /// How much.
    pub usage: TokenUsage,
}

/// What a [`UsageKey`] is called: only the fields of its kind are filled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageLabel {
    /// `YYYY-MM-DD` (UTC).
    pub date: Option<String>,
    /// The model; none where a line does not tell.
    pub model: Option<String>,
    /// The project, of projects and sessions.
    pub project_id: Option<String>,
    /// Its name.
    pub project_name: Option<String>,
    /// Its folder.
    pub project_path: Option<String>,
    /// The session.
    pub session_id: Option<String>,
    /// Its title, else the beginning of its first prompt.
    pub session_title: Option<String>,
    /// The agent; none for the main conversation.
    pub agent_id: Option<String>,
}

/// Sums while they are made, by a number for the key and one for the model.
#[derive(Default)]
struct Sums {
    /// By a row, a day or the number of an agent.
    by_key: HashMap<(i64, usize), (i64, UsageFigures)>,
    models: Names,
    agents: Names,
}

/// Texts by a number: those that come again and again are kept once.
#[derive(Default)]
struct Names {
    names: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl Names {
    fn number(&mut self, name: &str) -> usize {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), self.names.len() - 1);
        self.names.len() - 1
    }
}

/// Where the columns stand in rows of figures.
const MODEL: usize = 2;
const REPLIES: usize = 3;

impl Sums {
    /// Adds a row: columns hour, session row (or agent), model, replies and the figures.
    fn add(&mut self, key: i64, row: &Row<'_>) -> rusqlite::Result<()> {
        let model = self.models.number(row.get_ref(MODEL)?.as_str()?);
        let sum = self.by_key.entry((key, model)).or_default();
        sum.0 += row.get::<_, i64>(REPLIES)?;
        for (index, figure) in sum.1.iter_mut().enumerate() {
            *figure += row.get::<_, i64>(REPLIES + 1 + index)?;
        }
        Ok(())
    }

    /// The sums by their keys, in the order of these; those without replies are left out.
    fn finish(self, mut key_of: impl FnMut(i64, &Names) -> Result<UsageKey>) -> Result<Vec<ModelUsage>> {
        let mut merged: BTreeMap<(UsageKey, &str), TokenUsage> = BTreeMap::new();
        for ((key, model), (replies, figures)) in &self.by_key {
            let model = self.models.names[*model].as_str();
            // Of models themselves the model is the key.
            let key = match *key {
                OF_MODEL => UsageKey::Model(model.to_owned()),
                key => key_of(key, &self.agents)?,
            };
            merged.entry((key, model)).or_default().add(&TokenUsage::new(*replies, figures));
        }
        let used = merged.into_iter().filter(|(_, usage)| usage.reply_count > 0);
        Ok(used.map(|((key, model), usage)| ModelUsage { key, model: model.to_owned(), usage }).collect())
    }
}

/// Stands for the key where the model is it. No row, day or agent has this number.
const OF_MODEL: i64 = i64::MIN;

impl<A> Activity<'_, A> {
    /// What models used, by `group` and model, in the order of the keys. `model`: only this one; `""` is that of lines
    /// that name none.
    ///
    /// A reply belongs to the session that booked it first, and to the time of its first line. Costs as much as there
    /// are hours with replies, however many replies there are; the part of an hour at either end of the time is scanned,
    /// so that it is exact. By agent, which hours do not tell, the replies of the session are scanned.
    ///
    /// Code: [`Code::InvalidArgument`] for [`UsageGroup::Agent`] without a session.
    pub fn usage(
        &self,
        group: UsageGroup,
        filter: &UsageFilter,
        model: Option<&str>,
    ) -> Result<Vec<ModelUsage>> {
        if group == UsageGroup::Agent && filter.session_id.is_none() {
            let attempt = "add up usage by agent: that is told of one session, so name one";
            return Err(Error::new(Code::InvalidArgument, attempt));
        }
        let span = Span::of(filter);
        if span.from_ms >= span.to_ms {
            return Ok(Vec::new());
        }
        let scope = Scope::new(self.connection, filter)?.of_model(model);
        let mut sums = Sums::default();
        let added = match group {
            UsageGroup::Agent => add_agents(&scope, &mut sums),
            _ => add_hours(&scope, group, &mut sums),
        };
        added.attempt(|| "add up what models used".into())?;
        let mut projects: HashMap<i64, Option<i64>> = HashMap::new();
        sums.finish(|key, agents| {
            Ok(match group {
                UsageGroup::Day => UsageKey::Day(key),
                UsageGroup::Session => UsageKey::Session(key),
                UsageGroup::Project => UsageKey::Project(match projects.get(&key) {
                    Some(project) => *project,
                    None => *projects.entry(key).or_insert(self.project_of(key)?),
                }),
                UsageGroup::Model | UsageGroup::Agent => {
                    let agent = agents.names[key as usize].as_str();
                    UsageKey::Agent((!agent.is_empty()).then(|| agent.to_owned()))
                }
            })
        })
    }

    fn project_of(&self, session_row: i64) -> Result<Option<i64>> {
        let sql = "SELECT project_row_id FROM sessions WHERE row_id = ?1";
        row_of(self.connection, sql, session_row, |row| row.get(0)).map(Option::flatten)
    }

    /// What a key of [`Activity::usage`] is called.
    pub fn usage_label(&self, key: &UsageKey) -> Result<UsageLabel> {
        let label = UsageLabel::default();
        Ok(match key {
            UsageKey::Day(day) => UsageLabel { date: Some(date_of(day.saturating_mul(24))), ..label },
            UsageKey::Model(model) => {
                UsageLabel { model: (!model.is_empty()).then(|| model.clone()), ..label }
            }
            UsageKey::Agent(agent_id) => UsageLabel { agent_id: agent_id.clone(), ..label },
            UsageKey::Project(None) => label,
            UsageKey::Project(Some(project_row)) => {
                let sql = "SELECT id, name, path FROM projects WHERE row_id = ?1";
                row_of(self.connection, sql, *project_row, |row| {
                    Ok(UsageLabel {
                        project_id: row.get(0)?,
                        project_name: row.get(1)?,
                        project_path: row.get(2)?,
                        ..UsageLabel::default()
                    })
                })?
                .unwrap_or(label)
            }
            UsageKey::Session(session_row) => {
                let sql = "SELECT projects.id, name, path, sessions.id, coalesce(title, substr(first_prompt, 1, 200))
                   FROM sessions LEFT JOIN projects ON projects.row_id = project_row_id WHERE sessions.row_id = ?1";
                row_of(self.connection, sql, *session_row, |row| {
                    Ok(UsageLabel {
                        project_id: row.get(0)?,
                        project_name: row.get(1)?,
                        project_path: row.get(2)?,
                        session_id: row.get(3)?,
                        session_title: row.get(4)?,
                        ..UsageLabel::default()
                    })
                })?
                .unwrap_or(label)
            }
        })
    }
}

/// Adds the figures of hours, which tell everything but the agent.
fn add_hours(scope: &Scope<'_>, group: UsageGroup, sums: &mut Sums) -> rusqlite::Result<()> {
    let kept = |condition: &str| {
        format!(
            "SELECT hour, session_row_id, model, reply_count, {} FROM model_hours WHERE {condition}",
            USAGE_COLUMNS.join(", ")
        )
    };
    scope.each_hour("model_hours", (kept, scan_models), |row| {
        let key = match group {
            UsageGroup::Day => row.get::<_, i64>(0)?.div_euclid(24),
            UsageGroup::Model => OF_MODEL,
            _ => row.get(1)?,
        };
        sums.add(key, row)
    })
}

/// Adds the replies of a session by agent.
fn add_agents(scope: &Scope<'_>, sums: &mut Sums) -> rusqlite::Result<()> {
    let scan = |condition: &str| {
        format!(
            "SELECT 0, coalesce(agent_id, ''), coalesce(model, ''), count(*), {sums}
             FROM replies WHERE {condition} GROUP BY 2, 3",
            sums = USAGE_COLUMNS.map(|column| format!("sum({column})")).join(", "),
        )
    };
    scope.each_row(None, "timestamp_ms", scan, |row| {
        let agent = sums.agents.number(row.get_ref(1)?.as_str()?);
        sums.add(agent as i64, row)
    })
}
