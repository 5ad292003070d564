//! Identifiers: folding, cutting into parts, and the whole.

use super::{
    CLASS, DIGIT, JOINT, LOWER, MAX_TOKEN, Token, UPPER,
    fold::{self, Case, Kind},
    str_of,
};
use std::ops::ControlFlow;

/// A part of an identifier: where it stands in the folded buffer and in the source.
#[derive(Clone, Copy, Default)]
struct Part {
    /// Where its folded bytes begin; they end where those of the next part begin.
    folded: usize,
    start: usize,
    end: usize,
}

/// A folded identifier of at most [`MAX_TOKEN`] bytes and its parts.
pub(super) struct Identifier {
    buffer: [u8; MAX_TOKEN],
    length: usize,
    parts: [Part; MAX_TOKEN],
    /// Parts that have begun. Every part has at least one byte, so they fit.
    count: usize,
    /// The case of the last letter since the last joint.
    case: Case,
    /// Where the last character begins in buffer and source if it is an upper-case letter behind another.
    last_of_row: Option<(usize, usize)>,
    /// The next character begins a part, for a joint came before it.
    opens: bool,
}

impl Identifier {
    pub(super) fn new() -> Self {
        Self {
            buffer: [0; MAX_TOKEN],
            length: 0,
            parts: [Part::default(); MAX_TOKEN],
            count: 0,
            case: Case::Neither,
            last_of_row: None,
            opens: true,
        }
    }

    /// Makes room for another identifier.
    fn clear(&mut self) {
        self.length = 0;
        self.count = 0;
        self.joint();
    }

    fn joint(&mut self) {
        self.case = Case::Neither;
        self.last_of_row = None;
        self.opens = true;
    }

    /// Adds a character with its folded form and its place in the source. The form must fit and not be empty.
    fn push(&mut self, folded: &[u8], case: Case, start: usize, end: usize) {
        if self.opens || (case == Case::Upper && self.case == Case::Lower) {
            self.part(self.length, start);
            self.opens = false;
        } else if case == Case::Lower {
            // `XMLHttp`: the border is before the letter that came last.
            if let Some((folded, start)) = self.last_of_row {
                self.parts[self.count - 1].end = start;
                self.part(folded, start);
            }
        }
        self.last_of_row = (case == Case::Upper && self.case == Case::Upper).then_some((self.length, start));
        if case != Case::Neither {
            self.case = case;
        }
        self.buffer[self.length..self.length + folded.len()].copy_from_slice(folded);
        self.length += folded.len();
        self.parts[self.count - 1].end = end;
    }

    fn part(&mut self, folded: usize, start: usize) {
        self.parts[self.count] = Part { folded, start, end: start };
        self.count += 1;
    }

    /// A character without a folded form belongs to the one before it.
    fn extend(&mut self, end: usize) {
        if !self.opens {
            self.parts[self.count - 1].end = end;
        }
    }

    /// Adds any character of an identifier; false, and unchanged, when its folded form does not fit.
    fn push_any(&mut self, character: char, start: usize) -> bool {
        let end = start + character.len_utf8();
        if let Some(letter) = fold::letter(character)
            && letter.kind == Kind::Word
            && !letter.folded().is_empty()
        {
            let fits = letter.folded().len() <= MAX_TOKEN - self.length;
            if fits {
                self.push(letter.folded(), letter.case, start, end);
            }
            return fits;
        }
        match fold::kind(character) {
            Kind::Joint => self.joint(),
            Kind::Word => {
                let room = MAX_TOKEN - self.length;
                let mut folded = [0; MAX_TOKEN];
                let mut length = 0;
                fold::fold(character, |piece| {
                    if let Some(place) = folded.get_mut(length..length + piece.len_utf8()) {
                        piece.encode_utf8(place);
                    }
                    length += piece.len_utf8();
                });
                if length > room {
                    return false;
                }
                if length == 0 {
                    self.extend(end);
                } else {
                    self.push(&folded[..length], fold::case(character), start, end);
                }
            }
            _ => self.extend(end),
        }
        true
    }

    /// The folded text of all parts.
    fn text(&self) -> &str {
        str_of(&self.buffer[..self.length])
    }

