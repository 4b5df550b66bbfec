//! Function URLs of `watch` with functions that stream their responses.

use std::time::{Duration, Instant};

use serde_json::json;

use super::http_client::{Connection, request};
use super::watched_functions::WatchedFunctions;

const FUNCTIONS: [&str; 2] = ["rust-http", "go-http"];

#[test]
fn every_method_reaches_functions() {
    let Some(functions) = WatchedFunctions::get() else {
        return;
    };
    for function in FUNCTIONS {
        let host = format!("{function}.localhost");
        let mut connection = Connection::open(functions.port).unwrap();
        for method in [
            "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE",
        ] {
            let body: &[u8] = if method == "POST" { b"\xff\0body" } else { b"" };
            let headers = [("host", &*host)];
            let response = connection.request(method, "/a/b", &headers, body).unwrap();
            let head = &response.head;
            assert_eq!(head.status, 201, "{response:?}");
            assert_eq!(head.header("x-method"), Some(method), "{response:?}");
            assert_eq!(head.header("content-type"), Some("text/plain"));
            assert_eq!(
                head.all("set-cookie"),
                ["a=1; Path=/", "b=2"],
                "{response:?}"
            );
            let expected = match method {
                "HEAD" => Vec::new(),
                _ => [format!("{method} /a/b ").as_bytes(), body].concat(),
            };
            assert_eq!(response.body, expected, "{response:?}");
        }
    }
}

#[test]
fn a_streamed_response_arrives_while_the_function_runs() {
    let Some(functions) = WatchedFunctions::get() else {
        return;
    };
    for function in FUNCTIONS {
        let mut connection = Connection::open(functions.port).unwrap();
        let target = format!("/lambda-url/{function}/slow/streamed");
        connection.send("GET", &target, &[], b"").unwrap();
        let mut head = connection.read_head("GET").unwrap();
        assert_eq!(head.status, 201, "{head:?}");
        let (mut times, mut text) = (Vec::new(), Vec::new());
        while let Some(part) = connection.read_part(&mut head).unwrap() {
            times.push(Instant::now());
            text.extend(part);
        }
        assert_eq!(text, b"0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
        // The function needs 0.9 s from the first to the last piece.
        let ahead = times[0].elapsed();
        assert!(ahead > Duration::from_millis(500), "{function}: {ahead:?}");
        assert!(times.len() >= 5, "{function}: {}", times.len());
    }
}

#[test]
fn a_client_that_disconnects_does_not_disturb_a_function() {
    let Some(functions) = WatchedFunctions::get() else {
        return;
    };
    for function in FUNCTIONS {
        let target = format!("/lambda-url/{function}/slow/abandoned-{function}");
        let mut connection = Connection::open(functions.port).unwrap();
        connection.send("GET", &target, &[], b"").unwrap();
        let mut head = connection.read_head("GET").unwrap();
        connection.read_part(&mut head).unwrap();
        drop(connection);
        functions.wait_for_line(function, &["finished", &format!("abandoned-{function}")]);
        assert_eq!(functions.lines(function, &["not read to its end"]), 0);
        let target = format!("/lambda-url/{function}/next");
        let response = request(functions.port, "GET", &target, &[], b"").unwrap();
        assert_eq!(response.text(), "GET /next ");
    }
    let events = functions.events();
    let mut ended = events
        .iter()
        .filter(|event| event["event"] == "instance-ended");
    assert_eq!(ended.next(), None);
}

#[test]
fn a_request_that_is_too_large_gets_the_error_of_aws() {
    let Some(functions) = WatchedFunctions::get() else {
        return;
    };
    let body = vec![b'x'; 6 * 1024 * 1024 + 1];
    for function in FUNCTIONS {
        let target = format!("/lambda-url/{function}/");
        let response = request(functions.port, "POST", &target, &[], &body).unwrap();
        assert_eq!(response.head.status, 413);
        let kind = response.head.header("x-amzn-errortype");
        assert_eq!(kind, Some("RequestEntityTooLargeException"));
        let message = "Request must be smaller than 6291456 bytes for the InvokeFunction operation";
        assert_eq!(response.json(), json!({ "Message": message }));
    }
}
