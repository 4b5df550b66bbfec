//! Sends batches of events to an extension.
//!
//! In: a destination on 127.0.0.1, and batches of JSON. Out: one HTTP request with a JSON array
//! for each batch, or one line for each event over TCP. A connection is kept for the next batch.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::Ipv4Addr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::Request;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{self, Instant};

use crate::emulator::telemetry::subscription::Destination;

/// How long the delivery of a batch may take.
const DELIVERY_LIMIT: Duration = Duration::from_secs(10);
/// How long a refused connection is tried again. The crate `lambda-extension` closes its
/// listener for a moment after each connection.
const CONNECT_LIMIT: Duration = Duration::from_secs(1);
const CONNECT_PAUSE: Duration = Duration::from_millis(20);
/// The maximum size of a response that is read to its end, so that its connection can be used
/// again.
const MAX_REPLY: usize = 64 << 10;

/// Sends batches to one destination.
#[derive(Debug)]
pub(super) struct Receiver {
    destination: Destination,
    connection: Option<Connection>,
}

#[derive(Debug)]
enum Connection {
    Http(SendRequest<Full<Bytes>>),
    Tcp(TcpStream),
}

/// Why a batch was not delivered.
#[derive(Debug)]
pub(super) enum DeliveryError {
    Io(io::Error),
    Http(hyper::Error),
    InvalidRequest(hyper::http::Error),
    Status(hyper::StatusCode),
    TimedOut,
}

impl fmt::Display for DeliveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Http(error) => error.fmt(f),
            Self::InvalidRequest(error) => error.fmt(f),
            Self::Status(status) => write!(f, "the extension responded with {status}"),
            Self::TimedOut => write!(
                f,
                "the extension did not respond within {} seconds",
                DELIVERY_LIMIT.as_secs()
            ),
        }
    }
}

impl From<io::Error> for DeliveryError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<hyper::Error> for DeliveryError {
    fn from(error: hyper::Error) -> Self {
        Self::Http(error)
    }
}

impl Receiver {
    /// Connects to a TCP destination, which must listen already, as for AWS's emulator. An HTTP
    /// destination is connected to with the first batch.
    pub(super) async fn connect(destination: Destination) -> io::Result<Self> {
        let connection = match destination {
            Destination::Http { .. } => None,
            Destination::Tcp { port } => Some(Connection::Tcp(connect(port).await?)),
        };
        Ok(Self {
            destination,
            connection,
        })
    }

    /// Sends the events of a batch.
    pub(super) async fn deliver(&mut self, events: &[Bytes]) -> Result<(), DeliveryError> {
        // After an error or a timeout, the connection cannot be used again.
        let connection = self.connection.take();
        let delivery = async {
            Ok(match &self.destination {
                Destination::Tcp { port } => {
                    let stream = match connection {
                        Some(Connection::Tcp(stream)) => stream,
                        _ => connect(*port).await?,
                    };
                    Some(Connection::Tcp(write_lines(stream, events).await?))
                }
                Destination::Http {
                    port,
                    host,
                    path_and_query,
                } => {
                    let request = Request::post(path_and_query)
                        .header(HOST, host)
                        .header(CONTENT_TYPE, "application/json")
                        .body(Full::new(json_array(events)))
                        .map_err(DeliveryError::InvalidRequest)?;
                    let sender = match connection {
                        Some(Connection::Http(sender)) => Some(sender),
                        _ => None,
                    };
                    post(*port, sender, request).await?.map(Connection::Http)
                }
            })
        };
        self.connection = time::timeout(DELIVERY_LIMIT, delivery)
            .await
            .unwrap_or(Err(DeliveryError::TimedOut))?;
        Ok(())
    }
}

/// Connects to a port, which may be closed for a moment.
async fn connect(port: u16) -> io::Result<TcpStream> {
    let start = Instant::now();
    loop {
        match TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await {
            Err(error)
                if error.kind() == ErrorKind::ConnectionRefused
                    && start.elapsed() < CONNECT_LIMIT =>
            {
                time::sleep(CONNECT_PAUSE).await;
            }
            stream => {
                let stream = stream?;
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
        }
    }
}

async fn write_lines(stream: TcpStream, events: &[Bytes]) -> io::Result<TcpStream> {
    let size = events.iter().map(|event| event.len() + 1).sum();
    let mut lines = Vec::with_capacity(size);
    for event in events {
        lines.extend_from_slice(event);
        lines.push(b'\n');
    }
    let mut rest = &lines[..];
    while !rest.is_empty() {
        stream.writable().await?;
        match stream.try_write(rest) {
            Ok(written) => rest = &rest[written..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(stream)
}

fn json_array(events: &[Bytes]) -> Bytes {
    let size = events.iter().map(|event| event.len() + 1).sum::<usize>() + 1;
    let mut array = Vec::with_capacity(size);
    for event in events {
        array.push(if array.is_empty() { b'[' } else { b',' });
        array.extend_from_slice(event);
    }
    array.push(b']');
    array.into()
}

/// Sends a request, with the previous connection if it is still open. Returns the connection if
/// it can be used again.
async fn post(
    port: u16,
    previous: Option<SendRequest<Full<Bytes>>>,
    request: Request<Full<Bytes>>,
) -> Result<Option<SendRequest<Full<Bytes>>>, DeliveryError> {
    if let Some(mut sender) = previous
        && sender.ready().await.is_ok()
    {
        match send(sender, request.clone()).await {
            // The extension closed the idle connection before it read the request.
            Err(DeliveryError::Http(error))
                if error.is_canceled() || error.is_incomplete_message() => {}
            result => return result,
        }
    }
    let stream = TokioIo::new(connect(port).await?);
    let (sender, connection) = http1::handshake(stream).await?;
    // It ends when the sender is dropped. Its errors are also returned to the sender.
    tokio::spawn(connection);
    send(sender, request).await
}

async fn send(
    mut sender: SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> Result<Option<SendRequest<Full<Bytes>>>, DeliveryError> {
    let reply = sender.send_request(request).await?;
    // AWS's emulator accepts the same range.
    if reply.status().as_u16() >= 400 {
        return Err(DeliveryError::Status(reply.status()));
    }
    let body = Limited::new(reply.into_body(), MAX_REPLY).collect().await;
    Ok(body.is_ok().then_some(sender))
}
