//! The event for an HTTP request, in payload format 2.0.

use std::net::IpAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::http::header::{CONTENT_TYPE, COOKIE, HeaderName, USER_AGENT};
use hyper::http::{HeaderMap, HeaderValue, Method};
use serde_json::{Map, Value, json};

use crate::emulator::function_url::response_head::is_hop_by_hop;
use crate::emulator::percent;

/// An HTTP request for a function.
#[derive(Debug, Clone, Copy)]
pub(in crate::emulator) struct UrlRequest<'a> {
    pub(in crate::emulator) method: &'a Method,
    /// The encoded path, without a prefix that names the function.
    pub(in crate::emulator) raw_path: &'a str,
    /// The encoded query, without the question mark.
    pub(in crate::emulator) raw_query: &'a str,
    pub(in crate::emulator) headers: &'a HeaderMap,
    pub(in crate::emulator) body: &'a [u8],
    /// The name of the function, which takes the place of the ID of a function URL.
    pub(in crate::emulator) function: &'a str,
    /// The host of the function URL, without a port.
    pub(in crate::emulator) domain_name: &'a str,
    pub(in crate::emulator) port: u16,
    pub(in crate::emulator) source_ip: IpAddr,
    pub(in crate::emulator) request_id: &'a str,
    /// The X-Ray trace ID, as the function receives it.
    pub(in crate::emulator) trace_id: &'a str,
    pub(in crate::emulator) time: SystemTime,
}

impl UrlRequest<'_> {
    /// The event. As in events of AWS, keys without a value are absent.
    ///
    /// Sources: the documentation, and the events that localstack recorded in
    /// `tests/aws/services/lambda_/test_lambda.snapshot.json`.
    pub(in crate::emulator) fn event(&self) -> Value {
        let mut event = json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": self.raw_path,
            "rawQueryString": self.raw_query,
            "headers": self.event_headers(),
            "requestContext": self.context(),
            "isBase64Encoded": false,
        });
        let cookies = self.cookies();
        if !cookies.is_empty() {
            event["cookies"] = cookies.into();
        }
        let parameters = self.query_parameters();
        if !parameters.is_empty() {
            event["queryStringParameters"] = parameters.into();
        }
        if !self.body.is_empty() {
            let text = self.text_body();
            event["isBase64Encoded"] = text.is_none().into();
            event["body"] = match text {
                Some(text) => text.into(),
                None => STANDARD.encode(self.body).into(),
            };
        }
        event
    }

    fn context(&self) -> Value {
        let since_epoch = self.time.duration_since(UNIX_EPOCH).unwrap_or_default();
        let user_agent = self.headers.get(USER_AGENT).map(header_text);
        json!({
            "accountId": "anonymous",
            "apiId": self.function,
            "domainName": self.domain_name,
            "domainPrefix": self.function,
            "http": {
                "method": self.method.as_str(),
                "path": self.raw_path,
                "protocol": "HTTP/1.1",
                "sourceIp": self.source_ip.to_string(),
                "userAgent": user_agent.unwrap_or_default(),
            },
            "requestId": self.request_id,
            "routeKey": "$default",
            "stage": "$default",
            "time": log_time(self.time),
            "timeEpoch": u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX),
        })
    }

    /// The headers of the request, and those that AWS adds. Function URLs keep `cookie`,
    /// although the event has the cookies, too.
    ///
    /// Source: <https://github.com/aws/aws-lambda-web-adapter/issues/121>
    fn event_headers(&self) -> Map<String, Value> {
        let names = self.headers.keys().filter(|name| !is_hop_by_hop(name));
        let sent = names.map(|name| (name.as_str().to_owned(), self.joined(name)));
        let root = self.trace_id.split(';').next().unwrap_or_default();
        let added = [
            ("x-amzn-trace-id", root.to_owned()),
            ("x-forwarded-for", self.source_ip.to_string()),
            ("x-forwarded-port", self.port.to_string()),
            ("x-forwarded-proto", "http".to_owned()),
        ];
        let added = added.map(|(name, value)| (name.to_owned(), value));
        sent.chain(added)
            .map(|(name, value)| (name, value.into()))
            .collect()
    }

    /// All values of a header.
    fn joined(&self, name: &HeaderName) -> String {
        let values = self.headers.get_all(name).iter().map(header_text);
        let separator = if name == COOKIE { "; " } else { "," };
        values.collect::<Vec<_>>().join(separator)
    }

    fn cookies(&self) -> Vec<String> {
        let headers = self.headers.get_all(COOKIE).iter().map(header_text);
        let pairs = headers.flat_map(|header| {
            let pairs = header.split(';').map(str::trim).map(str::to_owned);
            pairs.collect::<Vec<_>>()
        });
        pairs.filter(|pair| !pair.is_empty()).collect()
    }

    /// The decoded parameters. Values of the same name are joined.
    fn query_parameters(&self) -> Map<String, Value> {
        let mut joined = Map::new();
        for (name, value) in percent::query_parameters(self.raw_query) {
            match joined.get_mut(&name) {
                Some(Value::String(values)) => {
                    values.push(',');
                    values.push_str(&value);
                }
                _ => {
                    joined.insert(name, value.into());
                }
            }
        }
        joined
    }

    /// The body, if it is text. It is not if its bytes are not UTF-8, such as those of
    /// compressed JSON.
    ///
    /// Source: <https://github.com/ministackorg/ministack/pull/766>, which compared API
    /// Gateway, whose format this is. Forms and bodies without a type are binary.
    fn text_body(&self) -> Option<&str> {
        let content_type = header_text(self.headers.get(CONTENT_TYPE)?).to_ascii_lowercase();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        let is_text = media_type.starts_with("text/")
            || matches!(
                media_type,
                "application/json" | "application/javascript" | "application/xml"
            );
        std::str::from_utf8(self.body).ok().filter(|_| is_text)
    }
}

