//! Torn, glued and made-up lines.

use crate::oracle;
use han_transcript::{RecordType, judge, parse, parse_han_event, recover, split};
use proptest::prelude::*;
use std::time::Instant;

const WHOLE: &str = r#"{"parentUuid":"p","type":"user","uuid":"u","message":{"role":"user","content":[{"type":"text","text":"say \"hi\" {"},{"type":"tool_result","content":"x"}]},"n":[12.5,true],"sessionId":"s"}"#;

#[test]
fn a_record_after_a_fragment_is_found_wherever_the_fragment_was_cut() {
    for cut in 1..WHOLE.len() {
        let line = format!("{}{WHOLE}", &WHOLE[..cut]);
        let (offset, record) = recover(&line).unwrap_or_else(|| panic!("nothing found in {line}"));
        assert_eq!((offset, record.uuid.as_deref()), (cut, Some("u")), "{line}");
    }
}

#[test]
fn what_is_left_of_one_record_is_not_taken_for_another() {
    for cut in 1..WHOLE.len() {
        assert!(recover(&WHOLE[cut..]).is_none(), "the end of a record: {}", &WHOLE[cut..]);
        assert!(recover(&WHOLE[..cut]).is_none(), "the head of a record: {}", &WHOLE[..cut]);
    }
    // Whole objects that are no entries: no known type, or nothing that ties them to a session.
    for line in [
        r#"x{"type":"text","text":"a"}"#,
        r#"x{"type":"user"}"#,
        r#"x{"type":"later","uuid":"u"}"#,
        r#"x["user","uuid"]"#,
        "",
        "é",
        "é{",
    ] {
        assert!(recover(line).is_none(), "{line}");
    }
}

#[test]
fn records_that_lost_the_newline_between_them_are_split() {
    let line = format!("{WHOLE}{WHOLE}");
    let (first, end) = split(&line).unwrap();
    assert_eq!((first.uuid.as_deref(), end), (Some("u"), WHOLE.len()));
    assert_eq!(parse(&line[end..]).unwrap().record_type, RecordType::User);
    assert!(split(&line[1..]).is_none() && split("12").is_none() && split("").is_none());
    assert_eq!(split(WHOLE).map(|(_, end)| end), Some(WHOLE.len()));
}

#[test]
fn zeros_after_a_crash_do_not_hide_a_record() {
    let line = format!("{}{WHOLE}", "\0".repeat(4096));
    assert_eq!(recover(&line).unwrap().0, 4096);
}

#[test]
fn looking_for_a_record_stays_linear_on_lines_made_against_it() {
    let size = 400_000;
    for piece in ["{\"a\":", "{\"", "[{\"a\":\"{\"},", "{\"a\":{}}"] {
        let line = piece.repeat(size / piece.len());
        let began = Instant::now();
        assert!(recover(&line).is_none());
        // Quadratic work would take minutes.
        assert!(began.elapsed().as_secs() < 30, "{piece}");
    }
}

/// Reads everything a record has, to see that nothing panics.
fn exhaust(line: &str) {
    let found =
        recover(line).map(|(_, record)| record).into_iter().chain(split(line).map(|(record, _)| record));
    for record in found.chain(parse(line)).chain(parse_han_event(line)) {
        let _ = (record.content(), record.tool_input_text(), record.tool_name(), record.parent_id());
        let _ =
            (record.compaction(), record.queue_operation(), record.han_event(), record.confined_reference());
        let _ = record.speech().and_then(|speech| judge(&speech));
        let _ = format!("{record:?}");
        for call in record.tool_calls() {
            let _ =
                (call.caller(), call.subagent_type(), call.file_paths(), call.edit(), call.task_request());
            let _ = call.todos().map(|todos| todos.items().len());
            assert!(call.input.is_none_or(|input| record.place_of(input).is_some()));
        }
        for result in record.tool_results() {
            let _ = (result.outcome(), result.edit(), result.task_answer());
            let content = result.content.map(|content| (content.text(), record.place_of(content.raw())));
            assert!(content.is_none_or(|(_, place)| place.is_some()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn no_text_makes_a_reader_panic(line in any::<String>(), pieces in prop::collection::vec(prop::sample::select(vec![
        "{", "}", "[", "]", "\"", ":", ",", "\\", "\\ud83d", "\"type\":\"user\"", "{\"type\":\"assistant\",", "\"message\":",
        "\"content\":", "\"tool_use\"", "\"input\":", "null", "\"toolUseResult\":", "\"structuredPatch\":", "12", "\u{feff}", "\0", "é",
    ]), 0..30)) {
        exhaust(&line);
        exhaust(&pieces.concat());
    }

    #[test]
    fn a_glued_record_is_recovered_as_it_was(first in oracle::entry(), second in oracle::entry(), cut: prop::sample::Index) {
        let (first, mut second) = (first.to_string(), second);
        second["type"] = "assistant".into();
        second["uuid"] = "the-second".into();
        let second = second.to_string();
        let mut cut = 1 + cut.index(first.len() - 1);
        while !first.is_char_boundary(cut) {
            cut -= 1;
        }
        let line = format!("{}{second}", &first[..cut.max(1)]);
        exhaust(&line);
        // The fragment can by chance complete itself with the head of the second record, never more than that.
        if let Some((offset, record)) = recover(&line) {
            prop_assert!(offset <= cut);
            if offset == cut {
                prop_assert_eq!(record.uuid.as_deref(), Some("the-second"));
            }
        } else {
            prop_assert!(false, "nothing recovered from {}", line);
        }
    }
}
