use han_transcript::{FileOperationKind, file_operations};
use proptest::{prelude::*, sample::select};
use regex::Regex;
use std::{collections::HashSet, sync::LazyLock, time::Instant};

/// The slow clear twin: a regular expression for each kind of word, and every end of a name tried, the longest first.
fn described(text: &str) -> Vec<(String, &'static str)> {
    static PATTERNS: LazyLock<[(Regex, &str); 4]> = LazyLock::new(|| {
        [
            (r"read(?:ing)?\s+", "read"),
            (r"(?:write|writing|created|creating)\s+(?:to\s+)?", "write"),
            (r"(?:edit(?:ing)?|updated|updating|modified)\s+", "edit"),
            (r"file[:\s]+", ""),
        ]
        .map(|(pattern, kind)| (regex(&format!("^(?i:{pattern})[\"'`]?([^\\s\"'`]+)")), kind))
    });
    static VALID: LazyLock<Regex> = LazyLock::new(|| regex(r"^[\w./-]*\.[a-z]{1,10}$"));
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for (pattern, kind) in &*PATTERNS {
        let kind = if kind.is_empty() { kind_by_words(text) } else { kind };
        let mut at = 0;
        while at < text.len() {
            let begins_word = text.is_char_boundary(at) && !ENDS_IN_WORD.is_match(&text[..at]);
            let token = if begins_word { pattern.captures(&text[at..]) } else { None };
            let name = token.and_then(|token| {
                let run = token.get(1)?;
                Some((at + run.start(), at + run.start() + name_in(run.as_str())?))
            });
            let Some((start, end)) = name else {
                at += 1;
                continue;
            };
            let path = &text[start..end];
            if (3..=500).contains(&path.len()) && VALID.is_match(path) && seen.insert(path.to_owned()) {
                found.push((path.to_owned(), kind));
            }
            at = end;
        }
    }
    found
}

static ENDS_IN_WORD: LazyLock<Regex> = LazyLock::new(|| regex(r"\w$"));

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern")
}

fn kind_by_words(text: &str) -> &'static str {
    static WORDS: LazyLock<[(Regex, &str); 3]> = LazyLock::new(|| {
        [
            ("created|writing|new file", "write"),
            ("edited|updated|modified", "edit"),
            ("deleted|removed", "delete"),
        ]
        .map(|(words, kind)| (regex(&format!(r"(?i)\b(?:{words})\b")), kind))
    });
    WORDS.iter().find(|(words, _)| words.is_match(text)).map_or("read", |(_, kind)| kind)
}

/// How much of what stands together is a name.
fn name_in(run: &str) -> Option<usize> {
    static ENDS: LazyLock<Regex> = LazyLock::new(|| regex(r"\.[A-Za-z]+$"));
    static GOES_ON: LazyLock<Regex> = LazyLock::new(|| regex(r"^[./-]*\w"));
    (1..=run.len())
        .rev()
        .filter(|end| run.is_char_boundary(*end))
        .find(|end| ENDS.is_match(&run[..*end]) && !GOES_ON.is_match(&run[*end..]))
}

fn found(text: &str) -> Vec<(String, &'static str)> {
    file_operations(text).into_iter().map(|one| (one.path.to_owned(), one.kind.as_str())).collect()
}

