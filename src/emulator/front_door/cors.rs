//! Answers browsers that send requests from other origins.

use hyper::header::HeaderMap;

use crate::emulator::api::FunctionCorsHeaders;
use crate::emulator::http_server::{Reply, reply};
use crate::lambda::{CorsRules, PayloadFormat};

/// The answer to a preflight request.
pub(super) fn preflight(rules: &CorsRules, format: PayloadFormat, request: &HeaderMap) -> Reply {
    let mut answer = reply(format.preflight_status(), [], "");
    *answer.headers_mut() = rules.preflight(request);
    answer
}

/// Adds headers for the browser to the response of a function.
pub(super) fn add_headers(
    rules: &CorsRules,
    format: PayloadFormat,
    request: &HeaderMap,
    answer: &mut Reply,
) {
    let own = FunctionCorsHeaders::in_format(format);
    rules.add_to(answer.headers_mut(), request, own);
}
