//! Odd content, and the twin that reads it slowly.

use proptest::prelude::*;
use std::path::PathBuf;
use tempfile::TempDir;

/// A file in a folder of its own.
pub(crate) struct Sample {
    _folder: TempDir,
    pub(crate) path: PathBuf,
}

impl Sample {
    pub(crate) fn new(content: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sample.jsonl");
        std::fs::write(&path, content).unwrap();
        Self { _folder: folder, path }
    }
}

/// A line as the twin sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TwinLine {
    pub(crate) number: u64,
    pub(crate) offset: u64,
    pub(crate) bytes: Vec<u8>,
}

impl TwinLine {
    pub(crate) fn is_blank(&self) -> bool {
        self.bytes.iter().all(u8::is_ascii_whitespace)
    }
}

/// Every line of `content`, one byte after the other.
pub(crate) fn twin_lines(content: &[u8]) -> Vec<TwinLine> {
    let mut lines = Vec::new();
    let mut start = 0;
    for at in 0..content.len() {
        let last = at + 1 == content.len();
        if content[at] != b'\n' && !last {
            continue;
        }
        let end = if content[at] == b'\n' { at } else { at + 1 };
        let mut bytes = content[start..end].to_vec();
        if start == 0 && bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        lines.push(TwinLine { number: lines.len() as u64, offset: start as u64, bytes });
        start = at + 1;
    }
    lines
}

/// A line of a file that nobody checked: JSON, nearly JSON, blanks, NUL, bytes that are no UTF-8, carriage returns.
fn odd_line() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => (0_u32..9).prop_map(|n| format!("{{\"a\":{n},\"text\":\"é日本\"}}").into_bytes()),
        1 => (0_u32..9).prop_map(|n| format!("{{\"a\": {n} }}\r").into_bytes()),
        1 => Just(b"{\"a\":3".to_vec()),
        1 => Just(Vec::new()),
        1 => Just(b" \t\r".to_vec()),
        1 => proptest::collection::vec(any::<u8>().prop_filter("no newline", |&byte| byte != b'\n'), 0..40),
        1 => (1_usize..3000).prop_map(|length| vec![b'x'; length]),
    ]
}

/// The content of such a file: with or without a byte order mark and a final newline.
pub(crate) fn odd_content() -> impl Strategy<Value = Vec<u8>> {
    (proptest::bool::weighted(0.1), proptest::collection::vec(odd_line(), 0..60), any::<bool>()).prop_map(
        |(mark, lines, ends)| {
            let mut content = if mark { b"\xef\xbb\xbf".to_vec() } else { Vec::new() };
            content.extend(lines.join(&b'\n'));
            if ends {
                content.push(b'\n');
            }
            content
        },
    )
}
