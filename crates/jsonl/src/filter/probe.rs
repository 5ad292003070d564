//! Which bytes every line that can match must hold, so that other lines are passed over unread.
//!
//! A probe is a few needles of which a matching line has at least one. It is sound: a line without any of them cannot
//! match, however its keys and values are written. For each needle that JSON may also write with escapes there are
//! needles for the escapes that mean one of its characters. Bytes that are not UTF-8 become U+FFFD when a line is read, so a
//! needle holds no U+FFFD; every other character of a line that is read stands in the line as it is.

use super::{
    expression::{Expression, Leaf},
    needle::{Check, Needle, escapes_of},
    path::Segment,
    predicate::Predicate,
};
use std::{cmp::Reverse, sync::Arc};

/// Needles for the branches of groups; with more of them a search costs more than it spares.
const MAX_BRANCHES: usize = 4;
/// Needles of one probe: at most two for escapes are added.
const MAX_NEEDLES: usize = MAX_BRANCHES + 2;
/// Fewer characters of a value occur too often.
const SHORTEST_RUN: usize = 3;

/// What to look for in lines before they are read.
#[derive(Clone, Debug)]
pub(super) struct Probe {
    needles: Vec<Needle>,
}

impl Probe {
    /// The best probe for an expression; `None` when lines without any particular bytes may match.
    pub(super) fn of(leaves: &[Leaf], expression: &Expression) -> Option<Self> {
        let Choice { mut needles, characters, .. } = choose(leaves, expression, Prefer::Values)?;
        needles.extend(escapes_of(&characters));
        Some(Self { needles })
    }

    /// A search from the head of `lines` on.
    pub(super) fn search<'s>(&'s self, lines: &'s [u8]) -> ProbeSearch<'s> {
        ProbeSearch { needles: &self.needles, lines, found: [0; MAX_NEEDLES], searched: false }
    }
}

/// Finds the places where a probe hits, in ascending order.
#[derive(Debug)]
pub(super) struct ProbeSearch<'s> {
    needles: &'s [Needle],
    lines: &'s [u8],
    /// The next hit of each needle; `usize::MAX` when there is none.
    found: [usize; MAX_NEEDLES],
    /// Whether `found` holds hits yet.
    searched: bool,
}

impl ProbeSearch<'_> {
    /// The first hit at or behind `from`, which never goes back.
    pub(super) fn next(&mut self, from: usize) -> Option<usize> {
        for (needle, found) in self.needles.iter().zip(&mut self.found) {
            if !self.searched || *found < from {
                *found = needle.find(self.lines, from).unwrap_or(usize::MAX);
            }
        }
        self.searched = true;
        let nearest = self.found.iter().take(self.needles.len()).min()?;
        (*nearest != usize::MAX).then_some(*nearest)
    }
}

/// Needles without those for escapes.
struct Choice {
    needles: Vec<Needle>,
    /// All characters that stand in the needles and their checks, and could be written as escapes.
    characters: String,
    /// How rare hits are thought to be.
    rank: Rank,
}

/// How rare the hits of a needle are thought to be, in ascending order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// A key, with a value that is looked at only when the line is read.
    Key,
    /// A key with some values.
    SomeValues,
    /// Characters of a value: the longer the rarer.
    Run(usize),
}

/// Which needles are taken for a condition that has both.
#[derive(Clone, Copy)]
enum Prefer {
    /// Those of its value, which are rarer.
    Values,
    /// Those of its key, which branches may have in common.
    Keys,
}

fn choose(leaves: &[Leaf], expression: &Expression, prefer: Prefer) -> Option<Choice> {
    match expression {
        Expression::Leaf(leaf) => choose_for_leaf(&leaves[*leaf], prefer),
        Expression::All(parts) => {
            parts.iter().filter_map(|part| choose(leaves, part, prefer)).max_by_key(|choice| choice.rank)
        }
        Expression::Any(parts) => parts
            .iter()
            .map(|part| choose(leaves, part, Prefer::Keys))
            .reduce(|one, other| Some(either(one?, other?)))
            .flatten()
            .filter(|choice| choice.needles.len() <= MAX_BRANCHES),
        // What does not hold may be missing.
        Expression::Not(_) => None,
    }
}

/// The needles of both; one needle where both look at the values of the same key.
fn either(mut one: Choice, other: Choice) -> Choice {
    for needle in other.needles {
        let same = one.needles.iter_mut().find(|known| known.finder.needle() == needle.finder.needle());
        match (same.map(|known| &mut known.check), needle.check) {
            (Some(Check::ValueHolds(known)), Check::ValueHolds(predicates)) => known.extend(predicates),
            (_, check) => one.needles.push(Needle { check, ..needle }),
        }
    }
    one.characters.push_str(&other.characters);
    one.rank = one.rank.min(other.rank);
    one
}

