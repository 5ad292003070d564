//! The lines of an event file of han, typed.

use crate::members::{count, each_member, text_members, text_or_number, texts};
use crate::{Record, RecordType};
use std::borrow::Cow;

/// The type of a field: `None`, or empty, when the event does not tell it.
macro_rules! field_type {
    (Text $data:lifetime) => { Option<Cow<$data, str>> };
    (Texts $data:lifetime) => { Vec<Cow<$data, str>> };
    (Pairs $data:lifetime) => { Vec<(Cow<$data, str>, Cow<$data, str>)> };
    (Json $data:lifetime) => { Option<&$data str> };
    (Count $data:lifetime) => { Option<u64> };
    (Integer $data:lifetime) => { Option<i64> };
    (Number $data:lifetime) => { Option<f64> };
    (Flag $data:lifetime) => { Option<bool> };
}

/// Reads a value of each of these types.
macro_rules! read_value {
    ($scanner:ident Text) => {
        text_or_number($scanner)?
    };
    ($scanner:ident Texts) => {
        texts($scanner)?
    };
    ($scanner:ident Pairs) => {
        text_members($scanner)?
    };
    ($scanner:ident Json) => {
        Some($scanner.skip_value()?)
    };
    ($scanner:ident Count) => {
        count($scanner)?
    };
    ($scanner:ident Integer) => {
        $scanner.integer()?
    };
    ($scanner:ident Number) => {
        $scanner.float()?
    };
    ($scanner:ident Flag) => {
        $scanner.boolean()?
    };
}

/// Declares [`HanEvent`] and the data of each of its types in one table. The names of the fields are the keys.
macro_rules! han_events {
    ($(
        $variant:ident $name:literal $meaning:literal {
            $($field:ident: $type:ident $field_meaning:literal,)*
        }
    )*
    $(; like $data:ident: $other:ident $other_name:literal $other_meaning:literal)*) => {
        /// What an event tells, by its type. A type that is not known, and an event that only refers to a file
        /// ([`Record::reference`]), is [`HanEvent::Unknown`].
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum HanEvent<'a> {
            $(#[doc = $meaning] $variant($variant<'a>),)*
            $(#[doc = $other_meaning] $other($data<'a>),)*
            /// Any other event; [`Record::raw_type`] has its type and [`Record::data`] what it tells.
            Unknown,
        }

        impl<'a> HanEvent<'a> {
            /// The names of the types that are known.
            pub const NAMES: &'static [&'static str] = &[$($name,)* $($other_name,)*];

            /// Reads the data of an event.
            fn read(name: &str, data: &'a str) -> Self {
                match name {
                    $($name => Self::$variant($variant::read(data)),)*
                    $($other_name => Self::$other($data::read(data)),)*
                    _ => Self::Unknown,
                }
            }
        }

        $(
            #[doc = concat!("Data of `", $name, "`: ", $meaning)]
            #[derive(Clone, Debug, Default, PartialEq)]
            pub struct $variant<'a> {
                $(#[doc = $field_meaning] pub $field: field_type!($type 'a),)*
            }

            impl<'a> $variant<'a> {
                fn read(data: &'a str) -> Self {
                    let mut read = Self::default();
                    each_member(data, |key, scanner| {
                        match key {
                            $(stringify!($field) => read.$field = read_value!(scanner $type),)*
                            _ => scanner.skip()?,
                        }
                        Ok(())
                    });
                    read
                }
            }
        )*
    };
}

