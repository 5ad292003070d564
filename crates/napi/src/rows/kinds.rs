//! What each type of row looks like: its fields in their order, and how each is written. Names and absence are those of
//! the records in the typings, which the same structs give; so is the order, in which fields that may be absent come last.

use super::chunk::Encoder;
use han_db::{MessageRow, SearchHit, Session, SessionFileChange, SessionFileValidation, SessionOverview};
use han_git::GitDiffStat;

/// A type of row.
pub trait RowKind: 'static {
    /// What is written: a row as `han_db` gives it.
    type Row<'r>;
    /// Tells this type from all others.
    const NAME: &'static str;
    /// Name, kind and whether it may be absent, of each field.
    const FIELDS: &'static [(&'static str, &'static str, bool)];
    /// Writes a row.
    fn write(row: &Self::Row<'_>, to: &mut Encoder);
}

/// Describes a type of row. `word` is text that rows share, `optional` marks what may be absent.
macro_rules! row_kind {
    ($(#[$doc:meta])* $kind:ident of<$life:lifetime> $row:ty { $($field:ident: $($form:ident)+),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $kind;

        impl RowKind for $kind {
            type Row<$life> = $row;
            const NAME: &'static str = stringify!($kind);
            const FIELDS: &'static [(&'static str, &'static str, bool)] =
                &[$((stringify!($field), reader!($($form)+), is_optional!($($form)+))),*];

            fn write(row: &Self::Row<'_>, to: &mut Encoder) {
                to.begin();
                $(write_field!(row, to, $field, $($form)+);)*
                to.end();
            }
        }
    };
}

/// The function of `rows.js` that reads a form.
macro_rules! reader {
    (optional $form:ident) => {
        reader!($form)
    };
    (time) => {
        "text"
    };
    (message_id) => {
        "text"
    };
    (small) => {
        "integer"
    };
    (shared_time) => {
        "word"
    };
    ($form:ident) => {
        stringify!($form)
    };
}

macro_rules! is_optional {
    (optional $form:ident) => {
        true
    };
    ($form:ident) => {
        false
    };
}

macro_rules! write_field {
    ($row:ident, $to:ident, $field:ident, optional $form:ident) => {
        $to.optional($row.$field.as_ref(), |to, value| to.$form(value))
    };
    ($row:ident, $to:ident, $field:ident, $form:ident) => {
        $to.$form(&$row.$field)
    };
}

row_kind! {
    /// `Message`.
    Messages of<'r> MessageRow<'r> {
        id: message_id,
        session_id: word,
        message_type: word,
        timestamp: time,
        line_number: integer,
        agent_id: optional word,
        parent_id: optional text,
        role: optional word,
        speaker: optional word,
        content: optional text,
        tool_name: optional word,
        tool_input: optional text,
        tool_result: optional text,
        raw_json: optional text,
        source_file_name: optional word,
        source_file_type: optional word,
        sentiment_score: optional real,
        sentiment_level: optional word,
        frustration_score: optional real,
        frustration_level: optional word,
        input_tokens: optional integer,
        output_tokens: optional integer,
        cache_read_tokens: optional integer,
        cache_creation_tokens: optional integer,
        lines_added: optional integer,
        lines_removed: optional integer,
        files_changed: optional integer,
        indexed_at: shared_time,
    }
}

/// First and last time of a session, in milliseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub struct SessionSpan<'r> {
    pub(crate) session_id: &'r String,
    pub(crate) started_at: Option<i64>,
    pub(crate) ended_at: Option<i64>,
}

row_kind! {
    /// `SessionTimestamps`.
    SessionSpans of<'r> SessionSpan<'r> {
        session_id: text,
        started_at: optional time,
        ended_at: optional time,
    }
}

row_kind! {
    /// `Session`.
    Sessions of<'r> Session {
        id: text,
        status: word,
        project_id: optional word,
        transcript_path: optional text,
        slug: optional text,
        source_config_dir: optional word,
        last_indexed_line: optional integer,
    }
}

row_kind! {
    /// `SessionOverview`.
    SessionOverviews of<'r> SessionOverview {
        id: text,
        status: word,
        message_count: integer,
        row_count: integer,
        agent_count: integer,
        input_tokens: integer,
        output_tokens: integer,
        cache_read_tokens: integer,
        cache_creation_tokens: integer,
        is_source_missing: boolean,
        title: optional text,
        first_prompt: optional text,
        project_id: optional word,
        project_name: optional word,
        project_path: optional word,
        transcript_path: optional text,
        started_at: optional text,
        ended_at: optional text,
    }
}

row_kind! {
    /// `SearchHit`.
    SearchHits of<'r> SearchHit {
        message_id: text,
        session_id: word,
        message_type: word,
        timestamp: text,
        score: real,
        snippet: text,
        highlights: integers,
        session_title: optional word,
        project_name: optional word,
        project_path: optional word,
        agent_id: optional word,
        speaker: optional word,
        tool_name: optional word,
    }
}

row_kind! {
    /// `SessionFileChange`.
    FileChanges of<'r> SessionFileChange {
        session_id: word,
        file_path: text,
        action: word,
        id: optional text,
        file_hash_before: optional text,
        file_hash_after: optional text,
        tool_name: optional word,
        agent_id: optional word,
        recorded_at: optional text,
    }
}

row_kind! {
    /// `SessionFileValidation`.
    FileValidations of<'r> SessionFileValidation {
        session_id: word,
        file_path: text,
        file_hash: text,
        plugin_name: word,
        hook_name: word,
        directory: word,
        command_hash: word,
        id: optional text,
        validated_at: optional text,
    }
}

row_kind! {
    /// `GitDiffStat`.
    DiffStats of<'r> GitDiffStat {
        path: text,
        additions: small,
        deletions: small,
        change_type: word,
        old_path: optional text,
        is_binary: optional boolean,
    }
}
