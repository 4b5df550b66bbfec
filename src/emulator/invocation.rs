//! The result of an invocation, and the error that Lambda returns for it.

use std::process::ExitStatus;
use std::time::Duration;

use bytes::Bytes;

use crate::emulator::{FunctionError, MAX_RESPONSE, exit_status};

/// The result of an invocation.
#[derive(Debug)]
pub(crate) struct InvocationResult {
    pub request_id: String,
    pub outcome: InvocationOutcome,
    /// The time from the event to the response, if there was one.
    pub answered: Option<Duration>,
    /// The time from the event to the request for the next one, or to the end.
    pub duration: Duration,
    /// The peak memory of the function so far, in bytes, if it still ran.
    pub peak_memory: Option<u64>,
    /// Whether the function waits for another event.
    pub waits: bool,
    /// The extensions that did not ask for their next event in time, although the
    /// runtime did.
    pub busy_extensions: Vec<String>,
    /// Whether the function received the event.
    pub was_delivered: bool,
    /// The duration of the init, if this was the first event.
    pub init: Option<Duration>,
}

/// News about a response before the invocation ends.
#[derive(Debug)]
pub(crate) enum InvocationProgress<'a> {
    /// The pieces of the response are passed on as they come.
    Streaming { content_type: Option<String> },
    /// The function has responded, or reported an error.
    Finished(&'a InvocationOutcome),
}

/// How an invocation ended.
#[derive(Debug)]
pub(crate) enum InvocationOutcome {
    Response {
        bytes: Bytes,
        /// A streamed response does not have to be JSON.
        streamed: bool,
    },
    /// The function reported an error.
    Error(FunctionError),
    /// An extension reported an error before the function responded.
    ExtensionError(FunctionError),
    /// The response had this size, which is more than [`MAX_RESPONSE`].
    TooLarge(u64),
    /// The function did not respond within this time.
    TimedOut(Duration),
    /// The function ended before it responded.
    Ended(ExitStatus),
}

impl InvocationResult {
    /// The error that Lambda returns for an invocation that failed.
    pub(crate) fn error(&self) -> Option<FunctionError> {
        self.outcome.error(&self.request_id)
    }
}

impl InvocationOutcome {
    /// The error that Lambda returns for an invocation that failed.
    pub(crate) fn error(&self, request_id: &str) -> Option<FunctionError> {
        let runtime_error =
            |kind, message: &str| FunctionError::for_request(kind, request_id, message);
        match self {
            Self::Response { .. } => None,
            Self::Error(error) | Self::ExtensionError(error) => Some(error.clone()),
            Self::TooLarge(size) => Some(FunctionError::new(
                "Function.ResponseSizeTooLarge",
                format!(
                    "Response payload size ({size} bytes) exceeded maximum allowed payload size \
                     ({MAX_RESPONSE} bytes)."
                ),
            )),
            Self::TimedOut(after) => {
                let seconds = after.as_secs_f64();
                let message = format!("Task timed out after {seconds:.2} seconds");
                Some(runtime_error("Sandbox.Timedout", &message))
            }
            Self::Ended(status) => {
                let message = exit_status::describe(*status);
                Some(runtime_error("Runtime.ExitError", &message))
            }
        }
    }
}
