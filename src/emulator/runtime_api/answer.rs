//! What a function is answered, and what its answers mean.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::emulator::http::{Body, Head};
use crate::emulator::runtime_api::{Event, Heard};
use crate::emulator::server::Answer;
use crate::emulator::{FunctionError, MAX_RESPONSE};

pub(super) fn accepted() -> Answer {
    Answer::new(202, b"{\"status\":\"OK\"}\n".to_vec())
}

pub(super) fn refused(status: u16, kind: &str, why: &str) -> Answer {
    let body = json!({ "errorMessage": why, "errorType": kind });
    Answer::new(status, body.to_string().into_bytes())
}

pub(super) fn not_allowed(why: &str) -> Answer {
    let why = format!("State transition is not allowed: {why}");
    refused(403, "InvalidStateTransition", &why)
}

pub(super) fn error_type(head: &Head) -> Option<&str> {
    head.fields.get("lambda-runtime-function-error-type")
}

/// A response in one piece has a limit; one that streams may break off with an error.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html>
pub(super) fn response(head: &Head, body: Body, at: Instant) -> (Answer, Heard) {
    let streamed = match head.fields.get("lambda-runtime-function-response-mode") {
        None | Some("") => false,
        Some("streaming") => true,
        // The event fails by this, as in AWS's own emulator.
        Some(_) => {
            let why = "Invalid function response mode";
            let error = FunctionError::new("Runtime.InvalidResponseModeHeader", why);
            let answer = refused(400, "InvalidFunctionResponseMode", why);
            return (answer, Heard::Error(at, error));
        }
    };
    if !streamed && body.size > MAX_RESPONSE {
        let why = format!("Exceeded maximum allowed payload size ({MAX_RESPONSE} bytes).");
        let answer = refused(413, "RequestEntityTooLarge", &why);
        return (answer, Heard::TooLarge(at, body.size));
    }
    let trailer = |name| body.trailers.get(name);
    let heard = match trailer("lambda-runtime-function-error-type") {
        Some(kind) => {
            let encoded = trailer("lambda-runtime-function-error-body").unwrap_or_default();
            let bytes = decoded(encoded).unwrap_or_else(|| encoded.as_bytes().to_vec());
            Heard::Error(at, FunctionError::of(Some(kind), &bytes))
        }
        None => Heard::Response(at, body, streamed),
    };
    (accepted(), heard)
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

/// The event, to be answered until then.
pub(super) fn given(event: Event, deadline: SystemTime) -> Answer {
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap_or_default();
    let Event {
        id,
        function,
        trace,
        payload,
        ..
    } = event;
    let mut answer = Answer::new(200, payload);
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
pub(super) fn not_found(head: &Head) -> Answer {
    let known = TELEMETRY.iter().find(|(path, _)| head.path == *path);
    match known.filter(|_| head.method == "PUT") {
        Some((_, kind)) => refused(202, kind, "telemetry is not supported locally"),
        None => refused(404, "NotFound", "no such path in the Runtime API"),
    }
}
