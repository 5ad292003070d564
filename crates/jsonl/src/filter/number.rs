//! Numbers compared by their exact decimal value, whatever their size: nothing is rounded to a binary type.

use std::cmp::Ordering;

/// A number of JSON: ± 0.ddd… · 10^point, where the first and last digits are not zero.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decimal<'t> {
    is_negative: bool,
    point: i64,
    /// The digits: of the whole part and of the fraction.
    digits: [&'t [u8]; 2],
}

/// Larger exponents count as this one, with either sign.
const LARGEST_EXPONENT: i64 = 1_000_000_000_000_000_000;

impl<'t> Decimal<'t> {
    /// Reads a number by the grammar of JSON; `None` when the text is something else.
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        let bytes = text.as_bytes();
        let (is_negative, bytes) = bytes.strip_prefix(b"-").map_or((false, bytes), |rest| (true, rest));
        let (whole, bytes) = split_digits(bytes);
        if whole.is_empty() || whole.len() > 1 && whole[0] == b'0' {
            return None;
        }
        let (fraction, bytes) = match bytes.strip_prefix(b".") {
            Some(rest) => Some(split_digits(rest)).filter(|(fraction, _)| !fraction.is_empty())?,
            None => (&[][..], bytes),
        };
        let exponent = parse_exponent(bytes)?;
        Some(Self::normal(is_negative, whole, fraction, exponent))
    }

    fn normal(is_negative: bool, whole: &'t [u8], fraction: &'t [u8], exponent: i64) -> Self {
        let whole: &[u8] = if matches!(whole, b"0") { &[] } else { whole };
        let fraction = without_final_zeros(fraction);
        let leading =
            if whole.is_empty() { fraction.iter().take_while(|&&digit| digit == b'0').count() } else { 0 };
        let fraction = &fraction[leading..];
        let digits = [if fraction.is_empty() { without_final_zeros(whole) } else { whole }, fraction];
        if let [[], []] = digits {
            return Self { is_negative: false, point: 0, digits };
        }
        Self { is_negative, point: whole.len() as i64 - leading as i64 + exponent, digits }
    }

    fn sign(self) -> i8 {
        match (self.digits, self.is_negative) {
            ([[], []], _) => 0,
            (_, true) => -1,
            (_, false) => 1,
        }
    }

    /// Compares 0.ddd… of both.
    fn compare_digits(self, other: Self) -> Ordering {
        match (self.digits, other.digits) {
            ([one, []], [another, []]) => one.cmp(another),
            (one, another) => one.into_iter().flatten().cmp(another.into_iter().flatten()),
        }
    }
}

impl Ord for Decimal<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_size = || self.point.cmp(&other.point).then_with(|| self.compare_digits(*other));
        self.sign()
            .cmp(&other.sign())
            .then_with(|| if self.is_negative { by_size().reverse() } else { by_size() })
    }
}

impl PartialOrd for Decimal<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal<'_> {}

fn split_digits(bytes: &[u8]) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len()))
}

fn without_final_zeros(digits: &[u8]) -> &[u8] {
    &digits[..digits.iter().rposition(|&digit| digit != b'0').map_or(0, |last| last + 1)]
}

/// Reads what stands behind the digits: nothing, or an exponent.
fn parse_exponent(bytes: &[u8]) -> Option<i64> {
    let [b'e' | b'E', rest @ ..] = bytes else { return bytes.is_empty().then_some(0) };
    let (sign, digits) = match rest {
        [b'-', digits @ ..] => (-1, digits),
        _ => (1, rest.strip_prefix(b"+").unwrap_or(rest)),
    };
    let (digits, behind) = split_digits(digits);
    let size = digits.iter().fold(0_i64, |size, digit| {
        (size.saturating_mul(10).saturating_add(i64::from(digit - b'0'))).min(LARGEST_EXPONENT)
    });
    (!digits.is_empty() && behind.is_empty()).then_some(sign * size)
}

/// A number to compare with.
#[derive(Clone, Debug)]
pub(super) struct Number(Box<str>);

impl Number {
    /// The number that a text is by the grammar of JSON.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        Decimal::parse(text).map(|_| Self(text.into()))
    }

    /// A number of a program: exactly, when it is whole; else the shortest decimal that means it, as people write it
    /// (0.1, not 0.1000000000000000055…). `None` when it is not finite.
    pub(super) fn from_float(float: f64) -> Option<Self> {
        let text = if float.fract() == 0.0 { format!("{float:.0}") } else { float.to_string() };
        Self::from_text(&text)
    }

    /// The number, to compare with another.
    pub(super) fn decimal(&self) -> Decimal<'_> {
        Decimal::parse(&self.0).expect("only made of a text that is a number")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn compare(one: &str, other: &str) -> Ordering {
        Decimal::parse(one).unwrap().cmp(&Decimal::parse(other).unwrap())
    }

    #[test]
    fn numbers_are_compared_by_their_exact_value() {
        // Each row is one value in several spellings; rows ascend.
        let rows: [&[&str]; 15] = [
            &["-1e1000000000000000000", "-1e99999999999999999999999"],
            &["-1e400"],
            &["-9007199254740993"],
            &["-9007199254740992", "-9.007199254740992e15", "-9007199254740992.000"],
            &["-0.10", "-1e-1"],
            &["0", "-0", "0.000", "0e99", "-0.0E+5", "0e-99999999999999999999"],
            &["1e-400"],
            &["0.1", "1E-1", "0.0001e3", "100e-3"],
            &["0.1000000000000000055511151231257827"],
            &["9", "9.0"],
            &["10", "1e1", "1.0e+1", "0.010e3"],
            &["9007199254740992"],
            &["9007199254740993"],
            &["18446744073709551616"],
            &["1e400", "10e399"],
        ];
        for (index, row) in rows.iter().enumerate() {
            for one in *row {
                for (other_index, other_row) in rows.iter().enumerate() {
                    for other in *other_row {
                        assert_eq!(compare(one, other), index.cmp(&other_index), "{one} and {other}");
                    }
                }
            }
        }
    }

    #[test]
    fn only_numbers_of_json_are_numbers() {
        for text in [
            "", "-", "+1", "01", "-01", ".5", "1.", "1.e1", "1e", "1e+", "1e1.5", " 1", "1 ", "0x1", "1_0",
            "NaN", "١",
        ] {
            assert!(Decimal::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn floats_stand_for_what_people_write() {
        for (float, text) in
            [(0.1, "0.1"), (-0.0, "0"), (1e21, "1e21"), (2_f64.powi(64), "18446744073709551616")]
        {
            assert_eq!(Number::from_float(float).unwrap().decimal(), Decimal::parse(text).unwrap());
        }
        assert!(Number::from_float(f64::NAN).is_none() && Number::from_float(f64::NEG_INFINITY).is_none());
        assert!(Number::from_float(f64::MAX).is_some() && Number::from_float(f64::MIN_POSITIVE).is_some());
    }

    proptest! {
        #[test]
        fn whole_numbers_compare_as_such(one: i64, near in -3_i64..4, other: i64) {
            for other in [other, one.saturating_add(near)] {
                prop_assert_eq!(compare(&one.to_string(), &other.to_string()), one.cmp(&other));
            }
        }

        #[test]
        fn floats_compare_as_such(one: f64, other: f64) {
            prop_assume!(one.is_finite() && other.is_finite());
            prop_assert_eq!(Some(compare(&format!("{one:e}"), &format!("{other}"))), one.partial_cmp(&other));
        }
    }
}
