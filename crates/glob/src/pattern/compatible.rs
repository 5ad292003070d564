//! Patterns whose `*` crosses folders.

use super::{
    node::{Class, Node},
    reader::{MAX_NESTING, Reader},
};
use han_base::Result;

/// A part as it is written; `**` is told apart by what stands around it.
enum Part {
    Plain(Node),
    /// `**/` at the head.
    AnyFoldersFirst,
    /// `/**/` in between.
    AnyFolders,
    /// `/**` at the end.
    Below,
    Either(Vec<Vec<Part>>),
}

/// Reads a pattern.
pub(super) fn parse(pattern: &str) -> Result<Vec<Node>> {
    let mut parser = Parser { reader: Reader::new(pattern, 0)?, open: Vec::new() };
    let parts = parser.sequence()?;
    if let [Part::AnyFoldersFirst] = parts[..] {
        return Ok(vec![Node::Many { in_folder: false }]);
    }
    Ok(nodes(parts))
}

struct Parser<'p> {
    reader: Reader<'p>,
    /// Where the braces begin that are open.
    open: Vec<usize>,
}

impl Parser<'_> {
    /// What stands up to the end, or the `,` or `}` of the innermost braces.
    fn sequence(&mut self) -> Result<Vec<Part>> {
        let mut parts = Vec::new();
        loop {
            let place = self.reader.at;
            if matches!(self.reader.peek(), Some(',' | '}')) && !self.open.is_empty() {
                return Ok(parts);
            }
            match self.reader.next() {
                None => break,
                Some('?') => parts.push(Part::Plain(Node::One { in_folder: false })),
                Some('*') => self.star(place, &mut parts),
                Some('[') => parts.push(Part::Plain(Node::Class(class(&mut self.reader)?))),
                Some('{') => parts.push(self.either(place)?),
                Some('}') => return Err(self.reader.wrong(place, "there is no `{` before this `}`")),
                Some('\\') => match self.reader.next() {
                    Some(letter) => parts.push(Part::Plain(Node::Literal(letter))),
                    None => return Err(self.reader.wrong(place, "nothing stands behind the backslash")),
                },
                Some(letter) => parts.push(Part::Plain(Node::Literal(letter))),
            }
        }
        match self.open.last() {
            Some(&place) => Err(self.reader.wrong(place, "this `{` is never closed")),
            None => Ok(parts),
        }
    }

    fn either(&mut self, place: usize) -> Result<Part> {
        if self.open.len() >= MAX_NESTING {
            return Err(self.reader.wrong(place, "there are too many braces in each other"));
        }
        self.open.push(place);
        let mut choices = vec![self.sequence()?];
        while self.reader.next() == Some(',') {
            choices.push(self.sequence()?);
        }
        self.open.pop();
        Ok(Part::Either(choices))
    }

    /// One or two stars, the first of which has been read.
    fn star(&mut self, place: usize, parts: &mut Vec<Part>) {
        let many = || Part::Plain(Node::Many { in_folder: false });
        if self.reader.peek() != Some('*') {
            parts.push(many());
            return;
        }
        self.reader.at += 1;
        let before = place.checked_sub(1).and_then(|place| self.reader.text(place, place + 1).chars().next());
        let after = self.reader.peek();
        if parts.is_empty() {
            if matches!(after, None | Some('/')) {
                self.reader.next();
                parts.push(Part::AnyFoldersFirst);
            } else {
                parts.push(many());
            }
            return;
        }
        let is_last = match after {
            _ if before != Some('/') => return parts.push(many()),
            None => true,
            Some(',' | '}') if !self.open.is_empty() => true,
            Some('/') => false,
            _ => return parts.push(many()),
        };
        if !is_last {
            self.reader.at += 1;
        }
        // The `/` before it becomes a part of it.
        let replaced = match parts.pop() {
            Some(kept @ (Part::AnyFoldersFirst | Part::Below)) => kept,
            _ if is_last => Part::Below,
            _ => Part::AnyFolders,
        };
        parts.push(replaced);
    }
}

/// A class whose `[` has been read.
fn class(reader: &mut Reader<'_>) -> Result<Class> {
    let opened = reader.at - 1;
    let is_negated = matches!(reader.peek(), Some('!' | '^'));
    reader.at += usize::from(is_negated);
    let mut ranges: Vec<(char, char)> = Vec::new();
    let (mut is_first, mut is_range) = (true, false);
    loop {
        let place = reader.at;
        let Some(letter) = reader.next() else {
            return Err(reader.wrong(opened, "this `[` is never closed"));
        };
        match letter {
            ']' if !is_first => break,
            '-' if !is_first && !is_range => is_range = true,
            _ => {
                match ranges.last_mut().filter(|_| is_range) {
                    Some((first, _)) if *first > letter => {
                        return Err(reader.wrong(place, "the range ends before it begins"));
                    }
                    Some((_, last)) => *last = letter,
                    None => ranges.push((letter, letter)),
                }
                is_range = false;
            }
        }
        is_first = false;
    }
    if is_range {
        ranges.push(('-', '-'));
    }
    Ok(Class { is_negated, in_folder: false, ranges })
}

fn nodes(parts: Vec<Part>) -> Vec<Node> {
    let slash = || Node::Literal('/');
    let folders = || vec![Node::Many { in_folder: false }, slash()];
    let mut nodes = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Part::Plain(node) => nodes.push(node),
            Part::AnyFoldersFirst => nodes.push(Node::Either(vec![Vec::new(), vec![slash()], folders()])),
            Part::AnyFolders => nodes.extend([slash(), Node::Either(vec![Vec::new(), folders()])]),
            Part::Below => nodes.extend([slash(), Node::Many { in_folder: false }]),
            Part::Either(choices) => {
                // A choice that says nothing is no choice: `a{,b}` is `ab`.
                let said: Vec<_> =
                    choices.into_iter().map(self::nodes).filter(|choice| !choice.is_empty()).collect();
                if !said.is_empty() {
                    nodes.push(Node::Either(said));
                }
            }
        }
    }
    nodes
}
