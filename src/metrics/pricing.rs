//! The prices of invocations, and which milliseconds are billed.
//!
//! In: billed milliseconds and memory. Out: US dollars.
//! Left out: the free tier, the tiers after the first, and everything that is billed in
//! addition to compute and requests, such as SnapStart, storage, and logs.

use std::fmt;

use crate::lambda::Arch;
use crate::metrics::report_log::Timestamp;

/// When the prices below were looked up.
pub(crate) const AS_OF: &str = "2026-11";

/// US dollars, in units of 1e-12, so that prices are exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Usd(pub u64);

impl Usd {
    pub(crate) fn dollars(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "prices are small")]
        let units = self.0 as f64;
        units / 1e12
    }
}

impl std::str::FromStr for Usd {
    type Err = String;

    /// Parses a decimal number of dollars, such as 0.0000166667.
    fn from_str(text: &str) -> Result<Self, String> {
        let invalid = || format!("`{text}` is not a price in US dollars, such as `0.0000166667`");
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let is_number = [whole, part]
            .iter()
            .all(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        if !is_number || whole.is_empty() || part.len() > 12 {
            return Err(invalid());
        }
        format!("{whole}{part:0<12}")
            .parse()
            .map(Self)
            .map_err(|_| invalid())
    }
}

/// The prices of a region's first tier.
///
/// Source: <https://aws.amazon.com/lambda/pricing/>, us-east-1, as of 2026.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Prices {
    /// The price of a GB-second on x86_64.
    pub x86_64: Usd,
    /// The price of a GB-second on arm64.
    pub arm64: Usd,
    /// The price of a million requests.
    pub requests: Usd,
    /// Whether these are the built-in prices.
    pub is_default: bool,
}

impl Default for Prices {
    fn default() -> Self {
        Self {
            x86_64: Usd(16_666_700),
            arm64: Usd(13_333_400),
            requests: Usd(200_000_000_000),
            is_default: true,
        }
    }
}

impl Prices {
    /// Replaces the price for `arm64`, `x86_64`, or `requests`.
    pub(crate) fn set(&mut self, name: &str, price: Usd) -> Result<(), String> {
        self.is_default = false;
        if name == "requests" {
            self.requests = price;
            return Ok(());
        }
        match name.parse() {
            Ok(Arch::Arm64) => self.arm64 = price,
            Ok(Arch::X86_64) => self.x86_64 = price,
            Err(_) => {
                return Err(format!(
                    "unknown price `{name}`; use `arm64`, `x86_64`, or `requests`"
                ));
            }
        }
        Ok(())
    }

    /// The price of a GB-second, in dollars.
    fn per_gb_second(&self, arch: Arch) -> f64 {
        match arch {
            Arch::Arm64 => self.arm64.dollars(),
            Arch::X86_64 => self.x86_64.dollars(),
        }
    }

    /// The price of one call without its request, in dollars.
    ///
    /// Source: <https://aws.amazon.com/lambda/pricing/>: time multiplied by memory, with 1,024 MB in a GB.
    pub(crate) fn compute(&self, arch: Arch, billed_ms: u64, memory_mb: u64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "both are small")]
        let (ms, mb) = (billed_ms as f64, memory_mb as f64);
        ms / 1e3 * (mb / 1024.0) * self.per_gb_second(arch)
    }

    /// The price of one request, in dollars.
    pub(crate) fn request(&self) -> f64 {
        self.requests.dollars() / 1e6
    }
}

impl fmt::Display for Prices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = if self.is_default {
            format!("us-east-1, first tier, as of {AS_OF}")
        } else {
            "set with --price".to_owned()
        };
        write!(
            f,
            "{:.10} USD per GB-second on x86_64, {:.10} on arm64, {:.2} per million requests \
             ({source})",
            self.per_gb_second(Arch::X86_64),
            self.per_gb_second(Arch::Arm64),
            self.requests.dollars()
        )
    }
}

/// How the init of a runtime is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RuntimeFamily {
    /// `provided.*` runtimes and container images. Their init is always billed.
    Custom,
    /// Managed runtimes, including go1.x. Their init is billed since [`INIT_BILLED`].
    Managed,
}

