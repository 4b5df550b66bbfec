//! The errors of the Invoke API, in the shape that the AWS SDKs parse.
//!
//! SDKs read the type from the header `x-amzn-ErrorType` and the message from the body, which
//! must be JSON. Whether the member is called `message` or `Message` depends on the error.
//!
//! Sources: botocore `data/lambda/2015-03-31/service-2.json`, and errors of AWS that localstack
//! recorded in `tests/aws/services/lambda_/test_lambda*.snapshot.json`.

use bytes::Bytes;
use hyper::http::header::{ALLOW, CONTENT_TYPE, HeaderName, RETRY_AFTER};
use hyper::http::{HeaderValue, Response, StatusCode};
use serde_json::json;

use crate::emulator::invoke_api::function_name::FunctionName;
use crate::emulator::limits::MAX_REQUEST;
use crate::ui::did_you_mean::did_you_mean;

/// A request that is rejected before a function runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    kind: ErrorKind,
    message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ErrorKind {
    Validation,
    InvalidParameterValue,
    InvalidRequestContent,
    RequestEntityTooLarge,
    ResourceNotFound,
    UnknownOperation,
    MethodNotAllowed,
    TooManyRequests,
}

const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

impl ApiError {
    const fn new(kind: ErrorKind, message: String) -> Self {
        Self { kind, message }
    }

    /// Parameters that do not have the form that the API demands.
    pub(super) fn validation(errors: &[String]) -> Self {
        let plural = if errors.len() == 1 { "" } else { "s" };
        let (count, errors) = (errors.len(), errors.join("; "));
        let message = format!("{count} validation error{plural} detected: {errors}");
        Self::new(ErrorKind::Validation, message)
    }

