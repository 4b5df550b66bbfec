//! The Invoke API, with which SDKs call functions.
//!
//! In: a request's method, path, query, headers, and payload. Out: an [`InvokeRequest`] and the
//! function's event, or an [`ApiError`] that is a whole response.
//! Nothing is read or sent here. Left to others: the functions, the response to an invocation,
//! and signatures, which are not checked.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>

mod error;
mod function_name;
mod request;

pub use crate::emulator::invoke_api::error::ApiError;
pub use crate::emulator::invoke_api::function_name::FunctionName;
pub(super) use crate::emulator::invoke_api::request::{
    InvocationType, InvokeOperation, InvokeRequest, is_api_path,
};
