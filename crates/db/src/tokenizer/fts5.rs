//! The tokenizer as FTS5 sees it: C functions around [`tokenize`].

use super::{NAME, Token, tokenize};
use han_base::{Code, Error, Result};
use rusqlite::{Connection, ffi};
use std::{
    ffi::{CString, c_char, c_int, c_void},
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::{self, NonNull},
    slice,
};

/// FTS5's callback for one token: context, flags, token and its length, start and end in the source.
type TokenCallback = unsafe extern "C" fn(*mut c_void, c_int, *const c_char, c_int, c_int, c_int) -> c_int;

/// Registers the tokenizer `han` on a connection. Every connection that touches a table with it needs this, once;
/// a second time does no harm.
///
/// # Errors
/// [`Code::DbFailed`] when the SQLite library has no FTS5 or refuses.
pub fn register(connection: &Connection) -> Result<()> {
    let failed = |source: rusqlite::Error| {
        Error::new(Code::DbFailed, format!("register the tokenizer {NAME}")).because(source)
    };
    let api = api(connection).map_err(failed)?;
    let name = CString::new(NAME).map_err(|source| {
        Error::new(Code::Internal, format!("register the tokenizer {NAME}")).because(source)
    })?;
    let mut functions =
        ffi::fts5_tokenizer { xCreate: Some(create), xDelete: Some(delete), xTokenize: Some(tokenize_bytes) };
    // SAFETY: `api` is the live fts5_api of this open connection. FTS5 copies the name and the struct of functions,
    // and there is neither user data nor a destructor for it.
    let code = unsafe {
        match api.as_ref().xCreateTokenizer {
            Some(create_tokenizer) => {
                create_tokenizer(api.as_ptr(), name.as_ptr(), ptr::null_mut(), &raw mut functions, None)
            }
            None => ffi::SQLITE_ERROR,
        }
    };
    if code == ffi::SQLITE_OK {
        Ok(())
    } else {
        Err(failed(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)))
    }
}

/// The interface that FTS5 gives to extensions, by way of the SQL function `fts5`.
fn api(connection: &Connection) -> rusqlite::Result<NonNull<ffi::fts5_api>> {
    let check = |code: c_int| match code {
        ffi::SQLITE_OK | ffi::SQLITE_ROW => Ok(()),
        code => Err(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)),
    };
    let mut statement = ptr::null_mut();
    let mut api: *mut ffi::fts5_api = ptr::null_mut();
    // SAFETY: the handle is open while `connection` is borrowed, and a `Connection` is used by one thread at a time.
    // The statement is finalised before the pointer to `api` goes out of scope; both strings end with NUL, and the
    // type name is static as SQLite asks. FTS5 writes one pointer through what is bound.
    let stepped = unsafe {
        let prepared = check(ffi::sqlite3_prepare_v2(
            connection.handle(),
            c"SELECT fts5(?1)".as_ptr(),
            -1,
            &raw mut statement,
            ptr::null_mut(),
        ));
        let stepped = prepared
            .and_then(|()| {
                check(ffi::sqlite3_bind_pointer(
                    statement,
                    1,
                    (&raw mut api).cast(),
                    c"fts5_api_ptr".as_ptr(),
                    None,
                ))
            })
            .and_then(|()| check(ffi::sqlite3_step(statement)));
        // Repeats the error of the step, which is kept already; a null statement is allowed.
        ffi::sqlite3_finalize(statement);
        stepped
    };
    stepped?;
    NonNull::new(api).ok_or_else(|| rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_ERROR), None))
}

/// Makes an instance. There is no state, so every instance is the same dangling pointer; `han` takes no arguments.
unsafe extern "C" fn create(
    _context: *mut c_void,
    _arguments: *mut *const c_char,
    count: c_int,
    instance: *mut *mut ffi::Fts5Tokenizer,
) -> c_int {
    if count != 0 {
        return ffi::SQLITE_ERROR;
    }
    // SAFETY: FTS5 passes a place for the instance. It is never read through.
    unsafe { *instance = NonNull::dangling().as_ptr() };
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(_instance: *mut ffi::Fts5Tokenizer) {}

unsafe extern "C" fn tokenize_bytes(
    _instance: *mut ffi::Fts5Tokenizer,
    context: *mut c_void,
    flags: c_int,
    text: *const c_char,
    length: c_int,
    callback: Option<TokenCallback>,
) -> c_int {
    let (Some(callback), Ok(length)) = (callback, usize::try_from(length)) else { return ffi::SQLITE_ERROR };
    if text.is_null() || length == 0 {
        return ffi::SQLITE_OK;
    }
    // SAFETY: FTS5 passes `length` readable bytes at `text`, which nothing changes during the call.
    let bytes = unsafe { slice::from_raw_parts(text.cast::<u8>(), length) };
    let in_query = flags & ffi::FTS5_TOKENIZE_QUERY != 0;
    let give = |token: Token<'_>, offset: usize| {
        if token.colocated && in_query {
            return ControlFlow::Continue(());
        }
        let flags = if token.colocated { ffi::FTS5_TOKEN_COLOCATED } else { 0 };
        // SAFETY: the callback and its context belong together, and the token's bytes live through the call. Lengths
        // and offsets fit, since the whole text's length is a C int.
        let code = unsafe {
            callback(
                context,
                flags,
                token.text.as_ptr().cast(),
                token.text.len() as c_int,
                (offset + token.start) as c_int,
                (offset + token.end) as c_int,
            )
        };
        if code == ffi::SQLITE_OK { ControlFlow::Continue(()) } else { ControlFlow::Break(code) }
    };
    // A panic must not cross into C.
    catch_unwind(AssertUnwindSafe(|| match tokenize_lossy(bytes, give) {
        ControlFlow::Continue(()) => ffi::SQLITE_OK,
        ControlFlow::Break(code) => code,
    }))
    .unwrap_or(ffi::SQLITE_ERROR)
}

