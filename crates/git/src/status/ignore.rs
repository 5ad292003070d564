//! What git does not look for: the rules of `.gitignore`, `info/exclude` and the file of the user.

use super::wildmatch;
use crate::{attributes::in_folder_of, small_file};
use git2::{ConfigLevel, Repository};
use std::{path::PathBuf, sync::Arc};

/// Rules of a folder and of those above it, the nearest first.
pub(crate) struct Rules {
    /// Bytes of the path of their folder, with the slash.
    base: usize,
    patterns: Vec<Pattern>,
    above: Option<Arc<Rules>>,
}

/// A larger file of rules is passed over.
pub(crate) const MAX_BYTES: u64 = 16 << 20;

/// A longer pattern matches no path.
const MAX_PATTERN: usize = 4096;

impl Rules {
    /// The rules that hold for the whole repository.
    pub(crate) fn of_repository(repository: &Repository) -> Option<Arc<Self>> {
        let of_user = excludes_file(repository);
        let exclude = repository.commondir().join("info/exclude");
        of_user.into_iter().chain([exclude]).fold(None, |above, file| {
            match small_file::read(&file, MAX_BYTES) {
                Some(bytes) => Self::below(above, 0, &bytes),
                None => above,
            }
        })
    }

    /// Rules of a folder, below those of others.
    pub(crate) fn below(above: Option<Arc<Self>>, base: usize, bytes: &[u8]) -> Option<Arc<Self>> {
        let patterns = patterns_of(bytes);
        if patterns.is_empty() { above } else { Some(Arc::new(Self { base, patterns, above })) }
    }

    /// Whether a path is ignored. Its folder is not: what lies in an ignored folder is never asked for.
    pub(crate) fn ignore(&self, path: &[u8], is_folder: bool) -> bool {
        let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let mut rules = Some(self);
        while let Some(Self { base, patterns, above }) = rules {
            let last = patterns.iter().rev().find(|pattern| pattern.matches(&path[*base..], name, is_folder));
            if let Some(pattern) = last {
                return !pattern.is_negative;
            }
            rules = above.as_deref();
        }
        false
    }
}

/// The file that a user keeps rules in, for all repositories.
fn excludes_file(repository: &Repository) -> Option<PathBuf> {
    let config = repository.config().ok()?;
    config.get_path("core.excludesfile").ok().or_else(|| in_folder_of(ConfigLevel::XDG, "ignore"))
}

struct Pattern {
    text: Vec<u8>,
    /// Bytes before the first letter with a meaning.
    literal: usize,
    is_negative: bool,
    of_folders: bool,
    /// Without a slash: for names at any depth.
    is_name: bool,
}

fn patterns_of(bytes: &[u8]) -> Vec<Pattern> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes.split(|byte| *byte == b'\n').filter_map(Pattern::read).collect()
}

impl Pattern {
    fn read(line: &[u8]) -> Option<Self> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.first() == Some(&b'#') {
            return None;
        }
        let line = without_blanks(line);
        let (is_negative, line) = line.strip_prefix(b"!").map_or((false, line), |rest| (true, rest));
        let (of_folders, line) = line.strip_suffix(b"/").map_or((false, line), |rest| (true, rest));
        if line.is_empty() || line.len() > MAX_PATTERN {
            return None;
        }
        let is_name = !line.contains(&b'/');
        let text = line.strip_prefix(b"/").unwrap_or(line).to_vec();
        let has_meaning = |byte: &u8| matches!(byte, b'*' | b'?' | b'[' | b'\\');
        let literal = text.iter().position(has_meaning).unwrap_or(text.len());
        Some(Self { text, literal, is_negative, of_folders, is_name })
    }

    /// `path` begins at the folder of the rules, and `name` is its last part.
    fn matches(&self, path: &[u8], name: &[u8], is_folder: bool) -> bool {
        if self.of_folders && !is_folder {
            return false;
        }
        let whole = if self.is_name { name } else { path };
        let (start, rest) = self.text.split_at(self.literal);
        let Some(behind) = whole.strip_prefix(start) else { return false };
        match rest {
            [] => behind.is_empty(),
            // What stars may follow is decided with the letter before them.
            _ => wildmatch::matches(&self.text, whole, !self.is_name),
        }
    }
}

/// A line without the spaces at its end that no backslash keeps.
fn without_blanks(line: &[u8]) -> &[u8] {
    let (mut end, mut at) = (0, 0);
    while at < line.len() {
        let is_blank = line[at] == b' ';
        at += if line[at] == b'\\' { 2 } else { 1 };
        if !is_blank {
            end = at.min(line.len());
        }
    }
    &line[..end]
}

#[cfg(test)]
mod tests {
    use super::{Rules, without_blanks};

    #[test]
    fn blanks_at_the_end_count_only_behind_a_backslash() {
        for (line, kept) in [
            ("a  ", "a"),
            ("a\\ ", "a\\ "),
            ("a\\  ", "a\\ "),
            (" a b ", " a b"),
            ("   ", ""),
            ("a\\", "a\\"),
        ] {
            assert_eq!(without_blanks(line.as_bytes()), kept.as_bytes(), "{line:?}");
        }
    }

    #[test]
    fn the_last_rule_that_matches_decides() {
        let above = Rules::below(None, 0, b"*.log\n!keep.log\nbuild/\n/top\n");
        let rules = Rules::below(above, 4, b"# none\n\\#x\nkeep.log\ndeep/**/end\r\n").unwrap();
        for (path, is_folder, ignored) in [
            ("sub/a.log", false, true),
            ("sub/keep.log", false, true),
            ("sub/build", true, true),
            ("sub/build", false, false),
            ("sub/top", false, false),
            ("sub/#x", false, true),
            ("sub/deep/a/b/end", false, true),
            ("sub/deep/end", true, true),
            ("sub/other/deep/end", true, false),
        ] {
            assert_eq!(rules.ignore(path.as_bytes(), is_folder), ignored, "{path}");
        }
    }
}
