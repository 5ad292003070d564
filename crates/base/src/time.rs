//! UTC time: in the one form that is stored and compared, milliseconds since 1970, and at full precision for comparing
//! texts.

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
        if let Some(millis) = parse_common_form(text.as_bytes()) {
            return Some(Self(millis));
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

/// `YYYY-MM-DDTHH:MM:SS.mmmZ`, the form of every transcript line, as milliseconds since 1970. Leap seconds are left to
/// the general parsers, which are the twins that the tests hold this one against.
fn parse_common_form(text: &[u8]) -> Option<i64> {
    const FORM: [u8; 24] = *b"0000-00-00T00:00:00.000Z";
    let text: &[u8; 24] = text.try_into().ok()?;
    // How far each byte is above that of the form: what a digit is worth, 0 where the form has no digit. The loop has no
    // branch, so that it is compiled to few instructions.
    let mut values = [0; 24];
    let mut is_common = true;
    for index in 0..24 {
        values[index] = text[index].wrapping_sub(FORM[index]);
        is_common &= values[index] <= if FORM[index] == b'0' { 9 } else { 0 };
    }
    let number = |from: usize| i64::from(values[from]) * 10 + i64::from(values[from + 1]);
    let (year, month, day) = (number(0) * 100 + number(2), number(5), number(8));
    let (hour, minute, second) = (number(11), number(14), number(17));
    if !is_common || !is_date(year, month, day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let minutes = (days_since_1970(year, month, day) * 24 + hour) * 60 + minute;
    Some(minutes * 60_000 + second * 1000 + number(20) * 10 + i64::from(values[22]))
}

/// Whether the calendar has the day.
fn is_date(year: i64, month: i64, day: i64) -> bool {
    let is_leap_year = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last_day = match month {
        2 if is_leap_year => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=last_day).contains(&day)
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    // The year begins in March, so that the leap day is its last.
    let (shifted_year, shifted_month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era_days = 365 * shifted_year + shifted_year.div_euclid(4) - shifted_year.div_euclid(100)
        + shifted_year.div_euclid(400);
    era_days + (153 * shifted_month + 2) / 5 + day - 1 - 719_468
}

/// Reads a date and time as nanoseconds since 1970-01-01T00:00:00Z; `None` when the text is something else.
///
/// The text is an RFC 3339 date and time: `2026-11-20T12:00:00.25+02:00`, with `t` and `z` or a blank for `T` as that
/// allows. Two things may be left out: the seconds, which are then 0, and the zone, which is then UTC. A fraction has any
/// number of digits; those beyond the nanosecond are dropped. A leap second (`:60`) is read as the second before it,
/// as [`Timestamp::parse`] does.
///
/// ```
/// use han_base::time::parse_nanoseconds;
///
/// assert_eq!(parse_nanoseconds("1970-01-01T00:00:01.000000002Z"), Some(1_000_000_002));
/// assert_eq!(parse_nanoseconds("1970-01-01 02:00+02:00"), Some(0));
/// assert_eq!(parse_nanoseconds("1970-01-01"), None);
/// ```
#[must_use]
pub fn parse_nanoseconds(text: &str) -> Option<i128> {
    if let Some(millis) = parse_common_form(text.as_bytes()) {
        return Some(i128::from(millis) * 1_000_000);
    }
    let (head, rest) = text.as_bytes().split_first_chunk()?;
    let minutes = parse_minutes(head)?;
    let (second, nanosecond, zone) = parse_second(rest)?;
    let seconds = (minutes - parse_offset(zone)?) * 60 + second;
    Some(i128::from(seconds) * 1_000_000_000 + i128::from(nanosecond))
}

/// `YYYY-MM-DDTHH:MM` as minutes since 1970.
fn parse_minutes(text: &[u8; 16]) -> Option<i64> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T' | b't' | b' ', h1, h2, b':', n1, n2] = *text else {
        return None;
    };
    let year = two_digits(y1, y2)? * 100 + two_digits(y3, y4)?;
    let (month, day) = (two_digits(m1, m2)?, two_digits(d1, d2)?);
    let (hour, minute) = (two_digits(h1, h2)?, two_digits(n1, n2)?);
    if !is_date(year, month, day) || hour > 23 || minute > 59 {
        return None;
    }
    Some((days_since_1970(year, month, day) * 24 + hour) * 60 + minute)
}

/// What stands behind the minute: `:SS` and `:SS.f…` as second and nanosecond, or nothing; and what follows.
fn parse_second(text: &[u8]) -> Option<(i64, i64, &[u8])> {
    let [b':', tens, ones, rest @ ..] = text else { return Some((0, 0, text)) };
    let second = two_digits(*tens, *ones).filter(|&second| second <= 60)?.min(59);
    let Some(fraction) = rest.strip_prefix(b".") else { return Some((second, 0, rest)) };
    let length = fraction.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(fraction.len());
    let (digits, zone) = fraction.split_at(length);
    if digits.is_empty() {
        return None;
    }
    let kept = &digits[..length.min(9)];
    let nanosecond = kept.iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
    Some((second, nanosecond * 10_i64.pow(9 - kept.len() as u32), zone))
}

/// `Z`, `+HH:MM`, `-HH:MM` or nothing, as minutes east of UTC.
fn parse_offset(zone: &[u8]) -> Option<i64> {
    match *zone {
        [] | [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (two_digits(h1, h2)?, two_digits(m1, m2)?);
            let east = (hours <= 23 && minutes <= 59).then_some(hours * 60 + minutes)?;
            Some(if sign == b'-' { -east } else { east })
        }
        _ => None,
    }
}

fn two_digits(tens: u8, ones: u8) -> Option<i64> {
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| i64::from((tens - b'0') * 10 + (ones - b'0')))
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date_of(self.0.div_euclid(DAY_MILLIS));
        if (0..=9999).contains(&year) {
            let millis = self.0.rem_euclid(DAY_MILLIS);
            let (hour, minute, second) = (millis / 3_600_000, millis / 60_000 % 60, millis / 1000 % 60);
            let millis = millis % 1000;
            return write!(
                formatter,
                "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z"
            );
        }
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(time) => write!(formatter, "{time:.3}"),
            Err(_) => Err(fmt::Error),
        }
    }
}

