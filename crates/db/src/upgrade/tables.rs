//! Which table of the old program goes where, column by column. Tables come behind those that they refer to.

/// A table and what becomes of it.
pub(super) struct Table {
    /// Its name in the old file.
    pub(super) from: &'static str,
    /// Its name here.
    pub(super) to: &'static str,
    pub(super) columns: &'static [Column],
}

/// A column of ours, the old one it is made of, and how.
pub(super) struct Column {
    pub(super) to: &'static str,
    pub(super) from: &'static str,
    pub(super) kind: Kind,
}

/// How a value is made. Those with a default are never NULL.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// An id that means nothing by itself; a random one where there is none, or where it is taken.
    Id,
    /// The id of a message: a UUID as its bytes. Else as [`Kind::Id`].
    MessageId,
    /// A text that tells rows apart; where it is taken, a number is put behind it.
    Name,
    Text(&'static str),
    OptionalText,
    Integer(i64),
    OptionalInteger,
    Flag(bool),
    /// Yes for the first row that says so, no for all others.
    FirstFlag,
    Real(f64),
    OptionalReal,
    /// A moment. Where it cannot be read: that of the first other column named here that can, else that of the row
    /// before, else the moment of the upgrade.
    Time(&'static [&'static str]),
    /// As [`Kind::Time`], but NULL for NULL.
    OptionalTime(&'static [&'static str]),
    /// A JSON array of texts.
    TextList,
    OptionalTextList,
    /// Who speaks, by the role.
    Speaker,
    /// The row of a session, which is made when it is missing.
    Session,
    OptionalSession,
    /// The row of an orchestration, which is made when it is missing.
    Orchestration,
    OptionalOrchestration,
    /// The row of another table, NULL when it is missing.
    Reference(&'static str),
}

const fn column(to: &'static str, from: &'static str, kind: Kind) -> Column {
    Column { to, from, kind }
}

/// A column that keeps its name.
const fn same(name: &'static str, kind: Kind) -> Column {
    column(name, name, kind)
}

const SESSION: Column = column("session_row_id", "session_id", Kind::Session);
const OPTIONAL_SESSION: Column = column("session_row_id", "session_id", Kind::OptionalSession);
const ID: Column = same("id", Kind::Id);
const LINE_NUMBER: Column = same("line_number", Kind::Integer(0));
const CREATED_AT: Column = column("created_at_ms", "created_at", Kind::Time(&["updated_at"]));
const UPDATED_AT: Column = column("updated_at_ms", "updated_at", Kind::Time(&["created_at"]));
const TIMESTAMP: Column = column("timestamp_ms", "timestamp", Kind::Time(&["indexed_at"]));
const INDEXED_AT: Column = column("indexed_at_ms", "indexed_at", Kind::Time(&["timestamp"]));

