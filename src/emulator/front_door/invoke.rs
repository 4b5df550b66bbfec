//! The Invoke API, for the AWS CLI and SDKs.
//!
//! Sources: <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html> and
//! <https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html>

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

use crate::emulator::FunctionError;
use crate::emulator::event_stream::{self, InvokeComplete};
use crate::emulator::front_door::background;
use crate::emulator::front_door::door::{DoorRequest, FrontDoor, api_error};
use crate::emulator::front_door::failure_page::{BUILD_FAILED, UNAVAILABLE};
use crate::emulator::front_door::streamed_body::{self, BodyFormat};
use crate::emulator::http_server::{BodyError, Reply, ReplyBody, RequestBody, json_reply, reply};
use crate::emulator::invoke_api::{ApiError, InvocationType, InvokeOperation, InvokeRequest};
use crate::emulator::limits::MAX_REQUEST;
use crate::emulator::pool::{Call, CallReply, EndOfCall, StreamMode, StreamedReply, WhenBusy};
use crate::emulator::served_function::{NotServed, ServedFunction};

/// The only version that exists here.
const VERSION: &str = "$LATEST";

/// Responds to a request. Returns the name of the function as well, if there is one.
pub(super) async fn handle(door: &FrontDoor, request: DoorRequest) -> (Option<String>, Reply) {
    let (request_id, trace_id) = (request.request_id.clone(), request.trace_id.clone());
    let (name, result) = respond(door, request).await;
    let mut reply = result.unwrap_or_else(|error| api_error(&error));
    for (header, value) in [
        ("x-amzn-requestid", request_id),
        ("x-amzn-trace-id", trace_id),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            let header = HeaderName::from_static(header);
            reply.headers_mut().insert(header, value);
        }
    }
    (name, reply)
}

async fn respond(
    door: &FrontDoor,
    request: DoorRequest,
) -> (Option<String>, Result<Reply, ApiError>) {
    let uri = &request.head.uri;
    let (method, headers) = (&request.head.method, &request.head.headers);
    let parsed = InvokeRequest::parse(method, uri.path(), uri.query().unwrap_or(""), headers);
    let invoke = match parsed {
        Ok(invoke) => invoke,
        Err(error) => return (None, Err(error)),
    };
    let Some(function) = door.functions.get(&invoke.function.name) else {
        let all = door.functions.all();
        let names: Vec<_> = all.iter().map(|function| function.name()).collect();
        let error = ApiError::function_not_found(&invoke.function, &names);
        return (None, Err(error));
    };
    let name = function.name().to_owned();
    (Some(name), call(door, function, invoke, request).await)
}

async fn call(
    door: &FrontDoor,
    function: Arc<ServedFunction>,
    invoke: InvokeRequest,
    request: DoorRequest,
) -> Result<Reply, ApiError> {
    let body = match RequestBody::read_limited(request.body, MAX_REQUEST).await {
        Ok(body) => body,
        Err(BodyError::TooLarge) => return Err(invoke.too_large()),
        Err(error) => return Err(ApiError::invalid_content(error.to_string())),
    };
    let is_streamed = invoke.operation == InvokeOperation::InvokeWithResponseStream;
    let call = Call {
        payload: invoke.event(body)?,
        request_id: request.request_id,
        function_arn: invoke.function.arn(),
        trace_id: request.trace_id,
        client_context: invoke.client_context,
        tenant_id: invoke.tenant_id,
        stream: if is_streamed {
            StreamMode::Always
        } else {
            StreamMode::Buffered
        },
        with_log: invoke.tail_log,
        when_busy: if invoke.invocation_type == InvocationType::Event {
            WhenBusy::Wait
        } else {
            WhenBusy::Reject
        },
    };
    match invoke.invocation_type {
        InvocationType::DryRun => {
            return Ok(reply(StatusCode::NO_CONTENT, [], ""));
        }
        InvocationType::Event => {
            background::start(function, call, Arc::clone(&door.observer));
            return Ok(reply(StatusCode::ACCEPTED, [], ""));
        }
        InvocationType::RequestResponse => {}
    }
    let (payload, end) = match function.call(call).await {
        Ok(CallReply::Stream(stream)) => return Ok(stream_reply(stream)),
        Ok(CallReply::Response(bytes, end)) => (bytes, end),
        Ok(CallReply::Error(end)) => {
            let payload = end.error.as_ref().map(|error| error.payload.clone());
            (payload.unwrap_or_default().into(), end)
        }
        Ok(CallReply::Throttled) => return Err(ApiError::too_many_requests()),
        Ok(CallReply::Unavailable(why)) => failed(FunctionError::new(UNAVAILABLE, why)),
        Err(not_served) => failed(build_error(&not_served)),
    };
    Ok(if is_streamed {
        buffered_stream(payload, &end)
    } else {
        buffered(payload, &end)
    })
}

/// The payload and the end of a call that did not reach the function.
fn failed(error: FunctionError) -> (Bytes, EndOfCall) {
    let payload = Bytes::from(error.payload.clone());
    let end = EndOfCall {
        error: Some(error),
        log: None,
    };
    (payload, end)
}

/// The error of a function that could not be built. Lambda has no such error.
fn build_error(not_served: &NotServed) -> FunctionError {
    let text = match not_served {
        NotServed::BuildFailed(failure) => failure.text.clone(),
        NotServed::StillBuilding(wait) => format!(
            "the function is still being built after {} s; pass a longer `--wait`",
            wait.as_secs()
        ),
    };
    FunctionError::new(BUILD_FAILED, text)
}

/// The response with the whole payload. If the function fails, the request still succeeds.
fn buffered(payload: Bytes, end: &EndOfCall) -> Reply {
    let log = end.log.as_ref().map(|log| STANDARD.encode(log));
    let headers = [
        ("X-Amz-Executed-Version", Some(VERSION)),
        (
            "X-Amz-Function-Error",
            end.error.as_ref().map(|_| "Unhandled"),
        ),
        ("X-Amz-Log-Result", log.as_deref()),
    ];
    let headers = headers
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    json_reply(StatusCode::OK, headers, payload)
}

/// An event stream for a response that is known completely. AWS reports an error of the function
/// in the last event.
fn buffered_stream(payload: Bytes, end: &EndOfCall) -> Reply {
    let mut body = Vec::new();
    if end.error.is_none() {
        body.extend(event_stream::payload_chunk(&payload));
    }
    body.extend(complete(end));
    event_stream_reply(ReplyBody::Full(Some(body.into())))
}

/// An event stream for a response that the function still sends.
fn stream_reply(stream: StreamedReply) -> Reply {
    let format = BodyFormat {
        piece: |piece| event_stream::payload_chunk(&piece),
        last: |end| Some(complete(end)),
    };
    event_stream_reply(streamed_body::forward(Bytes::new(), stream, format))
}

fn complete(end: &EndOfCall) -> Bytes {
    let error = end.error.as_ref();
    InvokeComplete {
        error_code: error.map(|error| error.kind.clone()),
        error_details: error.map(|error| String::from_utf8_lossy(&error.payload).into_owned()),
        log_result: end.log.as_ref().map(|log| STANDARD.encode(log)),
    }
    .to_message()
}

fn event_stream_reply(body: ReplyBody) -> Reply {
    let mut reply = Response::new(body);
    let headers = reply.headers_mut();
    for (name, value) in [
        ("content-type", event_stream::CONTENT_TYPE),
        ("x-amz-executed-version", VERSION),
        ("x-amzn-remapped-content-type", "application/octet-stream"),
    ] {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    reply
}
