//! Requests of the Invoke API, from the parts of an HTTP request.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hyper::http::{HeaderMap, Method};
use serde::de::IgnoredAny;

use crate::emulator::invoke_api::error::ApiError;
use crate::emulator::invoke_api::function_name::{FunctionName, constraint};
use crate::emulator::limits::{MAX_ASYNC_REQUEST, MAX_REQUEST};
use crate::emulator::percent;

/// A valid request to invoke a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::emulator) struct InvokeRequest {
    pub(in crate::emulator) function: FunctionName,
    pub(in crate::emulator) operation: InvokeOperation,
    pub(in crate::emulator) invocation_type: InvocationType,
    /// Whether the response should contain the end of the log.
    pub(in crate::emulator) tail_log: bool,
    /// The client context as JSON in one line of ASCII characters, as a header needs it.
    pub(in crate::emulator) client_context: Option<String>,
    pub(in crate::emulator) tenant_id: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emulator) enum InvokeOperation {
    Invoke,
    InvokeWithResponseStream,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emulator) enum InvocationType {
    /// The caller waits for the response.
    RequestResponse,
    /// The function runs in the background. Only [`InvokeOperation::Invoke`] allows it.
    Event,
    /// The function does not run.
    DryRun,
}

// Folders of the operations. Their date is the version of the API.
const API: &str = "/2015-03-31/";
const FUNCTIONS: &str = "/2015-03-31/functions/";
const STREAMING_FUNCTIONS: &str = "/2021-11-15/functions/";

const MAX_CLIENT_CONTEXT: usize = 3583;
const MAX_TENANT_ID: usize = 256;
const TENANT_ID_PATTERN: &str = r"[a-zA-Z0-9\._:\/=+\-@ ]+";

/// Returns true if a path belongs to the Lambda API and not to a function URL.
pub(in crate::emulator) fn is_api_path(path: &str) -> bool {
    path.starts_with(API) || path.starts_with(STREAMING_FUNCTIONS)
}

impl InvokeRequest {
    /// Reads a request whose path [`is_api_path`]. The path and the query are encoded.
    pub(in crate::emulator) fn parse(
        method: &Method,
        path: &str,
        query: &str,
        headers: &HeaderMap,
    ) -> Result<Self, ApiError> {
        let (segment, operation) = operation(path).ok_or_else(|| not_emulated(method, path))?;
        if method != Method::POST {
            let message = format!("{method} is not allowed for `{path}`, only POST is");
            return Err(ApiError::method_not_allowed(message));
        }
        let qualifier = percent::query_parameters(query)
            .find_map(|(name, value)| (name == "Qualifier").then_some(value));
        Ok(Self {
            function: FunctionName::parse(segment, qualifier.as_deref())?,
            operation,
            invocation_type: invocation_type(headers, operation)?,
            tail_log: tail_log(headers)?,
            client_context: client_context(headers)?,
            tenant_id: tenant_id(headers)?,
        })
    }

    /// Checks the body of the request, and returns the function's event. No body is an empty
    /// object, as recorded by localstack in `test_runtime_introspection_arm`.
    pub(in crate::emulator) fn event(&self, body: Bytes) -> Result<Bytes, ApiError> {
        let size = body.len() as u64;
        if size > MAX_REQUEST {
            return Err(self.too_large());
        }
        if self.invocation_type == InvocationType::Event && size > MAX_ASYNC_REQUEST {
            return Err(ApiError::too_large(format!(
                "{size} byte payload is too large for the Event invocation type (limit \
                 {MAX_ASYNC_REQUEST} bytes)"
            )));
        }
        if body.is_empty() {
            return Ok(Bytes::from_static(b"{}"));
        }
        match json_error(&body) {
            None => Ok(body),
            Some(error) => Err(ApiError::invalid_content(format!(
                "Could not parse request body into json: Could not parse payload into json: {error}"
            ))),
        }
    }

    /// The error for a body of more than [`MAX_REQUEST`] bytes, which need not be read.
    ///
    /// Source of the message: <https://github.com/aws/aws-sdk/issues/45>
    pub(in crate::emulator) fn too_large(&self) -> ApiError {
        let operation = match self.operation {
            InvokeOperation::Invoke => "InvokeFunction",
            InvokeOperation::InvokeWithResponseStream => "InvokeWithResponseStream",
        };
        ApiError::request_too_large(operation)
    }
}

