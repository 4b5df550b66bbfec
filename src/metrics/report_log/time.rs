//! Points in time, as logs write them.
//!
//! Absent: leap seconds, which CloudWatch does not know, and the names of zones.

use std::fmt;

use serde::{Serialize, Serializer};

/// Milliseconds since 1970, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(pub i64);

const DAY: i64 = 86_400_000;

impl Timestamp {
    /// The start of a day.
    pub(crate) const fn of_date(year: i64, month: i64, day: i64) -> Self {
        Self(days(year, month, day) * DAY)
    }

    /// Reads `2023-05-01T10:11:12.123Z`, also with a space for the `T`, with an offset,
    /// and without one, which is UTC then, as in Insights.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (date, rest) = text.split_at_checked(10)?;
        let date = Self::read_date(date)?;
        let clock = rest.strip_prefix(['T', ' '])?;
        let zone = clock.find(['Z', '+', '-']).unwrap_or(clock.len());
        let (clock, zone) = clock.split_at(zone);
        Some(Self(date.0 + read_clock(clock)? - read_zone(zone)?))
    }

    /// Reads `2023-05-01` or `2023/05/01`.
    pub(crate) fn read_date(text: &str) -> Option<Self> {
        let separator = if text.contains('/') { '/' } else { '-' };
        let mut parts = text.split(separator);
        let year = digits(parts.next()?, 4)?;
        let month = digits(parts.next()?, 2).filter(|month| (1..=12).contains(month))?;
        let day = digits(parts.next()?, 2).filter(|day| (1..=31).contains(day))?;
        parts
            .next()
            .is_none()
            .then_some(Self::of_date(year, month, day))
    }

    pub(crate) fn date(self) -> String {
        let (year, month, day) = date(self.0.div_euclid(DAY));
        format!("{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0.rem_euclid(DAY);
        let (hour, minute) = (ms / 3_600_000, ms / 60_000 % 60);
        let (second, ms) = (ms / 1_000 % 60, ms % 1_000);
        write!(
            f,
            "{}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z",
            self.date()
        )
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// `10:11:12.123`, in ms; seconds may be absent.
fn read_clock(text: &str) -> Option<i64> {
    let (clock, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let mut parts = clock.split(':');
    let hour = digits(parts.next()?, 2).filter(|hour| *hour < 24)?;
    let minute = digits(parts.next()?, 2).filter(|minute| *minute < 60)?;
    let second = parts.next().map_or(Some(0), |second| digits(second, 2))?;
    let is_number = fraction.bytes().all(|byte| byte.is_ascii_digit());
    let is_over = parts.next().is_some() || second > 60 || !is_number;
    let ms = fraction.bytes().chain(*b"000").take(3);
    let ms = ms.fold(0, |ms, digit| ms * 10 + i64::from(digit.wrapping_sub(b'0')));
    (!is_over).then_some(((hour * 60 + minute) * 60 + second) * 1_000 + ms)
}

/// `Z`, `+02:00`, `+0200` or nothing, in ms.
fn read_zone(text: &str) -> Option<i64> {
    let sign = match text.as_bytes().first() {
        None => return Some(0),
        Some(b'Z') => return (text == "Z").then_some(0),
        Some(b'-') => -1,
        Some(_) => 1,
    };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    let (hours, minutes) = digits.split_at_checked(2)?;
    let minutes = if minutes.is_empty() { "00" } else { minutes };
    let (hours, minutes) = (self::digits(hours, 2)?, self::digits(minutes, 2)?);
    Some(sign * (hours * 60 + minutes) * 60_000)
}

fn digits(text: &str, count: usize) -> Option<i64> {
    let is_number = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// Days since 1970, by Howard Hinnant's algorithm:
/// <https://howardhinnant.github.io/date_algorithms.html>.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

const fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400;
    (if month <= 2 { year + 1 } else { year }, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_spelling_that_logs_have() {
        for text in [
            "2023-05-01T10:11:12.123Z",
            "2023-05-01 10:11:12.123",
            "2023-05-01T10:11:12.123000+00:00",
            "2023-05-01T12:11:12.123+02:00",
            "2023-05-01T05:41:12.1239-0430",
        ] {
            let time = Timestamp::read(text).map(|time| time.to_string());
            assert_eq!(time.as_deref(), Some("2023-05-01T10:11:12.123Z"), "{text}");
        }
        assert_eq!(Timestamp::read("1970-01-01T00:00:00Z"), Some(Timestamp(0)));
        assert_eq!(
            Timestamp(1_754_006_400_000).to_string(),
            "2025-08-01T00:00:00.000Z"
        );
        assert_eq!(Timestamp(-1).to_string(), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "2023-05-01",
            "2023-13-01T10:11:12Z",
            "2023-05-01T25:11:12Z",
            "2023-05-01T10:11:12.Zx",
            "2023-05-01T10:11:12Q",
            "äääääääääää",
            "2023-05-01T10:11:12+ä",
        ] {
            assert_eq!(Timestamp::read(text), None, "{text}");
        }
    }

    #[test]
    fn days_lead_to_dates_and_back() {
        for day in (-800_000..800_000).step_by(97) {
            let (year, month, of_month) = date(day);
            assert_eq!(days(year, month, of_month), day);
        }
        assert_eq!(Timestamp::of_date(2024, 2, 29).date(), "2024-02-29");
    }
}
