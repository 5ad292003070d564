//! sqlite-vec on a connection: the SQL functions `vec_*` and the virtual tables `vec0`.

use han_base::{Code, Error, Result};
use rusqlite::{Connection, ffi};
use std::{
    ffi::{CStr, c_char, c_int},
    mem, ptr,
};

/// The entry point as sqlite-vec.h declares it.
type EntryPoint =
    unsafe extern "C" fn(*mut ffi::sqlite3, *mut *mut c_char, *const ffi::sqlite3_api_routines) -> c_int;

/// Registers sqlite-vec on a connection; a second time does no harm. It is linked in, so nothing is loaded.
///
/// Code: `DB_FAILED`.
pub(crate) fn register(connection: &Connection) -> Result<()> {
    // SAFETY: the crate declares the function without parameters; this is its type in C.
    let initialise =
        unsafe { mem::transmute::<unsafe extern "C" fn(), EntryPoint>(sqlite_vec::sqlite3_vec_init) };
    let mut message = ptr::null_mut();
    // SAFETY: the handle is open while `connection` is borrowed, and used by one thread at a time. The place for a
    // message is writable. The table of routines is not looked at, since SQLite is linked in (SQLITE_CORE).
    let code = unsafe { initialise(connection.handle(), &raw mut message, ptr::null()) };
    let words = (!message.is_null()).then(|| {
        // SAFETY: what was written is a text that ends with NUL, made by sqlite3_mprintf; it is freed once, after it
        // was copied.
        unsafe {
            let words = CStr::from_ptr(message).to_string_lossy().into_owned();
            ffi::sqlite3_free(message.cast());
            words
        }
    });
    if code == ffi::SQLITE_OK {
        return Ok(());
    }
    let cause = rusqlite::Error::SqliteFailure(ffi::Error::new(code), words);
    Err(Error::new(Code::DbFailed, "register sqlite-vec").because(cause))
}

#[cfg(test)]
mod tests {
    use super::register;
    use crate::{Database, VectorDocumentInput};
    use rusqlite::Connection;

    fn version(connection: &Connection) -> String {
        connection.query_row("SELECT vec_version()", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn sqlite_vec_answers_on_every_connection() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["han.db", "vectors.db"] {
            let database = Database::open(&folder.path().join(name)).unwrap();
            let written = database.write(|write| Ok(version(write.connection))).unwrap();
            // A read inside a read takes a connection of its own.
            let read = database
                .read(|outer| {
                    let inner = database.read(|inner| Ok(version(inner.connection)))?;
                    Ok([version(outer.connection), inner])
                })
                .unwrap();
            assert_eq!(written, "v0.1.9");
            assert_eq!(read, ["v0.1.9", "v0.1.9"]);
        }
    }

    #[test]
    fn it_may_be_registered_twice() {
        let connection = Connection::open_in_memory().unwrap();
        register(&connection).unwrap();
        register(&connection).unwrap();
        let distance: f64 = connection
            .query_row("SELECT vec_distance_cosine('[1, 0]', '[0, 2]')", [], |row| row.get(0))
            .unwrap();
        assert!((distance - 1.0).abs() < 1e-6);
    }

    #[test]
    fn it_measures_what_a_search_tells() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("vectors.db")).unwrap();
        let numbers =
            |seed: u32| (0..37).map(|at| f64::from((at * at + seed) * 7919 % 1009) - 500.0).collect();
        let inputs: Vec<_> = (0..50)
            .map(|seed| VectorDocumentInput {
                id: seed.to_string(),
                vector: numbers(seed),
                ..Default::default()
            })
            .collect();
        database.write(|write| write.vectors().index("s", &inputs, None)).unwrap();
        database
            .read(|read| {
                for found in read.vectors().search("s", &numbers(0), 50, None)? {
                    let distance: f64 = read
                        .connection
                        .query_row(
                            "SELECT vec_distance_cosine(found.vector, query.vector)
                             FROM vectors AS found, vectors AS query WHERE found.id = ?1 AND query.id = '0'",
                            [&found.id],
                            |row| row.get(0),
                        )
                        .unwrap();
                    assert!((1.0 - found.score - distance).abs() < 1e-5, "{found:?} {distance}");
                }
                Ok(())
            })
            .unwrap();
    }
}
