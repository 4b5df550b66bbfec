use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::UnboundedReceiver;

use super::{ApiServer, RuntimeApi as AsyncApi};
use super::{InvocationEvent, RuntimeEvent};
use crate::emulator::instance_telemetry::InstanceTelemetry;

mod extensions;

/// A Runtime API that is served by a thread of its own, for blocking clients.
struct RuntimeApi {
    api: AsyncApi,
    server: Option<ApiServer>,
    /// The receivers of everything that happens to the offered events.
    offered: Vec<UnboundedReceiver<RuntimeEvent>>,
    runtime: Runtime,
}

impl RuntimeApi {
    fn listen(function: &str) -> std::io::Result<Self> {
        Self::listen_with(function, InstanceTelemetry::unsupported())
    }

    fn listen_with(function: &str, telemetry: InstanceTelemetry) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let (api, server) = runtime.block_on(AsyncApi::listen(function, 1, telemetry))?;
        Ok(Self {
            api,
            server: Some(server),
            offered: Vec::new(),
            runtime,
        })
    }

    fn offer(&mut self, event: InvocationEvent) {
        self.offered.push(self.api.offer(event));
    }

    /// The next thing that happened to an event, or else to the function. That the function is
    /// ready is reported to both.
    fn next_event(&mut self, timeout: Duration) -> Option<RuntimeEvent> {
        let end = Instant::now() + timeout;
        loop {
            for events in &mut self.offered {
                while let Ok(event) = events.try_recv() {
                    if !matches!(
                        event,
                        RuntimeEvent::RuntimeReady(_)
                            | RuntimeEvent::Ready(_)
                            | RuntimeEvent::ExtensionError(_)
                    ) {
                        return Some(event);
                    }
                }
            }
            let next = self.api.next_event(Duration::from_millis(1));
            match self.runtime.block_on(next) {
                None | Some(RuntimeEvent::RuntimeReady(_)) => {}
                event => return event,
            }
            if Instant::now() >= end {
                return None;
            }
        }
    }
}

fn event(id: &str, payload: &[u8]) -> InvocationEvent {
    InvocationEvent {
        request_id: id.to_owned(),
        function_arn: "arn".to_owned(),
        trace_id: "trace".to_owned(),
        client_context: None,
        tenant_id: None,
        timeout: Duration::from_secs(3),
        payload: Bytes::copy_from_slice(payload),
        stream: None,
    }
}

/// A connection to an API.
struct Client(BufReader<TcpStream>);

impl Client {
    fn connect(api: &RuntimeApi) -> Self {
        Self(BufReader::new(
            TcpStream::connect(api.api.address()).unwrap(),
        ))
    }

    fn send(&mut self, text: &str) {
        self.0.get_mut().write_all(text.as_bytes()).unwrap();
    }

