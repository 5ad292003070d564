//! What a pattern says, whichever rules it was written in.

use super::unit::{fold, units};

/// One part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// This character.
    Literal(char),
    /// One character. Only one that is no `/`, and no dot that hides a name, when `in_folder`.
    One { in_folder: bool },
    /// Any characters. None that is a `/`, and not the dot that hides a name, when `in_folder`.
    Many { in_folder: bool },
    /// Whole names with their `/` behind them, any number: `**/`.
    Folders,
    /// Any characters, but no dot that hides a name: `**` at the end.
    Names,
    /// One character of a class.
    Class(Class),
    /// One of several sequences.
    Either(Vec<Vec<Node>>),
    /// One of several sequences, several times.
    Repeat { choices: Vec<Vec<Node>>, or_none: bool, or_more: bool },
}

/// A set of characters between brackets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Class {
    pub(super) is_negated: bool,
    /// Whether a `/` is never in it.
    pub(super) in_folder: bool,
    pub(super) ranges: Vec<(char, char)>,
}

impl Class {
    /// Whether a unit of a name is in the set; units that are no characters are only in negated ones.
    pub(super) fn has(&self, unit: u32, case_insensitive: bool) -> bool {
        if self.in_folder && unit == u32::from('/') {
            return false;
        }
        let is_listed = if case_insensitive { self.lists_any_case(unit) } else { self.lists(unit) };
        is_listed != self.is_negated
    }

    fn lists(&self, unit: u32) -> bool {
        self.ranges.iter().any(|&(first, last)| (u32::from(first)..=u32::from(last)).contains(&unit))
    }

    fn lists_any_case(&self, unit: u32) -> bool {
        let upper = char::from_u32(unit).map_or(unit, |letter| single(letter.to_uppercase()).unwrap_or(unit));
        self.lists(unit) || self.lists(fold(unit)) || self.lists(upper)
    }
}

fn single(mut letters: impl Iterator<Item = char>) -> Option<u32> {
    let first = letters.next()?;
    letters.next().is_none().then(|| u32::from(first))
}

/// The texts that one of must stand at the end of whatever matches; `None` when nothing can be said.
pub(super) fn endings(nodes: &[Node]) -> Option<Vec<String>> {
    match nodes.last()? {
        Node::Literal(_) => {
            let run = nodes.iter().rev().map_while(|node| match node {
                Node::Literal(letter) => Some(*letter),
                _ => None,
            });
            let mut run: Vec<char> = run.collect();
            run.reverse();
            let text: String = run.into_iter().collect();
            // Only names are looked at, so what stands before the last `/` cannot be asked for.
            Some(vec![text.rsplit('/').next().unwrap_or_default().to_owned()])
                .filter(|all| !all[0].is_empty())
        }
        Node::Either(choices) => {
            let mut all = Vec::new();
            for choice in choices {
                all.extend(endings(choice)?);
            }
            Some(all)
        }
        _ => None,
    }
}

/// The units of a text.
pub(super) fn literal(text: &str) -> impl Iterator<Item = Node> {
    debug_assert!(units(text.as_bytes()).count() == text.chars().count());
    text.chars().map(Node::Literal)
}
