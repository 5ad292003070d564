//! The place of a text that tells most about a query, on one line, with the terms marked.
//!
//! Terms are found by the tokenizer of the index, so what is marked is what was matched: parts and wholes of
//! identifiers, accents, pairs of dense characters, prefixes, and phrases as one mark. Negated terms mark nothing.
//! Terms that are limited to a column are marked too; leave them out for a text of another column.
//!
//! The place is the window with the most different terms, then with the most matches, then the first. The work is
//! bounded: a text is searched in one pass for [`MAX_SEARCH`] bytes at most, for [`MAX_BEYOND`] bytes beyond the first
//! match, and up to [`MAX_MATCHES`] matches. A text without a match gives its beginning.

use super::query::{QueryTerm, is_lone_dense};
use crate::tokenizer::{Token, tokenize};
use std::{
    collections::{HashMap, VecDeque},
    ops::ControlFlow,
};

/// The length of a snippet that suits a list of hits, in characters: about 30 words.
pub const DEFAULT_CHARS: usize = 200;

/// How much of a text is searched for the first match, in bytes (4 MiB).
pub const MAX_SEARCH: usize = 4 << 20;

/// How much of a text is searched beyond the first match, in bytes (256 KiB).
pub const MAX_BEYOND: usize = 256 << 10;

/// How many matches of a text are looked at.
pub const MAX_MATCHES: usize = 20_000;

/// A piece of a text on one line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snippet {
    /// Plain text without line breaks, control characters and marks that change the direction of writing; `…` where
    /// the source goes on.
    pub text: String,
    /// Where terms stand in `text`: `[start, end)` in UTF-16 units, ascending, none touching the next.
    pub highlights: Vec<(usize, usize)>,
}

/// Cuts the best place out of `text`: `max_chars` characters at most, and the `…`.
///
/// ```
/// use han_db::search::{query::compile, snippet::snippet};
///
/// let found = snippet("first line\nthe getUserName call", &compile("user").terms, 200);
/// assert_eq!(found.text, "first line the getUserName call");
/// assert_eq!(found.highlights, [(18, 22)]);
/// ```
#[must_use]
pub fn snippet(text: &str, terms: &[QueryTerm], max_chars: usize) -> Snippet {
    let matches = find(text, terms);
    let window = choose(text, &matches, terms.len(), max_chars);
    let range = frame(text, window, max_chars);
    render(text, range, &matches)
}

/// A place where a term stands, in bytes of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Match {
    start: usize,
    end: usize,
    term: usize,
}

/// Finds the places of all terms, ordered by their start.
fn find(text: &str, terms: &[QueryTerm]) -> Vec<Match> {
    let mut finder = Finder::new(terms);
    if finder.phrases.is_empty() {
        return Vec::new();
    }
    let mut until = MAX_SEARCH;
    let _ = tokenize(text, |token| {
        if token.start >= until || finder.matches.len() >= MAX_MATCHES {
            return ControlFlow::Break(());
        }
        finder.token(&token, text);
        if let Some(first) = finder.matches.first() {
            until = until.min(first.end.saturating_add(MAX_BEYOND));
        }
        ControlFlow::Continue(())
    });
    finder.close_position();
    let mut matches = finder.matches;
    matches.sort_by_key(|found| (found.start, found.end, found.term));
    // Both readings of one identifier are one match of their term.
    let mut ends = vec![0; terms.len()];
    matches.retain(|found| {
        let repeats = found.end <= ends[found.term];
        ends[found.term] = ends[found.term].max(found.end);
        !repeats
    });
    matches
}

