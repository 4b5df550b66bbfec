//! Events of application load balancers.
//!
//! Source:
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html>

use hyper::http::header::CONTENT_ENCODING;
use serde_json::{Value, json};
use xxhash_rust::xxh3::xxh3_64;

use crate::emulator::api::event_1::last_values;
use crate::emulator::environment::REGION;
use crate::emulator::http_request::HttpRequest;
use crate::emulator::ids;

/// The event of a target group with the default settings. Of several values, the last one
/// counts.
pub(super) fn event(request: &HttpRequest<'_>, function: &str) -> Value {
    let mut event = common(request, function);
    event["headers"] = last_values(&request.proxied_header_values()).into();
    event["queryStringParameters"] = last_values(&request.encoded_query_values()).into();
    event
}

/// The event of a target group that has multi-value headers enabled. It has only the keys for
/// several values.
///
/// Source: `vokerhttp/testdata/alb-request.json` in hotsock/voker, which AWS sent.
pub(super) fn multi_value_event(request: &HttpRequest<'_>, function: &str) -> Value {
    let mut event = common(request, function);
    event["multiValueHeaders"] = json!(request.proxied_header_values());
    event["multiValueQueryStringParameters"] = json!(request.encoded_query_values());
    event
}

fn common(request: &HttpRequest<'_>, function: &str) -> Value {
    let (body, is_encoded) = if request.body.is_empty() {
        (String::new(), false)
    } else if request.headers.contains_key(CONTENT_ENCODING) {
        (request.base64_body(), true)
    } else {
        request.encoded_body()
    };
    json!({
        "requestContext": {"elb": {"targetGroupArn": target_group_arn(function)}},
        "httpMethod": request.method.as_str(),
        "path": request.raw_path,
        "body": body,
        "isBase64Encoded": is_encoded,
    })
}

/// The ARN of a target group that is called like the function, as far as its name can be.
fn target_group_arn(function: &str) -> String {
    const LONGEST_NAME: usize = 32;
    let name = function.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let name: String = name.chars().take(LONGEST_NAME).collect();
    let id = xxh3_64(function.as_bytes());
    let account = ids::ACCOUNT;
    format!("arn:aws:elasticloadbalancing:{REGION}:{account}:targetgroup/{name}/{id:016x}")
}

#[cfg(test)]
mod tests {
    use hyper::http::HeaderMap;

    use super::*;
    use crate::emulator::api::fixture::{event_of, route};
    use crate::emulator::http_request::fixture::headers;
    use crate::lambda::PayloadFormat;

    const QUERY: &str = "repeat=one&repeat=two&redirect=https%3A%2F%2Fa%2Fb&plus=a+b&empty";

    fn sent_headers() -> HeaderMap {
        headers(&[
            ("Host", b"api.localhost:9000"),
            ("Content-Type", b"application/json"),
            ("X-Probe", b"first"),
            ("X-Probe", b"second"),
            ("Cookie", b"a=1"),
            ("Cookie", b"b=2"),
            ("X-Forwarded-For", b"203.0.113.1"),
        ])
    }

    fn expected() -> Value {
        json!({
            "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:\
                us-east-1:123456789012:targetgroup/my-function/1111111111111111"}},
            "httpMethod": "POST",
            "path": "/a/%C3%A9%20x",
            "body": "{\"a\":1}",
            "isBase64Encoded": false,
        })
    }

    /// The event without the part of the ARN that is a hash.
    fn event(payload: PayloadFormat) -> Value {
        let mut settings = route("POST /a/{proxy+}", payload, None);
        settings.function = "my_function".to_owned();
        let body = b"{\"a\":1}";
        let mut event = event_of(settings, "/a/%C3%A9%20x", (&sent_headers(), QUERY, body));
        let arn = &mut event["requestContext"]["elb"]["targetGroupArn"];
        let (name, id) = arn.as_str().unwrap().rsplit_once('/').unwrap();
        assert_eq!(id.len(), 16);
        *arn = format!("{name}/{}", "1".repeat(16)).into();
        event
    }

    #[test]
    fn the_last_value_counts_by_default() {
        let mut expected = expected();
        expected["headers"] = json!({
            "content-type": "application/json",
            "cookie": "b=2",
            "host": "api.localhost:9000",
            "x-amzn-trace-id": "Root=1-5e6a8f2e-0123456789abcdef01234567",
            "x-forwarded-for": "203.0.113.1, 127.0.0.1",
            "x-forwarded-port": "9000",
            "x-forwarded-proto": "http",
            "x-probe": "second",
        });
        expected["queryStringParameters"] = json!({
            "empty": "",
            "plus": "a+b",
            "redirect": "https%3A%2F%2Fa%2Fb",
            "repeat": "two",
        });
        let event = event(PayloadFormat::Alb);
        assert_eq!(event, expected, "{event:#}");
    }

    #[test]
    fn all_values_are_sent_if_they_are_enabled() {
        let mut expected = expected();
        expected["multiValueHeaders"] = json!({
            "content-type": ["application/json"],
            "cookie": ["a=1", "b=2"],
            "host": ["api.localhost:9000"],
            "x-amzn-trace-id": ["Root=1-5e6a8f2e-0123456789abcdef01234567"],
            "x-forwarded-for": ["203.0.113.1, 127.0.0.1"],
            "x-forwarded-port": ["9000"],
            "x-forwarded-proto": ["http"],
            "x-probe": ["first", "second"],
        });
        expected["multiValueQueryStringParameters"] = json!({
            "empty": [""],
            "plus": ["a+b"],
            "redirect": ["https%3A%2F%2Fa%2Fb"],
            "repeat": ["one", "two"],
        });
        let event = event(PayloadFormat::AlbMultiValue);
        assert_eq!(event, expected, "{event:#}");
    }

    #[test]
    fn requests_without_values_have_empty_ones() {
        let no_headers = HeaderMap::new();
        let event = |payload| event_of(route("/", payload, None), "/", (&no_headers, "", b""));
        let single = event(PayloadFormat::Alb);
        assert_eq!(single["queryStringParameters"], json!({}));
        assert_eq!(single["body"], "");
        assert_eq!(single["isBase64Encoded"], false);
        let multi = event(PayloadFormat::AlbMultiValue);
        assert_eq!(multi["multiValueQueryStringParameters"], json!({}));
    }

    #[test]
    fn compressed_and_binary_bodies_are_encoded() {
        let body = |pairs: &[(&str, &[u8])]| {
            let headers = headers(pairs);
            let settings = route("/", PayloadFormat::Alb, None);
            let event = event_of(settings, "/", (&headers, "", b"a"));
            (event["body"].clone(), event["isBase64Encoded"].clone())
        };
        let json = ("content-type", &b"application/json"[..]);
        assert_eq!(body(&[json]), ("a".into(), false.into()));
        let compressed = [json, ("content-encoding", b"gzip")];
        assert_eq!(body(&compressed), ("YQ==".into(), true.into()));
        assert_eq!(body(&[]), ("YQ==".into(), true.into()));
    }
}
