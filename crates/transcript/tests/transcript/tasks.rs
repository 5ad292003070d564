//! Todos and the client's own tasks.

use han_transcript::{ListedTask, TaskAnswer, TaskRequest, TodoItem, parse};
use serde_json::{Value, json};

fn call(name: &str, input: &str) -> String {
    format!(
        r#"{{"type":"assistant","message":{{"content":[{{"type":"tool_use","id":"toolu_9","name":"{name}","input":{input}}}]}}}}"#
    )
}

fn answer(content: &str, kept: &Value) -> String {
    json!({"type": "user", "message": {"content": [{"type": "tool_result", "tool_use_id": "toolu_9", "content": content}]}, "toolUseResult": kept}).to_string()
}

fn with_answer(content: &str, kept: &Value, check: impl FnOnce(Option<TaskAnswer<'_>>)) {
    let line = answer(content, kept);
    let record = parse(&line).expect("a record");
    check(record.tool_results()[0].task_answer());
}

#[test]
fn todos_are_written_again_without_blanks() {
    let line = call(
        "TodoWrite",
        r#"{"todos": [ {"content": "a b", "status":"completed", "activeForm":"Doing a", "id" : "1"}, {"content":"c"}, "d", 7, null ]}"#,
    );
    let record = parse(&line).unwrap();
    let todos = record.tool_calls().next().unwrap().todos().unwrap();
    assert_eq!(todos.tool_use_id, Some("toolu_9"));
    assert_eq!(
        todos.json,
        r#"[{"content":"a b","status":"completed","activeForm":"Doing a","id":"1"},{"content":"c"},"d",7,null]"#
    );
    let item = |content: &'static str, status: &'static str, active_form: &'static str| TodoItem {
        content: content.into(),
        status: status.into(),
        active_form: active_form.into(),
    };
    assert_eq!(
        todos.items(),
        [item("a b", "completed", "Doing a"), item("c", "pending", "c"), item("d", "pending", "d")]
    );
}

#[test]
fn todos_may_be_wrapped_in_a_string_but_must_be_an_array() {
    let todos = |input: &str| {
        let line = call("TodoWrite", input);
        let record = parse(&line).unwrap();
        record.tool_calls().next().unwrap().todos().map(|todos| todos.json)
    };
    assert_eq!(
        todos(r#"{"todos":"[ {\"content\": \"a\\nb\"} ]"}"#).as_deref(),
        Some(r#"[{"content":"a\nb"}]"#)
    );
    assert_eq!(todos(r#"{"todos":[]}"#).as_deref(), Some("[]"));
    for input in [r#"{"todos":"[1"}"#, r#"{"todos":{}}"#, r#"{"todos":null}"#, "{}", "[]"] {
        assert_eq!(todos(input), None, "{input}");
    }
    let other = call("TaskCreate", r#"{"todos":[]}"#);
    assert!(parse(&other).unwrap().tool_calls().next().unwrap().todos().is_none());
}

#[test]
fn a_request_has_what_is_wanted() {
    let line = call(
        "TaskUpdate",
        r#"{"taskId":7,"status":"in_progress","owner":"agent-1","addBlocks":["8",9],"addBlockedBy":"3"}"#,
    );
    let record = parse(&line).unwrap();
    assert_eq!(
        record.tool_calls().next().unwrap().task_request(),
        Some(TaskRequest::Update {
            task_id: Some("7".into()),
            status: Some("in_progress".into()),
            subject: None,
            description: None,
            active_form: None,
            owner: Some("agent-1".into()),
            add_blocks: vec!["8".into(), "9".into()],
            add_blocked_by: vec!["3".into()],
        })
    );
    let line = call("TaskCreate", r#"{"subject":"Do","description":"Do it\nwell","activeForm":"Doing"}"#);
    let record = parse(&line).unwrap();
    assert_eq!(
        record.tool_calls().next().unwrap().task_request(),
        Some(TaskRequest::Create {
            subject: Some("Do".into()),
            description: Some("Do it\nwell".into()),
            active_form: Some("Doing".into())
        })
    );
    let line = call("TaskList", "{}");
    assert_eq!(parse(&line).unwrap().tool_calls().next().unwrap().task_request(), Some(TaskRequest::List));
    let line = call("TaskGet", r#"{"taskId":"2"}"#);
    let get = Some(TaskRequest::Get { task_id: Some("2".into()) });
    assert_eq!(parse(&line).unwrap().tool_calls().next().unwrap().task_request(), get);
    let line = call("Task", r#"{"taskId":"2"}"#);
    assert_eq!(parse(&line).unwrap().tool_calls().next().unwrap().task_request(), None);
}

#[test]
fn the_id_of_a_new_task_comes_from_its_result() {
    let task = |id: &'static str, subject: Option<&'static str>| {
        Some(TaskAnswer::Task { id: id.into(), subject: subject.map(Into::into) })
    };
    with_answer("x", &json!({"task": {"id": "7", "subject": "Do"}}), |found| {
        assert_eq!(found, task("7", Some("Do")));
    });
    with_answer("x", &json!({"task": {"id": 7}}), |found| assert_eq!(found, task("7", None)));
    with_answer("Task #12 created successfully: Do: it", &Value::Null, |found| {
        assert_eq!(found, task("12", Some("Do: it")));
    });
    for (content, kept) in [
        ("Task # created", Value::Null),
        ("Task #7 deleted", Value::Null),
        ("see Task #7 created", Value::Null),
        ("x", json!({"retrieval_status": "success", "task": {"id": "bg1", "task_id": "bg1"}})),
        ("x", json!({"task": "7"})),
        ("x", json!({"success": true, "commandName": "x"})),
    ] {
        with_answer(content, &kept, |found| assert_eq!(found, None, "{content} {kept}"));
    }
    let failed = answer("Task #7 created successfully", &Value::Null)
        .replace("\"tool_use_id\"", "\"is_error\":true,\"tool_use_id\"");
    assert_eq!(parse(&failed).unwrap().tool_results()[0].task_answer(), None);
}

#[test]
fn results_tell_changes_and_lists() {
    with_answer(
        "x",
        &json!({"success": true, "taskId": "7", "updatedFields": ["status"], "statusChange": {"from": "pending", "to": "completed"}}),
        |found| {
            assert_eq!(
                found,
                Some(TaskAnswer::Updated {
                    task_id: "7".into(),
                    success: Some(true),
                    from: Some("pending".into()),
                    to: Some("completed".into())
                })
            );
        },
    );
    with_answer(
        "x",
        &json!({"tasks": [{"id": "1", "subject": "a", "status": "pending", "blockedBy": ["2"]}, {}]}),
        |found| {
            let first = ListedTask {
                id: "1".into(),
                subject: Some("a".into()),
                status: Some("pending".into()),
                owner: None,
                blocked_by: vec!["2".into()],
            };
            assert_eq!(found, Some(TaskAnswer::List(vec![first, ListedTask::default()])));
        },
    );
}
