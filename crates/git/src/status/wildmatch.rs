//! The patterns of ignore rules, with the answers of git's `wildmatch`.

use std::collections::HashSet;

/// Whether a pattern matches all of a text. With `keeps_slashes` only `**` between slashes matches a slash.
pub(crate) fn matches(pattern: &[u8], text: &[u8], keeps_slashes: bool) -> bool {
    let mut search = Search { pattern, text, keeps_slashes, steps: 0, failed: HashSet::new() };
    search.from(0, 0) == Outcome::Match
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Match,
    NoMatch,
    /// Nor does it match when a star before takes more of the text.
    Never,
    /// Only a star that crosses slashes can still make it match.
    NotInFolder,
}

struct Search<'m> {
    pattern: &'m [u8],
    text: &'m [u8],
    keeps_slashes: bool,
    steps: u32,
    /// Pairs of places that do not match, once there were many steps: some patterns would take for ever.
    failed: HashSet<(usize, usize)>,
}

/// Steps after which failures are remembered.
const PATIENCE: u32 = 1000;

impl Search<'_> {
    fn from(&mut self, pattern_at: usize, text_at: usize) -> Outcome {
        self.steps += 1;
        if self.steps < PATIENCE {
            return self.walk(pattern_at, text_at);
        }
        if self.failed.contains(&(pattern_at, text_at)) {
            return Outcome::NoMatch;
        }
        let outcome = self.walk(pattern_at, text_at);
        if outcome != Outcome::Match {
            self.failed.insert((pattern_at, text_at));
        }
        outcome
    }

    fn walk(&mut self, mut p: usize, mut t: usize) -> Outcome {
        while let Some(&wanted) = self.pattern.get(p) {
            let Some(&letter) = self.text.get(t) else {
                if wanted == b'*' {
                    return self.star(p, t).unwrap_or(Outcome::Never);
                }
                return Outcome::Never;
            };
            match wanted {
                b'?' if self.keeps_slashes && letter == b'/' => return Outcome::NoMatch,
                b'?' => {}
                b'*' => match self.star(p, t) {
                    Ok(outcome) => return outcome,
                    // One star and a slash: on behind the next slash of the text.
                    Err((star_end, slash)) => (p, t) = (star_end, slash),
                },
                b'[' => match self.set(p, letter) {
                    None => return Outcome::Never,
                    Some((false, _)) => return Outcome::NoMatch,
                    Some((true, _)) if self.keeps_slashes && letter == b'/' => return Outcome::NoMatch,
                    Some((true, end)) => p = end,
                },
                b'\\' => {
                    p += 1;
                    if self.pattern.get(p) != Some(&letter) {
                        return Outcome::NoMatch;
                    }
                }
                _ if wanted != letter => return Outcome::NoMatch,
                _ => {}
            }
            p += 1;
            t += 1;
        }
        if t == self.text.len() { Outcome::Match } else { Outcome::NoMatch }
    }

    /// What comes of the star at `p`, or the places of the slashes behind it in pattern and text.
    fn star(&mut self, p: usize, mut t: usize) -> Result<Outcome, (usize, usize)> {
        let stars = self.pattern[p..].iter().take_while(|byte| **byte == b'*').count();
        let rest = p + stars;
        let behind = &self.pattern[rest..];
        let mut crosses = !self.keeps_slashes;
        let is_between = (p == 0 || self.pattern[p - 1] == b'/')
            && (behind.is_empty() || behind[0] == b'/' || behind.starts_with(b"\\/"));
        if self.keeps_slashes && stars > 1 && is_between {
            // No folder at all.
            if behind.first() == Some(&b'/') && self.from(rest + 1, t) == Outcome::Match {
                return Ok(Outcome::Match);
            }
            crosses = true;
        }
        let next_slash = |t: usize| memchr::memchr(b'/', &self.text[t..]).map(|slash| t + slash);
        if behind.is_empty() {
            let is_here = crosses || next_slash(t).is_none();
            return Ok(if is_here { Outcome::Match } else { Outcome::NotInFolder });
        }
        if !crosses && behind[0] == b'/' {
            return next_slash(t).map_or(Ok(Outcome::Never), |slash| Err((rest, slash)));
        }
        while t < self.text.len() {
            if !matches!(behind[0], b'*' | b'?' | b'[' | b'\\') {
                let is_end = |byte: &u8| *byte == behind[0] || (!crosses && *byte == b'/');
                let skipped = self.text[t..].iter().position(is_end);
                t = skipped.map_or(self.text.len(), |skipped| t + skipped);
                if self.text.get(t) != Some(&behind[0]) {
                    return Ok(if crosses { Outcome::Never } else { Outcome::NotInFolder });
                }
            }
            if self.failed.contains(&(rest, t)) {
                // Another try of this star was here, and went on as far as it may.
                return Ok(if crosses { Outcome::Never } else { Outcome::NotInFolder });
            }
            match self.from(rest, t) {
                Outcome::NoMatch if !crosses && self.text[t] == b'/' => return Ok(Outcome::NotInFolder),
                Outcome::NoMatch => {}
                Outcome::NotInFolder if crosses => {}
                outcome => return Ok(outcome),
            }
            t += 1;
        }
        Ok(Outcome::Never)
    }

    /// Whether the set at `p` has a letter, and where the set ends; `None` when it does not end.
    fn set(&self, p: usize, letter: u8) -> Option<(bool, usize)> {
        let at = |p: usize| self.pattern.get(p).copied();
        let mut p = p + 1;
        let is_negated = matches!(at(p)?, b'!' | b'^');
        p += usize::from(is_negated);
        let mut has = false;
        let mut before = 0;
        // A bracket that comes first is one of the letters.
        loop {
            let mut byte = at(p)?;
            if byte == b'\\' {
                p += 1;
                byte = at(p)?;
                has |= letter == byte;
            } else if byte == b'-' && before != 0 && at(p + 1).is_some_and(|next| next != b']') {
                p += 1;
                if at(p)? == b'\\' {
                    p += 1;
                }
                has |= (before..=at(p)?).contains(&letter);
                byte = 0;
            } else if byte == b'[' && at(p + 1) == Some(b':') {
                let end = p + 2 + memchr::memchr(b']', self.pattern.get(p + 2..)?)?;
                if end > p + 2 && self.pattern[end - 1] == b':' {
                    has |= class(&self.pattern[p + 2..end - 1], letter)?;
                    (p, byte) = (end, 0);
                } else {
                    has |= letter == b'[';
                }
            } else {
                has |= letter == byte;
            }
            before = byte;
            p += 1;
            if at(p)? == b']' {
                return Some((has != is_negated, p));
            }
        }
    }
}

