//! The slow clear twin: the same rules over a tree of values, and the proof that both read the same.

use han_transcript::{LineError, Record, parse};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

fn flag(value: &Value, key: &str) -> bool {
    value.get(key) == Some(&Value::Bool(true))
}

fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

fn joined(parts: impl IntoIterator<Item = String>) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join("\n"))
}

/// A string, or the text blocks of an array.
fn body(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        array @ Value::Array(_) => joined(
            items(Some(array))
                .filter(|block| text(block, "type") == Some("text"))
                .filter_map(|block| text(block, "text").map(str::to_owned)),
        ),
        _ => None,
    }
}

fn content(entry: &Value) -> Option<String> {
    match text(entry, "type")? {
        "user" | "assistant" | "system" => {
            let message = entry.get("message").and_then(|message| message.get("content"));
            if let Some(text) = message.and_then(Value::as_str) {
                return Some(text.to_owned());
            }
            let parts = items(message).filter_map(|block| match text(block, "type")? {
                "text" => text(block, "text").map(str::to_owned),
                "thinking" => text(block, "thinking").map(str::to_owned),
                "tool_use" => Some(format!("[Tool: {}]", text(block, "name").unwrap_or("unknown"))),
                "tool_result" => body(block.get("content")),
                _ => None,
            });
            joined(parts).or_else(|| body(entry.get("content")))
        }
        "summary" => text(entry, "summary").map(str::to_owned),
        "custom-title" => text(entry, "customTitle").map(str::to_owned),
        "ai-title" => text(entry, "aiTitle").map(str::to_owned),
        "attachment" if text(&entry["attachment"], "type") == Some("queued_command") => {
            body(entry["attachment"].get("prompt"))
        }
        _ => None,
    }
}

fn blocks<'a>(entry: &'a Value, block_type: &'static str) -> impl Iterator<Item = &'a Value> {
    let is_message = matches!(text(entry, "type"), Some("user" | "assistant" | "system"));
    items(entry.get("message").and_then(|message| message.get("content")).filter(|_| is_message))
        .filter(move |block| text(block, "type") == Some(block_type))
}

fn leaves(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if !text.is_empty() => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, found)),
        Value::Object(members) => members.values().for_each(|member| leaves(member, found)),
        _ => {}
    }
}

/// The lines of the strings of all tool inputs, sorted: a tree of values does not keep the order of keys.
fn input_lines(entry: &Value) -> Vec<String> {
    let mut found = Vec::new();
    if text(entry, "type") == Some("tool_use") {
        leaves(&entry["input"], &mut found);
    }
    blocks(entry, "tool_use").for_each(|block| leaves(&block["input"], &mut found));
    sorted_lines(&found.join("\n"))
}

fn sorted_lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    lines.sort();
    lines
}

fn is_injected(text: &str) -> bool {
    let text = text.trim_start();
    let tags = [
        "bash-input",
        "bash-stdout",
        "command-message",
        "command-name",
        "ide_opened_file",
        "local-command-caveat",
        "local-command-stdout",
        "system-reminder",
        "task-notification",
        "user-prompt-submit-hook",
    ];
    text.starts_with("[Request interrupted by user")
        || tags
            .iter()
            .any(|tag| text.starts_with(&format!("<{tag}>")) || text.starts_with(&format!("<{tag} ")))
}

/// How the summary of a compaction begins.
const OPENING: &str = "This session is being continued from a previous conversation";

