use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX.1-2024 section 4.19).
///
/// Time is an argument everywhere below the shells. On the enclave's side it comes from the host,
/// who is the adversary: nothing is decided by it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(u64);

impl UnixTime {
    /// The last second that the text form can express: 9999-12-31T23:59:59Z.
    pub const MAX: Self = Self(253_402_300_799);

    /// From seconds; what lies beyond [`MAX`](Self::MAX) becomes it.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        if secs > Self::MAX.0 {
            Self::MAX
        } else {
            Self(secs)
        }
    }

    /// Seconds since the epoch.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0
    }

    /// This many seconds later.
    #[must_use]
    pub const fn plus_secs(self, secs: u64) -> Self {
        Self::from_secs(self.0.saturating_add(secs))
    }

    /// Seconds from `earlier` to this; 0 if `earlier` is later.
    #[must_use]
    pub const fn secs_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Days from 1970-01-01 to a civil date (proleptic Gregorian), by counting 400-year eras from
/// 0000-03-01.
const fn days_from_civil(year: u64, month: u64, day: u64) -> u64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y / 400;
    let year_of_era = y % 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

const fn civil_from_days(days: u64) -> (u64, u64, u64) {
    let z = days + 719_468;
    let era = z / 146_097;
    let day_of_era = z % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0 / 86_400);
        let secs = self.0 % 86_400;
        let (hour, minute, second) = (secs / 3600, secs / 60 % 60, secs % 60);
        // Without the formatting of numbers, since verdicts are full of times.
        let mut text = *b"0000-00-00T00:00:00Z";
        let numbers = [
            (0, 4, year),
            (5, 7, month),
            (8, 10, day),
            (11, 13, hour),
            (14, 16, minute),
            (17, 19, second),
        ];
        for (from, to, mut number) in numbers {
            for digit in text.get_mut(from..to).unwrap_or_default().iter_mut().rev() {
                *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
                number /= 10;
            }
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

/// The text is no time in the accepted form.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` is no time; write it in UTC as 2026-01-31T00:00:00Z")]
pub struct TimeError {
    /// The text, cut to 40 characters.
    pub text: String,
}

impl FromStr for UnixTime {
    type Err = TimeError;

    /// Reads `YYYY-MM-DDTHH:MM:SSZ` (RFC 3339 section 5.6, UTC, whole seconds, from 1970).
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let parse = || {
            let shape = b"dddd-dd-ddTdd:dd:ddZ";
            let fits = text.len() == shape.len()
                && text.bytes().zip(shape).all(|(c, s)| {
                    if *s == b'd' {
                        c.is_ascii_digit()
                    } else {
                        c == *s
                    }
                });
            let field = |from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
            if !fits {
                return None;
            }
            let (year, month, day) = (field(0, 4)?, field(5, 7)?, field(8, 10)?);
            let (hour, minute, second) = (field(11, 13)?, field(14, 16)?, field(17, 19)?);
            let in_range = year >= 1970 && (1..=12).contains(&month) && (1..=31).contains(&day);
            if !in_range || hour > 23 || minute > 59 || second > 59 {
                return None;
            }
            let days = days_from_civil(year, month, day);
            (civil_from_days(days) == (year, month, day))
                .then(|| Self::from_secs(days * 86_400 + hour * 3600 + minute * 60 + second))
        };
        parse().ok_or_else(|| TimeError {
            text: text.chars().take(40).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_instants() {
        for (secs, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_164_800, "2024-02-29T00:00:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(UnixTime::from_secs(secs).to_string(), text);
            assert_eq!(text.parse(), Ok(UnixTime::from_secs(secs)));
        }
    }

    #[test]
    fn every_day_of_four_centuries_round_trips() {
        for day in 0..146_097 {
            let time = UnixTime::from_secs(day * 86_400 + 1);
            assert_eq!(time.to_string().parse(), Ok(time));
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in [
            "",
            "2026-01-31",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-31T24:00:00Z",
            "2026-01-31T00:00:00+00:00",
            "2026-01-31t00:00:00z",
            "1969-12-31T23:59:59Z",
        ] {
            assert!(text.parse::<UnixTime>().is_err(), "{text}");
        }
    }
}
