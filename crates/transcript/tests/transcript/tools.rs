//! Tool calls and their results.

use han_transcript::{ResultContent, parse};

fn call(name: &str, input: &str) -> String {
    format!(
        r#"{{"type":"assistant","message":{{"content":[{{"type":"text","text":"x"}},{{"type":"tool_use","id":"toolu_1","name":"{name}","input":{input},"caller":{{"type":"direct"}}}}]}}}}"#
    )
}

fn result(block: &str, kept: &str) -> String {
    format!(
        r#"{{"type":"user","message":{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"toolu_1",{block}}}]}},"toolUseResult":{kept}}}"#
    )
}

#[test]
fn a_call_has_its_parts_and_its_place_in_the_line() {
    let line = call("Bash", r#"{"command":"ls \"a\""}"#);
    let record = parse(&line).unwrap();
    let calls: Vec<_> = record.tool_calls().collect();
    let [call] = &*calls else { panic!("{calls:?}") };
    assert_eq!((call.id, call.name), (Some("toolu_1"), Some("Bash")));
    assert_eq!(call.caller().as_deref(), Some("direct"));
    assert!(call.is("bash") && call.subagent_type().is_none() && call.file_paths().is_empty());
    let place = record.place_of(call.input.unwrap()).unwrap();
    assert_eq!(&line[place], r#"{"command":"ls \"a\""}"#);
    assert_eq!(record.place_of("elsewhere"), None);
    assert_eq!(record.place_of(&line), Some(0..line.len()));
}

#[test]
fn places_count_a_byte_order_mark() {
    let line = format!("\u{feff}{}", call("Bash", r#"{"a":1}"#));
    let record = parse(&line).unwrap();
    let input = record.tool_calls().next().unwrap().input.unwrap();
    assert_eq!(&line[record.place_of(input).unwrap()], r#"{"a":1}"#);
}

#[test]
fn only_the_agent_tools_have_a_type_of_agent() {
    for (name, input, expected) in [
        ("Task", r#"{"subagent_type":"Explore","subagentType":"old"}"#, Some("Explore")),
        ("Agent", r#"{"subagentType":"old"}"#, Some("old")),
        ("Agent", r#"{"subagent_type":"  "}"#, Some("general-purpose")),
        ("Task", r#""not an object""#, Some("general-purpose")),
        ("TaskCreate", r#"{"subagent_type":"x"}"#, None),
    ] {
        let line = call(name, input);
        let found = parse(&line).unwrap().tool_calls().next().unwrap().subagent_type().map(String::from);
        assert_eq!(found.as_deref(), expected, "{name} {input}");
    }
}

#[test]
fn files_are_found_wherever_tools_name_them() {
    for (name, input, expected) in [
        ("Read", r#"{"file_path":"/a.rs","limit":3}"#, &["/a.rs"][..]),
        ("NotebookEdit", r#"{"notebook_path":"/n.ipynb"}"#, &["/n.ipynb"]),
        (
            "MultiEdit",
            r#"{"file_path":"/a","edits":[{"old_string":"x"},{"file_path":"/b"},{"file_path":"/a"}]}"#,
            &["/a", "/b"],
        ),
        ("LSP", r#"{"operation":"hover","filePath":"/a\tb.rs","line":1}"#, &["/a\tb.rs"]),
        ("mcp__files__read", r#"{"path":"/m","paths":["/n","/m",3]}"#, &["/m", "/n", "3"]),
        ("Grep", r#"{"path":"/folder"}"#, &[]),
        ("Glob", r#"{"path":"/folder"}"#, &[]),
        ("Write", r#"{"file_path":["/a"]}"#, &[]),
        ("Write", r#"{"file_path":""}"#, &[]),
        ("Bash", r#"{"command":"cat /a"}"#, &[]),
    ] {
        let line = call(name, input);
        assert_eq!(
            parse(&line).unwrap().tool_calls().next().unwrap().file_paths(),
            expected,
            "{name} {input}"
        );
    }
}

#[test]
fn an_entry_can_be_a_call_or_a_result_by_itself() {
    let record = parse(r#"{"type":"tool_use","id":"t1","name":"Read","input":{"file_path":"/a"}}"#).unwrap();
    let call = record.tool_calls().next().unwrap();
    assert_eq!((call.id, call.name, call.file_paths()), (Some("t1"), Some("Read"), vec!["/a".into()]));

    for (line, id, is_error, text) in [
        (r#"{"type":"tool_result","tool_use_id":"t1","content":"a\nb"}"#, Some("t1"), false, Some("a\nb")),
        (
            r#"{"type":"tool_result","toolUseId":"t1","result":{"n": 1},"is_error":true}"#,
            Some("t1"),
            true,
            Some(r#"{"n": 1}"#),
        ),
        (r#"{"type":"tool_result","content":[{"type":"text","text":"c"}]}"#, None, false, Some("c")),
        (r#"{"type":"tool_result","content":null}"#, None, false, None),
    ] {
        let record = parse(line).unwrap();
        let results = record.tool_results();
        let [result] = &*results else { panic!("{line}") };
        assert_eq!((result.tool_use_id, result.is_error), (id, is_error), "{line}");
        assert_eq!(result.content.and_then(|content| content.text()).as_deref(), text, "{line}");
    }
    assert_eq!(parse(r#"{"type":"user","content":"x"}"#).unwrap().tool_results().len(), 0);
}

#[test]
fn a_result_has_its_content_and_its_place() {
    let line = result(
        r#""content":[{"type":"text","text":"a"},{"type":"image"},{"type":"text","text":"b"}]"#,
        "\"a\"",
    );
    let record = parse(&line).unwrap();
    let result = record.tool_results()[0];
    assert_eq!(
        (result.tool_use_id, result.is_error, result.tool_use_result),
        (Some("toolu_1"), false, Some("\"a\""))
    );
    let content = result.content.unwrap();
    assert_eq!(content.text().as_deref(), Some("a\nb"));
    assert!(matches!(content, ResultContent::Json(_)));
    assert!(line[record.place_of(content.raw()).unwrap()].starts_with("[{"));

    let line = self::result(r#""content":"say \"a\"","is_error":true"#, "null");
    let record = parse(&line).unwrap();
    let content = record.tool_results()[0].content.unwrap();
    assert_eq!((content.raw(), content.text().as_deref()), (r#"say \"a\""#, Some("say \"a\"")));
    assert!(record.place_of(content.raw()).is_some());
}

#[test]
fn what_is_kept_for_several_results_belongs_to_none_of_them() {
    let record = parse(
        r#"{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"a"},{"type":"tool_result","tool_use_id":"b"}]},"toolUseResult":{"interrupted":true}}"#,
    )
    .unwrap();
    let results = record.tool_results();
    assert_eq!(results.iter().filter_map(|result| result.tool_use_id).collect::<Vec<_>>(), ["a", "b"]);
    assert!(results.iter().all(|result| result.tool_use_result.is_none() && !result.outcome().interrupted));
}

#[test]
fn an_outcome_is_read_from_what_is_kept() {
    let outcome = |kept: &str| {
        let line = result(r#""content":"x""#, kept);
        let record = parse(&line).unwrap();
        format!("{:?}", record.tool_results()[0].outcome())
    };
    let agent = result(
        r#""content":"x""#,
        r#"{"status":"completed","agentId":"a1b2c3","totalDurationMs":12000,"totalTokens":34000,"totalToolUseCount":5,"usage":{"input_tokens":4}}"#,
    );
    let record = parse(&agent).unwrap();
    let agent = record.tool_results()[0].outcome();
    assert_eq!((agent.agent_id.as_deref(), agent.status.as_deref()), (Some("a1b2c3"), Some("completed")));
    assert_eq!(
        (agent.duration_ms, agent.total_tokens, agent.total_tool_uses),
        (Some(12000), Some(34000), Some(5))
    );
    assert!(outcome(r#"{"interrupted":true}"#).contains("interrupted: true"));
    assert!(outcome(r#"{"exitCode":-1}"#).contains("exit_code: Some(-1)"));
    assert!(outcome(r#"{"durationSeconds":1.5}"#).contains("duration_ms: Some(1500)"));
    assert!(outcome(r#"{"durationSeconds":-1}"#).contains("duration_ms: None"));
    assert!(outcome(r#"{"backgroundTaskId":"b1"}"#).contains("is_background: true"));
    assert_eq!(outcome("\"Error: no\""), outcome("[1]"));
}

#[test]
fn a_failure_tells_its_exit_code_and_refusal_in_words() {
    for (content, exit_code, rejected, interrupted) in [
        ("Exit code 127\\nnot found", Some(127), false, false),
        ("Error: Exit code 1", Some(1), false, false),
        ("Exit code many", None, false, false),
        ("The user doesn't want to proceed with this tool use. The tool use was rejected", None, true, false),
        ("[Request interrupted by user for tool use]", None, false, true),
        ("no such file", None, false, false),
    ] {
        let line = result(&format!(r#""content":"{content}","is_error":true"#), "\"Error\"");
        let record = parse(&line).unwrap();
        let outcome = record.tool_results()[0].outcome();
        assert_eq!(
            (outcome.exit_code, outcome.rejected, outcome.interrupted),
            (exit_code, rejected, interrupted),
            "{content}"
        );
    }
    // The words of a call that worked are its own.
    let line = result(r#""content":"Exit code 3""#, "null");
    assert_eq!(parse(&line).unwrap().tool_results()[0].outcome().exit_code, None);
}
