//! An HTTP request for a function, and the parts that events of all formats have in common.
//!
//! In: the parts of a request. Out: its headers, cookies, parameters, body, and time, as events
//! have them. Left to others: the format of an event, and routes.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::http::header::{
    CONNECTION, CONTENT_TYPE, COOKIE, HeaderName, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE,
    TRAILER, TRANSFER_ENCODING, UPGRADE, USER_AGENT,
};
use hyper::http::{HeaderMap, HeaderValue, Method};

use crate::emulator::percent;

/// An HTTP request for a function.
#[derive(Debug, Clone, Copy)]
pub(in crate::emulator) struct HttpRequest<'a> {
    pub(in crate::emulator) method: &'a Method,
    /// The encoded path, without a prefix that names the function or the stage.
    pub(in crate::emulator) raw_path: &'a str,
    /// The encoded query, without the question mark.
    pub(in crate::emulator) raw_query: &'a str,
    pub(in crate::emulator) headers: &'a HeaderMap,
    pub(in crate::emulator) body: &'a [u8],
    /// The ID of the API. The name of the function takes the place of a function URL's ID.
    pub(in crate::emulator) api_id: &'a str,
    /// The host, without a port.
    pub(in crate::emulator) domain_name: &'a str,
    pub(in crate::emulator) port: u16,
    pub(in crate::emulator) source_ip: IpAddr,
    pub(in crate::emulator) request_id: &'a str,
    /// The X-Ray trace ID, as the function receives it.
    pub(in crate::emulator) trace_id: &'a str,
    pub(in crate::emulator) time: SystemTime,
}

/// The values of headers or parameters, by name.
pub(in crate::emulator) type MultiValues = BTreeMap<String, Vec<String>>;

impl HttpRequest<'_> {
    /// The values of the headers by their names in lower case, and those that AWS adds. Headers
    /// of the connection are left out.
    pub(in crate::emulator) fn header_values(&self) -> MultiValues {
        let names = self.headers.keys().filter(|name| !is_hop_by_hop(name));
        let sent = names.map(|name| (name.as_str().to_owned(), self.values(name)));
        let root = self.trace_id.split(';').next().unwrap_or_default();
        let added = [
            ("x-amzn-trace-id", root.to_owned()),
            ("x-forwarded-for", self.source_ip.to_string()),
            ("x-forwarded-port", self.port.to_string()),
            ("x-forwarded-proto", "http".to_owned()),
        ];
        let added = added.map(|(name, value)| (name.to_owned(), vec![value]));
        sent.chain(added).collect()
    }

    /// The same, but with the addresses of earlier proxies in `x-forwarded-for`. API Gateway and
    /// load balancers keep them, and function URLs do not.
    pub(in crate::emulator) fn proxied_header_values(&self) -> MultiValues {
        let mut addresses = self.values(&HeaderName::from_static("x-forwarded-for"));
        addresses.push(self.source_ip.to_string());
        let mut values = self.header_values();
        values.insert("x-forwarded-for".to_owned(), vec![addresses.join(", ")]);
        values
    }

    fn values(&self, name: &HeaderName) -> Vec<String> {
        let values = self.headers.get_all(name).iter().map(header_text);
        values.collect()
    }

    /// The pairs of all `cookie` headers.
    pub(in crate::emulator) fn cookies(&self) -> Vec<String> {
        let headers = self.headers.get_all(COOKIE).iter().map(header_text);
        let pairs = headers.flat_map(|header| {
            let pairs = header.split(';').map(str::trim).map(str::to_owned);
            pairs.collect::<Vec<_>>()
        });
        pairs.filter(|pair| !pair.is_empty()).collect()
    }

    /// The decoded parameters of the query.
    pub(in crate::emulator) fn query_values(&self) -> MultiValues {
        multi_values(percent::query_parameters(self.raw_query))
    }

    /// The parameters of the query as the client sent them.
    pub(in crate::emulator) fn encoded_query_values(&self) -> MultiValues {
        let pairs = percent::encoded_parameters(self.raw_query);
        multi_values(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())))
    }

    pub(in crate::emulator) fn user_agent(&self) -> Option<String> {
        self.headers.get(USER_AGENT).map(header_text)
    }

    /// The body as text, and whether it is encoded. It is encoded if its type is not a text
    /// type, or if its bytes are not UTF-8, such as those of compressed JSON.
    ///
    /// Source: <https://github.com/ministackorg/ministack/pull/766>, which compared API
    /// Gateway. Forms and bodies without a type are binary.
    pub(in crate::emulator) fn encoded_body(&self) -> (String, bool) {
        let media_type = self.media_type();
        let is_text = media_type.starts_with("text/")
            || matches!(
                &media_type[..],
                "application/json" | "application/javascript" | "application/xml"
            );
        match std::str::from_utf8(self.body) {
            Ok(text) if is_text => (text.to_owned(), false),
            _ => (self.base64_body(), true),
        }
    }

    pub(in crate::emulator) fn base64_body(&self) -> String {
        STANDARD.encode(self.body)
    }

    /// The type of the body in lower case and without parameters, or nothing.
    pub(in crate::emulator) fn media_type(&self) -> String {
        let content_type = self.headers.get(CONTENT_TYPE).map(header_text);
        let content_type = content_type.unwrap_or_default().to_ascii_lowercase();
        let media_type = content_type.split(';').next().unwrap_or_default();
        media_type.trim().to_owned()
    }

    /// The time in the format of access logs.
    pub(in crate::emulator) fn log_time(&self) -> String {
        let time = jiff::Timestamp::try_from(self.time).unwrap_or_default();
        time.strftime("%d/%b/%Y:%H:%M:%S %z").to_string()
    }

    /// The time in milliseconds since 1970.
    pub(in crate::emulator) fn epoch_millis(&self) -> u64 {
        let since_epoch = self.time.duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
    }
}

