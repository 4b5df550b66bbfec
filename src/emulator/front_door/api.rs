//! Requests that come through an API: HTTP APIs, REST APIs, and load balancers.
//!
//! Replies that AWS itself would send have the status and the text of AWS. The reasons are reported
//! to the observer.

use hyper::header::{HeaderName, ORIGIN};
use hyper::http::HeaderValue;
use hyper::{Response, StatusCode};

use crate::emulator::api::{self, GatewayReply, RouteMatch};
use crate::emulator::front_door::cors;
use crate::emulator::front_door::door::{DoorEvent, DoorRequest, FrontDoor, text_reply};
use crate::emulator::front_door::route_table::RouteTable;
use crate::emulator::front_door::url;
use crate::emulator::hosts::RequestHost;
use crate::emulator::http_server::{BodyError, Reply, ReplyBody, reply};
use crate::emulator::ids;
use crate::emulator::pool::CallReply;
use crate::emulator::served_function::ServedFunction;
use crate::lambda::PayloadFormat;

/// The ID of the API in events.
const API_ID: &str = "local";

/// Responds to a request. Returns the name of the function as well, if there is one.
pub(super) async fn handle(
    door: &FrontDoor,
    table: &RouteTable,
    host: &RequestHost,
    request: DoorRequest,
) -> (Option<String>, Reply) {
    let path = request.head.uri.path();
    let (method, headers) = (&request.head.method, &request.head.headers);
    if api::is_preflight(method, headers)
        && let Some(found) = table.find_requested(headers, path)
        && let Some(rules) = table.cors_of(&found)
    {
        let answer = cors::preflight(rules, found.route.payload(), headers);
        return (Some(found.route.function().to_owned()), answer);
    }
    let Some(found) = table.routes.find(method, path) else {
        return (None, gateway_reply(table.routes.no_route()));
    };
    let name = found.route.function().to_owned();
    let Some(function) = door.functions.get(&name) else {
        let text = format!("the function `{name}` of this route is not served\n");
        return (None, text_reply(StatusCode::BAD_GATEWAY, &text));
    };
    let format = found.route.payload();
    let rules = table.cors_of(&found);
    let rules = rules.map(|rules| (rules, headers.get(ORIGIN).cloned()));
    let mut answer = if format == PayloadFormat::FunctionUrl {
        let path = path.to_owned();
        url::handle(door, &function, host, &path, request).await
    } else {
        call(door, &function, host, &found, request).await
    };
    if let Some((rules, origin)) = rules {
        cors::add_headers(rules, format, origin.as_ref(), &mut answer);
    }
    (Some(name), answer)
}

async fn call(
    door: &FrontDoor,
    function: &ServedFunction,
    host: &RequestHost,
    found: &RouteMatch<'_>,
    request: DoorRequest,
) -> Reply {
    let format = found.route.payload();
    let request = match request.read().await {
        Ok(request) => request,
        Err(BodyError::TooLarge) => return gateway_reply(GatewayReply::request_too_large(format)),
        Err(error) => return text_reply(StatusCode::BAD_REQUEST, &format!("{error}\n")),
    };
    let path = request.head.uri.path();
    let event = api::event(&request.to_http(door, host, path, API_ID), found).to_string();
    let (head, call) = request.into_call(function.name(), event);
    let request_id = call.request_id.clone();
    let mut answer = match function.call(call).await {
        Ok(CallReply::Response(payload, _)) => {
            match api::response(&payload, found.route, &head.headers) {
                Ok(response) => {
                    let mut answer = Response::new(ReplyBody::full(response.body));
                    *answer.status_mut() = response.head.status;
                    *answer.headers_mut() = response.head.headers;
                    answer
                }
                Err(reason) => {
                    (door.observer)(DoorEvent::InvalidResponse {
                        function: function.name(),
                        request_id: &request_id,
                        reason: &reason,
                    });
                    gateway_reply(GatewayReply::function_failed(format))
                }
            }
        }
        // The error is in the log.
        Ok(CallReply::Error(_) | CallReply::Throttled | CallReply::Stream(_)) => {
            gateway_reply(GatewayReply::function_failed(format))
        }
        Ok(CallReply::Unavailable(why)) => url::unavailable(function.name(), &why, &head.headers),
        Err(not_served) => url::not_served(function.name(), &not_served, &head.headers),
    };
    // Events of HTTP APIs have the same ID.
    let client_id = match format {
        PayloadFormat::HttpApi2 | PayloadFormat::HttpApi1 => ids::extended_request_id(&request_id),
        _ => request_id,
    };
    if let Some(name) = format.request_id_header()
        && let Ok(value) = HeaderValue::from_str(&client_id)
    {
        let name = HeaderName::from_static(name);
        answer.headers_mut().entry(name).or_insert(value);
    }
    answer
}

fn gateway_reply(gateway: GatewayReply) -> Reply {
    let headers = [
        ("Content-Type", Some(gateway.content_type)),
        ("x-amzn-ErrorType", gateway.error_type),
    ];
    let headers = headers
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    reply(gateway.status, headers, gateway.body)
}
