//! The HTTP response for a function's response in one piece.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use hyper::http::StatusCode;
use serde::de::IgnoredAny;

use crate::emulator::function_url::response_head::{Members, ResponseHead, member};

/// A whole HTTP response, read from a function's response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionResponse {
    pub head: ResponseHead,
    pub body: Bytes,
}

/// The type of a body for which the function names none, as recorded by localstack in
/// `test_lambda_url_invocation`.
const DEFAULT_CONTENT_TYPE: &str = "application/json";

/// The same for HTTP APIs, if the response has a status.
const HTTP_API_CONTENT_TYPE: &str = "text/plain; charset=utf-8";

/// Padding can be missing.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl FunctionResponse {
    /// Reads the response of a function behind a function URL, in format 2.0. JSON without
    /// `statusCode` is a body itself, and a string arrives without its quotation marks, as
    /// recorded by localstack. An invalid response is reported with the reason.
    pub fn from_payload(payload: &Bytes) -> Result<Self, String> {
        let text = text(payload)?;
        match members_with_status(text) {
            Some(members) => Self::from_members(&members, DEFAULT_CONTENT_TYPE),
            None => Ok(Self::from_body(whole_body(payload, text)?)),
        }
    }

    /// Reads the response of a function behind an HTTP API, in format 2.0. Bytes that are not
    /// JSON are also a body.
    ///
    /// Source: `InvokeResponseExtensionsTests.cs` and the responses of AWS for it, in
    /// `Tools/LambdaTestTool-v2/tests/` of aws/aws-lambda-dotnet.
    pub(in crate::emulator) fn from_http_api_payload(payload: &Bytes) -> Result<Self, String> {
        let text = text(payload);
        if let Ok(text) = &text
            && let Some(members) = members_with_status(text)
        {
            return Self::from_members(&members, HTTP_API_CONTENT_TYPE);
        }
        let body = text.and_then(|text| whole_body(payload, text));
        Ok(Self::from_body(body.unwrap_or_else(|_| payload.clone())))
    }

    fn from_members(
        members: &Members<'_>,
        default_content_type: &'static str,
    ) -> Result<Self, String> {
        let head = ResponseHead::from_members(members, default_content_type)?;
        let body = body(members, head.status, true)?;
        Ok(Self { head, body })
    }

    fn from_body(body: Bytes) -> Self {
        let head = ResponseHead::new(DEFAULT_CONTENT_TYPE);
        Self { head, body }
    }
}

/// The text of a response, without the white space around it.
pub(in crate::emulator) fn text(payload: &Bytes) -> Result<&str, String> {
    match std::str::from_utf8(payload) {
        Ok(text) => Ok(text.trim_matches([' ', '\t', '\r', '\n'])),
        Err(error) => Err(not_json(error)),
    }
}

fn members_with_status(text: &str) -> Option<Members<'_>> {
    let members = serde_json::from_str::<Members<'_>>(text).ok()?;
    member(&members, "statusCode").is_some().then_some(members)
}

/// The body that a response without a status is.
fn whole_body(payload: &Bytes, text: &str) -> Result<Bytes, String> {
    if text.starts_with('"') {
        let string = serde_json::from_str::<String>(text);
        return string.map(Bytes::from).map_err(not_json);
    }
    if text.is_empty() {
        return Ok(Bytes::new());
    }
    serde_json::from_str::<IgnoredAny>(text).map_err(not_json)?;
    Ok(payload.slice_ref(text.as_bytes()))
}

/// The member `body`. A body in base64 is decoded if `decodes` says so.
pub(in crate::emulator) fn body(
    members: &Members<'_>,
    status: StatusCode,
    decodes: bool,
) -> Result<Bytes, String> {
    let is_base64 = match member(members, "isBase64Encoded") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err("`isBase64Encoded` must be `true` or `false`".to_owned()),
    };
    let text = member(members, "body").map_or(Ok(String::new()), |json| {
        serde_json::from_str::<String>(json)
            .map_err(|_| "`body` must be a string; convert it to JSON text first".to_owned())
    })?;
    let body: Bytes = if is_base64 && decodes {
        BASE64
            .decode(text)
            .map_err(|error| format!("`body` is not valid base64: {error}"))?
            .into()
    } else {
        text.into()
    };
    // These responses end after their headers.
    let is_bodiless = [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&status);
    Ok(if is_bodiless { Bytes::new() } else { body })
}

