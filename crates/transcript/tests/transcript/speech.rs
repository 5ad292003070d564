//! What a person said, and how it sounds.

use han_transcript::{
    FrustrationLevel, SPEECH_CHARACTERS, Sentiment, SentimentLevel, judge, parse, speech_of,
};
use proptest::prelude::*;
use serde_json::json;
use std::time::Instant;

fn speech(line: &str) -> Option<String> {
    parse(line).expect("a record").speech()
}

fn judged(text: &str) -> Sentiment {
    judge(text).unwrap_or_else(|| panic!("{text}"))
}

#[test]
fn only_a_person_speaks() {
    for (line, expected) in [
        (r#"{"type":"user","message":{"content":"this is bad"}}"#, Some("this is bad")),
        (
            r#"{"type":"attachment","attachment":{"type":"queued_command","prompt":"stop it"}}"#,
            Some("stop it"),
        ),
        (
            r#"{"type":"user","message":{"content":[{"type":"text","text":"<ide_selection>x</ide_selection>"},{"type":"text","text":"why?"},{"type":"image"},{"type":"text","text":"tell"}]}}"#,
            Some("why?\ntell"),
        ),
        (r#"{"type":"user","message":{"content":[{"type":"tool_result","content":"this is bad"}]}}"#, None),
        (
            r#"{"type":"user","message":{"content":[{"type":"tool_result","content":"x"},{"type":"text","text":"bad"}]}}"#,
            None,
        ),
        (r#"{"type":"user","isMeta":true,"message":{"content":"this is bad"}}"#, None),
        (r#"{"type":"user","isCompactSummary":true,"message":{"content":"this is bad"}}"#, None),
        (
            r#"{"type":"user","message":{"content":"This session is being continued from a previous conversation, which was bad"}}"#,
            None,
        ),
        (r#"{"type":"user","isSidechain":true,"message":{"content":"this is bad"}}"#, None),
        (r#"{"type":"user","message":{"content":"<command-name>/bad</command-name>"}}"#, None),
        (r#"{"type":"user","message":{"content":"  \n "}}"#, None),
        (r#"{"type":"assistant","message":{"content":"this is bad"}}"#, None),
        (r#"{"type":"progress","data":{"message":{"type":"user","message":{"content":"bad"}}}}"#, None),
    ] {
        assert_eq!(speech(line).as_deref(), expected, "{line}");
    }
}

#[test]
fn what_was_pasted_is_not_said() {
    for (text, said) in [
        ("before\n```rust\nkill(bad);\n```\nafter", "before\nafter"),
        ("before\n~~~\nbad\n```\nbad\n~~~~\nafter", "before\nafter"),
        ("open fence\n```\nbad to the end", "open fence"),
        ("look:\n\n    terrible();\n\n    more();\nnot code", "look:\nnot code"),
        ("a paragraph\n    goes on", "a paragraph\ngoes on"),
        ("\tindented();\nwords", "words"),
        ("call `kill -9` now", "call  now"),
        ("an `unclosed mark", "an unclosed mark"),
        ("do it <system-reminder>\nbad\n</system-reminder>please", "do it\nplease"),
        ("do it <system-reminder>bad to the end", "do it"),
        ("a < b and <div> stay", "a < b and <div> stay"),
        ("2026-02-12T16:13:25Z ERROR bad\n[12:01:02] worse\nok then", "ok then"),
        ("ERROR: it failed\n[WARN] bad\nERROR\nreal words", "ERROR\nreal words"),
        ("Traceback (most recent call last):\n  File \"a.py\", line 3\nwhat is this?", "what is this?"),
        ("error[E0308]: mismatched types\n --> src/a.rs:1:2\n  |\nfix this", "fix this"),
        ("it fails\n  at foo (bar.js:1:2)\nat /a/b.js:3:4\nat last we know.", "it fails\nat last we know."),
        (
            "at line 3: it fails\nnote: do it well\nERROR again",
            "at line 3: it fails\nnote: do it well\nERROR again",
        ),
        ("ok so do it\nok a::b (3.2s)\nRunning it is slow.", "ok so do it\nRunning it is slow."),
        ("$ cargo test\n> quoted words\nmine", "mine"),
        ("--- a/x\n+++ b/x\n@@ -1 +1 @@\nwrong", "wrong"),
        ("0x7fff5fbff8c0 0x0001 == 0x22 {}[]()\nhm", "hm"),
        ("これは動かない", "これは動かない"),
    ] {
        assert_eq!(speech_of(text), said, "{text}");
    }
}

#[test]
fn moods_are_told_apart() {
    let good = judged("thank you, this is great and works perfectly");
    assert_eq!((good.level, good.frustration_level), (SentimentLevel::Positive, None));
    let plain = judged("add a column to the table");
    assert_eq!((plain.level, plain.frustration_level, plain.score), (SentimentLevel::Neutral, None, 0.0));
    assert!(plain.signals.is_empty());
    let bad = judged("this is terrible, it is broken and I hate it");
    assert_eq!(bad.level, SentimentLevel::Negative);
    assert!(bad.signals[0].starts_with("Negative sentiment (score: -"), "{:?}", bad.signals);
    assert!(bad.frustration_level >= Some(FrustrationLevel::Moderate));
    assert!(judge("").is_none() && judge(" \n\t").is_none());
}

/// The frustration beyond the negative score, and the signs.
fn extras(text: &str) -> (f64, Vec<String>) {
    let sentiment = judged(text);
    let points = sentiment.frustration_score.unwrap_or(f64::NAN) - (-sentiment.score).max(0.0);
    ((points * 100.0).round() / 100.0, sentiment.signals)
}

#[test]
fn each_sign_of_frustration_is_worth_its_points() {
    for (text, points, sign) in [
        ("why ARE YOU DOING that", 3.0, "3 consecutive words in ALL CAPS"),
        ("why ARE YOU DOING THAT NOW", 4.0, "5 consecutive words in ALL CAPS"),
        ("now DO IT today", 2.5, "2 consecutive words in ALL CAPS"),
        ("do it CORRECTLY today", 2.0, "A word in ALL CAPS"),
        ("quit the program", 2.0, "negative command: \"quit\""),
        ("never mind the tests", 2.0, "negative command: \"never mind\""),
        ("Nevermind the tests", 2.0, "negative command: \"never mind\""),
        ("just forget it then", 2.0, "negative command: \"forget it\""),
        ("we give up here", 2.0, "negative command: \"give up\""),
        ("the the file file is here", 2.0, "repeated word: \"the\" and 1 more"),
        ("run THE THE tests", 3.5, "repeated word: \"the\""),
        ("quit", 3.0, "terse"),
        ("what?? forget it", 3.0, "punctuation"),
    ] {
        let (found, signals) = extras(text);
        assert!((found - points).abs() < 1e-9, "{text}: {found} {signals:?}");
        assert!(signals.iter().any(|signal| signal.contains(sign)), "{text}: {signals:?}");
    }
}

#[test]
fn what_is_no_sign_is_not_reported() {
    for text in [
        "set NODE_ENV and HTTP_PROXY in the file",
        "GREAT WORK THANKS, I love it",
        "unstoppable quitting and forgiving items",
        "yes",
        "use the API",
        "is it done?",
        "日本語日本語日本語日本語日本語",
    ] {
        assert_eq!(judged(text).frustration_level, None, "{text}: {:?}", judged(text));
    }
    // Fifteen characters are not terse, whatever their bytes; fourteen are.
    assert!(judged("ééééééééééééééé").signals.is_empty());
    assert_eq!(judged("éééééééééééééé").signals, ["Very terse message"]);
}

#[test]
fn a_megabyte_costs_no_more_than_a_long_letter() {
    let began = Instant::now();
    for piece in [
        "bad ",
        "no no ",
        "<system-reminder>",
        "`",
        "```\n",
        "<",
        "STOP ",
        "!?",
        "    x\n\n",
        "x",
        "😡",
        "([",
    ] {
        let text = piece.repeat((1 << 20) / piece.len());
        let line = json!({"type": "user", "message": {"content": text}}).to_string();
        if let Some(speech) = speech(&line) {
            assert!(speech.chars().count() <= SPEECH_CHARACTERS);
            assert!(judge(&speech).is_some());
        }
        // The whole text at once is linear as well.
        let _ = (speech_of(&text), judge(&text));
    }
    assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_text_has_bounded_and_repeatable_scores(text in any::<String>(), words in prop::collection::vec(prop::sample::select(vec![
        "bad", "not", "very", "no", "good", "but", "the", "bomb", "STOP", "least", "at", "!!", "kind", "of", "😡", "so", "never",
    ]), 0..12)) {
        for text in [text, words.join(" ")] {
            let first = judge(&text);
            prop_assert_eq!(&first, &judge(&text));
            if let Some(sentiment) = first {
                prop_assert!((-5.0..=5.0).contains(&sentiment.score));
                prop_assert_eq!(sentiment.frustration_score.is_some(), sentiment.frustration_level.is_some());
            }
            let speech = speech_of(&text);
            prop_assert!(speech.chars().count() <= text.chars().count() + 1);
        }
    }
}