fn speaker(entry: &Value) -> Option<&'static str> {
    let prompt = |texts: Vec<&str>| {
        let texts: Vec<&str> = texts.into_iter().filter(|text| !text.is_empty()).collect();
        let injected = !texts.is_empty() && texts.into_iter().all(is_injected);
        if injected || flag(entry, "isMeta") {
            "system"
        } else if flag(entry, "isSidechain") || text(entry, "agentId").is_some() {
            "assistant"
        } else {
            "user"
        }
    };
    let texts_of = |value: &'static str, array: Option<&'_ Value>| -> Vec<String> {
        items(array)
            .filter(|block| text(block, "type") == Some(value))
            .filter_map(|block| text(block, "text").map(str::to_owned))
            .collect()
    };
    match text(entry, "type")? {
        "user" => {
            if blocks(entry, "tool_result").next().is_some() {
                return Some("tool");
            }
            if flag(entry, "isCompactSummary") {
                return Some("summary");
            }
            let message = entry.get("message").and_then(|message| message.get("content"));
            let first = message.and_then(Value::as_str).or_else(|| {
                let first = items(message).next().filter(|block| text(block, "type") == Some("text"))?;
                text(first, "text")
            });
            let opens = first.is_some_and(|first| first.starts_with(OPENING));
            if opens && !flag(entry, "isSidechain") && text(entry, "agentId").is_none() {
                return Some("summary");
            }
            let texts = match message.and_then(Value::as_str) {
                Some(text) => vec![text.to_owned()],
                None => texts_of("text", message),
            };
            Some(prompt(texts.iter().map(String::as_str).collect()))
        }
        "assistant" | "tool_use" => Some("assistant"),
        "tool_result" => Some("tool"),
        "system" => Some("system"),
        "summary" | "custom-title" | "ai-title" => Some("summary"),
        "attachment" if text(&entry["attachment"], "type") == Some("queued_command") => {
            let texts = match entry["attachment"].get("prompt")? {
                Value::String(text) => vec![text.clone()],
                array @ Value::Array(_) => texts_of("text", Some(array)),
                _ => return None,
            };
            Some(prompt(texts.iter().map(String::as_str).collect()))
        }
        _ => None,
    }
}

/// A count of the usage, tolerant as the fast reader: whole numbers, also as strings.
fn count(value: &Value, key: &str) -> Option<u64> {
    let value = value.get(key)?;
    let count = match value {
        Value::String(text) => {
            let number: Value = serde_json::from_str(text).ok().filter(Value::is_number)?;
            // Blanks around the number are not part of it.
            (text.trim() == text).then(|| as_count(&number)).flatten()
        }
        value => as_count(value),
    };
    count.filter(|&count| i64::try_from(count).is_ok())
}

fn as_count(value: &Value) -> Option<u64> {
    let exact = |float: &f64| float.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(float);
    value.as_u64().or_else(|| value.as_f64().filter(exact).map(|float| float as u64))
}

/// Holds a record against its entry as a tree of values.
pub(crate) fn compare(line: &str, record: &Record<'_>, entry: &Value) {
    let at = |field: &str| format!("{field} of {line}");
    assert_eq!(Some(&*record.raw_type), text(entry, "type"), "{}", at("raw_type"));
    for (field, value, key) in [
        ("uuid", &record.uuid, "uuid"),
        ("parent_uuid", &record.parent_uuid, "parentUuid"),
        ("agent_id", &record.agent_id, "agentId"),
        ("cwd", &record.cwd, "cwd"),
        ("git_branch", &record.git_branch, "gitBranch"),
        ("version", &record.version, "version"),
        ("slug", &record.slug, "slug"),
    ] {
        assert_eq!(value.as_deref(), text(entry, key), "{}", at(field));
    }
    let session = text(entry, "sessionId").or_else(|| text(entry, "session_id"));
    assert_eq!(record.session_id.as_deref(), session, "{}", at("session_id"));
    let own_time = text(entry, "timestamp").and_then(han_base::Timestamp::parse);
    let snapshot_time = text(&entry["snapshot"], "timestamp")
        .filter(|_| record.raw_type == "file-history-snapshot")
        .and_then(han_base::Timestamp::parse);
    assert_eq!(record.timestamp, own_time.or(snapshot_time), "{}", at("timestamp"));
    let subtype = match &*record.raw_type {
        "system" => text(entry, "subtype"),
        "progress" => text(&entry["data"], "type"),
        "attachment" => text(&entry["attachment"], "type"),
        "queue-operation" => text(entry, "operation"),
        _ => None,
    };
    assert_eq!(record.subtype.as_deref(), subtype, "{}", at("subtype"));
    if record.raw_type != "han_event" {
        assert_eq!(record.content().map(Into::into), content(entry), "{}", at("content"));
    }
    let lines = sorted_lines(&record.tool_input_text().unwrap_or_default());
    assert_eq!(lines, input_lines(entry), "{}", at("tool_input_text"));
    assert_eq!(record.speaker.map(han_transcript::Speaker::as_str), speaker(entry), "{}", at("speaker"));

    let name = match &*record.raw_type {
        "tool_use" => text(entry, "name"),
        _ => blocks(entry, "tool_use").next().and_then(|block| text(block, "name")),
    };
    assert_eq!(record.tool_name().as_deref(), name, "{}", at("tool_name"));
    if record.raw_type != "tool_result" {
        let parent = match &*record.raw_type {
            "progress" => text(entry, "parentToolUseID"),
            _ => blocks(entry, "tool_result").next().and_then(|block| text(block, "tool_use_id")),
        };
        assert_eq!(record.parent_id().as_deref(), parent, "{}", at("parent_id"));
    }
    compare_reply(line, record, entry);
}

