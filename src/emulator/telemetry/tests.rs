//! The hub with real receivers.

use std::convert::Infallible;
use std::io::{BufRead, BufReader};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::*;

const LIMIT: Duration = Duration::from_secs(20);

fn block_on(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
        .block_on(async {
            tokio::time::timeout(2 * LIMIT, test).await.unwrap();
        });
}

async fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// A subscription whose batches are sent soon.
fn http_body(port: u16, path: &str, types: &[&str]) -> Vec<u8> {
    let uri = format!("http://sandbox.localdomain:{port}{path}");
    let body = json!({
        "schemaVersion": "2022-07-01",
        "types": types,
        "buffering": { "timeoutMs": 25, "maxItems": 1000, "maxBytes": 262_144 },
        "destination": { "protocol": "HTTP", "URI": uri },
    });
    body.to_string().into_bytes()
}

/// A request that a receiver got: its head, and the types and records of its events.
type Received = (String, Vec<(String, Value)>);

/// Receives requests on one connection after another, as the crate `lambda-extension` does.
/// Each connection ends after `requests` requests.
fn receive_http(mut listener: TcpListener, requests: usize) -> mpsc::UnboundedReceiver<Received> {
    let (sender, received) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let address = listener.local_addr().unwrap();
            drop(listener);
            let count = Arc::new(Mutex::new(0));
            let sender = sender.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let (sender, count) = (sender.clone(), Arc::clone(&count));
                async move {
                    let (head, body) = request.into_parts();
                    let body = body.collect().await.unwrap().to_bytes();
                    let head = format!(
                        "{} {} {} {}",
                        head.method,
                        head.uri,
                        head.headers["host"].to_str().unwrap(),
                        head.headers["content-type"].to_str().unwrap()
                    );
                    let events: Vec<Value> = serde_json::from_slice(&body).unwrap();
                    let _ = sender.send((head, events.iter().map(type_and_record).collect()));
                    let mut response = Response::new(Full::new(Bytes::from("thanks")));
                    let mut count = count.lock().unwrap();
                    *count += 1;
                    if *count == requests {
                        let close = "close".parse().unwrap();
                        response.headers_mut().insert("connection", close);
                    }
                    Ok::<_, Infallible>(response)
                }
            });
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::spawn(connection);
            tokio::time::sleep(Duration::from_millis(5)).await;
            listener = TcpListener::bind(address).await.unwrap();
        }
    });
    received
}

fn type_and_record(event: &Value) -> (String, Value) {
    assert!(event["time"].as_str().unwrap().ends_with('Z'), "{event}");
    let name = event["type"].as_str().unwrap().to_owned();
    (name, event["record"].clone())
}

fn function(line: &str) -> (String, Value) {
    ("function".to_owned(), json!(line))
}

fn active_hub() -> TelemetryHub {
    let hub = TelemetryHub::new();
    assert!(hub.activate() && !hub.activate());
    hub
}

fn ok() -> SubscribeReply {
    SubscribeReply {
        status: 200,
        body: "\"OK\"".to_owned(),
    }
}

#[test]
fn an_extension_receives_its_categories_and_the_events_before_its_subscription() {
    block_on(async {
        let (listener, port) = listen().await;
        let mut received = receive_http(listener, 1);
        let hub = active_hub();
        hub.publish(&Record::Function("early"));
        hub.publish(&Record::Extension("not wanted"));
        let body = http_body(port, "/path?a=b", &["platform", "function"]);
        assert_eq!(hub.subscribe("logs", &body).await, ok());
        hub.end_init();
        let subscription = json!({
            "name": "logs",
            "state": "Subscribed",
            "types": ["platform", "function"],
        });
        let (head, events) = received.recv().await.unwrap();
        assert_eq!(
            head,
            format!("POST /path?a=b sandbox.localdomain:{port} application/json")
        );
        let subscription = ("platform.telemetrySubscription".to_owned(), subscription);
        assert_eq!(events, [function("early"), subscription]);
        // The receiver has closed the connection, and listens again after a moment.
        for line in ["second", "third"] {
            hub.publish(&Record::Function(line));
            assert_eq!(received.recv().await.unwrap().1, [function(line)]);
        }
    });
}

#[test]
fn a_connection_is_used_for_many_batches() {
    block_on(async {
        let (listener, port) = listen().await;
        let mut received = receive_http(listener, usize::MAX);
        let hub = active_hub();
        let body = http_body(port, "", &["function"]);
        assert_eq!(hub.subscribe("logs", &body).await, ok());
        for index in 0..5 {
            let line = index.to_string();
            hub.publish(&Record::Function(&line));
            let (head, events) = received.recv().await.unwrap();
            assert!(head.starts_with("POST / "), "{head}");
            assert_eq!(events, [function(&line)]);
        }
    });
}

