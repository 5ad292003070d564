//! What a person really said: the text of a prompt without what was pasted into it or added by the client.

use crate::speaker::{INJECTED_TAGS, opens_injected};
use crate::{Block, Record, Speaker};
use han_base::json::JsonString;

/// Characters of an entry that are looked at for speech. What stands behind them is not analysed, so that a pasted
/// megabyte costs no more than a long letter.
pub const SPEECH_CHARACTERS: usize = 20_000;

impl Record<'_> {
    /// What a person said in this entry, for judging its mood; `None` when nobody spoke.
    ///
    /// Only entries whose speaker is the user have speech: no tool results, no text the client injected, no summary of
    /// a compaction, no prompt of a subagent. [`speech_of`] tells what is taken out of their text. Of several texts,
    /// those the client wrote are left out and the others joined by a newline.
    #[must_use]
    pub fn speech(&self) -> Option<String> {
        if self.speaker != Some(Speaker::User) {
            return None;
        }
        let prompt = self.queued_prompt.map(|prompt| prompt.texts()).unwrap_or_default();
        let blocks = self.blocks.iter().filter_map(|block| match block {
            Block::Text { text } => Some(*text),
            _ => None,
        });
        let texts = self.message_text.into_iter().chain(blocks).chain(prompt);
        let said = head_of(texts.filter(|text| !opens_injected(*text)));
        let speech = speech_of(&said);
        (!speech.is_empty()).then_some(speech)
    }
}

/// The first characters of texts, joined by newlines.
fn head_of<'a>(texts: impl Iterator<Item = JsonString<'a>>) -> String {
    let mut head = String::new();
    let mut left = SPEECH_CHARACTERS;
    for text in texts {
        if !head.is_empty() {
            head.push('\n');
        }
        for character in text.chars().take(left) {
            head.push(character);
            left -= 1;
        }
    }
    head
}

/// What is speech in a text that a person sent, in one pass.
///
/// Left out are: elements that the client adds (`<system-reminder>…</system-reminder>` and its like; one that is not
/// closed reaches to the end), code in fences (three or more backticks or tildes; one that is not closed reaches to
/// the end), indented code (four blanks or a tab, after a blank line or at the head), code inside a line (between
/// backticks), quotations (`> `), and lines that were pasted from a log, a stack trace, a diff or a terminal. The
/// lines that are left are trimmed, and blank ones dropped.
#[must_use]
pub fn speech_of(text: &str) -> String {
    let text = without_elements(text);
    let mut speech = String::new();
    let mut block = Place::Prose { after_blank: true };
    for line in text.lines() {
        block = block.next(line);
        if matches!(block, Place::Prose { after_blank: false }) && !is_pasted(line.trim()) {
            append_without_code(line.trim(), &mut speech);
        }
    }
    speech.truncate(speech.trim_end().len());
    speech
}

/// Appends a line without the code in it, and a newline, unless nothing is left of it.
fn append_without_code(line: &str, speech: &mut String) {
    let start = speech.len();
    let mut parts = line.split('`');
    speech.push_str(parts.next().unwrap_or_default());
    // An opening mark without a closing one is a plain character.
    while let Some(code) = parts.next() {
        match parts.next() {
            Some(after) => speech.push_str(after),
            None => speech.push_str(code),
        }
    }
    let length = start + speech[start..].trim_end().len();
    speech.truncate(length);
    if length > start {
        speech.push('\n');
    }
}

/// In what a line stands.
enum Place {
    /// Words; `after_blank` when this line is blank, so that indented code may follow.
    Prose { after_blank: bool },
    /// Code between fences of this character, of at least this length. `closed` by this line.
    Fence { mark: u8, length: usize, closed: bool },
    /// Indented code.
    Indented,
}

impl Place {
    /// In what the next line stands.
    fn next(self, line: &str) -> Self {
        match self {
            Self::Fence { mark, length, closed: false } => {
                let closed =
                    fence(line).is_some_and(|(own, count, bare)| own == mark && count >= length && bare);
                return Self::Fence { mark, length, closed };
            }
            Self::Indented if line.trim().is_empty() || is_indented(line) => return Self::Indented,
            Self::Prose { after_blank: true } if is_indented(line) && !line.trim().is_empty() => {
                return Self::Indented;
            }
            _ => {}
        }
        match fence(line) {
            Some((mark, length, _)) => Self::Fence { mark, length, closed: false },
            None => Self::Prose { after_blank: line.trim().is_empty() },
        }
    }
}

fn is_indented(line: &str) -> bool {
    line.starts_with("    ") || line.starts_with('\t')
}