fn compare_reply(line: &str, record: &Record<'_>, entry: &Value) {
    let nothing = Value::Null;
    let message = entry.get("message").unwrap_or(&nothing);
    let usage = [message.get("usage"), entry.get("usage")]
        .into_iter()
        .flatten()
        .find(|usage| usage.is_object())
        .filter(|_| text(entry, "type") == Some("assistant"))
        .filter(|usage| count(usage, "input_tokens").is_some() || count(usage, "output_tokens").is_some());
    let Some(usage) = usage else {
        assert!(record.reply.is_none(), "reply of {line}");
        return;
    };
    let reply = record.reply.as_ref().unwrap_or_else(|| panic!("no reply of {line}"));
    assert_eq!(reply.message_id.as_deref(), text(message, "id"), "{line}");
    assert_eq!(reply.request_id.as_deref(), text(entry, "requestId"), "{line}");
    assert_eq!(reply.model.as_deref(), text(message, "model"), "{line}");
    let (cache, server) = (&usage["cache_creation"], &usage["server_tool_use"]);
    let expected = [
        count(usage, "input_tokens"),
        count(usage, "output_tokens"),
        count(usage, "cache_read_input_tokens"),
        count(usage, "cache_creation_input_tokens"),
        count(cache, "ephemeral_5m_input_tokens"),
        count(cache, "ephemeral_1h_input_tokens"),
        count(server, "web_search_requests"),
        count(server, "web_fetch_requests"),
    ];
    let found = &reply.usage;
    let found_counts = [
        found.input,
        found.output,
        found.cache_read,
        found.cache_creation,
        found.cache_creation_5m,
        found.cache_creation_1h,
        found.web_search_requests,
        found.web_fetch_requests,
    ];
    assert_eq!(found_counts, expected, "usage of {line}");
    assert_eq!(found.service_tier.as_deref(), text(usage, "service_tier"), "{line}");
}

/// Any small value, mostly of the wrong type for its place.
fn odd_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        Just(json!(12.0)),
        Just(json!(1.5)),
        prop::sample::select(vec!["12", "", " 7", "-3", "2e2", "user", "2026-03-01T02:03:04.005Z"])
            .prop_map(Value::from),
        any_text(),
        Just(json!([])),
        Just(json!({"type": "text", "text": "x"})),
        Just(json!(["a", {"b": "c"}])),
    ]
}

fn any_text() -> impl Strategy<Value = Value> {
    let injected = prop::sample::select(vec![
        "<command-name>/x</command-name>",
        "  \n<system-reminder>x",
        "<systemreminder>x",
        "[Request interrupted by user for tool use]",
        OPENING,
        "This session is being continued from a previous conversation that ran out of context.",
        "<task-notification>",
        "<b>x</b>",
        "<",
        "[Re",
    ]);
    prop_oneof![
        "\\PC{0,20}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        injected.prop_map(Value::from)
    ]
}

/// An object of some of these members, where each value is now and then replaced by an odd one.
fn object(members: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let members: Vec<_> = members
        .into_iter()
        .map(|(key, value)| {
            let value = prop_oneof![6 => value, 1 => odd_value()];
            prop::option::weighted(0.7, value).prop_map(move |value| (key, value))
        })
        .collect();
    members
        .prop_map(|members| {
            let present = members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
            Value::Object(present.collect::<Map<_, _>>())
        })
        .boxed()
}

