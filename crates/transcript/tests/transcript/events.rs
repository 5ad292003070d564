//! Lines of the event files of han.

use han_base::Timestamp;
use han_transcript::{HanEvent, LineError, RecordType, TaskStart, parse, parse_han_event};

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

/// One event of every type, with every field it can have.
#[test]
fn every_type_of_event_is_read_with_all_its_fields() {
    // Each value is of the type that its name says; the numbers tell the fields apart.
    for name in HanEvent::NAMES {
        let empty = format!(r#"{{"type":"{name}","data":{{}}}}"#);
        let record = parse_han_event(&empty).unwrap();
        let nothing = format!("{:?}", record.han_event().unwrap());
        assert!(!nothing.contains("Some") && nothing != "Unknown", "{name}: {nothing}");
    }
    let line = r#"{"type":"task_complete","data":{"task_id":"t","outcome":"success","confidence":0.9,"duration_seconds":12.5,"files_modified":["a","b"],"tests_added":3,"notes":"n\n"}}"#;
    let record = parse_han_event(line).unwrap();
    let Some(HanEvent::TaskComplete(done)) = record.han_event() else { panic!("{:?}", record.han_event()) };
    assert_eq!(
        (done.task_id.as_deref(), done.outcome.as_deref(), done.notes.as_deref()),
        (Some("t"), Some("success"), Some("n\n"))
    );
    assert_eq!((done.confidence, done.duration_seconds, done.tests_added), (Some(0.9), Some(12.5), Some(3)));
    assert_eq!(done.files_modified, ["a", "b"]);

    let line = r#"{"type":"hook_validation_cache","data":{"plugin":"p","hook":"h","directory":"/d","command_hash":"c","files":{"a.rs":"1","b.rs":"2","bad":3}}}"#;
    let record = parse_han_event(line).unwrap();
    let Some(HanEvent::HookValidationCache(cache)) = record.han_event() else { panic!() };
    assert_eq!(cache.files, [("a.rs".into(), "1".into()), ("b.rs".into(), "2".into())]);

    let line = r#"{"type":"hook_result","hookRunId":"r","data":{"plugin":"p","hook":"h","hook_type":"Stop","directory":"/d","cached":false,"duration_ms":12.5,"exit_code":-1,"success":false,"output":"o","error":"e"}}"#;
    let record = parse_han_event(line).unwrap();
    let Some(HanEvent::HookResult(result)) = record.han_event() else { panic!() };
    assert_eq!(
        (result.exit_code, result.success, result.cached, result.duration_ms),
        (Some(-1), Some(false), Some(false), Some(12.5))
    );

    let line =
        r#"{"type":"mcp_tool_result","data":{"tool":"t","call_id":"c","success":true,"result":{"a": [1]}}}"#;
    let record = parse_han_event(line).unwrap();
    let Some(HanEvent::McpToolResult(result)) = record.han_event() else { panic!() };
    assert_eq!((result.result, result.error), (Some(r#"{"a": [1]}"#), None));
}

#[test]
fn an_event_without_data_or_of_a_later_type_is_unknown() {
    for line in [
        r#"{"type":"hook_result","ref":"hook_result/e.json"}"#,
        r#"{"type":"later","data":{"task_id":"t"}}"#,
        r#"{"type":"task_start"}"#,
    ] {
        assert_eq!(parse_han_event(line).unwrap().han_event(), Some(HanEvent::Unknown), "{line}");
    }
    let odd = r#"{"type":"task_start","data":[{"task_id":"t"}]}"#;
    assert_eq!(parse_han_event(odd).unwrap().han_event(), Some(HanEvent::TaskStart(TaskStart::default())));
    assert_eq!(parse(r#"{"type":"user","data":{}}"#).unwrap().han_event(), None);
}

#[test]
fn only_a_confined_reference_is_handed_on() {
    let confined = |line: &str| parse_han_event(line).unwrap().confined_reference().map(ToOwned::to_owned);
    assert_eq!(confined(r#"{"ref":"hook_result/e-1.json"}"#).as_deref(), Some("hook_result/e-1.json"));
    assert_eq!(confined(r#"{"ref":"../../etc/passwd"}"#), None);
    assert_eq!(confined(r#"{"ref":"hook_result\u002f\u002e\u002e.json"}"#), None);
    assert_eq!(confined(r#"{"type":"x"}"#), None);
}
