//! As much of HTTP/1.1 as a server for functions needs.
//!
//! In: the bytes of a connection, in pieces of any size. Out: requests, with bodies by
//! `Content-Length` or in chunks with trailers; and the bytes of a response.
//! Everything has a limit, and nothing that a function sends causes a panic.
//! Left out: TLS, HTTP/2, compression, and chunks in responses.
//!
//! Source: RFC 9112.

mod request;
mod response;

pub use crate::emulator::http::request::{RequestBody, RequestError, RequestHead, body, head};
pub(super) use crate::emulator::http::response::{write_continue, write_response};

#[cfg(test)]
mod tests;