    /// Gives the parts, and `whole` colocated with the first.
    fn emit<B>(
        &self,
        whole: Option<Token<'_>>,
        emit: &mut impl FnMut(Token<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        for (index, part) in self.parts[..self.count].iter().enumerate() {
            let until = if index + 1 < self.count { self.parts[index + 1].folded } else { self.length };
            let text = str_of(&self.buffer[part.folded..until]);
            emit(Token { text, start: part.start, end: part.end, colocated: false })?;
            // The whole of a long run may be its first part again.
            if index == 0
                && let Some(whole) = whole.filter(|whole| whole.text != text)
            {
                emit(whole)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// The whole as a token, from the first part to the last.
    fn whole(&self) -> Option<Token<'_>> {
        let (first, last) = (self.parts[..self.count].first()?, self.parts[..self.count].last()?);
        Some(Token { text: self.text(), start: first.start, end: last.end, colocated: true })
    }
}

/// Gives the tokens of an ASCII run.
pub(super) fn ascii<B>(
    text: &str,
    start: usize,
    end: usize,
    emit: &mut impl FnMut(Token<'_>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    if end - start > MAX_TOKEN {
        return any(text, start, &mut Identifier::new(), emit).map_continue(drop);
    }
    let bytes = text.as_bytes();
    let mut buffer = [0; MAX_TOKEN];
    // Copying and lowering a fixed length is a few vector instructions.
    if let Some(source) = bytes.get(start..start + MAX_TOKEN) {
        buffer.copy_from_slice(source);
    } else {
        buffer[..end - start].copy_from_slice(&bytes[start..end]);
    }
    buffer.make_ascii_lowercase();
    let lower = &buffer[..end - start];
    let token = |from: usize, to: usize, colocated: bool| Token {
        text: str_of(&lower[from..to]),
        start: start + from,
        end: start + to,
        colocated,
    };

    let Shape { mut begins, joints } = Shape::of(&bytes[start..end]);
    if begins.is_power_of_two() && joints == 0 {
        return emit(token(0, lower.len(), false));
    }
    let mut first = true;
    while begins != 0 {
        let from = begins.trailing_zeros() as usize;
        begins &= begins - 1;
        // A part ends where the next begins, or at a joint before that.
        let stops = (begins | joints) & (u64::MAX << from);
        let to = lower.len().min(stops.trailing_zeros() as usize);
        emit(token(from, to, false))?;
        if first && begins != 0 {
            let last = lower.iter().rposition(|&byte| byte != b'_').map_or(to, |last| last + 1);
            if joints & (u64::MAX << from) & !(u64::MAX.checked_shl(last as u32).unwrap_or(0)) == 0 {
                emit(token(from, last, true))?;
            } else {
                let mut whole = [0; MAX_TOKEN];
                let mut length = 0;
                for &byte in &lower[from..last] {
                    whole[length] = byte;
                    length += usize::from(byte != b'_');
                }
                emit(Token { text: str_of(&whole[..length]), ..token(from, last, true) })?;
            }
        }
        first = false;
    }
    ControlFlow::Continue(())
}

/// Where the parts of an ASCII run begin and where its joints are, one bit for each byte.
struct Shape {
    begins: u64,
    joints: u64,
}

impl Shape {
    fn of(run: &[u8]) -> Self {
        let (mut lower, mut upper, mut digit, mut joints) = (0_u64, 0_u64, 0_u64, 0_u64);
        for (index, &byte) in run.iter().enumerate() {
            let class = u64::from(CLASS[usize::from(byte)]);
            lower |= (class & 1) << index;
            upper |= (class >> 1 & 1) << index;
            digit |= (class >> 2 & 1) << index;
            joints |= (class >> 3 & 1) << index;
        }
        const { assert!(LOWER == 1 && UPPER == 2 && DIGIT == 4 && JOINT == 8) };
        // Digits have the case of the letter before them: a bit added at the start of a row of ones carries through
        // the row, and the ones that it turned to zero are the row.
        let through_digits = |letters: u64| letters | (digit & !digit.wrapping_add((letters << 1) & digit));
        let (after_lower, after_upper) = (through_digits(lower) << 1, through_digits(upper) << 1);
        let word = lower | upper | digit;
        let opens = word & !(word << 1);
        Self { begins: opens | (upper & (after_lower | (after_upper & (lower >> 1)))), joints }
    }
}

/// Gives the tokens of the identifier that begins at `start`, and returns where it ends. `identifier` is room for it.
pub(super) fn any<B>(
    text: &str,
    start: usize,
    identifier: &mut Identifier,
    emit: &mut impl FnMut(Token<'_>) -> ControlFlow<B>,
) -> ControlFlow<B, usize> {
    identifier.clear();
    let mut end = start;
    for (character, at) in run(text, start) {
        if !identifier.push_any(character, at) {
            return long(text, start, identifier, emit);
        }
        end = at + character.len_utf8();
    }
    identifier.emit(identifier.whole().filter(|_| identifier.count > 1), emit)?;
    ControlFlow::Continue(end)
}

/// The same for a run of more than [`MAX_TOKEN`] folded bytes, whose beginning is `beginning`: stretch by stretch.
fn long<B>(
    text: &str,
    start: usize,
    beginning: &Identifier,
    emit: &mut impl FnMut(Token<'_>) -> ControlFlow<B>,
) -> ControlFlow<B, usize> {
    let mut whole = beginning.whole();
    let mut stretch = Identifier::new();
    let mut full = false;
    let mut end = start;
    for (character, at) in run(text, start) {
        end = at + character.len_utf8();
        if character == '_' {
            flush(&stretch, full, &mut whole, emit)?;
            stretch.clear();
            full = false;
        } else if !full {
            full = !stretch.push_any(character, at);
        }
    }
    flush(&stretch, full, &mut whole, emit)?;
    ControlFlow::Continue(end)
}

/// Gives the tokens of one stretch of a long run, and takes the whole with the first of them.
fn flush<B>(
    stretch: &Identifier,
    full: bool,
    whole: &mut Option<Token<'_>>,
    emit: &mut impl FnMut(Token<'_>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    if stretch.count == 0 {
        return ControlFlow::Continue(());
    }
    let whole = whole.take();
    if full {
        // Here the whole is the same text again.
        return stretch
            .whole()
            .map_or(ControlFlow::Continue(()), |token| emit(Token { colocated: false, ..token }));
    }
    stretch.emit(whole, emit)
}

/// The characters of the identifier that begins at `start`, with their offsets.
fn run(text: &str, start: usize) -> impl Iterator<Item = (char, usize)> {
    text[start..]
        .char_indices()
        .map(move |(offset, character)| (character, start + offset))
        .take_while(|&(character, _)| matches!(fold::kind(character), Kind::Word | Kind::Joint | Kind::Mark))
}
