//! The tokenizer `han` of the full-text index.
//!
//! # Rules
//!
//! A text is a row of runs; what belongs to no run separates (white space, punctuation, symbols, emoji, control
//! characters). So `src/zqcore/loader.rs` is four runs, and `zq🧷pin` is the same as `zq pin`: a query with an emoji
//! finds its text, a query of an emoji alone has nothing to look for.
//!
//! 1. **Identifiers.** A run of letters, digits, marks and `_` is cut into parts at every `_` and at camel-case
//!    borders: before an upper-case letter that follows a lower-case one (`get|User`), and before the last letter of
//!    a row of upper-case ones when a lower-case letter follows it (`XML|Http`). Digits and marks belong to the
//!    letter before them and are no border by themselves: `utf8` and `sha256sum` stay whole, `base64Decode` is
//!    `base64`, `decode`. Parts stand at consecutive positions.
//! 2. **Wholes.** An identifier of two or more parts is also indexed whole, without its `_`, at the position of its
//!    first part (a colocated token). So `getusername` finds `getUserName` and `get_user_name`, and the phrase
//!    `get user name`, which is what the query `getUserName` means, finds them too.
//! 3. **Folding.** Tokens are in lower case, decomposed for compatibility and without diacritics: `zqcafe` finds
//!    `zqcafé`, `Ｆｕｌｌ` is `full`, `straße` is `strasse`. Vowel signs of Indic scripts are kept.
//! 4. **Dense scripts.** Chinese, Japanese and Korean, and others written without spaces between words (Thai, Lao,
//!    Khmer, Myanmar, Yi, Tangut), are indexed as overlapping pairs of characters at consecutive positions: `全文検索`
//!    is `全文`, `文検`, `検索`. A run of one character is that character. The last character of a longer run is also
//!    indexed by itself, colocated with the last pair, so that a prefix query of one character finds it at any place
//!    of a run, and so that a phrase may go on behind it. Half-width kana, compatibility ideographs, decomposed
//!    kana and Hangul fold to the ordinary characters first.
//! 5. **Long runs.** A token has at most [`MAX_TOKEN`] bytes. A stretch between two `_` (or the ends of its run) that
//!    folds to more is not cut into parts, and only what fits is its token: hashes and base64 cost one token. A whole
//!    keeps what fits, too.
//!
//! Colocated tokens are for the index only: in a query FTS5 gets the others. A change of these rules changes
//! [`VERSION`], and an index built under another number must be rebuilt.
//!
//! Bytes that are not UTF-8 separate. Memory is bounded on any input: nothing is allocated.

mod fold;
mod fts5;
mod identifier;
#[cfg(test)]
mod twin;

use fold::Kind;
pub use fts5::register;
use identifier::Identifier;
use std::ops::ControlFlow;

/// The tokenizer's name in `CREATE VIRTUAL TABLE … USING fts5(…, tokenize = 'han')`.
pub const NAME: &str = "han";

/// The number of the rules. An index that was built under another number must be rebuilt.
pub const VERSION: u32 = 1;

/// The longest token, in bytes of its folded text.
pub const MAX_TOKEN: usize = 64;

/// One token of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// The folded text that the index holds: never empty, at most [`MAX_TOKEN`] bytes.
    pub text: &'a str,
    /// Byte offset of its first character in the source.
    pub start: usize,
    /// Byte offset behind its last character in the source. A token that was shortened ends where it was cut.
    pub end: usize,
    /// True when it stands at the position of the token before it: the whole of an identifier, or the last character
    /// of a dense run.
    pub colocated: bool,
}

