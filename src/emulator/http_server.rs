//! An HTTP/1.1 server for the two sides of the emulator: functions and their callers.
//!
//! In: a listener, limits, and a handler for requests. Out: responses, until the future is
//! dropped, which ends all connections.
//! Left out: TLS, HTTP/2, and compression.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;

use crate::emulator::limits::MAX_READ;

/// A body of at most this many bytes is not large.
const SMALL_BODY: u64 = 64 << 10;
/// The number of large bodies that are read at the same time.
static LARGE_BODIES: Semaphore = Semaphore::const_new(16);
/// How long the body of a caller's request may take.
const BODY_TIME: Duration = Duration::from_secs(60);

/// A response of the server.
pub(crate) type Reply = Response<ReplyBody>;

/// The limits of a server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServerLimits {
    /// Further connections are closed at once.
    pub max_connections: usize,
    /// The maximum size of a request's line and headers together, in bytes.
    pub max_head: usize,
    /// How long the head of a request may take. It also limits how long a connection may be
    /// idle.
    pub head_timeout: Option<Duration>,
}

/// The body of a response.
#[derive(Debug)]
pub(crate) enum ReplyBody {
    Full(Option<Bytes>),
    /// Pieces that are sent as they come. The body ends when the sender is dropped. An error
    /// breaks the connection, so that the client notices that the body is incomplete.
    Stream(mpsc::Receiver<io::Result<Bytes>>),
}

impl ReplyBody {
    /// A body in one piece, which may be empty.
    pub(crate) fn full(bytes: Bytes) -> Self {
        Self::Full(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.get_mut() {
            Self::Full(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Stream(pieces) => pieces
                .poll_recv(context)
                .map(|piece| Some(piece?.map(Frame::data))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Full(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Full(bytes) => {
                let size = bytes.as_ref().map_or(0, Bytes::len);
                SizeHint::with_exact(u64::try_from(size).unwrap_or(u64::MAX))
            }
            Self::Stream(_) => SizeHint::default(),
        }
    }
}

/// Creates a response in one piece. Headers whose values HTTP does not allow are left out.
pub(crate) fn reply<'a>(
    status: StatusCode,
    headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    body: impl Into<Bytes>,
) -> Reply {
    let mut reply = Response::new(ReplyBody::full(body.into()));
    *reply.status_mut() = status;
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_bytes(value.as_bytes()),
        ) {
            reply.headers_mut().append(name, value);
        }
    }
    reply
}

/// Creates a response with JSON.
pub(crate) fn json_reply<'a>(
    status: StatusCode,
    headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    body: impl Into<Bytes>,
) -> Reply {
    let mut reply = reply(status, headers, body);
    let json = HeaderValue::from_static("application/json");
    reply.headers_mut().entry(CONTENT_TYPE).or_insert(json);
    reply
}

/// The value of a header, if it is valid UTF-8.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers.get(name)?;
    std::str::from_utf8(value.as_bytes()).ok()
}

/// The body of a request.
#[derive(Debug, Default)]
pub(crate) struct RequestBody {
    /// The bytes, up to the number to keep.
    pub bytes: Vec<u8>,
    /// The number of all bytes.
    pub size: u64,
    /// The headers after the last chunk.
    pub trailers: HeaderMap,
}

/// Why a body cannot be read.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// It has more bytes than allowed.
    TooLarge,
    /// It did not arrive within this time.
    TooSlow(Duration),
    /// The connection failed or ended, or the body is invalid.
    Broken(hyper::Error),
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => write!(f, "the body is too large"),
            Self::TooSlow(limit) => {
                write!(f, "the body did not arrive within {} s", limit.as_secs())
            }
            Self::Broken(error) => write!(f, "the body cannot be read: {error}"),
        }
    }
}

impl RequestBody {
    /// Reads the body of a caller's request, which has a limit. Only some large bodies are read
    /// at the same time, so that many connections do not need much memory.
    pub(crate) async fn read_limited(body: Incoming, limit: u64) -> Result<Bytes, BodyError> {
        let size = body.size_hint().upper();
        let permits = size.is_none_or(|size| size > SMALL_BODY);
        let permits = permits.then_some(&LARGE_BODIES);
        let read = Self::read(body, limit, MAX_READ);
        let read = within(BODY_TIME, permits, read).await?;
        if read.size > limit {
            Err(BodyError::TooLarge)
        } else {
            Ok(read.bytes.into())
        }
    }

    /// Reads a body. Bytes after the first `keep` are counted and dropped. A body of more than
    /// `max` bytes is an error.
    pub(crate) async fn read(body: Incoming, keep: u64, max: u64) -> Result<Self, BodyError> {
        Self::read_pieces(body, keep, max, None).await
    }

