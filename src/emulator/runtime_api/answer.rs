//! What a function is answered, and what its answers mean.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::emulator::http::{RequestBody, RequestHead};
use crate::emulator::runtime_api::{InvocationEvent, RuntimeEvent};
use crate::emulator::server::Response;
use crate::emulator::{FunctionError, MAX_RESPONSE};

pub(super) fn accepted() -> Response {
    Response::new(202, b"{\"status\":\"OK\"}\n".to_vec())
}

pub(super) fn refused(status: u16, kind: &str, why: &str) -> Response {
    let body = json!({ "errorMessage": why, "errorType": kind });
    Response::new(status, body.to_string().into_bytes())
}

pub(super) fn not_allowed(why: &str) -> Response {
    let why = format!("State transition is not allowed: {why}");
    refused(403, "InvalidStateTransition", &why)
}

pub(super) fn error_type(head: &RequestHead) -> Option<&str> {
    head.fields.get("lambda-runtime-function-error-type")
}

/// A response in one piece has a limit; one that streams may break off with an error.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html>
pub(super) fn response(
    head: &RequestHead,
    body: RequestBody,
    at: Instant,
) -> (Response, RuntimeEvent) {
    let streamed = match head.fields.get("lambda-runtime-function-response-mode") {
        None | Some("") => false,
        Some("streaming") => true,
        // The event fails by this, as in AWS's own emulator.
        Some(_) => {
            let why = "Invalid function response mode";
            let error = FunctionError::new("Runtime.InvalidResponseModeHeader", why);
            let answer = refused(400, "InvalidFunctionResponseMode", why);
            return (answer, RuntimeEvent::Error(at, error));
        }
    };
    if !streamed && body.size > MAX_RESPONSE {
        let why = format!("Exceeded maximum allowed payload size ({MAX_RESPONSE} bytes).");
        let answer = refused(413, "RequestEntityTooLarge", &why);
        return (answer, RuntimeEvent::TooLarge(at, body.size));
    }
    let trailer = |name| body.trailers.get(name);
    let heard = match trailer("lambda-runtime-function-error-type") {
        Some(kind) => {
            let encoded = trailer("lambda-runtime-function-error-body").unwrap_or_default();
            let bytes = decoded(encoded).unwrap_or_else(|| encoded.as_bytes().to_vec());
            RuntimeEvent::Error(at, FunctionError::of(Some(kind), &bytes))
        }
        None => RuntimeEvent::Response(at, body, streamed),
    };
    (accepted(), heard)
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

/// The event, to be answered until then.
pub(super) fn given(event: InvocationEvent, deadline: SystemTime) -> Response {
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap_or_default();
    let InvocationEvent {
        id,
        function,
        trace,
        payload,
        ..
    } = event;
    let mut answer = Response::new(200, payload);
    answer.fields = vec![
        ("Lambda-Runtime-Aws-Request-Id", id),
        (
            "Lambda-Runtime-Deadline-Ms",
            // Rounded up: a function that waits until then does not answer before it.
            deadline.as_nanos().div_ceil(1_000_000).to_string(),
        ),
        ("Lambda-Runtime-Invoked-Function-Arn", function),
        ("Lambda-Runtime-Trace-Id", trace),
    ];
    answer
}

/// Paths of the Telemetry API and of the Logs API, with the error types of AWS's emulator.
const TELEMETRY: [(&str, &str); 4] = [
    ("/2022-07-01/telemetry", "Telemetry.NotSupported"),
    ("/2022-07-01/telemetry/", "Telemetry.NotSupported"),
    ("/2020-08-15/logs", "Logs.NotSupported"),
    ("/2020-08-15/logs/", "Logs.NotSupported"),
];

/// The Telemetry API and the Logs API are not supported; no API has any other path.
pub(super) fn not_found(head: &RequestHead) -> Response {
    let known = TELEMETRY.iter().find(|(path, _)| head.path == *path);
    match known.filter(|_| head.method == "PUT") {
        Some((_, kind)) => refused(202, kind, "telemetry is not supported locally"),
        None => refused(404, "NotFound", "no such path in the Runtime API"),
    }
}
