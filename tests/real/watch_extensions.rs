//! Extensions next to functions of `watch`, in both languages, with the crate `lambda-extension`
//! and without any library.

use serde_json::{Value, json};

use super::http_client::request;
use super::support::{repository, tool};
use super::template::kept;
use super::toolchain::{host_arch, rust};
use super::watching::{Watching, target_dir};

const EXTENSIONS: [&str; 2] = ["rust-agent", "go-agent"];

/// A line that an extension printed next to an instance of a function.
#[track_caller]
fn wait_for_line(
    watching: &Watching,
    function: &str,
    extension: &str,
    is_expected: impl Fn(&str) -> bool,
) -> String {
    let event = watching.wait_for("extension-log", |event| {
        event["function"] == function
            && event["extension"] == extension
            && is_expected(event["line"].as_str().unwrap())
    });
    event["line"].as_str().unwrap().to_owned()
}

/// The record of a platform event that an extension has printed. `lambda-extension` prints its own
/// types, which have the same fields.
#[track_caller]
fn wait_for_record(
    watching: &Watching,
    function: &str,
    extension: &str,
    kind: &str,
    request_id: &str,
) -> Value {
    let line = wait_for_line(watching, function, extension, |line| {
        line.contains(kind) && line.contains(request_id)
    });
    match line.strip_prefix(kind) {
        Some(record) => serde_json::from_str(record).unwrap(),
        None => serde_json::from_str::<Value>(&line).unwrap()["record"].take(),
    }
}

/// Invokes a function, and returns the request ID.
#[track_caller]
fn invoke(watching: &Watching, function: &str, number: u32) -> String {
    let target = format!("/2015-03-31/functions/{function}/invocations");
    let event = json!({ "number": number });
    let body = event.to_string();
    let response = request(watching.port, "POST", &target, &[], body.as_bytes()).unwrap();
    assert_eq!(response.head.status, 200, "{}", watching.stderr());
    assert_eq!(response.json(), event);
    response.head.header("x-amzn-requestid").unwrap().to_owned()
}

#[test]
fn extensions_in_both_languages_receive_events_and_telemetry() {
    let (Some(rust), Some(_)) = (rust(host_arch()), tool("go")) else {
        return;
    };
    let source = repository().join("tests/real/watch-extensions");
    let dir = kept(&source, "watch-extensions");
    let target_dir = target_dir();
    let target_dir = target_dir.to_str().unwrap();
    let args = ["rust", "go", "--target-dir", target_dir, "--memory", "256"];
    let watching = Watching::start(rust.lambdapack(&dir), &args);
    watching.wait_until_built();
    for function in ["rust-hello", "go-hello"] {
        let ids = [1, 2].map(|number| invoke(&watching, function, number));
        for extension in EXTENSIONS {
            for (id, is_first) in ids.iter().zip([true, false]) {
                let invoked = format!("INVOKE {id}");
                wait_for_line(&watching, function, extension, |line| line == invoked);
                let wait = |kind: &str| wait_for_record(&watching, function, extension, kind, id);
                assert_eq!(wait("platform.start")["version"], "$LATEST");
                let report = wait("platform.report");
                assert_eq!(report["status"], "success");
                let metrics = &report["metrics"];
                assert_eq!(metrics["memorySizeMB"], 256);
                assert!(metrics["durationMs"].as_f64().unwrap() > 0.0);
                assert!(metrics["billedDurationMs"].as_u64().unwrap() > 0);
                assert_eq!(metrics["initDurationMs"].is_number(), is_first, "{report}");
            }
            let printed = format!("{function} received");
            wait_for_line(&watching, function, extension, |line| {
                line.starts_with("function ") && line.contains(&printed)
            });
            for kind in [
                "platform.initStart",
                "platform.telemetrySubscription",
                "platform.initRuntimeDone",
                "platform.extension",
                "platform.initReport",
            ] {
                wait_for_record(&watching, function, extension, kind, "");
            }
        }
        // `go-agent` waits for `platform.runtimeDone` instead of printing it.
        let id = &ids[0];
        wait_for_record(
            &watching,
            function,
            "rust-agent",
            "platform.runtimeDone",
            id,
        );
        let line = format!("extension line \"INVOKE {id}\"");
        wait_for_line(&watching, function, "go-agent", |has| has == line);
    }
    let events = watching.end();
    for function in ["rust-hello", "go-hello"] {
        for extension in EXTENSIONS {
            let ends = events.iter().filter(|event| {
                event["function"] == function
                    && event["extension"] == extension
                    && event["line"] == "SHUTDOWN spindown"
            });
            assert_eq!(ends.count(), 1, "{events:#?}");
        }
    }
}