/// Follows phrases through the positions of a text.
///
/// Every phrase keeps one bit for each of its tokens: bit `n` is set when its first `n + 1` tokens stand at the
/// positions up to the last one. The next position shifts the bits and keeps those whose token stands there.
struct Finder<'t> {
    phrases: Vec<Phrase<'t>>,
    /// For a token: the phrases that have it, with the bits of its places in them.
    tokens: HashMap<&'t str, Vec<(usize, u128)>>,
    /// The phrases that end with a prefix, and that prefix, by its first byte.
    prefixes: HashMap<u8, Vec<(usize, &'t str)>>,
    /// The first bytes of all tokens: most tokens of a text need no more than a look at this.
    first_bytes: [bool; 256],
    /// The number of the position that is being read; the first is 1.
    position: usize,
    /// The phrases that have a token at this position.
    here: Vec<usize>,
    /// The starts of the last positions: of the token, and of the last one that stands there.
    starts: VecDeque<(usize, usize)>,
    /// The length of the longest phrase.
    longest: usize,
    matches: Vec<Match>,
}

struct Phrase<'t> {
    tokens: &'t [String],
    prefix: bool,
    term: usize,
    /// Its first token is one dense character, which may stand colocated with the pair that it ends.
    begins_alone: bool,
    /// Its last token is one dense character: of a pair that it begins, only that character is marked.
    ends_alone: bool,
    /// How far the phrase has come, up to position `stepped`.
    state: u128,
    stepped: usize,
    /// Its tokens that stand at position `touched`, and where the last one of the phrase ends.
    bits: u128,
    end: usize,
    touched: usize,
}

impl Phrase<'_> {
    fn last_bit(&self) -> u128 {
        1 << (self.tokens.len() - 1)
    }
}

impl<'t> Finder<'t> {
    fn new(terms: &'t [QueryTerm]) -> Self {
        let mut finder = Self {
            phrases: Vec::new(),
            tokens: HashMap::new(),
            prefixes: HashMap::new(),
            first_bytes: [false; 256],
            position: 0,
            here: Vec::new(),
            starts: VecDeque::new(),
            longest: 0,
            matches: Vec::new(),
        };
        for (index, term) in terms.iter().enumerate().filter(|(_, term)| !term.negated) {
            finder.phrase(index, &term.tokens, term.prefix);
            if let Some(whole) = &term.alternative {
                finder.phrase(index, whole, term.prefix);
            }
        }
        finder
    }

