//! What a character is to the tokenizer, and the form in which it is compared.
//!
//! Everything here looks at one character at a time, so that a text gives the same tokens however its parts are
//! put together. Folding is idempotent: a folded token, tokenized again, is itself.

use std::sync::LazyLock;
use unicode_normalization::char::{compose, decompose_compatible};
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// What a character is to the tokenizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Ends every run: white space, punctuation, symbols, emoji, control and unassigned characters.
    Separator,
    /// A letter, digit or vowel sign of a script that puts spaces between words.
    Word,
    /// `_`: belongs to an identifier and parts it.
    Joint,
    /// A diacritic or variation selector: extends the run that it follows and leaves no trace in the token.
    Mark,
    /// A character of a script without spaces between words: indexed in pairs.
    Dense,
}

/// Whether a character begins a new part of an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    /// An upper-case letter.
    Upper,
    /// A lower-case letter.
    Lower,
    /// A digit, mark or letter without case.
    Neither,
}

/// What is known of a character of kind [`Kind::Word`].
#[derive(Clone, Copy)]
pub(super) struct Letter {
    pub(super) kind: Kind,
    pub(super) case: Case,
    /// The folded form, as UTF-8.
    folded: [u8; 4],
    length: u8,
}

impl Letter {
    /// The folded form; empty for all but words.
    pub(super) fn folded(&self) -> &[u8] {
        &self.folded[..usize::from(self.length)]
    }
}

/// The characters below this have a table: Latin, Greek, Cyrillic, Armenian and Hebrew.
const ALPHABETS: usize = 0x600;

/// The table, made when a text first leaves ASCII.
static LETTERS: LazyLock<[Letter; ALPHABETS]> = LazyLock::new(|| {
    std::array::from_fn(|code| {
        // Surrogates begin far above.
        let character = char::from_u32(code as u32).unwrap_or_default();
        let mut letter =
            Letter { kind: kind_of_any(character), case: case(character), folded: [0; 4], length: 0 };
        if letter.kind == Kind::Word {
            fold(character, |piece| {
                letter.length +=
                    piece.encode_utf8(&mut letter.folded[usize::from(letter.length)..]).len() as u8;
            });
        }
        letter
    })
});

/// What is known of a character that has a place in the table.
pub(super) fn letter(character: char) -> Option<&'static Letter> {
    let code = character as usize;
    if code < ALPHABETS { LETTERS.get(code) } else { None }
}

/// Tells the kind of any character.
pub(super) fn kind(character: char) -> Kind {
    letter(character).map_or_else(|| kind_of_any(character), |letter| letter.kind)
}

fn kind_of_any(character: char) -> Kind {
    match character {
        '_' => Kind::Joint,
        '\0'..='\x7f' if character.is_ascii_alphanumeric() => Kind::Word,
        // Punctuation, arrows, box drawing, signs and emoji, and below the bulk of East Asian text, without a search.
        '\0'..='\x7f'
        | '\u{2000}'..='\u{206f}'
        | '\u{2190}'..='\u{245f}'
        | '\u{2500}'..='\u{2775}'
        | '\u{2794}'..='\u{2bff}'
        | '\u{3000}'..='\u{3004}'
        | '\u{3008}'..='\u{301f}'
        | '\u{ff01}'..='\u{ff0f}'
        | '\u{1f300}'..='\u{1faff}' => Kind::Separator,
        '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{3041}'..='\u{3096}'
        | '\u{30a1}'..='\u{30fa}' => Kind::Dense,
        _ => kind_by_category(character),
    }
}

fn kind_by_category(character: char) -> Kind {
    if is_dropped_mark(character) {
        return Kind::Mark;
    }
    match character.general_category_group() {
        GeneralCategoryGroup::Letter | GeneralCategoryGroup::Mark => {
            if is_dense_block(character) {
                Kind::Dense
            } else {
                Kind::Word
            }
        }
        // U+3007 is the ideographic zero.
        GeneralCategoryGroup::Number if character == '\u{3007}' => Kind::Dense,
        GeneralCategoryGroup::Number => Kind::Word,
        // The Kangxi radicals are symbols by category and look like the ideographs that they fold to.
        GeneralCategoryGroup::Symbol if is_kangxi_radical(character) => Kind::Dense,
        _ => Kind::Separator,
    }
}

/// Marks that readers leave out when they type: accents, points of Hebrew and Arabic, variation selectors. Vowel
/// signs (as in Devanagari) are letters to their readers and stay.
fn is_dropped_mark(character: char) -> bool {
    matches!(
        character,
        '\u{300}'..='\u{36f}'
            | '\u{483}'..='\u{489}'
            | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}'
            | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}'
            | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e4}' | '\u{6e7}' | '\u{6e8}' | '\u{6ea}'..='\u{6ed}'
            | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}'
            | '\u{20d0}'..='\u{20f0}'
            | '\u{302a}'..='\u{302f}'
            | '\u{3099}' | '\u{309a}' | '\u{ff9e}' | '\u{ff9f}'
            | '\u{180b}'..='\u{180d}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{fe20}'..='\u{fe2f}'
            | '\u{e0100}'..='\u{e01ef}'
    )
}

