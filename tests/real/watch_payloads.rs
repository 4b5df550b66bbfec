//! The same requests in every payload format, to functions in Rust and in Go.

use serde_json::{Value, json};

use super::http_client::Response;
use super::watch_application::Application;

/// The functions that report their events with the types of their language.
const FUNCTIONS: [&str; 2] = ["users", "orders"];
const FORMATS: [&str; 5] = ["2.0", "http-api-1.0", "1.0", "alb", "alb-multi-value"];
const PNG: &[u8] = b"\x89P\0\xff";
const QUERY: &str = "x=1&x=2&y=a+b%2C&z=";

#[test]
fn events_and_answers_are_those_that_aws_documents() {
    let Some(application) = Application::start("", &[]) else {
        return;
    };
    for format in FORMATS {
        if format != "2.0" {
            application.set_routes(format, "");
        }
        for function in FUNCTIONS {
            a_request_with_everything_has_every_field(&application, format, function);
            binary_bodies_are_encoded(&application, format, function);
            requests_without_anything_are_complete(&application, format, function);
            responses_have_all_parts(&application, format, function);
            failures_are_answered(&application, format, function);
        }
        lambda_http_reads_every_format(&application, format);
        unknown_requests_are_answered(&application, format);
    }
    application.end();
}

/// The report of a function about an event.
#[track_caller]
fn report(response: &Response) -> Value {
    assert_eq!(response.head.status, 200, "{response:?}");
    assert_eq!(
        response.head.all("content-type"),
        ["application/json"],
        "{response:?}"
    );
    let report = response.json();
    assert_eq!(report["unknown"], json!([]), "{report:#}");
    report
}

fn a_request_with_everything_has_every_field(
    application: &Application,
    format: &str,
    function: &str,
) {
    let target = format!("/{function}/4%202/files/a%20b/%C3%BC?{QUERY}");
    let headers = [
        ("User-Agent", "test/1.0"),
        ("Content-Type", "application/json"),
        ("X-Many", "1"),
        ("x-many", "2"),
        ("Cookie", "a=1; b=2=3"),
        ("Connection", "keep-alive"),
    ];
    let response = application.request("PUT", &target, &headers, b"{\"\xc3\xbc\":1}");
    let report = report(&response);
    let event = &report["event"];
    let expected = expected_event(format, function, application.watching.port, event);
    assert_eq!(*event, expected, "{format}, {function}: {event:#}");
    assert_ids(format, event, &response);

    // The values that the types of each language read.
    assert_eq!(report["method"], "PUT");
    let parameters = match format {
        "alb" | "alb-multi-value" => Value::Null,
        "1.0" => json!({ "id": "4%202", "proxy": "a%20b/%C3%BC" }),
        _ => json!({ "id": "4 2", "proxy": "a b/ü" }),
    };
    assert_eq!(report["parameters"], parameters, "{report:#}");
    let (query, header, cookies) = match format {
        // aws_lambda_events splits the values.
        "2.0" if function == "users" => {
            (json!(["1", "2"]), json!(["1,2"]), json!(["a=1", "b=2=3"]))
        }
        "2.0" => (json!(["1,2"]), json!(["1,2"]), json!(["a=1", "b=2=3"])),
        "alb" => (json!(["2"]), json!(["2"]), json!(["a=1; b=2=3"])),
        _ => (json!(["1", "2"]), json!(["1", "2"]), json!(["a=1; b=2=3"])),
    };
    assert_eq!(report["query"], query, "{report:#}");
    assert_eq!(report["header"], header, "{report:#}");
    assert_eq!(report["cookies"], cookies, "{report:#}");
}