fn multi_values(pairs: impl Iterator<Item = (String, String)>) -> MultiValues {
    let mut values = MultiValues::new();
    for (name, value) in pairs {
        values.entry(name).or_default().push(value);
    }
    values
}

/// The value of a header as text. HTTP does not define an encoding for other characters than
/// those of ASCII. Bytes that are not UTF-8 are read as Latin-1, which never fails.
fn header_text(value: &HeaderValue) -> String {
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => text.to_owned(),
        Err(_) => value.as_bytes().iter().copied().map(char::from).collect(),
    }
}

/// Headers that belong to one connection and are not passed on.
pub(in crate::emulator) fn is_hop_by_hop(name: &HeaderName) -> bool {
    [
        CONNECTION,
        PROXY_AUTHENTICATE,
        PROXY_AUTHORIZATION,
        TE,
        TRAILER,
        TRANSFER_ENCODING,
        UPGRADE,
    ]
    .contains(name)
        || ["keep-alive", "proxy-connection"].contains(&name.as_str())
}

/// Requests for tests.
#[cfg(test)]
pub(in crate::emulator) mod fixture {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use super::*;

    pub(in crate::emulator) const TRACE_ID: &str =
        "Root=1-5e6a8f2e-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0";

    pub(in crate::emulator) fn request<'a>(
        headers: &'a HeaderMap,
        query: &'a str,
        body: &'a [u8],
    ) -> HttpRequest<'a> {
        HttpRequest {
            method: &Method::POST,
            raw_path: "/pa2%Fth/%C3%A9",
            raw_query: query,
            headers,
            body,
            api_id: "api",
            domain_name: "api.localhost",
            port: 9000,
            source_ip: Ipv4Addr::LOCALHOST.into(),
            request_id: "0f1e2d3c-4b5a-4968-8776-958473625140",
            trace_id: TRACE_ID,
            time: UNIX_EPOCH + Duration::from_nanos(1_584_039_838_390_999_999),
        }
    }

    pub(in crate::emulator) fn headers(pairs: &[(&str, &[u8])]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            headers.append(name, HeaderValue::from_bytes(value).unwrap());
        }
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::fixture::{headers, request};
    use super::*;

    #[test]
    fn only_text_in_utf_8_is_not_encoded() {
        let body = |content_type: Option<&str>, body: &[u8]| {
            let pairs = content_type.map(|value| ("content-type", value.as_bytes()));
            let headers = headers(pairs.as_slice());
            request(&headers, "", body).encoded_body()
        };
        for text in [
            "text/plain",
            "text/html;charset=utf-8",
            "application/json",
            "APPLICATION/XML ; x=y",
            "application/javascript",
        ] {
            assert_eq!(body(Some(text), "é".as_bytes()), ("é".into(), false));
            assert_eq!(body(Some(text), b"\xe9"), ("6Q==".into(), true), "{text}");
        }
        for binary in [
            None,
            Some(""),
            Some("application/x-www-form-urlencoded"),
            Some("multipart/form-data; boundary=x"),
            Some("application/octet-stream"),
            Some("application/jsonp"),
        ] {
            assert_eq!(body(binary, b"a=1"), ("YT0x".into(), true), "{binary:?}");
        }
    }

    #[test]
    fn proxies_are_listed_before_the_client() {
        let headers = headers(&[
            ("X-Forwarded-For", b"203.0.113.1, 203.0.113.2"),
            ("x-forwarded-for", b"203.0.113.3"),
            ("x-forwarded-proto", b"https"),
            ("connection", b"close"),
        ]);
        let request = request(&headers, "", b"");
        let expected = [
            (
                "x-amzn-trace-id",
                "Root=1-5e6a8f2e-0123456789abcdef01234567",
            ),
            (
                "x-forwarded-for",
                "203.0.113.1, 203.0.113.2, 203.0.113.3, 127.0.0.1",
            ),
            ("x-forwarded-port", "9000"),
            ("x-forwarded-proto", "http"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), vec![value.to_owned()]));
        assert_eq!(request.proxied_header_values(), expected.into());
        assert_eq!(request.header_values()["x-forwarded-for"], ["127.0.0.1"]);
    }

    #[test]
    fn times_before_1970_do_not_fail() {
        let headers = HeaderMap::new();
        let request = HttpRequest {
            time: UNIX_EPOCH - std::time::Duration::from_secs(1),
            ..request(&headers, "", b"")
        };
        assert_eq!(request.epoch_millis(), 0);
        assert_eq!(request.log_time(), "31/Dec/1969:23:59:59 +0000");
    }
}
