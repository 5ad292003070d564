//! From changed files to rows: finds transcripts, reads what was added since the last time, and stores it.
//!
//! Files are read and understood on several threads, and written by one, in the order of [`SourceFile`]s: so the same
//! files always give the same rows. Each file has a cursor that moves in the same transaction as the rows it stands
//! for; a run that is killed is taken up where it stopped.
//!
//! ```no_run
//! use han_db::Database;
//! use han_indexer::{Unwatched, index_config_dirs};
//!
//! let database = Database::open("han.db".as_ref())?;
//! let report = index_config_dirs(&database, &["/home/me/.claude".into()], &Unwatched)?;
//! println!("{} messages in {} files", report.messages_indexed, report.files_indexed);
//! # Ok::<(), han_base::Error>(())
//! ```

mod apply;
mod batch;
mod calls;
mod cost;
mod discover;
mod effects;
mod han_events;
mod insert;
mod layout;
mod moved;
mod pace;
mod plan;
mod rebook;
mod reply;
mod report;
mod repositories;
mod run;
mod source_reads;
mod understand;
mod verify;

pub use cost::{Cost, UsageQuery, UsageReport, UsageRow, query_usage, read_prices};
pub use discover::{Discovery, SourceFile, Sources, discover_config_dir, discover_project_dir};
pub use insert::insert_messages;
pub use layout::{FileType, session_of_path};
pub use report::{
    IndexCounters, IndexProgress, IndexReport, IndexResult, Observer, Phase, Status, Unwatched,
};
pub use run::{index_config_dirs, index_file, index_project_dir, index_sources};
pub use verify::{RangeKind, VerifiedFile, VerifiedRange, VerifyReport, repair, verify};

/// What the rule with a stored name does, in one sentence; `None` for an unknown name.
#[must_use]
pub fn rule_meaning(name: &str) -> Option<&'static str> {
    han_transcript::Rule::from_name(name).map(han_transcript::Rule::meaning)
}
