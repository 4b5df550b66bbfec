//! Routes and events for tests.

use hyper::http::{HeaderMap, Method};
use serde_json::Value;

use crate::emulator::api::event::event;
use crate::emulator::api::media_types::BinaryMediaTypes;
use crate::emulator::api::route::{Route, RouteSettings};
use crate::emulator::api::routes::Routes;
use crate::emulator::function_url::FunctionResponse;
use crate::emulator::http_request::{HttpRequest, fixture};
use crate::lambda::{PayloadFormat, RouteMethod, RoutePath};

/// A route with a key, such as `GET /users`; with a format and a stage.
pub(super) fn route(key: &str, payload: PayloadFormat, stage: Option<&str>) -> RouteSettings {
    let (method, path) = match key.split_once(' ') {
        Some((method, path)) => {
            let mut methods = RouteMethod::ALL.into_iter();
            (methods.find(|all| all.name() == method).expect(key), path)
        }
        None => (RouteMethod::Any, key),
    };
    RouteSettings {
        method,
        path: RoutePath::parse(path, payload).expect(key),
        function: format!("function of {key}"),
        payload,
        stage: stage.map(str::to_owned),
        binary_media_types: BinaryMediaTypes::default(),
    }
}

/// The event of a POST request with a path; and with headers, a query, and a body.
pub(super) fn event_of(
    settings: RouteSettings,
    raw_path: &str,
    (headers, query, body): (&HeaderMap, &str, &[u8]),
) -> Value {
    let routes = Routes::new(vec![Route::new(settings).unwrap()]).unwrap();
    let found = routes.find(&Method::POST, raw_path).unwrap();
    let request = HttpRequest {
        raw_path,
        ..fixture::request(headers, query, body)
    };
    event(&request, &found)
}

/// The status, the headers in lines, an empty line, and the body.
pub(super) fn shown_response(response: FunctionResponse) -> String {
    let FunctionResponse { head, body } = response;
    let lines = head.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        format!("{name}: {value}\n")
    });
    let mut lines: Vec<_> = lines.collect();
    // Stable for the values of one header.
    lines.sort_by(|one, other| one.split(':').next().cmp(&other.split(':').next()));
    let body = String::from_utf8_lossy(&body);
    format!("{}\n{}\n{body}", head.status.as_u16(), lines.concat())
}
