//! Classifies the failures of the `aws` program.
//!
//! In: the program's exit code and stderr. Out: [`AwsError`], which knows the kind of
//! failure, the program's own message, and the advice for the user.
//! A service's error is recognized by its code alone, as in `An error occurred (CODE)
//! when calling the Invoke operation: …`. The messages of services are shown, and only one is
//! interpreted, in `creation`.

use crate::aws::debug_log;
use crate::system::process::CommandOutput;
use crate::ui::failure::{ExitKind, Failure};

/// Why a call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AwsErrorKind {
    /// An update of the function is in progress; the call can succeed later.
    Conflict,
    /// There were too many requests; the call can succeed later.
    Throttled,
    /// The service has a problem; the call can succeed later. It may have had an effect.
    Unavailable,
    /// The function was changed since its revision was read.
    StaleRevision,
    NotFound,
    AccessDenied,
    /// The credentials are expired or invalid.
    ExpiredCredentials,
    NoCredentials,
    NoRegion,
    /// The endpoint does not accept connections.
    Unreachable,
    /// The endpoint accepted the request, but did not answer in time.
    NoAnswer,
    LimitExceeded,
    /// The program does not support these arguments.
    UnsupportedArguments,
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AwsError {
    pub(super) kind: AwsErrorKind,
    /// The program's own message, in one line.
    pub(super) message: String,
}

/// The exit code of version 2 for arguments that it does not accept.
///
/// 253 (configuration) is not in this list because it does not tell missing credentials
/// from a missing region. 254 (a service refused) always comes with an error code. 255 is
/// any other failure. Version 1 exits with 255 in all four cases.
/// Source: `awscli/constants.py` and `awscli/errorhandler.py` of aws-cli 2.36, and
/// <https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-returncodes.html>
const INVALID_ARGUMENTS: i32 = 252;

/// The exit code of Python's `argparse`, with which version 1 rejects arguments.
const ARGPARSE_ERROR: i32 = 2;

/// The fixed beginnings of botocore's exceptions that have no error code.
///
/// Version 2.34 and later print `NoCredentials` and `NoRegion` like the error codes of
/// services. Older versions print only the exception, and so do all versions for a
/// missing profile, SSO, and connections.
/// Source: `botocore/exceptions.py`; the name of the exception is next to each text.
const LOCAL_ERRORS: [(&str, AwsErrorKind); 10] = [
    // NoCredentialsError
    ("Unable to locate credentials", AwsErrorKind::NoCredentials),
    // ProfileNotFound
    ("The config profile (", AwsErrorKind::NoCredentials),
    // NoRegionError
    ("You must specify a region", AwsErrorKind::NoRegion),
    // TokenRetrievalError
    (
        "Error when retrieving token from",
        AwsErrorKind::ExpiredCredentials,
    ),
    // SSOTokenLoadError
    ("Error loading SSO Token", AwsErrorKind::ExpiredCredentials),
    // UnauthorizedSSOTokenError
    (
        "The SSO session associated with",
        AwsErrorKind::ExpiredCredentials,
    ),
    // EndpointConnectionError
    (
        "Could not connect to the endpoint URL",
        AwsErrorKind::Unreachable,
    ),
    // ConnectTimeoutError
    ("Connect timeout on endpoint URL", AwsErrorKind::Unreachable),
    // ReadTimeoutError
    ("Read timeout on endpoint URL", AwsErrorKind::NoAnswer),
    // ConnectionClosedError
    (
        "Connection was closed before we received a valid response",
        AwsErrorKind::NoAnswer,
    ),
];

/// The text before the error code, in both versions of the program.
const CODE_PREFIX: &str = "An error occurred (";

impl AwsErrorKind {
    /// Whether AWS refused the call, so that it had no effect and can succeed later.
    pub(super) const fn is_refusal(self) -> bool {
        matches!(self, Self::Conflict | Self::Throttled)
    }

    /// The kind for an error code of Lambda, S3, or STS, or of the program itself.
    ///
    /// Sources: <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html>,
    /// <https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html>, and
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
    fn from_code(code: &str) -> Self {
        match code {
            "ResourceConflictException" => Self::Conflict,
            "TooManyRequestsException"
            | "ThrottlingException"
            | "Throttling"
            | "RequestLimitExceeded"
            | "SlowDown" => Self::Throttled,
            "ServiceUnavailable" | "ServiceUnavailableException" => Self::Unavailable,
            "PreconditionFailedException" => Self::StaleRevision,
            "ResourceNotFoundException" | "NoSuchBucket" => Self::NotFound,
            "AccessDenied" | "AccessDeniedException" | "KMSAccessDeniedException" => {
                Self::AccessDenied
            }
            "ExpiredToken"
            | "ExpiredTokenException"
            | "UnrecognizedClientException"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "RequestExpired" => Self::ExpiredCredentials,
            "CodeStorageExceededException"
            | "RequestEntityTooLarge"
            | "RequestEntityTooLargeException"
            | "RequestTooLargeException" => Self::LimitExceeded,
            "NoCredentials" => Self::NoCredentials,
            "NoRegion" => Self::NoRegion,
            "ParamValidation" => Self::UnsupportedArguments,
            _ => Self::Other,
        }
    }

