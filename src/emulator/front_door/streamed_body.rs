//! The body of a response that a function still sends.

use std::io;

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::emulator::http_server::ReplyBody;
use crate::emulator::pool::{EndOfCall, StreamedReply};

/// How the pieces of a response are sent to a client.
pub(super) struct BodyFormat {
    /// Encodes a piece.
    pub(super) piece: fn(Bytes) -> Bytes,
    /// Returns the last bytes of the body, which may be empty. `None` breaks the connection, so that the client does
    /// not take the body for complete.
    pub(super) last: fn(&EndOfCall) -> Option<Bytes>,
}

/// Passes the pieces of a response on as they come, after those that are already in `start`.
pub(super) fn forward(start: Bytes, stream: StreamedReply, format: BodyFormat) -> ReplyBody {
    let StreamedReply {
        mut pieces, end, ..
    } = stream;
    let (sender, body) = mpsc::channel(1);
    tokio::spawn(async move {
        if !start.is_empty() {
            let _ = sender.send(Ok((format.piece)(start))).await;
        }
        // The function is not disturbed by a client that disconnects: its pieces are dropped.
        while let Some(piece) = pieces.recv().await {
            let _ = sender.send(Ok((format.piece)(piece))).await;
        }
        let last = end.await.ok().and_then(|end| (format.last)(&end));
        let broken = || io::Error::other("the function did not finish its response");
        let _ = sender.send(last.ok_or_else(broken)).await;
    });
    ReplyBody::Stream(body)
}