/// The whole event. IDs and times are those of `event`, because they are always different.
fn expected_event(format: &str, function: &str, port: u16, event: &Value) -> Value {
    let resource = format!("/{function}/{{id}}/files/{{proxy+}}");
    let encoded = format!("/{function}/4%202/files/a%20b/%C3%BC");
    let decoded = format!("/{function}/4 2/files/a b/ü");
    let context = &event["requestContext"];
    let trace_id = match format {
        "alb-multi-value" => &event["multiValueHeaders"]["x-amzn-trace-id"][0],
        "1.0" | "http-api-1.0" => &event["headers"]["X-Amzn-Trace-Id"],
        _ => &event["headers"]["x-amzn-trace-id"],
    };
    assert!(
        trace_id.as_str().unwrap().starts_with("Root=1-"),
        "{event:#}"
    );
    // All headers, with all of their values. Some formats leave out a few.
    let mut lists = json!({
        "content-type": ["application/json"],
        "content-length": ["8"],
        "cookie": ["a=1; b=2=3"],
        "host": [format!("localhost:{port}")],
        "user-agent": ["test/1.0"],
        "x-amzn-trace-id": [trace_id],
        "x-forwarded-for": ["127.0.0.1"],
        "x-forwarded-port": [port.to_string()],
        "x-forwarded-proto": ["http"],
        "x-many": ["1", "2"],
    });
    let mut last = json!({});
    for (name, values) in lists.as_object().unwrap() {
        last[name] = values.as_array().unwrap().last().unwrap().clone();
    }
    match format {
        "2.0" => {
            last["x-many"] = "1,2".into();
            remove(&mut last, "cookie");
            json!({
                "version": "2.0",
                "routeKey": format!("PUT {resource}"),
                "rawPath": decoded,
                "rawQueryString": QUERY,
                "cookies": ["a=1", "b=2=3"],
                "headers": last,
                "queryStringParameters": { "x": "1,2", "y": "a b,", "z": "" },
                "pathParameters": { "id": "4 2", "proxy": "a b/ü" },
                "requestContext": {
                    "accountId": "123456789012",
                    "apiId": "local",
                    "domainName": "localhost",
                    "domainPrefix": "local",
                    "http": {
                        "method": "PUT",
                        "path": decoded,
                        "protocol": "HTTP/1.1",
                        "sourceIp": "127.0.0.1",
                        "userAgent": "test/1.0",
                    },
                    "requestId": context["requestId"],
                    "routeKey": format!("PUT {resource}"),
                    "stage": "$default",
                    "time": context["time"],
                    "timeEpoch": context["timeEpoch"],
                },
                "body": "{\"ü\":1}",
                "isBase64Encoded": false,
            })
        }
        "1.0" | "http-api-1.0" => {
            let is_rest = format == "1.0";
            if is_rest {
                remove(&mut lists, "content-length");
                remove(&mut last, "content-length");
            }
            let path = if is_rest { &encoded } else { &decoded };
            let mut expected = json!({
                "resource": resource,
                "path": encoded,
                "httpMethod": "PUT",
                "headers": title_case(&last),
                "multiValueHeaders": title_case(&lists),
                "queryStringParameters": { "x": "2", "y": "a b,", "z": "" },
                "multiValueQueryStringParameters": { "x": ["1", "2"], "y": ["a b,"], "z": [""] },
                "requestContext": {
                    "accountId": "123456789012",
                    "apiId": "local",
                    "domainName": "localhost",
                    "domainPrefix": "local",
                    "extendedRequestId": context["extendedRequestId"],
                    "httpMethod": "PUT",
                    "identity": {
                        "accessKey": null,
                        "accountId": null,
                        "caller": null,
                        "cognitoAuthenticationProvider": null,
                        "cognitoAuthenticationType": null,
                        "cognitoIdentityId": null,
                        "cognitoIdentityPoolId": null,
                        "principalOrgId": null,
                        "sourceIp": "127.0.0.1",
                        "user": null,
                        "userAgent": "test/1.0",
                        "userArn": null,
                    },
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "requestId": context["requestId"],
                    "requestTime": context["requestTime"],
                    "requestTimeEpoch": context["requestTimeEpoch"],
                    "resourcePath": resource,
                },
                "pathParameters": { "id": "4%202", "proxy": "a%20b/%C3%BC" },
                "stageVariables": null,
                "body": "{\"ü\":1}",
                "isBase64Encoded": false,
            });
            let expected_context = &mut expected["requestContext"];
            if is_rest {
                expected_context["path"] = format!("/prod{encoded}").into();
                expected_context["stage"] = "prod".into();
                expected_context["resourceId"] = context["resourceId"].clone();
                expected_context["deploymentId"] = context["deploymentId"].clone();
            } else {
                expected_context["stage"] = "$default".into();
                expected_context["resourceId"] = format!("PUT {resource}").into();
                expected_context["identity"]["cognitoAmr"] = Value::Null;
                expected["version"] = "1.0".into();
                expected["pathParameters"] = json!({ "id": "4 2", "proxy": "a b/ü" });
            }
            expected
        }
        _ => {
            let arn = context["elb"]["targetGroupArn"].as_str().unwrap();
            let group = format!(
                "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/{function}/"
            );
            assert!(arn.starts_with(&group), "{arn}");
            let mut expected = json!({
                "requestContext": { "elb": { "targetGroupArn": arn } },
                "httpMethod": "PUT",
                "path": encoded,
                "body": "{\"ü\":1}",
                "isBase64Encoded": false,
            });
            // A load balancer does not decode parameters.
            if format == "alb" {
                expected["headers"] = last;
                expected["queryStringParameters"] = json!({ "x": "2", "y": "a+b%2C", "z": "" });
            } else {
                expected["multiValueHeaders"] = lists;
                expected["multiValueQueryStringParameters"] =
                    json!({ "x": ["1", "2"], "y": ["a+b%2C"], "z": [""] });
            }
            expected
        }
    }
}