/// The value of a header as text. HTTP does not define an encoding for other characters than
/// those of ASCII. Bytes that are not UTF-8 are read as Latin-1, which never fails.
fn header_text(value: &HeaderValue) -> String {
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => text.to_owned(),
        Err(_) => value.as_bytes().iter().copied().map(char::from).collect(),
    }
}

/// A time in the format of access logs.
fn log_time(time: SystemTime) -> String {
    let time = jiff::Timestamp::try_from(time).unwrap_or_default();
    time.strftime("%d/%b/%Y:%H:%M:%S %z").to_string()
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use super::*;

    fn request<'a>(headers: &'a HeaderMap, query: &'a str, body: &'a [u8]) -> UrlRequest<'a> {
        UrlRequest {
            method: &Method::POST,
            raw_path: "/pa2%Fth/%C3%A9",
            raw_query: query,
            headers,
            body,
            function: "api",
            domain_name: "api.localhost",
            port: 9000,
            source_ip: Ipv4Addr::LOCALHOST.into(),
            request_id: "id",
            trace_id: "Root=1-5e6a8f2e-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0",
            time: UNIX_EPOCH + Duration::from_nanos(1_584_039_838_390_999_999),
        }
    }

    fn headers(pairs: &[(&str, &[u8])]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            headers.append(name, HeaderValue::from_bytes(value).unwrap());
        }
        headers
    }

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
        let event = request(&headers, query, b"{\"foo\": \"bar\"}").event();
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
                "requestId": "id",
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
        let event = request(&HeaderMap::new(), "", b"").event();
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
    fn only_text_in_utf_8_is_not_encoded() {
        let body = |content_type: Option<&str>, body: &[u8]| {
            let pairs = content_type.map(|value| ("content-type", value.as_bytes()));
            let headers = headers(pairs.as_slice());
            let event = request(&headers, "", body).event();
            (event["body"].clone(), event["isBase64Encoded"].clone())
        };
        for text in [
            "text/plain",
            "text/html;charset=utf-8",
            "application/json",
            "APPLICATION/XML ; x=y",
            "application/javascript",
        ] {
            assert_eq!(
                body(Some(text), "é".as_bytes()),
                ("é".into(), false.into()),
                "{text}"
            );
            assert_eq!(
                body(Some(text), b"\xe9"),
                ("6Q==".into(), true.into()),
                "{text}"
            );
        }
        for binary in [
            None,
            Some(""),
            Some("application/x-www-form-urlencoded"),
            Some("multipart/form-data; boundary=x"),
            Some("application/octet-stream"),
            Some("application/jsonp"),
        ] {
            assert_eq!(
                body(binary, b"a=1"),
                ("YT0x".into(), true.into()),
                "{binary:?}"
            );
        }
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
        let event = request(&headers, "a=%ff&%FE=1", b"\xff").event();
        assert_eq!(event["headers"]["x-latin"], "café");
        assert_eq!(event["headers"]["x-utf"], "café");
        assert_eq!(event["cookies"], json!(["a=ÿ"]));
        assert_eq!(event["requestContext"]["http"]["userAgent"], "ÿ");
        assert_eq!(event["queryStringParameters"]["a"], "\u{fffd}");
        assert_eq!(event["body"], "/w==");
    }

    #[test]
    fn times_before_1970_do_not_fail() {
        let headers = HeaderMap::new();
        let request = UrlRequest {
            time: UNIX_EPOCH - Duration::from_secs(1),
            ..request(&headers, "", b"")
        };
        let event = request.event();
        assert_eq!(event["requestContext"]["timeEpoch"], 0);
        assert_eq!(
            event["requestContext"]["time"],
            "31/Dec/1969:23:59:59 +0000"
        );
    }
}
