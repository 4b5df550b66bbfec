//! Answers browsers that send requests from other origins.

use hyper::header::{HeaderMap, HeaderValue};

use crate::emulator::api::FunctionCorsHeaders;
use crate::emulator::http_server::{Reply, reply};
use crate::lambda::{CorsRules, PayloadFormat};

/// The answer to a preflight request.
pub(super) fn preflight(rules: &CorsRules, format: PayloadFormat, request: &HeaderMap) -> Reply {
    let mut answer = reply(format.preflight_status(), [], "");
    *answer.headers_mut() = rules.preflight(request);
    answer
}

/// Adds headers for the browser to the response of a function. `origin` is that of the request.
pub(super) fn add_headers(
    rules: &CorsRules,
    format: PayloadFormat,
    origin: Option<&HeaderValue>,
    answer: &mut Reply,
) {
    let function_headers = FunctionCorsHeaders::in_format(format);
    rules.add_to(answer.headers_mut(), origin, function_headers);
}
