//! Options of the commands that call AWS.

use std::time::Duration;

use clap::Args;

use crate::aws::AwsOptions;
use crate::lambda::check_function_name;

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

/// The name or ARN of a function, without a qualifier.
pub(super) fn function(word: &str) -> Result<String, String> {
    check_function_name(word)?;
    Ok(word.to_owned())
}
