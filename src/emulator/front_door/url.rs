//! Function URLs, for browsers and HTTP clients.

use std::sync::Arc;

use bytes::Bytes;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Response, StatusCode};

use crate::emulator::FunctionError;
use crate::emulator::front_door::door::{DoorEvent, DoorRequest, FrontDoor, api_error, text_reply};
use crate::emulator::front_door::failure_page::bad_gateway;
use crate::emulator::front_door::streamed_body::{self, BodyFormat};
use crate::emulator::function_url::{
    self, FunctionResponse, PreludeParser, ResponseHead, STREAMED_HTTP,
};
use crate::emulator::hosts::RequestHost;
use crate::emulator::http_server::{BodyError, Reply, ReplyBody, json_reply};
use crate::emulator::invoke_api::ApiError;
use crate::emulator::pool::{Call, CallReply, EndOfCall, StreamMode, StreamedReply};
use crate::emulator::served_function::{NotServed, ServedFunction};

/// Sends a request to a function, and returns its response.
pub(super) async fn handle(
    door: &FrontDoor,
    function: &Arc<ServedFunction>,
    host: &RequestHost,
    path: &str,
    request: DoorRequest,
) -> Reply {
    let request = match request.read().await {
        Ok(request) => request,
        Err(BodyError::TooLarge) => {
            return api_error(&ApiError::request_too_large("InvokeFunction"));
        }
        Err(error) => return text_reply(StatusCode::BAD_REQUEST, &format!("{error}\n")),
    };
    let http = request.to_http(door, host, path, function.name());
    let event = function_url::event(&http).to_string();
    let (head, call) = request.into_call(function.name(), event);
    let request_id = call.request_id.clone();
    let call = Call {
        stream: StreamMode::IfStreamed,
        ..call
    };
    let answer = Answer {
        door,
        function: function.name(),
        request_id: &request_id,
        method: &head.method,
        request_headers: &head.headers,
    };
    match function.call(call).await {
        Ok(CallReply::Response(payload, _)) => answer.buffered(&payload),
        Ok(CallReply::Stream(stream)) => answer.streamed(stream).await,
        Ok(CallReply::Error(end)) => function_error(end.error.as_ref()),
        Ok(CallReply::Throttled) => api_error(&ApiError::too_many_requests()),
        Ok(CallReply::Unavailable(why)) => unavailable(function.name(), &why, &head.headers),
        Err(not_served) => self::not_served(function.name(), &not_served, &head.headers),
    }
}

/// The response for a function that cannot be run.
pub(super) fn unavailable(function: &str, why: &str, request_headers: &HeaderMap) -> Reply {
    bad_gateway(&format!("`{function}` cannot be run"), why, request_headers)
}

/// The response for a function without a program.
pub(super) fn not_served(
    function: &str,
    not_served: &NotServed,
    request_headers: &HeaderMap,
) -> Reply {
    match not_served {
        NotServed::BuildFailed(failure) => {
            let title = format!("`{function}` could not be built");
            bad_gateway(&title, &failure.text, request_headers)
        }
        NotServed::StillBuilding(wait) => {
            let title = format!("`{function}` is still being built");
            let text = format!(
                "the request waited for {} s; pass a longer `--wait`",
                wait.as_secs()
            );
            bad_gateway(&title, &text, request_headers)
        }
    }
}

/// The status of AWS with the error of the function. AWS sends only `Internal Server Error`.
fn function_error(error: Option<&FunctionError>) -> Reply {
    let payload = error.map_or(&b"Internal Server Error"[..], |error| &error.payload);
    json_reply(StatusCode::BAD_GATEWAY, [], payload.to_vec())
}

/// Turns the response of a function into an HTTP response.
struct Answer<'a> {
    door: &'a FrontDoor,
    function: &'a str,
    request_id: &'a str,
    method: &'a Method,
    request_headers: &'a HeaderMap,
}

impl Answer<'_> {
    fn buffered(&self, payload: &Bytes) -> Reply {
        match FunctionResponse::from_payload(payload) {
            Ok(response) => self.reply(response.head, ReplyBody::full(response.body)),
            Err(reason) => self.invalid(&reason),
        }
    }

    /// Waits for the status and the headers, and passes the rest on as it comes.
    async fn streamed(&self, mut stream: StreamedReply) -> Reply {
        let (head, start) = if stream.content_type.as_deref() == Some(STREAMED_HTTP) {
            let mut prelude = PreludeParser::default();
            loop {
                let Some(piece) = stream.pieces.recv().await else {
                    return match stream.end.await {
                        Ok(EndOfCall {
                            error: Some(error), ..
                        }) => function_error(Some(&error)),
                        Ok(_) | Err(_) => self.invalid(&prelude.incomplete()),
                    };
                };
                match prelude.push(&piece) {
                    Ok(None) => {}
                    Ok(Some(complete)) => break complete,
                    Err(reason) => {
                        discard(stream);
                        return self.invalid(&reason);
                    }
                }
            }
        } else {
            // Without a prelude, AWS sends the bytes as the body.
            let content_type = stream.content_type.take();
            let default = || "application/octet-stream".to_owned();
            let value = HeaderValue::try_from(content_type.unwrap_or_else(default));
            let mut headers = HeaderMap::new();
            headers.extend(value.ok().map(|value| (hyper::header::CONTENT_TYPE, value)));
            let head = ResponseHead {
                status: StatusCode::OK,
                headers,
            };
            (head, Bytes::new())
        };
        self.reply(head, forward(start, stream))
    }

    fn reply(&self, head: ResponseHead, body: ReplyBody) -> Reply {
        // hyper leaves the body out of the response to HEAD only if it knows its size.
        let body = match body {
            ReplyBody::Stream(_) if *self.method == Method::HEAD => ReplyBody::Full(None),
            body => body,
        };
        let mut reply = Response::new(body);
        *reply.status_mut() = head.status;
        *reply.headers_mut() = head.headers;
        if let Ok(id) = HeaderValue::from_str(self.request_id) {
            let name = HeaderName::from_static("x-amzn-requestid");
            reply.headers_mut().insert(name, id);
        }
        reply
    }

    fn invalid(&self, reason: &str) -> Reply {
        (self.door.observer)(DoorEvent::InvalidResponse {
            function: self.function,
            request_id: self.request_id,
            reason,
        });
        let title = format!("`{}` sent an invalid response", self.function);
        bad_gateway(&title, reason, self.request_headers)
    }
}

/// Reads the rest of a response, so that the function can finish it.
fn discard(mut stream: StreamedReply) {
    tokio::spawn(async move { while stream.pieces.recv().await.is_some() {} });
}

/// Passes the pieces of a body on as they are.
fn forward(start: Bytes, stream: StreamedReply) -> ReplyBody {
    let format = BodyFormat {
        piece: |piece| piece,
        last: |end| end.error.is_none().then(Bytes::new),
    };
    streamed_body::forward(start, stream, format)
}