/// The name of the function in a path, which is encoded, and the operation.
fn operation(path: &str) -> Option<(&str, InvokeOperation)> {
    let streaming = path
        .strip_prefix(STREAMING_FUNCTIONS)
        .and_then(|rest| rest.strip_suffix("/response-streaming-invocations"))
        .map(|name| (name, InvokeOperation::InvokeWithResponseStream));
    let buffered = || {
        let rest = path.strip_prefix(FUNCTIONS)?;
        let name = rest.strip_suffix("/invocations")?;
        Some((name, InvokeOperation::Invoke))
    };
    streaming
        .or_else(buffered)
        .filter(|(name, _)| !name.contains('/'))
}

fn not_emulated(method: &Method, path: &str) -> ApiError {
    ApiError::unknown_operation(format!(
        "the operation {method} `{path}` is not emulated, only Invoke and \
         InvokeWithResponseStream are"
    ))
}

/// The value of a header as text. Bytes that are not UTF-8 are replaced, which no value that
/// is checked here allows.
fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn invocation_type(
    headers: &HeaderMap,
    operation: InvokeOperation,
) -> Result<InvocationType, ApiError> {
    let Some(value) = header(headers, "x-amz-invocation-type") else {
        return Ok(InvocationType::RequestResponse);
    };
    match (value.as_str(), operation) {
        ("RequestResponse", _) => Ok(InvocationType::RequestResponse),
        ("DryRun", _) => Ok(InvocationType::DryRun),
        ("Event", InvokeOperation::Invoke) => Ok(InvocationType::Event),
        (_, InvokeOperation::Invoke) => Err(enum_error(
            &value,
            "invocationType",
            "DryRun, RequestResponse, Event",
        )),
        (_, InvokeOperation::InvokeWithResponseStream) => Err(enum_error(
            &value,
            "invocationType",
            "DryRun, RequestResponse",
        )),
    }
}

fn tail_log(headers: &HeaderMap) -> Result<bool, ApiError> {
    match header(headers, "x-amz-log-type").as_deref() {
        None | Some("None") => Ok(false),
        Some("Tail") => Ok(true),
        Some(value) => Err(enum_error(value, "logType", "Tail, None")),
    }
}

/// AWS reports an unknown value as a validation error.
///
/// Source: <https://github.com/ex-aws/ex_aws/pull/442>
fn enum_error(value: &str, member: &str, allowed: &str) -> ApiError {
    let broken = format!("Member must satisfy enum value set: [{allowed}]");
    ApiError::validation(&[constraint(value, member, &broken)])
}

/// Source of the first message: <https://github.com/boto/boto3/issues/2153>
fn client_context(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get("x-amz-client-context") else {
        return Ok(None);
    };
    if value.len() > MAX_CLIENT_CONTEXT {
        let message = format!("Client context must be at most {MAX_CLIENT_CONTEXT} bytes.");
        return Err(ApiError::invalid_content(message));
    }
    STANDARD
        .decode(value.as_bytes())
        .ok()
        .filter(|decoded| json_error(decoded).is_none())
        .and_then(|decoded| String::from_utf8(decoded).ok())
        .filter(|json| json.trim_start().starts_with('{'))
        .map(|json| Some(one_line(&json)))
        .ok_or_else(|| {
            let message = "Client context must be a valid Base64-encoded JSON object.";
            ApiError::invalid_content(message)
        })
}

fn tenant_id(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = header(headers, "x-amz-tenant-id") else {
        return Ok(None);
    };
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "._:/=+-@ ".contains(c);
    let broken = if value.is_empty() {
        "Member must have length greater than or equal to 1".to_owned()
    } else if value.chars().count() > MAX_TENANT_ID {
        format!("Member must have length less than or equal to {MAX_TENANT_ID}")
    } else if !value.chars().all(is_allowed) {
        format!("Member must satisfy regular expression pattern: {TENANT_ID_PATTERN}")
    } else {
        return Ok(Some(value));
    };
    Err(ApiError::validation(&[constraint(
        &value, "tenantId", &broken,
    )]))
}

