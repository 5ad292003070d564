//! Compactions, and other notices about a session.

use han_transcript::{CompactType, CompactionKind, Rule, parse};

fn kind_and_type(line: &str) -> Option<(CompactionKind, Option<CompactType>)> {
    parse(line).expect("a record").compaction().map(|compaction| (compaction.kind, compaction.compact_type))
}

#[test]
fn a_boundary_and_its_summary_are_joined() {
    let boundary = r#"{"type":"system","subtype":"compact_boundary","uuid":"b-1","parentUuid":null,"logicalParentUuid":"x","compactMetadata":{"trigger":"auto","preTokens":167117,"postTokens":9000,"durationMs":31000}}"#;
    let record = parse(boundary).unwrap();
    let first = record.compaction().unwrap();
    assert_eq!((first.kind, first.compact_type), (CompactionKind::Boundary, Some(CompactType::Auto)));
    assert_eq!(
        (first.tokens_before, first.tokens_after, first.duration_ms),
        (Some(167_117), Some(9000), Some(31000))
    );
    let summary = r#"{"type":"user","isCompactSummary":true,"uuid":"s-1","parentUuid":"b-1","message":{"content":"Summary."}}"#;
    let record = parse(summary).unwrap();
    let second = record.compaction().unwrap();
    assert_eq!(
        (second.kind, second.compact_type),
        (CompactionKind::Summary, Some(CompactType::Continuation))
    );
    assert_eq!((first.join, second.join), (Some("b-1"), Some("b-1")));
}

#[test]
fn every_marker_of_every_version_is_recognised() {
    use CompactType::{Auto, Continuation, Manual};
    let opening = "This session is being continued from a previous conversation that ran out of context.";
    for (line, expected) in [
        (r#"{"type":"system","subtype":"compact_boundary","compactMetadata":{"trigger":"manual"}}"#.to_owned(), Some((CompactionKind::Boundary, Some(Manual)))),
        (r#"{"type":"system","subtype":"compact_boundary"}"#.to_owned(), Some((CompactionKind::Boundary, Some(Manual)))),
        (r#"{"type":"system","subtype":"microcompact_boundary","microcompactMetadata":{"trigger":"auto","preTokens":9,"tokensSaved":4}}"#.to_owned(), Some((CompactionKind::Microcompact, None))),
        (r#"{"type":"summary","summary":"x","isCompact":true,"leafUuid":"l"}"#.to_owned(), Some((CompactionKind::SummaryEntry, Some(Manual)))),
        (r#"{"type":"summary","summary":"x","is_compact":true}"#.to_owned(), Some((CompactionKind::SummaryEntry, Some(Manual)))),
        (r#"{"type":"summary","summary":"x","auto_compacted":true}"#.to_owned(), Some((CompactionKind::SummaryEntry, Some(Auto)))),
        (format!(r#"{{"type":"summary","summary":"{opening}"}}"#), Some((CompactionKind::SummaryEntry, Some(Continuation)))),
        (r#"{"type":"summary","summary":"A title","isCompact":"true"}"#.to_owned(), None),
        (format!(r#"{{"type":"user","message":{{"content":"{opening}"}}}}"#), Some((CompactionKind::Summary, Some(Continuation)))),
        (format!(r#"{{"type":"user","message":{{"content":[{{"type":"text","text":"{opening}"}}]}}}}"#), Some((CompactionKind::Summary, Some(Continuation)))),
        (format!(r#"{{"type":"user","message":{{"content":"What does \"{opening}\" mean?"}}}}"#), None),
        (format!(r#"{{"type":"user","message":{{"content":[{{"type":"tool_result","content":"{opening}"}}]}}}}"#), None),
        (format!(r#"{{"type":"user","isSidechain":true,"message":{{"content":"{opening}"}}}}"#), None),
        (format!(r#"{{"type":"assistant","message":{{"content":"{opening}"}}}}"#), None),
        (r#"{"type":"system","subtype":"turn_duration","compactMetadata":{}}"#.to_owned(), None),
    ] {
        assert_eq!(kind_and_type(&line), expected, "{line}");
    }
    let micro = r#"{"type":"system","subtype":"microcompact_boundary","uuid":"m","microcompactMetadata":{"preTokens":9,"tokensSaved":4}}"#;
    let record = parse(micro).unwrap();
    let micro = record.compaction().unwrap();
    assert_eq!((micro.join, micro.tokens_before, micro.tokens_saved), (Some("m"), Some(9), Some(4)));
    assert_eq!(
        [Auto, Manual, Continuation].map(CompactType::as_str),
        ["auto_compact", "compact", "continuation"]
    );
}

#[test]
fn the_queue_tells_its_prompts() {
    let read = |line: &str| {
        let record = parse(line).unwrap();
        record.queue_operation().map(|change| (change.operation.to_owned(), change.content.map(String::from)))
    };
    let line = r#"{"type":"queue-operation","operation":"enqueue","content":"next\nthing","sessionId":"s"}"#;
    assert_eq!(read(line), Some(("enqueue".to_owned(), Some("next\nthing".to_owned()))));
    let line = r#"{"type":"queue-operation","operation":"popAll","content":[{"type":"text","text":"a"},{"type":"image"}]}"#;
    assert_eq!(read(line), Some(("popAll".to_owned(), Some("a".to_owned()))));
    assert_eq!(read(r#"{"type":"queue-operation"}"#), Some((String::new(), None)));
    assert_eq!(read(r#"{"type":"user","operation":"enqueue","content":"x"}"#), None);
    // It is told, but it is no content: the prompt stands in a line of its own when it is sent.
    assert_eq!(parse(line).unwrap().content(), None);
}

#[test]
fn what_is_put_into_the_cache_has_a_lifetime() {
    for (usage, expected) in [
        (
            r#""cache_creation_input_tokens":9,"cache_creation":{"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":5}"#,
            (4, 5, Rule::CacheSplit),
        ),
        (r#""cache_creation_input_tokens":9"#, (9, 0, Rule::CacheAssumed5m)),
        (
            r#""cache_creation_input_tokens":9,"cache_creation":{"ephemeral_1h_input_tokens":5}"#,
            (4, 5, Rule::CacheAssumed5m),
        ),
        (
            r#""cache_creation_input_tokens":3,"cache_creation":{"ephemeral_5m_input_tokens":4}"#,
            (4, 0, Rule::CacheSplit),
        ),
        (r#""cache_creation":{"ephemeral_1h_input_tokens":5}"#, (0, 5, Rule::CacheSplit)),
        (r#""cache_creation":7"#, (0, 0, Rule::CacheSplit)),
    ] {
        let line = format!(
            r#"{{"type":"assistant","message":{{"usage":{{"output_tokens":1,{usage},"output_tokens_details":{{"thinking_tokens":3}}}}}}}}"#
        );
        let reply = parse(&line).unwrap().reply.unwrap();
        let split = reply.usage.cache_split();
        assert_eq!((split.five_minutes, split.one_hour, split.rule), expected, "{usage}");
        assert_eq!((reply.usage.thinking, reply.rule), (Some(3), Rule::UsageMessage));
    }
    let own = parse(r#"{"type":"assistant","usage":{"output_tokens":1}}"#).unwrap();
    assert_eq!(own.reply.unwrap().rule, Rule::UsageEntry);
}
