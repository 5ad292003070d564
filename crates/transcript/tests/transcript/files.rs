//! Every line of real files: the bundled fixtures, and the folders that `HAN_TRANSCRIPTS` names (separated as in
//! `PATH`).

use crate::oracle::compare;
use han_transcript::{LineError, parse, parse_han_event, recover, split};
use serde::de::IgnoredAny;
use serde_json::Value;
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

#[test]
fn every_line_of_real_files_reads_as_its_slow_twin_does() {
    let mut files = Vec::new();
    transcripts_under(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/fixtures"), &mut files);
    for folder in std::env::var_os("HAN_TRANSCRIPTS").iter().flat_map(std::env::split_paths) {
        let before = files.len();
        transcripts_under(&folder, &mut files);
        assert!(files.len() > before, "HAN_TRANSCRIPTS names {} without transcripts", folder.display());
    }
    let (mut compared, mut broken) = (0_usize, 0_usize);
    for file in files {
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
