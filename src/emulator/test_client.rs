//! A client of the Runtime API, for the programs that tests start.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

#[cfg(unix)]
use serde_json::Value;

/// A connection to the Runtime API of an instance.
pub(crate) struct TestClient(BufReader<TcpStream>);

/// A response.
pub(crate) struct TestResponse {
    /// The status line and the headers, in lower case.
    head: String,
    pub(crate) body: Vec<u8>,
}

impl TestResponse {
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> String {
        let mut lines = self.head.lines();
        let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        value.unwrap().to_owned()
    }

    #[cfg(unix)]
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl TestClient {
    /// Connects to the address in `AWS_LAMBDA_RUNTIME_API`. Returns `None` without it: then
    /// the program was not started by a test.
    #[expect(clippy::disallowed_methods, reason = "a function reads its variables")]
    pub(crate) fn connect() -> Option<Self> {
        let address = std::env::var_os("AWS_LAMBDA_RUNTIME_API")?;
        let stream = TcpStream::connect(address.to_str().unwrap()).unwrap();
        Some(Self(BufReader::new(stream)))
    }

    pub(crate) fn request(
        &mut self,
        method_and_path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> TestResponse {
        let length = body.len();
        let mut request = format!("{method_and_path} HTTP/1.1\r\nHost: localhost\r\n");
        for (name, value) in headers {
            write!(request, "{name}: {value}\r\n").unwrap();
        }
        write!(request, "Content-Length: {length}\r\n\r\n{body}").unwrap();
        self.0.get_mut().write_all(request.as_bytes()).unwrap();
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(self.0.read_line(&mut head).unwrap(), 0, "{head}");
        }
        let head = head.to_lowercase();
        let mut response = TestResponse {
            head,
            body: Vec::new(),
        };
        let length = response.header("content-length").parse().unwrap();
        response.body.resize(length, 0);
        self.0.read_exact(&mut response.body).unwrap();
        response
    }

    /// Waits for the next event of the function, and returns its request ID.
    pub(crate) fn next_event(&mut self) -> String {
        let next = self.request("GET /2018-06-01/runtime/invocation/next", &[], "");
        next.header("lambda-runtime-aws-request-id")
    }

    /// Sends the response to an event of the function.
    pub(crate) fn respond(&mut self, request_id: &str, body: &str) {
        let path = format!("/2018-06-01/runtime/invocation/{request_id}/response");
        self.request(&format!("POST {path}"), &[], body);
    }
}

// The tests with extensions need signals.
#[cfg(unix)]
impl TestClient {
    /// Registers an extension for INVOKE and SHUTDOWN, and returns its identifier.
    pub(crate) fn register(&mut self, name: &str) -> String {
        let registered = self.request(
            "POST /2020-01-01/extension/register",
            &[("Lambda-Extension-Name", name)],
            r#"{"events":["INVOKE","SHUTDOWN"]}"#,
        );
        registered.header("lambda-extension-identifier")
    }

    /// Waits for the next event of an extension.
    pub(crate) fn next_extension_event(&mut self, id: &str) -> Value {
        let id = [("Lambda-Extension-Identifier", id)];
        let next = self.request("GET /2020-01-01/extension/event/next", &id, "");
        next.json()
    }
}
