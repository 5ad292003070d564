//! How a person's words sound: sentiment, and signs of frustration.

use crate::vader::polarity;
use std::borrow::Cow;

/// Whether words sound positive or negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SentimentLevel {
    /// A score above 0.5.
    Positive,
    /// A score from -0.5 to 0.5.
    Neutral,
    /// A score below -0.5.
    Negative,
}

impl SentimentLevel {
    /// `positive`, `neutral` or `negative`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Positive => "positive",
            Self::Neutral => "neutral",
            Self::Negative => "negative",
        }
    }
}

/// How frustrated words sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FrustrationLevel {
    /// Reported, but below the others.
    Low,
    /// A frustration of 3 and more, or a score of -3 and less.
    Moderate,
    /// A frustration of 6 and more, or a score of -4 and less.
    High,
}

impl FrustrationLevel {
    /// `low`, `moderate` or `high`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Moderate => "moderate",
            Self::High => "high",
        }
    }
}

/// How a text sounds.
#[derive(Clone, Debug, PartialEq)]
pub struct Sentiment {
    /// From -5 (negative) to 5 (positive).
    pub score: f64,
    /// The score in one word.
    pub level: SentimentLevel,
    /// How frustrated it sounds, from 0 up; `None` when there is nothing to report, which is below 2 with a score
    /// above -2.
    pub frustration_score: Option<f64>,
    /// The frustration in one word; `None` together with its score.
    pub frustration_level: Option<FrustrationLevel>,
    /// The signs that were found, in words for a person.
    pub signals: Vec<String>,
}

/// A text shorter than this, in characters, and without a blank is terse.
const TERSE: usize = 15;

/// Characters of a text that are judged; [`Record::speech`](crate::Record::speech) gives no more.
const JUDGED: usize = crate::speech::SPEECH_CHARACTERS;

/// Words that tell the other one to stop, each worth two points.
const COMMANDS: &[&[&str]] = &[&["stop"], &["quit"], &["never", "mind"], &["forget", "it"], &["give", "up"]];

/// Judges what a person said; `None` for a blank text. It is the caller's part to hand over speech only
/// ([`Record::speech`](crate::Record::speech)).
///
/// The score is VADER's compound times five. Frustration is the negative part of the score plus: 3 for three words in
/// capitals in a row and 0.5 for each further one, 2.5 for two, 2 for a single one of five letters or more (not when
/// the text is positive; names with underscores are no words); 1 for two or more `!` or `?` in a row; 1 for a terse
/// text; 1 for each word that is said twice in a row; 2 for each of `stop`, `quit`, `never mind`, `forget it`,
/// `give up`. Lengths are in characters. The time is linear, and only the first 20,000 characters count.
///
/// ```
/// use han_transcript::{FrustrationLevel, judge};
///
/// let sentiment = judge("STOP DOING THIS!! it is terrible and wrong").unwrap();
/// assert_eq!(sentiment.frustration_level, Some(FrustrationLevel::High));
/// assert!(judge("  ").is_none());
/// ```
#[must_use]
pub fn judge(speech: &str) -> Option<Sentiment> {
    let speech = speech.trim();
    if speech.is_empty() {
        return None;
    }
    let speech = speech.char_indices().nth(JUDGED).map_or(speech, |(end, _)| &speech[..end]);
    let polarity = polarity(speech);
    let score = polarity.compound * 5.0;
    let level = if score > 0.5 {
        SentimentLevel::Positive
    } else if score < -0.5 {
        SentimentLevel::Negative
    } else {
        SentimentLevel::Neutral
    };

    let mut signs = Signs::default();
    if polarity.negative > 0.1 {
        signs.note(format!("Negative sentiment (score: {score:.2})"), 0.0);
    }
    if level != SentimentLevel::Positive {
        signs.note_capitals(speech);
    }
    signs.note_marks(speech);
    if !speech.contains(char::is_whitespace) && speech.chars().take(TERSE).count() < TERSE {
        signs.note("Very terse message".to_owned(), 1.0);
    }
    signs.note_words(speech);

    let frustration = (-score).max(0.0) + signs.points;
    let reported = frustration >= 2.0 || score <= -2.0;
    let frustration_level = if frustration >= 6.0 || score <= -4.0 {
        FrustrationLevel::High
    } else if frustration >= 3.0 || score <= -3.0 {
        FrustrationLevel::Moderate
    } else {
        FrustrationLevel::Low
    };
    Some(Sentiment {
        score,
        level,
        frustration_score: reported.then_some(frustration),
        frustration_level: reported.then_some(frustration_level),
        signals: signs.found,
    })
}