/// Whether a letter is of a class such as `alpha`; `None` for a class that does not exist.
fn class(name: &[u8], letter: u8) -> Option<bool> {
    Some(match name {
        b"alnum" => letter.is_ascii_alphanumeric(),
        b"alpha" => letter.is_ascii_alphabetic(),
        b"blank" => matches!(letter, b' ' | b'\t'),
        b"cntrl" => letter.is_ascii_control(),
        b"digit" => letter.is_ascii_digit(),
        b"graph" => letter.is_ascii_graphic(),
        b"lower" => letter.is_ascii_lowercase(),
        b"print" => letter.is_ascii_graphic() || letter == b' ',
        b"punct" => letter.is_ascii_punctuation(),
        b"space" => letter.is_ascii_whitespace() || letter == 0x0b,
        b"upper" => letter.is_ascii_uppercase(),
        b"xdigit" => letter.is_ascii_hexdigit(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_sets_and_classes_match_as_in_git() {
        for (pattern, text, in_path, anywhere) in [
            ("foo", "foo", true, true),
            ("", "", true, true),
            ("???", "foo", true, true),
            ("??", "foo", false, false),
            ("*", "foo", true, true),
            ("*f", "foo", false, false),
            ("*foo*", "foo", true, true),
            ("*ob*a*r*", "foobar", true, true),
            ("\\*", "*", true, true),
            ("foo\\*bar", "foo*bar", true, true),
            ("*[al]?", "ball", true, true),
            ("[!]a-]", "b", true, true),
            ("t[!a-g]n", "ton", true, true),
            ("a[]]b", "a]b", true, true),
            ("]", "]", true, true),
            ("foo*bar", "foo/baz/bar", false, true),
            ("foo**bar", "foo/baz/bar", false, true),
            ("foo?bar", "foo/bar", false, true),
            ("foo[/]bar", "foo/bar", false, true),
            ("foo/**/bar", "foo/bar", true, false),
            ("foo/**/**/bar", "foo/b/a/z/bar", true, true),
            ("foo/*/bar", "foo/bar", false, false),
            ("**/foo", "foo", true, false),
            ("**/foo", "XXX/foo", true, true),
            ("*/foo", "bar/baz/foo", false, true),
            ("**/bar*", "foo/bar/baz", false, true),
            ("**/bar/**", "deep/foo/bar/baz/", true, true),
            ("**/bar/**", "deep/foo/bar", false, false),
            ("*/bar/**", "foo/bar/baz/x", true, true),
            ("[[:alpha:]][[:digit:]][[:upper:]]", "a1B", true, true),
            ("[[:xdigit:]]", "5", true, true),
            ("[[:digit:][:upper:][:spaci:]]", "1", false, false),
            ("[a-c]b*", "bbb", true, true),
            ("[\\-^]", "-", true, true),
            ("[\\]]", "]", true, true),
            ("[a-", "a", false, false),
            ("[--A]", "5", true, true),
            (
                "-*-*-*-*-*-*-12-*-*-*-m-*-*-*",
                "-adobe-courier-bold-o-normal--12-120-75-75-m-70-iso8859-1",
                true,
                true,
            ),
            ("foo*", "foo/bba/arr", false, true),
            ("foo**", "foo/bba/arr", false, true),
            ("ab/cd/ef/*", "ab/cd/ef/gh", true, true),
            ("a/**", "a/b/c", true, true),
            ("*\\", "a\\", false, false),
        ] {
            assert_eq!(
                matches(pattern.as_bytes(), text.as_bytes(), true),
                in_path,
                "{pattern} in path {text}"
            );
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes(), false), anywhere, "{pattern} in {text}");
        }
    }

    #[test]
    fn no_pattern_takes_for_ever() {
        let text = "a/".repeat(800);
        for pattern in [
            "**/a/".repeat(300) + "b",
            "*a".repeat(700) + "b",
            "**/".repeat(1300) + "b",
            "[a]*".repeat(700) + "b",
        ] {
            for keeps_slashes in [true, false] {
                assert!(!matches(pattern.as_bytes(), text.as_bytes(), keeps_slashes));
            }
        }
    }
}
