//! Read and write handles, and transactions.

use crate::{
    connection,
    error::Attempt,
    identity::Identity,
    writer::{Writer, WriterGuard, WriterLock},
};
use han_base::Result;
use rusqlite::Connection;
use std::{marker::PhantomData, ops::Deref};

/// Everything that can be read, on a reader or inside a transaction.
#[derive(Clone, Copy)]
pub struct Read<'c> {
    pub(crate) connection: &'c Connection,
}

/// Everything that can be written. Exists only inside a transaction.
#[derive(Clone, Copy)]
pub struct Write<'c> {
    read: Read<'c>,
}

impl<'c> Read<'c> {
    pub(crate) fn new(connection: &'c Connection) -> Self {
        Self { connection }
    }
}

impl<'c> Write<'c> {
    /// The caller stands inside a transaction of `connection`.
    pub(crate) fn new(connection: &'c Connection) -> Self {
        Self { read: Read::new(connection) }
    }
}

impl<'c> Deref for Write<'c> {
    type Target = Read<'c>;

    fn deref(&self) -> &Read<'c> {
        &self.read
    }
}

/// Marks a handle that only reads.
#[derive(Clone, Copy, Debug)]
pub enum ReadOnly {}

/// Marks a handle that may write too: it comes from a transaction.
#[derive(Clone, Copy, Debug)]
pub enum ReadWrite {}

/// The handle of a domain: its methods that write exist only with access [`ReadWrite`].
macro_rules! handles {
    ($($name:ident: $handle:ident, $doc:literal;)*) => {
        $(#[doc = $doc]
        #[derive(Clone, Copy, Debug)]
        pub struct $handle<'c, Access = ReadOnly> {
            pub(crate) connection: &'c Connection,
            access: PhantomData<Access>,
        })*

        impl<'c> Read<'c> {
            $(#[doc = $doc]
            #[must_use]
            pub fn $name(&self) -> $handle<'c> {
                $handle { connection: self.connection, access: PhantomData }
            })*
        }

        impl<'c> Write<'c> {
            $(#[doc = $doc]
            #[must_use]
            pub fn $name(&self) -> $handle<'c, ReadWrite> {
                $handle { connection: self.read.connection, access: PhantomData }
            })*
        }
    };
}

handles! {
    activity: Activity, "Figures over time: what dashboards show.";
    archive: Archive, "Figures over the whole store, and its health.";
    async_hooks: AsyncHooks, "Hooks that run beside a session.";
    broken_lines: BrokenLines, "Lines that could not be understood.";
    compactions: Compactions, "Compactions of sessions.";
    config_dirs: ConfigDirs, "Configuration folders: where agents keep their transcripts.";
    document_stores: DocumentStores, "Stores of documents and vectors.";
    documents: Documents, "Documents of callers, for full-text search.";
    file_changes: FileChanges, "Files that sessions changed.";
    file_validations: FileValidations, "Which content of a file a hook has validated.";
    frustration: Frustration, "Signs of frustration of users.";
    generated_summaries: GeneratedSummaries, "Summaries of sessions that a model wrote.";
    hook_attempts: HookAttempts, "Failures in a row of hooks.";
    hook_executions: HookExecutions, "Runs of hooks.";
    messages: Messages, "Messages of sessions.";
    metadata: Metadata, "Small facts about the store itself.";
    native_tasks: NativeTasks, "Tasks that an agent keeps for itself.";
    orchestrations: Orchestrations, "Runs of many hooks together.";
    projects: Projects, "Projects: the folders that agents worked in.";
    pull_requests: PullRequests, "Pull requests that sessions made.";
    queued_hooks: QueuedHooks, "Hooks that wait in the queue of an orchestration.";
    raw_blocks: RawBlocks, "The bytes of the source files.";
    replies: Replies, "The token ledger: replies of models, each once.";
    repos: Repos, "Repositories.";
    search: Search, "Full-text search over messages.";
    session_files: SessionFiles, "Source files of sessions, and how far each is indexed.";
    session_compacts: SessionCompacts, "The latest compaction of each session.";
    session_summaries: SessionSummaries, "The latest summary of each session.";
    session_todos: SessionTodosLists, "The latest list of todos of each session.";
    sessions: Sessions, "Sessions.";
    tasks: Tasks, "Tasks and how they ended.";
    vectors: Vectors, "Vectors of callers, for search by similarity.";
    tool_calls: ToolCalls, "Calls of tools, with their results.";
}

/// The writer connection, held for one or more transactions.
pub struct BulkWriter<'d> {
    writer: &'d WriterLock,
    identity: &'d Identity,
    /// Held from the first transaction on.
    held: Option<WriterGuard<'d>>,
    /// Whether commits leave it to another thread to move the log into the database.
    leaves_log: bool,
}

impl<'d> BulkWriter<'d> {
    pub(crate) fn new(writer: &'d WriterLock, identity: &'d Identity) -> Self {
        Self { writer, identity, held: None, leaves_log: false }
    }

    /// Runs `work` in one write transaction: committed when it returns a value, rolled back on an error or a panic. On a
    /// thread that is inside a transaction of this database it is part of that one, and rolled back alone.
    ///
    /// Code: [`han_base::Code::DbReplaced`] when the file is not the one that was opened.
    pub fn transaction<T>(&mut self, work: impl FnOnce(&Write<'_>) -> Result<T>) -> Result<T> {
        let identity = self.identity;
        let writer = self.hold()?;
        if !writer.is_in_transaction() {
            identity.require_database()?;
        }
        writer.transaction(|connection| work(&Write::new(connection)))
    }

    /// Leaves it to another thread ([`Database::move_log`](crate::Database::move_log)) to move the write-ahead log into the
    /// database, unless it grows too long (128 MiB), until this writer is dropped.
    pub fn leave_log(&mut self) -> Result<()> {
        let writer = self.hold()?;
        connection::checkpoint_at(writer.connection(), connection::LONG_LOG_PAGES)?;
        self.leaves_log = true;
        Ok(())
    }

    /// Moves the write-ahead log into the database and empties it, as far as readers allow. Waits for nobody: the
    /// write lock is held meanwhile. Does nothing inside a transaction.
    pub fn checkpoint(&mut self) -> Result<()> {
        let attempt = || "move the write-ahead log into the database".to_owned();
        let writer = self.hold()?;
        if writer.is_in_transaction() {
            return Ok(());
        }
        let connection = writer.connection();
        connection.busy_handler(None).attempt(attempt)?;
        let moved = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).attempt(attempt);
        connection::wait_when_busy(connection).attempt(attempt)?;
        moved
    }

    /// Lets threads of this process that wait for the writer go first, and other processes too. Inside a transaction
    /// nobody can.
    pub fn yield_to_others(&mut self) {
        if let Some(held) = self.held.as_mut().filter(|held| !held.is_in_transaction()) {
            WriterGuard::bump(held);
            std::thread::sleep(std::time::Duration::from_micros(500));
        }
    }

    fn hold(&mut self) -> Result<&Writer> {
        let held = match self.held.take() {
            Some(held) => held,
            None => self.writer.lock(self.identity.path())?,
        };
        Ok(self.held.insert(held))
    }
}

impl Drop for BulkWriter<'_> {
    fn drop(&mut self) {
        if self.leaves_log
            && let Some(writer) = &self.held
        {
            // It changes a number of the connection, which no database can refuse.
            let _ = connection::checkpoint_at(writer.connection(), connection::CHECKPOINT_PAGES);
        }
    }
}
