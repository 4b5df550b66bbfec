//! `watch` with a simulated compiler and function: its events and its exit codes. The tests with
//! real compilers and clients are in tests/real.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::support::schema::holds;
use crate::support::{Ran, Sandbox, wait, wait_for};

/// A running `watch` with the events that it has printed, which match the schema. Dropped, it is
/// killed.
struct Watch {
    child: Option<Child>,
    events: Arc<Mutex<Vec<Value>>>,
    address: String,
}

impl Watch {
    fn start(sandbox: &Sandbox) -> Self {
        sandbox.install("function");
        let args = ["watch", "--port", "0", "--message-format", "json"];
        let mut child = sandbox.start(&args);
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let events = Arc::new(Mutex::new(Vec::new()));
        let received = Arc::clone(&events);
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                received
                    .lock()
                    .unwrap()
                    .push(serde_json::from_str(&line).unwrap());
            }
        });
        let mut watch = Self {
            child: Some(child),
            events,
            address: String::new(),
        };
        let listening = watch.event("listening", |_| true);
        let url = listening["url"].as_str().unwrap();
        watch.address = url.strip_prefix("http://").unwrap().to_owned();
        watch
    }

    /// All events so far.
    fn events(&self) -> Vec<Value> {
        self.events.lock().unwrap().clone()
    }

    /// Waits for an event.
    #[track_caller]
    fn event(&self, name: &str, is_expected: impl Fn(&Value) -> bool) -> Value {
        let find = || {
            let mut named = self
                .events()
                .into_iter()
                .filter(|event| event["event"] == name);
            named.find(|event| is_expected(event))
        };
        wait_for(name, || find().is_some());
        find().unwrap()
    }

    /// The answer to a request, with its head.
    fn request(&self, path: &str, headers: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\
             Content-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn invoke(&self, headers: &str, event: &Value) -> String {
        let path = "/2015-03-31/functions/orders/invocations";
        self.request(path, headers, &event.to_string())
    }

    /// The process of the instance that was started last.
    fn newest_process(&self) -> Pid {
        let events = self.events();
        let mut newest = events.iter().rev();
        let started = newest.find_map(|event| event["process_id"].as_i64());
        Pid::from_raw(i32::try_from(started.unwrap()).unwrap()).unwrap()
    }

    /// The names of all events, and the rest of the run.
    fn end(mut self, signal: Signal) -> (BTreeSet<String>, Ran) {
        let child = self.child.take().unwrap();
        kill_process(Pid::from_child(&child), signal).unwrap();
        let ran = wait(child);
        wait_for("the last event", || Arc::strong_count(&self.events) == 1);
        let events = self.events.lock().unwrap();
        for event in &*events {
            holds("watch-event.json", event);
        }
        let names = events.iter().map(|event| event["event"].as_str().unwrap());
        (names.map(str::to_owned).collect(), ran)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn every_event_of_a_run_matches_the_schema() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders"]);
    let watch = Watch::start(&sandbox);
    watch.event("built", |_| true);
    assert!(watch.invoke("", &json!({"a": 1})).ends_with("{\"a\":1}"));
    watch.invoke("", &json!({"do": "say"}));
    watch.event("log", |event| event["request_id"].is_string());
    watch.request("/", "", "");
    watch.invoke("", &json!({"do": "exit", "number": 3}));
    let accepted = watch.invoke(
        "X-Amz-Invocation-Type: Event\r\n",
        &json!({"do": "exit", "number": 3}),
    );
    assert!(accepted.starts_with("HTTP/1.1 202 "), "{accepted}");
    watch.event("async-attempt-failed", |event| {
        event["retry_after_ms"].is_null()
    });
    watch.request("/2015-03-31/functions/none/invocations", "", "{}");

    // The server may send an event to a process that has just been killed, and then starts
    // another one.
    wait_for("the end of an idle instance is noticed", || {
        watch.invoke("", &json!({}));
        let _ = kill_process(watch.newest_process(), Signal::KILL);
        std::thread::sleep(Duration::from_millis(100));
        watch.invoke("", &json!({}));
        let mut events = watch.events().into_iter();
        events.any(|event| event["event"] == "instance-ended")
    });

    sandbox.control("fail-cargo-build", "error: no more orders\n");
    sandbox.append("orders/src/main.rs", "// changed\n");
    watch.event("build-failed", |event| {
        event["text"].as_str().unwrap().contains("no more orders")
    });
    sandbox.uncontrol("fail-cargo-build");
    sandbox.uninstall("function");
    sandbox.append("orders/src/main.rs", "// changed again\n");
    watch.event("built", |event| {
        event["reloaded"] == json!(["orders"]) && event["duration_ms"].as_f64() > Some(0.0)
    });
    watch.event("sources-changed", |_| true);
    wait_for("the new program fails", || {
        watch.invoke("", &json!({})).contains("exit status 127")
    });
    sandbox.workspace(&["orders", "users"]);
    watch.event("function-added", |event| event["function"] == "users");

    let (names, ran) = watch.end(Signal::INT);
    assert_eq!(ran.code, Some(130), "{ran}");
    let expected = [
        "answered",
        "async-attempt-failed",
        "build-failed",
        "building",
        "built",
        "compiler-output",
        "function-added",
        "instance-ended",
        "instance-failed",
        "instance-started",
        "invocation-finished",
        "invocation-started",
        "listening",
        "log",
        "shutting-down",
        "sources-changed",
    ];
    let expected: BTreeSet<_> = expected.map(str::to_owned).into();
    assert_eq!(names, expected);
}

#[test]
fn sigterm_ends_the_server_with_code_143() {
    let watch = Watch::start(&Sandbox::orders());
    let (_, ran) = watch.end(Signal::TERM);
    assert_eq!(ran.code, Some(143), "{ran}");
}

#[test]
fn options_without_an_effect_are_rejected() {
    let sandbox = Sandbox::orders();
    for option in [
        &["--linker", "zig"][..],
        &["--libc", "musl"],
        &["--cgo"],
        &["--keep-symbols"],
        &["--vcs-stamp"],
        &["--arch", "arm64"],
        &["--print", "hash"],
    ] {
        let ran = sandbox.run(&[&["watch"], option].concat()).ends_with(2);
        assert!(ran.stderr.contains("unexpected argument"), "{ran}");
    }
}
