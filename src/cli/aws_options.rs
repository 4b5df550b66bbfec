//! Options of the commands that call AWS.

use std::time::Duration;

use clap::Args;

use crate::aws::AwsOptions;
use crate::lambda::check_function_name;

/// Options of the commands that change functions.
#[derive(Debug, Args)]
pub(crate) struct AwsArgs {
    #[command(flatten)]
    account: AccountArgs,
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

#[derive(Debug, Args)]
pub(crate) struct AccountArgs {
    /// AWS region
    #[arg(long, value_name = "REGION", help_heading = "AWS")]
    pub(super) region: Option<String>,
    /// AWS profile
    #[arg(long, value_name = "NAME", help_heading = "AWS")]
    pub(super) profile: Option<String>,
}

impl AwsArgs {
    pub(super) fn account(self) -> AwsOptions {
        self.account.options(self.wait)
    }
}

impl AccountArgs {
    /// Turns the arguments into options. `wait` is the longest time to wait, in seconds.
    pub(super) fn options(self, wait: u64) -> AwsOptions {
        AwsOptions {
            region: self.region,
            profile: self.profile,
            wait: Duration::from_secs(wait),
        }
    }
}

/// The name or ARN of a function, without a qualifier.
pub(super) fn function(word: &str) -> Result<String, String> {
    check_function_name(word)?;
    Ok(word.to_owned())
}

/// The name, partial ARN, or ARN of a function that is invoked, possibly with a version or an
/// alias. Lambda checks the rest.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>
pub(super) fn invoked_function(word: &str) -> Result<String, String> {
    if is_plain(word, "-_:.$") {
        Ok(word.to_owned())
    } else {
        Err("expected the name or ARN of a function".to_owned())
    }
}

/// A version or an alias.
pub(super) fn qualifier(word: &str) -> Result<String, String> {
    if is_plain(word, "-_.$") {
        Ok(word.to_owned())
    } else {
        Err("expected a version or an alias".to_owned())
    }
}

/// Whether a word has only letters, digits, and these characters. The AWS CLI would read a value
/// such as `file://NAME` from a file.
fn is_plain(word: &str, others: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || others.contains(c);
    !word.is_empty() && !word.starts_with('-') && word.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_can_be_invoked_with_a_qualifier() {
        for word in [
            "orders",
            "orders:live",
            "orders:$LATEST",
            "123456789012:function:orders:7",
            "arn:aws:lambda:eu-central-1:123456789012:function:orders:live",
        ] {
            assert_eq!(invoked_function(word).unwrap(), word);
        }
        for word in ["", "a b", "file://a", "-a", "fileb://a"] {
            assert!(invoked_function(word).is_err(), "{word}");
            assert!(qualifier(word).is_err(), "{word}");
        }
        assert!(qualifier("live:7").is_err());
        assert_eq!(qualifier("$LATEST").unwrap(), "$LATEST");
    }
}
