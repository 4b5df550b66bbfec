//! Connections: each has a thread, and all end when the server is dropped.
//!
//! In: what answers a request. Out: an address where it is asked.
//! Absent: what is answered.

use std::collections::BTreeMap;
use std::io::{self, BufReader};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::emulator::http;
use crate::emulator::http::{RequestBody, RequestError, RequestHead};
use crate::emulator::{MAX_RESPONSE, MAX_STREAM};

/// A function has one or two; one that opens them without end is cut off.
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

/// A server that listens until it is dropped.
#[derive(Debug)]
pub(super) struct HttpServer {
    address: SocketAddr,
    connections: Arc<Connections>,
    accepting: Option<JoinHandle<()>>,
}

impl HttpServer {
    /// Listens on this machine only, at a port that is free. `None` for an answer
    /// ends the connection.
    pub(super) fn open(
        answer: impl Fn(&RequestHead, RequestBody) -> Option<Response> + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let connections = Arc::<Connections>::default();
        let known = Arc::clone(&connections);
        let answer = Arc::new(answer);
        let accepting = std::thread::Builder::new()
            .name("runtime-api".into())
            .spawn(move || accept(&listener, &known, &answer))?;
        Ok(Self {
            address,
            connections,
            accepting: Some(accepting),
        })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether nobody is connected.
    pub(super) fn is_idle(&self) -> bool {
        self.connections.held().is_empty()
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.connections.closed.store(true, Ordering::SeqCst);
        // A connection of our own wakes who waits for one.
        drop(TcpStream::connect(self.address));
        for stream in self.connections.held().values() {
            // The other side may have closed it.
            let _ = stream.shutdown(Shutdown::Both);
        }
        if let Some(accepting) = self.accepting.take() {
            // A panic of that thread was told when it happened.
            let _ = accepting.join();
        }
    }
}

impl Connections {
    fn held(&self) -> MutexGuard<'_, BTreeMap<u64, TcpStream>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn accept<F>(listener: &TcpListener, connections: &Arc<Connections>, answer: &Arc<F>)
where
    F: Fn(&RequestHead, RequestBody) -> Option<Response> + Send + Sync + 'static,
{
    for (number, stream) in (0..).zip(listener.incoming()) {
        if connections.closed.load(Ordering::SeqCst) {
            return;
        }
        // A connection that broke before it was taken is none.
        let Ok(stream) = stream else { continue };
        let Ok(ours) = stream.try_clone() else {
            continue;
        };
        let mut open = connections.held();
        if open.len() == MAX_CONNECTIONS {
            continue;
        }
        open.insert(number, ours);
        drop(open);
        let (known, answer) = (Arc::clone(connections), Arc::clone(answer));
        let thread = std::thread::Builder::new().spawn(move || {
            // A connection that broke is the function's to notice.
            let _ = converse(&stream, &*answer);
            known.held().remove(&number);
        });
        if thread.is_err() {
            connections.held().remove(&number);
        }
    }
}

fn converse(
    stream: &TcpStream,
    answer: &(impl Fn(&RequestHead, RequestBody) -> Option<Response> + Send + Sync),
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    let ended = loop {
        let head = match http::head(&mut reader) {
            Ok(Some(head)) => head,
            Ok(None) => return Ok(()),
            Err(fault) => break fault,
        };
        if head.waits() {
            http::go_on(&mut writer)?;
        }
        // A stream may be longer than a response in one piece.
        let streams = head
            .fields
            .get("lambda-runtime-function-response-mode")
            .is_some();
        let keep = if streams { MAX_STREAM } else { MAX_RESPONSE };
        let body = match http::body(&mut reader, &head, keep, MAX_STREAM) {
            Ok(body) => body,
            Err(fault) => break fault,
        };
        let Some(Response {
            status,
            fields,
            body,
        }) = answer(&head, body)
        else {
            return stream.shutdown(Shutdown::Both);
        };
        let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        http::reply(&mut writer, status, &fields, &body, head.lasting)?;
        if !head.lasting {
            return stream.shutdown(Shutdown::Write);
        }
    };
    match ended {
        RequestError::Broken(error) => Err(error),
        RequestError::Bad(status, why) => {
            let body = serde_json::json!({ "errorMessage": why, "errorType": "InvalidRequest" });
            http::reply(&mut writer, status, &[], body.to_string().as_bytes(), false)?;
            stream.shutdown(Shutdown::Write)
        }
    }
}