/// All tables that are taken over, `han_metadata` apart.
pub(super) const TABLES: &[Table] = &[
    Table {
        from: "repos",
        to: "repos",
        columns: &[
            ID,
            same("remote", Kind::Name),
            same("name", Kind::Text("")),
            same("default_branch", Kind::OptionalText),
            CREATED_AT,
            UPDATED_AT,
        ],
    },
    Table {
        from: "projects",
        to: "projects",
        columns: &[
            ID,
            column("repo_row_id", "repo_id", Kind::Reference("repos")),
            same("slug", Kind::Name),
            same("path", Kind::Text("")),
            same("relative_path", Kind::OptionalText),
            same("name", Kind::Text("")),
            same("is_worktree", Kind::Flag(false)),
            same("source_config_dir", Kind::OptionalText),
            CREATED_AT,
            UPDATED_AT,
        ],
    },
    Table {
        from: "config_dirs",
        to: "config_dirs",
        columns: &[
            ID,
            same("path", Kind::Name),
            same("name", Kind::OptionalText),
            same("is_default", Kind::FirstFlag),
            column("registered_at_ms", "registered_at", Kind::Time(&["last_indexed_at"])),
            column("last_indexed_at_ms", "last_indexed_at", Kind::OptionalTime(&["registered_at"])),
        ],
    },
    Table {
        from: "sessions",
        to: "sessions",
        columns: &[
            same("id", Kind::Name),
            column("project_row_id", "project_id", Kind::Reference("projects")),
            same("status", Kind::Text("active")),
            same("slug", Kind::OptionalText),
            same("transcript_path", Kind::OptionalText),
            same("source_config_dir", Kind::OptionalText),
        ],
    },
    Table {
        from: "session_files",
        to: "session_files",
        columns: &[
            SESSION,
            same("file_type", Kind::Text("main")),
            same("file_path", Kind::Name),
            same("agent_id", Kind::OptionalText),
            column("last_indexed_at_ms", "last_indexed_at", Kind::OptionalTime(&["created_at"])),
        ],
    },
    Table {
        from: "messages",
        to: "messages",
        columns: &[
            SESSION,
            same("id", Kind::MessageId),
            TIMESTAMP,
            same("message_type", Kind::Text("unknown")),
            same("role", Kind::OptionalText),
            column("speaker", "role", Kind::Speaker),
            same("agent_id", Kind::OptionalText),
            same("parent_id", Kind::OptionalText),
            same("tool_name", Kind::OptionalText),
            LINE_NUMBER,
            same("source_file_name", Kind::OptionalText),
            same("source_file_type", Kind::OptionalText),
            same("sentiment_score", Kind::OptionalReal),
            same("sentiment_level", Kind::OptionalText),
            same("frustration_score", Kind::OptionalReal),
            same("frustration_level", Kind::OptionalText),
            same("input_tokens", Kind::OptionalInteger),
            same("output_tokens", Kind::OptionalInteger),
            same("cache_read_tokens", Kind::OptionalInteger),
            same("cache_creation_tokens", Kind::OptionalInteger),
            same("lines_added", Kind::OptionalInteger),
            same("lines_removed", Kind::OptionalInteger),
            same("files_changed", Kind::OptionalInteger),
            INDEXED_AT,
            same("content", Kind::OptionalText),
            same("tool_input", Kind::OptionalText),
            same("tool_result", Kind::OptionalText),
            same("raw_json", Kind::OptionalText),
        ],
    },
    Table {
        from: "tasks",
        to: "tasks",
        columns: &[
            ID,
            same("task_id", Kind::Name),
            OPTIONAL_SESSION,
            same("description", Kind::Text("")),
            same("task_type", Kind::Text("unknown")),
            same("outcome", Kind::OptionalText),
            same("confidence", Kind::OptionalReal),
            same("notes", Kind::OptionalText),
            same("files_modified", Kind::OptionalTextList),
            same("tests_added", Kind::OptionalInteger),
            column("started_at_ms", "started_at", Kind::Time(&["completed_at"])),
            column("completed_at_ms", "completed_at", Kind::OptionalTime(&["started_at"])),
        ],
    },
    Table {
        from: "orchestrations",
        to: "orchestrations",
        columns: &[
            ID,
            OPTIONAL_SESSION,
            same("hook_type", Kind::Text("unknown")),
            same("project_root", Kind::Text("")),
            same("status", Kind::Text("pending")),
            same("total_hooks", Kind::Integer(0)),
            same("completed_hooks", Kind::Integer(0)),
            same("failed_hooks", Kind::Integer(0)),
            same("deferred_hooks", Kind::Integer(0)),
            column("created_at_ms", "created_at", Kind::Time(&["completed_at"])),
            column("completed_at_ms", "completed_at", Kind::OptionalTime(&["created_at"])),
        ],
    },
    Table {
        from: "hook_executions",
        to: "hook_executions",
        columns: &[
            ID,
            column("orchestration_row_id", "orchestration_id", Kind::OptionalOrchestration),
            OPTIONAL_SESSION,
            same("task_id", Kind::OptionalText),
            same("hook_type", Kind::Text("unknown")),
            same("hook_name", Kind::Text("")),
            same("hook_source", Kind::OptionalText),
            same("directory", Kind::OptionalText),
            same("duration_ms", Kind::Integer(0)),
            same("exit_code", Kind::Integer(0)),
            same("passed", Kind::Flag(true)),
            same("output", Kind::OptionalText),
            same("error", Kind::OptionalText),
            same("if_changed", Kind::OptionalTextList),
            same("command", Kind::OptionalText),
            same("status", Kind::Text("completed")),
            same("pid", Kind::OptionalInteger),
            same("plugin_root", Kind::OptionalText),
            column("executed_at_ms", "executed_at", Kind::Time(&[])),
        ],
    },
    Table {
        from: "pending_hooks",
        to: "queued_hooks",
        columns: &[
            ID,
            column("orchestration_row_id", "orchestration_id", Kind::Orchestration),
            same("plugin", Kind::Text("")),
            same("hook_name", Kind::Text("")),
            same("directory", Kind::Text(".")),
            same("if_changed", Kind::OptionalTextList),
            same("command", Kind::Text("")),
            column("queued_at_ms", "queued_at", Kind::Time(&[])),
        ],
    },
    Table {
        from: "async_hook_queue",
        to: "async_hooks",
        columns: &[
            ID,
            SESSION,
            same("cwd", Kind::Text("")),
            same("plugin", Kind::Text("")),
            same("hook_name", Kind::Text("")),
            same("file_paths", Kind::TextList),
            same("command", Kind::Text("")),
            same("status", Kind::Text("pending")),
            same("result", Kind::OptionalText),
            same("error", Kind::OptionalText),
            column("created_at_ms", "created_at", Kind::Time(&["started_at", "completed_at"])),
            column("started_at_ms", "started_at", Kind::OptionalTime(&["created_at"])),
            column("completed_at_ms", "completed_at", Kind::OptionalTime(&["started_at", "created_at"])),
        ],
    },
    Table {
        from: "frustration_events",
        to: "frustration_events",
        columns: &[
            ID,
            OPTIONAL_SESSION,
            same("task_id", Kind::OptionalText),
            same("frustration_level", Kind::Text("low")),
            same("frustration_score", Kind::Real(0.0)),
            same("user_message", Kind::Text("")),
            same("detected_signals", Kind::OptionalTextList),
            same("context", Kind::OptionalText),
            column("recorded_at_ms", "recorded_at", Kind::Time(&[])),
        ],
    },
    Table {
        from: "session_file_changes",
        to: "file_changes",
        columns: &[
            ID,
            SESSION,
            same("file_path", Kind::Text("")),
            same("action", Kind::Text("modified")),
            same("file_hash_before", Kind::OptionalText),
            same("file_hash_after", Kind::OptionalText),
            same("tool_name", Kind::OptionalText),
            same("agent_id", Kind::OptionalText),
            column("recorded_at_ms", "recorded_at", Kind::Time(&[])),
        ],
    },
    Table {
        from: "session_file_validations",
        to: "file_validations",
        columns: &[
            ID,
            SESSION,
            same("file_path", Kind::Name),
            same("file_hash", Kind::Text("")),
            same("plugin_name", Kind::Text("")),
            same("hook_name", Kind::Text("")),
            same("directory", Kind::Text(".")),
            same("command_hash", Kind::Text("")),
            column("validated_at_ms", "validated_at", Kind::Time(&[])),
        ],
    },
    Table {
        from: "session_summaries",
        to: "session_summaries",
        columns: &[
            SESSION,
            same("message_id", Kind::Text("")),
            same("content", Kind::OptionalText),
            same("raw_json", Kind::OptionalText),
            TIMESTAMP,
            LINE_NUMBER,
            INDEXED_AT,
        ],
    },
    Table {
        from: "session_compacts",
        to: "session_compacts",
        columns: &[
            SESSION,
            same("message_id", Kind::Text("")),
            same("content", Kind::OptionalText),
            same("raw_json", Kind::OptionalText),
            same("compact_type", Kind::OptionalText),
            TIMESTAMP,
            LINE_NUMBER,
            INDEXED_AT,
        ],
    },
    Table {
        from: "session_todos",
        to: "session_todos",
        columns: &[
            ID,
            SESSION,
            same("message_id", Kind::Text("")),
            same("todos_json", Kind::Text("[]")),
            TIMESTAMP,
            LINE_NUMBER,
            INDEXED_AT,
        ],
    },
    Table {
        from: "native_tasks",
        to: "native_tasks",
        columns: &[
            same("id", Kind::Name),
            SESSION,
            same("message_id", Kind::Text("")),
            same("subject", Kind::Text("")),
            same("description", Kind::OptionalText),
            same("status", Kind::Text("pending")),
            same("active_form", Kind::OptionalText),
            same("owner", Kind::OptionalText),
            same("blocks", Kind::OptionalTextList),
            same("blocked_by", Kind::OptionalTextList),
            CREATED_AT,
            UPDATED_AT,
            column("completed_at_ms", "completed_at", Kind::OptionalTime(&["updated_at", "created_at"])),
            LINE_NUMBER,
        ],
    },
    Table {
        from: "generated_session_summaries",
        to: "generated_summaries",
        columns: &[
            ID,
            SESSION,
            same("summary_text", Kind::Text("")),
            same("topics", Kind::TextList),
            same("files_modified", Kind::OptionalTextList),
            same("tools_used", Kind::OptionalTextList),
            same("outcome", Kind::OptionalText),
            same("message_count", Kind::OptionalInteger),
            same("duration_seconds", Kind::OptionalInteger),
            CREATED_AT,
            UPDATED_AT,
        ],
    },
];
