//! APIs in front of functions: HTTP APIs and REST APIs of API Gateway, and application load
//! balancers.
//!
//! In: routes and an HTTP request. Out: the route, the event for its function, and later the HTTP
//! response for the function's response, or the reason why that is invalid. CORS is answered as
//! for a function URL or an HTTP API.
//! Nothing is read or sent here. Left to others: where routes are configured, calls of functions,
//! authorizers, stage variables, request validation, and WebSocket APIs.

mod alb_event;
mod alb_response;
mod cors;
mod event;
mod event_1;
#[cfg(test)]
mod fixture;
mod gateway_reply;
mod media_types;
mod payload_format;
mod response;
mod response_1;
mod route;
mod route_path;
mod routes;

pub(crate) use crate::emulator::api::cors::{FunctionCorsHeaders, is_preflight};
pub(super) use crate::emulator::api::event::event;
pub(crate) use crate::emulator::api::gateway_reply::GatewayReply;
pub(crate) use crate::emulator::api::media_types::BinaryMediaTypes;
pub(super) use crate::emulator::api::response::response;
pub(crate) use crate::emulator::api::route::{Route, RouteSettings};
pub(crate) use crate::emulator::api::routes::{RouteMatch, Routes};
