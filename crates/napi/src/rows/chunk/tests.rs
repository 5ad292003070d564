//! The twin of `rows.js`, and random rows.

use super::{Chunk, ELSEWHERE, Encoder, LONG_TEXT_BYTES, Text};
use crate::rows::kinds::{Messages, RowKind};
use han_base::Timestamp;
use han_db::{MessageIdRef, MessageRow};
use std::fmt::Write;

/// Reads chunks one number after the other, and prints what comes.
struct Reader<'c> {
    chunk: &'c Chunk,
    words: &'c [String],
    at: usize,
    narrow_at: usize,
    wide_at: usize,
    reals_at: usize,
    longs_at: usize,
}

fn string(text: &Text) -> String {
    match text {
        Text::Narrow(bytes) => bytes.iter().map(|byte| char::from(*byte)).collect(),
        Text::Wide(units) => String::from_utf16(units).unwrap(),
    }
}

impl Reader<'_> {
    fn next(&mut self) -> i32 {
        self.at += 1;
        self.chunk.tape[self.at - 1]
    }

    fn real(&mut self) -> f64 {
        self.reals_at += 1;
        self.chunk.reals[self.reals_at - 1]
    }

    fn text(&mut self) -> String {
        match self.next() {
            ELSEWHERE => {
                self.longs_at += 1;
                string(&self.chunk.longs[self.longs_at - 1])
            }
            length @ 0.. => {
                let start = self.narrow_at;
                self.narrow_at += length as usize;
                string(&Text::Narrow(self.chunk.narrow[start..self.narrow_at].to_vec()))
            }
            length => {
                let start = self.wide_at;
                self.wide_at += length.unsigned_abs() as usize;
                string(&Text::Wide(self.chunk.wide[start..self.wide_at].to_vec()))
            }
        }
    }

    fn value(&mut self, kind: &str) -> String {
        match kind {
            "text" => self.text(),
            "word" => match self.next() {
                -1 => self.text(),
                number => self.words[number as usize].clone(),
            },
            "integer" => match self.next() {
                ELSEWHERE => self.real().to_string(),
                number => f64::from(number).to_string(),
            },
            "real" => self.real().to_string(),
            other => panic!("{other}"),
        }
    }
}

/// Every row as `name=value` lines, read from the chunks.
fn decoded(chunks: &[Chunk]) -> Vec<String> {
    let mut words = Vec::new();
    let mut rows = Vec::new();
    for chunk in chunks {
        words.extend(chunk.words.iter().map(string));
        let mut reader =
            Reader { chunk, words: &words, at: 0, narrow_at: 0, wide_at: 0, reals_at: 0, longs_at: 0 };
        for _ in 0..chunk.rows {
            let bits = reader.next();
            let mut bit = 1;
            let mut row = String::new();
            for &(name, kind, optional) in Messages::FIELDS {
                let is_present = !optional || bits & bit != 0;
                bit <<= u32::from(optional);
                if is_present {
                    writeln!(row, "{name}={}", reader.value(kind)).unwrap();
                }
            }
            rows.push(row);
        }
        let ends = (reader.at, reader.narrow_at, reader.wide_at, reader.reals_at, reader.longs_at);
        let lengths =
            (chunk.tape.len(), chunk.narrow.len(), chunk.wide.len(), chunk.reals.len(), chunk.longs.len());
        assert_eq!(ends, lengths, "everything was read");
    }
    rows
}

/// The same from the row itself.
fn shown(row: &MessageRow<'_>) -> String {
    let message = row.to_message();
    let mut shown = String::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            writeln!(shown, "{name}={value}").unwrap();
        }
    };
    let number = |number: Option<i64>| number.map(|number| (number as f64).to_string());
    let real = |number: Option<f64>| number.map(|number| number.to_string());
    put("id", Some(message.id));
    put("session_id", Some(message.session_id));
    put("message_type", Some(message.message_type));
    put("timestamp", Some(Timestamp::from_millis(row.timestamp).to_string()));
    put("line_number", number(Some(message.line_number)));
    put("agent_id", message.agent_id);
    put("parent_id", message.parent_id);
    put("role", message.role);
    put("speaker", message.speaker);
    put("content", message.content);
    put("tool_name", message.tool_name);
    put("tool_input", message.tool_input);
    put("tool_result", message.tool_result);
    put("raw_json", message.raw_json);
    put("source_file_name", message.source_file_name);
    put("source_file_type", message.source_file_type);
    put("sentiment_score", real(message.sentiment_score));
    put("sentiment_level", message.sentiment_level);
    put("frustration_score", real(message.frustration_score));
    put("frustration_level", message.frustration_level);
    put("input_tokens", number(message.input_tokens));
    put("output_tokens", number(message.output_tokens));
    put("cache_read_tokens", number(message.cache_read_tokens));
    put("cache_creation_tokens", number(message.cache_creation_tokens));
    put("lines_added", number(message.lines_added));
    put("lines_removed", number(message.lines_removed));
    put("files_changed", number(message.files_changed));
    put("indexed_at", message.indexed_at);
    shown
}

