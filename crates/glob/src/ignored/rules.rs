//! The rules of one ignore file.

use super::wildcard::{self, Part, Token};

/// Rules in the order of their file: the last that matches decides.
#[derive(Debug, Default)]
pub(crate) struct IgnoreRules {
    rules: Vec<Rule>,
    case_insensitive: bool,
}

#[derive(Debug)]
struct Rule {
    what: What,
    only_folders: bool,
    takes_back: bool,
}

/// What a rule names. The first three look at the last name of a path, wherever it is.
#[derive(Debug)]
enum What {
    Name(Box<[u8]>),
    Ending(Box<[u8]>),
    NamePattern(Vec<Token>),
    Path(Vec<Part>),
}

impl IgnoreRules {
    /// Reads a file. Lines that can never match are left out.
    pub(crate) fn parse(text: &[u8], case_insensitive: bool) -> Self {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let rules =
            text.split(|&byte| byte == b'\n').filter_map(|line| rule(line, case_insensitive)).collect();
        Self { rules, case_insensitive }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether an entry is ignored; `None` when no rule speaks of it. `path` is relative to the folder of the file.
    pub(crate) fn decide(&self, path: &[u8], name: &[u8], is_folder: bool) -> Option<bool> {
        let matching = self.rules.iter().rev().find(|rule| {
            (is_folder || !rule.only_folders) && rule.what.matches(path, name, self.case_insensitive)
        });
        matching.map(|rule| !rule.takes_back)
    }
}

impl What {
    fn matches(&self, path: &[u8], name: &[u8], case_insensitive: bool) -> bool {
        match self {
            Self::Name(wanted) => same(wanted, name, case_insensitive),
            Self::Ending(ending) => {
                let start = name.len().checked_sub(ending.len());
                start.is_some_and(|start| same(ending, &name[start..], case_insensitive))
            }
            Self::NamePattern(tokens) => wildcard::matches_name(tokens, name, case_insensitive),
            Self::Path(parts) => wildcard::matches_path(parts, path, case_insensitive),
        }
    }
}

fn same(wanted: &[u8], found: &[u8], case_insensitive: bool) -> bool {
    if case_insensitive { wanted.eq_ignore_ascii_case(found) } else { wanted == found }
}

fn rule(line: &[u8], case_insensitive: bool) -> Option<Rule> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.starts_with(b"#") {
        return None;
    }
    let line = without_trailing_spaces(line);
    let (takes_back, line) = line.strip_prefix(b"!").map_or((false, line), |line| (true, line));
    let (only_folders, line) = line.strip_suffix(b"/").map_or((false, line), |line| (true, line));
    if line.is_empty() {
        return None;
    }
    let what = if line.contains(&b'/') {
        What::Path(wildcard::parse(line.strip_prefix(b"/").unwrap_or(line), case_insensitive)?)
    } else {
        name(line, case_insensitive)?
    };
    Some(Rule { what, only_folders, takes_back })
}

fn name(line: &[u8], case_insensitive: bool) -> Option<What> {
    let is_plain = |text: &[u8]| !text.iter().any(|byte| b"*?[\\".contains(byte));
    if is_plain(line) {
        return Some(What::Name(line.into()));
    }
    if let Some(ending) = line.strip_prefix(b"*").filter(|ending| is_plain(ending)) {
        return Some(What::Ending(ending.into()));
    }
    let mut parts = wildcard::parse(line, case_insensitive)?;
    match parts.pop() {
        Some(Part::Name(tokens)) if parts.is_empty() => Some(What::NamePattern(tokens)),
        // `**` alone is every name.
        _ => Some(What::Ending(Box::default())),
    }
}

/// Spaces at the end do not count, unless a backslash stands before them.
fn without_trailing_spaces(line: &[u8]) -> &[u8] {
    let mut end = 0;
    let mut at = 0;
    while at < line.len() {
        match line[at] {
            b' ' => {}
            b'\\' if at + 1 < line.len() => {
                at += 1;
                end = at + 1;
            }
            _ => end = at + 1,
        }
        at += 1;
    }
    &line[..end]
}
