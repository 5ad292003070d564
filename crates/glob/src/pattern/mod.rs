//! Patterns for paths: compiled once, then carried down a tree folder by folder.

mod compatible;
mod node;
mod program;
mod range;
mod reader;
mod run;
mod shell;
#[cfg(test)]
mod tests;
mod unit;

use crate::options::{MatchOptions, Rules};
use han_base::Result;
use node::{Node, endings};
use program::Program;
pub(crate) use run::{Scratch, States};

/// Endings that are asked for before a name is matched, at most.
const MAX_ENDINGS: usize = 16;

/// A list of patterns. A path matches when one of them does and none of those that take away.
///
/// Time grows with the length of the path times that of the patterns, whatever they are.
///
/// ```
/// use han_glob::{MatchOptions, Patterns, Rules};
///
/// let compatible = Patterns::compile(&["*.ts"], &MatchOptions::default())?;
/// assert!(compatible.is_match("src/main.ts"));
///
/// let shell = MatchOptions { rules: Rules::Shell, ..MatchOptions::default() };
/// let shell = Patterns::compile(&["src/*.{ts,tsx}", "!**/*.test.ts"], &shell)?;
/// assert!(shell.is_match("src/main.tsx"));
/// assert!(!shell.is_match("src/main.test.ts"));
/// # Ok::<(), han_base::Error>(())
/// ```
#[derive(Debug)]
pub struct Patterns {
    options: MatchOptions,
    give: Program,
    take_away: Option<Program>,
    /// One of these ends the name of every file that matches; empty when that cannot be said.
    endings: Vec<Box<[u8]>>,
    is_empty: bool,
}

/// Where patterns stand in a folder.
#[derive(Debug, Clone)]
pub(crate) struct Position {
    give: States,
    take_away: Option<States>,
}

impl Patterns {
    /// Reads patterns. No patterns match nothing.
    ///
    /// Codes: `INVALID_PATTERN`, with the pattern, the place and what is wrong there.
    pub fn compile<P: AsRef<str>>(patterns: &[P], options: &MatchOptions) -> Result<Self> {
        Self::compile_behind(&[], patterns, options)
    }

    /// As [`Patterns::compile`], for patterns that are to match in any folder.
    pub(crate) fn compile_anywhere<P: AsRef<str>>(patterns: &[P], options: &MatchOptions) -> Result<Self> {
        let folders = match options.rules {
            Rules::Compatible => {
                let folders = vec![Node::Many { in_folder: false }, Node::Literal('/')];
                Node::Either(vec![Vec::new(), folders])
            }
            Rules::Shell => Node::Folders,
        };
        Self::compile_behind(&[folders], patterns, options)
    }

    fn compile_behind<P: AsRef<str>>(head: &[Node], patterns: &[P], options: &MatchOptions) -> Result<Self> {
        let behind = |nodes: Vec<Node>| head.iter().cloned().chain(nodes).collect();
        let (mut give, mut take_away) = (Vec::new(), Vec::new());
        for pattern in patterns {
            let pattern = pattern.as_ref();
            match options.rules {
                Rules::Compatible => give.push(behind(compatible::parse(pattern)?)),
                Rules::Shell => {
                    let parsed = shell::parse(pattern)?;
                    if parsed.takes_away { &mut take_away } else { &mut give }.push(behind(parsed.nodes));
                }
            }
        }
        let hides_dots = options.rules == Rules::Shell && !options.dot;
        Ok(Self {
            options: *options,
            endings: if options.case_insensitive { Vec::new() } else { all_endings(&give) },
            is_empty: give.is_empty(),
            give: Program::compile(&give, options.case_insensitive, hides_dots)?,
            take_away: match take_away[..] {
                [] => None,
                _ => Some(Program::compile(&take_away, options.case_insensitive, hides_dots)?),
            },
        })
    }

    /// Whether a path matches: relative to the root, with `/` between names. Says nothing of ignore files.
    #[must_use]
    pub fn is_match(&self, path: &str) -> bool {
        self.is_match_bytes(path.as_bytes())
    }

    /// As [`Patterns::is_match`], for a path that may not be UTF-8.
    #[must_use]
    pub fn is_match_bytes(&self, path: &[u8]) -> bool {
        let scratch = &mut Scratch::default();
        let mut position = self.root(scratch);
        let mut rest = path;
        while let Some(end) = memchr::memchr(b'/', rest) {
            let Some(inside) = self.enter(&position, &rest[..end], scratch) else { return false };
            position = inside;
            rest = &rest[end + 1..];
        }
        self.accepts(&position, rest, scratch)
    }

    /// Whether there is no pattern that gives anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// Whether hidden entries are to be looked at: where patterns decide on them, or all are wanted.
    pub(crate) fn sees_hidden(&self) -> bool {
        self.options.dot || self.options.rules == Rules::Shell
    }

    pub(crate) fn root(&self, scratch: &mut Scratch) -> Position {
        Position {
            give: self.give.begin(scratch),
            take_away: self.take_away.as_ref().map(|program| program.begin(scratch)),
        }
    }

    /// Where the patterns stand in a folder below; `None` when nothing in it can match.
    pub(crate) fn enter(&self, from: &Position, name: &[u8], scratch: &mut Scratch) -> Option<Position> {
        let give = self.give.enter(&from.give, name, scratch)?;
        let mut take_away = None;
        if let (Some(program), Some(states)) = (&self.take_away, &from.take_away) {
            // A folder is taken away with all that lies in it.
            if program.accepts(states, name, scratch) {
                return None;
            }
            take_away = program.enter(states, name, scratch);
            if take_away.as_ref().is_some_and(|states| program.takes_all(states)) {
                return None;
            }
        }
        Some(Position { give, take_away })
    }

    /// Whether a file of this name matches.
    pub(crate) fn accepts(&self, position: &Position, name: &[u8], scratch: &mut Scratch) -> bool {
        if !self.endings.is_empty() && !self.endings.iter().any(|ending| name.ends_with(ending)) {
            return false;
        }
        if !self.give.accepts(&position.give, name, scratch) {
            return false;
        }
        match (&self.take_away, &position.take_away) {
            (Some(program), Some(states)) => !program.accepts(states, name, scratch),
            _ => true,
        }
    }

    /// The names in a folder that the patterns spell out, when they spell out all that they can match there.
    pub(crate) fn named(&self, position: &Position) -> Option<Vec<String>> {
        self.give.named(&position.give)
    }
}

fn all_endings(patterns: &[Vec<Node>]) -> Vec<Box<[u8]>> {
    let mut all: Vec<Box<[u8]>> = Vec::new();
    for pattern in patterns {
        let Some(endings) = endings(pattern) else { return Vec::new() };
        all.extend(endings.into_iter().map(|ending| ending.into_bytes().into_boxed_slice()));
    }
    all.sort_unstable();
    all.dedup();
    if all.len() > MAX_ENDINGS { Vec::new() } else { all }
}
