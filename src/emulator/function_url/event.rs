//! Events in payload format 2.0, of function URLs and of HTTP APIs.

use serde_json::{Map, Value, json};

use crate::emulator::http_request::{HttpRequest, MultiValues};
use crate::lambda::{DEFAULT_ROUTE, DEFAULT_STAGE};

/// The fields in which events of function URLs and of HTTP APIs differ.
#[derive(Debug)]
pub(in crate::emulator) struct EventOrigin<'a> {
    pub(in crate::emulator) account_id: &'a str,
    pub(in crate::emulator) route_key: &'a str,
    pub(in crate::emulator) stage: &'a str,
    pub(in crate::emulator) path: &'a str,
    pub(in crate::emulator) request_id: &'a str,
    pub(in crate::emulator) headers: MultiValues,
}

/// The event for a request to a function URL. It has `cookie` among its headers in
/// addition to `cookies`.
///
/// Sources: the documentation, the events that localstack recorded in
/// `tests/aws/services/lambda_/test_lambda.snapshot.json`, and
/// <https://github.com/aws/aws-lambda-web-adapter/issues/121>
pub(in crate::emulator) fn event(request: &HttpRequest<'_>) -> Value {
    let origin = EventOrigin {
        account_id: "anonymous",
        route_key: DEFAULT_ROUTE,
        stage: DEFAULT_STAGE,
        path: request.raw_path,
        request_id: request.request_id,
        headers: request.header_values(),
    };
    format_2(request, &origin)
}

/// An event in format 2.0. As in events of AWS, keys without a value are absent.
pub(in crate::emulator) fn format_2(request: &HttpRequest<'_>, origin: &EventOrigin<'_>) -> Value {
    let mut event = json!({
        "version": "2.0",
        "routeKey": origin.route_key,
        "rawPath": origin.path,
        "rawQueryString": request.raw_query,
        "headers": joined_headers(&origin.headers),
        "requestContext": {
            "accountId": origin.account_id,
            "apiId": request.api_id,
            "domainName": request.domain_name,
            "domainPrefix": request.api_id,
            "http": {
                "method": request.method.as_str(),
                "path": origin.path,
                "protocol": "HTTP/1.1",
                "sourceIp": request.source_ip.to_string(),
                "userAgent": request.user_agent().unwrap_or_default(),
            },
            "requestId": origin.request_id,
            "routeKey": origin.route_key,
            "stage": origin.stage,
            "time": request.log_time(),
            "timeEpoch": request.epoch_millis(),
        },
        "isBase64Encoded": false,
    });
    let cookies = request.cookies();
    if !cookies.is_empty() {
        event["cookies"] = cookies.into();
    }
    let parameters = request.query_values();
    if !parameters.is_empty() {
        let joined = parameters.into_iter();
        let joined = joined.map(|(name, values)| (name, Value::from(values.join(","))));
        event["queryStringParameters"] = joined.collect();
    }
    if !request.body.is_empty() {
        let (body, is_encoded) = request.encoded_body();
        event["body"] = body.into();
        event["isBase64Encoded"] = is_encoded.into();
    }
    event
}

fn joined_headers(headers: &MultiValues) -> Map<String, Value> {
    let joined = headers.iter().map(|(name, values)| {
        let separator = if name == "cookie" { "; " } else { "," };
        (name.clone(), values.join(separator).into())
    });
    joined.collect()
}

#[cfg(test)]
mod tests {
    use hyper::http::HeaderMap;

    use super::*;
    use crate::emulator::http_request::fixture::{headers, request};

    #[test]
    fn the_event_has_every_field_of_the_documentation() {
        let headers = headers(&[
            ("Host", b"api.localhost:9000"),
            ("User-Agent", b"test/1"),
            ("Content-Type", b"Application/JSON; charset=utf-8"),
            ("Accept", b"text/html"),
            ("Accept", b"*/*"),
            ("Cookie", b"a=1; b=\"2;"),
            ("Cookie", b"c=3"),
            ("Connection", b"keep-alive"),
            ("X-Forwarded-For", b"203.0.113.1"),
        ]);
        let query = "q=query&multi=foo&multi=%2Fbar+b&flag&=&q%20=1";
        let event = super::event(&request(&headers, query, b"{\"foo\": \"bar\"}"));
        let expected = json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": "/pa2%Fth/%C3%A9",
            "rawQueryString": query,
            "cookies": ["a=1", "b=\"2", "c=3"],
            "headers": {
                "accept": "text/html,*/*",
                "content-type": "Application/JSON; charset=utf-8",
                "cookie": "a=1; b=\"2;; c=3",
                "host": "api.localhost:9000",
                "user-agent": "test/1",
                "x-amzn-trace-id": "Root=1-5e6a8f2e-0123456789abcdef01234567",
                "x-forwarded-for": "127.0.0.1",
                "x-forwarded-port": "9000",
                "x-forwarded-proto": "http",
            },
            "queryStringParameters": {
                "": "",
                "flag": "",
                "multi": "foo,/bar b",
                "q": "query",
                "q ": "1",
            },
            "requestContext": {
                "accountId": "anonymous",
                "apiId": "api",
                "domainName": "api.localhost",
                "domainPrefix": "api",
                "http": {
                    "method": "POST",
                    "path": "/pa2%Fth/%C3%A9",
                    "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1",
                    "userAgent": "test/1",
                },
                "requestId": "0f1e2d3c-4b5a-4968-8776-958473625140",
                "routeKey": "$default",
                "stage": "$default",
                "time": "12/Mar/2020:19:03:58 +0000",
                "timeEpoch": 1_584_039_838_390_u64,
            },
            "body": "{\"foo\": \"bar\"}",
            "isBase64Encoded": false,
        });
        assert_eq!(event, expected, "{event:#}");
    }

    #[test]
    fn keys_without_a_value_are_absent() {
        let event = super::event(&request(&HeaderMap::new(), "", b""));
        let keys: Vec<_> = event.as_object().unwrap().keys().collect();
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
        assert_eq!(event["isBase64Encoded"], false);
        assert_eq!(event["requestContext"]["http"]["userAgent"], "");
    }

    #[test]
    fn bytes_that_are_not_utf_8_do_not_fail() {
        let headers = headers(&[
            ("x-latin", b"caf\xe9"),
            ("x-utf", "café".as_bytes()),
            ("cookie", b"a=\xff"),
            ("user-agent", b"\xff"),
            ("content-type", b"text/\xff"),
        ]);
        let event = super::event(&request(&headers, "a=%ff&%FE=1", b"\xff"));
        assert_eq!(event["headers"]["x-latin"], "café");
        assert_eq!(event["headers"]["x-utf"], "café");
        assert_eq!(event["cookies"], json!(["a=ÿ"]));
        assert_eq!(event["requestContext"]["http"]["userAgent"], "ÿ");
        assert_eq!(event["queryStringParameters"]["a"], "\u{fffd}");
        assert_eq!(event["body"], "/w==");
    }
}
