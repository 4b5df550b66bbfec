//! Events of function URLs of `watch`, as the types of `aws_lambda_events`, `lambda_http`, and
//! aws-lambda-go read them. The functions report every field that these types do not know.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::http_client::Connection;
use super::watched_functions::WatchedFunctions;

const RUST: &str = "rust-events";
const FUNCTIONS: [&str; 2] = [RUST, "go-events"];

/// The report of a function about the event of a request. No field may be unknown.
fn report(
    functions: &WatchedFunctions,
    function: &str,
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
    body: &[u8],
) -> Value {
    let host = format!("{function}.localhost:{}", functions.port);
    let headers = [&[("host", &*host)], headers].concat();
    let mut connection = Connection::open(functions.port).unwrap();
    let response = connection.request(method, path, &headers, body).unwrap();
    assert_eq!(response.head.status, 200, "{response:?}");
    let report = response.json();
    assert_eq!(report["problems"], json!([]), "{report:#}");
    report
}

#[test]
fn a_request_with_everything_has_every_field() {
    let Some(functions) = WatchedFunctions::get() else {
        return;
    };
    for function in FUNCTIONS {
        let headers = [
            ("User-Agent", "test/1.0"),
            ("Content-Type", "application/json"),
            ("X-Many", "1"),
            ("x-many", "2"),
            ("Cookie", "a=1; b=2=3"),
            ("Connection", "keep-alive"),
        ];
        let path = "/a%20b/%C3%BC?x=1&x=2&y=a+b%2C&z=&%C3%BC";
        let report = report(
            &functions,
            function,
            ("PUT", path),
            &headers,
            b"{\"\xc3\xbc\":1}",
        );
        let event = &report["event"];
        assert_eq!(event["version"], "2.0");
        assert_eq!(event["routeKey"], "$default");
        assert_eq!(event["rawPath"], "/a%20b/%C3%BC");
        assert_eq!(event["rawQueryString"], "x=1&x=2&y=a+b%2C&z=&%C3%BC");
        let query = json!({ "x": "1,2", "y": "a b,", "z": "", "ü": "" });
        assert_eq!(event["queryStringParameters"], query);
        assert_eq!(event["cookies"], json!(["a=1", "b=2=3"]));
        assert_eq!(event["body"], "{\"ü\":1}");
        assert_eq!(event["isBase64Encoded"], json!(false));

        let context = &event["requestContext"];
        let domain = format!("{function}.localhost");
        assert_eq!(context["accountId"], "anonymous");
        assert_eq!(context["apiId"], function);
        assert_eq!(context["domainName"], *domain);
        assert_eq!(context["domainPrefix"], function);
        assert_eq!(context["routeKey"], "$default");
        assert_eq!(context["stage"], "$default");
        let http = json!({
            "method": "PUT",
            "path": "/a%20b/%C3%BC",
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": "test/1.0",
        });
        assert_eq!(context["http"], http);
        assert_eq!(context["requestId"].as_str().unwrap().len(), 36);
        // In milliseconds, and the same time as text.
        let milliseconds = context["timeEpoch"].as_u64().unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let age = now.as_millis().abs_diff(milliseconds.into());
        assert!(age < 60_000, "{milliseconds}");
        let time = context["time"].as_str().unwrap();
        let time = jiff::fmt::strtime::parse("%d/%b/%Y:%H:%M:%S %z", time).unwrap();
        let time = time.to_timestamp().unwrap().as_second();
        assert_eq!(u64::try_from(time).unwrap(), milliseconds / 1000);

        let sent = &event["headers"];
        assert_eq!(sent["x-many"], "1,2");
        assert_eq!(sent["user-agent"], "test/1.0");
        assert_eq!(sent["host"], format!("{domain}:{}", functions.port));
        assert_eq!(sent["x-forwarded-for"], "127.0.0.1");
        assert_eq!(sent["x-forwarded-proto"], "http");
        assert_eq!(sent["x-forwarded-port"], functions.port.to_string());
        assert!(
            sent["x-amzn-trace-id"]
                .as_str()
                .unwrap()
                .starts_with("Root=1-")
        );
        assert_eq!(sent["connection"], Value::Null);

        if function == RUST {
            assert_eq!(report["method"], "PUT");
            let url = report["url"].as_str().unwrap();
            assert!(
                url.contains(&domain) && url.contains("/a%20b/%C3%BC?"),
                "{url}"
            );
            // lambda_http splits the joined values again.
            let query = report["query"].as_array().unwrap();
            assert!(query.contains(&json!(["x", "1,2"])) || query.contains(&json!(["x", "2"])));
            assert_eq!(report["body"], json!(b"{\"\xc3\xbc\":1}"));
        } else {
            let typed = &report["typed"];
            for key in ["rawPath", "rawQueryString", "cookies", "headers", "body"] {
                assert_eq!(typed[key], event[key], "{key}");
            }
            assert_eq!(typed["requestContext"]["timeEpoch"], context["timeEpoch"]);
        }
    }
}

#[test]
fn a_request_with_nothing_has_no_empty_fields() {
    let Some(functions) = WatchedFunctions::get() else {
        return;
    };
    for function in FUNCTIONS {
        let report = report(&functions, function, ("GET", "/"), &[], b"");
        let event = report["event"].as_object().unwrap();
        let keys: Vec<_> = event.keys().collect();
        let expected = [
            "headers",
            "isBase64Encoded",
            "rawPath",
            "rawQueryString",
            "requestContext",
            "routeKey",
            "version",
        ];
        assert_eq!(keys, expected);
        assert_eq!(event["rawQueryString"], "");
        let context = event["requestContext"].as_object().unwrap();
        for key in ["authorizer", "authentication"] {
            assert!(!context.contains_key(key), "{context:?}");
        }
        assert_eq!(context["http"]["userAgent"], "");
    }
}

#[test]
fn bodies_arrive_byte_for_byte() {
    let Some(functions) = WatchedFunctions::get() else {
        return;
    };
    let text = "text/plain; charset=utf-8";
    let form = "application/x-www-form-urlencoded";
    let cases: [(&str, &[u8], bool); 6] = [
        (text, "ü\r\n".as_bytes(), false),
        ("application/json", b"not JSON", false),
        (text, b"\xff\xfe", true),
        ("application/octet-stream", b"\0\x01\xff", true),
        (form, b"a=b+c&d=%20", true),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\n\r\n\xff\r\n--x--\r\n",
            true,
        ),
    ];
    for function in FUNCTIONS {
        for (kind, body, is_base64) in cases {
            let headers = [("content-type", kind)];
            let report = report(&functions, function, ("POST", "/"), &headers, body);
            let event = &report["event"];
            assert_eq!(event["isBase64Encoded"], json!(is_base64), "{kind}");
            let sent = event["body"].as_str().unwrap();
            let bytes = if is_base64 {
                STANDARD.decode(sent).unwrap()
            } else {
                sent.as_bytes().to_vec()
            };
            assert_eq!(bytes, body, "{kind}");
            if function == RUST {
                assert_eq!(report["body"], json!(body), "{kind}");
            }
        }
    }
}
