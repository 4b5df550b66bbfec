//! A call of a function, and the reply to it.

use std::time::Instant;

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

use crate::emulator::FunctionError;

/// One event for the function.
#[derive(Debug, Clone, Default)]
pub(crate) struct Call {
    pub request_id: String,
    pub function_arn: String,
    pub trace_id: String,
    /// The client context as JSON.
    pub client_context: Option<String>,
    /// Tenants do not share instances.
    pub tenant_id: Option<String>,
    pub payload: Bytes,
    pub stream: StreamMode,
    /// Whether the reply contains the log, so that it waits for the end of the invocation.
    pub with_log: bool,
    pub when_busy: WhenBusy,
}

/// The behavior of a call while all instances are busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum WhenBusy {
    /// It is rejected, as on Lambda, unless calls that came during a build still wait.
    #[default]
    Reject,
    /// It came during a build, and waits for an instance until this time. All calls of that time
    /// go on at once, so more of them than instances is normal.
    WaitUntil(Instant),
    /// It waits, as in Lambda's queue of asynchronous invocations.
    Wait,
}

/// Whether the pieces of a response are passed on as they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum StreamMode {
    /// Never.
    #[default]
    Buffered,
    /// If the function says that it streams its response.
    IfStreamed,
    Always,
}

/// The reply to a call.
#[derive(Debug)]
pub(crate) enum CallReply {
    Response(Bytes, EndOfCall),
    Stream(StreamedReply),
    Error(EndOfCall),
    /// All instances are busy.
    Throttled,
    /// The emulator itself failed, for this reason.
    Unavailable(String),
}

/// A response that the function still sends.
#[derive(Debug)]
pub(crate) struct StreamedReply {
    /// The content type that the function chose.
    pub content_type: Option<String>,
    pub pieces: mpsc::Receiver<Bytes>,
    /// It arrives after the last piece.
    pub end: oneshot::Receiver<EndOfCall>,
}

/// The error and the log of a call.
#[derive(Debug, Clone, Default)]
pub(crate) struct EndOfCall {
    pub error: Option<FunctionError>,
    /// The log, if the call asked for it.
    pub log: Option<Vec<u8>>,
}
