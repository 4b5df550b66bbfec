//! Errors in Lambda's format.

use serde_json::{Value, json};

/// The response to the invocation of a function that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FunctionError {
    pub kind: String,
    pub message: String,
    /// The whole error as JSON.
    pub payload: Vec<u8>,
}

impl FunctionError {
    /// An error that Lambda itself reports.
    pub(crate) fn new(kind: impl Into<String>, message: impl Into<String>) -> Self {
        let (kind, message) = (kind.into(), message.into());
        let payload = json!({ "errorType": kind, "errorMessage": message });
        Self {
            payload: payload.to_string().into_bytes(),
            kind,
            message,
        }
    }

    /// An error of the runtime, whose message names the request.
    pub(super) fn for_request(kind: &str, request_id: &str, message: &str) -> Self {
        Self::new(kind, format!("RequestId: {request_id} Error: {message}"))
    }

    /// An error that a function posted. `error_type` comes from a header. A payload that
    /// is not a JSON object becomes the message of one.
    pub(super) fn from_payload(error_type: Option<&str>, payload: &[u8]) -> Self {
        let default_kind = error_type.unwrap_or("Unhandled");
        let Ok(Value::Object(object)) = serde_json::from_slice::<Value>(payload) else {
            return Self::new(default_kind, String::from_utf8_lossy(payload));
        };
        let text = |name| object.get(name).and_then(Value::as_str);
        Self {
            kind: text("errorType").unwrap_or(default_kind).to_owned(),
            message: text("errorMessage").unwrap_or_default().to_owned(),
            payload: payload.to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_is_not_json_becomes_a_message() {
        let error = FunctionError::from_payload(Some("Oh"), b"no \"luck\"");
        assert_eq!((&*error.kind, &*error.message), ("Oh", "no \"luck\""));
        let payload: Value = serde_json::from_slice(&error.payload).unwrap();
        assert_eq!(payload["errorMessage"], "no \"luck\"");
        assert_eq!(FunctionError::from_payload(None, b"[]").kind, "Unhandled");
    }

    #[test]
    fn the_payload_of_an_error_is_unchanged() {
        let posted = br#"{ "errorType":"E", "errorMessage":"m", "stackTrace":["a"] }"#;
        let error = FunctionError::from_payload(Some("other"), posted);
        assert_eq!((&*error.kind, &*error.message), ("E", "m"));
        assert_eq!(error.payload, posted);
    }
}
