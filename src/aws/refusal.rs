//! Why `aws` did not do what it was asked: its words on stderr, told apart.

use crate::ui::failure::{ExitKind, Failure};

/// What kind of refusal it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AwsErrorKind {
    /// An update is in progress: later it will do.
    Conflict,
    /// Too many requests: later it will do.
    Throttled,
    /// Somebody changed it since it was looked at.
    Stale,
    /// There is no such thing.
    Missing,
    /// It is not allowed.
    Denied,
    /// The credentials are no longer good.
    Expired,
    /// There are no credentials.
    Credentials,
    /// No region is configured.
    Region,
    /// The endpoint does not answer.
    Unreachable,
    /// It is over a limit.
    Limit,
    /// The program does not know the words.
    Words,
    Other,
}

/// A call that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AwsError {
    pub(super) cause: AwsErrorKind,
    /// What was said, in one line.
    pub(super) said: String,
}

/// Codes of Lambda, S3 and STS, and words of the program itself (botocore's
/// exceptions have no codes), with what they mean.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html>
/// and `botocore/exceptions.py`.
const SIGNS: [(&str, AwsErrorKind); 32] = [
    ("ResourceConflictException", AwsErrorKind::Conflict),
    ("TooManyRequestsException", AwsErrorKind::Throttled),
    ("ThrottlingException", AwsErrorKind::Throttled),
    ("(Throttling)", AwsErrorKind::Throttled),
    ("RequestLimitExceeded", AwsErrorKind::Throttled),
    ("SlowDown", AwsErrorKind::Throttled),
    ("ServiceUnavailable", AwsErrorKind::Throttled),
    ("PreconditionFailedException", AwsErrorKind::Stale),
    ("ResourceNotFoundException", AwsErrorKind::Missing),
    ("NoSuchBucket", AwsErrorKind::Missing),
    ("AccessDenied", AwsErrorKind::Denied),
    ("KMSAccessDenied", AwsErrorKind::Denied),
    ("not authorized", AwsErrorKind::Denied),
    ("ExpiredToken", AwsErrorKind::Expired),
    ("UnrecognizedClientException", AwsErrorKind::Expired),
    ("InvalidClientTokenId", AwsErrorKind::Expired),
    ("InvalidSignatureException", AwsErrorKind::Expired),
    ("RequestExpired", AwsErrorKind::Expired),
    ("Token has expired", AwsErrorKind::Expired),
    ("SSO session", AwsErrorKind::Expired),
    ("Error loading SSO Token", AwsErrorKind::Expired),
    ("Unable to locate credentials", AwsErrorKind::Credentials),
    ("could not be found", AwsErrorKind::Credentials),
    ("must specify a region", AwsErrorKind::Region),
    (
        "Could not connect to the endpoint",
        AwsErrorKind::Unreachable,
    ),
    ("Connect timeout", AwsErrorKind::Unreachable),
    ("CodeStorageExceededException", AwsErrorKind::Limit),
    ("RequestEntityTooLarge", AwsErrorKind::Limit),
    ("must be smaller than", AwsErrorKind::Limit),
    ("Unknown options", AwsErrorKind::Words),
    ("Invalid choice", AwsErrorKind::Words),
    ("invalid choice", AwsErrorKind::Words),
];

impl AwsError {
    /// Reads what the program said on stderr.
    pub(super) fn read(stderr: &str) -> Self {
        let lines = stderr
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty());
        let lines: Vec<_> = lines.collect();
        // Version 1 shows its usage first where it does not know a word.
        let said = { lines.iter() }
            .find(|line| line.contains("An error occurred"))
            .or(lines.last());
        let said = said.copied().unwrap_or("nothing");
        let said = said
            .trim_start_matches("aws: ")
            .trim_start_matches("[ERROR]: ");
        // Its code says more surely what it is than the message behind it.
        let code = said
            .split_once("An error occurred (")
            .and_then(|(_, rest)| {
                let (code, _) = rest.split_once(')')?;
                Some(format!("({code})"))
            });
        let cause_in = |text: &str| {
            let mut signs = SIGNS.iter();
            signs
                .find(|(sign, _)| text.contains(sign))
                .map(|(_, cause)| *cause)
        };
        let cause = code
            .as_deref()
            .and_then(cause_in)
            .or_else(|| cause_in(said));
        Self {
            cause: cause.unwrap_or(AwsErrorKind::Other),
            said: said.to_owned(),
        }
    }

    /// The same as a failure of a call such as `lambda get-alias`.
    pub(super) fn failure(&self, call: &str) -> Failure {
        let kind = match self.cause {
            AwsErrorKind::Limit => ExitKind::Limit,
            _ => ExitKind::Packaging,
        };
        let operation = call.split(' ').next_back().unwrap_or_default();
        let help = match self.cause {
            AwsErrorKind::Conflict => {
                "another update of the function takes long: see who makes it, and run again; \
                 --wait has more patience"
                    .to_owned()
            }
            AwsErrorKind::Throttled => "run again later; --wait has more patience".to_owned(),
            AwsErrorKind::Stale => {
                "somebody else changes the function at the same time: find out who, and run again"
                    .to_owned()
            }
            AwsErrorKind::Missing => {
                "see that the name is right, and that it is in this account and region: \
                 `aws sts get-caller-identity`, --region, --profile"
                    .to_owned()
            }
            AwsErrorKind::Denied => format!(
                "allow it to who `aws sts get-caller-identity` says you are: {}",
                permission(call.split(' ').next().unwrap_or_default(), operation)
            ),
            AwsErrorKind::Expired => {
                "sign in again (`aws sso login`, or new credentials), and run again".to_owned()
            }
            AwsErrorKind::Credentials => {
                "sign in: `aws configure`, `aws sso login`, or --profile; `aws configure list` \
                 shows what there is"
                    .to_owned()
            }
            AwsErrorKind::Region => "say where the function is: --region, or AWS_REGION".to_owned(),
            AwsErrorKind::Unreachable => {
                "see that the network works, that the region exists, and what AWS_ENDPOINT_URL is"
                    .to_owned()
            }
            AwsErrorKind::Limit => {
                "make the zip smaller: `cargo lambdapack check` says what is large; \
                             remove old versions of functions where the storage is full"
                    .to_owned()
            }
            AwsErrorKind::Words => "this version of the AWS CLI is too old, or AWS_CLI is another \
                             program: update it"
                .to_owned(),
            AwsErrorKind::Other => {
                "run again with -v to see what is run, and try that line".to_owned()
            }
        };
        let said = self.said.strip_prefix("An error occurred ");
        let said = said.unwrap_or(&self.said).trim_end_matches('.');
        Failure::new(kind, format!("aws {call}: {said}")).help(help)
    }
}

