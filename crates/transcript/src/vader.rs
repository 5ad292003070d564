//! VADER: how positive or negative a text sounds, by the words in it.
//!
//! Hutto, C.J. & Gilbert, E.E. (2014): VADER, a parsimonious rule-based model for sentiment analysis of social media
//! text. The lexicon is that of the `vader_sentiment` crate. The rules are written out here, after the original: the
//! crate's own analyser picks idioms in the order of a randomly seeded map, so that one text may get two scores, and
//! counts an exclamation without any word of the lexicon as negative. This one takes time linear in the text.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;
use vader_sentiment::{EMOJI_LEXICON, LEXICON};

const BOOST: f64 = 0.293;
const CAPITALS: f64 = 0.733;
const NEGATION: f64 = -0.74;
const NORMALISATION: f64 = 15.0;

/// Words that make the next one stronger.
const BOOSTERS: &[&str] = &[
    "absolutely",
    "amazingly",
    "awfully",
    "completely",
    "considerable",
    "considerably",
    "decidedly",
    "deeply",
    "effing",
    "enormous",
    "enormously",
    "entirely",
    "especially",
    "exceptional",
    "exceptionally",
    "extreme",
    "extremely",
    "fabulously",
    "flippin",
    "flipping",
    "frackin",
    "fracking",
    "frickin",
    "fricking",
    "friggin",
    "frigging",
    "fuckin",
    "fucking",
    "fuggin",
    "fugging",
    "fully",
    "greatly",
    "hella",
    "highly",
    "hugely",
    "incredible",
    "incredibly",
    "intensely",
    "major",
    "majorly",
    "more",
    "most",
    "particularly",
    "purely",
    "quite",
    "really",
    "remarkably",
    "so",
    "substantially",
    "thoroughly",
    "total",
    "totally",
    "tremendous",
    "tremendously",
    "uber",
    "unbelievably",
    "unusually",
    "utter",
    "utterly",
    "very",
];

/// Words that make the next one weaker.
const DAMPENERS: &[&str] = &[
    "almost",
    "barely",
    "hardly",
    "kind-of",
    "kinda",
    "kindof",
    "less",
    "little",
    "marginal",
    "marginally",
    "occasional",
    "occasionally",
    "partly",
    "scarce",
    "scarcely",
    "slight",
    "slightly",
    "somewhat",
    "sort-of",
    "sorta",
    "sortof",
];

/// Pairs of words that make the next one weaker.
const DAMPENING_PAIRS: &[(&str, &str)] = &[("just", "enough"), ("kind", "of"), ("sort", "of")];

const NEGATIONS: &[&str] = &[
    "aint", "arent", "cannot", "cant", "couldnt", "darent", "despite", "didnt", "doesnt", "dont", "hadnt",
    "hasnt", "havent", "isnt", "mightnt", "mustnt", "neednt", "neither", "never", "none", "nope", "nor",
    "not", "nothing", "nowhere", "oughtnt", "rarely", "seldom", "shant", "shouldnt", "uh-uh", "uhuh",
    "wasnt", "werent", "without", "wont", "wouldnt",
];

/// Idioms with a value of their own, by their words.
const IDIOMS: &[(&[&str], f64)] = &[
    (&["the", "shit"], 3.0),
    (&["the", "bomb"], 3.0),
    (&["bad", "ass"], 1.5),
    (&["badass"], 1.5),
    (&["yeah", "right"], -2.0),
    (&["kiss", "of", "death"], -1.5),
    (&["to", "die", "for"], 3.0),
];

/// What a word means, wherever it stands.
#[derive(Clone, Copy, Default)]
struct Meaning {
    /// Its value in the lexicon.
    value: Option<f64>,
    /// How it changes the next word, as -1 (weaker), 0 or 1.
    boost: f64,
    is_negation: bool,
}

/// The meanings of all words that have one, in small letters; made once.
static MEANINGS: LazyLock<HashMap<Cow<'static, str>, Meaning>> = LazyLock::new(|| {
    let mut meanings: HashMap<_, Meaning> = HashMap::with_capacity(LEXICON.len() + 256);
    for (word, value) in LEXICON.iter() {
        let word: &'static str = word;
        let word = if word.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(word.to_lowercase())
        } else {
            Cow::Borrowed(word)
        };
        meanings.entry(word).or_default().value = Some(*value);
    }
    for (words, boost) in [(BOOSTERS, 1.0), (DAMPENERS, -1.0)] {
        for word in words {
            meanings.entry(Cow::Borrowed(*word)).or_default().boost = boost;
        }
    }
    for word in NEGATIONS {
        meanings.entry(Cow::Borrowed(*word)).or_default().is_negation = true;
    }
    meanings
});

/// What VADER says about a text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Polarity {
    /// From -1 to 1, with four decimals.
    pub(crate) compound: f64,
    /// The share of the text that is negative, from 0 to 1.
    pub(crate) negative: f64,
}

/// One word of a text.
struct Word<'a> {
    lower: Cow<'a, str>,
    meaning: Meaning,
    is_capital: bool,
}

