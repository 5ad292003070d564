//! The settings of a repository, as far as they tell what it is. Files that they include are not read.

/// Settings in their order.
pub(crate) struct Config {
    settings: Vec<Setting>,
}

struct Setting {
    /// In lower case.
    section: String,
    subsection: Option<String>,
    /// In lower case.
    key: String,
    value: String,
}

impl Config {
    /// Reads what can be read; a line that is no setting is passed over.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let mut rest = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let mut settings = Vec::new();
        let mut section: Option<(String, Option<String>)> = None;
        loop {
            rest = rest.trim_start();
            let Some(first) = rest.chars().next() else { break };
            match first {
                '[' => {
                    let (found, behind) = header(&rest[1..]);
                    section = found;
                    rest = behind;
                }
                '#' | ';' => rest = behind_line(rest),
                _ => {
                    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
                    let (key, behind) = rest.split_at(end.unwrap_or(rest.len()));
                    let behind_blanks = behind.trim_start_matches([' ', '\t']);
                    let (value, behind) = match behind_blanks.strip_prefix('=') {
                        Some(behind) => value(behind),
                        // A key alone means true.
                        None => ("true".to_owned(), behind_line(behind_blanks)),
                    };
                    rest = behind;
                    if let Some((section, subsection)) = section.clone().filter(|_| !key.is_empty()) {
                        settings.push(Setting { section, subsection, key: key.to_ascii_lowercase(), value });
                    }
                }
            }
        }
        Self { settings }
    }

    /// The value of a setting; the last one counts.
    pub(crate) fn get(&self, section: &str, subsection: Option<&str>, key: &str) -> Option<&str> {
        let is_it = |one: &&Setting| {
            one.section == section && one.subsection.as_deref() == subsection && one.key == key
        };
        self.settings.iter().rev().find(is_it).map(|one| one.value.as_str())
    }

    /// `origin`, else the first remote with a URL.
    pub(crate) fn remote_name(&self) -> Option<&str> {
        let has_url = |one: &&Setting| one.section == "remote" && one.key == "url" && !one.value.is_empty();
        let mut names = self.settings.iter().filter(has_url).filter_map(|one| one.subsection.as_deref());
        let first = names.clone().next();
        names.find(|name| *name == "origin").or(first)
    }

    /// The first URL of that remote, which is the one to fetch from.
    pub(crate) fn remote_url(&self) -> Option<&str> {
        let name = self.remote_name();
        let is_it = |one: &&Setting| {
            one.section == "remote"
                && one.subsection.as_deref() == name
                && one.key == "url"
                && !one.value.is_empty()
        };
        self.settings.iter().find(is_it).map(|one| one.value.as_str())
    }

    pub(crate) fn is_bare(&self) -> bool {
        let value = self.get("core", None, "bare").unwrap_or("false").to_ascii_lowercase();
        matches!(value.as_str(), "true" | "yes" | "on" | "1")
    }
}

fn behind_line(text: &str) -> &str {
    text.find('\n').map_or("", |at| &text[at + 1..])
}

/// `section]`, `section "sub"]` or `section.sub]`, and what stands behind it.
fn header(text: &str) -> (Option<(String, Option<String>)>, &str) {
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-' && letter != '.');
    let (name, rest) = text.split_at(end.unwrap_or(text.len()));
    let rest = rest.trim_start_matches([' ', '\t']);
    let name = name.to_ascii_lowercase();
    if let Some(behind) = rest.strip_prefix(']') {
        return match name.split_once('.') {
            Some((section, subsection)) => (Some((section.to_owned(), Some(subsection.to_owned()))), behind),
            None => (Some((name, None)), behind),
        };
    }
    let Some(quoted) = rest.strip_prefix('"') else { return (None, behind_line(rest)) };
    let mut subsection = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\n' => break,
            '\\' => subsection.extend(letters.next().map(|(_, letter)| letter)),
            '"' => {
                let behind = &quoted[at + 1..];
                let Some(behind) = behind.strip_prefix(']') else { break };
                return (Some((name, Some(subsection))), behind);
            }
            letter => subsection.push(letter),
        }
    }
    (None, behind_line(quoted))
}

/// The value behind `=`, and what stands behind its line.
fn value(text: &str) -> (String, &str) {
    let mut value = String::new();
    // What is kept when blanks at the end are taken away.
    let mut keep = 0;
    let mut is_quoted = false;
    let mut letters = text.trim_start_matches([' ', '\t']).char_indices();
    let start = text.len() - text.trim_start_matches([' ', '\t']).len();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\n' => return (kept(value, keep), &text[start + at + 1..]),
            '#' | ';' if !is_quoted => return (kept(value, keep), behind_line(&text[start + at..])),
            '"' => {
                is_quoted = !is_quoted;
                keep = value.len();
            }
            '\\' => match letters.next() {
                Some((_, '\r')) | None => {}
                Some((_, '\n')) => keep = value.len(),
                Some((_, escaped)) => {
                    value.push(match escaped {
                        'n' => '\n',
                        't' => '\t',
                        'b' => '\u{8}',
                        other => other,
                    });
                    keep = value.len();
                }
            },
            letter => {
                value.push(letter);
                if is_quoted || !letter.is_whitespace() {
                    keep = value.len();
                }
            }
        }
    }
    (kept(value, keep), "")
}

fn kept(mut value: String, length: usize) -> String {
    value.truncate(length);
    value
}

#[cfg(test)]
mod tests {
    use super::Config;
    use proptest::prelude::*;

    #[test]
    fn settings_are_read_as_git_writes_them() {
        let config = Config::parse(
            b"\xef\xbb\xbf# comment\n[core]\n\tbare = false ; no\n\tBARE\n[Remote \"or\\\"igin\"]\r\n\turl = \"a # b\" c  # d\r\n\
              [remote.Low] url = https://e.com/x\n[broken\n[remote \"origin\"]\nurl=one\\\n  two\nurl = second\n[branch \"x\"]\n",
        );
        assert!(config.is_bare());
        assert_eq!(config.get("remote", Some("or\"igin"), "url"), Some("a # b c"));
        assert_eq!(config.get("remote", Some("low"), "url"), Some("https://e.com/x"));
        assert_eq!(config.remote_name(), Some("origin"));
        assert_eq!(config.remote_url(), Some("one  two"));
        assert_eq!(config.get("core", None, "worktree"), None);
        assert_eq!(
            Config::parse(b"[remote \"b\"]\nurl = x\n[remote \"a\"]\nurl = y\n").remote_name(),
            Some("b")
        );
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            Config::parse(&bytes);
        }

        #[test]
        fn no_text_of_settings_is_too_odd(text in "[\\[\\]\"\\\\#;= \n\ta-c\r.é-]{0,80}") {
            Config::parse(text.as_bytes()).remote_url();
        }
    }
}
