//! The events that the Runtime API delivers and reports.

use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::emulator::FunctionError;
use crate::emulator::http_server::RequestBody;

/// Something that a function did.
#[derive(Debug)]
pub(in crate::emulator) enum RuntimeEvent {
    /// The runtime waits for the next event. Extensions may still be busy.
    RuntimeReady(Instant),
    /// The runtime and all extensions wait for the next event.
    Ready(Instant),
    /// The runtime received the event.
    Delivered(Instant),
    /// The first bytes of a response are passed on while the function still sends more.
    Streaming { content_type: Option<String> },
    /// The whole response was received. The bytes of a response that was passed on are empty.
    Response {
        /// When the response began.
        began: Instant,
        at: Instant,
        body: RequestBody,
        streamed: bool,
    },
    /// The response had more bytes than Lambda allows.
    ResponseTooLarge { at: Instant, size: u64 },
    /// The function reported an error for the event.
    Error(Instant, FunctionError),
    /// The function reported an error of its init phase.
    InitError(FunctionError),
    /// An extension reported an error, which ends the execution environment.
    ExtensionError(FunctionError),
}

impl RuntimeEvent {
    /// When the function asked for an event or responded to one.
    pub(in crate::emulator) const fn time(&self) -> Option<Instant> {
        match self {
            Self::RuntimeReady(at)
            | Self::Ready(at)
            | Self::Response { at, .. }
            | Self::ResponseTooLarge { at, .. }
            | Self::Error(at, _) => Some(*at),
            Self::Delivered(_)
            | Self::Streaming { .. }
            | Self::InitError(_)
            | Self::ExtensionError(_) => None,
        }
    }
}

/// An event for the function, with its metadata.
#[derive(Debug, Clone)]
pub(in crate::emulator) struct InvocationEvent {
    pub(in crate::emulator) request_id: String,
    pub(in crate::emulator) function_arn: String,
    pub(in crate::emulator) trace_id: String,
    /// The client context as JSON.
    pub(in crate::emulator) client_context: Option<String>,
    pub(in crate::emulator) tenant_id: Option<String>,
    pub(in crate::emulator) timeout: Duration,
    pub(in crate::emulator) payload: Bytes,
    pub(in crate::emulator) stream: Option<ResponseStream>,
}

/// Where the pieces of a response go while the function sends them.
#[derive(Debug, Clone)]
pub(in crate::emulator) struct ResponseStream {
    pub(in crate::emulator) pieces: mpsc::Sender<Bytes>,
    /// Whether the pieces of a response are passed on even if the function does not say that
    /// it streams.
    pub(in crate::emulator) always: bool,
}