    fn phrase(&mut self, term: usize, tokens: &'t [String], prefix: bool) {
        // As many tokens as there are bits; a compiled query never has more.
        let tokens = &tokens[..tokens.len().min(128)];
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return };
        // A term that is written twice is one term.
        if self.phrases.iter().any(|other| other.tokens == tokens && other.prefix == prefix) {
            return;
        }
        let phrase = self.phrases.len();
        for (index, token) in tokens.iter().enumerate() {
            let Some(&byte) = token.as_bytes().first() else { continue };
            self.first_bytes[usize::from(byte)] = true;
            if prefix && index + 1 == tokens.len() {
                self.prefixes.entry(byte).or_default().push((phrase, token));
                continue;
            }
            let places = self.tokens.entry(token).or_default();
            match places.last_mut() {
                Some((last, bits)) if *last == phrase => *bits |= 1 << index,
                _ => places.push((phrase, 1 << index)),
            }
        }
        self.longest = self.longest.max(tokens.len());
        self.phrases.push(Phrase {
            tokens,
            prefix,
            term,
            begins_alone: is_lone_dense(first),
            ends_alone: is_lone_dense(last),
            state: 0,
            stepped: 0,
            bits: 0,
            end: 0,
            touched: 0,
        });
    }

    fn token(&mut self, token: &Token<'_>, text: &str) {
        if !token.colocated {
            self.close_position();
            self.position += 1;
            if self.starts.len() == self.longest {
                self.starts.pop_front();
            }
            self.starts.push_back((token.start, token.start));
        } else if let Some(start) = self.starts.back_mut() {
            start.1 = token.start;
        }
        let Some(&byte) = token.text.as_bytes().first() else { return };
        if !self.first_bytes[usize::from(byte)] {
            return;
        }
        for &(phrase, bits) in self.tokens.get(token.text).into_iter().flatten() {
            touch(&mut self.phrases[phrase], phrase, bits, token.end, self.position, &mut self.here);
            if self.phrases[phrase].tokens.len() == 1 {
                self.matches.push(Match {
                    start: token.start,
                    end: token.end,
                    term: self.phrases[phrase].term,
                });
            }
        }
        for &(number, prefix) in self.prefixes.get(&byte).into_iter().flatten() {
            if !token.text.starts_with(prefix) {
                continue;
            }
            let phrase = &mut self.phrases[number];
            let end = match text[token.start..].chars().next() {
                Some(first) if phrase.ends_alone && token.text.len() > prefix.len() => {
                    token.start + first.len_utf8()
                }
                _ => token.end,
            };
            if phrase.tokens.len() == 1 {
                self.matches.push(Match { start: token.start, end, term: phrase.term });
            }
            let bit = phrase.last_bit();
            touch(phrase, number, bit, end, self.position, &mut self.here);
        }
    }

    /// Steps the phrases that have a token at the position that was read.
    fn close_position(&mut self) {
        for number in self.here.drain(..) {
            let phrase = &mut self.phrases[number];
            let before = if phrase.stepped + 1 == self.position { phrase.state } else { 0 };
            phrase.state = (before << 1 | 1) & phrase.bits;
            phrase.stepped = self.position;
            let length = phrase.tokens.len();
            // A phrase of one token was matched with its token.
            if length == 1 || phrase.state & phrase.last_bit() == 0 {
                continue;
            }
            if let Some(&(first, last)) =
                self.starts.len().checked_sub(length).and_then(|at| self.starts.get(at))
            {
                let start = if phrase.begins_alone { last } else { first };
                self.matches.push(Match { start, end: phrase.end, term: phrase.term });
            }
        }
    }
}

/// Notes that tokens of a phrase stand at a position.
fn touch(
    phrase: &mut Phrase<'_>,
    number: usize,
    bits: u128,
    end: usize,
    position: usize,
    here: &mut Vec<usize>,
) {
    if phrase.touched != position {
        phrase.touched = position;
        phrase.bits = 0;
        phrase.end = 0;
        here.push(number);
    }
    phrase.bits |= bits;
    if bits & phrase.last_bit() != 0 {
        phrase.end = phrase.end.max(end);
    }
}

/// The window of the source that holds the best matches, or the beginning.
fn choose(text: &str, matches: &[Match], terms: usize, max_chars: usize) -> (usize, usize) {
    let Some(first) = matches.first() else { return (0, 0) };
    // Characters up to the start and end of each match, counted once from left to right.
    let (mut at, mut characters) = (first.start, 0);
    let places: Vec<(usize, usize)> = matches
        .iter()
        .map(|found| {
            characters += text[at..found.start].chars().count();
            at = found.start;
            (characters, characters + text[found.start..found.end].chars().count())
        })
        .collect();

    let mut counts = vec![0_usize; terms];
    let mut different = 0;
    let mut from = 0;
    let mut best = (0, 0);
    let mut window = (first.start, first.end);
    // The furthest end of the matches in the window: kept in descending order of end.
    let mut ends: VecDeque<usize> = VecDeque::new();
    for (to, found) in matches.iter().enumerate() {
        counts[found.term] += 1;
        different += usize::from(counts[found.term] == 1);
        while ends.back().is_some_and(|&other| places[other].1 <= places[to].1) {
            ends.pop_back();
        }
        ends.push_back(to);
        while from < to
            && ends.front().is_some_and(|&furthest| places[furthest].1 - places[from].0 > max_chars)
        {
            let left = &mut counts[matches[from].term];
            *left -= 1;
            different -= usize::from(*left == 0);
            if ends.front() == Some(&from) {
                ends.pop_front();
            }
            from += 1;
        }
        let score = (different, to + 1 - from);
        if score > best {
            best = score;
            window = (matches[from].start, ends.front().map_or(found.end, |&furthest| matches[furthest].end));
        }
    }
    window
}

