//! A line of a transcript becomes a record or an error, everything a record tells can be asked for, and what is found in a
//! damaged line reads the same by itself.
#![no_main]

use han_base::json::Scanner;
use han_transcript::{Record, diff_files, judge, parse, parse_han_event, recover, split};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let line = String::from_utf8_lossy(bytes);
    if let Ok(record) = parse(&line) {
        assert!(recover(&line).is_none_or(|(offset, _)| offset > 0));
        exhaust(&record);
    }
    if let Ok(record) = parse_han_event(&line) {
        exhaust(&record);
    }
    if let Some((old, new)) = line.split_once('\0') {
        let (there, back) = (diff_files(old, new), diff_files(new, old));
        assert_eq!((there.added, there.removed), (back.removed, back.added));
    }
    if let Some((offset, record)) = recover(&line) {
        assert_eq!(format!("{record:?}"), format!("{:?}", parse(&line[offset..]).unwrap()));
    }
    if let Some((record, end)) = split(&line) {
        assert_eq!(format!("{record:?}"), format!("{:?}", parse(&line[..end]).unwrap()));
    }
});

/// Asks a record for everything.
fn exhaust(record: &Record<'_>) {
    let _ = (record.content(), record.tool_input_text(), record.tool_name(), record.parent_id());
    let _ = (record.compaction(), record.queue_operation(), record.han_event());
    assert!(record.confined_reference().is_none_or(|path| !path.contains("..") && !path.starts_with('/')));
    if let Some(sentiment) = record.speech().and_then(|speech| judge(&speech)) {
        assert!((-5.0..=5.0).contains(&sentiment.score));
    }
    for call in record.tool_calls() {
        let _ = (call.caller(), call.subagent_type(), call.file_paths(), call.edit(), call.task_request());
        if let Some(todos) = call.todos() {
            assert!(Scanner::new(&todos.json).skip().is_ok(), "{}", todos.json);
            let _ = todos.items();
        }
        assert!(call.input.is_none_or(|input| record.place_of(input).is_some()));
    }
    for result in record.tool_results() {
        let _ = (result.outcome(), result.edit(), result.task_answer());
        let _ = result.content.map(|content| content.text());
    }
}