    /// The kind of a failure without an error code.
    fn without_code(exit_code: Option<i32>, message: &str) -> Self {
        if matches!(exit_code, Some(INVALID_ARGUMENTS | ARGPARSE_ERROR)) {
            return Self::UnsupportedArguments;
        }
        // `aws s3 cp` prints `upload failed: FILE to URL` before the exception.
        LOCAL_ERRORS
            .iter()
            .find(|(text, _)| message.contains(text))
            .map_or(Self::Other, |(_, kind)| *kind)
    }
}

impl AwsError {
    pub(super) fn from_output(output: &CommandOutput) -> Self {
        let stderr = debug_log::without_records(&output.stderr, CODE_PREFIX);
        let mut error = Self::from_stderr(output.status.code(), stderr);
        if output.stderr.trim().is_empty() {
            error.message = format!("it printed nothing and ended with {}", output.status);
        }
        error
    }

    fn from_stderr(exit_code: Option<i32>, stderr: &str) -> Self {
        let lines: Vec<_> = stderr
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        // Version 1 prints its usage before the message, and version 2.34 prints
        // additional details after it.
        let message = lines
            .iter()
            .find(|line| line.contains(CODE_PREFIX))
            .or(lines.last())
            .map_or("nothing", |line| {
                line.trim_start_matches("aws: ")
                    .trim_start_matches("[ERROR]: ")
            });
        let code = message
            .split_once(CODE_PREFIX)
            .and_then(|(_, rest)| Some(rest.split_once(')')?.0));
        let kind = code.map_or_else(
            || AwsErrorKind::without_code(exit_code, message),
            AwsErrorKind::from_code,
        );
        Self {
            kind,
            message: message.to_owned(),
        }
    }

    /// Describes the error of a call such as `lambda get-alias` to the user.
    pub(super) fn into_failure(self, call: &str) -> Failure {
        let kind = match self.kind {
            AwsErrorKind::LimitExceeded => ExitKind::Limit,
            _ => ExitKind::Packaging,
        };
        let operation = call.split(' ').next_back().unwrap_or_default();
        let help = match self.kind {
            AwsErrorKind::Conflict => {
                "wait until the other update of the function has finished, then run again; \
                 `--wait` allows more time"
                    .to_owned()
            }
            AwsErrorKind::Throttled | AwsErrorKind::Unavailable => {
                "run again later, or allow more time with `--wait`".to_owned()
            }
            AwsErrorKind::StaleRevision => {
                "run again; another client changed the function at the same time".to_owned()
            }
            AwsErrorKind::NotFound => {
                "check the name, the account (`aws sts get-caller-identity`), and the region; \
                 `--profile` and `--region` select them"
                    .to_owned()
            }
            AwsErrorKind::AccessDenied => format!(
                "grant {} to the identity that `aws sts get-caller-identity` shows",
                permission(call.split(' ').next().unwrap_or_default(), operation)
            ),
            AwsErrorKind::ExpiredCredentials => {
                "sign in again with `aws sso login` or new credentials, then run again".to_owned()
            }
            AwsErrorKind::NoCredentials => {
                "sign in with `aws configure` or `aws sso login`, or pass `--profile`; \
                 `aws configure list` shows the current settings"
                    .to_owned()
            }
            AwsErrorKind::NoRegion => {
                "pass the function's region with `--region`, or set `AWS_REGION`".to_owned()
            }
            AwsErrorKind::Unreachable => {
                "check the network, the name of the region, and `AWS_ENDPOINT_URL`".to_owned()
            }
            AwsErrorKind::NoAnswer => {
                "check the network, and whether the request had an effect, before you run again"
                    .to_owned()
            }
            AwsErrorKind::LimitExceeded => {
                "remove files from the zip or strip the program; if the account's code storage \
                 is full, delete old versions of functions"
                    .to_owned()
            }
            AwsErrorKind::UnsupportedArguments => {
                "update the AWS CLI; this version is too old, or `AWS_CLI` names another program"
                    .to_owned()
            }
            AwsErrorKind::Other => {
                "run again with `-v` to see the command, and try that command".to_owned()
            }
        };
        let message = self
            .message
            .strip_prefix("An error occurred ")
            .unwrap_or(&self.message)
            .trim_end_matches('.');
        Failure::new(kind, format!("`aws {call}` failed: {message}")).help(help)
    }
}