/// Widens the window to as many characters as are allowed, to the border of a word where one is near.
fn frame(text: &str, (start, end): (usize, usize), max_chars: usize) -> (usize, usize) {
    // A match that is longer than the snippet is cut.
    let (furthest, used) = forward(text, start, max_chars);
    let end = furthest.min(end);
    let used = if end == furthest { used } else { forward(&text[..end], start, max_chars).1 };
    let room = max_chars - used;
    // A third before and the rest behind; what one side leaves goes to the other.
    let (_, before) = backward(text, start, room / 3);
    let (right, behind) = forward(text, end, room - before);
    let (left, _) = backward(text, start, room - behind);
    (begin_of_word(text, left, start), end_of_word(text, end, right))
}

/// Where that many characters from `from` on end, and how many there are.
fn forward(text: &str, from: usize, characters: usize) -> (usize, usize) {
    let mut count = Count::default();
    for (offset, character) in text[from..].char_indices() {
        if !count.fits(character, characters) {
            return (from + offset, count.characters);
        }
    }
    (text.len(), count.characters)
}

/// Where that many characters up to `from` begin, and how many there are.
fn backward(text: &str, from: usize, characters: usize) -> (usize, usize) {
    let mut count = Count::default();
    for (offset, character) in text[..from].char_indices().rev() {
        if !count.fits(character, characters) {
            return (offset + character.len_utf8(), count.characters);
        }
    }
    (0, count.characters)
}

/// Counts characters as they are shown: blanks in a row are one.
#[derive(Default)]
struct Count {
    characters: usize,
    after_blank: bool,
}

impl Count {
    fn fits(&mut self, character: char, limit: usize) -> bool {
        let blank = is_blank(character);
        if !(blank && self.after_blank) {
            if self.characters == limit {
                return false;
            }
            self.characters += 1;
        }
        self.after_blank = blank;
        true
    }
}

/// How far from a cut the border of a word is near, in characters.
const NEAR: usize = 24;

/// Moves a cut before `start` to the right, behind the next blank.
fn begin_of_word(text: &str, left: usize, start: usize) -> usize {
    if left == 0 || text[..left].ends_with(is_blank) {
        return left;
    }
    let near = text[left..start].char_indices().take(NEAR);
    if let Some((offset, blank)) = near.clone().find(|(_, character)| is_blank(*character)) {
        return left + offset + blank.len_utf8();
    }
    // No border: at least no mark without its letter.
    let mut joined = text[..left].ends_with('\u{200d}');
    for (offset, character) in text[left..start].char_indices() {
        if !joined && !continues(character) {
            return left + offset;
        }
        joined = character == '\u{200d}';
    }
    start
}

/// Moves a cut behind `end` to the left, before the last blank.
fn end_of_word(text: &str, end: usize, right: usize) -> usize {
    let Some(next) = text[right..].chars().next() else { return right };
    if is_blank(next) {
        return right;
    }
    let near = text[end..right].char_indices().rev().take(NEAR);
    if let Some((offset, _)) = near.clone().find(|(_, character)| is_blank(*character)) {
        return end + offset;
    }
    let mut next = next;
    let mut right = right;
    for (offset, character) in text[end..right].char_indices().rev() {
        if !continues(next) && character != '\u{200d}' {
            return right;
        }
        right = end + offset;
        next = character;
    }
    right
}

/// Characters that belong to the one before them: accents, variation selectors, joiners, skin tones.
fn continues(character: char) -> bool {
    matches!(
        character,
        '\u{300}'..='\u{36f}' | '\u{200d}' | '\u{20d0}'..='\u{20f0}' | '\u{3099}' | '\u{309a}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}' | '\u{1f3fb}'..='\u{1f3ff}'
            | '\u{e0020}'..='\u{e01ef}'
    )
}

