//! Invokes functions.
//!
//! In: the name of a function, and an event. Out: Lambda's answer, and the function's own
//! response in a file.
//! Responses are not streamed. Lambda has an operation for that, InvokeWithResponseStream, but
//! the program does not offer it (`awscli/customizations/removals.py` of aws-cli 1.46 and 2.34).
//! Invoke returns the response of a function that streams in one piece.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::aws::client::{Aws, AwsResponse, parse_json};
use crate::aws::debug_log;
use crate::aws::error::{AwsError, AwsErrorKind};
use crate::aws::function::InvokeResponse;
use crate::aws::operations::qualifier_args;
use crate::system::command::CommandSpec;
use crate::system::process::TempFolder;
use crate::ui::failure::Failure;

/// The longest time that an invocation may take, in seconds.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub(crate) const LONGEST_TIMEOUT: u64 = 900;

/// Whether to wait for the response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InvocationType {
    /// Waits for the response and the end of the log. The function can take `timeout` seconds.
    RequestResponse { timeout: u64 },
    /// Lambda queues the event.
    Event,
}

/// A private folder with the event, in which the program writes the response.
#[derive(Debug)]
pub(crate) struct InvocationFiles {
    dir: TempFolder,
    event: PathBuf,
}

impl InvocationFiles {
    /// Writes the event. Its file is private because an event may contain secrets.
    pub(crate) fn new(event: &[u8]) -> anyhow::Result<Self> {
        let dir = TempFolder::new("lambdapack-").context("cannot create a folder for the event")?;
        let file = tempfile::Builder::new()
            .prefix("event-")
            .tempfile_in(dir.path());
        let mut file = file.context("cannot write the event")?;
        file.write_all(event).context("cannot write the event")?;
        let (_, event) = file.keep()?;
        Ok(Self { dir, event })
    }

    pub(crate) fn event(&self) -> &Path {
        &self.event
    }

    pub(crate) fn response(&self) -> PathBuf {
        self.dir.path().join("response")
    }
}

impl Aws {
    /// The command that invokes a function. The program writes the function's own response to
    /// the file `response`.
    ///
    /// The event is in a file because versions 1 and 2 pass on the bytes of `fileb://` unchanged.
    /// Version 2 decodes an event on the command line from base64 unless it has
    /// `--cli-binary-format`, which version 1 does not know.
    pub(crate) fn invocation(
        &self,
        name: &str,
        qualifier: Option<&str>,
        invocation_type: InvocationType,
        event: &Path,
        response: &Path,
    ) -> CommandSpec {
        let event = format!("fileb://{}", event.display());
        let spec = self
            .spec(["lambda", "invoke", "--function-name", name])
            .args(qualifier_args(qualifier));
        let spec = match invocation_type {
            InvocationType::RequestResponse { timeout } => {
                // The program gives up after 60 seconds by default (`read_timeout` in
                // botocore). It must not give up before Lambda does. It could wait without
                // a limit, but then it would never notice a connection that a router has
                // dropped (https://github.com/aws/aws-cli/issues/8545).
                let read_timeout = timeout + 30;
                spec.args(["--log-type", "Tail", "--payload", &event])
                    .args(["--cli-read-timeout", &read_timeout.to_string()])
            }
            InvocationType::Event => {
                spec.args(["--invocation-type", "Event", "--payload", &event, "--debug"])
            }
        };
        spec.args([response.display().to_string()])
    }

    /// Invokes a function once, and waits for its response.
    pub(crate) fn invoke(&self, spec: &CommandSpec) -> anyhow::Result<InvokeResponse> {
        let (response, _) = self.invoke_once(spec)?;
        Ok(response)
    }

    /// Invokes a function once with [`InvocationType::Event`]. Returns the ID of the request,
    /// which is in the function's log as well, or `None` if the program does not report it.
    pub(crate) fn invoke_event(&self, spec: &CommandSpec) -> anyhow::Result<Option<String>> {
        let (_, stderr) = self.invoke_once(spec)?;
        Ok(debug_log::request_id(&stderr).map(str::to_owned))
    }

    /// Returns the response, and stderr. Only a call that Lambda refused is repeated, because
    /// the function did not run.
    fn invoke_once(&self, spec: &CommandSpec) -> anyhow::Result<(InvokeResponse, String)> {
        let spec = only_once(spec).args(["--output", "json"]);
        match self.run_while(&spec, AwsErrorKind::is_refusal)? {
            AwsResponse::Success(output) => {
                let response = parse_json(&output.stdout, &spec)?;
                Ok((response, output.stderr))
            }
            AwsResponse::Error(error) => Err(invoke_failure(error).into()),
        }
    }
}

/// The program repeats a request that failed, which could run the function twice: for example, it
/// repeats one whose response took too long. The variable is the total number of attempts.
///
/// Source: `_compute_retry_max_attempts` in `botocore/args.py`, and
/// <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-retries.html>
fn only_once(spec: &CommandSpec) -> CommandSpec {
    spec.clone().env("AWS_MAX_ATTEMPTS", "1")
}

fn invoke_failure(error: AwsError) -> Failure {
    let help = match error.kind {
        AwsErrorKind::NotFound => Some(
            "check the name, the version or alias, the account (`aws sts get-caller-identity`), \
             and the region; `--profile` and `--region` select them",
        ),
        AwsErrorKind::LimitExceeded => Some(
            "store large data in S3, and refer to the object in the event; an event may have 6 MB, \
             or 1 MB with `--async`",
        ),
        AwsErrorKind::Unavailable => {
            Some("the function may be running, so look at its log before you invoke it again")
        }
        AwsErrorKind::NoAnswer => Some(
            "the function may be running, so look at its log before you invoke it again; invoke a \
             function that takes minutes with `--async`, or set `tcp_keepalive = true` in the AWS \
             configuration",
        ),
        AwsErrorKind::Other => Some(
            "run again with `-v` to see the command; \
             https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html explains Lambda's errors",
        ),
        _ => None,
    };
    let failure = error.into_failure("lambda invoke");
    match help {
        Some(help) => failure.help(help),
        None => failure,
    }
}

impl InvokeResponse {
    /// The end of the log, at most 4 KB, if Lambda returned it.
    pub(crate) fn log(&self) -> Option<String> {
        let log = STANDARD.decode(self.log_result.as_ref()?).ok()?;
        Some(String::from_utf8_lossy(&log).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_log_is_decoded() {
        let response = |log: &str| InvokeResponse {
            log_result: Some(log.to_owned()),
            ..InvokeResponse::default()
        };
        let log = response("U1RBUlQgw6QK").log();
        assert_eq!(log.as_deref(), Some("START ä\n"));
        // The 4 KB can begin inside of a character.
        assert_eq!(response("pAo=").log().as_deref(), Some("\u{fffd}\n"));
        assert_eq!(response("?").log(), None);
        assert_eq!(InvokeResponse::default().log(), None);
    }
}