const DAY_MILLIS: i64 = 86_400_000;

/// The date so many days after 1970-01-01, in the proleptic Gregorian calendar: the inverse of [`days_since_1970`].
fn date_of(days: i64) -> (i64, i64, i64) {
    // The year begins in March, so that the leap day is its last; an era has 400 years.
    let shifted_days = days + 719_468;
    let (era, day_of_era) = (shifted_days.div_euclid(146_097), shifted_days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
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
    fn every_moment_that_is_read_or_made_has_a_text() {
        for text in ["9999-12-31T23:59:59.999Z", "9999-12-30T22:00:01.000Z", "0000-01-01T00:00:00.000Z"] {
            assert_eq!(Timestamp::parse(text).map(|time| time.to_string()).as_deref(), Some(text));
        }
        for millis in [i64::MIN, i64::MIN + 1, -62_167_219_200_001, i64::MAX - 1, i64::MAX] {
            assert!(Timestamp::from_millis(millis).to_string().ends_with('Z'));
        }
    }

    #[test]
    fn texts_that_are_no_moment_are_refused() {
        for text in
            ["", "2026", "2026-03-01", "2026-02-30T00:00:00.000Z", "2026-13-01T00:00:00.000Z", "yesterday"]
        {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn nanoseconds_are_read_from_every_form() {
        let noon = parse_nanoseconds("2026-03-01T12:00:00.000Z").unwrap();
        for (text, nanoseconds) in [
            ("2026-03-01T12:00", 0),
            ("2026-03-01 12:00:00", 0),
            ("2026-03-01t12:00z", 0),
            ("2026-03-01T12:00:00.5", 500_000_000),
            ("2026-03-01T14:00:00.000000001+02:00", 1),
            ("2026-03-01T06:30:00.1234567899999-05:30", 123_456_789),
            ("2026-03-01T12:00:00-00:00", 0),
            ("2026-03-01T11:59:60Z", -1_000_000_000),
            ("2026-02-28T12:00:01Z", -86_399_000_000_000),
            ("2026-03-02T11:59:00+23:59", 0),
        ] {
            assert_eq!(parse_nanoseconds(text), Some(noon + nanoseconds), "{text}");
        }
        assert_eq!(parse_nanoseconds("1969-12-31T23:59:59.999999999Z"), Some(-1));
        assert!(parse_nanoseconds("0000-02-29T00:00Z").is_some());
        assert!(parse_nanoseconds("9999-12-31T23:59:59-23:59").is_some());
    }

    #[test]
    fn nanoseconds_are_not_read_from_other_texts() {
        for text in [
            "",
            "2026-03-01",
            "2026-03-01T12",
            "2026-03-01T12:00:",
            "2026-03-01T12:00:0",
            "2026-03-01T12:00:61Z",
            "2026-03-01T24:00Z",
            "2026-03-01T12:60Z",
            "2026-02-29T00:00Z",
            "1900-02-29T00:00Z",
            "2026-00-01T00:00Z",
            "2026-13-01T00:00Z",
            "2026-04-31T00:00Z",
            "2026-03-00T00:00Z",
            "2026-03-01T12:00:00.Z",
            "2026-03-01T12:00:00,5Z",
            "2026-03-01T12:00:00ZZ",
            "2026-03-01T12:00:00+02",
            "2026-03-01T12:00:00+0200",
            "2026-03-01T12:00:00+24:00",
            "2026-03-01T12:00:00+02:60",
            "2026-03-01T12:00:00Z ",
            " 2026-03-01T12:00:00Z",
            "+2026-03-01T12:00Z",
            "2026-03-01T12:00:00é",
            "2026_03-01T12:00:00Z",
            "2026-0x-01T12:00:00Z",
        ] {
            assert_eq!(parse_nanoseconds(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nanoseconds_agree_with_the_general_parser(
            seconds in -62_100_000_000_i64..253_300_000_000, nanosecond in 0..1_000_000_000_i32,
            digits in 0_usize..=9, offset in -1439_i32..1440, separator in "[Tt ]",
        ) {
            let zone = jiff::tz::Offset::from_seconds(offset * 60).unwrap();
            let moment = jiff::Timestamp::new(seconds, nanosecond).unwrap();
            let text = moment.display_with_offset(zone).to_string();
            let (date, time) = text.split_once('T').unwrap();
            let (clock, zone) = time.split_at(8);
            let zone = zone.trim_start_matches(|character: char| character == '.' || character.is_ascii_digit());
            let fraction = format!("{nanosecond:09}");
            let point = if digits == 0 { "" } else { "." };
            let text = format!("{date}{separator}{clock}{point}{}{zone}", &fraction[..digits]);
            let general: jiff::Timestamp = text.parse().unwrap();
            prop_assert_eq!(parse_nanoseconds(&text), Some(general.as_nanosecond()), "{}", text);
        }

        #[test]
        fn damaged_times_never_panic(text in "[0-9]{3,5}[-_][0-9]{1,3}-[0-3][0-9][Tt x][0-9]{2}:[0-9]{2}(:[0-9]{1,3}(\\.[0-9]{0,40})?)?([Zz+é-].{0,6})?") {
            let read = parse_nanoseconds(&text);
            let general = text.parse::<jiff::Timestamp>();
            // What both read is the same moment; each has forms that the other refuses.
            if let (Some(nanoseconds), Ok(general)) = (read, general) {
                prop_assert_eq!(nanoseconds, general.as_nanosecond(), "{}", text);
            }
        }

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