/// What is shown as a space: white space, line breaks, control characters (a terminal would obey them) and marks that
/// change the direction of what follows.
fn is_blank(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

/// Writes the source's `start..end` on one line and marks the matches in it.
fn render(text: &str, (start, end): (usize, usize), matches: &[Match]) -> Snippet {
    let mut line = Line::default();
    let is_more = |rest: &str| rest.contains(|character| !is_blank(character));
    if is_more(&text[..start]) {
        line.push('…', false);
    }
    let mut matches = matches.iter().peekable();
    // How far the matches reach that begin here or before.
    let mut until = 0;
    for (offset, character) in text[start..end].char_indices() {
        let at = start + offset;
        while let Some(found) = matches.next_if(|found| found.start <= at) {
            until = until.max(found.end);
        }
        line.read(character, at < until);
    }
    if is_more(&text[end..]) {
        line.push('…', false);
    }
    line.snippet
}

/// The line as it is written.
#[derive(Default)]
struct Line {
    snippet: Snippet,
    /// Its length in UTF-16 units.
    units: usize,
    /// Blanks came since the last character.
    blank: bool,
    /// Those blanks stand inside a phrase that is marked.
    marked_blank: bool,
    written: bool,
}

impl Line {
    /// Takes a character of the source.
    fn read(&mut self, character: char, marked: bool) {
        if is_blank(character) {
            self.blank = true;
            self.marked_blank = marked;
            return;
        }
        if std::mem::take(&mut self.blank) && self.written {
            self.push(' ', self.marked_blank && marked);
        }
        self.written = true;
        self.push(character, marked);
    }

    fn push(&mut self, character: char, marked: bool) {
        let start = self.units;
        self.units += character.len_utf16();
        self.snippet.text.push(character);
        if marked {
            match self.snippet.highlights.last_mut() {
                Some(last) if last.1 == start => last.1 = self.units,
                _ => self.snippet.highlights.push((start, self.units)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::query::compile;
    use proptest::prelude::*;

    /// The snippet with its highlights in brackets.
    fn shown(text: &str, query: &str, max_chars: usize) -> String {
        let found = snippet(text, &compile(query).terms, max_chars);
        let units: Vec<u16> = found.text.encode_utf16().collect();
        let mut line = String::new();
        let mut at = 0;
        for (start, end) in found.highlights {
            assert!(at <= start && start < end, "{text:?} {query:?}");
            line.push_str(&String::from_utf16(&units[at..start]).expect("whole characters"));
            line.push('[');
            line.push_str(&String::from_utf16(&units[start..end]).expect("whole characters"));
            line.push(']');
            at = end;
        }
        line + &String::from_utf16(&units[at..]).expect("whole characters")
    }

    #[test]
    fn terms_are_marked_as_the_index_matches_them() {
        for (text, query, expected) in [
            ("one two three", "two", "one [two] three"),
            ("a getUserName call", "user", "a get[User]Name call"),
            ("a getUserName call", "getusername", "a [getUserName] call"),
            ("a getUserName call", "getUserName", "a [getUserName] call"),
            ("a get_user_name, getusername", "getUserName", "a [get_user_name], [getusername]"),
            ("a getUserName call", "get user", "a [getUser]Name call"),
            ("in zqcafé and ZQCAFE\u{301}!", "zqcafe", "in [zqcafé] and [ZQCAFE\u{301}]!"),
            ("全文検索は速い", "文検索", "全[文検索]は速い"),
            ("索引針zq検査", "針", "索引[針]zq検査"),
            ("針灸と針", "針", "[針]灸と[針]"),
            ("針針針", "針", "[針針針]"),
            ("索引針zq検査", "針zq検", "索引[針zq検]査"),
            ("zqstemone zqstem other", "zqstem*", "[zqstemone] [zqstem] other"),
            ("first second and second first", "\"second first\"", "first second and [second first]"),
            ("a a a b", "\"a a b\"", "a [a a b]"),
            ("src/zqcore/zqloader.rs:1", "src/zqcore/zqloader.rs", "[src/zqcore/zqloader.rs]:1"),
            ("one two", "one -two", "[one] two"),
            ("one two", "one one", "[one] two"),
            ("one two", "\"one two\" two", "[one two]"),
            ("one two", "none", "one two"),
            ("one two", "", "one two"),
            ("", "one", ""),
        ] {
            assert_eq!(shown(text, query, 200), expected, "{query:?} in {text:?}");
        }
    }

    #[test]
    fn highlights_count_utf16_units() {
        let found = snippet("🧷🧷 zq🧷pin é", &compile("zq🧷pin").terms, 200);
        assert_eq!(found.text, "🧷🧷 zq🧷pin é");
        assert_eq!(found.highlights, [(5, 12)]);
    }

    #[test]
    fn a_snippet_is_one_line_without_controls() {
        assert_eq!(
            shown("\r\n  one\t\ttwo\n\n\u{1b}[31mred \u{202e}three\u{0} \n", "two three", 200),
            "one [two] [31mred [three]"
        );
        assert_eq!(shown("one\n\n two", "\"one two\"", 200), "[one two]");
        assert_eq!(shown(" \n\t ", "one", 200), "");
    }

    #[test]
    fn the_best_window_is_chosen() {
        let far = " filler".repeat(100);
        // More different terms win over more matches, more matches over an earlier place.
        let text = format!("one one one{far} one two{far} end");
        assert!(shown(&text, "one two", 60).contains("[one] [two]"));
        let text = format!("one{far} one one{far} one one");
        let line = shown(&text, "one", 60);
        assert!(line.contains("filler [one] [one] filler"), "{line}");
        assert!(line.starts_with('…') && line.ends_with('…'), "{line}");
    }

    #[test]
    fn cuts_are_between_words_and_shown() {
        let text = format!("{}needle{}", "before ".repeat(50), " behind".repeat(50));
        let found = snippet(&text, &compile("needle").terms, 60);
        assert_eq!(found.text, "…before before needle behind behind behind behind behind…");
        assert_eq!(snippet(&text, &[], 20).text, "before before before…");
        // Without blanks near, a letter keeps its marks and an emoji its parts.
        let text = format!("{}x{}", "e\u{301}".repeat(100), "👩\u{200d}👩\u{200d}👧".repeat(100));
        let found = snippet(&text, &compile("nothing").terms, 30);
        assert!(found.text.ends_with("e\u{301}…"), "{}", found.text);
        // What one side does not need, the other has.
        let text = format!("{}needle", "before ".repeat(50));
        assert_eq!(snippet(&text, &compile("needle").terms, 34).text, "…before before before before needle");
    }

    #[test]
    fn tiny_limits_and_long_matches_are_cut() {
        assert_eq!(
            snippet("one two", &compile("two").terms, 0),
            Snippet { text: "……".to_owned(), highlights: Vec::new() }
        );
        assert_eq!(shown("one two", "two", 1), "…[t]…");
        let text = "a ".repeat(50);
        let line = shown(&format!("x {text}"), &format!("\"{text}\""), 20);
        assert!(line.starts_with("…[a a ") && line.ends_with("a]…"), "{line}");
    }

    #[test]
    fn the_work_is_bounded() {
        let text = format!("{}needle", "word ".repeat(MAX_SEARCH / 5 + 1));
        assert!(snippet(&text, &compile("needle").terms, 60).highlights.is_empty());
        let text = format!("{}needle", "word ".repeat(MAX_SEARCH / 5 - 10));
        assert!(shown(&text, "needle", 60).ends_with("[needle]"));
        // Two terms would be better than one, but stand too far behind the first.
        let text = format!("one {} one two", "word ".repeat(MAX_BEYOND / 5));
        assert!(shown(&text, "one two", 60).starts_with("[one] word"));
        assert!(find(&"a ".repeat(MAX_MATCHES * 2), &compile("a a* b").terms).len() <= MAX_MATCHES);
    }

    /// Places by a plain search: every token of every phrase at every position.
    fn plain(text: &str, terms: &[QueryTerm]) -> Vec<bool> {
        let mut positions: Vec<Vec<(String, usize, usize)>> = Vec::new();
        let _ = tokenize(text, |token| {
            let entry = (token.text.to_owned(), token.start, token.end);
            match positions.last_mut() {
                Some(last) if token.colocated => last.push(entry),
                _ => positions.push(vec![entry]),
            }
            ControlFlow::<()>::Continue(())
        });
        let mut marked = vec![false; text.len()];
        for term in terms.iter().filter(|term| !term.negated) {
            for phrase in std::iter::once(&term.tokens).chain(&term.alternative) {
                for from in 0..positions.len() {
                    let places: Vec<Vec<&(String, usize, usize)>> = phrase
                        .iter()
                        .enumerate()
                        .map(|(index, token)| {
                            let is_prefix = term.prefix && index + 1 == phrase.len();
                            positions
                                .get(from + index)
                                .into_iter()
                                .flatten()
                                .filter(|(text, _, _)| {
                                    text == token || (is_prefix && text.starts_with(token.as_str()))
                                })
                                .collect()
                        })
                        .collect();
                    if places.iter().any(Vec::is_empty) {
                        continue;
                    }
                    let start = places[0].iter().map(|place| place.1).min().expect("a place");
                    let end = places[places.len() - 1].iter().map(|place| place.2).max().expect("a place");
                    marked[start..end].fill(true);
                }
            }
        }
        marked
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn marks_are_those_of_a_plain_search(
            words in prop::collection::vec("[ab]{1,2}|a[AB]|[ab]_[ab]|é", 1..20),
            query in prop::collection::vec("[ab]{1,2}|aB|[ab]\\*|\"[ab] [ab]( [ab])?\"\\*?|-a|a/b", 1..4),
        ) {
            let (text, query) = (words.join(" "), query.join(" "));
            let terms = compile(&query).terms;
            let found = snippet(&text, &terms, 10_000);
            prop_assert_eq!(&found.text, &text);
            let mut expected: Vec<(usize, usize)> = Vec::new();
            let marked = plain(&text, &terms);
            let mut units = 0;
            for (at, character) in text.char_indices() {
                if marked[at] {
                    match expected.last_mut() {
                        Some(last) if last.1 == units => last.1 += 1,
                        _ => expected.push((units, units + 1)),
                    }
                }
                units += character.len_utf16();
            }
            prop_assert_eq!(found.highlights, expected);
        }

        #[test]
        fn a_snippet_keeps_its_promises_on_any_text(
            pieces in prop::collection::vec("[a-c ]{0,9}|\\PC{0,4}|[針検査]{1,3}|\n+|aB|🧷|\u{301}|\u{200d}|\u{1b}", 0..30),
            query in prop::collection::vec("[a-c]{1,2}\\*?|針|検査|aB|\"a b\"|🧷b", 0..4),
            max_chars in 0_usize..60,
        ) {
            let (text, query) = (pieces.concat(), query.join(" "));
            let found = snippet(&text, &compile(&query).terms, max_chars);
            prop_assert!(found.text.chars().count() <= max_chars + 2);
            prop_assert!(!found.text.contains(|character: char| character.is_control()));
            prop_assert!(!found.text.contains("  "));
            // Panics when a highlight is out of order or not at whole characters.
            shown(&text, &query, max_chars);
            for pair in found.highlights.windows(2) {
                prop_assert!(pair[0].1 < pair[1].0);
            }
        }
    }
}