/// The reason why bytes are not JSON. The depth of the JSON is not limited.
fn json_error(bytes: &[u8]) -> Option<String> {
    match std::str::from_utf8(bytes) {
        Ok(text) => serde_json::from_str::<IgnoredAny>(text)
            .err()
            .map(|error| error.to_string()),
        Err(error) => Some(format!("Invalid UTF-8 at byte {}", error.valid_up_to() + 1)),
    }
}

/// Removes white space between the tokens of valid JSON, and escapes characters that are not
/// ASCII, which only strings can contain.
fn one_line(json: &str) -> String {
    let mut line = String::with_capacity(json.len());
    let mut in_string = false;
    let mut escaped = false;
    for c in json.chars() {
        if c.is_ascii_whitespace() && !in_string {
            continue;
        }
        if c == '"' && !escaped {
            in_string = !in_string;
        }
        escaped = in_string && c == '\\' && !escaped;
        if c.is_ascii() {
            line.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                line += &format!("\\u{unit:04x}");
            }
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use hyper::http::HeaderValue;

    use super::*;

    const PATH: &str = "/2015-03-31/functions/f/invocations";
    const STREAM_PATH: &str = "/2021-11-15/functions/f/response-streaming-invocations";

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    fn post(path: &str, pairs: &[(&'static str, &str)]) -> Result<InvokeRequest, ApiError> {
        InvokeRequest::parse(&Method::POST, path, "", &headers(pairs))
    }

    fn message(result: Result<InvokeRequest, ApiError>) -> String {
        let error = result.unwrap_err();
        let (status, kind) = (error.status().as_u16(), error.error_type());
        format!("{status} {kind}: {}", error.message())
    }

    #[test]
    fn a_request_without_headers_waits_for_the_response() {
        let request = post(PATH, &[]).unwrap();
        assert_eq!(request.function.name, "f");
        assert_eq!(request.operation, InvokeOperation::Invoke);
        assert_eq!(request.invocation_type, InvocationType::RequestResponse);
        assert!(!request.tail_log);
        assert_eq!((request.client_context, request.tenant_id), (None, None));
        let request = post(STREAM_PATH, &[]).unwrap();
        assert_eq!(request.operation, InvokeOperation::InvokeWithResponseStream);
    }

    #[test]
    fn the_headers_of_sdks_are_read() {
        let context = STANDARD.encode("{ \"custom\":\n {\"a \\\" b\": \"é😀\"} }");
        let pairs = [
            ("x-amz-invocation-type", "Event"),
            ("x-amz-log-type", "Tail"),
            ("x-amz-client-context", context.as_str()),
            ("x-amz-tenant-id", "blue team@1"),
        ];
        let request = InvokeRequest::parse(
            &Method::POST,
            "/2015-03-31/functions/123456789012%3Afunction%3Af/invocations",
            "x=1&Qualifier=%24LATEST",
            &headers(&pairs),
        )
        .unwrap();
        assert_eq!(request.function.qualifier.as_deref(), Some("$LATEST"));
        assert_eq!(request.invocation_type, InvocationType::Event);
        assert!(request.tail_log);
        let line = r#"{"custom":{"a \" b":"\u00e9\ud83d\ude00"}}"#;
        assert_eq!(request.client_context.as_deref(), Some(line));
        assert_eq!(request.tenant_id.as_deref(), Some("blue team@1"));
    }

    #[test]
    fn unknown_values_are_rejected_as_aws_does() {
        assert_eq!(
            message(post(PATH, &[("x-amz-invocation-type", "dry_run")])),
            "400 ValidationException: 1 validation error detected: Value 'dry_run' at \
             'invocationType' failed to satisfy constraint: Member must satisfy enum value set: \
             [DryRun, RequestResponse, Event]"
        );
        let streamed = message(post(STREAM_PATH, &[("x-amz-invocation-type", "Event")]));
        assert!(
            streamed.ends_with("[DryRun, RequestResponse]"),
            "{streamed}"
        );
        let log = message(post(PATH, &[("x-amz-log-type", "tail")]));
        assert!(log.contains("'tail' at 'logType'"), "{log}");
        for (tenant, reason) in [
            ("", "greater than or equal to 1"),
            (&"a".repeat(257), "less than or equal to 256"),
            ("a!", "regular expression"),
        ] {
            let tenant = message(post(PATH, &[("x-amz-tenant-id", tenant)]));
            assert!(tenant.contains(reason), "{tenant}");
        }
        let mut bytes = HeaderMap::new();
        let value = HeaderValue::from_bytes(b"Event\xff").unwrap();
        bytes.insert("x-amz-invocation-type", value);
        InvokeRequest::parse(&Method::POST, PATH, "", &bytes).unwrap_err();
    }

    #[test]
    fn the_client_context_must_be_an_object_in_base64() {
        let invalid = "400 InvalidRequestContentException: \
                       Client context must be a valid Base64-encoded JSON object.";
        let list = STANDARD.encode("[]");
        let bytes = STANDARD.encode(b"{\"a\":\"\xff\"}");
        for value in ["string", "", &list, &bytes, "e30"] {
            let context = [("x-amz-client-context", value)];
            assert_eq!(message(post(PATH, &context)), invalid, "{value}");
        }
        let long = STANDARD.encode(format!("{{\"a\":\"{}\"}}", "a".repeat(2700)));
        let error = message(post(PATH, &[("x-amz-client-context", &long)]));
        assert!(error.ends_with("at most 3583 bytes."), "{error}");
    }

    #[test]
    fn other_operations_and_methods_are_explained() {
        assert!(is_api_path("/2015-03-31/functions"));
        assert!(is_api_path(PATH) && is_api_path(STREAM_PATH));
        for path in ["/", "/2015-03-31", "/2021-11-15/posts", "/2015-03-310/"] {
            assert!(!is_api_path(path), "{path}");
        }
        assert_eq!(
            message(post("/2015-03-31/functions/f/versions", &[])),
            "404 UnknownOperationException: the operation POST `/2015-03-31/functions/f/versions` \
             is not emulated, only Invoke and InvokeWithResponseStream are"
        );
        for path in [
            "/2015-03-31/",
            "/2015-03-31/functions/f/g/invocations",
            "/2015-03-31/functions/invocations",
            "/2015-03-31/functions/f/response-streaming-invocations",
            "/2021-11-15/functions/f/invocations",
        ] {
            let error = message(post(path, &[]));
            assert!(error.starts_with("404 Unknown"), "{path}: {error}");
        }
        let get = InvokeRequest::parse(&Method::GET, PATH, "", &HeaderMap::new());
        assert!(message(get).starts_with("405 UnknownOperationException: GET is not allowed"));
        let unnamed = message(post("/2015-03-31/functions//invocations", &[]));
        assert!(unnamed.starts_with("400 ValidationException"), "{unnamed}");
    }

    #[test]
    fn an_event_must_be_json() {
        let request = post(PATH, &[]).unwrap();
        let event = |body: &'static [u8]| request.event(Bytes::from_static(body));
        assert_eq!(event(b"").unwrap(), "{}");
        for body in ["null", " [1e999]\n", "\"\\ud800\"", "{\"a\": 1, \"a\": 2}"] {
            assert_eq!(event(body.as_bytes()).unwrap(), body);
        }
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert_eq!(request.event(deep.clone().into()).unwrap(), deep);
        for (body, reason) in [
            (&b"hello"[..], "expected value at line 1 column 1"),
            (b"{} x", "trailing characters at line 1 column 4"),
            (b"\"n\x87\"", "Invalid UTF-8 at byte 3"),
        ] {
            let error = event(body).unwrap_err();
            assert_eq!(error.error_type(), "InvalidRequestContentException");
            assert_eq!(
                error.message(),
                format!(
                    "Could not parse request body into json: \
                     Could not parse payload into json: {reason}"
                )
            );
        }
    }

    #[test]
    fn the_size_of_an_event_is_limited() {
        let body = |size: usize| Bytes::from(vec![b'1'; size]);
        let request = post(PATH, &[]).unwrap();
        request.event(body(6_291_456)).unwrap();
        let error = request.event(body(6_291_457)).unwrap_err();
        assert_eq!(
            (error.status().as_u16(), error.error_type(), error.message()),
            (
                413,
                "RequestEntityTooLargeException",
                "Request must be smaller than 6291456 bytes for the InvokeFunction operation"
            )
        );
        let request = post(PATH, &[("x-amz-invocation-type", "Event")]).unwrap();
        request.event(body(1_048_576)).unwrap();
        let error = request.event(body(1_048_577)).unwrap_err();
        assert_eq!(
            error.message(),
            "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)"
        );
    }
}
