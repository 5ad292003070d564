//! Configuration folders: where agents keep their transcripts.

use crate::{
    error::{self, guard},
    page::{PageOptions, pages},
    state,
};
use han_db::{ConfigDir, ConfigDirInput};
use napi_derive::napi;

/// Registers a configuration folder, or changes the one with the same path: its name where one is given, and whether
/// it is the default. One folder at most is: the one before is none any more.
#[napi]
pub fn register_config_dir(db_path: String, input: ConfigDirInput) -> error::Result<ConfigDir> {
    guard(|| state::open(&db_path)?.write(|write| write.config_dirs().register(&input)))
}

/// The configuration folder with this path, compared as text; null when there is none.
#[napi]
pub fn get_config_dir_by_path(db_path: String, path: String) -> error::Result<Option<ConfigDir>> {
    guard(|| state::open(&db_path)?.read(|read| read.config_dirs().get_by_path(&path)))
}

/// All configuration folders, the default one first, then in the order they were registered.
#[napi]
pub fn list_config_dirs(db_path: String) -> error::Result<Vec<ConfigDir>> {
    guard(|| state::open(&db_path)?.read(|read| read.config_dirs().list()))
}

/// Notes that a configuration folder was indexed now. Always true, also for an unknown path.
#[napi]
pub fn update_config_dir_last_indexed(db_path: String, path: String) -> error::Result<bool> {
    guard(|| state::open(&db_path)?.write(|write| write.config_dirs().touch(&path)).map(|()| true))
}

/// Forgets a configuration folder, but not its sessions; tells whether there was one.
#[napi]
pub fn unregister_config_dir(db_path: String, path: String) -> error::Result<bool> {
    guard(|| state::open(&db_path)?.write(|write| write.config_dirs().unregister(&path)))
}

/// The default configuration folder; null when none is.
#[napi]
pub fn get_default_config_dir(db_path: String) -> error::Result<Option<ConfigDir>> {
    guard(|| state::open(&db_path)?.read(|read| read.config_dirs().get_default()))
}

pages! {
    ConfigDirPage of ConfigDir, "A page of configuration folders.";
}

/// A page of all configuration folders, in the order they were registered.
#[napi]
pub fn list_config_dirs_page(db_path: String, options: Option<PageOptions>) -> error::Result<ConfigDirPage> {
    guard(|| {
        let (cursor, limit) = PageOptions::position(options.as_ref())?;
        state::open(&db_path)?.read(|read| read.config_dirs().page(cursor, limit)).map(Into::into)
    })
}
