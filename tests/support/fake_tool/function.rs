//! Simulates a function. It speaks the Runtime API over one persistent connection. The variable
//! MODE controls what it does before the first event, and the field `do` of each event controls
//! what it does afterward.

use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, ExitCode, Stdio, abort, exit};
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

/// A connection, with bytes that were read too early.
struct Api {
    address: String,
    stream: BufReader<TcpStream>,
}

/// A response: status, headers in lowercase, and body.
struct Answer {
    status: u16,
    fields: BTreeMap<String, String>,
    body: String,
}

const FOREVER: Duration = Duration::from_secs(60);

pub(crate) fn play() -> ExitCode {
    let address = env::var("AWS_LAMBDA_RUNTIME_API").unwrap();
    match env::var("MODE").as_deref() {
        Ok("exit") => {
            eprintln!("there is no table");
            exit(7)
        }
        Ok("abort") => abort(),
        Ok("hang") => sleep(FOREVER),
        // Allocates and touches 32 MB, and keeps them until exit.
        Ok("heavy") => {
            let bytes = vec![1_u8; 32 << 20];
            std::mem::forget(std::hint::black_box(bytes));
        }
        Ok("init-error") => {
            let error = json!({"errorType": "NoTable", "errorMessage": "there is no table"});
            Api::open(&address).post("init/error", "", &error.to_string());
            return ExitCode::FAILURE;
        }
        _ => {}
    }
    let mode = env::var("MODE").unwrap_or_default();
    if mode.starts_with("extension") {
        extend(&address, &mode);
    }
    let mut api = Api::open(&address);
    println!("begun");
    loop {
        let next = api.ask("GET", "invocation/next", "", "");
        assert_eq!(next.status, 200);
        let id = &next.fields["lambda-runtime-aws-request-id"];
        let event: Value = serde_json::from_str(&next.body).unwrap();
        work(&mut api, id, &event, &next);
    }
}

/// Registers an internal extension, which prints the events that it receives.
fn extend(address: &str, mode: &str) {
    const API: &str = "/2020-01-01/extension";
    let mut api = Api::open(address);
    let name = "Lambda-Extension-Name: agent\r\n";
    let events = r#"{"events":["INVOKE"]}"#;
    let path = format!("{API}/register");
    let registered = api.ask("POST", &path, name, events);
    assert_eq!(registered.status, 200, "{}", registered.body);
    eprintln!("registered {}", registered.body);
    let id = &registered.fields["lambda-extension-identifier"];
    let id = format!("Lambda-Extension-Identifier: {id}\r\n");
    let error = format!("{id}Lambda-Extension-Function-Error-Type: Agent.NoKey\r\n");
    let mode = mode.to_owned();
    std::thread::spawn(move || {
        if mode == "extension-init-error" {
            api.ask("POST", &format!("{API}/init/error"), &error, "");
        }
        // This function never requests an event.
        if mode == "extension-hang" {
            sleep(FOREVER);
        }
        loop {
            let event = api.ask("GET", &format!("{API}/event/next"), &id, "");
            let event: Value = serde_json::from_str(&event.body).unwrap();
            match &*mode {
                "extension-busy" => sleep(FOREVER),
                "extension-exit-error" => {
                    api.ask("POST", &format!("{API}/exit/error"), &error, "");
                    sleep(FOREVER);
                }
                // The runtime requests its next event before the extension does.
                _ => sleep(Duration::from_millis(100)),
            }
            eprintln!("extension {} {}", event["eventType"], event["requestId"]);
        }
    });
}

