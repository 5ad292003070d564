//! How fast lines are read, on one core. `HAN_TRANSCRIPTS` names folders of transcripts (separated as in `PATH`);
//! without it a small conversation of the usual shapes is read again and again.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use han_base::json::Scanner;
use han_transcript::judge;
use std::hint::black_box;
use std::path::Path;

#[expect(clippy::unwrap_used, reason = "a bench without its input ends here")]
fn read_transcripts(folder: &Path, text: &mut String) {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            read_transcripts(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "jsonl") {
            text.push_str(&String::from_utf8_lossy(&std::fs::read(path).unwrap()));
        }
    }
}

/// A prompt, a call, its result with the whole file beside it, and progress that repeats it.
fn conversation() -> String {
    let code = r#"fn main() {\n    println!(\"hello → world\");\n}\n\n"#.repeat(40);
    let envelope = |index: usize| {
        format!(
            r#""parentUuid":"5c7a1a44-0000-4000-8000-{index:012}","isSidechain":false,"userType":"external","cwd":"/home/dev/a","sessionId":"0dd00000-0000-4000-8000-000000000001","version":"2.1.39","gitBranch":"main","uuid":"5c7a1a44-0000-4000-8000-{:012}","timestamp":"2026-03-01T02:03:04.005Z""#,
            index + 1
        )
    };
    let mut text = String::new();
    for index in (0..4000).step_by(4) {
        let lines = [
            r#""type":"user","message":{"role":"user","content":"make it say hello, please"}"#.to_owned(),
            format!(
                r#""type":"assistant","requestId":"req_{index}","message":{{"id":"msg_{index}","role":"assistant","model":"m","content":[{{"type":"tool_use","id":"toolu_{index}","name":"Edit","input":{{"file_path":"/home/dev/a/main.rs","new_string":"{code}"}}}}],"usage":{{"input_tokens":4,"output_tokens":120,"cache_read_input_tokens":90000}}}}"#
            ),
            format!(
                r#""type":"user","message":{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"toolu_{index}","content":"{code}"}}]}},"toolUseResult":{{"originalFile":"{code}{code}{code}"}}"#
            ),
            format!(
                r#""type":"progress","data":{{"type":"bash_progress","output":"{code}"}},"parentToolUseID":"toolu_{index}""#
            ),
        ];
        for (offset, line) in lines.iter().enumerate() {
            text.extend(["{", line, ",", &envelope(index + offset), "}\n"]);
        }
    }
    text
}

fn reading(criterion: &mut Criterion) {
    let mut text = String::new();
    match std::env::var_os("HAN_TRANSCRIPTS") {
        Some(folders) => {
            std::env::split_paths(&folders).for_each(|folder| read_transcripts(&folder, &mut text));
        }
        None => text = conversation(),
    }
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();

    let mut group = criterion.benchmark_group("transcript");
    group.throughput(Throughput::Bytes(lines.iter().map(|line| line.len() as u64).sum())).sample_size(10);
    let mut bench = |name: &str, read: &dyn Fn(&str) -> usize| {
        group.bench_function(name, |bencher| {
            bencher.iter(|| lines.iter().map(|line| read(black_box(line))).sum::<usize>());
        });
    };
    bench("validate", &|line| {
        let mut scanner = Scanner::new(line);
        usize::from(scanner.skip().and_then(|()| scanner.finish()).is_ok())
    });
    bench("parse", &|line| han_transcript::parse(line).map_or(0, |record| record.blocks.len()));
    bench("parse, content and tool input", &|line| {
        han_transcript::parse(line).map_or(0, |record| {
            let content = record.content().map_or(0, |text| text.len());
            content + record.tool_input_text().map_or(0, |text| text.len())
        })
    });
    bench("parse, tool calls and results", &|line| {
        han_transcript::parse(line).map_or(0, |record| {
            let calls =
                record.tool_calls().filter_map(|call| black_box((call.edit(), call.todos())).0).count();
            let results = record.tool_results();
            calls + results.iter().filter_map(|result| black_box((result.edit(), result.outcome())).0).count()
        })
    });
    bench("parse, speech and its mood", &|line| {
        han_transcript::parse(line).map_or(0, |record| {
            record.speech().and_then(|speech| judge(&speech)).map_or(0, |mood| mood.signals.len())
        })
    });
    bench("validate with serde_json", &|line| {
        usize::from(serde_json::from_str::<serde::de::IgnoredAny>(line).is_ok())
    });
    group.finish();
}

criterion_group!(benches, reading);
criterion_main!(benches);
