//! Times as text, faster than a general formatter: the rows of a list mostly share their day.

use han_base::Timestamp;

const DAY_MILLIS: i64 = 86_400_000;

/// Writes times as RFC 3339 in UTC with milliseconds, as [`Timestamp`] prints them.
#[derive(Debug)]
pub(crate) struct TimeWriter {
    /// The day of `text`, in days since 1970.
    day: i64,
    text: [u8; 24],
}

impl Default for TimeWriter {
    fn default() -> Self {
        Self { day: 0, text: *b"1970-01-01T00:00:00.000Z" }
    }
}

impl TimeWriter {
    /// Shows the text of a time to `take`.
    pub(crate) fn write(&mut self, millis: i64, take: impl FnOnce(&[u8])) {
        // What lies beyond the years that have a text is clamped.
        let millis = Timestamp::from_millis(millis).as_millis();
        let day = millis.div_euclid(DAY_MILLIS);
        if day != self.day {
            let text = Timestamp::from_millis(millis).to_string();
            match <&[u8; 24]>::try_from(text.as_bytes()) {
                Ok(text) => (self.day, self.text) = (day, *text),
                // A year with a sign and more digits.
                Err(_) => return take(text.as_bytes()),
            }
        }
        let millis = millis.rem_euclid(DAY_MILLIS) as u32;
        let (seconds, millis) = (millis / 1000, millis % 1000);
        self.two(11, seconds / 3600);
        self.two(14, seconds / 60 % 60);
        self.two(17, seconds % 60);
        self.two(20, millis / 10);
        self.text[22] = b'0' + (millis % 10) as u8;
        take(&self.text);
    }

    fn two(&mut self, at: usize, number: u32) {
        self.text[at] = b'0' + (number / 10) as u8;
        self.text[at + 1] = b'0' + (number % 10) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::TimeWriter;
    use han_base::Timestamp;

    #[test]
    fn times_are_what_the_general_formatter_prints() {
        let mut writer = TimeWriter::default();
        let mut millis = 1_u64;
        for round in 0..200_000_i64 {
            // Random moments, days that follow each other, and the ends of what a number holds.
            millis = millis.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let moment = match round % 4 {
                0 => (millis >> 17) as i64 - (1 << 46),
                1 => round * 43_200_000 - 1,
                2 => 1_763_000_000_000 + round * 977,
                _ => millis as i64,
            };
            let text = Timestamp::from_millis(moment).to_string();
            writer.write(moment, |written| assert_eq!(written, text.as_bytes(), "{moment}"));
        }
    }
}
