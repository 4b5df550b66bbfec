//! Responses in payload format 1.0: of functions behind REST APIs, and behind HTTP APIs that use
//! this format.

use std::collections::BTreeMap;

use bytes::Bytes;
use hyper::http::header::{CONTENT_TYPE, HeaderName};
use hyper::http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::value::RawValue;

use crate::emulator::function_url::{
    FunctionResponse, Members, ResponseHead, append_value, body, header_name, member, not_json,
    scalar, shown, status, text,
};

/// The members of the format. REST APIs reject every other one.
const MEMBERS: [&str; 5] = [
    "body",
    "headers",
    "isBase64Encoded",
    "multiValueHeaders",
    "statusCode",
];

/// Reads a response for a REST API. No member is required. A body in base64 is decoded only if
/// the client accepts one of the API's binary types.
///
/// Source: `test_aws_proxy_response_payload_format_validation` in localstack's
/// `tests/aws/services/apigateway/test_apigateway_lambda.py`, which was run on AWS.
pub(super) fn rest_api_response(
    payload: &Bytes,
    is_binary: bool,
) -> Result<FunctionResponse, String> {
    let members = members(payload)?;
    if let Some(name) = members
        .keys()
        .find(|name| !MEMBERS.contains(&name.as_ref()))
    {
        let name = name.escape_debug().to_string();
        return Err(format!(
            "REST APIs reject {}, because responses have only `{}`",
            shown(&name),
            MEMBERS.join("`, `")
        ));
    }
    let status = member(&members, "statusCode").map_or(Ok(StatusCode::OK), status)?;
    let multiple = multi_value_headers(&members)?;
    let single = single_headers(&members, &multiple)?;
    Ok(FunctionResponse {
        head: head(status, [multiple, single], "application/json")?,
        body: body(&members, status, is_binary)?,
    })
}

/// Reads a response for an HTTP API. Unlike in format 2.0, the status is required.
///
/// Source: the responses of AWS in
/// `Tools/LambdaTestTool-v2/tests/Amazon.Lambda.TestTool.UnitTests/Snapshots/` of
/// aws/aws-lambda-dotnet, in files whose names end with `HttpV1`.
pub(super) fn http_api_response(payload: &Bytes) -> Result<FunctionResponse, String> {
    let members = members(payload)?;
    let status = member(&members, "statusCode");
    let status = self::status(status.ok_or("`statusCode` is missing")?)?;
    let multiple = multi_value_headers(&members)?;
    let single = single_headers(&members, &multiple)?;
    Ok(FunctionResponse {
        head: head(status, [single, multiple], "text/plain; charset=utf-8")?,
        body: body(&members, status, true)?,
    })
}

/// The members of a response that must be an object.
pub(super) fn members(payload: &Bytes) -> Result<Members<'_>, String> {
    let text = text(payload)?;
    serde_json::from_str::<Members<'_>>(text).map_err(|error| {
        if error.is_data() {
            let text = shown(text);
            format!("the response must be an object with `statusCode`, but is {text}")
        } else {
            not_json(error)
        }
    })
}

type Headers = Vec<(HeaderName, String)>;

/// The headers of `headers`. If `multiValueHeaders` has the same pair, it is sent once.
///
/// Source:
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>
fn single_headers(members: &Members<'_>, multiple: &Headers) -> Result<Headers, String> {
    let mut headers = Headers::new();
    for (name, json) in object(members, "headers")? {
        if let Some(parsed) = header_name(&name)?
            && json.get() != "null"
        {
            headers.push((parsed, scalar(&name, json.get())?));
        }
    }
    headers.retain(|header| !multiple.contains(header));
    Ok(headers)
}

fn multi_value_headers(members: &Members<'_>) -> Result<Headers, String> {
    let mut headers = Headers::new();
    for (name, json) in object(members, "multiValueHeaders")? {
        let Ok(values) = serde_json::from_str::<Vec<&RawValue>>(json.get()) else {
            let json = shown(json.get());
            return Err(format!(
                "`{}` in `multiValueHeaders` must be a list, but is {json}",
                name.escape_debug()
            ));
        };
        if let Some(parsed) = header_name(&name)? {
            for value in values {
                headers.push((parsed.clone(), scalar(&name, value.get())?));
            }
        }
    }
    Ok(headers)
}

/// A member that is an object, or an empty object if there is none.
pub(super) fn object<'a>(members: &Members<'a>, name: &str) -> Result<Members<'a>, String> {
    let Some(json) = member(members, name) else {
        return Ok(BTreeMap::new());
    };
    let object = serde_json::from_str::<Members<'_>>(json);
    object.map_err(|_| format!("`{name}` must be an object, but is {}", shown(json)))
}

