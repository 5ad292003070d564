//! Values on their way from and to JavaScript that Node-API itself would bend to fit.

use han_base::{Code, Error};
use std::ops::RangeInclusive;

/// A count that a caller may leave out: a whole number from 0 to 2^32 - 1. Node-API would take the remainder of any
/// other number, so that a limit of -1 became four thousand million.
///
/// Code: `INVALID_ARGUMENT`.
pub(crate) fn count(name: &str, number: Option<f64>) -> han_base::Result<Option<u32>> {
    let number = number.map(|number| within(name, number, 0..=u64::from(u32::MAX))).transpose()?;
    Ok(number.map(|number| number as u32))
}

/// Largest whole number that JavaScript holds exactly: 2^53 - 1.
const MAX_SAFE_INTEGER: u64 = 9_007_199_254_740_991;

/// A line number, an offset or a size: a whole number from 0 to 2^53 - 1.
///
/// Code: `INVALID_ARGUMENT`.
pub(crate) fn whole(name: &str, number: f64) -> han_base::Result<u64> {
    within(name, number, 0..=MAX_SAFE_INTEGER)
}

/// A whole number of a range, which ends at 2^53 - 1 at most.
///
/// Code: `INVALID_ARGUMENT`.
pub(crate) fn within(name: &str, number: f64, range: RangeInclusive<u64>) -> han_base::Result<u64> {
    let (least, most) = range.into_inner();
    if number.fract() == 0.0 && (least as f64..=most as f64).contains(&number) {
        return Ok(number as u64);
    }
    let attempt = format!("take {name} = {}: it is a whole number from {least} to {most}", shown(number));
    Err(Error::new(Code::InvalidArgument, attempt))
}

/// A number much as JavaScript writes it.
fn shown(number: f64) -> String {
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if number.abs() < 1e21 { number.to_string() } else { format!("{number:e}") }
}

#[cfg(test)]
mod tests {
    use super::{count, whole, within};
    use han_base::Code;

    #[test]
    fn a_count_is_a_whole_number_that_fits() {
        assert_eq!(count("limit", None).unwrap(), None);
        for number in [0, 1, 1000, u32::MAX] {
            assert_eq!(count("limit", Some(f64::from(number))).unwrap(), Some(number));
        }
        for (number, shown) in [
            (-1.0, "-1"),
            (0.5, "0.5"),
            (4_294_967_296.0, "4294967296"),
            (1e300, "1e300"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            let error = count("limit", Some(number)).unwrap_err();
            assert_eq!(error.code(), Code::InvalidArgument);
            assert!(error.to_string().contains(&format!("limit = {shown}: it is")), "{error}");
        }
    }

    #[test]
    fn a_whole_number_is_exact_and_of_its_range() {
        for number in [0, 1, 4_294_967_296, 9_007_199_254_740_991] {
            assert_eq!(whole("offset", number as f64).unwrap(), number);
        }
        for number in [-1.0, 1.5, 9_007_199_254_740_992.0, 1e300, f64::NAN, f64::INFINITY] {
            let error = whole("offset", number).unwrap_err();
            assert_eq!(error.code(), Code::InvalidArgument);
            assert!(
                error.to_string().ends_with("it is a whole number from 0 to 9007199254740991"),
                "{error}"
            );
        }
        assert_eq!(whole("offset", -0.0).unwrap(), 0);
        assert_eq!(within("batchSize", 1.0, 1..=10).unwrap(), 1);
        assert_eq!(within("batchSize", 10.0, 1..=10).unwrap(), 10);
        for number in [0.0, 11.0] {
            let error = within("batchSize", number, 1..=10).unwrap_err().to_string();
            assert!(
                error.contains(&format!("batchSize = {number}: it is a whole number from 1 to 10")),
                "{error}"
            );
        }
    }
}