/// The character and length of the fence that a line is, and whether nothing stands behind it.
fn fence(line: &str) -> Option<(u8, usize, bool)> {
    let line = line.trim_start();
    let mark = line.bytes().next().filter(|mark| matches!(mark, b'`' | b'~'))?;
    let length = line.bytes().take_while(|byte| *byte == mark).count();
    let rest = &line[length..];
    // Three marks around a word inside a line are code in that line.
    (length >= 3 && !(mark == b'`' && rest.contains('`'))).then(|| (mark, length, rest.trim().is_empty()))
}

/// The text without the elements that the client adds.
fn without_elements(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let (before, element) = rest.split_at(start);
        kept.push_str(before);
        rest = match injected_tag(&element[1..]) {
            None => {
                kept.push('<');
                &element[1..]
            }
            Some(tag) => {
                let closing = format!("</{tag}>");
                kept.push('\n');
                element.find(&closing).map_or("", |end| &element[end + closing.len()..])
            }
        };
    }
    kept.push_str(rest);
    kept
}

/// The name of the client's tag that a text goes on with, behind its `<`.
fn injected_tag(text: &str) -> Option<&'static str> {
    INJECTED_TAGS
        .iter()
        .copied()
        .find(|tag| text.strip_prefix(*tag).is_some_and(|rest| rest.starts_with(['>', ' ', '/', '\n'])))
}

/// How lines begin that come from a program.
const PROGRAM_OPENINGS: &[&str] = &[
    "$ ",
    "> ",
    ">>> ",
    "❯ ",
    "➜ ",
    "+++ ",
    "--- ",
    "@@ ",
    "diff --git ",
    "Caused by:",
    "Traceback (",
    "File \"",
    "error:",
    "error[",
    "warning:",
    "warning[",
    "Error: ",
    "TypeError:",
    "SyntaxError:",
    "ReferenceError:",
    "ValueError:",
    "KeyError:",
    "AttributeError:",
    "ImportError:",
    "ModuleNotFoundError:",
    "RuntimeError:",
    "Exception in ",
    "panicked at ",
    "thread '",
    "npm ERR!",
    "npm error",
    "npm WARN",
    "fatal: ",
    "E   ",
    "FAIL ",
    "PASS ",
    "FAILED ",
    "PASSED ",
    "not ok ",
    "= note:",
    "= help:",
    "-->",
    "|",
];

/// The levels of log lines, also in brackets.
const LEVELS: &[&str] =
    &["TRACE", "DEBUG", "INFO", "WARN", "WARNING", "ERROR", "FATAL", "CRITICAL", "NOTICE"];

/// Words that begin lines of build programs, and sentences.
const DOUBTFUL_OPENINGS: &[&str] = &["Compiling ", "Finished ", "Running ", "index ", "ok "];

/// Whether a trimmed line was pasted from a program rather than said.
fn is_pasted(line: &str) -> bool {
    let opens = |openings: &[&str]| openings.iter().any(|opening| line.starts_with(opening));
    let has_signs = line.contains([':', '(', '{', '[', '/', '.']) && !line.ends_with(['.', '!', '?']);
    opens(PROGRAM_OPENINGS)
        || opens(DOUBTFUL_OPENINGS) && has_signs
        || is_stack_frame(line)
        || is_log_line(line)
        || is_stamped(line)
        || is_mostly_signs(line)
}

/// Whether a line is a place in a stack trace: `at name (file:1:2)`, `at file:1:2`.
fn is_stack_frame(line: &str) -> bool {
    let ends = |character: char| character == ')' || character.is_ascii_digit();
    line.starts_with("at ") && line.contains([':', '(']) && line.ends_with(ends)
}

/// Whether a line begins with the level of a log line. "ERROR again" is said, not logged.
fn is_log_line(line: &str) -> bool {
    let bare = line.trim_start_matches(['[', '(']);
    let word = bare.split([' ', ']', ')', ':']).next().unwrap_or_default();
    let rest = &bare[word.len()..];
    LEVELS.contains(&word)
        && (bare.len() < line.len()
            || rest.starts_with([':', ']', ')'])
            || rest.starts_with("  ")
            || rest.contains("::")
            || rest.contains('='))
}

/// Whether a line begins with a date or a time of day.
fn is_stamped(line: &str) -> bool {
    let digits = |text: &str, shape: &str| {
        text.len() >= shape.len()
            && std::iter::zip(text.bytes(), shape.bytes()).all(|(byte, wanted)| match wanted {
                b'0' => byte.is_ascii_digit(),
                _ => byte == wanted,
            })
    };
    let line = line.trim_start_matches(['[', '(']);
    ["0000-00-00T", "0000-00-00 00:", "0000/00/00 00:", "00:00:00"].iter().any(|shape| digits(line, shape))
}

/// Whether a line is long and has more signs and digits than letters and blanks.
fn is_mostly_signs(line: &str) -> bool {
    let (mut letters, mut all) = (0_usize, 0_usize);
    for character in line.chars() {
        all += 1;
        letters += usize::from(character.is_alphabetic() || character == ' ');
    }
    all >= 20 && letters * 2 < all
}