/// Numbers that look random and are the same every time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn some<T>(&mut self, value: T) -> Option<T> {
        (self.below(3) > 0).then_some(value)
    }

    fn number(&mut self) -> i64 {
        let numbers = [0, 1, -1, 7, i64::from(i32::MAX), i64::from(i32::MIN), 1 << 53, i64::MIN, i64::MAX];
        numbers[self.below(numbers.len())]
    }

    fn real(&mut self) -> f64 {
        let numbers = [0.0, -0.0, 1.0, -2.5, f64::NAN, f64::INFINITY, 1e300, f64::MIN_POSITIVE];
        numbers[self.below(numbers.len())]
    }
}

#[test]
fn what_is_read_is_what_was_written() {
    let long = "x".repeat(LONG_TEXT_BYTES + 1);
    let wide_long = "\u{1f6a2}".repeat(LONG_TEXT_BYTES);
    let border = "\u{e9}".repeat(LONG_TEXT_BYTES / 2);
    let texts: [&[u8]; 16] = [
        b"",
        b"user",
        b"assistant",
        b"nul\0inside",
        "caf\u{e9}".as_bytes(),
        "\u{ff}\u{80}".as_bytes(),
        "\u{100}".as_bytes(),
        "\u{65e5}\u{672c} \u{1f6a2}\u{10ffff}".as_bytes(),
        b"\xff",
        b"half \xf0\x9f\x9a",
        b"\xed\xa0\x80 surrogate",
        b"\xc0\xaf overlong",
        b"a text that is longer than a word is, which is some hundred bytes, so that it is written as text every time it comes, again and again",
        long.as_bytes(),
        wide_long.as_bytes(),
        border.as_bytes(),
    ];
    let mut random = Random(1);
    let words: Vec<String> = (0..6000).map(|number| format!("word {number}")).collect();
    for rows in [0, 1, 2, 999, 1000, 1001, 7000] {
        let mut encoder = Encoder::default();
        let mut expected = Vec::new();
        for number in 0..rows {
            // Most texts are short, so that chunks also end by the number of their rows.
            let mut text = || texts[random.below(if number % 50 == 0 { texts.len() } else { 9 })];
            let (session_id, content, word) = (text(), text(), words[number % words.len()].as_bytes());
            let (first, second) = (text(), text());
            let row = MessageRow {
                id: if number % 2 == 0 {
                    MessageIdRef::Uuid([number as u8; 16])
                } else {
                    MessageIdRef::Text(first)
                },
                session_id,
                agent_id: random.some(word),
                parent_id: random.some(first),
                message_type: second,
                role: random.some(first),
                speaker: random.some(second),
                content: random.some(content),
                tool_name: random.some(first),
                tool_input: random.some(second),
                tool_result: random.some(content),
                raw_json: random.some(first),
                timestamp: 1_763_000_000_000 + random.number() / 1_000_000,
                line_number: random.number(),
                source_file_name: random.some(second),
                source_file_type: random.some(first),
                sentiment_score: Some(random.real()).filter(|_| number % 3 > 0),
                sentiment_level: random.some(second),
                frustration_score: Some(random.real()).filter(|_| number % 5 > 0),
                frustration_level: random.some(first),
                input_tokens: Some(random.number()).filter(|_| number % 2 > 0),
                output_tokens: Some(random.number()),
                cache_read_tokens: random.some(5),
                cache_creation_tokens: random.some(-5),
                lines_added: random.some(1),
                lines_removed: None,
                files_changed: random.some(3),
                indexed_at: if rows == 7000 { number as i64 } else { 1_763_000_000_000 },
            };
            expected.push(shown(&row));
            Messages::write(&row, &mut encoder);
        }
        let chunks = encoder.finish();
        let read = decoded(&chunks);
        assert_eq!(read.len(), expected.len());
        for (read, expected) in read.iter().zip(&expected) {
            assert_eq!(read, expected);
        }
        assert!(chunks.iter().all(|chunk| chunk.rows > 0 && chunk.rows <= 1000));
    }
}
