//! Patterns as one small machine that reads a path once, whatever the patterns are.

use super::node::{Class, Node};
use super::unit::fold;
use han_base::{Code, Error, Result};

/// Steps of all patterns together at most: some tens of megabytes.
const MAX_STEPS: usize = 1_000_000;

/// What the machine does at one place.
#[derive(Debug)]
pub(super) enum Step {
    /// Takes this unit.
    Unit(u32),
    /// Takes any unit; not the dot that hides a name when `no_dot`.
    Any { no_dot: bool },
    /// As `Any`, but no `/`.
    InFolder { no_dot: bool },
    /// Takes a unit of a class.
    Class(u32),
    /// Goes on at two places.
    Split(u32, u32),
    /// Goes on elsewhere.
    Jump(u32),
    /// At the head of a name: its first unit is no dot.
    NoDotFirst,
    /// Whatever follows matches, if anything does.
    Rest,
    /// A path that ends here matches.
    Match,
}

/// The machine. It begins at its first step.
#[derive(Debug, Default)]
pub(super) struct Program {
    pub(super) steps: Vec<Step>,
    pub(super) classes: Vec<Class>,
    pub(super) case_insensitive: bool,
    hides_dots: bool,
}

impl Program {
    /// Puts patterns together. `hides_dots`: wildcards do not match the dot that hides a name.
    pub(super) fn compile(patterns: &[Vec<Node>], case_insensitive: bool, hides_dots: bool) -> Result<Self> {
        let mut program = Self { case_insensitive, hides_dots, ..Self::default() };
        program.choices(patterns.len(), |program, index| {
            program.whole(&patterns[index])?;
            program.push(Step::Match)
        })?;
        Ok(program)
    }

    fn push(&mut self, step: Step) -> Result<()> {
        if self.steps.len() >= MAX_STEPS {
            let attempt = "put the patterns together: they have too many parts".to_owned();
            return Err(Error::new(Code::InvalidPattern, attempt));
        }
        self.steps.push(step);
        Ok(())
    }

    fn here(&self) -> u32 {
        self.steps.len() as u32
    }

    /// A whole pattern. What matches everything at its end is told apart: then nothing has to be read any more.
    fn whole(&mut self, nodes: &[Node]) -> Result<()> {
        let Some((last, before)) = nodes.split_last() else { return Ok(()) };
        match last {
            Node::Many { in_folder: false } => {
                self.sequence(before)?;
                self.push(Step::Rest)
            }
            Node::Names if !self.hides_dots => {
                self.sequence(before)?;
                self.push(Step::Rest)
            }
            Node::Either(choices) => {
                self.sequence(before)?;
                self.choices(choices.len(), |program, index| program.whole(&choices[index]))
            }
            _ => self.sequence(nodes),
        }
    }

    fn sequence(&mut self, nodes: &[Node]) -> Result<()> {
        nodes.iter().try_for_each(|node| self.node(node))
    }

    fn node(&mut self, node: &Node) -> Result<()> {
        match node {
            Node::Literal(letter) => {
                let unit = u32::from(*letter);
                self.push(Step::Unit(if self.case_insensitive { fold(unit) } else { unit }))
            }
            Node::One { in_folder: false } => self.push(Step::Any { no_dot: false }),
            Node::One { in_folder: true } => self.push(Step::InFolder { no_dot: self.hides_dots }),
            Node::Many { in_folder } => self.many(*in_folder),
            Node::Folders => self.folders(),
            Node::Names => self.many_units(Step::Any { no_dot: self.hides_dots }),
            Node::Class(class) => {
                self.classes.push(class.clone());
                self.push(Step::Class(self.classes.len() as u32 - 1))
            }
            Node::Either(choices) => {
                self.choices(choices.len(), |program, index| program.sequence(&choices[index]))
            }
            Node::Repeat { choices, or_none, or_more } => self.repeat(choices, *or_none, *or_more),
        }
    }

    fn many(&mut self, in_folder: bool) -> Result<()> {
        if in_folder && self.hides_dots {
            self.push(Step::NoDotFirst)?;
        }
        self.many_units(if in_folder {
            Step::InFolder { no_dot: false }
        } else {
            Step::Any { no_dot: false }
        })
    }

    fn many_units(&mut self, unit: Step) -> Result<()> {
        let head = self.here();
        self.push(Step::Split(head + 1, head + 3))?;
        self.push(unit)?;
        self.push(Step::Jump(head))
    }

    /// One name.
    fn name(&mut self) -> Result<()> {
        self.push(Step::InFolder { no_dot: self.hides_dots })?;
        self.many(true)
    }

    fn folders(&mut self) -> Result<()> {
        let head = self.here();
        self.push(Step::Split(head + 1, 0))?;
        self.name()?;
        self.push(Step::Unit(u32::from('/')))?;
        self.push(Step::Jump(head))?;
        self.steps[head as usize] = Step::Split(head + 1, self.here());
        Ok(())
    }

    fn repeat(&mut self, choices: &[Vec<Node>], or_none: bool, or_more: bool) -> Result<()> {
        let before = self.here();
        if or_none {
            self.push(Step::Split(before + 1, 0))?;
        }
        let head = self.here();
        self.choices(choices.len(), |program, index| program.sequence(&choices[index]))?;
        if or_more {
            let end = self.here();
            self.push(Step::Split(head, end + 1))?;
        }
        if or_none {
            self.steps[before as usize] = Step::Split(before + 1, self.here());
        }
        Ok(())
    }

    /// One of several parts, each written by `part`. Nothing matches when there are none.
    fn choices(&mut self, count: usize, part: impl Fn(&mut Self, usize) -> Result<()>) -> Result<()> {
        let mut ends = Vec::with_capacity(count);
        for index in 0..count {
            let head = self.here();
            let is_last = index + 1 == count;
            if !is_last {
                self.push(Step::Split(head + 1, 0))?;
            }
            part(self, index)?;
            if !is_last {
                ends.push(self.steps.len());
                self.push(Step::Jump(0))?;
                self.steps[head as usize] = Step::Split(head + 1, self.here());
            }
        }
        let end = self.here();
        for place in ends {
            self.steps[place] = Step::Jump(end);
        }
        Ok(())
    }
}
