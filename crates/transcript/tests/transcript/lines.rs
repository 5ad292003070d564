//! Lines of every type, as the format has them.

use han_base::Timestamp;
use han_transcript::{Block, LineError, Record, RecordType, Role, Speaker, TitleKind, parse};

fn read(line: &str) -> Record<'_> {
    parse(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

fn content(line: &str) -> Option<String> {
    read(line).content().map(Into::into)
}

fn speaker(line: &str) -> Option<Speaker> {
    read(line).speaker
}

#[test]
fn a_prompt_has_its_envelope_and_its_text() {
    let record = read(concat!(
        r#"{"parentUuid":null,"isSidechain":false,"userType":"external","cwd":"/home/dev/a","sessionId":"s-1","#,
        r#""version":"2.1.39","gitBranch":"main","slug":"calm-blue-river","type":"user","#,
        r#""message":{"role":"user","content":"fix it"},"uuid":"u-1","timestamp":"2026-03-01T02:03:04.005Z"}"#,
    ));
    assert_eq!((record.record_type, &*record.raw_type), (RecordType::User, "user"));
    assert_eq!((record.role, record.speaker), (Some(Role::User), Some(Speaker::User)));
    assert_eq!(record.uuid.as_deref(), Some("u-1"));
    assert_eq!(record.parent_uuid, None);
    assert_eq!(record.session_id.as_deref(), Some("s-1"));
    assert_eq!(record.cwd.as_deref(), Some("/home/dev/a"));
    assert_eq!(record.git_branch.as_deref(), Some("main"));
    assert_eq!(record.version.as_deref(), Some("2.1.39"));
    assert_eq!(record.slug.as_deref(), Some("calm-blue-river"));
    assert_eq!(record.timestamp, Timestamp::parse("2026-03-01T02:03:04.005Z"));
    assert_eq!(record.content().as_deref(), Some("fix it"));
    assert!(matches!(record.content(), Some(std::borrow::Cow::Borrowed(_))), "plain text is not copied");
    assert!(record.blocks.is_empty() && record.reply.is_none() && record.tool_input_text().is_none());
}

#[test]
fn a_tool_call_has_a_name_and_searchable_arguments() {
    let record = read(concat!(
        r#"{"type":"assistant","requestId":"req_1","message":{"id":"msg_1","role":"assistant","model":"m-1","#,
        r#""content":[{"type":"tool_use","id":"toolu_1","name":"MultiEdit","input":{"file_path":"/a/b.rs","n":3,"#,
        r#""edits":[{"old_string":"","new_string":"say \"é\"\n"}],"all":true}}],"stop_reason":"tool_use","#,
        r#""usage":{"input_tokens":3,"output_tokens":"40","cache_read_input_tokens":7.0,"#,
        r#""cache_creation_input_tokens":9,"cache_creation":{"ephemeral_5m_input_tokens":4,"#,
        r#""ephemeral_1h_input_tokens":5},"server_tool_use":{"web_search_requests":1,"web_fetch_requests":2},"#,
        r#""service_tier":"standard","iterations":[{"input_tokens":1000}]}}}"#,
    ));
    assert_eq!(record.content().as_deref(), Some("[Tool: MultiEdit]"));
    assert_eq!(record.tool_name().as_deref(), Some("MultiEdit"));
    assert_eq!(record.tool_input_text().as_deref(), Some("/a/b.rs\nsay \"é\"\n"));
    assert_eq!(record.stop_reason.as_deref(), Some("tool_use"));
    assert_eq!(record.speaker, Some(Speaker::Assistant));
    let [Block::ToolUse { id, name, input, caller: None }] = &*record.blocks else {
        panic!("{:?}", record.blocks)
    };
    assert_eq!((id.as_deref(), name.as_deref()), (Some("toolu_1"), Some("MultiEdit")));
    assert!(input.unwrap().starts_with(r#"{"file_path""#) && input.unwrap().ends_with("true}"));

    let reply = record.reply.unwrap();
    assert_eq!(reply.message_id.as_deref(), Some("msg_1"));
    assert_eq!(reply.request_id.as_deref(), Some("req_1"));
    assert_eq!(reply.model.as_deref(), Some("m-1"));
    let usage = reply.usage;
    assert_eq!(
        (usage.input, usage.output, usage.cache_read, usage.cache_creation),
        (Some(3), Some(40), Some(7), Some(9))
    );
    assert_eq!((usage.cache_creation_5m, usage.cache_creation_1h), (Some(4), Some(5)));
    assert_eq!((usage.web_search_requests, usage.web_fetch_requests), (Some(1), Some(2)));
    assert_eq!(usage.service_tier.as_deref(), Some("standard"));
}

#[test]
fn usage_counts_only_where_a_reply_reports_tokens() {
    let reply = |line| read(line).reply.is_some();
    assert!(
        reply(r#"{"type":"assistant","message":{"usage":{"output_tokens":1}}}"#),
        "no message id is needed"
    );
    assert!(reply(r#"{"type":"assistant","usage":{"input_tokens":1}}"#), "usage of the entry itself");
    assert!(!reply(r#"{"type":"assistant","message":{"usage":{"cache_read_input_tokens":1}}}"#));
    assert!(!reply(
        r#"{"type":"assistant","message":{"usage":{"input_tokens":null,"output_tokens":"many"}}}"#
    ));
    assert!(!reply(r#"{"type":"user","message":{"usage":{"output_tokens":1}}}"#));
    assert!(!reply(
        r#"{"type":"progress","data":{"type":"agent_progress","message":{"type":"assistant","message":{"id":"m","usage":{"output_tokens":1}}}}}"#
    ));
    let negative = read(r#"{"type":"assistant","message":{"usage":{"input_tokens":-1,"output_tokens":2}}}"#);
    assert_eq!(negative.reply.unwrap().usage.input, None);
}

#[test]
fn a_tool_result_is_the_word_of_the_tool() {
    let line = concat!(
        r#"{"type":"user","message":{"role":"user","content":[{"tool_use_id":"toolu_1","type":"tool_result","#,
        r#""content":[{"type":"text","text":"a"},{"type":"image","source":{}},{"type":"text","text":"b\tc"}],"is_error":true}]},"#,
        r#""toolUseResult":{"stdout":"{\"type\":\"user\"}"}}"#,
    );
    let record = read(line);
    assert_eq!(record.content().as_deref(), Some("a\nb\tc"));
    assert_eq!((record.role, record.speaker), (Some(Role::User), Some(Speaker::Tool)));
    assert_eq!(record.parent_id().as_deref(), Some("toolu_1"));
    assert_eq!(record.tool_use_result, Some(r#"{"stdout":"{\"type\":\"user\"}"}"#));
    assert!(matches!(record.blocks[0], Block::ToolResult { is_error: true, .. }));
    assert_eq!(
        content(r#"{"type":"user","message":{"content":[{"type":"tool_result","content":"x"}]}}"#).unwrap(),
        "x"
    );
    assert_eq!(content(r#"{"type":"user","message":{"content":[{"type":"tool_result"}]}}"#), None);
}

#[test]
fn parts_are_joined_by_newlines_and_empty_ones_left_out() {
    let line = concat!(
        r#"{"type":"assistant","message":{"content":[{"type":"thinking","thinking":"","signature":"x"},"#,
        r#"{"type":"text","text":"one"},{"type":"redacted_thinking","data":"y"},{"type":"thinking","thinking":"two"},"#,
        r#"{"type":"tool_use","input":{}},{"type":"text"},"stray",{"type":"image"}]}}"#,
    );
    assert_eq!(content(line).unwrap(), "one\ntwo\n[Tool: unknown]");
    assert_eq!(read(line).blocks.len(), 8);
    assert_eq!(read(line).tool_name(), None);
}

#[test]
fn the_entry_itself_can_hold_the_content() {
    assert_eq!(content(r#"{"type":"system","subtype":"local_command","content":"done"}"#).unwrap(), "done");
    let fallen_through =
        r#"{"type":"user","message":{"content":[]},"content":[{"type":"text","text":"root"}]}"#;
    assert_eq!(content(fallen_through).unwrap(), "root");
    assert_eq!(content(r#"{"type":"user","message":{"content":""},"content":"root"}"#).unwrap(), "");
    assert_eq!(content(r#"{"type":"user","message":null,"content":{"a":1}}"#), None);
    assert_eq!(content(r#"{"type":"queue-operation","operation":"enqueue","content":"later"}"#), None);
}

#[test]
fn injected_text_is_not_the_word_of_the_user() {
    for text in [
        "<command-name>/clear</command-name>",
        "<command-message>x</command-message>",
        "<local-command-stdout></local-command-stdout>",
        "<local-command-caveat>x",
        "<bash-input>ls</bash-input>",
        "<bash-stdout>x",
        "<task-notification>x",
        "\\n <system-reminder>x",
        "[Request interrupted by user]",
        "[Request interrupted by user for tool use]",
    ] {
        let line = format!(r#"{{"type":"user","message":{{"content":"{text}"}}}}"#);
        assert_eq!(speaker(&line), Some(Speaker::System), "{line}");
        let line = format!(
            r#"{{"type":"user","isSidechain":true,"message":{{"content":[{{"type":"text","text":"{text}"}}]}}}}"#
        );
        assert_eq!(speaker(&line), Some(Speaker::System), "{line}");
    }
    for text in
        ["<div>why?</div>", "see <system-reminder>", "<", "[Request", "", "<command-name", "< bash-input>"]
    {
        let line = format!(r#"{{"type":"user","message":{{"content":"{text}"}}}}"#);
        assert_eq!(speaker(&line), Some(Speaker::User), "{line}");
    }
    let beside = r#"{"type":"user","message":{"content":[{"type":"text","text":"<ide_opened_file>a</ide_opened_file>"},{"type":"text","text":"go"}]}}"#;
    assert_eq!(speaker(beside), Some(Speaker::User));
    assert_eq!(speaker(r#"{"type":"user","message":{"content":[{"type":"image"}]}}"#), Some(Speaker::User));
    assert_eq!(speaker(r#"{"type":"user","isMeta":true,"message":{"content":"x"}}"#), Some(Speaker::System));
    assert_eq!(
        speaker(r#"{"type":"user","isCompactSummary":true,"message":{"content":"x"}}"#),
        Some(Speaker::Summary)
    );
    assert_eq!(
        speaker(r#"{"type":"user","isSidechain":true,"message":{"content":"x"}}"#),
        Some(Speaker::Assistant)
    );
    assert_eq!(
        speaker(r#"{"type":"user","agentId":"a1","message":{"content":"x"}}"#),
        Some(Speaker::Assistant)
    );
}

#[test]
fn titles_and_summaries_are_content() {
    for (line, kind) in [
        (r#"{"type":"summary","summary":"the talk","leafUuid":"l-1"}"#, TitleKind::Summary),
        (r#"{"type":"custom-title","customTitle":"the talk","sessionId":"s"}"#, TitleKind::Custom),
        (r#"{"type":"ai-title","aiTitle":"the talk","sessionId":"s"}"#, TitleKind::Ai),
    ] {
        let record = read(line);
        let title = record.title.as_ref().unwrap();
        assert_eq!((title.kind, &*title.text), (kind, "the talk"));
        assert_eq!(record.content().as_deref(), Some("the talk"));
        assert_eq!((record.role, record.speaker), (None, Some(Speaker::Summary)));
    }
    assert_eq!(read(r#"{"type":"summary","leafUuid":"l-1"}"#).leaf_uuid.as_deref(), Some("l-1"));
    assert!(read(r#"{"type":"summary","summary":null}"#).title.is_none());
}

#[test]
fn a_prompt_typed_during_a_turn_is_the_word_of_the_user() {
    let line = r#"{"type":"attachment","attachment":{"type":"queued_command","prompt":"also\nthis","commandMode":"prompt"}}"#;
    let record = read(line);
    assert_eq!(record.subtype.as_deref(), Some("queued_command"));
    assert_eq!((record.role, record.speaker), (None, Some(Speaker::User)));
    assert_eq!(record.content().as_deref(), Some("also\nthis"));
    let blocks = r#"{"type":"attachment","attachment":{"prompt":[{"type":"text","text":"a"},{"type":"image"}],"type":"queued_command"}}"#;
    assert_eq!(content(blocks).unwrap(), "a");
    let notified =
        r#"{"type":"attachment","attachment":{"type":"queued_command","prompt":"<task-notification>x"}}"#;
    assert_eq!(speaker(notified), Some(Speaker::System));
    let file = read(r#"{"type":"attachment","attachment":{"type":"file","content":{"a":1},"prompt":"no"}}"#);
    assert_eq!((file.content(), file.speaker), (None, None));
}

#[test]
fn progress_repeats_and_is_not_read_again() {
    let line = r#"{"type":"progress","parentToolUseID":"toolu_9","toolUseID":"agent_1","data":{"message":{"type":"user","message":{"content":"x"}},"type":"agent_progress"},"content":"no"}"#;
    let record = read(line);
    assert_eq!(record.subtype.as_deref(), Some("agent_progress"));
    assert_eq!(record.parent_id().as_deref(), Some("toolu_9"));
    assert_eq!((record.content(), record.role, record.speaker), (None, None, None));
    assert!(record.data.unwrap().starts_with(r#"{"message""#) && record.blocks.is_empty());
    assert_eq!(read(r#"{"type":"progress","data":"odd"}"#).subtype, None);
}

#[test]
fn the_small_entries_keep_what_they_say() {
    let snapshot = read(
        r#"{"type":"file-history-snapshot","messageId":"m-1","snapshot":{"messageId":"m-1","trackedFileBackups":{},"timestamp":"2026-03-01T02:03:04.005Z"},"isSnapshotUpdate":false}"#,
    );
    assert_eq!(snapshot.timestamp, Timestamp::parse("2026-03-01T02:03:04.005Z"));
    assert_eq!((snapshot.snapshot_message_id.as_deref(), snapshot.uuid), (Some("m-1"), None));

    let link =
        read(r#"{"type":"pr-link","prNumber":12,"prUrl":"https://example.com/12","prRepository":"a/b"}"#);
    let link = link.pull_request.unwrap();
    assert_eq!(
        (link.number, link.url.as_deref(), link.repository.as_deref()),
        (Some(12), Some("https://example.com/12"), Some("a/b"))
    );

    let boundary = read(
        r#"{"type":"system","subtype":"compact_boundary","logicalParentUuid":"u-0","compactMetadata":{"trigger":"auto","preTokens":155000},"content":"Conversation compacted"}"#,
    );
    let compaction = boundary.compaction().unwrap();
    assert_eq!((compaction.trigger.as_deref(), compaction.tokens_before), (Some("auto"), Some(155_000)));
    assert_eq!(boundary.logical_parent_uuid.as_deref(), Some("u-0"));
    assert_eq!((boundary.role, boundary.speaker), (Some(Role::System), Some(Speaker::System)));

    assert_eq!(read(r#"{"type":"queue-operation","operation":"popAll"}"#).subtype.as_deref(), Some("popAll"));
    assert_eq!(read(r#"{"type":"agent-name","agentName":"scout"}"#).agent_name.as_deref(), Some("scout"));
    assert_eq!(read(r#"{"type":"last-prompt","lastPrompt":"p"}"#).last_prompt.as_deref(), Some("p"));
    assert_eq!(
        read(r#"{"type":"permission-mode","permissionMode":"plan"}"#).permission_mode.as_deref(),
        Some("plan")
    );
    assert_eq!(read(r#"{"type":"mode","mode":"plan"}"#).permission_mode.as_deref(), Some("plan"));
    assert_eq!(read(r#"{"type":"relocated","relocatedCwd":"/b"}"#).relocated_cwd.as_deref(), Some("/b"));
    assert!(read(r#"{"type":"assistant","isApiErrorMessage":true}"#).is_api_error);
    assert_eq!(read(r#"{"type":"system","session_id":"s-2"}"#).session_id.as_deref(), Some("s-2"));
}

#[test]
fn tool_entries_of_other_programs_are_read() {
    let call = read(r#"{"type":"tool_use","id":"t-1","name":"Bash","input":{"command":"ls"}}"#);
    assert_eq!(call.tool_name().as_deref(), Some("Bash"));
    assert_eq!(call.tool_input_text().as_deref(), Some("ls"));
    assert_eq!((call.content(), call.speaker, call.role), (None, Some(Speaker::Assistant), None));
    for key in ["toolUseId", "tool_use_id"] {
        let line = format!(r#"{{"type":"tool_result","{key}":"t-1","result":"a"}}"#);
        assert_eq!(read(&line).parent_id().as_deref(), Some("t-1"));
        assert_eq!(read(&line).speaker, Some(Speaker::Tool));
    }
}

#[test]
fn every_type_has_its_name_and_others_are_unknown() {
    for &record_type in RecordType::ALL {
        let line = format!(r#"{{"type":"{}"}}"#, record_type.as_str());
        assert_eq!(read(&line).record_type, record_type);
    }
    let record = read(r#"{"type":"from-next-year","uuid":"u","timestamp":"2026-03-01T02:03:04Z"}"#);
    assert_eq!((record.record_type, record.record_type.as_str()), (RecordType::Unknown, "unknown"));
    assert_eq!(record.raw_type, "from-next-year");
    assert!(record.timestamp.is_some() && record.uuid.is_some());
}

#[test]
fn fields_of_the_wrong_type_are_absent() {
    let record = read(concat!(
        r#"{"type":"assistant","uuid":1,"parentUuid":{},"sessionId":["s"],"timestamp":1700000000000,"isSidechain":"true","#,
        r#""isMeta":1,"cwd":null,"message":[1,2],"usage":7,"attachment":"x","snapshot":3,"compactMetadata":[],"data":null}"#,
    ));
    assert!(record.uuid.is_none() && record.parent_uuid.is_none() && record.session_id.is_none());
    assert!(record.timestamp.is_none() && record.cwd.is_none() && record.reply.is_none());
    assert!(!record.is_sidechain && !record.is_meta);
    assert_eq!(record.content(), None);
}

#[test]
fn of_keys_that_stand_twice_the_last_one_wins() {
    let record = read(
        r#"{"type":"user","uuid":"a","message":{"content":[{"type":"tool_result"}],"content":"x"},"message":{"content":[{"type":"text","text":"a"}],"content":"last"},"type":"user","uuid":"b"}"#,
    );
    assert_eq!(record.uuid.as_deref(), Some("b"));
    assert_eq!(record.content().as_deref(), Some("last"));
    assert_eq!((record.blocks.len(), record.speaker), (0, Some(Speaker::User)));
    assert_eq!(read(r#"{"type":"user","uuid":"a","uuid":null}"#).uuid, None);
    assert_eq!(read(r#"{"type":"assistant","usage":{"output_tokens":1},"usage":0}"#).reply, None);
    assert_eq!(parse(r#"{"type":"user","type":1}"#).unwrap_err(), LineError::NotRecord);
}

#[test]
fn escaped_keys_and_lone_surrogates_are_read() {
    let record = read(r#"{"\u0074ype":"us\u0065r","message":{"content":"cut \ud83d"}}"#);
    assert_eq!(record.record_type, RecordType::User);
    assert_eq!(record.content().as_deref(), Some("cut \u{fffd}"));
}

#[test]
fn blanks_and_a_byte_order_mark_around_a_record_do_not_matter() {
    let line = "\u{feff} \t{ \"type\" : \"user\" , \"uuid\" : \"u\" } \r";
    assert_eq!(read(line).uuid.as_deref(), Some("u"));
    assert_eq!(parse("\u{feff}{]").unwrap_err(), LineError::NotJson { offset: 4 });
}

#[test]
fn lines_that_are_no_records_say_why() {
    for (line, error) in [
        ("", LineError::NotJson { offset: 0 }),
        ("\0\0", LineError::NotJson { offset: 0 }),
        ("{\"type\":\"user\"", LineError::NotJson { offset: 14 }),
        ("{\"type\":\"user\"} {", LineError::NotJson { offset: 16 }),
        ("[1,", LineError::NotJson { offset: 3 }),
        ("\"text\"", LineError::NotRecord),
        ("[{\"type\":\"user\"}]", LineError::NotRecord),
        ("null", LineError::NotRecord),
        ("{}", LineError::NotRecord),
        ("{\"type\":null}", LineError::NotRecord),
    ] {
        assert_eq!(parse(line).unwrap_err(), error, "{line:?}");
    }
}
