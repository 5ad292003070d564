//! Lines of the event files of han.

use han_base::Timestamp;
use han_transcript::{LineError, RecordType, parse, parse_han_event};

#[test]
fn an_event_has_its_type_as_tool_and_its_data_as_content() {
    let line = r#"{"uuid":"e-1","sessionId":"s","type":"task_start","timestamp":"2026-03-01T02:03:04.005Z","agentId":"a","data":{"task_id":"t","n":[1, 2]}}"#;
    let record = parse_han_event(line).unwrap();
    assert_eq!(record.record_type, RecordType::HanEvent);
    assert_eq!(record.record_type.as_str(), "han_event");
    assert_eq!(record.raw_type, "task_start");
    assert_eq!(record.tool_name().as_deref(), Some("task_start"));
    assert_eq!(record.content().as_deref(), Some(r#"{"task_id":"t","n":[1, 2]}"#));
    assert_eq!((record.uuid.as_deref(), record.agent_id.as_deref()), (Some("e-1"), Some("a")));
    assert_eq!(record.timestamp, Timestamp::parse("2026-03-01T02:03:04.005Z"));
    assert!(record.role.is_none() && record.speaker.is_none() && record.reference.is_none());
    assert!(record.parent_id().is_none() && record.tool_input_text().is_none());
}

#[test]
fn an_event_may_have_the_older_id_and_no_data() {
    let record = parse_han_event(r#"{"id":"old","type":"hook_run"}"#).unwrap();
    assert_eq!(record.uuid.as_deref(), Some("old"));
    assert_eq!(record.content().as_deref(), Some("null"));
    let both = parse_han_event(r#"{"id":"old","uuid":"new","type":"hook_run","data":"x"}"#).unwrap();
    assert_eq!((both.uuid.as_deref(), both.content().as_deref()), (Some("new"), Some("\"x\"")));
}

#[test]
fn a_reference_is_kept_and_needs_no_type() {
    let record = parse_han_event(r#"{"uuid":"e","type":"hook_result","ref":"hook_result/e.json"}"#).unwrap();
    assert_eq!(record.reference.as_deref(), Some("hook_result/e.json"));
    assert_eq!((record.tool_name().as_deref(), record.content()), (Some("hook_result"), None));
    let bare = parse_han_event(r#"{"ref":"../../etc/passwd"}"#).unwrap();
    assert_eq!((&*bare.raw_type, bare.reference.as_deref()), ("", Some("../../etc/passwd")));
    assert_eq!(parse_han_event(r#"{"uuid":"e"}"#).unwrap_err(), LineError::NotRecord);
    assert_eq!(parse(r#"{"type":"user","ref":"x"}"#).unwrap().reference, None);
}

#[test]
fn an_event_that_looks_like_a_message_stays_an_event() {
    let record = parse_han_event(
        r#"{"type":"user","message":{"content":"x","usage":{"output_tokens":1}},"summary":"s"}"#,
    )
    .unwrap();
    assert_eq!((record.record_type, record.content().as_deref()), (RecordType::HanEvent, Some("null")));
    assert!(record.reply.is_none() && record.title.is_none() && record.speaker.is_none());
}

#[test]
fn the_indented_file_of_a_reference_is_read_as_a_line_is() {
    let record = parse_han_event(
        "{\n  \"uuid\": \"e\",\n  \"type\": \"hook_result\",\n  \"data\": {\n    \"a\": 1\n  }\n}\n",
    )
    .unwrap();
    assert_eq!(record.content().as_deref(), Some("{\n    \"a\": 1\n  }"));
}