fn work(api: &mut Api, id: &str, event: &Value, next: &Answer) {
    let response = format!("invocation/{id}/response");
    let error = format!("invocation/{id}/error");
    let number = || event["number"].as_u64().unwrap();
    match event["do"].as_str().unwrap_or_default() {
        "panic" => panic!("no more orders"),
        "exit" => exit(i32::try_from(number()).unwrap()),
        "abort" => abort(),
        "hang" => sleep(FOREVER),
        "deadline" => {
            let deadline: u64 = next.fields["lambda-runtime-deadline-ms"].parse().unwrap();
            let now = std::time::UNIX_EPOCH.elapsed().unwrap();
            sleep(Duration::from_millis(deadline).saturating_sub(now));
            api.post(&response, "", "\"late\"");
        }
        "error" => {
            let body = r#"{"errorMessage":"no","errorType":"Sold","stackTrace":[]}"#;
            api.post(&error, "Lambda-Runtime-Function-Error-Type: Sold\r\n", body);
        }
        "error-text" => {
            api.post(
                &error,
                "Lambda-Runtime-Function-Error-Type: Sold\r\n",
                "no \"luck\"",
            );
        }
        "large" => {
            let body = "x".repeat(usize::try_from(number()).unwrap() - 2);
            let status = api
                .ask("POST", &response, "", &format!("\"{body}\""))
                .status;
            eprintln!("status {status}");
        }
        "stream" => api.stream(&response, &["he", "llo, \0\u{1b}[1mwor", "ld"], ""),
        "stream-error" => {
            // {"errorType":"Broke","errorMessage":"off"}
            let body = "eyJlcnJvclR5cGUiOiJCcm9rZSIsImVycm9yTWVzc2FnZSI6Im9mZiJ9";
            let trailers = format!(
                "Lambda-Runtime-Function-Error-Type: Broke\r\n\
                 Lambda-Runtime-Function-Error-Body: {body}\r\n"
            );
            api.stream(&response, &["half"], &trailers);
        }
        "child" => {
            let mut child = Command::new("sleep");
            child.arg("60").stdin(Stdio::null());
            #[expect(clippy::zombie_processes, reason = "it is to be left behind")]
            let child = child.spawn().unwrap();
            api.post(
                &response,
                "",
                &json!({ "child": child.id(), "own": std::process::id() }).to_string(),
            );
        }
        "garbage" => {
            let mut other = TcpStream::connect(&api.address).unwrap();
            other
                .write_all(b"\x16\x03\x01 no request at all\r\n\r\n")
                .unwrap();
            let mut answer = String::new();
            other.read_to_string(&mut answer).unwrap();
            let found = api
                .ask("GET", "../../2020-01-01/extension/event/next", "", "")
                .status;
            let wrong = api
                .ask("POST", "invocation/other/response", "", "{}")
                .status;
            let early = api.ask("GET", "invocation/next", "", "").status;
            let body = json!([answer.lines().next(), found, wrong, early]);
            api.post(&response, "", &body.to_string());
            let twice = api.ask("POST", &response, "", "{}").status;
            eprintln!("twice {twice}");
        }
        "say" => {
            print!("on stdout, and ");
            std::io::stdout().flush().unwrap();
            eprint!("on stderr without an end");
            api.post(&response, "", "null");
        }
        "last" => {
            api.post(&response, "", "\"good bye\"");
            exit(0);
        }
        "grow" => {
            let bytes = vec![1_u8; usize::try_from(number()).unwrap() << 20];
            let sum: u64 = bytes
                .iter()
                .step_by(4096)
                .map(|byte| u64::from(*byte))
                .sum();
            api.post(&response, "", &sum.to_string());
        }
        "tell" => {
            let env: BTreeMap<_, _> = env::vars().collect();
            let seen = json!({
                "env": env, "fields": next.fields, "dir": env::current_dir().unwrap(),
                "event": event,
            });
            api.post(&response, "", &seen.to_string());
        }
        _ => {
            api.post(&response, "", &event.to_string());
        }
    }
}

impl Api {
    fn open(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            stream: BufReader::new(TcpStream::connect(address).unwrap()),
        }
    }

    fn post(&mut self, path: &str, fields: &str, body: &str) {
        assert_eq!(self.ask("POST", path, fields, body).status, 202);
    }

    fn ask(&mut self, method: &str, path: &str, fields: &str, body: &str) -> Answer {
        let path = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("/2018-06-01/runtime/{path}")
        };
        let text = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\n{fields}\
             Content-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        self.stream.get_mut().write_all(text.as_bytes()).unwrap();
        self.answer()
    }

    fn stream(&mut self, path: &str, chunks: &[&str], trailers: &str) {
        let mut text = format!(
            "POST /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: {}\r\n\
             Lambda-Runtime-Function-Response-Mode: streaming\r\n\
             Transfer-Encoding: chunked\r\n\r\n",
            self.address
        );
        for chunk in chunks {
            text += &format!("{:x}\r\n{chunk}\r\n", chunk.len());
            self.stream.get_mut().write_all(text.as_bytes()).unwrap();
            text.clear();
            sleep(Duration::from_millis(5));
        }
        text = format!("0\r\n{trailers}\r\n");
        self.stream.get_mut().write_all(text.as_bytes()).unwrap();
        assert_eq!(self.answer().status, 202);
    }

    fn answer(&mut self) -> Answer {
        let mut line = || {
            let mut line = String::new();
            self.stream.read_line(&mut line).unwrap();
            line.trim_end().to_owned()
        };
        let first = line();
        let status = first.split(' ').nth(1).unwrap().parse().unwrap();
        let mut fields = BTreeMap::new();
        loop {
            let line = line();
            let Some((name, value)) = line.split_once(": ") else {
                break;
            };
            fields.insert(name.to_lowercase(), value.to_owned());
        }
        let mut body = vec![0; fields["content-length"].parse().unwrap()];
        self.stream.read_exact(&mut body).unwrap();
        Answer {
            status,
            fields,
            body: String::from_utf8(body).unwrap(),
        }
    }
}
