//! Responses of functions behind an application load balancer.
//!
//! Load balancers are stricter than API Gateway. Sources:
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html>;
//! for `null`, <https://github.com/aws/aws-lambda-go/issues/438>,
//! <https://github.com/awslabs/aws-lambda-go-api-proxy/issues/79>, and
//! <https://github.com/aws/aws-lambda-dotnet/issues/507>; for values that are not strings,
//! <https://github.com/jeremydaly/lambda-api/issues/117>.

use bytes::Bytes;
use hyper::http::header::HeaderName;

use crate::emulator::api::response_1::{head, members, object};
use crate::emulator::function_url::{FunctionResponse, Members, body, header_name, shown, status};

/// The type of a body for which the function names none. AWS does not document it.
const DEFAULT_CONTENT_TYPE: &str = "application/octet-stream";

/// Reads the response for a target group with the default settings. Only `headers` counts.
pub(super) fn response(payload: &Bytes) -> Result<FunctionResponse, String> {
    read(payload, "headers", |name, json| {
        let value = serde_json::from_str::<String>(json).map(|value| vec![value]);
        value.map_err(|_| format!("header `{name}` must be a string, but is {}", shown(json)))
    })
}

/// Reads the response for a target group that has multi-value headers enabled. Only
/// `multiValueHeaders` counts.
pub(super) fn multi_value_response(payload: &Bytes) -> Result<FunctionResponse, String> {
    read(payload, "multiValueHeaders", |name, json| {
        serde_json::from_str::<Vec<String>>(json).map_err(|_| {
            let json = shown(json);
            format!("`{name}` in `multiValueHeaders` must be a list of strings, but is {json}")
        })
    })
}

fn read(
    payload: &Bytes,
    headers: &str,
    values: impl Fn(&str, &str) -> Result<Vec<String>, String>,
) -> Result<FunctionResponse, String> {
    let members = members(payload)?;
    let names = [
        "statusCode",
        "statusDescription",
        headers,
        "body",
        "isBase64Encoded",
    ];
    if let Some(name) = names.into_iter().find(|name| is_null(&members, name)) {
        return Err(format!("`{name}` must not be null for a load balancer"));
    }
    let Some(code) = members.get("statusCode") else {
        return Err("`statusCode` is missing".to_owned());
    };
    if code.get().starts_with('"') {
        let code = shown(code.get());
        return Err(format!("`statusCode` must be a number, but is {code}"));
    }
    if let Some(description) = members.get("statusDescription")
        && !description.get().starts_with('"')
    {
        let description = shown(description.get());
        return Err(format!(
            "`statusDescription` must be a string, but is {description}"
        ));
    }
    let mut pairs: Vec<(HeaderName, String)> = Vec::new();
    for (name, json) in object(&members, headers)? {
        let values = values(&name.escape_debug().to_string(), json.get())?;
        if let Some(parsed) = header_name(&name)? {
            pairs.extend(values.into_iter().map(|value| (parsed.clone(), value)));
        }
    }
    let status = status(code.get())?;
    Ok(FunctionResponse {
        head: head(status, [pairs], DEFAULT_CONTENT_TYPE)?,
        body: body(&members, status, true)?,
    })
}

fn is_null(members: &Members<'_>, name: &str) -> bool {
    members.get(name).is_some_and(|json| json.get() == "null")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::api::fixture::shown_response;

    fn single(payload: &str) -> Result<String, String> {
        response(&Bytes::copy_from_slice(payload.as_bytes())).map(shown_response)
    }

    fn multiple(payload: &str) -> Result<String, String> {
        multi_value_response(&Bytes::copy_from_slice(payload.as_bytes())).map(shown_response)
    }

    #[test]
    fn each_mode_has_its_own_member_for_headers() {
        let payload = r#"{"statusCode":201,"statusDescription":"201 Created",
            "headers":{"Set-Cookie":"a=1","Content-Type":"text/plain","Connection":"close"},
            "multiValueHeaders":{"Set-Cookie":["b=2","c=3"]},
            "body":"aGVsbG8=","isBase64Encoded":true,"other":null}"#;
        assert_eq!(
            single(payload).unwrap(),
            "201\ncontent-type: text/plain\nset-cookie: a=1\n\nhello"
        );
        assert_eq!(
            multiple(payload).unwrap(),
            "201\ncontent-type: application/octet-stream\nset-cookie: b=2\nset-cookie: c=3\n\nhello"
        );
    }

    #[test]
    fn only_the_status_is_required() {
        let expected = "200\ncontent-type: application/octet-stream\n\n";
        assert_eq!(single(r#"{"statusCode":200}"#).unwrap(), expected);
        assert_eq!(multiple(r#"{"statusCode":200}"#).unwrap(), expected);
        // The response of aws-lambda-go in the default mode.
        let payload = r#"{"statusCode":200,"statusDescription":"200 OK","headers":{},
            "multiValueHeaders":null,"isBase64Encoded":false}"#;
        assert_eq!(single(payload).unwrap(), expected);
        let error = multiple(payload).unwrap_err();
        assert_eq!(
            error,
            "`multiValueHeaders` must not be null for a load balancer"
        );
    }

    #[test]
    fn invalid_responses_are_explained() {
        for (payload, reason) in [
            (r#"{"body":"a"}"#, "`statusCode` is missing"),
            (
                r#""a""#,
                "the response must be an object with `statusCode`, but is `\"a\"`",
            ),
            ("a", "the response is not JSON: expected value"),
            (
                r#"{"statusCode":"200"}"#,
                "`statusCode` must be a number, but is `\"200\"`",
            ),
            (
                r#"{"statusCode":700}"#,
                "`statusCode` must be a number from 200 to 599",
            ),
            (
                r#"{"statusCode":200,"statusDescription":null}"#,
                "`statusDescription` must not be null",
            ),
            (
                r#"{"statusCode":200,"statusDescription":200}"#,
                "`statusDescription` must be a string, but is `200`",
            ),
            (
                r#"{"statusCode":200,"body":null}"#,
                "`body` must not be null",
            ),
            (r#"{"statusCode":200,"body":1}"#, "`body` must be a string"),
            (
                r#"{"statusCode":200,"headers":null}"#,
                "`headers` must not be null",
            ),
            (
                r#"{"statusCode":200,"headers":[]}"#,
                "`headers` must be an object, but is `[]`",
            ),
            (
                r#"{"statusCode":200,"headers":{"a":true}}"#,
                "header `a` must be a string, but is `true`",
            ),
        ] {
            let error = single(payload).expect_err(payload);
            assert!(error.starts_with(reason), "{payload}: {error}");
        }
        let error = multiple(r#"{"statusCode":200,"multiValueHeaders":{"a":"b"}}"#).unwrap_err();
        assert_eq!(
            error,
            "`a` in `multiValueHeaders` must be a list of strings, but is `\"b\"`"
        );
    }
}
