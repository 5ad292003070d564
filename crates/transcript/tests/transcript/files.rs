//! Every line of real files: the bundled fixtures, and the folders that `HAN_TRANSCRIPTS` names (separated as in
//! `PATH`).

use crate::oracle::compare;
use han_transcript::{LineError, Record, Rule, judge, parse, parse_han_event, recover, split};
use serde::de::IgnoredAny;
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

fn transcripts_under(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            transcripts_under(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "jsonl") {
            found.push(path);
        }
    }
}

/// The bundled fixtures, and the folders of `HAN_TRANSCRIPTS`.
fn transcripts() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for folder in ["tests/fixtures", "../testkit/fixtures"] {
        transcripts_under(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut files);
    }
    for folder in std::env::var_os("HAN_TRANSCRIPTS").iter().flat_map(std::env::split_paths) {
        let before = files.len();
        transcripts_under(&folder, &mut files);
        assert!(files.len() > before, "HAN_TRANSCRIPTS names {} without transcripts", folder.display());
    }
    files
}

/// Whole records of a file.
fn each_record(file: &Path, mut visit: impl FnMut(&Record<'_>)) {
    let bytes = std::fs::read(file).expect("a readable file");
    for line in String::from_utf8_lossy(&bytes).split('\n') {
        if let Ok(record) = parse(line) {
            visit(&record);
        }
    }
}

#[test]
fn every_line_of_real_files_reads_as_its_slow_twin_does() {
    let (mut compared, mut broken) = (0_usize, 0_usize);
    for file in transcripts() {
        let bytes = std::fs::read(&file).unwrap();
        for line in String::from_utf8_lossy(&bytes).split('\n') {
            // Whatever the line is, nothing panics.
            let _ = (parse_han_event(line), split(line));
            match (parse(line), serde_json::from_str::<Value>(line.trim_start_matches('\u{feff}'))) {
                (Ok(record), Ok(entry)) => {
                    compare(line, &record, &entry);
                    compared += 1;
                }
                // A lone surrogate is JSON by its grammar, but no Rust string.
                (Ok(_), Err(error)) => {
                    let text = line.trim_start_matches('\u{feff}');
                    assert!(serde_json::from_str::<IgnoredAny>(text).is_ok(), "{error}: {line}");
                    assert!(text.to_lowercase().contains("\\ud"), "{error}: {line}");
                }
                (Err(LineError::NotRecord), Ok(entry)) => {
                    assert!(!entry.get("type").is_some_and(Value::is_string), "{line}");
                }
                (Err(LineError::NotJson { .. }), Err(_)) => {
                    broken += 1;
                    if let Some((offset, record)) = recover(line) {
                        compare(line, &record, &serde_json::from_str(&line[offset..]).unwrap());
                    }
                }
                (found, expected) => panic!("{found:?} but {expected:?}: {line}"),
            }
        }
    }
    // Seen with `--nocapture`: how much this proves depends on the files that are there.
    println!("{compared} records compared, {broken} lines are not JSON");
}

/// Whether the hunks of a patch have as many lines as they say: those of generated sessions are made up.
fn has_true_hunks(kept: &str) -> bool {
    let kept: Value = serde_json::from_str(kept).expect("checked JSON");
    let mut hunks = kept["structuredPatch"].as_array().into_iter().flatten();
    hunks.all(|hunk| {
        let lines = |marks: [char; 2]| {
            let lines = hunk["lines"].as_array().into_iter().flatten().filter_map(Value::as_str);
            Value::from(lines.filter(|line| line.starts_with(marks)).count())
        };
        hunk["oldLines"] == lines([' ', '-']) && hunk["newLines"] == lines([' ', '+'])
    })
}

/// Edits of real sessions: our own diff of the texts that the client kept gives what the client's patch says.
#[test]
fn our_diff_of_real_edits_is_that_of_the_client() {
    let (mut patches, mut originals, mut joined) = (0_usize, 0_usize, 0_usize);
    for file in transcripts() {
        let mut asked = HashMap::new();
        each_record(&file, |record| {
            for call in record.tool_calls() {
                if let (Some(id), Some(edit)) = (call.id, call.edit()) {
                    assert_eq!(edit.path.as_deref(), call.file_paths().first().map(AsRef::as_ref));
                    asked.insert(id.to_owned(), edit.path.map(String::from));
                }
            }
            for result in record.tool_results() {
                let Some(edit) = result.edit() else { continue };
                if let Some(path) = result.tool_use_id.and_then(|id| asked.get(id)) {
                    assert_eq!(path.as_deref(), edit.path.as_deref(), "{}", file.display());
                    joined += 1;
                }
                if edit.rule != Rule::DiffStructuredPatch {
                    continue;
                }
                patches += 1;
                // The same without the patch, so that the files themselves are held against each other.
                let mut kept: Value = serde_json::from_str(result.tool_use_result.unwrap()).unwrap();
                kept.as_object_mut().unwrap().remove("structuredPatch");
                let line = serde_json::json!({
                    "type": "user",
                    "message": {"content": [{"type": "tool_result", "tool_use_id": "t"}]},
                    "toolUseResult": kept,
                })
                .to_string();
                let record = parse(&line).unwrap();
                let own = record.tool_results()[0].edit().unwrap();
                if own.rule == Rule::DiffOriginal && has_true_hunks(result.tool_use_result.unwrap()) {
                    originals += 1;
                    assert_eq!(own.lines, edit.lines, "{}: {:?}", file.display(), edit.path);
                }
            }
        });
    }
    println!("{patches} patches, {originals} diffs of their originals, {joined} results with their calls");
    assert!(originals >= 12 && joined >= 14, "the fixtures hold edits");
}

#[test]
fn real_sessions_hold_compactions_speech_and_todos() {
    let (mut joins, mut summaries, mut said, mut todos, mut agents) =
        (Vec::new(), Vec::new(), 0_usize, 0_usize, 0_usize);
    for file in transcripts() {
        each_record(&file, |record| {
            if let Some(compaction) = record.compaction() {
                let join = compaction.join.map(ToOwned::to_owned);
                match compaction.tokens_before {
                    Some(tokens) if tokens > 0 => joins.extend(join),
                    _ => summaries.extend(join),
                }
            }
            if let Some(speech) = record.speech() {
                assert!(!speech.contains("<system-reminder>") && !speech.contains("```"), "{speech}");
                assert!(judge(&speech).is_some());
                said += 1;
            }
            todos += record
                .tool_calls()
                .filter_map(|call| call.todos().map(|todos| todos.items().len()))
                .sum::<usize>();
            agents +=
                record.tool_results().iter().filter(|result| result.outcome().agent_id.is_some()).count();
        });
    }
    let joined = joins.iter().filter(|join| summaries.contains(join)).count();
    println!(
        "{} boundaries, {joined} with their summary, {said} speeches, {todos} todos, {agents} agents",
        joins.len()
    );
    assert!(
        joins.len() <= 1 || joins.iter().any(|join| summaries.contains(join)),
        "boundaries have summaries"
    );
    assert!(said > 10 && todos > 10 && agents > 0);
}