/// Gives the tokens of `text` in order, until the text ends or `emit` breaks.
///
/// Offsets are on character borders, and starts never decrease.
///
/// ```
/// use han_db::tokenizer::tokenize;
/// use std::ops::ControlFlow;
///
/// let mut tokens = Vec::new();
/// let _ = tokenize("call getUser()", |token| {
///     tokens.push(token.text.to_owned());
///     ControlFlow::<()>::Continue(())
/// });
/// // `getuser` is colocated with `get`.
/// assert_eq!(tokens, ["call", "get", "getuser", "user"]);
/// ```
pub fn tokenize<B>(text: &str, mut emit: impl FnMut(Token<'_>) -> ControlFlow<B>) -> ControlFlow<B> {
    let bytes = text.as_bytes();
    let mut room = Identifier::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let class = CLASS[usize::from(byte)];
        if class == SEPARATOR {
            at += 1;
            continue;
        }
        let start = at;
        let mut seen = 0;
        // The classes of the bytes of one ASCII run; it ends at a separator or at a byte beyond ASCII.
        let stop = loop {
            let Some(&byte) = bytes.get(at) else { break SEPARATOR };
            let class = CLASS[usize::from(byte)];
            if class >= BEYOND {
                break class;
            }
            seen |= class;
            at += 1;
        };
        if stop == BEYOND {
            let Some(character) = text[at..].chars().next() else { break };
            match fold::kind(character) {
                // The run goes on beyond ASCII.
                Kind::Word => {
                    at = identifier::any(text, start, &mut room, &mut emit)?;
                    continue;
                }
                Kind::Mark if at > start => {
                    at = identifier::any(text, start, &mut room, &mut emit)?;
                    continue;
                }
                Kind::Dense if at == start => {
                    at = dense(text, start, &mut emit)?;
                    continue;
                }
                Kind::Separator | Kind::Mark if at == start => {
                    at += character.len_utf8();
                    continue;
                }
                _ => {}
            }
        }
        if seen & (UPPER | JOINT) == 0 {
            // Nothing to fold and nothing to part: most words of most texts.
            let end = at.min(start + MAX_TOKEN);
            emit(Token { text: &text[start..end], start, end, colocated: false })?;
        } else {
            identifier::ascii(text, start, at, &mut emit)?;
        }
    }
    ControlFlow::Continue(())
}

// Classes of bytes. The order matters: BEYOND and SEPARATOR end an ASCII run.
const LOWER: u8 = 1;
const UPPER: u8 = 2;
const DIGIT: u8 = 4;
const JOINT: u8 = 8;
const BEYOND: u8 = 16;
const SEPARATOR: u8 = 32;

const CLASS: [u8; 256] = {
    let mut table = [SEPARATOR; 256];
    let mut byte = 0_u8;
    loop {
        table[byte as usize] = match byte {
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            b'0'..=b'9' => DIGIT,
            b'_' => JOINT,
            0x80.. => BEYOND,
            _ => SEPARATOR,
        };
        if byte == u8::MAX {
            break table;
        }
        byte += 1;
    }
};

