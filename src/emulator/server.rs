//! An HTTP server on the loopback interface, with a thread for each connection.
//!
//! In: a handler for requests. Out: the address of the server. Dropped, it ends all
//! connections.

use std::collections::BTreeMap;
use std::io::{self, BufReader};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::emulator::http;
use crate::emulator::http::{RequestBody, RequestError, RequestHead};
use crate::emulator::limits::{MAX_RESPONSE, MAX_STREAM};

/// Further connections are closed at once. A function needs only one or two.
const MAX_CONNECTIONS: usize = 100;

#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) fields: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

impl Response {
    pub(super) const fn new(status: u16, body: Vec<u8>) -> Self {
        Self {
            status,
            fields: Vec::new(),
            body,
        }
    }
}

#[derive(Debug, Default)]
struct Connections {
    open: Mutex<BTreeMap<u64, TcpStream>>,
    closed: AtomicBool,
}

/// Listens until it is dropped.
#[derive(Debug)]
pub(super) struct HttpServer {
    address: SocketAddr,
    connections: Arc<Connections>,
    accepting: Option<JoinHandle<()>>,
}

impl HttpServer {
    /// Listens on a free port of the loopback interface. If the handler returns `None`, the
    /// connection is closed without a response.
    pub(super) fn listen(
        handler: impl Fn(&RequestHead, RequestBody) -> Option<Response> + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let connections = Arc::<Connections>::default();
        let shared_connections = Arc::clone(&connections);
        let handler = Arc::new(handler);
        let accepting = std::thread::Builder::new()
            .name("runtime-api".into())
            .spawn(move || accept(&listener, &shared_connections, &handler))?;
        Ok(Self {
            address,
            connections,
            accepting: Some(accepting),
        })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether there are no connections.
    pub(super) fn is_idle(&self) -> bool {
        self.connections.lock().is_empty()
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.connections.closed.store(true, Ordering::SeqCst);
        // `accept` blocks until there is a connection.
        drop(TcpStream::connect(self.address));
        for stream in self.connections.lock().values() {
            // The function may have closed it already.
            let _ = stream.shutdown(Shutdown::Both);
        }
        if let Some(accepting) = self.accepting.take() {
            // A panic of that thread has been printed when it happened.
            let _ = accepting.join();
        }
    }
}

impl Connections {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, TcpStream>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn accept<F>(listener: &TcpListener, connections: &Arc<Connections>, handler: &Arc<F>)
where
    F: Fn(&RequestHead, RequestBody) -> Option<Response> + Send + Sync + 'static,
{
    for (number, stream) in (0..).zip(listener.incoming()) {
        if connections.closed.load(Ordering::SeqCst) {
            return;
        }
        // The connection failed before it was accepted.
        let Ok(stream) = stream else { continue };
        let Ok(closer) = stream.try_clone() else {
            continue;
        };
        let mut open = connections.lock();
        if open.len() == MAX_CONNECTIONS {
            continue;
        }
        open.insert(number, closer);
        drop(open);
        let (connections_of_thread, handler) = (Arc::clone(connections), Arc::clone(handler));
        let thread = std::thread::Builder::new().spawn(move || {
            // A failed connection is the function's problem.
            let _ = serve(&stream, &*handler);
            connections_of_thread.lock().remove(&number);
        });
        if thread.is_err() {
            connections.lock().remove(&number);
        }
    }
}

/// Handles the requests of one connection until it ends.
fn serve(
    stream: &TcpStream,
    handler: &(impl Fn(&RequestHead, RequestBody) -> Option<Response> + Send + Sync),
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    let error = loop {
        let head = match http::head(&mut reader) {
            Ok(Some(head)) => head,
            Ok(None) => return Ok(()),
            Err(error) => break error,
        };
        if head.expects_continue() {
            http::write_continue(&mut writer)?;
        }
        // A streamed response may be longer than a response in one piece.
        let is_streamed = head
            .fields
            .get("lambda-runtime-function-response-mode")
            .is_some();
        let keep = if is_streamed {
            MAX_STREAM
        } else {
            MAX_RESPONSE
        };
        let body = match http::body(&mut reader, &head, keep, MAX_STREAM) {
            Ok(body) => body,
            Err(error) => break error,
        };
        let Some(Response {
            status,
            fields,
            body,
        }) = handler(&head, body)
        else {
            return stream.shutdown(Shutdown::Both);
        };
        let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        http::write_response(&mut writer, status, &fields, &body, head.keep_alive)?;
        if !head.keep_alive {
            return stream.shutdown(Shutdown::Write);
        }
    };
    match error {
        RequestError::Broken(error) => Err(error),
        RequestError::Bad(status, why) => {
            let body = serde_json::json!({ "errorMessage": why, "errorType": "InvalidRequest" });
            http::write_response(&mut writer, status, &[], body.to_string().as_bytes(), false)?;
            stream.shutdown(Shutdown::Write)
        }
    }
}
