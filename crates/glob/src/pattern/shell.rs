//! Patterns as shells and JavaScript tools read them.

use super::{
    node::{Class, Node, literal},
    range,
    reader::{MAX_NESTING, Reader},
};
use han_base::Result;

/// A pattern, and whether it takes away what it matches.
pub(super) struct Parsed {
    pub(super) takes_away: bool,
    pub(super) nodes: Vec<Node>,
}

/// Reads a pattern.
pub(super) fn parse(pattern: &str) -> Result<Parsed> {
    let mut parser = Parser { reader: Reader::new(pattern, 0)?, open: Vec::new() };
    let mut takes_away = false;
    while parser.reader.peek() == Some('!') && parser.reader.peek_by(1) != Some('(') {
        parser.reader.at += 1;
        takes_away = !takes_away;
    }
    while parser.reader.starts_with("./") {
        parser.reader.at += 2;
    }
    parser.refuse_parents()?;
    Ok(Parsed { takes_away, nodes: parser.sequence()? })
}

/// What is open around a sequence, and so may end it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    Braces,
    Group,
}

struct Parser<'p> {
    reader: Reader<'p>,
    /// What is open, and where it begins.
    open: Vec<(Around, usize)>,
}

impl Parser<'_> {
    /// Nothing outside of the root is ever looked at, so that a pattern that asks for it can only be a mistake.
    fn refuse_parents(&self) -> Result<()> {
        if self.reader.starts_with("../") {
            return Err(self.reader.wrong(self.reader.at, "`..` leads out of the root"));
        }
        Ok(())
    }

    /// What stands up to the end, or to what divides or closes the innermost braces or group.
    fn sequence(&mut self) -> Result<Vec<Node>> {
        let mut nodes = Vec::new();
        loop {
            if self.at_end_of_choice() {
                return Ok(nodes);
            }
            let place = self.reader.at;
            let Some(letter) = self.reader.next() else { break };
            match letter {
                '@' | '?' | '*' | '+' | '!' if self.reader.peek() == Some('(') => {
                    nodes.push(self.extended(letter, place)?);
                }
                '(' => nodes.push(Node::Either(self.choices(Around::Group, place)?)),
                '?' => nodes.push(Node::One { in_folder: true }),
                '*' => self.stars(place, &mut nodes),
                '[' => nodes.push(self.class(place)?),
                '{' => nodes.extend(self.braces(place)?),
                '\\' => match self.reader.next() {
                    Some(letter) => nodes.push(Node::Literal(letter)),
                    None => return Err(self.reader.wrong(place, "nothing stands behind the backslash")),
                },
                letter => nodes.push(Node::Literal(letter)),
            }
        }
        match self.open.last() {
            Some(&(Around::Braces, place)) => Err(self.reader.wrong(place, "this `{` is never closed")),
            Some(&(Around::Group, place)) => Err(self.reader.wrong(place, "this `(` is never closed")),
            None => Ok(nodes),
        }
    }

    fn at_end_of_choice(&self) -> bool {
        match self.open.last() {
            Some((Around::Braces, _)) => matches!(self.reader.peek(), Some(',' | '}')),
            Some((Around::Group, _)) => matches!(self.reader.peek(), Some('|' | ')')),
            None => false,
        }
    }

    /// The choices of braces or a group whose opening sign has been read, up to behind the closing one.
    fn choices(&mut self, around: Around, place: usize) -> Result<Vec<Vec<Node>>> {
        if self.open.len() >= MAX_NESTING {
            return Err(self.reader.wrong(place, "there are too many braces and groups in each other"));
        }
        self.open.push((around, place));
        let mut choices = vec![self.sequence()?];
        while matches!(self.reader.next(), Some(',' | '|')) {
            choices.push(self.sequence()?);
        }
        self.open.pop();
        Ok(choices)
    }

    /// `@(a|b)` and its like; the sign before the `(` has been read.
    fn extended(&mut self, sign: char, place: usize) -> Result<Node> {
        if sign == '!' {
            let what = "`!(…)` is not supported; take away with a pattern of its own that begins with `!`";
            return Err(self.reader.wrong(place, what));
        }
        self.reader.at += 1;
        let choices = self.choices(Around::Group, place + 1)?;
        Ok(match sign {
            '@' => Node::Either(choices),
            _ => Node::Repeat { choices, or_none: sign != '+', or_more: sign != '?' },
        })
    }

    /// Braces whose `{` has been read: choices, a range, or only text.
    fn braces(&mut self, place: usize) -> Result<Vec<Node>> {
        if let Some((nodes, length)) = range::parse(&self.reader, place)? {
            self.reader.at += length;
            return Ok(vec![nodes]);
        }
        let mut choices = self.choices(Around::Braces, place)?;
        if choices.len() > 1 {
            return Ok(vec![Node::Either(choices)]);
        }
        // `{a}` is no choice: the braces are text.
        let mut nodes = vec![Node::Literal('{')];
        nodes.append(&mut choices[0]);
        nodes.push(Node::Literal('}'));
        Ok(nodes)
    }

    /// Stars, the first of which has been read.
    fn stars(&mut self, place: usize, nodes: &mut Vec<Node>) {
        while self.reader.peek() == Some('*') && self.reader.peek_by(1) != Some('(') {
            self.reader.at += 1;
        }
        let is_double = self.reader.at - place >= 2;
        let is_first = nodes.is_empty() || matches!(nodes.last(), Some(Node::Literal('/') | Node::Folders));
        match self.reader.peek() {
            Some('/') if is_double && is_first => {
                self.reader.at += 1;
                if nodes.last() != Some(&Node::Folders) {
                    nodes.push(Node::Folders);
                }
            }
            _ if is_double && is_first && (self.reader.peek().is_none() || self.at_end_of_choice()) => {
                end_with_names(nodes);
            }
            _ => nodes.push(Node::Many { in_folder: true }),
        }
    }

    /// A class whose `[` has been read.
    fn class(&mut self, opened: usize) -> Result<Node> {
        let mut class = Class { in_folder: true, ..Class::default() };
        class.is_negated = matches!(self.reader.peek(), Some('!' | '^'));
        self.reader.at += usize::from(class.is_negated);
        let first = self.reader.at;
        loop {
            let place = self.reader.at;
            let Some(letter) = self.reader.next() else {
                return Err(self.reader.wrong(opened, "this `[` is never closed"));
            };
            match letter {
                ']' if place > first => break,
                '[' if self.reader.peek() == Some(':') => self.named_class(place, &mut class)?,
                letter => self.class_range(letter, place, &mut class)?,
            }
        }
        let inside = self.reader.text(first, self.reader.at - 1);
        if class.is_negated || inside.contains(|letter| "-*+?.^${}(|)[]\\/:".contains(letter)) {
            return Ok(Node::Class(class));
        }
        // `[id].ts` is also the name of a file, and then meant so.
        let text = literal(&format!("[{inside}]")).collect();
        Ok(Node::Either(vec![text, vec![Node::Class(class)]]))
    }

    /// `[:alpha:]` and its like; the `[` has been read.
    fn named_class(&mut self, place: usize, class: &mut Class) -> Result<()> {
        let mut end = self.reader.at + 1;
        while end - place < 12
            && self.reader.peek_by(end - self.reader.at).is_some_and(|letter| letter != ':')
        {
            end += 1;
        }
        let name = self.reader.text(self.reader.at + 1, end.min(self.reader.at + 12));
        let ranges = named_ranges(&name);
        if ranges.is_empty() || self.reader.peek_by(end + 1 - self.reader.at) != Some(']') {
            return Err(self.reader.wrong(place, "there is no such named class"));
        }
        class.ranges.extend(ranges);
        self.reader.at = end + 2;
        Ok(())
    }

    /// A character or a range whose first character has been read.
    fn class_range(&mut self, letter: char, place: usize, class: &mut Class) -> Result<()> {
        let first = self.escaped(letter, place)?;
        let is_range = self.reader.peek() == Some('-') && !matches!(self.reader.peek_by(1), None | Some(']'));
        if !is_range {
            class.ranges.push((first, first));
            return Ok(());
        }
        self.reader.at += 1;
        let end = self.reader.at;
        let letter = self.reader.next().unwrap_or(first);
        let last = self.escaped(letter, end)?;
        if first > last {
            return Err(self.reader.wrong(end, "the range ends before it begins"));
        }
        class.ranges.push((first, last));
        Ok(())
    }

    fn escaped(&mut self, letter: char, place: usize) -> Result<char> {
        if letter != '\\' {
            return Ok(letter);
        }
        self.reader.next().ok_or_else(|| self.reader.wrong(place, "nothing stands behind the backslash"))
    }
}

