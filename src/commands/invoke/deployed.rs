//! Invokes a function on AWS.
//!
//! In: the name of the function, and the source of an event. Out: the response on stdout,
//! unchanged, and on stderr the end of the function's log with Lambda's own lines.
//! Nothing is changed on AWS.

use anyhow::Context;

use crate::aws::function::{FunctionErrorPayload, InvokeResponse};
use crate::aws::{Aws, AwsOptions, InvocationFiles, InvocationType, LONGEST_TIMEOUT};
use crate::commands::context::{CommandContext, CommandResult};
use crate::commands::invoke::event::{EventSource, read};
use crate::ui::console::Console;
use crate::ui::failure::{ExitKind, Failure};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeployedInvokeOptions {
    /// The function: its name, partial ARN, or ARN, possibly with a version or an alias.
    pub function: String,
    /// The version or alias, if it is not in the name.
    pub qualifier: Option<String>,
    /// Whether to wait for the response.
    pub waits: bool,
    pub event: EventSource,
    pub account: AwsOptions,
}

/// Invokes the function once. The response is printed at once, so the result is empty.
pub(super) fn run(
    options: &DeployedInvokeOptions,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    let console = context.console;
    let event = read(&options.event)?;
    let aws = Aws::find(&options.account, context.host, console)?;
    let files = InvocationFiles::new(&event)?;
    let name = &options.function;
    let invocation_type = if options.waits {
        InvocationType::RequestResponse {
            timeout: LONGEST_TIMEOUT,
        }
    } else {
        InvocationType::Event
    };
    let qualifier = options.qualifier.as_deref();
    let response_file = files.response();
    let spec = aws.invocation(
        name,
        qualifier,
        invocation_type,
        files.event(),
        &response_file,
    );
    console.progress("Invoking", name);
    if invocation_type == InvocationType::Event {
        let request = match aws.invoke_event(&spec)? {
            Some(id) => format!(", request {id}"),
            None => String::new(),
        };
        console.status("Accepted", &format!("an event for {name}{request}"));
        return Ok(String::new().into());
    }
    let answer = aws.invoke(&spec)?;
    let payload = fs_err::read(&response_file).context("cannot read the function's response")?;
    print_log(name, &answer, console);
    console.unchanged_response(&payload)?;
    Ok(CommandResult {
        stdout: String::new(),
        verdict: verdict(name, &answer, &payload),
    })
}

fn print_log(name: &str, answer: &InvokeResponse, console: &Console) {
    let version = answer.executed_version.as_deref().unwrap_or("unknown");
    let status = answer.status_code;
    console.detail(
        "Invoked",
        &format!("{name}, version {version}, status {status}"),
    );
    for line in answer.log().unwrap_or_default().lines() {
        console.log(line);
    }
}

/// Fails if the function failed. The failure is silent if the function itself reported the error,
/// because the error is the response. Lambda's own errors are explained.
fn verdict(name: &str, answer: &InvokeResponse, payload: &[u8]) -> Result<(), Failure> {
    if answer.function_error.is_none() {
        return Ok(());
    }
    let error: FunctionErrorPayload = serde_json::from_slice(payload).unwrap_or_default();
    let help = match error.error_type.as_str() {
        "Runtime.ExitError" => {
            "check its output; return an error instead of panicking or exiting, which ends the \
             execution environment"
        }
        "Sandbox.Timedout" => "raise the function's `Timeout`, which is 3 seconds by default",
        "Runtime.OutOfMemory" => "raise the function's `MemorySize`",
        "Function.ResponseSizeTooLarge" => "stream the response, or store large data in S3",
        "Runtime.InvalidEntrypoint" => {
            "run `cargo lambdapack check` to find out whether Lambda can run its zip"
        }
        _ => return Err(Failure::silent(ExitKind::No)),
    };
    let message = error.error_message.lines().next().unwrap_or_default();
    let what = format!("{name}: {}: {message}", error.error_type);
    Err(Failure::new(ExitKind::No, what).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict_of(error: Option<&str>, payload: &str) -> Result<(), Failure> {
        let answer = InvokeResponse {
            function_error: error.map(str::to_owned),
            ..InvokeResponse::default()
        };
        verdict("prod", &answer, payload.as_bytes())
    }

    #[test]
    fn only_errors_of_lambda_are_explained() {
        let error = r#"{"errorType": "Runtime.ExitError", "errorMessage": "RequestId: 8f5 Error: Runtime exited with error: exit status 1"}"#;
        let failure = verdict_of(Some("Unhandled"), error).unwrap_err();
        assert_eq!(failure.kind, ExitKind::No);
        assert_eq!(
            failure.problems[0].what,
            "prod: Runtime.ExitError: RequestId: 8f5 Error: Runtime exited with error: exit status 1"
        );
        for own in [r#"{"errorType": "NoTable"}"#, "[1]", "not JSON", ""] {
            let failure = verdict_of(Some("Unhandled"), own).unwrap_err();
            assert_eq!(failure, Failure::silent(ExitKind::No), "{own}");
        }
        // A response can look like an error.
        assert_eq!(verdict_of(None, error), Ok(()));
    }
}
