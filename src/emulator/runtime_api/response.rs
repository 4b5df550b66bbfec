//! The responses of the Runtime API, and what a function's own responses mean.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::emulator::FunctionError;
use crate::emulator::http::{RequestBody, RequestHead};
use crate::emulator::limits::MAX_RESPONSE;
use crate::emulator::runtime_api::event::{InvocationEvent, RuntimeEvent};
use crate::emulator::server::Response;

pub(super) fn accepted() -> Response {
    Response::new(202, b"{\"status\":\"OK\"}\n".to_vec())
}

pub(super) fn error(status: u16, error_type: &str, message: &str) -> Response {
    let body = json!({ "errorMessage": message, "errorType": error_type });
    Response::new(status, body.to_string().into_bytes())
}

/// Rejects a request that is not valid in the current state.
pub(super) fn invalid_transition(why: &str) -> Response {
    let message = format!("State transition is not allowed: {why}");
    error(403, "InvalidStateTransition", &message)
}

/// The error type that a function sends in a header.
pub(super) fn error_type(head: &RequestHead) -> Option<&str> {
    head.fields.get("lambda-runtime-function-error-type")
}

/// Handles a function's response to an event. A response in one piece has a size limit. A
/// streamed response can end with an error in its trailers.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html>
pub(super) fn to_function_response(
    head: &RequestHead,
    body: RequestBody,
    at: Instant,
) -> (Response, RuntimeEvent) {
    let streamed = match head.fields.get("lambda-runtime-function-response-mode") {
        None | Some("") => false,
        Some("streaming") => true,
        // The event fails, as in AWS's own emulator.
        Some(_) => {
            let why = "Invalid function response mode";
            let function_error = FunctionError::new("Runtime.InvalidResponseModeHeader", why);
            let response = error(400, "InvalidFunctionResponseMode", why);
            return (response, RuntimeEvent::Error(at, function_error));
        }
    };
    if !streamed && body.size > MAX_RESPONSE {
        let why = format!("Exceeded maximum allowed payload size ({MAX_RESPONSE} bytes).");
        let response = error(413, "RequestEntityTooLarge", &why);
        let size = body.size;
        return (response, RuntimeEvent::ResponseTooLarge { at, size });
    }
    let trailer = |name| body.trailers.get(name);
    let event = match trailer("lambda-runtime-function-error-type") {
        Some(error_type) => {
            let encoded = trailer("lambda-runtime-function-error-body").unwrap_or_default();
            let payload = decode_base64(encoded).unwrap_or_else(|| encoded.as_bytes().to_vec());
            let function_error = FunctionError::from_payload(Some(error_type), &payload);
            RuntimeEvent::Error(at, function_error)
        }
        None => RuntimeEvent::Response { at, body, streamed },
    };
    (accepted(), event)
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

/// Delivers an event to the runtime, which must respond before the deadline.
pub(super) fn invocation(event: InvocationEvent, deadline: SystemTime) -> Response {
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut response = Response::new(200, event.payload);
    response.fields = vec![
        ("Lambda-Runtime-Aws-Request-Id", event.request_id),
        (
            "Lambda-Runtime-Deadline-Ms",
            // Rounded up, so that a function that waits until then does not respond before it.
            deadline.as_nanos().div_ceil(1_000_000).to_string(),
        ),
        ("Lambda-Runtime-Invoked-Function-Arn", event.function_arn),
        ("Lambda-Runtime-Trace-Id", event.trace_id),
    ];
    response
}

/// The paths of the Telemetry API and the Logs API, with the error types of AWS's emulator.
const TELEMETRY: [(&str, &str); 4] = [
    ("/2022-07-01/telemetry", "Telemetry.NotSupported"),
    ("/2022-07-01/telemetry/", "Telemetry.NotSupported"),
    ("/2020-08-15/logs", "Logs.NotSupported"),
    ("/2020-08-15/logs/", "Logs.NotSupported"),
];

/// Rejects a path that is not in the Runtime API. The Telemetry API and the Logs API have
/// an error of their own.
pub(super) fn not_found(head: &RequestHead) -> Response {
    let telemetry = TELEMETRY
        .iter()
        .find(|(path, _)| head.method == "PUT" && head.path == *path);
    match telemetry {
        Some((_, error_type)) => error(202, error_type, "telemetry is not supported locally"),
        None => error(404, "NotFound", "no such path in the Runtime API"),
    }
}
