//! Function URLs, which pass HTTP requests to functions; and payload format 2.0, which they share
//! with HTTP APIs.
//!
//! In: an HTTP request. Out: the event for it, in payload format 2.0. Then in: the function's
//! response, in one piece or streamed. Out: the HTTP response, or the reason why it is invalid.
//! Nothing is read or sent here. Left to others: which function a request is for, CORS, and
//! authentication, which is always `NONE`.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html>

mod event;
mod prelude;
mod response;
mod response_head;

pub(super) use crate::emulator::function_url::event::{EventOrigin, event, format_2};
pub use crate::emulator::function_url::prelude::PreludeParser;
pub(super) use crate::emulator::function_url::prelude::STREAMED_HTTP;
pub use crate::emulator::function_url::response::FunctionResponse;
pub(super) use crate::emulator::function_url::response::{body, not_json, text};
pub use crate::emulator::function_url::response_head::ResponseHead;
pub(super) use crate::emulator::function_url::response_head::{
    Members, append_value, header_name, member, scalar, shown, status,
};
