//! UTC time in the one form that is stored and compared: milliseconds since 1970.

use crate::{Code, Error, Result};
use std::fmt;

/// A moment, in milliseconds since 1970-01-01T00:00:00Z. Printed as RFC 3339 in UTC with milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment `millis` milliseconds after 1970 began; values beyond the years ±9999 are clamped.
    #[must_use]
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(jiff::Timestamp::MIN.as_millisecond(), jiff::Timestamp::MAX.as_millisecond()))
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The clock of this machine.
    #[must_use]
    pub fn now() -> Self {
        Self(jiff::Timestamp::now().as_millisecond())
    }

    /// Reads an RFC 3339 date and time with a zone (`Z` or an offset) and any number of fractional digits; digits
    /// beyond the millisecond are dropped. `None` when the text is something else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(time) = parse_common_form(text.as_bytes()) {
            return Some(time);
        }
        let time: jiff::Timestamp = text.parse().ok()?;
        Some(Self(time.as_nanosecond().div_euclid(1_000_000) as i64))
    }

    /// As [`Timestamp::parse`], with an error that names the argument.
    pub fn parse_argument(name: &str, text: &str) -> Result<Self> {
        Self::parse(text).ok_or_else(|| {
            Error::new(Code::InvalidTimestamp, format!("read argument {name} = {text:?} as a time"))
        })
    }
}

/// `YYYY-MM-DDTHH:MM:SS.mmmZ`, the form of every transcript line: parsed without the general parser, which is
/// the twin that the tests hold it against.
fn parse_common_form(text: &[u8]) -> Option<Timestamp> {
    let text: &[u8; 24] = text.try_into().ok()?;
    let punctuation = [text[4], text[7], text[10], text[13], text[16], text[19], text[23]];
    if punctuation != *b"--T::.Z" {
        return None;
    }
    let number = |from: usize, length: usize| {
        text[from..from + length].iter().try_fold(0_i64, |value, &byte| {
            byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0'))
        })
    };
    let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
    let (hour, minute, second, milli) = (number(11, 2)?, number(14, 2)?, number(17, 2)?, number(20, 3)?);
    // Days over 28 and leap seconds are left to the general parser, which knows the calendar.
    if !(1..=12).contains(&month) || !(1..=28).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Days since 1970 in the proleptic Gregorian calendar, with the year beginning in March.
    let (shifted_year, shifted_month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era_days = 365 * shifted_year + shifted_year.div_euclid(4) - shifted_year.div_euclid(100)
        + shifted_year.div_euclid(400);
    let days = era_days + (153 * shifted_month + 2) / 5 + day - 1 - 719_468;
    Some(Timestamp(((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + milli))
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(time) => write!(formatter, "{time:.3}"),
            Err(_) => Err(fmt::Error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn zones_and_fractions_are_read_as_moments() {
        let utc = Timestamp::parse("2026-03-01T00:00:00.000Z");
        assert_eq!(Timestamp::parse("2026-03-01T02:00:00+02:00"), utc);
        assert_eq!(Timestamp::parse("2026-02-28T19:00:00.000000999-05:00"), utc);
        assert_eq!(
            Timestamp::parse("2026-03-01T00:00:00.1239Z").map(Timestamp::as_millis),
            utc.map(|t| t.0 + 123)
        );
    }

    #[test]
    fn texts_that_are_no_moment_are_refused() {
        for text in
            ["", "2026", "2026-03-01", "2026-02-30T00:00:00.000Z", "2026-13-01T00:00:00.000Z", "yesterday"]
        {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_common_form_agrees_with_the_general_parser(millis in -62_000_000_000_000_i64..250_000_000_000_000) {
            let time = Timestamp::from_millis(millis);
            let text = time.to_string();
            prop_assert_eq!(Timestamp::parse(&text), Some(time));
            let general: jiff::Timestamp = text.parse().unwrap();
            prop_assert_eq!(general.as_millisecond(), millis);
        }
    }
}
