//! Options of the commands that call AWS.

use std::time::Duration;

use clap::Args;

use crate::aws::AwsOptions;

#[derive(Debug, Args)]
pub(crate) struct AwsArgs {
    /// AWS region
    #[arg(long, value_name = "REGION", help_heading = "AWS")]
    region: Option<String>,
    /// AWS profile
    #[arg(long, value_name = "NAME", help_heading = "AWS")]
    profile: Option<String>,
    /// Maximum time to wait for one update of the function
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 300,
        value_parser = clap::value_parser!(u64).range(1..=3600),
        help_heading = "AWS"
    )]
    wait: u64,
}

impl AwsArgs {
    pub(super) fn account(self) -> AwsOptions {
        AwsOptions {
            region: self.region,
            profile: self.profile,
            wait: Duration::from_secs(self.wait),
        }
    }
}

/// The name or ARN of a function. A version or an alias cannot be changed, so a qualifier
/// is rejected.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html>
pub(super) fn function(word: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_:.".contains(c);
    if word.is_empty() || !word.chars().all(plain) {
        return Err("expected the name or ARN of a function".to_owned());
    }
    // `name`, `account:function:name`, `arn:aws:lambda:region:account:function:name`.
    match word.split(':').count() {
        1 | 3 | 7 => Ok(word.to_owned()),
        _ => Err("a version or an alias cannot be changed; omit the qualifier".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn function_names_with_a_qualifier_are_rejected() {
        for word in [
            "orders",
            "123456789012:function:orders",
            "arn:aws:lambda:eu-central-1:123456789012:function:orders",
        ] {
            assert_eq!(function(word).unwrap(), word);
            assert!(function(&format!("{word}:live")).is_err(), "{word}");
            assert!(function(&format!("{word}:7")).is_err(), "{word}");
        }
        assert!(function("").is_err());
        assert!(function("a b").is_err());
    }
}
