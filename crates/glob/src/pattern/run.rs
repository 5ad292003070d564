//! Running the machine over names: all places at once, so that the time is that of the path times the pattern.

use super::{
    program::{Program, Step},
    unit::{fold, units},
};

/// Where the machine stands in a folder: places in the program, twice their number, plus one where no dot may follow.
pub(crate) type States = Box<[u32]>;

/// What stays from one run to the next: memory for the places.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    now: Places,
    next: Places,
    pending: Vec<u32>,
}

/// A set of places that is emptied at once.
#[derive(Debug, Default)]
struct Places {
    list: Vec<u32>,
    mark: Vec<u32>,
    round: u32,
}

impl Places {
    fn clear(&mut self, size: usize) {
        self.list.clear();
        if self.mark.len() < size {
            self.mark.resize(size, 0);
        }
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.mark.fill(0);
            self.round = 1;
        }
    }

    fn insert(&mut self, place: u32) -> bool {
        let mark = &mut self.mark[place as usize];
        let is_new = *mark != self.round;
        *mark = self.round;
        is_new
    }
}

const SLASH: u32 = '/' as u32;
const DOT: u32 = '.' as u32;

impl Program {
    /// Where the machine stands in the root.
    pub(super) fn begin(&self, scratch: &mut Scratch) -> States {
        scratch.next.clear(self.steps.len() * 2);
        if !self.steps.is_empty() {
            self.reach(0, true, &mut scratch.next, &mut scratch.pending);
        }
        scratch.next.list.as_slice().into()
    }

    /// Where the machine stands in a folder of this name; `None` when nothing below can match.
    pub(super) fn enter(&self, from: &[u32], name: &[u8], scratch: &mut Scratch) -> Option<States> {
        if self.takes_all(from) {
            return Some(from.into());
        }
        let end = self.read(from, units(name).chain([SLASH]), scratch)?;
        let has_steps = |&place: &u32| !matches!(self.steps[place as usize / 2], Step::Match);
        end.list.iter().any(has_steps).then(|| end.list.as_slice().into())
    }

    /// Whether a file of this name matches.
    pub(super) fn accepts(&self, from: &[u32], name: &[u8], scratch: &mut Scratch) -> bool {
        if self.takes_all(from) {
            return true;
        }
        let is_end = |&place: &u32| matches!(self.steps[place as usize / 2], Step::Match | Step::Rest);
        self.read(from, units(name), scratch).is_some_and(|end| end.list.iter().any(is_end))
    }

    /// Whether everything below a folder matches.
    pub(super) fn takes_all(&self, from: &[u32]) -> bool {
        from.iter().any(|&place| matches!(self.steps[place as usize / 2], Step::Rest))
    }

    /// The names in a folder that can match or lead to matches, when the patterns spell them all out; `None` when they do
    /// not, or are many.
    pub(super) fn named(&self, from: &[u32]) -> Option<Vec<String>> {
        const MOST: usize = 8;
        if self.case_insensitive || from.len() > MOST {
            return None;
        }
        let mut names: Vec<String> = Vec::with_capacity(from.len());
        for &place in from {
            if matches!(self.steps[place as usize / 2], Step::Match) {
                continue;
            }
            let name = self.literal_name(place as usize / 2)?;
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Some(names)
    }

    fn literal_name(&self, mut place: usize) -> Option<String> {
        let mut name = String::new();
        loop {
            match self.steps[place] {
                Step::Unit(SLASH) | Step::Match => return Some(name),
                Step::Unit(unit) => {
                    name.push(char::from_u32(unit)?);
                    place += 1;
                }
                Step::Jump(target) => place = target as usize,
                _ => return None,
            }
        }
    }

    fn read<'s>(
        &self,
        from: &[u32],
        name: impl Iterator<Item = u32>,
        scratch: &'s mut Scratch,
    ) -> Option<&'s Places> {
        let size = self.steps.len() * 2;
        let Scratch { now, next, pending } = scratch;
        next.clear(size);
        next.list.extend_from_slice(from);
        let mut is_first = true;
        for unit in name {
            std::mem::swap(now, next);
            next.clear(size);
            let unit = if self.case_insensitive { fold(unit) } else { unit };
            for &place in &now.list {
                let step = place as usize / 2;
                if matches!(self.steps[step], Step::Rest) {
                    next.list.push(place);
                } else if self.takes(place, unit, is_first) {
                    self.reach(step as u32 + 1, unit == SLASH, next, pending);
                }
            }
            if next.list.is_empty() {
                return None;
            }
            is_first = unit == SLASH;
        }
        Some(next)
    }

    fn takes(&self, place: u32, unit: u32, is_first: bool) -> bool {
        if place % 2 == 1 && unit == DOT {
            return false;
        }
        match &self.steps[place as usize / 2] {
            Step::Unit(wanted) => *wanted == unit,
            Step::Any { no_dot } => !(*no_dot && is_first && unit == DOT),
            Step::InFolder { no_dot } => unit != SLASH && !(*no_dot && is_first && unit == DOT),
            Step::Rest => true,
            Step::Class(index) => self.classes[*index as usize].has(unit, self.case_insensitive),
            Step::Split(..) | Step::Jump(_) | Step::NoDotFirst | Step::Match => false,
        }
    }

    /// Adds every place that takes a unit, or ends, and that can be reached from a step.
    fn reach(&self, step: u32, is_first: bool, places: &mut Places, pending: &mut Vec<u32>) {
        pending.push(step * 2);
        while let Some(place) = pending.pop() {
            if !places.insert(place) {
                continue;
            }
            let guard = place % 2;
            match self.steps[place as usize / 2] {
                Step::Split(one, other) => pending.extend([other * 2 + guard, one * 2 + guard]),
                Step::Jump(target) => pending.push(target * 2 + guard),
                Step::NoDotFirst => pending.push(place - guard + 2 + if is_first { 1 } else { guard }),
                _ => places.list.push(place),
            }
        }
    }
}
