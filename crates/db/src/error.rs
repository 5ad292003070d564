//! SQLite's errors as codes of ours.

use han_base::{Code, Error, Result};
use rusqlite::ffi::ErrorCode;

/// Adds what was attempted to an error of SQLite.
pub(crate) trait Attempt<T> {
    /// Turns the error into ours. `attempt` says what was tried, with the value.
    fn attempt(self, attempt: impl FnOnce() -> String) -> Result<T>;
}

impl<T> Attempt<T> for rusqlite::Result<T> {
    fn attempt(self, attempt: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| Error::new(code_of(&error), attempt()).because(error))
    }
}

fn code_of(error: &rusqlite::Error) -> Code {
    let Some(code) = error.sqlite_error_code() else {
        return match error {
            rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..) => Code::DbCorrupt,
            _ => Code::DbFailed,
        };
    };
    match code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => {
            Code::DbBusy
        }
        ErrorCode::DatabaseCorrupt => Code::DbCorrupt,
        ErrorCode::NotADatabase => Code::DbNotADatabase,
        ErrorCode::DiskFull => Code::DiskFull,
        ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied => Code::DbReadOnly,
        ErrorCode::ConstraintViolation => Code::DbConstraint,
        ErrorCode::SystemIoFailure => Code::IoFailed,
        ErrorCode::OutOfMemory | ErrorCode::InternalMalfunction | ErrorCode::ApiMisuse => Code::Internal,
        _ => Code::DbFailed,
    }
}
