//! The tokenizer once more, slow and clear: the oracle of the fast one. It copies and allocates freely and follows
//! the rules in their order; only the tables of characters are shared.

use super::{
    MAX_TOKEN, Token,
    fold::{self, Case, Kind},
    tokenize,
};
use std::ops::ControlFlow;

/// A token with its own text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owned {
    pub(crate) text: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) colocated: bool,
}

/// The tokens of the fast tokenizer.
pub(crate) fn fast(text: &str) -> Vec<Owned> {
    let mut tokens = Vec::new();
    let _ = tokenize(text, |Token { text, start, end, colocated }| {
        tokens.push(Owned { text: text.to_owned(), start, end, colocated });
        ControlFlow::<()>::Continue(())
    });
    tokens
}

/// A character of a run in its place.
#[derive(Clone, Debug)]
struct Place {
    source: char,
    folded: String,
    start: usize,
    end: usize,
}

impl Place {
    fn case(&self) -> Case {
        fold::case(self.source)
    }
}

/// The tokens of the slow tokenizer.
pub(crate) fn slow(text: &str) -> Vec<Owned> {
    let characters: Vec<(usize, char)> = text.char_indices().collect();
    let mut tokens = Vec::new();
    let mut index = 0;
    while index < characters.len() {
        let begins = fold::kind(characters[index].1);
        let belongs = |kind: Kind| match begins {
            Kind::Word | Kind::Joint => matches!(kind, Kind::Word | Kind::Joint | Kind::Mark),
            Kind::Dense => matches!(kind, Kind::Dense | Kind::Mark),
            Kind::Separator | Kind::Mark => false,
        };
        let length =
            characters[index..].iter().take_while(|(_, character)| belongs(fold::kind(*character))).count();
        let run = &characters[index..index + length];
        match begins {
            Kind::Word | Kind::Joint => tokens.extend(identifier(run)),
            Kind::Dense => tokens.extend(dense(run)),
            Kind::Separator | Kind::Mark => {}
        }
        index += length.max(1);
    }
    tokens
}

fn identifier(run: &[(usize, char)]) -> Vec<Owned> {
    let stretches: Vec<Vec<Place>> = run
        .split(|(_, character)| *character == '_')
        .map(places)
        .filter(|stretch| !stretch.is_empty())
        .collect();
    let parts: Vec<Owned> = stretches.iter().flat_map(|stretch| parts(stretch)).collect();
    let every: Vec<Place> = stretches.concat();
    let mut tokens = parts;
    if tokens.len() > 1 {
        let whole = Owned { colocated: true, ..shortened(&every) };
        if whole.text != tokens[0].text {
            tokens.insert(1, whole);
        }
    }
    tokens
}

/// The characters that leave something when folded; what leaves nothing lengthens the one before it.
fn places(stretch: &[(usize, char)]) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for &(start, source) in stretch {
        let mut folded = String::new();
        if fold::kind(source) == Kind::Word {
            fold::fold(source, |piece| folded.push(piece));
        }
        let end = start + source.len_utf8();
        if !folded.is_empty() {
            places.push(Place { source, folded, start, end });
        } else if let Some(last) = places.last_mut() {
            last.end = end;
        }
    }
    places
}

fn parts(stretch: &[Place]) -> Vec<Owned> {
    if stretch.iter().map(|place| place.folded.len()).sum::<usize>() > MAX_TOKEN {
        return vec![shortened(stretch)];
    }
    // A character without case has that of the letter before it.
    let mut inherited = Vec::new();
    for place in stretch {
        let before = inherited.last().copied().unwrap_or(Case::Neither);
        inherited.push(if place.case() == Case::Neither { before } else { place.case() });
    }
    let is_border = |index: usize| {
        let (before, here) = (inherited[index - 1], stretch[index].case());
        let next = stretch.get(index + 1).map(Place::case);
        here == Case::Upper && (before == Case::Lower || (before == Case::Upper && next == Some(Case::Lower)))
    };
    let borders: Vec<usize> =
        std::iter::once(0).chain((1..stretch.len()).filter(|&index| is_border(index))).collect();
    borders
        .iter()
        .enumerate()
        .map(|(number, &from)| {
            shortened(&stretch[from..borders.get(number + 1).copied().unwrap_or(stretch.len())])
        })
        .collect()
}

/// The characters as one token, as many as fit.
fn shortened(places: &[Place]) -> Owned {
    let mut text = String::new();
    let mut end = places[0].start;
    for place in places {
        if text.len() + place.folded.len() > MAX_TOKEN {
            break;
        }
        text.push_str(&place.folded);
        end = place.end;
    }
    Owned { text, start: places[0].start, end, colocated: false }
}

fn dense(run: &[(usize, char)]) -> Vec<Owned> {
    let mut letters: Vec<Place> = Vec::new();
    for &(start, source) in run {
        let end = start + source.len_utf8();
        if let Some(last) = letters.last_mut() {
            let before = last.folded.chars().next().expect("a letter");
            if let Some(joined) = fold::join_dense(before, source) {
                last.folded = joined.to_string();
                last.end = end;
                continue;
            }
            if fold::kind(source) == Kind::Mark {
                last.end = end;
                continue;
            }
        }
        letters.push(Place { source, folded: fold::fold_dense(source).to_string(), start, end });
    }
    let mut tokens: Vec<Owned> = letters
        .windows(2)
        .map(|pair| Owned {
            text: format!("{}{}", pair[0].folded, pair[1].folded),
            start: pair[0].start,
            end: pair[1].end,
            colocated: false,
        })
        .collect();
    let last = letters.last().expect("a run is not empty");
    tokens.push(Owned {
        text: last.folded.clone(),
        start: last.start,
        end: last.end,
        colocated: letters.len() > 1,
    });
    tokens
}
