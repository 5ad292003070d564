//! Files that grow in pieces that end anywhere: in the end the rows are those of one run over the whole file.

use crate::{
    dump::{assert_same, dump},
    index, open,
};
use han_testkit::{ConfigDir, Transcript};

/// Stands for the number of a copy of the file.
const NUMBER: &str = "00000000";

/// A small file with everything that a cut could confuse. Every copy of it is a session of its own.
fn transcript(number: usize) -> Vec<u8> {
    let mut lines = Transcript::new(&format!("{NUMBER}-0000-4000-8000-000000000000"));
    lines.title("früh ohne Zeit").prompt("wörter → 検査").line("");
    lines.reply_part(&serde_json::json!({ "type": "text", "text": "partly" }), 1, 3);
    lines.reply_part(
        &serde_json::json!({ "type": "tool_use", "name": "Bash", "input": { "command": "ls" } }),
        1,
        9,
    );
    let text = lines.take();
    let glued = lines.prompt("glued").take();
    // The shortest records keep the number of cuts small.
    let text = text.replace(r#""version":"2.1.39","#, "").replace(r#""isSidechain":false,"#, "");
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(br#"{"type":"user","uui"#);
    bytes.push(b'\n');
    bytes.extend_from_slice(br#"{"type":"us"#);
    bytes.extend_from_slice(glued.trim_end().as_bytes());
    bytes.extend_from_slice(b"\r\n \t\r\n");
    bytes.extend_from_slice(br#"{"type":"agent-name","agentName":"CR and blanks"}"#);
    bytes.extend_from_slice(b" \t\r\n");
    bytes.extend_from_slice(b"{\"type\":\"mode\",\"mode\":\"\xff\xfe\"}\r\n");
    bytes.extend_from_slice(br#"{"type":"last-prompt","lastPrompt":"bye"}"#);
    let text: Vec<u8> = bytes;
    replace(&text, NUMBER.as_bytes(), format!("{number:08}").as_bytes())
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at..].starts_with(from) {
            replaced.extend_from_slice(to);
            at += from.len();
        } else {
            replaced.push(bytes[at]);
            at += 1;
        }
    }
    replaced
}

fn path(number: usize) -> String {
    format!("-home-dev-app/{number:08}-0000-4000-8000-000000000000.jsonl")
}

/// Writes one copy of the file for each list of cuts, piece by piece with a run after each, and compares the store with
/// one that saw the whole files only.
fn check(cuts: &[Vec<usize>]) {
    let grown = ConfigDir::new();
    let database = open(&grown);
    let runs = cuts.iter().map(Vec::len).max().unwrap() + 1;
    for run in 0..runs {
        for (number, cuts) in cuts.iter().enumerate() {
            let bytes = transcript(number);
            let start = if run == 0 { 0 } else { cuts[run - 1] };
            let end = cuts.get(run).copied().unwrap_or(bytes.len());
            if run == 0 {
                grown.write(&path(number), &bytes[..end]);
            } else {
                grown.append(&path(number), &bytes[start..end]);
            }
        }
        let report = index(&database, grown.path());
        assert_eq!(report.files_failed, 0, "{:?}", report.results);
    }
    let found = dump(&database, grown.path());

    let whole = ConfigDir::new();
    // The clock of a folder counts its changes; these make both folders' files equally old.
    for _ in 0..(runs - 1) * cuts.len() {
        whole.write("unrelated", "");
    }
    for number in 0..cuts.len() {
        whole.write(&path(number), transcript(number));
    }
    let database = open(&whole);
    index(&database, whole.path());
    let expected = dump(&database, whole.path());
    assert_eq!(expected["sessions"].len(), cuts.len());
    assert_eq!(expected["messages"].len(), cuts.len() * 8);
    assert_eq!(expected["broken_lines"].len(), cuts.len() * 3);
    assert_eq!(expected["replies"].len(), cuts.len());
    assert_same(&found, &expected);
}

#[test]
fn a_file_may_be_cut_at_every_byte() {
    let length = transcript(0).len();
    check(&(0..=length).map(|cut| vec![cut]).collect::<Vec<_>>());
}

#[test]
fn a_file_may_come_in_many_pieces() {
    let length = transcript(0).len();
    // A fixed linear congruence, so that every run cuts the same.
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % (length + 1)
    };
    let cuts: Vec<Vec<usize>> = (0..60)
        .map(|_| {
            let mut cuts: Vec<usize> = (0..8).map(|_| next()).collect();
            cuts.sort_unstable();
            cuts
        })
        .collect();
    check(&cuts);
}