/// Gives the tokens of the dense run that begins at `start`, and returns where it ends.
fn dense<B>(
    text: &str,
    start: usize,
    emit: &mut impl FnMut(Token<'_>) -> ControlFlow<B>,
) -> ControlFlow<B, usize> {
    let mut at = start;
    let mut before: Option<Letter> = None;
    let mut paired = false;
    while let Some(letter) = Letter::read(text, at) {
        at = letter.end;
        if let Some(first) = before.replace(letter) {
            let mut buffer = [0; 8];
            let cut = first.folded.encode_utf8(&mut buffer).len();
            let length = cut + letter.folded.encode_utf8(&mut buffer[cut..]).len();
            emit(Token {
                text: str_of(&buffer[..length]),
                start: first.start,
                end: letter.end,
                colocated: false,
            })?;
            paired = true;
        }
    }
    if let Some(last) = before {
        let mut buffer = [0; 4];
        let text = &*last.folded.encode_utf8(&mut buffer);
        emit(Token { text, start: last.start, end: last.end, colocated: paired })?;
    }
    ControlFlow::Continue(at)
}

/// One letter of a dense script with the marks behind it.
#[derive(Clone, Copy)]
struct Letter {
    folded: char,
    start: usize,
    end: usize,
}

impl Letter {
    fn read(text: &str, start: usize) -> Option<Self> {
        let mut characters = text[start..].chars();
        let first = characters.next().filter(|&first| fold::kind(first) == Kind::Dense)?;
        let mut letter = Self { folded: fold::fold_dense(first), start, end: start + first.len_utf8() };
        for next in characters {
            if let Some(joined) = fold::join_dense(letter.folded, next) {
                letter.folded = joined;
            } else if fold::kind(next) != Kind::Mark {
                break;
            }
            letter.end += next.len_utf8();
        }
        Some(letter)
    }
}

/// Bytes that were written as whole characters, as text.
fn str_of(bytes: &[u8]) -> &str {
    debug_assert!(std::str::from_utf8(bytes).is_ok());
    // SAFETY: every caller passes bytes that `char::encode_utf8` wrote, or ASCII, cut between characters only.
    unsafe { std::str::from_utf8_unchecked(bytes) }
}

#[cfg(test)]
mod tests {
    use super::{
        MAX_TOKEN,
        twin::{Owned, fast, slow},
    };
    use proptest::prelude::*;

    /// The tokens on one line: colocated ones follow theirs behind a `=`.
    fn shown(text: &str) -> String {
        let mut line = String::new();
        for token in fast(text) {
            if !line.is_empty() {
                line.push(if token.colocated { '=' } else { ' ' });
            }
            line.push_str(&token.text);
        }
        line
    }

    #[test]
    fn identifiers_are_parted_at_joints_and_camel_case_borders() {
        for (text, expected) in [
            ("getUserName", "get=getusername user name"),
            ("get_user_name", "get=getusername user name"),
            ("XMLHttpRequest", "xml=xmlhttprequest http request"),
            ("parseXML", "parse=parsexml xml"),
            ("The HTTP server", "the http server"),
            ("SCREAMING_SNAKE", "screaming=screamingsnake snake"),
            ("__init__", "init"),
            ("_a", "a"),
            ("a_", "a"),
            ("___", ""),
            ("utf8 sha256sum v2", "utf8 sha256sum v2"),
            ("utf8String base64Decode", "utf8=utf8string string base64=base64decode decode"),
            ("HTTP2Server V8Engine", "http2=http2server server v8=v8engine engine"),
            ("2Fa 4A5B a1B2", "2fa 4a5b a1=a1b2 b2"),
            ("aB", "a=ab b"),
            ("ABc", "a=abc bc"),
            ("get_userName", "get=getusername user name"),
            ("don't", "don t"),
            ("src/zqcore/zqLoader.rs:12", "src zqcore zq=zqloader loader rs 12"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn accents_width_and_case_fold() {
        for (text, expected) in [
            ("zqcafé", "zqcafe"),
            ("zqcafe\u{301} ok", "zqcafe ok"),
            ("ＧｅｔＵｓｅｒ１", "get=getuser1 user1"),
            ("getÉtatCivil", "get=getetatcivil etat civil"),
            ("getE\u{301}tatCivil", "get=getetatcivil etat civil"),
            ("Straße ΟΔΟΣ οδος", "strasse οδοσ οδοσ"),
            ("мойКод", "мои=моикод код"),
            ("हिन्दी", "हिन्दी"),
            ("1\u{fe0f}\u{20e3} ⚠\u{fe0f}x", "1 x"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn dense_scripts_are_paired() {
        for (text, expected) in [
            ("索引針zq検査", "索引 引針=針 zq 検査=査"),
            ("針", "針"),
            ("a針b", "a 針 b"),
            ("ｶﾞｷﾞ", "ガギ=ギ"),
            ("がか\u{3099}", "がが=が"),
            ("\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}", "한글=글"),
            ("한글", "한글=글"),
            ("葛\u{e0100}城", "葛城=城"),
            ("東京、大阪", "東京=京 大阪=阪"),
            ("ภาษา", "ภา าษ ษา=า"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn emoji_separate() {
        assert_eq!(shown("zq🧷pin"), "zq pin");
        assert_eq!(shown("👩‍👩‍👧 ✅"), "");
    }

    #[test]
    fn long_runs_keep_their_beginning() {
        let hash = "aB".repeat(1000);
        let token = Owned { text: "ab".repeat(32), start: 0, end: MAX_TOKEN, colocated: false };
        assert_eq!(fast(&hash), std::slice::from_ref(&token));
        assert_eq!(fast(&"ab".repeat(1000)), [token]);
        let name = format!("{}_tail", "word_".repeat(20).trim_end_matches('_'));
        let tokens = fast(&name);
        assert_eq!(tokens.len(), 22);
        assert_eq!(tokens[1].text, "word".repeat(16));
        assert_eq!(tokens[21].text, "tail");
        // A character is never cut: 21 times three bytes and no more.
        assert_eq!(fast(&"ह".repeat(100))[0].text.len(), 63);
        assert_eq!(fast(&"ﷺ".repeat(100)), slow(&"ﷺ".repeat(100)));
    }

    #[test]
    fn an_emitter_can_stop() {
        use std::ops::ControlFlow;
        for text in ["one two", "oneTwo two", "éOne two", "全文検索 two"] {
            let mut count = 0;
            let flow = super::tokenize(text, |_| {
                count += 1;
                ControlFlow::Break("enough")
            });
            assert_eq!((flow, count), (ControlFlow::Break("enough"), 1), "{text}");
        }
    }

    fn check(text: &str) {
        let tokens = fast(text);
        assert_eq!(tokens, slow(text), "{text:?}");
        let mut start = 0;
        for (index, token) in tokens.iter().enumerate() {
            assert!(token.start >= start && token.start < token.end, "{text:?}");
            assert!(text.is_char_boundary(token.start) && text.is_char_boundary(token.end), "{text:?}");
            assert!((1..=MAX_TOKEN).contains(&token.text.len()), "{text:?}");
            assert!(!token.colocated || index > 0, "{text:?}");
            start = token.start;
        }
        // What a query is compiled to must mean itself.
        let plain: Vec<&str> =
            tokens.iter().filter(|token| !token.colocated).map(|token| &*token.text).collect();
        let again = fast(&plain.join(" "));
        let again: Vec<&str> =
            again.iter().filter(|token| !token.colocated).map(|token| &*token.text).collect();
        assert_eq!(again, plain, "{text:?}");
    }

    /// Text of the kind that exercises the rules: borders, marks, widths, scripts, long runs.
    fn tricky() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            8 => "[a-zA-Z0-9_]{1,12}",
            2 => "[a-z]{50,80}",
            1 => "[a-zA-Z_]{50,150}",
            2 => "[ \\-/.,\"'()\u{0}\n]{1,3}",
            2 => "[éÉßẞςΣİıǅﬁＡａ５²ⅣйЙ\u{301}\u{308}\u{fe0f}\u{200d}]{1,6}",
            2 => "[漢字索引かがカガｶﾞﾟ\u{3099}한글\u{1112}\u{1161}\u{11ab}〇⼀豈ภาษา]{1,6}",
            1 => "[🧷👩✅]{1,2}",
            1 => "[हिन्दीعَرَبِיְ]{1,8}",
            1 => "ﷺ{1,5}",
            1 => "[\u{301}]{1,100}",
            1 => any::<char>().prop_map(String::from),
        ];
        proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn fast_and_slow_agree_on_tricky_text(text in tricky()) {
            check(&text);
        }

        #[test]
        fn fast_and_slow_agree_on_any_text(text in any::<String>()) {
            check(&text);
        }

        #[test]
        fn fast_and_slow_agree_on_ascii(text in "[ -~\n\t]{0,300}") {
            check(&text);
        }
    }

    #[test]
    fn fast_and_slow_agree_on_every_character_between_others() {
        for character in (0..=0x0010_FFFF).filter_map(char::from_u32) {
            check(&format!("a{character}Bc{character} {character}{character}"));
        }
    }

    #[test]
    fn fast_and_slow_agree_on_source_code() {
        for text in [include_str!("mod.rs"), include_str!("fold.rs"), include_str!("../search/query.rs")] {
            check(text);
        }
    }
}
