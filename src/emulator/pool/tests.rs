//! Pools of functions with an extension. Both are tests of this file.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::*;
use crate::emulator::test_client::TestClient;
use crate::emulator::{ExtensionCommand, InstanceCommands};
use crate::system::process::test_program::test_program;

const LIMIT: Duration = Duration::from_secs(20);
/// How long the extension runs after SHUTDOWN.
const END: Duration = Duration::from_millis(600);

#[test]
#[ignore = "a program that other tests start"]
fn function() {
    let Some(mut client) = TestClient::connect() else {
        return;
    };
    std::thread::spawn(move || {
        loop {
            let id = client.next_event();
            std::thread::sleep(Duration::from_millis(50));
            println!("event {id}");
            client.respond(&id, "1");
        }
    });
    let ends = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGTERM, Arc::clone(&ends)).unwrap();
    while !ends.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(100));
    println!("the function ends");
}

#[test]
#[ignore = "a program that other tests start"]
fn function_that_never_asks_for_an_event() {
    if TestClient::connect().is_some() {
        std::thread::sleep(2 * LIMIT);
    }
}

#[test]
#[ignore = "a program that other tests start"]
fn function_that_never_responds() {
    if let Some(mut client) = TestClient::connect() {
        client.next_event();
        std::thread::sleep(2 * LIMIT);
    }
}

#[test]
#[ignore = "a program that other tests start"]
fn extension() {
    run_extension(Duration::ZERO);
}

#[test]
#[ignore = "a program that other tests start"]
fn extension_that_registers_late() {
    run_extension(Duration::from_secs(1));
}

#[test]
#[ignore = "a program that other tests start"]
fn extension_that_crashes() {
    if let Some(mut client) = TestClient::connect() {
        client.register("agent");
    }
}

#[test]
#[ignore = "a program that other tests start"]
fn extension_that_does_not_end() {
    let Some(mut client) = TestClient::connect() else {
        return;
    };
    let id = client.register("agent");
    loop {
        let event = client.next_extension_event(&id);
        println!("handled {}", event["eventType"].as_str().unwrap());
    }
}

fn run_extension(start: Duration) {
    let Some(mut client) = TestClient::connect() else {
        return;
    };
    std::thread::sleep(start);
    let id = client.register("agent");
    loop {
        let event = client.next_extension_event(&id);
        println!("{}", event["eventType"].as_str().unwrap());
        if event["eventType"] == "SHUTDOWN" {
            std::thread::sleep(END);
            println!("the extension ends");
            return;
        }
    }
}

#[test]
#[ignore = "a program that other tests start"]
fn extension_with_telemetry() {
    let Some(mut client) = TestClient::connect() else {
        return;
    };
    let id = client.register("agent");
    let (listener, received) = (
        TcpListener::bind(("127.0.0.1", 0)).unwrap(),
        mpsc::channel(),
    );
    let uri = format!("http://sandbox:{}/", listener.local_addr().unwrap().port());
    std::thread::spawn(move || receive_telemetry(&listener, &received.0));
    let subscription = json!({
        "schemaVersion": "2022-07-01",
        "types": ["platform", "function"],
        "buffering": { "timeoutMs": 25, "maxItems": 1000, "maxBytes": 262_144 },
        "destination": { "protocol": "HTTP", "URI": uri },
    });
    let subscribed = client.request(
        "PUT /2022-07-01/telemetry",
        &[("Lambda-Extension-Identifier", &id)],
        &subscription.to_string(),
    );
    assert_eq!(subscribed.json(), "OK");
    loop {
        let event = client.next_extension_event(&id);
        println!("{}", event["eventType"].as_str().unwrap());
        if event["eventType"] == "SHUTDOWN" {
            return;
        }
        // As the extensions of several vendors do, it waits for the end of the invocation.
        while received.1.recv_timeout(LIMIT).unwrap() != "platform.runtimeDone" {}
    }
}

/// Receives telemetry on one connection. Prints each event, and sends its type.
fn receive_telemetry(listener: &TcpListener, types: &mpsc::Sender<String>) {
    let (stream, _) = listener.accept().unwrap();
    let mut stream = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if stream.read_line(&mut head).unwrap() == 0 {
                return;
            }
        }
        let head = head.to_lowercase();
        let length = head.split("content-length: ").nth(1).unwrap();
        let length = length.split('\r').next().unwrap().parse().unwrap();
        let mut body = vec![0; length];
        stream.read_exact(&mut body).unwrap();
        let events: Vec<Value> = serde_json::from_slice(&body).unwrap();
        for event in events {
            let name = event["type"].as_str().unwrap();
            println!("{name} {}", event["record"]);
            let _ = types.send(name.to_owned());
        }
        let response = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        stream.get_mut().write_all(response.as_bytes()).unwrap();
    }
}