/// The blocks of scripts that are written without spaces between words.
fn is_dense_block(character: char) -> bool {
    matches!(
        character,
        '\u{e00}'..='\u{eff}'               // Thai, Lao
            | '\u{1000}'..='\u{109f}'       // Myanmar
            | '\u{1100}'..='\u{11ff}'       // Hangul jamo
            | '\u{1780}'..='\u{17ff}'       // Khmer
            | '\u{3005}'..='\u{3007}'
            | '\u{3031}'..='\u{303c}'
            | '\u{3041}'..='\u{31ff}'       // kana, Bopomofo, compatibility jamo
            | '\u{3400}'..='\u{9fff}'       // Han
            | '\u{a000}'..='\u{a48f}'       // Yi
            | '\u{a960}'..='\u{a97f}'       // Hangul jamo
            | '\u{ac00}'..='\u{d7ff}'       // Hangul syllables and jamo
            | '\u{f900}'..='\u{faff}'       // Han, compatibility forms
            | '\u{ff66}'..='\u{ffdc}'       // half-width kana and jamo
            | '\u{16fe0}'..='\u{18dff}'     // Tangut, Khitan
            | '\u{1aff0}'..='\u{1b2ff}'     // kana, Nushu
            | '\u{20000}'..='\u{3ffff}' // Han
    )
}

fn is_kangxi_radical(character: char) -> bool {
    matches!(character, '\u{2f00}'..='\u{2fd5}')
}

/// Tells the case of a character.
pub(super) fn case(character: char) -> Case {
    if character.is_uppercase() {
        Case::Upper
    } else if character.is_lowercase() {
        Case::Lower
    } else {
        Case::Neither
    }
}

/// Gives the folded form of a character of kind [`Kind::Word`]: decomposed for compatibility, without diacritics,
/// in lower case. May be empty, and may be several characters (`ß` is `ss`, `ﬁ` is `fi`).
pub(super) fn fold(character: char, mut push: impl FnMut(char)) {
    if character.is_ascii() {
        return push(character.to_ascii_lowercase());
    }
    decompose_compatible(character, |piece| {
        for lower in piece.to_lowercase() {
            match lower {
                'ς' => push('σ'),
                'ß' => {
                    push('s');
                    push('s');
                }
                _ if kind_of_any(lower) == Kind::Word => push(lower),
                _ => {}
            }
        }
    });
}

/// The folded form of a character of kind [`Kind::Dense`]: half-width kana and compatibility ideographs become the
/// ordinary ones.
pub(super) fn fold_dense(character: char) -> char {
    if !matches!(
        character,
        '\u{2f00}'..='\u{2fd5}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9d}' | '\u{2f800}'..='\u{2fa1f}'
    ) {
        return character;
    }
    let mut first = None;
    let mut count = 0;
    decompose_compatible(character, |piece| {
        first.get_or_insert(piece);
        count += 1;
    });
    match first {
        Some(folded) if count == 1 && kind(folded) == Kind::Dense => folded,
        _ => character,
    }
}

/// Joins a folded dense character with the one behind it where both are one letter written as two: kana with a
/// sound mark (`か` + `゛`), Hangul jamo (as macOS writes file names).
pub(super) fn join_dense(first: char, second: char) -> Option<char> {
    match second {
        '\u{3099}' | '\u{ff9e}' => compose(first, '\u{3099}'),
        '\u{309a}' | '\u{ff9f}' => compose(first, '\u{309a}'),
        '\u{1161}'..='\u{1175}' | '\u{11a8}'..='\u{11c2}' => compose(first, second),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(character: char) -> String {
        let mut text = String::new();
        fold(character, |piece| text.push(piece));
        text
    }

    fn every_character() -> impl Iterator<Item = char> {
        (0..=0x0010_FFFF).filter_map(char::from_u32)
    }

    #[test]
    fn folding_twice_is_folding_once() {
        for character in every_character() {
            match kind(character) {
                Kind::Word => {
                    for piece in folded(character).chars() {
                        assert_eq!(
                            folded(piece),
                            piece.to_string(),
                            "{character} U+{:04X}",
                            u32::from(character)
                        );
                        assert_eq!(kind(piece), Kind::Word, "{character} U+{:04X}", u32::from(character));
                        assert_ne!(case(piece), Case::Upper, "{character} U+{:04X}", u32::from(character));
                    }
                }
                Kind::Dense => {
                    let once = fold_dense(character);
                    assert_eq!(kind(once), Kind::Dense, "{character} U+{:04X}", u32::from(character));
                    assert_eq!(fold_dense(once), once, "{character} U+{:04X}", u32::from(character));
                }
                Kind::Separator | Kind::Joint | Kind::Mark => {}
            }
        }
    }

    #[test]
    fn shortcuts_agree_with_the_categories() {
        for character in every_character().filter(|character| !character.is_ascii()) {
            assert_eq!(
                kind(character),
                kind_by_category(character),
                "{character} U+{:04X}",
                u32::from(character)
            );
        }
    }

    #[test]
    fn accents_width_and_ligatures_fold_away() {
        for (source, expected) in [
            ('É', "e"),
            ('ß', "ss"),
            ('ẞ', "ss"),
            ('ς', "σ"),
            ('İ', "i"),
            ('ﬁ', "fi"),
            ('Ａ', "a"),
            ('５', "5"),
            ('Й', "и"),
            ('Ⅳ', "iv"),
            ('²', "2"),
            ('ǆ', "dz"),
            ('K', "k"),
        ] {
            assert_eq!(folded(source), expected, "{source}");
        }
        assert_eq!(fold_dense('ｶ'), 'カ');
        assert_eq!(fold_dense('\u{f900}'), '豈');
        assert_eq!(fold_dense('⼀'), '一');
    }

    #[test]
    fn two_characters_that_are_one_letter_join() {
        assert_eq!(join_dense('か', '\u{3099}'), Some('が'));
        assert_eq!(join_dense('ハ', 'ﾟ'), Some('パ'));
        assert_eq!(join_dense('\u{1112}', '\u{1161}'), Some('하'));
        assert_eq!(join_dense('하', '\u{11ab}'), Some('한'));
        assert_eq!(join_dense('漢', '字'), None);
    }
}
