//! The databases that this process has open, and the paths that the environment names. Besides the loader in
//! JavaScript this is the only place that reads the environment.

use han_base::{Code, Error, Result};
use han_db::{Database, Journal, OpenOptions};
use han_jsonl::Indexes;
use parking_lot::Mutex;
use std::{
    cell::RefCell,
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
    open_path(&absolute(db_path)?)
}

fn absolute(db_path: &str) -> Result<PathBuf> {
    if db_path.is_empty() {
        return Err(Error::new(Code::DbPathInvalid, "open database \"\": the path is empty"));
    }
    std::path::absolute(db_path)
        .map_err(|error| Error::new(Code::DbPathInvalid, format!("open database {db_path:?}")).because(error))
}

thread_local! {
    /// The databases that calls without a path mean on this thread, the innermost last; see [`Target`]. Calls with the
    /// path of one of them get it as well: what was open when a callback began stays so until it is back.
    static TARGETS: RefCell<Vec<Arc<Database>>> = const { RefCell::new(Vec::new()) };
}

/// The database that calls without a path mean: on this thread that of the innermost [`Target`], else the `han.db` that
/// was used last, else the default one.
pub(crate) fn current() -> Result<Arc<Database>> {
    if let Some(database) = TARGETS.with_borrow(|targets| targets.last().cloned()) {
        return Ok(database);
    }
    let used = DATABASES.lock().current.clone();
    open_path(&used.map_or_else(default_db_path, Ok)?)
}

/// While it lives, calls without a path on this thread mean its database.
pub(crate) struct Target(());

impl Target {
    /// Directs calls to a database, which is opened on the way. That alone does not make it the one that was used last.
    pub(crate) fn direct(db_path: &str) -> Result<(Self, Arc<Database>)> {
        let database = open_quietly(&absolute(db_path)?)?;
        TARGETS.with_borrow_mut(|targets| targets.push(Arc::clone(&database)));
        Ok((Self(()), database))
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        TARGETS.with_borrow_mut(Vec::pop);
    }
}

/// Opens a database, which becomes the one that was used last when its name is that of a main one.
fn open_path(path: &Path) -> Result<Arc<Database>> {
    if path.file_name().is_some_and(|name| name == DATABASE_NAME) {
        let mut databases = DATABASES.lock();
        if databases.current.as_deref() != Some(path) {
            databases.current = Some(path.to_owned());
        }
    }
    open_quietly(path)
}

fn open_quietly(path: &Path) -> Result<Arc<Database>> {
    let target = |targets: &Vec<Arc<Database>>| targets.iter().find(|target| target.path() == path).cloned();
    if let Some(database) = TARGETS.with_borrow(target) {
        return Ok(database);
    }
    let known = DATABASES.lock().open.get(path).map(Arc::clone);
    if let Some(database) = known {
        if database.is_current() {
            return Ok(database);
        }
        leave(path, &database)?;
    }
    // Not under the lock: bringing a schema up to date may take a while.
    let database = Arc::new(Database::open_with(path, OpenOptions { journal: forced_journal()? })?);
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

/// Lets go of a database whose files are not those at its path any more, before another one is opened there: the two
/// would be in each other's way.
fn leave(path: &Path, database: &Arc<Database>) -> Result<()> {
    database.save_log()?;
    let mut databases = DATABASES.lock();
    if databases.open.get(path).is_some_and(|open| Arc::ptr_eq(open, database)) {
        databases.open.remove(path);
    }
    Ok(())
}

/// How databases keep their journal whatever they lie on: `HAN_JOURNAL_MODE` is `wal` or `rollback`; `auto`, the default,
/// leaves that to the file system.
fn forced_journal() -> Result<Option<Journal>> {
    match env::var_os("HAN_JOURNAL_MODE") {
        None => Ok(None),
        Some(mode) => match mode.to_str() {
            Some("" | "auto") => Ok(None),
            Some("wal") => Ok(Some(Journal::WriteAheadLog)),
            Some("rollback") => Ok(Some(Journal::Rollback)),
            _ => Err(Error::new(
                Code::InvalidArgument,
                format!("read HAN_JOURNAL_MODE = {}: it takes auto, wal or rollback", mode.display()),
            )),
        },
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

/// Where hooks of the default store keep events of sessions whose project they do not know; it may not exist.
pub(crate) fn default_event_dir() -> Result<PathBuf> {
    Ok(default_data_dir()?.join("memory/personal/sessions"))
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

/// Where SQLite puts files for a while: what it looks at, in its order. None where it asks the system.
pub(crate) fn sqlite_temporary_folder() -> Option<PathBuf> {
    if cfg!(windows) {
        return None;
    }
    let fixed = ["/var/tmp", "/usr/tmp", "/tmp"].into_iter().map(PathBuf::from);
    let named = ["SQLITE_TMPDIR", "TMPDIR"].into_iter().filter_map(folder_of);
    named.chain(fixed).find(|folder| folder.is_dir())
}

fn folder_of(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn home() -> Result<PathBuf> {
    env::home_dir().filter(|home| !home.as_os_str().is_empty()).ok_or_else(|| {
        Error::new(Code::DbPathInvalid, "find the home folder: set HAN_DATA_DIR and CLAUDE_CONFIG_DIR")
    })
}
