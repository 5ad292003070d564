//! The databases that this process has open, and the paths that the environment names. Besides the loader in
//! JavaScript this is the only place that reads the environment.

use han_base::{Code, Error, Result};
use han_db::Database;
use han_jsonl::Indexes;
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    env,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};

/// The file name of a main database. Only such a one becomes the target of functions without a path, so that a store
/// beside it does not take them over.
const DATABASE_NAME: &str = "han.db";

#[derive(Default)]
struct Databases {
    open: HashMap<PathBuf, Arc<Database>>,
    /// The `han.db` that was used last.
    current: Option<PathBuf>,
}

static DATABASES: LazyLock<Mutex<Databases>> = LazyLock::new(Mutex::default);

/// The database at a path, opened when it is not open, or not the file it was any more.
pub(crate) fn open(db_path: &str) -> Result<Arc<Database>> {
    if db_path.is_empty() {
        return Err(Error::new(Code::DbPathInvalid, "open database \"\": the path is empty"));
    }
    let path = std::path::absolute(db_path).map_err(|error| {
        Error::new(Code::DbPathInvalid, format!("open database {db_path:?}")).because(error)
    })?;
    open_path(&path)
}

/// The `han.db` that was used last, else the default one.
pub(crate) fn current() -> Result<Arc<Database>> {
    let used = DATABASES.lock().current.clone();
    open_path(&used.map_or_else(default_db_path, Ok)?)
}

/// The database at a path; without one, that of [`current`].
pub(crate) fn named(db_path: Option<&str>) -> Result<Arc<Database>> {
    db_path.map_or_else(current, open)
}

fn open_path(path: &Path) -> Result<Arc<Database>> {
    let known = {
        let mut databases = DATABASES.lock();
        if path.file_name().is_some_and(|name| name == DATABASE_NAME)
            && databases.current.as_deref() != Some(path)
        {
            databases.current = Some(path.to_owned());
        }
        databases.open.get(path).map(Arc::clone)
    };
    if let Some(database) = known.filter(|database| database.is_current()) {
        return Ok(database);
    }
    // Not under the lock: bringing a schema up to date may take a while.
    let database = Arc::new(Database::open(path)?);
    let mut databases = DATABASES.lock();
    match databases.open.get(path) {
        // Another thread was quicker: one writer per database and process.
        Some(other) if other.is_current() => Ok(Arc::clone(other)),
        _ => {
            databases.open.insert(path.to_owned(), Arc::clone(&database));
            Ok(database)
        }
    }
}

/// `han.db` in the data folder.
pub(crate) fn default_db_path() -> Result<PathBuf> {
    Ok(default_data_dir()?.join(DATABASE_NAME))
}

/// `HAN_DATA_DIR`, else `CLAUDE_CONFIG_DIR/han`, else `~/.han`.
fn default_data_dir() -> Result<PathBuf> {
    Ok(match (folder_of("HAN_DATA_DIR"), folder_of("CLAUDE_CONFIG_DIR")) {
        (Some(data), _) => data,
        (None, Some(config)) => config.join("han"),
        (None, None) => home()?.join(".han"),
    })
}

/// `CLAUDE_CONFIG_DIR`, else `~/.claude`.
pub(crate) fn default_config_dir() -> Result<PathBuf> {
    match folder_of("CLAUDE_CONFIG_DIR") {
        Some(config) => Ok(config),
        None => Ok(home()?.join(".claude")),
    }
}

/// Where an older program kept its index; it may not exist.
pub(crate) fn legacy_index_dir() -> Result<PathBuf> {
    Ok(home()?.join(".claude/han/memory/index"))
}

/// The offset indexes of this process. Where the folder of a file cannot be written to, its index is saved in
/// `jsonl-index` in the data folder, if there is one.
pub(crate) fn indexes() -> &'static Indexes {
    static INDEXES: LazyLock<Indexes> = LazyLock::new(|| {
        // Without a home folder there is no such place, which only saving an index there could miss.
        Indexes::new(default_data_dir().ok().map(|folder| folder.join("jsonl-index")))
    });
    &INDEXES
}

fn folder_of(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn home() -> Result<PathBuf> {
    env::home_dir().filter(|home| !home.as_os_str().is_empty()).ok_or_else(|| {
        Error::new(Code::DbPathInvalid, "find the home folder: set HAN_DATA_DIR and CLAUDE_CONFIG_DIR")
    })
}