/// The permission that a call needs: the name of the operation, as IAM spells it.
fn permission(service: &str, operation: &str) -> String {
    if service == "s3" {
        return "s3:PutObject on the bucket".to_owned();
    }
    let words = operation.split('-').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    match words.collect::<String>().as_str() {
        "Invoke" => "lambda:InvokeFunction".to_owned(),
        name => format!("lambda:{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As both versions of the program say it, and botocore's own exceptions.
    #[test]
    fn refusals_are_told_apart() {
        for (stderr, cause) in [
            (
                "\nAn error occurred (ResourceConflictException) when calling the \
                 UpdateFunctionCode operation: The operation cannot be performed at this time. \
                 An update is in progress for resource: arn:aws:lambda:…",
                AwsErrorKind::Conflict,
            ),
            (
                "aws: [ERROR]: An error occurred (TooManyRequestsException) when calling the \
                 Invoke operation (reached max retries: 4): Rate exceeded",
                AwsErrorKind::Throttled,
            ),
            (
                "An error occurred (PreconditionFailedException) when calling the \
                 UpdateFunctionConfiguration operation: The Revision Id provided does not match",
                AwsErrorKind::Stale,
            ),
            (
                "An error occurred (ResourceNotFoundException) when calling the \
                 GetFunctionConfiguration operation: Function not found: arn:aws:lambda:x",
                AwsErrorKind::Missing,
            ),
            (
                "An error occurred (AccessDeniedException) when calling the Invoke operation: \
                 User: x is not authorized to perform: lambda:InvokeFunction",
                AwsErrorKind::Denied,
            ),
            (
                "An error occurred (ExpiredTokenException) when calling the Invoke operation: \
                 The security token included in the request is expired",
                AwsErrorKind::Expired,
            ),
            (
                "Unable to locate credentials. You can configure them.",
                AwsErrorKind::Credentials,
            ),
            (
                "The config profile (x) could not be found",
                AwsErrorKind::Credentials,
            ),
            ("You must specify a region.", AwsErrorKind::Region),
            (
                "Could not connect to the endpoint URL: \"http://127.0.0.1:1/\"",
                AwsErrorKind::Unreachable,
            ),
            (
                "An error occurred (InvalidParameterValueException) when calling the \
                 UpdateFunctionCode operation: Unzipped size must be smaller than 262144000 bytes",
                AwsErrorKind::Limit,
            ),
            (
                "usage: aws [options]\nTo see help text, you can run:\n\n  aws help\n\n\
                 Unknown options: --no-cli-pager",
                AwsErrorKind::Words,
            ),
            ("", AwsErrorKind::Other),
        ] {
            assert_eq!(AwsError::read(stderr).cause, cause, "{stderr}");
        }
    }

    #[test]
    fn what_is_not_allowed_is_told_with_the_permission() {
        assert_eq!(
            permission("lambda", "update-function-configuration"),
            "lambda:UpdateFunctionConfiguration"
        );
        assert_eq!(permission("lambda", "invoke"), "lambda:InvokeFunction");
        let denied = "An error occurred (AccessDeniedException) when calling the GetAlias \
                      operation: User: x is not authorized to perform: lambda:GetAlias";
        let failure = AwsError::read(denied).failure("lambda get-alias");
        assert!(
            failure.problems[0]
                .what
                .starts_with("aws lambda get-alias: (AccessDenied")
        );
        assert!(
            failure.problems[0]
                .help
                .as_deref()
                .unwrap()
                .ends_with("lambda:GetAlias")
        );
    }
}