han_events! {
    HookRun "hook_run" "A hook began." {
        plugin: Text "The plugin of the hook.",
        hook: Text "The name of the hook.",
        hook_type: Text "When it runs, for instance `Stop`.",
        directory: Text "Where it runs.",
        cached: Flag "Whether an earlier result was taken instead of running it.",
    }
    HookResult "hook_result" "A hook ended." {
        plugin: Text "The plugin of the hook.",
        hook: Text "The name of the hook.",
        hook_type: Text "When it runs.",
        directory: Text "Where it ran.",
        cached: Flag "Whether an earlier result was taken instead of running it.",
        duration_ms: Number "How long it took, in milliseconds.",
        exit_code: Integer "Its exit code.",
        success: Flag "Whether it passed.",
        output: Text "What it wrote.",
        error: Text "Why it failed.",
    }
    HookValidationCache "hook_validation_cache" "Files passed a hook, in this state." {
        plugin: Text "The plugin of the hook.",
        hook: Text "The name of the hook.",
        directory: Text "Where it ran.",
        command_hash: Text "A hash of the command.",
        files: Pairs "Each file with the hash of its content.",
    }
    HookReference "hook_reference" "A hook showed the model a file." {
        plugin: Text "The plugin of the hook.",
        file_path: Text "The file.",
        reason: Text "Why.",
        success: Flag "Whether the file was there.",
        duration_ms: Number "How long it took, in milliseconds.",
    }
    HookDatetime "hook_datetime" "A hook told the model the time." {
        plugin: Text "The plugin of the hook.",
        datetime: Text "The time, as it was told.",
        duration_ms: Number "How long it took, in milliseconds.",
    }
    HookFileChange "hook_file_change" "A tool changed a file." {
        session_id: Text "The session.",
        tool_name: Text "The tool.",
        file_path: Text "The file.",
    }
    HookScript "hook_script" "A script of a hook ran." {
        plugin: Text "The plugin of the hook.",
        command: Text "The command.",
        duration_ms: Number "How long it took, in milliseconds.",
        exit_code: Integer "Its exit code.",
        success: Flag "Whether it passed.",
        output: Text "What it wrote.",
    }
    HookCheckState "hook_check_state" "What the hooks of a kind would look at." {
        hook_type: Text "When they run.",
        fingerprint: Text "A hash of the state.",
        hooks_count: Count "How many hooks there are.",
    }
    QueueEvent "queue_operation" "Something was put into, or taken out of, a queue of han." {
        operation: Text "`enqueue`, `dequeue`, `complete` or `fail`.",
        queue_name: Text "The queue.",
        task_id: Text "The task.",
        task_description: Text "What is to be done.",
    }
    McpToolCall "mcp_tool_call" "A tool of han was called." {
        tool: Text "The tool.",
        arguments: Json "Its arguments.",
    }
    McpToolResult "mcp_tool_result" "A tool of han answered." {
        tool: Text "The tool.",
        call_id: Text "The event of the call.",
        success: Flag "Whether it worked.",
        duration_ms: Number "How long it took, in milliseconds.",
        result: Json "The answer.",
        error: Text "Why it failed.",
    }
    ExposedToolCall "exposed_tool_call" "A tool of another server was called through han." {
        server: Text "The server.",
        tool: Text "The tool.",
        prefixed_name: Text "The name under which the model knows it.",
        arguments: Json "Its arguments.",
    }
    ExposedToolResult "exposed_tool_result" "A tool of another server answered through han." {
        server: Text "The server.",
        tool: Text "The tool.",
        prefixed_name: Text "The name under which the model knows it.",
        call_id: Text "The event of the call.",
        success: Flag "Whether it worked.",
        duration_ms: Number "How long it took, in milliseconds.",
        result: Json "The answer.",
        error: Text "Why it failed.",
    }
    MemoryQuery "memory_query" "The memory of han was asked." {
        question: Text "The question.",
        route: Text "`personal`, `team` or `rules`.",
        success: Flag "Whether it worked.",
        duration_ms: Number "How long it took, in milliseconds.",
    }
    MemoryLearn "memory_learn" "The memory of han learned something." {
        domain: Text "What it is about.",
        scope: Text "`project` or `user`.",
        success: Flag "Whether it worked.",
    }
    SentimentAnalysis "sentiment_analysis" "How a message sounds." {
        message_id: Text "The message.",
        sentiment_score: Number "From -5 to 5.",
        sentiment_level: Text "`positive`, `neutral` or `negative`.",
        frustration_score: Number "How frustrated it sounds.",
        frustration_level: Text "`low`, `moderate` or `high`.",
        signals: Texts "The signs, in words.",
        task_id: Text "The task that ran then.",
    }
    FrustrationDetected "frustration_detected" "The user sounds frustrated." {
        frustration_level: Text "`low`, `moderate` or `high`.",
        frustration_score: Number "How frustrated.",
        user_message: Text "What the user said.",
        detected_signals: Texts "The signs, in words.",
        context: Text "What it was about.",
        task_id: Text "The task that ran then.",
    }
    TaskStart "task_start" "A task began." {
        task_id: Text "The task.",
        description: Text "What is to be done.",
        task_type: Text "`implementation`, `fix`, `refactor`, `research` or `other`.",
        estimated_complexity: Text "`trivial`, `simple`, `moderate` or `complex`.",
    }
    TaskUpdate "task_update" "A task goes on." {
        task_id: Text "The task.",
        status: Text "Its status.",
        notes: Text "Notes.",
    }
    TaskComplete "task_complete" "A task ended." {
        task_id: Text "The task.",
        outcome: Text "`success`, `partial` or `failure`.",
        confidence: Number "How sure the model was of it, from 0 to 1.",
        duration_seconds: Number "How long it took.",
        files_modified: Texts "The files that it changed.",
        tests_added: Count "How many tests it added.",
        notes: Text "Notes.",
    }
    TaskFail "task_fail" "A task failed." {
        task_id: Text "The task.",
        reason: Text "Why.",
        confidence: Number "How sure the model was of it, from 0 to 1.",
        duration_seconds: Number "How long it took.",
        attempted_solutions: Texts "What was tried.",
        notes: Text "Notes.",
    }
    TokenUsage "token_usage" "What a reply of a model cost, told by another agent program." {
        model: Text "The model.",
        provider: Text "Who serves it.",
        input_tokens: Count "Tokens read.",
        output_tokens: Count "Tokens written.",
        cache_read_tokens: Count "Tokens read from the cache.",
        cache_creation_tokens: Count "Tokens put into the cache.",
        cost_usd: Number "What it cost, in US dollars.",
    }
    ; like HookResult: HookValidation "hook_validation" "A hook checked files."
}

impl Record<'_> {
    /// What this line of an event file tells; `None` for lines of other files. Fields that the event does not have, or
    /// has with a value of another type, are absent.
    #[must_use]
    pub fn han_event(&self) -> Option<HanEvent<'_>> {
        if self.record_type != RecordType::HanEvent {
            return None;
        }
        Some(self.data.map_or(HanEvent::Unknown, |data| HanEvent::read(&self.raw_type, data)))
    }
}