/// Since 2025-08-01, the init phase of managed runtimes is billed.
///
/// Source: <https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/>
pub(crate) const INIT_BILLED: Timestamp = Timestamp::from_unix_seconds(1_754_006_400);

impl RuntimeFamily {
    /// Whether the init of a cold start at this time is billed.
    pub(crate) fn bills_init(self, time: Timestamp) -> bool {
        self == Self::Custom || time >= INIT_BILLED
    }
}

impl std::str::FromStr for RuntimeFamily {
    type Err = String;

    /// Parses the identifier of a runtime, or `image`.
    fn from_str(word: &str) -> Result<Self, String> {
        const MANAGED: [&str; 7] = [
            "nodejs",
            "python",
            "java",
            "dotnet",
            "ruby",
            "go1.x",
            "dotnetcore",
        ];
        if word.starts_with("provided") || word == "image" {
            Ok(Self::Custom)
        } else if MANAGED.iter().any(|start| word.starts_with(start)) {
            Ok(Self::Managed)
        } else {
            Err(format!(
                "`{word}` is not a Lambda runtime; pass a name such as `provided.al2023` or \
                 `nodejs22.x`, or `image`"
            ))
        }
    }
}

/// The billed duration of a cold start, rounded up to whole milliseconds.
pub(crate) fn billed_ms(init_ms: f64, duration_ms: f64, with_init: bool) -> u64 {
    let sum = if with_init {
        init_ms + duration_ms
    } else {
        duration_ms
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "casts of numbers that do not fit saturate"
    )]
    // Reports have at most microsecond precision. Smaller digits of the sum are rounding
    // errors of binary fractions.
    let us = (sum * 1e3).round() as u64;
    us.div_ceil(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compute_cost_is_time_multiplied_by_memory_and_price() {
        let prices = Prices::default();
        let cost = prices.compute(Arch::X86_64, 58, 128);
        assert_eq!(format!("{cost:.5e}"), "1.20834e-7");
        let arm = prices.compute(Arch::Arm64, 58, 128);
        assert!((arm / cost - 0.8).abs() < 1e-5);
        assert_eq!(format!("{:.1e}", prices.request()), "2.0e-7");
    }

    #[test]
    fn prices_are_parsed_exactly() {
        assert_eq!("0.0000166667".parse(), Ok(Usd(16_666_700)));
        assert_eq!("2".parse(), Ok(Usd(2_000_000_000_000)));
        for text in [
            "",
            ".5",
            "1e-5",
            "-1",
            "0.1234567890123",
            "99999999999999999999",
        ] {
            assert!(text.parse::<Usd>().is_err(), "{text}");
        }
        let mut prices = Prices::default();
        prices.set("graviton", Usd(1)).unwrap();
        assert_eq!((prices.arm64, prices.is_default), (Usd(1), false));
        assert!(prices.set("mips", Usd(1)).is_err());
    }

    #[test]
    fn init_billing_depends_on_runtime_and_date() {
        let family = |word: &str| word.parse::<RuntimeFamily>().unwrap();
        let before = Timestamp::parse("2025-07-31T23:59:59.999Z").unwrap();
        let since = Timestamp::parse("2025-08-01T00:00:00Z").unwrap();
        assert_eq!(since, INIT_BILLED);
        for word in ["provided.al2023", "provided.al2", "image"] {
            assert!(family(word).bills_init(before), "{word}");
        }
        for word in ["go1.x", "nodejs22.x", "python3.12"] {
            assert!(!family(word).bills_init(before), "{word}");
            assert!(family(word).bills_init(since), "{word}");
        }
        assert!("cobol".parse::<RuntimeFamily>().is_err());
    }

    #[test]
    fn billing_rounds_up_but_ignores_floating_point_errors() {
        assert_eq!(billed_ms(51.32, 1.16, true), 53);
        assert_eq!(billed_ms(51.32, 1.16, false), 2);
        // 1.1 + 2.2 is 3.3000000000000003.
        assert_eq!(billed_ms(1.8, 1.2, true), 3);
        assert_eq!(billed_ms(1.1e3, 2.2e3, true), 3_300);
        assert_eq!(billed_ms(0.0, 0.0, true), 0);
    }
}
