//! Configuration folders (table `config_dirs`): where agents keep their transcripts.

use crate::{
    columns::{optional_time, time},
    error::Attempt,
    pages::{fetch, with_one_more},
    transaction::{ConfigDirs, ReadWrite},
};
use han_base::{Code, Cursor, Error, Page, Result, Timestamp, id};
use rusqlite::{OptionalExtension, Row, params};

/// A configuration folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct ConfigDir {
    /// Random UUID.
    pub id: String,
    /// What tells folders apart.
    pub path: String,
    /// A name for people.
    pub name: Option<String>,
    /// RFC 3339.
    pub registered_at: String,
    /// When it was last indexed. RFC 3339.
    pub last_indexed_at: Option<String>,
    /// Sessions that came from it.
    pub session_count: Option<i64>,
    /// Whether it is the default; at most one is.
    pub is_default: bool,
}

/// What is written of a configuration folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_to_js = false))]
pub struct ConfigDirInput {
    /// The folder.
    pub path: String,
    /// A name for people; absent keeps a known one.
    pub name: Option<String>,
    /// Whether it is the default; absent means no.
    pub is_default: Option<bool>,
}

const SELECT: &str = "SELECT id, path, name, registered_at_ms, last_indexed_at_ms, is_default,
   (SELECT count(*) FROM sessions WHERE source_config_dir = config_dirs.path), row_id
 FROM config_dirs";

/// Letter of this list's cursors.
const CURSOR: char = 'd';

impl ConfigDir {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            path: row.get(1)?,
            name: row.get(2)?,
            registered_at: time(row, 3)?,
            last_indexed_at: optional_time(row, 4)?,
            is_default: row.get(5)?,
            session_count: Some(row.get(6)?),
        })
    }
}

impl<A> ConfigDirs<'_, A> {
    /// The folder with this path.
    pub fn get_by_path(&self, path: &str) -> Result<Option<ConfigDir>> {
        self.connection
            .prepare_cached(&format!("{SELECT} WHERE path = ?1"))
            .and_then(|mut statement| statement.query_row([path], ConfigDir::from_row).optional())
            .attempt(|| format!("read config dir {path}"))
    }

    /// The default folder, when one was registered.
    pub fn get_default(&self) -> Result<Option<ConfigDir>> {
        self.connection
            .prepare_cached(&format!("{SELECT} WHERE is_default = 1"))
            .and_then(|mut statement| statement.query_row([], ConfigDir::from_row).optional())
            .attempt(|| "read the default config dir".into())
    }

    /// All folders, the default one first, then in the order they were registered.
    pub fn list(&self) -> Result<Vec<ConfigDir>> {
        self.connection
            .prepare_cached(&format!("{SELECT} ORDER BY is_default DESC, registered_at_ms, row_id"))
            .and_then(|mut statement| statement.query_map([], ConfigDir::from_row)?.collect())
            .attempt(|| "list config dirs".into())
    }

    /// A page of all configuration folders, in the order they were registered.
    pub fn page(&self, cursor: Option<&str>, limit: usize) -> Result<Page<ConfigDir>> {
        let after = cursor.map_or(Ok(-1), |text| Cursor::decode(CURSOR, text).map(|cursor| cursor.row))?;
        let rows = fetch(
            self.connection,
            &format!("{SELECT} WHERE row_id > :row ORDER BY row_id LIMIT :limit"),
            &[(":row", &after), (":limit", &with_one_more(limit))],
            |row| {
                let cursor = Cursor { kind: CURSOR, value: 0, row: row.get(7)? };
                Ok((ConfigDir::from_row(row)?, cursor.encode()))
            },
        );
        rows.attempt(|| "list config dirs".into()).map(|rows| Page::from_keyed(rows, limit))
    }
}

impl ConfigDirs<'_, ReadWrite> {
    /// Registers a folder, or changes the one with the same path: its name where one is given, and whether it is the
    /// default, which no other is then.
    pub fn register(&self, input: &ConfigDirInput) -> Result<ConfigDir> {
        let is_default = input.is_default.unwrap_or(false);
        let write = || -> rusqlite::Result<()> {
            if is_default {
                self.connection
                    .prepare_cached(
                        "UPDATE config_dirs SET is_default = 0 WHERE is_default = 1 AND path <> ?1",
                    )?
                    .execute([&input.path])?;
            }
            self.connection
                .prepare_cached(
                    "INSERT INTO config_dirs (id, path, name, is_default, registered_at_ms)
                     VALUES (?1, ?2, ?3, ?4, ?5)
                     ON CONFLICT (path) DO UPDATE SET name = coalesce(excluded.name, name),
                       is_default = excluded.is_default",
                )?
                .execute(params![
                    id::random(),
                    input.path,
                    input.name,
                    is_default,
                    Timestamp::now().as_millis()
                ])?;
            Ok(())
        };
        write().attempt(|| format!("register config dir {}", input.path))?;
        self.get_by_path(&input.path)?.ok_or_else(|| {
            Error::new(Code::Internal, format!("read config dir {} after writing it", input.path))
        })
    }

    /// Notes that a folder was indexed now; an unknown one changes nothing.
    pub fn touch(&self, path: &str) -> Result<()> {
        self.connection
            .prepare_cached("UPDATE config_dirs SET last_indexed_at_ms = ?2 WHERE path = ?1")
            .and_then(|mut statement| statement.execute(params![path, Timestamp::now().as_millis()]))
            .attempt(|| format!("write config dir {path}"))?;
        Ok(())
    }

    /// Forgets a folder, but not its sessions; answers whether there was one.
    pub fn unregister(&self, path: &str) -> Result<bool> {
        self.connection
            .prepare_cached("DELETE FROM config_dirs WHERE path = ?1")
            .and_then(|mut statement| statement.execute([path]))
            .attempt(|| format!("forget config dir {path}"))
            .map(|removed| removed > 0)
    }
}