fn choose_for_leaf(leaf: &Leaf, prefer: Prefer) -> Option<Choice> {
    let by_value = || choose_value(leaf);
    let by_key = || choose_key(leaf);
    match (prefer, &*leaf.predicate) {
        // Whether a long text holds another is seen only when its line is read, so the key alone tells little.
        (Prefer::Values, _) | (_, Predicate::Contains(_)) => by_value().or_else(by_key),
        (Prefer::Keys, _) => by_key().or_else(by_value),
    }
}

/// The last key of the path that can be a needle. A missing field holds nothing, so the key must be there.
fn choose_key(leaf: &Leaf) -> Option<Choice> {
    let mut keys = leaf.path.iter().enumerate().rev();
    let (index, key) = keys.find_map(|(index, segment)| Some((index, needle_key(segment)?)))?;
    let is_last = index + 1 == leaf.path.len();
    let check =
        if is_last { Check::ValueHolds(vec![Arc::clone(&leaf.predicate)]) } else { Check::ValueOpens };
    let rank = match (&check, &*leaf.predicate) {
        (Check::ValueOpens, _) | (_, Predicate::IsPresent | Predicate::IsNoneOf(_)) => Rank::Key,
        _ => Rank::SomeValues,
    };
    let needles = vec![Needle::new(quoted(key).as_bytes(), check)];
    Some(Choice { needles, characters: key.to_owned(), rank })
}

/// The key of a segment, when it means nothing else and each character stands for itself in JSON.
fn needle_key(segment: &Segment) -> Option<&str> {
    match segment {
        Segment::Key(key) => Some(&**key).filter(|key| key.chars().all(stands_for_itself)),
        Segment::Index(_) | Segment::KeyOrIndex(..) => None,
    }
}

/// The longest run of characters that the value must hold.
fn choose_value(leaf: &Leaf) -> Option<Choice> {
    let needed = Needed::by(&leaf.predicate)?;
    let run = needed.longest_run()?;
    let key = leaf.path.last().and_then(needle_key);
    let mut needle = String::new();
    let mut characters = run.to_owned();
    let mut check = Check::Occurs;
    if needed.begins && needed.text.starts_with(run) {
        needle.push('"');
        if let Some(key) = key {
            check = Check::StandsBehind(quoted(key).into_bytes().into());
            characters.push_str(key);
        }
    }
    needle.push_str(run);
    if needed.ends && needed.text.len() == run.len() {
        needle.push('"');
    }
    Some(Choice {
        needles: vec![Needle::new(needle.as_bytes(), check)],
        characters,
        rank: Rank::Run(run.len()),
    })
}

/// A text that must stand in the value.
struct Needed<'p> {
    text: &'p str,
    /// Whether the value is a string that begins with it.
    begins: bool,
    /// Whether it ends with it too.
    ends: bool,
    /// Whether the value may be of another type, whose JSON text has no blanks between its parts; the line may.
    in_any_type: bool,
}

impl<'p> Needed<'p> {
    fn by(predicate: &'p Predicate) -> Option<Self> {
        match predicate {
            Predicate::IsOneOf(literals) => {
                Some(Self { text: literals.only_text()?, begins: true, ends: true, in_any_type: false })
            }
            Predicate::StartsWith(text) => Some(Self { text, begins: true, ends: false, in_any_type: false }),
            Predicate::Contains(finder) => {
                let text = std::str::from_utf8(finder.needle()).ok()?;
                Some(Self { text, begins: false, ends: false, in_any_type: true })
            }
            _ => None,
        }
    }

    /// The longest part that stands in the line as it is, when no escape is used.
    fn longest_run(&self) -> Option<&'p str> {
        let ends_run = |character: char| {
            let may_have_blanks = matches!(character, '{' | '}' | '[' | ']' | ':' | ',');
            !stands_for_itself(character) || self.in_any_type && may_have_blanks
        };
        let runs = self.text.split(ends_run);
        runs.min_by_key(|run| Reverse(run.len())).filter(|run| run.len() >= SHORTEST_RUN)
    }
}

/// Whether JSON may write the character as it is, and bytes that are not UTF-8 never mean it.
fn stands_for_itself(character: char) -> bool {
    character >= ' ' && !matches!(character, '"' | '\\' | char::REPLACEMENT_CHARACTER)
}

fn quoted(key: &str) -> String {
    format!("\"{key}\"")
}