#[test]
fn a_tcp_receiver_gets_one_line_for_each_event() {
    block_on(async {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let hub = active_hub();
        let body = json!({
            "schemaVersion": "2025-01-29",
            "types": ["extension"],
            "buffering": { "timeoutMs": 25 },
            "destination": { "protocol": "TCP", "port": port },
        });
        let body = body.to_string();
        assert_eq!(hub.subscribe("logs", body.as_bytes()).await, ok());
        let (stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        let mut lines = BufReader::new(stream).lines();
        for line in ["one\ntwo", ""] {
            hub.publish(&Record::Extension(line));
            let event = lines.next().unwrap().unwrap();
            let event = serde_json::from_str(&event).unwrap();
            assert_eq!(
                type_and_record(&event),
                ("extension".to_owned(), json!(line))
            );
        }
        drop(listener);
        let reply = hub.subscribe("other", body.as_bytes()).await;
        assert_eq!(reply.status, 400);
        assert!(reply.body.contains("Invalid destination: "), "{reply:?}");
    });
}

#[test]
fn invalid_repeated_and_late_subscriptions_have_awss_responses() {
    block_on(async {
        let hub = active_hub();
        let body = http_body(9, "", &["function"]);
        let reply = |status, body: Value| SubscribeReply {
            status,
            body: body.to_string(),
        };
        let invalid = json!({
            "errorType": "ValidationError",
            "errorMessage": "types should not be empty",
        });
        let empty = http_body(9, "", &[]);
        assert_eq!(
            hub.subscribe("a", &empty).await,
            reply(400, invalid.clone())
        );
        assert_eq!(hub.subscribe("a", &body).await, ok());
        let repeated = json!("AlreadySubscribed");
        assert_eq!(hub.subscribe("a", &body).await, reply(200, repeated));
        assert_eq!(hub.subscribe("b", &body).await, ok());
        hub.end_init();
        assert_eq!(hub.subscribe("c", &empty).await, reply(400, invalid));
        let closed = json!({
            "errorType": "Telemetry.SubscriptionClosed",
            "errorMessage": "Telemetry API subscription is closed",
        });
        assert_eq!(hub.subscribe("c", &body).await, reply(403, closed));
    });
}

#[test]
fn a_receiver_that_never_reads_does_not_block_the_function() {
    block_on(async {
        // It accepts connections in its backlog only.
        let (_listener, port) = listen().await;
        let hub = active_hub();
        let body = http_body(port, "", &["platform", "function"]);
        assert_eq!(hub.subscribe("logs", &body).await, ok());
        hub.end_init();
        let start = Instant::now();
        let line = "x".repeat(100_000);
        for _ in 0..200 {
            hub.publish(&Record::Function(&line));
        }
        hub.flush(Duration::from_millis(100)).await;
        assert!(start.elapsed() < LIMIT / 4, "{:?}", start.elapsed());
    });
}

#[test]
fn an_extension_learns_how_many_events_it_lost() {
    block_on(async {
        let (listener, port) = listen().await;
        drop(listener);
        let hub = active_hub();
        let body = http_body(port, "", &["platform", "function"]);
        assert_eq!(hub.subscribe("logs", &body).await, ok());
        hub.publish(&Record::Function("lost"));
        hub.flush(LIMIT).await;
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let mut received = receive_http(listener, usize::MAX);
        hub.publish(&Record::Function("received"));
        let (_, events) = received.recv().await.unwrap();
        assert_eq!(events[0], function("received"));
        let (name, record) = &events[1];
        assert_eq!(name, "platform.logsDropped");
        assert_eq!(record["droppedRecords"], 2, "{record}");
        assert!(record["droppedBytes"].as_u64().unwrap() > 150, "{record}");
        let reason = record["reason"].as_str().unwrap();
        assert!(reason.starts_with("could not send events: "), "{reason}");
    });
}

#[test]
fn a_flush_sends_everything_at_once() {
    block_on(async {
        let (listener, port) = listen().await;
        let mut received = receive_http(listener, usize::MAX);
        let hub = active_hub();
        let mut body: Value = serde_json::from_slice(&http_body(port, "", &["function"])).unwrap();
        body["buffering"]["timeoutMs"] = json!(30_000);
        let body = body.to_string();
        assert_eq!(hub.subscribe("logs", body.as_bytes()).await, ok());
        hub.publish(&Record::Function("last"));
        hub.flush(LIMIT).await;
        assert_eq!(received.try_recv().unwrap().1, [function("last")]);
    });
}
