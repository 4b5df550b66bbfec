//! What a function is answered, and what its answers mean.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::local::http::{Body, Head};
use crate::local::runtime_api::{Event, Heard};
use crate::local::server::Answer;
use crate::local::{FunctionError, MAX_RESPONSE};

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
    let mode = head.fields.get("lambda-runtime-function-response-mode");
    let streamed = mode.is_some_and(|mode| mode.eq_ignore_ascii_case("streaming"));
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

pub(super) fn given(event: Event) -> Answer {
    let deadline = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .saturating_add(event.timeout)
        .as_millis();
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
        ("Lambda-Runtime-Deadline-Ms", deadline.to_string()),
        ("Lambda-Runtime-Invoked-Function-Arn", function),
        ("Lambda-Runtime-Trace-Id", trace),
    ];
    answer
}
