//! The store: one SQLite file that holds repos, projects, sessions, their source files, messages, the raw bytes of
//! every line, the token ledger and the full-text index.
//!
//! A [`Database`] has one writer connection and a pool of readers. Rows are read through the handles of [`Read`]
//! and written through those of [`Write`], which exist only inside a transaction, so that code composes.
//!
//! ```
//! use han_db::{Database, SessionInput};
//!
//! # let folder = tempfile::tempdir().unwrap();
//! let database = Database::open(&folder.path().join("han.db"))?;
//! let session = database.write(|write| {
//!     write.sessions().upsert(&SessionInput { id: "s-1".into(), ..SessionInput::default() })
//! })?;
//! assert_eq!(database.read(|read| read.sessions().get("s-1"))?, Some(session));
//! # Ok::<(), han_base::Error>(())
//! ```
//!
//! This crate knows no file format: it stores what it is given.

mod archive;
mod broken_lines;
mod connection;
mod error;
mod messages;
mod metadata;
mod migrate;
mod open;
mod projects;
mod raw_blocks;
mod replies;
mod repos;
pub mod search;
mod session_files;
mod sessions;
pub mod tokenizer;
mod transaction;

pub use archive::{ArchiveStats, DatabaseCheck, TypeCount};
pub use broken_lines::{BrokenLine, NewBrokenLine};
pub use messages::{
    Message, MessageFilter, MessageId, MessageInput, NewMessage, Place, SessionTimestamps, Texts,
};
pub use migrate::SCHEMA_VERSION;
pub use open::Database;
pub use projects::{Project, ProjectInput};
pub use raw_blocks::{NewRawBlock, RawBlockCache};
pub use replies::NewReply;
pub use repos::{Repo, RepoInput};
pub use search::{BulkText, Postings, SearchFilter, SearchHit, SearchOrder};
pub use session_files::{FileStamp, NewSessionFile, SessionFile};
pub use sessions::{Session, SessionFacts, SessionFilter, SessionInput, SessionOverview};
pub use transaction::{
    Archive, BrokenLines, BulkWriter, Messages, Metadata, Projects, RawBlocks, Read, ReadOnly, ReadWrite,
    Replies, Repos, Search, SessionFiles, Sessions, Write,
};

/// The version of the SQLite library that is linked in, for instance `3.53.2`.
#[must_use]
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}
