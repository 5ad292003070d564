//! Messages that callers give.

use han_base::Timestamp;
use han_db::{Database, MessageInput, SessionInput};
use han_indexer::insert_messages;

fn store() -> (tempfile::TempDir, Database) {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&folder.path().join("han.db")).unwrap();
    database
        .write(|write| write.sessions().upsert(&SessionInput { id: "s".into(), ..SessionInput::default() }))
        .unwrap();
    (folder, database)
}

fn given(id: &str, message_type: &str, raw_json: Option<&str>) -> MessageInput {
    MessageInput {
        id: id.into(),
        message_type: message_type.into(),
        timestamp: "2026-05-01T12:00:00Z".into(),
        raw_json: raw_json.map(str::to_owned),
        ..MessageInput::default()
    }
}

const CALL: &str = r#"{"type":"assistant","uuid":"a","requestId":"q","message":{"id":"msg","role":"assistant","model":"m",
  "content":[{"type":"tool_use","id":"toolu_1","name":"Edit","input":{"file_path":"/a","old_string":"x","new_string":"y"}}],
  "usage":{"input_tokens":10,"output_tokens":5}}}"#;

const RESULT: &str = r#"{"type":"user","uuid":"b","message":{"role":"user",
  "content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"done \"ok\""}]}}"#;

#[test]
fn raw_lines_tell_calls_and_replies_and_repeats_cost_nothing() {
    let (_folder, database) = store();
    let tokens =
        |input: MessageInput| MessageInput { input_tokens: Some(10), output_tokens: Some(5), ..input };
    let inputs = [
        tokens(given("a", "assistant", Some(CALL))),
        tokens(given("a2", "assistant", Some(&CALL.replace("toolu_1", "toolu_2")))),
        given("b", "user", Some(RESULT)),
    ];
    for _ in 0..2 {
        assert_eq!(database.write(|write| insert_messages(write, "s", &inputs)).unwrap(), 3);
    }
    let start = Timestamp::parse("2026-05-01T00:00:00Z").unwrap();
    let shown = database.read(|read| read.activity().dashboard(start)).unwrap();
    assert_eq!((shown.total_input_tokens, shown.total_output_tokens, shown.total_messages), (10, 5, 2));
    assert_eq!(
        shown.tool_usage.iter().map(|row| (row.tool_name.as_str(), row.count)).collect::<Vec<_>>(),
        [("Edit", 2)]
    );
    let call = database.read(|read| read.tool_calls().get("toolu_1")).unwrap().unwrap();
    assert_eq!(call.result.as_deref(), Some(r#""done \"ok\"""#));
    assert_eq!(call.message_id.as_deref(), Some("a"));
    // What files became is the caller's to tell.
    assert_eq!(database.read(|read| read.file_changes().list("s", None)).unwrap(), []);
}

#[test]
fn messages_without_a_raw_line_are_calls_and_replies_by_themselves() {
    let (_folder, database) = store();
    let inputs = [
        MessageInput { output_tokens: Some(7), ..given("a", "assistant", None) },
        MessageInput {
            tool_name: Some("Bash".into()),
            tool_input: Some("{}".into()),
            ..given("b", "tool_use", None)
        },
        MessageInput { tool_name: Some("Bash".into()), ..given("c", "tool_result", None) },
        MessageInput { tool_name: Some("hook_run".into()), ..given("d", "han_event", None) },
        given("e", "assistant", Some("not JSON")),
    ];
    database.write(|write| insert_messages(write, "s", &inputs)).unwrap();
    let start = Timestamp::parse("2026-05-01T00:00:00Z").unwrap();
    let shown = database.read(|read| read.activity().dashboard(start)).unwrap();
    assert_eq!(shown.total_output_tokens, 7);
    assert_eq!(shown.tool_usage.iter().map(|row| row.count).collect::<Vec<_>>(), [1]);
    assert_eq!(
        database.read(|read| read.tool_calls().get("b")).unwrap().unwrap().input.as_deref(),
        Some("{}")
    );
}