/// The client learns the ID of the request that is in the event.
#[track_caller]
fn assert_ids(format: &str, event: &Value, response: &Response) {
    let header = match format {
        "2.0" | "http-api-1.0" => "apigw-requestid",
        "1.0" => "x-amzn-requestid",
        _ => return,
    };
    let id = event["requestContext"]["requestId"].as_str();
    assert!(id.is_some());
    assert_eq!(response.head.header(header), id, "{response:?}");
}

fn remove(object: &mut Value, key: &str) {
    object.as_object_mut().unwrap().remove(key);
}

/// The names of headers as HTTP/1.1 clients write them.
fn title_case(headers: &Value) -> Value {
    let headers = headers.as_object().unwrap().iter();
    let headers = headers.map(|(name, value)| {
        let words = name.split('-').map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_uppercase() + rest
        });
        (words.collect::<Vec<_>>().join("-"), value.clone())
    });
    headers.collect::<serde_json::Map<_, _>>().into()
}

fn binary_bodies_are_encoded(application: &Application, format: &str, function: &str) {
    let target = format!("/{function}/7/files/a");
    let headers = [("Content-Type", "image/png")];
    let report = report(&application.request("PUT", &target, &headers, PNG));
    let event = &report["event"];
    // The configuration of REST APIs has no binary types.
    let expected = if format == "1.0" {
        ("\u{fffd}P\0\u{fffd}".into(), false.into())
    } else {
        ("iVAA/w==".into(), true.into())
    };
    let body = (event["body"].clone(), event["isBase64Encoded"].clone());
    assert_eq!(body, expected, "{format}, {function}");
}

fn requests_without_anything_are_complete(application: &Application, format: &str, function: &str) {
    let report = report(&application.get(&format!("/{function}/7")));
    let event = &report["event"];
    let missing: Option<&Value> = None;
    let (null, empty, text) = (Some(Value::Null), Some(json!({})), Some(json!("")));
    let (query, multi_value_query, body) = match format {
        "2.0" => (missing, missing, missing),
        "1.0" | "http-api-1.0" => (null.as_ref(), null.as_ref(), null.as_ref()),
        "alb" => (empty.as_ref(), missing, text.as_ref()),
        _ => (missing, empty.as_ref(), text.as_ref()),
    };
    assert_eq!(event.get("queryStringParameters"), query, "{event:#}");
    let multiple = event.get("multiValueQueryStringParameters");
    assert_eq!(multiple, multi_value_query, "{event:#}");
    assert_eq!(event.get("body"), body, "{event:#}");
    assert_eq!(event["isBase64Encoded"], json!(false), "{event:#}");
    assert_eq!(event.get("cookies"), None, "{event:#}");
}

fn responses_have_all_parts(application: &Application, format: &str, function: &str) {
    let response = application.get(&format!("/{function}/7?answer=binary"));
    let head = &response.head;
    assert_eq!(head.status, 201, "{response:?}");
    assert_eq!(head.all("content-type"), ["image/png"], "{response:?}");
    let (many, cookies): (&[&str], &[&str]) = match format {
        "2.0" => (&["1,2"], &["a=1; Path=/", "b=2"]),
        // One value each: aws_lambda_events sends the first one.
        "alb" => (&["1"], &["a=1; Path=/"]),
        _ => (&["1", "2"], &["a=1; Path=/", "b=2"]),
    };
    assert_eq!(head.all("x-many"), many, "{format}: {response:?}");
    assert_eq!(head.all("set-cookie"), cookies, "{format}: {response:?}");
    let body: &[u8] = if format == "1.0" { b"iVAA/w==" } else { PNG };
    assert_eq!(response.body, body, "{format}: {response:?}");
    assert_eq!(head.all("content-length"), [body.len().to_string()]);
}