/// A pool, and the lines that its functions and extensions print.
struct Scene {
    pool: Arc<InstancePool>,
    program: Program,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Scene {
    /// Inits and events may take as long as the limit.
    fn new(function: &str, extension: &str, limit: Duration) -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let observer = {
            let lines = Arc::clone(&lines);
            Arc::new(move |event: PoolEvent<'_>| {
                if let PoolEvent::Printed { line, .. } | PoolEvent::ExtensionPrinted { line, .. } =
                    event
                {
                    lines.lock().unwrap().push(line.to_owned());
                }
            })
        };
        let options = PoolOptions {
            function: "f".to_owned(),
            memory_mb: 128,
            timeout: limit,
            init_limit: limit,
            concurrency: 2,
            events_per_instance: 1,
        };
        let pool = InstancePool::new(options, observer);
        let [function, extension] =
            [function, extension].map(|name| format!("emulator::pool::tests::{name}"));
        let command = |name: &str, api: SocketAddr| {
            test_program(name, &std::env::temp_dir()).env("AWS_LAMBDA_RUNTIME_API", api.to_string())
        };
        let program = Program {
            commands: Arc::new(move |api| InstanceCommands {
                function: command(&function, api),
                extensions: vec![ExtensionCommand {
                    name: "agent".to_owned(),
                    command: command(&extension, api),
                }],
            }),
            number: 1,
        };
        pool.replace_program(Some(program.clone()));
        Self {
            pool,
            program,
            lines,
        }
    }

    async fn call(&self, id: &str) -> CallReply {
        let call = Call {
            request_id: id.to_owned(),
            ..Call::default()
        };
        self.pool.call(call).await
    }

    /// The types and records of the telemetry that the extension has printed.
    fn telemetry(&self) -> Vec<(String, Value)> {
        let lines = self.lines.lock().unwrap();
        let events = lines.iter().filter_map(|line| {
            let (name, record) = line.split_once(' ')?;
            Some((name.to_owned(), serde_json::from_str(record).ok()?))
        });
        events.collect()
    }

    async fn wait_for_line(&self, line: &str) {
        let has_line = || self.lines.lock().unwrap().iter().any(|has| has == line);
        let waits = async {
            while !has_line() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let waited = tokio::time::timeout(LIMIT, waits).await;
        assert!(waited.is_ok(), "no `{line}`: {:?}", self.lines.lock());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_lines_of_a_replaced_function_are_passed_on() {
    let scene = Scene::new("function", "extension", LIMIT);
    let reply = scene.call("a").await;
    assert!(matches!(reply, CallReply::Response(..)), "{reply:?}");
    // The instance may not have asked for its next event yet.
    tokio::time::sleep(Duration::from_millis(300)).await;
    scene.pool.replace_program(None);
    for line in ["INVOKE", "the function ends", "SHUTDOWN"] {
        scene.wait_for_line(line).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_instances_end_at_the_same_time() {
    let scene = Scene::new("function", "extension", LIMIT);
    let (first, second) = tokio::join!(scene.call("a"), scene.call("b"));
    for reply in [first, second] {
        assert!(matches!(reply, CallReply::Response(..)), "{reply:?}");
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let before = Instant::now();
    scene.pool.shut_down().await;
    let took = before.elapsed();
    assert!(END < took && took < 2 * END, "{took:?}");
    let lines = scene.lines.lock().unwrap();
    let ends = lines.iter().filter(|line| *line == "the extension ends");
    assert_eq!(ends.count(), 2, "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_starts_when_the_extensions_of_the_previous_program_have_ended() {
    let scene = Scene::new("function", "extension", LIMIT);
    for (number, id) in [(2, "a"), (3, "b")] {
        let reply = scene.call(id).await;
        assert!(matches!(reply, CallReply::Response(..)), "{reply:?}");
        tokio::time::sleep(Duration::from_millis(300)).await;
        scene.pool.replace_program(Some(Program {
            number,
            ..scene.program.clone()
        }));
    }
    let lines = scene.lines.lock().unwrap().clone();
    let position = |line: &str| lines.iter().position(|has| has == line);
    let second = lines.iter().rposition(|line| line == "INVOKE");
    assert!(position("the extension ends").is_some(), "{lines:?}");
    assert!(position("the extension ends") < second, "{lines:?}");
    scene.pool.shut_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_that_asks_for_another_event_after_shutdown_is_not_waited_for() {
    let scene = Scene::new("function", "extension_that_does_not_end", LIMIT);
    let reply = scene.call("a").await;
    assert!(matches!(reply, CallReply::Response(..)), "{reply:?}");
    tokio::time::sleep(Duration::from_millis(300)).await;
    let before = Instant::now();
    scene.pool.shut_down().await;
    let took = before.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?}");
    scene.wait_for_line("handled SHUTDOWN").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn extensions_and_the_function_share_the_limit_of_the_init() {
    let scene = Scene::new(
        "function_that_never_asks_for_an_event",
        "extension_that_registers_late",
        Duration::from_millis(1500),
    );
    let before = Instant::now();
    let reply = scene.call("a").await;
    let took = before.elapsed();
    let CallReply::Error(end) = reply else {
        panic!("{reply:?}");
    };
    assert_eq!(end.error.unwrap().kind, "Sandbox.Timedout");
    assert!(took < Duration::from_millis(2400), "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_that_crashes_after_its_registration_is_reported_at_once() {
    let scene = Scene::new(
        "function_that_never_asks_for_an_event",
        "extension_that_crashes",
        LIMIT,
    );
    let CallReply::Error(end) = scene.call("a").await else {
        panic!("the function responded");
    };
    // After the limit of the init, it would be a timeout.
    assert_eq!(end.error.unwrap().kind, "Extension.Crash");
}

#[tokio::test(flavor = "multi_thread")]
async fn telemetry_describes_the_whole_life_of_an_instance() {
    let scene = Scene::new("function", "extension_with_telemetry", LIMIT);
    for id in ["a", "b"] {
        let reply = scene.call(id).await;
        assert!(matches!(reply, CallReply::Response(..)), "{reply:?}");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    scene.pool.shut_down().await;
    let lines = scene.lines.lock().unwrap().clone();
    let events = scene.telemetry();
    let platform: Vec<_> = events
        .iter()
        .filter_map(|(name, record)| Some((name.strip_prefix("platform.")?, record)))
        .collect();
    let names: Vec<_> = platform.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "initStart",
            "telemetrySubscription",
            "initRuntimeDone",
            "extension",
            "initReport",
            "start",
            "runtimeDone",
            "report",
            "start",
            "runtimeDone",
            "report",
        ],
        "{lines:#?}"
    );
    let record = |index: usize| platform[index].1;
    assert_eq!(record(0)["functionName"], "f");
    assert_eq!(record(0)["instanceMaxMemory"], 128);
    assert_eq!(record(1)["types"], json!(["platform", "function"]));
    assert_eq!(
        record(3),
        &json!({ "name": "agent", "state": "Ready", "events": ["INVOKE", "SHUTDOWN"] })
    );
    assert_eq!(record(4)["status"], "success");
    for (first, id) in [(5, "a"), (8, "b")] {
        let (start, done, report) = (record(first), record(first + 1), record(first + 2));
        for record in [start, done, report] {
            assert_eq!(record["requestId"], id);
        }
        assert_eq!(start["version"], "$LATEST");
        assert_eq!(done["status"], "success");
        assert_eq!(done["metrics"]["producedBytes"], 1);
        let spans = done["spans"].as_array().unwrap();
        let names: Vec<_> = spans.iter().map(|span| &span["name"]).collect();
        let expected = ["responseLatency", "responseDuration", "runtimeOverhead"];
        assert_eq!(names, expected);
        let metrics = &report["metrics"];
        let duration = metrics["durationMs"].as_f64().unwrap();
        let init = metrics["initDurationMs"].as_f64();
        assert!((50.0..5000.0).contains(&duration), "{report}");
        assert_eq!(init.is_some(), id == "a", "{report}");
        let billed = (duration + init.unwrap_or_default()).ceil();
        assert_eq!(
            metrics["billedDurationMs"].as_f64(),
            Some(billed),
            "{report}"
        );
        assert_eq!(metrics["memorySizeMB"], 128);
        let is_measured = metrics["maxMemoryUsedMB"].as_u64().unwrap() > 0;
        assert_eq!(is_measured, cfg!(target_os = "linux"), "{report}");
    }
    for line in ["event a", "event b", "the function ends"] {
        let event = ("function".to_owned(), json!(line));
        assert!(events.contains(&event), "{line}: {lines:#?}");
    }
    assert_eq!(lines.iter().filter(|line| *line == "INVOKE").count(), 2);
    let last = lines
        .iter()
        .rposition(|line| line.contains("the function ends"));
    let shutdown = lines.iter().position(|line| line == "SHUTDOWN");
    assert!(last < shutdown, "{lines:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn telemetry_about_a_failure_arrives_before_shutdown() {
    for (function, expected) in [
        (
            "function_that_never_asks_for_an_event",
            ["platform.initRuntimeDone", "platform.initReport"],
        ),
        (
            "function_that_never_responds",
            ["platform.runtimeDone", "platform.report"],
        ),
    ] {
        let limit = Duration::from_secs(2);
        let scene = Scene::new(function, "extension_with_telemetry", limit);
        let CallReply::Error(end) = scene.call("a").await else {
            panic!("{:?}", scene.lines.lock());
        };
        assert_eq!(end.error.unwrap().kind, "Sandbox.Timedout");
        scene.wait_for_line("SHUTDOWN").await;
        let telemetry = scene.telemetry();
        let failed = telemetry.iter();
        let failed = failed.filter(|(_, record)| record["status"] == "timeout");
        let failed: Vec<_> = failed.map(|(name, _)| &**name).collect();
        assert_eq!(failed, expected, "{telemetry:#?}");
    }
}