/// `**` at the end: all below. `a/**` is `a` too, but `*/**` is not `*`.
fn end_with_names(nodes: &mut Vec<Node>) {
    let is_below = nodes.len() > 2 && nodes.ends_with(&[Node::Literal('/'), Node::Folders]);
    if nodes.last() == Some(&Node::Folders) {
        nodes.pop();
    }
    if is_below {
        // `a/**/**` is `a/**`.
        return end_with_names(nodes);
    }
    if let [.., before, Node::Literal('/')] = &nodes[..]
        && !matches!(before, Node::Many { .. })
    {
        nodes.pop();
        nodes.push(Node::Either(vec![Vec::new(), vec![Node::Literal('/'), Node::Names]]));
    } else {
        nodes.push(Node::Names);
    }
}

fn named_ranges(name: &str) -> &'static [(char, char)] {
    match name {
        "alnum" => &[('a', 'z'), ('A', 'Z'), ('0', '9')],
        "alpha" => &[('a', 'z'), ('A', 'Z')],
        "ascii" => &[('\0', '\x7f')],
        "blank" => &[(' ', ' '), ('\t', '\t')],
        "cntrl" => &[('\0', '\x1f'), ('\x7f', '\x7f')],
        "digit" => &[('0', '9')],
        "graph" => &[('!', '~')],
        "lower" => &[('a', 'z')],
        "print" => &[(' ', '~')],
        "punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        "space" => &[(' ', ' '), ('\t', '\r')],
        "upper" => &[('A', 'Z')],
        "word" => &[('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')],
        "xdigit" => &[('0', '9'), ('a', 'f'), ('A', 'F')],
        _ => &[],
    }
}
