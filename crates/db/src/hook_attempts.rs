//! Failures in a row of a hook in one session and folder (table `hook_attempts`). They are counted apart from the runs,
//! so that a new run does not reset them.

use crate::{
    error::Attempt,
    transaction::{HookAttempts, ReadWrite},
};
use han_base::{Code, Error, Result, Timestamp};
use rusqlite::{OptionalExtension, Row, ToSql, params};

/// How often a hook may fail in a row, unless it was raised.
pub(crate) const MAX_ATTEMPTS: i64 = 3;

/// Names a hook in a session and folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HookKey<'a> {
    /// The session that it runs for.
    pub session_id: &'a str,
    /// The plugin that it is of.
    pub plugin: &'a str,
    /// Its name.
    pub hook_name: &'a str,
    /// The folder that it runs in.
    pub directory: &'a str,
}

impl HookKey<'_> {
    fn parameters(&self) -> [&dyn ToSql; 4] {
        [&self.session_id, &self.plugin, &self.hook_name, &self.directory]
    }
}

/// How often a hook failed in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct HookAttemptInfo {
    /// Failures since it last went well.
    pub consecutive_failures: i64,
    /// How many there may be.
    pub max_attempts: i64,
    /// Whether there are as many as there may be.
    pub is_stuck: bool,
}

impl HookAttemptInfo {
    fn new(consecutive_failures: i64, max_attempts: i64) -> Self {
        Self { consecutive_failures, max_attempts, is_stuck: consecutive_failures >= max_attempts }
    }

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self::new(row.get(0)?, row.get(1)?))
    }
}

const OF_KEY: &str = "session_row_id = (SELECT row_id FROM sessions WHERE id = ?1)
  AND plugin = ?2 AND hook_name = ?3 AND directory = ?4";

impl<A> HookAttempts<'_, A> {
    /// The count of a hook; of one that never ran it is none of 3.
    pub fn get(&self, key: HookKey<'_>) -> Result<HookAttemptInfo> {
        let known = self
            .connection
            .prepare_cached(&format!(
                "SELECT consecutive_failures, max_attempts FROM hook_attempts WHERE {OF_KEY}"
            ))
            .and_then(|mut statement| {
                statement.query_row(&key.parameters()[..], HookAttemptInfo::from_row).optional()
            })
            .attempt(|| format!("read the failures of hook {} of {}", key.hook_name, key.plugin))?;
        Ok(known.unwrap_or_else(|| HookAttemptInfo::new(0, MAX_ATTEMPTS)))
    }
}

impl HookAttempts<'_, ReadWrite> {
    /// Begins to count for a hook, where that did not begin before.
    pub(crate) fn ensure(
        &self,
        session_row: i64,
        plugin: &str,
        hook_name: &str,
        directory: &str,
    ) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO hook_attempts (session_row_id, plugin, hook_name, directory, max_attempts, updated_at_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
            )
            .and_then(|mut statement| {
                let now = Timestamp::now().as_millis();
                statement.execute(params![session_row, plugin, hook_name, directory, MAX_ATTEMPTS, now])
            })
            .attempt(|| format!("count the failures of hook {hook_name} of {plugin}"))?;
        Ok(())
    }

    /// Counts one failure more. Code: [`Code::HookNotFound`] when no run of the hook was recorded or queued.
    pub fn increment(&self, key: HookKey<'_>) -> Result<HookAttemptInfo> {
        self.change(key, "consecutive_failures = consecutive_failures + ?6", 1)?.ok_or_else(|| {
            Error::new(
                Code::HookNotFound,
                format!(
                    "count a failure of hook {} of {} in {}, session {}",
                    key.hook_name, key.plugin, key.directory, key.session_id
                ),
            )
        })
    }

    /// Forgets the failures; of a hook that never ran it changes nothing.
    pub fn reset(&self, key: HookKey<'_>) -> Result<()> {
        self.change(key, "consecutive_failures = ?6", 0).map(drop)
    }

    /// Allows so many failures more; of a hook that never ran it changes nothing.
    pub fn increase_max(&self, key: HookKey<'_>, increase: u32) -> Result<()> {
        self.change(key, "max_attempts = max_attempts + ?6", increase).map(drop)
    }

    /// Changes the count by an assignment in SQL with an amount as `?6`, and answers what it is then.
    fn change(&self, key: HookKey<'_>, assignment: &str, amount: u32) -> Result<Option<HookAttemptInfo>> {
        let now = Timestamp::now().as_millis();
        self.connection
            .prepare_cached(&format!(
                "UPDATE hook_attempts SET updated_at_ms = ?5, {assignment} WHERE {OF_KEY}
                 RETURNING consecutive_failures, max_attempts"
            ))
            .and_then(|mut statement| {
                let [session, plugin, hook, directory] = key.parameters();
                let values: [&dyn ToSql; 6] = [session, plugin, hook, directory, &now, &amount];
                statement.query_row(&values[..], HookAttemptInfo::from_row).optional()
            })
            .attempt(|| format!("count the failures of hook {} of {}", key.hook_name, key.plugin))
    }
}