/// The IAM permission that a call needs. It is named after the operation, with few
/// exceptions: `lambda invoke` needs `lambda:InvokeFunction`.
fn permission(service: &str, operation: &str) -> String {
    if service == "s3" {
        return "`s3:PutObject` on the bucket".to_owned();
    }
    let action: String = operation
        .split('-')
        .flat_map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(letters)
        })
        .collect();
    match action.as_str() {
        "Invoke" => "`lambda:InvokeFunction`".to_owned(),
        name => format!("`lambda:{name}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn kind(exit_code: i32, stderr: &str) -> AwsErrorKind {
        AwsError::from_stderr(Some(exit_code), stderr).kind
    }

    #[test]
    fn service_errors_are_classified_by_their_code() {
        for (code, expected) in [
            ("ResourceConflictException", AwsErrorKind::Conflict),
            ("TooManyRequestsException", AwsErrorKind::Throttled),
            ("PreconditionFailedException", AwsErrorKind::StaleRevision),
            ("ResourceNotFoundException", AwsErrorKind::NotFound),
            ("AccessDeniedException", AwsErrorKind::AccessDenied),
            ("ExpiredTokenException", AwsErrorKind::ExpiredCredentials),
            (
                "RequestEntityTooLargeException",
                AwsErrorKind::LimitExceeded,
            ),
            ("InvalidParameterValueException", AwsErrorKind::Other),
        ] {
            for prefix in ["\n", "aws: [ERROR]: ", "upload failed: a to s3://b/a "] {
                let stderr = format!(
                    "{prefix}An error occurred ({code}) when calling the Invoke operation \
                     (reached max retries: 4): the message"
                );
                assert_eq!(kind(254, &stderr), expected, "{stderr}");
            }
        }
    }

    #[test]
    fn messages_of_services_are_not_interpreted() {
        let stderr = "An error occurred (ServiceException) when calling the Invoke operation: \
                      AccessDenied: it must be smaller than ThrottlingException";
        assert_eq!(kind(254, stderr), AwsErrorKind::Other);
    }

    #[test]
    fn errors_without_a_service_are_recognized_in_every_version_of_the_cli() {
        for (exit_code, stderr, expected) in [
            (
                253,
                "\naws: [ERROR]: An error occurred (NoCredentials): Unable to locate \
                 credentials. You can configure credentials by running \"aws login\".",
                AwsErrorKind::NoCredentials,
            ),
            (
                253,
                "Unable to locate credentials. You can configure them.",
                AwsErrorKind::NoCredentials,
            ),
            (
                255,
                "upload failed: ./a to s3://b/a Unable to locate credentials",
                AwsErrorKind::NoCredentials,
            ),
            (
                255,
                "The config profile (x) could not be found",
                AwsErrorKind::NoCredentials,
            ),
            (
                253,
                "An error occurred (NoRegion): You must specify a region.",
                AwsErrorKind::NoRegion,
            ),
            (255, "You must specify a region.", AwsErrorKind::NoRegion),
            (
                255,
                "Error when retrieving token from sso: Token has expired and refresh failed",
                AwsErrorKind::ExpiredCredentials,
            ),
            (
                255,
                "Could not connect to the endpoint URL: \"http://127.0.0.1:1/\"",
                AwsErrorKind::Unreachable,
            ),
            (
                255,
                "Read timeout on endpoint URL: \"http://127.0.0.1:1/\"",
                AwsErrorKind::NoAnswer,
            ),
            (
                255,
                "something else could not be found",
                AwsErrorKind::Other,
            ),
            (255, "", AwsErrorKind::Other),
        ] {
            assert_eq!(kind(exit_code, stderr), expected, "{stderr}");
        }
    }

    #[test]
    fn rejected_arguments_are_recognized_by_the_exit_code() {
        let stderr = "usage: aws [options]\nTo see help text, you can run:\n\n  aws help\n\n\
                      Unknown options: --no-cli-pager";
        assert_eq!(kind(252, stderr), AwsErrorKind::UnsupportedArguments);
        assert_eq!(kind(2, stderr), AwsErrorKind::UnsupportedArguments);
        assert_eq!(kind(255, stderr), AwsErrorKind::Other);
    }

    #[test]
    fn a_denied_call_is_reported_with_the_missing_permission() {
        assert_eq!(
            permission("lambda", "update-function-configuration"),
            "`lambda:UpdateFunctionConfiguration`"
        );
        assert_eq!(permission("lambda", "invoke"), "`lambda:InvokeFunction`");
        let stderr = "An error occurred (AccessDeniedException) when calling the GetAlias \
                      operation: User: x is not authorized to perform: lambda:GetAlias";
        let failure = AwsError::from_stderr(Some(254), stderr).into_failure("lambda get-alias");
        let problem = &failure.problems[0];
        assert!(
            problem
                .what
                .starts_with("`aws lambda get-alias` failed: (AccessDenied")
        );
        assert!(
            problem
                .help
                .as_deref()
                .unwrap()
                .starts_with("grant `lambda:GetAlias` to ")
        );
    }
}
