//! A slow, clear reader of transcripts: what a store must hold of a file, found with another JSON parser.

use serde_json::Value;
use std::{collections::HashMap, fs, path::Path};

/// A file as the twin sees it.
#[derive(Debug, Default)]
pub(crate) struct TwinFile {
    pub(crate) records: Vec<TwinRecord>,
    /// Numbers of the lines that are neither blank nor a record.
    pub(crate) broken_lines: Vec<u64>,
    /// Bytes up to the end of the last line that counts.
    pub(crate) indexed_bytes: usize,
    pub(crate) bytes: Vec<u8>,
    pub(crate) session_id: String,
}

/// A line that is a record.
#[derive(Debug)]
pub(crate) struct TwinRecord {
    pub(crate) line_number: u64,
    pub(crate) uuid: Option<String>,
    pub(crate) record_type: String,
    /// The line without its end.
    pub(crate) raw: String,
    /// Everything that search must find.
    pub(crate) text: String,
    pub(crate) reply: Option<TwinReply>,
}

/// The usage that a line repeats.
#[derive(Clone, Debug)]
pub(crate) struct TwinReply {
    pub(crate) key: (String, String),
    pub(crate) tokens: [u64; 4],
}

/// Each reply once, with its largest usage.
#[derive(Debug, Default)]
pub(crate) struct TwinLedger(HashMap<(String, String), [u64; 4]>);

impl TwinFile {
    pub(crate) fn read(path: &Path) -> Self {
        let bytes = fs::read(path).unwrap();
        let mut file = Self { session_id: session_in_path(path).unwrap_or_default(), ..Self::default() };
        let mut start = 0;
        let mut line_number = 0;
        while start < bytes.len() {
            let newline = bytes[start..].iter().position(|byte| *byte == b'\n');
            let end = newline.map_or(bytes.len(), |at| start + at);
            let line = &bytes[start..end];
            let record = record(line, line_number);
            if newline.is_none() && (record.is_none() || std::str::from_utf8(line).is_err()) {
                break;
            }
            match record {
                Some(record) => file.records.push(record),
                None if line.trim_ascii().is_empty() => {}
                None => file.broken_lines.push(line_number),
            }
            start = end + usize::from(newline.is_some());
            line_number += 1;
        }
        file.indexed_bytes = start;
        if file.session_id.is_empty() {
            file.session_id =
                file.records.iter().find_map(|record| session_in_line(&record.raw)).unwrap_or_default();
        }
        file.bytes = bytes;
        file
    }
}

impl TwinLedger {
    pub(crate) fn book(&mut self, reply: &TwinReply) {
        let booked = self.0.entry(reply.key.clone()).or_insert(reply.tokens);
        if reply.tokens[1] > booked[1] {
            *booked = reply.tokens;
        }
    }

    /// Replies, and their tokens: read, written, from the cache, into the cache.
    pub(crate) fn totals(&self) -> (usize, [u64; 4]) {
        let mut totals = [0; 4];
        for tokens in self.0.values() {
            for (total, count) in totals.iter_mut().zip(tokens) {
                *total += count;
            }
        }
        (self.0.len(), totals)
    }
}

fn session_in_path(path: &Path) -> Option<String> {
    let names: Vec<String> = path.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    let name = match names.iter().rposition(|name| name == "subagents") {
        Some(at) => names[at - 1].clone(),
        None => path.file_stem()?.to_string_lossy().into_owned(),
    };
    let is_uuid = name.len() == 36 && name.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    is_uuid.then_some(name)
}

fn session_in_line(line: &str) -> Option<String> {
    Some(serde_json::from_str::<Value>(line).ok()?["sessionId"].as_str()?.to_owned())
}

fn record(line: &[u8], line_number: u64) -> Option<TwinRecord> {
    let raw = String::from_utf8_lossy(line.trim_ascii_end()).into_owned();
    let entry: Value = serde_json::from_str(&raw).ok()?;
    let record_type = entry["type"].as_str()?.to_owned();
    Some(TwinRecord {
        line_number,
        uuid: entry["uuid"].as_str().map(str::to_owned),
        text: text(&entry, &record_type),
        reply: reply(&entry, &record_type),
        record_type,
        raw,
    })
}

/// What was said and thought, results of tools, and the strings in the input of tools.
fn text(entry: &Value, record_type: &str) -> String {
    let mut parts = Vec::new();
    match record_type {
        "user" | "assistant" | "system" => {
            let content = &entry["message"]["content"];
            parts.extend(content.as_str().map(str::to_owned));
            for block in content.as_array().into_iter().flatten() {
                match block["type"].as_str() {
                    Some("text") => parts.extend(block["text"].as_str().map(str::to_owned)),
                    Some("thinking") => parts.extend(block["thinking"].as_str().map(str::to_owned)),
                    Some("tool_use") => {
                        parts.push(format!("[Tool: {}]", block["name"].as_str().unwrap_or("unknown")));
                        strings(&block["input"], &mut parts);
                    }
                    Some("tool_result") => texts(&block["content"], &mut parts),
                    _ => {}
                }
            }
            if parts.iter().all(String::is_empty) {
                texts(&entry["content"], &mut parts);
            }
        }
        "summary" => parts.extend(entry["summary"].as_str().map(str::to_owned)),
        "custom-title" => parts.extend(entry["customTitle"].as_str().map(str::to_owned)),
        "ai-title" => parts.extend(entry["aiTitle"].as_str().map(str::to_owned)),
        "attachment" if entry["attachment"]["type"] == "queued_command" => {
            texts(&entry["attachment"]["prompt"], &mut parts);
        }
        "tool_use" => strings(&entry["input"], &mut parts),
        _ => {}
    }
    parts.join("\n")
}

/// A string, or the text blocks of an array.
fn texts(value: &Value, parts: &mut Vec<String>) {
    parts.extend(value.as_str().map(str::to_owned));
    for block in value.as_array().into_iter().flatten() {
        if block["type"] == "text" {
            parts.extend(block["text"].as_str().map(str::to_owned));
        }
    }
}

fn strings(value: &Value, parts: &mut Vec<String>) {
    match value {
        Value::String(text) => parts.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| strings(item, parts)),
        Value::Object(members) => members.values().for_each(|member| strings(member, parts)),
        _ => {}
    }
}

fn reply(entry: &Value, record_type: &str) -> Option<TwinReply> {
    let message = &entry["message"];
    let usage = if message["usage"].is_object() { &message["usage"] } else { &entry["usage"] };
    let says_nothing = usage["input_tokens"].as_u64().is_none() && usage["output_tokens"].as_u64().is_none();
    if record_type != "assistant" || says_nothing || message["model"] == "<synthetic>" {
        return None;
    }
    let id = message["id"].as_str().or(entry["uuid"].as_str())?;
    let request = entry["requestId"].as_str().unwrap_or_default();
    let tokens = ["input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"];
    Some(TwinReply {
        key: (id.to_owned(), request.to_owned()),
        tokens: tokens.map(|name| usage[name].as_u64().unwrap_or(0)),
    })
}