/// Tokenizes what is UTF-8 in `bytes`; other bytes separate. `emit` gets the offset that the token's own count from.
fn tokenize_lossy<B>(
    bytes: &[u8],
    mut emit: impl FnMut(Token<'_>, usize) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let mut offset = 0;
    for chunk in bytes.utf8_chunks() {
        tokenize(chunk.valid(), |token| emit(token, offset))?;
        offset += chunk.valid().len() + chunk.invalid().len();
    }
    ControlFlow::Continue(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokenizer::twin::fast;

    fn table() -> Connection {
        let connection = Connection::open_in_memory().expect("a database");
        register(&connection).expect("registered");
        connection
            .execute_batch("CREATE VIRTUAL TABLE texts USING fts5(content, tokenize = 'han')")
            .expect("a table with the tokenizer");
        connection
    }

    fn found(connection: &Connection, expression: &str) -> Vec<i64> {
        connection
            .prepare("SELECT rowid FROM texts WHERE texts MATCH ?1 ORDER BY rowid")
            .and_then(|mut statement| statement.query_map([expression], |row| row.get(0))?.collect())
            .expect(expression)
    }

    #[test]
    fn identifiers_are_found_whole_and_by_part() {
        let connection = table();
        for text in
            ["call getUserName()", "let get_user_name = 1", "get user name", "getusername", "name user get"]
        {
            connection.execute("INSERT INTO texts (content) VALUES (?1)", [text]).expect("inserted");
        }
        assert_eq!(found(&connection, "getusername"), [1, 2, 4]);
        assert_eq!(found(&connection, "getUserName"), [1, 2, 3]);
        assert_eq!(found(&connection, "user"), [1, 2, 3, 5]);
        assert_eq!(found(&connection, "getuser*"), [1, 2, 4]);
        assert_eq!(found(&connection, "get + userna*"), Vec::<i64>::new());
    }

    #[test]
    fn dense_text_is_found_from_any_character_on() {
        let connection = table();
        connection.execute("INSERT INTO texts (content) VALUES ('索引針zq検査')", []).expect("inserted");
        for expression in
            ["索引", "引針", "索引針", "\"針zq\"", "\"引針zq検査\"", "索*", "引*", "針*", "検*", "査*"]
        {
            assert_eq!(found(&connection, expression), [1], "{expression}");
        }
        for expression in ["索針", "針引", "\"検zq\""] {
            assert!(found(&connection, expression).is_empty(), "{expression}");
        }
    }

    #[test]
    fn registering_twice_does_no_harm_and_arguments_are_refused() {
        let connection = table();
        register(&connection).expect("registered again");
        let refused = connection
            .execute_batch("CREATE VIRTUAL TABLE other USING fts5(content, tokenize = 'han latin')");
        assert!(refused.is_err());
    }

    #[test]
    fn bytes_that_are_not_text_separate() {
        let connection = table();
        connection
            .execute("INSERT INTO texts (content) VALUES (CAST(x'6f6e65ff74776f00c3a9e697' AS TEXT))", [])
            .expect("inserted");
        for expression in ["one", "two", "one + two", "two + é"] {
            assert_eq!(found(&connection, expression), [1], "{expression}");
        }
        connection
            .execute("INSERT INTO texts (texts) VALUES ('integrity-check')", [])
            .expect("a sound index");
    }

    #[test]
    fn lossy_offsets_count_from_the_first_byte() {
        let mut tokens = Vec::new();
        let _ = tokenize_lossy(b"\xffone\xfe\xfe two", |token, offset| {
            tokens.push((token.text.to_owned(), offset + token.start, offset + token.end));
            ControlFlow::<()>::Continue(())
        });
        assert_eq!(tokens, [("one".to_owned(), 1, 4), ("two".to_owned(), 7, 10)]);
    }

    #[test]
    fn the_index_holds_what_the_tokenizer_gives() {
        let connection = table();
        let text = include_str!("mod.rs");
        connection.execute("INSERT INTO texts (content) VALUES (?1)", [text]).expect("inserted");
        connection
            .execute_batch("CREATE VIRTUAL TABLE tokens USING fts5vocab('texts', 'instance')")
            .expect("a view of the index");
        let mut indexed: Vec<(i64, String)> = connection
            .prepare("SELECT offset, term FROM tokens")
            .and_then(|mut statement| {
                statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
            })
            .expect("tokens");
        let mut position = -1;
        let mut expected: Vec<(i64, String)> = fast(text)
            .into_iter()
            .map(|token| {
                position += i64::from(!token.colocated);
                (position, token.text)
            })
            .collect();
        indexed.sort();
        expected.sort();
        assert!(expected.len() > 1000);
        assert_eq!(indexed, expected);
    }
}
