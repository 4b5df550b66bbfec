//! Calls a function on AWS once and evaluates its report.

use crate::aws::function::{FunctionConfiguration, FunctionErrorPayload, InvokeResponse};
use crate::aws::{Aws, InvocationFiles, InvocationType};
use crate::metrics::report_log::MeasurementSource;
use crate::metrics::report_log::{ReportLog, ReportedCall};
use crate::system::command::CommandSpec;

/// How a call ended.
#[derive(Debug)]
pub(super) enum CallOutcome {
    /// In a new execution environment.
    Cold(Box<ReportedCall>),
    /// In an existing execution environment.
    Warm,
    /// The call cannot be counted, for this reason.
    Failed(String),
}

/// Calls of one function with one event.
#[derive(Debug)]
pub(super) struct FunctionCalls<'a> {
    aws: &'a Aws,
    spec: CommandSpec,
    function: FunctionConfiguration,
    files: InvocationFiles,
}

/// The maximum length of an error message of a function.
const MAX_ERROR_LENGTH: usize = 200;

impl<'a> FunctionCalls<'a> {
    pub(super) fn new(
        aws: &'a Aws,
        (name, qualifier): (&str, Option<&str>),
        now: &FunctionConfiguration,
        event: &[u8],
    ) -> anyhow::Result<Self> {
        let files = InvocationFiles::new(event)?;
        let timeout = now.timeout;
        let waiting = InvocationType::RequestResponse { timeout };
        Ok(Self {
            aws,
            spec: aws.invocation(name, qualifier, waiting, files.event(), &files.response()),
            function: now.clone(),
            files,
        })
    }

    /// Calls the function once, after its memory size was changed to this one.
    pub(super) fn call(&self, memory: u32) -> anyhow::Result<CallOutcome> {
        let invoked = self.aws.invoke(&self.spec)?;
        let response = fs_err::read(self.files.response()).unwrap_or_default();
        Ok(match call_outcome(&invoked, &response, &self.function) {
            // The environment is from before the change, although the call started it.
            CallOutcome::Cold(call) if call.memory_mb != Some(memory.into()) => CallOutcome::Warm,
            attempt => attempt,
        })
    }
}

fn call_outcome(
    invoked: &InvokeResponse,
    response: &[u8],
    function: &FunctionConfiguration,
) -> CallOutcome {
    if let Some(word) = &invoked.function_error {
        let error: FunctionErrorPayload = serde_json::from_slice(response).unwrap_or_default();
        let message: String = error.error_message.chars().take(MAX_ERROR_LENGTH).collect();
        let parts = [word.as_str(), &error.error_type, &message];
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        return CallOutcome::Failed(parts.join(": "));
    }
    let log = match invoked
        .log_result
        .as_deref()
        .map(ReportLog::from_log_result)
    {
        None => return CallOutcome::Failed("the response has no LogResult".to_owned()),
        Some(Err(why)) => return CallOutcome::Failed(why),
        Some(Ok(log)) => log,
    };
    // The last report counts, because a function may print text that looks like one.
    let Some(mut call) = log.calls.into_iter().next_back() else {
        return CallOutcome::Failed("the log has no REPORT line".to_owned());
    };
    if call.has_failed() {
        let error = call.error_type.or(call.status).unwrap_or_default();
        return CallOutcome::Failed(error);
    }
    if !call.is_cold() {
        return CallOutcome::Warm;
    }
    call.name = Some(function.function_name.clone());
    call.arch = function
        .architectures
        .first()
        .and_then(|word| word.parse().ok());
    call.source = MeasurementSource::Aws;
    CallOutcome::Cold(Box::new(call))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    fn function() -> FunctionConfiguration {
        serde_json::from_value(serde_json::json!({
            "FunctionName": "prod", "FunctionArn": "arn", "Architectures": ["arm64"],
        }))
        .unwrap()
    }

    fn outcome(log: Option<&str>, error: Option<&str>, response: &str) -> CallOutcome {
        let invoked = InvokeResponse {
            function_error: error.map(str::to_owned),
            log_result: log.map(|log| STANDARD.encode(log)),
            ..InvokeResponse::default()
        };
        call_outcome(&invoked, response.as_bytes(), &function())
    }

    const WARM: &str = "REPORT RequestId: 8f5\tDuration: 2.72 ms\tBilled Duration: 3 ms\t\
                        Memory Size: 2048 MB\tMax Memory Used: 64 MB\t";

    #[test]
    fn only_a_call_with_an_init_duration_is_cold() {
        assert!(matches!(outcome(Some(WARM), None, "{}"), CallOutcome::Warm));
        let cold = format!("START RequestId: 8f5\n{WARM}Init Duration: 166.76 ms\t\n");
        let CallOutcome::Cold(call) = outcome(Some(&cold), None, "{}") else {
            panic!("it is cold");
        };
        assert_eq!(call.init_ms, Some(166.76));
        assert_eq!(call.name.as_deref(), Some("prod"));
        assert_eq!(call.arch, Some(crate::lambda::Arch::Arm64));
    }

    #[test]
    fn a_failed_call_is_reported_with_its_error_and_not_counted() {
        let error = r#"{"errorType": "Runtime.ExitError", "errorMessage": "exit status 1"}"#;
        let cold = format!("{WARM}Init Duration: 1.00 ms\t");
        for (log, error, response, expected) in [
            (
                Some(&*cold),
                Some("Unhandled"),
                error,
                "Unhandled: Runtime.ExitError: exit status 1",
            ),
            (Some(&*cold), Some("Unhandled"), "not JSON", "Unhandled"),
            (None, None, "{}", "the response has no LogResult"),
            (Some("nothing"), None, "{}", "the log has no REPORT line"),
        ] {
            let CallOutcome::Failed(why) = outcome(log, error, response) else {
                panic!("it failed: {expected}");
            };
            assert_eq!(why, expected);
        }
        let timeout = format!("{cold}Status: timeout");
        assert!(matches!(
            outcome(Some(&timeout), None, "{}"),
            CallOutcome::Failed(_)
        ));
    }
}