fn block() -> BoxedStrategy<Value> {
    let types = vec!["text", "thinking", "tool_use", "tool_result", "image", "document", "fallback"];
    let inner = prop::collection::vec(
        prop_oneof![odd_value(), any_text().prop_map(|text| json!({"type": "text", "text": text}))],
        0..3,
    )
    .prop_map(Value::from);
    object(vec![
        ("type", prop::sample::select(types).prop_map(Value::from).boxed()),
        ("text", any_text().boxed()),
        ("thinking", any_text().boxed()),
        ("id", any_text().boxed()),
        ("name", any_text().boxed()),
        ("tool_use_id", any_text().boxed()),
        ("is_error", any::<bool>().prop_map(Value::from).boxed()),
        ("content", prop_oneof![any_text(), inner].boxed()),
        (
            "input",
            (any_text(), odd_value())
                .prop_map(|(text, odd)| json!({"command": text, "edits": [{"x": odd}]}))
                .boxed(),
        ),
    ])
}

fn content_value() -> BoxedStrategy<Value> {
    prop_oneof![
        any_text(),
        prop::collection::vec(prop_oneof![5 => block(), 1 => odd_value().boxed()], 0..4)
            .prop_map(Value::from),
    ]
    .boxed()
}

fn usage() -> BoxedStrategy<Value> {
    let number = || any::<u32>().prop_map(Value::from).boxed();
    let pair = |first, second| object(vec![(first, number()), (second, number())]);
    object(vec![
        ("input_tokens", number()),
        ("output_tokens", number()),
        ("cache_read_input_tokens", number()),
        ("cache_creation_input_tokens", number()),
        ("cache_creation", pair("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")),
        ("server_tool_use", pair("web_search_requests", "web_fetch_requests")),
        ("service_tier", any_text().boxed()),
    ])
}

/// Entries of every type with members of every type.
pub(crate) fn entry() -> BoxedStrategy<Value> {
    let types: Vec<&str> = han_transcript::RecordType::ALL
        .iter()
        .map(|record_type| record_type.as_str())
        .chain(["new-kind"])
        .collect();
    let common = ["user", "assistant", "system", "attachment"];
    let entry_type = prop_oneof![prop::sample::select(types), prop::sample::select(common.to_vec())];
    let message = object(vec![
        ("id", any_text().boxed()),
        ("model", any_text().boxed()),
        ("content", content_value()),
        ("usage", usage()),
    ]);
    let attachment = object(vec![
        ("type", prop::sample::select(vec!["queued_command", "file"]).prop_map(Value::from).boxed()),
        ("prompt", content_value()),
    ]);
    let boolean = || any::<bool>().prop_map(Value::from).boxed();
    let words = [
        "uuid",
        "parentUuid",
        "sessionId",
        "session_id",
        "agentId",
        "cwd",
        "gitBranch",
        "version",
        "slug",
        "requestId",
        "subtype",
        "operation",
        "summary",
        "customTitle",
        "aiTitle",
        "parentToolUseID",
        "name",
    ];
    let mut members: Vec<_> = words.into_iter().map(|key| (key, any_text().boxed())).collect();
    let time = || Just(json!("2026-03-01T02:03:04.005Z")).boxed();
    members.extend([
        ("type", entry_type.prop_map(Value::from).boxed()),
        ("message", message),
        ("content", content_value()),
        ("usage", usage()),
        ("attachment", attachment),
        ("data", object(vec![("type", any_text().boxed())])),
        ("snapshot", object(vec![("timestamp", time())])),
        ("timestamp", time()),
        ("input", odd_value().boxed()),
        ("toolUseResult", odd_value().boxed()),
        ("isMeta", boolean()),
        ("isSidechain", boolean()),
        ("isCompactSummary", boolean()),
    ]);
    object(members)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn every_entry_reads_as_its_slow_twin_does(entry in entry(), pretty: bool) {
        let line = if pretty { serde_json::to_string_pretty(&entry) } else { serde_json::to_string(&entry) }.unwrap();
        match parse(&line) {
            Ok(record) => compare(&line, &record, &entry),
            Err(error) => {
                prop_assert_eq!(error, LineError::NotRecord);
                prop_assert!(text(&entry, "type").is_none(), "{}", line);
            }
        }
    }
}