    /// The status, head, and body of the next response, or `None` if the connection ends.
    fn answer(&mut self) -> Option<(u16, String, String)> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.0.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("Content-Length: "))?;
        let mut body = vec![0; length.parse().ok()?];
        self.0.read_exact(&mut body).ok()?;
        Some((status, head, String::from_utf8(body).ok()?))
    }

    fn post(&mut self, path: &str, body: &str) -> u16 {
        self.send(&format!(
            "POST /2018-06-01/runtime/{path} HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ));
        self.answer().unwrap().0
    }
}

const NEXT: &str = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

#[track_caller]
fn next_event(api: &mut RuntimeApi) -> RuntimeEvent {
    api.next_event(Duration::from_secs(10)).unwrap()
}

#[test]
fn a_request_waits_for_its_event_and_the_response_is_reported_after_it() {
    let mut api = RuntimeApi::listen("f").unwrap();
    let mut client = Client::connect(&api);
    client.send(NEXT);
    assert!(matches!(next_event(&mut api), RuntimeEvent::Ready(_)));
    assert!(api.next_event(Duration::from_millis(20)).is_none());
    api.offer(event("a", b"{\"n\":1}"));
    let (status, head, body) = client.answer().unwrap();
    assert_eq!((status, &*body), (200, "{\"n\":1}"));
    assert!(
        head.contains("\r\nLambda-Runtime-Aws-Request-Id: a\r\n"),
        "{head}"
    );
    assert!(matches!(next_event(&mut api), RuntimeEvent::Delivered(_)));
    assert_eq!(client.post("invocation/a/response", "one"), 202);
    match next_event(&mut api) {
        RuntimeEvent::Response {
            body,
            streamed: false,
            ..
        } => assert_eq!(body.bytes, b"one"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_offered_event_is_delivered_at_once_and_requests_can_be_pipelined() {
    let mut api = RuntimeApi::listen("f").unwrap();
    let mut client = Client::connect(&api);
    api.offer(event("a", b"1"));
    let response = "POST /2018-06-01/runtime/invocation/a/response HTTP/1.1\r\n\
                    Content-Length: 1\r\n\r\n2";
    client.send(&format!("{NEXT}{response}"));
    assert_eq!(client.answer().unwrap().2, "1");
    assert_eq!(client.answer().unwrap().0, 202);
}

#[test]
fn the_later_of_two_requests_receives_the_event() {
    let mut api = RuntimeApi::listen("f").unwrap();
    let (mut old, mut new) = (Client::connect(&api), Client::connect(&api));
    for client in [&mut old, &mut new] {
        client.send(NEXT);
        assert!(matches!(next_event(&mut api), RuntimeEvent::Ready(_)));
    }
    assert!(old.answer().is_none());
    api.offer(event("a", b"1"));
    assert_eq!(new.answer().unwrap().2, "1");
}

#[test]
fn unknown_paths_and_invalid_transitions_are_rejected() {
    let mut api = RuntimeApi::listen("f").unwrap();
    let mut client = Client::connect(&api);
    for path in ["nothing", "invocation/a/other", "../x"] {
        assert_eq!(client.post(path, ""), 404, "{path}");
    }
    assert_eq!(client.post("invocation/next", ""), 405);
    assert_eq!(client.post("invocation/a/response", ""), 400);
    assert_eq!(client.post("init/error", "{\"errorType\":\"E\"}"), 202);
    assert!(matches!(next_event(&mut api), RuntimeEvent::InitError(error) if error.kind == "E"));
    api.offer(event("a", b"1"));
    client.send(NEXT);
    client.answer().unwrap();
    assert_eq!(client.post("init/error", ""), 403);
    assert_eq!(client.post("invocation/b/error", ""), 400);
    assert_eq!(client.post("invocation/a/error", "oh"), 202);
    assert_eq!(client.post("invocation/a/error", "oh"), 403);
    assert_eq!(client.post("invocation/a/response", ""), 403);
    assert_eq!(client.post("init/error", ""), 403);
    client.send(NEXT);
    while !matches!(next_event(&mut api), RuntimeEvent::Error(..)) {}
    for _ in 0..2 {
        assert!(matches!(next_event(&mut api), RuntimeEvent::Ready(_)));
    }
    assert_eq!(Client::connect(&api).post("invocation/a/error", "oh"), 400);
}

/// AWS's own emulator does the same, because a client may have lost its connection.
#[test]
fn a_repeated_request_receives_the_same_event_and_deadline() {
    let mut api = RuntimeApi::listen("f").unwrap();
    api.offer(event("a", b"1"));
    let mut first = Client::connect(&api);
    first.send(NEXT);
    let given = first.answer().unwrap();
    drop(first);
    let mut again = Client::connect(&api);
    again.send(NEXT);
    assert_eq!(again.answer().unwrap(), given);
    assert_eq!(again.post("invocation/a/response", "2"), 202);
    for expected in ["Delivered", "Response", "Ready"] {
        assert!(
            format!("{:?}", next_event(&mut api)).starts_with(expected),
            "{expected}"
        );
    }
    assert!(api.next_event(Duration::ZERO).is_none());
}

#[test]
fn an_unknown_response_mode_fails_the_event() {
    let mut api = RuntimeApi::listen("f").unwrap();
    api.offer(event("a", b"1"));
    let mut client = Client::connect(&api);
    client.send(NEXT);
    client.answer().unwrap();
    client.send(
        "POST /2018-06-01/runtime/invocation/a/response HTTP/1.1\r\nContent-Length: 1\r\n\
         Lambda-Runtime-Function-Response-Mode: Streaming\r\n\r\n2",
    );
    let (status, _, body) = client.answer().unwrap();
    assert_eq!(status, 400);
    assert!(body.contains("InvalidFunctionResponseMode"), "{body}");
    next_event(&mut api);
    let error = next_event(&mut api);
    assert!(
        matches!(&error, RuntimeEvent::Error(_, error) if error.kind == "Runtime.InvalidResponseModeHeader"),
        "{error:?}"
    );
}

#[test]
fn dropping_the_api_closes_all_connections() {
    let mut api = RuntimeApi::listen("f").unwrap();
    let (mut waiting, mut idle) = (Client::connect(&api), Client::connect(&api));
    waiting.send(NEXT);
    next_event(&mut api);
    drop(api.server.take());
    assert!(waiting.answer().is_none());
    assert!(idle.answer().is_none());
}

#[test]
fn too_many_connections_are_closed_and_the_first_ones_still_work() {
    let api = RuntimeApi::listen("f").unwrap();
    let mut client = Client::connect(&api);
    assert_eq!(client.post("nothing", ""), 404);
    let mut many: Vec<_> = (0..200).map(|_| Client::connect(&api)).collect();
    assert!(many.last_mut().unwrap().answer().is_none());
    assert_eq!(client.post("nothing", ""), 404);
}

#[test]
fn nothing_is_queued_after_the_init() {
    let mut api = RuntimeApi::listen("f").unwrap();
    let mut client = Client::connect(&api);
    api.api.end_init();
    api.offer(event("a", b"1"));
    client.send(NEXT);
    client.answer().unwrap();
    assert_eq!(client.post("invocation/a/response", "one"), 202);
    for _ in 0..2 {
        next_event(&mut api);
    }
    client.send(NEXT);
    assert!(api.next_event(Duration::from_millis(50)).is_none());
}