    pub(super) fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidParameterValue, message.into())
    }

    pub(in crate::emulator) fn invalid_content(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidRequestContent, message.into())
    }

    /// AWS uses this type, although its API model calls it `RequestTooLargeException`. SDKs
    /// therefore have no class for it, but pass on its name.
    ///
    /// Sources: <https://github.com/aws/aws-sdk/issues/45>,
    /// <https://github.com/ASFHyP3/hyp3/issues/2241>
    pub(super) const fn too_large(message: String) -> Self {
        Self::new(ErrorKind::RequestEntityTooLarge, message)
    }

    /// A body that no operation accepts.
    pub(in crate::emulator) fn request_too_large(operation: &str) -> Self {
        Self::too_large(format!(
            "Request must be smaller than {MAX_REQUEST} bytes for the {operation} operation"
        ))
    }

    pub(super) const fn unknown_operation(message: String) -> Self {
        Self::new(ErrorKind::UnknownOperation, message)
    }

    pub(super) const fn method_not_allowed(message: String) -> Self {
        Self::new(ErrorKind::MethodNotAllowed, message)
    }

    /// There is no such function. The names of the others help with a misspelled name.
    pub(in crate::emulator) fn function_not_found(
        function: &FunctionName,
        existing: &[&str],
    ) -> Self {
        let version = function.qualifier.as_deref().unwrap_or("$LATEST");
        let arn = FunctionName::arn_of_version(&function.name, Some(version));
        let mut message = format!("Function not found: {arn}");
        if !existing.is_empty() {
            let hint = did_you_mean(&function.name, existing, "the functions here are");
            message += &format!(" ({hint})");
        }
        Self::new(ErrorKind::ResourceNotFound, message)
    }

    /// As many instances of the function run as are allowed, and all are busy.
    pub(in crate::emulator) fn too_many_requests() -> Self {
        Self::new(ErrorKind::TooManyRequests, "Rate Exceeded.".to_owned())
    }

    #[cfg(test)]
    pub(in crate::emulator) fn message(&self) -> &str {
        &self.message
    }

    /// The value of `x-amzn-ErrorType`. AWS sends it without a namespace.
    ///
    /// Source: <https://github.com/ex-aws/ex_aws/pull/442>
    pub(in crate::emulator) const fn error_type(&self) -> &'static str {
        match self.kind {
            ErrorKind::Validation => "ValidationException",
            ErrorKind::InvalidParameterValue => "InvalidParameterValueException",
            ErrorKind::InvalidRequestContent => "InvalidRequestContentException",
            ErrorKind::RequestEntityTooLarge => "RequestEntityTooLargeException",
            ErrorKind::ResourceNotFound => "ResourceNotFoundException",
            ErrorKind::UnknownOperation | ErrorKind::MethodNotAllowed => {
                "UnknownOperationException"
            }
            ErrorKind::TooManyRequests => "TooManyRequestsException",
        }
    }

    pub const fn status(&self) -> StatusCode {
        match self.kind {
            ErrorKind::Validation
            | ErrorKind::InvalidParameterValue
            | ErrorKind::InvalidRequestContent => StatusCode::BAD_REQUEST,
            ErrorKind::RequestEntityTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ErrorKind::ResourceNotFound | ErrorKind::UnknownOperation => StatusCode::NOT_FOUND,
            ErrorKind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            ErrorKind::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    fn body(&self) -> Bytes {
        let message = &self.message;
        let body = match self.kind {
            // The API model does not describe these errors.
            ErrorKind::Validation | ErrorKind::UnknownOperation | ErrorKind::MethodNotAllowed => {
                json!({ "message": message })
            }
            ErrorKind::InvalidParameterValue | ErrorKind::InvalidRequestContent => {
                json!({ "Type": "User", "message": message })
            }
            ErrorKind::RequestEntityTooLarge => json!({ "Message": message }),
            ErrorKind::ResourceNotFound => json!({ "Type": "User", "Message": message }),
            ErrorKind::TooManyRequests => json!({
                "Type": "User",
                "message": message,
                "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded",
            }),
        };
        body.to_string().into()
    }

    /// The whole response. The request ID is left to the server.
    pub(in crate::emulator) fn to_response(&self) -> Response<Bytes> {
        let mut response = Response::new(self.body());
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ERROR_TYPE, HeaderValue::from_static(self.error_type()));
        match self.kind {
            ErrorKind::TooManyRequests => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            ErrorKind::MethodNotAllowed => {
                headers.insert(ALLOW, HeaderValue::from_static("POST"));
            }
            _ => {}
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(error: &ApiError) -> String {
        String::from_utf8(error.to_response().into_body().to_vec()).unwrap()
    }

    #[test]
    fn a_missing_function_is_reported_with_the_version_that_was_looked_for() {
        let name = FunctionName::parse("helo", None).unwrap();
        let error = ApiError::function_not_found(&name, &["hello", "other"]);
        assert_eq!(
            text(&error),
            r#"{"Message":"Function not found: arn:aws:lambda:us-east-1:123456789012:function:helo:$LATEST (did you mean `hello`?)","Type":"User"}"#
        );
        assert_eq!(error.status(), 404);
        let name = FunctionName::parse("x:prod", None).unwrap();
        let error = ApiError::function_not_found(&name, &["hello", "other"]);
        assert_eq!(
            error.message(),
            "Function not found: arn:aws:lambda:us-east-1:123456789012:function:x:prod \
             (the functions here are hello, other)"
        );
    }

    #[test]
    fn throttled_requests_say_when_to_try_again() {
        let error = ApiError::too_many_requests();
        let response = error.to_response();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["retry-after"], "1");
        assert_eq!(
            response.headers()["x-amzn-errortype"],
            "TooManyRequestsException"
        );
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(
            text(&error),
            r#"{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}"#
        );
    }

    #[test]
    fn the_member_with_the_message_is_spelled_as_in_the_api_model() {
        let cases = [
            (ApiError::invalid_parameter("m"), 400, r#""message":"m""#),
            (ApiError::invalid_content("m"), 400, r#""message":"m""#),
            (ApiError::too_large("m".into()), 413, r#""Message":"m""#),
            (
                ApiError::unknown_operation("m".into()),
                404,
                r#""message":"m""#,
            ),
            (
                ApiError::method_not_allowed("m".into()),
                405,
                r#""message":"m""#,
            ),
        ];
        for (error, status, member) in cases {
            assert_eq!(error.status(), status, "{error:?}");
            assert!(text(&error).contains(member), "{}", text(&error));
        }
        let response = ApiError::method_not_allowed("m".into()).to_response();
        assert_eq!(response.headers()["allow"], "POST");
    }

    #[test]
    fn validation_errors_are_counted() {
        let one = ApiError::validation(&["a".into()]);
        assert_eq!(one.message(), "1 validation error detected: a");
        let two = ApiError::validation(&["a".into(), "b".into()]);
        assert_eq!(two.message(), "2 validation errors detected: a; b");
    }
}
