//! Which content of files hooks have validated.

use crate::{
    error::{self, guard},
    page::{PageOptions, pages},
    rows::{FileValidations, Rows},
    state, task,
};
use han_base::Result;
use han_db::{FileValidationStatus, SessionFileValidation, SessionFileValidationInput, ValidatingHook};
use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;

/// Records that a hook validated a content of a file, in place of what it said of that file before. A session that does
/// not exist is made. `fileHash` "" is the decision on a file that is gone.
#[napi]
pub fn record_file_validation(
    db_path: String,
    input: SessionFileValidationInput,
) -> error::Result<SessionFileValidation> {
    guard(|| state::open(&db_path)?.write(|write| write.file_validations().record(&input)))
}

/// What a hook said of a file; null when it never did.
#[napi]
pub fn get_file_validation(
    db_path: String,
    session_id: String,
    file_path: String,
    plugin_name: String,
    hook_name: String,
    directory: String,
) -> error::Result<Option<SessionFileValidation>> {
    guard(|| {
        let hook = hook(&plugin_name, &hook_name, &directory);
        state::open(&db_path)?.read(|read| read.file_validations().get(&session_id, &file_path, hook))
    })
}

/// All validations by a hook in a session, newest first.
#[napi(ts_return_type = "Array<SessionFileValidation>")]
pub fn get_session_validations(
    db_path: String,
    session_id: String,
    plugin_name: String,
    hook_name: String,
    directory: String,
) -> error::Result<Rows<FileValidations>> {
    guard(|| {
        let hook = hook(&plugin_name, &hook_name, &directory);
        state::open(&db_path)?.read(|read| read.file_validations().of_hook(&session_id, hook)).map(Rows::of)
    })
}

/// All validations in a session by file, those of a file newest first.
#[napi(ts_return_type = "Array<SessionFileValidation>")]
pub fn get_all_session_validations(
    db_path: String,
    session_id: String,
) -> error::Result<Rows<FileValidations>> {
    guard(|| {
        state::open(&db_path)?.read(|read| read.file_validations().of_session(&session_id)).map(Rows::of)
    })
}

/// Whether a file that the session changed has content which the hook has not validated with this command. The latest
/// change of each file decides; one without a hash needs a validation with `fileHash` "" after it. False without
/// changes.
#[napi]
pub fn needs_validation(
    db_path: String,
    session_id: String,
    plugin_name: String,
    hook_name: String,
    directory: String,
    command_hash: String,
) -> error::Result<bool> {
    guard(|| {
        let hook = hook(&plugin_name, &hook_name, &directory);
        state::open(&db_path)?
            .read(|read| read.file_validations().is_needed(&session_id, hook, &command_hash))
    })
}

/// How every file that the session changed stands with the hook, by path.
#[napi]
pub fn get_files_for_validation(
    db_path: String,
    session_id: String,
    plugin_name: String,
    hook_name: String,
    directory: String,
) -> error::Result<Vec<FileValidationStatus>> {
    guard(|| {
        let hook = hook(&plugin_name, &hook_name, &directory);
        state::open(&db_path)?.read(|read| read.file_validations().statuses(&session_id, hook))
    })
}

/// Deletes a hook's validations of files that are not listed, all of them when the list is empty; returns how many
/// there were.
#[napi]
pub fn delete_stale_validations(
    db_path: String,
    session_id: String,
    plugin_name: String,
    hook_name: String,
    directory: String,
    current_file_paths: Vec<String>,
) -> error::Result<i64> {
    guard(|| {
        delete_stale(&db_path, &session_id, hook(&plugin_name, &hook_name, &directory), &current_file_paths)
    })
}

/// As `deleteStaleValidations`, without blocking.
#[napi]
pub fn delete_stale_validations_async(
    env: &Env,
    db_path: String,
    session_id: String,
    plugin_name: String,
    hook_name: String,
    directory: String,
    current_file_paths: Vec<String>,
) -> error::Result<PromiseRaw<'_, i64>> {
    task::blocking(env, move || {
        delete_stale(&db_path, &session_id, hook(&plugin_name, &hook_name, &directory), &current_file_paths)
    })
}

fn delete_stale(
    db_path: &str,
    session_id: &str,
    hook: ValidatingHook<'_>,
    current_file_paths: &[String],
) -> Result<i64> {
    let deleted = state::open(db_path)?
        .write(|write| write.file_validations().delete_stale(session_id, hook, current_file_paths))?;
    Ok(deleted as i64)
}

pages! {
    FileValidationPage of SessionFileValidation, "A page of validations.";
    FileValidationStatusPage of FileValidationStatus, "A page of changed files, with how they stand with a hook.";
}

/// A page of all validations in a session by file, those of a file in the order in which hooks first validated it.
#[napi]
pub fn list_all_session_validations_page(
    db_path: String,
    session_id: String,
    options: Option<PageOptions>,
) -> error::Result<FileValidationPage> {
    guard(|| validations_page(&db_path, &session_id, None, options.as_ref()))
}

/// A page of the validations by a hook in a session, by file.
#[napi]
pub fn list_session_validations_page(
    db_path: String,
    session_id: String,
    plugin_name: String,
    hook_name: String,
    directory: String,
    options: Option<PageOptions>,
) -> error::Result<FileValidationPage> {
    guard(|| {
        let hook = hook(&plugin_name, &hook_name, &directory);
        validations_page(&db_path, &session_id, Some(hook), options.as_ref())
    })
}

fn validations_page(
    db_path: &str,
    session_id: &str,
    hook: Option<ValidatingHook<'_>>,
    options: Option<&PageOptions>,
) -> Result<FileValidationPage> {
    let (cursor, limit) = PageOptions::position(options)?;
    state::open(db_path)?
        .read(|read| read.file_validations().page(session_id, hook, cursor, limit))
        .map(Into::into)
}

/// A page of `getFilesForValidation`.
#[napi]
pub fn list_files_for_validation_page(
    db_path: String,
    session_id: String,
    plugin_name: String,
    hook_name: String,
    directory: String,
    options: Option<PageOptions>,
) -> error::Result<FileValidationStatusPage> {
    guard(|| {
        let (cursor, limit) = PageOptions::position(options.as_ref())?;
        let hook = hook(&plugin_name, &hook_name, &directory);
        state::open(&db_path)?
            .read(|read| read.file_validations().page_of_statuses(&session_id, hook, cursor, limit))
            .map(Into::into)
    })
}

/// As `recordFileValidation` for many, in one transaction: all are recorded, or none. The answer is in the order of the
/// input.
#[napi]
pub fn record_file_validations(
    db_path: String,
    inputs: Vec<SessionFileValidationInput>,
) -> error::Result<Vec<SessionFileValidation>> {
    guard(|| record_all(&db_path, &inputs))
}

/// As `recordFileValidations`, without blocking.
#[napi]
pub fn record_file_validations_async(
    env: &Env,
    db_path: String,
    inputs: Vec<SessionFileValidationInput>,
) -> error::Result<PromiseRaw<'_, Vec<SessionFileValidation>>> {
    task::blocking(env, move || record_all(&db_path, &inputs))
}

fn record_all(db_path: &str, inputs: &[SessionFileValidationInput]) -> Result<Vec<SessionFileValidation>> {
    state::open(db_path)?
        .write(|write| inputs.iter().map(|input| write.file_validations().record(input)).collect())
}

fn hook<'a>(plugin_name: &'a str, hook_name: &'a str, directory: &'a str) -> ValidatingHook<'a> {
    ValidatingHook { plugin_name, hook_name, directory }
}
