//! The closed list of error codes. Each has a cause and a remedy; `docs/errors.md` and the TypeScript union
//! of codes are generated from this list, so a new code needs one new line here and nothing else.

/// Declares [`Code`] and its texts in one table.
macro_rules! codes {
    ($($variant:ident $name:literal $cause:literal $remedy:literal)*) => {
        /// What went wrong, for a program to branch on. The name is what JavaScript sees as `err.code`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $cause] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable name, for instance `FILE_NOT_FOUND`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// When this code is given, in one sentence.
            #[must_use]
            pub const fn cause(self) -> &'static str {
                match self { $(Self::$variant => $cause),* }
            }

            /// What the caller can do about it, in one sentence.
            #[must_use]
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy),* }
            }
        }
    };
}

codes! {
    InvalidArgument "INVALID_ARGUMENT"
        "An argument has a value the function does not take."
        "Read the message: it names the argument and what it takes."
    InvalidCursor "INVALID_CURSOR"
        "A page cursor was not made by the list it is given to."
        "Pass `nextCursor` unchanged to the function that returned it, or start without a cursor."
    InvalidTimestamp "INVALID_TIMESTAMP"
        "A time is not an RFC 3339 date and time."
        "Write times like 2026-11-20T12:00:00Z, with a zone."
    InvalidFilter "INVALID_FILTER"
        "A filter has an unknown operator, a bad path, a bad regular expression, or a value of the wrong type."
        "Read the message: it names the condition and what it takes."
    InvalidPattern "INVALID_PATTERN"
        "A pattern for paths cannot be read."
        "Read the message: it names the pattern, the place and what is wrong there; docs/glob.md has the rules."
    PricesInvalid "PRICES_INVALID"
        "A file with prices is no price table, or a price in it is none."
        "Read the message: it names the line; docs/usage.md shows what such a file holds."
    FileNotFound "FILE_NOT_FOUND"
        "A file or folder does not exist."
        "Check the path; the message holds it as it was given."
    FileUnreadable "FILE_UNREADABLE"
        "The process may not read a file or folder."
        "Give the user who runs the process the right to read it."
    FileExists "FILE_EXISTS"
        "A file that was to be written is there already."
        "Name another path, or ask for the file to be written over where that is offered."
    FileUnwritable "FILE_UNWRITABLE"
        "The process may not write a file or folder."
        "Give the user who runs the process the right to write there, or name another path."
    NotAFile "NOT_A_FILE"
        "A path that should be a file is a folder or a device."
        "Name a regular file."
    FileChanged "FILE_CHANGED"
        "A file became shorter while it was read."
        "Call again: the file is then read as it is."
    NotADirectory "NOT_A_DIRECTORY"
        "A path that should be a folder is something else."
        "Name a folder."
    SessionUnknown "SESSION_UNKNOWN"
        "A transcript file tells neither by its name nor by its lines which session it belongs to."
        "Keep the file name the agent gave it, or leave the file out."
    LineNotJson "LINE_NOT_JSON"
        "A line of a transcript is not valid JSON. Only this line is left out."
        "Nothing needs to be done; the line's bytes are kept and listed as broken."
    LineNotRecord "LINE_NOT_RECORD"
        "A line is valid JSON but no object with a `type`. Only this line is left out."
        "Nothing needs to be done; the line's bytes are kept and listed as broken."
    LineInvalidUtf8 "LINE_INVALID_UTF8"
        "A line holds bytes that are not UTF-8. It is indexed with replacement characters."
        "Nothing needs to be done; the original bytes are kept."
    LineTooLong "LINE_TOO_LONG"
        "A line is longer than the reader takes (64 MiB). Only this line is left out."
        "Nothing needs to be done; the line's bytes are kept and listed as broken."
    LineRecovered "LINE_RECOVERED"
        "A complete record stood behind the fragment of another on one line. The record is indexed."
        "Nothing needs to be done; the fragment's bytes are kept."
    LineReferenceUnresolved "LINE_REFERENCE_UNRESOLVED"
        "An event line names a file that is missing, too large, no event, or outside the folder of its session. The line is indexed without it."
        "Nothing needs to be done; restore the file and have the event file read anew to index what it held."
    IndexDamaged "INDEX_DAMAGED"
        "The offset index beside a JSONL file is cut short or damaged."
        "Make it anew with `jsonlUpdateIndex` or `han jsonl index`; the JSONL file itself is not affected."
    IoFailed "IO_FAILED"
        "The operating system refused to read or write."
        "Read the cause in the message: a device, quota or network file system may be at fault."
    DiskFull "DISK_FULL"
        "There is no space left for the database or a file."
        "Free space and call again; everything committed before is kept."
    DbPathInvalid "DB_PATH_INVALID"
        "A database path is empty, is a folder, or its folder cannot be made."
        "Name a file in a folder that the user may write to."
    DbReadOnly "DB_READ_ONLY"
        "The database file or its folder cannot be written."
        "Give the user who runs the process the right to write there, or name another path."
    DbNotADatabase "DB_NOT_A_DATABASE"
        "The file at the database path is not an SQLite database."
        "Name another path, or move the file away; it was not changed."
    DbForeign "DB_FOREIGN"
        "The file is an SQLite database of another program."
        "Name another path; the file was not changed."
    DbTooNew "DB_TOO_NEW"
        "The database was written by a newer version that this one cannot understand."
        "Update Han Native; the file was not changed."
    DbReplaced "DB_REPLACED"
        "The database file was deleted, replaced or emptied while it was open; nothing was written to it."
        "Call again: the file at the path is then opened, or made anew."
    DbFileSystem "DB_FILE_SYSTEM"
        "The database lies on a file system that does not keep locks, such as an object store or AFS."
        "Name a path on a local disk; the file was not made or changed."
    DbBusy "DB_BUSY"
        "Another process held the database for longer than 30 seconds."
        "Call again; end the other process if it hangs."
    DbCorrupt "DB_CORRUPT"
        "The database file is damaged."
        "Move it away and index again; transcripts that still exist give the same rows."
    DbConstraint "DB_CONSTRAINT"
        "A row refers to another that does not exist, or exists already."
        "Create what it refers to first; the cause in the message names the constraint."
    TransactionLost "TRANSACTION_LOST"
        "A transaction was rolled back as a whole because a call inside it failed, for instance for want of disk space."
        "Handle the error of that call, and begin the whole transaction again."
    DbFailed "DB_FAILED"
        "SQLite failed in a way that has no code of its own."
        "Read the cause in the message."
    TableNotFound "TABLE_NOT_FOUND"
        "No store of documents has this name."
        "Index documents or vectors under this name first, or list the stores."
    VectorDimensionMismatch "VECTOR_DIMENSION_MISMATCH"
        "A vector has another number of numbers than the vectors of its store."
        "Use one model for a store; drop the store or delete its vectors before another model is used."
    VectorModelMismatch "VECTOR_MODEL_MISMATCH"
        "The vectors of a store were made by another model than the one named, or nobody named theirs."
        "Name the model they were made by, or drop the store and index its vectors anew."
    SessionNotFound "SESSION_NOT_FOUND"
        "No session has this id."
        "List the sessions; an id may be shortened to any unique beginning in the `han` command."
    SessionAmbiguous "SESSION_AMBIGUOUS"
        "A shortened session id begins the ids of several sessions."
        "Give more characters of the id."
    TaskNotFound "TASK_NOT_FOUND"
        "No task has this id."
        "Create the task before it is completed or failed."
    HookNotFound "HOOK_NOT_FOUND"
        "Nothing is known of this hook in this session and folder."
        "Record or queue a run of the hook, with its plugin and folder, before its failures are counted."
    GitNotARepository "GIT_NOT_A_REPOSITORY"
        "A folder lies in no git repository, or does not exist."
        "Name a folder inside a repository."
    GitUnsupported "GIT_UNSUPPORTED"
        "A repository uses a format that is not read here, such as SHA-256 objects, reftables or a split index."
        "Use the git program for this repository; the message names what is not supported."
    GitNotFound "GIT_NOT_FOUND"
        "A repository has no such revision, path, branch or work tree, or no commit yet."
        "Read the message: it names what was looked for."
    GitConflict "GIT_CONFLICT"
        "A branch or work tree exists already, is in use, is locked, or has changes that would be lost."
        "Read the message: it names what is in the way."
    GitNotText "GIT_NOT_TEXT"
        "A file of a commit is not UTF-8 text."
        "Read the file by other means."
    GitFailed "GIT_FAILED"
        "A git repository is damaged, or an operation on it failed in a way that has no code of its own."
        "Read the cause in the message; `git fsck` finds damage."
    JobDuplicate "JOB_DUPLICATE"
        "A job with this id is running already."
        "Use an id of its own for every running job, for instance from `createJobId()`."
    Cancelled "CANCELLED"
        "The caller cancelled the work before it had an answer."
        "Nothing needs to be done; call again for the answer."
    AddonNotFound "ADDON_NOT_FOUND"
        "No prebuilt addon for this platform is installed."
        "Install optional dependencies too, or set HAN_NATIVE_PATH to the addon file."
    AddonLoadFailed "ADDON_LOAD_FAILED"
        "The addon file exists but the runtime could not load it."
        "Read the causes in the message; in a compiled Bun program set BUN_TMPDIR to a writable folder."
    AddonVersionMismatch "ADDON_VERSION_MISMATCH"
        "The addon found is of another version than the loader."
        "Install all @han packages in the same version."
    Internal "INTERNAL"
        "A defect of Han Native."
        "Please report it with the message; the process goes on."
}

impl AsRef<str> for Code {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Code;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_and_in_screaming_snake_case() {
        let mut seen = HashSet::new();
        for code in Code::ALL {
            let name = code.as_str();
            assert!(seen.insert(name), "{name} stands twice");
            assert!(
                name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_' || byte == b'8'),
                "{name}"
            );
            assert!(code.cause().ends_with('.') && code.remedy().ends_with('.'), "{name} needs sentences");
        }
    }
}
