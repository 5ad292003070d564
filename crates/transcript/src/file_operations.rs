//! Files that a text names behind a verb: "Read src/main.rs", "Created `docs/a.md`", "file: notes.txt".
//!
//! One pass, and linear in the length of any text: the end of a token is looked for once, whichever verbs lead to it.

use std::collections::HashSet;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// What was done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileOperationKind {
    /// It was looked at.
    Read,
    /// It was made, or written whole.
    Write,
    /// It was changed.
    Edit,
    /// It was removed.
    Delete,
}

impl FileOperationKind {
    /// `read`, `write`, `edit` or `delete`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Edit => "edit",
            Self::Delete => "delete",
        }
    }
}

/// A file that a text names, and what it says was done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileOperation<'t> {
    /// The path as it stands in the text.
    pub path: &'t str,
    /// What was done.
    pub kind: FileOperationKind,
}

/// The files that a text names, each once.
///
/// A name stands behind one of these words, in any case, and white space; quotes (`"`, `'`, `` ` ``) may be around it:
///
/// 1. `read`, `reading`;
/// 2. `write`, `writing`, `created`, `creating`, with or without `to`;
/// 3. `edit`, `editing`, `updated`, `updating`, `modified`;
/// 4. `file`, with white space or colons behind it. What was done is then told by words anywhere in the text: `created`,
///    `writing` and `new file` mean written; else `edited`, `updated` and `modified` edited; else `deleted` and `removed`
///    deleted; else it was read.
///
/// The answers of the first kind come first; a path that several lead to counts for the first of them.
///
/// The name ends with the last dot and letters of what stands together there, so that punctuation behind it is none of
/// it. It is a path when it has 3 to 500 bytes, only word characters, dots, slashes and dashes, and an extension of 1 to
/// 10 small letters. A URL is none.
///
/// ```
/// use han_transcript::{FileOperationKind, file_operations};
///
/// let found = file_operations("Reading `src/main.rs`, then updated README.md.");
/// assert_eq!((found[0].path, found[0].kind), ("src/main.rs", FileOperationKind::Read));
/// assert_eq!((found[1].path, found[1].kind), ("README.md", FileOperationKind::Edit));
/// ```
#[must_use]
pub fn file_operations(text: &str) -> Vec<FileOperation<'_>> {
    let mut found: [Vec<&str>; 4] = Default::default();
    // Where a pattern may match again: behind what it matched.
    let mut free = [0; 4];
    let mut tokens = Tokens { text, last: Token { run_end: 0, name: None } };
    for (start, verb) in verbs(text) {
        let pattern = verb.pattern as usize;
        if start < free[pattern] {
            continue;
        }
        let Some((token, end)) =
            verb.token(text, start).and_then(|token| Some((token, tokens.end_at(token)?)))
        else {
            continue;
        };
        free[pattern] = end;
        let name = &text[token..end];
        if is_path(name) {
            found[pattern].push(name);
        }
    }
    let [read, written, edited, generic] = found;
    let of_generic = if generic.is_empty() { FileOperationKind::Read } else { kind_of_words(text) };
    let mut seen = HashSet::new();
    [
        (read, FileOperationKind::Read),
        (written, FileOperationKind::Write),
        (edited, FileOperationKind::Edit),
        (generic, of_generic),
    ]
    .into_iter()
    .flat_map(|(paths, kind)| paths.into_iter().map(move |path| FileOperation { path, kind }))
    .filter(|operation| seen.insert(operation.path))
    .collect()
}

// ---------------------------------------------------------------------------------------------------------------
// Verbs
// ---------------------------------------------------------------------------------------------------------------

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pattern {
    Read,
    Write,
    Edit,
    Generic,
}

struct Verb {
    word: &'static str,
    pattern: Pattern,
}

/// Those of the same pattern and beginning: the longer one first.
const VERBS: [Verb; 12] = [
    Verb { word: "reading", pattern: Pattern::Read },
    Verb { word: "read", pattern: Pattern::Read },
    Verb { word: "write", pattern: Pattern::Write },
    Verb { word: "writing", pattern: Pattern::Write },
    Verb { word: "created", pattern: Pattern::Write },
    Verb { word: "creating", pattern: Pattern::Write },
    Verb { word: "editing", pattern: Pattern::Edit },
    Verb { word: "edit", pattern: Pattern::Edit },
    Verb { word: "updated", pattern: Pattern::Edit },
    Verb { word: "updating", pattern: Pattern::Edit },
    Verb { word: "modified", pattern: Pattern::Edit },
    Verb { word: "file", pattern: Pattern::Generic },
];

/// The verbs of a text, with the place where each begins.
fn verbs(text: &str) -> impl Iterator<Item = (usize, &'static Verb)> {
    let bytes = text.as_bytes();
    (0..bytes.len()).filter_map(move |start| {
        if !matches!(bytes[start] | 0x20, b'r' | b'w' | b'c' | b'e' | b'u' | b'm' | b'f') {
            return None;
        }
        let rest = &bytes[start..];
        let verb = VERBS.iter().find(|verb| begins_with(rest, verb.word))?;
        (!ends_in_word(&text[..start])).then_some((start, verb))
    })
}

/// Whether bytes begin with an ASCII word, in whatever case.
fn begins_with(bytes: &[u8], word: &str) -> bool {
    bytes.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
}

