//! The size of a cache, as users write it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A number of bytes: `500MB`, `5GB`, or without a unit. One MB is a million bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CacheSize(pub(crate) u64);

const UNITS: [(&str, u64); 4] = [
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
];

impl Default for CacheSize {
    /// Enough for a thousand functions of a few megabytes.
    fn default() -> Self {
        Self(5_000_000_000)
    }
}

impl FromStr for CacheSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unit = UNITS.iter().find(|(name, _)| text.ends_with(name));
        let (number, factor) = match unit {
            Some((name, factor)) => (text.trim_end_matches(name).trim_end(), *factor),
            None => (text, 1),
        };
        let number: Option<u64> = number.parse().ok();
        number
            .and_then(|number| number.checked_mul(factor))
            .map(Self)
            .ok_or_else(|| format!("`{text}` is not a size such as `500MB` or `5GB`"))
    }
}

impl TryFrom<String> for CacheSize {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<CacheSize> for String {
    fn from(size: CacheSize) -> Self {
        size.to_string()
    }
}

impl fmt::Display for CacheSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [("5GB", 5_000_000_000), ("500 MB", 500_000_000), ("12", 12)] {
            assert_eq!(text.parse(), Ok(CacheSize(bytes)), "{text}");
        }
        for text in ["", "GB", "-1", "1.5GB", "5GiB", "99999999999TB"] {
            assert!(text.parse::<CacheSize>().is_err(), "{text}");
        }
    }
}