pub(in crate::emulator) fn not_json(error: impl std::fmt::Display) -> String {
    format!("the response is not JSON: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(payload: &str) -> Result<FunctionResponse, String> {
        FunctionResponse::from_payload(&Bytes::copy_from_slice(payload.as_bytes()))
    }

    /// The status, the headers in lines, and the body.
    fn shown(payload: &str) -> (u16, String, String) {
        let FunctionResponse { head, body } = parse(payload).expect(payload);
        let lines = head.headers.iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            format!("{name}: {value}")
        });
        let mut lines: Vec<_> = lines.collect();
        lines.sort();
        let body = String::from_utf8_lossy(&body).into_owned();
        (head.status.as_u16(), lines.join("\n"), body)
    }

    #[test]
    fn json_without_a_status_is_a_body() {
        let cases = [
            (r#" {"hello": "world"} "#, r#"{"hello": "world"}"#),
            (r#"["hello",3,true]"#, r#"["hello",3,true]"#),
            (r#""hello \"x\"""#, "hello \"x\""),
            ("3.1", "3.1"),
            ("true", "true"),
            ("null", "null"),
            ("", ""),
            (
                r#"{"statusCode":null,"body":"x"}"#,
                r#"{"statusCode":null,"body":"x"}"#,
            ),
        ];
        for (payload, body) in cases {
            let expected = (200, "content-type: application/json".into(), body.into());
            assert_eq!(shown(payload), expected, "{payload}");
        }
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert_eq!(shown(&deep).2, deep);
    }

    #[test]
    fn every_member_of_the_format_is_read() {
        let payload = r#"{
            "statusCode": "418",
            "headers": {"Content-Type": "text/plain", "X-Number": 1.50, "x-bool": true,
                "x-null": null, "x-list": ["a", 2], "Set-Cookie": "a=1"},
            "multiValueHeaders": {"x-multi": ["a"]},
            "cookies": ["b=2; Path=/", "c=3"],
            "body": "aGVsbG8=", "isBase64Encoded": true, "other": [[[]]]
        }"#;
        let headers = "content-type: text/plain\nset-cookie: a=1\nset-cookie: b=2; Path=/\n\
                       set-cookie: c=3\nx-bool: true\nx-list: 2\nx-list: a\nx-number: 1.50";
        assert_eq!(shown(payload), (418, headers.into(), "hello".into()));
    }

    #[test]
    fn members_can_be_missing_or_null() {
        let json = "content-type: application/json".to_owned();
        let payload = r#"{"statusCode":201,"headers":null,"cookies":null,"body":null,"isBase64Encoded":null}"#;
        assert_eq!(shown(payload), (201, json.clone(), String::new()));
        assert_eq!(shown(r#"{"statusCode":200.0}"#), (200, json, String::new()));
    }

    #[test]
    fn headers_cannot_break_the_framing_of_http() {
        let payload = r#"{"statusCode":200,"body":"hello","headers":{"content-length":"1",
            "Transfer-Encoding":"chunked","connection":"close","keep-alive":"x","upgrade":"h2c",
            "trailer":"x","te":"x","proxy-connection":"x","x-ok":"1"}}"#;
        let headers = "content-type: application/json\nx-ok: 1".to_owned();
        assert_eq!(shown(payload), (200, headers, "hello".into()));
        for status in [204, 304] {
            let payload = format!(r#"{{"statusCode":{status},"body":"x"}}"#);
            assert_eq!(shown(&payload).2, "");
        }
    }

    #[test]
    fn base64_can_lack_padding() {
        let payload = r#"{"statusCode":200,"body":"aGVsbG8","isBase64Encoded":true}"#;
        assert_eq!(shown(payload).2, "hello");
    }

    #[test]
    fn text_beyond_ascii_is_kept() {
        let payload = r#"{"statusCode":200,"headers":{"x":"é"},"body":"é😀"}"#;
        let headers = "content-type: application/json\nx: é".into();
        assert_eq!(shown(payload), (200, headers, "é😀".into()));
    }

    #[test]
    fn http_apis_differ_in_the_default_type_and_in_what_is_not_json() {
        let read = |payload: &'static [u8]| {
            let payload = Bytes::from_static(payload);
            let FunctionResponse { head, body } =
                FunctionResponse::from_http_api_payload(&payload)?;
            let content_type = head.headers[hyper::header::CONTENT_TYPE].clone();
            Ok::<_, String>((head.status.as_u16(), content_type, body))
        };
        let text = "text/plain; charset=utf-8";
        let response = read(br#"{"statusCode":201,"body":"YQ==","isBase64Encoded":true}"#);
        let (status, content_type, body) = response.unwrap();
        assert_eq!(
            (status, &content_type, &body[..]),
            (201, &text.parse().unwrap(), &b"a"[..])
        );
        for (payload, body) in [
            (&br#"{"name": "John"}"#[..], &br#"{"name": "John"}"#[..]),
            (br#"{"name": "John", "age":"#, br#"{"name": "John", "age":"#),
            (b"Hello, World!", b"Hello, World!"),
            (br#""Special \"quoted\" text""#, br#"Special "quoted" text"#),
            (b"\"\"", b""),
            (b"true", b"true"),
            (b"\xff", b"\xff"),
        ] {
            let (status, content_type, found) = read(payload).unwrap();
            assert_eq!((status, &found[..]), (200, body));
            assert_eq!(content_type, "application/json");
        }
        read(br#"{"statusCode":200.5,"body":"Hello"}"#).unwrap_err();
    }

    #[test]
    fn invalid_responses_are_explained() {
        let headers: Vec<_> = (0..40_000).map(|i| format!(r#""h{i}":"""#)).collect();
        let many = format!(
            r#"{{"statusCode":200,"headers":{{{}}}}}"#,
            headers.join(",")
        );
        let cases = [
            ("hello", "the response is not JSON: expected value"),
            ("{\"a\":1", "the response is not JSON: EOF"),
            ("\"\\ud800\"", "the response is not JSON: "),
            // Not white space in JSON.
            ("{}\u{c}", "the response is not JSON: trailing characters"),
            (
                r#"{"statusCode":100}"#,
                "`statusCode` must be a number from 200 to 599, but is `100`",
            ),
            (r#"{"statusCode":600}"#, "`statusCode` must be"),
            (r#"{"statusCode":-200}"#, "`statusCode` must be"),
            (r#"{"statusCode":200.5}"#, "`statusCode` must be"),
            (r#"{"statusCode":1e999}"#, "`statusCode` must be"),
            (
                r#"{"statusCode":"OK"}"#,
                "`statusCode` must be a number from 200 to 599, but is `\"OK\"`",
            ),
            (r#"{"statusCode":[200]}"#, "`statusCode` must be"),
            (
                r#"{"statusCode":200,"headers":[]}"#,
                "`headers` must be an object, but is `[]`",
            ),
            (
                r#"{"statusCode":200,"headers":{"a b":"c"}}"#,
                "`a b` is not the name of a header",
            ),
            (
                r#"{"statusCode":200,"headers":{"":"c"}}"#,
                "`` is not the name of a header",
            ),
            (
                r#"{"statusCode":200,"headers":{"a":"b\r\nc: d"}}"#,
                "header `a` has an invalid value: `b\\r\\nc: d`",
            ),
            (
                r#"{"statusCode":200,"headers":{"a":{"b":1}}}"#,
                "header `a` must be a string, but is `{\"b\":1}`",
            ),
            (
                r#"{"statusCode":200,"headers":{"a":[["b"]]}}"#,
                "header `a` must be a string, but is `[\"b\"]`",
            ),
            (
                r#"{"statusCode":200,"cookies":"a=1"}"#,
                "`cookies` must be a list of strings, but is `\"a=1\"`",
            ),
            (
                r#"{"statusCode":200,"cookies":["a\u0000"]}"#,
                "header `set-cookie` has an invalid value: `a\\0`",
            ),
            (
                r#"{"statusCode":200,"body":{"a":1}}"#,
                "`body` must be a string",
            ),
            (
                r#"{"statusCode":200,"body":"ä","isBase64Encoded":true}"#,
                "`body` is not valid base64",
            ),
            (
                r#"{"statusCode":200,"body":"x","isBase64Encoded":"true"}"#,
                "`isBase64Encoded` must be",
            ),
            (&many, "the response has too many headers"),
        ];
        for (payload, reason) in cases {
            let error = parse(payload).expect_err(payload);
            assert!(error.starts_with(reason), "{payload}: {error}");
        }
        let error = FunctionResponse::from_payload(&Bytes::from_static(b"\xff")).unwrap_err();
        assert!(
            error.starts_with("the response is not JSON: invalid utf-8"),
            "{error}"
        );
    }
}