#[test]
fn each_kind_of_word_leads_to_its_operation() {
    for (text, expected) in [
        ("Read src/main.rs", vec![("src/main.rs", "read")]),
        ("I am READING `a/b-c.test.ts` now", vec![("a/b-c.test.ts", "read")]),
        (
            "write to \"out/x.json\"; Writing y.md, created z.py, creating to w.go",
            vec![("out/x.json", "write"), ("y.md", "write"), ("z.py", "write"), ("w.go", "write")],
        ),
        (
            "Edit 'a.rs'. Editing b.rs\nUpdated c.rs and modified\td.rs, updating e.rs",
            vec![("a.rs", "edit"), ("b.rs", "edit"), ("c.rs", "edit"), ("d.rs", "edit"), ("e.rs", "edit")],
        ),
        ("file: notes.txt", vec![("notes.txt", "read")]),
        ("File::  `notes.txt` was deleted", vec![("notes.txt", "delete")]),
        ("This unmodified file a.rs", vec![("a.rs", "read")]),
        ("Modified the file a.rs", vec![("a.rs", "edit")]),
        ("new file:   src/ü.rs\ndeleted: b.rs", vec![("src/ü.rs", "write")]),
        ("updated a.ts; read b.ts; read a.ts", vec![("b.ts", "read"), ("a.ts", "read")]),
        ("Read .env and edit ../x/.eslintrc.json", vec![(".env", "read"), ("../x/.eslintrc.json", "edit")]),
        ("write to.ts", vec![("to.ts", "write")]),
        ("Read src/main.rs:12, edit src/lib.rs(3,4).", vec![("src/main.rs", "read"), ("src/lib.rs", "edit")]),
        ("read httpd.conf", vec![("httpd.conf", "read")]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|(path, kind)| (path.to_owned(), kind)).collect();
        assert_eq!(found(text), expected, "{text}");
        assert_eq!(described(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_path_is_left_out() {
    for text in [
        "",
        "Read",
        "Read ",
        "Read \"",
        "Read the manual.",
        "Reads a.rs",
        "spread a.rs",
        "profile: a.rs",
        "Read: a.rs",
        "Read https://example.com/index.html",
        "file: http://example.com/a.html",
        "Read me@example.com",
        "Read src/*.rs",
        "Read C:\\a.rs",
        "Read README.MD",
        "Read movie.mp4",
        "Read a.tar.7z",
        "Read .a",
        "Updated v1.2",
        "read a.extensionlong",
        "edit 日本語。rs",
    ] {
        assert_eq!(found(text), [], "{text}");
        assert_eq!(described(text), [], "{text}");
    }
}

#[test]
fn a_path_has_at_most_500_bytes() {
    for (length, count) in [(500, 1), (501, 0)] {
        let path = format!("{}.rs", "a".repeat(length - 3));
        assert_eq!(file_operations(&format!("read {path}")).len(), count);
    }
}

#[test]
fn the_operation_has_a_word() {
    let kinds = [
        FileOperationKind::Read,
        FileOperationKind::Write,
        FileOperationKind::Edit,
        FileOperationKind::Delete,
    ];
    assert_eq!(kinds.map(FileOperationKind::as_str), ["read", "write", "edit", "delete"]);
}

/// Texts that send a careless reader over the same bytes again and again.
#[test]
fn time_grows_with_the_text_alone() {
    let time = |unit: &str, length: usize| {
        let text = unit.repeat(length / unit.len());
        let start = Instant::now();
        std::hint::black_box(file_operations(&text));
        start.elapsed().as_secs_f64()
    };
    for unit in [
        "file:",
        "file: ",
        "read ",
        "write to ",
        ".a",
        "read .a",
        "file:a.b",
        ".a/",
        "-.a-",
        "read a.b ",
        "file:.-/",
    ] {
        let least = |length| (0..5).map(|_| time(unit, length)).fold(f64::INFINITY, f64::min);
        let (short, long) = (least(50_000), least(800_000));
        // Sixteen times the text; a square would take 256 times as long.
        assert!(long < 80.0 * short.max(1e-4), "{unit}: {short} s, then {long} s");
    }
}

fn texts() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "read",
        "Reading",
        "WRITE",
        "writing",
        "created",
        "creating",
        "to",
        "edit",
        "editing",
        "updated",
        "updating",
        "modified",
        "file",
        "new",
        "deleted",
        "removed",
        "edited",
        " ",
        "  ",
        "\n",
        "\u{a0}",
        ":",
        "\"",
        "'",
        "`",
        ".",
        "/",
        "-",
        "_",
        "a",
        "b.rs",
        "src/x.ts",
        ".env",
        "ü",
        "日.py",
        "7",
        ".MD",
        "http://x.html",
        ",",
        "(",
        ")",
        "—",
        "u\u{308}.c",
        "new file",
        "read ",
        "file: ",
        "write to ",
        "edit `",
        ".tar.gz",
        ".mp4",
        "½",
    ]);
    prop_oneof![proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat()), "\\PC{0,40}",]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn answers_are_those_of_the_description(text in texts()) {
        prop_assert_eq!(found(&text), described(&text));
    }
}