impl<'a> Word<'a> {
    fn read(token: &'a str) -> Self {
        let stripped = token.trim_matches(|character: char| character.is_ascii_punctuation());
        // What is nearly all signs is an emoticon.
        let text = if stripped.len() <= 2 { token } else { stripped };
        let is_small = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
        let lower = if is_small { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) };
        let mut meaning = MEANINGS.get(&*lower).copied().unwrap_or_default();
        meaning.is_negation |= lower.contains("n't");
        let is_capital = !is_small && is_all_capital(text);
        Self { lower, meaning, is_capital }
    }

    fn is(&self, word: &str) -> bool {
        self.lower == word
    }
}

/// Whether a word has letters, and all of them are capitals.
fn is_all_capital(word: &str) -> bool {
    let mut letters = word.chars().filter(|character| character.is_alphabetic()).peekable();
    letters.peek().is_some() && letters.all(char::is_uppercase)
}

/// Scores a text.
pub(crate) fn polarity(text: &str) -> Polarity {
    let text = with_emoji_described(text);
    let words: Vec<Word<'_>> = text.split_whitespace().map(Word::read).collect();
    let capitals = words.iter().filter(|word| word.is_capital).count();
    let mixed = capitals > 0 && capitals < words.len();
    let mut values: Vec<f64> = (0..words.len()).map(|index| value(&words, index, mixed)).collect();
    if let Some(but) = words.iter().position(|word| word.is("but")) {
        values[..but].iter_mut().for_each(|value| *value *= 0.5);
        values[but + 1..].iter_mut().for_each(|value| *value *= 1.5);
    }
    total(&values, emphasis(&text))
}

