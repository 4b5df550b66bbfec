//! Functions and extensions created by `new` run under `watch`.

use serde_json::Value;

use super::http_client::{Response, request};
use super::project::Project;
use super::support::{lambdapack, ok, repository, tool};
use super::template::kept;
use super::toolchain::{host_arch, rust};
use super::watching::{Watching, target_dir};

/// The events, with the sample and the expected answer or log line.
const EVENTS: [(&str, &str, &str); 5] = [
    ("http", "apigw", "Hello, Ada. This is order 42."),
    ("function-url", "function-url", "Hello, Ada"),
    ("dynamodb", "dynamodb", "Hello, Ada"),
    ("sns", "sns", "Hello, Ada"),
    ("schedule", "schedule", "Scheduled for 2026-01-01T12:00:00Z"),
];
const LANGUAGES: [&str; 2] = ["rust", "go"];

/// A Cargo workspace and Go modules, with an extension in each language.
fn project() -> Project {
    let project = Project::new(&[
        (
            "rust/Cargo.toml",
            "[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\n",
        ),
        ("go/README.md", "Modules.\n"),
        (
            "lambdapack.toml",
            "paths = [\"rust\", \"go/*\"]\n\n[function.go-counter]\nkind = \"extension\"\n",
        ),
    ]);
    for lang in LANGUAGES {
        let new = |name: &str, args: &[&str]| {
            let mut new = lambdapack(&project.path(lang));
            let name = format!("{lang}-{name}");
            ok(new.args(["new", &name, "--lang", lang]).args(args));
        };
        for (event, ..) in EVENTS {
            new(event, &["--event", event]);
        }
        new("counter", &["--extension"]);
    }
    project
}

#[test]
fn new_functions_and_extensions_run_under_watch() {
    let (Some(rust), Some(_)) = (rust(host_arch()), tool("go")) else {
        return;
    };
    let made = project();
    let root = kept(made.root(), "new-watched");
    let mut command = rust.lambdapack(&root);
    command.env("CARGO_PROFILE_DEV_DEBUG", "0");
    let target_dir = target_dir();
    let watching = Watching::start(command, &["--target-dir", target_dir.to_str().unwrap()]);
    watching.wait_until_built();
    for lang in LANGUAGES {
        for (event, sample, expected) in EVENTS {
            assert_answers_sample(&watching, &format!("{lang}-{event}"), sample, expected);
        }
        for (event, expected) in [
            ("http", "Hello, Ada. This is order 7."),
            ("function-url", "Hello, Ada"),
        ] {
            let name = format!("{lang}-{event}");
            let send = |method, path: &str, body: &str| send(&watching, &name, method, path, body);
            let response = send("POST", "/orders/7", r#"{"name":"Ada"}"#);
            assert_eq!(response.head.status, 200, "{name}: {response:?}");
            assert_eq!(response.text(), expected, "{name}");
            let response = send("POST", "/orders/7", r#"{"name":""}"#);
            assert_eq!(response.head.status, 400, "{name}: {response:?}");
        }
        let name = format!("{lang}-http");
        assert_eq!(send(&watching, &name, "GET", "/", "").text(), "Hello");
        let response = send(&watching, &name, "GET", "/users", "");
        assert_eq!(response.head.status, 404, "{response:?}");
    }
    let is_line = |event: &Value, extension: &str, start: &str| {
        event["extension"] == extension && event["line"].as_str().unwrap().starts_with(start)
    };
    let extensions = LANGUAGES.map(|lang| format!("{lang}-counter"));
    for extension in &extensions {
        watching.wait_for("extension-log", |event| {
            is_line(event, extension, "invoked with request ")
        });
    }
    let events = watching.end();
    let logs: Vec<_> = events
        .iter()
        .filter(|event| event["event"] == "extension-log")
        .collect();
    for extension in &extensions {
        let ended = logs
            .iter()
            .filter(|event| is_line(event, extension, "stopping: "));
        assert_eq!(ended.count(), EVENTS.len() * LANGUAGES.len(), "{logs:#?}");
    }
}

/// A function answers its sample event through the Invoke API, or logs the answer.
#[track_caller]
fn assert_answers_sample(watching: &Watching, name: &str, sample: &str, expected: &str) {
    let file = repository().join(format!("templates/events/{sample}.json"));
    let event = fs_err::read(file).unwrap();
    let path = format!("/2015-03-31/functions/{name}/invocations");
    let response = request(watching.port, "POST", &path, &[], &event).unwrap();
    assert_eq!(response.head.status, 200, "{name}: {response:?}");
    let error = response.head.header("x-amz-function-error");
    assert_eq!(error, None, "{name}: {response:?}");
    if !response.text().contains(expected) {
        let has = |event: &Value| event["line"].as_str().unwrap().contains(expected);
        watching.wait_for("log", |event| event["function"] == name && has(event));
    }
}

/// The response of a function URL.
fn send(watching: &Watching, name: &str, method: &str, path: &str, body: &str) -> Response {
    let host = format!("{name}.localhost:{}", watching.port);
    let headers = [("host", &*host), ("content-type", "application/json")];
    request(watching.port, method, path, &headers, body.as_bytes()).unwrap()
}
