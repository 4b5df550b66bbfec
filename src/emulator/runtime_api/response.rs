//! The responses of the Runtime API, and what a function's own responses mean.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use hyper::StatusCode;
use hyper::http::request::Parts;
use serde_json::json;

use crate::emulator::FunctionError;
use crate::emulator::function_url::STREAMED_HTTP;
use crate::emulator::http_server::{BodyError, Reply, RequestBody, header, json_reply};
use crate::emulator::limits::MAX_RESPONSE;
use crate::emulator::runtime_api::event::{InvocationEvent, RuntimeEvent};

pub(super) fn accepted() -> Reply {
    json_reply(StatusCode::ACCEPTED, [], "{\"status\":\"OK\"}\n")
}

pub(super) fn error(status: u16, error_type: &str, message: &str) -> Reply {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = json!({ "errorMessage": message, "errorType": error_type });
    json_reply(status, [], body.to_string())
}

/// Rejects a request that is not valid in the current state.
pub(super) fn invalid_transition(why: &str) -> Reply {
    let message = format!("State transition is not allowed: {why}");
    error(403, "InvalidStateTransition", &message)
}

/// Responds to a request whose body cannot be read. A broken connection gets no response.
pub(super) fn unreadable(why: &BodyError) -> Option<Reply> {
    match why {
        BodyError::TooLarge => Some(error(413, "RequestEntityTooLarge", &why.to_string())),
        BodyError::TooSlow(_) | BodyError::Broken(_) => None,
    }
}

/// The error type that a function sends in a header.
pub(super) fn error_type(head: &Parts) -> Option<&str> {
    header(&head.headers, "lambda-runtime-function-error-type")
}

/// How a function sends its response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResponseMode {
    Buffered,
    Streaming,
}

/// A function sent a response mode that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct InvalidResponseMode;

impl ResponseMode {
    /// Reads the mode from the headers of a response. aws-lambda-go does not send a mode; it
    /// is recognized by the content type.
    ///
    /// Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html>
    pub(super) fn parse(head: &Parts) -> Result<Self, InvalidResponseMode> {
        match header(&head.headers, "lambda-runtime-function-response-mode") {
            Some("streaming") => Ok(Self::Streaming),
            None | Some("") => match header(&head.headers, "content-type") {
                Some(STREAMED_HTTP) => Ok(Self::Streaming),
                _ => Ok(Self::Buffered),
            },
            Some(_) => Err(InvalidResponseMode),
        }
    }
}

/// Handles a function's response to an event. A response in one piece has a size limit. A
/// streamed response can end with an error in its trailers.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html>
pub(super) fn to_function_response(
    mode: Result<ResponseMode, InvalidResponseMode>,
    passed_on: bool,
    body: RequestBody,
    began: Instant,
    at: Instant,
) -> (Reply, RuntimeEvent) {
    let Ok(mode) = mode else {
        // The event fails, as in AWS's own emulator.
        let why = "Invalid function response mode";
        let function_error = FunctionError::new("Runtime.InvalidResponseModeHeader", why);
        let reply = error(400, "InvalidFunctionResponseMode", why);
        return (reply, RuntimeEvent::Error(at, function_error));
    };
    let streamed = passed_on || mode == ResponseMode::Streaming;
    if !streamed && body.size > MAX_RESPONSE {
        let why = format!("Exceeded maximum allowed payload size ({MAX_RESPONSE} bytes).");
        let reply = error(413, "RequestEntityTooLarge", &why);
        let size = body.size;
        return (reply, RuntimeEvent::ResponseTooLarge { at, size });
    }
    let trailer = |name| header(&body.trailers, name);
    let event = match trailer("lambda-runtime-function-error-type") {
        Some(error_type) => {
            let encoded = trailer("lambda-runtime-function-error-body").unwrap_or_default();
            let payload = decode_base64(encoded).unwrap_or_else(|| encoded.as_bytes().to_vec());
            let function_error = FunctionError::from_payload(Some(error_type), &payload);
            RuntimeEvent::Error(at, function_error)
        }
        None => RuntimeEvent::Response {
            began,
            at,
            body,
            streamed,
        },
    };
    (accepted(), event)
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

/// Delivers an event to the runtime, which must respond before the deadline.
pub(super) fn invocation(event: &InvocationEvent, deadline: SystemTime) -> Reply {
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap_or_default();
    // Rounded up, so that a function that waits until then does not respond before it.
    let deadline = deadline.as_nanos().div_ceil(1_000_000).to_string();
    let headers = [
        ("Lambda-Runtime-Aws-Request-Id", Some(&event.request_id)),
        ("Lambda-Runtime-Deadline-Ms", Some(&deadline)),
        (
            "Lambda-Runtime-Invoked-Function-Arn",
            Some(&event.function_arn),
        ),
        ("Lambda-Runtime-Trace-Id", Some(&event.trace_id)),
        (
            "Lambda-Runtime-Client-Context",
            event.client_context.as_ref(),
        ),
        ("Lambda-Runtime-Aws-Tenant-Id", event.tenant_id.as_ref()),
    ];
    let headers = headers
        .into_iter()
        .filter_map(|(name, value)| Some((name, &**value?)));
    json_reply(StatusCode::OK, headers, event.payload.clone())
}

/// The path of a subscription to the Telemetry API.
const TELEMETRY: [&str; 2] = ["/2022-07-01/telemetry", "/2022-07-01/telemetry/"];
/// The path of a subscription to the Logs API, which came before the Telemetry API.
const LOGS: [&str; 2] = ["/2020-08-15/logs", "/2020-08-15/logs/"];

/// Whether a request is a subscription to the Telemetry API.
pub(super) fn is_telemetry_subscription(head: &Parts) -> bool {
    head.method == "PUT" && TELEMETRY.contains(&head.uri.path())
}

/// Rejects a path that is not in the Runtime API. If they are not supported, the Telemetry API and
/// the Logs API have errors of their own: those of AWS's emulator.
pub(super) fn not_found(head: &Parts) -> Reply {
    if is_telemetry_subscription(head) {
        let message = "Telemetry API is not supported";
        error(202, "Telemetry.NotSupported", message)
    } else if head.method == "PUT" && LOGS.contains(&head.uri.path()) {
        error(202, "Logs.NotSupported", "Logs API is not supported")
    } else {
        error(404, "NotFound", "no such path in the Runtime API")
    }
}