/// The value of a word where it stands.
fn value(words: &[Word<'_>], index: usize, mixed: bool) -> f64 {
    let word = &words[index];
    let next = words.get(index + 1);
    let Some(plain) = word.meaning.value.filter(|_| word.meaning.boost == 0.0) else {
        return 0.0;
    };
    if word.is("kind") && next.is_some_and(|next| next.is("of")) {
        return 0.0;
    }
    let before = |distance: usize| index.checked_sub(distance).map(|index| &words[index]);
    let stands = |distance: usize, word: &str| before(distance).is_some_and(|before| before.is(word));

    let mut value = plain;
    // "no" before a word of the lexicon negates it and has no value of its own.
    if word.is("no") && next.is_some_and(|next| next.meaning.value.is_some()) {
        value = 0.0;
    }
    if stands(1, "no") || stands(2, "no") || stands(3, "no") && (stands(1, "or") || stands(1, "nor")) {
        value = plain * NEGATION;
    }
    if word.is_capital && mixed {
        value += if value > 0.0 { CAPITALS } else { -CAPITALS };
    }
    for distance in 1..=3 {
        let Some(earlier) = before(distance).filter(|earlier| earlier.meaning.value.is_none()) else {
            continue;
        };
        value += boost(earlier, value, mixed) * [1.0, 0.95, 0.9][distance - 1];
        value *= negation(&stands, earlier, distance);
        if distance == 3 {
            value = idiom(words, index).unwrap_or(value);
            let pair = |(first, second): &(&str, &str)| {
                stands(3, first) && stands(2, second) || stands(2, first) && stands(1, second)
            };
            value -= BOOST * DAMPENING_PAIRS.iter().filter(|words| pair(words)).count() as f64;
        }
    }
    let least = before(1).is_some_and(|before| before.is("least") && before.meaning.value.is_none());
    if least && !stands(2, "at") && !stands(2, "very") { value * NEGATION } else { value }
}

/// How much an earlier word makes a value larger or smaller.
fn boost(earlier: &Word<'_>, value: f64, mixed: bool) -> f64 {
    let mut boost = earlier.meaning.boost * BOOST;
    if value < 0.0 {
        boost = -boost;
    }
    if earlier.meaning.boost != 0.0 && earlier.is_capital && mixed {
        boost += if value > 0.0 { CAPITALS } else { -CAPITALS };
    }
    boost
}

/// The factor by which an earlier word turns a value round, or makes it stronger.
fn negation(stands: &impl Fn(usize, &str) -> bool, earlier: &Word<'_>, distance: usize) -> f64 {
    let so_or_this = |distance| stands(distance, "so") || stands(distance, "this");
    let (stronger, unchanged) = match distance {
        2 => (stands(2, "never") && so_or_this(1), stands(2, "without") && stands(1, "doubt")),
        3 => (
            stands(3, "never") && so_or_this(2) || so_or_this(1),
            stands(3, "without") && (stands(2, "doubt") || stands(1, "doubt")),
        ),
        _ => (false, false),
    };
    match (stronger, unchanged, earlier.meaning.is_negation) {
        (true, ..) => 1.25,
        (_, true, _) | (.., false) => 1.0,
        (.., true) => NEGATION,
    }
}

/// The value of the idiom that a word is part of, with the three words before it and the two behind it.
fn idiom(words: &[Word<'_>], index: usize) -> Option<f64> {
    let window = &words[index.saturating_sub(3)..words.len().min(index + 3)];
    let own = index.min(3);
    IDIOMS.iter().find_map(|(idiom, value)| {
        let found = window.windows(idiom.len()).enumerate().any(|(start, part)| {
            (start..start + idiom.len()).contains(&own)
                && std::iter::zip(part, *idiom).all(|(word, wanted)| word.is(wanted))
        });
        found.then_some(*value)
    })
}

/// How much exclamation and question marks add.
fn emphasis(text: &str) -> f64 {
    let count = |mark| text.bytes().filter(|byte| *byte == mark).count();
    let questions = count(b'?');
    count(b'!').min(4) as f64 * 0.292
        + match questions {
            0 | 1 => 0.0,
            2 | 3 => questions as f64 * 0.18,
            _ => 0.96,
        }
}

fn total(values: &[f64], emphasis: f64) -> Polarity {
    let sum: f64 = values.iter().sum();
    let sum = if sum > 0.0 {
        sum + emphasis
    } else if sum < 0.0 {
        sum - emphasis
    } else {
        0.0
    };
    let (mut positive, mut negative, mut neutral) = (0.0, 0.0, 0.0);
    for &value in values {
        match value {
            _ if value > 0.0 => positive += value + 1.0,
            _ if value < 0.0 => negative += 1.0 - value,
            _ => neutral += 1.0,
        }
    }
    if positive > negative {
        positive += emphasis;
    } else if positive < negative {
        negative += emphasis;
    }
    let all = positive + negative + neutral;
    let compound = (sum / (sum * sum + NORMALISATION).sqrt()).clamp(-1.0, 1.0);
    Polarity {
        compound: (compound * 10_000.0).round() / 10_000.0,
        negative: if all > 0.0 { negative / all } else { 0.0 },
    }
}

/// The text with the description of each emoji in its place.
fn with_emoji_described(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut described = String::with_capacity(text.len());
    let mut after_blank = true;
    for character in text.chars() {
        let description = if character.is_ascii() || character.is_alphabetic() {
            None
        } else {
            EMOJI_LEXICON.get(&*character.encode_utf8(&mut [0; 4]))
        };
        if let Some(description) = description {
            if !after_blank {
                described.push(' ');
            }
            described.push_str(description);
            after_blank = false;
        } else {
            after_blank = character == ' ';
            described.push(character);
        }
    }
    Cow::Owned(described)
}

#[cfg(test)]
mod tests {
    use super::polarity;
    use std::time::Instant;

    fn compound(text: &str) -> f64 {
        polarity(text).compound
    }

    #[test]
    fn the_published_examples_have_their_published_scores() {
        for (text, expected) in [
            ("VADER is smart, handsome, and funny.", 0.8316),
            ("VADER is smart, handsome, and funny!", 0.8439),
            ("VADER is very smart, handsome, and funny.", 0.8545),
            ("VADER is VERY SMART, handsome, and FUNNY.", 0.9227),
            ("VADER is VERY SMART, handsome, and FUNNY!!!", 0.9342),
            ("VADER is VERY SMART, uber handsome, and FRIGGIN FUNNY!!!", 0.9469),
            ("VADER is not smart, handsome, nor funny.", -0.7424),
            ("The book was good.", 0.4404),
            ("At least it isn't a horrible book.", 0.431),
            ("The book was only kind of good.", 0.3832),
            ("The plot was good, but the characters are uncompelling and the dialog is not great.", -0.7042),
            ("Today SUX!", -0.5461),
            ("Today only kinda sux! But I'll get by, lol", 0.5249),
            ("Make sure you :) or :D today!", 0.8633),
            ("Not bad at all", 0.431),
        ] {
            assert!((compound(text) - expected).abs() < 0.00005, "{text}: {} for {expected}", compound(text));
        }
    }

    #[test]
    fn a_text_without_a_word_of_the_lexicon_is_neutral_whatever_its_marks() {
        for text in ["", "run it!!!!", "which file???", "日本語のテキスト", "!!!"] {
            assert!(compound(text).abs() < f64::EPSILON, "{text}");
        }
    }

    #[test]
    fn an_idiom_has_the_value_of_all_its_words() {
        assert!(compound("well now this is the bomb") > 0.5);
        assert!(compound("so you say yeah right") < -0.2);
        // The same each time, though two idioms stand beside each other.
        let text = "oh well yeah right the bomb is here";
        assert!((0..50).all(|_| polarity(text) == polarity(text)));
    }

    #[test]
    fn emoji_count_by_their_description() {
        assert!(compound("nice 😁") > compound("nice"));
        assert!(compound("it broke again😡") < -0.2);
    }

    #[test]
    fn a_megabyte_takes_linear_time() {
        let began = Instant::now();
        for word in ["bad ", "so ", "the bomb ", "!", "x", "😁", "not never so good "] {
            let text = word.repeat(1_000_000 / word.len());
            assert!(polarity(&text).compound.abs() <= 1.0);
        }
        // Quadratic work would take minutes.
        assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
    }
}
