//! The periods that metrics can be asked for.

use han_base::Timestamp;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// When a period of this name began that ends now, in milliseconds since 1970: `day`, `week` (7 days) or `month` (30
/// days). Anything else is all time.
pub(crate) fn start_of(period: Option<&str>) -> i64 {
    let days = match period {
        Some("day") => 1,
        Some("week") => 7,
        Some("month") => 30,
        _ => return i64::MIN,
    };
    Timestamp::now().as_millis() - days * DAY_MS
}