fn failures_are_answered(application: &Application, format: &str, function: &str) {
    for answer in ["fail", "inferred"] {
        let response = application.get(&format!("/{function}/7?answer={answer}"));
        let (status, content_type, body) = match (format, answer) {
            // Only format 2.0 infers the other parts of a response.
            ("2.0", "inferred") => (200, "application/json", r#"{"inferred":true}"#),
            ("2.0" | "http-api-1.0", _) => (
                500,
                "application/json",
                r#"{"message":"Internal Server Error"}"#,
            ),
            ("1.0", _) => (
                502,
                "application/json",
                r#"{"message": "Internal server error"}"#,
            ),
            _ => (502, "text/html", ""),
        };
        assert_eq!(response.head.status, status, "{format}: {response:?}");
        let types = response.head.all("content-type");
        assert_eq!(types, [content_type], "{format}: {response:?}");
        if content_type == "application/json" {
            assert_eq!(response.text(), body, "{format}");
        } else {
            assert!(response.text().contains("502 Bad Gateway"), "{response:?}");
        }
    }
}

fn lambda_http_reads_every_format(application: &Application, format: &str) {
    let headers = [("X-Many", "1"), ("X-Many", "2"), ("Cookie", "a=1; b=2")];
    let target = "/web/a%20b/c?x=1&x=2";
    let report = application.request("GET", target, &headers, b"").json();
    assert_eq!(report["method"], "GET");
    let (path, parameter) = match format {
        "2.0" => ("/web/a b/c", json!("a b/c")),
        "http-api-1.0" => ("/web/a%20b/c", json!("a b/c")),
        "1.0" => ("/web/a%20b/c", json!("a%20b/c")),
        _ => ("/web/a%20b/c", Value::Null),
    };
    assert_eq!(report["path"], path, "{format}: {report:#}");
    assert_eq!(report["parameter"], parameter, "{format}: {report:#}");
    let expected = if format == "alb" {
        json!(["2"])
    } else {
        json!(["1", "2"])
    };
    assert_eq!(report["query"], expected, "{format}: {report:#}");
    let expected = match format {
        "2.0" => json!(["1,2"]),
        "alb-multi-value" => json!(["1", "2"]),
        // lambda_http prefers the map with one value for each name.
        _ => json!(["2"]),
    };
    assert_eq!(report["header"], expected, "{format}: {report:#}");
    assert_eq!(
        report["cookies"],
        json!(["a=1; b=2"]),
        "{format}: {report:#}"
    );

    // A literal segment precedes a parameter.
    let report = application.get("/users/me").json();
    assert_eq!(report["path"], "/users/me", "{format}: {report:#}");

    let headers = [("Content-Type", "image/png")];
    let response = application.request("PUT", "/web/file", &headers, PNG);
    let head = &response.head;
    assert_eq!(head.status, 201, "{response:?}");
    assert_eq!(head.all("content-type"), ["image/png"], "{response:?}");
    // If a name can have only one value, lambda_http sends the first one, except for cookies.
    let (many, cookies): (&[&str], &[&str]) = match format {
        "2.0" => (&["1"], &["a=1; Path=/", "b=2"]),
        "alb" => (&["1"], &["a=1; Path=/"]),
        _ => (&["1", "2"], &["a=1; Path=/", "b=2"]),
    };
    assert_eq!(head.all("x-many"), many, "{format}: {response:?}");
    assert_eq!(head.all("set-cookie"), cookies, "{format}: {response:?}");
    // A REST API without binary types reads the body as text, and does not decode the response.
    let body: &[u8] = if format == "1.0" {
        b"77+9UADvv70="
    } else {
        PNG
    };
    assert_eq!(response.body, body, "{format}: {response:?}");
}

fn unknown_requests_are_answered(application: &Application, format: &str) {
    // The path has a route, but not for this method.
    let response = application.request("DELETE", "/users/7", &[], b"");
    let (status, text) = (response.head.status, response.text());
    let (expected, body) = match format {
        "2.0" => {
            let expected = json!({
                "routeKey": "$default",
                "path": "/users/7",
                "method": "DELETE",
                "parameters": null,
            });
            assert_eq!((status, response.json()), (200, expected));
            return;
        }
        "http-api-1.0" => (404, r#"{"message":"Not Found"}"#),
        "1.0" => (403, r#"{"message":"Missing Authentication Token"}"#),
        _ => (404, ""),
    };
    assert_eq!((status, &*text), (expected, body), "{format}");
    let error_type = response.head.header("x-amzn-errortype");
    let expected = (format == "1.0").then_some("MissingAuthenticationTokenException");
    assert_eq!(error_type, expected, "{format}");
}
