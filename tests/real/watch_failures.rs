//! Functions that fail: each request is answered in time, and the next one works.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::support::tell;
use super::watch_idle::peak_memory_mb;
use super::watch_scene::{
    Answer, NAME, Scene, Watched, assert_text, call, get, invoke, wait_for_change, wait_for_text,
};
use super::watching::Watching;

/// The timeout of the functions.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Lambda's own error, within the timeout and one second.
#[track_caller]
fn assert_error(answer: &Answer, status: u16, kind: &str, message: &str) {
    assert!(answer.took < TIMEOUT + Duration::from_secs(1), "{answer:?}");
    assert_eq!(answer.status, status, "{answer:?}");
    let error: Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(error["errorType"], kind, "{answer:?}");
    let text = error["errorMessage"].as_str().unwrap();
    assert!(text.contains(message), "{answer:?}");
}

/// Whether a process runs. One that has ended may still wait for its parent.
fn is_running(pid: Pid) -> bool {
    let path = format!("/proc/{}/stat", pid.as_raw_nonzero());
    let state = fs_err::read_to_string(path).unwrap_or_default();
    let state = state.rsplit_once(") ").map(|(_, rest)| rest.to_owned());
    state.is_some_and(|state| !state.starts_with(['Z', 'X']))
}

/// A process that was killed ends soon.
#[track_caller]
fn assert_ends(pid: Pid) {
    let start = Instant::now();
    while is_running(pid) {
        assert!(start.elapsed() < Duration::from_secs(10), "{pid:?} is left");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_function_that_ends_or_hangs_is_answered_for_and_started_again() {
    let Some(scene) = Scene::new(Watched::Rust) else {
        return;
    };
    let mode = scene.project.path("../mode");
    let variable = format!("MODE_FILE={}", mode.display());
    let watching = scene.watch(&["--timeout", "2", "--env", &variable]);
    assert_text(&watching, "/", "0");
    for (path, kind, message) in [
        ("/panic", "Runtime.ExitError", "exit status 101"),
        ("/exit/0", "Runtime.ExitError", "without providing a reason"),
        ("/exit/1", "Runtime.ExitError", "exit status 1"),
        ("/kill", "Runtime.ExitError", "signal: killed"),
        ("/orphan", "Runtime.ExitError", "without providing a reason"),
        (
            "/sleep/3600000",
            "Sandbox.Timedout",
            "timed out after 2.00 seconds",
        ),
    ] {
        assert_error(&get(&watching, path), 502, kind, message);
        assert_text(&watching, "/", "0");
        if path != "/sleep/3600000" {
            let answer = invoke(&watching, path, &[]);
            assert_error(&answer, 200, kind, message);
            let header = answer.response.head.header("x-amz-function-error");
            assert_eq!(header, Some("Unhandled"), "{answer:?}");
        }
    }
    // An instance that ends while it waits for an event.
    let skipped = watching.events().len();
    assert_text(&watching, "/end-later", "0");
    std::thread::sleep(Duration::from_millis(200));
    assert_text(&watching, "/", "0");
    watching.wait_after(skipped, "instance-ended", |_| true);
    for pid in watching.instances().split_last().unwrap().1 {
        assert_ends(*pid);
    }

    for (text, kind, message) in [
        ("exit", "Runtime.ExitError", "exit status 7"),
        ("error", "NoTable", "there is no table"),
        ("hang", "Sandbox.Timedout", "timed out"),
    ] {
        fs_err::write(&mode, text).unwrap();
        get(&watching, "/exit/0");
        let answer = get(&watching, "/");
        assert_error(&answer, 502, kind, message);
        fs_err::remove_file(&mode).unwrap();
        assert_text(&watching, "/", "0");
    }
    watching.end();
}

#[test]
fn output_and_processes_of_a_function_do_not_disturb() {
    let Some(scene) = Scene::new(Watched::Rust) else {
        return;
    };
    let watching = scene.watch(&["--timeout", "60"]);
    let child = get(&watching, "/grandchild");
    let child = Pid::from_raw(child.text.parse().unwrap()).unwrap();
    assert!(is_running(child));
    get(&watching, "/exit/0");
    assert_ends(child);
    let large = get(&watching, "/print/20000000");
    assert_eq!((large.status, &*large.text), (200, "0"), "{:?}", large.took);
    let peak = peak_memory_mb(watching.pid());
    tell(&format!(
        "20 MB of output in {:.1?}, peak memory {peak} MB",
        large.took
    ));
    assert!(peak < 200, "{peak} MB");
    assert_text(&watching, "/print-always", "0");
    assert_text(&watching, "/", "0");
    assert_text(&watching, "/", "0");
    watching.end();

    let Some(scene) = Scene::new(Watched::Go) else {
        return;
    };
    let watching = scene.watch(&["--timeout", "2"]);
    for path in ["/close-stdout", "/", "/panic", "/"] {
        let answer = get(&watching, path);
        let expected = if path == "/panic" { 502 } else { 200 };
        assert_eq!(answer.status, expected, "{answer:?}");
        if path == "/panic" {
            assert_error(&answer, 502, "string", "no more orders");
        }
    }
    watching.end();
}

#[test]
fn a_compile_error_is_answered_at_once_until_it_is_fixed() {
    for language in [Watched::Rust, Watched::Go] {
        let Some(scene) = Scene::new(language) else {
            return;
        };
        let watching = scene.watch(&[]);
        assert_text(&watching, "/", "0");
        let (file, text) = scene.version_file("1");
        for end in ["fixed", "gone"] {
            let skipped = watching.events().len();
            let wrong = match language {
                Watched::Rust => "const WRONG: u32 = wrong;",
                Watched::Go => "var _ = wrong",
            };
            scene.project.write(file, &format!("{text}\n{wrong}\n"));
            watching.wait_after(skipped, "build-failed", |_| true);
            let answer = get(&watching, "/");
            assert!(answer.took < Duration::from_millis(500), "{answer:?}");
            tell(&format!("{language:?}: answered in {:.1?}", answer.took));
            assert_eq!(answer.status, 502, "{answer:?}");
            assert!(answer.text.contains("wrong"), "{answer:?}");
            assert_eq!(
                answer.response.head.header("content-type"),
                Some("text/plain; charset=utf-8")
            );
            let accept = [("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];
            let target = format!("/lambda-url/{NAME}/");
            let page = call(watching.port, "GET", &target, &accept, b"");
            assert_eq!(page.status, 502, "{page:?}");
            assert!(page.text.starts_with("<!doctype html>"), "{page:?}");
            let error = invoke(&watching, "/", &[]);
            assert_eq!(error.status, 200, "{error:?}");
            let head = &error.response.head;
            assert_eq!(head.header("x-amz-function-error"), Some("Unhandled"));
            let error = error.response.json();
            assert_eq!(error["errorType"], "Lambdapack.BuildFailed");
            assert!(error["errorMessage"].as_str().unwrap().contains("wrong"));

            let skipped = watching.events().len();
            if end == "fixed" {
                scene.save("2");
                wait_for_change(&watching, skipped);
                assert_text(&watching, "/", "2");
            } else {
                // The whole project is gone, and comes back without the error.
                let root = scene.project.root();
                let moved = root.with_file_name("moved");
                fs_err::rename(root, &moved).unwrap();
                watching.wait_after(skipped, "build-failed", |_| true);
                let answer = get(&watching, "/");
                assert_eq!(answer.status, 502, "{answer:?}");
                let skipped = watching.events().len();
                fs_err::rename(&moved, root).unwrap();
                scene.save("3");
                wait_for_change(&watching, skipped);
                wait_for_text(&watching, "/", "3");
            }
        }
        watching.end();
    }
}

#[test]
fn requests_over_the_concurrency_are_rejected_and_events_wait() {
    let Some(scene) = Scene::new(Watched::Rust) else {
        return;
    };
    let watching = scene.watch(&["--concurrency", "2", "--timeout", "20"]);
    assert_text(&watching, "/", "0");
    let port = watching.port;
    let busy: Vec<_> = (0..2)
        .map(|_| {
            let target = format!("/lambda-url/{NAME}/sleep/2000");
            std::thread::spawn(move || call(port, "GET", &target, &[], b""))
        })
        .collect();
    std::thread::sleep(Duration::from_millis(500));
    let rejected = invoke(&watching, "/", &[]);
    assert_eq!(rejected.status, 429, "{rejected:?}");
    assert!(rejected.took < Duration::from_secs(1), "{rejected:?}");
    let kind = rejected.response.head.header("x-amzn-errortype").unwrap();
    assert!(kind.contains("TooManyRequestsException"), "{kind}");
    assert_eq!(get(&watching, "/").status, 429);
    let accepted = invoke(&watching, "/", &[("x-amz-invocation-type", "Event")]);
    assert_eq!(accepted.status, 202, "{accepted:?}");
    let id = accepted.response.head.header("x-amzn-requestid").unwrap();
    for request in busy {
        assert_eq!(request.join().unwrap().status, 200);
    }
    watching.wait_for("invocation-finished", |event| event["request_id"] == id);
    watching.end();
}

/// The request ID of an event that was accepted.
#[track_caller]
fn send_event(watching: &Watching, path: &str) -> String {
    let answer = invoke(watching, path, &[("x-amz-invocation-type", "Event")]);
    assert_eq!((answer.status, &*answer.text), (202, ""), "{answer:?}");
    assert!(answer.took < Duration::from_secs(1), "{answer:?}");
    let id = answer.response.head.header("x-amzn-requestid");
    id.unwrap().to_owned()
}

#[test]
fn events_are_sent_again_twice_also_to_a_newer_program() {
    let Some(scene) = Scene::new(Watched::Rust) else {
        return;
    };
    let watching = scene.watch(&["--timeout", "2"]);
    assert_text(&watching, "/", "0");
    let id = send_event(&watching, "/panic");
    let hopeful = send_event(&watching, "/fails-in/0");
    let failed = |id: &str, attempt: u32| {
        let id = id.to_owned();
        move |event: &Value| event["request_id"] == id && event["attempt"] == attempt
    };
    watching.wait_for("async-attempt-failed", failed(&hopeful, 1));
    scene.save("1");
    for attempt in 1..=3 {
        let event = watching.wait_for("async-attempt-failed", failed(&id, attempt));
        assert_eq!(event["error"]["type"], "Runtime.ExitError", "{event}");
        assert_eq!(event["retry_after_ms"].is_null(), attempt == 3, "{event}");
    }
    watching.wait_for("invocation-finished", |event| {
        event["request_id"] == *hopeful && event["error"].is_null()
    });
    let events = watching.end();
    let attempts = |id: &str| {
        let of_event =
            |event: &&Value| event["event"] == "invocation-started" && event["request_id"] == *id;
        events.iter().filter(of_event).count()
    };
    assert_eq!((attempts(&id), attempts(&hopeful)), (3, 2));
}

#[test]
fn ctrl_c_lets_requests_finish_and_a_second_one_does_not() {
    let Some(scene) = Scene::new(Watched::Rust) else {
        return;
    };
    let start = |path: &'static str| {
        let watching = scene.watch(&["--timeout", "30"]);
        assert_text(&watching, "/", "0");
        let port = watching.port;
        let target = format!("/lambda-url/{NAME}{path}");
        let target = move || super::http_client::request(port, "GET", &target, &[], b"");
        let request = std::thread::spawn(target);
        watching.wait_after(0, "invocation-started", |_| true);
        std::thread::sleep(Duration::from_millis(100));
        (watching, request)
    };
    // Connections without a request, as browsers open them, are not waited for.
    let (watching, request) = start("/sleep/1000/6000000");
    let _unused = std::net::TcpStream::connect(("127.0.0.1", watching.port)).unwrap();
    watching.end();
    let response = request.join().unwrap().unwrap();
    assert_eq!(
        (response.head.status, response.body.len()),
        (200, 6_000_000)
    );

    let (mut watching, request) = start("/sleep/20000");
    let started = Instant::now();
    kill_process(watching.pid(), Signal::INT).unwrap();
    watching.wait_for("shutting-down", |_| true);
    assert_eq!(watching.wait(Duration::from_millis(300)), None);
    kill_process(watching.pid(), Signal::INT).unwrap();
    assert_eq!(watching.wait(Duration::from_secs(10)), Some(130));
    assert!(started.elapsed() < Duration::from_secs(10));
    assert!(request.join().unwrap().is_err());
    watching.assert_nothing_is_left();

    // Killed, it leaves nothing behind as well.
    let (mut watching, request) = start("/sleep/20000");
    kill_process(watching.pid(), Signal::KILL).unwrap();
    assert_eq!(watching.wait(Duration::from_secs(10)), None);
    assert!(request.join().unwrap().is_err());
    watching.assert_nothing_is_left();
}

/// A build that a signal ends does not let requests wait.
#[test]
fn ctrl_c_during_a_build_answers_the_requests_that_wait_for_it() {
    let Some(scene) = Scene::new(Watched::Rust) else {
        return;
    };
    scene.project.write(
        "build.rs",
        "fn main() { if std::path::Path::new(\"slow\").exists() { \
         std::thread::sleep(std::time::Duration::from_secs(60)) } }",
    );
    let watching = scene.watch(&[]);
    assert_text(&watching, "/", "0");
    let skipped = watching.events().len();
    scene.project.write("slow", "");
    watching.wait_after(skipped, "building", |_| true);
    let port = watching.port;
    let target = format!("/lambda-url/{NAME}/");
    let request = std::thread::spawn(move || call(port, "GET", &target, &[], b""));
    // Another change during the build.
    scene.save("1");
    std::thread::sleep(Duration::from_millis(300));
    let started = Instant::now();
    watching.end();
    let answer = request.join().unwrap();
    assert_eq!(answer.status, 502, "{answer:?}");
    assert!(answer.text.contains("stopping"), "{answer:?}");
    assert!(started.elapsed() < Duration::from_secs(10));
}