/// The signs of frustration in a text.
#[derive(Default)]
struct Signs {
    found: Vec<String>,
    points: f64,
}

impl Signs {
    fn note(&mut self, sign: String, points: f64) {
        self.found.push(sign);
        self.points += points;
    }

    fn note_capitals(&mut self, speech: &str) {
        let (mut run, mut longest_run, mut longest_word) = (0_u32, 0, 0);
        for token in speech.split_whitespace() {
            if is_variable(token) {
                continue;
            }
            match capital_letters(token) {
                Some(letters) => {
                    run += 1;
                    longest_run = longest_run.max(run);
                    longest_word = longest_word.max(letters);
                }
                None => run = 0,
            }
        }
        match longest_run {
            1 if longest_word >= 5 => self.note("A word in ALL CAPS".to_owned(), 2.0),
            0 | 1 => {}
            2 => self.note("2 consecutive words in ALL CAPS".to_owned(), 2.5),
            more => {
                self.note(format!("{more} consecutive words in ALL CAPS"), 3.0 + 0.5 * f64::from(more - 3));
            }
        }
    }

    fn note_marks(&mut self, speech: &str) {
        let bytes = speech.as_bytes();
        if bytes.windows(2).any(|pair| pair.iter().all(|mark| matches!(mark, b'!' | b'?'))) {
            self.note("Repeated punctuation (multiple ! or ?)".to_owned(), 1.0);
        }
    }

    fn note_words(&mut self, speech: &str) {
        let words: Vec<Cow<'_, str>> = speech.split_whitespace().map(bare_word).collect();
        let repeated = words.windows(2).filter(|pair| !pair[0].is_empty() && pair[0] == pair[1]);
        let repeated: Vec<&str> = repeated.map(|pair| &*pair[0]).collect();
        if let Some(first) = repeated.first() {
            let sign = match repeated.len() {
                1 => format!("repeated word: {first:?}"),
                count => format!("repeated word: {first:?} and {} more", count - 1),
            };
            self.note(sign, repeated.len() as f64);
        }
        for command in COMMANDS {
            let said =
                |part: &[Cow<'_, str>]| std::iter::zip(part, *command).all(|(word, wanted)| word == wanted);
            // "nevermind" is written as one word, too.
            let joined = command.concat();
            let said_joined = command.len() > 1 && words.iter().any(|word| *word == joined);
            if said_joined || words.windows(command.len()).any(said) {
                self.note(format!("negative command: {:?}", command.join(" ")), 2.0);
            }
        }
    }
}

/// A word in small letters, without the signs around it.
fn bare_word(token: &str) -> Cow<'_, str> {
    let word = token.trim_matches(|character: char| !character.is_alphanumeric());
    if word.chars().any(char::is_uppercase) { Cow::Owned(word.to_lowercase()) } else { Cow::Borrowed(word) }
}

/// Whether a word is a name like `NODE_ENV`.
fn is_variable(token: &str) -> bool {
    token.contains('_') && token.chars().any(char::is_uppercase) && !token.chars().any(char::is_lowercase)
}

/// Letters of a word of two letters or more that are all capitals.
fn capital_letters(token: &str) -> Option<usize> {
    let word = token.trim_matches(|character: char| !character.is_alphanumeric());
    let letters = word.chars().count();
    (letters >= 2 && word.chars().all(char::is_uppercase)).then_some(letters)
}