impl Verb {
    /// Where the name begins that the verb at `start` leads to.
    fn token(&self, text: &str, start: usize) -> Option<usize> {
        let behind = start + self.word.len();
        let mut at = match self.pattern {
            Pattern::Generic => skip(text, behind, |letter| letter == ':' || letter.is_whitespace()),
            _ => skip(text, behind, char::is_whitespace),
        };
        if at == behind {
            return None;
        }
        if self.pattern == Pattern::Write && begins_with(&text.as_bytes()[at..], "to") {
            let name = skip(text, at + 2, char::is_whitespace);
            at = if name == at + 2 { at } else { name };
        }
        let is_quoted = matches!(text.as_bytes().get(at), Some(b'"' | b'\'' | b'`'));
        Some(at + usize::from(is_quoted))
    }
}

/// The place behind the letters of a kind that stand at `at`.
fn skip(text: &str, at: usize, is_kind: impl Fn(char) -> bool) -> usize {
    text.len() - text[at..].trim_start_matches(is_kind).len()
}

// ---------------------------------------------------------------------------------------------------------------
// Names
// ---------------------------------------------------------------------------------------------------------------

/// Finds the ends of names, remembering the last one.
struct Tokens<'t> {
    text: &'t str,
    last: Token,
}

/// What stands together without white space and quotes.
#[derive(Clone, Copy)]
struct Token {
    run_end: usize,
    /// The last dot of it that letters and nothing more of the same name follow, and the place behind these.
    name: Option<(usize, usize)>,
}

impl Tokens<'_> {
    /// The end of the name that begins at `start`; `None` when there is none. Must be asked in the order of the text.
    fn end_at(&mut self, start: usize) -> Option<usize> {
        if start >= self.last.run_end {
            self.last = self.token_at(start);
        }
        // What the end of the run is does not depend on where one begins to read it.
        self.last.name.filter(|(dot, _)| *dot >= start).map(|(_, end)| end)
    }

    fn token_at(&self, start: usize) -> Token {
        let run_end =
            skip(self.text, start, |letter| !letter.is_whitespace() && !matches!(letter, '"' | '\'' | '`'));
        let run = &self.text[start..run_end];
        let name = memchr::memrchr_iter(b'.', run.as_bytes()).find_map(|dot| {
            let letters = run.as_bytes()[dot + 1..].iter().take_while(|byte| byte.is_ascii_alphabetic());
            let end = dot + 1 + letters.count();
            (end > dot + 1 && !goes_on(&run[end..])).then_some((start + dot, start + end))
        });
        Token { run_end, name }
    }
}

/// Whether what stands behind a name is more of it, as in `a.tar.7z`, `a.b/c` and `a.mp4`.
fn goes_on(rest: &str) -> bool {
    let joined = |letter: &char| matches!(letter, '.' | '/' | '-');
    rest.chars().find(|letter| !joined(letter)).is_some_and(is_word)
}

fn is_path(name: &str) -> bool {
    let is_extension =
        |part: &str| (1..=10).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase());
    (3..=500).contains(&name.len())
        && name.rsplit_once('.').is_some_and(|(_, extension)| is_extension(extension))
        && name.chars().all(|letter| is_word(letter) || matches!(letter, '.' | '/' | '-'))
}

/// Letters, marks, digits and what joins them in names: `\w` of Unicode.
fn is_word(letter: char) -> bool {
    if letter.is_ascii() {
        return letter.is_ascii_alphanumeric() || letter == '_';
    }
    letter.is_alphabetic()
        || matches!(letter, '\u{200c}' | '\u{200d}')
        || letter.general_category_group() == GeneralCategoryGroup::Mark
        || matches!(
            letter.general_category(),
            GeneralCategory::ConnectorPunctuation | GeneralCategory::DecimalNumber
        )
}

fn ends_in_word(text: &str) -> bool {
    text.chars().next_back().is_some_and(is_word)
}

/// What was done to files that are only called files, by the words of the text.
fn kind_of_words(text: &str) -> FileOperationKind {
    let has = |words: &[&str]| words.iter().any(|word| has_word(text, word));
    if has(&["created", "writing", "new file"]) {
        FileOperationKind::Write
    } else if has(&["edited", "updated", "modified"]) {
        FileOperationKind::Edit
    } else if has(&["deleted", "removed"]) {
        FileOperationKind::Delete
    } else {
        FileOperationKind::Read
    }
}

/// Whether a word of ASCII, in whatever case, stands in a text by itself.
fn has_word(text: &str, word: &str) -> bool {
    let first = word.as_bytes()[0];
    memchr::memchr2_iter(first, first.to_ascii_uppercase(), text.as_bytes()).any(|start| {
        begins_with(&text.as_bytes()[start..], word)
            && !ends_in_word(&text[..start])
            && !text[start + word.len()..].starts_with(is_word)
    })
}

#[cfg(test)]
mod tests {
    use super::is_word;

    #[test]
    fn words_are_those_of_unicode() {
        for letter in ['a', 'Z', '0', '_', 'ü', '日', '\u{308}', '٣', '‿', '\u{200d}'] {
            assert!(is_word(letter), "{letter:?}");
        }
        for letter in ['-', '.', '/', ' ', '—', '½', '🎉', '\0', '…'] {
            assert!(!is_word(letter), "{letter:?}");
        }
    }
}
