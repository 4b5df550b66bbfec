//! `watch` as a Windows program, with a Go function that Go for Windows builds.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::http_client::{Response, request};
use super::project::{Project, copy};
use super::support::tell;
use super::template::Template;
use super::watching::Watching;
use super::wine::{self, Go, made};

/// A function that returns a greeting, its own path, and the variables that Windows needs.
const FUNCTION: &str = r#"package main

import (
	"context"
	"net"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
)

type Request struct {
	Name string `json:"name"`
	Path string `json:"rawPath"`
}

func main() {
	lambda.Start(func(_ context.Context, request Request) (map[string]any, error) {
		if request.Name == "exit" {
			os.Exit(3)
		}
		// Sockets need SystemRoot.
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		listener.Close()
		program, err := os.Executable()
		if err != nil {
			return nil, err
		}
		if _, err := os.UserCacheDir(); err != nil {
			return nil, err
		}
		dir, err := os.Getwd()
		return map[string]any{
			"message": "Hello, " + request.Name + request.Path,
			"program": program,
			"dir":     dir,
		}, err
	})
}
"#;

/// Starts `watch`, and waits for the first build.
fn start(go: &Go, project: &Project) -> Watching {
    let watching = Watching::start(go.lambdapack(project.root()), &[]);
    let deadline = Instant::now() + Duration::from_secs(300);
    let is_end = |event: &Value| ["built", "build-failed"].map(Value::from).contains(event);
    loop {
        let events = watching.events();
        let Some(end) = events.iter().rfind(|event| is_end(&event["event"])) else {
            assert!(Instant::now() < deadline, "{events:?}{}", watching.stderr());
            std::thread::sleep(Duration::from_millis(100));
            continue;
        };
        if end["event"] == "built" {
            return watching;
        }
        // A fault of Wine when it starts many programs for the first time.
        let text = end["text"].as_str().unwrap();
        assert!(text.contains("Internal error"), "{text}");
        tell(&format!("once more, because of\n{text}"));
        save(&watching, &project.path("main.go"), FUNCTION);
        watching.wait_after(events.len(), "built", |_| true);
    }
}

/// Writes a file. Requests that are sent after this wait for the build.
fn save(watching: &Watching, file: &Path, text: &str) {
    let before = watching.events().len();
    fs_err::write(file, text).unwrap();
    watching.wait_after(before, "sources-changed", |_| true);
}

fn invoke(watching: &Watching, name: &str) -> Response {
    let target = "/2015-03-31/functions/go-function/invocations";
    let event = json!({ "name": name }).to_string();
    request(watching.port, "POST", target, &[], event.as_bytes()).unwrap()
}

/// A text in the answer of the function.
fn text(response: &Response, field: &str) -> String {
    response.json()[field].as_str().unwrap().to_owned()
}

/// The processes of this system that run a Windows program.
fn processes(program: &str) -> Vec<PathBuf> {
    let entries = fs_err::read_dir("/proc").unwrap().flatten();
    let runs_it = |process: &PathBuf| {
        let line = std::fs::read(process.join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(program)
    };
    entries.map(|entry| entry.path()).filter(runs_it).collect()
}

/// A path in Wine's drive C, as this system has it.
fn on_this_system(windows: &str) -> PathBuf {
    let rest = windows.strip_prefix("C:\\").unwrap();
    made("prefix/drive_c").join(rest.replace('\\', "/"))
}

fn assert_ended(program: &str) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !processes(program).is_empty() {
        assert!(Instant::now() < deadline, "{program} runs");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_go_function_is_served_and_reloaded_on_windows() {
    if !wine::is_here() {
        return;
    }
    let project = Project::called("eine Übung", &[]);
    copy(&Template::Go.source(), project.root());
    fs_err::remove_file(project.path("main_test.go")).unwrap();
    project.write("main.go", FUNCTION);
    let (go, source) = (Go::new(), project.path("main.go"));
    let mut watching = start(&go, &project);

    let response = invoke(&watching, "Ada");
    assert_eq!(response.head.status, 200, "{response:?}");
    assert_eq!(text(&response, "message"), "Hello, Ada");
    assert_eq!(text(&response, "dir"), wine::spelt(project.root()));
    let host = format!("go-function.localhost:{}", watching.port);
    let by_url = request(watching.port, "GET", "/a%20b?c", &[("host", &host)], b"").unwrap();
    assert_eq!(text(&by_url, "message"), "Hello, /a%20b");

    // It ends in the middle of an event, and the next event starts it again.
    let ended = invoke(&watching, "exit");
    assert_eq!(ended.head.status, 200, "{ended:?}");
    assert_eq!(ended.head.header("x-amz-function-error"), Some("Unhandled"));
    assert_eq!(text(&ended, "errorType"), "Runtime.ExitError");
    let first = text(&invoke(&watching, "Ada"), "program");
    assert!(!processes(&first).is_empty());

    save(&watching, &source, &format!("{FUNCTION}\nbroken\n"));
    let failed = request(watching.port, "GET", "/", &[], b"").unwrap();
    assert_eq!(failed.head.status, 502, "{failed:?}");
    assert!(failed.text().contains("main.go"), "{failed:?}");

    save(&watching, &source, &FUNCTION.replace("Hello", "Hi"));
    let response = invoke(&watching, "Ada");
    assert_eq!(text(&response, "message"), "Hi, Ada");
    let second = text(&response, "program");
    assert_ne!(second, first);
    assert_ended(&first);

    // Ctrl-C leaves neither a process nor a file.
    kill_process(watching.pid(), Signal::INT).unwrap();
    let status = watching.wait(Duration::from_secs(30));
    assert_eq!(status, Some(130), "{}", watching.stderr());
    assert_ended(&second);
    let folder = on_this_system(&second);
    let folder = folder.parent().unwrap().parent().unwrap();
    assert!(!folder.exists(), "{}", folder.display());
}

#[test]
fn functions_end_with_a_killed_watch_on_windows() {
    if !wine::is_here() {
        return;
    }
    let project = Project::new(&[]);
    copy(&Template::Go.source(), project.root());
    fs_err::remove_file(project.path("main_test.go")).unwrap();
    project.write("main.go", FUNCTION);
    let go = Go::new();
    let watching = start(&go, &project);
    let program = text(&invoke(&watching, "Ada"), "program");
    assert!(!processes(&program).is_empty());
    // Wine itself, which `timeout` has started.
    let id = watching.pid().as_raw_nonzero();
    let children = fs_err::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
    let wine = Pid::from_raw(children.trim().parse().unwrap()).unwrap();
    kill_process(wine, Signal::KILL).unwrap();
    assert_ended(&program);
}
