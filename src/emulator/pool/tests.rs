//! Pools of functions with an extension. Both are tests of this file.
#![cfg(unix)]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

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
    let ends = Arc::new(std::sync::atomic::AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGTERM, Arc::clone(&ends)).unwrap();
    std::thread::spawn(move || {
        while !ends.load(std::sync::atomic::Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(10));
        }
        std::thread::sleep(Duration::from_millis(100));
        println!("the function ends");
        std::process::exit(0);
    });
    loop {
        let id = client.next_event();
        std::thread::sleep(Duration::from_millis(50));
        client.respond(&id, "1");
    }
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
fn extension() {
    run_extension(Duration::ZERO);
}

#[test]
#[ignore = "a program that other tests start"]
fn extension_that_registers_late() {
    run_extension(Duration::from_secs(1));
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

/// A pool, and the lines that its functions and extensions print.
struct Scene {
    pool: Arc<InstancePool>,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Scene {
    fn new(function: &str, extension: &str, init_limit: Duration) -> Self {
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
            timeout: LIMIT,
            init_limit,
            concurrency: 2,
            events_per_instance: 1,
        };
        let pool = InstancePool::new(options, observer);
        let [function, extension] =
            [function, extension].map(|name| format!("emulator::pool::tests::{name}"));
        let command = |name: &str, api: SocketAddr| {
            test_program(name, &std::env::temp_dir()).env("AWS_LAMBDA_RUNTIME_API", api.to_string())
        };
        pool.replace_program(Some(Program {
            commands: Arc::new(move |api| InstanceCommands {
                function: command(&function, api),
                extensions: vec![ExtensionCommand {
                    name: "agent".to_owned(),
                    command: command(&extension, api),
                }],
            }),
            number: 1,
        }));
        Self { pool, lines }
    }

    async fn call(&self, id: &str) -> CallReply {
        let call = Call {
            request_id: id.to_owned(),
            ..Call::default()
        };
        self.pool.call(call).await
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