    /// Reads a body, and passes each piece on if there is a sender. A receiver that is gone is
    /// ignored, so that the body is read to its end.
    pub(crate) async fn read_pieces(
        mut body: Incoming,
        keep: u64,
        max: u64,
        pieces: Option<&mpsc::Sender<Bytes>>,
    ) -> Result<Self, BodyError> {
        let mut read = Self::default();
        while let Some(frame) = body.frame().await {
            let data = match frame.map_err(BodyError::Broken)?.into_data() {
                Ok(data) => data,
                Err(frame) => {
                    read.trailers = frame.into_trailers().unwrap_or_default();
                    continue;
                }
            };
            read.size += u64::try_from(data.len()).unwrap_or(u64::MAX);
            if read.size > max {
                return Err(BodyError::TooLarge);
            }
            let kept = u64::try_from(read.bytes.len()).unwrap_or(u64::MAX);
            let left = usize::try_from(keep.saturating_sub(kept)).unwrap_or(usize::MAX);
            read.bytes.extend(&data[..left.min(data.len())]);
            if let Some(pieces) = pieces {
                let _ = pieces.send(data).await;
            }
        }
        Ok(read)
    }
}

/// Reads a body within a time, which includes the wait for a permit if one is needed.
async fn within<T>(
    time: Duration,
    permits: Option<&Semaphore>,
    read: impl Future<Output = Result<T, BodyError>>,
) -> Result<T, BodyError> {
    let read = async {
        let _permit = match permits {
            Some(permits) => permits.acquire().await.ok(),
            None => None,
        };
        read.await
    };
    let read = tokio::time::timeout(time, read).await;
    read.map_err(|_| BodyError::TooSlow(time))?
}

/// The number of open connections of a server.
#[derive(Debug, Clone, Default)]
pub(crate) struct OpenConnections(Arc<AtomicUsize>);

impl OpenConnections {
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    fn add(&self) -> OpenConnection {
        self.0.fetch_add(1, Ordering::SeqCst);
        OpenConnection(self.clone())
    }
}

/// Counts as open until it is dropped.
struct OpenConnection(OpenConnections);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Serves connections until the future is dropped. If the handler returns `None`, the
/// connection is closed without a response.
pub(crate) async fn serve<H, F>(
    listener: TcpListener,
    limits: ServerLimits,
    open: OpenConnections,
    handler: H,
) where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Option<Reply>> + Send + 'static,
{
    let (_never, stopped) = watch::channel(false);
    serve_until(listener, limits, open, handler, stopped).await;
}

/// Serves connections until `stopped` is true. Then running requests are finished, and their
/// connections are closed.
pub(crate) async fn serve_until<H, F>(
    listener: TcpListener,
    limits: ServerLimits,
    open: OpenConnections,
    handler: H,
    stopped: watch::Receiver<bool>,
) where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Option<Reply>> + Send + 'static,
{
    let mut connections = JoinSet::new();
    let mut own_stopped = stopped.clone();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if open.count() < limits.max_connections => {
                    let handler = handler.clone();
                    let connection = serve_connection(stream, limits, handler, stopped.clone());
                    let guard = open.add();
                    connections.spawn(async move {
                        connection.await;
                        drop(guard);
                    });
                }
                Ok((stream, _)) => drop(stream),
                // Probably too many files are open. Waiting lets connections end.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            () = until_true(&mut own_stopped) => break,
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn until_true(value: &mut watch::Receiver<bool>) {
    let _ = value.wait_for(|value| *value).await;
}

/// Why a connection is closed without a response.
#[derive(Debug)]
struct NoReply;

impl fmt::Display for NoReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the request has no response")
    }
}

impl std::error::Error for NoReply {}

async fn serve_connection<H, F>(
    stream: TcpStream,
    limits: ServerLimits,
    handler: H,
    mut stopped: watch::Receiver<bool>,
) where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Option<Reply>> + Send + 'static,
{
    let _ = stream.set_nodelay(true);
    let peer = stream.peer_addr();
    let has_request = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&has_request);
    let service = service_fn(move |mut request: Request<Incoming>| {
        noted.store(true, Ordering::Relaxed);
        if let Ok(peer) = peer {
            request.extensions_mut().insert(peer);
        }
        let reply = handler(request);
        async { reply.await.ok_or(NoReply) }
    });
    let mut server = http1::Builder::new();
    server
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        .max_buf_size(limits.max_head)
        .title_case_headers(true);
    let connection = server.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    // A failed connection is the client's problem.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = until_true(&mut stopped) => {}
    }
    // hyper would wait for the first request of a connection, which may never come.
    if !has_request.load(Ordering::Relaxed) {
        return;
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_time_for_a_body_includes_the_wait_for_other_bodies() {
        let permits = Semaphore::new(1);
        let time = Duration::from_millis(20);
        let read = || async { Ok(()) };
        assert!(within(time, Some(&permits), read()).await.is_ok());
        let _other = permits.acquire().await.unwrap();
        let waited = within(time, Some(&permits), read()).await;
        assert!(matches!(waited, Err(BodyError::TooSlow(_))), "{waited:?}");
        assert!(within(time, None, read()).await.is_ok());
    }
}
