//! Timestamps in the spellings that logs use.
//!
//! In: text, or milliseconds since 1970. Out: [`Timestamp`], which is written as
//! `2023-05-01T10:11:12.123Z`.
//! Left to others: names of time zones, which do not occur in logs. jiff adds two crates
//! (itself and jiff-core, MIT or Unlicense) and replaces our own calendar arithmetic.

use std::fmt;

use jiff::civil;
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;
use serde::{Serialize, Serializer};

/// A point in time, with millisecond precision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// Takes milliseconds since 1970, as CloudWatch counts time.
    pub(crate) fn from_unix_millis(ms: i64) -> Option<Self> {
        jiff::Timestamp::from_millisecond(ms).ok().map(Self)
    }

    /// Takes seconds since 1970.
    pub(crate) const fn from_unix_seconds(seconds: i64) -> Self {
        Self(jiff::Timestamp::constant(seconds, 0))
    }

    /// Parses `2023-05-01T10:11:12.123Z`. The date may have slashes, the `T` may be a
    /// space, the fraction may follow a comma, and seconds may be absent. A time without
    /// an offset is UTC, as in Insights.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        // jiff also parses `20230501T10`. In a log, such digits are more likely something
        // else.
        let (date, time) = text.split_at_checked(10)?;
        if !time.starts_with(['T', ' ']) || time.as_bytes().get(3) != Some(&b':') {
            return None;
        }
        let date = parse_date(date)?;
        let normalized = format!("{date}{time}");
        let pieces = Pieces::parse(&normalized).ok()?;
        if pieces.time_zone_annotation().is_some() {
            return None;
        }
        let offset = pieces.to_numeric_offset().unwrap_or(Offset::UTC);
        let timestamp = offset.to_timestamp(date.to_datetime(pieces.time()?)).ok()?;
        Self::from_unix_millis(timestamp.as_millisecond())
    }
}

/// Parses `2023-05-01` or `2023/05/01`.
pub(super) fn parse_date(text: &str) -> Option<civil::Date> {
    let separators = [4, 7].map(|index| text.as_bytes().get(index));
    if text.len() != 10
        || !matches!(
            separators,
            [Some(b'-'), Some(b'-')] | [Some(b'/'), Some(b'/')]
        )
    {
        return None;
    }
    text.replace('/', "-").parse().ok()
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_parsed_in_every_spelling_that_logs_use() {
        for text in [
            "2023-05-01T10:11:12.123Z",
            "2023-05-01 10:11:12.123",
            "2023/05/01 10:11:12,123",
            "2023-05-01T10:11:12.123000+00:00",
            "2023-05-01T12:11:12.123+02:00",
            "2023-05-01T12:11:12.123+02",
            "2023-05-01T05:41:12.1239-0430",
        ] {
            let time = Timestamp::parse(text).map(|time| time.to_string());
            assert_eq!(time.as_deref(), Some("2023-05-01T10:11:12.123Z"), "{text}");
        }
        for text in ["2023-05-01 10:11", "2023-05-01T10:11Z"] {
            let time = Timestamp::parse(text).map(|time| time.to_string());
            assert_eq!(time.as_deref(), Some("2023-05-01T10:11:00.000Z"), "{text}");
        }
        assert_eq!(
            Timestamp::parse("1970-01-01T00:00:00Z"),
            Some(Timestamp::from_unix_seconds(0))
        );
    }

    #[test]
    fn timestamps_are_printed_in_utc_with_milliseconds() {
        for (ms, expected) in [
            (1_754_006_400_000, "2025-08-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            let time = Timestamp::from_unix_millis(ms).unwrap();
            assert_eq!(time.to_string(), expected);
        }
    }

    #[test]
    fn invalid_timestamps_are_rejected() {
        for text in [
            "",
            "2023-05-01",
            "2023-05-01T10",
            "2023-05-01T101112",
            "20230501T101112",
            "2023-13-01T10:11:12Z",
            "2023-02-31T10:11:12Z",
            "2023-05-01T25:11:12Z",
            "2023-05-01T10:11:12.Zx",
            "2023-05-01T10:11:12Q",
            "2023-05-01T10:11:12Z[UTC]",
            "äääääääääää",
            "2023-05-01T10:11:12+ä",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
        assert_eq!(Timestamp::from_unix_millis(i64::MAX), None);
    }

    #[test]
    fn dates_are_parsed_with_dashes_or_slashes() {
        for text in ["2024-02-29", "2024/02/29"] {
            let date = parse_date(text).map(|date| date.to_string());
            assert_eq!(date.as_deref(), Some("2024-02-29"));
        }
        for text in ["2024-02/29", "20240229", "2023-02-29", "2024-2-29"] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }
}
