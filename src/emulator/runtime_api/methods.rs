//! The methods of the paths in the Runtime API and the Extensions API.
//!
//! In: the head of a request. Out: the response to a request with another method, as AWS's
//! emulator sends it. Left to others: paths that do not exist.

use hyper::StatusCode;
use hyper::http::request::Parts;

use crate::emulator::http_server::{Reply, reply};

/// Rejects a request if its path exists, but not for its method.
pub(super) fn method_not_allowed(head: &Parts) -> Option<Reply> {
    let allowed = allowed_method(head.uri.path())?;
    let is_allowed = head.method == allowed;
    (!is_allowed).then(|| reply(StatusCode::METHOD_NOT_ALLOWED, [("Allow", allowed)], ""))
}

fn allowed_method(path: &str) -> Option<&'static str> {
    let segments: Vec<_> = path.strip_prefix('/')?.split('/').collect();
    match segments[..] {
        ["2018-06-01", "runtime", "invocation", "next"]
        | ["2020-01-01", "extension", "event", "next"] => Some("GET"),
        ["2018-06-01", "runtime", "init", "error"]
        | [
            "2018-06-01",
            "runtime",
            "invocation",
            _,
            "response" | "error",
        ]
        | ["2020-01-01", "extension", "register"]
        | ["2020-01-01", "extension", "init" | "exit", "error"] => Some("POST"),
        _ => None,
    }
}
