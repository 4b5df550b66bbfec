//! Sends the reply to a call at the earliest moment.

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

use crate::emulator::FunctionError;
use crate::emulator::invocation::{InvocationOutcome, InvocationProgress};
use crate::emulator::pool::call::{Call, CallReply, EndOfCall, StreamMode, StreamedReply};
use crate::emulator::runtime_api::ResponseStream;

/// How many pieces of a streamed response wait for a slow client before the function has to.
const QUEUED_PIECES: usize = 16;

/// Sends the reply to a call at the earliest moment.
pub(super) struct CallResponder {
    reply: Option<oneshot::Sender<CallReply>>,
    /// The receiver of the pieces until the function starts to stream.
    pieces: Option<mpsc::Receiver<Bytes>>,
    /// Receives the end of a streamed response.
    end: Option<oneshot::Sender<EndOfCall>>,
    with_log: bool,
}

impl CallResponder {
    pub(super) fn new(reply: oneshot::Sender<CallReply>, call: &Call) -> Self {
        Self {
            reply: Some(reply),
            pieces: None,
            end: None,
            with_log: call.with_log,
        }
    }

    pub(super) fn is_sent(&self) -> bool {
        self.reply.is_none()
    }

    pub(super) fn send(&mut self, reply: CallReply) {
        if let Some(sender) = self.reply.take() {
            // The caller may have disconnected.
            let _ = sender.send(reply);
        }
    }

    /// Where the function's API sends the pieces of a streamed response.
    pub(super) fn stream(&mut self, mode: StreamMode) -> Option<ResponseStream> {
        if mode == StreamMode::Buffered {
            return None;
        }
        let (sender, receiver) = mpsc::channel(QUEUED_PIECES);
        self.pieces = Some(receiver);
        Some(ResponseStream {
            pieces: sender,
            always: mode == StreamMode::Always,
        })
    }

    pub(super) fn note(&mut self, progress: InvocationProgress<'_>, request_id: &str) {
        match progress {
            InvocationProgress::Streaming { content_type } => {
                if let Some(pieces) = self.pieces.take() {
                    let (sender, end) = oneshot::channel();
                    self.end = Some(sender);
                    self.send(CallReply::Stream(StreamedReply {
                        content_type,
                        pieces,
                        end,
                    }));
                }
            }
            InvocationProgress::Finished(outcome) if !self.with_log => {
                self.finish(outcome, outcome.error(request_id), Vec::new());
            }
            InvocationProgress::Finished(_) => {}
        }
    }

    /// Sends the reply, or the end of a stream. Only the first call has an effect.
    pub(super) fn finish(
        &mut self,
        outcome: &InvocationOutcome,
        error: Option<FunctionError>,
        log: Vec<u8>,
    ) {
        let log = self.with_log.then_some(log);
        let end = EndOfCall { error, log };
        if let Some(sender) = self.end.take() {
            let _ = sender.send(end);
        } else if let (InvocationOutcome::Response { bytes, .. }, None) = (outcome, &end.error) {
            self.send(CallReply::Response(bytes.clone(), end));
        } else {
            self.send(CallReply::Error(end));
        }
    }
}