/// The status and the headers.
pub(super) fn head(
    status: StatusCode,
    pairs: impl IntoIterator<Item = Headers>,
    default_content_type: &'static str,
) -> Result<ResponseHead, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs.into_iter().flatten() {
        append_value(&mut headers, &name, &value)?;
    }
    headers
        .entry(CONTENT_TYPE)
        .or_insert(HeaderValue::from_static(default_content_type));
    Ok(ResponseHead { status, headers })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::api::fixture::shown_response;

    fn rest(payload: &str) -> Result<String, String> {
        let payload = Bytes::copy_from_slice(payload.as_bytes());
        rest_api_response(&payload, false).map(shown_response)
    }

    fn http(payload: &str) -> Result<String, String> {
        let payload = Bytes::copy_from_slice(payload.as_bytes());
        http_api_response(&payload).map(shown_response)
    }

    /// The cases that localstack verified against AWS, and `{}`.
    #[test]
    fn rest_apis_require_no_member() {
        let json = "content-type: application/json";
        for (payload, expected) in [
            (r#"{"statusCode":200}"#, format!("200\n{json}\n\n")),
            (r#"{"statusCode":"201"}"#, format!("201\n{json}\n\n")),
            (
                r#"{"statusCode":200,"headers":null}"#,
                format!("200\n{json}\n\n"),
            ),
            ("{}", format!("200\n{json}\n\n")),
            (
                r#"{"headers":{"test-header":"value","header-bool":true}}"#,
                format!("200\n{json}\nheader-bool: true\ntest-header: value\n\n"),
            ),
            (
                r#"{"statusCode":200,"multiValueHeaders":{"tesT-Multi":["value1","value2"]}}"#,
                format!("200\n{json}\ntest-multi: value1\ntest-multi: value2\n\n"),
            ),
            (
                r#"{"multiValueHeaders":{"tesT-Multi":["m","n"]},"headers":{"test-multi":"s"}}"#,
                format!("200\n{json}\ntest-multi: m\ntest-multi: n\ntest-multi: s\n\n"),
            ),
            (
                r#"{"multiValueHeaders":{"a":["m","n"]},"headers":{"A":"n"}}"#,
                format!("200\na: m\na: n\n{json}\n\n"),
            ),
            (
                r#"{"body":"dGVzdC1kYXRh","isBase64Encoded":true}"#,
                format!("200\n{json}\n\ndGVzdC1kYXRh"),
            ),
        ] {
            assert_eq!(rest(payload).unwrap(), expected, "{payload}");
        }
    }

    #[test]
    fn bodies_are_decoded_for_clients_that_accept_binary_types() {
        let payload = Bytes::from_static(br#"{"body":"aGVsbG8=","isBase64Encoded":true}"#);
        assert_eq!(rest_api_response(&payload, true).unwrap().body, "hello");
        let http = http(r#"{"statusCode":200,"body":"aGVsbG8=","isBase64Encoded":true}"#);
        let expected = "200\ncontent-type: text/plain; charset=utf-8\n\nhello";
        assert_eq!(http.unwrap(), expected);
    }

    #[test]
    fn http_apis_put_single_values_first_and_ignore_other_members() {
        let payload = r#"{"statusCode":200,"cookies":["a=1"],"headers":{"b":"single","c":1},
            "multiValueHeaders":{"b":["multi1","multi2"],"content-length":["1"]}}"#;
        let expected = "200\nb: single\nb: multi1\nb: multi2\nc: 1\n\
                        content-type: text/plain; charset=utf-8\n\n";
        assert_eq!(http(payload).unwrap(), expected);
    }

    #[test]
    fn invalid_responses_are_explained() {
        for (payload, reason) in [
            (
                r#""justAString""#,
                "the response must be an object with `statusCode`, but is `\"jus",
            ),
            (
                "null",
                "the response must be an object with `statusCode`, but is `null`",
            ),
            ("", "the response is not JSON: EOF"),
            ("{", "the response is not JSON: EOF"),
            (
                r#"{"statusCode":"test"}"#,
                "`statusCode` must be a number from 200 to 599",
            ),
            (
                r#"{"statusCode":0}"#,
                "`statusCode` must be a number from 200 to 599",
            ),
            (
                r#"{"statusCode":200,"multiValueHeaders":{"a":"value1"}}"#,
                "`a` in `multiValueHeaders` must be a list, but is `\"value1\"`",
            ),
            (
                r#"{"statusCode":200,"headers":{"a":["b"]}}"#,
                "header `a` must be a string, but is `[\"b\"]`",
            ),
            (
                r#"{"statusCode":200,"headers":"a"}"#,
                "`headers` must be an object, but is `\"a\"`",
            ),
            (r#"{"statusCode":200,"body":{}}"#, "`body` must be a string"),
        ] {
            for error in [rest(payload).unwrap_err(), http(payload).unwrap_err()] {
                assert!(error.starts_with(reason), "{payload}: {error}");
            }
        }
        let unknown = rest(r#"{"statusCode":200,"wrongValue":"value"}"#).unwrap_err();
        assert_eq!(
            unknown,
            "REST APIs reject `wrongValue`, because responses have only `body`, `headers`, \
             `isBase64Encoded`, `multiValueHeaders`, `statusCode`"
        );
        assert_eq!(
            http(r#"{"body":"a"}"#).unwrap_err(),
            "`statusCode` is missing"
        );
    }
}
