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

mod activity;
mod archive;
mod async_hooks;
mod broken_lines;
mod columns;
mod compactions;
mod config_dirs;
mod connection;
mod documents;
mod error;
mod file_changes;
mod file_system;
mod file_validations;
mod frustration;
mod generated_summaries;
mod hook_attempts;
mod hook_executions;
mod identity;
mod latest;
mod log_mover;
mod maintenance;
mod messages;
mod metadata;
mod migrate;
mod native_tasks;
mod open;
mod orchestrations;
mod pages;
mod period;
mod projects;
mod pull_requests;
mod queued_hooks;
mod raw_blocks;
mod replies;
mod repos;
pub mod search;
mod session_compacts;
mod session_files;
mod session_summaries;
mod session_todos;
mod sessions;
mod tasks;
pub mod tokenizer;
mod tool_calls;
mod transaction;
mod truncate;
mod upgrade;
mod vectors;
mod waiting;
mod write_counts;
mod writer;

pub use activity::{
    ActivityAggregates, CallFigures, DailyActivityRow, DailyCostRow, DashboardAggregates, HookHealthRow,
    HourlyActivityRow, ModelUsage, SessionCompactionRow, SessionSentimentRow, SessionStatsRow,
    SubagentUsageRow, TokenUsage, ToolFigures, ToolUsageRow, TouchedFile, UsageFilter, UsageGroup, UsageKey,
    UsageLabel,
};
pub use archive::{ArchiveStats, DatabaseCheck, TypeCount};
pub use async_hooks::{AsyncHookKey, AsyncHookQueueEntry, AsyncHookQueueInputNative};
pub use broken_lines::{BrokenLine, NewBrokenLine};
pub use compactions::{Compaction, NewCompaction};
pub use config_dirs::{ConfigDir, ConfigDirInput};
pub use documents::{FtsDocument, FtsSearchResult, stores::DocumentStore};
pub use file_changes::{SessionFileChange, SessionFileChangeInput};
pub use file_system::{FileSystem, Journal, journal_for};
pub use file_validations::{
    FileValidationStatus, SessionFileValidation, SessionFileValidationInput, ValidatingHook,
};
pub use frustration::{FrustrationEvent, FrustrationEventInput, FrustrationMetrics};
pub use generated_summaries::{GeneratedSessionSummary, GeneratedSessionSummaryInput};
pub use hook_attempts::{HookAttemptInfo, HookKey};
pub use hook_executions::{
    HookExecution, HookExecutionFilter, HookExecutionInput, HookExecutionState, HookStats, PendingHookInput,
};
pub use maintenance::{
    BackupOptions, BackupReport, CheckpointMode, CheckpointReport, DatabaseStats, ExportChunk,
    IntegrityOptions, IntegrityPart, IntegrityReport, MaintenanceProgress, Observer, RestoreOptions,
    RestoreReport, RestoredTranscript, SizesReport, TableSize, Unwatched, VacuumOptions, VacuumReport,
};
pub use messages::{
    Message, MessageFilter, MessageId, MessageIdRef, MessageInput, MessageRow, NewMessage, Place,
    SessionTimestamps, Texts,
};
pub use migrate::SCHEMA_VERSION;
pub use native_tasks::{NativeTask, NativeTaskInput, NativeTaskUpdate};
pub use open::{Database, OpenOptions};
pub use orchestrations::{Orchestration, OrchestrationInput, OrchestrationUpdate};
pub use projects::{Project, ProjectInput, RepositoryPlace};
pub use pull_requests::{NewPullRequest, PullRequest};
pub use queued_hooks::{QueuedHook, QueuedHookInput};
pub use raw_blocks::{NewRawBlock, RawBlockCache};
pub use replies::{BookedReply, NewReply};
pub use repos::{Repo, RepoInput};
pub use search::{BulkText, Postings, SearchFilter, SearchHit, SearchOrder, Vocabulary};
pub use session_compacts::{SessionCompact, SessionCompactInput};
pub use session_files::{FileStamp, NewSessionFile, Rebooking, SessionFile};
pub use session_summaries::{SessionSummary, SessionSummaryInput};
pub use session_todos::{SessionTodos, SessionTodosInput};
pub use sessions::{Session, SessionFacts, SessionFilter, SessionInput, SessionOverview};
pub use tasks::{Task, TaskCompletion, TaskFailure, TaskInput, TaskMetrics};
pub use tool_calls::{JsonPlace, NewEdit, NewToolCall, NewToolResult, ToolCall, ToolCallFilter};
pub use transaction::{
    Activity, Archive, AsyncHooks, BrokenLines, BulkWriter, Compactions, ConfigDirs, DocumentStores,
    Documents, FileChanges, FileValidations, Frustration, GeneratedSummaries, HookAttempts, HookExecutions,
    Messages, Metadata, NativeTasks, Orchestrations, Projects, PullRequests, QueuedHooks, RawBlocks, Read,
    ReadOnly, ReadWrite, Replies, Repos, Search, SessionCompacts, SessionFiles, SessionSummaries,
    SessionTodosLists, Sessions, Tasks, ToolCalls, Vectors, Write,
};
pub use vectors::{VectorDocumentInput, VectorSearchResult};
pub use waiting::Others;
pub use write_counts::WriteCounts;

/// The version of the SQLite library that is linked in, for instance `3.53.2`.
#[must_use]
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}
