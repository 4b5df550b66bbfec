//! Creates functions.

use std::time::Duration;

use crate::aws::backoff::Backoff;
use crate::aws::client::{Aws, AwsResponse, operation};
use crate::aws::error::{AwsError, AwsErrorKind};
use crate::aws::function::FunctionConfiguration;
use crate::system::command::CommandSpec;
use crate::ui::failure::{ExitKind, Failure};

/// How long Lambda may be unable to assume a role that was just created. Usually it takes about
/// ten seconds until a role is known everywhere.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html>
const LONGEST_ROLE_DELAY: Duration = Duration::from_secs(40);

impl Aws {
    /// Creates a function, and waits until it is active.
    pub(crate) fn create_function(
        &self,
        name: &str,
        spec: &CommandSpec,
    ) -> anyhow::Result<FunctionConfiguration> {
        let mut backoff = Backoff::new(self.wait_limit().min(LONGEST_ROLE_DELAY));
        loop {
            let error = match self.try_request(spec.clone())? {
                AwsResponse::Success(created) => return self.wait_for_success(name, created),
                AwsResponse::Error(error) => error,
            };
            if !is_unknown_role(&error) {
                return Err(describe(error, spec).into());
            }
            if !backoff.pause()? {
                return Err(describe_role(&error).into());
            }
            self.console
                .progress("Waiting", "until Lambda can assume the role");
        }
    }
}

/// Whether Lambda cannot assume the role. Other invalid parameters have the same error code, so the
/// message is compared. Terraform does the same.
fn is_unknown_role(error: &AwsError) -> bool {
    error.message.contains("(InvalidParameterValueException)")
        && error.message.contains("cannot be assumed by Lambda")
}

fn describe(error: AwsError, spec: &CommandSpec) -> Failure {
    let is_denied = error.kind == AwsErrorKind::AccessDenied;
    let failure = error.into_failure(&operation(spec));
    if is_denied {
        failure.help(
            "grant `lambda:CreateFunction`, and `iam:PassRole` on the role, to the identity that \
             `aws sts get-caller-identity` shows",
        )
    } else {
        failure
    }
}

fn describe_role(error: &AwsError) -> Failure {
    let message = error
        .message
        .strip_prefix("An error occurred ")
        .unwrap_or(&error.message)
        .trim_end_matches('.');
    Failure::new(
        ExitKind::Packaging,
        format!("`aws lambda create-function` failed: {message}"),
    )
    .help(
        "check the ARN of the role, and that its trust policy allows `lambda.amazonaws.com` to \
         assume it",
    )
}
